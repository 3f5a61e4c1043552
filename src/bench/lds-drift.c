/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much the machine itself became faster or slower. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-drift.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "lds-bench-json.h"
#include "lds-metric.h"
#include "lds-stats.h"

/* Ours: three times what METHOD allows one lane's CPU time a request to differ by. */
#define MAX_QUIET 1.09

/* The CPU time a request of @lane by repeat, NaN where there is none. */
static double *
list_by_repeat (const LdsSession *session,
                const LdsLane *lane,
                const LdsWorkload *workload)
{
  const LdsMetric *metric = lds_metric_find ("cpu_per_request");
  LdsPurpose purpose = session->plan->find_knee ? LDS_PURPOSE_EQUAL_RATE : LDS_PURPOSE_COMPARE;
  double *values = g_new (double, session->plan->repeats);

  for (guint i = 0; i < session->plan->repeats; i++)
    values[i] = NAN;
  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];
      double value;

      if (!run->valid || run->spec.lane != lane || run->spec.workload != workload ||
          run->spec.purpose != purpose || run->spec.repeat >= session->plan->repeats)
        continue;
      value = metric->of_run (run);
      if (isfinite (value) && value > 0)
        values[run->spec.repeat] = value;
    }
  return values;
}

/* Adds the logarithms of @values by their median to @sums, and counts them in @counts. */
static void
add_lane (const double *values,
          guint n,
          double *sums,
          guint *counts)
{
  g_autofree double *known = g_new (double, n);
  guint n_known = 0;
  double median;

  for (guint i = 0; i < n; i++)
    if (!isnan (values[i]))
      known[n_known++] = values[i];
  median = lds_stats_median (known, n_known);
  for (guint i = 0; i < n; i++)
    if (!isnan (values[i]))
      {
        sums[i] += log (values[i] / median);
        counts[i]++;
      }
}

static double
find_in_workload (const LdsSession *session,
                  const LdsWorkload *workload)
{
  guint n = session->plan->repeats, n_lanes = session->plan->lanes->len, n_whole = 0;
  g_autofree double *sums = g_new0 (double, n);
  g_autofree guint *counts = g_new0 (guint, n);
  double lowest = INFINITY, highest = -INFINITY;

  for (guint l = 0; l < n_lanes; l++)
    {
      g_autofree double *values =
          list_by_repeat (session, session->plan->lanes->pdata[l], workload);

      add_lane (values, n, sums, counts);
    }
  for (guint i = 0; i < n; i++)
    {
      if (counts[i] < n_lanes)
        continue;
      n_whole++;
      lowest = fmin (lowest, sums[i] / n_lanes);
      highest = fmax (highest, sums[i] / n_lanes);
    }
  return n_lanes >= 2 && n_whole >= LDS_SESSION_MIN_RUNS ? exp (highest - lowest) : NAN;
}

double
lds_drift_find (const LdsSession *session,
                const LdsWorkload **workload)
{
  double largest = NAN;

  g_return_val_if_fail (session != NULL && workload != NULL, NAN);

  *workload = NULL;
  for (guint i = 0; i < session->plan->workloads->len; i++)
    {
      double drift = find_in_workload (session, session->plan->workloads->pdata[i]);

      if (isnan (drift) || drift <= largest)
        continue;
      largest = drift;
      *workload = session->plan->workloads->pdata[i];
    }
  return largest;
}

void
lds_drift_warn (LdsSession *session)
{
  const LdsWorkload *workload;
  double drift = lds_drift_find (session, &workload);
  g_autofree char *text = NULL;

  if (isnan (drift) || drift <= MAX_QUIET)
    return;
  text = g_strdup_printf (
      /* Translators: a number of percent, a workload */
      _ ("The machine’s own speed changed by %.0f %% while “%s” was measured, for all lanes alike. Lanes are compared run beside run, so what is said of their ratio holds; a lane’s figure alone is no surer than that."),
      (drift - 1) * 100, workload->title);
  lds_invalid_reasons_add (session->warnings, "machine-drift", text);
}
