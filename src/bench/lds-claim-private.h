/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units of claims, and a figure at a time; internal to bench/. */
#pragma once

#include "lds-claim-verdict.h"
#include "lds-format.h"

G_BEGIN_DECLS

/**
 * lds_claim_unit_find:
 * @name: "ms", "s", "MB", "KB", "per-s", "share", "cores", "count", "times"
 * @is_ratio: of two figures; its unit is "times"
 * @unit: what the metric is written in
 * @factor: (out): a value of @name by this is one in the metric's base
 *
 * MB and KB are 10^6 and 10^3 bytes.
 *
 * Returns %FALSE when @name is no unit of that
 */
gboolean lds_claim_unit_find (const char *name, gboolean is_ratio, LdsUnit unit, double *factor);

void lds_claim_trial_free (LdsClaimTrial *trial);

/** Returns: (transfer full): what @session, or (nullable) none, says of the one figure */
LdsClaimOutcome *lds_claim_judge_trial (const LdsClaimTrial *trial, const LdsSession *session);
void lds_claim_outcome_free (LdsClaimOutcome *outcome);

G_END_DECLS
