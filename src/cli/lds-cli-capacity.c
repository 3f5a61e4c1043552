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

static char *
format_figure (const LdsUslFigure *figure)
{
  g_autofree char *value = lds_capacity_dup_figure (figure);
  g_autofree char *interval = lds_capacity_dup_interval (figure);

  if (interval == NULL)
    return g_steal_pointer (&value);
  /* Translators: a figure and its confidence interval: “12.4 ms (11.8–13.1 ms)” */
  return g_strdup_printf (_ ("%s (%s)"), value, interval);
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
      g_autoptr (GPtrArray) notes = NULL;

      if (scaling->workload != workload)
        continue;
      notes = lds_scaling_list_notes (scaling);
      for (guint n = 0; n < notes->len; n++)
        /* Translators: a lane, then a sentence */
        printf (_ ("  %s: note: %s\n"), label, (char *)notes->pdata[n]);
    }
  if (plan->scale_workers->len > 0)
    printf ("%s\n", _ ("  All workers of a server share the one core that it is kept on, so that more of them cannot compute more here."));
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
      row[1] = lds_capacity_range_dup_text (capacity->instances, LDS_UNIT_COUNT);
      row[2] = lds_capacity_range_dup_text (capacity->processes, LDS_UNIT_COUNT);
      row[3] = lds_capacity_range_dup_text (capacity->cores, LDS_UNIT_CORES);
      row[4] = lds_capacity_dup_basis (capacity->rate_factor);
      row[5] = lds_capacity_range_dup_text (capacity->memory_bytes, LDS_UNIT_BYTES);
      row[6] = lds_capacity_dup_basis (capacity->connections_factor);
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
