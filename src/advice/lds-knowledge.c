/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explaining an id: what it says, who says it, what uses it. */
#define G_LOG_DOMAIN "lds-knowledge"

#include "config.h"
#include "lds-knowledge.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-error.h"
#include "lds-nearest.h"
#include "lds-rule-pack-private.h"

GPtrArray *
lds_knowledge_list (LdsRulePack *pack,
                    const char *kind)
{
  GPtrArray *list = g_ptr_array_new ();

  g_return_val_if_fail (LDS_IS_RULE_PACK (pack), list);

  for (guint i = 0; i < pack->entries->len; i++)
    {
      LdsEntryRule *rule = g_ptr_array_index (pack->entries, i);

      if (kind == NULL || strcmp (rule->public.kind, kind) == 0)
        g_ptr_array_add (list, rule);
    }
  return list;
}

const LdsEntry *
lds_knowledge_find (LdsRulePack *pack,
                    const char *id)
{
  const LdsEntryRule *rule;

  g_return_val_if_fail (LDS_IS_RULE_PACK (pack), NULL);

  rule = g_hash_table_lookup (pack->entry_ids, id);
  return rule != NULL ? &rule->public : NULL;
}

static void
set_text (JsonObject *object,
          const char *member,
          const char *text)
{
  if (text != NULL && *text != '\0')
    json_object_set_string_member (object, member, text);
}

/* "000, 002" as a list of what those articles are. */
static void
set_articles (JsonObject *object,
              LdsRulePack *pack,
              const char *articles)
{
  g_auto (GStrv) ids = g_strsplit (articles != NULL ? articles : "", ",", -1);
  JsonArray *array = json_array_new ();

  for (guint i = 0; ids[i] != NULL; i++)
    {
      const LdsEntry *article = lds_knowledge_find (pack, g_strstrip (ids[i]));
      JsonObject *row;

      if (article == NULL)
        continue;
      row = json_object_new ();
      json_object_set_string_member (row, "id", article->id);
      json_object_set_string_member (row, "title", article->title);
      set_text (row, "date", article->date);
      set_text (row, "about", article->body);
      json_array_add_object_element (array, row);
    }
  json_object_set_array_member (object, "articles", array);
}

/* Whether a comma-separated list names the id. */
static gboolean
names (const char *list,
       const char *id)
{
  g_auto (GStrv) words = list != NULL ? g_strsplit (list, ",", -1) : NULL;

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    if (strcmp (g_strstrip (words[i]), id) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
criterion_names (const LdsCriterion *criterion,
                 const char *id)
{
  for (guint i = 0; i < criterion->points->len; i++)
    if (names (((LdsPoints *)g_ptr_array_index (criterion->points, i))->sources, id))
      return TRUE;
  for (guint i = 0; i < criterion->cells->len; i++)
    {
      const LdsCells *cells = g_ptr_array_index (criterion->cells, i);

      if (names (cells->sources, id) || names (cells->against, id))
        return TRUE;
    }
  return names (criterion->workloads, id);
}

/* The ids of questions, criteria, gates and advisors that cite the id. */
static void
set_used_by (JsonObject *object,
             LdsRulePack *pack,
             const char *id)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < pack->questions->len; i++)
    if (names (lds_rule_pack_rule (pack, i)->public.uses, id))
      json_array_add_string_element (array, lds_rule_pack_rule (pack, i)->public.id);
  for (guint i = 0; i < pack->criteria->len; i++)
    {
      const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, i);

      if (criterion_names (criterion, id))
        json_array_add_string_element (array, criterion->id);
    }
  for (guint i = 0; i < pack->gates->len; i++)
    {
      const LdsGate *gate = g_ptr_array_index (pack->gates, i);

      if (names (gate->sources, id))
        json_array_add_string_element (array, gate->id);
    }
  for (guint i = 0; i < pack->advisors->len; i++)
    {
      const LdsAdvisor *advisor = g_ptr_array_index (pack->advisors, i);

      if (names (advisor->sources, id))
        json_array_add_string_element (array, advisor->id);
    }
  json_object_set_array_member (object, "used_by", array);
}

/* A grade as it is here, the claims that it rests on, and those of them that changed it. */
static void
set_grade (JsonObject *object,
           const LdsGrades *grades,
           const char *claims,
           const char *shipped)
{
  LdsGrade grade = lds_grades_get (grades, claims, shipped);

  set_text (object, "grade", grade.grade);
  set_text (object, "graded_by", grade.claims);
  g_free (grade.claims);
}

static void
explain_entry (JsonObject *object,
               const LdsEntry *entry,
               const LdsGrades *grades)
{
  set_text (object, "kind", entry->kind);
  set_text (object, "title", entry->title);
  set_text (object, "body", entry->body);
  set_text (object, "remedy", entry->remedy);
  set_text (object, "how", entry->how);
  set_grade (object, grades, strcmp (entry->kind, "claim") == 0 ? entry->id : entry->claims,
             entry->grade);
  set_text (object, "claims", entry->claims);
  set_text (object, "option", entry->option);
  set_text (object, "related", entry->related);
  if (entry->items->len > 0)
    {
      JsonArray *items = json_array_new ();

      for (guint i = 0; i < entry->items->len; i++)
        json_array_add_string_element (items, g_ptr_array_index (entry->items, i));
      json_object_set_array_member (object, "items", items);
    }
}

static void
explain_criterion (JsonObject *object,
                   const LdsCriterion *criterion,
                   const LdsGrades *grades)
{
  const LdsCells *cells = g_ptr_array_index (criterion->cells, 0);

  set_text (object, "kind", "criterion of the model");
  set_text (object, "title", criterion->title);
  set_grade (object, grades, cells->claims, cells->grade);
  set_text (object, "claims", cells->claims);
  set_text (object, "related", cells->sources);
  set_text (object, "contradicted_by", cells->against);
  set_text (object, "measured_by", criterion->workloads);
}

/* What is no entry: parts of the model. Returns its articles, or NULL when there is no such id. */
static const char *
explain_model (JsonObject *object,
               LdsRulePack *pack,
               const char *id,
               const LdsGrades *grades)
{
  const LdsQuestion *question = lds_rule_pack_find_question (pack, id);
  /* A criterion may have the name of its question. */
  const LdsCriterion *namesake = lds_rule_pack_find_criterion (pack, id, NULL);

  if (question != NULL)
    {
      set_text (object, "kind", "question");
      set_text (object, "title", question->text);
      set_text (object, "body", question->why);
      set_text (object, "related", question->uses);
      if (namesake != NULL)
        {
          JsonObject *criterion = json_object_new ();

          explain_criterion (criterion, namesake, grades);
          json_object_set_object_member (object, "criterion", criterion);
          return ((LdsCells *)g_ptr_array_index (namesake->cells, 0))->articles;
        }
      return "";
    }
  for (guint i = 0; i < pack->criteria->len; i++)
    {
      const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, i);

      if (strcmp (criterion->id, id) != 0)
        continue;
      explain_criterion (object, criterion, grades);
      return ((LdsCells *)g_ptr_array_index (criterion->cells, 0))->articles;
    }
  for (guint i = 0; i < pack->gates->len; i++)
    {
      const LdsGate *gate = g_ptr_array_index (pack->gates, i);

      if (strcmp (gate->id, id) != 0)
        continue;
      set_text (object, "kind", "gate");
      set_text (object, "title", gate->reason);
      set_text (object, "rules_out", lds_option_to_string (gate->option));
      set_text (object, "related", gate->sources);
      return "";
    }
  for (guint i = 0; i < pack->conditions->len; i++)
    {
      const LdsCondition *condition = g_ptr_array_index (pack->conditions, i);

      if (strcmp (condition->id, id) != 0)
        continue;
      set_text (object, "kind", "condition");
      set_text (object, "title", condition->title);
      set_text (object, "related", condition->sources);
      return "";
    }
  for (guint i = 0; i < pack->advisors->len; i++)
    {
      const LdsAdvisor *advisor = g_ptr_array_index (pack->advisors, i);

      if (strcmp (advisor->id, id) == 0)
        {
          set_text (object, "kind", "advisor");
          set_text (object, "title", advisor->title);
          set_text (object, "related", advisor->sources);
          return advisor->articles;
        }
      for (guint s = 0; s < advisor->steps->len; s++)
        {
          const LdsStep *step = g_ptr_array_index (advisor->steps, s);

          if (strcmp (step->id, id) != 0)
            continue;
          set_text (object, "kind", "step of an advisor");
          set_text (object, "title", step->text);
          set_text (object, "related", advisor->id);
          return advisor->articles;
        }
    }
  return NULL;
}

static void
set_unknown_error (LdsRulePack *pack,
                   const char *id,
                   GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  const char *nearest;

  for (guint i = 0; i < pack->entries->len; i++)
    g_ptr_array_add (ids,
                     (gpointer)((LdsEntryRule *)g_ptr_array_index (pack->entries, i))->public.id);
  for (guint i = 0; i < pack->questions->len; i++)
    g_ptr_array_add (ids, (gpointer)lds_rule_pack_rule (pack, i)->public.id);
  for (guint i = 0; i < pack->criteria->len; i++)
    g_ptr_array_add (ids, ((LdsCriterion *)g_ptr_array_index (pack->criteria, i))->id);
  g_ptr_array_add (ids, NULL);
  nearest = lds_nearest (id, (const char *const *)ids->pdata);
  if (nearest != NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("There is nothing called “%s”. Did you mean “%s”?"), id, nearest);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("There is nothing called “%s”. “loadstone-cli explain” lists what there is."),
                 id);
}

JsonNode *
lds_knowledge_explain (LdsRulePack *pack,
                       const char *id,
                       const LdsGrades *grades,
                       GError **error)
{
  const LdsEntry *entry;
  g_autoptr (JsonObject) object = json_object_new ();
  const char *articles;
  JsonNode *node;

  g_return_val_if_fail (LDS_IS_RULE_PACK (pack), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  json_object_set_string_member (object, "id", id);
  entry = lds_knowledge_find (pack, id);
  if (entry != NULL)
    {
      explain_entry (object, entry, grades);
      articles = entry->articles;
    }
  else
    articles = explain_model (object, pack, id, grades);
  if (articles == NULL)
    {
      set_unknown_error (pack, id, error);
      return NULL;
    }
  set_articles (object, pack, articles);
  set_used_by (object, pack, id);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, object);
  return node;
}
