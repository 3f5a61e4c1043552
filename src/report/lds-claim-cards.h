/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to know beside a claim: contradictions of the articles, and statements that are stale or false. */
#pragma once

#include "lds-claim.h"
#include "lds-knowledge.h"

G_BEGIN_DECLS

/** Returns: (transfer full) (element-type LdsEntry): contradictions (CON-…), then corrections (E-…), that name @claim */
GPtrArray *lds_claim_cards_new (const LdsClaim *claim);

/** Returns: (transfer full) (element-type LdsEntry): those that name any of @ids: of claims, rules, trees */
GPtrArray *lds_claim_cards_new_for (const char *const *ids);

/** Returns: (transfer full): “CON-5: Python threads and waiting. Three waits of …” */
char *lds_claim_card_dup_text (const LdsEntry *card);

G_END_DECLS
