/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database itself: made, brought up to date, refused, damaged, full, shared. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "lds-error.h"
#include "lds-history-list.h"
#include "lds-history-owner.h"
#include "lds-history-schema.h"
#include "lds-self-test.h"

static gint64
ask (LdsHistory *history,
     const char *sql)
{
  g_autoptr (sqlite3_stmt) statement = lds_history_query (history, NULL, sql, "");

  g_assert_true (lds_history_step (history, statement, NULL));
  return sqlite3_column_int64 (statement, 0);
}

static void
do_sql (const char *path,
        const char *sql)
{
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static guint
count_sessions (LdsHistory *history)
{
  const LdsHistoryFilter filter = {0};
  g_autoptr (GPtrArray) found = lds_history_list_sessions (history, &filter, NULL);

  return found->len;
}

static void
test_new (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = fixture_open (path);

  g_assert_cmpint (ask (history, "PRAGMA application_id"), ==, LDS_HISTORY_APPLICATION_ID);
  g_assert_cmpint (ask (history, "PRAGMA user_version"), ==,
                   (gint64)g_strv_length ((char **)lds_history_schema_list ()));
  g_assert_cmpint (ask (history, "PRAGMA foreign_keys"), ==, 1);
  g_assert_cmpint (ask (history, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), ==, 1);
  g_assert_cmpint (ask (history, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), ==, 1);
  fixture_remove (path);
}

/* A step more than this Loadstone has: what was there stays, and a step that fails changes nothing. */
static void
test_migration (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (LdsSession) session = fixture_session (2, 4, 0);
  const char *const *present = lds_history_schema_list ();
  guint n = g_strv_length ((char **)present);
  g_autofree const char **steps = g_new0 (const char *, n + 3);
  g_autoptr (GError) error = NULL;

  fixture_record (history, "kept", session);
  memcpy (steps, present, n * sizeof *steps);
  steps[n] = "ALTER TABLE session ADD COLUMN note TEXT NOT NULL DEFAULT 'none';";
  steps[n + 1] = "ALTER TABLE session ADD COLUMN other TEXT; SELECT nonsense FROM nowhere;";
  g_assert_false (lds_history_schema_update (history, steps, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_cmpint (ask (history, "PRAGMA user_version"), ==, n);
  g_assert_cmpint (ask (history, "SELECT count(*) FROM pragma_table_info ('session') WHERE name IN ('note', 'other')"), ==, 0);
  steps[n + 1] = NULL;
  g_assert_true (lds_history_schema_update (history, steps, &error));
  g_assert_no_error (error);
  g_assert_cmpint (ask (history, "PRAGMA user_version"), ==, n + 1);
  g_assert_cmpint (ask (history, "SELECT count(*) FROM session WHERE title = 'kept' AND note = 'none'"), ==, 1);
  g_assert_cmpint (ask (history, "SELECT count(*) FROM run"), ==, 4);
  fixture_remove (path);
}

/* A history of version 1 knew of no self-tests: its sessions have none, and new ones are kept. */
static void
test_first_version (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsSession) session = fixture_session (2, 4, 0), back = NULL;
  g_autoptr (GError) error = NULL;
  LdsHistory *history = fixture_open (path);
  gint64 id = fixture_record (history, "old", session);

  g_assert_true (lds_history_execute (history, &error, "ALTER TABLE session DROP COLUMN self_test", ""));
  lds_history_close (history);
  do_sql (path, "PRAGMA user_version = 1; DROP INDEX run_by_session; ALTER TABLE run DROP COLUMN purpose;"
                "CREATE INDEX run_by_session ON run (session_id, valid)");
  history = fixture_open (path);
  g_assert_cmpint (ask (history, "PRAGMA user_version"), ==,
                   (gint64)g_strv_length ((char **)lds_history_schema_list ()));
  back = lds_history_load_session (history, id, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->runs->len, ==, 4);
  g_assert_cmpuint (back->self_tests->len, ==, 0);
  lds_self_test_add_simulated (back);
  g_assert_true (lds_history_record_self_tests (history, id, back, &error));
  g_clear_pointer (&back, lds_session_free);
  back = lds_history_load_session (history, id, &error);
  g_assert_cmpuint (back->self_tests->len, ==, 2);
  lds_history_close (history);
  fixture_remove (path);
}

static char *
ask_text (LdsHistory *history,
          const char *sql)
{
  g_autoptr (sqlite3_stmt) statement = lds_history_query (history, NULL, sql, "");

  g_assert_true (lds_history_step (history, statement, NULL));
  return lds_history_dup_text (statement, 0);
}

/* A history of version 1, from before runs had a purpose in their row: it is read from what they are in full. Not of
 * sessions that only compare: whatever became of their documents, they are in nobody's way. */
static void
test_purposes (void)
{
  g_autofree char *path = fixture_path (), *purposes = NULL;
  g_autoptr (LdsHistory) history = NULL;
  const LdsHistoryFilter filter = {.limit = 1};
  g_autoptr (GPtrArray) found = NULL;
  const LdsHistorySession *row;

  do_sql (path, lds_history_schema_list ()[0]);
  do_sql (path, "PRAGMA application_id = 0x4c445348; PRAGMA user_version = 1;"
                "INSERT INTO session (id, kind, title, lanes, workloads, machine, n_planned, started_at_us, plan, environment)"
                " VALUES (1, 'bench', 'plain', 'a', 'b', 'm', 1, 1, '{\"find_knee\": false, \"scale_workers\": []}', '{}'),"
                " (2, 'bench', 'broken', 'a', 'b', 'm', 1, 2, 'no JSON', '{}'),"
                " (3, 'bench', 'series', 'a', 'b', 'm', 1, 3, '{\"scale_workers\": [1, 2, 3]}', '{}'),"
                " (4, 'bench', 'knee', 'a', 'b', 'm', 4, 4, '{\"find_knee\": true}', '{}');"
                "INSERT INTO run (id, session_id, lane, workload, repeat, connections, rate_hz, started_at_us, valid, requests, errors)"
                " VALUES (1, 1, 'a', 'b', 0, 1, 0, 1, 1, 1, 0), (2, 2, 'a', 'b', 0, 1, 0, 2, 1, 1, 0),"
                " (3, 3, 'a', 'b', 0, 1, 0, 3, 1, 1, 0), (4, 4, 'a', 'b', 0, 1, 0, 4, 1, 1, 0),"
                " (5, 4, 'a', 'b', 0, 1, 0, 5, 0, 1, 0), (6, 4, 'a', 'b', 0, 1, 0, 6, 1, 1, 0),"
                " (7, 4, 'a', 'b', 0, 1, 0, 7, 1, 1, 0);"
                "INSERT INTO run_document VALUES (1, '{\"purpose\": \"knee\"}'), (2, 'no JSON'), (3, '{\"purpose\": \"scale\"}'),"
                " (4, '{\"purpose\": \"probe\"}'), (5, '{\"purpose\": \"knee\"}'), (6, 'no JSON'), (7, '{}');");
  history = fixture_open (path);
  g_assert_cmpint (ask (history, "PRAGMA user_version"), ==,
                   (gint64)g_strv_length ((char **)lds_history_schema_list ()));
  purposes = ask_text (history, "SELECT group_concat (purpose, ' ') FROM (SELECT purpose FROM run ORDER BY id)");
  g_assert_cmpstr (purposes, ==, "compare compare scale probe knee compare compare");
  found = lds_history_list_sessions (history, &filter, NULL);
  row = found->pdata[0];
  g_assert_cmpstr (row->title, ==, "knee");
  g_assert_true (row->is_adaptive);
  g_assert_cmpuint (row->n_runs, ==, 4);
  g_assert_cmpuint (row->n_search, ==, 2);
  g_assert_cmpuint (row->n_search_valid, ==, 1);
  fixture_remove (path);
}

static void
check_refused (const char *path,
               const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL, *after = NULL;
  gsize size_before, size_after;

  g_assert_true (g_file_get_contents (path, &before, &size_before, NULL));
  g_assert_null (lds_history_open (path, LDS_HISTORY_USUAL, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_nonnull (strstr (error->message, "history.sqlite"));
  g_assert_null (strchr (error->message, '\n'));
  g_assert_true (g_file_get_contents (path, &after, &size_after, NULL));
  g_assert_cmpmem (before, size_before, after, size_after);
}

static void
test_refused (void)
{
  g_autofree char *path = fixture_path ();

  lds_history_close (fixture_open (path));
  do_sql (path, "PRAGMA user_version = 99");
  check_refused (path, "99");
  do_sql (path, "PRAGMA user_version = -1");
  check_refused (path, "another program");
  g_assert_cmpint (g_unlink (path), ==, 0);
  do_sql (path, "CREATE TABLE shopping (item TEXT)");
  check_refused (path, "another program");
  fixture_remove (path);
}

/* Where no database can be, or no lock beside one. */
static void
test_unwritable (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_null (lds_history_open (path, LDS_HISTORY_USUAL, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "or beside it"));
  g_assert_cmpint (g_rmdir (path), ==, 0);
  fixture_remove (path);
}

static char *
read_file (const char *path,
           gsize *size)
{
  char *data;

  g_assert_true (g_file_get_contents (path, &data, size, NULL));
  return data;
}

/* Damage is told, left as it is, and set aside only when asked to. */
static void
test_damaged (void)
{
  g_autofree char *path = fixture_path (), *data = NULL, *kept = NULL, *folder = NULL;
  g_autoptr (LdsHistory) history = NULL;
  g_autoptr (LdsSession) session = fixture_session (2, 4, 0);
  g_autoptr (GError) error = NULL;
  gsize size, kept_size;

  history = fixture_open (path);
  fixture_record (history, "lost", session);
  g_clear_pointer (&history, lds_history_close);
  data = read_file (path, &size);
  /* The pages of all tables, the schema's own left whole. */
  memset (data + 4096, 0xa5, size - 4096);
  g_assert_true (g_file_set_contents (path, data, (gssize)size, NULL));
  check_refused (path, "damaged");
  check_refused (path, "--set-aside");

  history = lds_history_open (path, LDS_HISTORY_SET_ASIDE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (lds_history_get_set_aside (history));
  kept = read_file (lds_history_get_set_aside (history), &kept_size);
  g_assert_cmpmem (kept, kept_size, data, size);
  g_assert_cmpuint (count_sessions (history), ==, 0);
  g_clear_pointer (&history, lds_history_close);

  /* No database at all. A sound one is never set aside. */
  g_assert_true (g_file_set_contents (path, "These are no records, this is a letter to a friend.", -1, NULL));
  check_refused (path, "damaged");
  history = lds_history_open (path, LDS_HISTORY_SET_ASIDE, &error);
  g_assert_no_error (error);
  g_clear_pointer (&history, lds_history_close);
  history = lds_history_open (path, LDS_HISTORY_SET_ASIDE | LDS_HISTORY_CHECK_ALL, &error);
  g_assert_no_error (error);
  g_assert_null (lds_history_get_set_aside (history));
  fixture_remove (path);
}

/* Damage in what was measured is found where it is read, and by the check of everything. */
static void
test_damaged_document (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (LdsSession) session = fixture_session (2, 4, 0), back = NULL;
  g_autoptr (GError) error = NULL;
  gint64 id = fixture_record (history, "hurt", session);
  g_autofree char *data = NULL;
  gint64 page, page_size = ask (history, "PRAGMA page_size");
  gsize size;

  page = ask (history, "SELECT rootpage FROM sqlite_schema WHERE name = 'run_document'");
  g_clear_pointer (&history, lds_history_close);
  data = read_file (path, &size);
  memset (data + (page - 1) * page_size, 0xa5, (gsize)page_size);
  g_assert_true (g_file_set_contents (path, data, (gssize)size, NULL));
  history = fixture_open (path);
  g_assert_cmpuint (count_sessions (history), ==, 1);
  back = lds_history_load_session (history, id, &error);
  g_assert_null (back);
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "damaged"));
  g_clear_error (&error);
  g_clear_pointer (&history, lds_history_close);
  g_assert_null (lds_history_open (path, LDS_HISTORY_CHECK_ALL, &error));
  g_assert_nonnull (strstr (error->message, "damaged"));
  fixture_remove (path);
}

/* Runs that find no room are told, and come in at the end when there is some again. */
static void
test_full (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = fixture_open (path);
  const LdsHistoryAbout about = {.kind = "bench"};
  g_autoptr (LdsSession) session = fixture_session (50, 100, 0), back = NULL;
  g_autoptr (GError) error = NULL;
  gint64 id = lds_history_record_begin (history, &about, session, &error);
  g_autofree char *limit = g_strdup_printf ("PRAGMA max_page_count = %d", (int)ask (history, "PRAGMA page_count") + 2);
  guint n_failed = 0;

  g_assert_no_error (error);
  ask (history, limit);
  for (guint i = 0; i < session->runs->len; i++)
    {
      g_autoptr (GError) local = NULL;

      if (lds_history_record_run (history, id, session->runs->pdata[i], &local))
        continue;
      g_assert_error (local, LDS_ERROR, LDS_ERROR_FAILED);
      g_assert_nonnull (strstr (local->message, "no room"));
      n_failed++;
    }
  g_assert_cmpuint (n_failed, >, 0);
  g_assert_false (lds_history_record_finish (history, id, session, &error));
  g_clear_error (&error);
  /* No half run. */
  g_assert_cmpint (ask (history, "SELECT count(*) FROM run"), ==, session->runs->len - n_failed);
  g_assert_cmpint (ask (history, "SELECT count(*) FROM run WHERE id NOT IN (SELECT run_id FROM run_document)"), ==, 0);
  g_assert_cmpint (ask (history, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), ==, 1);
  ask (history, "PRAGMA max_page_count = 100000");
  g_assert_true (lds_history_record_finish (history, id, session, &error));
  g_assert_no_error (error);
  back = lds_history_load_session (history, id, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->runs->len, ==, 100);
  fixture_remove (path);
}

/* The same with the system's own refusal. Of a child, for the limit stays. */
static void
write_beyond_limit (const char *path)
{
  LdsHistory *history = fixture_open (path);
  g_autoptr (LdsSession) session = fixture_session (500, 1000, 0);
  const LdsHistoryAbout about = {.kind = "bench"};
  gint64 id = lds_history_record_begin (history, &about, session, NULL);
  const struct rlimit limit = {1 << 18, 1 << 18};
  guint n_failed = 0;

  signal (SIGXFSZ, SIG_IGN);
  setrlimit (RLIMIT_FSIZE, &limit);
  for (guint i = 0; i < session->runs->len; i++)
    n_failed += !lds_history_record_run (history, id, session->runs->pdata[i], NULL);
  _exit (n_failed > 0 && n_failed < session->runs->len ? 0 : 1);
}

static void
test_file_limit (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  pid_t pid = fork ();

  if (pid == 0)
    write_beyond_limit (path);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  history = lds_history_open (path, LDS_HISTORY_CHECK_ALL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_sessions (history), ==, 1);
  g_assert_cmpint (ask (history, "SELECT count(*) FROM run"), >, 0);
  fixture_remove (path);
}

/* Several programs make the database and write to it at the same time: nothing is lost. */
static void
test_shared (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = NULL;
  pid_t pids[4];

  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    {
      pids[i] = fork ();
      if (pids[i] == 0)
        {
          LdsHistory *mine = fixture_open (path);

          for (guint j = 0; j < 5; j++)
            {
              g_autoptr (LdsSession) session = fixture_session (2, 4, 100 * i + j);

              fixture_record (mine, "shared", session);
            }
          lds_history_close (mine);
          _exit (0);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    {
      int status;

      g_assert_cmpint (waitpid (pids[i], &status, 0), ==, pids[i]);
      g_assert_cmpint (status, ==, 0);
    }
  history = fixture_open (path);
  g_assert_cmpuint (count_sessions (history), ==, 20);
  g_assert_cmpint (ask (history, "SELECT count(*) FROM run_document"), ==, 80);
  fixture_remove (path);
}

/* A second connection in this program: it sees what was committed, and a writer in the way is told. */
static void
test_busy (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) one = fixture_open (path), other = fixture_open (path);
  g_autoptr (LdsSession) session = fixture_session (2, 4, 0);
  g_autoptr (GError) error = NULL;
  const LdsHistoryAbout about = {.kind = "bench"};
  gint64 id = lds_history_record_begin (one, &about, session, &error);

  g_assert_cmpuint (count_sessions (other), ==, 1);
  g_assert_true (lds_history_begin (one, &error));
  sqlite3_busy_timeout (other->db, 0);
  g_assert_cmpuint (count_sessions (other), ==, 1); /* readers do not wait */
  g_assert_false (lds_history_record_run (other, id, session->runs->pdata[0], &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "Another program"));
  g_clear_error (&error);
  g_assert_true (lds_history_end (one, TRUE, &error));
  g_assert_true (lds_history_record_run (other, id, session->runs->pdata[0], &error));
  fixture_remove (path);
}

static void
test_owner (void)
{
  g_autofree char *me = lds_history_owner_new (), *later = g_strconcat (me, "1", NULL);
  g_autofree char *childs = NULL;
  int pipe_fds[2], status;
  char text[200];
  ssize_t n;
  pid_t pid;

  g_assert_true (lds_history_owner_is_alive (me));
  g_assert_false (lds_history_owner_is_alive (NULL));
  g_assert_false (lds_history_owner_is_alive (""));
  g_assert_false (lds_history_owner_is_alive ("a b c"));
  g_assert_false (lds_history_owner_is_alive (later)); /* the number was given again */
  g_assert_cmpint (pipe (pipe_fds), ==, 0);
  pid = fork ();
  if (pid == 0)
    {
      g_autofree char *own = lds_history_owner_new ();

      _exit (write (pipe_fds[1], own, strlen (own)) > 0 ? 0 : 1);
    }
  n = read (pipe_fds[0], text, sizeof text - 1);
  g_assert_cmpint (n, >, 0);
  text[n] = '\0';
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_false (lds_history_owner_is_alive (text));
  close (pipe_fds[0]);
  close (pipe_fds[1]);
}

static void
test_default_path (void)
{
  g_autofree char *usual = NULL, *named = NULL;

  g_unsetenv ("LOADSTONE_HISTORY");
  usual = lds_history_dup_default_path ();
  g_assert_true (g_str_has_suffix (usual, "/loadstone/history.sqlite"));
  g_setenv ("LOADSTONE_HISTORY", "/elsewhere/h.sqlite", TRUE);
  named = lds_history_dup_default_path ();
  g_assert_cmpstr (named, ==, "/elsewhere/h.sqlite");
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/database/new", test_new);
  g_test_add_func ("/history/database/migration", test_migration);
  g_test_add_func ("/history/database/first-version", test_first_version);
  g_test_add_func ("/history/database/purposes", test_purposes);
  g_test_add_func ("/history/database/refused", test_refused);
  g_test_add_func ("/history/database/unwritable", test_unwritable);
  g_test_add_func ("/history/database/damaged", test_damaged);
  g_test_add_func ("/history/database/damaged-document", test_damaged_document);
  g_test_add_func ("/history/database/full", test_full);
  g_test_add_func ("/history/database/file-limit", test_file_limit);
  g_test_add_func ("/history/database/shared", test_shared);
  g_test_add_func ("/history/database/busy", test_busy);
  g_test_add_func ("/history/database/owner", test_owner);
  g_test_add_func ("/history/database/default-path", test_default_path);
  return g_test_run ();
}
