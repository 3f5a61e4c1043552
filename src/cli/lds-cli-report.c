/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “report”: the other forms of a saved report, written from its JSON again. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <glib/gi18n.h>

#include "lds-cli-outputs.h"
#include "lds-report.h"

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
              char **paper)
{
  guint n_writers;
  const LdsReportWriter *writers = lds_report_writer_list (&n_writers);
  GOptionEntry *entries = g_new0 (GOptionEntry, n_writers + 2);

  for (guint i = 0; i < n_writers; i++)
    entries[i] = (GOptionEntry){writers[i].id, 0, 0, G_OPTION_ARG_FILENAME, &paths[i],
                                writers[i].title, N_ ("FILE")};
  entries[n_writers] = (GOptionEntry){"paper", 0, 0, G_OPTION_ARG_STRING, paper,
                                      N_ ("A4 (the default) or Letter"), N_ ("SIZE")};
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
  g_autofree GOptionEntry *entries = NULL;
  g_autoptr (LdsReport) report = NULL;
  LdsPaper paper;
  gboolean done;

  lds_report_writer_list (&n_writers);
  paths = g_new0 (char *, n_writers + 1);
  entries = make_entries (paths, &paper_name);
  done = lds_cli_parse (argc, argv, "REPORT.json", entries, &rest, error) &&
         find_paper (paper_name, &paper, error);
  if (done && g_strv_length (rest) != 1)
    {
      g_set_error_literal (error, LDS_ERROR, LDS_ERROR_INPUT,
                           _ ("Name one report to read, as in “loadstone-cli report report.json --pdf report.pdf”."));
      done = FALSE;
    }
  if (done)
    {
      report = check_outputs (paths, rest[0], error) ? lds_report_load (rest[0], error) : NULL;
      done = report != NULL && write_forms (report, paths, paper, error);
    }
  /* A hole in the list would end it for g_strfreev(). */
  for (guint i = 0; i < n_writers; i++)
    g_clear_pointer (&paths[i], g_free);
  return done;
}
