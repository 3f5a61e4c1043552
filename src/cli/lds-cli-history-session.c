/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “history show”, “export”, “import” and “resume”: one session of it. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-history.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lds-cli-measure.h"
#include "lds-cli-outputs.h"
#include "lds-cli-self-test.h"
#include "lds-cli-session.h"
#include "lds-environment-text.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-self-test.h"

/* Opens the history and finds the one session that @rest names. */
static gint64
find (const char *database,
      GStrv rest,
      LdsHistory **history,
      GError **error)
{
  if (g_strv_length (rest) != 1)
    {
      lds_error_refuse (error, _ ("Name one session by its number, or “last”, as in “%s 12”."), g_get_prgname ());
      return 0;
    }
  *history = lds_cli_history_open (database, error);
  return *history != NULL ? lds_cli_record_parse_id (*history, rest[0], error) : 0;
}

static void
print_head (const LdsHistorySession *row,
            const char *database)
{
  g_autofree char *resume = lds_cli_record_dup_resume_command (database, row->id);
  g_autofree char *when = lds_cli_history_format_time (row->started_at_us);
  g_autofree char *tags = g_strjoinv (", ", row->tags);

  /* Translators: number, title, command, time */
  printf (_ ("Session %" PRId64 ": %s (%s, %s)\n"), row->id, row->title, row->kind, when);
  if (*tags != '\0')
    /* Translators: tags with commas between */
    printf (_ ("Tags: %s\n"), tags);
  if (row->n_search > 0)
    /* Translators: two numbers of runs */
    printf (g_dngettext (GETTEXT_PACKAGE, "%u run, of which a search took %u.\n", "%u runs, of which a search took %u.\n", row->n_runs),
            row->n_runs, row->n_search);
  if (row->state == LDS_HISTORY_INTERRUPTED && row->is_adaptive)
    /* Translators: two numbers of runs, then a command */
    printf (_ ("Interrupted after %u of about %u runs; “%s” goes on.\n"), row->n_runs, row->n_planned, resume);
  else if (row->state == LDS_HISTORY_RUNNING && row->is_adaptive)
    /* Translators: two numbers of runs */
    printf (_ ("Being measured: %u of about %u runs are done.\n"), row->n_runs, row->n_planned);
  else if (row->state == LDS_HISTORY_INTERRUPTED)
    /* Translators: two numbers of runs, then a command */
    printf (_ ("Interrupted after %u of %u runs; “%s” goes on.\n"), row->n_runs, row->n_planned, resume);
  else if (row->state == LDS_HISTORY_RUNNING)
    /* Translators: two numbers of runs */
    printf (_ ("Being measured: %u of %u runs are done.\n"), row->n_runs, row->n_planned);
}

/* What is needed to judge the figures above, or to measure them again. */
static void
print_environment (const LdsSession *session)
{
  g_autoptr (GPtrArray) lines = lds_environment_list_text (session->environment);

  if (lines->len > 0)
    printf ("\n%s\n", _ ("Environment"));
  for (guint i = 0; i < lines->len; i++)
    {
      const LdsEnvironmentText *line = lines->pdata[i];

      /* Translators: what, such as “Processor”, then its value */
      printf (_ ("  %s: %s\n"), line->title, line->text);
    }
}

static void
print_json (const LdsHistorySession *row,
            const LdsSession *session)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  lds_cli_history_add_session (builder, row);
  json_builder_set_member_name (builder, "session");
  json_builder_add_value (builder, lds_session_to_json (session));
  json_builder_end_object (builder);
  lds_cli_history_print_json (builder);
}

gboolean
lds_cli_history_show (int argc,
                      char **argv,
                      GError **error)
{
  g_autofree char *database = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON instead of the table"), NULL},
      LDS_CLI_DATABASE_ENTRY (&database),
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) rest = NULL;
  g_autoptr (LdsHistory) history = NULL;
  g_autoptr (LdsHistorySession) row = NULL;
  g_autoptr (LdsSession) session = NULL;
  gint64 id;

  if (!lds_cli_parse (argc, argv, "ID", entries, &rest, error))
    return FALSE;
  id = find (database, rest, &history, error);
  row = id != 0 ? lds_history_find_session (history, id, error) : NULL;
  session = row != NULL ? lds_history_load_session (history, id, error) : NULL;
  if (session == NULL)
    return FALSE;
  if (json)
    print_json (row, session);
  else
    {
      print_head (row, database);
      lds_cli_print_session (session);
      if (lds_self_test_is_measured (session))
        lds_cli_print_self_tests (session);
      print_environment (session);
    }
  return TRUE;
}

gboolean
lds_cli_history_export (int argc,
                        char **argv,
                        GError **error)
{
  g_autofree char *database = NULL, *output = NULL, *text = NULL;
  const GOptionEntry entries[] = {
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_ ("Write to FILE instead of standard output"), N_ ("FILE")},
      LDS_CLI_DATABASE_ENTRY (&database),
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) rest = NULL;
  g_autoptr (LdsHistory) history = NULL;
  g_autoptr (LdsSession) session = NULL;
  g_autoptr (JsonNode) json = NULL;
  gint64 id;

  if (!lds_cli_parse (argc, argv, "ID", entries, &rest, error) ||
      !lds_cli_check_output ("--output", output, database, error))
    return FALSE;
  id = find (database, rest, &history, error);
  session = id != 0 ? lds_history_load_session (history, id, error) : NULL;
  if (session == NULL)
    return FALSE;
  json = lds_cli_session_to_json (session);
  text = lds_json_to_text (json, TRUE);
  if (output != NULL)
    return lds_file_write (output, text, strlen (text), error);
  fputs (text, stdout);
  return TRUE;
}

/* Returns: (transfer full): the root; or NULL with an error when it holds no session */
static JsonObject *
read_document (const char *path,
               LdsSession **session,
               GError **error)
{
  g_autoptr (JsonNode) node = lds_json_read (path, LDS_FILE_MAX_REPORT_BYTES, error);
  g_autoptr (GError) local = NULL;

  if (node == NULL)
    return NULL;
  *session = lds_cli_session_read (json_node_get_object (node), &local);
  if (*session != NULL)
    return json_object_ref (json_node_get_object (node));
  /* Translators: a file name, then a sentence */
  lds_error_refuse (error, _ ("“%s” cannot be imported: %s"), path, local->message);
  return NULL;
}

/* Returns: (transfer full) (nullable): the answers of a report, which tells them in words too */
static JsonObject *
read_answers (JsonObject *root)
{
  JsonArray *array = lds_json_get_array (root, "answers", NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) pairs = NULL;
  g_autoptr (LdsAnswers) answers = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (array == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      JsonObject *answer = JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL;
      const char *id, *state, *value, *reason;
      g_autofree char *pair = NULL;

      if (answer == NULL)
        continue;
      id = lds_json_get_string (answer, "id", "", NULL);
      state = lds_json_get_string (answer, "state", "", NULL);
      value = lds_json_get_string (answer, "value", "", NULL);
      reason = lds_json_get_string (answer, "reason", "", NULL);
      if (strcmp (state, "given") == 0)
        pair = g_strdup_printf ("%s=%s", id, value);
      else if (strcmp (state, "unknown") == 0)
        pair = g_strdup_printf ("%s=unknown", id);
      else if (strcmp (state, "not-applicable") == 0)
        pair = g_strdup_printf ("%s=n/a:%s", id, reason);
      if (pair != NULL)
        g_strv_builder_add (builder, pair);
    }
  pairs = g_strv_builder_end (builder);
  /* Answers to questions that there are no more are not worth losing the measurements. */
  answers = lds_cli_read_answers (NULL, pairs, FALSE, NULL);
  node = answers != NULL ? lds_answers_to_json (answers) : NULL;
  return node != NULL ? json_object_ref (json_node_get_object (node)) : NULL;
}

gboolean
lds_cli_history_import (int argc,
                        char **argv,
                        GError **error)
{
  g_autofree char *database = NULL, *title = NULL;
  const GOptionEntry entries[] = {
      {"title", 0, 0, G_OPTION_ARG_STRING, &title, N_ ("What this is, instead of its workloads' names"), N_ ("TEXT")},
      LDS_CLI_DATABASE_ENTRY (&database),
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) rest = NULL;
  g_autoptr (LdsHistory) history = NULL;
  g_autoptr (LdsSession) session = NULL;
  g_autoptr (JsonObject) root = NULL, answers = NULL;
  LdsHistoryAbout about = {.kind = "import"};
  JsonObject *verdicts;
  gint64 id;

  if (!lds_cli_parse (argc, argv, _ ("FILE"), entries, &rest, error))
    return FALSE;
  if (g_strv_length (rest) != 1)
    return lds_error_refuse (error, _ ("Name one file to read, as in “loadstone-cli history import session.json”."));
  root = read_document (rest[0], &session, error);
  if (root == NULL)
    return FALSE;
  answers = read_answers (root);
  verdicts = lds_json_get_object (root, "verdict", NULL);
  about.answers = answers;
  about.title = title != NULL ? title : lds_json_get_string (root, "title", NULL, NULL);
  if (verdicts != NULL)
    about.verdict = lds_json_get_object (verdicts, "final", NULL);
  history = lds_history_open (database, LDS_HISTORY_USUAL, error); /* made if it is missing */
  id = history != NULL ? lds_history_import (history, &about, session, error) : 0;
  if (id == 0)
    return FALSE;
  /* Translators: the number of a session */
  printf (_ ("It is session %" PRId64 ".\n"), id);
  return TRUE;
}

gboolean
lds_cli_history_resume (int argc,
                        char **argv,
                        GError **error)
{
  g_autofree char *database = NULL, *output = NULL;
  gboolean json = FALSE, is_assessment;
  const GOptionEntry entries[] = {
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_ ("As with the command that began it: a file of “bench”, a folder of “assess”"), N_ ("FILE")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON instead of the table"), NULL},
      LDS_CLI_DATABASE_ENTRY (&database),
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) rest = NULL;
  g_autoptr (LdsHistory) history = NULL;
  g_autoptr (LdsHistorySession) row = NULL;
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autofree char *number = NULL;
  gint64 id;

  if (!lds_cli_parse (argc, argv, "ID", entries, &rest, error))
    return FALSE;
  id = find (database, rest, &history, error);
  row = id != 0 ? lds_history_find_session (history, id, error) : NULL;
  if (row == NULL)
    return FALSE;
  g_clear_pointer (&history, lds_history_close);

  /* The command that began it goes on with it. */
  is_assessment = strcmp (row->kind, "assess") == 0;
  number = g_strdup_printf ("%" PRId64, id);
  g_ptr_array_add (arguments, (gpointer)(is_assessment ? "assess" : "bench"));
  g_ptr_array_add (arguments, (gpointer) "--resume");
  g_ptr_array_add (arguments, number);
  if (database != NULL)
    {
      g_ptr_array_add (arguments, (gpointer) "--database");
      g_ptr_array_add (arguments, database);
    }
  if (output != NULL)
    {
      g_ptr_array_add (arguments, (gpointer) "--output");
      g_ptr_array_add (arguments, output);
    }
  if (json)
    g_ptr_array_add (arguments, (gpointer) "--json");
  g_ptr_array_add (arguments, NULL);
  return (is_assessment ? lds_cli_assess : lds_cli_bench) ((int)arguments->len - 1,
                                                           (char **)arguments->pdata, error);
}
