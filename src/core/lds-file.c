/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading files that may be hostile, writing files whole or not at all. */
#define G_LOG_DOMAIN "lds-file"

#include "config.h"
#include "lds-file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lds-error.h"

static void
set_input_error (GError **error,
                 const char *path,
                 const char *reason)
{
  /* Translators: a file name, then the reason why it cannot be read */
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT, _ ("Cannot read “%s”: %s."), path, reason);
}

GBytes *
lds_file_read (const char *path,
               gsize max_bytes,
               GError **error)
{
  struct stat st;
  g_autofree guchar *data = NULL;
  gsize size = 0;
  int fd, saved_errno = 0;

  g_return_val_if_fail (path != NULL, NULL);

  /* O_NONBLOCK so that a named pipe does not block us before fstat() can refuse it. */
  fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (fd < 0)
    {
      set_input_error (error, path, g_strerror (errno));
      return NULL;
    }
  if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode))
    {
      set_input_error (error, path, _ ("it is not a regular file"));
      close (fd);
      return NULL;
    }
  if ((guint64)st.st_size > max_bytes)
    {
      g_autofree char *limit = g_format_size_full (max_bytes, G_FORMAT_SIZE_IEC_UNITS);
      g_autofree char *reason = g_strdup_printf (_ ("it is larger than the limit of %s"), limit);

      set_input_error (error, path, reason);
      close (fd);
      return NULL;
    }
  /* The file may grow while we read: the buffer, not the size seen above, is the bound. */
  data = g_malloc ((gsize)st.st_size + 1);
  while (size < (gsize)st.st_size)
    {
      ssize_t n = read (fd, data + size, (gsize)st.st_size - size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        saved_errno = errno;
      if (n <= 0)
        break;
      size += (gsize)n;
    }
  close (fd);
  if (saved_errno != 0)
    {
      set_input_error (error, path, g_strerror (saved_errno));
      return NULL;
    }
  data[size] = '\0';
  return g_bytes_new_take (g_steal_pointer (&data), size);
}

/* A device or a pipe keeps what it gets and cannot be renamed over. Returns FALSE with errno set. */
static gboolean
write_straight (const char *path,
                const char *data,
                gsize size)
{
  int fd = g_open (path, O_WRONLY | O_CLOEXEC, 0), saved_errno = 0;

  while (fd >= 0 && size > 0 && saved_errno == 0)
    {
      ssize_t n = write (fd, data, size);

      if (n < 0 && errno != EINTR)
        saved_errno = errno;
      else if (n > 0)
        {
          data += n;
          size -= (gsize)n;
        }
    }
  if (fd >= 0 && close (fd) < 0 && saved_errno == 0)
    saved_errno = errno;
  if (fd >= 0)
    errno = saved_errno;
  return fd >= 0 && saved_errno == 0;
}

gboolean
lds_file_write (const char *path,
                gconstpointer data,
                gsize size,
                GError **error)
{
  g_autoptr (GError) local = NULL;
  struct stat st;
  gboolean exists;
  char *target; /* where links lead to: renaming over a link would replace the link */

  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (size <= G_MAXSSIZE, FALSE);

  exists = g_stat (path, &st) == 0;
  if (exists && !S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode))
    {
      if (write_straight (path, data, size))
        return TRUE;
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   /* Translators: a device or a pipe, then the system's reason */
                   _ ("Cannot write to “%s”: %s. What has come through is not whole."), path, g_strerror (errno));
      return FALSE;
    }
  target = exists ? realpath (path, NULL) : NULL;
  g_file_set_contents_full (target != NULL ? target : path, data, (gssize)size,
                            G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                            0666, &local);
  free (target); /* made by malloc() */
  if (local == NULL)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
               /* Translators: a file name, then the system's reason */
               _ ("Cannot write “%s”: %s. Nothing was changed."), path, local->message);
  return FALSE;
}

gboolean
lds_file_ensure_directory (const char *path,
                           GError **error)
{
  g_return_val_if_fail (path != NULL, FALSE);

  if (g_mkdir_with_parents (path, 0777) == 0)
    {
      /* access() says yes to root on a read-only file system's directory: only a trial tells. */
      g_autofree char *probe = g_build_filename (path, ".loadstone-XXXXXX", NULL);
      int fd = g_file_test (path, G_FILE_TEST_IS_DIR) ? g_mkstemp (probe) : -1;

      if (fd >= 0)
        {
          close (fd);
          g_unlink (probe);
          return TRUE;
        }
    }
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: a folder, then the system's reason */
               _ ("Cannot use “%s” as the output folder: %s. Name a folder that you can write to."),
               path, g_strerror (errno));
  return FALSE;
}

static int
remove_one (const char *path,
            const struct stat *st,
            int kind,
            struct FTW *place)
{
  /* One that goes by itself meanwhile is gone. */
  return g_remove (path) == 0 || errno == ENOENT ? 0 : -1;
}

gboolean
lds_file_remove_tree (const char *path,
                      GError **error)
{
  /* Folders that are open at the same time; deeper ones are opened again. */
  const int max_open = 16;

  g_return_val_if_fail (path != NULL, FALSE);

  if (nftw (path, remove_one, max_open, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
               /* Translators: a file or a folder, then the system's reason */
               _ ("Cannot remove all of “%s”: %s."), path, g_strerror (errno));
  return FALSE;
}
