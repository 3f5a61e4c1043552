/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking through the history. */
#define G_LOG_DOMAIN "lds-history"

#include "config.h"
#include "lds-history-list.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "lds-error.h"
#include "lds-history-fold.h"
#include "lds-history-list-private.h"
#include "lds-history-owner.h"

/* More words than this are not looked for. */
#define MAX_WORDS 16

void
lds_history_session_free (LdsHistorySession *session)
{
  if (session == NULL)
    return;
  g_free (session->kind);
  g_free (session->title);
  g_free (session->lanes);
  g_free (session->workloads);
  g_strfreev (session->tags);
  g_free (session);
}

void
lds_history_run_free (LdsHistoryRun *run)
{
  if (run == NULL)
    return;
  g_free (run->lane);
  g_free (run->workload);
  g_free (run->purpose);
  g_free (run);
}

const char *
lds_history_state_to_string (LdsHistoryState state)
{
  static const char *const names[] = {
      [LDS_HISTORY_COMPLETE] = "complete",
      [LDS_HISTORY_RUNNING] = "running",
      [LDS_HISTORY_INTERRUPTED] = "interrupted",
  };

  return names[state];
}

/* --- The statement --------------------------------------------------------------------------- */

/* Only conditions that are asked for are in the statement, so that an index can serve it; what they
 * compare with is bound by name. */
static void
add_run_conditions (GString *sql,
                    const LdsHistoryFilter *filter)
{
  if (filter->lane != NULL)
    g_string_append (sql, " AND r.lane = :lane");
  if (filter->workload != NULL)
    g_string_append (sql, " AND r.workload = :workload");
  if (filter->purpose != NULL)
    g_string_append (sql, " AND r.purpose = :purpose");
  if (filter->only_valid)
    g_string_append (sql, " AND r.valid = 1");
  if (filter->min_throughput_hz > 0)
    g_string_append (sql, " AND r.throughput_hz >= :throughput");
  if (filter->max_p99_ns > 0)
    g_string_append (sql, " AND r.p99_ns <= :p99");
}

/* The text in which words are looked for. */
#define SEARCHED                                                                                   \
  "s.title || ' ' || s.lanes || ' ' || s.workloads || ' ' || s.kind || ' ' || s.machine || ' ' ||" \
  " (SELECT ifnull (group_concat (tag, ' '), '') FROM session_tag WHERE session_id = s.id)"

static void
add_session_conditions (GString *sql,
                        const LdsHistoryFilter *filter,
                        guint n_words)
{
  g_string_append_printf (sql, " AND s.deleted_at_us IS %sNULL", filter->deleted ? "NOT " : "");
  if (filter->tag != NULL)
    g_string_append (sql, " AND s.id IN (SELECT session_id FROM session_tag WHERE tag = :tag)");
  for (guint i = 0; i < n_words; i++)
    g_string_append_printf (sql, " AND instr (fold (" SEARCHED "), :word%u) > 0", i);
}

static void
add_end (GString *sql,
         const LdsHistoryFilter *filter,
         char table)
{
  if (filter->since_us > 0)
    g_string_append_printf (sql, " AND %c.started_at_us >= :since", table);
  if (filter->until_us > 0)
    g_string_append_printf (sql, " AND %c.started_at_us < :until", table);
  g_string_append_printf (sql, " ORDER BY %c.started_at_us DESC, %c.id DESC", table, table);
  if (filter->limit > 0)
    g_string_append (sql, " LIMIT :limit");
}

static gboolean
has_run_conditions (const LdsHistoryFilter *filter)
{
  return filter->lane != NULL || filter->workload != NULL || filter->purpose != NULL ||
         filter->only_valid || filter->min_throughput_hz > 0 || filter->max_p99_ns > 0;
}

/* Binds what the statement has a name for. */
static void
bind_values (sqlite3_stmt *statement,
             const LdsHistoryFilter *filter,
             GStrv words)
{
  const struct
  {
    const char *name;
    const char *text;
  } texts[] = {{":lane", filter->lane},
               {":workload", filter->workload},
               {":purpose", filter->purpose},
               {":tag", filter->tag}};
  const struct
  {
    const char *name;
    gint64 number;
  } numbers[] = {{":since", filter->since_us}, {":until", filter->until_us}, {":limit", filter->limit}};
  int index;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if ((index = sqlite3_bind_parameter_index (statement, texts[i].name)) > 0)
      sqlite3_bind_text (statement, index, texts[i].text, -1, SQLITE_TRANSIENT);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if ((index = sqlite3_bind_parameter_index (statement, numbers[i].name)) > 0)
      sqlite3_bind_int64 (statement, index, numbers[i].number);
  if ((index = sqlite3_bind_parameter_index (statement, ":throughput")) > 0)
    sqlite3_bind_double (statement, index, filter->min_throughput_hz);
  if ((index = sqlite3_bind_parameter_index (statement, ":p99")) > 0)
    sqlite3_bind_double (statement, index, filter->max_p99_ns);
  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *name = g_strdup_printf (":word%u", i);

      sqlite3_bind_text (statement, sqlite3_bind_parameter_index (statement, name), words[i], -1,
                         SQLITE_TRANSIENT);
    }
}

/* Returns: (transfer full): the words of @text as they are compared */
static GStrv
split_words (const char *text)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *folded = lds_history_fold (text != NULL ? text : "");
  g_auto (GStrv) words = g_strsplit_set (folded, " \t\n", -1);

  for (guint i = 0, n = 0; words[i] != NULL && n < MAX_WORDS; i++)
    if (*words[i] != '\0')
      {
        g_strv_builder_add (builder, words[i]);
        n++;
      }
  return g_strv_builder_end (builder);
}

static sqlite3_stmt *
prepare (LdsHistory *self,
         const char *sql,
         const LdsHistoryFilter *filter,
         GStrv words,
         GError **error)
{
  sqlite3_stmt *statement = lds_history_query (self, error, sql, "");

  if (statement != NULL)
    bind_values (statement, filter, words);
  return statement;
}

/* Those of the purposes that lds_purpose_is_search() names. */
#define SEARCH_RUNS "FROM run WHERE session_id = s.id AND purpose IN ('probe', 'knee')"

/* What read_session() reads. */
#define SESSION_COLUMNS                                                                       \
  "s.id, s.kind, s.title, s.lanes, s.workloads, s.started_at_us, s.finished_at_us,"           \
  " s.deleted_at_us, s.n_planned, (SELECT count (*) FROM run WHERE session_id = s.id),"       \
  " (SELECT count (*) FROM run WHERE session_id = s.id AND valid = 1),"                       \
  " (SELECT count (*) " SEARCH_RUNS "), (SELECT count (*) " SEARCH_RUNS " AND valid = 1),"    \
  " EXISTS (SELECT 1 FROM run WHERE session_id = s.id AND purpose <> 'compare'), s.complete," \
  " s.owner, (SELECT group_concat (tag, char (10)) FROM"                                      \
  " (SELECT tag FROM session_tag WHERE session_id = s.id ORDER BY tag))"

sqlite3_stmt *
lds_history_prepare_sessions (LdsHistory *self,
                              const LdsHistoryFilter *filter,
                              GError **error)
{
  g_auto (GStrv) words = split_words (filter->text);
  g_autoptr (GString) sql = g_string_new ("SELECT " SESSION_COLUMNS " FROM session AS s WHERE 1");

  add_session_conditions (sql, filter, g_strv_length (words));
  if (has_run_conditions (filter))
    {
      g_string_append (sql, " AND s.id IN (SELECT r.session_id FROM run AS r WHERE 1");
      add_run_conditions (sql, filter);
      g_string_append_c (sql, ')');
    }
  add_end (sql, filter, 's');
  return prepare (self, sql->str, filter, words, error);
}

sqlite3_stmt *
lds_history_prepare_runs (LdsHistory *self,
                          const LdsHistoryFilter *filter,
                          GError **error)
{
  g_auto (GStrv) words = split_words (filter->text);
  /* Of the session only what the run's number finds: the run's own index leads. */
  g_autoptr (GString) sql = g_string_new (
      "SELECT r.session_id, r.lane, r.workload, r.repeat, r.connections, r.rate_hz, r.started_at_us,"
      " r.valid, r.requests, r.errors, r.throughput_hz, r.p50_ns, r.p99_ns, r.purpose"
      " FROM run AS r CROSS JOIN session AS s ON s.id = r.session_id WHERE 1");

  add_session_conditions (sql, filter, g_strv_length (words));
  add_run_conditions (sql, filter);
  add_end (sql, filter, 'r');
  return prepare (self, sql->str, filter, words, error);
}

/* --- The rows -------------------------------------------------------------------------------- */

static LdsHistorySession *
read_session (sqlite3_stmt *row)
{
  LdsHistorySession *session = g_new0 (LdsHistorySession, 1);
  g_autofree char *owner = lds_history_dup_text (row, 15);
  g_autofree char *tags = lds_history_dup_text (row, 16);

  session->id = sqlite3_column_int64 (row, 0);
  session->kind = lds_history_dup_line (row, 1);
  session->title = lds_history_dup_line (row, 2);
  session->lanes = lds_history_dup_line (row, 3);
  session->workloads = lds_history_dup_line (row, 4);
  session->started_at_us = sqlite3_column_int64 (row, 5);
  session->finished_at_us = sqlite3_column_int64 (row, 6);
  session->deleted_at_us = sqlite3_column_int64 (row, 7);
  session->n_planned = (guint)sqlite3_column_int (row, 8);
  session->n_runs = (guint)sqlite3_column_int (row, 9);
  session->n_valid = (guint)sqlite3_column_int (row, 10);
  session->n_search = (guint)sqlite3_column_int (row, 11);
  session->n_search_valid = (guint)sqlite3_column_int (row, 12);
  session->is_adaptive = sqlite3_column_int (row, 13) != 0;
  session->state = sqlite3_column_int (row, 14) != 0    ? LDS_HISTORY_COMPLETE
                   : lds_history_owner_is_alive (owner) ? LDS_HISTORY_RUNNING
                                                        : LDS_HISTORY_INTERRUPTED;
  session->tags = g_strsplit (tags != NULL ? tags : "", "\n", -1);
  return session;
}

static LdsHistoryRun *
read_run (sqlite3_stmt *row)
{
  LdsHistoryRun *run = g_new0 (LdsHistoryRun, 1);

  run->session_id = sqlite3_column_int64 (row, 0);
  run->lane = lds_history_dup_line (row, 1);
  run->workload = lds_history_dup_line (row, 2);
  run->repeat = (guint)sqlite3_column_int (row, 3);
  run->connections = (guint)sqlite3_column_int (row, 4);
  run->rate_hz = sqlite3_column_double (row, 5);
  run->started_at_us = sqlite3_column_int64 (row, 6);
  run->valid = sqlite3_column_int (row, 7) != 0;
  run->requests = (guint64)sqlite3_column_int64 (row, 8);
  run->errors = (guint64)sqlite3_column_int64 (row, 9);
  run->throughput_hz = lds_history_get_double (row, 10);
  run->p50_ns = lds_history_get_double (row, 11);
  run->p99_ns = lds_history_get_double (row, 12);
  run->purpose = lds_history_dup_line (row, 13);
  return run;
}

GPtrArray *
lds_history_list_sessions (LdsHistory *self,
                           const LdsHistoryFilter *filter,
                           GError **error)
{
  g_autoptr (GPtrArray) sessions = NULL;
  g_autoptr (sqlite3_stmt) statement = NULL;
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (self != NULL && filter != NULL, NULL);

  statement = lds_history_prepare_sessions (self, filter, error);
  if (statement == NULL)
    return NULL;
  sessions = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_history_session_free);
  while (lds_history_step (self, statement, &local))
    g_ptr_array_add (sessions, read_session (statement));
  if (local == NULL)
    return g_steal_pointer (&sessions);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

GPtrArray *
lds_history_list_runs (LdsHistory *self,
                       const LdsHistoryFilter *filter,
                       GError **error)
{
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (sqlite3_stmt) statement = NULL;
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (self != NULL && filter != NULL, NULL);

  statement = lds_history_prepare_runs (self, filter, error);
  if (statement == NULL)
    return NULL;
  runs = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_history_run_free);
  while (lds_history_step (self, statement, &local))
    g_ptr_array_add (runs, read_run (statement));
  if (local == NULL)
    return g_steal_pointer (&runs);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

LdsHistorySession *
lds_history_find_session (LdsHistory *self,
                          gint64 id,
                          GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (sqlite3_stmt) statement = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  statement = lds_history_query (self, error,
                                 "SELECT " SESSION_COLUMNS " FROM session AS s"
                                 " WHERE s.id = ?1 AND s.deleted_at_us IS NULL",
                                 "i", id);
  if (statement == NULL)
    return NULL;
  if (lds_history_step (self, statement, &local))
    return read_session (statement);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    lds_history_set_no_session (id, error);
  return NULL;
}

gint64
lds_history_find_last (LdsHistory *self,
                       GError **error)
{
  const LdsHistoryFilter filter = {.limit = 1};
  g_autoptr (GPtrArray) sessions = lds_history_list_sessions (self, &filter, error);

  if (sessions == NULL)
    return 0;
  if (sessions->len > 0)
    return ((const LdsHistorySession *)sessions->pdata[0])->id;
  lds_error_refuse (error, _ ("The history is empty: “loadstone-cli bench” measures something."));
  return 0;
}

gboolean
lds_history_set_no_session (gint64 id,
                            GError **error)
{
  return lds_error_refuse (error, _ ("There is no session %" PRId64 " in the history; “loadstone-cli history list” shows those that are."), id);
}
