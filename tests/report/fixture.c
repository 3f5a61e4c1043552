/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made-up sessions and reports. The figures come from a seeded generator. */
#include "fixture.h"

#include <math.h>

#include "lds-claim-grades.h"
#include "lds-clock.h"
#include "lds-environment.h"
#include "lds-findings.h"
#include "lds-self-test.h"

typedef struct
{
  double rate_hz, p50_ns, spread, base_bytes;
} Shape;

/* By lane (event loop, threads, prefork) and, roughly, workload. */
static const Shape shapes[] = {
    {48000, 1.1e6, 0.35, 9.0 * 1048576},
    {21000, 2.6e6, 0.6, 14.0 * 1048576},
    {17000, 3.4e6, 0.9, 61.0 * 1048576},
};

static double
normal (GRand *rand)
{
  double sum = 0;

  /* Three uniform ones make a good enough bell, and a quick one. */
  for (guint i = 0; i < 3; i++)
    sum += g_rand_double (rand);
  return (sum - 1.5) * 2;
}

static LdsRun *
make_run (const LdsRunSpec *spec,
          guint nth_lane,
          guint nth_workload,
          GRand *rand)
{
  LdsRun *run = lds_run_new (spec);
  Shape shape = shapes[nth_lane % G_N_ELEMENTS (shapes)];
  double level = (1 + 0.03 * normal (rand)) / (1 + 2.5 * nth_workload);
  gint64 step_ns = LDS_NS_PER_S / 10;

  shape.rate_hz *= level;
  shape.p50_ns /= level;
  run->response = lds_histogram_new ();
  run->service = lds_histogram_new ();
  for (guint i = 0; i < 12000; i++)
    {
      double ns = shape.p50_ns * exp (shape.spread * normal (rand) * 0.5);

      lds_histogram_record (run->response, (gint64)ns);
      lds_histogram_record (run->service, (gint64)(ns * 0.9));
    }
  for (gint64 t_ns = -LDS_NS_PER_S; t_ns < spec->duration_ms * LDS_NS_PER_MS; t_ns += step_ns)
    {
      double warm = t_ns < 0 ? 0.6 : 1 - 0.25 * exp (-(double)t_ns / 8e8);
      LdsSample sample = {
          .t_ns = t_ns,
          .phase = t_ns < 0 ? LDS_PHASE_WARM_UP : LDS_PHASE_MEASURE,
          .rate_hz = shape.rate_hz * warm * (1 + 0.04 * normal (rand)),
          .error_rate_hz = 0,
          .p50_ns = shape.p50_ns / warm * (1 + 0.03 * normal (rand)),
          .p99_ns =
              shape.p50_ns / warm * exp (shape.spread * 1.2) * (1 + 0.15 * fabs (normal (rand))),
          .rss_bytes = shape.base_bytes * (1.3 + 0.5 * (1 - exp (-(double)t_ns / 2e9))),
          .pss_bytes = shape.base_bytes * (1.1 + 0.5 * (1 - exp (-(double)t_ns / 2e9))),
          .server_cpu_cores = 0.98,
          .client_cpu_cores = 0.41,
          .n_processes = nth_lane == 2 ? 5 : 1,
          .n_threads = nth_lane == 1 ? 33 : 1,
          .deliveries_hz = NAN,
          .delivery_p50_ns = NAN,
          .delivery_p99_ns = NAN,
      };

      g_array_append_val (run->samples, sample);
    }
  run->engine = g_strdup ("epoll");
  run->duration_s = (double)spec->duration_ms / 1000;
  run->achieved_rate_hz = shape.rate_hz;
  run->requests = (guint64)(shape.rate_hz * run->duration_s);
  run->client_cpu_s = 0.41 * run->duration_s;
  run->server_cpu_s = 0.98 * run->duration_s;
  run->base_rss_bytes = shape.base_bytes;
  run->peak_rss_bytes = shape.base_bytes * 1.8;
  run->peak_pss_bytes = shape.base_bytes * 1.6;
  run->start_up_ms = 12.5 + nth_lane;
  run->started_at_us = FIXTURE_CREATED_AT_US - 600 * G_USEC_PER_SEC;
  return run;
}

/* As a run where each answer went to ten members besides. */
static void
deliver (LdsRun *run)
{
  JsonObject *stream = json_object_new ();

  run->delivery = lds_histogram_new ();
  lds_histogram_add (run->delivery, run->response);
  json_object_set_int_member (stream, "deliveries", (gint64)run->requests * 10);
  json_object_set_double_member (stream, "reach", 0.9975);
  run->load_result = json_object_new ();
  json_object_set_object_member (run->load_result, "stream", stream);
  for (guint i = 0; i < run->samples->len; i++)
    {
      LdsSample *sample = &g_array_index (run->samples, LdsSample, i);

      sample->deliveries_hz = sample->rate_hz * 10;
      sample->delivery_p50_ns = sample->p50_ns;
      sample->delivery_p99_ns = sample->p99_ns;
      /* What only listens has no answers. */
      sample->p50_ns = sample->p99_ns = NAN;
    }
}

/* As the conductor leaves what it cannot know. */
static void
forget_server (LdsRun *run)
{
  run->server_cpu_s = run->start_up_ms = NAN;
  run->base_rss_bytes = run->peak_rss_bytes = run->peak_pss_bytes = NAN;
  for (guint i = 0; i < run->samples->len; i++)
    {
      LdsSample *sample = &g_array_index (run->samples, LdsSample, i);

      sample->rss_bytes = sample->pss_bytes = sample->server_cpu_cores = NAN;
      sample->n_processes = sample->n_threads = 0;
    }
}

static void
spoil (LdsRun *run,
       guint nth_lane)
{
  if (nth_lane == 2)
    lds_run_invalidate (run, "client-saturated", FIXTURE_REASON_CLIENT);
  else if (nth_lane == 1 && run->spec.repeat == 1)
    lds_run_invalidate (run, "server-died", FIXTURE_REASON_DIED);
}

static void
set_environment (JsonObject *environment)
{
  JsonArray *cores = json_array_new ();

  json_array_add_int_element (cores, 2);
  json_array_add_int_element (cores, 3);
  json_object_set_array_member (environment, "client_cores", cores);
  json_object_set_string_member (environment, "loadstone_version", "0.1.0");
  json_object_set_string_member (environment, "cpu_model", "Made-up CPU 9000 @ 3.20GHz");
  json_object_set_int_member (environment, "cpus", 8);
  json_object_set_string_member (environment, "kernel", "Linux 6.1.0-made-up");
  json_object_set_string_member (environment, "architecture", "x86_64");
  json_object_set_string_member (environment, "governor", "performance");
  json_object_set_int_member (environment, "memory_bytes", G_GINT64_CONSTANT (16) << 30);
  json_object_set_double_member (environment, "load_average_before", 0.25);
  json_object_set_boolean_member (environment, "flatpak", FALSE);
}

/* One of them had no run that could be used. */
static void
add_measured (GArray *self_tests)
{
  static const char *const metrics[] = {"throughput", "cpu_per_request", "p50", "p99"};

  for (guint i = 0; i < G_N_ELEMENTS (metrics); i++)
    {
      LdsSelfTest test = {
          lds_metric_find (metrics[i]), LDS_COMPARE_PAIRS, 5, i == 3 ? 0 : 20, i % 3,
          FIXTURE_CREATED_AT_US};

      g_array_append_val (self_tests, test);
    }
}

LdsSession *
fixture_session (FixtureFlags flags)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261121);
  LdsSession *session;
  guint n_lanes, n_runs;
  const LdsLane *lanes = lds_lane_list (&n_lanes);

  for (guint i = 0; i < n_lanes; i++)
    if (lanes[i].proposed)
      g_ptr_array_add (plan->lanes, (gpointer)&lanes[i]);
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("json", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("compute", NULL));
  if ((flags & FIXTURE_EVIDENCE) != 0)
    {
      g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("asyncio", NULL));
      g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("slow", NULL));
    }
  if ((flags & FIXTURE_STREAM) != 0)
    {
      g_ptr_array_set_size (plan->workloads, 0);
      g_ptr_array_set_size (plan->lanes, 0);
      g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
      g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("asyncio", NULL));
      g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("live", NULL));
    }
  plan->repeats = (flags & FIXTURE_ONE_RUN) != 0 ? 1 : (flags & FIXTURE_MANY_RUNS) != 0 ? 30
                                                                                        : 5;
  plan->slo_p99_ms = 20;
  lds_plan_set_load (plan, lds_workload_find ("compute", NULL), 32, 2000);
  if ((flags & FIXTURE_OWN_SERVER) != 0)
    {
      g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find (FIXTURE_OWN_LANE, NULL));
      lds_plan_allow_host (plan, "server.example");
      lds_plan_apply_ceilings (plan);
    }
  if ((flags & FIXTURE_KNEES) != 0)
    fixture_make_adaptive (plan);
  session = lds_session_new (plan);
  if ((flags & FIXTURE_THIS_MACHINE) != 0)
    {
      json_object_unref (session->environment);
      session->environment = lds_environment_read ();
      lds_environment_finish (session->environment);
    }
  else
    set_environment (session->environment);
  n_runs = lds_plan_n_runs (plan);
  if (flags & (FIXTURE_THIS_MACHINE | FIXTURE_SIMULATED))
    lds_self_test_add_simulated (session);
  if (flags & FIXTURE_THIS_MACHINE)
    add_measured (session->self_tests);
  if ((flags & FIXTURE_KNEES) != 0)
    {
      fixture_search (session, flags, rand);
      return session;
    }
  session->complete = (flags & FIXTURE_STOPPED) == 0;
  for (guint i = 0; i < (session->complete ? n_runs : 4); i++)
    {
      LdsRunSpec spec = lds_plan_run_spec (plan, i);
      guint nth_lane = 0, nth_workload = 0;
      LdsRun *run;

      g_ptr_array_find (plan->lanes, spec.lane, &nth_lane);
      g_ptr_array_find (plan->workloads, spec.workload, &nth_workload);
      run = make_run (&spec, nth_lane, nth_workload, rand);
      if (spec.lane->address != NULL)
        forget_server (run);
      if (spec.workload->stream != NULL)
        deliver (run);
      if ((flags & FIXTURE_INVALID) != 0)
        spoil (run, nth_lane);
      g_ptr_array_add (session->runs, run);
    }
  return session;
}

/* Makes every text of the answers, advisors and reasons longer than any translator would. */
static void
lengthen (JsonNode *node,
          const char *name)
{
  static const char *const names[] = {"question", "label", "title", "reason", "text", "answer",
                                      "headline", "path", "conditions", "warnings", "limits", "basis", "moved"};

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *member;
      JsonNode *child;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &member, &child))
        lengthen (child, member);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      lengthen (json_array_get_element (json_node_get_array (node), i), name);
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
      if (g_strcmp0 (name, names[i]) == 0)
        {
          g_autofree char *text = g_strconcat (json_node_get_string (node),
                                               " – Donaudampfschifffahrtsgesellschaftskapitänsmützenverordnung"
                                               " זמן תגובה استجابة",
                                               NULL);

          json_node_set_string (node, text);
          break;
        }
}

/* One paragraph that does not fit a page. */
static void
add_long_limit (JsonObject *report)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < 900; i++)
    g_string_append_printf (text, "Word %u of a very long limit. ", i);
  json_array_add_string_element (json_object_get_array_member (report, "limits"), text->str);
  g_string_free (text, TRUE);
}

LdsReport *
fixture_report (FixtureFlags flags)
{
  g_autoptr (LdsAnswers) answers = lds_answers_new_sample (lds_rule_pack_get_default ());
  g_autoptr (LdsVerdict) prior = NULL, final = NULL;
  g_autoptr (LdsSession) session = NULL;
  g_autoptr (LdsClaimEvidence) claims = NULL;
  g_autoptr (LdsGrades) grades = NULL;
  g_autoptr (LdsFindings) findings = NULL;
  g_autoptr (LdsReport) report = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonParser) parser = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  LdsReport *longer;

  g_assert_true (lds_answers_set (answers, "mem", "unknown", &error));
  g_assert_true (lds_answers_set_not_applicable (answers, "hire", "nobody is hired", &error));
  if ((flags & FIXTURE_CLAIMS) != 0)
    claims = fixture_claims (1.5);
  grades = lds_claim_grades_new (claims);
  prior = lds_advise_with (answers, &(LdsAdviceOptions){.grades = grades}, &error);
  if ((flags & FIXTURE_NO_SESSION) == 0)
    session = fixture_session (flags);
  findings = lds_findings_new (answers, session);
  final = lds_findings_advise (
      findings, answers, (flags & FIXTURE_KNEES) != 0 ? LDS_EVIDENCE_NONE : LDS_EVIDENCE_MODEL,
      grades);
  report = lds_report_new ("Chat start-up", answers, prior, session != NULL ? final : NULL, session,
                           claims, FIXTURE_CREATED_AT_US);
  g_assert_nonnull (report);
  if ((flags & FIXTURE_LONG) == 0)
    return g_steal_pointer (&report);

  node = lds_report_to_json (report);
  text = json_to_string (node, FALSE);
  parser = json_parser_new ();
  g_assert_true (json_parser_load_from_data (parser, text, -1, &error));
  lengthen (json_parser_get_root (parser), NULL);
  add_long_limit (json_node_get_object (json_parser_get_root (parser)));
  longer = lds_report_from_json (json_node_get_object (json_parser_get_root (parser)), &error);
  g_assert_no_error (error);
  return longer;
}
