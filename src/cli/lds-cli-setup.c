/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “lanes setup”: installs the packages that real runtimes need. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lds-json.h"
#include "lds-nearest.h"
#include "lds-runtime-packages.h"
#include "lds-runtime-setup.h"

#define USUAL_COLUMNS 80

/* --- Which ones ------------------------------------------------------------------------------ */

static const LdsRuntime *
find_runtime (const char *id,
              GError **error)
{
  GPtrArray *runtimes = lds_runtime_list ();
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  const char *name = g_str_has_prefix (id, "real:") ? id + strlen ("real:") : id;
  const char *nearest;

  for (guint i = 0; i < runtimes->len; i++)
    {
      const LdsRuntime *runtime = runtimes->pdata[i];

      if (strcmp (runtime->id, name) == 0)
        return runtime;
      g_ptr_array_add (known, (gpointer)runtime->id);
    }
  g_ptr_array_add (known, NULL);
  nearest = lds_nearest (name, (const char *const *)known->pdata);
  if (nearest != NULL)
    /* Translators: what was typed, then the identifier that comes nearest to it */
    lds_error_refuse (error, _ ("There is no runtime “%s”; did you mean “%s”?"), name, nearest);
  else
    /* Translators: what was typed; “loadstone-cli lanes setup --list” is a command */
    lds_error_refuse (error, _ ("There is no runtime “%s”; “loadstone-cli lanes setup --list” lists those that need packages."), name);
  return NULL;
}

/* Returns: (transfer container) (element-type LdsRuntime): those named, or all that need packages; NULL with an error */
static GPtrArray *
choose (char **ids,
        GError **error)
{
  GPtrArray *runtimes = lds_runtime_list ();
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();

  for (guint i = 0; ids[i] != NULL; i++)
    {
      const LdsRuntime *runtime = find_runtime (ids[i], error);

      if (runtime == NULL)
        return NULL;
      if (!g_ptr_array_find (chosen, runtime, NULL))
        g_ptr_array_add (chosen, (gpointer)runtime);
    }
  for (guint i = 0; *ids == NULL && i < runtimes->len; i++)
    if (((const LdsRuntime *)runtimes->pdata[i])->installer != LDS_INSTALLER_NONE)
      g_ptr_array_add (chosen, runtimes->pdata[i]);
  return g_steal_pointer (&chosen);
}

/* --- list and remove ------------------------------------------------------------------------- */

static void
add_to_json (JsonBuilder *builder,
             const LdsRuntime *runtime,
             char **packages,
             const char *obstacle)
{
  g_autofree char *folder = lds_runtime_packages_dup_folder (runtime);

  json_builder_begin_object (builder);
  lds_json_add_string (builder, "id", runtime->id);
  lds_json_add_string (builder, "title", runtime->title);
  lds_json_add_string (builder, "installer", runtime->installer == LDS_INSTALLER_NPM ? "npm" : "venv");
  lds_json_add_string (builder, "folder", folder);
  lds_json_add_boolean (builder, "set_up", packages != NULL);
  json_builder_set_member_name (builder, "packages");
  json_builder_begin_array (builder);
  for (guint i = 0; packages != NULL && packages[i] != NULL; i++)
    json_builder_add_string_value (builder, packages[i]);
  json_builder_end_array (builder);
  lds_json_add_string (builder, "obstacle", obstacle);
  json_builder_end_object (builder);
}

static void
list (GPtrArray *runtimes,
      gboolean json)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "runtimes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < runtimes->len; i++)
    {
      const LdsRuntime *runtime = runtimes->pdata[i];
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) packages = lds_runtime_packages_list (runtime, &error);
      g_autofree char *listed = packages != NULL ? g_strjoinv (", ", packages) : NULL;

      add_to_json (builder, runtime, packages, error != NULL ? error->message : NULL);
      if (json)
        continue;
      if (packages != NULL)
        /* Translators: a runtime's id, its title, then its packages with their versions */
        printf (_ ("%-22s %s\n    Set up: %s\n"), runtime->id, runtime->title, listed);
      else
        printf ("%-22s %s\n    %s\n", runtime->id, runtime->title, error->message);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = lds_json_to_text (root, TRUE);
  if (json)
    fputs (text, stdout);
}

static void
tell_no_packages (const LdsRuntime *runtime)
{
  /* Translators: a runtime's id */
  fprintf (stderr, _ ("%s: needs no packages\n"), runtime->id);
}

static gboolean
remove_all (GPtrArray *runtimes,
            GError **error)
{
  for (guint i = 0; i < runtimes->len; i++)
    {
      const LdsRuntime *runtime = runtimes->pdata[i];

      if (runtime->installer == LDS_INSTALLER_NONE)
        {
          tell_no_packages (runtime);
          continue;
        }
      if (!lds_runtime_packages_remove (runtime, error))
        return FALSE;
      /* Translators: a runtime's id */
      fprintf (stderr, _ ("%s: removed\n"), runtime->id);
    }
  return TRUE;
}

/* --- Setting up ------------------------------------------------------------------------------ */

typedef struct
{
  GMainLoop *loop;
  GCancellable *cancellable;
  GError *error;
  gboolean is_terminal;
} Progress;

static void
progress_cb (const char *step,
             const char *line,
             gpointer user_data)
{
  const Progress *progress = user_data;
  struct winsize size = {0};
  g_autofree char *text = NULL, *shown = NULL;

  if (!progress->is_terminal && line == NULL)
    fprintf (stderr, "%s\n", step);
  if (!progress->is_terminal)
    return;
  /* A line that wraps could not be written over. */
  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    size.ws_col = USUAL_COLUMNS;
  text = g_strdup_printf ("%s  %s", step, line != NULL ? line : "…");
  shown = g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), size.ws_col - 1));
  fprintf (stderr, "\r\033[K%s", shown);
  fflush (stderr);
}

static void
finished_cb (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  Progress *progress = user_data;

  lds_runtime_setup_finish (result, &progress->error);
  g_main_loop_quit (progress->loop);
}

static gboolean
interrupt_cb (gpointer user_data)
{
  Progress *progress = user_data;

  g_cancellable_cancel (progress->cancellable);
  return G_SOURCE_CONTINUE;
}

/* Returns %TRUE when the packages of @runtime are there now, or were already. */
static gboolean
set_up_one (const LdsRuntime *runtime,
            Progress *progress,
            GError **error)
{
  g_auto (GStrv) packages = lds_runtime_packages_list (runtime, NULL);
  g_autofree char *listed = NULL;

  if (runtime->installer == LDS_INSTALLER_NONE)
    {
      tell_no_packages (runtime);
      return TRUE;
    }
  if (packages == NULL)
    {
      lds_runtime_setup_async (runtime, progress_cb, progress, progress->cancellable, finished_cb,
                               progress);
      g_main_loop_run (progress->loop);
      if (progress->is_terminal)
        fputs ("\r\033[K", stderr);
      if (progress->error == NULL)
        packages = lds_runtime_packages_list (runtime, &progress->error);
    }
  if (g_error_matches (progress->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: a runtime's id */
                 _ ("Interrupted: %s was not set up, and nothing of it is left."), runtime->id);
  else if (progress->error != NULL)
    g_propagate_error (error, g_steal_pointer (&progress->error));
  g_clear_error (&progress->error);
  if (packages == NULL)
    return FALSE;
  listed = g_strjoinv (", ", packages);
  /* Translators: a runtime's id, then its packages with their versions */
  fprintf (stderr, _ ("%s: set up, %s\n"), runtime->id, listed);
  return TRUE;
}

/* Those that were not named are set up where their program is here. */
static gboolean
set_up_all (GPtrArray *runtimes,
            gboolean named,
            GError **error)
{
  static const int interrupts[] = {SIGINT, SIGTERM, SIGHUP};
  Progress progress = {
      .loop = g_main_loop_new (NULL, FALSE),
      .cancellable = g_cancellable_new (),
      .is_terminal = isatty (STDERR_FILENO),
  };
  guint ids[G_N_ELEMENTS (interrupts)];
  gboolean done = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (interrupts); i++)
    ids[i] = g_unix_signal_add (interrupts[i], interrupt_cb, &progress);
  for (guint i = 0; done && i < runtimes->len; i++)
    {
      const LdsRuntime *runtime = runtimes->pdata[i];
      g_autoptr (GError) local = NULL;
      g_autofree char *version = named ? NULL : lds_runtime_read_program_version (runtime, &local);

      if (local != NULL)
        /* Translators: a runtime's id, then why it is left out, in a sentence */
        fprintf (stderr, _ ("%s: left out. %s\n"), runtime->id, local->message);
      else
        done = set_up_one (runtime, &progress, error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (interrupts); i++)
    g_source_remove (ids[i]);
  g_object_unref (progress.cancellable);
  g_main_loop_unref (progress.loop);
  return done;
}

gboolean
lds_cli_lanes_setup (int argc,
                     char **argv,
                     GError **error)
{
  gboolean do_list = FALSE, do_remove = FALSE, json = FALSE;
  const GOptionEntry entries[] = {
      {"list", 'l', 0, G_OPTION_ARG_NONE, &do_list, N_ ("List the runtimes that need packages, and which are set up"), NULL},
      {"remove", 0, 0, G_OPTION_ARG_NONE, &do_remove, N_ ("Remove the packages of the runtimes that are named"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print the list as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) ids = NULL;
  g_autoptr (GPtrArray) runtimes = NULL;

  if (!lds_cli_parse (argc, argv, _ ("[ID…]"), entries, &ids, error))
    return FALSE;
  if (do_list && (do_remove || *ids != NULL))
    return lds_error_refuse (error, _ ("--list lists all and takes no other option but --json, and no ID."));
  if (json && !do_list)
    return lds_error_refuse (error, _ ("--json is the form of a list; use it with --list."));
  if (do_remove && *ids == NULL)
    return lds_error_refuse (error, _ ("Name whose packages to remove, as in “loadstone-cli lanes setup --remove node-express”."));
  runtimes = choose (ids, error);
  if (runtimes == NULL)
    return FALSE;
  if (do_list)
    {
      list (runtimes, json);
      return TRUE;
    }
  return do_remove ? remove_all (runtimes, error) : set_up_all (runtimes, *ids != NULL, error);
}
