/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a load takes, and how lanes scale: known runs, known answers; nothing is said from too far away. */
#include <math.h>
#include <string.h>

#include "lds-capacity.h"
#include "lds-metric.h"
#include "lds-search.h"
#include "lds-session.h"

#define MIB 1048576.0

static LdsSession *
new_session (const char *lane)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find (lane, NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  plan->connections = 100;
  return lds_session_new (plan);
}

/* A good or bad run that takes 100 µs of CPU a request, 20 MiB at first and 1 KiB a connection. */
static LdsRun *
add_run (LdsSession *session,
         LdsPurpose purpose,
         guint connections,
         double rate_hz,
         double achieved_hz)
{
  const LdsPlan *plan = session->plan;
  LdsRunSpec spec = lds_plan_make_spec (plan, plan->lanes->pdata[0], plan->workloads->pdata[0]);
  LdsSample sample = {.phase = LDS_PHASE_MEASURE, .n_processes = 3};
  LdsRun *run;

  spec.purpose = purpose;
  spec.connections = connections;
  spec.rate_hz = rate_hz;
  run = lds_run_new (&spec);
  run->response = lds_histogram_new ();
  for (guint i = 0; i < 200; i++)
    lds_histogram_record (run->response, 1000000);
  run->duration_s = 1;
  run->achieved_rate_hz = achieved_hz;
  run->requests = (guint64)achieved_hz;
  run->server_cpu_s = achieved_hz * 100e-6;
  run->base_rss_bytes = 20 * MIB;
  run->peak_rss_bytes = 20 * MIB + connections * 1024.0;
  run->other_cpu_cores = 0;
  g_array_append_val (run->samples, sample);
  if (rate_hz > 0 && achieved_hz < rate_hz)
    lds_run_invalidate (run, "rate-missed", "Too few were answered.");
  g_ptr_array_add (session->runs, run);
  return run;
}

/* Lets the search find a knee at 1000/s. */
static void
find_knee (LdsSession *session)
{
  LdsRunSpec spec;

  session->plan->find_knee = TRUE;
  while (lds_search_next (session->plan, session->runs, &spec))
    add_run (session, spec.purpose, spec.connections, spec.rate_hz,
             spec.rate_hz > 0 ? fmin (spec.rate_hz, 1000) : 1000);
}

static void
test_known (void)
{
  g_autoptr (LdsSession) session = new_session ("prefork");
  g_autoptr (GPtrArray) list = NULL;
  const LdsCapacity *capacity;

  session->plan->demand_rate_hz = 5000;
  session->plan->demand_connections = 1000;
  find_knee (session);
  list = lds_capacity_list (session->plan, session->runs);
  g_assert_cmpuint (list->len, ==, 1);
  capacity = list->pdata[0];
  /* 5000/s at a knee of 1000/s, within 5 %: 5 to 6 at their knees, twice that at half of it. */
  g_assert_cmpfloat_with_epsilon (capacity->rate_factor, 5, 0.3);
  g_assert_cmpfloat (capacity->instances.low, >=, 5);
  g_assert_cmpfloat (capacity->instances.low, <=, 6);
  g_assert_cmpfloat (capacity->instances.high, >=, 10);
  g_assert_cmpfloat (capacity->instances.high, <=, 11);
  g_assert_cmpfloat (capacity->processes.low, ==, 3 * capacity->instances.low);
  g_assert_cmpfloat_with_epsilon (capacity->cores.low, 0.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (capacity->cores.high, 0.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (capacity->connections_factor, 10, 1e-9);
  g_assert_cmpfloat_with_epsilon (capacity->memory_bytes.low,
                                  capacity->instances.low * 20 * MIB + 1000 * 1024, 1);
  g_assert_cmpfloat_with_epsilon (capacity->memory_bytes.high,
                                  capacity->instances.high * 20 * MIB + 1000 * 1024, 1);
}

static void
test_refused (void)
{
  g_autoptr (LdsSession) session = new_session ("prefork");
  g_autoptr (GPtrArray) near = NULL, many = NULL, far = NULL;
  const LdsCapacity *capacity;

  find_knee (session);
  session->plan->demand_rate_hz = 400;
  near = lds_capacity_list (session->plan, session->runs);
  capacity = near->pdata[0];
  g_assert_cmpfloat (capacity->rate_factor, <=, 1);
  g_assert_cmpfloat (capacity->instances.low, ==, 1);
  g_assert_cmpfloat (capacity->instances.high, ==, 1);

  session->plan->demand_connections = 100 * (guint)LDS_CAPACITY_MAX_FACTOR + 1;
  many = lds_capacity_list (session->plan, session->runs);
  capacity = many->pdata[0];
  g_assert_cmpfloat (capacity->instances.low, ==, 1);
  g_assert_true (isnan (capacity->memory_bytes.high));

  session->plan->demand_rate_hz = 1000 * LDS_CAPACITY_MAX_FACTOR * 1.1;
  far = lds_capacity_list (session->plan, session->runs);
  capacity = far->pdata[0];
  g_assert_true (isnan (capacity->instances.low) && isnan (capacity->cores.high));
  g_assert_true (isnan (capacity->memory_bytes.low));
}

/* Memory that nobody could read is not none. */
static void
test_unknown_memory (void)
{
  g_autoptr (LdsSession) session = new_session ("prefork");
  g_autoptr (GPtrArray) list = NULL;
  const LdsCapacity *capacity;
  g_autoptr (JsonNode) json = NULL;
  JsonObject *row;

  session->plan->demand_rate_hz = 400;
  find_knee (session);
  for (guint i = 0; i < session->runs->len; i++)
    {
      LdsRun *run = session->runs->pdata[i];

      run->peak_rss_bytes = NAN;
      g_assert_true (isnan (lds_metric_find ("rss_per_connection")->of_run (run)));
    }
  list = lds_capacity_list (session->plan, session->runs);
  capacity = list->pdata[0];
  g_assert_cmpfloat (capacity->instances.low, ==, 1);
  g_assert_true (isnan (capacity->memory_bytes.low) && isnan (capacity->memory_bytes.high));

  /* Nor is what rests on nothing “measured”. */
  g_ptr_array_set_size (session->runs, 0);
  g_clear_pointer (&list, g_ptr_array_unref);
  list = lds_capacity_list (session->plan, session->runs);
  json = lds_capacity_to_json (session->plan, list);
  row = json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (json), "rows"), 0);
  g_assert_cmpstr (json_object_get_string_member (row, "basis"), ==, "refused");
  g_assert_cmpstr (json_object_get_string_member (row, "memory_basis"), ==, "refused");
  ((LdsCapacity *)list->pdata[0])->connections_factor = 0.5;
  g_clear_pointer (&json, json_node_unref);
  json = lds_capacity_to_json (session->plan, list);
  row = json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (json), "rows"), 0);
  g_assert_cmpstr (json_object_get_string_member (row, "memory_basis"), ==, "refused");
}

/* Nothing was measured: nothing is said. */
static void
test_empty (void)
{
  g_autoptr (LdsSession) session = new_session ("prefork");
  g_autoptr (GPtrArray) none = lds_capacity_list (session->plan, session->runs), list = NULL;

  g_assert_cmpuint (none->len, ==, 0);
  session->plan->find_knee = TRUE;
  session->plan->demand_rate_hz = 100;
  list = lds_capacity_list (session->plan, session->runs);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_true (isnan (((LdsCapacity *)list->pdata[0])->instances.low));
  g_assert_true (isnan (((LdsCapacity *)list->pdata[0])->rate_factor));
}

/* Of a search that is not over nothing follows, though some rate was kept. */
static void
test_unfinished (void)
{
  g_autoptr (LdsSession) session = new_session ("prefork");
  g_autoptr (GPtrArray) list = NULL, series = NULL, knees = NULL;
  g_autofree char *rate = NULL, *basis = NULL;
  const LdsKneeSummary *knee;
  LdsRunSpec spec;

  session->plan->demand_rate_hz = 400;
  session->plan->find_knee = TRUE;
  g_array_append_vals (session->plan->scale_connections, (const guint[]){1, 4, 16}, 3);
  for (guint i = 0; i < 8 && lds_search_next (session->plan, session->runs, &spec); i++)
    add_run (session, spec.purpose, spec.connections, spec.rate_hz,
             spec.rate_hz > 0 ? fmin (spec.rate_hz, 1000) : 1000);
  knees = lds_search_summarize (session->plan, session->runs);
  knee = knees->pdata[0];
  g_assert_cmpint (knee->knee.state, ==, LDS_KNEE_SEARCHING);
  g_assert_cmpfloat (knee->knee.low_hz, >, 0);
  g_assert_cmpuint (knee->throughput.n, ==, 0);
  rate = lds_knee_summary_dup_rate (knee);
  g_assert_cmpstr (rate, ==, "not finished");
  list = lds_capacity_list (session->plan, session->runs);
  g_assert_true (isnan (((LdsCapacity *)list->pdata[0])->rate_factor));
  g_assert_true (isnan (((LdsCapacity *)list->pdata[0])->instances.low));
  basis = lds_capacity_dup_basis (NAN);
  g_assert_cmpstr (basis, ==, "not known");
  /* Nor of a series that has not begun. */
  series = lds_capacity_list_scaling (session->plan, session->runs);
  g_assert_nonnull (strstr (((LdsScaling *)series->pdata[0])->why_not, "stopped before"));
}

/* What is measured, at some distance, and too far away. */
static void
test_words (void)
{
  static const struct
  {
    double factor;
    const char *text;
  } bases[] = {{0.3, "measured"}, {1, "measured"}, {1.25, "extrapolated, × 1.25"}, {20, "extrapolated, × 20"}, {20.1, "refused, × 20.1"}};
  const LdsUslFigure figures[] = {
      {0.0123, 0.01, 0.02}, {19.6, 16.5, INFINITY}, {INFINITY, NAN, NAN}, {3, NAN, NAN}};
  static const char *const values[] = {"0.0123", "19.6", "none", "3"};
  static const char *const intervals[] = {"0.01–0.02", "16.5 or more", NULL, NULL};
  g_autofree char *range = lds_capacity_range_dup_text ((LdsCapacityRange){2, 5}, LDS_UNIT_COUNT);
  g_autofree char *point = lds_capacity_range_dup_text ((LdsCapacityRange){2, 2}, LDS_UNIT_COUNT);
  g_autofree char *none =
      lds_capacity_range_dup_text ((LdsCapacityRange){NAN, NAN}, LDS_UNIT_COUNT);

  for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      g_autofree char *text = lds_capacity_dup_basis (bases[i].factor);

      g_assert_cmpstr (text, ==, bases[i].text);
    }
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    {
      g_autofree char *value = lds_capacity_dup_figure (&figures[i]);
      g_autofree char *interval = lds_capacity_dup_interval (&figures[i]);

      g_assert_cmpstr (value, ==, values[i]);
      g_assert_cmpstr (interval, ==, intervals[i]);
    }
  g_assert_cmpstr (range, ==, "2–5");
  g_assert_cmpstr (point, ==, "2");
  g_assert_cmpstr (none, ==, "–");
}

static void
test_scaling (void)
{
  g_autoptr (LdsSession) session = new_session ("event-loop");
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (JsonNode) json = NULL;
  JsonObject *object, *point;
  JsonArray *points;
  const LdsScaling *scaling;

  g_array_append_vals (session->plan->scale_connections, (const guint[]){1, 4, 16}, 3);
  g_array_append_vals (session->plan->scale_workers, (const guint[]){1, 2}, 2);
  for (guint i = 0; i < 3; i++)
    for (guint n = 1; n <= 16; n *= 4)
      add_run (session, LDS_PURPOSE_SCALE, n, 0, 1000 * n / (1 + 0.1 * (n - 1)));
  /* Neither one that is invalid, nor one of another purpose. */
  lds_run_invalidate (add_run (session, LDS_PURPOSE_SCALE, 16, 0, 9e9), "client-saturated", "It was busy.");
  add_run (session, LDS_PURPOSE_PROBE, 16, 0, 9e9);
  list = lds_capacity_list_scaling (session->plan, session->runs);
  /* The event loop has no workers. */
  g_assert_cmpuint (list->len, ==, 1);
  scaling = list->pdata[0];
  g_assert_cmpuint (scaling->n_invalid, ==, 1);
  g_assert_nonnull (scaling->usl);
  g_assert_cmpfloat_with_epsilon (scaling->usl->lambda_hz.value, 1000, 1e-3);
  g_assert_cmpfloat_with_epsilon (scaling->usl->alpha.value, 0.1, 1e-6);
  json = lds_session_to_json (session);
  object = json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (json), "scaling"), 0);
  g_assert_cmpstr (json_object_get_string_member (object, "over"), ==, "connections");
  g_assert_cmpint (json_object_get_int_member (object, "n_points"), ==, 3);
  /* The runs themselves, by connections, and how far they are from the law. */
  g_assert_cmpuint (scaling->points->len, ==, 9);
  points = json_object_get_array_member (object, "points");
  g_assert_cmpuint (json_array_get_length (points), ==, 9);
  point = json_array_get_object_element (points, 8);
  g_assert_cmpint (json_object_get_int_member (point, "n"), ==, 16);
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (point, "residual_fraction"), 0, 1e-6);
  g_assert_cmpfloat_with_epsilon (
      lds_scaling_get_residual (scaling, &(LdsUslPoint){1, 1500}), 0.5, 1e-6);

  /* With all of one point gone there is no law, and it is said why. */
  for (guint i = 0; i < session->runs->len; i++)
    if (((LdsRun *)session->runs->pdata[i])->spec.connections == 4)
      lds_run_invalidate (session->runs->pdata[i], "errors", "Too many.");
  g_clear_pointer (&list, g_ptr_array_unref);
  list = lds_capacity_list_scaling (session->plan, session->runs);
  scaling = list->pdata[0];
  g_assert_null (scaling->usl);
  g_assert_nonnull (strstr (scaling->why_not, "3"));
  g_assert_true (isnan (lds_scaling_get_residual (scaling, &(LdsUslPoint){1, 1500})));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/capacity/known", test_known);
  g_test_add_func ("/bench/capacity/refused", test_refused);
  g_test_add_func ("/bench/capacity/unknown-memory", test_unknown_memory);
  g_test_add_func ("/bench/capacity/empty", test_empty);
  g_test_add_func ("/bench/capacity/unfinished", test_unfinished);
  g_test_add_func ("/bench/capacity/words", test_words);
  g_test_add_func ("/bench/capacity/scaling", test_scaling);
  return g_test_run ();
}
