/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration with synthetic runs, whose costs are known: the figures are found, what a twin needs besides is taken off,
 * one figure does not disturb another, and what cannot be found is left out. */
#include "lds-calibration.h"

#include <math.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-error.h"

#define RATE_HZ 20000

/* What requests cost on some server, ns, and how much memory it has. */
typedef struct
{
  double request_ns, byte_ns, json_byte_ns, body_ns, turn_ns, timer_ns, ratio, integer_ratio,
      native_ratio;
  double over_ns; /* what its other threads need of each request */
  double rss_bytes, start_up_ms;
} Costs;

static const Costs real = {30e3, 0.5, 4, 20e3, 40e3, 12e3, 20, 50, 2, 0, 48e6, 120};
static const Costs in_c = {8e3, 0.1, 1, 1e3, 2e3, 1e3, 1, 1, 1, 0, 3e6, 3};

/* In C. */
#define ROOTS_NS 2.5e6
#define IMAGE_NS 80e3
#define PARSE_NS 300e3

static double
cost_of (const Costs *costs,
         const LdsRunSpec *spec)
{
  const char *id = spec->workload->id;
  double ns = costs->request_ns + costs->over_ns + (spec->connections == 1 ? costs->turn_ns : 0);

  if (strcmp (id, "json") == 0)
    ns += 1024 * (costs->json_byte_ns + costs->byte_ns);
  else if (strcmp (id, "echo") == 0)
    ns += costs->body_ns + 2 * 1040 * costs->byte_ns;
  else if (strcmp (id, "echo?blocks=256") == 0)
    ns += costs->body_ns + 2 * 16640 * costs->byte_ns;
  else if (strcmp (id, "user?ms=2") == 0)
    ns += costs->timer_ns;
  else if (strcmp (id, "compute?millions=1") == 0)
    ns += ROOTS_NS * costs->ratio;
  else if (strcmp (id, "image") == 0)
    ns += IMAGE_NS * costs->integer_ratio;
  else if (strcmp (id, "parse?objects=100") == 0)
    ns += PARSE_NS * costs->native_ratio + costs->body_ns + 12813 * costs->byte_ns;
  return ns;
}

/* Its service times: so many of them held up by @pause_ns. */
static LdsHistogram *
make_service (double usual_ns,
              guint n,
              guint n_pauses,
              double pause_ns)
{
  LdsHistogram *histogram = lds_histogram_new ();

  for (guint i = 0; i < n; i++)
    lds_histogram_record (histogram, (int64_t)(usual_ns + (i < n_pauses ? pause_ns : 0)));
  return histogram;
}

/* @n_pauses: of 20000 answers; @noise: by so much the machine is slower in this run */
static LdsRun *
make_run (const LdsRunSpec *spec,
          const Costs *costs,
          guint n_pauses,
          double noise)
{
  LdsRun *run = lds_run_new (spec);
  LdsProcessUsage process = {.pid = 1};

  run->duration_s = 1;
  run->requests = RATE_HZ;
  run->server_cpu_s = RATE_HZ * cost_of (costs, spec) * noise / LDS_NS_PER_S;
  run->service = make_service (1e5, RATE_HZ, n_pauses, 1e6);
  run->base_rss_bytes = costs->rss_bytes;
  run->peak_rss_bytes =
      costs->rss_bytes + (spec->workload->stream != NULL ? 8000.0 * spec->connections : 10e6);
  run->start_up_ms = costs->start_up_ms;
  g_array_append_val (run->processes, process);
  for (gint64 t_ms = -1000; t_ms <= 1000; t_ms += 100)
    {
      LdsSample sample = {
          .t_ns = t_ms * LDS_NS_PER_MS, .rate_hz = RATE_HZ, .rss_bytes = run->base_rss_bytes};

      /* All there after half a second. */
      sample.rss_bytes += 10e6 * MIN (1, (double)(t_ms + 1000) / 500);
      g_array_append_val (run->samples, sample);
    }
  return run;
}

/* All that takes time takes @slowness times as long. */
static Costs
slow_down (Costs costs,
           double slowness)
{
  costs.request_ns *= slowness;
  costs.byte_ns *= slowness;
  costs.json_byte_ns *= slowness;
  costs.body_ns *= slowness;
  costs.turn_ns *= slowness;
  costs.timer_ns *= slowness;
  return costs;
}

/* Rounds of work a second that a twin does where nothing is slow. */
#define PACE_HZ 50e6

/* How slow the machine is in each repeat. */
typedef const double Slowness[LDS_PLAN_MAX_REPEATS];

static Slowness steady = {1, 1, 1, 1, 1};

/* Has a stage measured: the twin needs @over_ns besides what it spends, and from the second twin on spends work. */
static gboolean
run_stage (LdsCalibration *calibration,
           LdsCalibrationStage stage,
           const LdsLane *subject,
           const LdsLane *twin,
           double over_ns,
           Slowness slowness,
           GError **error)
{
  g_autoptr (GPtrArray) plans = lds_calibration_make_plans (calibration, stage, twin);
  Costs spent = real;

  if (twin != NULL)
    {
      spent.request_ns = lds_calibration_get (calibration, "cost.request_ns").median;
      spent.byte_ns = lds_calibration_get (calibration, "cost.response_byte_ns").median;
      spent.json_byte_ns = lds_calibration_get (calibration, "cost.json_byte_ns").median;
      spent.body_ns = lds_calibration_get (calibration, "cost.body_ns").median;
      spent.turn_ns = lds_calibration_get (calibration, "cost.turn_ns").median;
      spent.timer_ns = lds_calibration_get (calibration, "cost.timer_ns").median;
      spent.ratio = lds_calibration_get (calibration, "cost.compute_ratio").median;
      spent.integer_ratio = lds_calibration_get (calibration, "cost.integer_ratio").median;
      spent.native_ratio = lds_calibration_get (calibration, "cost.native_ratio").median;
      spent.over_ns = over_ns;
    }
  for (guint i = 0; i < plans->len; i++)
    for (guint r = 0; r < lds_plan_n_runs (plans->pdata[i]); r++)
      {
        LdsRunSpec spec = lds_plan_run_spec (plans->pdata[i], r);
        double slow = slowness[spec.repeat];
        Costs costs = spec.lane == subject               ? slow_down (real, slow)
                      : twin == NULL                     ? in_c
                      : stage == LDS_CALIBRATION_CORRECT ? spent
                                                         : slow_down (spent, slow);
        g_autoptr (LdsRun) run = make_run (&spec, &costs, spec.lane == subject ? 40 : 2, 1);

        if (spec.lane == twin && spec.lane != NULL)
          run->broad_pace_hz = PACE_HZ / slow;
        lds_calibration_take (calibration, stage, run);
      }
  return lds_calibration_fit (calibration, stage, error);
}

static void
assert_near (const LdsCalibration *calibration,
             const char *member,
             double expected,
             double tolerance)
{
  LdsEstimate found = lds_calibration_get (calibration, member);

  if (found.n == 0 || !(fabs (found.median - expected) <= tolerance))
    g_error ("%s is %g instead of %g", member, found.median, expected);
  g_assert_cmpfloat (found.low, <=, found.median);
  g_assert_cmpfloat (found.high, >=, found.median);
}

static const LdsLane *
subject_lane (void)
{
  return lds_lane_find ("real:node-http", NULL);
}

static void
test_found (void)
{
  const LdsLane *subject = subject_lane (), *twin = lds_lane_find ("twin:node-http", NULL);
  g_autoptr (LdsCalibration) calibration = lds_calibration_new (subject, TRUE);

  g_assert_true (run_stage (calibration, LDS_CALIBRATION_FIT, subject, NULL, 0, steady, NULL));
  g_assert_true (
      run_stage (calibration, LDS_CALIBRATION_CORRECT, subject, twin, 3e3, steady, NULL));
  g_assert_true (run_stage (calibration, LDS_CALIBRATION_CHECK, subject, twin, 3e3, steady, NULL));

  /* What the twin's other threads use is not its request's. */
  assert_near (calibration, "cost.request_ns", 27e3, 1);
  assert_near (calibration, "cost.request_byte_ns", 0.5, 1e-3);
  assert_near (calibration, "cost.response_byte_ns", 0.5, 1e-3);
  assert_near (calibration, "cost.json_byte_ns", 4, 1e-3);
  assert_near (calibration, "cost.body_ns", 20e3, 1);
  assert_near (calibration, "cost.turn_ns", 40e3, 1);
  assert_near (calibration, "cost.timer_ns", 12e3, 1);
  assert_near (calibration, "cost.compute_ratio", 20, 0.1);
  assert_near (calibration, "cost.integer_ratio", 50, 0.5);
  assert_near (calibration, "cost.native_ratio", 2, 0.02);
  /* 40 of 20000 answers less the 2 of the model in C, 1 ms each. */
  assert_near (calibration, "cost.pause_requests", 20000 / 38.0, 1);
  assert_near (calibration, "cost.pause_ns", 1e6, 1e4);
  assert_near (calibration, "memory.base_rss_bytes", 48e6, 1);
  assert_near (calibration, "memory.connection_bytes", 8000, 1);
  assert_near (calibration, "startup.cpu_ns", 120e6, 1);
  g_assert_cmpuint (lds_calibration_get (calibration, "cost.request_ns").n, ==, 5);
  /* No workload that tells it. */
  g_assert_cmpuint (lds_calibration_get (calibration, "cost.database_ns").n, ==, 0);
  g_assert_cmpuint (lds_calibration_get (calibration, "cost.dispatch_ns").n, ==, 0);
}

/* What was measured while the machine was slower, or faster, is taken to the pace of the first twin. */
static void
test_changing_speed (void)
{
  static Slowness fit = {1.6, 0.7}, check = {1.5, 0.8, 1.25};
  const LdsLane *subject = subject_lane (), *twin = lds_lane_find ("twin:node-http", NULL);
  g_autoptr (LdsCalibration) calibration = lds_calibration_new (subject, TRUE);

  g_assert_true (run_stage (calibration, LDS_CALIBRATION_FIT, subject, NULL, 0, fit, NULL));
  g_assert_true (run_stage (calibration, LDS_CALIBRATION_CORRECT, subject, twin, 0, steady, NULL));
  assert_near (calibration, "cost.broad_pace_hz", PACE_HZ, 1);
  g_assert_true (run_stage (calibration, LDS_CALIBRATION_CHECK, subject, twin, 0, check, NULL));
  assert_near (calibration, "cost.broad_pace_hz", PACE_HZ, 1);
  assert_near (calibration, "cost.request_ns", 30e3, 1);
  assert_near (calibration, "cost.response_byte_ns", 0.5, 1e-3);
  assert_near (calibration, "cost.json_byte_ns", 4, 1e-3);
  assert_near (calibration, "cost.body_ns", 20e3, 1);
  assert_near (calibration, "cost.turn_ns", 40e3, 1);
  assert_near (calibration, "cost.timer_ns", 12e3, 1);
}

/* Answers that are held up for as long as the rest takes are no collections of garbage. */
static void
test_no_pauses (void)
{
  const LdsLane *subject = subject_lane ();
  g_autoptr (LdsCalibration) calibration = lds_calibration_new (subject, TRUE);
  g_autoptr (GPtrArray) plans = lds_calibration_make_plans (calibration, LDS_CALIBRATION_FIT, NULL);

  for (guint i = 0; i < plans->len; i++)
    for (guint r = 0; r < lds_plan_n_runs (plans->pdata[i]); r++)
      {
        LdsRunSpec spec = lds_plan_run_spec (plans->pdata[i], r);
        g_autoptr (LdsRun) run = make_run (&spec, spec.lane == subject ? &real : &in_c,
                                           spec.lane == subject ? 600 : 0, 1);

        lds_calibration_take (calibration, LDS_CALIBRATION_FIT, run);
      }
  g_assert_true (lds_calibration_fit (calibration, LDS_CALIBRATION_FIT, NULL));
  g_assert_cmpuint (lds_calibration_get (calibration, "cost.pause_ns").n, ==, 0);
  g_assert_cmpuint (lds_calibration_get (calibration, "cost.pause_requests").n, ==, 0);
  assert_near (calibration, "cost.request_ns", 30e3, 1);
}

/* What is left for trying twins is not used, nor other loads. */
static void
test_held_out (void)
{
  static const char *const held_out[] = {"mix", "report", "tasks", "users"};
  g_autoptr (LdsCalibration) calibration = lds_calibration_new (subject_lane (), FALSE);
  g_autoptr (GPtrArray) plans = lds_calibration_make_plans (calibration, LDS_CALIBRATION_FIT, NULL);

  g_assert_cmpuint (plans->len, ==, 3);
  for (guint i = 0; i < plans->len; i++)
    {
      const LdsPlan *plan = plans->pdata[i];

      g_assert_true (lds_plan_validate (plan, NULL));
      for (guint w = 0; w < plan->workloads->len; w++)
        {
          const LdsWorkload *workload = plan->workloads->pdata[w];
          const LdsWorkload *base = workload->base != NULL ? workload->base : workload;

          g_assert_true (plan->connections == 64 || plan->connections == 1 ||
                         workload->stream != NULL);
          for (guint h = 0; h < G_N_ELEMENTS (held_out); h++)
            g_assert_cmpstr (base->id, !=, held_out[h]);
        }
    }
}

/* Runs that say nothing of the server's costs are passed over; of too few nothing is made. */
static void
test_too_few (void)
{
  const LdsLane *subject = subject_lane ();
  g_autoptr (LdsCalibration) calibration = lds_calibration_new (subject, TRUE);
  g_autoptr (GPtrArray) plans = lds_calibration_make_plans (calibration, LDS_CALIBRATION_FIT, NULL);
  g_autoptr (GError) error = NULL;

  for (guint r = 0; r < lds_plan_n_runs (plans->pdata[0]); r++)
    {
      LdsRunSpec spec = lds_plan_run_spec (plans->pdata[0], r);
      g_autoptr (LdsRun) run = make_run (&spec, &real, 0, 1);

      run->errors = spec.repeat == 0 ? 1 : 0;
      lds_calibration_take (calibration, LDS_CALIBRATION_FIT, run);
    }
  g_assert_false (lds_calibration_fit (calibration, LDS_CALIBRATION_FIT, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "(real)"));
}

/* The profile is one that lanes take, and tells how it came about. */
static void
test_profile (void)
{
  const LdsLane *subject = subject_lane ();
  g_autoptr (LdsCalibration) calibration = lds_calibration_new (subject, TRUE);
  g_autoptr (JsonObject) environment = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  JsonObject *profile, *cost, *figure;

  json_object_set_string_member (environment, "cpu_model", "A processor");
  g_assert_true (run_stage (calibration, LDS_CALIBRATION_FIT, subject, NULL, 0, steady, NULL));
  node = lds_calibration_to_json (calibration, environment, "20.1", 4e6);
  profile = json_node_get_object (node);
  cost = json_object_get_object_member (profile, "cost");
  g_assert_cmpstr (json_object_get_string_member (profile, "id"), ==, "node-http");
  g_assert_cmpstr (json_object_get_string_member (profile, "runtime"), ==, "node 20.1");
  g_assert_cmpstr (
      json_array_get_string_element (json_object_get_array_member (profile, "models"), 0), ==,
      "M1");
  g_assert_cmpfloat (json_object_get_double_member (cost, "request_ns"), ==, 30e3);
  g_assert_false (json_object_has_member (cost, "database_ns"));
  figure = json_object_get_object_member (
      json_object_get_object_member (json_object_get_object_member (profile, "calibration"), "figures"),
      "cost.timer_ns");
  g_assert_cmpfloat (json_object_get_double_member (figure, "value"), ==, 12e3);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/calibration/found", test_found);
  g_test_add_func ("/bench/calibration/changing-speed", test_changing_speed);
  g_test_add_func ("/bench/calibration/no-pauses", test_no_pauses);
  g_test_add_func ("/bench/calibration/held-out", test_held_out);
  g_test_add_func ("/bench/calibration/too-few", test_too_few);
  g_test_add_func ("/bench/calibration/profile", test_profile);
  return g_test_run ();
}
