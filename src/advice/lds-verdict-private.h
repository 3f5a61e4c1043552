/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a verdict: the only code that writes its fields. */
#pragma once

#include "lds-model.h"

G_BEGIN_DECLS

/** Returns: (transfer full): an empty verdict that keeps @pack, whose texts it points to */
LdsVerdict *lds_verdict_new (LdsRulePack *pack);

/** Confidence before the cap, as the reference computes and rounds it. */
double lds_confidence_raw (
    double margin, double agreement, double robustness, double completeness, gboolean contested);

/** Agreement of the votes with @winner, 0 to 1; @n_voices gets the number that did not abstain. */
double lds_agreement (const LdsOption *votes, guint n_votes, LdsOption winner, guint *n_voices);

/**
 * lds_advise_input:
 * @answers: (nullable): for the texts; the figures come from @input alone
 *
 * Returns: (transfer full): the verdict on @input
 */
LdsVerdict *lds_advise_input (LdsRulePack *pack,
                              LdsAnswers *answers,
                              const LdsInput *input,
                              LdsEvidence evidence);

/** Finds single answers that would change the winner; nearest first, then by question. */
GPtrArray *lds_flips_single (LdsRulePack *pack, const LdsInput *input, const LdsModelResult *base);

/** Returns: (transfer full) (element-type utf8): single steps that would put the winner behind a gate, in words */
GPtrArray *
lds_flips_near_gates (LdsRulePack *pack, const LdsInput *input, const LdsModelResult *base);

G_END_DECLS
