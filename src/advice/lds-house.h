/* SPDX-License-Identifier: GPL-3.0-or-later */
/* House rules: a file of the user's own that changes weights and adds rules to the shipped pack.
 *
 *   <decision version="1">
 *     <weight criterion="team" value="8"/>
 *     <gate id="H1" option="polyglot" test="team = 1" source="house"><reason>…</reason></gate>
 *   </decision>
 *
 * It may hold everything that the shipped documents may; an id that is taken is refused. */
#pragma once

#include "lds-questionnaire.h"

G_BEGIN_DECLS

/**
 * lds_rule_pack_new_with_house:
 * @path: at most 1 MiB
 *
 * Returns: (transfer full): the shipped pack with the file's rules; or %NULL with LDS_ERROR_INPUT
 *   naming file, line and reason
 */
LdsRulePack *lds_rule_pack_new_with_house (const char *path, GError **error);

/** Returns: (transfer none) (element-type utf8): what the house rules change, a sentence each, translated */
GPtrArray *lds_rule_pack_get_changes (LdsRulePack *self);

/** Returns: (transfer full): the same answers for another pack; questions it does not have are left out */
LdsAnswers *lds_answers_copy_for (LdsAnswers *self, LdsRulePack *pack);

G_END_DECLS
