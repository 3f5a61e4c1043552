/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine's figures for the comparison with the reference: one JSON object a line in, one out.
 * In: {"answers": {…}, "completeness": 1.0 (optional: instead of what follows from the answers),
 * "evidence": {"conc": {…}} (optional: an overlay)}. Out: every figure unrounded. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lds-json.h"
#include "lds-verdict-private.h"

static void
set_figure (JsonObject *object,
            const char *member,
            double value)
{
  json_object_set_double_member (object, member, value);
}

static JsonObject *
advisors_to_json (const LdsVerdict *verdict)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < verdict->advisors->len; i++)
    {
      const LdsAdvice *advice = g_ptr_array_index (verdict->advisors, i);

      json_object_set_string_member (object, advice->id, lds_option_to_string (advice->vote));
    }
  return object;
}

static JsonArray *
contributions_to_json (const LdsVerdict *verdict)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < verdict->contributions->len; i++)
    {
      const LdsContribution *contribution = g_ptr_array_index (verdict->contributions, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "criterion", contribution->id);
      set_figure (object, "weight", contribution->weight);
      set_figure (object, "points", contribution->points);
      for (int o = 0; o < LDS_N_OPTIONS; o++)
        set_figure (object, lds_option_to_string ((LdsOption)o), contribution->cells[o]);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonArray *
flips_to_json (const LdsVerdict *verdict)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < verdict->flips->len; i++)
    {
      const LdsFlip *flip = g_ptr_array_index (verdict->flips, i);
      JsonArray *row = json_array_new ();

      json_array_add_int_element (row, flip->distance);
      json_array_add_string_element (row, flip->question);
      json_array_add_string_element (row, flip->from);
      json_array_add_string_element (row, flip->to);
      json_array_add_string_element (row, lds_option_to_string (flip->winner));
      json_array_add_array_element (array, row);
    }
  return array;
}

static JsonArray *
ranges_to_json (const LdsVerdict *verdict)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < verdict->weight_ranges->len; i++)
    {
      const LdsWeightRange *range = &g_array_index (verdict->weight_ranges, LdsWeightRange, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "criterion", range->id);
      if (!isnan (range->low))
        set_figure (object, "low", range->low);
      if (!isnan (range->high))
        set_figure (object, "high", range->high);
      json_object_set_string_member (object, "below", lds_option_to_string (range->below));
      json_object_set_string_member (object, "above", lds_option_to_string (range->above));
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonArray *
ratios_to_json (const LdsVerdict *verdict)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < verdict->ratio_ranges->len; i++)
    {
      const LdsRatioRange *range = &g_array_index (verdict->ratio_ranges, LdsRatioRange, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "criterion", range->id);
      if (!isnan (range->low))
        set_figure (object, "low", range->low);
      if (!isnan (range->high))
        set_figure (object, "high", range->high);
      json_object_set_boolean_member (object, "never", range->never);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonArray *
pairs_to_json (const LdsVerdict *verdict)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < verdict->pair_flips->len; i++)
    {
      const LdsPairFlip *flip = g_ptr_array_index (verdict->pair_flips, i);
      JsonArray *row = json_array_new ();

      json_array_add_int_element (row, flip->distance);
      for (guint j = 0; j < 2; j++)
        {
          json_array_add_string_element (row, flip->questions[j]);
          json_array_add_string_element (row, flip->to[j]);
        }
      json_array_add_string_element (row, lds_option_to_string (flip->winner));
      json_array_add_array_element (array, row);
    }
  return array;
}

static JsonObject *
open_to_json (const LdsVerdict *verdict)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < verdict->open_questions->len; i++)
    {
      const LdsOpenQuestion *open = &g_array_index (verdict->open_questions, LdsOpenQuestion, i);

      json_object_set_string_member (object, open->question,
                                     lds_relevance_to_string (open->relevance));
    }
  return object;
}

static JsonNode *
figures_of (const LdsVerdict *verdict)
{
  JsonObject *object = json_object_new (), *scores = json_object_new (),
             *gates = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  for (int o = 0; o < LDS_N_OPTIONS; o++)
    {
      set_figure (scores, lds_option_to_string ((LdsOption)o), verdict->scores[o]);
      if (verdict->gates[o] != NULL)
        json_object_set_string_member (gates, lds_option_to_string ((LdsOption)o),
                                       verdict->gate_ids[o]);
    }
  json_object_set_string_member (object, "win", lds_option_to_string (verdict->winner));
  json_object_set_string_member (object, "second", lds_option_to_string (verdict->second));
  json_object_set_object_member (object, "scores", scores);
  json_object_set_object_member (object, "gates", gates);
  set_figure (object, "margin", verdict->margin);
  set_figure (object, "agreement", verdict->agreement);
  set_figure (object, "robustness", verdict->robustness);
  set_figure (object, "completeness", verdict->completeness);
  set_figure (object, "confidence_raw", verdict->confidence_raw);
  set_figure (object, "confidence", verdict->confidence);
  json_object_set_string_member (object, "band", lds_band_to_string (verdict->band));
  json_object_set_boolean_member (object, "contested", verdict->contested);
  json_object_set_object_member (object, "advisors", advisors_to_json (verdict));
  json_object_set_array_member (object, "contributions", contributions_to_json (verdict));
  json_object_set_array_member (object, "flips", flips_to_json (verdict));
  json_object_set_array_member (object, "pair_flips", pairs_to_json (verdict));
  json_object_set_array_member (object, "weight_ranges", ranges_to_json (verdict));
  json_object_set_array_member (object, "ratio_ranges", ratios_to_json (verdict));
  json_object_set_object_member (object, "open", open_to_json (verdict));
  json_object_set_boolean_member (object, "settled", verdict->settled);
  json_object_set_boolean_member (object, "strong", verdict->strength == LDS_STRENGTH_STRONG);
  json_node_take_object (node, object);
  return node;
}

static gboolean
answer_line (const char *line,
             GError **error)
{
  LdsRulePack *pack = lds_rule_pack_get_default ();
  g_autoptr (JsonNode) root = lds_json_parse (line, strlen (line), "standard input", error);
  g_autoptr (LdsAnswers) answers = NULL;
  g_autoptr (LdsOverlay) overlay = NULL;
  g_autoptr (JsonObject) only = NULL;
  g_autoptr (LdsVerdict) verdict = NULL;
  g_autoptr (JsonNode) figures = NULL;
  g_autofree char *text = NULL;
  JsonObject *object, *measured;
  LdsInput input;

  if (root == NULL)
    return FALSE;
  object = json_node_get_object (root);
  only = json_object_new ();
  json_object_set_member (only, "answers",
                          json_node_copy (json_object_get_member (object, "answers")));
  answers = lds_answers_from_json (pack, only, error);
  measured = lds_json_get_object (object, "evidence", error);
  overlay =
      measured != NULL ? lds_overlay_from_json (pack, measured, error) : lds_overlay_new (pack);
  if (answers == NULL || overlay == NULL ||
      !lds_advise_prepare (answers, &(LdsAdviceOptions){.overlay = overlay}, &input, error))
    return FALSE;
  input.completeness = lds_json_get_double (object, "completeness", input.completeness, error);
  verdict = lds_advise_input (answers, &input, LDS_EVIDENCE_NONE, overlay, NULL);
  figures = figures_of (verdict);
  text = lds_json_to_text (figures, FALSE);
  puts (text);
  return TRUE;
}

int
main (void)
{
  g_autofree char *line = NULL;
  gsize size = 0;

  while (getline (&line, &size, stdin) > 0)
    {
      g_autoptr (GError) error = NULL;

      if (!answer_line (line, &error))
        {
          fprintf (stderr, "%s\n", error->message);
          return 1;
        }
    }
  return 0;
}
