/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a command that measures does for the history. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-record.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lds-error.h"
#include "lds-history-edit.h"
#include "lds-history-list.h"

void
lds_cli_record_clear (LdsCliRecord *self)
{
  g_clear_pointer (&self->history, lds_history_close);
  g_clear_pointer (&self->answers, json_object_unref);
  g_free (self->database);
  g_free (self->title);
  g_strfreev (self->tags);
}

/* Says once why the history is not what it should be. */
static void
warn (LdsCliRecord *self,
      const GError *error)
{
  if (!self->warned && isatty (STDERR_FILENO))
    fputs ("\r\033[K", stderr); /* the line of progress */
  if (!self->warned)
    /* Translators: the command's name, then a sentence */
    fprintf (stderr, _ ("%s: %s What is measured is not recorded in full.\n"), g_get_prgname (),
             error->message);
  self->warned = TRUE;
}

static gboolean
check_name (const char *what,
            const char *text,
            GError **error)
{
  g_autofree char *name = lds_history_dup_name (what, text, error);

  return name != NULL;
}

gboolean
lds_cli_record_check_names (const LdsCliRecord *self,
                            GError **error)
{
  if (self->off && self->tags != NULL)
    return lds_error_refuse (error, _ ("--tag and --no-history exclude each other: a tag is the history's. Leave one out."));
  if (self->title != NULL && !check_name (_ ("The title"), self->title, error))
    return FALSE;
  for (guint i = 0; self->tags != NULL && self->tags[i] != NULL; i++)
    if (!check_name (_ ("The tag"), self->tags[i], error))
      return FALSE;
  return TRUE;
}

gboolean
lds_cli_record_open (LdsCliRecord *self,
                     GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!lds_cli_record_check_names (self, error))
    return FALSE;
  if (self->off)
    return TRUE;
  self->history = lds_history_open (self->database, LDS_HISTORY_USUAL, &local);
  if (self->history == NULL)
    warn (self, local);
  return TRUE;
}

static void
session_started_cb (LdsConductor *conductor,
                    const LdsSession *session,
                    LdsCliRecord *self)
{
  const LdsHistoryAbout about = {self->kind, self->title, self->answers};
  g_autoptr (GError) error = NULL;

  if (self->history == NULL || self->id != 0)
    return;
  self->id = lds_history_record_begin (self->history, &about, session, &error);
  for (guint i = 0; self->id != 0 && self->tags != NULL && self->tags[i] != NULL; i++)
    if (!lds_history_tag (self->history, self->id, self->tags[i], &error))
      break;
  if (error != NULL)
    warn (self, error);
}

/* Comes before the next run is started, so that nothing is written while something is measured. */
static void
run_finished_cb (LdsConductor *conductor,
                 guint index,
                 const LdsRun *run,
                 LdsCliRecord *self)
{
  g_autoptr (GError) error = NULL;

  if (self->id != 0 && !lds_history_record_run (self->history, self->id, run, &error))
    warn (self, error);
}

void
lds_cli_record_follow (LdsCliRecord *self,
                       LdsConductor *conductor)
{
  g_signal_connect (conductor, "session-started", G_CALLBACK (session_started_cb), self);
  g_signal_connect (conductor, "run-finished", G_CALLBACK (run_finished_cb), self);
}

void
lds_cli_record_finish (LdsCliRecord *self,
                       const LdsSession *session)
{
  g_autoptr (GError) error = NULL;

  if (self->id != 0 && !lds_history_record_finish (self->history, self->id, session, &error))
    warn (self, error);
}

void
lds_cli_record_self_tests (LdsCliRecord *self,
                           const LdsSession *session)
{
  g_autoptr (GError) error = NULL;

  if (self->id != 0 &&
      !lds_history_record_self_tests (self->history, self->id, session, &error))
    warn (self, error);
}

void
lds_cli_record_verdict (LdsCliRecord *self,
                        JsonNode *verdict)
{
  g_autoptr (GError) error = NULL;

  if (self->id != 0 && !lds_history_record_verdict (self->history, self->id,
                                                    json_node_get_object (verdict), &error))
    warn (self, error);
}

/* A name that was mistyped must not pass for an empty history. */
gboolean
lds_cli_record_check_database (const char *database,
                               GError **error)
{
  if (database == NULL)
    return TRUE;
  if (g_file_test (database, G_FILE_TEST_IS_DIR))
    /* Translators: a folder */
    return lds_error_refuse (error, _ ("--database is “%s”, which is a folder; name a file in it."), database);
  if (!g_file_test (database, G_FILE_TEST_EXISTS))
    /* Translators: a file name */
    return lds_error_refuse (error, _ ("There is no history “%s”; correct --database."), database);
  return TRUE;
}

char *
lds_cli_record_dup_resume_command (const char *database,
                                   gint64 id)
{
  g_autofree char *quoted = database != NULL ? g_shell_quote (database) : NULL;

  return quoted != NULL
             ? g_strdup_printf ("loadstone-cli history resume %" PRId64 " --database %s", id, quoted)
             : g_strdup_printf ("loadstone-cli history resume %" PRId64, id);
}

gint64
lds_cli_record_parse_id (LdsHistory *history,
                         const char *text,
                         GError **error)
{
  guint64 id;

  if (strcmp (text, "last") == 0)
    return lds_history_find_last (history, error);
  if (g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, &id, NULL))
    return (gint64)id;
  lds_error_refuse (error, _ ("“%s” is not the number of a session; take one that “loadstone-cli history list” shows, or “last”."), text);
  return 0;
}
