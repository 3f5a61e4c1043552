/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics over runs: known answers of known samples. */
#include <math.h>

#include "lds-stats.h"

static void
test_quantile (void)
{
  const double values[] = {1, 2, 3, 4, 10};

  g_assert_cmpfloat (lds_stats_quantile (values, 5, 0), ==, 1);
  g_assert_cmpfloat (lds_stats_quantile (values, 5, 0.5), ==, 3);
  g_assert_cmpfloat (lds_stats_quantile (values, 5, 0.25), ==, 2);
  /* R: quantile (c (1,2,3,4,10), 0.9, type = 7) is 7.6 */
  g_assert_cmpfloat_with_epsilon (lds_stats_quantile (values, 5, 0.9), 7.6, 1e-12);
  g_assert_cmpfloat (lds_stats_quantile (values, 5, 1), ==, 10);
  g_assert_cmpfloat (lds_stats_quantile (values, 1, 0.3), ==, 1);
}

static void
test_estimate (void)
{
  const double values[] = {30, 10, 20, 50, 40};
  LdsEstimate e = lds_stats_estimate (values, 5), again = lds_stats_estimate (values, 5);

  g_assert_cmpuint (e.n, ==, 5);
  g_assert_cmpfloat (e.median, ==, 30);
  g_assert_cmpfloat (e.low, >=, 10);
  g_assert_cmpfloat (e.low, <, 30);
  g_assert_cmpfloat (e.high, >, 30);
  g_assert_cmpfloat (e.high, <=, 50);
  g_assert_cmpfloat (e.low, ==, again.low);
  g_assert_cmpfloat (e.high, ==, again.high);
}

static void
test_few (void)
{
  const double values[] = {3, 1}, four[] = {4, 1, 2, 3};
  LdsEstimate none = lds_stats_estimate (NULL, 0), two = lds_stats_estimate (values, 2);

  g_assert_cmpuint (none.n, ==, 0);
  g_assert_true (isnan (none.median));
  g_assert_cmpfloat (two.median, ==, 2);
  g_assert_cmpfloat (two.low, ==, 2);
  g_assert_cmpfloat (two.high, ==, 2);
  g_assert_cmpfloat (lds_stats_estimate (four, 4).low, ==, 2.5);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/stats/quantile", test_quantile);
  g_test_add_func ("/core/stats/estimate", test_estimate);
  g_test_add_func ("/core/stats/few", test_few);
  return g_test_run ();
}
