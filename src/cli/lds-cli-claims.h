/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “claims”: what its listing and its verdicts look like. */
#pragma once

#include "lds-claim-evidence.h"

G_BEGIN_DECLS

/**
 * lds_cli_claims_to_json:
 * @claims: (element-type LdsClaim)
 * @findings: (nullable) (element-type LdsClaimFinding): what came of them, in the same order; %NULL where nothing ran
 * @plan: what they are measured on; its trials are listed where there are no findings
 * @sessions: (nullable) (element-type gint64): numbers of the history's sessions that hold the runs
 *
 * Returns: (transfer full): as in data/schemas/claims.schema.json
 */
JsonNode *lds_cli_claims_to_json (GPtrArray *claims,
                                  GPtrArray *findings,
                                  const LdsClaimPlan *plan,
                                  GArray *sessions);

/** Returns: (transfer full): the same of what the history says, with when and in which sessions it was measured */
JsonNode *lds_cli_claims_evidence_to_json (const LdsClaimEvidence *evidence);

/** Prints what there is: id, grade, title, how it is tested, and what was found of it. */
void lds_cli_claims_print_list (const LdsClaimEvidence *evidence);

/** Prints what would be measured: a row each session, and what cannot be and why. */
void lds_cli_claims_print_plan (const LdsClaimPlan *plan);

/** Prints the table of verdicts, and below it reasons, what was worked out, and cards. */
void lds_cli_claims_print_findings (GPtrArray *findings);

G_END_DECLS
