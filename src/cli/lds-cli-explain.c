/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain: what an id stands for, who says it, what uses it. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-claim-grades.h"
#include "lds-cli-recall.h"
#include "lds-cli-record.h"
#include "lds-cli.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "lds-json.h"
#include "lds-knowledge.h"
#include "lds-pitfall.h"

static void
print_text (JsonObject *object,
            const char *member,
            const char *format)
{
  const char *text = lds_json_get_string (object, member, NULL, NULL);

  if (text != NULL)
    {
      g_autofree char *line = g_strconcat (format, *format != '\0' ? " " : "", text, NULL);

      puts (line);
    }
}

static void
print_grade (JsonObject *object)
{
  const char *grade = lds_json_get_string (object, "grade", NULL, NULL);
  g_autofree char *text = NULL;

  if (grade == NULL)
    return;
  text = lds_grades_dup_text (grade, lds_json_get_string (object, "graded_by", NULL, NULL));
  printf ("%s %s\n", _ ("Evidence:"), text);
}

static void
print_explanation (JsonObject *object)
{
  const char *id = lds_json_get_string (object, "id", "", NULL);
  JsonArray *articles = lds_json_get_array (object, "articles", NULL);
  JsonArray *items = lds_json_get_array (object, "items", NULL);
  JsonArray *used_by = lds_json_get_array (object, "used_by", NULL);
  JsonObject *criterion = lds_json_get_object (object, "criterion", NULL);

  printf ("%s (%s)\n%s\n", id,
          lds_json_get_string (object, "kind", "", NULL),
          lds_json_get_string (object, "title", "", NULL));
  print_text (object, "body", "");
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    printf ("  - %s\n", json_array_get_string_element (items, i));
  print_text (object, "remedy", _ ("What to do:"));
  print_text (object, "how", _ ("How it is tested:"));
  print_text (object, "option", _ ("Speaks for:"));
  print_text (object, "rules_out", _ ("Rules out:"));
  print_grade (object);
  print_text (object, "claims", _ ("Says in numbers:"));
  print_text (object, "contradicted_by", _ ("Contradicted by:"));
  print_text (object, "measured_by", _ ("Measured by:"));
  print_text (object, "related", _ ("See also:"));
  if (lds_pitfall_find (id, NULL) != NULL)
    /* Translators: a command, with an identifier behind it */
    printf (_ ("See it here: %s %s\n"), "loadstone-cli pitfalls run", id);
  if (criterion != NULL)
    {
      print_text (criterion, "title", _ ("The criterion of that name:"));
      print_grade (criterion);
      print_text (criterion, "related", _ ("See also:"));
      print_text (criterion, "measured_by", _ ("Measured by:"));
    }
  for (guint i = 0; used_by != NULL && i < json_array_get_length (used_by); i++)
    printf (_ ("Used by: %s\n"), json_array_get_string_element (used_by, i));
  for (guint i = 0; articles != NULL && i < json_array_get_length (articles); i++)
    {
      JsonObject *article = json_array_get_object_element (articles, i);

      /* Translators: an article's number, its title, its date, what it is */
      printf (_ ("Article %s: “%s” (%s). %s\n"), lds_json_get_string (article, "id", "", NULL),
              lds_json_get_string (article, "title", "", NULL),
              lds_json_get_string (article, "date", _ ("no date"), NULL),
              lds_json_get_string (article, "about", "", NULL));
    }
}

static void
print_list (LdsRulePack *pack,
            gboolean json)
{
  g_autoptr (GPtrArray) entries = lds_knowledge_list (pack, NULL);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "entries");
  json_builder_begin_array (builder);
  for (guint i = 0; i < entries->len; i++)
    {
      const LdsEntry *entry = g_ptr_array_index (entries, i);

      if (!json)
        printf ("%-10s %-13s %s\n", entry->id, entry->kind, entry->title);
      json_builder_begin_object (builder);
      lds_json_add_string (builder, "id", entry->id);
      lds_json_add_string (builder, "kind", entry->kind);
      lds_json_add_string (builder, "title", entry->title);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = lds_json_to_text (root, TRUE);
  if (json)
    fputs (text, stdout);
}

gboolean
lds_cli_explain (int argc,
                 char **argv,
                 GError **error)
{
  LdsRulePack *pack = lds_rule_pack_get_default ();
  gboolean json = FALSE;
  g_auto (GStrv) ids = NULL;
  g_autofree char *database = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (LdsClaimEvidence) claims = NULL;
  g_autoptr (LdsGrades) grades = NULL;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL},
      LDS_CLI_DATABASE_ENTRY (&database),
      {NULL},
  };

  if (!lds_cli_parse (argc, argv, _ ("[ID]"), entries, &ids, error))
    return FALSE;
  if (ids[0] == NULL)
    {
      print_list (pack, json);
      return TRUE;
    }
  if (ids[1] != NULL)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“%s” is one id too many: explain takes one."), ids[1]);
      return FALSE;
    }
  if (!lds_cli_record_check_database (database, error))
    return FALSE;
  claims = lds_cli_recall_claims (database);
  grades = lds_claim_grades_new (claims);
  node = lds_knowledge_explain (pack, ids[0], grades, error);
  if (node == NULL)
    return FALSE;
  if (json)
    {
      g_autofree char *text = lds_json_to_text (node, TRUE);

      fputs (text, stdout);
    }
  else
    print_explanation (json_node_get_object (node));
  return TRUE;
}
