/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs and sessions: known figures in the summary, JSON both ways, hostile JSON refused. */
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"
#include "lds-session.h"

/* A run of 1000 answers of which one in a hundred took @slow_ns and the others 1 ms. */
static LdsRun *
new_run (const LdsPlan *plan,
         guint index,
         double rate_hz,
         gint64 slow_ns)
{
  LdsRunSpec spec = lds_plan_run_spec (plan, index);
  LdsRun *run = lds_run_new (&spec);
  LdsSample sample = {.t_ns = -100000000,
                      .phase = LDS_PHASE_WARM_UP,
                      .rate_hz = NAN,
                      .error_rate_hz = NAN,
                      .p50_ns = NAN,
                      .p99_ns = NAN,
                      .rss_bytes = 1 << 20,
                      .pss_bytes = 1 << 19,
                      .server_cpu_cores = 0.125,
                      .client_cpu_cores = 0.1,
                      .n_processes = 1,
                      .n_threads = 2};

  run->response = lds_histogram_new ();
  run->service = lds_histogram_new ();
  for (guint i = 0; i < 1000; i++)
    {
      lds_histogram_record (run->response, i % 50 == 0 ? slow_ns : 1000000);
      lds_histogram_record (run->service, 1000000);
    }
  run->engine = g_strdup ("epoll");
  run->duration_s = 2.5;
  run->requests = 1000;
  run->achieved_rate_hz = rate_hz;
  run->server_cpu_s = 1;
  run->client_cpu_s = 0.5;
  run->base_rss_bytes = 1 << 20;
  run->start_up_ms = 12.75;
  run->started_at_us = G_GINT64_CONSTANT (1795000000000000);
  g_array_append_val (run->samples, sample);
  sample.t_ns = 100000000;
  sample.phase = LDS_PHASE_MEASURE;
  sample.rate_hz = 10000.0 / 3;
  sample.error_rate_hz = 0;
  sample.n_threads = 5;
  g_array_append_val (run->samples, sample);
  return run;
}

static LdsSession *
new_session (guint repeats)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  plan->repeats = repeats;
  return lds_session_new (plan);
}

static const LdsEstimate *
get_estimate (const LdsSummary *summary,
              const char *id)
{
  guint n_metrics;

  return &summary->estimates[lds_metric_find (id) - lds_metric_list (&n_metrics)];
}

static void
test_summary (void)
{
  g_autoptr (LdsSession) session = new_session (3);
  g_autoptr (GPtrArray) summaries = NULL;
  const LdsSummary *summary;
  LdsRun *invalid;

  /* Runs 0, 3 and 4 are the event loop's, 1, 2 and 5 prefork's. */
  g_ptr_array_add (session->runs, new_run (session->plan, 0, 100, 5000000));
  g_ptr_array_add (session->runs, new_run (session->plan, 3, 300, 5000000));
  g_ptr_array_add (session->runs, new_run (session->plan, 4, 200, 5000000));
  invalid = new_run (session->plan, 1, 900, 5000000);
  lds_run_invalidate (invalid, "server-died", "The server died.");
  lds_run_invalidate (invalid, "server-died", "A second time.");
  lds_run_warn (invalid, "machine-busy", "The machine was busy.");
  g_ptr_array_add (session->runs, invalid);

  summaries = lds_session_summarize (session);
  g_assert_cmpuint (summaries->len, ==, 2);
  summary = summaries->pdata[0];
  g_assert_cmpstr (summary->lane->model_id, ==, "event-loop");
  g_assert_cmpuint (summary->n_valid, ==, 3);
  g_assert_cmpuint (summary->n_invalid, ==, 0);
  g_assert_cmpuint (get_estimate (summary, "throughput")->n, ==, 3);
  g_assert_cmpfloat (get_estimate (summary, "throughput")->median, ==, 200);
  g_assert_cmpfloat (get_estimate (summary, "throughput")->low, <=, 200);
  g_assert_cmpfloat (get_estimate (summary, "throughput")->high, >=, 200);
  g_assert_cmpfloat_with_epsilon (get_estimate (summary, "p50")->median, 1e6, 1e3);
  g_assert_cmpfloat_with_epsilon (get_estimate (summary, "p99")->median, 5e6, 5e3);
  /* 1000 answers do not carry a p99.9. */
  g_assert_cmpuint (get_estimate (summary, "p99_9")->n, ==, 0);
  g_assert_cmpfloat (get_estimate (summary, "cpu_per_request")->median, ==, 1e6);
  g_assert_cmpfloat (get_estimate (summary, "server_cpu")->median, ==, 0.4);
  g_assert_cmpfloat (get_estimate (summary, "threads")->median, ==, 5);
  g_assert_cmpuint (summary->response->total, ==, 3000);
  g_assert_cmpuint (summary->notes->len, ==, 1);
  g_assert_nonnull (strstr (summary->notes->pdata[0], "3 valid runs"));

  /* What is invalid never enters a figure. */
  summary = summaries->pdata[1];
  g_assert_cmpuint (summary->n_valid, ==, 0);
  g_assert_cmpuint (summary->n_invalid, ==, 1);
  g_assert_cmpuint (get_estimate (summary, "throughput")->n, ==, 0);
  g_assert_true (isnan (get_estimate (summary, "throughput")->median));
  g_assert_null (summary->response);
  g_assert_cmpuint (summary->reasons->len, ==, 1);
  g_assert_cmpstr (summary->reasons->pdata[0], ==, "The server died.");
  g_assert_true (lds_session_has_gaps (session));
}

static void
test_slo (void)
{
  g_autoptr (LdsSession) session = new_session (1);

  g_ptr_array_add (session->runs, new_run (session->plan, 0, 100, 5000000));
  g_assert_false (lds_session_misses_slo (session));
  session->plan->slo_p99_ms = 4;
  g_assert_true (lds_session_misses_slo (session));
  session->plan->slo_p99_ms = 6;
  g_assert_false (lds_session_misses_slo (session));
  g_assert_true (lds_session_has_gaps (session));
  g_ptr_array_add (session->runs, new_run (session->plan, 1, 100, 5000000));
  g_assert_false (lds_session_has_gaps (session));
}

/* A percentile is shown where the sample has it; an SLO is held against what there is. */
static void
test_few_answers (void)
{
  const struct
  {
    guint n_answers;
    gboolean has_p90, has_p99;
    const char *note; /* second one: the first is of the number of runs */
  } cases[] = {
      {9, FALSE, FALSE, "A run of 9 answers has no p99: it takes 100."},
      {99, TRUE, FALSE, "A run of 99 answers has no p99: it takes 100."},
      {100, TRUE, TRUE, "The p99 is rough: a run had only 100 answers, and it takes 1000 for ten beyond it."},
      {1000, TRUE, TRUE, NULL},
  };

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      g_autoptr (LdsSession) session = new_session (1);
      g_autoptr (GPtrArray) summaries = NULL;
      LdsRun *run = new_run (session->plan, 0, 100, 5000000);
      const LdsSummary *summary;

      lds_histogram_free (run->response);
      run->response = lds_histogram_new ();
      for (guint i = 0; i < cases[c].n_answers; i++)
        lds_histogram_record (run->response, 5000000);
      g_ptr_array_add (session->runs, run);
      session->plan->slo_p99_ms = 4;
      summaries = lds_session_summarize (session);
      summary = summaries->pdata[0];
      g_assert_cmpuint (get_estimate (summary, "p50")->n, ==, 1);
      g_assert_cmpuint (get_estimate (summary, "p90")->n, ==, cases[c].has_p90);
      g_assert_cmpuint (get_estimate (summary, "p99")->n, ==, cases[c].has_p99);
      g_assert_cmpuint (summary->notes->len, ==, cases[c].note != NULL ? 2 : 1);
      if (cases[c].note != NULL)
        g_assert_cmpstr (summary->notes->pdata[1], ==, cases[c].note);
      g_assert_true (lds_summary_misses_slo (summary, session->plan));
      g_assert_true (lds_session_misses_slo (session));
      session->plan->slo_p99_ms = 6;
      g_assert_false (lds_session_misses_slo (session));
    }
}

/* Beyond the SLO is a workload on which every lane misses it, if any server could keep it at all. */
static void
test_beyond_slo (void)
{
  g_autoptr (LdsSession) session = new_session (1);
  const LdsWorkload *slow = lds_workload_find ("slow", NULL);

  session->plan->slo_p99_ms = 4;
  g_assert_null (lds_session_find_beyond_slo (session));
  g_ptr_array_add (session->runs, new_run (session->plan, 0, 100, 5000000));
  g_assert_true (lds_session_find_beyond_slo (session) == session->plan->workloads->pdata[0]);
  g_ptr_array_add (session->runs, new_run (session->plan, 1, 100, 3000000));
  g_assert_null (lds_session_find_beyond_slo (session));
  ((LdsRun *)session->runs->pdata[1])->valid = FALSE;
  g_assert_nonnull (lds_session_find_beyond_slo (session));

  session->plan->workloads->pdata[0] = (gpointer)slow;
  for (guint i = 0; i < session->runs->len; i++)
    ((LdsRun *)session->runs->pdata[i])->spec.workload = slow;
  g_assert_null (lds_session_find_beyond_slo (session));
}

/* A run of a stream: @n_answers came back within 1 ms, and @n_deliveries reached members within @delivery_ns. */
static LdsRun *
new_stream_run (const LdsPlan *plan,
                guint index,
                guint n_answers,
                guint n_deliveries,
                gint64 delivery_ns)
{
  LdsRun *run = new_run (plan, index, 100, 1000000);

  lds_histogram_free (run->response);
  run->response = lds_histogram_new ();
  for (guint i = 0; i < n_answers; i++)
    lds_histogram_record (run->response, 1000000);
  run->delivery = lds_histogram_new ();
  for (guint i = 0; i < n_deliveries; i++)
    lds_histogram_record (run->delivery, delivery_ns);
  for (guint i = 0; i < run->samples->len; i++)
    {
      LdsSample *sample = &g_array_index (run->samples, LdsSample, i);

      sample->deliveries_hz = 5000;
      sample->delivery_p50_ns = sample->delivery_p99_ns = (double)delivery_ns;
    }
  return run;
}

static LdsSession *
new_stream_session (void)
{
  LdsSession *session = new_session (1);

  session->plan->workloads->pdata[0] = (gpointer)lds_workload_find ("chat", NULL);
  session->plan->lanes->pdata[1] = (gpointer)lds_lane_find ("asyncio", NULL);
  return session;
}

/* What a member waits for decides, not what the sender does; unless that is more: sending may have waited. */
static void
test_stream_slo (void)
{
  g_autoptr (LdsSession) session = new_stream_session ();
  LdsRun *run = new_stream_run (session->plan, 0, 1000, 5000, 5000000);

  g_ptr_array_add (session->runs, run);
  session->plan->slo_p99_ms = 4;
  g_assert_true (lds_session_misses_slo (session));
  session->plan->slo_p99_ms = 6;
  g_assert_false (lds_session_misses_slo (session));
  for (guint i = 0; i < 1000; i++)
    lds_histogram_record (run->response, 8000000);
  g_assert_true (lds_session_misses_slo (session));
  session->plan->slo_p99_ms = 9;
  g_assert_false (lds_session_misses_slo (session));
  /* Without either there is nothing to judge. */
  lds_histogram_reset (run->response);
  lds_histogram_reset (run->delivery);
  g_assert_true (isnan (lds_metric_slo_p99_ns (run)));
  g_assert_false (lds_session_misses_slo (session));
}

/* Figures and notes are of deliveries, which may be many where few messages were sent. */
static void
test_stream_summary (void)
{
  g_autoptr (LdsSession) session = new_stream_session ();
  g_autoptr (GPtrArray) summaries = NULL;
  const LdsSummary *summary;

  g_ptr_array_add (session->runs, new_stream_run (session->plan, 0, 20, 10000, 5000000));
  g_ptr_array_add (session->runs, new_stream_run (session->plan, 1, 2000, 99, 5000000));
  summaries = lds_session_summarize (session);
  summary = summaries->pdata[0];
  g_assert_cmpuint (summary->delivery->total, ==, 10000);
  g_assert_cmpuint (summary->response->total, ==, 20);
  g_assert_cmpfloat_with_epsilon (get_estimate (summary, "delivery_p50")->median, 5e6, 5e3);
  g_assert_cmpfloat_with_epsilon (get_estimate (summary, "delivery_p99")->median, 5e6, 5e3);
  g_assert_cmpfloat_with_epsilon (get_estimate (summary, "delivery_p99_9")->median, 5e6, 5e3);
  g_assert_cmpuint (summary->notes->len, ==, 1);
  summary = summaries->pdata[1];
  g_assert_cmpuint (get_estimate (summary, "delivery_p50")->n, ==, 1);
  g_assert_cmpuint (get_estimate (summary, "delivery_p99")->n, ==, 0);
  g_assert_cmpuint (get_estimate (summary, "delivery_p99_9")->n, ==, 0);
  g_assert_cmpstr (summary->notes->pdata[1], ==, "A run of 99 deliveries has no p99: it takes 100.");
}

/* Makes of a run what it was before deliveries were kept with it: the load generator's result had them. */
static void
make_old (JsonObject *run)
{
  static const char *const members[] = {"delivery_histogram", "delivery_min_ns", "delivery_max_ns", "delivery_sum_ns"};
  static const char *const columns[] = {"deliveries_hz", "delivery_p50_ns", "delivery_p99_ns"};
  JsonObject *stream =
      json_object_get_object_member (json_object_get_object_member (run, "load_result"), "stream");

  json_object_set_string_member (stream, members[0],
                                 json_object_get_string_member (run, members[0]));
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    json_object_remove_member (run, members[i]);
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      JsonObject *samples = json_object_get_object_member (run, "samples");

      g_assert_true (json_object_has_member (samples, columns[i]));
      json_object_remove_member (samples, columns[i]);
    }
}

static void
test_stream_round_trip (void)
{
  g_autoptr (LdsSession) session = new_stream_session (), back = NULL, before = NULL;
  g_autoptr (JsonNode) json = NULL, again = NULL;
  g_autofree char *text = NULL, *text_again = NULL;
  g_autoptr (GError) error = NULL;
  LdsRun *run = new_stream_run (session->plan, 0, 1000, 5000, 5000000);
  JsonObject *stream = json_object_new ();

  json_object_set_string_member (stream, "mode", "broadcast");
  json_object_set_string_member (stream, "delivery_histogram", "not twice");
  run->load_result = json_object_new ();
  json_object_set_object_member (run->load_result, "stream", stream);
  g_ptr_array_add (session->runs, run);
  json = lds_session_to_json (session);
  text = lds_json_to_text (json, FALSE);
  g_assert_null (strstr (text, "not twice"));
  back = lds_session_from_json (json_node_get_object (json), &error);
  g_assert_no_error (error);
  again = lds_session_to_json (back);
  text_again = lds_json_to_text (again, FALSE);
  g_assert_cmpstr (text, ==, text_again);
  run = back->runs->pdata[0];
  g_assert_cmpuint (run->delivery->total, ==, 5000);
  g_assert_cmpint (run->delivery->max_ns, ==, 5000000);
  g_assert_cmpfloat (g_array_index (run->samples, LdsSample, 1).deliveries_hz, ==, 5000);
  g_assert_cmpfloat (g_array_index (run->samples, LdsSample, 1).delivery_p99_ns, ==, 5e6);

  make_old (json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (json), "runs"), 0));
  before = lds_session_from_json (json_node_get_object (json), &error);
  g_assert_no_error (error);
  run = before->runs->pdata[0];
  g_assert_cmpuint (run->delivery->total, ==, 5000);
  g_assert_true (isnan (g_array_index (run->samples, LdsSample, 1).deliveries_hz));
  g_assert_true (isnan (g_array_index (run->samples, LdsSample, 1).delivery_p99_ns));
}

static void
test_round_trip (void)
{
  g_autoptr (LdsSession) session = new_session (2), back = NULL;
  g_autoptr (JsonNode) json = NULL, again = NULL, parsed = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL, *after = NULL;
  LdsRun *run = new_run (session->plan, 0, 100, 5000000), *empty;
  LdsRunSpec spec = lds_plan_run_spec (session->plan, 1);

  run->load_result = json_object_new ();
  json_object_set_string_member (run->load_result, "engine", "epoll");
  json_object_set_string_member (run->load_result, "latency_histogram", "not twice");
  lds_run_warn (run, "machine-busy", "The machine was busy.");
  g_ptr_array_add (session->runs, run);
  empty = lds_run_new (&spec);
  lds_run_invalidate (empty, "server-not-ready", "The server was not ready.");
  g_ptr_array_add (session->runs, empty);
  json_object_set_string_member (session->environment, "cpu_model", "Ünïcode \"CPU\"");
  session->complete = TRUE;

  json = lds_session_to_json (session);
  before = lds_json_to_text (json, FALSE);
  g_assert_null (strstr (before, "nan"));
  g_assert_null (strstr (before, "not twice"));
  parsed = lds_json_parse (before, strlen (before), "session", &error);
  g_assert_no_error (error);
  back = lds_session_from_json (json_node_get_object (parsed), &error);
  g_assert_no_error (error);
  again = lds_session_to_json (back);
  after = lds_json_to_text (again, FALSE);
  g_assert_cmpstr (before, ==, after);
  run = back->runs->pdata[0];
  g_assert_cmpuint (run->response->total, ==, 1000);
  g_assert_cmpint (g_array_index (run->samples, LdsSample, 0).t_ns, ==, -100000000);
  g_assert_true (isnan (g_array_index (run->samples, LdsSample, 0).rate_hz));
  g_assert_cmpfloat (g_array_index (run->samples, LdsSample, 1).rate_hz, ==, 10000.0 / 3);
}

/* Takes a good session, replaces one piece of its text and expects one sentence that names @part. */
static void
check_refused (const char *good,
               const char *from,
               const char *to,
               const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (good);
  g_autoptr (JsonNode) node = NULL;
  LdsSession *session;

  g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  node = lds_json_parse (text->str, text->len, "session", &error);
  g_assert_no_error (error);
  session = lds_session_from_json (json_node_get_object (node), &error);
  g_assert_null (session);
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_refused (void)
{
  g_autoptr (LdsSession) session = new_session (2);
  g_autoptr (JsonNode) json = NULL;
  g_autofree char *good = NULL;

  g_ptr_array_add (session->runs, new_run (session->plan, 0, 100, 5000000));
  json = lds_session_to_json (session);
  good = lds_json_to_text (json, FALSE);
  check_refused (good, "\"plan\"", "\"plam\"", "plan");
  check_refused (good, "\"lane\":\"model:event-loop\",\"workload\":\"hello\",\"purpose\"",
                 "\"lane\":\"model:none\",\"workload\":\"hello\",\"purpose\"", "model:none");
  check_refused (good, "\"repeat\":0", "\"repeat\":-1", "repeat");
  check_refused (good, "\"requests\":1000", "\"requests\":\"many\"", "requests");
  check_refused (good, "\"achieved_rate_hz\":", "\"achieved_rate_hz\":-1,\"x\":", "achieved_rate_hz");
  check_refused (good, "\"t_ns\":[-100000000,100000000]", "\"t_ns\":[-100000000]", "phase");
  check_refused (good, "\"t_ns\":[-100000000,100000000]", "\"t_ns\":{}", "t_ns");
  check_refused (good, "\"phase\":[0,1]", "\"phase\":[0,7]", "phase");
  check_refused (good, "\"phase\":[0,1]", "\"phase\":[0,null]", "phase");
  check_refused (good, "\"phase\":[0,1]", "\"phase\":[0,\"1\"]", "phase");
  check_refused (good, "000,\"response_histogram\":\"HIST", "000,\"response_histogram\":\"GIST", "response_histogram");
  check_refused (good, "\"invalid_reasons\":[],\"warnings\"", "\"invalid_reasons\":[7],\"warnings\"", "invalid_reasons");
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/session/summary", test_summary);
  g_test_add_func ("/bench/session/slo", test_slo);
  g_test_add_func ("/bench/session/few-answers", test_few_answers);
  g_test_add_func ("/bench/session/beyond-slo", test_beyond_slo);
  g_test_add_func ("/bench/session/stream-slo", test_stream_slo);
  g_test_add_func ("/bench/session/stream-summary", test_stream_summary);
  g_test_add_func ("/bench/session/stream-round-trip", test_stream_round_trip);
  g_test_add_func ("/bench/session/round-trip", test_round_trip);
  g_test_add_func ("/bench/session/refused", test_refused);
  return g_test_run ();
}
