/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule pack: documents in, parsed rules out, each kind after the kinds it refers to. */
#define G_LOG_DOMAIN "lds-rule-pack"

#include "config.h"
#include "lds-rule-pack-private.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lds-advice-resources.h"
#include "lds-claims-resources.h"
#include "lds-error.h"
#include "lds-nearest.h"

/* The version of the documents' format that this program reads. What the rules say has a version of
 * its own: see lds-upgrade.h. */
#define FORMAT_VERSION 1

#define RULES  LDS_RESOURCE_BASE "/decision"
#define CLAIMS LDS_RESOURCE_BASE "/claims"

G_DEFINE_FINAL_TYPE (LdsRulePack, lds_rule_pack, G_TYPE_OBJECT)

static void
lds_rule_pack_finalize (GObject *object)
{
  LdsRulePack *self = LDS_RULE_PACK (object);

  g_ptr_array_unref (self->words);
  g_ptr_array_unref (self->question_ids);
  g_ptr_array_unref (self->history);
  g_ptr_array_unref (self->changes);
  g_ptr_array_unref (self->notes);
  g_ptr_array_unref (self->plans);
  g_ptr_array_unref (self->lanes);
  g_ptr_array_unref (self->amounts);
  g_hash_table_unref (self->entry_ids);
  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->advisors);
  g_ptr_array_unref (self->comparisons);
  g_ptr_array_unref (self->gates);
  g_ptr_array_unref (self->criteria);
  g_ptr_array_unref (self->conditions);
  g_ptr_array_unref (self->questions);
  g_ptr_array_unref (self->roots);
  G_OBJECT_CLASS (lds_rule_pack_parent_class)->finalize (object);
}

static void
lds_rule_pack_class_init (LdsRulePackClass *class)
{
  G_OBJECT_CLASS (class)->finalize = lds_rule_pack_finalize;
}

static void
question_free (gpointer data)
{
  LdsQuestionRule *rule = data;

  g_ptr_array_unref (rule->public.choices);
  g_free (rule->value_ids);
  lds_expression_free (rule->ask_when);
  g_free (rule);
}

static void
condition_free (gpointer data)
{
  LdsCondition *condition = data;

  lds_expression_free (condition->test);
  g_free (condition);
}

static void
criterion_free (gpointer data)
{
  LdsCriterion *criterion = data;

  g_ptr_array_unref (criterion->points);
  g_ptr_array_unref (criterion->cells);
  g_free (criterion);
}

static void
gate_free (gpointer data)
{
  LdsGate *gate = data;

  lds_expression_free (gate->test);
  g_free (gate);
}

static void
advisor_free (gpointer data)
{
  LdsAdvisor *advisor = data;

  g_ptr_array_unref (advisor->steps);
  g_free (advisor);
}

static void
lds_rule_pack_init (LdsRulePack *self)
{
  self->roots = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_element_free);
  self->questions = g_ptr_array_new_with_free_func (question_free);
  self->conditions = g_ptr_array_new_with_free_func (condition_free);
  self->criteria = g_ptr_array_new_with_free_func (criterion_free);
  self->gates = g_ptr_array_new_with_free_func (gate_free);
  self->advisors = g_ptr_array_new_with_free_func (advisor_free);
  self->comparisons = g_ptr_array_new_with_free_func (lds_comparison_rule_free);
  self->entries = g_ptr_array_new_with_free_func (lds_entry_rule_free);
  self->entry_ids = g_hash_table_new (g_str_hash, g_str_equal);
  self->notes = g_ptr_array_new_with_free_func (lds_note_rule_free);
  self->history = g_ptr_array_new_with_free_func (lds_rule_change_free);
  self->changes = g_ptr_array_new_with_free_func (g_free);
  for (guint c = 0; c < LDS_MAX_CRITERIA; c++)
    self->weights[c] = NAN;
  self->plans = g_ptr_array_new_with_free_func (lds_plan_rule_free);
  self->lanes = g_ptr_array_new_with_free_func (lds_lane_rule_free);
  self->amounts = g_ptr_array_new_with_free_func (g_free);
  self->words = g_ptr_array_new ();
  self->question_ids = g_ptr_array_new ();
  g_ptr_array_add (self->words, (gpointer) "verdict");
  g_ptr_array_add (self->words, NULL);
  g_ptr_array_add (self->question_ids, NULL);
}

/* In the order in which they may refer to each other. */
static const struct
{
  const char *name;
  gboolean (*load) (LdsRulePack *self, const LdsElement *element, GError **error);
} loaders[] = {
    {"question", lds_rule_pack_load_question},
    {"question", lds_rule_pack_load_ask_when},
    {"condition", lds_rule_pack_load_condition},
    {"criterion", lds_rule_pack_load_criterion},
    {"gate", lds_rule_pack_load_gate},
    {"comparison", lds_rule_pack_load_comparison},
    {"advisor", lds_rule_pack_load_advisor},
    {"entry", lds_rule_pack_load_entry},
    {"shape", lds_rule_pack_load_note},
    {"interop", lds_rule_pack_load_note},
    {"action", lds_rule_pack_load_note},
    {"threshold", lds_rule_pack_load_note},
    {"warning", lds_rule_pack_load_note},
    {"amount", lds_rule_pack_load_amount},
    {"plan", lds_rule_pack_load_plan},
    {"lane", lds_rule_pack_load_lane},
    {"weight", lds_rule_pack_load_weight},
    {"change", lds_rule_pack_load_change},
};

static gboolean
check_elements (const LdsElement *root,
                GError **error)
{
  for (guint c = 0; c < root->children->len; c++)
    {
      const LdsElement *element = g_ptr_array_index (root->children, c);
      gboolean known = FALSE;

      for (guint l = 0; l < G_N_ELEMENTS (loaders) && !known; l++)
        known = strcmp (element->name, loaders[l].name) == 0;
      if (known)
        continue;
      lds_element_error (element, error, _ ("<%s> is no rule that Loadstone knows"), element->name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_root (const LdsElement *root,
            GError **error)
{
  double version;

  if (strcmp (root->name, "decision") != 0)
    {
      lds_element_error (root, error, _ ("the document must be a <decision>, not a <%s>"),
                         root->name);
      return FALSE;
    }
  if (!lds_element_get_double (root, "version", 0, &version, error))
    return FALSE;
  if (version > FORMAT_VERSION)
    {
      lds_element_error (
          root, error,
          _ ("the rules are of version %g, and this program reads up to %d; use a newer Loadstone"),
          version, FORMAT_VERSION);
      return FALSE;
    }
  if (version < 1 || version != floor (version))
    {
      lds_element_error (root, error, _ ("“version” must be a whole number from 1"));
      return FALSE;
    }
  return TRUE;
}

LdsRulePack *
lds_rule_pack_new_from_documents (GPtrArray *names,
                                  GPtrArray *texts,
                                  GError **error)
{
  g_autoptr (LdsRulePack) self = g_object_new (LDS_TYPE_RULE_PACK, NULL);

  self->version = 1;
  for (guint i = 0; i < texts->len; i++)
    {
      const char *text = g_ptr_array_index (texts, i);
      LdsElement *root =
          lds_markup_parse (text, strlen (text), g_ptr_array_index (names, i), error);

      if (root == NULL)
        return NULL;
      g_ptr_array_add (self->roots, root);
      if (!check_root (root, error) || !check_elements (root, error))
        return NULL;
    }
  for (guint l = 0; l < G_N_ELEMENTS (loaders); l++)
    for (guint i = 0; i < self->roots->len; i++)
      {
        const LdsElement *root = g_ptr_array_index (self->roots, i);

        for (guint c = 0; c < root->children->len; c++)
          {
            const LdsElement *element = g_ptr_array_index (root->children, c);

            if (strcmp (element->name, loaders[l].name) == 0 &&
                !loaders[l].load (self, element, error))
              return NULL;
          }
      }
  return g_steal_pointer (&self);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The documents of one folder of the bundles, by name. */
static void
add_documents (const char *folder,
               GPtrArray *names,
               GPtrArray *texts)
{
  g_auto (GStrv) children =
      g_resources_enumerate_children (folder, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  guint n_children = children != NULL ? g_strv_length (children) : 0;

  if (n_children > 0)
    qsort (children, n_children, sizeof *children, compare_names);
  for (guint i = 0; i < n_children; i++)
    {
      g_autofree char *path = g_build_path ("/", folder, children[i], NULL);
      g_autoptr (GBytes) bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

      g_ptr_array_add (names, g_strdup (children[i]));
      g_ptr_array_add (texts, g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)));
    }
}

void
lds_rule_pack_get_documents (GPtrArray **names,
                             GPtrArray **texts)
{
  /* Naming the bundles keeps a static linker from dropping them. */
  g_resources_register (lds_advice_get_resource ());
  g_resources_register (lds_claims_get_resource ());
  *names = g_ptr_array_new_with_free_func (g_free);
  *texts = g_ptr_array_new_with_free_func (g_free);
  add_documents (RULES, *names, *texts);
  add_documents (CLAIMS, *names, *texts);
}

LdsRulePack *
lds_rule_pack_get_default (void)
{
  static LdsRulePack *pack;

  if (pack == NULL)
    {
      g_autoptr (GPtrArray) names = NULL, texts = NULL;
      g_autoptr (GError) error = NULL;

      lds_rule_pack_get_documents (&names, &texts);
      pack = lds_rule_pack_new_from_documents (names, texts, &error);
      /* The shipped pack is tested: that it cannot be read is our fault, and nothing works without it. */
      if (pack == NULL)
        g_error ("%s", error->message);
    }
  return pack;
}

GPtrArray *
lds_rule_pack_get_questions (LdsRulePack *self)
{
  g_return_val_if_fail (LDS_IS_RULE_PACK (self), NULL);

  return self->questions;
}

int
lds_rule_pack_index_of (LdsRulePack *self,
                        const char *question)
{
  for (guint i = 0; i < self->questions->len; i++)
    if (strcmp (lds_rule_pack_rule (self, i)->public.id, question) == 0)
      return (int)i;
  return -1;
}

const LdsQuestion *
lds_rule_pack_find_question (LdsRulePack *self,
                             const char *id)
{
  int index;

  g_return_val_if_fail (LDS_IS_RULE_PACK (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  index = lds_rule_pack_index_of (self, id);
  return index < 0 ? NULL : &lds_rule_pack_rule (self, (guint)index)->public;
}

const LdsCriterion *
lds_rule_pack_find_criterion (LdsRulePack *self,
                              const char *id,
                              GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  const char *nearest;

  for (guint i = 0; i < self->criteria->len; i++)
    {
      LdsCriterion *criterion = g_ptr_array_index (self->criteria, i);

      if (strcmp (criterion->id, id) == 0)
        return criterion;
      g_ptr_array_add (ids, criterion->id);
    }
  g_ptr_array_add (ids, NULL);
  nearest = lds_nearest (id, (const char *const *)ids->pdata);
  if (nearest != NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("There is no criterion “%s”. Did you mean “%s”?"), id, nearest);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("There is no criterion “%s”; “loadstone-cli explain” lists them."), id);
  return NULL;
}

guint
lds_rule_pack_get_version (LdsRulePack *self)
{
  g_return_val_if_fail (LDS_IS_RULE_PACK (self), 0);

  return self->version;
}

char *
lds_question_format_value (const LdsQuestionRule *rule,
                           double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    return g_strdup ("unknown");
  if (rule->value_ids != NULL)
    return g_strdup (rule->value_ids[(guint)value]);
  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%g", value));
}
