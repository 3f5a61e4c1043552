/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which measurement moved what: the model again, leaving one measurement out. */
#define G_LOG_DOMAIN "lds-influence"

#include "config.h"
#include "lds-influence.h"

#include <math.h>
#include <string.h>

#include "lds-verdict-private.h"

/* The winner's score less the best of the others that no gate shuts out; 0 when it stands alone. */
static double
lead_of (const LdsModelResult *result,
         LdsOption winner)
{
  double best = NAN;

  for (int o = 0; o < LDS_N_OPTIONS; o++)
    if (o != (int)winner && result->gates[o] == LDS_GATE_OPEN)
      best = fmax (best, result->scores[o]);
  return isnan (best) ? 0 : result->scores[winner] - best;
}

/* What the criterion's cells are worth to the winner over its second. */
static double
points_of (const LdsModelResult *result,
           guint n,
           guint index,
           const double *cells)
{
  double total = 0;

  for (guint c = 0; c < n; c++)
    total += result->weights[c];
  if (result->second == LDS_OPTION_ABSTAIN || total <= 0)
    return 0;
  return result->weights[index] * (cells[result->winner] - cells[result->second]) / total;
}

static LdsInfluence
influence_of (LdsRulePack *pack,
              const LdsInput *input,
              const LdsModelResult *whole,
              const LdsMeasuredRatio *measurement,
              guint index)
{
  const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, index);
  const double ends[] = {measurement->low, measurement->high};
  LdsInput changed = *input;
  LdsModelResult without, at_end;
  LdsInfluence influence = {.criterion = criterion->id, .winner_within = LDS_OPTION_ABSTAIN};

  changed.ratios[index] = NAN;
  lds_model_evaluate (pack, &changed, &without);
  influence.weight = whole->weights[index];
  memcpy (influence.prior_cells, without.cells[index], sizeof influence.prior_cells);
  memcpy (influence.cells, whole->cells[index], sizeof influence.cells);
  influence.prior_points = points_of (whole, pack->criteria->len, index, influence.prior_cells);
  influence.points = points_of (whole, pack->criteria->len, index, influence.cells);
  influence.lead_without = lead_of (&without, whole->winner);
  influence.effect = lead_of (whole, whole->winner) - influence.lead_without;
  influence.winner_without = without.winner;
  for (guint i = 0; i < G_N_ELEMENTS (ends) && !influence.unsure; i++)
    {
      if (isnan (ends[i]))
        continue;
      changed.ratios[index] = ends[i];
      lds_model_evaluate (pack, &changed, &at_end);
      if (at_end.winner == whole->winner)
        continue;
      influence.unsure = TRUE;
      influence.winner_within = at_end.winner;
    }
  return influence;
}

GArray *
lds_influence_list (LdsAnswers *answers,
                    const LdsAdviceOptions *options,
                    GError **error)
{
  GArray *influences;
  LdsRulePack *pack;
  LdsModelResult whole;
  LdsInput input;

  g_return_val_if_fail (LDS_IS_ANSWERS (answers), NULL);
  g_return_val_if_fail (options != NULL, NULL);

  if (!lds_advise_prepare (answers, options, &input, error))
    return NULL;
  pack = lds_answers_get_pack (answers);
  influences = g_array_new (FALSE, FALSE, sizeof (LdsInfluence));
  lds_model_evaluate (pack, &input, &whole);
  for (guint i = 0; options->overlay != NULL && i < lds_overlay_list (options->overlay)->len; i++)
    {
      const LdsMeasuredRatio *measurement =
          g_ptr_array_index (lds_overlay_list (options->overlay), i);

      for (guint c = 0; c < pack->criteria->len; c++)
        if (strcmp (((LdsCriterion *)g_ptr_array_index (pack->criteria, c))->id,
                    measurement->criterion) == 0)
          {
            LdsInfluence influence = influence_of (pack, &input, &whole, measurement, c);

            g_array_append_val (influences, influence);
          }
    }
  return influences;
}
