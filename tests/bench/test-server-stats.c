/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server tells of itself: gathered over the measured interval, and refused when wrong. */
#include "lds-server-stats.h"

#include <math.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-lane.h"

#define MS LDS_NS_PER_MS

/* The events' time 0: they must be of about now. */
static gint64 zero_ns;

static gboolean
take (LdsServerStats *stats,
      GError **error,
      const char *format,
      ...)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_assert_true (json_parser_load_from_data (parser, text, -1, NULL));
  return lds_server_stats_take (stats, json_node_get_object (json_parser_get_root (parser)), error);
}

/* An event at @t_ms of an interval of 100 ms, in which the loop was late by @lag_ms. */
static void
tell (LdsServerStats *stats,
      gint64 t_ms,
      gint64 lag_ms,
      gint64 gil_wait_ms,
      guint queue_depth)
{
  LdsHistogram *lag = lds_histogram_new ();
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  lds_histogram_record (lag, lag_ms * MS);
  text = lds_histogram_encode (lag);
  lds_histogram_free (lag);
  take (stats, &error,
        "{\"event\":\"stats\",\"t_ns\":%" G_GINT64_FORMAT ",\"interval_ns\":%d,\"queue_depth\":%u,"
        "\"loop_lag\":\"%s\",\"gil\":{\"wait_ns\":%" G_GINT64_FORMAT "},\"of_tomorrow\":[1]}",
        zero_ns + t_ms * MS, (int)(100 * MS), queue_depth, text, gil_wait_ms * MS);
  g_assert_no_error (error);
}

static LdsRun *
new_run (void)
{
  const LdsRunSpec spec = {
      .lane = lds_lane_find ("event-loop", NULL),
      .workload = lds_workload_find ("hello", NULL),
  };

  return lds_run_new (&spec);
}

static void
test_measured_interval (void)
{
  LdsServerStats *stats = lds_server_stats_new ();
  g_autoptr (LdsRun) run = new_run ();

  g_assert_true (isnan (lds_server_stats_get_lag_p99_ns (stats)));
  tell (stats, 100, 900, 1000, 900);
  /* Of before the interval for the most part, though heard of last. */
  tell (stats, 1040, 800, 1010, 800);
  lds_server_stats_begin (stats, zero_ns + 1000 * MS);
  tell (stats, 1140, 5, 1060, 3);
  tell (stats, 1240, 7, 1160, 9);
  tell (stats, 1340, 6, 1160, 1);
  g_assert_cmpfloat_with_epsilon (lds_server_stats_get_lag_p99_ns (stats), 6.0 * MS, 0.01 * MS);
  /* Heard of before the end is, and still not of the interval. */
  tell (stats, 1440, 700, 9999, 700);
  lds_server_stats_end (stats, zero_ns + 1350 * MS);
  lds_server_stats_end (stats, zero_ns + 5000 * MS);
  tell (stats, 1540, 600, 9999, 600);
  lds_server_stats_apply (stats, run);
  g_assert_nonnull (run->loop_lag);
  g_assert_cmpuint (run->loop_lag->total, ==, 3);
  g_assert_cmpfloat_with_epsilon ((double)run->loop_lag->min_ns, 5.0 * MS, 0.01 * MS);
  g_assert_cmpfloat_with_epsilon ((double)run->loop_lag->max_ns, 7.0 * MS, 0.01 * MS);
  g_assert_cmpfloat (run->max_queue_depth, ==, 9);
  /* 150 ms of waiting in 300 ms. */
  g_assert_cmpfloat_with_epsilon (run->gil_waiting, 0.5, 1e-9);
  lds_server_stats_free (stats);
}

/* Work counts from the server's start; its pace is that of the measured interval alone. */
static void
test_paces (void)
{
  static const guint rounds[] = {100, 5000, 9000, 13000, 99000}, cpu_us[] = {10, 50, 150, 250, 900};
  LdsServerStats *stats = lds_server_stats_new ();
  g_autoptr (LdsRun) run = new_run ();

  lds_server_stats_begin (stats, zero_ns + 200 * MS);
  lds_server_stats_end (stats, zero_ns + 400 * MS);
  for (guint i = 0; i < G_N_ELEMENTS (rounds); i++)
    {
      g_autoptr (GError) error = NULL;

      take (stats, &error,
            "{\"event\":\"stats\",\"t_ns\":%" G_GINT64_FORMAT ",\"interval_ns\":%d,"
            "\"broad_work\":{\"rounds\":%u,\"cpu_ns\":%u}}",
            zero_ns + (gint64)(i + 1) * 100 * MS, (int)(100 * MS), rounds[i], cpu_us[i] * 1000);
      g_assert_no_error (error);
    }
  lds_server_stats_apply (stats, run);
  /* 8000 rounds in 200 us. */
  g_assert_cmpfloat_with_epsilon (run->broad_pace_hz, 40e6, 1);
  g_assert_true (isnan (run->narrow_pace_hz));
  lds_server_stats_free (stats);
}

/* A loop that stands still at the end of the measured interval is late in it, whenever it says so. */
static void
test_stall_at_the_end (void)
{
  static const struct
  {
    gboolean comes_round;
    guint64 total;
    gint64 max_ms;
  } cases[] = {{TRUE, 2, 450}, {FALSE, 1 + 34, 340}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      LdsServerStats *stats = lds_server_stats_new ();
      g_autoptr (LdsRun) run = new_run ();
      g_autoptr (GError) error = NULL;
      static const gint64 behind_ms[] = {240, 340};

      lds_server_stats_begin (stats, zero_ns);
      tell (stats, 100, 2, 0, 0);
      for (guint j = 0; j < G_N_ELEMENTS (behind_ms); j++)
        take (stats, &error,
              "{\"t_ns\":%" G_GINT64_FORMAT ",\"interval_ns\":%d,\"loop_behind_ns\":%" G_GINT64_FORMAT "}",
              zero_ns + (200 + 100 * j) * MS, (int)(100 * MS), behind_ms[j] * MS);
      g_assert_no_error (error);
      g_assert_cmpfloat (lds_server_stats_get_lag_p99_ns (stats), ==, 340.0 * MS);
      lds_server_stats_end (stats, zero_ns + 300 * MS);
      if (cases[i].comes_round)
        {
          tell (stats, 400, 450, 0, 0);
          tell (stats, 500, 900, 0, 0);
        }
      lds_server_stats_apply (stats, run);
      g_assert_cmpuint (run->loop_lag->total, ==, cases[i].total);
      g_assert_cmpfloat_with_epsilon ((double)run->loop_lag->max_ns, (double)(cases[i].max_ms * MS),
                                      (double)MS);
      lds_server_stats_free (stats);
    }
}

static void
test_nothing_told (void)
{
  LdsServerStats *stats = lds_server_stats_new ();
  g_autoptr (LdsRun) run = new_run ();
  g_autoptr (GError) error = NULL;

  lds_server_stats_begin (stats, zero_ns);
  g_assert_true (take (stats, &error,
                       "{\"event\":\"stats\",\"t_ns\":%" G_GINT64_FORMAT ",\"interval_ns\":5}",
                       zero_ns + 50 * MS));
  lds_server_stats_apply (stats, run);
  g_assert_null (run->loop_lag);
  g_assert_true (isnan (run->gil_waiting));
  g_assert_cmpfloat (run->max_queue_depth, ==, 0);
  lds_server_stats_free (stats);
}

static void
test_malformed (void)
{
  static const char *const rests[] = {
      "\"interval_ns\":-1}",
      "\"interval_ns\":\"1\"}",
      "\"interval_ns\":9223372036854775807}",
      "\"interval_ns\":1,\"queue_depth\":-5}",
      "\"interval_ns\":1,\"gil\":7}",
      "\"interval_ns\":1,\"gil\":{}}",
      "\"interval_ns\":1,\"gil\":{\"wait_ns\":-2}}",
      "\"interval_ns\":1,\"loop_lag\":7}",
      "\"interval_ns\":1,\"loop_lag\":\"\"}",
      "\"interval_ns\":1,\"loop_lag\":\"HISTEwAA\"}",
  };
  static const char *const times[] = {"0", "-1", "9223372036854775807", "\"now\"", "null"};
  LdsServerStats *stats = lds_server_stats_new ();
  g_autoptr (LdsRun) run = new_run ();

  lds_server_stats_begin (stats, zero_ns);
  for (guint i = 0; i < G_N_ELEMENTS (rests); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", rests[i]);
      g_assert_false (take (stats, &error, "{\"t_ns\":%" G_GINT64_FORMAT ",%s", zero_ns + MS, rests[i]));
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
    }
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", times[i]);
      g_assert_false (take (stats, &error, "{\"t_ns\":%s,\"interval_ns\":0}", times[i]));
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
    }
  lds_server_stats_apply (stats, run);
  g_assert_null (run->loop_lag);
  g_assert_true (isnan (run->max_queue_depth));
  lds_server_stats_free (stats);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  zero_ns = lds_clock_now_ns ();
  g_test_add_func ("/server-stats/measured-interval", test_measured_interval);
  g_test_add_func ("/server-stats/paces", test_paces);
  g_test_add_func ("/server-stats/stall-at-the-end", test_stall_at_the_end);
  g_test_add_func ("/server-stats/nothing-told", test_nothing_told);
  g_test_add_func ("/server-stats/malformed", test_malformed);
  return g_test_run ();
}
