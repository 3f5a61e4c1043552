/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading files that may be hostile, writing files whole or not at all. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Largest answers, plan or rule file that is read. */
#define LDS_FILE_MAX_INPUT_BYTES (1u << 20)
/* Largest report that is read: it may hold many runs with their histograms. */
#define LDS_FILE_MAX_REPORT_BYTES (256u << 20)

/**
 * lds_file_read:
 * @path: a regular file (no device, no pipe)
 * @max_bytes: refuse anything larger
 *
 * Returns: (transfer full): the contents, NUL-terminated beyond their length; or %NULL with
 *   LDS_ERROR_INPUT, the message naming @path and the reason
 */
GBytes *lds_file_read (const char *path, gsize max_bytes, GError **error);

/**
 * lds_file_write:
 * @path: the file to replace; where it is a link, what that leads to
 *
 * Writes a temporary file beside @path, syncs it and renames it over @path, so that a reader sees
 * the old contents or the new ones and never a part. Returns %FALSE with LDS_ERROR_FAILED, the
 * message naming @path, and leaves no temporary file. A device or a pipe is not replaced: the data
 * is written to it as it is.
 */
gboolean lds_file_write (const char *path, gconstpointer data, gsize size, GError **error);

/**
 * lds_file_ensure_directory:
 *
 * Makes @path and its parents if missing, and checks that files can be made in it. Returns %FALSE
 * with LDS_ERROR_INPUT when it is not a directory or not writable.
 */
gboolean lds_file_ensure_directory (const char *path, GError **error);

/**
 * lds_file_remove_tree:
 *
 * Removes @path with all that is in it; of a link the link itself. That it is not there is no error. Returns %FALSE with
 * LDS_ERROR_FAILED, the message naming what could not be removed.
 */
gboolean lds_file_remove_tree (const char *path, GError **error);

G_END_DECLS
