/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an adaptive plan found, for people. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-knee.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lds-capacity.h"
#include "lds-cli-measure.h"
#include "lds-cli-columns.h"
#include "lds-error.h"
#include "lds-search.h"

static char *
format_knee (const LdsKneeSummary *summary)
{
  const LdsKnee *knee = &summary->knee;
  g_autofree char *rate = lds_format_value (knee->estimate_hz, LDS_UNIT_RATE_HZ);
  g_autofree char *range = NULL;

  switch (knee->state)
    {
    case LDS_KNEE_AT_LEAST:
      /* Translators: a rate */
      return g_strdup_printf (_ ("at least %s"), rate);
    case LDS_KNEE_BELOW:
      /* Translators: a rate */
      return g_strdup_printf (_ ("not even %s"), rate);
    case LDS_KNEE_FOUND:
    case LDS_KNEE_UNSETTLED:
      if (!(knee->low_hz > 0) || !isfinite (knee->to_hz))
        return g_strdup (_ ("unsettled"));
      range = lds_format_range (knee->from_hz, knee->to_hz, knee->estimate_hz, LDS_UNIT_RATE_HZ);
      /* Translators: a figure and its confidence interval: “12.4 ms (11.8–13.1 ms)” */
      return g_strdup_printf (_ ("%s (%s)"), rate, range);
    case LDS_KNEE_SEARCHING:
    default:
      return g_strdup (_ ("INVALID"));
    }
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

/* Returns: (transfer none): why a knee is only known to be above a rate */
static const char *
explain_limit (const char *code)
{
  if (strcmp (code, "connections") == 0)
    return _ ("above that all connections wait as long as the workload says, and the server is not the limit; use more connections.");
  if (strcmp (code, "rate") == 0)
    return _ ("that is the highest rate that the plan allows; raise it to find the knee.");
  return _ ("above that the load generator is the limit, not the server; use more client threads or another machine.");
}

static void
print_notes (const LdsKneeSummary *summary,
             const LdsPlan *plan)
{
  g_autofree char *label = lds_lane_dup_label (summary->lane);
  g_autofree char *limit = lds_format_value (summary->limit_ns, LDS_UNIT_DURATION_NS);

  if (summary->is_default_limit && !isnan (summary->limit_ns))
    /* Translators: a lane, then a time */
    printf (_ ("  %s: p99 within %s: ten times that of little load, at least 10 ms\n"), label, limit);
  if (summary->limited_by != NULL)
    /* Translators: a lane, then the reason */
    printf (_ ("  %s: note: %s\n"), label, explain_limit (summary->limited_by));
  if (summary->knee.state == LDS_KNEE_UNSETTLED)
    /* Translators: a lane, then a percentage */
    printf (_ ("  %s: note: not settled after as many steps as it had; this interval is sure to %.0f %% only. Measure on a quieter machine, or longer.\n"),
            label, floor (100 * summary->knee.confidence));
  if (summary->is_given_up)
    /* Translators: a lane, then a number of runs, then the reason in a sentence */
    printf (_ ("  %s: INVALID: given up after %d runs on end that said nothing of the server; the last: %s\n"), label,
            LDS_SEARCH_MAX_VOID, summary->void_text != NULL ? summary->void_text : "–");
  else if (summary->n_void > 0)
    printf (g_dngettext (GETTEXT_PACKAGE,
                         "  %s: note: %u run of the search said nothing of the server, for others used the machine.\n",
                         "  %s: note: %u runs of the search said nothing of the server, for others used the machine.\n",
                         summary->n_void),
            label, summary->n_void);
  if (summary->cpu_per_request.n < LDS_SESSION_MIN_RUNS && !isnan (summary->half_rate_hz))
    printf (g_dngettext (GETTEXT_PACKAGE,
                         "  %s: note: only %u valid run at the rate of all lanes: a verdict needs at least %u.\n",
                         "  %s: note: only %u valid runs at the rate of all lanes: a verdict needs at least %u.\n",
                         summary->cpu_per_request.n),
            label, summary->cpu_per_request.n, LDS_SESSION_MIN_RUNS);
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
          print_notes (summaries->pdata[i], plan);
    }
  for (guint i = 0; i < session->warnings->len; i++)
    printf ("\n%s\n", ((LdsInvalidReason *)session->warnings->pdata[i])->text);
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
  const LdsKneeSummary *below = NULL;

  for (guint i = 0; i < summaries->len; i++)
    {
      const LdsKneeSummary *summary = summaries->pdata[i];

      if (summary->is_given_up ||
          (summary->knee.state == LDS_KNEE_UNSETTLED && !(summary->knee.low_hz > 0)))
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INVALID,
                       _ ("The measurement is invalid: the search of some lane came to nothing, for the reasons above."));
          return FALSE;
        }
      if (summary->knee.state == LDS_KNEE_BELOW)
        below = summary;
    }
  if (has_lost_series (session))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INVALID,
                   _ ("The measurement is invalid: too few runs of some series are valid, for the reasons above."));
      return FALSE;
    }
  if (below == NULL || session->plan->slo_p99_ms <= 0)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_THRESHOLD,
               /* Translators: a lane's id, then a workload */
               _ ("“%s” misses the limit on “%s” at any rate."), below->lane->id, below->workload->title);
  return FALSE;
}
