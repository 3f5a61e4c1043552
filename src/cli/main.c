/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loadstone-cli: the same engine as the window, for terminals and scripts. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const LdsCliCommand commands[] = {
    {"assess", N_ ("The main job: advise, measure, advise again, report"), lds_cli_assess},
    {"advise", N_ ("Questionnaire to verdict"), lds_cli_advise},
    {"questions", N_ ("List the questions, with their values"), lds_cli_questions},
    {"explain", N_ ("Explain a rule, criterion, claim or source by its id"), lds_cli_explain},
    {"load", N_ ("Load a server of this machine and measure it"), lds_cli_load},
    {"history", N_ ("What was measured before: list, search, compare, go on"), lds_cli_history},
    {"report", N_ ("Write a saved report in another form"), lds_cli_report},
    {"serve", N_ ("Run one embedded server until interrupted"), lds_cli_serve},
    {"bench", N_ ("Measure lanes and compare them"), lds_cli_bench},
    {"compare", N_ ("Compare lanes or sessions that were measured; test the comparing"), lds_cli_compare},
    {"fidelity", N_ ("Measure twins beside the real runtimes: how true they are"), lds_cli_fidelity},
    {"claims", N_ ("What the articles claim in numbers: list, or test with “claims run”"), lds_cli_claims},
    {"pitfalls", N_ ("Show what is better not done: run pitfalls beside their remedies"), lds_cli_pitfalls},
    {"lanes", N_ ("List the lanes that can be measured"), lds_cli_lanes},
    {"workloads", N_ ("List the workloads"), lds_cli_workloads},
    {"models", N_ ("List the server models"), lds_cli_models},
    {"profiles", N_ ("List the profiles: what runtimes and frameworks cost"), lds_cli_profiles},
    {"calibrate", N_ ("Measure what runtimes cost, and write it as profiles for twins"), lds_cli_calibrate},
};

/* Of the command that runs; untranslated. */
static const char *summary;

void
lds_cli_set_summary (const char *text)
{
  summary = text;
}

static const char *
get_exit_status_text (void)
{
  return _ ("Exit status: 0 when done, 1 when it failed, 2 for bad input, 3 when a threshold was missed,\n"
            "4 when the measurement is invalid.\n");
}

gboolean
lds_cli_parse (int argc,
               char **argv,
               const char *usage,
               const GOptionEntry *entries,
               GStrv *rest,
               GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  g_autoptr (GError) local = NULL;

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (summary != NULL)
    {
      g_autofree char *sentence = g_strconcat (_ (summary), ".", NULL);

      g_option_context_set_summary (context, sentence);
    }
  g_option_context_set_description (context, get_exit_status_text ());
  if (!g_option_context_parse (context, &argc, &argv, &local))
    {
      if (local->domain == LDS_ERROR) /* ours is a whole sentence already */
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: what is wrong with an option, then the command's name */
                   _ ("%s. See “%s --help”."), local->message, g_get_prgname ());
      return FALSE;
    }
  if (rest != NULL)
    *rest = g_strdupv (argv + 1);
  else if (argc > 1)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: an argument, then the command's name */
                   _ ("“%s” is not an option of %s. See “%s --help”."), argv[1], g_get_prgname (), g_get_prgname ());
      return FALSE;
    }
  return TRUE;
}

static void
print_help (FILE *file)
{
  fprintf (file, _ ("Usage: %s COMMAND [OPTION…]\n\nCommands:\n"), "loadstone-cli");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (file, "  %-12s %s\n", commands[i].name, _ (commands[i].summary));
  fprintf (file, _ ("\n“%s COMMAND --help” describes each command.\n"), "loadstone-cli");
  fprintf (file, "\n%s", get_exit_status_text ());
}

/* Data that did not reach its reader must not pass for done. */
static gboolean
flush_data (GError **error)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
               /* Translators: the system's reason */
               _ ("Cannot write all data to standard output: %s."), g_strerror (errno != 0 ? errno : EIO));
  return FALSE;
}

/* Says what went wrong, after the data where both go to one place. Returns the exit code. */
static int
end (const char *name,
     const GError *error)
{
  g_autoptr (GError) lost = NULL;
  gboolean is_finding = g_error_matches (error, LDS_ERROR, LDS_ERROR_THRESHOLD) ||
                        g_error_matches (error, LDS_ERROR, LDS_ERROR_INVALID);

  flush_data (&lost);
  if (error != NULL)
    fprintf (stderr, "%s: %s\n", name, error->message);
  if (lost != NULL)
    fprintf (stderr, "%s: %s\n", name, lost->message);
  /* Who reads the code of a finding goes on to read the data. */
  return (int)lds_error_exit_code (lost != NULL && (error == NULL || is_finding) ? lost : error);
}

int
main (int argc,
      char *argv[])
{
  g_autoptr (GError) error = NULL;

  /* A file that may grow no more is an error of its writing, to be told and cleaned up after. */
  signal (SIGXFSZ, SIG_IGN);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LDS_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (argc < 2)
    {
      print_help (stderr);
      return LDS_EXIT_USAGE;
    }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0 || strcmp (argv[1], "help") == 0)
    {
      print_help (stdout);
      return end ("loadstone-cli", NULL);
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      puts ("Loadstone " LDS_VERSION);
      return end ("loadstone-cli", NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      {
        g_autofree char *name = g_strconcat ("loadstone-cli ", argv[1], NULL);

        g_set_prgname (name);
        lds_cli_set_summary (commands[i].summary);
        commands[i].run (argc - 1, argv + 1, &error);
        return end (name, error);
      }
  fprintf (stderr, _ ("loadstone-cli: there is no command “%s”. “loadstone-cli --help” lists them.\n"), argv[1]);
  return LDS_EXIT_USAGE;
}
