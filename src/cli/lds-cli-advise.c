/* SPDX-License-Identifier: GPL-3.0-or-later */
/* advise: from answers to an explained verdict. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-advise.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lds-claim-grades.h"
#include "lds-cli-outputs.h"
#include "lds-cli-recall.h"
#include "lds-cli-record.h"
#include "lds-cli.h"
#include "lds-file.h"
#include "lds-house.h"
#include "lds-json.h"
#include "lds-upgrade.h"

/* What the command line said. */
typedef struct
{
  char *answers_path;
  char *rules_path;
  char *evidence_path;
  char *save_path;
  char *database;
  GStrv pairs;
  GStrv weights;
  gboolean interactive;
  gboolean json;
} Arguments;

static void
arguments_clear (Arguments *arguments)
{
  g_free (arguments->answers_path);
  g_free (arguments->rules_path);
  g_free (arguments->evidence_path);
  g_free (arguments->save_path);
  g_free (arguments->database);
  g_strfreev (arguments->pairs);
  g_strfreev (arguments->weights);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Arguments, arguments_clear)

/* Splits "id=value"; NULL with an error when it is none. */
static char *
split_pair (const char *option,
            const char *pair,
            const char **value,
            GError **error)
{
  const char *equals = strchr (pair, '=');

  if (equals == NULL || equals == pair)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: an option, what was written after it */
                   _ ("“%s %s” must be an id, “=” and a value, for instance “%s”."), option,
                   pair, strcmp (option, "--set") == 0 ? "--set conns=1k-10k" : "--weight conc=8");
      return NULL;
    }
  *value = equals + 1;
  return g_strndup (pair, (gsize)(equals - pair));
}

/* Applies "id=value"; "id=n/a:reason" says that the question does not apply. */
static gboolean
set_pair (LdsAnswers *answers,
          const char *pair,
          GError **error)
{
  const char *value;
  g_autofree char *question = split_pair ("--set", pair, &value, error);

  if (question == NULL)
    return FALSE;
  if (g_str_has_prefix (value, "n/a:"))
    return lds_answers_set_not_applicable (answers, question, value + 4, error);
  return lds_answers_set (answers, question, value, error);
}

static gboolean
set_weight (GHashTable *weights,
            const char *pair,
            GError **error)
{
  const char *value;
  g_autofree char *criterion = split_pair ("--weight", pair, &value, error);
  double weight;
  char *end;

  if (criterion == NULL)
    return FALSE;
  weight = g_ascii_strtod (value, &end);
  if (end == value || *end != '\0')
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: what was written after --weight */
                   _ ("“--weight %s” must end in a number from 0 to 10."), pair);
      return FALSE;
    }
  g_hash_table_insert (weights, g_steal_pointer (&criterion), g_memdup2 (&weight, sizeof weight));
  return TRUE;
}

static gboolean
set_pairs (LdsAnswers *answers,
           char **pairs,
           GError **error)
{
  for (guint i = 0; pairs != NULL && pairs[i] != NULL; i++)
    if (!set_pair (answers, pairs[i], error))
      return FALSE;
  return TRUE;
}

LdsAnswers *
lds_cli_read_answers (const char *path,
                      char **pairs,
                      gboolean with_sample,
                      GError **error)
{
  LdsRulePack *pack = lds_rule_pack_get_default ();
  g_autoptr (LdsAnswers) answers = path != NULL  ? lds_answers_load (pack, path, error)
                                   : with_sample ? lds_answers_new_sample (pack)
                                                 : lds_answers_new (pack);

  if (answers == NULL || !set_pairs (answers, pairs, error))
    return NULL;
  return g_steal_pointer (&answers);
}

/* Answers to a pack that may hold house rules. */
static LdsAnswers *
make_answers (LdsRulePack *pack,
              JsonObject *root,
              const Arguments *arguments,
              GError **error)
{
  g_autoptr (LdsAnswers) answers =
      root != NULL ? lds_answers_from_json (pack, root, error) : lds_answers_new (pack);

  if (answers == NULL)
    {
      /* Translators: a file name; the sentence that says what is wrong follows */
      g_prefix_error (error, _ ("In “%s”: "), arguments->answers_path);
      return NULL;
    }
  if (!set_pairs (answers, arguments->pairs, error))
    return NULL;
  return g_steal_pointer (&answers);
}

static LdsOverlay *
read_overlay (LdsRulePack *pack,
              const char *path,
              GError **error)
{
  g_autoptr (JsonNode) root = lds_json_read (path, LDS_FILE_MAX_INPUT_BYTES, error);
  g_autoptr (GError) local = NULL;
  JsonObject *evidence;
  LdsOverlay *overlay = NULL;

  if (root == NULL)
    return NULL;
  evidence = lds_json_get_object (json_node_get_object (root), "evidence", &local);
  if (local == NULL && evidence == NULL)
    g_set_error (
        &local, LDS_ERROR, LDS_ERROR_INPUT,
        _ ("“evidence” is missing: {\"evidence\": {\"conc\": {\"ratio\": 1.3, \"evidence\": \"model\"}}}."));
  if (local == NULL)
    overlay = lds_overlay_from_json (pack, evidence, &local);
  if (overlay == NULL)
    g_propagate_prefixed_error (error, g_steal_pointer (&local), _ ("In “%s”: "), path);
  return overlay;
}

/* Writes what was answered as a file that --answers reads. */
static gboolean
save_answers (LdsAnswers *answers,
              const char *path,
              GError **error)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *text = NULL;

  json_object_set_int_member (object, "rule_pack",
                              lds_rule_pack_get_version (lds_answers_get_pack (answers)));
  json_object_set_member (object, "answers", lds_answers_to_json (answers));
  json_node_take_object (root, object);
  text = lds_json_to_text (root, TRUE);
  return lds_file_write (path, text, strlen (text), error);
}

static gboolean
advise_one (LdsRulePack *pack,
            JsonObject *root,
            const Arguments *arguments,
            const LdsAdviceOptions *options,
            GError **error)
{
  g_autoptr (LdsAnswers) answers = make_answers (pack, root, arguments, error);
  g_autoptr (LdsVerdict) verdict = NULL;
  g_autoptr (JsonNode) node = NULL;
  gboolean nothing_given = root == NULL && arguments->pairs == NULL && !arguments->json;

  if (answers == NULL)
    return FALSE;
  for (guint i = 0; i < lds_answers_get_upgrades (answers)->len; i++)
    fprintf (stderr, "%s\n",
             (const char *)g_ptr_array_index (lds_answers_get_upgrades (answers), i));
  if (arguments->interactive || (nothing_given && isatty (STDIN_FILENO)))
    lds_cli_ask (answers);
  if (arguments->save_path != NULL && !save_answers (answers, arguments->save_path, error))
    return FALSE;
  verdict = lds_advise_with (answers, options, error);
  if (verdict == NULL)
    return FALSE;
  if (!arguments->json)
    {
      lds_cli_print_verdict (pack, verdict);
      return TRUE;
    }
  node = lds_verdict_to_json (verdict);
  json_object_set_member (json_node_get_object (node), "answers", lds_answers_to_json (answers));
  lds_cli_print_json (node);
  return TRUE;
}

static gboolean
advise_components (LdsRulePack *pack,
                   JsonObject *root,
                   const Arguments *arguments,
                   const LdsAdviceOptions *options,
                   GError **error)
{
  g_autoptr (LdsComponents) components = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (arguments->pairs != NULL || arguments->interactive || arguments->save_path != NULL)
    {
      g_set_error (
          error, LDS_ERROR, LDS_ERROR_INPUT,
          _ ("“%s” describes components: --set, --save and --interactive are for one set of answers."),
          arguments->answers_path);
      return FALSE;
    }
  components = lds_components_advise (pack, root, options, error);
  if (components == NULL)
    {
      g_prefix_error (error, _ ("In “%s”: "), arguments->answers_path);
      return FALSE;
    }
  if (!arguments->json)
    {
      lds_cli_print_components (components);
      return TRUE;
    }
  node = lds_components_to_json (components);
  lds_cli_print_json (node);
  return TRUE;
}

static gboolean
advise (const Arguments *arguments,
        GError **error)
{
  g_autoptr (LdsRulePack) pack = arguments->rules_path != NULL
                                     ? lds_rule_pack_new_with_house (arguments->rules_path, error)
                                     : g_object_ref (lds_rule_pack_get_default ());
  g_autoptr (GHashTable) weights = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (LdsOverlay) overlay = NULL;
  g_autoptr (JsonNode) root = NULL;
  LdsAdviceOptions options = {.weights = weights};
  g_autoptr (LdsClaimEvidence) claims = NULL;
  g_autoptr (LdsGrades) grades = NULL;

  if (pack == NULL || !lds_cli_record_check_database (arguments->database, error))
    return FALSE;
  for (guint i = 0; arguments->weights != NULL && arguments->weights[i] != NULL; i++)
    if (!set_weight (weights, arguments->weights[i], error))
      return FALSE;
  if (arguments->evidence_path != NULL)
    {
      overlay = read_overlay (pack, arguments->evidence_path, error);
      if (overlay == NULL)
        return FALSE;
      options.overlay = overlay;
    }
  claims = lds_cli_recall_claims (arguments->database);
  options.grades = grades = lds_claim_grades_new (claims);
  if (arguments->answers_path == NULL)
    return advise_one (pack, NULL, arguments, &options, error);
  root = lds_json_read (arguments->answers_path, LDS_FILE_MAX_INPUT_BYTES, error);
  if (root == NULL)
    return FALSE;
  if (lds_components_is_json (json_node_get_object (root)))
    return advise_components (pack, json_node_get_object (root), arguments, &options, error);
  return advise_one (pack, json_node_get_object (root), arguments, &options, error);
}

gboolean
lds_cli_advise (int argc,
                char **argv,
                GError **error)
{
  g_auto (Arguments) arguments = {0};
  const GOptionEntry entries[] = {
      {"answers", 'a', 0, G_OPTION_ARG_FILENAME, &arguments.answers_path,
       N_ ("Read the answers, or those of components, from this JSON file"), N_ ("FILE")},
      {"set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &arguments.pairs,
       N_ ("Answer one question; also ID=unknown and ID=n/a:REASON"), N_ ("ID=VALUE")},
      {"interactive", 'i', 0, G_OPTION_ARG_NONE, &arguments.interactive,
       N_ ("Ask what is not answered yet; done by itself in a terminal when nothing is given"),
       NULL},
      {"save", 0, 0, G_OPTION_ARG_FILENAME, &arguments.save_path,
       N_ ("Write the answers to this file"), N_ ("FILE")},
      {"evidence", 'e', 0, G_OPTION_ARG_FILENAME, &arguments.evidence_path,
       N_ ("Read measured ratios from this JSON file"), N_ ("FILE")},
      {"weight", 'w', 0, G_OPTION_ARG_STRING_ARRAY, &arguments.weights,
       N_ ("Set the weight of a criterion, 0 to 10"), N_ ("ID=WEIGHT")},
      {"rules", 'r', 0, G_OPTION_ARG_FILENAME, &arguments.rules_path,
       N_ ("Add the house rules of this XML file"), N_ ("FILE")},
      LDS_CLI_DATABASE_ENTRY (&arguments.database),
      {"json", 0, 0, G_OPTION_ARG_NONE, &arguments.json, N_ ("Print JSON"), NULL},
      {NULL},
  };

  return lds_cli_parse (argc, argv, _ ("[--answers FILE] [--set ID=VALUE]…"), entries, NULL,
                        error) &&
         lds_cli_check_output ("--save", arguments.save_path, NULL, error) &&
         lds_cli_check_apart ("--save", arguments.save_path, NULL, arguments.rules_path, error) &&
         lds_cli_check_apart ("--save", arguments.save_path, NULL, arguments.evidence_path, error) &&
         advise (&arguments, error);
}
