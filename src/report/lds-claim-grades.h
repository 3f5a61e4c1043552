/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From claims that were tested on this machine to the grades of what rests on them. */
#pragma once

#include "lds-claim-evidence.h"
#include "lds-grades.h"

G_BEGIN_DECLS

/**
 * lds_claim_grades_new:
 * @evidence: (nullable): %NULL: nothing was tested
 *
 * A claim counts once it was measured. A ratio of Node.js and Python that is refuted because it is still further on the
 * claimed side of 1 refutes the figure and not who rests on it: such a claim counts neither way.
 *
 * Returns: (transfer full) (nullable): %NULL for no evidence: grades stay as shipped
 */
LdsGrades *lds_claim_grades_new (const LdsClaimEvidence *evidence);

G_END_DECLS
