/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “claims”: what its listing and its verdicts look like on a terminal. */
#pragma once

#include "lds-claim-evidence.h"

G_BEGIN_DECLS

/** Prints what there is: id, grade, title, how it is tested, and what was found of it. */
void lds_cli_claims_print_list (const LdsClaimEvidence *evidence);

/** Prints what would be measured: a row each session, and what cannot be and why. */
void lds_cli_claims_print_plan (const LdsClaimPlan *plan);

/** Prints the table of verdicts, and below it reasons, what was worked out, and cards. */
void lds_cli_claims_print_findings (GPtrArray *findings);

G_END_DECLS
