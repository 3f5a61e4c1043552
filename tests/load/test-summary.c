/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Valid or not, and why: each limit from both sides, each with its code and nothing else. */
#include <glib.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-json.h"
#include "lds-load-summary.h"

typedef struct
{
  LdsLoadPlan plan;
  LdsLoadTally *total;
  LdsLoadThreadUsage usage;
  LdsLoadSummary summary;
} Fixture;

/* A valid run: one second, 1000 requests of 8 ms, 8 connections, so that N = X * R. */
static void
set_up (Fixture *fixture,
        gconstpointer data)
{
  double rate_hz = GPOINTER_TO_INT (data);

  fixture->plan = (LdsLoadPlan){.connections = 8, .threads = 1, .pipeline = 1, .rate_hz = rate_hz};
  fixture->total = lds_load_tally_new (0);
  for (guint i = 0; i < 1000; i++)
    {
      lds_load_tally_record (fixture->total, LDS_LOAD_OK, 8 * LDS_NS_PER_MS, 8 * LDS_NS_PER_MS);
      if (rate_hz > 0)
        lds_histogram_record (&fixture->total->lag, 5 * LDS_NS_PER_US);
    }
  fixture->summary = (LdsLoadSummary){.plan = &fixture->plan,
                                      .client = "native",
                                      .engine = "epoll",
                                      .total = fixture->total,
                                      .threads = &fixture->usage,
                                      .n_threads = 1,
                                      .duration_s = 1};
  fixture->usage = (LdsLoadThreadUsage){.cpu_s = 0.5, .cpu_fraction = 0.5};
}

static void
tear_down (Fixture *fixture,
           gconstpointer data)
{
  lds_load_tally_free (fixture->total);
}

/* @codes: those expected, a blank behind each */
static void
assert_codes (GPtrArray *findings,
              const char *codes)
{
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < findings->len; i++)
    {
      LdsLoadFinding *finding = g_ptr_array_index (findings, i);

      g_string_append_printf (found, "%s ", finding->code);
      g_assert_true (g_str_has_suffix (finding->text, "."));
      g_assert_null (strchr (finding->text, '\n'));
    }
  g_assert_cmpstr (found->str, ==, codes);
  g_ptr_array_unref (findings);
}

static void
assert_reasons (Fixture *fixture,
                const char *codes)
{
  assert_codes (lds_load_summary_invalid_reasons (&fixture->summary), codes);
}

static void
record (Fixture *fixture,
        guint n,
        LdsLoadOutcome outcome)
{
  for (guint i = 0; i < n; i++)
    lds_load_tally_record (fixture->total, outcome, 8 * LDS_NS_PER_MS,
                           outcome == LDS_LOAD_UNSENT ? -1 : 8 * LDS_NS_PER_MS);
}

static void
test_valid (Fixture *fixture,
            gconstpointer data)
{
  assert_reasons (fixture, "");
  assert_codes (lds_load_summary_warnings (&fixture->summary), "");
}

static void
test_nothing (Fixture *fixture,
              gconstpointer data)
{
  lds_load_tally_reset (fixture->total);
  assert_reasons (fixture, "nothing-measured ");
  fixture->summary.duration_s = 0;
  assert_reasons (fixture, "nothing-measured ");
  assert_codes (lds_load_summary_warnings (&fixture->summary), "");
}

/* What was asked for was not measured, unless somebody ended it or a number of requests did. */
static void
test_short (Fixture *fixture,
            gconstpointer data)
{
  fixture->plan.duration_ns = 2 * LDS_NS_PER_S;
  assert_reasons (fixture, "measured-short ");
  fixture->plan.count = 1000;
  assert_reasons (fixture, "");
  fixture->plan.count = 0;
  fixture->summary.ended_early = TRUE;
  assert_reasons (fixture, "");
}

/* Customers who think: N = X * (R + Z). Eight slots, of which each is busy for 8 ms and thinks for 8 ms. */
static void
test_think_time (Fixture *fixture,
                 gconstpointer data)
{
  fixture->plan.think_ns = 8 * LDS_NS_PER_MS;
  assert_codes (lds_load_summary_warnings (&fixture->summary), "littles-law ");
  fixture->plan.pipeline = 2;
  assert_codes (lds_load_summary_warnings (&fixture->summary), "");
}

static void
test_saturated (Fixture *fixture,
                gconstpointer data)
{
  fixture->usage.cpu_fraction = 0.80;
  assert_reasons (fixture, "");
  fixture->usage.cpu_fraction = 0.93;
  assert_reasons (fixture, "client-saturated ");
}

static void
test_errors (Fixture *fixture,
             gconstpointer data)
{
  /* 1 of 1001 is 0.0999 %, 2 of 1002 are 0.1996 %. */
  record (fixture, 1, LDS_LOAD_NON_2XX);
  assert_reasons (fixture, "");
  record (fixture, 1, LDS_LOAD_TIMEOUT);
  assert_reasons (fixture, "errors ");
}

static void
test_wrong_body (Fixture *fixture,
                 gconstpointer data)
{
  record (fixture, 1, LDS_LOAD_WRONG_BODY);
  assert_reasons (fixture, "wrong-body ");
}

static void
test_server_gone (Fixture *fixture,
                  gconstpointer data)
{
  fixture->plan.connections = 200;
  fixture->summary.n_lost = 2;
  assert_reasons (fixture, "");
  fixture->summary.n_lost = 3;
  assert_reasons (fixture, "server-gone ");
}

static void
test_all_failed (Fixture *fixture,
                 gconstpointer data)
{
  lds_load_tally_reset (fixture->total);
  record (fixture, 10, LDS_LOAD_CONNECT);
  assert_reasons (fixture, "no-good-answer errors ");
}

static void
test_rate (Fixture *fixture,
           gconstpointer data)
{
  /* 1000 of 1010 are 99.01 %, 1000 of 1011 are 98.9 %; what is not sent is an error as well. */
  fixture->total->unanswered = 10;
  assert_reasons (fixture, "");
  fixture->total->unanswered = 11;
  assert_reasons (fixture, "rate-missed ");
  fixture->summary.ended_early = TRUE;
  assert_reasons (fixture, "");
  fixture->summary.ended_early = FALSE;
  fixture->total->unanswered = 0;
  record (fixture, 20, LDS_LOAD_UNSENT);
  assert_reasons (fixture, "rate-missed errors ");
}

static void
test_lag (Fixture *fixture,
          gconstpointer data)
{
  for (guint i = 0; i < 10; i++)
    lds_histogram_record (&fixture->total->lag, 5 * LDS_NS_PER_MS);
  /* 10 of 1010 lie above: p99 is still a good one. */
  assert_reasons (fixture, "");
  lds_histogram_record (&fixture->total->lag, 5 * LDS_NS_PER_MS);
  assert_reasons (fixture, "schedule-lag ");
}

/* As of a chat: few requests, each of which is many deliveries. */
static void
test_lag_of_few (Fixture *fixture,
                 gconstpointer data)
{
  lds_histogram_reset (&fixture->total->lag);
  for (guint i = 0; i < 15; i++)
    lds_histogram_record (&fixture->total->lag, 5 * LDS_NS_PER_US);
  lds_histogram_record (&fixture->total->lag, 5 * LDS_NS_PER_MS);
  assert_reasons (fixture, "");
  lds_histogram_record (&fixture->total->lag, 5 * LDS_NS_PER_MS);
  assert_reasons (fixture, "schedule-lag ");
}

static void
test_little (Fixture *fixture,
             gconstpointer data)
{
  fixture->plan.connections = 10;
  assert_codes (lds_load_summary_warnings (&fixture->summary), "littles-law ");
  fixture->plan.rate_hz = 1000;
  assert_codes (lds_load_summary_warnings (&fixture->summary), "");
}

static void
test_plateau (Fixture *fixture,
              gconstpointer data)
{
  fixture->plan.rate_hz = 1000;
  for (guint i = 0; i < 200; i++)
    lds_load_tally_record (fixture->total, LDS_LOAD_OK, 41 * LDS_NS_PER_MS, 41 * LDS_NS_PER_MS);
  assert_codes (lds_load_summary_warnings (&fixture->summary), "delayed-ack ");
  /* A broad hill over the same place is none. */
  for (guint i = 0; i < 400; i++)
    lds_load_tally_record (fixture->total, LDS_LOAD_OK, (30 + i % 20) * LDS_NS_PER_MS,
                           (30 + i % 20) * LDS_NS_PER_MS);
  assert_codes (lds_load_summary_warnings (&fixture->summary), "");
}

static void
test_json (Fixture *fixture,
           gconstpointer data)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *result, *latency;
  LdsHistogram *histogram = lds_histogram_new ();

  record (fixture, 5, LDS_LOAD_RESET);
  node = lds_load_summary_to_json (&fixture->summary);
  result = json_node_get_object (node);
  latency = json_object_get_object_member (result, "latency_us");
  g_assert_cmpint (json_object_get_int_member (result, "requests"), ==, 1000);
  g_assert_cmpfloat (json_object_get_double_member (result, "achieved_rate"), ==, 1000);
  g_assert_cmpfloat (json_object_get_double_member (latency, "p99_9"), ==, 8000);
  g_assert_cmpfloat (json_object_get_double_member (latency, "mean"), ==, 8000);
  g_assert_cmpint (
      json_object_get_int_member (json_object_get_object_member (result, "errors"), "reset"), ==,
      5);
  g_assert_false (json_object_get_boolean_member (result, "valid"));
  g_assert_true (lds_histogram_decode_add (histogram, json_object_get_string_member (result, "latency_histogram")));
  g_assert_cmpuint (histogram->total, ==, 1005);
  lds_histogram_free (histogram);
}

static void
deliver (Fixture *fixture,
         guint n)
{
  fixture->total->deliveries += n;
  for (guint i = 0; i < n; i++)
    lds_histogram_record (&fixture->total->delivery, LDS_NS_PER_MS);
}

/* 1000 messages to 8 members: 8000 deliveries. */
static void
test_reach (Fixture *fixture,
            gconstpointer data)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *stream, *delivery;

  fixture->plan.stream.mode = LDS_LOAD_STREAM_BROADCAST;
  fixture->total->messages = 1000;
  fixture->summary.n_members = 8;
  deliver (fixture, 7919);
  assert_reasons (fixture, "reach ");
  fixture->summary.ended_early = TRUE;
  assert_reasons (fixture, "");
  fixture->summary.ended_early = FALSE;
  deliver (fixture, 1);
  assert_reasons (fixture, "");
  node = lds_load_summary_to_json (&fixture->summary);
  stream = json_object_get_object_member (json_node_get_object (node), "stream");
  g_assert_cmpstr (json_object_get_string_member (stream, "mode"), ==, "broadcast");
  g_assert_cmpint (json_object_get_int_member (stream, "expected"), ==, 8000);
  g_assert_cmpfloat (json_object_get_double_member (stream, "reach"), ==, 0.99);
  delivery = json_object_get_object_member (stream, "delivery_us");
  g_assert_cmpfloat (json_object_get_double_member (delivery, "max"), ==, 1000);
  /* An echo is a request and an answer: what failed is an error, whatever its reach. */
  fixture->plan.stream.mode = LDS_LOAD_STREAM_ECHO;
  fixture->total->messages = 16000;
  assert_reasons (fixture, "");
  g_assert_cmpint ((gint64)lds_load_summary_expected (&fixture->summary), ==, 16000);
}

/* Nothing is sent: what holds of requests says nothing here. */
static void
test_listening (Fixture *fixture,
                gconstpointer data)
{
  fixture->plan.stream.mode = LDS_LOAD_STREAM_LISTEN;
  fixture->summary.n_members = 8;
  lds_load_tally_reset (fixture->total);
  assert_reasons (fixture, "nothing-measured ");
  fixture->total->unstamped = 5;
  assert_reasons (fixture, "nothing-measured ");
  fixture->summary.most = 1000;
  deliver (fixture, 7919);
  assert_reasons (fixture, "reach ");
  deliver (fixture, 1);
  assert_reasons (fixture, "");
  assert_codes (lds_load_summary_warnings (&fixture->summary), "");
  /* 7 of 7927 are 0.09 %, 8 of 7928 are 0.1009 %. */
  fixture->total->failures[LDS_LOAD_RESET] = 7;
  assert_reasons (fixture, "");
  fixture->total->failures[LDS_LOAD_RESET] = 8;
  assert_reasons (fixture, "errors ");
}

#define ADD(name, rate, func) \
  g_test_add ("/load/summary/" name, Fixture, GINT_TO_POINTER (rate), set_up, func, tear_down)

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("valid-closed", 0, test_valid);
  ADD ("valid-open", 1000, test_valid);
  ADD ("nothing", 0, test_nothing);
  ADD ("short", 0, test_short);
  ADD ("think-time", 0, test_think_time);
  ADD ("saturated", 0, test_saturated);
  ADD ("errors", 0, test_errors);
  ADD ("wrong-body", 0, test_wrong_body);
  ADD ("server-gone", 0, test_server_gone);
  ADD ("all-failed", 0, test_all_failed);
  ADD ("rate", 1000, test_rate);
  ADD ("lag", 1000, test_lag);
  ADD ("lag-of-few", 1000, test_lag_of_few);
  ADD ("little", 0, test_little);
  ADD ("plateau", 0, test_plateau);
  ADD ("json", 0, test_json);
  ADD ("reach", 0, test_reach);
  ADD ("listening", 0, test_listening);
  return g_test_run ();
}
