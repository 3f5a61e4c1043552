/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What would change the verdict: the model again, with one answer another. */
#define G_LOG_DOMAIN "lds-flips"

#include "config.h"
#include "lds-verdict-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
flip_free (gpointer data)
{
  LdsFlip *flip = data;

  g_free (flip->question);
  g_free (flip->from);
  g_free (flip->to);
  g_free (flip);
}

/* Number of values that an answer can step through; 0 for measured numbers, which are no choice. */
static guint
n_values (const LdsQuestionRule *rule)
{
  if (rule->public.type == LDS_QUESTION_CHOICE)
    return rule->public.choices->len;
  if (rule->public.type == LDS_QUESTION_SCALE)
    return (guint)(rule->public.maximum - rule->public.minimum) + 1;
  return 0;
}

static double
value_at (const LdsQuestionRule *rule,
          guint index)
{
  return rule->public.type == LDS_QUESTION_SCALE ? rule->public.minimum + index : index;
}

/* Steps between two values of a question; a step from nothing to something counts one. */
static guint
distance (double from,
          double to)
{
  return isnan (from) ? 1 : (guint)fabs (to - from);
}

static LdsFlip *
flip_new (const LdsQuestionRule *rule,
          double from,
          double to,
          LdsOption winner)
{
  LdsFlip *flip = g_new0 (LdsFlip, 1);

  flip->question = g_strdup (rule->public.id);
  flip->from = lds_question_format_value (rule, from);
  flip->to = lds_question_format_value (rule, to);
  flip->winner = winner;
  flip->distance = distance (from, to);
  return flip;
}

static int
compare_flips (gconstpointer a,
               gconstpointer b)
{
  const LdsFlip *left = *(const LdsFlip *const *)a, *right = *(const LdsFlip *const *)b;

  if (left->distance != right->distance)
    return left->distance < right->distance ? -1 : 1;
  return strcmp (left->question, right->question);
}

GPtrArray *
lds_flips_single (LdsRulePack *pack,
                  const LdsInput *input,
                  const LdsModelResult *base)
{
  GPtrArray *flips = g_ptr_array_new_with_free_func (flip_free);
  LdsInput changed = *input;
  LdsModelResult result;

  for (guint q = 0; q < pack->questions->len; q++)
    {
      const LdsQuestionRule *rule = lds_rule_pack_rule (pack, q);
      guint n = n_values (rule), best_distance = G_MAXUINT;
      double best_value = NAN;
      LdsOption best_winner = LDS_OPTION_ABSTAIN;

      if (input->not_applicable >> q & 1)
        continue;
      /* Of values equally far the lower one is reported, as in the reference. */
      for (guint v = 0; v < n; v++)
        {
          guint steps = distance (input->slots[q], value_at (rule, v));

          if (steps == 0 || steps >= best_distance)
            continue;
          changed.slots[q] = value_at (rule, v);
          lds_model_evaluate (pack, &changed, &result);
          if (result.winner == base->winner)
            continue;
          best_distance = steps;
          best_value = changed.slots[q];
          best_winner = result.winner;
        }
      changed.slots[q] = input->slots[q];
      if (best_distance != G_MAXUINT)
        g_ptr_array_add (flips, flip_new (rule, input->slots[q], best_value, best_winner));
    }
  g_ptr_array_sort (flips, compare_flips);
  return flips;
}

GPtrArray *
lds_flips_near_gates (LdsRulePack *pack,
                      const LdsInput *input,
                      const LdsModelResult *base)
{
  GPtrArray *near = g_ptr_array_new_with_free_func (g_free);
  LdsInput changed = *input;
  LdsModelResult result;

  for (guint q = 0; q < pack->questions->len; q++)
    {
      const LdsQuestionRule *rule = lds_rule_pack_rule (pack, q);
      guint n = n_values (rule);

      if (isnan (input->slots[q]))
        continue;
      for (guint v = 0; v < n; v++)
        if (distance (input->slots[q], value_at (rule, v)) == 1)
          {
            g_autofree char *to = NULL;

            changed.slots[q] = value_at (rule, v);
            lds_model_evaluate (pack, &changed, &result);
            changed.slots[q] = input->slots[q];
            if (result.gates[base->winner] == LDS_GATE_OPEN)
              continue;
            to = lds_question_format_value (rule, value_at (rule, v));
            g_ptr_array_add (
                near,
                /* Translators: a question, the answer to it in the machine's words, an option */
                g_strdup_printf (
                    _ ("“%s”: with the answer “%s”, %s would be ruled out."), rule->public.text,
                    rule->value_ids != NULL
                        ? ((LdsChoice *)g_ptr_array_index (rule->public.choices, v))->label
                        : to,
                    lds_option_title (base->winner)));
          }
    }
  return near;
}
