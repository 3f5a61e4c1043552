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

/* @ratios: (array length=N_RESAMPLES): what was drawn; sorted */
static LdsRatio
surround (double ratio,
          double *ratios)
{
  qsort (ratios, N_RESAMPLES, sizeof *ratios, compare_doubles);
  return (LdsRatio){ratio, fmin (lds_stats_quantile (ratios, N_RESAMPLES, 0.025), ratio),
                    fmax (lds_stats_quantile (ratios, N_RESAMPLES, 0.975), ratio)};
}

LdsRatio
lds_stats_ratio (const double *a,
                 guint n_a,
                 const double *b,
                 guint n_b)
{
  const LdsRatio unknown = {NAN, NAN, NAN};
  g_autofree double *sorted_a = NULL, *sorted_b = NULL, *room = NULL;
  g_autoptr (GRand) rand = NULL;
  double ratios[N_RESAMPLES], ratio;

  g_return_val_if_fail (a != NULL && n_a >= 1 && b != NULL && n_b >= 1, unknown);

  /* Sorted, so that the order of the runs does not matter to what is drawn. */
  sorted_a = g_memdup2 (a, n_a * sizeof *a);
  sorted_b = g_memdup2 (b, n_b * sizeof *b);
  room = g_new (double, MAX (n_a, n_b));
  ratio = median_of (sorted_a, n_a) / median_of (sorted_b, n_b);
  rand = g_rand_new_with_seed (SEED);
  for (guint i = 0; i < N_RESAMPLES; i++)
    {
      double upper = median_of_resample (rand, sorted_a, n_a, room);

      ratios[i] = upper / median_of_resample (rand, sorted_b, n_b, room);
    }
  return surround (ratio, ratios);
}

LdsRatio
lds_stats_ratio_pairs (const double *a,
                       const double *b,
                       guint n)
{
  const LdsRatio unknown = {NAN, NAN, NAN};
  g_autofree double *of_pairs = NULL, *room = NULL;
  g_autoptr (GRand) rand = NULL;
  double ratios[N_RESAMPLES], ratio;

  g_return_val_if_fail (a != NULL && b != NULL && n >= 1, unknown);

  of_pairs = g_new (double, n);
  room = g_new (double, n);
  for (guint i = 0; i < n; i++)
    of_pairs[i] = a[i] / b[i];
  ratio = median_of (of_pairs, n);
  rand = g_rand_new_with_seed (SEED);
  for (guint i = 0; i < N_RESAMPLES; i++)
    ratios[i] = median_of_resample (rand, of_pairs, n, room);
  return surround (ratio, ratios);
}
