/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes: round ticks, projection there and back, hostile ranges. */
#include <math.h>
#include <string.h>

#include "lds-axis.h"

static char *
join_labels (const LdsAxis *axis,
             guint max_labels)
{
  g_autoptr (GArray) ticks = lds_axis_ticks (axis, max_labels);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ticks->len; i++)
    {
      const LdsTick *tick = &g_array_index (ticks, LdsTick, i);

      if (tick->major)
        g_string_append_printf (text, "%s%s", text->len > 0 ? "|" : "", tick->label);
    }
  return g_string_free (text, FALSE);
}

static void
check_labels (LdsScale scale,
              LdsUnit unit,
              double low,
              double high,
              guint max_labels,
              const char *expected)
{
  LdsAxis axis = lds_axis_make (scale, unit, low, high);
  g_autofree char *labels = join_labels (&axis, max_labels);

  g_assert_cmpstr (labels, ==, expected);
}

static void
test_ticks (void)
{
  check_labels (LDS_SCALE_LINEAR, LDS_UNIT_NONE, 3, 97, 6, "0|20|40|60|80|100");
  check_labels (LDS_SCALE_LINEAR, LDS_UNIT_NONE, 0.2, 0.37, 6, "0.0|0.1|0.2|0.3|0.4");
  check_labels (LDS_SCALE_LINEAR, LDS_UNIT_NONE, -4, 6, 6, "-4|-2|0|2|4|6");
  /* In the unit that is shown beside the axis: thousands a second, mebibytes. */
  check_labels (LDS_SCALE_LINEAR, LDS_UNIT_RATE_HZ, 0, 48200, 6, "0|10|20|30|40|50");
  check_labels (LDS_SCALE_LINEAR, LDS_UNIT_BYTES, 0, 95.0 * 1048576, 6, "0|20|40|60|80|100");
  /* What lies close together is spread. */
  check_labels (LDS_SCALE_INTERVAL, LDS_UNIT_RATE_HZ, 39000, 47800, 5, "35|40|45|50");
  check_labels (LDS_SCALE_INTERVAL, LDS_UNIT_RATE_HZ, 43100, 46900, 2, "45");
  check_labels (LDS_SCALE_INTERVAL, LDS_UNIT_NONE, 7, 7, 5, "6.0|6.5|7.0|7.5|8.0");
  check_labels (LDS_SCALE_LOG, LDS_UNIT_RATE_HZ, 300, 4000, 10, "200/s|500/s|1000/s|2000/s|5000/s");
  check_labels (LDS_SCALE_LOG, LDS_UNIT_DURATION_NS, 180e3, 4.2e6, 10, "100\u00a0µs|200\u00a0µs|500\u00a0µs|1\u00a0ms|2\u00a0ms|5\u00a0ms");
  check_labels (LDS_SCALE_LOG, LDS_UNIT_DURATION_NS, 10e3, 1e9, 6, "10\u00a0µs|100\u00a0µs|1\u00a0ms|10\u00a0ms|100\u00a0ms|1\u00a0s");
  check_labels (LDS_SCALE_LOG, LDS_UNIT_BYTES, 30 * 1048576, 700 * 1048576, 9, "20\u00a0MiB|50\u00a0MiB|100\u00a0MiB|200\u00a0MiB|500\u00a0MiB|1\u00a0GiB");
  check_labels (LDS_SCALE_TIME, LDS_UNIT_NONE, 0, 30, 7, "0 s|5 s|10 s|15 s|20 s|25 s|30 s");
  check_labels (LDS_SCALE_TIME, LDS_UNIT_NONE, 0, 600, 6, "0:00|2:00|4:00|6:00|8:00|10:00");
  check_labels (LDS_SCALE_PERCENTILE, LDS_UNIT_NONE, 0, 0.9999, 10, "0\u00a0%|50\u00a0%|75\u00a0%|90\u00a0%|99\u00a0%|99.9\u00a0%|99.99\u00a0%");
}

static void
test_few_labels (void)
{
  const LdsScale scales[] = {LDS_SCALE_LINEAR, LDS_SCALE_INTERVAL, LDS_SCALE_LOG, LDS_SCALE_TIME};

  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    for (double high = 2e-3; high < 1e15; high *= 3.7)
      for (guint max_labels = 2; max_labels <= 12; max_labels++)
        {
          LdsAxis axis = lds_axis_make (scales[i], LDS_UNIT_NONE, high / 1e4, high);
          g_autoptr (GArray) ticks = lds_axis_ticks (&axis, max_labels);
          guint n_major = 0;

          for (guint j = 0; j < ticks->len; j++)
            {
              const LdsTick *tick = &g_array_index (ticks, LdsTick, j);

              n_major += tick->major;
              g_assert_cmpfloat (lds_axis_project (&axis, tick->value), >, -1e-6);
              g_assert_cmpfloat (lds_axis_project (&axis, tick->value), <, 1 + 1e-6);
              if (j > 0)
                g_assert_cmpfloat (tick->value, >, g_array_index (ticks, LdsTick, j - 1).value);
            }
          g_assert_cmpuint (n_major, <=, max_labels + 1);
          g_assert_cmpuint (n_major, >=, 1);
        }
}

static void
test_holds_data (void)
{
  for (double high = 1e-3; high < 1e14; high *= 2.3)
    for (guint scale = LDS_SCALE_LINEAR; scale <= LDS_SCALE_TIME; scale++)
      {
        LdsAxis axis = lds_axis_make ((LdsScale)scale, LDS_UNIT_DURATION_NS, high / 7, high);

        g_assert_cmpfloat (axis.low, <=, high / 7 * (1 + 1e-9));
        g_assert_cmpfloat (axis.high, >=, high * (1 - 1e-9));
        for (double place = 0; place <= 1; place += 0.125)
          g_assert_cmpfloat_with_epsilon (
              lds_axis_project (&axis, lds_axis_unproject (&axis, place)), place, 1e-6);
      }
}

static void
test_hostile (void)
{
  const double values[] = {NAN, INFINITY, -INFINITY, 0, -5, 1e300, -1e300, 5e-324, 7};

  for (guint scale = LDS_SCALE_LINEAR; scale <= LDS_SCALE_PERCENTILE; scale++)
    for (guint unit = LDS_UNIT_NONE; unit <= LDS_UNIT_COUNT; unit++)
      for (guint i = 0; i < G_N_ELEMENTS (values); i++)
        for (guint j = 0; j < G_N_ELEMENTS (values); j++)
          {
            LdsAxis axis = lds_axis_make ((LdsScale)scale, (LdsUnit)unit, values[i], values[j]);
            g_autoptr (GArray) ticks = lds_axis_ticks (&axis, 6);

            g_assert_true (isfinite (axis.low) && isfinite (axis.high));
            g_assert_cmpfloat (axis.low, <, axis.high);
            g_assert_cmpuint (ticks->len, <, 500);
            for (guint k = 0; k < G_N_ELEMENTS (values); k++)
              {
                double place = lds_axis_project (&axis, values[k]);

                g_assert_true (isnan (place) || (place >= -10 && place <= 11));
              }
          }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/axis/ticks", test_ticks);
  g_test_add_func ("/report/axis/few-labels", test_few_labels);
  g_test_add_func ("/report/axis/holds-data", test_holds_data);
  g_test_add_func ("/report/axis/hostile", test_hostile);
  return g_test_run ();
}
