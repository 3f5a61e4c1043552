/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations and schedules as people type them: what is read, and which step is wrong. */
#include <glib.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"
#include "lds-schedule-text.h"

static void
test_durations (void)
{
  static const struct
  {
    const char *text;
    gint64 ms;
  } good[] = {
      {"5", 5000},
      {"0", 0},
      {"2.5s", 2500},
      {"500ms", 500},
      {"0.4ms", 0},
      {"0.6ms", 1},
      {"2m", 120000},
      {"1h", 3600000},
  };
  static const char *const bad[] = {"", "s", "-1s", "1d", "1 s", "1s ", "nan", "inf", "1e300h"};
  gint64 ms;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (lds_parse_duration (good[i].text, 1e3, &ms));
      g_assert_cmpint (ms, ==, good[i].ms);
    }
  ms = -7;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("“%s”", bad[i]);
      g_assert_false (lds_parse_duration (bad[i], 1e3, &ms));
    }
  g_assert_cmpint (ms, ==, -7);
}

static void
test_schedules (void)
{
  static const char *const good[][2] = {
      {"1000:5s", "[{\"rate_hz\":1000.0,\"duration_ms\":5000}]"},
      {"1000:5s,1000-5000:10s", "[{\"rate_hz\":1000.0,\"duration_ms\":5000},{\"rate_hz\":1000.0,\"to_hz\":5000.0,\"duration_ms\":10000}]"},
      {"0-0.5:2m,1e3-0:500ms", "[{\"rate_hz\":0.0,\"to_hz\":0.5,\"duration_ms\":120000},{\"rate_hz\":1000.0,\"to_hz\":0.0,\"duration_ms\":500}]"},
      {"0:1,7-7:2", "[{\"rate_hz\":0.0,\"duration_ms\":1000},{\"rate_hz\":7.0,\"duration_ms\":2000}]"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      JsonArray *array = lds_schedule_text_to_json (good[i][0], "--schedule", &error);
      g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
      g_autofree char *json = NULL;

      g_assert_no_error (error);
      json_node_take_array (node, array);
      json = lds_json_to_text (node, FALSE);
      g_assert_cmpstr (json, ==, good[i][1]);
    }
}

static void
test_refused (void)
{
  /* What is wrong, and the words that the message must hold. */
  static const char *const bad[][2] = {
      {"", "--schedule is empty"},
      {",", "step 1 is “”"},
      {"1000", "step 1 is “1000”"},
      {"1000:5s,", "step 2 is “”"},
      {"1000:5s,x:5s", "step 2 is “x:5s”"},
      {"1000:5s, 2000:5s", "step 2 is “ 2000:5s”"},
      {"1000:", "step 1"},
      {":5s", "step 1"},
      {"-5:5s", "step 1"},
      {"5-:5s", "step 1"},
      {"5--6:5s", "step 1"},
      {"5-6-7:5s", "step 1"},
      {"5:5x", "step 1"},
      {"5:-5s", "step 1"},
      {"5:inf", "step 1"},
      {"nan:5s", "step 1"},
      {"inf:5s", "step 1"},
      {"1e999:5s", "step 1"},
      {"5:5s:5s", "step 1"},
      {"5;5s", "step 1"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      JsonArray *array = lds_schedule_text_to_json (bad[i][0], "--schedule", &error);

      g_test_message ("%s: %s", bad[i][0], error != NULL ? error->message : "accepted");
      g_assert_null (array);
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      g_assert_nonnull (strstr (error->message, bad[i][1]));
      g_assert_null (strchr (error->message, '\n'));
    }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/schedule-text/durations", test_durations);
  g_test_add_func ("/core/schedule-text/schedules", test_schedules);
  g_test_add_func ("/core/schedule-text/refused", test_refused);
  return g_test_run ();
}
