/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From runs to what may be said of a claim. */
#pragma once

#include "lds-claim-plan.h"
#include "lds-session.h"

G_BEGIN_DECLS

/* Source: DOMAIN D.5. */
typedef enum
{
  LDS_CLAIM_CONFIRMED,        /* the whole interval agrees with what is claimed */
  LDS_CLAIM_WITHIN_RANGE,     /* part of it does, so that nothing speaks against; or all of it, on another machine */
  LDS_CLAIM_REFUTED,          /* none of it does, or it contradicts itself */
  LDS_CLAIM_NOT_REPRODUCIBLE, /* could be tested, but not here or not with these runs */
  LDS_CLAIM_NOT_TESTABLE,     /* nothing that could be measured is said */
} LdsClaimVerdict;

/* High by low end of an interval that says nothing: a doubling, as for what overrides an opinion (DESIGN, "From
 * session to verdict"). */
#define LDS_CLAIM_VAGUE 2.0

/* What came of one figure. */
typedef struct
{
  const LdsClaimTrial *trial; /* not owned */
  LdsClaimVerdict verdict;
  guint n;         /* valid runs with a figure; of a ratio, of its numerator */
  guint n_over;    /* of its denominator */
  guint n_refused; /* INVALID ones of both */
  double value;    /* median over the runs, of a ratio over its pairs of runs; NaN without runs */
  double low;      /* 95 % interval; NaN with fewer than LDS_SESSION_MIN_RUNS on a side */
  double high;
  char *reason; /* (nullable): why it is not reproducible here, a sentence, translated */
} LdsClaimOutcome;

typedef struct
{
  const LdsClaim *claim; /* not owned */
  LdsClaimVerdict verdict;
  const char *grade;   /* (nullable) confirmed: "E2" or "E3"; refuted: "E-"; else as it is shipped */
  GPtrArray *outcomes; /* (element-type LdsClaimOutcome) */
  GPtrArray *texts;    /* (element-type utf8): what was worked out without a run, a sentence each, translated */
} LdsClaimFinding;

/**
 * lds_claim_judge_interval:
 * @low: of what was measured, in the metric's unit; NaN without an interval
 * @high: not below @low
 *
 * Returns what the interval says of @figure: where it lies within lds_claim_figure_limits() it is confirmed, where it
 *   reaches into them within range, else refuted. A figure that does not travel is within range at best, for this is
 *   another machine, and not reproducible here at worst. One that is wider than LDS_CLAIM_VAGUE and reaches beyond the
 *   limits says nothing, and the figure is not reproducible here.
 */
LdsClaimVerdict
lds_claim_judge_interval (const LdsClaimFigure *figure, double low, double high);

/**
 * lds_claim_judge_values:
 * @values: (array length=n): the figure of each valid run
 * @over: (array length=n_over) (nullable): of a ratio's denominator
 * @beside: of a ratio: as many on both sides, each run beside that of the same place (lds_stats_ratio_pairs())
 * @outcome: (inout): gets verdict, numbers and reason; a reason that it has is freed
 *
 * Interval: lds_stats_estimate(), lds_stats_ratio() or lds_stats_ratio_pairs(), for at least LDS_SESSION_MIN_RUNS runs on each side.
 */
void lds_claim_judge_values (const LdsClaimFigure *figure,
                             const double *values,
                             guint n,
                             const double *over,
                             guint n_over,
                             gboolean beside,
                             LdsClaimOutcome *outcome);

/**
 * lds_claim_judge:
 * @sessions: (element-type LdsSession): as many as @plan has plans, in their order; one that was not measured is NULL
 *
 * Of several figures the worst verdict is the claim's: refuted, then not reproducible, then within range.
 *
 * Returns: (transfer full) (element-type LdsClaimFinding): one for each claim of @plan, which has to outlive it
 */
GPtrArray *lds_claim_judge (const LdsClaimPlan *plan, GPtrArray *sessions);
void lds_claim_finding_free (LdsClaimFinding *finding);

/** Returns: (transfer none): "confirmed", "within-range", "refuted", "not-reproducible", "not-testable": for JSON */
const char *lds_claim_verdict_to_string (LdsClaimVerdict verdict);
/** Returns: (transfer none): the same for people, translated */
const char *lds_claim_verdict_title (LdsClaimVerdict verdict);

/** Returns: (transfer full): “0.96 (0.95 to 0.98)”; without the interval where there is none, an en dash without runs */
char *lds_claim_outcome_dup_measured (const LdsClaimOutcome *outcome);

G_END_DECLS
