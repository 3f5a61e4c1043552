/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scaling and capacity, for people. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-capacity.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>

#include "lds-capacity.h"
#include "lds-cli-columns.h"

/* Parameters of the law have no unit, and may be very small. */
static char *
format_figure (const LdsUslFigure *figure)
{
  if (!isfinite (figure->value))
    return g_strdup (_ ("none"));
  if (isnan (figure->low))
    return g_strdup_printf ("%.3g", figure->value);
  if (!isfinite (figure->high))
    /* Translators: a figure, then the low end of its interval, which has no high end */
    return g_strdup_printf (_ ("%.3g (%.3g or more)"), figure->value, figure->low);
  /* Translators: a figure and its confidence interval */
  return g_strdup_printf (_ ("%.3g (%.3g–%.3g)"), figure->value, figure->low, figure->high);
}

static char **
new_scaling_row (const LdsScaling *scaling)
{
  const LdsUsl *usl = scaling->usl;
  char **row = g_new0 (char *, 9);

  row[0] = lds_lane_dup_label (scaling->lane);
  row[1] = g_strdup (scaling->is_over_workers ? _ ("workers") : _ ("connections"));
  for (guint i = 2; usl == NULL && i < 8; i++)
    row[i] = g_strdup ("–");
  if (usl == NULL)
    return row;
  row[2] = lds_format_value (usl->lambda_hz.value, LDS_UNIT_RATE_HZ);
  row[3] = format_figure (&usl->alpha);
  row[4] = format_figure (&usl->beta);
  row[5] = format_figure (&usl->n_max);
  row[6] = g_strdup_printf ("%.3f", usl->r_squared);
  row[7] = lds_format_value (usl->max_residual, LDS_UNIT_FRACTION);
  return row;
}

static void
print_scaling (const LdsPlan *plan,
               GPtrArray *scalings,
               const LdsWorkload *workload)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  const char *const heading[] = {_ ("Lane"), _ ("Over"), _ ("One alone"), _ ("Contention"), _ ("Coherence"), _ ("Most at"),
                                 _ ("R²"), _ ("Largest residual"), NULL};

  /* Translators: a workload */
  printf (_ ("\n%s, closed loops: the scalability law\n"), workload->title);
  g_ptr_array_add (rows, g_strdupv ((char **)heading));
  for (guint i = 0; i < scalings->len; i++)
    if (((LdsScaling *)scalings->pdata[i])->workload == workload)
      g_ptr_array_add (rows, new_scaling_row (scalings->pdata[i]));
  lds_cli_print_table (rows);
  for (guint i = 0; i < scalings->len; i++)
    {
      const LdsScaling *scaling = scalings->pdata[i];
      g_autofree char *label = lds_lane_dup_label (scaling->lane);

      if (scaling->workload != workload)
        continue;
      if (scaling->why_not != NULL)
        /* Translators: a lane, then a sentence */
        printf (_ ("  %s: note: %s\n"), label, scaling->why_not);
      else if (isfinite (scaling->usl->n_max.value) &&
               scaling->usl->n_max.value > scaling->usl->max_n)
        /* Translators: a lane, then a number */
        printf (_ ("  %s: note: that its throughput is largest there is extrapolated: measured was up to %.0f.\n"), label,
                scaling->usl->max_n);
      if (scaling->n_invalid > 0)
        printf (g_dngettext (GETTEXT_PACKAGE, "  %s: note: %u invalid run is left out.\n",
                             "  %s: note: %u invalid runs are left out.\n", scaling->n_invalid),
                label, scaling->n_invalid);
    }
  if (plan->scale_workers->len > 0)
    printf ("%s\n", _ ("  All workers of a server share the one core that it is kept on, so that more of them cannot compute more here."));
}

static char *
format_range (LdsCapacityRange range,
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

static char *
format_basis (double factor)
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

static void
print_demand (const LdsPlan *plan,
              GPtrArray *capacities,
              const LdsWorkload *workload)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  g_autofree char *rate = lds_format_value (plan->demand_rate_hz, LDS_UNIT_RATE_HZ);
  const char *const heading[] = {_ ("Lane"), _ ("Instances"), _ ("Processes"), _ ("CPU"), _ ("Rate"), _ ("Memory, RSS"), _ ("Connections"), NULL};

  if (plan->demand_connections > 0)
    /* Translators: a workload, a rate, a number of connections */
    printf (_ ("\n%s, what %s on %u connections take\n"), workload->title, rate, plan->demand_connections);
  else
    /* Translators: a workload, a rate */
    printf (_ ("\n%s, what %s take\n"), workload->title, rate);
  g_ptr_array_add (rows, g_strdupv ((char **)heading));
  for (guint i = 0; i < capacities->len; i++)
    {
      const LdsCapacity *capacity = capacities->pdata[i];
      char **row;

      if (capacity->workload != workload)
        continue;
      row = g_new0 (char *, 8);
      row[0] = lds_lane_dup_label (capacity->lane);
      row[1] = format_range (capacity->instances, LDS_UNIT_COUNT);
      row[2] = format_range (capacity->processes, LDS_UNIT_COUNT);
      row[3] = format_range (capacity->cores, LDS_UNIT_CORES);
      row[4] = format_basis (capacity->rate_factor);
      row[5] = format_range (capacity->memory_bytes, LDS_UNIT_BYTES);
      row[6] = format_basis (capacity->connections_factor);
      g_ptr_array_add (rows, row);
    }
  lds_cli_print_table (rows);
}

void
lds_cli_print_capacity (const LdsSession *session)
{
  const LdsPlan *plan = session->plan;
  g_autoptr (GPtrArray) scalings = lds_capacity_list_scaling (plan, session->runs);
  g_autoptr (GPtrArray) capacities = lds_capacity_list (plan, session->runs);

  for (guint w = 0; scalings->len > 0 && w < plan->workloads->len; w++)
    print_scaling (plan, scalings, plan->workloads->pdata[w]);
  for (guint w = 0; capacities->len > 0 && w < plan->workloads->len; w++)
    print_demand (plan, capacities, plan->workloads->pdata[w]);
  if (capacities->len > 0)
    /* Translators: a factor */
    printf (_ ("  From every instance at its knee to every one at half of it; an instance is a server on one core, and that they add up is assumed. Beyond %g times what was measured nothing is said.\n"),
            LDS_CAPACITY_MAX_FACTOR);
}
