/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the questions that are still open can change the verdict, taken all together. */
#define G_LOG_DOMAIN "lds-open"

#include "config.h"
#include "lds-verdict-private.h"

#include <math.h>

/* More open questions behind one criterion than this are not gone through: anything may happen. */
#define MAX_OPEN_A_CRITERION 3

typedef struct
{
  LdsRulePack *pack;
  LdsModelResult *result; /* scratch */
  LdsInput *input;        /* scratch */
  guint criterion;
  LdsOption winner;
  double best[LDS_N_OPTIONS]; /* largest w (v_rival - v_winner) seen */
  double demand;              /* largest demand seen */
} Search;

static void
look (Search *search)
{
  guint c = search->criterion;
  const double *cells = search->result->cells[c];

  lds_model_evaluate_criterion (search->pack, c, search->input, search->result);
  for (guint o = 0; o < LDS_N_OPTIONS; o++)
    search->best[o] =
        MAX (search->best[o], search->result->weights[c] * (cells[o] - cells[search->winner]));
  search->demand = MAX (search->demand, search->result->demands[c]);
}

/* Goes through every combination of the open questions from that one on. */
static void
combine (Search *search,
         guint64 open)
{
  guint question;
  const LdsQuestionRule *rule;
  double kept;
  guint n;

  if (open == 0)
    {
      look (search);
      return;
    }
  question = (guint)g_bit_nth_lsf (open, -1);
  rule = lds_rule_pack_rule (search->pack, question);
  n = lds_question_n_values (rule);
  kept = search->input->slots[question];
  open &= open - 1;
  combine (search, open);
  for (guint v = 0; v < n; v++)
    {
      search->input->slots[question] = lds_question_value_at (rule, v);
      combine (search, open);
    }
  search->input->slots[question] = kept;
}

/* Whether a gate may change, or has been opened by force. */
static gboolean
gates_may_move (LdsRulePack *pack,
                const LdsModelResult *base,
                guint64 open,
                gboolean *may_open)
{
  for (guint o = 0; o < LDS_N_OPTIONS; o++)
    may_open[o] = base->gates[o] == LDS_GATE_OPEN;
  if (base->restored)
    return TRUE;
  for (guint i = 0; i < pack->gates->len; i++)
    {
      const LdsGate *gate = g_ptr_array_index (pack->gates, i);

      if ((lds_expression_reads (gate->test) & open) == 0)
        continue;
      if (gate->option == base->winner)
        return TRUE;
      may_open[gate->option] |= base->gates[gate->option] == (int)i;
    }
  return FALSE;
}

/* Whether a gate by demand may open; those of the winner may close when demand can fall. */
static gboolean
demand_gates_may_move (LdsRulePack *pack,
                       const LdsModelResult *base,
                       const double *largest,
                       guint64 open,
                       gboolean *may_open)
{
  for (guint i = 0; i < pack->gates->len; i++)
    {
      const LdsGate *gate = g_ptr_array_index (pack->gates, i);

      if (gate->test != NULL)
        continue;
      for (guint c = 0; c < pack->criteria->len; c++)
        {
          const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, c);

          if (gate->option == base->winner && criterion->side != LDS_OPTION_ABSTAIN &&
              (criterion->affected & open) != 0)
            return TRUE;
        }
      if (base->gates[gate->option] == (int)i && largest[0] >= gate->demand &&
          largest[1] >= gate->demand)
        may_open[gate->option] = TRUE;
    }
  return FALSE;
}

gboolean
lds_open_is_settled (LdsRulePack *pack,
                     const LdsInput *input,
                     const LdsModelResult *base,
                     guint64 open)
{
  LdsInput changed = *input;
  LdsModelResult scratch = *base;
  double gain[LDS_N_OPTIONS] = {0}, largest[2] = {0};
  gboolean may_open[LDS_N_OPTIONS];

  if (gates_may_move (pack, base, open, may_open))
    return FALSE;
  for (guint c = 0; c < pack->criteria->len; c++)
    {
      const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, c);
      guint64 mine = criterion->affected & open;
      Search search = {.pack = pack,
                       .result = &scratch,
                       .input = &changed,
                       .criterion = c,
                       .winner = base->winner,
                       .best = {-INFINITY, -INFINITY, -INFINITY}};

      if (__builtin_popcountll (mine) > MAX_OPEN_A_CRITERION)
        return FALSE;
      combine (&search, mine);
      for (guint o = 0; o < LDS_N_OPTIONS; o++)
        gain[o] += search.best[o];
      if (criterion->side != LDS_OPTION_ABSTAIN)
        largest[criterion->side] += search.demand;
    }
  if (demand_gates_may_move (pack, base, largest, open, may_open))
    return FALSE;
  for (guint o = 0; o < LDS_N_OPTIONS; o++)
    if (o != (guint)base->winner && may_open[o] && gain[o] >= 0)
      return FALSE;
  return TRUE;
}
