/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions on their way into the history and out of it again. */
#define G_LOG_DOMAIN "lds-history"

#include "config.h"
#include "lds-history-record.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "lds-error.h"
#include "lds-history-list-private.h"
#include "lds-history-owner.h"
#include "lds-history-sql.h"
#include "lds-json.h"
#include "lds-search.h"
#include "lds-self-test.h"
#include "lds-view.h"

/* --- In -------------------------------------------------------------------------------------- */

/* Returns: (transfer full) (nullable) */
static char *
to_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = NULL;

  if (object == NULL)
    return NULL;
  node = json_node_init_object (json_node_alloc (), object);
  return lds_json_to_text (node, FALSE);
}

static char *
join_ids (GPtrArray *items,
          const char *(*get_id) (gconstpointer item))
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < items->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", get_id (items->pdata[i]));
  return g_string_free (text, FALSE);
}

static const char *
get_lane_id (gconstpointer item)
{
  return ((const LdsLane *)item)->id;
}

static const char *
get_workload_id (gconstpointer item)
{
  return ((const LdsWorkload *)item)->id;
}

static char *
make_title (const LdsPlan *plan)
{
  GString *title = g_string_new (NULL);

  for (guint i = 0; i < plan->workloads->len; i++)
    g_string_append_printf (title, "%s%s", i > 0 ? ", " : "",
                            ((const LdsWorkload *)plan->workloads->pdata[i])->title);
  return g_string_free (title, FALSE);
}

static char *
warnings_to_text (GPtrArray *warnings)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;

  json_builder_begin_array (builder);
  for (guint i = 0; i < warnings->len; i++)
    {
      const LdsInvalidReason *warning = warnings->pdata[i];

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "code", warning->code);
      lds_json_add_string (builder, "text", warning->text);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  node = json_builder_get_root (builder);
  return lds_json_to_text (node, FALSE);
}

static char *
describe_machine (JsonObject *environment)
{
  return g_strjoin (" ", lds_json_get_string (environment, "cpu_model", "", NULL),
                    lds_json_get_string (environment, "kernel", "", NULL), NULL);
}

static gint64
insert_session (LdsHistory *self,
                const LdsHistoryAbout *about,
                const LdsSession *session,
                gint64 started_at_us,
                const char *owner,
                GError **error)
{
  g_autoptr (JsonNode) plan_node = lds_plan_to_json (session->plan);
  g_autofree char *plan = lds_json_to_text (plan_node, FALSE);
  g_autofree char *environment = to_text (session->environment);
  g_autofree char *answers = to_text (about->answers);
  g_autofree char *verdict = to_text (about->verdict);
  g_autofree char *title =
      about->title != NULL ? g_strdup (about->title) : make_title (session->plan);
  g_autofree char *lanes = join_ids (session->plan->lanes, get_lane_id);
  g_autofree char *workloads = join_ids (session->plan->workloads, get_workload_id);
  g_autofree char *machine = describe_machine (session->environment);

  if (!lds_history_execute (self, error,
                            "INSERT INTO session (kind, title, lanes, workloads, machine,"
                            " n_planned, started_at_us, owner, plan, environment, answers, verdict)"
                            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                            "tttttiittttt", about->kind, title, lanes, workloads, machine,
                            (gint64)lds_plan_n_runs (session->plan), started_at_us, owner, plan,
                            environment, answers, verdict))
    return 0;
  return sqlite3_last_insert_rowid (self->db);
}

/* What people see of such a workload: requests, or deliveries. */
static double
shown_of (const LdsRun *run,
          guint column)
{
  return lds_view_get_metric (lds_view_of (run->spec.workload), column)->of_run (run);
}

/* In a transaction. */
static gboolean
insert_run (LdsHistory *self,
            gint64 id,
            const LdsRun *run,
            GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *json = NULL;

  if (!lds_history_execute (
          self, error,
          "INSERT INTO run (session_id, lane, workload, repeat, connections, rate_hz,"
          " started_at_us, valid, requests, errors, throughput_hz, p50_ns, p99_ns, purpose)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
          " ON CONFLICT (session_id, lane, workload, started_at_us) DO NOTHING",
          "ittiidiiiidddt", id, run->spec.lane->id, run->spec.workload->id,
          (gint64)run->spec.repeat, (gint64)run->spec.connections, run->spec.rate_hz,
          run->started_at_us, (gint64)run->valid, (gint64)run->requests, (gint64)run->errors,
          shown_of (run, LDS_VIEW_RATE), shown_of (run, LDS_VIEW_P50),
          shown_of (run, LDS_VIEW_P99), lds_purpose_to_string (run->spec.purpose)))
    return FALSE;
  if (sqlite3_changes (self->db) == 0)
    return TRUE;
  node = lds_run_to_json (run);
  json = lds_json_to_text (node, FALSE);
  return lds_history_execute (self, error,
                              "INSERT INTO run_document (run_id, json) VALUES (?1, ?2)", "it",
                              (gint64)sqlite3_last_insert_rowid (self->db), json);
}

static gboolean
insert_runs (LdsHistory *self,
             gint64 id,
             const LdsSession *session,
             GError **error)
{
  for (guint i = 0; i < session->runs->len; i++)
    if (!insert_run (self, id, session->runs->pdata[i], error))
      return FALSE;
  return TRUE;
}

static char *
self_tests_to_text (GArray *self_tests)
{
  g_autoptr (JsonNode) node = lds_self_test_list_to_json (self_tests);

  return lds_json_to_text (node, FALSE);
}

/* How many runs there are when the session is done; of an adaptive plan that is known at its end only. */
static guint
count_planned (const LdsSession *session)
{
  if (!lds_plan_is_adaptive (session->plan))
    return lds_plan_n_runs (session->plan);
  return session->runs->len +
         (session->complete ? 0 : lds_search_count_left (session->plan, session->runs));
}

static gboolean
update_at_end (LdsHistory *self,
               gint64 id,
               const LdsSession *session,
               gint64 finished_at_us,
               GError **error)
{
  g_autofree char *environment = to_text (session->environment);
  g_autofree char *warnings = warnings_to_text (session->warnings);
  g_autofree char *self_tests = self_tests_to_text (session->self_tests);

  return lds_history_execute (self, error,
                              "UPDATE session SET environment = ?2, warnings = ?3, complete = ?4,"
                              " finished_at_us = ?5, self_test = ?6, n_planned = ?7, owner = NULL"
                              " WHERE id = ?1",
                              "ittiiti", id, environment, warnings, (gint64)session->complete,
                              finished_at_us, self_tests, (gint64)count_planned (session));
}

gint64
lds_history_record_begin (LdsHistory *self,
                          const LdsHistoryAbout *about,
                          const LdsSession *session,
                          GError **error)
{
  g_autofree char *owner = lds_history_owner_new ();

  g_return_val_if_fail (self != NULL && about != NULL && session != NULL, 0);

  return insert_session (self, about, session, g_get_real_time (), owner, error);
}

/* Whether this process still records the session; another one may have taken it over that could not
 * see this one, as from another sandbox. In a transaction. */
static gboolean
check_mine (LdsHistory *self,
            gint64 id,
            GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      lds_history_query (self, error, "SELECT owner FROM session WHERE id = ?1", "i", id);
  g_autoptr (GError) local = NULL;
  g_autofree char *owner = NULL, *me = lds_history_owner_new ();

  if (statement == NULL)
    return FALSE;
  if (lds_history_step (self, statement, &local))
    owner = lds_history_dup_text (statement, 0);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return g_strcmp0 (owner, me) == 0 ||
         lds_error_refuse (error, _ ("Session %" PRId64 " is no longer this program's to write to."), id);
}

gboolean
lds_history_record_run (LdsHistory *self,
                        gint64 id,
                        const LdsRun *run,
                        GError **error)
{
  g_return_val_if_fail (self != NULL && run != NULL, FALSE);

  return lds_history_begin (self, error) &&
         lds_history_end (
             self, check_mine (self, id, error) && insert_run (self, id, run, error), error);
}

gboolean
lds_history_record_finish (LdsHistory *self,
                           gint64 id,
                           const LdsSession *session,
                           GError **error)
{
  g_return_val_if_fail (self != NULL && session != NULL, FALSE);

  if (!lds_history_begin (self, error))
    return FALSE;
  return lds_history_end (self,
                          check_mine (self, id, error) &&
                              insert_runs (self, id, session, error) &&
                              update_at_end (self, id, session, g_get_real_time (), error),
                          error);
}

gboolean
lds_history_record_verdict (LdsHistory *self,
                            gint64 id,
                            JsonObject *verdict,
                            GError **error)
{
  g_autofree char *text = to_text (verdict);

  g_return_val_if_fail (self != NULL && verdict != NULL, FALSE);

  return lds_history_execute (self, error, "UPDATE session SET verdict = ?2 WHERE id = ?1", "it",
                              id, text);
}

gboolean
lds_history_record_self_tests (LdsHistory *self,
                               gint64 id,
                               const LdsSession *session,
                               GError **error)
{
  g_autofree char *self_tests = NULL, *warnings = NULL;

  g_return_val_if_fail (self != NULL && session != NULL, FALSE);

  self_tests = self_tests_to_text (session->self_tests);
  warnings = warnings_to_text (session->warnings);
  return lds_history_execute (self, error,
                              "UPDATE session SET self_test = ?2, warnings = ?3 WHERE id = ?1",
                              "itt", id, self_tests, warnings);
}

/* When the session's first run began. */
static gint64
find_start_us (const LdsSession *session)
{
  gint64 start_us = G_MAXINT64;

  for (guint i = 0; i < session->runs->len; i++)
    start_us = MIN (start_us, ((const LdsRun *)session->runs->pdata[i])->started_at_us);
  return start_us;
}

/* No two runs of a session began at the same time, unless the file was made up. */
static gboolean
check_runs (const LdsSession *session,
            GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];

      if (!g_hash_table_add (seen, g_strdup_printf ("%" PRId64 " %s %s", run->started_at_us,
                                                    run->spec.lane->id, run->spec.workload->id)))
        return lds_error_refuse (error, _ ("The session holds a run twice, number %u of its list; take it out."), i + 1);
    }
  return session->runs->len > 0 ||
         lds_error_refuse (error, _ ("The session holds no runs, so there is nothing to import."));
}

/* Sets an error when a session that is not deleted has the first run of this one. */
static gboolean
check_new (LdsHistory *self,
           const LdsSession *session,
           GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  g_autoptr (GError) local = NULL;
  const LdsRun *run = session->runs->pdata[0];

  statement = lds_history_query (self, error,
                                 "SELECT session.id FROM run JOIN session ON session.id = session_id"
                                 " WHERE lane = ?1 AND workload = ?2 AND run.started_at_us = ?3"
                                 " AND deleted_at_us IS NULL LIMIT 1",
                                 "tti", run->spec.lane->id, run->spec.workload->id,
                                 run->started_at_us);
  if (statement == NULL)
    return FALSE;
  if (lds_history_step (self, statement, &local))
    return lds_error_refuse (error, _ ("The session is in the history already: it is number %" PRId64 "."),
                             (gint64)sqlite3_column_int64 (statement, 0));
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gint64
lds_history_import (LdsHistory *self,
                    const LdsHistoryAbout *about,
                    const LdsSession *session,
                    GError **error)
{
  gint64 id = 0, start_us = find_start_us (session);

  g_return_val_if_fail (self != NULL && about != NULL, 0);

  if (!check_runs (session, error) || !lds_history_begin (self, error))
    return 0;
  if (check_new (self, session, error))
    id = insert_session (self, about, session, start_us, NULL, error);
  if (!lds_history_end (self,
                        id != 0 && insert_runs (self, id, session, error) &&
                            update_at_end (self, id, session, start_us, error),
                        error))
    return 0;
  return id;
}

/* --- Out ------------------------------------------------------------------------------------- */

/* What the history holds as JSON, named so that a message says where it stands. */
static JsonNode *
parse_column (sqlite3_stmt *statement,
              int column,
              gint64 id,
              GError **error)
{
  /* Translators: a number */
  g_autofree char *name = g_strdup_printf (_ ("session %" PRId64 " of the history"), id);
  const char *text = (const char *)sqlite3_column_text (statement, column);

  return lds_json_parse (text != NULL ? text : "", (gsize)sqlite3_column_bytes (statement, column),
                         name, error);
}

/* Sets the members of @object that stand in the session's own row. */
static gboolean
load_head (LdsHistory *self,
           gint64 id,
           JsonObject *object,
           GError **error)
{
  static const char *const members[] = {"warnings", "self_test"};
  g_autoptr (GError) local = NULL;
  g_autoptr (sqlite3_stmt) statement = lds_history_query (
      self, error,
      "SELECT plan, environment, complete,"
      " '{\"warnings\":' || warnings || ',\"self_test\":' || self_test || '}' FROM session"
      " WHERE id = ?1 AND deleted_at_us IS NULL",
      "i", id);
  g_autoptr (JsonNode) plan = NULL, environment = NULL, lists = NULL;

  if (statement == NULL)
    return FALSE;
  if (!lds_history_step (self, statement, &local))
    {
      if (local == NULL)
        return lds_history_set_no_session (id, error);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  plan = parse_column (statement, 0, id, error);
  environment = plan != NULL ? parse_column (statement, 1, id, error) : NULL;
  lists = environment != NULL ? parse_column (statement, 3, id, error) : NULL;
  if (lists == NULL)
    return FALSE;
  json_object_set_member (object, "plan", g_steal_pointer (&plan));
  json_object_set_member (object, "environment", g_steal_pointer (&environment));
  json_object_set_boolean_member (object, "complete", sqlite3_column_int (statement, 2) != 0);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    json_object_set_member (
        object, members[i],
        json_node_copy (json_object_get_member (json_node_get_object (lists), members[i])));
  return TRUE;
}

static gboolean
load_runs (LdsHistory *self,
           gint64 id,
           JsonArray *runs,
           GError **error)
{
  g_autoptr (GError) local = NULL;
  /* In the order they ran. */
  g_autoptr (sqlite3_stmt) statement =
      lds_history_query (self, error,
                         "SELECT json FROM run JOIN run_document ON run_id = run.id"
                         " WHERE session_id = ?1 ORDER BY started_at_us, run.id",
                         "i", id);

  if (statement == NULL)
    return FALSE;
  while (lds_history_step (self, statement, &local))
    {
      JsonNode *run = parse_column (statement, 0, id, error);

      if (run == NULL)
        return FALSE;
      json_array_add_element (runs, run);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

LdsSession *
lds_history_load_session (LdsHistory *self,
                          gint64 id,
                          GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *runs = json_array_new ();

  g_return_val_if_fail (self != NULL, NULL);

  json_object_set_array_member (object, "runs", runs);
  if (!load_head (self, id, object, error) || !load_runs (self, id, runs, error))
    return NULL;
  return lds_session_from_json (object, error);
}

LdsSession *
lds_history_load_outline (LdsHistory *self,
                          gint64 id,
                          GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();

  g_return_val_if_fail (self != NULL, NULL);

  json_object_set_array_member (object, "runs", json_array_new ());
  return load_head (self, id, object, error) ? lds_session_from_json (object, error) : NULL;
}

/* Makes the session this process's, if nobody else's; in a transaction. */
static gboolean
claim (LdsHistory *self,
       gint64 id,
       GError **error)
{
  g_autoptr (sqlite3_stmt) statement = lds_history_query (
      self, error, "SELECT complete, owner FROM session WHERE id = ?1", "i", id);
  g_autofree char *owner = NULL, *me = lds_history_owner_new ();

  if (statement == NULL || !lds_history_step (self, statement, error))
    return FALSE;
  if (sqlite3_column_int (statement, 0) != 0)
    return lds_error_refuse (error, _ ("Session %" PRId64 " is complete: nothing is left to measure."), id);
  owner = lds_history_dup_text (statement, 1);
  if (lds_history_owner_is_alive (owner))
    return lds_error_refuse (error, _ ("Session %" PRId64 " is being measured by another program; wait until it is done, or end that."), id);
  return lds_history_execute (self, error, "UPDATE session SET owner = ?2 WHERE id = ?1", "it", id, me);
}

LdsSession *
lds_history_record_resume (LdsHistory *self,
                           gint64 id,
                           GError **error)
{
  LdsSession *session = NULL;
  gboolean claimed;

  g_return_val_if_fail (self != NULL, NULL);

  if (!lds_history_begin (self, error))
    return NULL;
  session = lds_history_load_session (self, id, error);
  claimed = session != NULL && claim (self, id, error);
  if (lds_history_end (self, claimed, error))
    return session;
  lds_session_free (session);
  return NULL;
}

JsonObject *
lds_history_load_object (LdsHistory *self,
                         gint64 id,
                         const char *member,
                         GError **error)
{
  gboolean is_answers = strcmp (member, "answers") == 0;
  g_autoptr (GError) local = NULL;
  g_autoptr (sqlite3_stmt) statement = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  statement = lds_history_query (
      self, error,
      is_answers ? "SELECT answers FROM session WHERE id = ?1 AND deleted_at_us IS NULL"
                 : "SELECT verdict FROM session WHERE id = ?1 AND deleted_at_us IS NULL",
      "i", id);
  if (statement == NULL)
    return NULL;
  if (!lds_history_step (self, statement, &local))
    {
      if (local == NULL)
        lds_history_set_no_session (id, error);
      else
        g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (sqlite3_column_type (statement, 0) == SQLITE_NULL)
    return NULL;
  node = parse_column (statement, 0, id, error);
  return node != NULL ? json_object_ref (json_node_get_object (node)) : NULL;
}
