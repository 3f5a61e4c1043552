/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions of the rules: from older ones to this one. */
#define G_LOG_DOMAIN "lds-upgrade"

#include "config.h"
#include "lds-upgrade.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-rule-pack-private.h"

void
lds_rule_change_free (gpointer data)
{
  g_free (data);
}

static int
compare_changes (gconstpointer a,
                 gconstpointer b)
{
  const LdsRuleChange *left = *(const LdsRuleChange *const *)a,
                      *right = *(const LdsRuleChange *const *)b;

  return left->version < right->version ? -1 : left->version > right->version;
}

gboolean
lds_rule_pack_load_change (LdsRulePack *self,
                           const LdsElement *element,
                           GError **error)
{
  LdsRuleChange *change = g_new0 (LdsRuleChange, 1);
  double version;

  g_ptr_array_add (self->history, change);
  if (lds_element_require (element, "version", error) == NULL ||
      !lds_element_get_double (element, "version", 0, &version, error) ||
      !lds_rule_pack_require_text (element, "text", &change->text, error))
    return FALSE;
  if (version < 1 || version > G_MAXINT || version != floor (version))
    {
      lds_element_error (element, error, _ ("“version” must be a whole number from 1"));
      return FALSE;
    }
  change->version = (guint)version;
  change->question = lds_element_get (element, "question");
  change->value = lds_element_get (element, "value");
  change->to = lds_element_get (element, "to");
  self->version = MAX (self->version, change->version);
  g_ptr_array_sort (self->history, compare_changes);
  return TRUE;
}

gboolean
lds_rule_pack_check_version (LdsRulePack *self,
                             gint64 version,
                             GError **error)
{
  if (version >= 1 && version <= self->version)
    return TRUE;
  if (version < 1)
    g_set_error (
        error, LDS_ERROR, LDS_ERROR_INPUT,
        _ ("The version of the rules must be a whole number from 1, not %" G_GINT64_FORMAT "."),
        version);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("It was written for version %" G_GINT64_FORMAT
                    " of the rules, and this program has version %u: use a newer Loadstone."),
                 version, self->version);
  return FALSE;
}

void
lds_rule_pack_list_changes (LdsRulePack *self,
                            guint since,
                            GPtrArray *texts)
{
  for (guint i = 0; i < self->history->len; i++)
    {
      const LdsRuleChange *change = g_ptr_array_index (self->history, i);

      if (change->version > since)
        g_ptr_array_add (
            texts,
            /* Translators: a version of the rules, what it changed */
            g_strdup_printf (_ ("Version %u of the rules: %s"), change->version, change->text));
    }
}

const char *
lds_rule_pack_upgrade_question (LdsRulePack *self,
                                guint since,
                                const char *question)
{
  for (guint i = 0; i < self->history->len && question != NULL; i++)
    {
      const LdsRuleChange *change = g_ptr_array_index (self->history, i);

      if (change->version > since && change->value == NULL &&
          g_strcmp0 (change->question, question) == 0)
        question = change->to;
    }
  return question;
}

const char *
lds_rule_pack_upgrade_value (LdsRulePack *self,
                             guint since,
                             const char *question,
                             const char *value)
{
  for (guint i = 0; i < self->history->len && value != NULL; i++)
    {
      const LdsRuleChange *change = g_ptr_array_index (self->history, i);

      if (change->version > since && g_strcmp0 (change->question, question) == 0 &&
          g_strcmp0 (change->value, value) == 0)
        value = change->to;
    }
  return value;
}
