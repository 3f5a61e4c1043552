/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two samples of runs compared. */
#define G_LOG_DOMAIN "lds-stats"

#include "lds-stats-compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to so many runs on both sides together all arrangements are counted: some million additions. */
#define MAX_EXACT 64
/* Of the standard normal distribution. */
#define Z_97_5 1.959963984540054

static int
compare_doubles (const void *a,
                 const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return x < y ? -1 : x > y;
}

/* --- Distributions --------------------------------------------------------------------------- */

/* Share of a standard normal variable beyond @z on both sides; it has no degrees of freedom. */
static double
normal_two_sided (double z,
                  guint freedom)
{
  return erfc (z / G_SQRT2);
}

/* Share of Student's t beyond @t on both sides, in closed form for whole degrees of freedom.
 * Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4. */
static double
student_two_sided (double t,
                   guint freedom)
{
  double angle = atan (t / sqrt (freedom)), sine = sin (angle), cosine = cos (angle);
  gboolean is_odd = freedom % 2 == 1;
  double term = is_odd ? cosine : 1, sum = 0;

  for (guint i = is_odd ? 2 : 1; i < freedom; i += 2)
    {
      sum += term;
      term *= cosine * cosine * i / (i + 1);
    }
  return fmax (0, 1 - (is_odd ? M_2_PI * (angle + sine * sum) : sine * sum));
}

/* Returns what a share of @alpha is beyond, on both sides. @two_sided falls. */
static double
critical (double alpha,
          guint freedom,
          double (*two_sided) (double value, guint freedom))
{
  double low = 0, high = 1;

  while (two_sided (high, freedom) > alpha)
    high *= 2;
  for (guint i = 0; i < 100; i++)
    {
      double middle = (low + high) / 2;

      *(two_sided (middle, freedom) > alpha ? &low : &high) = middle;
    }
  return high;
}

/* --- Ranks ----------------------------------------------------------------------------------- */

/* Twice the rank of each of @n ascending values, so that ties, which share the mean, are whole. Returns
 * the sum of t³ - t over groups of t ties. */
static double
rank (const double *sorted,
      guint n,
      guint *ranks2)
{
  double ties = 0;

  for (guint first = 0, last; first < n; first = last + 1)
    {
      double t;

      last = first;
      while (last + 1 < n && sorted[last + 1] == sorted[first])
        last++;
      for (guint i = first; i <= last; i++)
        ranks2[i] = first + last + 2;
      t = last - first + 1;
      ties += t * t * t - t;
    }
  return ties;
}

/* Returns the probability of each doubled sum, 0 to n * (n + 1), of @n_chosen of @n ranks. */
static double *
list_probabilities (const guint *ranks2,
                    guint n,
                    guint n_chosen)
{
  guint n_sums = n * (n + 1) + 1;
  g_autofree double *ways = g_new0 (double, (gsize)(n_chosen + 1) * n_sums);
  double *probabilities, total = 0;

  /* ways[k * n_sums + sum]: to choose k of the ranks seen so far. */
  ways[0] = 1;
  for (guint i = 0; i < n; i++)
    for (guint k = MIN (i + 1, n_chosen); k >= 1; k--)
      for (guint sum = ranks2[i]; sum < n_sums; sum++)
        ways[(gsize)k * n_sums + sum] += ways[(gsize)(k - 1) * n_sums + sum - ranks2[i]];
  probabilities = g_memdup2 (ways + (gsize)n_chosen * n_sums, n_sums * sizeof *probabilities);
  for (guint sum = 0; sum < n_sums; sum++)
    total += probabilities[sum];
  for (guint sum = 0; sum < n_sums; sum++)
    probabilities[sum] /= total;
  return probabilities;
}

/* Two-sided p of a Mann-Whitney statistic whose distance from its expectation is half of @distance2. */
static double
rank_p (const guint *ranks2,
        double ties,
        guint n_a,
        guint n_b,
        guint distance2)
{
  guint n = n_a + n_b, expected2 = n_b * (n + 1);
  g_autofree double *probabilities = NULL;
  double variance, p = 0;

  if (n > MAX_EXACT)
    {
      variance = (double)n_a * n_b / 12 * (n + 1 - ties / ((double)n * (n - 1)));
      /* Half a rank for continuity. */
      return variance > 0 ? normal_two_sided (fmax (0, distance2 / 2.0 - 0.5) / sqrt (variance), 0)
                          : 1;
    }
  probabilities = list_probabilities (ranks2, n, n_b);
  for (guint sum = 0; sum <= n * (n + 1); sum++)
    if ((sum > expected2 ? sum - expected2 : expected2 - sum) >= distance2)
      p += probabilities[sum];
  return fmin (p, 1);
}

/* Number of ratios beyond each end of the interval when nothing is tied, and how often the test then
 * errs; 0 when no arrangement is rare enough. */
static guint
count_beyond (guint n_a,
              guint n_b,
              double alpha,
              double *level)
{
  guint n = n_a + n_b, found = 0;
  g_autofree guint *ranks2 = g_new (guint, n);
  g_autofree double *probabilities = NULL;
  double deviation, p = 0;

  if (n > MAX_EXACT)
    {
      *level = alpha;
      deviation = sqrt ((double)n_a * n_b * (n + 1) / 12);
      return (guint)fmax (0, round ((double)n_a * n_b / 2 -
                                    critical (alpha, 0, normal_two_sided) * deviation));
    }
  for (guint i = 0; i < n; i++)
    ranks2[i] = 2 * (i + 1);
  probabilities = list_probabilities (ranks2, n, n_b);
  /* From the lowest sum of ranks upwards; the other side is as likely. */
  *level = 0;
  while (2 * found < n_a * n_b)
    {
      p += 2 * probabilities[n_b * (n_b + 1) + 2 * found];
      if (p >= alpha)
        break;
      *level = p;
      found++;
    }
  return found;
}

/* Between two ratios on the log scale; what is not defined is NaN. */
static double
middle_of (double x,
           double y)
{
  return x == y ? x : sqrt (x) * sqrt (y);
}

/* All ratios of @b to @a, ascending; nothing by nothing is as much. */
static double *
list_ratios (const double *a,
             guint n_a,
             const double *b,
             guint n_b)
{
  double *ratios = g_new (double, (gsize)n_a *n_b);

  for (guint i = 0; i < n_a; i++)
    for (guint j = 0; j < n_b; j++)
      ratios[(gsize)i * n_b + j] = a[i] == b[j] ? 1 : b[j] / a[i];
  qsort (ratios, (gsize)n_a * n_b, sizeof *ratios, compare_doubles);
  return ratios;
}

static double
superiority (const double *a,
             guint n_a,
             const double *b,
             guint n_b)
{
  double above = 0;

  for (guint i = 0; i < n_a; i++)
    for (guint j = 0; j < n_b; j++)
      above += b[j] > a[i] ? 1 : b[j] == a[i] ? 0.5
                                              : 0;
  return above / ((double)n_a * n_b);
}

static double *
copy_finite (const double *values,
             guint *n)
{
  double *copy = g_new (double, MAX (*n, 1));
  guint n_finite = 0;

  for (guint i = 0; i < *n; i++)
    if (isfinite (values[i]))
      copy[n_finite++] = values[i];
  *n = n_finite;
  return copy;
}

LdsDifference
lds_stats_compare_ranks (const double *values_a,
                         guint n_a,
                         const double *values_b,
                         guint n_b,
                         double alpha)
{
  g_autofree double *a = copy_finite (values_a, &n_a), *b = copy_finite (values_b, &n_b);
  g_autofree double *pooled = g_new (double, n_a + n_b + 1), *ratios = NULL;
  g_autofree guint *ranks2 = g_new (guint, n_a + n_b + 1);
  LdsDifference difference = {LDS_DIFFERENCE_TOO_FEW, LDS_COMPARE_RANKS, n_a, n_b, NAN, NAN, NAN,
                              NAN, 0, NAN};
  gsize n_ratios = (gsize)n_a * n_b;
  guint n_beyond;
  double ties, from_middle;

  g_return_val_if_fail (alpha > 0 && alpha < 1, difference);

  if (n_ratios == 0)
    return difference;
  memcpy (pooled, a, n_a * sizeof *a);
  memcpy (pooled + n_a, b, n_b * sizeof *b);
  qsort (pooled, n_a + n_b, sizeof *pooled, compare_doubles);
  ties = rank (pooled, n_a + n_b, ranks2);
  difference.superiority = superiority (a, n_a, b, n_b);
  /* The statistic is the number of pairs in which b is above, ties counted half: a multiple of 1/2. */
  from_middle = (difference.superiority - 0.5) * (double)n_ratios;
  difference.p = rank_p (ranks2, ties, n_a, n_b, (guint)lround (2 * fabs (from_middle)));
  ratios = list_ratios (a, n_a, b, n_b);
  difference.ratio = middle_of (ratios[(n_ratios - 1) / 2], ratios[n_ratios / 2]);
  n_beyond = count_beyond (n_a, n_b, alpha, &difference.level);
  if (n_beyond == 0)
    return difference;
  difference.low = ratios[n_beyond - 1];
  difference.high = ratios[n_ratios - n_beyond];
  difference.kind = difference.p >= alpha ? LDS_DIFFERENCE_NONE
                    : from_middle < 0     ? LDS_DIFFERENCE_LOWER
                                          : LDS_DIFFERENCE_HIGHER;
  return difference;
}

/* --- Pairs ----------------------------------------------------------------------------------- */

/* From the mean and the standard error of @n log ratios. */
static void
compare_logs (LdsDifference *difference,
              double mean,
              double error,
              double alpha)
{
  guint freedom = difference->n_a - 1;
  double half = error * critical (alpha, freedom, student_two_sided);

  difference->ratio = exp (mean);
  difference->low = exp (mean - half);
  difference->high = exp (mean + half);
  difference->level = alpha;
  if (error > 0)
    difference->p = student_two_sided (fabs (mean) / error, freedom);
  else
    difference->p = mean == 0 ? 1 : 0; /* the same ratio each time */
  difference->kind = difference->p >= alpha ? LDS_DIFFERENCE_NONE
                     : mean < 0             ? LDS_DIFFERENCE_LOWER
                                            : LDS_DIFFERENCE_HIGHER;
}

LdsDifference
lds_stats_compare_pairs (const double *values_a,
                         const double *values_b,
                         guint n,
                         double alpha)
{
  g_autofree double *a = g_new (double, n + 1), *b = g_new (double, n + 1);
  LdsDifference difference = {LDS_DIFFERENCE_TOO_FEW, LDS_COMPARE_PAIRS, 0, 0, NAN, NAN, NAN,
                              NAN, 0, NAN};
  guint n_pairs = 0;
  gboolean has_logs = TRUE;
  double mean = 0, squares = 0;

  g_return_val_if_fail (alpha > 0 && alpha < 1, difference);

  for (guint i = 0; i < n; i++)
    {
      if (!isfinite (values_a[i]) || !isfinite (values_b[i]))
        continue;
      a[n_pairs] = values_a[i];
      b[n_pairs] = values_b[i];
      has_logs &= a[n_pairs] > 0 && b[n_pairs] > 0;
      n_pairs++;
    }
  if (!has_logs)
    return lds_stats_compare_ranks (a, n_pairs, b, n_pairs, alpha);
  difference.n_a = difference.n_b = n_pairs;
  if (n_pairs == 0)
    return difference;
  for (guint i = 0; i < n_pairs; i++)
    mean += log (b[i] / a[i]) / n_pairs;
  for (guint i = 0; i < n_pairs; i++)
    squares += pow (log (b[i] / a[i]) - mean, 2);
  difference.ratio = exp (mean);
  difference.superiority = superiority (a, n_pairs, b, n_pairs);
  if (n_pairs >= LDS_COMPARE_MIN_PAIRS)
    compare_logs (&difference, mean, sqrt (squares / (n_pairs - 1) / n_pairs), alpha);
  return difference;
}

/* --- Proportions ----------------------------------------------------------------------------- */

void
lds_stats_proportion (guint n_found,
                      guint n,
                      double *low,
                      double *high)
{
  double share, z2 = Z_97_5 * Z_97_5, middle, half;

  g_return_if_fail (n >= 1 && n_found <= n);

  share = (double)n_found / n;
  middle = (share + z2 / (2.0 * n)) / (1 + z2 / n);
  half = Z_97_5 / (1 + z2 / n) * sqrt (share * (1 - share) / n + z2 / (4.0 * n * n));
  *low = n_found == 0 ? 0 : middle - half;
  *high = n_found == n ? 1 : middle + half;
}
