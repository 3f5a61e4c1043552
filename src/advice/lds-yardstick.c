/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What measures a criterion, and which lanes may be compared for it. */
#define G_LOG_DOMAIN "lds-yardstick"

#include "config.h"
#include "lds-yardstick.h"

#include "lds-rule-pack-private.h"

void
lds_comparison_rule_free (gpointer data)
{
  LdsComparisonRule *rule = data;

  lds_expression_free (rule->when);
  g_free (rule);
}

gboolean
lds_criterion_load_measure (LdsCriterion *self,
                            const LdsElement *element,
                            GError **error)
{
  static const char *const levels[] = {"model", "twin", "real", NULL};
  int level = 0;

  if (lds_element_get (element, "evidence") != NULL)
    level = lds_rule_pack_require_one_of (element, "evidence", levels, error);
  if (level < 0)
    return FALSE;
  self->measurable = TRUE;
  self->bare = level == 0;
  self->needs = level == 2 ? LDS_EVIDENCE_REAL : LDS_EVIDENCE_MODEL;
  self->any = g_strcmp0 (lds_element_get (element, "any"), "yes") == 0;
  self->workloads = lds_element_require (element, "workload", error);
  self->metric = self->workloads != NULL ? lds_element_require (element, "metric", error) : NULL;
  self->instead = lds_element_get (element, "instead");
  return self->metric != NULL;
}

gboolean
lds_rule_pack_load_comparison (LdsRulePack *self,
                               const LdsElement *element,
                               GError **error)
{
  LdsComparisonRule *rule = g_new0 (LdsComparisonRule, 1);
  LdsComparison *comparison = &rule->public;

  g_ptr_array_add (self->comparisons, rule);
  comparison->node = lds_element_require (element, "node", error);
  comparison->python =
      comparison->node != NULL ? lds_element_require (element, "python", error) : NULL;
  comparison->sources =
      comparison->python != NULL ? lds_element_require (element, "source", error) : NULL;
  return comparison->sources != NULL &&
         lds_rule_pack_load_expression (self, element, "when", &rule->when, error);
}

GArray *
lds_yardstick_list (LdsRulePack *pack)
{
  GArray *yardsticks = g_array_new (FALSE, FALSE, sizeof (LdsYardstick));

  for (guint c = 0; c < pack->criteria->len; c++)
    {
      const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, c);
      LdsYardstick yardstick = {
          .criterion = criterion->id,
          .title = criterion->title,
          .workloads = criterion->workloads,
          .metric = criterion->metric,
          .instead = criterion->instead,
          .any = criterion->any,
          .needs = criterion->needs,
          .bare = criterion->bare,
      };

      if (criterion->measurable)
        g_array_append_val (yardsticks, yardstick);
    }
  return yardsticks;
}

GArray *
lds_comparison_list (LdsAnswers *answers)
{
  LdsRulePack *pack = lds_answers_get_pack (answers);
  GArray *comparisons = g_array_new (FALSE, FALSE, sizeof (LdsComparison));
  LdsInput input;

  lds_answers_get_input (answers, &input);
  for (guint i = 0; i < pack->comparisons->len; i++)
    {
      const LdsComparisonRule *rule = g_ptr_array_index (pack->comparisons, i);

      if (rule->when == NULL || lds_expression_is_true (rule->when, input.slots))
        g_array_append_val (comparisons, rule->public);
    }
  return comparisons;
}
