/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From hand-made sessions to evidence: what counts, what does not, and what it moves. */
#include "lds-proposal.h"
#include "lds-findings.h"

#include <math.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-ratio-chart.h"
#include "lds-search.h"
#include "lds-yardstick.h"

#define N_RUNS 5

static LdsAnswers *
new_answers (const char *const *pairs)
{
  LdsAnswers *answers = lds_answers_new (lds_rule_pack_get_default ());
  g_autoptr (GError) error = NULL;

  for (guint i = 0; pairs != NULL && pairs[i] != NULL; i += 2)
    lds_answers_set (answers, pairs[i], pairs[i + 1], &error);
  g_assert_no_error (error);
  return answers;
}

/* Many connections that wait, a target, and a team that can do either: what is measured has weight. */
static LdsAnswers *
new_even_answers (void)
{
  static const char *const pairs[] = {"mix", "io", "conns", "1k-10k", "lat", "100", "js", "3",
                                      "py", "3", "asyncok", "yes", NULL};

  return new_answers (pairs);
}

static LdsSession *
new_session (const char *workload,
             const char *node,
             const char *python)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find (node, NULL));
  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find (python, NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find (workload, NULL));
  return lds_session_new (plan);
}

/* A valid run with that rate and every response taking that long; NaN and 0: none. */
static LdsRun *
add_run (LdsSession *session,
         const char *lane,
         double rate_hz,
         double response_ms)
{
  LdsRunSpec spec = lds_plan_run_spec (session->plan, 0);
  LdsRun *run;

  spec.lane = lds_lane_find (lane, NULL);
  run = lds_run_new (&spec);
  run->achieved_rate_hz = rate_hz;
  run->duration_s = 1;
  if (response_ms > 0)
    {
      run->response = lds_histogram_new ();
      for (guint i = 0; i < 100; i++)
        lds_histogram_record (run->response, (gint64)(response_ms * (double)LDS_NS_PER_MS));
    }
  g_ptr_array_add (session->runs, run);
  return run;
}

static void
add_runs (LdsSession *session,
          const char *lane,
          const double rates_hz[N_RUNS])
{
  for (guint i = 0; i < N_RUNS; i++)
    add_run (session, lane, rates_hz[i], 0);
}

static const LdsFinding *
find (const LdsFindings *findings,
      const char *criterion)
{
  for (guint i = 0; i < findings->rows->len; i++)
    {
      const LdsFinding *finding = findings->rows->pdata[i];

      if (strcmp (finding->criterion, criterion) == 0)
        {
          /* Whoever reads it is told either what it rests on or why it does not count. */
          g_assert_true (finding->used ? finding->basis != NULL && finding->reason == NULL
                                       : finding->basis == NULL && finding->reason != NULL);
          return finding;
        }
    }
  return NULL;
}

static const LdsContribution *
find_contribution (const LdsVerdict *verdict,
                   const char *criterion)
{
  for (guint i = 0; i < verdict->contributions->len; i++)
    {
      const LdsContribution *contribution = verdict->contributions->pdata[i];

      if (strcmp (contribution->id, criterion) == 0)
        return contribution;
    }
  g_assert_not_reached ();
}

static const double fast[N_RUNS] = {400, 402, 398, 404, 396};
static const double slow[N_RUNS] = {200, 201, 199, 202, 198};
static const double like_slow[N_RUNS] = {199, 203, 200, 197, 202};
/* From half to nearly thrice. */
static const double wild[N_RUNS] = {90, 520, 200, 110, 480};

static void
test_clear (void)
{
  g_autoptr (LdsAnswers) answers = new_even_answers ();
  g_autoptr (LdsSession) session = new_session ("slow", "event-loop", "asyncio");
  g_autoptr (LdsFindings) findings = NULL;
  g_autoptr (LdsVerdict) prior = lds_advise (answers, LDS_EVIDENCE_NONE), final = NULL;
  g_autoptr (GPtrArray) moved = NULL;
  const LdsFinding *conc;
  const LdsContribution *contribution;

  add_runs (session, "event-loop", slow);
  add_runs (session, "asyncio", fast);
  findings = lds_findings_new (answers, session);
  conc = find (findings, "conc");
  g_assert_true (conc->used && conc->detectable);
  g_assert_cmpfloat (conc->ratio, ==, 0.5);
  g_assert_cmpfloat (conc->low, >=, 198.0 / 404);
  g_assert_cmpfloat (conc->high, <=, 202.0 / 396);
  g_assert_cmpuint (conc->node_figure.n, ==, N_RUNS);
  g_assert_nonnull (strstr (conc->basis, "Event loop (model)"));
  g_assert_nonnull (strstr (conc->basis, "200/s"));
  g_assert_cmpuint (lds_findings_n_used (findings), ==, 1);

  /* A halving is 25 points down for the one and up for the other. */
  final = lds_findings_advise (findings, answers, LDS_EVIDENCE_NONE, NULL);
  contribution = find_contribution (final, "conc");
  g_assert_cmpfloat (contribution->cells[LDS_OPTION_NODE], ==, 25);
  g_assert_cmpfloat (contribution->cells[LDS_OPTION_PYTHON], ==, 75);
  g_assert_cmpint (contribution->evidence, ==, LDS_EVIDENCE_MODEL);
  g_assert_cmpint (final->evidence, ==, LDS_EVIDENCE_MODEL);
  g_assert_cmpfloat (conc->influence.prior_cells[LDS_OPTION_NODE], ==, 92);
  g_assert_cmpfloat (conc->influence.cells[LDS_OPTION_NODE], ==, 25);

  /* With one measurement, what is without it is the prior. */
  g_assert_cmpint (prior->winner, ==, LDS_OPTION_NODE);
  g_assert_cmpint (final->winner, ==, LDS_OPTION_PYTHON);
  g_assert_cmpint (conc->influence.winner_without, ==, LDS_OPTION_NODE);
  g_assert_cmpfloat_with_epsilon (conc->influence.lead_without, -prior->margin, 1e-9);
  g_assert_cmpfloat_with_epsilon (conc->influence.effect, final->margin + prior->margin, 1e-9);

  moved = lds_findings_explain (findings, prior, final);
  g_assert_cmpuint (moved->len, >=, 3);
  g_assert_nonnull (strstr (moved->pdata[0], "from Node.js"));
  g_assert_nonnull (strstr (moved->pdata[1], "without that measurement it would be Node.js"));
}

/* What the user measured himself stands on the axis of all ratios; what he did not has no row. */
static void
test_own_ratios (void)
{
  g_autoptr (LdsAnswers) answers = new_even_answers ();
  g_autoptr (LdsSession) session = new_session ("slow", "event-loop", "asyncio");
  g_autoptr (LdsFindings) findings = NULL;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_ratio_row_free);
  const LdsFinding *conc;
  const LdsRatioRow *row;

  add_runs (session, "event-loop", slow);
  add_runs (session, "asyncio", fast);
  findings = lds_findings_new (answers, session);
  conc = find (findings, "conc");
  lds_ratio_rows_add_own (rows, findings);
  g_assert_cmpuint (rows->len, ==, 1);
  row = rows->pdata[0];
  g_assert_cmpstr (row->label, ==, "Own: Waiting 200 ms, Throughput");
  g_assert_true (isnan (row->claimed_low) && isnan (row->claimed_high));
  g_assert_cmpfloat (row->value, ==, 0.5);
  g_assert_cmpfloat (row->low, ==, conc->low);
  g_assert_cmpfloat (row->high, ==, conc->high);
  g_assert_cmpstr (row->lane->id, ==, "model:event-loop");
  g_assert_cmpint (row->provenance, ==, LDS_PROVENANCE_MODEL);
}

/* Times are inverted: the faster is the better. */
static void
test_times (void)
{
  g_autoptr (LdsAnswers) answers = new_even_answers ();
  g_autoptr (LdsSession) session = new_session ("io", "event-loop", "asyncio");
  g_autoptr (LdsFindings) findings = NULL;
  const LdsFinding *lat;

  for (guint i = 0; i < N_RUNS; i++)
    {
      add_run (session, "event-loop", 200, 60);
      add_run (session, "asyncio", 200, 120);
    }
  findings = lds_findings_new (answers, session);
  lat = find (findings, "lat");
  g_assert_true (lat->used && lat->detectable);
  g_assert_cmpfloat_with_epsilon (lat->ratio, 2, 0.02);
  g_assert_cmpfloat_with_epsilon (lat->influence.cells[LDS_OPTION_NODE], 75, 0.5);
  g_assert_false (find (findings, "conc")->detectable);
}

static void
test_overlap (void)
{
  g_autoptr (LdsAnswers) answers = new_even_answers ();
  g_autoptr (LdsSession) session = new_session ("slow", "event-loop", "asyncio");
  g_autoptr (LdsFindings) findings = NULL;
  g_autoptr (LdsVerdict) final = NULL;
  const LdsFinding *conc;

  add_runs (session, "event-loop", slow);
  add_runs (session, "asyncio", like_slow);
  findings = lds_findings_new (answers, session);
  conc = find (findings, "conc");
  g_assert_true (conc->used);
  g_assert_false (conc->detectable);
  g_assert_true (conc->low <= 1 && conc->high >= 1 && conc->low < conc->high);
  final = lds_findings_advise (findings, answers, LDS_EVIDENCE_NONE, NULL);
  g_assert_cmpfloat (find_contribution (final, "conc")->cells[LDS_OPTION_NODE], ==, 50);
  g_assert_cmpfloat (find_contribution (final, "conc")->cells[LDS_OPTION_PYTHON], ==, 50);
}

/* That nothing can be told is not that there is no difference. */
static void
test_vague (void)
{
  g_autoptr (LdsAnswers) answers = new_even_answers ();
  g_autoptr (LdsSession) session = new_session ("slow", "event-loop", "asyncio");
  g_autoptr (LdsFindings) findings = NULL;
  g_autoptr (LdsVerdict) final = NULL;

  add_runs (session, "event-loop", slow);
  add_runs (session, "asyncio", wild);
  findings = lds_findings_new (answers, session);
  g_assert_false (find (findings, "conc")->used);
  g_assert_nonnull (strstr (find (findings, "conc")->reason, "too much"));
  final = lds_findings_advise (findings, answers, LDS_EVIDENCE_NONE, NULL);
  g_assert_cmpfloat (find_contribution (final, "conc")->cells[LDS_OPTION_NODE], ==, 92);
  g_assert_cmpint (final->evidence, ==, LDS_EVIDENCE_NONE);
}

static void
check_unused (const LdsSession *session,
              const char *criterion,
              const char *part)
{
  g_autoptr (LdsAnswers) answers = new_even_answers ();
  g_autoptr (LdsFindings) findings = lds_findings_new (answers, session);
  const LdsFinding *finding = find (findings, criterion);

  g_assert_false (finding->used);
  g_assert_nonnull (strstr (finding->reason, part));
  g_assert_null (lds_overlay_get (findings->overlay, criterion));
}

static void
test_unused (void)
{
  g_autoptr (LdsSession) invalid = new_session ("slow", "event-loop", "asyncio");
  g_autoptr (LdsSession) nothing = new_session ("slow", "event-loop", "asyncio");
  g_autoptr (LdsSession) zero = new_session ("slow", "event-loop", "asyncio");
  g_autoptr (LdsSession) other = new_session ("slow", "event-loop", "gil-threads");
  g_autoptr (LdsSession) own = new_session ("slow", "event-loop", "url:http://127.0.0.1:8080");
  g_autoptr (LdsSession) unlike = new_session ("echo", "event-loop", "asyncio");
  g_autoptr (LdsSession) rate = new_session ("slow", "event-loop", "asyncio");

  add_runs (invalid, "event-loop", fast);
  add_runs (invalid, "asyncio", slow);
  check_unused (invalid, "mem", "bare model");
  check_unused (invalid, "cold", "bare model");
  check_unused (invalid, "plain", "real runtimes");
  check_unused (invalid, "rt", "W-000-3");
  /* One of five is refused: what is left is too little, however clear. */
  lds_run_invalidate (invalid->runs->pdata[7], "server-died", "It died.");
  check_unused (invalid, "conc", "Async loop with one lock (model) has 4 valid runs");

  add_runs (nothing, "event-loop", fast);
  check_unused (nothing, "conc", "has 0 valid runs");
  add_runs (nothing, "asyncio", (const double[]){NAN, NAN, 200, 201, NAN});
  check_unused (nothing, "conc", "only 2 runs");
  check_unused (nothing, "lat", "only 0 runs");

  add_runs (zero, "event-loop", fast);
  add_runs (zero, "asyncio", (const double[]){0, 0, 0, 0, 0});
  check_unused (zero, "conc", "only 0 runs");

  add_runs (other, "event-loop", fast);
  add_runs (other, "gil-threads", slow);
  check_unused (other, "conc", "No two lanes");
  add_runs (own, "event-loop", fast);
  add_runs (own, "url:http://127.0.0.1:8080", slow);
  check_unused (own, "conc", "No two lanes");
  add_runs (unlike, "event-loop", fast);
  add_runs (unlike, "asyncio", slow);
  check_unused (unlike, "conc", "W-002-7");

  /* At one rate for both, both give that rate. */
  rate->plan->rate_hz = 200;
  add_runs (rate, "event-loop", slow);
  add_runs (rate, "asyncio", like_slow);
  check_unused (rate, "conc", "same rate");
}

static void
test_no_session (void)
{
  g_autoptr (LdsAnswers) answers = new_even_answers ();
  g_autoptr (LdsFindings) findings = lds_findings_new (answers, NULL);
  g_autoptr (LdsVerdict) prior = lds_advise (answers, LDS_EVIDENCE_NONE);
  g_autoptr (LdsVerdict) final = lds_findings_advise (findings, answers, LDS_EVIDENCE_NONE, NULL);
  g_autoptr (GPtrArray) moved = lds_findings_explain (findings, prior, final);

  g_assert_cmpuint (findings->rows->len, ==, 0);
  g_assert_cmpuint (moved->len, ==, 0);
  g_assert_cmpfloat (prior->margin, ==, final->margin);
}

/* The same runs, in whatever order, say the same. */
static void
test_order (void)
{
  g_autoptr (LdsAnswers) answers = new_even_answers ();
  g_autoptr (LdsSession) one = new_session ("slow", "event-loop", "asyncio");
  g_autoptr (LdsSession) two = new_session ("slow", "event-loop", "asyncio");
  g_autoptr (LdsFindings) first = NULL, second = NULL;

  add_runs (one, "event-loop", slow);
  add_runs (one, "asyncio", like_slow);
  for (guint i = N_RUNS; i > 0; i--)
    {
      add_run (two, "asyncio", like_slow[i - 1], 0);
      add_run (two, "event-loop", slow[i - 1], 0);
    }
  first = lds_findings_new (answers, one);
  second = lds_findings_new (answers, two);
  g_assert_cmpfloat (find (first, "conc")->low, ==, find (second, "conc")->low);
  g_assert_cmpfloat (find (first, "conc")->high, ==, find (second, "conc")->high);
}

/* A workload that the criterion names first goes before the one that stands in for it. */
static void
test_preference (void)
{
  g_autoptr (LdsAnswers) answers = new_even_answers ();
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  g_autoptr (LdsSession) session = NULL;
  g_autoptr (LdsFindings) findings = NULL;

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("asyncio", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("slow", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("io", NULL));
  session = lds_session_new (plan);
  add_runs (session, "event-loop", fast);
  add_runs (session, "asyncio", slow);
  findings = lds_findings_new (answers, session);
  g_assert_cmpstr (find (findings, "conc")->workload->id, ==, "slow");
  for (guint i = 0; i < 2 * N_RUNS; i++)
    {
      LdsRun *run = add_run (session, i < N_RUNS ? "event-loop" : "asyncio", slow[i % N_RUNS], 0);

      run->spec.workload = lds_workload_find ("io", NULL);
    }
  g_clear_pointer (&findings, lds_findings_free);
  findings = lds_findings_new (answers, session);
  g_assert_cmpstr (find (findings, "conc")->workload->id, ==, "io");
  g_assert_cmpfloat (find (findings, "conc")->ratio, ==, 1);
}

/* All connections wait as long as the workload says: throughput says nothing, cost per request does. */
static void
test_too_few_connections (void)
{
  g_autoptr (LdsAnswers) answers = new_even_answers ();
  g_autoptr (LdsSession) session = new_session ("slow", "event-loop", "asyncio");
  g_autoptr (LdsFindings) findings = NULL;

  for (guint i = 0; i < 2 * N_RUNS; i++)
    {
      LdsRun *run =
          add_run (session, i < N_RUNS ? "event-loop" : "asyncio", 320 + i % N_RUNS, 200);

      run->service = lds_histogram_new ();
      lds_histogram_record (run->service, 200 * LDS_NS_PER_MS);
    }
  check_unused (session, "conc", "neither lane was the limit, for all 64 connections");
  for (guint i = 0; i < session->runs->len; i++)
    {
      LdsRun *run = session->runs->pdata[i];

      run->requests = 320;
      run->server_cpu_s = i < N_RUNS ? 0.032 : 0.016;
    }
  findings = lds_findings_new (answers, session);
  g_assert_true (find (findings, "conc")->used);
  g_assert_cmpstr (find (findings, "conc")->metric->id, ==, "cpu_per_request");
  g_assert_cmpfloat_with_epsilon (find (findings, "conc")->ratio, 0.5, 1e-9);
}

/* A server that answers so many and no more, and costs the more the fewer. */
static LdsRun *
simulate (const LdsRunSpec *spec)
{
  double capacity_hz = strcmp (spec->lane->model_id, "event-loop") == 0 ? 4000 : 2000;
  double rate_hz = spec->rate_hz > 0 ? spec->rate_hz : capacity_hz;
  LdsRun *run = lds_run_new (spec);

  run->response = lds_histogram_new ();
  for (guint i = 0; i < 1000; i++)
    lds_histogram_record (run->response, LDS_NS_PER_S / (gint64)capacity_hz * 10);
  run->duration_s = 1;
  run->other_cpu_cores = 0;
  run->achieved_rate_hz = fmin (rate_hz, capacity_hz);
  run->requests = (guint64)run->achieved_rate_hz;
  run->server_cpu_s = (double)run->requests / capacity_hz;
  if (rate_hz > capacity_hz)
    lds_run_invalidate (run, "rate-missed", "Too few were answered.");
  return run;
}

/* A session that searched knees: how much by the knees, how fast at half of them, cost at one rate. */
static void
test_knees (void)
{
  g_autoptr (LdsAnswers) answers = new_even_answers ();
  g_autoptr (LdsSession) session = new_session ("io", "event-loop", "asyncio");
  g_autoptr (LdsFindings) findings = NULL;
  LdsRunSpec spec;
  const LdsFinding *finding;

  session->plan->find_knee = TRUE;
  session->plan->slo_p99_ms = 100;
  check_unused (session, "conc", "was not found");
  g_assert_cmpint (lds_proposal_evidence (session), ==, LDS_EVIDENCE_NONE);
  while (lds_search_next (session->plan, session->runs, &spec))
    {
      g_assert_cmpint (lds_proposal_evidence (session), ==, LDS_EVIDENCE_NONE);
      g_ptr_array_add (session->runs, simulate (&spec));
    }
  g_assert_cmpint (lds_proposal_evidence (session), ==, LDS_EVIDENCE_MODEL);
  findings = lds_findings_new (answers, session);
  finding = find (findings, "conc");
  g_assert_true (finding->used && finding->detectable);
  g_assert_cmpfloat (finding->ratio, >, 1.8);
  g_assert_cmpfloat (finding->ratio, <, 2.2);
  g_assert_true (finding->low < finding->ratio && finding->ratio < finding->high);
  g_assert_nonnull (strstr (finding->basis, "Knee on"));
  finding = find (findings, "lat");
  g_assert_true (finding->used);
  g_assert_cmpfloat_with_epsilon (finding->ratio, 2, 0.01);
  g_assert_nonnull (strstr (finding->basis, "half of its own knee"));
}

/* Series say how a lane scales, and of no criterion anything. */
static void
test_series (void)
{
  g_autoptr (LdsSession) session = new_session ("io", "event-loop", "asyncio");
  LdsRunSpec spec;

  g_array_append_vals (session->plan->scale_connections, (const guint[]){1, 2, 4}, 3);
  while (lds_search_next (session->plan, session->runs, &spec))
    g_ptr_array_add (session->runs, simulate (&spec));
  check_unused (session, "conc", "Only series were measured");
  g_assert_cmpint (lds_proposal_evidence (session), ==, LDS_EVIDENCE_NONE);
}

static void
check_pair (const char *const *pairs,
            const char *node,
            const char *python)
{
  g_autoptr (LdsAnswers) answers = new_answers (pairs);
  g_autoptr (GArray) comparisons = lds_comparison_list (answers);
  const LdsComparison *first = &g_array_index (comparisons, LdsComparison, 0);

  g_assert_cmpuint (comparisons->len, >=, 1);
  g_assert_cmpstr (first->node, ==, node);
  g_assert_cmpstr (first->python, ==, python);
}

/* Which lanes stand for the runtimes follows from the answers. */
static void
test_pairs (void)
{
  check_pair (NULL, "event-loop", "asyncio");
  check_pair ((const char *const[]){"asyncok", "no", NULL}, "event-loop", "gil-threads");
  check_pair ((const char *const[]){"batt", "yes", NULL}, "event-loop", "gil-threads");
  check_pair ((const char *const[]){"conns", "10k-50k", NULL}, "cluster", "prefork-asyncio");
  check_pair ((const char *const[]){"rps", "50k-100k", "asyncok", "no", NULL}, "cluster", "prefork");
  check_pair ((const char *const[]){"plaincpu", "per-request", NULL}, "worker-threads", "process-pool");
}

/* Every pair is of lanes that there are, every metric is one, every workload has a code. */
static void
test_data (void)
{
  static const char *const no[] = {"asyncok", "no", "conns", "10k-50k", NULL};
  static const char *const yes[] = {"asyncok", "yes", "conns", "10k-50k", "plaincpu", "per-request", NULL};
  const char *const *sets[] = {no, yes};
  g_autoptr (GArray) yardsticks = lds_yardstick_list (lds_rule_pack_get_default ());

  for (guint s = 0; s < G_N_ELEMENTS (sets); s++)
    {
      g_autoptr (LdsAnswers) answers = new_answers (sets[s]);
      g_autoptr (GArray) comparisons = lds_comparison_list (answers);

      g_assert_cmpuint (comparisons->len, >=, 2);
      for (guint i = 0; i < comparisons->len; i++)
        {
          const LdsComparison *comparison = &g_array_index (comparisons, LdsComparison, i);
          g_autoptr (GError) error = NULL;

          g_assert_nonnull (lds_lane_find (comparison->node, &error));
          g_assert_nonnull (lds_lane_find (comparison->python, &error));
        }
    }
  g_assert_cmpuint (yardsticks->len, ==, 8);
  for (guint i = 0; i < yardsticks->len; i++)
    {
      const LdsYardstick *yardstick = &g_array_index (yardsticks, LdsYardstick, i);

      /* What a live audience gets is no figure of runs yet. */
      if (strcmp (yardstick->criterion, "rt") != 0)
        g_assert_nonnull (lds_metric_find (yardstick->metric));
      if (yardstick->instead != NULL)
        g_assert_nonnull (lds_metric_find (yardstick->instead));
    }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/findings/clear", test_clear);
  g_test_add_func ("/report/findings/own-ratios", test_own_ratios);
  g_test_add_func ("/report/findings/times", test_times);
  g_test_add_func ("/report/findings/overlap", test_overlap);
  g_test_add_func ("/report/findings/vague", test_vague);
  g_test_add_func ("/report/findings/unused", test_unused);
  g_test_add_func ("/report/findings/no-session", test_no_session);
  g_test_add_func ("/report/findings/order", test_order);
  g_test_add_func ("/report/findings/preference", test_preference);
  g_test_add_func ("/report/findings/too-few-connections", test_too_few_connections);
  g_test_add_func ("/report/findings/knees", test_knees);
  g_test_add_func ("/report/findings/series", test_series);
  g_test_add_func ("/report/findings/pairs", test_pairs);
  g_test_add_func ("/report/findings/data", test_data);
  return g_test_run ();
}
