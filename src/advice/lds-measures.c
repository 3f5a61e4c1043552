/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rules say should be measured: reading them, and what holds for answers. */
#define G_LOG_DOMAIN "lds-advice"

#include "config.h"
#include "lds-measures.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-rule-pack-private.h"

/* <plan>: what its measures have in common. */
typedef struct
{
  LdsExpression *when;
  GPtrArray *measures; /* (element-type MeasureRule) */
} PlanRule;

typedef struct
{
  LdsMeasure public;   /* first, so that a pointer to one is a pointer to the other */
  LdsExpression *when; /* (nullable): always */
} MeasureRule;

typedef struct
{
  const char *id;
  LdsExpression *when; /* (nullable): always */
} LaneRule;

/* What one value of a question stands for. */
typedef struct
{
  int question;
  int value;
  double number;
} Amount;

static void
measure_rule_free (gpointer data)
{
  MeasureRule *rule = data;

  lds_expression_free (rule->when);
  g_free (rule);
}

void
lds_plan_rule_free (gpointer data)
{
  PlanRule *rule = data;

  lds_expression_free (rule->when);
  g_ptr_array_unref (rule->measures);
  g_free (rule);
}

void
lds_lane_rule_free (gpointer data)
{
  LaneRule *rule = data;

  lds_expression_free (rule->when);
  g_free (rule);
}

/* --- Reading --------------------------------------------------------------------------------- */

/* Returns FALSE with an error when @amount is neither a number nor a question. */
static gboolean
check_amount (LdsRulePack *self,
              const LdsElement *element,
              const char *amount,
              GError **error)
{
  char *end = NULL;

  if (amount == NULL || lds_rule_pack_index_of (self, amount) >= 0 ||
      (g_ascii_strtod (amount, &end) > 0 && *end == '\0'))
    return TRUE;
  lds_element_error (element, error, _ ("“%s” is neither a number above 0 nor a question"), amount);
  return FALSE;
}

static gboolean
load_measure (LdsRulePack *self,
              const char *plan,
              GPtrArray *measures,
              const LdsElement *element,
              GError **error)
{
  MeasureRule *rule = g_new0 (MeasureRule, 1);
  LdsMeasure *measure = &rule->public;

  g_ptr_array_add (measures, rule);
  measure->plan = plan;
  measure->workload = lds_element_require (element, "run", error);
  measure->sources =
      measure->workload != NULL ? lds_element_require (element, "source", error) : NULL;
  measure->connections =
      measure->sources != NULL ? lds_element_require (element, "connections", error) : NULL;
  if (measure->connections == NULL)
    return FALSE;
  measure->quick = lds_element_get (element, "quick");
  measure->uses = lds_element_get (element, "uses");
  measure->rate = lds_element_get (element, "rate");
  return check_amount (self, element, measure->connections, error) &&
         check_amount (self, element, measure->rate, error) &&
         lds_element_get_double (element, "most-connections", G_MAXDOUBLE,
                                 &measure->most_connections, error) &&
         lds_element_get_double (element, "most-rate", G_MAXDOUBLE, &measure->most_rate, error) &&
         lds_element_get_double (element, "most-deliveries", G_MAXDOUBLE, &measure->most_deliveries,
                                 error) &&
         lds_rule_pack_load_expression (self, element, "when", &rule->when, error);
}

gboolean
lds_rule_pack_load_plan (LdsRulePack *self,
                         const LdsElement *element,
                         GError **error)
{
  PlanRule *rule = g_new0 (PlanRule, 1);
  const char *id;

  rule->measures = g_ptr_array_new_with_free_func (measure_rule_free);
  g_ptr_array_add (self->plans, rule);
  id = lds_element_require (element, "id", error);
  if (id == NULL || !lds_rule_pack_load_expression (self, element, "when", &rule->when, error))
    return FALSE;
  for (guint i = 0; i < element->children->len; i++)
    {
      const LdsElement *child = g_ptr_array_index (element->children, i);

      if (strcmp (child->name, "measure") == 0 &&
          !load_measure (self, id, rule->measures, child, error))
        return FALSE;
    }
  if (rule->measures->len > 0)
    return TRUE;
  lds_element_error (element, error, _ ("a plan needs at least one <measure>"));
  return FALSE;
}

gboolean
lds_rule_pack_load_lane (LdsRulePack *self,
                         const LdsElement *element,
                         GError **error)
{
  LaneRule *rule = g_new0 (LaneRule, 1);

  g_ptr_array_add (self->lanes, rule);
  rule->id = lds_element_require (element, "id", error);
  return rule->id != NULL && lds_element_require (element, "source", error) != NULL &&
         lds_rule_pack_load_expression (self, element, "when", &rule->when, error);
}

gboolean
lds_rule_pack_load_amount (LdsRulePack *self,
                           const LdsElement *element,
                           GError **error)
{
  const char *question = lds_element_require (element, "question", error);
  const char *value = question != NULL ? lds_element_require (element, "value", error) : NULL;
  Amount *amount = g_new0 (Amount, 1);

  g_ptr_array_add (self->amounts, amount);
  if (value == NULL || !lds_element_get_double (element, "number", 0, &amount->number, error))
    return FALSE;
  amount->question = lds_rule_pack_index_of (self, question);
  amount->value = -1;
  if (amount->question >= 0)
    {
      const LdsQuestionRule *rule = lds_rule_pack_rule (self, (guint)amount->question);

      for (int i = 0; rule->value_ids != NULL && rule->value_ids[i] != NULL; i++)
        if (strcmp (rule->value_ids[i], value) == 0)
          amount->value = i;
    }
  if (amount->value >= 0 && amount->number > 0)
    return TRUE;
  lds_element_error (element, error, _ ("an amount needs a question, one of its values, and a “number” above 0"));
  return FALSE;
}

/* --- What holds ------------------------------------------------------------------------------ */

static gboolean
holds (const LdsExpression *when,
       const LdsInput *input)
{
  return when == NULL || lds_expression_is_true (when, input->slots);
}

GPtrArray *
lds_measures_list (LdsAnswers *answers)
{
  LdsRulePack *pack;
  GPtrArray *list = g_ptr_array_new ();
  LdsInput input;

  g_return_val_if_fail (LDS_IS_ANSWERS (answers), list);

  pack = lds_answers_get_pack (answers);
  lds_answers_get_input (answers, &input);
  for (guint i = 0; i < pack->plans->len; i++)
    {
      const PlanRule *plan = g_ptr_array_index (pack->plans, i);

      for (guint j = 0; holds (plan->when, &input) && j < plan->measures->len; j++)
        {
          MeasureRule *rule = g_ptr_array_index (plan->measures, j);

          if (holds (rule->when, &input))
            g_ptr_array_add (list, &rule->public);
        }
    }
  return list;
}

GPtrArray *
lds_measures_list_lanes (LdsAnswers *answers)
{
  LdsRulePack *pack;
  GPtrArray *list = g_ptr_array_new ();
  LdsInput input;

  g_return_val_if_fail (LDS_IS_ANSWERS (answers), list);

  pack = lds_answers_get_pack (answers);
  lds_answers_get_input (answers, &input);
  for (guint i = 0; i < pack->lanes->len; i++)
    {
      const LaneRule *rule = g_ptr_array_index (pack->lanes, i);

      if (holds (rule->when, &input))
        g_ptr_array_add (list, (gpointer)rule->id);
    }
  return list;
}

char *
lds_measures_dup_workload (LdsAnswers *answers,
                           const char *workload)
{
  GString *expanded = g_string_new (NULL);

  g_return_val_if_fail (LDS_IS_ANSWERS (answers) && workload != NULL,
                        g_string_free (expanded, FALSE));

  while (*workload != '\0')
    {
      const char *end = *workload == '{' ? strchr (workload, '}') : NULL;

      if (end == NULL)
        g_string_append_c (expanded, *workload++);
      else
        {
          g_autofree char *question = g_strndup (workload + 1, (gsize)(end - workload - 1));
          const char *answer = lds_answers_get (answers, question);

          /* Workloads take whole numbers. */
          g_string_append_printf (expanded, "%.0f", answer != NULL ? g_ascii_strtod (answer, NULL) : 0);
          workload = end + 1;
        }
    }
  return g_string_free (expanded, FALSE);
}

double
lds_measures_amount (LdsAnswers *answers,
                     const char *amount)
{
  LdsRulePack *pack;
  LdsInput input;
  int question;

  g_return_val_if_fail (LDS_IS_ANSWERS (answers) && amount != NULL, NAN);

  pack = lds_answers_get_pack (answers);
  question = lds_rule_pack_index_of (pack, amount);
  if (question < 0)
    return g_ascii_strtod (amount, NULL);
  lds_answers_get_input (answers, &input);
  for (guint i = 0; i < pack->amounts->len; i++)
    {
      const Amount *row = g_ptr_array_index (pack->amounts, i);

      if (row->question == question && row->value == input.slots[question])
        return row->number;
    }
  return NAN;
}
