/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A claim's figure: its unit, its limits, what it is on the axis of all ratios. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-claim-private.h"
#include "lds-claim.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static const struct
{
  const char *name;
  LdsUnit unit;
  double factor;
} units[] = {
    {"ms", LDS_UNIT_DURATION_NS, 1e6},
    {"s", LDS_UNIT_DURATION_NS, 1e9},
    {"KB", LDS_UNIT_BYTES, 1e3},
    {"MB", LDS_UNIT_BYTES, 1e6},
    {"per-s", LDS_UNIT_RATE_HZ, 1},
    {"share", LDS_UNIT_FRACTION, 1},
    {"cores", LDS_UNIT_CORES, 1},
    {"count", LDS_UNIT_COUNT, 1},
};

gboolean
lds_claim_unit_find (const char *name,
                     gboolean is_ratio,
                     LdsUnit unit,
                     double *factor)
{
  *factor = 1;
  if (is_ratio)
    return strcmp (name, "times") == 0;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (units[i].name, name) == 0 && units[i].unit == unit)
      {
        *factor = units[i].factor;
        return TRUE;
      }
  return FALSE;
}

void
lds_claim_figure_limits (const LdsClaimFigure *figure,
                         double *low,
                         double *high)
{
  g_return_if_fail (figure != NULL && low != NULL && high != NULL);

  *low = isnan (figure->low) ? -INFINITY : figure->low / (1 + figure->tolerance);
  *high = isnan (figure->high) ? INFINITY : figure->high * (1 + figure->tolerance);
}

gboolean
lds_claim_figure_favours_node (const LdsClaimFigure *figure,
                               double *low,
                               double *high)
{
  gboolean node_on_top, more_is_better;
  double lowest;

  g_return_val_if_fail (figure != NULL && low != NULL && high != NULL, FALSE);

  if (figure->over_lanes == NULL)
    return FALSE;
  node_on_top = figure->of == LDS_CLAIM_NODE && figure->over == LDS_CLAIM_PYTHON;
  if (!node_on_top && !(figure->of == LDS_CLAIM_PYTHON && figure->over == LDS_CLAIM_NODE))
    return FALSE;
  more_is_better = !figure->metric->lower_is_better;
  if (node_on_top == more_is_better)
    return TRUE;
  lowest = 1 / *high;
  *high = 1 / *low;
  *low = lowest;
  return TRUE;
}

/* Bytes in the article's unit, for 130 MB beside 124 MiB would look like two figures. */
char *
lds_claim_figure_dup_value (const LdsClaimFigure *figure,
                            double value)
{
  double factor;

  g_return_val_if_fail (figure != NULL, NULL);

  if (figure->over_lanes != NULL)
    return lds_format_value (value, LDS_UNIT_NONE);
  if (figure->metric->unit == LDS_UNIT_BYTES && isfinite (value) &&
      lds_claim_unit_find (figure->unit, FALSE, LDS_UNIT_BYTES, &factor))
    {
      g_autofree char *number = lds_format_value (value / factor, LDS_UNIT_NONE);

      return g_strdup_printf ("%s %s", number, figure->unit);
    }
  return lds_format_value (value, figure->metric->unit);
}

char *
lds_claim_figure_dup_claimed (const LdsClaimFigure *figure)
{
  g_autofree char *low = NULL, *high = NULL;
  const char *times;

  g_return_val_if_fail (figure != NULL, NULL);

  low = lds_claim_figure_dup_value (figure, figure->low);
  high = lds_claim_figure_dup_value (figure, figure->high);
  times = figure->over_lanes != NULL ? " ×" : "";
  if (isnan (figure->low))
    /* Translators: a figure, then “ ×” or nothing */
    return g_strdup_printf (_ ("at most %s%s"), high, times);
  if (isnan (figure->high))
    /* Translators: a figure, then “ ×” or nothing */
    return g_strdup_printf (_ ("at least %s%s"), low, times);
  if (figure->low == figure->high)
    return g_strdup_printf ("%s%s", low, times);
  /* Translators: two figures, then “ ×” or nothing */
  return g_strdup_printf (_ ("%s to %s%s"), low, high, times);
}
