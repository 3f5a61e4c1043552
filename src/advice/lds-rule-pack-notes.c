/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elements of the decision data into knowledge and notes. */
#define G_LOG_DOMAIN "lds-rule-pack"

#include "config.h"
#include "lds-rule-pack-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static const char *const kinds[] = {"article", "checklist", "claim", "contradiction",
                                    "correction", "criterion", "interop", "matrix",
                                    "pattern", "pitfall", "question", "rule",
                                    "strategy", "usecase", "workload", NULL};

void
lds_entry_rule_free (gpointer data)
{
  LdsEntryRule *entry = data;

  g_ptr_array_unref (entry->public.items);
  lds_expression_free (entry->applies);
  g_free (entry);
}

void
lds_note_rule_free (gpointer data)
{
  LdsNoteRule *note = data;

  lds_expression_free (note->when);
  g_free (note);
}

gboolean
lds_rule_pack_load_entry (LdsRulePack *self,
                          const LdsElement *element,
                          GError **error)
{
  LdsEntryRule *rule = g_new0 (LdsEntryRule, 1);
  LdsEntry *entry = &rule->public;

  entry->items = g_ptr_array_new ();
  g_ptr_array_add (self->entries, rule);
  entry->id = lds_element_require (element, "id", error);
  if (entry->id == NULL || lds_rule_pack_require_one_of (element, "kind", kinds, error) < 0 ||
      !lds_rule_pack_require_text (element, "title", &entry->title, error) ||
      !lds_rule_pack_load_expression (self, element, "applies", &rule->applies, error))
    return FALSE;
  entry->kind = lds_element_get (element, "kind");
  entry->body = lds_element_child_text (element, "body");
  entry->remedy = lds_element_child_text (element, "remedy");
  entry->how = lds_element_child_text (element, "how");
  entry->articles = lds_element_get (element, "articles");
  entry->articles = entry->articles != NULL ? entry->articles : "";
  entry->date = lds_element_get (element, "date");
  entry->grade = lds_element_get (element, "grade");
  entry->option = lds_element_get (element, "option");
  entry->related = lds_element_get (element, "related");
  entry->claims = lds_element_get (element, "claims");
  for (guint i = 0; i < element->children->len; i++)
    {
      const LdsElement *child = g_ptr_array_index (element->children, i);

      if (strcmp (child->name, "item") == 0 && lds_element_translated (child) != NULL)
        g_ptr_array_add (entry->items, (gpointer)lds_element_translated (child));
    }
  if (g_hash_table_insert (self->entry_ids, (gpointer)entry->id, rule))
    return TRUE;
  lds_element_error (element, error, _ ("there are two of “%s”"), entry->id);
  return FALSE;
}

gboolean
lds_rule_pack_load_note (LdsRulePack *self,
                         const LdsElement *element,
                         GError **error)
{
  LdsNoteRule *note = g_new0 (LdsNoteRule, 1);

  g_ptr_array_add (self->notes, note);
  note->kind = element->name;
  note->slot = lds_element_get (element, "slot");
  note->id = lds_element_get (element, "id");
  note->workload = lds_element_get (element, "workload");
  note->unit = lds_element_get (element, "unit");
  note->fallback = g_strcmp0 (lds_element_get (element, "fallback"), "yes") == 0;
  note->sources = lds_element_require (element, "source", error);
  return note->sources != NULL &&
         lds_rule_pack_require_text (element, "text", &note->text, error) &&
         lds_element_get_double (element, "value", NAN, &note->value, error) &&
         lds_rule_pack_load_expression (self, element, "when", &note->when, error);
}
