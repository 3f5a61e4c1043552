/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packages that a runtime needs. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-runtime-packages.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lds-error.h"
#include "lds-file.h"
#include "lds-json.h"

#define STAMP           "loadstone-stamp"
#define STAMP_VERSION   "loadstone-setup 1"
#define MAX_STAMP_BYTES 1024
#define MAX_LOCK_BYTES  (4u << 20)
/* A package.json of a package. */
#define MAX_PACKAGE_BYTES (1u << 20)

#define DIST_INFO ".dist-info"

static char *
dup_home (void)
{
  return g_build_filename (g_get_user_cache_dir (), "loadstone", "runtimes", NULL);
}

char *
lds_runtime_packages_dup_folder (const LdsRuntime *self)
{
  g_autofree char *home = dup_home ();

  g_return_val_if_fail (self != NULL, NULL);

  return g_build_filename (home, self->id, NULL);
}

const char *const *
lds_runtime_packages_get_lock_files (const LdsRuntime *self)
{
  static const char *const files[][3] = {
      [LDS_INSTALLER_NONE] = {NULL},
      [LDS_INSTALLER_NPM] = {"package.json", "package-lock.json", NULL},
      [LDS_INSTALLER_VENV] = {"requirements.txt", NULL},
  };

  g_return_val_if_fail (self != NULL, files[LDS_INSTALLER_NONE]);

  return files[self->installer];
}

/* --- The stamp ------------------------------------------------------------------------------- */

/* Returns: (transfer full): the first @n numbers of @version */
static char *
dup_series (const char *version,
            guint n)
{
  g_auto (GStrv) numbers = g_strsplit (version, ".", -1);

  for (guint i = g_strv_length (numbers); i > n; i--)
    g_clear_pointer (&numbers[i - 1], g_free);
  return g_strjoinv (".", numbers);
}

char *
lds_runtime_packages_make_stamp (const LdsRuntime *self,
                                 GError **error)
{
  const char *const *files = lds_runtime_packages_get_lock_files (self);
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *version = NULL, *series = NULL;
  gboolean is_venv = self->installer == LDS_INSTALLER_VENV;

  g_return_val_if_fail (self->installer != LDS_INSTALLER_NONE, NULL);

  version = lds_runtime_read_program_version (self, error);
  if (version == NULL)
    return NULL;
  for (guint i = 0; files[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (self->folder, files[i], NULL);
      g_autoptr (GBytes) bytes = lds_file_read (path, MAX_LOCK_BYTES, error);

      if (bytes == NULL)
        return NULL;
      g_checksum_update (digest, g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes));
    }
  series = dup_series (version, is_venv ? 2 : 1);
  return g_strdup_printf (STAMP_VERSION "\nsha256 %s\n%s %s\n", g_checksum_get_string (digest),
                          is_venv ? "python" : "node", series);
}

gboolean
lds_runtime_packages_write_stamp (const char *folder,
                                  const char *stamp,
                                  GError **error)
{
  g_autofree char *path = g_build_filename (folder, STAMP, NULL);

  return lds_file_write (path, stamp, strlen (stamp), error);
}

/* --- Versions -------------------------------------------------------------------------------- */

/* Returns: (transfer full) (nullable) */
static char *
read_npm_version (const char *folder,
                  const char *name)
{
  g_autofree char *path = g_build_filename (folder, "node_modules", name, "package.json", NULL);
  g_autoptr (JsonNode) root = lds_json_read (path, MAX_PACKAGE_BYTES, NULL);
  const char *version =
      root != NULL ? lds_json_get_string (json_node_get_object (root), "version", NULL, NULL) : NULL;

  return g_strdup (version);
}

/* Names of Python packages are equal when they are in small letters and with "_" for each run of "-", "_" and "."
 * (Python packaging user guide, "Names and normalization"; in names of files, "Recording installed projects"). */
static char *
normalise (const char *name)
{
  g_autofree char *small = g_ascii_strdown (name, -1);
  GString *normal = g_string_new (NULL);

  for (const char *p = small; *p != '\0'; p++)
    if (strchr ("-_.", *p) == NULL)
      g_string_append_c (normal, *p);
    else if (normal->len == 0 || normal->str[normal->len - 1] != '_')
      g_string_append_c (normal, '_');
  return g_string_free (normal, FALSE);
}

/* Returns: (transfer full) (nullable): from a folder "NAME-VERSION.dist-info" */
static char *
read_venv_version (const char *folder,
                   const char *name,
                   const char *series)
{
  g_autofree char *python = g_strconcat ("python", series, NULL);
  g_autofree char *site = g_build_filename (folder, "lib", python, "site-packages", NULL);
  g_autofree char *wanted = normalise (name);
  g_autoptr (GDir) dir = g_dir_open (site, 0, NULL);
  const char *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      const char *version = strchr (entry, '-');
      g_autofree char *of = version != NULL ? g_strndup (entry, (gsize)(version - entry)) : NULL;
      g_autofree char *normal = of != NULL ? normalise (of) : NULL;

      if (g_strcmp0 (normal, wanted) == 0 && g_str_has_suffix (version, DIST_INFO))
        return g_strndup (version + 1, strlen (version + 1) - strlen (DIST_INFO));
    }
  return NULL;
}

GStrv
lds_runtime_packages_read_versions (const LdsRuntime *self,
                                    const char *folder,
                                    GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *program_version = NULL, *series = NULL;
  g_autofree char *python = g_build_filename (folder, LDS_RUNTIME_PACKAGES_PYTHON, NULL);
  gboolean is_whole;

  g_return_val_if_fail (self != NULL && self->installer != LDS_INSTALLER_NONE, NULL);

  program_version = lds_runtime_read_program_version (self, error);
  if (program_version == NULL)
    return NULL;
  series = dup_series (program_version, 2);
  is_whole =
      self->installer == LDS_INSTALLER_NPM || g_file_test (python, G_FILE_TEST_IS_EXECUTABLE);
  for (guint i = 0; self->packages[i] != NULL; i++)
    {
      const char *name = self->packages[i];
      g_autofree char *version = self->installer == LDS_INSTALLER_NPM
                                     ? read_npm_version (folder, name)
                                     : read_venv_version (folder, name, series);
      g_autofree char *text = version != NULL ? g_strdup_printf ("%s %s", name, version) : NULL;

      if (is_whole && text != NULL)
        {
          g_strv_builder_add (builder, text);
          continue;
        }
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   /* Translators: a package, then a folder */
                   _ ("The package “%s” is not in “%s”."), is_whole ? name : LDS_RUNTIME_PACKAGES_PYTHON, folder);
      return NULL;
    }
  return g_strv_builder_end (builder);
}

GStrv
lds_runtime_packages_list (const LdsRuntime *self,
                           GError **error)
{
  g_autofree char *folder = NULL, *path = NULL, *wanted = NULL;
  g_autoptr (GBytes) stamp = NULL;
  GStrv versions = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  if (self->installer == LDS_INSTALLER_NONE)
    return g_new0 (char *, 1);
  wanted = lds_runtime_packages_make_stamp (self, error);
  if (wanted == NULL)
    return NULL;
  folder = lds_runtime_packages_dup_folder (self);
  path = g_build_filename (folder, STAMP, NULL);
  stamp = lds_file_read (path, MAX_STAMP_BYTES, NULL);
  if (stamp != NULL && g_bytes_get_size (stamp) == strlen (wanted) &&
      memcmp (g_bytes_get_data (stamp, NULL), wanted, strlen (wanted)) == 0)
    versions = lds_runtime_packages_read_versions (self, folder, NULL);
  if (versions == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: a runtime, then a command with its id */
                 _ ("%s is not set up: run “loadstone-cli lanes setup %s”."), self->title, self->id);
  return versions;
}

/* --- Together with others -------------------------------------------------------------------- */

gboolean
lds_runtime_packages_make_folder (const char *folder,
                                  GError **error)
{
  if (g_mkdir_with_parents (folder, 0777) == 0)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
               /* Translators: a folder, then the system's reason */
               _ ("Cannot make “%s”: %s. Make room for it, or name another cache folder in XDG_CACHE_HOME."), folder,
               g_strerror (errno));
  return FALSE;
}

int
lds_runtime_packages_lock (GError **error)
{
  g_autofree char *home = dup_home ();
  int fd;

  if (!lds_runtime_packages_make_folder (home, error))
    return -1;
  /* The folder itself, so that no file of a lock is left. */
  fd = open (home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0 && (flock (fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK))
    return fd; /* where there are no locks, without one */
  if (fd >= 0)
    {
      close (fd);
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   _ ("Another Loadstone is setting up or removing packages of runtimes. Wait until it is done, and try again."));
    }
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: a folder, then the system's reason */
                 _ ("Cannot open “%s”: %s."), home, g_strerror (errno));
  return -1;
}

gboolean
lds_runtime_packages_remove (const LdsRuntime *self,
                             GError **error)
{
  g_autofree char *folder = lds_runtime_packages_dup_folder (self);
  int fd = lds_runtime_packages_lock (error);
  gboolean done;

  if (fd < 0)
    return FALSE;
  done = lds_file_remove_tree (folder, error);
  close (fd);
  return done;
}
