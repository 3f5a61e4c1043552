/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “history rename”, “tag”, “untag”, “delete”, “undo”, “purge” and “check”: putting it in order. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-history.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "lds-cli-record.h"
#include "lds-history-edit.h"

/* Parses --database and what is left over, of which there must be @least at least and @most at
 * most (0: any number), and opens the history. */
static LdsHistory *
open_for (int argc,
          char **argv,
          const char *usage,
          guint least,
          guint most,
          GStrv *rest,
          GError **error)
{
  g_autofree char *database = NULL;
  const GOptionEntry entries[] = {LDS_CLI_DATABASE_ENTRY (&database), G_OPTION_ENTRY_NULL};
  guint n;

  if (!lds_cli_parse (argc, argv, usage, entries, rest, error))
    return NULL;
  n = g_strv_length (*rest);
  if (n < least || (most > 0 && n > most))
    {
      lds_error_refuse (error, _ ("Usage: %s %s"), g_get_prgname (), usage);
      return NULL;
    }
  return lds_cli_history_open (database, error);
}

gboolean
lds_cli_history_rename (int argc,
                        char **argv,
                        GError **error)
{
  g_autofree char *database = NULL, *assessment = NULL;
  const GOptionEntry entries[] = {
      {"assessment", 0, 0, G_OPTION_ARG_STRING, &assessment, N_ ("Give this assessment another name instead"), N_ ("NAME")},
      LDS_CLI_DATABASE_ENTRY (&database),
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) rest = NULL;
  g_autoptr (LdsHistory) history = NULL;
  gint64 id;

  if (!lds_cli_parse (argc, argv, _ ("ID TITLE"), entries, &rest, error))
    return FALSE;
  if (g_strv_length (rest) != (assessment != NULL ? 1 : 2))
    return lds_error_refuse (error, _ ("Name a session and its new title, as in “loadstone-cli history rename 12 'Second try'”, or an assessment with --assessment and its new name."));
  history = lds_cli_history_open (database, error);
  if (history == NULL)
    return FALSE;
  if (assessment != NULL)
    return lds_history_rename_assessment (history, assessment, rest[0], error);
  id = lds_cli_record_parse_id (history, rest[0], error);
  return id != 0 && lds_history_rename (history, id, rest[1], error);
}

static gboolean
change_tags (int argc,
             char **argv,
             gboolean (*change) (LdsHistory *self, gint64 id, const char *tag, GError **error),
             GError **error)
{
  g_auto (GStrv) rest = NULL;
  g_autoptr (LdsHistory) history = open_for (argc, argv, _ ("ID TAG…"), 2, 0, &rest, error);
  gint64 id = history != NULL ? lds_cli_record_parse_id (history, rest[0], error) : 0;

  for (guint i = 1; id != 0 && rest[i] != NULL; i++)
    if (!change (history, id, rest[i], error))
      return FALSE;
  return id != 0;
}

gboolean
lds_cli_history_tag (int argc,
                     char **argv,
                     GError **error)
{
  return change_tags (argc, argv, lds_history_tag, error);
}

gboolean
lds_cli_history_untag (int argc,
                       char **argv,
                       GError **error)
{
  return change_tags (argc, argv, lds_history_untag, error);
}

gboolean
lds_cli_history_delete (int argc,
                        char **argv,
                        GError **error)
{
  g_autofree char *database = NULL, *assessment = NULL;
  const GOptionEntry entries[] = {
      {"assessment", 0, 0, G_OPTION_ARG_STRING, &assessment, N_ ("Delete this assessment with its milestones"), N_ ("NAME")},
      LDS_CLI_DATABASE_ENTRY (&database),
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) rest = NULL;
  g_autoptr (LdsHistory) history = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (!lds_cli_parse (argc, argv, _ ("ID…"), entries, &rest, error))
    return FALSE;
  if ((*rest == NULL) == (assessment == NULL))
    return lds_error_refuse (error, _ ("Name the sessions to delete, or one assessment with --assessment."));
  history = lds_cli_history_open (database, error);
  if (history == NULL)
    return FALSE;
  if (assessment != NULL)
    return lds_history_delete_assessment (history, assessment, error);
  for (guint i = 0; rest[i] != NULL; i++)
    {
      gint64 id = lds_cli_record_parse_id (history, rest[i], error);

      if (id == 0)
        return FALSE;
      g_array_append_val (ids, id);
    }
  return lds_history_delete (history, &g_array_index (ids, gint64, 0), ids->len, error);
}

gboolean
lds_cli_history_undo (int argc,
                      char **argv,
                      GError **error)
{
  g_auto (GStrv) rest = NULL;
  g_autoptr (LdsHistory) history = open_for (argc, argv, "", 0, 0, &rest, error);
  guint n = history != NULL ? lds_history_undo (history, error) : 0;

  if (n > 0)
    fprintf (stderr, g_dngettext (GETTEXT_PACKAGE, "%u session or assessment is there again.\n", "%u sessions or assessments are there again.\n", n), n);
  return n > 0;
}

gboolean
lds_cli_history_purge (int argc,
                       char **argv,
                       GError **error)
{
  g_auto (GStrv) rest = NULL;
  g_autoptr (LdsHistory) history = open_for (argc, argv, "", 0, 0, &rest, error);
  guint n = 0;

  if (history == NULL || !lds_history_purge (history, &n, error))
    return FALSE;
  fprintf (stderr, g_dngettext (GETTEXT_PACKAGE, "%u session or assessment was removed for good.\n", "%u sessions or assessments were removed for good.\n", n), n);
  return TRUE;
}

gboolean
lds_cli_history_check (int argc,
                       char **argv,
                       GError **error)
{
  g_autofree char *database = NULL;
  gboolean set_aside = FALSE;
  const GOptionEntry entries[] = {
      {"set-aside", 0, 0, G_OPTION_ARG_NONE, &set_aside, N_ ("Keep a damaged database under another name, and begin a new one"), NULL},
      LDS_CLI_DATABASE_ENTRY (&database),
      G_OPTION_ENTRY_NULL};
  g_autoptr (LdsHistory) history = NULL;

  if (!lds_cli_parse (argc, argv, "", entries, NULL, error) ||
      !lds_cli_record_check_database (database, error))
    return FALSE;
  history = lds_history_open (
      database, LDS_HISTORY_CHECK_ALL | (set_aside ? LDS_HISTORY_SET_ASIDE : 0), error);
  if (history == NULL)
    return FALSE;
  if (lds_history_get_set_aside (history) != NULL)
    /* Translators: two file names */
    printf (_ ("The history was damaged and is now “%s”; “%s” is new and empty.\n"),
            lds_history_get_set_aside (history), lds_history_get_path (history));
  else
    /* Translators: a file name */
    printf (_ ("The history “%s” is sound.\n"), lds_history_get_path (history));
  return TRUE;
}
