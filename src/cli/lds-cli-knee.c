/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an adaptive plan found, for people. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-knee.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>

#include "lds-capacity.h"
#include "lds-cli-measure.h"
#include "lds-cli-columns.h"
#include "lds-error.h"
#include "lds-search.h"

static char *
format_knee (const LdsKneeSummary *summary)
{
  g_autofree char *rate = lds_knee_summary_dup_rate (summary);
  g_autofree char *interval = lds_knee_summary_dup_interval (summary);

  if (interval == NULL)
    return g_steal_pointer (&rate);
  /* Translators: a figure and its confidence interval: “12.4 ms (11.8–13.1 ms)” */
  return g_strdup_printf (_ ("%s (%s)"), rate, interval);
}

/* The one rate of all lanes of @workload; NaN when no lane has a knee. */
static double
find_equal_rate (GPtrArray *summaries,
                 const LdsWorkload *workload)
{
  for (guint i = 0; i < summaries->len; i++)
    {
      const LdsKneeSummary *summary = summaries->pdata[i];

      if (summary->workload == workload && !isnan (summary->equal_rate_hz))
        return summary->equal_rate_hz;
    }
  return NAN;
}

static char **
new_heading (double equal_rate_hz)
{
  g_autofree char *rate = lds_format_value (equal_rate_hz, LDS_UNIT_RATE_HZ);
  /* Translators: a rate */
  g_autofree char *cpu = g_strdup_printf (_ ("CPU/request at %s"), rate);
  const char *const row[] = {_ ("Lane"), _ ("Knee"), _ ("Throughput there"), _ ("p50 at half"), _ ("p99 at half"),
                             _ ("p99.9 at half"), cpu, _ ("Steps"), NULL};

  return g_strdupv ((char **)row);
}

static char *
format_estimate (const LdsEstimate *estimate,
                 LdsUnit unit)
{
  return estimate->n > 0 ? lds_cli_format_estimate (estimate, unit) : g_strdup ("–");
}

static char **
new_row (const LdsKneeSummary *summary)
{
  char **row = g_new0 (char *, 9);

  row[0] = lds_lane_dup_label (summary->lane);
  row[1] = format_knee (summary);
  row[2] = format_estimate (&summary->throughput, LDS_UNIT_RATE_HZ);
  row[3] = format_estimate (&summary->half_p50, LDS_UNIT_DURATION_NS);
  row[4] = format_estimate (&summary->half_p99, LDS_UNIT_DURATION_NS);
  row[5] = format_estimate (&summary->half_p99_9, LDS_UNIT_DURATION_NS);
  row[6] = format_estimate (&summary->cpu_per_request, LDS_UNIT_DURATION_NS);
  row[7] = g_strdup_printf ("%u", summary->knee.n_runs);
  return row;
}

static void
print_notes (const LdsKneeSummary *summary,
             GPtrArray *runs)
{
  g_autofree char *label = lds_lane_dup_label (summary->lane);
  g_autofree char *refusal = lds_knee_summary_dup_refusal (summary, runs);
  g_autoptr (GPtrArray) notes = lds_knee_summary_list_notes (summary);

  if (refusal != NULL)
    /* Translators: a lane, then the reason in a sentence */
    printf (_ ("  %s: INVALID: %s\n"), label, refusal);
  for (guint i = 0; i < notes->len; i++)
    /* Translators: a lane, then a sentence */
    printf (_ ("  %s: note: %s\n"), label, (char *)notes->pdata[i]);
}

static void
print_title (const LdsPlan *plan,
             const LdsWorkload *workload)
{
  LdsPlanLoad load = lds_plan_get_load (plan, workload);
  g_autofree char *limit = lds_format_value (plan->slo_p99_ms * 1e6, LDS_UNIT_DURATION_NS);

  printf ("\n%s (%s %s), ", workload->title, workload->method, workload->path);
  /* Translators: a number of connections */
  printf (g_dngettext (GETTEXT_PACKAGE, "%u connection, ", "%u connections, ", load.connections),
          load.connections);
  if (plan->slo_p99_ms > 0)
    /* Translators: a time */
    printf (_ ("highest rate with a p99 within %s\n"), limit);
  else
    printf ("%s\n", _ ("highest rate that is kept"));
}

void
lds_cli_print_knees (const LdsSession *session)
{
  const LdsPlan *plan = session->plan;
  g_autoptr (GPtrArray) summaries = lds_search_summarize (plan, session->runs);

  if (plan->find_knee)
    /* Translators: seconds, seconds, a percentage, a number of runs */
    printf (
        g_dngettext (GETTEXT_PACKAGE,
                     "%g s after %g s of warm-up a run; knees within %g %% at 95 %% confidence, %u run at and below half of them.\n",
                     "%g s after %g s of warm-up a run; knees within %g %% at 95 %% confidence, %u runs at and below half of them.\n",
                     plan->repeats),
        (double)plan->duration_ms / 1e3, (double)plan->warm_up_ms / 1e3, plan->knee_accuracy * 100,
        plan->repeats);
  for (guint w = 0; plan->find_knee && w < plan->workloads->len; w++)
    {
      const LdsWorkload *workload = plan->workloads->pdata[w];
      g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);

      print_title (plan, workload);
      g_ptr_array_add (rows, new_heading (find_equal_rate (summaries, workload)));
      for (guint i = 0; i < summaries->len; i++)
        if (((LdsKneeSummary *)summaries->pdata[i])->workload == workload)
          g_ptr_array_add (rows, new_row (summaries->pdata[i]));
      lds_cli_print_table (rows);
      for (guint i = 0; i < summaries->len; i++)
        if (((LdsKneeSummary *)summaries->pdata[i])->workload == workload)
          print_notes (summaries->pdata[i], session->runs);
    }
}

/* Whether invalid runs leave a series without its law. */
static gboolean
has_lost_series (const LdsSession *session)
{
  g_autoptr (GPtrArray) scalings = lds_capacity_list_scaling (session->plan, session->runs);

  for (guint i = 0; i < scalings->len; i++)
    {
      const LdsScaling *scaling = scalings->pdata[i];

      if (scaling->usl == NULL && scaling->n_invalid > 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
lds_cli_check_knees (const LdsSession *session,
                     GError **error)
{
  g_autoptr (GPtrArray) summaries = lds_search_summarize (session->plan, session->runs);

  for (guint i = 0; i < summaries->len; i++)
    {
      const LdsKneeSummary *summary = summaries->pdata[i];

      if (!summary->is_given_up &&
          !(summary->knee.state == LDS_KNEE_UNSETTLED && !(summary->knee.low_hz > 0)))
        continue;
      g_set_error (error, LDS_ERROR, LDS_ERROR_INVALID,
                   _ ("The measurement is invalid: the search of some lane came to nothing, for the reasons above."));
      return FALSE;
    }
  if (!has_lost_series (session))
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INVALID,
               _ ("The measurement is invalid: too few runs of some series are valid, for the reasons above."));
  return FALSE;
}
