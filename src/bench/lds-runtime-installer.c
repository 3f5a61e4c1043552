/* SPDX-License-Identifier: GPL-3.0-or-later */
/* npm, venv and pip. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-runtime-installer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"
#include "lds-runtime-packages.h"

#define MAX_LOCK_BYTES (4u << 20)

static void
step_free (gpointer data)
{
  LdsRuntimeInstallerStep *step = data;

  g_free (step->title);
  g_strfreev (step->argv);
  g_free (step);
}

/* Takes @title. */
static void
add_step (GPtrArray *steps,
          char *title,
          const char *const *command)
{
  /* npm writes errors to one output and pip to the other, and both are read as one. */
  static const char *const shell[] = {"/bin/sh", "-c", "exec \"$@\" 2>&1 </dev/null", "sh", NULL};
  LdsRuntimeInstallerStep *step = g_new (LdsRuntimeInstallerStep, 1);
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();

  g_strv_builder_addv (argv, (const char **)shell);
  g_strv_builder_addv (argv, (const char **)command);
  step->title = title;
  step->argv = g_strv_builder_end (argv);
  g_ptr_array_add (steps, step);
}

/* Of a package-lock.json: one member a package, and one for the whole. */
static guint
count_npm_packages (const LdsRuntime *self)
{
  g_autofree char *path = g_build_filename (self->folder, "package-lock.json", NULL);
  g_autoptr (JsonNode) root = lds_json_read (path, MAX_LOCK_BYTES, NULL);
  JsonObject *packages =
      root != NULL ? lds_json_get_object (json_node_get_object (root), "packages", NULL) : NULL;

  return packages != NULL ? MAX (json_object_get_size (packages), 1) - 1 : 0;
}

/* Of a requirements.txt: a line "name==version" each; hashes are in lines of their own. */
static guint
count_venv_packages (const LdsRuntime *self)
{
  g_autofree char *path = g_build_filename (self->folder, "requirements.txt", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    n += g_ascii_isalnum (lines[i][0]) && strstr (lines[i], "==") != NULL;
  return n;
}

static GPtrArray *
plan_npm (const LdsRuntime *self,
          const char *folder,
          GPtrArray *steps,
          GError **error)
{
  g_autofree char *npm = g_find_program_in_path ("npm");
  guint n = count_npm_packages (self);
  /* Of an answer that does not come npm would otherwise wait for minutes, and try three times. */
  const char *const command[] = {npm, "ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund",
                                 "--no-update-notifier", "--loglevel=http", "--fetch-timeout=60000", "--fetch-retries=2",
                                 "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000", NULL};

  if (npm == NULL)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   /* Translators: a runtime, then a command with its id; “npm” is a program */
                   _ ("%s is installed by npm, and there is no program “npm”. Install it (on Debian the package npm), and run “loadstone-cli lanes setup %s” again."),
                   self->title, self->id);
      return NULL;
    }
  add_step (steps,
            /* Translators: a runtime's id, a number */
            g_strdup_printf (ngettext ("%s: installing %u package with npm", "%s: installing %u packages with npm", n),
                             self->id, n),
            command);
  return steps;
}

static GPtrArray *
plan_venv (const LdsRuntime *self,
           const char *folder,
           GPtrArray *steps,
           GError **error)
{
  g_autofree char *program = lds_runtime_find_program (self, error);
  g_autofree char *python = g_build_filename (folder, LDS_RUNTIME_PACKAGES_PYTHON, NULL);
  g_autofree char *requirements = g_build_filename (self->folder, "requirements.txt", NULL);
  guint n = count_venv_packages (self);
  const char *const make[] = {program, "-I", "-m", "venv", folder, NULL};
  const char *const install[] = {python, "-I", "-m", "pip", "install", "--require-hashes", "--only-binary=:all:",
                                 "--disable-pip-version-check", "--no-input", "--progress-bar=off", "--no-color",
                                 "--timeout=30", "--retries=2", "-r", requirements, NULL};

  if (program == NULL)
    return NULL;
  /* Translators: a runtime's id */
  add_step (steps, g_strdup_printf (_ ("%s: making a virtual environment"), self->id), make);
  add_step (steps,
            /* Translators: a runtime's id, a number */
            g_strdup_printf (ngettext ("%s: installing %u package with pip", "%s: installing %u packages with pip", n),
                             self->id, n),
            install);
  return steps;
}

GPtrArray *
lds_runtime_installer_plan (const LdsRuntime *self,
                            const char *folder,
                            GError **error)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new_with_free_func (step_free);
  GPtrArray *planned;

  g_return_val_if_fail (self != NULL && self->installer != LDS_INSTALLER_NONE, NULL);

  planned = self->installer == LDS_INSTALLER_NPM ? plan_npm (self, folder, steps, error)
                                                 : plan_venv (self, folder, steps, error);
  return planned != NULL ? g_steal_pointer (&steps) : NULL;
}

GStrv
lds_runtime_installer_make_environment (void)
{
  static const char *const elsewhere[] = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "npm_config_global",
                                          "npm_config_location", "LANGUAGE"};
  GStrv environment = g_environ_setenv (g_get_environ (), "LC_ALL", "C.UTF-8", TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++)
    environment = g_environ_unsetenv (environment, elsewhere[i]);
  return environment;
}

/* --- What failures mean ---------------------------------------------------------------------- */

static gboolean
says (const char *said,
      const char *const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (strstr (said, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* Returns: (transfer full): the last match of @pattern's first group in @said; or %NULL */
static char *
find_last (const char *said,
           const char *pattern)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  char *found = NULL;

  for (g_regex_match (regex, said, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_free (found);
      found = g_match_info_fetch (match, 1);
    }
  return found;
}

/* Returns: (transfer full): what of its words tells most */
static char *
find_reason (const char *said)
{
  static const char *const patterns[] = {
      "reason: (.+?)\\.?$",              /* npm, of a request */
      "\\[Errno -?[0-9]+\\] ([^'\")]+)", /* Python, of the system */
      "^npm (?:error|ERR!) (?!code |errno |A complete log|\\s*/)(.+?)\\.?$",
      "^ERROR: (.+?)\\.?$",         /* pip */
      "^(?:\\w+Error): (.+?)\\.?$", /* Python */
      "^(\\S.*?)\\.?$",
  };

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      char *reason = find_last (said, patterns[i]);

      if (reason != NULL)
        return reason;
    }
  return g_strdup (_ ("it did not say why"));
}

gboolean
lds_runtime_installer_check (const LdsRuntime *self,
                             const char *said,
                             gboolean succeeded,
                             const char *end,
                             GError **error)
{
  /* A warning for npm. */
  static const char *const not_whole[] = {"TAR_ENTRY_ERROR", NULL};
  static const char *const no_room[] = {"ENOSPC", "EDQUOT", "No space left on device", "Disk quota exceeded", NULL};
  static const char *const no_venv[] = {"ensurepip", "No module named venv", NULL};
  static const char *const no_network[] = {
      "ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET_TIMEOUT",
      "FETCH_ERROR", "npm error network", "npm ERR! network",                                 /* npm */
      "connection broken by", "ConnectTimeoutError", "ProxyError", "NewConnectionError", NULL /* pip */
  };
  gboolean is_npm = self->installer == LDS_INSTALLER_NPM;
  g_autofree char *folder = NULL, *reason = NULL;

  if (succeeded && !(is_npm && says (said, not_whole)))
    return TRUE;
  folder = lds_runtime_packages_dup_folder (self);
  reason = find_reason (said);
  if (says (said, no_room))
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: a folder, then a command with the id of a runtime */
                 _ ("The disk of “%s” has no room left: make room, and run “loadstone-cli lanes setup %s” again."), folder,
                 self->id);
  else if (!is_npm && says (said, no_venv))
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: a runtime, then a command with its id */
                 _ ("%s is installed into a virtual environment, and Python's module for that is missing. Install it (on Debian the package python3-venv), and run “loadstone-cli lanes setup %s” again."),
                 self->title, self->id);
  else if (says (said, no_network))
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 is_npm
                     /* Translators: why, then a command with the id of a runtime */
                     ? _ ("npm could not reach its registry: %s; connect to the network and run “loadstone-cli lanes setup %s” again.")
                     /* Translators: why, then a command with the id of a runtime */
                     : _ ("pip could not reach its package index: %s; connect to the network and run “loadstone-cli lanes setup %s” again."),
                 reason, self->id);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: a runtime, “with exit status 1”, what the installer said */
                 _ ("The packages of %s could not be installed; the installer ended %s: “%s”."), self->title, end, reason);
  return FALSE;
}
