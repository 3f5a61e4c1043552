/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to know beside a claim. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-claim-cards.h"

static gboolean
names (const char *list,
       const char *const *ids)
{
  g_auto (GStrv) words = list != NULL ? g_strsplit (list, ",", -1) : NULL;

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    if (g_strv_contains (ids, g_strstrip (words[i])))
      return TRUE;
  return FALSE;
}

GPtrArray *
lds_claim_cards_new_for (const char *const *ids)
{
  static const char *const kinds[] = {"contradiction", "correction"};
  GPtrArray *cards = g_ptr_array_new ();

  g_return_val_if_fail (ids != NULL, cards);

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autoptr (GPtrArray) entries = lds_knowledge_list (lds_rule_pack_get_default (), kinds[k]);

      for (guint i = 0; i < entries->len; i++)
        if (names (((LdsEntry *)entries->pdata[i])->related, ids))
          g_ptr_array_add (cards, entries->pdata[i]);
    }
  return cards;
}

GPtrArray *
lds_claim_cards_new (const LdsClaim *claim)
{
  const char *const ids[] = {claim != NULL ? claim->id : NULL, NULL};

  g_return_val_if_fail (claim != NULL, lds_claim_cards_new_for (ids));

  return lds_claim_cards_new_for (ids);
}

char *
lds_claim_card_dup_text (const LdsEntry *card)
{
  g_return_val_if_fail (card != NULL, NULL);

  if (card->body == NULL)
    return g_strdup_printf ("%s: %s.", card->id, card->title);
  return g_strdup_printf ("%s: %s. %s", card->id, card->title, card->body);
}
