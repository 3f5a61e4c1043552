/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing runs: the figures of tests/reference/compare.py, then what the tests promise: their level
 * when nothing differs, drifting or not, and that they find what does. */
#include <math.h>

#include "lds-stats-compare.h"

#define N_TRIALS 2000

static const double apart_a[] = {10, 11, 12, 13, 14}, apart_b[] = {20, 21, 22, 23, 24};
static const double overlapping_a[] = {98.5, 101.2, 100.4, 99.1, 102.3};
static const double overlapping_b[] = {103.9, 101.7, 104.4, 100.9, 106.1};
static const double tied_a[] = {1, 2, 2, 3, 3}, tied_b[] = {3, 3, 4, 5, 2};
static const double unequal_a[] = {5.1, 5.4, 4.9, 5.0};
static const double unequal_b[] = {5.6, 5.9, 5.3, 6.1, 5.8, 5.7, 5.2};
static const double unequal_tied_a[] = {7, 7, 8, 9}, unequal_tied_b[] = {9, 9, 10, 7, 11, 12};

static void
assert_ranks (const double *a,
              guint n_a,
              const double *b,
              guint n_b,
              LdsDifference expected)
{
  LdsDifference found = lds_stats_compare_ranks (a, n_a, b, n_b, LDS_COMPARE_ALPHA);
  LdsDifference turned = lds_stats_compare_ranks (b, n_b, a, n_a, LDS_COMPARE_ALPHA);

  g_assert_cmpuint (found.kind, ==, expected.kind);
  g_assert_cmpuint (found.test, ==, LDS_COMPARE_RANKS);
  g_assert_cmpuint (found.n_a, ==, n_a);
  g_assert_cmpuint (found.n_b, ==, n_b);
  g_assert_cmpfloat_with_epsilon (found.p, expected.p, 1e-11);
  g_assert_cmpfloat_with_epsilon (found.superiority, expected.superiority, 1e-5);
  g_assert_cmpfloat_with_epsilon (found.ratio, expected.ratio, 1e-8);
  g_assert_cmpfloat_with_epsilon (found.low, expected.low, 1e-7);
  g_assert_cmpfloat_with_epsilon (found.high, expected.high, 1e-7);
  g_assert_cmpfloat_with_epsilon (found.level, expected.level, 1e-11);
  /* Who is called a makes no difference but the direction. */
  g_assert_cmpfloat_with_epsilon (turned.p, found.p, 1e-12);
  g_assert_cmpfloat_with_epsilon (turned.ratio * found.ratio, 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (turned.low * found.high, 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (turned.superiority + found.superiority, 1, 1e-12);
}

static void
test_ranks (void)
{
  assert_ranks (apart_a, 5, apart_b, 5,
                (LdsDifference){.kind = LDS_DIFFERENCE_HIGHER,
                                .ratio = 1.83333333333,
                                .low = 1.53846154,
                                .high = 2.2,
                                .p = 2.0 / 252,
                                .level = 8.0 / 252,
                                .superiority = 1});
  assert_ranks (overlapping_a, 5, overlapping_b, 5,
                (LdsDifference){.kind = LDS_DIFFERENCE_NONE,
                                .ratio = 1.03162055336,
                                .low = 0.997035573,
                                .high = 1.05989848,
                                .p = 0.0555555555556,
                                .level = 8.0 / 252,
                                .superiority = 0.88});
  assert_ranks (tied_a, 5, tied_b, 5,
                (LdsDifference){.kind = LDS_DIFFERENCE_NONE,
                                .ratio = 1.5,
                                .low = 1,
                                .high = 3,
                                .p = 0.190476190476,
                                .level = 8.0 / 252,
                                .superiority = 0.8});
  /* Of 4 against 7 there are 330 arrangements; 1, 1, 2, 3 of each end are rare enough. */
  assert_ranks (unequal_a, 4, unequal_b, 7,
                (LdsDifference){.kind = LDS_DIFFERENCE_HIGHER,
                                .ratio = 1.11882291087,
                                .low = 1.03703704,
                                .high = 1.19607843,
                                .p = 0.0242424242424,
                                .level = 14.0 / 330,
                                .superiority = 26.0 / 28});
  assert_ranks (unequal_tied_a, 4, unequal_tied_b, 6,
                (LdsDifference){.kind = LDS_DIFFERENCE_NONE,
                                .ratio = 1.28571428571,
                                .low = 1,
                                .high = 1.57142857,
                                .p = 0.114285714286,
                                .level = 8.0 / 210,
                                .superiority = 20.0 / 24});
}

static void
test_many (void)
{
  double a[40], b[45];
  LdsDifference found;

  for (guint i = 0; i < 45; i++)
    {
      if (i < 40)
        a[i] = 100 + i;
      b[i] = 108.5 + i;
    }
  /* The last that is counted, then the first that is approximated. */
  found = lds_stats_compare_ranks (a, 32, b, 32, LDS_COMPARE_ALPHA);
  g_assert_cmpfloat_with_epsilon (found.p, 0.0012840116459648591, 1e-12);
  found = lds_stats_compare_ranks (a, 40, b, 45, LDS_COMPARE_ALPHA);
  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_HIGHER);
  g_assert_cmpfloat_with_epsilon (found.p, 0.0003814158680293062, 1e-12);
  g_assert_cmpfloat (found.low, >, 1);
  g_assert_cmpfloat (found.low, <, found.ratio);
  g_assert_cmpfloat (found.ratio, <, found.high);
}

static void
test_pairs (void)
{
  LdsDifference found = lds_stats_compare_pairs (overlapping_a, overlapping_b, 5, 0.05);

  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_HIGHER);
  g_assert_cmpuint (found.test, ==, LDS_COMPARE_PAIRS);
  g_assert_cmpfloat_with_epsilon (found.p, 0.0232481458531, 1e-11);
  g_assert_cmpfloat_with_epsilon (found.ratio, 1.03083406315, 1e-10);
  g_assert_cmpfloat_with_epsilon (found.low, 1.00681391, 1e-8);
  g_assert_cmpfloat_with_epsilon (found.high, 1.05542728, 1e-8);
  g_assert_cmpfloat (found.superiority, ==, 0.88);
  g_assert_cmpfloat (found.level, ==, 0.05);
  /* One of five comparisons may err less often, and its interval is wider. */
  found = lds_stats_compare_pairs (overlapping_a, overlapping_b, 5, 0.01);
  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_NONE);
  g_assert_cmpfloat_with_epsilon (found.low, 0.991308477, 1e-8);
  g_assert_cmpfloat_with_epsilon (found.high, 1.07193562, 1e-8);
  found = lds_stats_compare_pairs (apart_b, apart_a, 5, 0.05);
  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_LOWER);
  g_assert_cmpfloat_with_epsilon (found.p, 2.34474726464e-05, 1e-12);
  g_assert_cmpfloat_with_epsilon (1 / found.ratio, 1.84243911849, 1e-9);
}

/* With an even and an odd number of pairs, for Student's distribution is another series then. */
static void
test_student (void)
{
  /* scipy.stats.ttest_rel (numpy.log ([1, 2, 3, 4]), numpy.log ([2, 3, 5, 9])).pvalue */
  const double a[] = {1, 2, 3, 4, NAN, 8}, b[] = {2, 3, 5, 9, 7, INFINITY};
  LdsDifference found = lds_stats_compare_pairs (a, b, 6, 0.05);

  g_assert_cmpuint (found.n_a, ==, 4);
  g_assert_cmpfloat_with_epsilon (found.p, 0.006881136347700233, 1e-11);
}

static void
test_few (void)
{
  const double values[] = {1, 2, 3, 4, 5, NAN}, others[] = {11, 12, 13, 14, 15, 16};
  LdsDifference found;

  /* 3 against 3 have 20 arrangements: no p is below 10 %. */
  found = lds_stats_compare_ranks (values, 3, others, 3, LDS_COMPARE_ALPHA);
  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_TOO_FEW);
  g_assert_cmpfloat_with_epsilon (found.p, 0.1, 1e-12);
  g_assert_true (isnan (found.low));
  g_assert_cmpfloat (found.ratio, >, 4);
  found = lds_stats_compare_ranks (values, 4, others, 4, LDS_COMPARE_ALPHA);
  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_HIGHER);
  found = lds_stats_compare_ranks (values + 4, 2, others, 6, LDS_COMPARE_ALPHA);
  g_assert_cmpuint (found.n_a, ==, 1);
  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_TOO_FEW);
  found = lds_stats_compare_ranks (NULL, 0, others, 6, LDS_COMPARE_ALPHA);
  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_TOO_FEW);
  g_assert_true (isnan (found.p) && isnan (found.ratio));
  found = lds_stats_compare_pairs (values, others, 3, LDS_COMPARE_ALPHA);
  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_TOO_FEW);
  g_assert_cmpfloat (found.ratio, >, 4);
  g_assert_true (isnan (found.low));
  found = lds_stats_compare_pairs (values, others, 6, LDS_COMPARE_ALPHA);
  g_assert_cmpuint (found.n_b, ==, 5);
  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_HIGHER);
}

/* Nothing on both sides, such as no errors, is no difference; something against nothing is one. */
static void
test_zeros (void)
{
  const double none[] = {0, 0, 0, 0, 0}, some[] = {1, 2, 1, 3, 2};
  LdsDifference found = lds_stats_compare_pairs (none, none, 5, LDS_COMPARE_ALPHA);

  g_assert_cmpuint (found.test, ==, LDS_COMPARE_RANKS);
  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_NONE);
  g_assert_cmpfloat (found.p, ==, 1);
  g_assert_cmpfloat (found.ratio, ==, 1);
  found = lds_stats_compare_pairs (none, some, 5, LDS_COMPARE_ALPHA);
  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_HIGHER);
  g_assert_true (isinf (found.ratio));
  /* The same figure in every run, as a number of threads is. */
  found = lds_stats_compare_pairs (apart_a, apart_a, 5, LDS_COMPARE_ALPHA);
  g_assert_cmpuint (found.kind, ==, LDS_DIFFERENCE_NONE);
  g_assert_cmpfloat (found.p, ==, 1);
  g_assert_cmpfloat (found.low, ==, 1);
}

static double
draw_normal (GRand *rand)
{
  double u = 1 - g_rand_double (rand); /* above 0 */

  return sqrt (-2 * log (u)) * cos (2 * G_PI * g_rand_double (rand));
}

/* Log-normal runs of 2 % as a plan orders two lanes, on a machine that drifts by @drift of that from run
 * to run; lane b has @shift more. Returns how often that is seen. */
static double
share_found (LdsCompareTest test,
             guint n_runs,
             double drift,
             double shift)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4711);
  guint n_found = 0;

  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      double figures[2][16], at = 0;
      LdsDifference found;

      for (guint i = 0; i < 2 * n_runs; i++)
        {
          guint lane = (i + i / 2) % 2;

          at += 0.02 * drift * draw_normal (rand);
          figures[lane][i / 2] = exp (at + 0.02 * draw_normal (rand)) * (lane == 1 ? 1 + shift : 1);
        }
      found = test == LDS_COMPARE_PAIRS
                  ? lds_stats_compare_pairs (figures[0], figures[1], n_runs, LDS_COMPARE_ALPHA)
                  : lds_stats_compare_ranks (figures[0], n_runs, figures[1], n_runs,
                                             LDS_COMPARE_ALPHA);
      n_found += found.kind >= LDS_DIFFERENCE_LOWER;
    }
  return (double)n_found / N_TRIALS;
}

/* "No detectable difference" except in about 5 % of many trials. Source: METHOD, marks. */
static void
test_level (void)
{
  for (guint n_runs = 4; n_runs <= 10; n_runs += n_runs < 6 ? 1 : 4)
    {
      double ranks = share_found (LDS_COMPARE_RANKS, n_runs, 0, 0);

      g_assert_cmpfloat (ranks, >=, 0.02);
      g_assert_cmpfloat (ranks, <=, 0.09);
      for (guint drift = 0; drift <= 3; drift++)
        {
          double pairs = share_found (LDS_COMPARE_PAIRS, n_runs, drift, 0);

          g_assert_cmpfloat (pairs, >=, 0.02);
          g_assert_cmpfloat (pairs, <=, 0.09);
        }
    }
}

static void
test_power (void)
{
  g_assert_cmpfloat (share_found (LDS_COMPARE_RANKS, 5, 0, 0.1), >, 0.99);
  g_assert_cmpfloat (share_found (LDS_COMPARE_PAIRS, 5, 0, 0.1), >, 0.99);
  g_assert_cmpfloat (share_found (LDS_COMPARE_PAIRS, 5, 1, 0.1), >, 0.97);
  /* Why lanes of one session are compared in pairs. */
  g_assert_cmpfloat (share_found (LDS_COMPARE_PAIRS, 5, 1, 0.04), >,
                     1.4 * share_found (LDS_COMPARE_RANKS, 5, 1, 0.04));
}

static void
test_proportion (void)
{
  double low, high;

  lds_stats_proportion (10, 200, &low, &high);
  g_assert_cmpfloat_with_epsilon (low, 0.0273826456, 1e-9);
  g_assert_cmpfloat_with_epsilon (high, 0.0895781481, 1e-9);
  lds_stats_proportion (0, 20, &low, &high);
  g_assert_cmpfloat (low, ==, 0);
  g_assert_cmpfloat_with_epsilon (high, 0.161125158, 1e-8);
  lds_stats_proportion (20, 20, &low, &high);
  g_assert_cmpfloat_with_epsilon (low, 0.838874842, 1e-8);
  g_assert_cmpfloat (high, ==, 1);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/stats-compare/ranks", test_ranks);
  g_test_add_func ("/core/stats-compare/many", test_many);
  g_test_add_func ("/core/stats-compare/pairs", test_pairs);
  g_test_add_func ("/core/stats-compare/student", test_student);
  g_test_add_func ("/core/stats-compare/few", test_few);
  g_test_add_func ("/core/stats-compare/zeros", test_zeros);
  g_test_add_func ("/core/stats-compare/level", test_level);
  g_test_add_func ("/core/stats-compare/power", test_power);
  g_test_add_func ("/core/stats-compare/proportion", test_proportion);
  return g_test_run ();
}
