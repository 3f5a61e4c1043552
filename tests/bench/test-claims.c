/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims: their files, Little's law, what is measured for them, and verdicts from given figures and runs. */
#include <math.h>
#include <string.h>

#include "lds-claim-verdict.h"
#include "lds-claim.h"
#include "lds-error.h"
#include "lds-little.h"

#define HEAD "<decision version='1'>\n"
#define TAIL "</decision>"
#define ENTRY_HEAD                                      \
  HEAD "<entry kind='claim' id='C-1' articles='000'>\n" \
       "<title>T</title><how>H</how>\n"
#define ENTRY(children) ENTRY_HEAD children "</entry>" TAIL
#define FIGURE(rest)    ENTRY ("<figure of='node' lanes='twin:a real:b' on='hello' connections='64' " rest "/>")
#define WHOLE           "metric='throughput' unit='per-s' low='1'"

static GPtrArray *
read_text (const char *text,
           GError **error)
{
  return lds_claim_read (text, strlen (text), "test.xml", error);
}

/* The only figure of a claim with one. */
static const LdsClaimFigure *
only_figure (GPtrArray *claims)
{
  return ((LdsClaim *)claims->pdata[0])->figures->pdata[0];
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
      {HEAD "<question/>" TAIL, "“test.xml”, line 2: there may be nothing but entries of the kind “claim” here."},
      {HEAD "<entry kind='rule' id='R-1'/>" TAIL, "“test.xml”, line 2: there may be nothing but entries of the kind “claim” here."},
      {HEAD "<entry kind='claim'/>" TAIL, "“test.xml”, line 2: <entry> needs the attribute “id”."},
      {HEAD "<entry kind='claim' id='C-1' articles='000'><title>T</title></entry>" TAIL,
       "“test.xml”, line 2: a claim needs a <title> and a <how>."},
      {HEAD "<entry kind='claim' id='C-1' articles='000' rank='1'/>" TAIL, "“test.xml”, line 2: <entry> has no attribute “rank”."},
      {ENTRY ("<note/>"), "“test.xml”, line 4: <note> is no part of a claim."},
      {FIGURE (WHOLE " colour='red'"), "“test.xml”, line 4: <figure> has no attribute “colour”."},
      {FIGURE ("metric='speed' unit='per-s' low='1'"), "“test.xml”, line 4: there is no metric “speed”."},
      {FIGURE ("metric='throughput' unit='ms' low='1'"),
       "“test.xml”, line 4: “ms” is no unit of “throughput”, nor, of a ratio, “times”."},
      {FIGURE ("metric='throughput' unit='times' low='1'"),
       "“test.xml”, line 4: “times” is no unit of “throughput”, nor, of a ratio, “times”."},
      {FIGURE ("metric='throughput' unit='per-s'"), "“test.xml”, line 4: a figure needs “low” or “high”."},
      {FIGURE ("metric='throughput' unit='per-s' low='2' high='1'"), "“test.xml”, line 4: “low” is above “high”."},
      {FIGURE ("metric='throughput' unit='per-s' low='many'"), "“test.xml”, line 4: “low” must be a number, not “many”."},
      {FIGURE (WHOLE " tolerance='-1'"), "“test.xml”, line 4: “tolerance” must be from 0 to 10, not -1."},
      {FIGURE (WHOLE " needs='luck'"), "“test.xml”, line 4: “needs” cannot be “luck”; it is one of: model, twin, real."},
      {FIGURE (WHOLE " travels='far'"), "“test.xml”, line 4: “travels” cannot be “far”; it is one of: no, yes."},
      {FIGURE (WHOLE " workers='1.5'"), "“test.xml”, line 4: “workers” must be a whole number, not 1.5."},
      {FIGURE (WHOLE " needs='real'"),
       "“test.xml”, line 4: “lanes” has “twin:a”, which is no lane that may decide what needs “real”."},
      {FIGURE (WHOLE " over-lanes='real:b'"), "“test.xml”, line 4: “over-lanes” needs “over”."},
      {FIGURE (WHOLE " over='python'"), "“test.xml”, line 4: <figure> needs the attribute “over-lanes”."},
      {ENTRY ("<figure of='node' lanes='real:b' on='helo' connections='64' " WHOLE "/>"),
       "“test.xml”, line 4: There is no workload “helo”; did you mean “hello”?."},
      {ENTRY ("<figure of='node' lanes='real:b' on='hello' " WHOLE "/>"),
       "“test.xml”, line 4: <figure> needs the attribute “connections”."},
      {ENTRY ("<figure of='ruby' lanes='real:b' on='hello' connections='1' " WHOLE "/>"),
       "“test.xml”, line 4: “of” cannot be “ruby”; it is one of: node, python, server."},
      {ENTRY ("<total requests='10' time-ms='0' rate-hz='1' connections='1'/>"),
       "“test.xml”, line 4: “time-ms” must be above 0, not 0."},
      {ENTRY ("<users n='10' rate-low-hz='2' rate-high-hz='1' latency-low-ms='1' latency-high-ms='2'/>"),
       "“test.xml”, line 4: “low” is above “high”."},
      {ENTRY_HEAD "</entry>\n<entry kind='claim' id='C-1' articles='000'><title>T</title><how>H</how></entry>" TAIL,
       "“test.xml”, line 5: there are two of “C-1”."},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) claims = read_text (cases[i].text, &error);

      g_assert_null (claims);
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) claims =
      read_text (ENTRY ("<figure of='python' lanes='real:b twin:c' over='node' over-lanes='real:a' on='slow?ms=50' "
                        "connections='400' rate-hz='10' workers='4' duration-ms='2000' metric='p50' unit='times' "
                        "low='1.3' high='1.5' tolerance='0.2' travels='no'/>"),
                 &error);
  const LdsClaimFigure *figure;
  double low, high;

  g_assert_no_error (error);
  figure = only_figure (claims);
  g_assert_cmpint (figure->of, ==, LDS_CLAIM_PYTHON);
  g_assert_cmpint (figure->over, ==, LDS_CLAIM_NODE);
  g_assert_cmpstr (figure->lanes[1], ==, "twin:c");
  g_assert_cmpstr (figure->workload->id, ==, "slow?ms=50");
  g_assert_cmpuint (figure->connections, ==, 400);
  g_assert_cmpfloat (figure->rate_hz, ==, 10);
  g_assert_cmpuint (figure->workers, ==, 4);
  g_assert_cmpint (figure->duration_ms, ==, 2000);
  g_assert_cmpint (figure->needs, ==, LDS_PROVENANCE_TWIN);
  g_assert_false (figure->travels);
  lds_claim_figure_limits (figure, &low, &high);
  g_assert_cmpfloat_with_epsilon (low, 1.3 / 1.2, 1e-12);
  g_assert_cmpfloat_with_epsilon (high, 1.5 * 1.2, 1e-12);
}

/* Every claim of the domain's list is there, none twice, and those that say how they are tested can be. */
static void
test_shipped (void)
{
  static const struct
  {
    const char *prefix;
    guint n;
  } articles[] = {{"C-000-", 36}, {"C-001-", 14}, {"C-002-", 21}, {"C-003-", 14}, {"C-004-", 10}};
  GPtrArray *claims = lds_claim_list ();
  g_autoptr (GError) error = NULL;

  for (guint a = 0; a < G_N_ELEMENTS (articles); a++)
    {
      guint n = 0;

      for (guint i = 0; i < claims->len; i++)
        n += g_str_has_prefix (((LdsClaim *)claims->pdata[i])->id, articles[a].prefix);
      g_assert_cmpuint (n, ==, articles[a].n);
    }
  for (guint i = 0; i < claims->len; i++)
    {
      const LdsClaim *claim = claims->pdata[i];
      gboolean refuses = g_str_has_prefix (claim->how, "Not testable");

      g_assert_cmpint (refuses, ==, !lds_claim_is_testable (claim));
      g_assert_true (lds_claim_find (claim->id, NULL) == claim);
    }
  g_assert_null (lds_claim_find ("C-000-99", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_true (g_str_has_prefix (error->message, "There is no claim “C-000-99”; did you mean “C-000-9"));
}

static void
test_favours_node (void)
{
  static const struct
  {
    const char *of, *over, *metric;
    double low, high;
    gboolean is_on_axis;
    double axis_low, axis_high;
  } cases[] = {
      {"node", "python", "throughput", 2, 4, TRUE, 2, 4},      /* twice the requests */
      {"python", "node", "throughput", 2, 4, TRUE, 0.25, 0.5}, /* Python twice as many */
      {"python", "node", "p50", 1.3, 1.5, TRUE, 1.3, 1.5},     /* Python takes longer */
      {"node", "python", "rss", 2, 4, TRUE, 0.25, 0.5},        /* Node.js takes more memory */
      {"server", "server", "throughput", 2, 4, FALSE, 2, 4},
      {"node", "node", "throughput", 2, 4, FALSE, 2, 4},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GStrv lanes = (GStrv)(char *[]){(char *)"real:a", NULL};
      LdsClaimFigure figure = {.over_lanes = lanes, .metric = lds_metric_find (cases[i].metric)};
      double low = cases[i].low, high = cases[i].high;

      for (LdsClaimRole role = LDS_CLAIM_NODE; role <= LDS_CLAIM_SERVER; role++)
        {
          if (strcmp (lds_claim_role_to_string (role), cases[i].of) == 0)
            figure.of = role;
          if (strcmp (lds_claim_role_to_string (role), cases[i].over) == 0)
            figure.over = role;
        }
      g_assert_cmpint (lds_claim_figure_favours_node (&figure, &low, &high), ==,
                       cases[i].is_on_axis);
      g_assert_cmpfloat_with_epsilon (low, cases[i].axis_low, 1e-12);
      g_assert_cmpfloat_with_epsilon (high, cases[i].axis_high, 1e-12);
    }
}

static void
test_claimed (void)
{
  g_autoptr (GPtrArray) memory = read_text (FIGURE ("metric='rss' unit='MB' low='100' high='200'"), NULL);
  g_autoptr (GPtrArray) most = read_text (FIGURE ("metric='p99' unit='ms' high='100'"), NULL);
  g_autoptr (GPtrArray) least = read_text (FIGURE ("metric='reach' unit='share' low='0.99'"), NULL);
  g_autoptr (GPtrArray) times =
      read_text (FIGURE ("over='python' over-lanes='real:c' metric='rss' unit='times' low='2' high='2'"), NULL);
  g_autofree char *a = lds_claim_figure_dup_claimed (only_figure (memory));
  g_autofree char *b = lds_claim_figure_dup_claimed (only_figure (most));
  g_autofree char *c = lds_claim_figure_dup_claimed (only_figure (least));
  g_autofree char *d = lds_claim_figure_dup_claimed (only_figure (times));

  g_assert_cmpstr (a, ==, "100 MB to 200 MB");
  g_assert_cmpstr (b, ==, "at most 100 ms");
  g_assert_cmpstr (c, ==, "at least 99.0 %");
  g_assert_cmpstr (d, ==, "2.00 ×");
}

/* --- Little's law ---------------------------------------------------------------------------- */

/* Article 004's table: the figures of the domain's correction. */
static void
test_totals (void)
{
  static const struct
  {
    double time_ms, printed_hz, all_hz, each_hz;
  } cases[] = {
      {212, 47, 47170, 1887},
      {124, 81, 80645, 3226},
      {298, 34, 33557, 1342},
      {167, 60, 59880, 2395},
      {560, 18, 17857, 714},
      {381, 26, 26247, 1050},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      LdsLittleTotal total = {10000, cases[i].time_ms / 1e3, cases[i].printed_hz, 400};
      LdsLittleReadings readings = lds_little_read (&total);

      g_assert_cmpfloat_with_epsilon (readings.all_hz, cases[i].all_hz, 0.5);
      g_assert_cmpfloat_with_epsilon (readings.each_hz, cases[i].each_hz, 0.5);
      g_assert_false (readings.all_fits || readings.each_fits);
      total.rate_hz = cases[i].printed_hz * 1000; /* what was meant */
      g_assert_true (lds_little_read (&total).all_fits);
      total.rate_hz = cases[i].each_hz;
      g_assert_true (lds_little_read (&total).each_fits);
    }
}

static void
test_users (void)
{
  const LdsLittleUsers python = {1000, 11000, 40000, 0.0078, 0.052};
  const LdsLittleUsers node = {1000, 50000, 90000, 0.0045, 0.038};
  LdsLittleUsers edge = {1000, 10000, 20000, 0.05, 0.0953};
  LdsLittleVerdict verdict = lds_little_check (&python);
  g_autofree char *text = lds_little_dup_users_text (&python);

  g_assert_cmpfloat_with_epsilon (verdict.latency_high_s, 0.0909, 1e-4);
  g_assert_cmpfloat_with_epsilon (verdict.latency_low_s, 0.025, 1e-9);
  g_assert_cmpfloat_with_epsilon (verdict.in_flight_fast, 312, 1e-6);
  g_assert_cmpfloat_with_epsilon (verdict.in_flight_slow, 572, 1e-6);
  g_assert_false (verdict.fits);
  g_assert_nonnull (strstr (text, "90.9"));
  verdict = lds_little_check (&node);
  g_assert_cmpfloat_with_epsilon (verdict.latency_low_s, 0.0111, 1e-4);
  g_assert_cmpfloat_with_epsilon (verdict.latency_high_s, 0.02, 1e-9);
  g_assert_true (verdict.fits);
  g_assert_true (lds_little_check (&edge).fits); /* 100 ms by 95.3: printed digits */
  edge.latency_high_s = 0.095;
  g_assert_false (lds_little_check (&edge).fits);
}

/* --- Verdicts -------------------------------------------------------------------------------- */

static const LdsClaimFigure *
rate_figure (GPtrArray **claims,
             const char *limits)
{
  g_autofree char *text = g_strdup_printf (
      ENTRY ("<figure of='node' lanes='real:b' on='hello' connections='64' metric='throughput' unit='per-s' %s/>"), limits);
  g_autoptr (GError) error = NULL;

  *claims = read_text (text, &error);
  g_assert_no_error (error);
  return only_figure (*claims);
}

static void
test_intervals (void)
{
  static const struct
  {
    const char *limits;
    double low, high;
    LdsClaimVerdict verdict;
  } cases[] = {
      {"low='100' high='200' tolerance='0'", 120, 180, LDS_CLAIM_CONFIRMED},
      {"low='100' high='200' tolerance='0'", 100, 200, LDS_CLAIM_CONFIRMED},
      {"low='100' high='200' tolerance='0'", 90, 110, LDS_CLAIM_WITHIN_RANGE}, /* straddles the lower limit */
      {"low='100' high='200' tolerance='0'", 190, 210, LDS_CLAIM_WITHIN_RANGE},
      {"low='150' high='160' tolerance='0'", 140, 170, LDS_CLAIM_WITHIN_RANGE}, /* wider than what is claimed */
      {"low='150' high='160' tolerance='0'", 100, 200, LDS_CLAIM_WITHIN_RANGE}, /* a doubling, no more */
      {"low='150' high='160' tolerance='0'", 100, 201, LDS_CLAIM_NOT_REPRODUCIBLE},
      {"low='100' tolerance='0'", 90, 1e9, LDS_CLAIM_NOT_REPRODUCIBLE},
      {"low='100' high='1000' tolerance='0'", 150, 900, LDS_CLAIM_CONFIRMED}, /* vague, and all of it agrees */
      {"low='100' high='200' tolerance='0'", 80, 99, LDS_CLAIM_REFUTED},
      {"low='100' high='200' tolerance='0'", 201, 220, LDS_CLAIM_REFUTED},
      {"low='100' high='200' tolerance='0.1'", 201, 219, LDS_CLAIM_CONFIRMED},
      {"low='100' high='200' tolerance='0.1'", 221, 230, LDS_CLAIM_REFUTED},
      {"low='100' high='200' tolerance='0.1'", 91, 95, LDS_CLAIM_CONFIRMED},
      {"low='100' high='200' tolerance='0.1'", 80, 90, LDS_CLAIM_REFUTED},
      {"low='100' tolerance='0'", 150, 1e9, LDS_CLAIM_CONFIRMED},
      {"low='100' tolerance='0'", 50, 99, LDS_CLAIM_REFUTED},
      {"high='100' tolerance='0'", 0, 99, LDS_CLAIM_CONFIRMED},
      {"high='100' tolerance='0'", 99, 101, LDS_CLAIM_WITHIN_RANGE},
      {"high='100' tolerance='0'", 101, 102, LDS_CLAIM_REFUTED},
      {"low='100' high='200' tolerance='0' travels='no'", 120, 180, LDS_CLAIM_WITHIN_RANGE},
      {"low='100' high='200' tolerance='0' travels='no'", 90, 110, LDS_CLAIM_WITHIN_RANGE},
      {"low='100' high='200' tolerance='0' travels='no'", 201, 210, LDS_CLAIM_NOT_REPRODUCIBLE},
      {"low='100' high='200' tolerance='0' travels='no'", 50, 300, LDS_CLAIM_NOT_REPRODUCIBLE},
      {"low='100' high='200'", NAN, NAN, LDS_CLAIM_NOT_REPRODUCIBLE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) claims = NULL;
      const LdsClaimFigure *figure = rate_figure (&claims, cases[i].limits);

      g_assert_cmpint (lds_claim_judge_interval (figure, cases[i].low, cases[i].high), ==,
                       cases[i].verdict);
    }
}

static void
test_values (void)
{
  static const double runs[] = {101, 99, 100, 102, 98, 100, 101}, others[] = {50, 51, 49, 50, 50};
  static const double nothing[] = {0, 51, 49, 50, 50};
  static const double drifting[] = {100, 100, 400, 400, 200}, halves[] = {50, 50, 200, 200, 100};
  g_autoptr (GPtrArray) single = NULL;
  const LdsClaimFigure *figure = rate_figure (&single, "low='100' high='100'");
  g_autoptr (GPtrArray) ratios =
      read_text (FIGURE ("over='python' over-lanes='real:c' metric='throughput' unit='times' low='2' high='2'"), NULL);
  LdsClaimOutcome outcome = {0};

  lds_claim_judge_values (figure, runs, 7, NULL, 0, FALSE, &outcome);
  g_assert_cmpint (outcome.verdict, ==, LDS_CLAIM_CONFIRMED);
  g_assert_cmpuint (outcome.n, ==, 7);
  g_assert_cmpfloat (outcome.value, ==, 100);
  g_assert_cmpfloat (outcome.low, >=, 98);
  g_assert_cmpfloat (outcome.high, <=, 102);
  g_assert_null (outcome.reason);

  /* Four runs have a median and no interval, so no verdict; none have neither. */
  lds_claim_judge_values (figure, runs, 4, NULL, 0, FALSE, &outcome);
  g_assert_cmpint (outcome.verdict, ==, LDS_CLAIM_NOT_REPRODUCIBLE);
  g_assert_cmpfloat (outcome.value, ==, 100.5);
  g_assert_true (isnan (outcome.low) && isnan (outcome.high));
  g_assert_cmpstr (outcome.reason, ==, "There are 4 valid runs with this figure; a verdict takes 5.");
  lds_claim_judge_values (figure, NULL, 0, NULL, 0, FALSE, &outcome);
  g_assert_cmpint (outcome.verdict, ==, LDS_CLAIM_NOT_REPRODUCIBLE);
  g_assert_true (isnan (outcome.value));

  /* A ratio needs both sides, and nothing that is 0. */
  figure = only_figure (ratios);
  lds_claim_judge_values (figure, runs, 7, others, 5, FALSE, &outcome);
  g_assert_cmpint (outcome.verdict, ==, LDS_CLAIM_CONFIRMED);
  g_assert_cmpfloat (outcome.value, ==, 2);
  g_assert_cmpuint (outcome.n_over, ==, 5);
  lds_claim_judge_values (figure, others, 5, runs, 7, FALSE, &outcome);
  g_assert_cmpint (outcome.verdict, ==, LDS_CLAIM_REFUTED);
  lds_claim_judge_values (figure, runs, 7, others, 4, FALSE, &outcome);
  g_assert_cmpint (outcome.verdict, ==, LDS_CLAIM_NOT_REPRODUCIBLE);
  lds_claim_judge_values (figure, runs, 7, nothing, 5, FALSE, &outcome);
  g_assert_cmpint (outcome.verdict, ==, LDS_CLAIM_NOT_REPRODUCIBLE);
  g_assert_cmpstr (outcome.reason, ==, "One side is 0 in some run, so there is no ratio.");

  /* A machine that becomes four times as fast does so for both runs of a pair: their ratio stays. */
  lds_claim_judge_values (figure, drifting, 5, halves, 5, FALSE, &outcome);
  g_assert_cmpint (outcome.verdict, ==, LDS_CLAIM_NOT_REPRODUCIBLE);
  g_assert_true (g_str_has_prefix (outcome.reason, "The interval is wider than a doubling"));
  lds_claim_judge_values (figure, drifting, 5, halves, 5, TRUE, &outcome);
  g_assert_cmpint (outcome.verdict, ==, LDS_CLAIM_CONFIRMED);
  g_assert_cmpfloat (outcome.value, ==, 2);
  g_free (outcome.reason);
}

/* --- Plans and runs -------------------------------------------------------------------------- */

static gboolean
no_lane_is_here (const LdsLane *lane,
                 GError **error)
{
  return FALSE;
}

static gboolean
models_are_here (const LdsLane *lane,
                 GError **error)
{
  return lane->provenance == LDS_PROVENANCE_MODEL;
}

static gboolean
all_are_here (const LdsLane *lane,
              GError **error)
{
  return TRUE;
}

#define MODEL_FIGURE(connections, low)                                                             \
  "<figure of='node' lanes='real:node-http model:event-loop' on='hello' connections='" connections \
  "' metric='throughput' unit='per-s' low='" low "' high='" low "' needs='model'/>"
#define MODEL_RATIO                                                             \
  "<figure of='node' lanes='model:event-loop' over='python' "                   \
  "over-lanes='real:python-asyncio model:asyncio' on='hello' connections='64' " \
  "metric='throughput' unit='times' low='2' high='2' needs='model'/>"

static void
test_plan (void)
{
  g_autoptr (GPtrArray) claims =
      read_text (ENTRY (MODEL_FIGURE ("64", "100") MODEL_FIGURE ("400", "100") MODEL_RATIO), NULL);
  g_autoptr (LdsClaimPlan) here = lds_claim_plan_new (claims, models_are_here, TRUE);
  g_autoptr (LdsClaimPlan) real = lds_claim_plan_new (claims, all_are_here, FALSE);
  g_autoptr (LdsClaimPlan) none = lds_claim_plan_new (claims, no_lane_is_here, TRUE);
  const LdsClaimTrial *trial = here->trials->pdata[2];
  const LdsPlan *plan = here->plans->pdata[0];
  g_autofree char *title = lds_claim_plan_dup_title (here, 0);

  g_assert_cmpstr (title, ==, "Claims C-1");
  /* Two with 64 connections share a plan, whose lanes are those of both. */
  g_assert_cmpuint (here->plans->len, ==, 2);
  g_assert_cmpuint (plan->lanes->len, ==, 2);
  g_assert_cmpint (plan->duration_ms, ==, 1000);
  g_assert_cmpuint (plan->repeats, >=, LDS_SESSION_MIN_RUNS);
  g_assert_cmpuint (((LdsPlan *)here->plans->pdata[1])->lanes->len, ==, 1);
  g_assert_cmpstr (trial->lane->id, ==, "model:event-loop");
  g_assert_cmpstr (trial->over->id, ==, "model:asyncio");
  g_assert_cmpuint (trial->plan, ==, 0);
  g_assert_cmpint (lds_claim_plan_estimate_ms (here, 1), <, lds_claim_plan_estimate_ms (here, 0));
  g_assert_true (lds_plan_validate (plan, NULL));

  /* The real runtime is taken where it is there; of a ratio only where both sides are. */
  g_assert_cmpstr (((LdsClaimTrial *)real->trials->pdata[0])->lane->id, ==, "real:node-http");
  trial = real->trials->pdata[2];
  g_assert_cmpstr (trial->lane->id, ==, "model:event-loop");
  g_assert_cmpstr (trial->over->id, ==, "model:asyncio");

  g_assert_cmpuint (none->plans->len, ==, 0);
  g_assert_cmpstr (((LdsClaimTrial *)none->trials->pdata[0])->obstacle, ==,
                   "None of the lanes that may decide it is here and serves “Hello”.");
}

/* A session of @plan whose runs of a lane have these rates; 0 stands for an INVALID run. */
static LdsSession *
new_session (const LdsPlan *plan,
             double rate_hz,
             guint n_invalid)
{
  LdsSession *session = lds_session_new (plan);

  for (guint i = 0; i < lds_plan_n_runs (plan); i++)
    {
      LdsRunSpec spec = lds_plan_run_spec (plan, i);
      LdsRun *run = lds_run_new (&spec);

      run->achieved_rate_hz = strcmp (spec.lane->id, "model:asyncio") == 0 ? rate_hz / 2 : rate_hz;
      if (spec.repeat < n_invalid)
        lds_run_invalidate (run, "client-saturated", "The load generator was the limit.");
      g_ptr_array_add (session->runs, run);
    }
  return session;
}

static void
judge (const char *text,
       double rate_hz,
       guint n_invalid,
       LdsClaimVerdict verdict,
       const char *grade,
       const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) claims = read_text (text, &error);
  g_autoptr (LdsClaimPlan) plan = NULL;
  g_autoptr (GPtrArray) sessions =
      g_ptr_array_new_with_free_func ((GDestroyNotify)lds_session_free);
  g_autoptr (GPtrArray) findings = NULL;
  const LdsClaimFinding *finding;

  g_assert_no_error (error);
  plan = lds_claim_plan_new (claims, models_are_here, TRUE);
  for (guint i = 0; i < plan->plans->len; i++)
    g_ptr_array_add (sessions, new_session (plan->plans->pdata[i], rate_hz, n_invalid));
  findings = lds_claim_judge (plan, sessions);
  g_assert_cmpuint (findings->len, ==, 1);
  finding = findings->pdata[0];
  g_assert_cmpint (finding->verdict, ==, verdict);
  g_assert_cmpstr (finding->grade, ==, grade);
  if (reason != NULL)
    g_assert_cmpstr (((LdsClaimOutcome *)finding->outcomes->pdata[0])->reason, ==, reason);
}

static void
test_judge (void)
{
  judge (ENTRY (MODEL_FIGURE ("64", "100")), 100, 0, LDS_CLAIM_CONFIRMED, "E2", NULL);
  judge (ENTRY (MODEL_FIGURE ("64", "100")), 200, 0, LDS_CLAIM_REFUTED, "E-", NULL);
  judge (ENTRY (MODEL_RATIO), 100, 0, LDS_CLAIM_CONFIRMED, "E2", NULL);
  /* One figure of two that is wrong is enough; one that could not be measured leaves the other. */
  judge (ENTRY (MODEL_FIGURE ("64", "100") MODEL_FIGURE ("64", "300")), 100, 0, LDS_CLAIM_REFUTED, "E-", NULL);
  judge (ENTRY (MODEL_FIGURE ("64", "100") "<figure of='node' lanes='real:no-such' on='hello' connections='64' " WHOLE "/>"), 100,
         0, LDS_CLAIM_NOT_REPRODUCIBLE, NULL, NULL);
  /* INVALID runs are no figures, and what they were refused for is said. */
  judge (ENTRY (MODEL_FIGURE ("64", "100")), 100, 1, LDS_CLAIM_NOT_REPRODUCIBLE, NULL,
         "There are 4 valid runs with this figure; a verdict takes 5. The load generator was the limit.");
  judge (ENTRY (MODEL_FIGURE ("64", "100")), 100, 5, LDS_CLAIM_NOT_REPRODUCIBLE, NULL,
         "There are 0 valid runs with this figure; a verdict takes 5. The load generator was the limit.");
  /* Without a run: what contradicts itself, what does not, what says nothing. */
  judge (ENTRY ("<total requests='10000' time-ms='212' rate-hz='47' connections='400'/>"), 0, 0, LDS_CLAIM_REFUTED, "E-", NULL);
  judge (ENTRY ("<total requests='10000' time-ms='212' rate-hz='47170' connections='400'/>"), 0, 0, LDS_CLAIM_CONFIRMED, NULL,
         NULL);
  judge (ENTRY (MODEL_FIGURE ("64", "100") "<total requests='10000' time-ms='212' rate-hz='47' connections='400'/>"), 100, 0,
         LDS_CLAIM_REFUTED, "E-", NULL);
  judge (ENTRY (""), 0, 0, LDS_CLAIM_NOT_TESTABLE, NULL, NULL);
}

/* A run of another load or lane is none of the claim's, and a session that was not measured is said to be so. */
static void
test_not_measured (void)
{
  g_autoptr (GPtrArray) claims = read_text (ENTRY (MODEL_FIGURE ("64", "100")), NULL);
  g_autoptr (LdsClaimPlan) plan = lds_claim_plan_new (claims, models_are_here, TRUE);
  g_autoptr (GPtrArray) sessions = g_ptr_array_new ();
  g_autoptr (GPtrArray) findings = NULL;
  const LdsClaimFinding *finding;

  g_ptr_array_add (sessions, NULL);
  findings = lds_claim_judge (plan, sessions);
  finding = findings->pdata[0];
  g_assert_cmpint (finding->verdict, ==, LDS_CLAIM_NOT_REPRODUCIBLE);
  g_assert_cmpstr (((LdsClaimOutcome *)finding->outcomes->pdata[0])->reason, ==, "It has not been measured.");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/claims/refused", test_refused);
  g_test_add_func ("/claims/read", test_read);
  g_test_add_func ("/claims/shipped", test_shipped);
  g_test_add_func ("/claims/favours-node", test_favours_node);
  g_test_add_func ("/claims/claimed", test_claimed);
  g_test_add_func ("/claims/totals", test_totals);
  g_test_add_func ("/claims/users", test_users);
  g_test_add_func ("/claims/intervals", test_intervals);
  g_test_add_func ("/claims/values", test_values);
  g_test_add_func ("/claims/plan", test_plan);
  g_test_add_func ("/claims/judge", test_judge);
  g_test_add_func ("/claims/not-measured", test_not_measured);
  return g_test_run ();
}
