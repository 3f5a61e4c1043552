/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elements of the decision data into rules: every reference is resolved and every number checked
 * here, so that nothing can go wrong while a verdict is computed. */
#define G_LOG_DOMAIN "lds-rule-pack"

#include "config.h"
#include "lds-rule-pack-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-nearest.h"

static const char *const type_names[] = {"choice", "number", "scale", NULL};
static const char *const option_names[] = {"node", "python", "polyglot", NULL};
static const char *const side_names[] = {"node", "python", NULL};

static void
points_free (gpointer data)
{
  LdsPoints *points = data;

  lds_expression_free (points->when);
  lds_expression_free (points->value);
  g_free (points);
}

static void
cells_free (gpointer data)
{
  LdsCells *cells = data;

  lds_expression_free (cells->when);
  for (guint i = 0; i < LDS_N_OPTIONS; i++)
    lds_expression_free (cells->values[i]);
  g_free (cells);
}

/* Index of the attribute's value among names, or -1 with an error. */
int
lds_rule_pack_require_one_of (const LdsElement *element,
                              const char *attribute,
                              const char *const *names,
                              GError **error)
{
  const char *value = lds_element_require (element, attribute, error);

  if (value == NULL)
    return -1;
  for (int i = 0; names[i] != NULL; i++)
    if (strcmp (names[i], value) == 0)
      return i;
  lds_element_error (element, error, _ ("“%s” cannot be “%s”; perhaps “%s” is meant"), attribute,
                     value,
                     lds_nearest (value, names) != NULL ? lds_nearest (value, names) : names[0]);
  return -1;
}

gboolean
lds_rule_pack_require_text (const LdsElement *element,
                            const char *child,
                            const char **text,
                            GError **error)
{
  *text = lds_element_child_text (element, child);
  if (*text != NULL)
    return TRUE;
  lds_element_error (element, error, _ ("<%s> needs a <%s>"), element->name, child);
  return FALSE;
}

/* A word that expressions may use from now on; FALSE with an error when it is taken. */
static gboolean
add_word (LdsRulePack *self,
          const LdsElement *element,
          const char *word,
          GError **error)
{
  for (guint i = 0; i + 1 < self->words->len; i++)
    if (strcmp (g_ptr_array_index (self->words, i), word) == 0)
      {
        lds_element_error (element, error, _ ("there are two of “%s”"), word);
        return FALSE;
      }
  g_ptr_array_insert (self->words, (int)self->words->len - 1, (gpointer)word);
  return TRUE;
}

static gboolean
look_up_cb (const char *name,
            LdsWord *word,
            gpointer user_data)
{
  LdsRulePack *self = user_data;
  static const char *const verdicts[] = {"node", "python", "polyglot", NULL};
  int index = lds_rule_pack_index_of (self, name);

  if (strcmp (name, "verdict") == 0)
    {
      word->slot = LDS_VERDICT_SLOT;
      word->values = verdicts;
      return TRUE;
    }
  if (index >= 0)
    {
      word->slot = index;
      word->values = (const char *const *)lds_rule_pack_rule (self, (guint)index)->value_ids;
      return TRUE;
    }
  for (guint i = 0; i < self->conditions->len; i++)
    {
      const LdsCondition *condition = g_ptr_array_index (self->conditions, i);

      if (strcmp (condition->id, name) == 0)
        {
          word->definition = condition->test;
          return TRUE;
        }
    }
  return FALSE;
}

/* Parses an attribute that holds an expression; a missing one gives NULL without an error. */
gboolean
lds_rule_pack_load_expression (LdsRulePack *self,
                               const LdsElement *element,
                               const char *attribute,
                               LdsExpression **expression,
                               GError **error)
{
  const char *text = lds_element_get (element, attribute);
  g_autoptr (GError) local = NULL;

  *expression = NULL;
  if (text == NULL)
    return TRUE;
  *expression = lds_expression_parse (text, look_up_cb, (const char *const *)self->words->pdata,
                                      self, &local);
  if (*expression != NULL)
    return TRUE;
  lds_element_error (element, error, "%s", local->message);
  return FALSE;
}

gboolean
lds_rule_pack_require_expression (LdsRulePack *self,
                                  const LdsElement *element,
                                  const char *attribute,
                                  LdsExpression **expression,
                                  GError **error)
{
  return lds_element_require (element, attribute, error) != NULL &&
         lds_rule_pack_load_expression (self, element, attribute, expression, error);
}

/* Splits "a, b" and finds each question; bits of them, or FALSE with an error. */
static gboolean
load_question_bits (LdsRulePack *self,
                    const LdsElement *element,
                    const char *attribute,
                    guint64 *bits,
                    GError **error)
{
  const char *text = lds_element_require (element, attribute, error);
  g_auto (GStrv) words = text != NULL ? g_strsplit (text, ",", -1) : NULL;

  *bits = 0;
  if (words == NULL)
    return FALSE;
  for (guint i = 0; words[i] != NULL; i++)
    {
      int index = lds_rule_pack_index_of (self, g_strstrip (words[i]));

      if (index < 0)
        {
          lds_element_error (element, error, _ ("there is no question “%s”"), words[i]);
          return FALSE;
        }
      *bits |= G_GUINT64_CONSTANT (1) << index;
    }
  return TRUE;
}

static gboolean
load_choices (LdsQuestionRule *rule,
              const LdsElement *element,
              GError **error)
{
  GPtrArray *ids = g_ptr_array_new ();

  for (guint i = 0; i < element->children->len; i++)
    {
      const LdsElement *child = g_ptr_array_index (element->children, i);
      LdsChoice *choice;

      if (strcmp (child->name, "value") != 0)
        continue;
      choice = g_new0 (LdsChoice, 1);
      g_ptr_array_add (rule->public.choices, choice);
      choice->id = lds_element_require (child, "id", error);
      if (choice->id == NULL || !lds_rule_pack_require_text (child, "label", &choice->label, error))
        break;
      choice->help = lds_element_child_text (child, "help");
      choice->prefill = lds_element_get (child, "prefill");
      for (guint j = 0; j < ids->len; j++)
        if (strcmp (g_ptr_array_index (ids, j), choice->id) == 0)
          {
            lds_element_error (child, error, _ ("there are two of “%s”"), choice->id);
            g_ptr_array_unref (ids);
            return FALSE;
          }
      g_ptr_array_add (ids, (gpointer)choice->id);
    }
  g_ptr_array_add (ids, NULL);
  rule->value_ids = (const char **)g_ptr_array_free (ids, FALSE);
  if (rule->public.choices->len == 0 || rule->public.choices->len > 63)
    {
      lds_element_error (element, error, _ ("a question has 1 to 63 values"));
      return FALSE;
    }
  return error == NULL || *error == NULL;
}

static gboolean
load_range (LdsQuestionRule *rule,
            const LdsElement *element,
            GError **error)
{
  LdsQuestion *question = &rule->public;

  if (!lds_element_get_double (element, "minimum", 0, &question->minimum, error) ||
      !lds_element_get_double (element, "maximum", 0, &question->maximum, error))
    return FALSE;
  if (question->minimum < question->maximum)
    return TRUE;
  lds_element_error (element, error, _ ("“minimum” must be below “maximum”"));
  return FALSE;
}

static gboolean
load_fallback (LdsQuestionRule *rule,
               const LdsElement *element,
               GError **error)
{
  LdsQuestion *question = &rule->public;

  question->fallback = lds_element_require (element, "fallback", error);
  rule->fallback = NAN;
  if (question->fallback == NULL)
    return FALSE;
  if (strcmp (question->fallback, "unknown") == 0)
    return TRUE;
  if (question->type != LDS_QUESTION_CHOICE)
    return lds_element_get_double (element, "fallback", 0, &rule->fallback, error);
  for (guint i = 0; rule->value_ids[i] != NULL; i++)
    if (strcmp (rule->value_ids[i], question->fallback) == 0)
      {
        rule->fallback = i;
        return TRUE;
      }
  lds_element_error (element, error, _ ("there is no value “%s” to fall back on"),
                     question->fallback);
  return FALSE;
}

gboolean
lds_rule_pack_load_question (LdsRulePack *self,
                             const LdsElement *element,
                             GError **error)
{
  LdsQuestionRule *rule = g_new0 (LdsQuestionRule, 1);
  LdsQuestion *question = &rule->public;
  int type;
  g_autoptr (GError) local = NULL;

  question->choices = g_ptr_array_new_with_free_func (g_free);
  question->id = lds_element_require (element, "id", error);
  g_ptr_array_add (self->questions, rule);
  if (question->id == NULL)
    {
      question->id = "";
      return FALSE;
    }
  if (self->questions->len > LDS_MAX_QUESTIONS)
    {
      lds_element_error (element, error, _ ("there are more than %d questions"), LDS_MAX_QUESTIONS);
      return FALSE;
    }
  type = lds_rule_pack_require_one_of (element, "type", type_names, error);
  if (type < 0 || !add_word (self, element, question->id, error))
    return FALSE;
  question->type = (LdsQuestionType)type;
  question->unit = lds_element_get (element, "unit");
  question->uses = lds_element_require (element, "uses", error);
  question->source = question->uses != NULL ? lds_element_require (element, "source", error) : NULL;
  if (question->source == NULL ||
      !lds_rule_pack_require_text (element, "text", &question->text, error) ||
      !lds_rule_pack_require_text (element, "help", &question->help, error) ||
      !lds_rule_pack_require_text (element, "why", &question->why, error) ||
      !lds_element_get_double (element, "weight", 1, &question->weight, error))
    return FALSE;
  if (!(type == LDS_QUESTION_CHOICE ? load_choices (rule, element, &local)
                                    : load_range (rule, element, &local)))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  g_ptr_array_insert (self->question_ids, (int)self->question_ids->len - 1, (gpointer)question->id);
  return load_fallback (rule, element, error);
}

/* Apart from the question: it may name a question that stands below. */
gboolean
lds_rule_pack_load_ask_when (LdsRulePack *self,
                             const LdsElement *element,
                             GError **error)
{
  int index = lds_rule_pack_index_of (self, lds_element_get (element, "id"));
  LdsQuestionRule *rule = g_ptr_array_index (self->questions, (guint)index);

  return lds_rule_pack_load_expression (self, element, "ask-when", &rule->ask_when, error);
}

gboolean
lds_rule_pack_load_condition (LdsRulePack *self,
                              const LdsElement *element,
                              GError **error)
{
  LdsCondition *condition = g_new0 (LdsCondition, 1);

  condition->id = (char *)lds_element_require (element, "id", error);
  condition->sources =
      condition->id != NULL ? (char *)lds_element_require (element, "source", error) : NULL;
  if (condition->sources == NULL ||
      !lds_rule_pack_require_text (element, "title", &condition->title, error) ||
      !lds_rule_pack_require_expression (self, element, "test", &condition->test, error) ||
      !add_word (self, element, condition->id, error))
    {
      lds_expression_free (condition->test);
      g_free (condition);
      return FALSE;
    }
  g_ptr_array_add (self->conditions, condition);
  return TRUE;
}

static gboolean
load_points (LdsRulePack *self,
             LdsCriterion *criterion,
             const LdsElement *element,
             GError **error)
{
  LdsPoints *points = g_new0 (LdsPoints, 1);

  g_ptr_array_add (criterion->points, points);
  points->sources = (char *)lds_element_require (element, "source", error);
  if (points->sources == NULL ||
      !lds_rule_pack_load_expression (self, element, "when", &points->when, error) ||
      !lds_rule_pack_require_expression (self, element, "value", &points->value, error))
    return FALSE;
  criterion->affected |= lds_expression_reads (points->when) | lds_expression_reads (points->value);
  return TRUE;
}

static gboolean
load_cells (LdsRulePack *self,
            LdsCriterion *criterion,
            const LdsElement *element,
            GError **error)
{
  LdsCells *cells = g_new0 (LdsCells, 1);

  g_ptr_array_add (criterion->cells, cells);
  cells->sources = (char *)lds_element_require (element, "source", error);
  cells->articles = (char *)lds_element_get (element, "articles");
  cells->grade =
      cells->sources != NULL ? (char *)lds_element_require (element, "grade", error) : NULL;
  cells->against = (char *)lds_element_get (element, "against");
  cells->claims = (char *)lds_element_get (element, "claims");
  if (cells->grade == NULL ||
      !lds_rule_pack_load_expression (self, element, "when", &cells->when, error))
    return FALSE;
  for (guint i = 0; i < LDS_N_OPTIONS; i++)
    {
      if (!lds_rule_pack_require_expression (self, element, option_names[i], &cells->values[i],
                                             error))
        return FALSE;
      criterion->affected |= lds_expression_reads (cells->values[i]);
    }
  criterion->affected |= lds_expression_reads (cells->when);
  return TRUE;
}

gboolean
lds_rule_pack_load_criterion (LdsRulePack *self,
                              const LdsElement *element,
                              GError **error)
{
  LdsCriterion *criterion = g_new0 (LdsCriterion, 1);
  const LdsCells *last;

  criterion->points = g_ptr_array_new_with_free_func (points_free);
  criterion->cells = g_ptr_array_new_with_free_func (cells_free);
  criterion->side = LDS_OPTION_ABSTAIN;
  g_ptr_array_add (self->criteria, criterion);
  criterion->id = (char *)lds_element_require (element, "id", error);
  if (criterion->id == NULL ||
      !lds_rule_pack_require_text (element, "title", &criterion->title, error) ||
      !load_question_bits (self, element, "questions", &criterion->reads, error))
    return FALSE;
  for (guint i = 0; i + 1 < self->criteria->len; i++)
    if (strcmp (((LdsCriterion *)g_ptr_array_index (self->criteria, i))->id, criterion->id) == 0)
      {
        lds_element_error (element, error, _ ("there are two of “%s”"), criterion->id);
        return FALSE;
      }
  if (self->criteria->len > LDS_MAX_CRITERIA)
    {
      lds_element_error (element, error, _ ("there are more than %d criteria"), LDS_MAX_CRITERIA);
      return FALSE;
    }
  if (lds_element_get (element, "side") != NULL)
    {
      int side = lds_rule_pack_require_one_of (element, "side", side_names, error);

      if (side < 0)
        return FALSE;
      criterion->side = (LdsOption)side;
    }
  criterion->worst = g_strcmp0 (lds_element_get (element, "worst"), "yes") == 0;
  for (guint i = 0; i < element->children->len; i++)
    {
      const LdsElement *child = g_ptr_array_index (element->children, i);

      if (strcmp (child->name, "points") == 0 && !load_points (self, criterion, child, error))
        return FALSE;
      if (strcmp (child->name, "cells") == 0 && !load_cells (self, criterion, child, error))
        return FALSE;
      if (strcmp (child->name, "measure") == 0 && !lds_criterion_load_measure (criterion, child, error))
        return FALSE;
    }
  last = criterion->cells->len > 0 ? g_ptr_array_index (criterion->cells, criterion->cells->len - 1)
                                   : NULL;
  if (criterion->points->len == 0 || last == NULL || last->when != NULL)
    {
      lds_element_error (
          element, error,
          _ ("a criterion needs <points>, and <cells> of which the last have no condition"));
      return FALSE;
    }
  criterion->sources = ((LdsCells *)g_ptr_array_index (criterion->cells, 0))->sources;
  criterion->affected |= criterion->reads;
  return TRUE;
}

gboolean
lds_rule_pack_load_gate (LdsRulePack *self,
                         const LdsElement *element,
                         GError **error)
{
  LdsGate *gate = g_new0 (LdsGate, 1);
  int option;

  g_ptr_array_add (self->gates, gate);
  gate->id = (char *)lds_element_require (element, "id", error);
  gate->sources = gate->id != NULL ? (char *)lds_element_require (element, "source", error) : NULL;
  option = gate->sources != NULL
               ? lds_rule_pack_require_one_of (element, "option", option_names, error)
               : -1;
  if (option < 0 || !lds_rule_pack_require_text (element, "reason", &gate->reason, error) ||
      !lds_rule_pack_load_expression (self, element, "test", &gate->test, error) ||
      !lds_element_get_double (element, "demand", 0, &gate->demand, error))
    return FALSE;
  gate->option = (LdsOption)option;
  if ((gate->test == NULL) == (gate->demand == 0))
    {
      lds_element_error (element, error, _ ("a gate needs either “test” or “demand”"));
      return FALSE;
    }
  return TRUE;
}
