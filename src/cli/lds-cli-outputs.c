/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where commands write. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-outputs.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lds-error.h"
#include "lds-file.h"
#include "lds-history.h"

/* The name without links and dots, whether the file is there or not. */
static char *
resolve (const char *path)
{
  g_autofree char *name = g_path_get_basename (path), *folder = g_path_get_dirname (path);
  char *real = realpath (path, NULL), *result;

  if (real != NULL)
    result = g_strdup (real);
  else
    {
      real = realpath (folder, NULL);
      result = g_build_filename (real != NULL ? real : folder, name, NULL);
    }
  free (real); /* made by malloc() */
  return result;
}

static gboolean
is_one_file (const char *path,
             const char *other)
{
  g_autofree char *resolved = NULL, *other_resolved = NULL;
  struct stat st, other_st;

  if (strcmp (path, "-") == 0 || strcmp (other, "-") == 0)
    return strcmp (path, other) == 0;
  if (g_stat (path, &st) == 0 && g_stat (other, &other_st) == 0)
    return S_ISREG (st.st_mode) && st.st_dev == other_st.st_dev && st.st_ino == other_st.st_ino;
  resolved = resolve (path);
  other_resolved = resolve (other);
  return strcmp (resolved, other_resolved) == 0;
}

/* The database and what SQLite keeps beside it. */
static gboolean
check_no_history (const char *option,
                  const char *path,
                  const char *database,
                  GError **error)
{
  static const char *const suffixes[] = {"", "-wal", "-shm"};
  g_autofree char *usual = database == NULL ? lds_history_dup_default_path () : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *file =
          g_strconcat (database != NULL ? database : usual, suffixes[i], NULL);

      if (is_one_file (path, file))
        return lds_error_refuse (error,
                                 /* Translators: an option, then a file name */
                                 _ ("%s is “%s”, which is the history; name another file."), option, path);
    }
  return TRUE;
}

gboolean
lds_cli_check_output (const char *option,
                      const char *path,
                      const char *database,
                      GError **error)
{
  g_autofree char *folder = NULL;

  if (path == NULL)
    return TRUE;
  if (strcmp (path, "-") == 0)
    return lds_error_refuse (error,
                             /* Translators: an option */
                             _ ("%s is “-”, which stands for no file here; name one."), option);
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return lds_error_refuse (error,
                             /* Translators: an option, then a file name */
                             _ ("%s is “%s”, which is a folder; name a file in it."), option, path);
  /* A device or a pipe is written to as it is. */
  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  if (!check_no_history (option, path, database, error))
    return FALSE;
  folder = g_path_get_dirname (path);
  return lds_file_ensure_directory (folder, error);
}

gboolean
lds_cli_check_apart (const char *option,
                     const char *path,
                     const char *other_option,
                     const char *other,
                     GError **error)
{
  if (path == NULL || other == NULL || !is_one_file (path, other))
    return TRUE;
  if (other_option != NULL)
    return lds_error_refuse (error,
                             /* Translators: two options, then a file name */
                             _ ("%s and %s are both “%s”; name a file for each."), option, other_option, path);
  return lds_error_refuse (error,
                           /* Translators: an option, then a file name */
                           _ ("%s is “%s”, which is read here and would be lost; name another file."), option, path);
}
