/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the database looks like. */
#define G_LOG_DOMAIN "lds-history"

#include "config.h"
#include "lds-history-schema.h"

#include <glib/gi18n-lib.h>

#include "lds-error.h"

/* A step is never changed once it has been released: what comes later is a further step.
 *
 * Lists and filters read session and run alone, which are small; what a run is in full stands in
 * run_document, where it does not lie between the rows. Times are µs since 1970. What the user
 * deletes is only marked until it is purged, so that it can be taken back. */
static const char *const steps_of_releases[] = {
    /* 1 */
    "CREATE TABLE session ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT," /* a number once given is never another session's */
    "  kind TEXT NOT NULL,"                   /* the command: bench, assess, import */
    "  title TEXT NOT NULL,"
    "  lanes TEXT NOT NULL," /* for people and for searching: ids, with a space between */
    "  workloads TEXT NOT NULL,"
    "  machine TEXT NOT NULL," /* processor and kernel */
    "  n_planned INTEGER NOT NULL,"
    "  started_at_us INTEGER NOT NULL,"
    "  finished_at_us INTEGER,"
    "  complete INTEGER NOT NULL DEFAULT 0,"
    "  owner TEXT," /* the process that records it now */
    "  deleted_at_us INTEGER,"
    "  plan TEXT NOT NULL," /* JSON, as all below */
    "  environment TEXT NOT NULL,"
    "  warnings TEXT NOT NULL DEFAULT '[]',"
    "  answers TEXT,"
    "  verdict TEXT);"
    "CREATE INDEX session_by_time ON session (started_at_us);"
    "CREATE TABLE session_tag ("
    "  session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,"
    "  tag TEXT NOT NULL,"
    "  PRIMARY KEY (session_id, tag)) WITHOUT ROWID;"
    "CREATE INDEX session_by_tag ON session_tag (tag);"
    "CREATE TABLE run ("
    "  id INTEGER PRIMARY KEY,"
    "  session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,"
    "  lane TEXT NOT NULL,"
    "  workload TEXT NOT NULL,"
    "  repeat INTEGER NOT NULL,"
    "  connections INTEGER NOT NULL,"
    "  rate_hz REAL NOT NULL," /* offered; 0 = closed loop */
    "  started_at_us INTEGER NOT NULL,"
    "  valid INTEGER NOT NULL,"
    "  requests INTEGER NOT NULL,"
    "  errors INTEGER NOT NULL,"
    "  throughput_hz REAL," /* NULL = not known */
    "  p50_ns REAL,"
    "  p99_ns REAL,"
    "  UNIQUE (session_id, lane, workload, started_at_us));" /* one after the other: none twice */
    "CREATE INDEX run_by_lane ON run (lane, workload, started_at_us);"
    "CREATE INDEX run_by_workload ON run (workload, started_at_us);"
    "CREATE INDEX run_by_session ON run (session_id, valid);"
    "CREATE TABLE run_document ("
    "  run_id INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,"
    "  json TEXT NOT NULL);"
    "CREATE TABLE assessment ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  name TEXT NOT NULL,"
    "  created_at_us INTEGER NOT NULL,"
    "  deleted_at_us INTEGER);"
    "CREATE UNIQUE INDEX assessment_by_name ON assessment (name) WHERE deleted_at_us IS NULL;"
    "CREATE TABLE milestone ("
    "  id INTEGER PRIMARY KEY,"
    "  assessment_id INTEGER NOT NULL REFERENCES assessment (id) ON DELETE CASCADE,"
    "  name TEXT NOT NULL,"
    "  created_at_us INTEGER NOT NULL,"
    "  document TEXT NOT NULL," /* answers, verdict and measurements as they were */
    "  UNIQUE (assessment_id, name));"
    "CREATE TRIGGER milestone_is_fixed BEFORE UPDATE ON milestone"
    " BEGIN SELECT RAISE (ABORT, 'a milestone is never changed'); END;",
    /* 2: how far the session's comparisons may be believed; JSON */
    "ALTER TABLE session ADD COLUMN self_test TEXT NOT NULL DEFAULT '[]';",
    /* 3: what a run is for. Only documents of adaptive plans are read: all other runs compare, and a damaged
     * document is to keep nobody from the rest. */
    "ALTER TABLE run ADD COLUMN purpose TEXT NOT NULL DEFAULT 'compare';"
    "UPDATE run SET purpose = coalesce ((SELECT CASE WHEN json_valid (json)"
    "   THEN json_extract (json, '$.purpose') END FROM run_document WHERE run_id = run.id), 'compare')"
    " WHERE session_id IN (SELECT id FROM session WHERE json_valid (plan)"
    "   AND (json_extract (plan, '$.find_knee') = 1"
    "     OR json_array_length (plan, '$.scale_connections') > 0"
    "     OR json_array_length (plan, '$.scale_workers') > 0));"
    "DROP INDEX run_by_session;"
    "CREATE INDEX run_by_session ON run (session_id, purpose, valid);",
    NULL};

const char *const *
lds_history_schema_list (void)
{
  return steps_of_releases;
}

static gboolean
get_number (LdsHistory *self,
            const char *sql,
            gint64 *number,
            GError **error)
{
  g_autoptr (sqlite3_stmt) statement = lds_history_query (self, error, sql, "");

  if (statement == NULL || !lds_history_step (self, statement, error))
    return FALSE;
  *number = sqlite3_column_int64 (statement, 0);
  return TRUE;
}

gboolean
lds_history_schema_check (LdsHistory *self,
                          const char *const *steps,
                          GError **error)
{
  gint64 last = (gint64)g_strv_length ((char **)steps), version, application, n_things;

  if (!get_number (self, "PRAGMA user_version", &version, error) ||
      !get_number (self, "PRAGMA application_id", &application, error) ||
      !get_number (self, "SELECT count(*) FROM sqlite_schema", &n_things, error))
    return FALSE;
  if (version < 0 || (application != LDS_HISTORY_APPLICATION_ID &&
                      (application != 0 || version != 0 || n_things > 0)))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   /* Translators: a file name */
                   _ ("“%s” is the database of another program, so it is left as it is; name another file."), self->path);
      return FALSE;
    }
  if (version <= last)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
               /* Translators: a file name, then two versions */
               _ ("The history “%s” is of version %d, newer than this Loadstone reads (%d); update Loadstone, or name another file."),
               self->path, (int)version, (int)last);
  return FALSE;
}

/* Carries out what is missing; in a transaction, for another program may have been faster. */
static gboolean
update (LdsHistory *self,
        const char *const *steps,
        gint64 last,
        GError **error)
{
  gint64 version;
  g_autofree char *numbers = NULL;

  if (!get_number (self, "PRAGMA user_version", &version, error))
    return FALSE;
  for (gint64 i = version; i < last; i++)
    if (sqlite3_exec (self->db, steps[i], NULL, NULL, NULL) != SQLITE_OK)
      {
        lds_history_set_error (self, error);
        return FALSE;
      }
  if (version >= last)
    return TRUE;
  /* A pragma takes no bound value; both are our own numbers. */
  numbers = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d;",
                             LDS_HISTORY_APPLICATION_ID, (int)last);
  if (sqlite3_exec (self->db, numbers, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  lds_history_set_error (self, error);
  return FALSE;
}

gboolean
lds_history_schema_update (LdsHistory *self,
                           const char *const *steps,
                           GError **error)
{
  gint64 last = (gint64)g_strv_length ((char **)steps), version;

  if (!get_number (self, "PRAGMA user_version", &version, error))
    return FALSE;
  if (version >= last)
    return TRUE;
  return lds_history_begin (self, error) &&
         lds_history_end (self, update (self, steps, last, error), error);
}
