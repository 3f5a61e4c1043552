/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pitfalls that run: what is shipped can be run, and what runs say of it follows from them. */
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"
#include "lds-pitfall-verdict.h"

/* A session of @pitfall whose runs have these figures: of the metrics that the tests need, each is set. */
static LdsSession *
new_session (const LdsPitfall *pitfall,
             const double *wrong,
             const double *remedy)
{
  g_autoptr (LdsPlan) plan = lds_pitfall_new_plan (pitfall, FALSE);
  LdsSession *session = lds_session_new (plan);

  for (guint i = 0; i < lds_plan_n_runs (plan); i++)
    {
      LdsRunSpec spec = lds_plan_run_spec (plan, i);
      LdsPitfallSideId side = lds_pitfall_find_side (pitfall, spec.lane, spec.workload);
      double figure = (side == LDS_PITFALL_WRONG ? wrong : remedy)[spec.repeat];
      LdsRun *run = lds_run_new (&spec);

      run->achieved_rate_hz = run->peak_rss_bytes = figure;
      run->duration_s = 1;
      run->server_cpu_s = figure / 1e3;
      run->response = lds_histogram_new ();
      for (guint n = 0; n < 1000; n++)
        lds_histogram_record (run->response, (gint64)(figure * 1e3));
      g_ptr_array_add (session->runs, run);
    }
  return session;
}

static const LdsPitfall *
find (const char *id)
{
  g_autoptr (GError) error = NULL;
  const LdsPitfall *pitfall = lds_pitfall_find (id, &error);

  g_assert_no_error (error);
  return pitfall;
}

static const double low[] = {98, 101, 100, 99, 102}, high[] = {990, 1010, 1000, 980, 1020};

/* The figures of a plan are of both sides and of nothing else, and may be run as they are. */
static void
test_shipped (void)
{
  guint n_pitfalls;
  const LdsPitfall *pitfalls = lds_pitfall_list (&n_pitfalls);

  g_assert_cmpuint (n_pitfalls, >=, 7);
  for (guint i = 0; i < n_pitfalls; i++)
    for (guint quick = 0; quick < 2; quick++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (LdsPlan) plan = lds_pitfall_new_plan (&pitfalls[i], quick != 0);
        guint seen[LDS_PITFALL_N_SIDES + 1] = {0};

        g_assert_true (lds_plan_validate (plan, &error));
        g_assert_no_error (error);
        g_assert_cmpuint (lds_plan_n_runs (plan), ==, 2 * plan->repeats);
        for (guint r = 0; r < lds_plan_n_runs (plan); r++)
          {
            LdsRunSpec spec = lds_plan_run_spec (plan, r);
            LdsPitfallSideId side = lds_pitfall_find_side (&pitfalls[i], spec.lane, spec.workload);

            seen[side]++;
            g_assert_cmpuint (side, <, LDS_PITFALL_N_SIDES);
            g_assert_cmpuint (spec.connections, ==, pitfalls[i].connections);
            g_assert_cmpfloat (spec.rate_hz, ==, pitfalls[i].sides[side].rate_hz);
          }
        g_assert_cmpuint (seen[LDS_PITFALL_WRONG], ==, plan->repeats);
        g_assert_cmpuint (seen[LDS_PITFALL_REMEDY], ==, plan->repeats);
        g_assert_cmpuint (plan->repeats, >=, quick != 0 ? 4 : LDS_SESSION_MIN_RUNS);
      }
}

/* Where two numbers of requests a second are set against each other they are as much work. */
static void
test_equal_work (void)
{
  const LdsPitfall *pitfall = find ("X-08");
  const LdsPitfallSide *wrong = &pitfall->sides[LDS_PITFALL_WRONG];
  const LdsPitfallSide *remedy = &pitfall->sides[LDS_PITFALL_REMEDY];

  g_assert_cmpstr (wrong->workload->path, ==, "/tasks?chunk=1");
  g_assert_cmpstr (remedy->workload->path, ==, "/tasks?chunk=100");
  g_assert_cmpfloat (wrong->rate_hz, ==, 100 * remedy->rate_hz);
}

static void
test_find (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (lds_pitfall_find ("x-01", NULL) == find ("X-01"));
  g_assert_null (lds_pitfall_find ("X-03", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "X-03"));
  g_assert_nonnull (strstr (error->message, "X-01, X-02"));
}

/* In every metric it is the pitfall that is told to be worse, by the same factor. */
static void
test_shown (void)
{
  guint n_pitfalls;
  const LdsPitfall *pitfalls = lds_pitfall_list (&n_pitfalls);

  for (guint i = 0; i < n_pitfalls; i++)
    {
      gboolean lower_is_better = pitfalls[i].metric->lower_is_better;
      g_autoptr (LdsSession) session =
          new_session (&pitfalls[i], lower_is_better ? high : low, lower_is_better ? low : high);
      LdsPitfallVerdict verdict = lds_pitfall_judge (&pitfalls[i], session);
      g_autofree char *text = lds_pitfall_verdict_dup_text (&verdict, &pitfalls[i]);

      g_assert_cmpuint (verdict.finding, ==, LDS_PITFALL_SHOWN);
      g_assert_cmpfloat_with_epsilon (verdict.factor, 10, 0.3);
      g_assert_cmpfloat (verdict.low, <, verdict.factor);
      g_assert_cmpfloat (verdict.high, >, verdict.factor);
      g_assert_cmpfloat (verdict.low, >, 9);
      g_assert_cmpuint (verdict.n_valid[LDS_PITFALL_WRONG], ==, 5);
      g_assert_true (g_str_has_prefix (text, "Shown here."));
    }
}

static void
test_not_shown (void)
{
  static const double little[] = {108, 111, 110, 109, 112};
  const LdsPitfall *pitfall = find ("X-04");
  const double *const cases[][2] = {{low, low}, {low, high}, {little, low}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LdsSession) session = new_session (pitfall, cases[i][0], cases[i][1]);
      LdsPitfallVerdict verdict = lds_pitfall_judge (pitfall, session);
      g_autofree char *text = lds_pitfall_verdict_dup_text (&verdict, pitfall);

      g_assert_cmpuint (verdict.finding, ==, LDS_PITFALL_NOT_SHOWN);
      g_assert_true (g_str_has_prefix (text, "Not shown here."));
    }
}

/* Runs of two workloads were not beside each other, so nothing joins them by repeat. */
static void
test_by_ranks (void)
{
  static const double falling[] = {1000, 500, 250, 125, 62};
  static const double also[] = {1010, 505, 252, 126, 63};
  const LdsPitfall *workloads = find ("X-04"), *lanes = find ("X-01");
  g_autoptr (LdsSession) by_workload = new_session (workloads, also, falling);
  g_autoptr (LdsSession) by_lane = new_session (lanes, also, falling);
  LdsPitfallVerdict apart = lds_pitfall_judge (workloads, by_workload);
  LdsPitfallVerdict joined = lds_pitfall_judge (lanes, by_lane);

  g_assert_cmpfloat (apart.high / apart.low, >, 4);
  g_assert_cmpfloat (joined.high / joined.low, <, 1.1);
}

static void
test_unknown (void)
{
  const LdsPitfall *pitfall = find ("X-02");
  g_autoptr (LdsSession) session = new_session (pitfall, low, high);
  g_autofree char *text = NULL, *refusals = NULL, *none = NULL;
  LdsPitfallVerdict verdict;

  for (guint i = 0, n = 0; i < session->runs->len; i++)
    {
      LdsRun *run = session->runs->pdata[i];
      LdsPitfallSideId side = lds_pitfall_find_side (pitfall, run->spec.lane, run->spec.workload);

      if (side == LDS_PITFALL_WRONG && n++ < 4)
        lds_run_invalidate (run, "errors", "Too many failed.");
    }
  verdict = lds_pitfall_judge (pitfall, session);
  g_assert_cmpuint (verdict.finding, ==, LDS_PITFALL_UNKNOWN);
  g_assert_true (isnan (verdict.factor));
  g_assert_cmpuint (verdict.n_valid[LDS_PITFALL_WRONG], ==, 1);
  g_assert_cmpuint (verdict.n_invalid[LDS_PITFALL_WRONG], ==, 4);
  text = lds_pitfall_verdict_dup_text (&verdict, pitfall);
  g_assert_nonnull (strstr (text, "1 of the pitfall and 5 of the remedy"));
  refusals = lds_pitfall_dup_refusals (pitfall, LDS_PITFALL_WRONG, session);
  none = lds_pitfall_dup_refusals (pitfall, LDS_PITFALL_REMEDY, session);
  g_assert_cmpstr (refusals, ==, "Too many failed.");
  g_assert_null (none);
}

/* Nobody can take a model's figure for a runtime's. */
static void
test_labels (void)
{
  guint n_pitfalls;
  const LdsPitfall *pitfalls = lds_pitfall_list (&n_pitfalls);

  for (guint i = 0; i < n_pitfalls; i++)
    for (guint side = 0; side < LDS_PITFALL_N_SIDES; side++)
      {
        g_autofree char *label = lds_pitfall_side_dup_label (&pitfalls[i].sides[side]);

        g_assert_true (g_str_has_suffix (label, " (model)"));
      }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/pitfall/shipped", test_shipped);
  g_test_add_func ("/bench/pitfall/equal-work", test_equal_work);
  g_test_add_func ("/bench/pitfall/find", test_find);
  g_test_add_func ("/bench/pitfall/shown", test_shown);
  g_test_add_func ("/bench/pitfall/not-shown", test_not_shown);
  g_test_add_func ("/bench/pitfall/by-ranks", test_by_ranks);
  g_test_add_func ("/bench/pitfall/unknown", test_unknown);
  g_test_add_func ("/bench/pitfall/labels", test_labels);
  return g_test_run ();
}
