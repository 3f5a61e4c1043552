/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names at the ends of lines, a legend where there is no room for them, and the cursor. */
#define G_LOG_DOMAIN "lds-chart"

#include "config.h"
#include "lds-chart-private.h"

#include <math.h>
#include <stdlib.h>

#define SWATCH 2.6
#define GAP    0.5

typedef struct
{
  const LdsSeries *series;
  double wanted; /* y of the line's end */
  double y;      /* y of the label's middle */
} Label;

static LdsTextStyle
label_style (const LdsSeries *series)
{
  return LDS_TEXT_SINGLE_LINE | (series->invalid ? LDS_TEXT_STRUCK : LDS_TEXT_PLAIN);
}

gboolean
lds_series_is_named (const LdsSeries *series)
{
  return !series->hidden && *series->label != '\0';
}

guint
lds_chart_n_labels (const LdsChart *self)
{
  guint n = 0;

  for (guint i = 0; i < self->series->len; i++)
    n += lds_series_is_named (g_ptr_array_index (self->series, i));
  return n;
}

double
lds_chart_labels_width (LdsChart *self,
                        cairo_t *cr)
{
  double widest = 0, em = self->theme.font_size;

  for (guint i = 0; i < self->series->len; i++)
    {
      const LdsSeries *series = g_ptr_array_index (self->series, i);
      double width;

      if (!lds_series_is_named (series))
        continue;
      lds_text_set (self->text, cr, &self->theme, series->label, em, label_style (series), 0);
      lds_text_measure (self->text, &width, NULL);
      widest = MAX (widest, width);
    }
  return widest > 0 ? widest + em * (SWATCH + 3 * GAP) : em * 1.2;
}

/* The line's last point in view, or NaN. */
static double
end_of_line (const LdsChart *self,
             const LdsSeries *series)
{
  guint n = lds_series_lower_bound (series, nextafter (self->x_axis.high, INFINITY));

  for (guint i = n; i > 0; i--)
    {
      double y = lds_chart_place_y (self, g_array_index (series->y, double, i - 1));

      if (isfinite (y))
        return CLAMP (y, self->plot.y, self->plot.y + self->plot.height);
    }
  return NAN;
}

static int
compare_labels (const void *a,
                const void *b)
{
  double x = ((const Label *)a)->wanted, y = ((const Label *)b)->wanted;

  return x < y ? -1 : x > y;
}

/* Moves @labels (sorted by what they want) as little as possible so that none covers another:
 * neighbours that would overlap form a block, which stands where its members want to be on average. */
static void
spread_labels (Label *labels,
               guint n,
               double leading,
               double top,
               double bottom)
{
  g_autofree double *sums = g_new0 (double, n + 1);
  g_autofree guint *counts = g_new0 (guint, n + 1);
  guint n_blocks = 0, next = 0;
  double lowest = top + leading / 2, highest = bottom - leading / 2 - (n - 1) * leading;

  for (guint i = 0; i < n; i++)
    {
      sums[n_blocks] = labels[i].wanted - i * leading;
      counts[n_blocks++] = 1;
      while (n_blocks > 1 &&
             sums[n_blocks - 2] / counts[n_blocks - 2] >= sums[n_blocks - 1] / counts[n_blocks - 1])
        {
          sums[n_blocks - 2] += sums[n_blocks - 1];
          counts[n_blocks - 2] += counts[n_blocks - 1];
          n_blocks--;
        }
    }
  for (guint block = 0; block < n_blocks; block++)
    for (guint i = 0; i < counts[block]; i++, next++)
      labels[next].y = MAX (lowest, MIN (sums[block] / counts[block], highest)) + next * leading;
}

void
lds_chart_draw_end_labels (LdsChart *self,
                           cairo_t *cr,
                           double width)
{
  double em = self->theme.font_size, left = self->plot.x + self->plot.width, height;
  g_autofree Label *labels = g_new0 (Label, self->series->len + 1);
  guint n = 0;

  for (guint i = 0; i < self->series->len; i++)
    {
      const LdsSeries *series = g_ptr_array_index (self->series, i);
      double wanted;

      if (!lds_series_is_named (series))
        continue;
      wanted = end_of_line (self, series);
      /* A line with no point yet is named at the bottom. */
      labels[n++] =
          (Label){series, isfinite (wanted) ? wanted : self->plot.y + self->plot.height, 0};
    }
  if (n == 0)
    return;
  qsort (labels, n, sizeof *labels, compare_labels);
  spread_labels (labels, n, em * LDS_CHART_LABEL_LEADING, self->plot.y - em * 0.5,
                 self->plot.y + self->plot.height + em);
  for (guint i = 0; i < n; i++)
    {
      const LdsSeries *series = labels[i].series;
      double x = left + em * GAP;

      lds_theme_draw_swatch (cr, &self->theme, series->family, series->provenance, series->variant,
                             x, labels[i].y, em * SWATCH);
      x += em * (SWATCH + GAP);
      lds_text_set (self->text, cr, &self->theme, series->label, em, label_style (series),
                    MAX (width - x, em));
      lds_text_measure (self->text, NULL, &height);
      lds_text_draw (self->text, cr, series->invalid ? self->theme.faint_text : self->theme.text, x,
                     labels[i].y - height / 2, LDS_ALIGN_LEFT);
    }
}

double
lds_chart_draw_legend (LdsChart *self,
                       cairo_t *cr,
                       double x,
                       double y,
                       double width,
                       gboolean draw)
{
  double em = self->theme.font_size, at = x, top = y, row = em * 1.5;

  if (lds_chart_n_labels (self) == 0)
    return 0;
  for (guint i = 0; i < self->series->len; i++)
    {
      const LdsSeries *series = g_ptr_array_index (self->series, i);
      double label_width, height, item;

      if (!lds_series_is_named (series))
        continue;
      lds_text_set (self->text, cr, &self->theme, series->label, em, label_style (series),
                    MAX (width - em * (SWATCH + GAP), em));
      lds_text_measure (self->text, &label_width, &height);
      item = em * (SWATCH + GAP) + label_width;
      if (at > x && at + item > x + width)
        {
          at = x;
          top += row;
        }
      if (draw)
        {
          lds_theme_draw_swatch (cr, &self->theme, series->family, series->provenance,
                                 series->variant, at, top + row / 2, em * SWATCH);
          lds_text_draw (self->text, cr,
                         series->invalid ? self->theme.faint_text : self->theme.text,
                         at + em * (SWATCH + GAP), top + (row - height) / 2, LDS_ALIGN_LEFT);
        }
      at += item + em * 1.2;
    }
  return top + row - y + em * 0.4;
}

/* The cursor's head: the time, or the percentile, that it stands at. */
static char *
format_x (const LdsChart *self,
          double x)
{
  if (self->x_scale == LDS_SCALE_TIME)
    return lds_format_value (x * 1e9, LDS_UNIT_DURATION_NS);
  if (self->x_scale == LDS_SCALE_PERCENTILE)
    return g_strdup_printf ("%.5g\u00a0%%", x * 100);
  return lds_format_value (x, LDS_UNIT_NONE);
}

void
lds_chart_draw_cursor (LdsChart *self,
                       cairo_t *cr)
{
  const LdsPlot *plot = &self->plot;
  double em = self->theme.font_size, x = lds_chart_place_x (self, self->cursor),
         row = em * LDS_CHART_LABEL_LEADING;
  double widest, box_x, box_width, box_height, at;
  g_autofree char *head = NULL;
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) owners = g_ptr_array_new ();
  LdsColor panel = lds_color_fade (self->theme.background, 0.92);

  if (!(x >= plot->x && x <= plot->x + plot->width))
    return;
  lds_color_set_source (&self->theme.axis, cr);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_width (cr, self->theme.line_width / 2);
  cairo_move_to (cr, floor (x) + 0.5, plot->y);
  cairo_line_to (cr, floor (x) + 0.5, plot->y + plot->height);
  cairo_stroke (cr);

  head = format_x (self, self->cursor);
  lds_text_set (self->text, cr, &self->theme, head, em, LDS_TEXT_BOLD, 0);
  lds_text_measure (self->text, &widest, NULL);
  for (guint i = 0; i < self->series->len; i++)
    {
      LdsSeries *series = g_ptr_array_index (self->series, i);
      double y = lds_series_value_at (series, self->cursor), line_width;
      g_autofree char *figure = NULL;

      if (series->hidden || !isfinite (y))
        continue;
      lds_theme_draw_marker (
          cr, &self->theme, series->family, series->provenance, series->variant, x,
          CLAMP (lds_chart_place_y (self, y), plot->y, plot->y + plot->height), em * 0.62);
      figure = lds_format_value (y, self->unit);
      g_ptr_array_add (lines, g_strdup_printf ("%s  %s", figure, series->label));
      g_ptr_array_add (owners, series);
      lds_text_set (self->text, cr, &self->theme, g_ptr_array_index (lines, lines->len - 1), em,
                    LDS_TEXT_PLAIN, 0);
      lds_text_measure (self->text, &line_width, NULL);
      widest = MAX (widest, line_width + em * 1.2);
    }

  box_width = widest + em * 1.2;
  box_height = row * (lines->len + 1) + em * 0.6;
  box_x = x + em * 0.6;
  if (box_x + box_width > plot->x + plot->width)
    box_x = MAX (x - em * 0.6 - box_width, 0);
  cairo_rectangle (cr, box_x, plot->y, box_width, box_height);
  lds_color_set_source (&panel, cr);
  cairo_fill_preserve (cr);
  lds_color_set_source (&self->theme.grid, cr);
  cairo_stroke (cr);
  at = plot->y + em * 0.3;
  lds_text_set (self->text, cr, &self->theme, head, em, LDS_TEXT_BOLD, 0);
  lds_text_draw (self->text, cr, self->theme.text, box_x + em * 0.6, at, LDS_ALIGN_LEFT);
  for (guint i = 0; i < lines->len; i++)
    {
      const LdsSeries *series = g_ptr_array_index (owners, i);

      at += row;
      lds_theme_draw_marker (cr, &self->theme, series->family, series->provenance, series->variant,
                             box_x + em, at + row / 2, em * 0.55);
      lds_text_set (self->text, cr, &self->theme, g_ptr_array_index (lines, i), em,
                    series->invalid ? LDS_TEXT_STRUCK : LDS_TEXT_PLAIN, 0);
      lds_text_draw (self->text, cr, self->theme.text, box_x + em * 1.8, at, LDS_ALIGN_LEFT);
    }
}
