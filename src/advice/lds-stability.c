/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a weight or a measured ratio may move before the winner changes: the score is linear in
 * both, so the bounds are exact. Gates stay as the answers set them. */
#define G_LOG_DOMAIN "lds-stability"

#include "config.h"
#include "lds-verdict-private.h"

#include <math.h>

/* Beyond this many points a measured cell does not move. */
#define MAX_LEAD            45.0
#define POINTS_PER_DOUBLING 25.0

/* Sums of weight times cell, each up to 10 x 100, are equal within this. */
#define ROUNDING 1e-9

/* The lead of the winner over a rival, without dividing by the sum of weights: sum of w (v_w - v_r). */
static double
lead_over (const LdsModelResult *base,
           guint n,
           LdsOption rival)
{
  double lead = 0;

  for (guint c = 0; c < n; c++)
    lead += base->weights[c] * (base->cells[c][base->winner] - base->cells[c][rival]);
  return lead;
}

static gboolean
is_rival (const LdsModelResult *base,
          int option)
{
  return option != (int)base->winner && base->gates[option] == LDS_GATE_OPEN;
}

GArray *
lds_stability_weights (LdsRulePack *pack,
                       const LdsModelResult *base)
{
  guint n = pack->criteria->len;
  GArray *ranges = g_array_sized_new (FALSE, FALSE, sizeof (LdsWeightRange), n);

  for (guint c = 0; c < n; c++)
    {
      const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, c);
      LdsWeightRange range = {criterion->id, criterion->title, base->weights[c], NAN, NAN,
                              LDS_OPTION_ABSTAIN, LDS_OPTION_ABSTAIN};

      for (int rival = 0; rival < LDS_N_OPTIONS; rival++)
        {
          double difference = base->cells[c][base->winner] - base->cells[c][rival], critical;

          if (!is_rival (base, rival) || difference == 0)
            continue;
          critical = base->weights[c] - lead_over (base, n, (LdsOption)rival) / difference;
          if (difference > 0 && critical > 0 && !(critical <= range.low))
            {
              range.low = critical;
              range.below = (LdsOption)rival;
            }
          if (difference < 0 && !(critical >= range.high))
            {
              range.high = critical;
              range.above = (LdsOption)rival;
            }
        }
      g_array_append_val (ranges, range);
    }
  return ranges;
}

/* The winner's lead over the rival when the criterion is measured with that lead of Node.js. */
static double
lead_when_measured (double rest,
                    double weight,
                    gboolean worst,
                    double node_lead,
                    LdsOption winner,
                    LdsOption rival)
{
  double cells[LDS_N_OPTIONS];

  lds_model_measured_cells (worst, exp2 (node_lead / POINTS_PER_DOUBLING), cells);
  return rest + weight * (cells[winner] - cells[rival]);
}

/* Of equal scores the option that stands first wins. */
static gboolean
is_lost (double lead,
         LdsOption winner,
         LdsOption rival)
{
  return lead < -ROUNDING || (lead <= ROUNDING && rival < winner);
}

/* Where a function that is linear from a to b, and there changes its sign, is 0. */
static double
root (double a,
      double at_a,
      double b,
      double at_b)
{
  return a + (b - a) * at_a / (at_a - at_b);
}

/* Narrows the range by one rival. The lead is monotone in the measured lead of Node.js, and linear on
 * either side of 0, where "both" changes from one runtime's cell to the other's. */
static void
narrow (LdsRatioRange *range,
        double rest,
        double weight,
        gboolean worst,
        LdsOption winner,
        LdsOption rival)
{
  const double ends[] = {-MAX_LEAD, 0, MAX_LEAD};
  double leads[3];
  gboolean lost[3];

  for (guint i = 0; i < 3; i++)
    {
      leads[i] = lead_when_measured (rest, weight, worst, ends[i], winner, rival);
      lost[i] = is_lost (leads[i], winner, rival);
    }
  if (lost[0] && lost[2])
    {
      range->never = TRUE;
      range->below = range->above = rival;
      return;
    }
  for (guint i = 0; i < 2; i++)
    {
      double ratio;

      if (lost[i] == lost[i + 1])
        continue;
      ratio = exp2 (root (ends[i], leads[i], ends[i + 1], leads[i + 1]) / POINTS_PER_DOUBLING);
      if (lost[i] && !(ratio <= range->low))
        {
          range->low = ratio;
          range->below = rival;
        }
      if (!lost[i] && !(ratio >= range->high))
        {
          range->high = ratio;
          range->above = rival;
        }
    }
}

GArray *
lds_stability_ratios (LdsRulePack *pack,
                      const LdsInput *input,
                      const LdsModelResult *base)
{
  guint n = pack->criteria->len;
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (LdsRatioRange));

  for (guint c = 0; c < n; c++)
    {
      const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, c);
      LdsRatioRange range = {criterion->id,
                             criterion->title,
                             criterion->workloads,
                             criterion->metric,
                             input->ratios[c],
                             NAN,
                             NAN,
                             LDS_OPTION_ABSTAIN,
                             LDS_OPTION_ABSTAIN,
                             FALSE};

      if (!criterion->measurable || base->weights[c] == 0)
        continue;
      for (int rival = 0; rival < LDS_N_OPTIONS; rival++)
        if (is_rival (base, rival))
          narrow (&range,
                  lead_over (base, n, (LdsOption)rival) -
                      base->weights[c] * (base->cells[c][base->winner] - base->cells[c][rival]),
                  base->weights[c], criterion->worst, base->winner, (LdsOption)rival);
      if (range.low > range.high)
        range.never = TRUE;
      g_array_append_val (ranges, range);
    }
  return ranges;
}
