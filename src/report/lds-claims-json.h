/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims and what was found of them as JSON: data/schemas/claims.schema.json. */
#pragma once

#include "lds-claim-evidence.h"

G_BEGIN_DECLS

/**
 * lds_claims_to_json:
 * @claims: (element-type LdsClaim)
 * @findings: (nullable) (element-type LdsClaimFinding): what came of them, in the same order; %NULL where nothing ran
 * @plan: what they are measured on; its trials are listed where there are no findings
 * @sessions: (nullable) (element-type gint64): numbers of the history's sessions that hold the runs
 *
 * Returns: (transfer full): of a test
 */
JsonNode *lds_claims_to_json (GPtrArray *claims,
                              GPtrArray *findings,
                              const LdsClaimPlan *plan,
                              GArray *sessions);

/**
 * lds_claims_records_to_json:
 * @claims: (element-type LdsClaim)
 * @records: (element-type LdsClaimRecord): in the same order
 * @notes: (element-type utf8): sessions that were passed over and why
 *
 * Returns: (transfer full): what is known of them, with when and in which sessions it was measured
 */
JsonNode *lds_claims_records_to_json (GPtrArray *claims, GPtrArray *records, GPtrArray *notes);

G_END_DECLS
