/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions of the rules. The shipped pack lists what each version changed:
 *
 *   <change version="2" question="old" to="new"><text>…</text></change>      a question has another name
 *   <change version="2" question="old"><text>…</text></change>               a question is gone
 *   <change version="2" question="q" value="x" to="y"><text>…</text></change>  a value has another name
 *   <change version="2"><text>…</text></change>                              anything else
 *
 * Answers and house rules may say which version they were written for: "rule_pack" in a file of
 * answers, rules="…" in house rules. A newer version is refused; an older one is upgraded, change by
 * change, and what changed is kept to be shown. What says nothing counts as of this version. */
#pragma once

#include "lds-questionnaire.h"

G_BEGIN_DECLS

/** Returns: (transfer none) (element-type utf8): what changed since the answers were written, translated */
GPtrArray *lds_answers_get_upgrades (LdsAnswers *self);

G_END_DECLS
