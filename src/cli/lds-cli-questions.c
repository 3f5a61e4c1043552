/* SPDX-License-Identifier: GPL-3.0-or-later */
/* questions: what is asked, with values and reasons. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-advise.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "lds-cli.h"
#include "lds-json.h"

static void
print_question (const LdsQuestion *question)
{
  printf ("%-9s %s\n", question->id, question->text);
  printf ("          %s\n", question->help);
  /* Translators: why a question is asked */
  printf (_ ("          Why: %s (%s)\n"), question->why, question->uses);
  for (guint i = 0; i < question->choices->len; i++)
    {
      const LdsChoice *choice = g_ptr_array_index (question->choices, i);

      printf ("            %-13s %s\n", choice->id, choice->label);
    }
  if (question->choices->len == 0)
    printf (_ ("            a number from %g to %g\n"), question->minimum, question->maximum);
  printf (_ ("            While unknown, the model assumes: %s\n\n"), question->fallback);
}

static JsonNode *
question_to_json (const LdsQuestion *question)
{
  static const char *const types[] = {"choice", "number", "scale"};
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const struct
  {
    const char *member;
    const char *value;
  } texts[] = {{"id", question->id},
               {"type", types[question->type]},
               {"text", question->text},
               {"help", question->help},
               {"why", question->why},
               {"uses", question->uses},
               {"fallback", question->fallback},
               {"source", question->source}};

  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      lds_json_add_string (builder, texts[i].member, texts[i].value);
    }
  json_builder_set_member_name (builder, "weight");
  json_builder_add_double_value (builder, question->weight);
  json_builder_set_member_name (builder, "values");
  json_builder_begin_array (builder);
  for (guint i = 0; i < question->choices->len; i++)
    {
      const LdsChoice *choice = g_ptr_array_index (question->choices, i);

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "id", choice->id);
      lds_json_add_string (builder, "label", choice->label);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  if (question->choices->len == 0)
    {
      json_builder_set_member_name (builder, "minimum");
      json_builder_add_double_value (builder, question->minimum);
      json_builder_set_member_name (builder, "maximum");
      json_builder_add_double_value (builder, question->maximum);
    }
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

gboolean
lds_cli_questions (int argc,
                   char **argv,
                   GError **error)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL},
      {NULL},
  };
  GPtrArray *questions;
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *array = json_array_new ();
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  json_object_set_array_member (object, "questions", array);
  json_node_set_object (root, object);
  if (!lds_cli_parse (argc, argv, "", entries, NULL, error))
    return FALSE;
  questions = lds_rule_pack_get_questions (lds_rule_pack_get_default ());
  for (guint i = 0; i < questions->len; i++)
    if (json)
      json_array_add_element (array, question_to_json (g_ptr_array_index (questions, i)));
    else
      print_question (g_ptr_array_index (questions, i));
  if (json)
    lds_cli_print_json (root);
  return TRUE;
}
