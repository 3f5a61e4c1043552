/* SPDX-License-Identifier: GPL-3.0-or-later */
/* House rules. */
#define G_LOG_DOMAIN "lds-house"

#include "config.h"
#include "lds-house.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-file.h"
#include "lds-rule-pack-private.h"

gboolean
lds_rule_pack_load_weight (LdsRulePack *self,
                           const LdsElement *element,
                           GError **error)
{
  const char *id = lds_element_require (element, "criterion", error);
  const LdsCriterion *criterion = NULL;
  g_autoptr (GError) local = NULL;
  guint index;
  double value;

  if (id == NULL || lds_element_require (element, "value", error) == NULL ||
      !lds_element_get_double (element, "value", NAN, &value, error))
    return FALSE;
  criterion = lds_rule_pack_find_criterion (self, id, &local);
  if (criterion == NULL)
    {
      lds_element_error (element, error, _ ("there is no criterion “%s”"), id);
      return FALSE;
    }
  if (!(value >= 0 && value <= 10))
    {
      lds_element_error (element, error, _ ("the weight of “%s” must be from 0 to 10"), id);
      return FALSE;
    }
  g_ptr_array_find (self->criteria, criterion, &index);
  self->weights[index] = value;
  return TRUE;
}

static void
record_changes (LdsRulePack *self,
                const LdsElement *root)
{
  for (guint i = 0; i < root->children->len; i++)
    {
      const LdsElement *element = g_ptr_array_index (root->children, i);
      const char *id = lds_element_get (element, "id");
      const char *text = lds_element_child_text (element, "text");

      if (strcmp (element->name, "weight") == 0)
        g_ptr_array_add (self->changes,
                         /* Translators: a criterion's id, a number */
                         g_strdup_printf (_ ("The weight of “%s” is set to %s."),
                                          lds_element_get (element, "criterion"),
                                          lds_element_get (element, "value")));
      else
        g_ptr_array_add (self->changes,
                         /* Translators: a kind of rule ("gate"), its id or text */
                         g_strdup_printf (_ ("Added by house rules: %s “%s”."), element->name,
                                          id != NULL     ? id
                                          : text != NULL ? text
                                                         : ""));
    }
}

/* House rules written for older rules are told what has changed; those for newer ones are refused. */
static gboolean
check_rules_version (LdsRulePack *self,
                     const LdsElement *root,
                     GError **error)
{
  g_autoptr (GError) local = NULL;
  double version;

  if (!lds_element_get_double (root, "rules", self->version, &version, error))
    return FALSE;
  if (!lds_rule_pack_check_version (self, (gint64)CLAMP (version, 0, G_MAXINT), &local))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local), _ ("In “%s”: "), root->file);
      return FALSE;
    }
  lds_rule_pack_list_changes (self, (guint)version, self->changes);
  return TRUE;
}

LdsRulePack *
lds_rule_pack_new_with_house (const char *path,
                              GError **error)
{
  g_autoptr (GBytes) bytes = lds_file_read (path, LDS_FILE_MAX_INPUT_BYTES, error);
  g_autoptr (GPtrArray) names = NULL, texts = NULL;
  LdsRulePack *self;

  if (bytes == NULL)
    return NULL;
  lds_rule_pack_get_documents (&names, &texts);
  g_ptr_array_add (names, g_strdup (path));
  g_ptr_array_add (texts, g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)));
  self = lds_rule_pack_new_from_documents (names, texts, error);
  if (self == NULL)
    return NULL;
  if (!check_rules_version (self, g_ptr_array_index (self->roots, self->roots->len - 1), error))
    {
      g_object_unref (self);
      return NULL;
    }
  record_changes (self, g_ptr_array_index (self->roots, self->roots->len - 1));
  return self;
}

GPtrArray *
lds_rule_pack_get_changes (LdsRulePack *self)
{
  g_return_val_if_fail (LDS_IS_RULE_PACK (self), NULL);

  return self->changes;
}

LdsAnswers *
lds_answers_copy_for (LdsAnswers *self,
                      LdsRulePack *pack)
{
  LdsAnswers *copy;
  LdsRulePack *own;

  g_return_val_if_fail (LDS_IS_ANSWERS (self), NULL);
  g_return_val_if_fail (LDS_IS_RULE_PACK (pack), NULL);

  own = lds_answers_get_pack (self);
  copy = lds_answers_new (pack);
  for (guint i = 0; i < own->questions->len; i++)
    {
      const char *id = lds_rule_pack_rule (own, i)->public.id;
      const char *value = lds_answers_get (self, id);
      const char *reason = lds_answers_get_not_applicable (self, id);

      /* A question or value that the other pack does not have is what is to be left out. */
      if (lds_rule_pack_find_question (pack, id) == NULL)
        continue;
      if (reason != NULL)
        lds_answers_set_not_applicable (copy, id, reason, NULL);
      else if (value != NULL)
        lds_answers_set (copy, id, value, NULL);
    }
  return copy;
}
