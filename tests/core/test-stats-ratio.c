/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ratio of two sets of runs and its interval. */
#include "lds-stats-ratio.h"

static void
test_known (void)
{
  const double a[] = {10, 12, 11, 13, 9}, b[] = {5, 6, 5.5, 6.5, 4.5};
  LdsRatio ratio = lds_stats_ratio (a, 5, b, 5);

  g_assert_cmpfloat (ratio.ratio, ==, 2);
  /* No resample has a median beyond the least and the largest run. */
  g_assert_cmpfloat (ratio.low, >=, 9 / 6.5);
  g_assert_cmpfloat (ratio.high, <=, 13 / 4.5);
  g_assert_true (ratio.low < 2 && ratio.high > 2);
}

/* The interval follows from the runs alone, not from their order. */
static void
test_order (void)
{
  const double a[] = {10, 12, 11, 13, 9}, back[] = {9, 13, 11, 12, 10}, b[] = {5, 7, 6, 8};
  LdsRatio one = lds_stats_ratio (a, 5, b, 4), other = lds_stats_ratio (back, 5, b, 4);

  g_assert_cmpfloat (one.low, ==, other.low);
  g_assert_cmpfloat (one.high, ==, other.high);
}

static void
test_same (void)
{
  const double a[] = {3, 3, 3, 3, 3}, single[] = {6};
  LdsRatio ratio = lds_stats_ratio (a, 5, a, 5);

  g_assert_true (ratio.low == 1 && ratio.ratio == 1 && ratio.high == 1);
  ratio = lds_stats_ratio (single, 1, a, 5);
  g_assert_true (ratio.low == 2 && ratio.ratio == 2 && ratio.high == 2);
}

/* A machine that is at two speeds, three pairs and two: the medians of the sides fall into one each, the pairs do not. */
static void
test_pairs (void)
{
  const double a[] = {10, 20, 20.2, 10.1, 20}, b[] = {10, 20, 10, 10, 20};
  LdsRatio apart = lds_stats_ratio (a, 5, b, 5), pairs = lds_stats_ratio_pairs (a, b, 5);

  g_assert_cmpfloat (apart.ratio, ==, 2);
  g_assert_cmpfloat (pairs.ratio, ==, 1);
  g_assert_cmpfloat (pairs.low, ==, 1);
  g_assert_cmpfloat (pairs.high, <=, 2.02);
  pairs = lds_stats_ratio_pairs (a, a, 1);
  g_assert_true (pairs.low == 1 && pairs.ratio == 1 && pairs.high == 1);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/stats-ratio/known", test_known);
  g_test_add_func ("/core/stats-ratio/order", test_order);
  g_test_add_func ("/core/stats-ratio/same", test_same);
  g_test_add_func ("/core/stats-ratio/pairs", test_pairs);
  return g_test_run ();
}
