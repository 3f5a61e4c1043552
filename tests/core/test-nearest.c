/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody who mistyped probably meant. */
#include "lds-nearest.h"

static void
test_nearest (void)
{
  const char *const known[] = {"hello", "json", "slow", "compute", NULL};
  const char *const none[] = {NULL};
  g_autofree char *huge = g_strnfill (1 << 20, 'a');

  g_assert_cmpstr (lds_nearest ("helo", known), ==, "hello");
  g_assert_cmpstr (lds_nearest ("compyte", known), ==, "compute");
  g_assert_cmpstr (lds_nearest ("josn", known), ==, "json");
  g_assert_cmpstr (lds_nearest ("JSON", known), ==, "json");
  g_assert_cmpstr (lds_nearest ("slow", known), ==, "slow");
  g_assert_null (lds_nearest ("websocket", known));
  g_assert_null (lds_nearest ("", known));
  g_assert_null (lds_nearest ("hello", none));
  g_assert_null (lds_nearest (huge, known));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/nearest/nearest", test_nearest);
  return g_test_run ();
}
