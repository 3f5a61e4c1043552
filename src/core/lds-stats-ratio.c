/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many times as much one set of runs is as another. */
#define G_LOG_DOMAIN "lds-stats"

#include "lds-stats-ratio.h"

#include <math.h>
#include <stdlib.h>

#include "lds-stats.h"

#define N_RESAMPLES 2000
#define SEED        20261128u

static int
compare_doubles (const void *a,
                 const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return x < y ? -1 : x > y;
}

static double
median_of (double *values,
           guint n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return lds_stats_quantile (values, n, 0.5);
}

/* The median of as many values, drawn from @values with replacement. */
static double
median_of_resample (GRand *rand,
                    const double *values,
                    guint n,
                    double *room)
{
  for (guint i = 0; i < n; i++)
    room[i] = values[g_rand_int_range (rand, 0, (gint32)n)];
  return median_of (room, n);
}

LdsRatio
lds_stats_ratio (const double *a,
                 guint n_a,
                 const double *b,
                 guint n_b)
{
  LdsRatio ratio = {NAN, NAN, NAN};
  g_autofree double *sorted_a = NULL, *sorted_b = NULL, *room = NULL;
  g_autoptr (GRand) rand = NULL;
  double ratios[N_RESAMPLES];

  g_return_val_if_fail (a != NULL && n_a >= 1 && b != NULL && n_b >= 1, ratio);

  /* Sorted, so that the order of the runs does not matter to what is drawn. */
  sorted_a = g_memdup2 (a, n_a * sizeof *a);
  sorted_b = g_memdup2 (b, n_b * sizeof *b);
  room = g_new (double, MAX (n_a, n_b));
  ratio.ratio = median_of (sorted_a, n_a) / median_of (sorted_b, n_b);
  rand = g_rand_new_with_seed (SEED);
  for (guint i = 0; i < N_RESAMPLES; i++)
    {
      double upper = median_of_resample (rand, sorted_a, n_a, room);

      ratios[i] = upper / median_of_resample (rand, sorted_b, n_b, room);
    }
  qsort (ratios, N_RESAMPLES, sizeof *ratios, compare_doubles);
  ratio.low = fmin (lds_stats_quantile (ratios, N_RESAMPLES, 0.025), ratio.ratio);
  ratio.high = fmax (lds_stats_quantile (ratios, N_RESAMPLES, 0.975), ratio.ratio);
  return ratio;
}
