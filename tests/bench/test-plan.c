/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes, workloads, metrics and plans: the tables are sound, the order of runs is fair, hostile
 * plans are refused. */
#include <glib/gstdio.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"
#include "lds-load-protocol.h"
#include "lds-metric.h"
#include "lds-turn.h"

static LdsPlan *
new_plan (const char *const *lanes,
          const char *const *workloads)
{
  LdsPlan *plan = lds_plan_new ();

  for (; *lanes != NULL; lanes++)
    g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find (*lanes, NULL));
  for (; *workloads != NULL; workloads++)
    g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find (*workloads, NULL));
  return plan;
}

static void
test_lanes (void)
{
  guint n_lanes;
  const LdsLane *lanes = lds_lane_list (&n_lanes);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (n_lanes, >=, 3);
  for (guint i = 0; i < n_lanes; i++)
    {
      g_autofree char *label = lds_lane_dup_label (&lanes[i]);

      g_assert_true (lds_lane_find (lanes[i].id, NULL) == &lanes[i]);
      /* A model is never shown as the thing itself. */
      if (lanes[i].provenance == LDS_PROVENANCE_MODEL)
        g_assert_true (g_str_has_suffix (label, "(model)"));
    }
  g_assert_cmpstr (lds_lane_find ("event-loop", NULL)->id, ==, "model:event-loop");
  g_assert_null (lds_lane_find ("model:event-lop", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "“model:event-loop”"));
}

static void
test_workloads (void)
{
  const char *const expected[] = {"hello", "json", "slow", "compute"};
  guint n_workloads;
  const LdsWorkload *workloads = lds_workload_list (&n_workloads), *gateway;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (n_workloads, >=, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (workloads[i].id, ==, expected[i]);
  for (guint i = 0; i < n_workloads; i++)
    {
      g_assert_true (workloads[i].path[0] == '/');
      g_assert_cmpstr (workloads[i].title, !=, "");
      g_assert_cmpstr (workloads[i].description, !=, "");
      g_assert_cmpstr (workloads[i].code, !=, "");
      g_assert_cmpstr (workloads[i].source, !=, "");
    }
  g_assert_cmpint (lds_workload_find ("slow", NULL)->min_service_ns, ==, 200000000);
  g_assert_cmpint (lds_workload_find ("slow", NULL)->wave_ns, ==, 200000000);
  g_assert_cmpint (lds_workload_find ("live?hz=5", NULL)->wave_ns, ==, 200000000);
  g_assert_cmpint (lds_workload_find ("live?hz=5", NULL)->min_service_ns, ==, 0);
  g_assert_cmpint (lds_workload_find ("chat", NULL)->wave_ns, ==, 0);
  g_assert_null (lds_workload_find ("slow", NULL)->server_arguments);
  gateway = lds_workload_find ("gateway", NULL);
  g_assert_cmpstr (gateway->server_arguments[0], ==, "--upstreams");
  g_assert_cmpstr (gateway->server_arguments[1], ==, "20");
  g_assert_null (gateway->server_arguments[2]);
  g_assert_null (lds_workload_find ("helo", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "“hello”"));
}

/* Those whose connections stay open stand last, and say what is done on them. */
static void
test_workloads_open (void)
{
  guint n_workloads;
  const LdsWorkload *workloads = lds_workload_list (&n_workloads);
  gboolean seen[] = {FALSE, FALSE, FALSE};

  for (guint i = 0; i < n_workloads; i++)
    {
      seen[workloads[i].kind] = TRUE;
      g_assert_true (lds_workload_find (workloads[i].id, NULL) == &workloads[i]);
      g_assert_null (workloads[i].base);
      if (i > 0 && workloads[i - 1].kind != LDS_WORKLOAD_REQUESTS)
        g_assert_true (workloads[i].kind != LDS_WORKLOAD_REQUESTS);
      g_assert_true ((workloads[i].kind == LDS_WORKLOAD_REQUESTS) == (workloads[i].stream == NULL));
      /* No name is left where a value belongs. */
      g_assert_null (strchr (workloads[i].path, '{'));
      g_assert_null (strchr (workloads[i].title, '{'));
      g_assert_null (strchr (workloads[i].description, '{'));
    }
  g_assert_true (seen[LDS_WORKLOAD_REQUESTS] && seen[LDS_WORKLOAD_WEBSOCKET] &&
                 seen[LDS_WORKLOAD_EVENTS]);
  g_assert_cmpstr (lds_workload_find ("chat", NULL)->stream, ==, "broadcast");
  g_assert_cmpstr (lds_workload_find ("events", NULL)->stream, ==, "listen");
}

/* What other clients do meanwhile is part of a workload, and the load generator is told of it. */
static void
test_beside (void)
{
  const LdsWorkload *beside = lds_workload_find ("beside-parse?objects=2&every_ms=50", NULL);
  LdsRunSpec spec = {.lane = lds_lane_find ("event-loop", NULL),
                     .workload = beside,
                     .connections = 1,
                     .client_threads = 1,
                     .duration_ms = 1000};
  g_autoptr (LdsAddress) address = lds_address_parse ("http://127.0.0.1:8080", NULL);
  g_autofree char *line = lds_load_plan_line (&spec, address, NULL);
  g_autoptr (JsonNode) node = lds_json_parse (line, strlen (line), "line", NULL);
  JsonObject *plan = json_node_get_object (node);
  JsonObject *background = json_object_get_object_member (plan, "background");
  JsonObject *request = json_object_get_object_member (background, "request");

  g_assert_cmpuint (lds_workload_find ("hello", NULL)->beside.connections, ==, 0);
  g_assert_cmpuint (beside->beside.connections, ==, 1);
  g_assert_cmpuint (beside->beside.interval_ms, ==, 50);
  g_assert_cmpstr (beside->path, ==, "/");
  g_assert_true (g_str_has_suffix (json_object_get_string_member (plan, "url"), ":8080/"));
  g_assert_cmpint (json_object_get_int_member (background, "askers"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (background, "ask_interval_ms"), ==, 50);
  g_assert_cmpstr (json_object_get_string_member (request, "path"), ==, "/parse");
  g_assert_cmpstr (json_object_get_string_member (request, "method"), ==, "POST");
  g_assert_cmpstr (json_object_get_string_member (
                       json_object_get_object_member (request, "headers"), "Content-Type"),
                   ==, "application/json");
  g_assert_true (g_str_has_prefix (json_object_get_string_member (request, "body"), "[{\"id\":1,"));
  g_assert_true (g_str_has_suffix (json_object_get_string_member (request, "body"), ",{\"id\":0}]"));
}

/* A workload with parameters is one workload for the same values, whatever their order. */
static void
test_parameters (void)
{
  const LdsWorkload *slow = lds_workload_find ("slow?ms=50", NULL);
  const LdsWorkload *mix = lds_workload_find ("mix?cpu=80&total_ms=20", NULL), *compute, *chat;

  g_assert_cmpstr (slow->id, ==, "slow?ms=50");
  g_assert_cmpstr (slow->path, ==, "/slow?ms=50");
  g_assert_cmpstr (slow->code, ==, "W-002-2");
  g_assert_cmpint (slow->min_service_ns, ==, 50000000);
  g_assert_nonnull (strstr (slow->title, "50 ms"));
  g_assert_true (slow->base == lds_workload_find ("slow", NULL));
  g_assert_true (lds_workload_find ("slow?ms=200", NULL) == slow->base);
  g_assert_cmpstr (mix->id, ==, "mix?total_ms=20&cpu=80");
  g_assert_true (lds_workload_find ("mix?total_ms=20&cpu=80", NULL) == mix);
  g_assert_true (lds_workload_find (mix->id, NULL) == mix);
  compute = lds_workload_find ("compute?millions=3", NULL);
  g_assert_cmpstr (compute->path, ==, "/compute?n=3000000");
  g_assert_cmpstr (compute->expect, ==, "\"n\":3000000,");
  chat = lds_workload_find ("chat?bytes=512", NULL);
  g_assert_cmpuint (chat->payload_bytes, ==, 512);
  g_assert_cmpuint (strlen (lds_workload_find ("echo?blocks=4", NULL)->body), ==, 4 * 65);
  g_assert_cmpstr (lds_workload_find ("gateway?services=3", NULL)->server_arguments[1], ==, "3");
}

static void
check_no_workload (const char *id,
                   const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lds_workload_find (id, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_parameters_refused (void)
{
  check_no_workload ("slow?", "it takes: ms");
  check_no_workload ("slow?ms", "it takes: ms");
  check_no_workload ("slow?ms=", "whole number");
  check_no_workload ("slow?ms=-1", "whole number");
  check_no_workload ("slow?ms=+1", "whole number");
  check_no_workload ("slow?ms=050", "whole number");
  check_no_workload ("slow?ms=1.5", "whole number");
  check_no_workload ("slow?ms=60001", "from 0 to 60000");
  check_no_workload ("slow?ms=99999999999999999999999", "from 0 to 60000");
  check_no_workload ("slow?ms=1&", "it takes: ms");
  check_no_workload ("slow?ms=1 HTTP/1.1\r\nX: y", "whole number");
  check_no_workload ("slow?m=1", "it takes: ms");
  check_no_workload ("hello?a=1", "no parameters");
  check_no_workload ("fan-out?mode=some", "all sequential");
  check_no_workload ("slov?ms=1", "“slow”");
  check_no_workload ("", "no workload");
}

static void
test_metrics (void)
{
  guint n_metrics;
  const LdsMetric *metrics = lds_metric_list (&n_metrics);

  for (guint i = 0; i < n_metrics; i++)
    {
      g_assert_true (lds_metric_find (metrics[i].id) == &metrics[i]);
      g_assert_true (g_str_has_prefix (metrics[i].json_key, metrics[i].id));
      g_assert_cmpuint (strlen (metrics[i].json_key), >, strlen (metrics[i].id));
      g_assert_true (metrics[i].of_run != NULL || metrics[i].of_sample != NULL);
    }
  g_assert_null (lds_metric_find ("no such"));
}

/* Every lane runs each workload once a repeat, and the order turns round from repeat to repeat. */
static void
test_order (void)
{
  const char *const lanes[] = {"event-loop", "gil-threads", "prefork", NULL};
  const char *const workloads[] = {"hello", "slow", NULL};
  g_autoptr (LdsPlan) plan = new_plan (lanes, workloads);
  guint seen[2][3][4] = {0};

  plan->repeats = 4;
  g_assert_cmpuint (lds_plan_n_runs (plan), ==, 24);
  for (guint i = 0; i < 24; i++)
    {
      LdsRunSpec spec = lds_plan_run_spec (plan, i);
      guint lane, workload;

      g_assert_true (g_ptr_array_find (plan->lanes, spec.lane, &lane));
      g_assert_true (g_ptr_array_find (plan->workloads, spec.workload, &workload));
      g_assert_cmpuint (spec.repeat, <, 4);
      seen[workload][lane][spec.repeat]++;
    }
  for (guint i = 0; i < 24; i++)
    g_assert_cmpuint (((guint *)seen)[i], ==, 1);
  g_assert_cmpstr (lds_plan_run_spec (plan, 0).lane->model_id, ==, "event-loop");
  g_assert_cmpstr (lds_plan_run_spec (plan, 3).lane->model_id, ==, "prefork");
  g_assert_cmpstr (lds_plan_run_spec (plan, 6).lane->model_id, ==, "event-loop");
  g_assert_cmpint (lds_plan_estimate_ms (plan), >=, 24 * (plan->duration_ms + plan->warm_up_ms));
}

static void
test_round_trip (void)
{
  const char *const lanes[] = {"prefork", "event-loop", NULL};
  const char *const workloads[] = {"compute", NULL};
  g_autoptr (LdsPlan) plan = new_plan (lanes, workloads), back = NULL;
  g_autoptr (JsonNode) json = NULL, again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL, *after = NULL;

  plan->rate_hz = 1234.5;
  plan->slo_p99_ms = 0.25;
  plan->workers = 3;
  plan->seed = 77;
  plan->connections_scale = 12.5;
  plan->scale_reason = g_strdup ("One here is 12.5 there.");
  lds_plan_leave_out (plan, "model:asyncio", "There was no time.");
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("mix?cpu=80&total_ms=20", NULL));
  lds_plan_set_load (plan, lds_workload_find ("compute", NULL), 2, 0);
  lds_plan_set_load (plan, lds_workload_find ("compute", NULL), 3, 0);
  g_assert_cmpuint (lds_plan_run_spec (plan, 0).connections, ==, 3);
  g_assert_cmpfloat (lds_plan_run_spec (plan, 0).rate_hz, ==, 0);
  json = lds_plan_to_json (plan);
  back = lds_plan_from_json (json_node_get_object (json), &error);
  g_assert_no_error (error);
  again = lds_plan_to_json (back);
  before = lds_json_to_text (json, FALSE);
  after = lds_json_to_text (again, FALSE);
  g_assert_cmpstr (before, ==, after);
  /* The same runs in the same order with the same seeds. */
  g_assert_cmpuint (lds_plan_n_runs (plan), ==, lds_plan_n_runs (back));
  for (guint i = 0; i < lds_plan_n_runs (plan); i++)
    {
      LdsRunSpec one = lds_plan_run_spec (plan, i), two = lds_plan_run_spec (back, i);

      g_assert_true (one.lane == two.lane && one.workload == two.workload);
      g_assert_cmpuint (one.seed, ==, 77 + one.repeat);
      g_assert_cmpuint (two.seed, ==, one.seed);
      g_assert_cmpuint (two.connections, ==, one.connections);
      g_assert_cmpfloat (two.rate_hz, ==, one.rate_hz);
    }
}

/* What makes a plan adaptive comes back too. */
static void
test_adaptive (void)
{
  g_autoptr (LdsPlan) plan = lds_plan_new (), back = NULL;
  g_autoptr (JsonNode) json = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  plan->find_knee = TRUE;
  plan->knee_accuracy = 0.2;
  plan->knee_max_runs = 33;
  g_array_append_vals (plan->scale_connections, (const guint[]){1, 2, 40}, 3);
  g_array_append_vals (plan->scale_workers, (const guint[]){1, 8}, 2);
  plan->demand_rate_hz = 7777;
  plan->demand_connections = 12345;
  json = lds_plan_to_json (plan);
  back = lds_plan_from_json (json_node_get_object (json), &error);
  g_assert_no_error (error);
  g_assert_true (back->find_knee);
  g_assert_cmpfloat (back->knee_accuracy, ==, 0.2);
  g_assert_cmpuint (back->knee_max_runs, ==, 33);
  g_assert_cmpuint (back->scale_connections->len, ==, 3);
  g_assert_cmpuint (g_array_index (back->scale_connections, guint, 2), ==, 40);
  g_assert_cmpuint (back->scale_workers->len, ==, 2);
  g_assert_cmpfloat (back->demand_rate_hz, ==, 7777);
  g_assert_cmpuint (back->demand_connections, ==, 12345);
  /* About so many: a search of each lane, and its runs below; five series of both lanes. */
  g_assert_true (lds_plan_is_adaptive (back));
  g_assert_cmpuint (lds_plan_n_runs (back), ==, 2 * (LDS_PLAN_EXPECTED_KNEE_RUNS + 2 * 5 + 5 * 5));
  g_assert_cmpint (lds_plan_estimate_ms (back), >=,
                   lds_plan_n_runs (back) * (plan->duration_ms + plan->warm_up_ms));
}

/* A file is made by hand: what is not read in it is refused, not passed over. */
static void
test_file (void)
{
  static const struct
  {
    const char *text;
    const char *part; /* (nullable): of the error */
  } cases[] = {
      {"{\"lanes\": [\"prefork\"], \"workloads\": [\"hello\"], \"estimated_ms\": 3}", NULL},
      {"{\"lanes\": [\"prefork\"], \"workloads\": [\"hello\"], \"repeat\": 3}", "“repeats”"},
      {"{\"lanes\": [\"prefork\"], \"workloads\": [\"hello\"], \"\": 3}", "take it out"},
      {"{\"lanes\": [\"prefork\"", "plan.json"},
      {"", "plan.json"},
  };
  g_autofree char *folder = g_dir_make_tmp ("lds-plan-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "plan.json", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LdsPlan) plan = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
      plan = lds_plan_load (path, &error);
      if (cases[i].part == NULL)
        g_assert_no_error (error);
      else
        {
          g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
          g_assert_nonnull (strstr (error->message, cases[i].part));
        }
    }
  g_unlink (path);
  g_rmdir (folder);
}

static void
check_refused (const char *text,
               const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = lds_json_parse (text, strlen (text), "plan.json", &error);
  LdsPlan *plan;

  g_assert_no_error (error);
  plan = lds_plan_from_json (json_node_get_object (node), &error);
  g_assert_null (plan);
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, part));
}

#define BOTH "\"lanes\": [\"model:prefork\"], \"workloads\": [\"hello\"]"

/* A series over workers measures nothing where no lane has any. */
static void
test_series (void)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  g_assert_true (lds_plan_check_series (plan, &error));
  g_array_append_vals (plan->scale_workers, (const guint[]){1, 2}, 2);
  g_assert_false (lds_plan_check_series (plan, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_clear_error (&error);
  /* One that was measured is read all the same. */
  g_assert_true (lds_plan_validate (plan, &error));
  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  g_assert_true (lds_plan_check_series (plan, &error));
}

static void
test_refused (void)
{
  check_refused ("{}", "lanes");
  check_refused ("{\"lanes\": [\"model:prefork\"]}", "workloads");
  check_refused ("{\"lanes\": \"prefork\"}", "lanes");
  check_refused ("{\"lanes\": [1]}", "lanes");
  check_refused ("{\"lanes\": [null]}", "lanes");
  check_refused ("{\"lanes\": [\"preform\"], \"workloads\": [\"hello\"]}", "“prefork”");
  check_refused ("{\"lanes\": [\"prefork\", \"prefork\"], \"workloads\": [\"hello\"]}", "twice");
  check_refused ("{" BOTH ", \"version\": 2}", "newer");
  check_refused ("{" BOTH ", \"connections\": 0}", "connections");
  check_refused ("{" BOTH ", \"connections\": 65536}", "connections");
  check_refused ("{" BOTH ", \"connections\": 4294967297}", "connections");
  check_refused ("{" BOTH ", \"connections\": -1}", "connections");
  check_refused ("{" BOTH ", \"connections\": -7}", "is -7");
  check_refused ("{" BOTH ", \"connections\": 1, \"client_threads\": 2}", "client_threads");
  check_refused ("{" BOTH ", \"client_threads\": 2, \"loads\": [{\"workload\": \"hello\", \"connections\": 1}]}", "client_threads");
  check_refused ("{" BOTH ", \"workers\": 257}", "workers");
  check_refused ("{" BOTH ", \"rate_hz\": 0.0001}", "0.001");
  check_refused ("{" BOTH ", \"repeats\": 1.5}", "repeats");
  check_refused ("{" BOTH ", \"rate_hz\": 1e300}", "rate_hz");
  check_refused ("{" BOTH ", \"rate_hz\": -1}", "rate_hz");
  check_refused ("{" BOTH ", \"duration_ms\": 0}", "duration_ms");
  check_refused ("{" BOTH ", \"find_knee\": 1}", "find_knee");
  check_refused ("{" BOTH ", \"knee_accuracy\": 0}", "knee_accuracy");
  check_refused ("{" BOTH ", \"knee_max_runs\": 0}", "knee_max_runs");
  check_refused ("{" BOTH ", \"scale_connections\": 4}", "scale_connections");
  check_refused ("{" BOTH ", \"scale_connections\": [1.5]}", "scale_connections");
  check_refused ("{" BOTH ", \"scale_connections\": [4, 2]}", "ascend");
  check_refused ("{" BOTH ", \"scale_connections\": [70000]}", "scale_connections");
  check_refused ("{" BOTH ", \"scale_workers\": [null]}", "scale_workers");
  check_refused ("{" BOTH ", \"scale_workers\": [257]}", "scale_workers");
  check_refused ("{" BOTH ", \"demand_rate_hz\": 100}", "find_knee");
  check_refused ("{" BOTH ", \"find_knee\": true, \"demand_connections\": 9}", "demand_rate_hz");
  check_refused ("{" BOTH ", \"timeout_ms\": 0}", "timeout_ms");
  check_refused ("{" BOTH ", \"loads\": 7}", "loads");
  check_refused ("{" BOTH ", \"loads\": [7]}", "loads");
  check_refused ("{" BOTH ", \"loads\": [{\"workload\": \"helo\"}]}", "“hello”");
  check_refused ("{" BOTH ", \"loads\": [{\"workload\": 5}]}", "workload");
  check_refused ("{" BOTH ", \"loads\": [{\"workload\": \"hello\", \"connections\": 0}]}", "connections");
  check_refused ("{\"lanes\": [\"event-loop\"], \"workloads\": [\"slow?ms=60001\"]}", "60000");
  check_refused ("{\"lanes\": [\"prefork\"], \"workloads\": [\"chat\"]}", "hold");
  check_refused ("{\"lanes\": [\"event-loop\"], \"workloads\": [\"live\"], \"rate_hz\": 5}", "sends nothing");
  check_refused ("{" BOTH ", \"seed\": 0}", "seed");
  check_refused ("{" BOTH ", \"seed\": -1}", "seed");
  check_refused ("{" BOTH ", \"scale\": 3}", "scale");
  check_refused ("{" BOTH ", \"scale\": {\"connections\": 0.5}}", "scale");
  check_refused ("{" BOTH ", \"left_out\": [3]}", "left_out");
}

/* Runs the plan; the runs of which @spoiled says so are refused with @code each time. */
static GPtrArray *
go (const LdsPlan *plan,
    gboolean (*spoiled) (guint index, guint n_before),
    const char *code)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_run_free);
  LdsRunSpec spec;
  guint index = 0, n_before = 0, last = G_MAXUINT;

  while (lds_turn_next (plan, runs, &index, &spec))
    {
      LdsRun *run = lds_run_new (&spec);

      n_before = index == last ? n_before + 1 : 0;
      last = index;
      if (spoiled (index, n_before))
        lds_run_invalidate (run, code, "It was.");
      g_ptr_array_add (runs, run);
      g_assert_cmpuint (runs->len, <=, lds_plan_n_runs (plan) + lds_turn_n_spare (plan));
    }
  g_assert_cmpuint (lds_turn_count_done (runs), ==, lds_plan_n_runs (plan));
  return runs;
}

static gboolean
never (guint index,
       guint n_before)
{
  return FALSE;
}

static gboolean
always (guint index,
        guint n_before)
{
  return TRUE;
}

static gboolean
seventh_once (guint index,
              guint n_before)
{
  return index == 7 && n_before == 0;
}

static gboolean
seventh_twice (guint index,
               guint n_before)
{
  return index == 7;
}

/* What says nothing of a server is measured once again, beside its neighbours; what does is not. */
static void
test_turns (void)
{
  static const char *const lanes[] = {"event-loop", "asyncio", "prefork", NULL};
  static const char *const workloads[] = {"hello", "json", NULL};
  g_autoptr (LdsPlan) plan = new_plan (lanes, workloads);
  g_autoptr (GPtrArray) quiet = NULL, late = NULL, twice = NULL, dead = NULL, busy = NULL;
  LdsRunSpec spec;
  guint index = 0;

  g_assert_cmpuint (lds_turn_n_spare (plan), ==, 2); /* of 30 */
  quiet = go (plan, never, NULL);
  g_assert_cmpuint (quiet->len, ==, 30);
  late = go (plan, seventh_once, "schedule-lag");
  g_assert_cmpuint (late->len, ==, 31);
  g_assert_true (lds_run_was_held_up (late->pdata[7]));
  g_assert_cmpuint (((LdsRun *)late->pdata[8])->spec.repeat, ==,
                    ((LdsRun *)late->pdata[7])->spec.repeat);
  g_assert_true (((LdsRun *)late->pdata[8])->spec.lane == ((LdsRun *)late->pdata[7])->spec.lane);
  twice = go (plan, seventh_twice, "measured-short");
  g_assert_cmpuint (twice->len, ==, 31);
  dead = go (plan, seventh_twice, "server-died");
  g_assert_cmpuint (dead->len, ==, 30);
  busy = go (plan, always, "schedule-lag");
  g_assert_cmpuint (busy->len, ==, 32);

  /* Taken up again, it goes on where it was, and what was spent is spent. */
  g_ptr_array_remove_index (late, 30);
  g_assert_true (lds_turn_next (plan, late, &index, &spec));
  g_assert_cmpuint (index, ==, 29);
  index = 0;
  g_assert_false (lds_turn_next (plan, busy, &index, &spec));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/lane/table", test_lanes);
  g_test_add_func ("/bench/workload/table", test_workloads);
  g_test_add_func ("/bench/workload/open", test_workloads_open);
  g_test_add_func ("/bench/workload/beside", test_beside);
  g_test_add_func ("/bench/workload/parameters", test_parameters);
  g_test_add_func ("/bench/workload/parameters-refused", test_parameters_refused);
  g_test_add_func ("/bench/metric/table", test_metrics);
  g_test_add_func ("/bench/plan/order", test_order);
  g_test_add_func ("/bench/plan/round-trip", test_round_trip);
  g_test_add_func ("/bench/plan/file", test_file);
  g_test_add_func ("/bench/plan/adaptive", test_adaptive);
  g_test_add_func ("/bench/plan/series", test_series);
  g_test_add_func ("/bench/plan/refused", test_refused);
  g_test_add_func ("/bench/plan/turns", test_turns);
  return g_test_run ();
}
