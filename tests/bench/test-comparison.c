/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes and sessions compared: which runs are set against which, what is said, what is written. */
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"
#include "lds-junit.h"
#include "lds-self-test.h"

/* A run of 2000 answers within 1 ms at @rate_hz, of a server that needs @cpu_us a request. */
static LdsRun *
new_run (const LdsPlan *plan,
         guint index,
         double rate_hz,
         double cpu_us)
{
  LdsRunSpec spec = lds_plan_run_spec (plan, index);
  LdsRun *run = lds_run_new (&spec);

  run->response = lds_histogram_new ();
  for (guint i = 0; i < 2000; i++)
    lds_histogram_record (run->response, 1000000);
  run->duration_s = 2;
  run->requests = 2000;
  run->achieved_rate_hz = rate_hz;
  run->server_cpu_s = cpu_us * 2000 / 1e6;
  return run;
}

static LdsSession *
new_session (const char *const *lanes,
             guint repeats)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();

  for (guint i = 0; lanes[i] != NULL; i++)
    g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find (lanes[i], NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  plan->repeats = repeats;
  return lds_session_new (plan);
}

static const char *const two_lanes[] = {"event-loop", "prefork", NULL};

/* Two lanes on a machine that gets slower by a tenth each repeat; prefork does 3 % less beside it, give or
 * take. */
static LdsSession *
new_drifting (void)
{
  const double shares[] = {0.972, 0.968, 0.971, 0.969, 0.970};
  LdsSession *session = new_session (two_lanes, 5);

  for (guint i = 0; i < lds_plan_n_runs (session->plan); i++)
    {
      LdsRunSpec spec = lds_plan_run_spec (session->plan, i);
      double rate_hz = 10000 * pow (0.9, spec.repeat) *
                       (spec.lane == session->plan->lanes->pdata[0] ? 1 : shares[spec.repeat]);

      g_ptr_array_add (session->runs, new_run (session->plan, i, rate_hz, 1e6 / rate_hz));
    }
  return session;
}

static LdsSelection
select_lane (const LdsSession *session,
             guint lane)
{
  return (LdsSelection){session, session->plan->lanes->pdata[lane],
                        session->plan->workloads->pdata[0]};
}

static LdsComparison *
compare (const LdsSession *a,
         guint lane_a,
         const LdsSession *b,
         guint lane_b)
{
  LdsSelection reference = select_lane (a, lane_a), other = select_lane (b, lane_b);

  return lds_comparison_new (&reference, &other, 1);
}

static LdsComparisonVerdict
verdict_of (const LdsComparison *comparison,
            const char *id)
{
  const LdsMetric *metric = lds_metric_find (id);

  return lds_comparison_verdict (lds_comparison_get (comparison, metric), metric);
}

static void
test_pairs (void)
{
  g_autoptr (LdsSession) session = new_drifting (), other = new_drifting ();
  g_autoptr (LdsComparison) comparison = compare (session, 0, session, 1);
  g_autoptr (LdsComparison) by_ranks = compare (session, 0, other, 1);
  const LdsDifference *difference =
      lds_comparison_get (comparison, lds_metric_find ("throughput"));

  g_assert_cmpuint (difference->test, ==, LDS_COMPARE_PAIRS);
  g_assert_cmpuint (difference->n_a, ==, 5);
  g_assert_cmpfloat_with_epsilon (difference->ratio, 0.97, 1e-4);
  g_assert_cmpuint (verdict_of (comparison, "throughput"), ==, LDS_VERDICT_WORSE);
  g_assert_cmpuint (verdict_of (comparison, "cpu_per_request"), ==, LDS_VERDICT_WORSE);
  g_assert_cmpuint (verdict_of (comparison, "p99"), ==, LDS_VERDICT_NONE);
  /* No figure, no verdict. */
  g_assert_cmpuint (verdict_of (comparison, "gil_waiting"), ==, LDS_VERDICT_TOO_FEW);
  g_assert_cmpuint (lds_comparison_get (comparison, lds_metric_find ("gil_waiting"))->n_a, ==, 0);
  /* Runs of two sessions are no pairs, and the drift hides the difference. */
  difference = lds_comparison_get (by_ranks, lds_metric_find ("throughput"));
  g_assert_cmpuint (difference->test, ==, LDS_COMPARE_RANKS);
  g_assert_cmpuint (verdict_of (by_ranks, "throughput"), ==, LDS_VERDICT_NONE);
}

/* What is INVALID goes, and with it its partner. */
static void
test_invalid (void)
{
  g_autoptr (LdsSession) session = new_drifting ();
  g_autoptr (LdsComparison) four = NULL, few = NULL;
  const LdsDifference *difference;

  lds_run_invalidate (session->runs->pdata[0], "server-died", "The server died.");
  four = compare (session, 0, session, 1);
  difference = lds_comparison_get (four, lds_metric_find ("throughput"));
  g_assert_cmpuint (four->n_valid_reference, ==, 4);
  g_assert_cmpuint (four->n_invalid_reference, ==, 1);
  g_assert_cmpuint (four->n_valid_other, ==, 5);
  g_assert_cmpuint (difference->n_b, ==, 4);
  g_assert_cmpuint (difference->test, ==, LDS_COMPARE_PAIRS);
  /* Three pairs are too few, and what is left is compared by ranks: 3 against 4 have no p below 5 %. */
  for (guint i = 0; i < session->runs->len; i++)
    {
      LdsRun *run = session->runs->pdata[i];

      if ((run->spec.repeat == 1 && run->spec.lane == session->plan->lanes->pdata[0]) ||
          (run->spec.repeat == 2 && run->spec.lane == session->plan->lanes->pdata[1]))
        lds_run_invalidate (run, "server-died", "The server died.");
    }
  few = compare (session, 0, session, 1);
  difference = lds_comparison_get (few, lds_metric_find ("throughput"));
  g_assert_cmpuint (difference->test, ==, LDS_COMPARE_RANKS);
  g_assert_cmpuint (verdict_of (few, "throughput"), ==, LDS_VERDICT_TOO_FEW);
}

static void
test_best (void)
{
  const char *const lanes[] = {"gil-threads", "event-loop", "prefork", NULL};
  const double rates[] = {9000, 9010, 3000};
  g_autoptr (LdsSession) session = new_session (lanes, 5);
  const LdsWorkload *workload = session->plan->workloads->pdata[0];
  g_autoptr (GPtrArray) comparisons = NULL, none = NULL;
  g_autofree char *ranking = NULL, *nothing = NULL, *sentence = NULL;
  const LdsComparison *comparison;

  nothing = lds_comparison_dup_ranking (session, workload);
  g_assert_null (nothing);
  for (guint i = 0; i < lds_plan_n_runs (session->plan); i++)
    {
      LdsRunSpec spec = lds_plan_run_spec (session->plan, i);
      guint lane = 0;

      g_ptr_array_find (session->plan->lanes, spec.lane, &lane);
      g_ptr_array_add (session->runs,
                       new_run (session->plan, i, rates[lane] + (i * 7 % 5) * 100, 100 + lane));
    }
  comparisons = lds_comparison_list_best (session, workload);
  g_assert_cmpuint (comparisons->len, ==, 2);
  comparison = comparisons->pdata[0];
  g_assert_cmpstr (comparison->reference.lane->model_id, ==, "event-loop");
  g_assert_cmpstr (comparison->other.lane->model_id, ==, "gil-threads");
  /* Three lanes are three pairs, all of which were looked at. */
  g_assert_cmpfloat_with_epsilon (comparison->alpha, 0.05 / 3, 1e-12);
  g_assert_cmpuint (verdict_of (comparison, "throughput"), ==, LDS_VERDICT_NONE);
  g_assert_cmpuint (verdict_of (comparisons->pdata[1], "throughput"), ==, LDS_VERDICT_WORSE);
  ranking = lds_comparison_dup_ranking (session, workload);
  g_assert_cmpstr (ranking, ==, "Best median in “Throughput”: Event loop (model). "
                                "No detectable difference from it: Threads with one lock (model). "
                                "Worse: Worker processes (model).");
  sentence = lds_comparison_dup_sentence (comparison, lds_metric_find ("throughput"), "A", "B");
  g_assert_true (g_str_has_prefix (sentence, "Hello, Throughput: no detectable difference between A and B; if there is one, the ratio is within 0.9"));

  /* At one offered rate, what a request costs decides. */
  session->plan->rate_hz = 2000;
  none = lds_comparison_list_best (session, workload);
  g_assert_cmpstr (lds_comparison_main_metric (session, workload)->id, ==, "cpu_per_request");
  g_assert_cmpstr (((LdsComparison *)none->pdata[0])->reference.lane->model_id, ==, "gil-threads");
  ((LdsRun *)session->runs->pdata[0])->server_cpu_s = NAN;
  g_assert_cmpstr (lds_comparison_main_metric (session, workload)->id, ==, "p99");
}

/* Where connections stay open the ranking is by what is delivered, and how fast it is. */
static void
test_stream (void)
{
  g_autoptr (LdsSession) session = new_session (two_lanes, 5);
  const LdsWorkload *chat = lds_workload_find ("chat", NULL), *live = lds_workload_find ("live", NULL);
  g_autofree char *ranking = NULL;

  session->plan->workloads->pdata[0] = (gpointer)chat;
  g_assert_cmpstr (lds_comparison_main_metric (session, chat)->id, ==, "deliveries");
  g_assert_cmpstr (lds_comparison_main_metric (session, live)->id, ==, "delivery_p99");
  session->plan->rate_hz = 100;
  for (guint i = 0; i < lds_plan_n_runs (session->plan); i++)
    {
      LdsRun *run = new_run (session->plan, i, 100, 10);
      gint64 delivery_ns = run->spec.lane == session->plan->lanes->pdata[0] ? 5000000 : 2000000;

      run->delivery = lds_histogram_new ();
      for (guint j = 0; j < 1000; j++)
        lds_histogram_record (run->delivery, delivery_ns + i % 3 * 10000);
      g_ptr_array_add (session->runs, run);
    }
  ranking = lds_comparison_dup_ranking (session, chat);
  g_assert_cmpstr (ranking, ==, "Best median in “Delivery to a member, p99”: Worker processes (model). "
                                "Worse: Event loop (model).");
  /* Too few deliveries for a p99 in one run. */
  lds_histogram_reset (((LdsRun *)session->runs->pdata[0])->delivery);
  lds_histogram_record (((LdsRun *)session->runs->pdata[0])->delivery, 5000000);
  g_assert_cmpstr (lds_comparison_main_metric (session, chat)->id, ==, "delivery_p50");
}

/* One run with an error among five without: by how many times as much there may be is not known. */
static void
test_no_bound (void)
{
  g_autoptr (LdsSession) a = new_drifting (), b = new_drifting ();
  g_autoptr (LdsComparison) comparison = NULL;
  g_autofree char *sentence = NULL;
  const LdsMetric *errors = lds_metric_find ("errors");

  ((LdsRun *)b->runs->pdata[0])->errors = 10;
  comparison = compare (a, 0, b, 0);
  g_assert_cmpuint (verdict_of (comparison, "errors"), ==, LDS_VERDICT_NONE);
  g_assert_true (isinf (lds_comparison_get (comparison, errors)->high));
  sentence = lds_comparison_dup_sentence (comparison, errors, "A", "B");
  g_assert_cmpstr (sentence, ==, "Hello, Errors: no detectable difference between A and B.");
}

static void
test_caveats (void)
{
  g_autoptr (LdsSession) a = new_session (two_lanes, 5), b = new_session (two_lanes, 5);
  g_autoptr (GPtrArray) same = NULL, differ = NULL;

  json_object_set_string_member (a->environment, "cpu_model", "CPU 1");
  json_object_set_string_member (b->environment, "cpu_model", "CPU 1");
  json_object_set_string_member (a->environment, "started_at", "2026-11-21T11:00:00Z");
  json_object_set_string_member (b->environment, "started_at", "2026-11-22T11:00:00Z");
  same = lds_comparison_list_caveats (a, b, a->plan->workloads);
  g_assert_cmpuint (same->len, ==, 0);
  json_object_set_string_member (b->environment, "cpu_model", "CPU 2");
  json_object_set_string_member (b->environment, "loadstone_version", "9.0");
  json_object_set_string_member (a->environment, "commit", "0123456789ab");
  json_object_set_string_member (b->environment, "commit", "ba9876543210");
  json_object_set_null_member (a->environment, "governor");
  json_object_set_string_member (b->environment, "governor", "powersave");
  b->plan->connections = 8;
  b->plan->duration_ms = 2500;
  differ = lds_comparison_list_caveats (a, b, a->plan->workloads);
  g_assert_cmpuint (differ->len, ==, 4);
  g_assert_nonnull (strstr (differ->pdata[0], "connections of “Hello”: 64 / 8; seconds measured: 5 / 2.5."));
  g_assert_nonnull (strstr (differ->pdata[1], "different machines"));
  g_assert_nonnull (strstr (differ->pdata[1], "cpu model: CPU 1 / CPU 2."));
  g_assert_nonnull (strstr (differ->pdata[2], "commit: 0123456789ab / ba9876543210"));
  g_assert_nonnull (strstr (differ->pdata[2], "loadstone version: – / 9.0"));
  g_assert_nonnull (strstr (differ->pdata[3], "governor: – / powersave."));
}

static void
test_json (void)
{
  g_autoptr (LdsSession) session = new_drifting (), back = NULL;
  g_autoptr (JsonNode) json = NULL, again = NULL;
  g_autoptr (GError) error = NULL;
  LdsSelfTest simulated = lds_self_test_simulate (200, 5, LDS_COMPARE_PAIRS), measured = {0};
  JsonObject *comparison, *throughput;
  JsonArray *comparisons;

  measured = (LdsSelfTest){lds_metric_find ("p99"), LDS_COMPARE_PAIRS, 5, 20, 1};
  measured.made_at_us = G_GINT64_CONSTANT (1795260300000000);
  g_array_append_val (session->self_tests, simulated);
  g_array_append_val (session->self_tests, measured);
  json = lds_session_to_json (session);
  comparisons = json_object_get_array_member (json_node_get_object (json), "comparisons");
  g_assert_cmpuint (json_array_get_length (comparisons), ==, 1);
  comparison = json_array_get_object_element (comparisons, 0);
  g_assert_cmpstr (json_object_get_string_member (comparison, "reference"), ==, "model:event-loop");
  throughput = json_object_get_object_member (
      json_object_get_object_member (comparison, "metrics"), "throughput_hz");
  g_assert_cmpstr (json_object_get_string_member (throughput, "verdict"), ==, "worse");
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (throughput, "median_reference"),
                                  8100, 1e-6);
  back = lds_session_from_json (json_node_get_object (json), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->self_tests->len, ==, 2);
  g_assert_cmpint (g_array_index (back->self_tests, LdsSelfTest, 1).made_at_us, ==,
                   measured.made_at_us);
  g_assert_cmpint (llabs (g_array_index (back->self_tests, LdsSelfTest, 0).made_at_us -
                          g_get_real_time ()),
                   <, G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC);
  again = lds_session_to_json (back);
  g_assert_true (json_node_equal (json, again));
}

/* Hostile self-tests are refused by name, or what cannot be is left out. */
static void
test_refused (void)
{
  static const char *const bad[] = {
      "{\"self_test\": 7}",
      "{\"self_test\": [7]}",
      "{\"self_test\": [{\"n_comparisons\": -1}]}",
      "{\"self_test\": [{\"n_comparisons\": 1e300}]}",
      "{\"self_test\": [{\"n_comparisons\": 3, \"n_found\": 4}]}",
      "{\"self_test\": [{\"n_comparisons\": 3, \"n_runs\": 0}]}",
      "{\"self_test\": [{\"test\": []}]}",
      "{\"self_test\": [{\"made_at\": \"yesterday\"}]}",
      "{\"self_test\": [{\"made_at\": 7}]}",
  };
  static const char newer[] = "{\"self_test\": [{\"metric\": \"new_ns\"}, {\"n_comparisons\": 1}]}";
  g_autoptr (GArray) tests = g_array_new (FALSE, FALSE, sizeof (LdsSelfTest));
  g_autoptr (JsonNode) unknown = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (JsonNode) node = lds_json_parse (bad[i], strlen (bad[i]), "test", NULL);
      g_autoptr (GError) error = NULL;

      g_assert_false (lds_self_test_list_from_json (json_node_get_object (node), tests, &error));
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
    }
  g_array_set_size (tests, 0);
  unknown = lds_json_parse (newer, strlen (newer), "test", NULL);
  g_assert_true (lds_self_test_list_from_json (json_node_get_object (unknown), tests, NULL));
  g_assert_cmpuint (tests->len, ==, 1);
}

/* "No detectable difference" except in about 5 %. Source: METHOD, marks. */
static void
test_simulated (void)
{
  for (guint n_runs = LDS_SESSION_MIN_RUNS; n_runs <= 9; n_runs += 2)
    for (guint test = LDS_COMPARE_RANKS; test <= LDS_COMPARE_PAIRS; test++)
      {
        LdsSelfTest result = lds_self_test_simulate (3000, n_runs, (LdsCompareTest)test);
        LdsSelfTest again = lds_self_test_simulate (3000, n_runs, (LdsCompareTest)test);
        double low, high, rate = lds_self_test_rate (&result, &low, &high);

        g_assert_cmpuint (result.n_comparisons, ==, 3000);
        g_assert_cmpuint (result.n_found, ==, again.n_found);
        g_assert_cmpfloat (rate, >=, LDS_SELF_TEST_MIN_RATE);
        g_assert_cmpfloat (rate, <=, LDS_SELF_TEST_MAX_RATE);
        g_assert_false (lds_self_test_fails (&result));
      }
  /* A test that always finds something, or never anything, would be seen. */
  g_assert_true (lds_self_test_fails (&(LdsSelfTest){NULL, LDS_COMPARE_PAIRS, 5, 200, 40}));
  g_assert_true (lds_self_test_fails (&(LdsSelfTest){NULL, LDS_COMPARE_PAIRS, 5, 1000, 5}));
  g_assert_false (lds_self_test_fails (&(LdsSelfTest){NULL, LDS_COMPARE_PAIRS, 5, 20, 0}));
  g_assert_false (lds_self_test_fails (&(LdsSelfTest){NULL, LDS_COMPARE_PAIRS, 5, 1, 1}));
  g_assert_true (lds_self_test_fails (&(LdsSelfTest){NULL, LDS_COMPARE_PAIRS, 5, 20, 6}));
}

/* Ten runs are one comparison, dealt out A B B A A B B A A B. */
static void
test_measured (void)
{
  g_autoptr (LdsPlan) plan = lds_self_test_new_plan (2);
  g_autoptr (LdsSession) session = lds_session_new (plan);
  g_autoptr (GError) error = NULL;
  LdsSelfTest result;
  LdsRun *again;

  g_assert_true (lds_plan_validate (plan, &error));
  g_assert_cmpuint (lds_plan_n_runs (plan), ==, 20);
  for (guint i = 0; i < 20; i++)
    {
      gboolean second = "ABBAABBAAB"[i % 10] == 'B';

      /* The first comparison is of two things, the second one of one. */
      g_ptr_array_add (session->runs,
                       new_run (plan, i, 2000, (i < 10 && second ? 20 : 10) + (i * 7 % 5) / 10.0));
    }
  result = lds_self_test_measure (session, lds_metric_find ("cpu_per_request"));
  g_assert_cmpuint (result.n_comparisons, ==, 2);
  g_assert_cmpuint (result.n_found, ==, 1);
  /* One that was refused and made again has the place of its repeat, and all others keep theirs. */
  again = new_run (plan, 3, 2000, 99);
  lds_run_invalidate (again, "late-start", "It was held up.");
  g_ptr_array_insert (session->runs, 3, again);
  result = lds_self_test_measure (session, lds_metric_find ("cpu_per_request"));
  g_assert_cmpuint (result.n_comparisons, ==, 2);
  g_assert_cmpuint (result.n_found, ==, 1);
  g_ptr_array_remove_index (session->runs, 3);
  /* Two pairs lost are too many. */
  lds_run_invalidate (session->runs->pdata[0], "server-died", "The server died.");
  lds_run_invalidate (session->runs->pdata[2], "server-died", "The server died.");
  result = lds_self_test_measure (session, lds_metric_find ("cpu_per_request"));
  g_assert_cmpuint (result.n_comparisons, ==, 1);
  g_assert_cmpuint (result.n_found, ==, 0);
}

/* What a session is given of each kind takes the place of what it had. */
static void
test_of_session (void)
{
  g_autoptr (LdsSession) session = new_session (two_lanes, 7), runs = NULL;
  g_autoptr (LdsPlan) plan = lds_self_test_new_plan (2);
  g_autofree char *time = NULL;
  const LdsSelfTest *test;

  lds_self_test_add_simulated (session);
  g_assert_cmpuint (session->self_tests->len, ==, 2);
  g_assert_false (lds_self_test_is_measured (session));
  test = &g_array_index (session->self_tests, LdsSelfTest, 0);
  g_assert_cmpuint (test->n_comparisons, ==, 200);
  g_assert_cmpuint (test->n_runs, ==, 7);

  /* Alike: nothing to warn of. */
  runs = lds_session_new (plan);
  for (guint i = 0; i < 20; i++)
    g_ptr_array_add (runs->runs, new_run (plan, i, 2000, 10 + (i * 7 % 5) / 10.0));
  ((LdsRun *)runs->runs->pdata[0])->started_at_us = G_GINT64_CONSTANT (1795260300123456);
  lds_self_test_add_measured (session, runs);
  g_assert_cmpuint (session->self_tests->len, ==, 2 + 4);
  g_assert_cmpuint (session->warnings->len, ==, 0);
  lds_self_test_add_simulated (session);
  lds_self_test_add_measured (session, runs);
  g_assert_cmpuint (session->self_tests->len, ==, 2 + 4);
  g_assert_true (lds_self_test_is_measured (session));
  g_assert_null (g_array_index (session->self_tests, LdsSelfTest, 1).metric);
  test = &g_array_index (session->self_tests, LdsSelfTest, 3);
  g_assert_true (test->metric == lds_metric_find ("cpu_per_request"));
  g_assert_cmpuint (test->n_comparisons, ==, 2);
  time = lds_self_test_dup_time (test);
  g_assert_cmpstr (time, ==, "2026-11-21 11:25 UTC");

  /* Every second run costs twice as much: that is found each time, where nothing is to be found. */
  for (guint i = 0; i < 20; i++)
    {
      LdsRun *run = runs->runs->pdata[i];

      if ("ABBAABBAAB"[i % 10] == 'B')
        run->server_cpu_s *= 2;
    }
  lds_self_test_add_measured (session, runs);
  g_assert_cmpuint (g_array_index (session->self_tests, LdsSelfTest, 3).n_found, ==, 2);
  g_assert_cmpuint (session->warnings->len, ==, 1);
  g_assert_cmpstr (((LdsInvalidReason *)session->warnings->pdata[0])->code, ==, "self-test");
  g_assert_nonnull (strstr (((LdsInvalidReason *)session->warnings->pdata[0])->text, "not to be believed"));
}

static void
test_junit (void)
{
  g_autoptr (LdsSession) session = new_drifting ();
  g_autofree char *xml = NULL;

  session->plan->slo_p99_ms = 0.5;
  for (guint i = 0; i < session->runs->len; i++)
    if (((LdsRun *)session->runs->pdata[i])->spec.lane == session->plan->lanes->pdata[1])
      lds_run_invalidate (session->runs->pdata[i], "server-died", "It said \"<\x01&\".");
  xml = lds_junit_from_session (session);
  g_assert_nonnull (strstr (xml, "<testsuite name=\"hello\" tests=\"2\" failures=\"2\" errors=\"0\" skipped=\"0\" time=\"20.000\">"));
  g_assert_nonnull (strstr (xml, "<testcase classname=\"hello\" name=\"model:event-loop\" time=\"10.000\">\n      <failure type=\"slo\" message=\"The p99 is 1.00\u00a0ms, above the limit of 500\u00a0µs.\"/>"));
  g_assert_nonnull (strstr (xml, "<failure type=\"invalid\" message=\"INVALID: It said &quot;&lt;?&amp;&quot;.\"/>"));
  g_free (xml);
  session->plan->slo_p99_ms = 2;
  ((LdsRun *)session->runs->pdata[1])->valid = TRUE;
  xml = lds_junit_from_session (session);
  g_assert_nonnull (strstr (xml, "failures=\"0\""));
  g_assert_nonnull (strstr (xml, "<system-out>INVALID, 4 of 5 runs: "));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/comparison/pairs", test_pairs);
  g_test_add_func ("/bench/comparison/invalid", test_invalid);
  g_test_add_func ("/bench/comparison/best", test_best);
  g_test_add_func ("/bench/comparison/stream", test_stream);
  g_test_add_func ("/bench/comparison/no-bound", test_no_bound);
  g_test_add_func ("/bench/comparison/caveats", test_caveats);
  g_test_add_func ("/bench/comparison/json", test_json);
  g_test_add_func ("/bench/comparison/refused", test_refused);
  g_test_add_func ("/bench/comparison/simulated", test_simulated);
  g_test_add_func ("/bench/comparison/measured", test_measured);
  g_test_add_func ("/bench/comparison/of-session", test_of_session);
  g_test_add_func ("/bench/comparison/junit", test_junit);
  return g_test_run ();
}
