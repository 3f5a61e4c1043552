/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions in the history: recorded, interrupted, listed, put in order, imported. */
#include <string.h>

#include "fixture.h"
#include "lds-error.h"
#include "lds-history-edit.h"
#include "lds-history-list-private.h"
#include "lds-bench-json.h"
#include "lds-json.h"
#include "lds-self-test.h"

static GPtrArray *
list (LdsHistory *history,
      const LdsHistoryFilter *filter)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *found = lds_history_list_sessions (history, filter, &error);

  g_assert_no_error (error);
  return found;
}

static guint
count (LdsHistory *history,
       LdsHistoryFilter filter)
{
  g_autoptr (GPtrArray) found = list (history, &filter);

  return found->len;
}

static void
check_refused (gboolean result,
               GError **error,
               const char *part)
{
  g_assert_false (result);
  g_assert_error (*error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr ((*error)->message, part));
  g_clear_error (error);
}

static void
test_round_trip (void)
{
  g_autofree char *path = fixture_path (), *before = NULL, *after = NULL;
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (LdsSession) session = fixture_session (3, 6, 0), back = NULL;
  g_autoptr (JsonNode) json = NULL, again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LdsHistorySession) row = NULL;
  const LdsSelfTest measured = {lds_metric_find ("p99"), LDS_COMPARE_PAIRS, 5, 20, 1,
                                1795260300000000};
  gint64 id;

  g_ptr_array_add (session->warnings, g_new0 (LdsInvalidReason, 1));
  ((LdsInvalidReason *)session->warnings->pdata[0])->code = g_strdup ("machine-busy");
  ((LdsInvalidReason *)session->warnings->pdata[0])->text = g_strdup ("It was “busy”.");
  lds_self_test_add_simulated (session);
  id = fixture_record (history, NULL, session);
  back = lds_history_load_session (history, id, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->self_tests->len, ==, 2);
  lds_session_free (back);

  /* What comes after the session is kept as well, with what it warns of. */
  g_array_append_val (session->self_tests, measured);
  lds_invalid_reasons_add (session->warnings, "self-test", "Not to be believed.");
  g_assert_true (lds_history_record_self_tests (history, id, session, &error));
  back = lds_history_load_session (history, id, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->warnings->len, ==, 2);
  json = lds_session_to_json (session);
  again = lds_session_to_json (back);
  before = lds_json_to_text (json, TRUE);
  after = lds_json_to_text (again, TRUE);
  g_assert_cmpstr (before, ==, after);

  row = lds_history_find_session (history, id, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (row->title, ==, "Hello");
  g_assert_cmpstr (row->kind, ==, "bench");
  g_assert_cmpstr (row->lanes, ==, "model:event-loop model:prefork");
  g_assert_cmpuint (row->n_planned, ==, 6);
  g_assert_cmpuint (row->n_runs, ==, 6);
  g_assert_cmpuint (row->n_valid, ==, 5);
  g_assert_cmpint (row->state, ==, LDS_HISTORY_COMPLETE);
  g_assert_cmpuint (g_strv_length (row->tags), ==, 0);
  fixture_remove (path);
}

/* Whoever measures holds the session; who ends without a word leaves it to be gone on with. */
static void
test_interrupted (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (LdsSession) session = fixture_session (2, 2, 0), back = NULL;
  const LdsHistoryAbout about = {.kind = "bench"};
  g_autoptr (GError) error = NULL;
  gint64 id = lds_history_record_begin (history, &about, session, &error);
  g_autoptr (LdsHistorySession) running = NULL, interrupted = NULL, complete = NULL;

  for (guint i = 0; i < 2; i++)
    g_assert_true (lds_history_record_run (history, id, session->runs->pdata[i], &error));
  g_assert_true (lds_history_record_run (history, id, session->runs->pdata[1], &error)); /* once more means nothing */
  running = lds_history_find_session (history, id, &error);
  g_assert_cmpint (running->state, ==, LDS_HISTORY_RUNNING);
  g_assert_cmpuint (running->n_runs, ==, 2);
  g_assert_null (lds_history_record_resume (history, id, &error));
  check_refused (FALSE, &error, "being measured");
  check_refused (lds_history_delete (history, &id, 1, &error), &error, "being measured");

  /* As a process leaves it that was killed. */
  g_assert_true (lds_history_execute (history, &error, "UPDATE session SET owner = 'gone 1 1'", ""));
  check_refused (lds_history_record_run (history, id, session->runs->pdata[1], &error), &error, "no longer");
  check_refused (lds_history_record_finish (history, id, session, &error), &error, "no longer");
  interrupted = lds_history_find_session (history, id, &error);
  g_assert_cmpint (interrupted->state, ==, LDS_HISTORY_INTERRUPTED);
  back = lds_history_record_resume (history, id, &error);
  g_assert_no_error (error);
  g_assert_false (back->complete);
  g_assert_cmpuint (back->runs->len, ==, 2);
  for (guint i = 2; i < 4; i++)
    {
      g_ptr_array_add (back->runs, fixture_run (back->plan, i, 7));
      g_assert_true (lds_history_record_run (history, id, back->runs->pdata[i], &error));
    }
  back->complete = TRUE;
  g_assert_true (lds_history_record_finish (history, id, back, &error));
  complete = lds_history_find_session (history, id, &error);
  g_assert_cmpint (complete->state, ==, LDS_HISTORY_COMPLETE);
  g_assert_cmpuint (complete->n_runs, ==, 4);
  g_assert_null (lds_history_record_resume (history, id, &error));
  check_refused (FALSE, &error, "complete");
  g_assert_null (lds_history_record_resume (history, 99, &error));
  check_refused (FALSE, &error, "99");
  fixture_remove (path);
}

/* Lists and filters of streams go by what was delivered. */
static void
test_stream (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (LdsSession) session = fixture_session (1, 0, 0), back = NULL;
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GError) error = NULL;
  const LdsHistoryFilter slow = {.max_p99_ns = 5e6}, fast = {.max_p99_ns = 10e6};
  JsonObject *stream = json_object_new ();
  LdsRun *run;
  gint64 id;

  session->plan->workloads->pdata[0] = (gpointer)lds_workload_find ("chat", NULL);
  session->plan->lanes->pdata[1] = (gpointer)lds_lane_find ("asyncio", NULL);
  run = fixture_run (session->plan, 0, 0);
  run->delivery = lds_histogram_new ();
  for (guint i = 0; i < 1000; i++)
    lds_histogram_record (run->delivery, 8000000);
  json_object_set_int_member (stream, "deliveries", 1000);
  run->load_result = json_object_new ();
  json_object_set_object_member (run->load_result, "stream", stream);
  g_ptr_array_add (session->runs, run);
  id = fixture_record (history, "chat", session);
  runs = lds_history_list_runs (history, &fast, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (runs->len, ==, 1);
  g_assert_cmpfloat (((LdsHistoryRun *)runs->pdata[0])->throughput_hz, ==, 1000);
  g_assert_cmpfloat_with_epsilon (((LdsHistoryRun *)runs->pdata[0])->p50_ns, 8e6, 8e3);
  g_assert_cmpfloat_with_epsilon (((LdsHistoryRun *)runs->pdata[0])->p99_ns, 8e6, 8e3);
  /* Its own answers are faster. */
  g_assert_cmpuint (count (history, slow), ==, 0);
  back = lds_history_load_session (history, id, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (((LdsRun *)back->runs->pdata[0])->delivery->total, ==, 1000);
  fixture_remove (path);
}

static void
test_search (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (GPtrArray) found = NULL, runs = NULL;
  g_autoptr (GError) error = NULL;
  gint64 ids[3];
  const LdsHistoryFilter limited = {.limit = 2};

  for (guint i = 0; i < 3; i++)
    {
      static const char *const titles[] = {"Größe der Kasse", "100% _of_ it", "'); DROP TABLE run; --"};
      g_autoptr (LdsSession) session = fixture_session (2, 4, i * 100);

      ids[i] = fixture_record (history, titles[i], session);
    }
  g_assert_true (lds_history_tag (history, ids[1], "Baseline", &error));
  g_assert_true (lds_history_tag (history, ids[1], "Baseline", &error));
  g_assert_true (lds_history_tag (history, ids[2], "other", &error));

  found = list (history, &limited);
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_cmpint (((LdsHistorySession *)found->pdata[0])->id, ==, ids[2]);
  g_assert_cmpint (lds_history_find_last (history, &error), ==, ids[2]);
  g_assert_cmpstr (((LdsHistorySession *)found->pdata[0])->title, ==, "'); DROP TABLE run; --");
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.text = "GRÖSSE kasse"}), ==, 1);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.text = "größe of"}), ==, 0);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.text = "%"}), ==, 1); /* is no wildcard */
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.text = "'); drop"}), ==, 1);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.text = "baseLINE"}), ==, 1);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.text = "äbacus"}), ==, 3); /* the machine */
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.text = "prefork"}), ==, 3);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.text = " "}), ==, 3);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.tag = "Baseline"}), ==, 1);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.tag = "x' OR '1'='1"}), ==, 0);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.lane = "model:prefork", .workload = "hello"}), ==, 3);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.lane = "model:gil-threads"}), ==, 0);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.min_throughput_hz = 1e9}), ==, 0);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.max_p99_ns = 1}), ==, 0);

  runs = lds_history_list_runs (history, &(LdsHistoryFilter){.tag = "other"}, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (runs->len, ==, 4);
  g_clear_pointer (&runs, g_ptr_array_unref);
  runs = lds_history_list_runs (
      history, &(LdsHistoryFilter){.only_valid = TRUE, .lane = "model:event-loop"}, &error);
  g_assert_cmpuint (runs->len, ==, 3); /* of the two of each session one is invalid */
  g_assert_cmpfloat (((LdsHistoryRun *)runs->pdata[0])->throughput_hz, ==, 100);
  g_assert_cmpuint (((LdsHistoryRun *)runs->pdata[0])->connections, ==, 64);
  g_clear_pointer (&runs, g_ptr_array_unref);
  {
    const LdsHistoryFilter second = {.since_us = G_GINT64_CONSTANT (1795000100000000),
                                     .until_us = G_GINT64_CONSTANT (1795000200000000)};

    runs = lds_history_list_runs (history, &second, &error);
    g_assert_cmpuint (runs->len, ==, 4);
    g_assert_cmpint (((LdsHistoryRun *)runs->pdata[0])->session_id, ==, ids[1]);
  }
  fixture_remove (path);
}

/* Steps of a search are counted apart, and found by their purpose; how many runs there will be is known at the end. */
static void
test_purposes (void)
{
  static const LdsPurpose purposes[] = {LDS_PURPOSE_PROBE, LDS_PURPOSE_KNEE, LDS_PURPOSE_KNEE,
                                        LDS_PURPOSE_HALF_KNEE, LDS_PURPOSE_EQUAL_RATE};
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (LdsSession) plain = fixture_session (2, 4, 0), search = fixture_session (3, 5, 100),
                         back = NULL;
  g_autoptr (GPtrArray) sessions = NULL, runs = NULL;
  g_autoptr (GError) error = NULL;
  const LdsHistorySession *row;
  gint64 id;

  search->plan->find_knee = TRUE;
  search->complete = TRUE;
  for (guint i = 0; i < search->runs->len; i++)
    {
      LdsRun *run = search->runs->pdata[i];

      run->spec.purpose = purposes[i];
      run->valid = i != 2 && i != 4;
    }
  fixture_record (history, "plain", plain);
  id = fixture_record (history, "search", search);
  sessions = list (history, &(LdsHistoryFilter){0});
  row = sessions->pdata[0];
  g_assert_cmpstr (row->title, ==, "search");
  g_assert_true (row->is_adaptive);
  g_assert_cmpuint (row->n_planned, ==, 5);
  g_assert_cmpuint (row->n_runs, ==, 5);
  g_assert_cmpuint (row->n_valid, ==, 3);
  g_assert_cmpuint (row->n_search, ==, 3);
  g_assert_cmpuint (row->n_search_valid, ==, 2);
  row = sessions->pdata[1];
  g_assert_false (row->is_adaptive);
  g_assert_cmpuint (row->n_planned, ==, 4);
  g_assert_cmpuint (row->n_search, ==, 0);

  g_assert_cmpuint (count (history, (LdsHistoryFilter){.purpose = "knee"}), ==, 1);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.purpose = "compare"}), ==, 1);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.purpose = "scale"}), ==, 0);
  runs = lds_history_list_runs (history, &(LdsHistoryFilter){.purpose = "knee"}, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (runs->len, ==, 2);
  g_assert_cmpstr (((LdsHistoryRun *)runs->pdata[0])->purpose, ==, "knee");
  back = lds_history_load_session (history, id, &error);
  g_assert_no_error (error);
  g_assert_cmpint (((LdsRun *)back->runs->pdata[3])->spec.purpose, ==, LDS_PURPOSE_HALF_KNEE);
  fixture_remove (path);
}

static void
test_order (void)
{
  g_autofree char *path = fixture_path (), *much = g_strnfill (LDS_HISTORY_MAX_NAME_BYTES + 1, 'x');
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (LdsSession) session = fixture_session (2, 4, 0);
  g_autoptr (LdsHistorySession) row = NULL;
  g_autoptr (GError) error = NULL;
  gint64 id = fixture_record (history, "One", session);

  g_assert_true (lds_history_rename (history, id, "  Another title ", &error));
  g_assert_true (lds_history_tag (history, id, "b", &error));
  g_assert_true (lds_history_tag (history, id, "a", &error));
  row = lds_history_find_session (history, id, &error);
  g_assert_cmpstr (row->title, ==, "Another title");
  g_assert_cmpstr (row->tags[0], ==, "a");
  g_assert_cmpstr (row->tags[1], ==, "b");
  g_assert_true (lds_history_untag (history, id, "a", &error));
  check_refused (lds_history_untag (history, id, "a", &error), &error, "no tag");
  check_refused (lds_history_rename (history, id, " ", &error), &error, "1 to 200");
  check_refused (lds_history_rename (history, id, much, &error), &error, "1 to 200");
  check_refused (lds_history_rename (history, id, "two\nlines", &error), &error, "one line");
  check_refused (lds_history_rename (history, id, "\x1b[31mred", &error), &error, "one line");
  check_refused (lds_history_tag (history, id, "\xff", &error), &error, "UTF-8");
  check_refused (lds_history_tag (history, 99, "tag", &error), &error, "99");
  fixture_remove (path);
}

static void
test_undo (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (GError) error = NULL;
  gint64 ids[3];
  guint n;

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (LdsSession) session = fixture_session (2, 4, i * 100);

      ids[i] = fixture_record (history, "Any", session);
    }
  check_refused (lds_history_undo (history, &error) > 0, &error, "Nothing");
  g_assert_true (lds_history_tag (history, ids[0], "kept", &error));
  g_assert_true (lds_history_delete (history, ids, 2, &error));
  g_assert_true (lds_history_delete (history, ids + 2, 1, &error));
  g_assert_cmpuint (count (history, (LdsHistoryFilter){0}), ==, 0);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.deleted = TRUE}), ==, 3);
  check_refused (lds_history_delete (history, ids, 1, &error), &error, "no session");
  g_assert_null (lds_history_load_session (history, ids[0], &error));
  g_clear_error (&error);

  g_assert_cmpuint (lds_history_undo (history, &error), ==, 1);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){0}), ==, 1);
  g_assert_cmpuint (lds_history_undo (history, &error), ==, 2);
  g_assert_cmpuint (count (history, (LdsHistoryFilter){.tag = "kept"}), ==, 1);

  /* All or none. */
  ids[1] = 99;
  check_refused (lds_history_delete (history, ids, 2, &error), &error, "99");
  g_assert_cmpuint (count (history, (LdsHistoryFilter){0}), ==, 3);

  g_assert_true (lds_history_delete (history, ids, 1, &error));
  g_assert_true (lds_history_purge (history, &n, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 1);
  check_refused (lds_history_undo (history, &error) > 0, &error, "Nothing");
  {
    g_autoptr (GPtrArray) runs = lds_history_list_runs (history, &(LdsHistoryFilter){0}, &error);
    g_autoptr (sqlite3_stmt) documents = lds_history_query (history, &error, "SELECT count(*) FROM run_document", "");

    g_assert_cmpuint (runs->len, ==, 8);
    g_assert_true (lds_history_step (history, documents, &error));
    g_assert_cmpint (sqlite3_column_int (documents, 0), ==, 8);
  }
  fixture_remove (path);
}

static void
test_import (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (LdsSession) session = fixture_session (2, 4, 0), empty = fixture_session (2, 0, 0),
                         twice = fixture_session (2, 4, 50);
  const LdsHistoryAbout about = {.kind = "import", .title = "From elsewhere"};
  g_autoptr (LdsHistorySession) row = NULL;
  g_autoptr (GError) error = NULL;
  gint64 id = lds_history_import (history, &about, session, &error);

  g_assert_no_error (error);
  row = lds_history_find_session (history, id, &error);
  g_assert_cmpint (row->started_at_us, ==, ((LdsRun *)session->runs->pdata[0])->started_at_us);
  g_assert_cmpint (row->state, ==, LDS_HISTORY_COMPLETE);
  check_refused (lds_history_import (history, &about, session, &error) != 0, &error, "already");
  check_refused (lds_history_import (history, &about, empty, &error) != 0, &error, "no runs");
  ((LdsRun *)twice->runs->pdata[3])->started_at_us =
      ((LdsRun *)twice->runs->pdata[0])->started_at_us;
  check_refused (lds_history_import (history, &about, twice, &error) != 0, &error, "twice");
  g_assert_cmpuint (count (history, (LdsHistoryFilter){0}), ==, 1);
  /* Once it is deleted it may come again. */
  g_assert_true (lds_history_delete (history, &id, 1, &error));
  g_assert_cmpint (lds_history_import (history, &about, session, &error), !=, 0);
  fixture_remove (path);
}

/* What EXPLAIN QUERY PLAN says of a statement. */
static char *
explain (LdsHistory *history,
         sqlite3_stmt *statement)
{
  g_autofree char *sql = g_strconcat ("EXPLAIN QUERY PLAN ", sqlite3_sql (statement), NULL);
  g_autoptr (sqlite3_stmt) plan = lds_history_query (history, NULL, sql, "");
  GString *text = g_string_new (NULL);

  while (lds_history_step (history, plan, NULL))
    g_string_append_printf (text, "%s\n", (const char *)sqlite3_column_text (plan, 3));
  sqlite3_finalize (statement);
  return g_string_free (text, FALSE);
}

#define N_SESSIONS 1000
#define N_RUNS     10

/* Ten thousand runs. How long it takes is told, not judged; that an index serves it is. */
static void
test_many (void)
{
  g_autofree char *path = fixture_path (), *plan = NULL;
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (GPtrArray) sessions = NULL, runs = NULL;
  g_autoptr (GError) error = NULL;
  const LdsHistoryFilter filter = {.lane = "model:prefork",
                                   .workload = "hello",
                                   .only_valid = TRUE,
                                   .since_us = G_GINT64_CONSTANT (1795000000000000) +
                                               G_GINT64_CONSTANT (500) * G_USEC_PER_SEC};
  const LdsHistoryFilter all = {0};
  gint64 begun_us;

  /* One transaction: to fill it is not what is looked at. */
  g_assert_true (lds_history_begin (history, &error));
  for (guint i = 0; i < N_SESSIONS; i++)
    {
      g_autoptr (LdsSession) session = fixture_session (N_RUNS / 2, 0, i);
      const LdsHistoryAbout about = {.kind = "bench", .title = "One of many"};
      gint64 id = lds_history_record_begin (history, &about, session, &error);

      for (guint j = 0; j < N_RUNS; j++)
        {
          g_autoptr (LdsRun) run = fixture_run (session->plan, j, i);

          /* What lds_history_record_run() does, without its transaction. */
          g_assert_true (lds_history_execute (
              history, &error,
              "INSERT INTO run (session_id, lane, workload, repeat, connections, rate_hz,"
              " started_at_us, valid, requests, errors, throughput_hz, p50_ns, p99_ns)"
              " VALUES (?1, ?2, ?3, ?4, 64, 0, ?5, ?6, 100, 0, 100, 1e6, 2e6)",
              "ittiii", id, run->spec.lane->id, run->spec.workload->id, (gint64)run->spec.repeat,
              run->started_at_us, (gint64)run->valid));
        }
    }
  g_assert_true (lds_history_end (history, TRUE, &error));
  g_assert_no_error (error);
  g_clear_pointer (&history, lds_history_close);

  begun_us = g_get_monotonic_time ();
  history = fixture_open (path);
  sessions = list (history, &all);
  runs = lds_history_list_runs (history, &filter, &error);
  g_test_message ("opening, listing 1000 sessions and filtering 10000 runs: %.1f ms", (double)(g_get_monotonic_time () - begun_us) / 1e3);
  g_assert_cmpuint (sessions->len, ==, N_SESSIONS);
  g_assert_cmpuint (((LdsHistorySession *)sessions->pdata[0])->n_runs, ==, N_RUNS);
  /* Five of a session's ten are of that lane; of runs 3 and 7, the invalid ones, one is. */
  g_assert_cmpuint (runs->len, >, 0);
  for (guint i = 0; i < runs->len; i++)
    {
      const LdsHistoryRun *run = runs->pdata[i];

      g_assert_cmpstr (run->lane, ==, filter.lane);
      g_assert_true (run->valid);
      g_assert_cmpint (run->started_at_us, >=, filter.since_us);
      if (i > 0)
        g_assert_cmpint (run->started_at_us, <=,
                         ((LdsHistoryRun *)runs->pdata[i - 1])->started_at_us);
    }
  plan = explain (history, lds_history_prepare_runs (history, &filter, &error));
  g_test_message ("%s", plan);
  g_assert_nonnull (strstr (plan, "USING INDEX run_by_lane"));
  g_assert_null (strstr (plan, "SCAN r"));
  g_assert_null (strstr (plan, "TEMP B-TREE")); /* comes in order */
  g_clear_pointer (&plan, g_free);
  plan = explain (history, lds_history_prepare_sessions (history, &all, &error));
  g_test_message ("%s", plan);
  g_assert_nonnull (strstr (plan, "run_by_session"));
  g_assert_nonnull (strstr (plan, "session_by_time"));
  fixture_remove (path);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/sessions/round-trip", test_round_trip);
  g_test_add_func ("/history/sessions/interrupted", test_interrupted);
  g_test_add_func ("/history/sessions/stream", test_stream);
  g_test_add_func ("/history/sessions/search", test_search);
  g_test_add_func ("/history/sessions/purposes", test_purposes);
  g_test_add_func ("/history/sessions/order", test_order);
  g_test_add_func ("/history/sessions/undo", test_undo);
  g_test_add_func ("/history/sessions/import", test_import);
  g_test_add_func ("/history/sessions/many", test_many);
  return g_test_run ();
}
