/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same thing against itself. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-self-test.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-bench-json.h"
#include "lds-error.h"

/* Simulated noise, on the log scale. */
#define NOISE            0.02
#define DRIFT            0.01 /* from one run to the next */
#define DISTURBED_SHARE  0.05
#define DISTURBED_BY     0.08
#define SEED             20261128u
#define MAX_RUNS_OF_SIDE 32

/* Measured: a closed loop, which no disturbance makes miss its rate, so that noise is kept and not
 * refused; of requests that the server, not the load generator, is busy with. */
#define CONNECTIONS 8
#define DURATION_MS 300
#define WARM_UP_MS  100

/* What a session is given. */
static const LdsCompareTest simulated[] = {LDS_COMPARE_PAIRS, LDS_COMPARE_RANKS};
static const char *const measured[] = {"throughput", "cpu_per_request", "p50", "p99"};

/* One side of 95 %. */
#define IMPROBABLE 0.025

/* More than any session has; a hostile file could have millions. */
#define MAX_TESTS 100

/* Which side the @nth run of a comparison is, as lds_plan_run_spec() orders two lanes: ABBAABBA… */
static guint
side_of (guint nth)
{
  return (nth + nth / 2) % 2;
}

/* Source: Box and Muller, "A Note on the Generation of Random Normal Deviates" (1958). */
static double
draw_normal (GRand *rand)
{
  double u = 1 - g_rand_double (rand); /* above 0 */

  return sqrt (-2 * log (u)) * cos (2 * G_PI * g_rand_double (rand));
}

static gboolean
is_found (const LdsDifference *difference)
{
  return difference->kind == LDS_DIFFERENCE_LOWER || difference->kind == LDS_DIFFERENCE_HIGHER;
}

LdsSelfTest
lds_self_test_simulate (guint n_comparisons,
                        guint n_runs,
                        LdsCompareTest test)
{
  LdsSelfTest result = {.test = test,
                        .n_comparisons = n_comparisons,
                        .n_runs = n_runs,
                        .made_at_us = g_get_real_time ()};
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

  g_return_val_if_fail (n_runs >= 1 && n_runs <= MAX_RUNS_OF_SIDE, result);

  for (guint i = 0; i < n_comparisons; i++)
    {
      double sides[2][MAX_RUNS_OF_SIDE], drift = 0;
      LdsDifference difference;

      for (guint nth = 0; nth < 2 * n_runs; nth++)
        {
          double figure = NOISE * draw_normal (rand);

          if (test == LDS_COMPARE_PAIRS)
            drift += DRIFT * draw_normal (rand);
          if (g_rand_double (rand) < DISTURBED_SHARE)
            figure += DISTURBED_BY * log (1 - g_rand_double (rand));
          sides[side_of (nth)][nth / 2] = exp (figure + drift);
        }
      difference = test == LDS_COMPARE_PAIRS
                       ? lds_stats_compare_pairs (sides[0], sides[1], n_runs, LDS_COMPARE_ALPHA)
                       : lds_stats_compare_ranks (sides[0], n_runs, sides[1], n_runs,
                                                  LDS_COMPARE_ALPHA);
      result.n_found += is_found (&difference);
    }
  return result;
}

LdsPlan *
lds_self_test_new_plan (guint n_comparisons)
{
  LdsPlan *plan = lds_plan_new ();

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("predict", NULL));
  plan->connections = CONNECTIONS;
  plan->duration_ms = DURATION_MS;
  plan->warm_up_ms = WARM_UP_MS;
  plan->repeats = 2 * LDS_SELF_TEST_RUNS * n_comparisons;
  return plan;
}

/* One figure a repeat of the plan, NaN without a valid run: where a run was made again, there are more runs
 * than repeats. */
static double *
list_figures (const LdsSession *session,
              const LdsMetric *metric)
{
  guint n = session->plan->repeats;
  double *figures = g_new (double, n + 1);

  for (guint i = 0; i < n; i++)
    figures[i] = NAN;
  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];

      if (run->valid && run->spec.repeat < n)
        figures[run->spec.repeat] = metric->of_run (run);
    }
  return figures;
}

LdsSelfTest
lds_self_test_measure (const LdsSession *session,
                       const LdsMetric *metric)
{
  const guint n_runs = 2 * LDS_SELF_TEST_RUNS;
  LdsSelfTest result = {.metric = metric, .test = LDS_COMPARE_PAIRS, .n_runs = LDS_SELF_TEST_RUNS};
  g_autofree double *figures = NULL;

  g_return_val_if_fail (session != NULL && metric != NULL && metric->of_run != NULL, result);

  if (session->runs->len > 0)
    result.made_at_us = ((const LdsRun *)session->runs->pdata[0])->started_at_us;
  figures = list_figures (session, metric);
  for (guint first = 0; first + n_runs <= session->plan->repeats; first += n_runs)
    {
      double sides[2][LDS_SELF_TEST_RUNS];
      LdsDifference difference;

      for (guint nth = 0; nth < n_runs; nth++)
        sides[side_of (nth)][nth / 2] = figures[first + nth];
      difference =
          lds_stats_compare_pairs (sides[0], sides[1], LDS_SELF_TEST_RUNS, LDS_COMPARE_ALPHA);
      if (difference.kind == LDS_DIFFERENCE_TOO_FEW)
        continue;
      result.n_comparisons++;
      result.n_found += is_found (&difference);
    }
  return result;
}

/* Probability of @from to @to of @n comparisons when each finds something at @rate. */
static double
binomial (guint n,
          guint from,
          guint to,
          double rate)
{
  double sum = 0;

  for (guint i = from; i <= to; i++)
    sum += exp (lgamma (n + 1.0) - lgamma (i + 1.0) - lgamma (n - i + 1.0) + i * log (rate) +
                (n - i) * log1p (-rate));
  return sum;
}

/* Beyond what chance explains. */
static gboolean
finds_too_much (const LdsSelfTest *test)
{
  return binomial (test->n_comparisons, test->n_found, test->n_comparisons,
                   LDS_SELF_TEST_MAX_RATE) < IMPROBABLE;
}

/* Takes those out of @session that are measured, or those that are not. */
static void
remove_tests (LdsSession *session,
              gboolean are_measured)
{
  for (guint i = session->self_tests->len; i-- > 0;)
    if ((g_array_index (session->self_tests, LdsSelfTest, i).metric != NULL) == are_measured)
      g_array_remove_index (session->self_tests, i);
}

void
lds_self_test_add_simulated (LdsSession *session)
{
  guint n_runs;

  g_return_if_fail (session != NULL);

  n_runs = CLAMP (session->plan->repeats, LDS_SESSION_MIN_RUNS, MAX_RUNS_OF_SIDE);
  remove_tests (session, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (simulated); i++)
    {
      LdsSelfTest test = lds_self_test_simulate (LDS_SELF_TEST_N_SIMULATED, n_runs, simulated[i]);

      g_array_insert_val (session->self_tests, i, test);
    }
}

void
lds_self_test_add_measured (LdsSession *session,
                            const LdsSession *runs)
{
  g_return_if_fail (session != NULL && runs != NULL);

  remove_tests (session, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (measured); i++)
    {
      LdsSelfTest test = lds_self_test_measure (runs, lds_metric_find (measured[i]));
      g_autofree char *sentence = lds_self_test_dup_sentence (&test), *text = NULL;

      g_array_append_val (session->self_tests, test);
      if (!finds_too_much (&test))
        continue;
      /* Translators: a sentence that says how many differences were found */
      text = g_strdup_printf (_ ("%s Small differences of this session are not to be believed."), sentence);
      lds_invalid_reasons_add (session->warnings, "self-test", text);
    }
}

gboolean
lds_self_test_is_measured (const LdsSession *session)
{
  g_return_val_if_fail (session != NULL, FALSE);

  for (guint i = 0; i < session->self_tests->len; i++)
    if (g_array_index (session->self_tests, LdsSelfTest, i).metric != NULL)
      return TRUE;
  return FALSE;
}

double
lds_self_test_rate (const LdsSelfTest *test,
                    double *low,
                    double *high)
{
  g_return_val_if_fail (test != NULL && low != NULL && high != NULL, NAN);

  *low = *high = NAN;
  if (test->n_comparisons == 0)
    return NAN;
  lds_stats_proportion (test->n_found, test->n_comparisons, low, high);
  return (double)test->n_found / test->n_comparisons;
}

gboolean
lds_self_test_fails (const LdsSelfTest *test)
{
  g_return_val_if_fail (test != NULL, FALSE);

  return finds_too_much (test) ||
         binomial (test->n_comparisons, 0, test->n_found, LDS_SELF_TEST_MIN_RATE) < IMPROBABLE;
}

static GDateTime *
get_time (const LdsSelfTest *test)
{
  return test->made_at_us > 0 ? g_date_time_new_from_unix_utc (test->made_at_us / G_USEC_PER_SEC)
                              : NULL;
}

char *
lds_self_test_dup_time (const LdsSelfTest *test)
{
  g_autoptr (GDateTime) time = NULL;

  g_return_val_if_fail (test != NULL, NULL);

  time = get_time (test);
  return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M UTC") : g_strdup ("–");
}

char *
lds_self_test_dup_sentence (const LdsSelfTest *test)
{
  double low, high, rate;
  g_autofree char *share = NULL, *range = NULL;

  g_return_val_if_fail (test != NULL, NULL);

  rate = lds_self_test_rate (test, &low, &high);
  share = lds_format_value (rate, LDS_UNIT_FRACTION);
  range = lds_format_range (low, high, rate, LDS_UNIT_FRACTION);
  if (test->metric != NULL)
    /* Translators: a number, a metric, a number, a percentage and its interval */
    return g_strdup_printf (
        _ ("Of %u measured comparisons of a lane with itself in “%s”, %u showed a difference that is not there: %s (95 %% interval %s); it should be about 5 %%."),
        test->n_comparisons, _ (test->metric->title), test->n_found, share, range);
  if (test->test == LDS_COMPARE_PAIRS)
    /* Translators: two numbers, a percentage and its interval */
    return g_strdup_printf (_ ("Of %u simulated comparisons of a lane with itself in one session, %u showed a difference that is not there: %s (95 %% interval %s); it should be about 5 %%."),
                            test->n_comparisons, test->n_found, share, range);
  /* Translators: two numbers, a percentage and its interval */
  return g_strdup_printf (_ ("Of %u simulated comparisons of a lane with itself in two sessions, %u showed a difference that is not there: %s (95 %% interval %s); it should be about 5 %%."),
                          test->n_comparisons, test->n_found, share, range);
}

JsonNode *
lds_self_test_list_to_json (GArray *tests)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < tests->len; i++)
    {
      const LdsSelfTest *test = &g_array_index (tests, LdsSelfTest, i);
      double low, high, rate = lds_self_test_rate (test, &low, &high);
      g_autoptr (GDateTime) time = get_time (test);
      g_autofree char *made_at = time != NULL ? g_date_time_format_iso8601 (time) : NULL;

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "kind", test->metric != NULL ? "measured" : "simulated");
      lds_json_add_string (builder, "test", test->test == LDS_COMPARE_PAIRS ? "pairs" : "ranks");
      lds_json_add_string (builder, "metric", test->metric != NULL ? test->metric->json_key : NULL);
      lds_json_add_int (builder, "n_runs", test->n_runs);
      lds_json_add_int (builder, "n_comparisons", test->n_comparisons);
      lds_json_add_int (builder, "n_found", test->n_found);
      lds_bench_json_set_number (builder, "rate", rate);
      lds_bench_json_set_number (builder, "low", low);
      lds_bench_json_set_number (builder, "high", high);
      lds_json_add_string (builder, "made_at", made_at);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  return json_builder_get_root (builder);
}

/* A metric that this version does not know is a figure that it cannot show. */
static const LdsMetric *
find_metric (const char *json_key)
{
  guint n_metrics;
  const LdsMetric *metrics = lds_metric_list (&n_metrics);

  for (guint i = 0; i < n_metrics; i++)
    if (g_strcmp0 (metrics[i].json_key, json_key) == 0)
      return &metrics[i];
  return NULL;
}

static void
read_test (JsonObject *object,
           GArray *tests,
           GError **error)
{
  const char *metric = lds_json_get_string (object, "metric", NULL, error);
  const char *name = lds_json_get_string (object, "test", "pairs", error);
  const char *made_at = lds_json_get_string (object, "made_at", NULL, error);
  g_autoptr (GDateTime) time =
      made_at != NULL ? g_date_time_new_from_iso8601 (made_at, NULL) : NULL;
  LdsSelfTest test = {.metric = find_metric (metric),
                      .test = strcmp (name, "ranks") == 0 ? LDS_COMPARE_RANKS : LDS_COMPARE_PAIRS};

  test.n_comparisons = (guint)lds_json_get_int_between (object, "n_comparisons", 0, 0,
                                                        LDS_SELF_TEST_MAX_SIMULATED, error);
  test.n_found =
      (guint)lds_json_get_int_between (object, "n_found", 0, 0, test.n_comparisons, error);
  test.n_runs = (guint)lds_json_get_int_between (object, "n_runs", LDS_SELF_TEST_RUNS, 1,
                                                 LDS_PLAN_MAX_REPEATS, error);
  if (time != NULL)
    test.made_at_us = MAX (g_date_time_to_unix (time), 0) * G_USEC_PER_SEC;
  else if (made_at != NULL && *error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("“%s” must be a time of ISO 8601, as in “2026-11-28T12:40:00Z”."), "made_at");
  if (metric == NULL || test.metric != NULL)
    g_array_append_val (tests, test);
}

gboolean
lds_self_test_list_from_json (JsonObject *object,
                              GArray *tests,
                              GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonArray *array = lds_json_get_array (object, "self_test", &local);

  for (guint i = 0; local == NULL && array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_OBJECT (node) && i < MAX_TESTS)
        read_test (json_node_get_object (node), tests, &local);
      else
        g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT,
                     _ ("“%s” must be a list of at most %d objects."), "self_test", MAX_TESTS);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
