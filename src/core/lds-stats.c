/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics over runs. */
#define G_LOG_DOMAIN "lds-stats"

#include "lds-stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_RESAMPLES 2000
#define SEED        20261121u

static int
compare_doubles (const void *a,
                 const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return x < y ? -1 : x > y;
}

double
lds_stats_quantile (const double *sorted,
                    guint n,
                    double quantile)
{
  double at = quantile * (n - 1);
  guint below = (guint)floor (at);

  g_return_val_if_fail (n >= 1, NAN);
  if (below + 1 >= n)
    return sorted[n - 1];
  return sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]);
}

double
lds_stats_median (double *values,
                  guint n)
{
  if (n == 0)
    return NAN;
  qsort (values, n, sizeof *values, compare_doubles);
  return lds_stats_quantile (values, n, 0.5);
}

LdsEstimate
lds_stats_estimate (const double *values,
                    guint n)
{
  g_autofree double *sorted = NULL, *resample = NULL;
  double medians[N_RESAMPLES];
  g_autoptr (GRand) rand = NULL;
  LdsEstimate estimate = {.n = n, .median = NAN, .low = NAN, .high = NAN};

  if (n == 0)
    return estimate;
  sorted = g_memdup2 (values, n * sizeof *values);
  qsort (sorted, n, sizeof *sorted, compare_doubles);
  estimate.median = estimate.low = estimate.high = lds_stats_quantile (sorted, n, 0.5);
  if (n < LDS_ESTIMATE_MIN_RUNS)
    return estimate;

  rand = g_rand_new_with_seed (SEED);
  resample = g_new (double, n);
  for (guint i = 0; i < N_RESAMPLES; i++)
    {
      for (guint j = 0; j < n; j++)
        resample[j] = sorted[g_rand_int_range (rand, 0, (gint32)n)];
      qsort (resample, n, sizeof *resample, compare_doubles);
      medians[i] = lds_stats_quantile (resample, n, 0.5);
    }
  qsort (medians, N_RESAMPLES, sizeof *medians, compare_doubles);
  estimate.low = lds_stats_quantile (medians, N_RESAMPLES, 0.025);
  estimate.high = lds_stats_quantile (medians, N_RESAMPLES, 0.975);
  return estimate;
}
