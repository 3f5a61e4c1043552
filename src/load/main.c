/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loadstone-load: the load generator, a child process with a plan on its standard input. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lds-child.h"
#include "lds-error.h"
#include "lds-json.h"
#include "lds-load-run.h"

#define MAX_PLAN_BYTES (32u << 20)

static void
print_help (void)
{
  puts (_ ("Usage: loadstone-load < PLAN\n"
           "\n"
           "Reads a plan, one JSON object on the first line of standard input, loads the server that\n"
           "it names, and writes events and the result as lines of JSON. The end of a pipe there\n"
           "ends the run early. “loadstone-cli load” does the same for people.\n"
           "\n"
           "  --help     print this and leave\n"
           "  --version  print the version and leave"));
}

/* Reads up to the first newline, which is not part of the line, or up to the end. */
static GString *
read_line (int fd,
           GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  char buffer[4096];

  for (;;)
    {
      ssize_t n = read (fd, buffer, sizeof buffer);
      char *newline = n > 0 ? memchr (buffer, '\n', (size_t)n) : NULL;

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT, _ ("Cannot read the plan: %s."),
                       g_strerror (errno));
          return NULL;
        }
      g_string_append_len (line, buffer, newline != NULL ? newline - buffer : n);
      if (line->len > MAX_PLAN_BYTES)
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       _ ("The plan is refused: it is larger than %u MiB."), MAX_PLAN_BYTES >> 20);
          return NULL;
        }
      if (newline != NULL || n == 0)
        return g_steal_pointer (&line);
    }
}

static gboolean
load (GError **error)
{
  g_autoptr (GString) line = read_line (STDIN_FILENO, error);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (LdsLoadPlan) plan = NULL;

  if (line == NULL)
    return FALSE;
  node = lds_json_parse (line->str, line->len, _ ("standard input"), error);
  if (node == NULL)
    return FALSE;
  plan = lds_load_plan_from_json (json_node_get_object (node), error);
  if (plan == NULL)
    {
      g_prefix_error (error, "%s: ", _ ("Plan"));
      return FALSE;
    }
  return lds_load_run (plan, STDIN_FILENO, stdout, error);
}

int
main (int argc,
      char *argv[])
{
  g_autoptr (GError) error = NULL;

  lds_child_tie_to_parent ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LDS_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  if (argc == 2 && strcmp (argv[1], "--help") == 0)
    {
      print_help ();
      return LDS_EXIT_DONE;
    }
  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    {
      puts ("Loadstone " LDS_VERSION);
      return LDS_EXIT_DONE;
    }
  if (argc > 1)
    {
      fprintf (stderr, _ ("loadstone-load: “%s” is not an option. See “loadstone-load --help”.\n"), argv[1]);
      return LDS_EXIT_USAGE;
    }
  /* A reader that left is seen as the end of standard input, not by dying within a write. */
  signal (SIGPIPE, SIG_IGN);
  if (!load (&error))
    lds_load_run_report_error (stdout, error->message);
  return (int)lds_error_exit_code (error);
}
