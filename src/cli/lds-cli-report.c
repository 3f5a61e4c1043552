/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “report”: the other forms of a saved report, written from its JSON again; or a report of a saved session. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <glib/gi18n.h>
#include <string.h>

#include "lds-cli-outputs.h"
#include "lds-cli-session.h"
#include "lds-file.h"
#include "lds-findings.h"
#include "lds-json.h"
#include "lds-proposal.h"
#include "lds-report.h"

/* What a session's report says beside what was measured. */
typedef struct
{
  char *answers;
  char **pairs;
  char *title;
} About;

static void
about_clear (About *about)
{
  g_free (about->answers);
  g_strfreev (about->pairs);
  g_free (about->title);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (About, about_clear)

static gboolean
find_paper (const char *name,
            LdsPaper *paper,
            GError **error)
{
  *paper = LDS_PAPER_A4;
  if (name == NULL || g_ascii_strcasecmp (name, "A4") == 0)
    return TRUE;
  *paper = LDS_PAPER_LETTER;
  if (g_ascii_strcasecmp (name, "Letter") == 0)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               _ ("There is no paper “%s” for --paper: take A4 or Letter."), name);
  return FALSE;
}

/* One option a form: "--pdf FILE". */
static GOptionEntry *
make_entries (char **paths,
              char **paper,
              About *about)
{
  guint n_writers;
  const LdsReportWriter *writers = lds_report_writer_list (&n_writers);
  const GOptionEntry others[] = {
      {"paper", 0, 0, G_OPTION_ARG_STRING, paper, N_ ("A4 (the default) or Letter"), N_ ("SIZE")},
      {"answers", 'a', 0, G_OPTION_ARG_FILENAME, &about->answers, N_ ("Of a session: read the answers from this JSON file (none)"), N_ ("FILE")},
      {"set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &about->pairs, N_ ("Of a session: answer one question; also ID=unknown and ID=n/a:REASON"), N_ ("ID=VALUE")},
      {"title", 0, 0, G_OPTION_ARG_STRING, &about->title, N_ ("Of a session: what is being decided"), N_ ("TEXT")},
  };
  GOptionEntry *entries = g_new0 (GOptionEntry, n_writers + G_N_ELEMENTS (others) + 1);

  for (guint i = 0; i < n_writers; i++)
    entries[i] = (GOptionEntry){writers[i].id, 0, 0, G_OPTION_ARG_FILENAME, &paths[i],
                                writers[i].title, N_ ("FILE")};
  memcpy (&entries[n_writers], others, sizeof others);
  return entries;
}

/* @source: the report that is read */
static gboolean
check_outputs (char **paths,
               const char *source,
               GError **error)
{
  guint n_writers;
  const LdsReportWriter *writers = lds_report_writer_list (&n_writers);

  for (guint i = 0; i < n_writers; i++)
    {
      g_autofree char *option = g_strconcat ("--", writers[i].id, NULL);

      if (!lds_cli_check_output (option, paths[i], NULL, error) ||
          !lds_cli_check_apart (option, paths[i], NULL, source, error))
        return FALSE;
      for (guint j = 0; j < i; j++)
        {
          g_autofree char *other = g_strconcat ("--", writers[j].id, NULL);

          if (!lds_cli_check_apart (option, paths[i], other, paths[j], error))
            return FALSE;
        }
    }
  return TRUE;
}

/* The date of a session is that of its last run, so that its report is the same each time. */
static gint64
find_date_us (const LdsSession *session)
{
  gint64 date_us = 0;

  for (guint i = 0; i < session->runs->len; i++)
    date_us = MAX (date_us, ((const LdsRun *)session->runs->pdata[i])->started_at_us);
  return date_us;
}

static LdsReport *
report_session (JsonObject *object,
                const About *about,
                GError **error)
{
  g_autoptr (LdsSession) session = lds_cli_session_read (object, error);
  g_autoptr (LdsAnswers) answers = NULL;
  g_autoptr (LdsVerdict) prior = NULL, final = NULL;
  g_autoptr (LdsFindings) findings = NULL;

  if (session == NULL)
    return NULL;
  answers = lds_cli_read_answers (about->answers, about->pairs, FALSE, error);
  if (answers == NULL)
    return NULL;
  prior = lds_advise (answers, LDS_EVIDENCE_NONE);
  findings = lds_findings_new (answers, session);
  final = lds_findings_advise (findings, answers, lds_proposal_evidence (session), NULL);
  /* A session may be of another machine, and its report is the same each time: what was tested here is no part of it. */
  return lds_report_new (about->title, answers, prior, final, session, NULL,
                         find_date_us (session));
}

/* A report, or what “bench --output” and “history export” write. */
static LdsReport *
load (const char *path,
      const About *about,
      GError **error)
{
  g_autoptr (JsonNode) root = lds_json_read (path, LDS_FILE_MAX_REPORT_BYTES, error);
  g_autoptr (GError) local = NULL;
  LdsReport *report;

  if (root == NULL)
    return NULL;
  if (g_strcmp0 (lds_json_get_string (json_node_get_object (root), "format", NULL, NULL), "loadstone-session") != 0)
    {
      if (about->answers == NULL && about->pairs == NULL && about->title == NULL)
        return lds_report_load (path, error);
      lds_error_refuse (error, _ ("“%s” is no session, and a report has answers and a title of its own; leave out --answers, --set and --title."), path);
      return NULL;
    }
  report = report_session (json_node_get_object (root), about, &local);
  if (report == NULL)
    /* Translators: a file name, then a sentence */
    lds_error_refuse (error, _ ("Cannot report “%s”: %s"), path, local->message);
  return report;
}

static gboolean
write_forms (LdsReport *report,
             char **paths,
             LdsPaper paper,
             GError **error)
{
  guint n_writers, n_written = 0;
  const LdsReportWriter *writers = lds_report_writer_list (&n_writers);

  for (guint i = 0; i < n_writers; i++)
    {
      if (paths[i] == NULL)
        continue;
      if (!writers[i].write (report, paths[i], paper, error))
        return FALSE;
      n_written++;
    }
  if (n_written > 0)
    return TRUE;
  g_set_error_literal (error, LDS_ERROR, LDS_ERROR_INPUT,
                       _ ("There is nothing to write: name a file for at least one form, as in “--pdf report.pdf”."));
  return FALSE;
}

gboolean
lds_cli_report (int argc,
                char **argv,
                GError **error)
{
  guint n_writers;
  g_auto (GStrv) paths = NULL, rest = NULL;
  g_autofree char *paper_name = NULL;
  g_auto (About) about = {NULL};
  g_autofree GOptionEntry *entries = NULL;
  g_autoptr (LdsReport) report = NULL;
  LdsPaper paper;
  gboolean done;

  lds_report_writer_list (&n_writers);
  paths = g_new0 (char *, n_writers + 1);
  entries = make_entries (paths, &paper_name, &about);
  done = lds_cli_parse (argc, argv, "FILE.json", entries, &rest, error) &&
         find_paper (paper_name, &paper, error);
  if (done && g_strv_length (rest) != 1)
    {
      g_set_error_literal (error, LDS_ERROR, LDS_ERROR_INPUT,
                           _ ("Name one report or session to read, as in “loadstone-cli report report.json --pdf report.pdf”."));
      done = FALSE;
    }
  if (done)
    {
      report = check_outputs (paths, rest[0], error) ? load (rest[0], &about, error) : NULL;
      done = report != NULL && write_forms (report, paths, paper, error);
    }
  /* A hole in the list would end it for g_strfreev(). */
  for (guint i = 0; i < n_writers; i++)
    g_clear_pointer (&paths[i], g_free);
  return done;
}
