/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims of the articles as a window sees them: what the history says of each, which can be tested here, and
 * a test that goes on. Drives the conductor and records what it measures; knows no widget. */
#pragma once

#include "lds-history-claims.h"

G_BEGIN_DECLS

#define LDS_TYPE_CLAIMS_RUN (lds_claims_run_get_type ())
G_DECLARE_FINAL_TYPE (LdsClaimsRun, lds_claims_run, LDS, CLAIMS_RUN, GObject)

/* One article and its claims. Immutable, lives as long as the run. */
typedef struct
{
  const char *id;    /* "000" */
  GPtrArray *claims; /* (element-type LdsClaim): a claim that several articles make stands with the first */
} LdsClaimsArticle;

/* Where a test is. */
typedef struct
{
  guint session;          /* 0-based */
  guint n_sessions;       /* from 1 */
  guint run;              /* 0-based, within that session */
  guint n_runs;           /* likewise */
  const LdsPlan *plan;    /* (transfer none): of that session */
  const LdsRunSpec *spec; /* (transfer none) (nullable): what runs */
  gint64 left_ms;         /* expected, of all sessions that are left */
  double fraction;        /* 0.0 to 1.0: what is done, by expected time */
} LdsClaimsProgress;

/**
 * LdsClaimsRun:
 *
 * Main thread only. Signals: "changed" (it is ready, a test began, a run of it began, it is being stopped, it
 * ended); "judged" (more is known of some claims, or it is not known whether they can be tested any more).
 */
LdsClaimsRun *lds_claims_run_new (void);

/**
 * lds_claims_run_prepare:
 *
 * Looks which runtimes are here and what the history holds, a piece at a time while nothing else is to be done.
 * Does nothing the second time.
 */
void lds_claims_run_prepare (LdsClaimsRun *self);
/** Whether that is done: until then nothing is known of any claim. */
gboolean lds_claims_run_is_ready (LdsClaimsRun *self);

/** Returns: (transfer none) (element-type LdsClaimsArticle): in the articles' order */
GPtrArray *lds_claims_run_get_articles (LdsClaimsRun *self);
/** Returns: (transfer none) (nullable): what is known of @claim, until the next "judged"; %NULL until it is ready */
const LdsClaimRecord *lds_claims_run_get_record (LdsClaimsRun *self, const LdsClaim *claim);
/** Returns: (transfer none) (nullable): on what @figure would be measured, or why not; until the next "judged" */
const LdsClaimTrial *lds_claims_run_get_trial (LdsClaimsRun *self, const LdsClaimFigure *figure);
/** Whether any figure of @claim can be measured here. */
gboolean lds_claims_run_can_test (LdsClaimsRun *self, const LdsClaim *claim);
/**
 * lds_claims_run_estimate_ms:
 * @claims: (element-type LdsClaim)
 *
 * Returns how long a test of @claims takes in ms; 0 when none of them can be tested here
 */
gint64 lds_claims_run_estimate_ms (LdsClaimsRun *self, GPtrArray *claims, gboolean quick);
/** Returns: (transfer none) (element-type utf8): what of the history could not be used, a sentence each */
GPtrArray *lds_claims_run_get_notes (LdsClaimsRun *self);

/**
 * lds_claims_run_start:
 * @claims: (element-type LdsClaim): copied; those that cannot be tested here are passed over
 * @quick: as lds_claim_plan_new() has it
 *
 * Measures session after session and records each in the history, unless a test goes on. What a session says of its
 * claims is known when it ends, or when it is stopped: what it measured by then counts as far as it goes.
 */
void lds_claims_run_start (LdsClaimsRun *self, GPtrArray *claims, gboolean quick);
/** Stops within half a second. */
void lds_claims_run_stop (LdsClaimsRun *self);
gboolean lds_claims_run_is_running (LdsClaimsRun *self);
/** Whether it is being stopped. */
gboolean lds_claims_run_is_stopping (LdsClaimsRun *self);
/** Returns %FALSE, with nothing set, when no test goes on. */
gboolean lds_claims_run_get_progress (LdsClaimsRun *self, LdsClaimsProgress *progress);
/** Returns: (transfer none) (nullable): why the last test ended early or left no trace, one sentence */
const char *lds_claims_run_get_error (LdsClaimsRun *self);

G_END_DECLS
