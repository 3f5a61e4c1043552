/* SPDX-License-Identifier: GPL-3.0-or-later */
/* advise and questions: from answers to an explained verdict. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "lds-json.h"
#include "lds-questionnaire.h"

/* Applies "id=value"; "id=n/a:reason" says that the question does not apply. */
static gboolean
set_pair (LdsAnswers *answers,
          const char *pair,
          GError **error)
{
  const char *equals = strchr (pair, '=');
  g_autofree char *question = NULL;

  if (equals == NULL || equals == pair)
    {
      g_set_error (
          error, LDS_ERROR, LDS_ERROR_INPUT,
          _ ("“--set %s” must be a question, “=” and a value, for instance “--set conns=1k-10k”."),
          pair);
      return FALSE;
    }
  question = g_strndup (pair, (gsize)(equals - pair));
  if (g_str_has_prefix (equals + 1, "n/a:"))
    return lds_answers_set_not_applicable (answers, question, equals + 5, error);
  return lds_answers_set (answers, question, equals + 1, error);
}

LdsAnswers *
lds_cli_read_answers (const char *path,
                      char **pairs,
                      gboolean with_sample,
                      GError **error)
{
  LdsRulePack *pack = lds_rule_pack_get_default ();
  g_autoptr (LdsAnswers) answers =
      path != NULL  ? lds_answers_load (pack, path, error)
      : with_sample ? lds_answers_new_sample (pack)
                    : lds_answers_new (pack);

  if (answers == NULL)
    return NULL;
  for (guint i = 0; pairs != NULL && pairs[i] != NULL; i++)
    if (!set_pair (answers, pairs[i], error))
      return NULL;
  return g_steal_pointer (&answers);
}

static void
print_contribution (const LdsContribution *contribution)
{
  /* Translators: points, a criterion, the answer behind it, rule ids, evidence grade */
  printf (_ ("  %+5.1f  %s (%s); %s, grade %s\n"), contribution->points, contribution->title,
          contribution->answer, contribution->sources, contribution->grade);
}

static void
print_reasons (const LdsVerdict *verdict)
{
  const LdsContribution *worst;

  if (verdict->second == LDS_OPTION_ABSTAIN || verdict->contributions->len == 0)
    return;
  /* Translators: the second option; "over" it the winner leads */
  printf (_ ("\nBecause, over %s:\n"), lds_option_title (verdict->second));
  for (guint i = 0; i < MIN (3, verdict->contributions->len); i++)
    {
      const LdsContribution *contribution = g_ptr_array_index (verdict->contributions, i);

      if (contribution->points > 0)
        print_contribution (contribution);
    }
  printf ("%s", _ ("\nAgainst it:\n"));
  worst = g_ptr_array_index (verdict->contributions, verdict->contributions->len - 1);
  if (worst->points < 0)
    print_contribution (worst);
  else
    printf ("  %s\n", _ ("Nothing that was asked about."));
}

static void
print_scores (const LdsVerdict *verdict)
{
  printf ("%s", _ ("\nScores, of 100:\n"));
  for (int o = 0; o < LDS_N_OPTIONS; o++)
    printf ("  %5.1f  %s%s%s\n", verdict->scores[o], lds_option_title ((LdsOption)o),
            verdict->gates[o] != NULL ? ": " : "",
            verdict->gates[o] != NULL ? verdict->gates[o] : "");
}

static void
print_advisors (const LdsVerdict *verdict)
{
  printf ("%s", _ ("\nWhat the articles' own rules say:\n"));
  for (guint i = 0; i < verdict->advisors->len; i++)
    {
      const LdsAdvice *advice = g_ptr_array_index (verdict->advisors, i);

      printf ("  %s: %s (%s)\n", advice->title, lds_option_title (advice->vote), advice->sources);
      for (guint s = 0; advice->path[s] != NULL; s++)
        printf ("      %s\n", advice->path[s]);
    }
}

static void
print_flips (LdsRulePack *pack,
             const LdsVerdict *verdict)
{
  printf ("%s", _ ("\nWhat would change the answer:\n"));
  if (verdict->flips->len == 0)
    printf ("  %s\n", _ ("No other answer to a single question."));
  for (guint i = 0; i < verdict->flips->len; i++)
    {
      const LdsFlip *flip = g_ptr_array_index (verdict->flips, i);
      const LdsQuestion *question = lds_rule_pack_find_question (pack, flip->question);

      /* Translators: a question, an answer, another one, the option that would win */
      printf (_ ("  %s “%s” instead of “%s”: %s\n"), question->text, flip->to, flip->from,
              lds_option_title (flip->winner));
    }
  for (guint i = 0; i < verdict->conditions->len; i++)
    printf ("  %s\n", (const char *)g_ptr_array_index (verdict->conditions, i));
}

static void
print_verdict (LdsRulePack *pack,
               const LdsVerdict *verdict)
{
  printf ("%s\n", verdict->headline);
  if (verdict->contested)
    printf ("%s\n", _ ("Contested: most of the articles say otherwise."));
  for (guint i = 0; i < verdict->warnings->len; i++)
    printf (_ ("Warning: %s\n"), (const char *)g_ptr_array_index (verdict->warnings, i));
  printf (_ ("%u of %u questions answered.\n"), verdict->n_answered, verdict->n_questions);
  print_scores (verdict);
  print_reasons (verdict);
  print_advisors (verdict);
  print_flips (pack, verdict);
}

static void
print_json (JsonNode *node)
{
  g_autofree char *text = lds_json_to_text (node, TRUE);

  fputs (text, stdout);
}

/* {"answers": …, then the verdict's members}. */
static JsonNode *
verdict_with_answers (const LdsVerdict *verdict,
                      LdsAnswers *answers)
{
  JsonNode *node = lds_verdict_to_json (verdict);

  json_object_set_member (json_node_get_object (node), "answers", lds_answers_to_json (answers));
  return node;
}

gboolean
lds_cli_advise (int argc,
                char **argv,
                GError **error)
{
  g_autofree char *path = NULL;
  g_auto (GStrv) pairs = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"answers", 'a', 0, G_OPTION_ARG_FILENAME, &path, N_ ("Read the answers from this JSON file"),
       N_ ("FILE")},
      {"set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &pairs,
       N_ ("Answer one question; also ID=unknown and ID=n/a:REASON"), N_ ("ID=VALUE")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL},
      {NULL},
  };
  g_autoptr (LdsAnswers) answers = NULL;
  g_autoptr (LdsVerdict) verdict = NULL;

  if (!lds_cli_parse (argc, argv, _ ("[--answers FILE] [--set ID=VALUE]… [--json]"), entries, NULL,
                      error))
    return FALSE;
  answers = lds_cli_read_answers (path, pairs, FALSE, error);
  if (answers == NULL)
    return FALSE;
  verdict = lds_advise (answers, LDS_EVIDENCE_NONE);
  if (json)
    {
      g_autoptr (JsonNode) node = verdict_with_answers (verdict, answers);

      print_json (node);
    }
  else
    print_verdict (lds_rule_pack_get_default (), verdict);
  return TRUE;
}

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
      json_builder_set_member_name (builder, texts[i].member);
      json_builder_add_string_value (builder, texts[i].value);
    }
  json_builder_set_member_name (builder, "weight");
  json_builder_add_double_value (builder, question->weight);
  json_builder_set_member_name (builder, "values");
  json_builder_begin_array (builder);
  for (guint i = 0; i < question->choices->len; i++)
    {
      const LdsChoice *choice = g_ptr_array_index (question->choices, i);

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "id");
      json_builder_add_string_value (builder, choice->id);
      json_builder_set_member_name (builder, "label");
      json_builder_add_string_value (builder, choice->label);
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
  if (!lds_cli_parse (argc, argv, "[--json]", entries, NULL, error))
    return FALSE;
  questions = lds_rule_pack_get_questions (lds_rule_pack_get_default ());
  for (guint i = 0; i < questions->len; i++)
    if (json)
      json_array_add_element (array, question_to_json (g_ptr_array_index (questions, i)));
    else
      print_question (g_ptr_array_index (questions, i));
  if (json)
    print_json (root);
  return TRUE;
}
