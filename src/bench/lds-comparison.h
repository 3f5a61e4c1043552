/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be said of two lanes, or of one lane in two sessions: every metric, compared run by run. */
#pragma once

#include "lds-session.h"
#include "lds-stats-compare.h"

G_BEGIN_DECLS

/* One side: what a lane did on a workload in a session. */
typedef struct
{
  const LdsSession *session; /* not owned */
  const LdsLane *lane;
  const LdsWorkload *workload;
} LdsSelection;

/* Immutable; valid as long as its sessions. */
typedef struct
{
  LdsSelection reference;
  LdsSelection other;
  guint n_valid_reference; /* runs; INVALID ones count in no figure */
  guint n_valid_other;
  guint n_invalid_reference;
  guint n_invalid_other;
  double alpha;               /* two-sided level of each difference */
  LdsDifference *differences; /* (array length=n_metrics) of @other against @reference, in the metric
                               * table's order; n_a = 0 where there is no figure */
} LdsComparison;

/* A difference as the metric's direction makes it. */
typedef enum
{
  LDS_VERDICT_TOO_FEW,
  LDS_VERDICT_NONE,
  LDS_VERDICT_WORSE,
  LDS_VERDICT_BETTER,
} LdsComparisonVerdict;

/**
 * lds_comparison_new:
 * @family: 1 for a comparison that was meant before; of several among which the reader looks for the
 *   best, their number: each then has that share of LDS_COMPARE_ALPHA, so that all of them together
 *   err no more often than one (Bonferroni)
 *
 * Lanes of one session on one workload are compared in pairs of the same repeat, which ran beside each other in
 * alternating order, when there are LDS_COMPARE_MIN_PAIRS of valid ones; else by ranks.
 *
 * Returns: (transfer full)
 */
LdsComparison *lds_comparison_new (const LdsSelection *reference,
                                   const LdsSelection *other,
                                   guint family);
void lds_comparison_free (LdsComparison *comparison);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsComparison, lds_comparison_free)

/** Returns the difference in @metric, as one of the metric table. */
const LdsDifference *lds_comparison_get (const LdsComparison *comparison, const LdsMetric *metric);

/** Returns what @difference in @metric means for the other against the reference. */
LdsComparisonVerdict lds_comparison_verdict (const LdsDifference *difference,
                                             const LdsMetric *metric);

/**
 * lds_comparison_main_metric:
 *
 * Returns the metric by which lanes are ranked on @workload: throughput in a closed loop; in an open one,
 *   where it is what was offered, the server's CPU per request, or the p99 where that is not known
 *   of every lane. Source: METHOD, rules 6 and 21. Where connections stay open it is deliveries in a closed
 *   loop, else (listening, too) the delivery's p99, or its p50 where there are too few for one. Source: DOMAIN,
 *   W-000-3 and W-002-12.
 */
const LdsMetric *lds_comparison_main_metric (const LdsSession *session,
                                             const LdsWorkload *workload);

/**
 * lds_comparison_list_best:
 *
 * Each lane against the one whose median is best in the main metric. The best is found by looking at
 * all, so all pairs of lanes are the family.
 *
 * Returns: (transfer full) (element-type LdsComparison): in plan order; none when fewer than two lanes
 *   have a figure
 */
GPtrArray *lds_comparison_list_best (const LdsSession *session, const LdsWorkload *workload);

/* The same in words. */

/** Returns: (transfer none): "worse", "better", "no-detectable-difference", "too-few-runs": for JSON */
const char *lds_comparison_verdict_to_string (LdsComparisonVerdict verdict);
/** Returns: (transfer none): the same for people, translated */
const char *lds_comparison_verdict_title (LdsComparisonVerdict verdict);

/** Returns: (transfer full): "1.031 (1.007–1.055)", the interval where there is one */
char *lds_comparison_dup_ratio (const LdsDifference *difference);

/** Returns: (transfer full): a probability for people: "0.023", "< 0.001" */
char *lds_comparison_dup_p (const LdsDifference *difference);

/**
 * lds_comparison_dup_sentence:
 * @reference, @other: what the sides are called
 *
 * Returns: (transfer full): "Waiting 200 ms, Throughput: no detectable difference between A and B …"
 */
char *lds_comparison_dup_sentence (const LdsComparison *comparison,
                                   const LdsMetric *metric,
                                   const char *reference,
                                   const char *other);

/**
 * lds_comparison_dup_ranking:
 *
 * Returns: (transfer full) (nullable): which lane is best on @workload, and which cannot be told from
 *   it; %NULL when there is nothing to compare
 */
char *lds_comparison_dup_ranking (const LdsSession *session, const LdsWorkload *workload);

/**
 * lds_comparison_list_caveats:
 * @workloads: (element-type LdsWorkload): what is compared
 *
 * Returns: (transfer full) (element-type utf8): what is different about two sessions beside what is
 *   compared: machine, version, set-up, load; a sentence each
 */
GPtrArray *lds_comparison_list_caveats (const LdsSession *a,
                                        const LdsSession *b,
                                        GPtrArray *workloads);

/**
 * lds_comparison_to_json:
 *
 * {"workload", "reference", "lane", "main_metric": "throughput_hz", "n_valid_reference",
 *  "n_invalid_reference", "n_valid", "n_invalid", "alpha", "metrics": {json_key: {"test": "pairs",
 * "n_reference", "n", "median_reference", "median", "ratio", "low", "high", "p", "level", "superiority", "verdict"}}}; metrics
 * without a figure are absent, figures that are not defined null.
 *
 * Returns: (transfer full)
 */
JsonNode *lds_comparison_to_json (const LdsComparison *comparison);

G_END_DECLS
