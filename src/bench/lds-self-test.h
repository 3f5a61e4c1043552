/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self-test of the comparisons: the same thing against itself, many times. How often a difference is
 * found where there is none is how far a found difference may be believed. */
#pragma once

#include "lds-comparison.h"

G_BEGIN_DECLS

/* METHOD's mark is “about 5 %”; what is outside of these is a fault. */
#define LDS_SELF_TEST_MIN_RATE 0.02
#define LDS_SELF_TEST_MAX_RATE 0.09

/* What says how far a session may be believed. The simulated ones take some milliseconds, so every session has
 * them; 20 measured ones take two minutes. Where 5 % is found, 200 rule out 10 % and 20 rule out 25 %. */
#define LDS_SELF_TEST_N_SIMULATED 200
#define LDS_SELF_TEST_N_MEASURED  20

/* Of the session that lds_self_test_new_plan() is for: two sides of this many runs a comparison. */
#define LDS_SELF_TEST_RUNS          5
#define LDS_SELF_TEST_MAX_SIMULATED 1000000
#define LDS_SELF_TEST_MAX_REAL      (LDS_PLAN_MAX_REPEATS / (2 * LDS_SELF_TEST_RUNS))

typedef struct
{
  const LdsMetric *metric; /* of measured comparisons; NULL of simulated ones */
  LdsCompareTest test;
  guint n_runs; /* of each side */
  guint n_comparisons;
  guint n_found;     /* comparisons in which a difference was found */
  gint64 made_at_us; /* wall clock, µs since 1970; 0 = not known */
} LdsSelfTest;

/**
 * lds_self_test_simulate:
 * @n_comparisons: 1 to LDS_SELF_TEST_MAX_SIMULATED
 * @n_runs: of each side: 5 to 32
 * @test: pairs: two lanes of one session on a machine that drifts; ranks: two sessions
 *
 * Runs are log-normal with 2 % from run to run, one in twenty is disturbed by 8 % on average, and in
 * pairs the machine drifts by a random walk of 1 % from run to run. Between sessions it does not: no
 * test could tell such a drift from a difference. The generator is seeded with a constant.
 */
LdsSelfTest lds_self_test_simulate (guint n_comparisons, guint n_runs, LdsCompareTest test);

/**
 * lds_self_test_new_plan:
 * @n_comparisons: 1 to LDS_SELF_TEST_MAX_REAL
 *
 * Returns: (transfer full): one lane in short runs, 2 * LDS_SELF_TEST_RUNS of
 *   them a comparison
 */
LdsPlan *lds_self_test_new_plan (guint n_comparisons);

/**
 * lds_self_test_measure:
 * @session: what came of such a plan; INVALID runs are left out with their partners
 * @metric: what is compared
 *
 * Deals the runs of each comparison out to two sides, as a plan orders two lanes, and compares them in
 * pairs. A comparison with too few valid pairs is not counted.
 */
LdsSelfTest lds_self_test_measure (const LdsSession *session, const LdsMetric *metric);

/**
 * lds_self_test_add_simulated:
 *
 * Gives @session simulated comparisons of both tests, with as many runs a side as its plan repeats, instead of
 * those that it has.
 */
void lds_self_test_add_simulated (LdsSession *session);

/**
 * lds_self_test_add_measured:
 * @runs: what came of lds_self_test_new_plan(), on the machine of @session and right after it
 *
 * Gives @session measured comparisons of the figures that rankings and objectives rest on, instead of those that
 * it has. Warns in it when a difference is found far too often.
 */
void lds_self_test_add_measured (LdsSession *session, const LdsSession *runs);

/** Returns whether @session has measured comparisons. */
gboolean lds_self_test_is_measured (const LdsSession *session);

/** Returns how often a difference was found, and the 95 % interval of that (Wilson's, as
 * lds_stats_proportion() has it); NaN without a comparison. */
double lds_self_test_rate (const LdsSelfTest *test, double *low, double *high);

/** Returns whether so many, or so few, would be found once in forty times at most by a test whose rate is
 * within the range of METHOD's mark. */
gboolean lds_self_test_fails (const LdsSelfTest *test);

/** Returns: (transfer full): "2026-11-28 12:40 UTC"; "–" when not known */
char *lds_self_test_dup_time (const LdsSelfTest *test);

/** Returns: (transfer full): "Of 200 simulated comparisons …" */
char *lds_self_test_dup_sentence (const LdsSelfTest *test);

/**
 * lds_self_test_list_to_json:
 * @tests: (element-type LdsSelfTest)
 *
 * A list of {"kind": "simulated" or "measured", "test", "metric" (null of simulated ones), "n_runs",
 * "n_comparisons", "n_found", "rate", "low", "high", "made_at" (ISO 8601, UTC; null when not known)}.
 *
 * Returns: (transfer full)
 */
JsonNode *lds_self_test_list_to_json (GArray *tests);

/** Appends what the member "self_test" of @object holds, if any; LDS_ERROR_INPUT names what is wrong. */
gboolean lds_self_test_list_from_json (JsonObject *object, GArray *tests, GError **error);

G_END_DECLS
