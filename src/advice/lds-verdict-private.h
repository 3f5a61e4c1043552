/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a verdict: the only code that writes its fields. */
#pragma once

#include "lds-model.h"
#include "lds-overlay.h"

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
 * @answers: says which questions are open; the figures come from @input alone
 * @overlay: (nullable): what @input's ratios come from
 * @grades: (nullable): what was tested here of the claims that opinions rest on
 *
 * Returns: (transfer full): the verdict on @input
 */
LdsVerdict *lds_advise_input (LdsAnswers *answers,
                              const LdsInput *input,
                              LdsEvidence evidence,
                              const LdsOverlay *overlay,
                              const LdsGrades *grades);

/** Fills @input from answers and options; %FALSE as lds_advise_with() says. */
gboolean lds_advise_prepare (LdsAnswers *answers,
                             const LdsAdviceOptions *options,
                             LdsInput *input,
                             GError **error);

/** Finds single answers that would change the winner; nearest first, then by question. */
GPtrArray *lds_flips_single (LdsRulePack *pack, const LdsInput *input, const LdsModelResult *base);

/** Returns: (transfer full) (element-type utf8): single steps that would put the winner behind a gate, in words */
GPtrArray *
lds_flips_near_gates (LdsRulePack *pack, const LdsInput *input, const LdsModelResult *base);

/**
 * lds_flips_pairs:
 * @partners: (array length=LDS_MAX_QUESTIONS): gets, for each question, a bit for each other question
 *   that changes the winner together with it
 *
 * Returns: (transfer full) (element-type LdsPairFlip): the nearest pairs
 */
GPtrArray *lds_flips_pairs (LdsRulePack *pack,
                            const LdsInput *input,
                            const LdsModelResult *base,
                            guint64 *partners);

/** Returns: (transfer full) (element-type LdsWeightRange): in closed form, O(criteria x options) */
GArray *lds_stability_weights (LdsRulePack *pack, const LdsModelResult *base);

/** Returns: (transfer full) (element-type LdsRatioRange): by solving the overlay */
GArray *lds_stability_ratios (LdsRulePack *pack, const LdsInput *input, const LdsModelResult *base);

/**
 * lds_open_is_settled:
 * @open: a bit for each question that may still be answered in any way
 *
 * Returns %TRUE when no answers to the open questions can change the winner. A bound over each
 * criterion by itself: never wrongly %TRUE.
 */
gboolean lds_open_is_settled (LdsRulePack *pack,
                              const LdsInput *input,
                              const LdsModelResult *base,
                              guint64 open);

/** lds-notes.c: fills the patterns, interop, actions, thresholds, pitfalls and warnings. */
void lds_notes_add (LdsVerdict *verdict, LdsRulePack *pack, const LdsInput *input);

/** lds-notes.c: fills the reasons for and against, and why the other options were not chosen. */
void lds_notes_add_reasons (LdsVerdict *verdict, LdsRulePack *pack, const LdsModelResult *result);

/* lds-flips.c, shared: the values that an answer can step through. */
guint lds_question_n_values (const LdsQuestionRule *rule);
double lds_question_value_at (const LdsQuestionRule *rule, guint index);

G_END_DECLS
