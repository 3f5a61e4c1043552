/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine's figures for the comparison with the reference: one JSON object a line in, one out.
 * In: {"answers": {…}, "completeness": 1.0 (optional: instead of what follows from the answers),
 * "evidence": "none" (optional)}. Out: every figure unrounded. */
#include "config.h"

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
  json_node_take_object (node, object);
  return node;
}

static LdsEvidence
evidence_of (const char *name)
{
  return strcmp (name, "real") == 0    ? LDS_EVIDENCE_REAL
         : strcmp (name, "model") == 0 ? LDS_EVIDENCE_MODEL
                                       : LDS_EVIDENCE_NONE;
}

static gboolean
answer_line (const char *line,
             GError **error)
{
  g_autoptr (JsonNode) root = lds_json_parse (line, strlen (line), "standard input", error);
  g_autoptr (LdsAnswers) answers = NULL;
  g_autoptr (JsonObject) only = NULL;
  g_autoptr (LdsVerdict) verdict = NULL;
  g_autoptr (JsonNode) figures = NULL;
  g_autofree char *text = NULL;
  JsonObject *object;
  LdsInput input;

  if (root == NULL)
    return FALSE;
  object = json_node_get_object (root);
  only = json_object_new ();
  json_object_set_member (only, "answers",
                          json_node_copy (json_object_get_member (object, "answers")));
  answers = lds_answers_from_json (lds_rule_pack_get_default (), only, error);
  if (answers == NULL)
    return FALSE;
  lds_answers_get_input (answers, &input);
  input.completeness = lds_json_get_double (object, "completeness", input.completeness, error);
  verdict =
      lds_advise_input (lds_rule_pack_get_default (), answers, &input,
                        evidence_of (lds_json_get_string (object, "evidence", "none", error)));
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
