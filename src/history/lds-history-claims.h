/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the history says of the articles' claims. */
#pragma once

#include "lds-claim-evidence.h"
#include "lds-history.h"

G_BEGIN_DECLS

/* What “claims run” calls its sessions (LdsHistoryAbout.kind): those are looked through. */
#define LDS_HISTORY_KIND_CLAIMS "claims"

/**
 * lds_history_judge_claims:
 * @claims: (element-type LdsClaim): copied; lds_claim_list() for all
 *
 * Judges them again from the sessions of that kind that were measured on this machine, complete or not. Nothing is
 * measured. A session that is damaged is passed over with a sentence in the evidence's notes. Of a full test
 * of all claims some twenty sessions are read, which takes a tenth of a second; of a few claims theirs alone.
 *
 * Returns: (transfer full): a record for each of @claims; or %NULL with LDS_ERROR_FAILED where the database cannot be read
 */
LdsClaimEvidence *
lds_history_judge_claims (LdsHistory *self, GPtrArray *claims, GError **error);

/**
 * lds_history_judge_claims_at:
 * @path: (nullable): the database; %NULL is the default one
 *
 * The same for who has no history open. Where there is none yet, nothing was measured, and none is made.
 *
 * Returns: (transfer full): as above
 */
LdsClaimEvidence *
lds_history_judge_claims_at (const char *path, GPtrArray *claims, GError **error);

G_END_DECLS
