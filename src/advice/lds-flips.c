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
guint
lds_question_n_values (const LdsQuestionRule *rule)
{
  if (rule->public.type == LDS_QUESTION_CHOICE)
    return rule->public.choices->len;
  if (rule->public.type == LDS_QUESTION_SCALE)
    return (guint)(rule->public.maximum - rule->public.minimum) + 1;
  return 0;
}

double
lds_question_value_at (const LdsQuestionRule *rule,
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
      guint n = lds_question_n_values (rule), best_distance = G_MAXUINT;
      double best_value = NAN;
      LdsOption best_winner = LDS_OPTION_ABSTAIN;

      if (input->not_applicable >> q & 1)
        continue;
      /* Of values equally far the lower one is reported, as in the reference. */
      for (guint v = 0; v < n; v++)
        {
          guint steps = distance (input->slots[q], lds_question_value_at (rule, v));

          if (steps == 0 || steps >= best_distance)
            continue;
          changed.slots[q] = lds_question_value_at (rule, v);
          lds_model_change (pack, &changed, G_GUINT64_CONSTANT (1) << q, base, &result);
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
      guint n = lds_question_n_values (rule);

      if (isnan (input->slots[q]))
        continue;
      for (guint v = 0; v < n; v++)
        if (distance (input->slots[q], lds_question_value_at (rule, v)) == 1)
          {
            g_autofree char *to = NULL;

            changed.slots[q] = lds_question_value_at (rule, v);
            lds_model_change (pack, &changed, G_GUINT64_CONSTANT (1) << q, base, &result);
            changed.slots[q] = input->slots[q];
            if (result.gates[base->winner] == LDS_GATE_OPEN)
              continue;
            to = lds_question_format_value (rule, lds_question_value_at (rule, v));
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

/* More would be no help to anybody. */
#define MAX_PAIRS 10

/* One other value of one question, and what it does alone. */
typedef struct
{
  guint question;
  double value;
  guint steps;
} Change;

/* Every change that matters to the model and does not flip the verdict by itself. */
static GArray *
quiet_changes (LdsRulePack *pack,
               const LdsInput *input,
               const LdsModelResult *base)
{
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (Change));
  guint64 affecting = 0;
  LdsInput changed = *input;
  LdsModelResult result;

  for (guint c = 0; c < pack->criteria->len; c++)
    affecting |= ((LdsCriterion *)g_ptr_array_index (pack->criteria, c))->affected;
  for (guint i = 0; i < pack->gates->len; i++)
    affecting |= lds_expression_reads (((LdsGate *)g_ptr_array_index (pack->gates, i))->test);
  for (guint q = 0; q < pack->questions->len; q++)
    {
      const LdsQuestionRule *rule = lds_rule_pack_rule (pack, q);
      guint64 bit = G_GUINT64_CONSTANT (1) << q;
      guint n = (affecting & ~input->not_applicable & bit) != 0 ? lds_question_n_values (rule) : 0;

      for (guint v = 0; v < n; v++)
        {
          Change change = {q, lds_question_value_at (rule, v), 0};

          change.steps = distance (input->slots[q], change.value);
          if (change.steps == 0)
            continue;
          changed.slots[q] = change.value;
          lds_model_change (pack, &changed, bit, base, &result);
          if (result.winner == base->winner)
            g_array_append_val (changes, change);
        }
      changed.slots[q] = input->slots[q];
    }
  return changes;
}

static void
pair_flip_free (gpointer data)
{
  LdsPairFlip *pair = data;

  for (guint i = 0; i < 2; i++)
    {
      g_free (pair->questions[i]);
      g_free (pair->from[i]);
      g_free (pair->to[i]);
    }
  g_free (pair);
}

/* A flip of two, before it gets its words. */
typedef struct
{
  const Change *changes[2];
  LdsOption winner;
  guint distance;
} Pair;

static int
compare_pairs (gconstpointer a,
               gconstpointer b)
{
  const Pair *left = a, *right = b;

  if (left->distance != right->distance)
    return left->distance < right->distance ? -1 : 1;
  for (guint i = 0; i < 2; i++)
    if (left->changes[i]->question != right->changes[i]->question)
      return left->changes[i]->question < right->changes[i]->question ? -1 : 1;
  return 0;
}

static LdsPairFlip *
pair_flip_new (LdsRulePack *pack,
               const LdsInput *input,
               const Pair *pair)
{
  LdsPairFlip *flip = g_new0 (LdsPairFlip, 1);

  flip->winner = pair->winner;
  flip->distance = pair->distance;
  for (guint i = 0; i < 2; i++)
    {
      const LdsQuestionRule *rule = lds_rule_pack_rule (pack, pair->changes[i]->question);

      flip->questions[i] = g_strdup (rule->public.id);
      flip->from[i] = lds_question_format_value (rule, input->slots[pair->changes[i]->question]);
      flip->to[i] = lds_question_format_value (rule, pair->changes[i]->value);
    }
  return flip;
}

GPtrArray *
lds_flips_pairs (LdsRulePack *pack,
                 const LdsInput *input,
                 const LdsModelResult *base,
                 guint64 *partners)
{
  GPtrArray *flips = g_ptr_array_new_with_free_func (pair_flip_free);
  g_autoptr (GArray) changes = quiet_changes (pack, input, base);
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  LdsInput changed = *input;
  LdsModelResult first, result;
  Pair pair;

  memset (partners, 0, LDS_MAX_QUESTIONS * sizeof *partners);
  for (guint i = 0; i < changes->len; i++)
    {
      const Change *a = &g_array_index (changes, Change, i);

      changed.slots[a->question] = a->value;
      lds_model_change (pack, &changed, G_GUINT64_CONSTANT (1) << a->question, base, &first);
      for (guint j = i + 1; j < changes->len; j++)
        {
          const Change *b = &g_array_index (changes, Change, j);

          if (b->question == a->question)
            continue;
          changed.slots[b->question] = b->value;
          lds_model_change (pack, &changed, G_GUINT64_CONSTANT (1) << b->question, &first, &result);
          changed.slots[b->question] = input->slots[b->question];
          if (result.winner == base->winner)
            continue;
          partners[a->question] |= G_GUINT64_CONSTANT (1) << b->question;
          partners[b->question] |= G_GUINT64_CONSTANT (1) << a->question;
          pair = (Pair){{a, b}, result.winner, a->steps + b->steps};
          g_array_append_val (pairs, pair);
        }
      changed.slots[a->question] = input->slots[a->question];
    }
  g_array_sort (pairs, compare_pairs);
  for (guint i = 0; i < pairs->len && flips->len < MAX_PAIRS; i++)
    {
      const Pair *candidate = &g_array_index (pairs, Pair, i);
      gboolean seen = FALSE;

      /* Of two questions only the nearest pair of answers. */
      for (guint j = 0; j < i && !seen; j++)
        {
          const Pair *other = &g_array_index (pairs, Pair, j);

          seen = other->changes[0]->question == candidate->changes[0]->question &&
                 other->changes[1]->question == candidate->changes[1]->question;
        }
      if (!seen)
        g_ptr_array_add (flips, pair_flip_new (pack, input, candidate));
    }
  return flips;
}
