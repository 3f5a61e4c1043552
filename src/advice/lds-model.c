/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weighted-sum model. Sums run in the criteria's order, so that figures are reproducible to the
 * last bit; the library is built without contraction of multiply and add for the same reason. */
#define G_LOG_DOMAIN "lds-model"

#include "config.h"
#include "lds-model.h"

#include <math.h>

#define MAX_WEIGHT    10.0
#define PERTURBATIONS 1000

static double
weigh (const LdsCriterion *criterion,
       const LdsInput *input)
{
  double weight = 0;

  /* All it asks about does not apply: the criterion is not there. */
  if ((criterion->reads & ~input->not_applicable) == 0)
    return 0;
  for (guint i = 0; i < criterion->points->len; i++)
    {
      const LdsPoints *points = g_ptr_array_index (criterion->points, i);
      double value;

      if (points->when != NULL && !lds_expression_is_true (points->when, input->slots))
        continue;
      value = lds_expression_evaluate (points->value, input->slots);
      if (!isnan (value))
        weight += value;
    }
  return CLAMP (weight, 0, MAX_WEIGHT);
}

/* The points of a measured ratio, before the limits. */
#define POINTS_PER_DOUBLING 25.0

void
lds_model_measured_cells (gboolean worst,
                          double ratio,
                          double cells[LDS_N_OPTIONS])
{
  double lead = POINTS_PER_DOUBLING * log2 (ratio);
  double node = MIN (95, MAX (5, 50 + lead)), python = MIN (95, MAX (5, 50 - lead));

  cells[LDS_OPTION_NODE] = node;
  cells[LDS_OPTION_PYTHON] = python;
  cells[LDS_OPTION_POLYGLOT] = worst ? MIN (node, python) : MAX (node, python) - 3;
}

static void
fill_cells (const LdsCriterion *criterion,
            const LdsInput *input,
            double *cells)
{
  for (guint i = 0; i < criterion->cells->len; i++)
    {
      const LdsCells *group = g_ptr_array_index (criterion->cells, i);

      if (group->when != NULL && !lds_expression_is_true (group->when, input->slots))
        continue;
      for (guint o = 0; o < LDS_N_OPTIONS; o++)
        {
          double value = lds_expression_evaluate (group->values[o], input->slots);

          /* Cells that read what does not apply say nothing for or against any option. */
          if (isnan (value))
            {
              cells[0] = cells[1] = cells[2] = 0;
              return;
            }
          cells[o] = CLAMP (value, 0, 100);
        }
      return;
    }
}

static void
close_gates (LdsRulePack *pack,
             const LdsInput *input,
             LdsModelResult *result)
{
  guint closed = 0;

  result->restored = FALSE;
  for (guint o = 0; o < LDS_N_OPTIONS; o++)
    result->gates[o] = LDS_GATE_OPEN;
  for (guint i = 0; i < pack->gates->len; i++)
    {
      const LdsGate *gate = g_ptr_array_index (pack->gates, i);

      if (gate->test == NULL || result->gates[gate->option] != LDS_GATE_OPEN ||
          !lds_expression_is_true (gate->test, input->slots))
        continue;
      result->gates[gate->option] = (int)i;
      closed++;
    }
  if (input->single)
    {
      closed += result->gates[LDS_OPTION_POLYGLOT] == LDS_GATE_OPEN;
      result->gates[LDS_OPTION_POLYGLOT] = LDS_GATE_COMPONENT;
    }
  if (closed == LDS_N_OPTIONS && input->single)
    {
      result->gates[LDS_OPTION_NODE] = result->gates[LDS_OPTION_PYTHON] = LDS_GATE_OPEN;
      result->restored = TRUE;
    }
  else if (closed == LDS_N_OPTIONS)
    {
      result->gates[LDS_OPTION_POLYGLOT] = LDS_GATE_OPEN;
      result->restored = TRUE;
    }
}

static void
score (const double *weights,
       double (*cells)[LDS_N_OPTIONS],
       guint n,
       double *scores)
{
  double total = 0;

  for (guint c = 0; c < n; c++)
    total += weights[c];
  if (total == 0)
    total = 1;
  for (guint o = 0; o < LDS_N_OPTIONS; o++)
    {
      double sum = 0;

      for (guint c = 0; c < n; c++)
        sum += weights[c] * cells[c][o];
      scores[o] = sum / total;
    }
}

/* The best open option; of equals the first. */
static LdsOption
best (const double *scores,
      const int *gates,
      LdsOption except)
{
  LdsOption winner = LDS_OPTION_ABSTAIN;

  for (int o = 0; o < LDS_N_OPTIONS; o++)
    if (gates[o] == LDS_GATE_OPEN && o != (int)except &&
        (winner == LDS_OPTION_ABSTAIN || scores[o] > scores[winner]))
      winner = (LdsOption)o;
  return winner;
}

void
lds_model_rank (LdsRulePack *pack,
                LdsModelResult *result)
{
  score (result->weights, result->cells, pack->criteria->len, result->scores);
  result->demand[0] = result->demand[1] = 0;
  for (guint c = 0; c < pack->criteria->len; c++)
    {
      const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, c);

      if (criterion->side == LDS_OPTION_NODE || criterion->side == LDS_OPTION_PYTHON)
        result->demand[criterion->side] += result->demands[c];
    }
  for (guint i = 0; i < pack->gates->len && !result->restored; i++)
    {
      const LdsGate *gate = g_ptr_array_index (pack->gates, i);

      if (gate->test != NULL)
        continue;
      if (result->gates[gate->option] == (int)i)
        result->gates[gate->option] = LDS_GATE_OPEN;
      if (result->gates[gate->option] == LDS_GATE_OPEN &&
          (result->demand[0] < gate->demand || result->demand[1] < gate->demand))
        result->gates[gate->option] = (int)i;
    }
  result->winner = best (result->scores, result->gates, LDS_OPTION_ABSTAIN);
  /* Rules of the user's own may close every gate: then nothing is left to recommend but both. */
  if (result->winner == LDS_OPTION_ABSTAIN)
    {
      result->gates[LDS_OPTION_POLYGLOT] = LDS_GATE_OPEN;
      result->restored = TRUE;
      result->winner = LDS_OPTION_POLYGLOT;
    }
  result->second = best (result->scores, result->gates, result->winner);
  result->margin = result->second != LDS_OPTION_ABSTAIN
                       ? result->scores[result->winner] - result->scores[result->second]
                       : LDS_LONE_MARGIN;
}

void
lds_model_evaluate_criterion (LdsRulePack *pack,
                              guint index,
                              const LdsInput *input,
                              LdsModelResult *result)
{
  const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, index);

  result->demands[index] = weigh (criterion, input);
  result->weights[index] =
      isnan (input->weights[index]) ? result->demands[index] : input->weights[index];
  if (isnan (input->ratios[index]))
    fill_cells (criterion, input, result->cells[index]);
  else
    lds_model_measured_cells (criterion->worst, input->ratios[index], result->cells[index]);
}

void
lds_model_evaluate (LdsRulePack *pack,
                    const LdsInput *input,
                    LdsModelResult *result)
{
  for (guint c = 0; c < pack->criteria->len; c++)
    lds_model_evaluate_criterion (pack, c, input, result);
  close_gates (pack, input, result);
  lds_model_rank (pack, result);
}

void
lds_model_change (LdsRulePack *pack,
                  const LdsInput *input,
                  guint64 questions,
                  const LdsModelResult *base,
                  LdsModelResult *result)
{
  *result = *base;
  for (guint c = 0; c < pack->criteria->len; c++)
    {
      const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, c);

      if ((criterion->affected & questions) != 0)
        lds_model_evaluate_criterion (pack, c, input, result);
    }
  close_gates (pack, input, result);
  lds_model_rank (pack, result);
}

/* 0 to 1. */
static double
next_random (guint32 *state)
{
  *state = (*state * 1103515245u + 12345u) & 0x7fffffffu;
  return *state / (double)0x7fffffff;
}

double
lds_model_robustness (LdsRulePack *pack,
                      const LdsModelResult *result)
{
  guint32 state = 12345;
  guint n = pack->criteria->len, kept = 0;
  double weights[LDS_MAX_CRITERIA], cells[LDS_MAX_CRITERIA][LDS_N_OPTIONS], scores[LDS_N_OPTIONS];

  for (guint round = 0; round < PERTURBATIONS; round++)
    {
      for (guint c = 0; c < n; c++)
        weights[c] = result->weights[c] * (0.5 + next_random (&state));
      for (guint c = 0; c < n; c++)
        for (guint o = 0; o < LDS_N_OPTIONS; o++)
          {
            double value = result->cells[c][o] + 20 * next_random (&state) - 10;

            cells[c][o] = MIN (100, MAX (0, value));
          }
      score (weights, cells, n, scores);
      kept += best (scores, result->gates, LDS_OPTION_ABSTAIN) == result->winner;
    }
  return kept / (double)PERTURBATIONS;
}
