/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From runs to lines. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-series.h"

#include <math.h>
#include <stdlib.h>

#include "lds-clock.h"
#include "lds-view.h"

#define MAX_BUCKETS   150
#define MIN_BUCKET_NS (LDS_NS_PER_S / 10)
#define SPECTRUM_STEP 0.05 /* of a decade of 1 / (1 - quantile) */
#define MIN_BEYOND    10   /* values beyond the last quantile. Source: METHOD, rule 17 */

/* The runs that stand for @summary: valid ones, else those that were refused. */
static GPtrArray *
find_runs (LdsReport *self,
           const LdsSummary *summary)
{
  GPtrArray *runs = g_ptr_array_new ();

  for (guint i = 0; i < self->session->runs->len; i++)
    {
      LdsRun *run = g_ptr_array_index (self->session->runs, i);

      if (run->spec.purpose == LDS_PURPOSE_COMPARE && run->spec.lane == summary->lane &&
          run->spec.workload == summary->workload && run->valid == (summary->n_valid > 0))
        g_ptr_array_add (runs, run);
    }
  return runs;
}

/* Means of the samples of each bucket of @run; NaN where there is none. */
static void
fill_buckets (const LdsRun *run,
              const LdsMetric *metric,
              gint64 bucket_ns,
              double *means,
              guint n_buckets)
{
  g_autofree guint *counts = g_new0 (guint, n_buckets);

  for (guint i = 0; i < n_buckets; i++)
    means[i] = 0;
  for (guint i = 0; i < run->samples->len; i++)
    {
      const LdsSample *sample = &g_array_index (run->samples, LdsSample, i);
      double value = metric->of_sample (sample);

      if (sample->phase != LDS_PHASE_MEASURE || sample->t_ns < 0 || !isfinite (value) ||
          sample->t_ns / bucket_ns >= n_buckets)
        continue;
      means[sample->t_ns / bucket_ns] += value;
      counts[sample->t_ns / bucket_ns]++;
    }
  for (guint i = 0; i < n_buckets; i++)
    means[i] = counts[i] > 0 ? means[i] / counts[i] : NAN;
}

static int
compare_doubles (const void *a,
                 const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return x < y ? -1 : x > y;
}

void
lds_report_fill_series (LdsReport *self,
                        LdsSeries *series,
                        const LdsSummary *summary,
                        const LdsMetric *metric)
{
  g_autoptr (GPtrArray) runs = find_runs (self, summary);
  gint64 duration_ns = self->session->plan->duration_ms * LDS_NS_PER_MS;
  gint64 point_ns = lds_view_get_point_ns (summary->workload, duration_ns);
  gint64 bucket_ns = MAX (MAX (MIN_BUCKET_NS, point_ns), duration_ns / MAX_BUCKETS);
  /* What jitter puts behind the interval's end is no bucket. */
  guint n_buckets = (guint)CLAMP (duration_ns / bucket_ns, 1, MAX_BUCKETS);
  g_autofree double *means = g_new0 (double, (gsize)n_buckets *MAX (runs->len, 1));
  g_autofree double *column = g_new0 (double, MAX (runs->len, 1));

  if (metric->of_sample == NULL || runs->len == 0)
    return;
  for (guint i = 0; i < runs->len; i++)
    fill_buckets (runs->pdata[i], metric, bucket_ns, means + (gsize)i * n_buckets, n_buckets);
  for (guint b = 0; b < n_buckets; b++)
    {
      double x = ((double)b + 0.5) * (double)bucket_ns / (double)LDS_NS_PER_S;
      guint n = 0;

      for (guint i = 0; i < runs->len; i++)
        if (isfinite (means[(gsize)i * n_buckets + b]))
          column[n++] = means[(gsize)i * n_buckets + b];
      if (n == 0)
        {
          lds_series_append (series, x, NAN);
          continue;
        }
      qsort (column, n, sizeof *column, compare_doubles);
      if (n > 1)
        lds_series_append_interval (series, x, lds_stats_quantile (column, n, 0.5), column[0],
                                    column[n - 1]);
      else
        lds_series_append (series, x, column[0]);
    }
}

void
lds_report_fill_spectrum (LdsReport *self,
                          LdsSeries *series,
                          const LdsSummary *summary)
{
  const LdsView *view = lds_view_of (summary->workload);
  LdsHistogram *merged = NULL;
  const LdsHistogram *histogram = view->of_summary (summary);
  double last;

  if (histogram == NULL)
    {
      g_autoptr (GPtrArray) runs = find_runs (self, summary);

      for (guint i = 0; i < runs->len; i++)
        if (view->of_run (runs->pdata[i]) != NULL)
          {
            if (merged == NULL)
              merged = lds_histogram_new ();
            lds_histogram_add (merged, view->of_run (runs->pdata[i]));
          }
      histogram = merged;
    }
  if (histogram != NULL && histogram->total > MIN_BEYOND)
    {
      last = log10 ((double)histogram->total / MIN_BEYOND);
      for (guint i = 0; i * SPECTRUM_STEP <= last + 1e-9; i++)
        {
          double quantile = 1 - pow (10, -(i * SPECTRUM_STEP));

          lds_series_append (series, quantile,
                             (double)lds_histogram_quantile_ns (histogram, quantile));
        }
    }
  lds_histogram_free (merged);
}

LdsEstimate
lds_report_estimate_invalid (LdsReport *self,
                             const LdsSummary *summary,
                             const LdsMetric *metric)
{
  g_autoptr (GPtrArray) runs = find_runs (self, summary);
  g_autofree double *values = g_new0 (double, MAX (runs->len, 1));
  guint n = 0;

  for (guint i = 0; i < runs->len; i++)
    {
      double value = metric->of_run != NULL ? metric->of_run (runs->pdata[i]) : NAN;

      if (isfinite (value))
        values[n++] = value;
    }
  return lds_stats_estimate (values, n);
}
