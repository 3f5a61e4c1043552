/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the other programs of this very build or installation are. */
#define G_LOG_DOMAIN "lds-paths"

#include "config.h"
#include "lds-paths.h"

#include <glib/gi18n-lib.h>

#include "lds-error.h"

char *
lds_paths_find_program (const char *name,
                        GError **error)
{
  g_autofree char *variable = g_ascii_strup (name, -1);
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  g_autofree char *beside = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;
  g_autofree char *installed = g_build_filename (LDS_BINDIR, name, NULL);
  const char *named, *places[3];

  g_strdelimit (variable, "-", '_');
  named = g_getenv (variable);
  places[0] = named;
  places[1] = beside;
  places[2] = installed;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (places[i] != NULL && g_path_is_absolute (places[i]) &&
        g_file_test (places[i], G_FILE_TEST_IS_EXECUTABLE))
      return g_strdup (places[i]);
  g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
               /* Translators: a program's name, a folder, an environment variable */
               _ ("Cannot find the program “%s”: it is not in “%s”. Install Loadstone again, or set %s to its path."),
               name, folder != NULL ? folder : LDS_BINDIR, variable);
  return NULL;
}
