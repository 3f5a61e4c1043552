/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures as people read them. */
#include <math.h>

#include "lds-format.h"

static void
check (double value,
       LdsUnit unit,
       const char *expected)
{
  g_autofree char *text = lds_format_value (value, unit);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_value (void)
{
  check (0, LDS_UNIT_DURATION_NS, "0\u00a0ns");
  check (999, LDS_UNIT_DURATION_NS, "999\u00a0ns");
  check (1500, LDS_UNIT_DURATION_NS, "1.50\u00a0µs");
  check (12.44e6, LDS_UNIT_DURATION_NS, "12.4\u00a0ms");
  check (2.5e9, LDS_UNIT_DURATION_NS, "2.50\u00a0s");
  check (9999, LDS_UNIT_RATE_HZ, "9999/s");
  check (48230, LDS_UNIT_RATE_HZ, "48.2\u00a0k/s");
  check (1.5 * 1048576, LDS_UNIT_BYTES, "1.50\u00a0MiB");
  check (0.37, LDS_UNIT_FRACTION, "37.0\u00a0%");
  check (0.0001, LDS_UNIT_FRACTION, "0.01\u00a0%");
  check (0.00005, LDS_UNIT_FRACTION, "0.0050\u00a0%");
  check (1234, LDS_UNIT_COUNT, "1234");
  check (NAN, LDS_UNIT_BYTES, "–");
}

static void
test_range (void)
{
  g_autofree char *text = lds_format_range (0.9e6, 13.1e6, 2e6, LDS_UNIT_DURATION_NS);
  g_autofree char *beside = lds_format_range (330e3, 1100e3, 657e3, LDS_UNIT_DURATION_NS);

  g_assert_cmpstr (text, ==, "0.90–13.1\u00a0ms");
  g_assert_cmpstr (beside, ==, "330–1100\u00a0µs");
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/format/value", test_value);
  g_test_add_func ("/core/format/range", test_range);
  return g_test_run ();
}
