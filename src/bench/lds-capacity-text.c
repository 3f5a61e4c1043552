/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scaling and capacity in words. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-capacity.h"

#include <glib/gi18n-lib.h>
#include <math.h>

char *
lds_capacity_dup_figure (const LdsUslFigure *figure)
{
  g_return_val_if_fail (figure != NULL, NULL);

  if (!isfinite (figure->value))
    return g_strdup (_ ("none"));
  return g_strdup_printf ("%.3g", figure->value);
}

char *
lds_capacity_dup_interval (const LdsUslFigure *figure)
{
  g_return_val_if_fail (figure != NULL, NULL);

  if (!isfinite (figure->value) || isnan (figure->low))
    return NULL;
  if (!isfinite (figure->high))
    /* Translators: the low end of an interval that has no high end */
    return g_strdup_printf (_ ("%.3g or more"), figure->low);
  return g_strdup_printf ("%.3g–%.3g", figure->low, figure->high);
}

GPtrArray *
lds_scaling_list_notes (const LdsScaling *scaling)
{
  GPtrArray *notes;

  g_return_val_if_fail (scaling != NULL, NULL);

  notes = g_ptr_array_new_with_free_func (g_free);
  if (scaling->why_not != NULL)
    g_ptr_array_add (notes, g_strdup (scaling->why_not));
  else if (isfinite (scaling->usl->n_max.value) && scaling->usl->n_max.value > scaling->usl->max_n)
    /* Translators: two numbers of connections or workers */
    g_ptr_array_add (notes, g_strdup_printf (_ ("That its throughput is largest at %.3g is extrapolated: measured was up to %.0f."),
                                             scaling->usl->n_max.value, scaling->usl->max_n));
  if (scaling->n_invalid > 0)
    g_ptr_array_add (notes, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u invalid run is left out.",
                                                          "%u invalid runs are left out.", scaling->n_invalid),
                                             scaling->n_invalid));
  return notes;
}

char *
lds_capacity_range_dup_text (LdsCapacityRange range,
                             LdsUnit unit)
{
  g_autofree char *low = NULL;

  if (isnan (range.low) || isnan (range.high))
    return g_strdup ("–");
  low = lds_format_value (range.low, unit);
  if (range.high <= range.low)
    return g_steal_pointer (&low);
  return lds_format_range (range.low, range.high, range.high, unit);
}

char *
lds_capacity_dup_basis (double factor)
{
  if (isnan (factor))
    return g_strdup (_ ("not known"));
  if (factor > LDS_CAPACITY_MAX_FACTOR)
    /* Translators: a factor */
    return g_strdup_printf (_ ("refused, × %.3g"), factor);
  if (factor <= 1)
    return g_strdup (_ ("measured"));
  /* Translators: a factor */
  return g_strdup_printf (_ ("extrapolated, × %.3g"), factor);
}
