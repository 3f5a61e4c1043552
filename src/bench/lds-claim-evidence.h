/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was measured before says of claims: verdicts from stored sessions, without measuring anything. */
#pragma once

#include "lds-claim-verdict.h"

G_BEGIN_DECLS

/* A stored session that may decide claims. */
typedef struct
{
  gint64 id;             /* by which people know it */
  gint64 measured_at_us; /* when it began, µs since 1970 */
  LdsSession *session;   /* owned: plan and environment; runs are loaded where they are needed */
} LdsClaimSession;

/** @session: (transfer full). Returns: (transfer full) */
LdsClaimSession *lds_claim_session_new (gint64 id, gint64 measured_at_us, LdsSession *session);
void lds_claim_session_free (LdsClaimSession *session);

/* What is known of one claim. */
typedef struct
{
  const LdsClaimFinding *finding; /* not owned; of what was not measured its outcomes say so */
  gboolean is_known;              /* the finding's verdict may be shown: it was measured, worked out, or cannot be tested */
  gint64 measured_at_us;          /* when the last session that it rests on began, µs since 1970; 0: on none */
  GArray *sessions;               /* (element-type gint64): ids of those, ascending; empty: nothing was measured */
  char *caveat;                   /* (nullable): another build or a system that was set up otherwise; a sentence, translated */
} LdsClaimRecord;

/* Immutable. */
typedef struct
{
  GPtrArray *claims;   /* (element-type LdsClaim), not owned */
  GPtrArray *records;  /* (element-type LdsClaimRecord): one for each claim, in the same order */
  GPtrArray *findings; /* (element-type LdsClaimFinding): theirs, likewise: for lds_ratio_rows_new() and the like */
  GPtrArray *notes;    /* (element-type utf8): sessions that were passed over and why, translated sentences */
  LdsClaimPlan *plan;  /* what the findings' outcomes were measured on; it has no plans */
} LdsClaimEvidence;

/**
 * LdsClaimLoadFunc:
 * @id: of a session
 *
 * Returns: (transfer full) (nullable): it with all its runs; %NULL: it is damaged, of which the function has told
 */
typedef LdsSession *(*LdsClaimLoadFunc) (gint64 id, gpointer user_data);

/**
 * lds_claim_evidence_new:
 * @claims: (element-type LdsClaim): copied
 * @sessions: (element-type LdsClaimSession): the newest first
 * @environment: of the machine now, as lds_environment_read() gives it: sessions of another one are passed over
 * @load: called once for each session that is looked into
 *
 * For each figure the best session counts: one with enough valid runs before others, real runtimes before twins before
 * models, the newest of those. So a session that was stopped takes nothing away, nor does a twin from what the real
 * runtime showed.
 *
 * Returns: (transfer full)
 */
LdsClaimEvidence *lds_claim_evidence_new (GPtrArray *claims,
                                          GPtrArray *sessions,
                                          JsonObject *environment,
                                          LdsClaimLoadFunc load,
                                          gpointer user_data);
void lds_claim_evidence_free (LdsClaimEvidence *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsClaimEvidence, lds_claim_evidence_free)

/** Returns: (nullable) (transfer none): what is known of the claim @id; %NULL: it is not among the claims */
const LdsClaimRecord *lds_claim_evidence_find (const LdsClaimEvidence *self, const char *id);

/** Returns: (transfer full): “confirmed, E3, measured 2026-11-28”, “refuted, E-, without a run”, “E0, not measured yet” */
char *lds_claim_record_dup_status (const LdsClaimRecord *record);

G_END_DECLS
