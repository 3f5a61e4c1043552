/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart's line: its points, and which of them matter at a given width. */
#define G_LOG_DOMAIN "lds-series"

#include "config.h"
#include "lds-series-private.h"

#include <math.h>

LdsSeries *
lds_series_new (const char *label,
                LdsFamily family,
                LdsProvenance provenance)
{
  LdsSeries *self = g_new0 (LdsSeries, 1);

  self->label = g_strdup (label);
  self->family = family;
  self->provenance = provenance;
  self->weight = 1;
  self->x = g_array_new (FALSE, FALSE, sizeof (double));
  self->y = g_array_new (FALSE, FALSE, sizeof (double));
  self->low = g_array_new (FALSE, FALSE, sizeof (double));
  self->high = g_array_new (FALSE, FALSE, sizeof (double));
  return self;
}

void
lds_series_free (LdsSeries *self)
{
  if (self == NULL)
    return;
  g_free (self->label);
  g_array_unref (self->x);
  g_array_unref (self->y);
  g_array_unref (self->low);
  g_array_unref (self->high);
  g_free (self);
}

void
lds_series_append_interval (LdsSeries *self,
                            double x,
                            double y,
                            double low,
                            double high)
{
  g_return_if_fail (self != NULL);
  /* Times that go back would break every search; they can only come of a hostile file. */
  if (!isfinite (x) || (self->x->len > 0 && x < g_array_index (self->x, double, self->x->len - 1)))
    return;
  if (!isfinite (y))
    y = NAN;
  g_array_append_val (self->x, x);
  g_array_append_val (self->y, y);
  g_array_append_val (self->low, low);
  g_array_append_val (self->high, high);
}

void
lds_series_append (LdsSeries *self,
                   double x,
                   double y)
{
  lds_series_append_interval (self, x, y, NAN, NAN);
}

void
lds_series_clear (LdsSeries *self)
{
  g_return_if_fail (self != NULL);
  g_array_set_size (self->x, 0);
  g_array_set_size (self->y, 0);
  g_array_set_size (self->low, 0);
  g_array_set_size (self->high, 0);
}

guint
lds_series_lower_bound (const LdsSeries *self,
                        double x)
{
  const double *xs = (const double *)(const void *)self->x->data;
  guint low = 0, high = self->x->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (xs[middle] < x)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

double
lds_series_value_at (const LdsSeries *self,
                     double x)
{
  const double *xs, *ys;
  guint n, at;
  double reach;

  g_return_val_if_fail (self != NULL, NAN);
  n = self->x->len;
  if (n == 0 || !isfinite (x))
    return NAN;
  xs = (const double *)(const void *)self->x->data;
  ys = (const double *)(const void *)self->y->data;
  at = lds_series_lower_bound (self, x);
  if (at == n || (at > 0 && x - xs[at - 1] < xs[at] - x))
    at--;
  reach = n > 1 ? (xs[n - 1] - xs[0]) / (n - 1) * 1.5 : INFINITY;
  return fabs (xs[at] - x) <= reach ? ys[at] : NAN;
}

gboolean
lds_series_has_figures (const LdsSeries *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  for (guint i = 0; i < self->y->len; i++)
    if (isfinite (g_array_index (self->y, double, i)))
      return TRUE;
  return FALSE;
}

/* The four points of one column that a line through it cannot do without. */
typedef struct
{
  gboolean used;
  guint first, lowest, highest, last;
} Column;

static void
flush_column (Column *column,
              GArray *indices)
{
  guint order[4] = {column->first, column->lowest, column->highest, column->last};

  if (!column->used)
    return;
  if (order[1] > order[2])
    {
      order[1] = column->highest;
      order[2] = column->lowest;
    }
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (i == 0 || order[i] != order[i - 1])
      g_array_append_val (indices, order[i]);
  column->used = FALSE;
}

GArray *
lds_series_decimate (const LdsSeries *self,
                     double low,
                     double high,
                     guint n_columns)
{
  GArray *indices = g_array_new (FALSE, FALSE, sizeof (guint));
  Column column = {0};
  guint n, from, to, column_index = 0;
  const double *xs, *ys;
  double columns_per_x;
  gboolean in_gap = FALSE;

  g_return_val_if_fail (self != NULL, indices);
  g_return_val_if_fail (n_columns > 0, indices);
  n = self->x->len;
  if (n == 0 || !(high >= low))
    return indices;
  xs = (const double *)(const void *)self->x->data;
  ys = (const double *)(const void *)self->y->data;
  from = lds_series_lower_bound (self, low);
  to = lds_series_lower_bound (self, nextafter (high, INFINITY));
  /* One beyond either end, so that the line runs out of the plot and not just to its last point. */
  if (from > 0)
    from--;
  if (to < n)
    to++;
  columns_per_x = n_columns / MAX (high - low, DBL_MIN);
  for (guint i = from; i < to; i++)
    {
      guint at;

      if (isnan (ys[i]))
        {
          if (!in_gap)
            {
              flush_column (&column, indices);
              g_array_append_val (indices, i);
            }
          in_gap = TRUE;
          continue;
        }
      in_gap = FALSE;
      /* Column 0 and n_columns + 1 are for the points beyond the ends. */
      at = xs[i] < low    ? 0
           : xs[i] > high ? n_columns + 1
                          : 1 + MIN ((guint)((xs[i] - low) * columns_per_x), n_columns - 1);
      if (column.used && at != column_index)
        flush_column (&column, indices);
      column_index = at;
      if (!column.used)
        column = (Column){TRUE, i, i, i, i};
      else
        {
          if (ys[i] < ys[column.lowest])
            column.lowest = i;
          if (ys[i] > ys[column.highest])
            column.highest = i;
          column.last = i;
        }
    }
  flush_column (&column, indices);
  return indices;
}
