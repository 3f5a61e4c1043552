/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history's database: opened, checked, set aside, closed. */
#define G_LOG_DOMAIN "lds-history"

#include "config.h"
#include "lds-history.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "lds-error.h"
#include "lds-file.h"
#include "lds-history-fold.h"
#include "lds-history-schema.h"

/* How long a writer waits for another one. Transactions take milliseconds; what takes longer hangs. */
#define BUSY_TIMEOUT_MS 2000

char *
lds_history_dup_default_path (void)
{
  const char *named = g_getenv ("LOADSTONE_HISTORY");

  if (named != NULL && *named != '\0')
    return g_strdup (named);
  return g_build_filename (g_get_user_data_dir (), "loadstone", "history.sqlite", NULL);
}

/* --- Damage ---------------------------------------------------------------------------------- */

static gboolean
is_damage (sqlite3 *db)
{
  int code = sqlite3_errcode (db) & 0xff;

  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

/* Runs a pragma that checks; FALSE with an error and *damaged when it finds something. */
static gboolean
check_with (LdsHistory *self,
            const char *pragma,
            gboolean *damaged,
            GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (sqlite3_stmt) statement = lds_history_query (self, &local, pragma, "");
  gboolean row = statement != NULL && lds_history_step (self, statement, &local);
  g_autofree char *said = row ? lds_history_dup_line (statement, 0) : NULL;

  if (local == NULL && (!row || strcmp (said, "ok") == 0))
    return TRUE;
  if (local != NULL)
    {
      *damaged = is_damage (self->db);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *damaged = TRUE;
  lds_history_set_damaged (self, said, error);
  return FALSE;
}

/* What is small is checked each time; the documents are by far the most of the file, and each is
 * checked when it is read. */
static gboolean
check (LdsHistory *self,
       LdsHistoryFlags flags,
       gboolean *damaged,
       GError **error)
{
  static const char *const always[] = {
      "PRAGMA quick_check (session)", "PRAGMA quick_check (session_tag)", "PRAGMA quick_check (run)",
      "PRAGMA quick_check (assessment)", "PRAGMA quick_check (milestone)"};
  static const char *const all[] = {"PRAGMA integrity_check (1)", "PRAGMA foreign_key_check"};
  gboolean whole = (flags & LDS_HISTORY_CHECK_ALL) != 0;
  const char *const *pragmas = whole ? all : always;

  for (guint i = 0; i < (whole ? G_N_ELEMENTS (all) : G_N_ELEMENTS (always)); i++)
    if (!check_with (self, pragmas[i], damaged, error))
      return FALSE;
  return TRUE;
}

/* Moves the damaged database and what SQLite keeps beside it to a name that is free. */
static char *
set_aside (const char *path,
           GError **error)
{
  static const char *const suffixes[] = {"-wal", "-shm", ""};
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%SZ");

  for (guint n = 1;; n++)
    {
      g_autofree char *name = n == 1 ? g_strdup_printf ("%s.damaged-%s", path, stamp)
                                     : g_strdup_printf ("%s.damaged-%s-%u", path, stamp, n);

      if (g_file_test (name, G_FILE_TEST_EXISTS))
        continue;
      for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
        {
          g_autofree char *from = g_strconcat (path, suffixes[i], NULL);
          g_autofree char *to = g_strconcat (name, suffixes[i], NULL);

          if (g_rename (from, to) == 0 || (errno == ENOENT && *suffixes[i] != '\0'))
            continue;
          g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                       /* Translators: two file names, then the system's reason */
                       _ ("Cannot rename “%s” to “%s”: %s."), from, to, g_strerror (errno));
          return NULL;
        }
      return g_steal_pointer (&name);
    }
}

/* --- Opening --------------------------------------------------------------------------------- */

static gboolean
configure (LdsHistory *self,
           GError **error)
{
  /* What a hostile file could do with a schema of its own is switched off. A commit is on the disk
   * when it returns: runs take minutes to measure, and between two of them there is time. */
  static const char *const pragmas =
      "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON;"
      "PRAGMA synchronous = FULL;";

  sqlite3_busy_timeout (self->db, BUSY_TIMEOUT_MS);
  sqlite3_extended_result_codes (self->db, 1);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_limit (self->db, SQLITE_LIMIT_LENGTH, (int)LDS_FILE_MAX_REPORT_BYTES);
  if (lds_history_fold_register (self->db) == SQLITE_OK &&
      sqlite3_exec (self->db, pragmas, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  lds_history_set_error (self, error);
  return FALSE;
}

/* So that readers and one writer do not wait for each other. Where the file system cannot, the
 * database works as well, and waits. */
static gboolean
use_log (LdsHistory *self,
         GError **error)
{
  int result;

  /* Of two programs that make the database at the same time, one is told so at once. */
  for (guint i = 0; i < 20; i++)
    {
      result = sqlite3_exec (self->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
      if (result != SQLITE_BUSY)
        break;
      g_usleep (BUSY_TIMEOUT_MS * 1000 / 20);
    }
  if (result == SQLITE_OK)
    return TRUE;
  lds_history_set_error (self, error);
  return FALSE;
}

static gboolean
try_to_open (LdsHistory *self,
             LdsHistoryFlags flags,
             gboolean *damaged,
             GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   /* Translators: a folder, then the system's reason */
                   _ ("Cannot make the folder “%s” of the history: %s."), folder, g_strerror (errno));
      return FALSE;
    }
  if (sqlite3_open_v2 (self->path, &self->db,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                       NULL) != SQLITE_OK)
    {
      if (self->db != NULL)
        lds_history_set_error (self, error);
      else
        g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                     /* Translators: a file name, the reason in English */
                     _ ("Cannot use the history “%s”: %s."), self->path, g_strerror (ENOMEM));
      return FALSE;
    }
  if (configure (self, error) &&
      lds_history_schema_check (self, lds_history_schema_list (), error) && use_log (self, error) &&
      lds_history_schema_update (self, lds_history_schema_list (), error))
    return check (self, flags, damaged, error);
  *damaged = is_damage (self->db);
  return FALSE;
}

static void
close_database (LdsHistory *self,
                gboolean damaged)
{
  /* Emptying the log into a damaged file could damage more of it. */
  if (damaged)
    sqlite3_db_config (self->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  sqlite3_close (self->db);
  self->db = NULL;
}

LdsHistory *
lds_history_open (const char *path,
                  LdsHistoryFlags flags,
                  GError **error)
{
  g_autoptr (LdsHistory) self = g_new0 (LdsHistory, 1);
  g_autofree char *default_path = path == NULL ? lds_history_dup_default_path () : NULL;
  g_autoptr (GError) local = NULL;
  gboolean damaged = FALSE;

  /* Absolute, so that a name such as ":memory:" is a file's here, and not SQLite's. */
  self->path = g_canonicalize_filename (path != NULL ? path : default_path, NULL);
  if (try_to_open (self, flags, &damaged, &local))
    return g_steal_pointer (&self);
  close_database (self, damaged);
  if (damaged && (flags & LDS_HISTORY_SET_ASIDE))
    {
      g_clear_error (&local);
      self->set_aside = set_aside (self->path, error);
      if (self->set_aside == NULL)
        return NULL;
      if (try_to_open (self, LDS_HISTORY_USUAL, &damaged, &local))
        return g_steal_pointer (&self);
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

void
lds_history_close (LdsHistory *self)
{
  if (self == NULL)
    return;
  close_database (self, FALSE);
  g_free (self->path);
  g_free (self->set_aside);
  g_free (self);
}

const char *
lds_history_get_path (LdsHistory *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->path;
}

const char *
lds_history_get_set_aside (LdsHistory *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->set_aside;
}
