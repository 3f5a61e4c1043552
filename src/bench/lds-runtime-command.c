/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real runtimes: how one is started. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-runtime.h"

#include <glib/gi18n-lib.h>

#include "lds-error.h"
#include "lds-runtime-packages.h"

char *
lds_runtime_find_program (const LdsRuntime *self,
                          GError **error)
{
  g_autofree char *names = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; self->programs[i] != NULL; i++)
    {
      g_autofree char *found = g_find_program_in_path (self->programs[i]);

      if (found != NULL)
        return g_canonicalize_filename (found, NULL);
    }
  names = g_strjoinv (", ", self->programs);
  g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
               /* Translators: a runtime, names of programs with commas between */
               _ ("%s is not here, for there is no program “%s”. Install it, or put its folder into PATH."),
               self->title, names);
  return NULL;
}

/* Values of a runtime's places. */
typedef struct
{
  const char *folder;
  char *packages; /* (nullable) */
  char *port, *workers;
} Places;

static Places
fill_places (const LdsRuntime *self,
             guint port,
             guint n_workers)
{
  return (Places){
      .folder = self->folder,
      .packages =
          self->installer != LDS_INSTALLER_NONE ? lds_runtime_packages_dup_folder (self) : NULL,
      .port = g_strdup_printf ("%u", port),
      .workers = g_strdup_printf ("%u", n_workers),
  };
}

static void
places_clear (Places *places)
{
  g_free (places->packages);
  g_free (places->port);
  g_free (places->workers);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Places, places_clear)

static char *
replace (const char *word,
         const char *place,
         const char *with)
{
  g_auto (GStrv) parts = g_strsplit (word, place, -1);

  return g_strjoinv (with, parts);
}

static char *
fill (const char *word,
      const Places *places)
{
  g_autofree char *a = replace (word, "{port}", places->port);
  g_autofree char *b = replace (a, "{workers}", places->workers);
  g_auto (GStrv) parts = g_strsplit (b, "{folder}", -1);

  /* Between the parts, and last, for a folder may be named anything. */
  for (guint i = 0; places->packages != NULL && parts[i] != NULL; i++)
    {
      char *part = replace (parts[i], "{packages}", places->packages);

      g_free (parts[i]);
      parts[i] = part;
    }
  return g_strjoinv (places->folder, parts);
}

static void
add_words (GStrvBuilder *builder,
           GStrv words,
           const Places *places)
{
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      g_autofree char *word = fill (words[i], places);

      g_strv_builder_add (builder, word);
    }
}

GStrv
lds_runtime_make_command (const LdsRuntime *self,
                          guint port,
                          guint n_workers,
                          GError **error)
{
  g_autofree char *program = lds_runtime_find_program (self, error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (Places) places = {0};

  if (program == NULL)
    return NULL;
  places = fill_places (self, port, n_workers);
  if (self->installer == LDS_INSTALLER_VENV)
    {
      g_free (program);
      program = g_build_filename (places.packages, LDS_RUNTIME_PACKAGES_PYTHON, NULL);
    }
  g_strv_builder_add (builder, program);
  add_words (builder, self->arguments, &places);
  if (n_workers > 0)
    add_words (builder, self->worker_arguments, &places);
  return g_strv_builder_end (builder);
}

GStrv
lds_runtime_make_environment (const LdsRuntime *self)
{
  g_auto (Places) places = {0};
  GStrv environment = g_get_environ ();

  g_return_val_if_fail (self != NULL, environment);

  places = fill_places (self, 0, 0);
  if (self->installer == LDS_INSTALLER_NPM)
    {
      g_autofree char *modules = g_build_filename (places.packages, "node_modules", NULL);

      environment = g_environ_setenv (environment, "NODE_PATH", modules, TRUE);
    }
  for (guint i = 0; self->environment[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (self->environment[i], "=", 2);
      g_autofree char *value = fill (pair[1], &places);

      environment = g_environ_setenv (environment, pair[0], value, TRUE);
    }
  return environment;
}
