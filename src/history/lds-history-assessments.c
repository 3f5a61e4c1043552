/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Named assessments and their milestones. */
#define G_LOG_DOMAIN "lds-history"

#include "config.h"
#include "lds-history-assessments.h"

#include <glib/gi18n-lib.h>

#include "lds-error.h"
#include "lds-history-edit.h"
#include "lds-history-list.h"
#include "lds-history-record.h"
#include "lds-history-sql.h"
#include "lds-json.h"

/* --- Lists ----------------------------------------------------------------------------------- */

static void
milestone_free (LdsHistoryMilestone *milestone)
{
  g_free (milestone->name);
  g_free (milestone);
}

static void
assessment_free (LdsHistoryAssessment *assessment)
{
  g_free (assessment->name);
  g_ptr_array_unref (assessment->milestones);
  g_free (assessment);
}

GPtrArray *
lds_history_list_assessments (LdsHistory *self,
                              GError **error)
{
  g_autoptr (GPtrArray) assessments = NULL;
  g_autoptr (sqlite3_stmt) statement = NULL;
  g_autoptr (GError) local = NULL;
  LdsHistoryAssessment *last = NULL;
  gint64 last_id = 0;

  g_return_val_if_fail (self != NULL, NULL);

  statement = lds_history_query (self, error,
                                 "SELECT a.id, a.name, a.created_at_us, m.name, m.created_at_us"
                                 " FROM assessment AS a LEFT JOIN milestone AS m ON m.assessment_id = a.id"
                                 " WHERE a.deleted_at_us IS NULL ORDER BY a.name, a.id, m.id",
                                 "");
  if (statement == NULL)
    return NULL;
  assessments = g_ptr_array_new_with_free_func ((GDestroyNotify)assessment_free);
  while (lds_history_step (self, statement, &local))
    {
      if (last == NULL || sqlite3_column_int64 (statement, 0) != last_id)
        {
          last = g_new0 (LdsHistoryAssessment, 1);
          last->name = lds_history_dup_line (statement, 1);
          last->created_at_us = sqlite3_column_int64 (statement, 2);
          last->milestones = g_ptr_array_new_with_free_func ((GDestroyNotify)milestone_free);
          last_id = sqlite3_column_int64 (statement, 0);
          g_ptr_array_add (assessments, last);
        }
      if (sqlite3_column_type (statement, 3) != SQLITE_NULL)
        {
          LdsHistoryMilestone *milestone = g_new0 (LdsHistoryMilestone, 1);

          milestone->name = lds_history_dup_line (statement, 3);
          milestone->created_at_us = sqlite3_column_int64 (statement, 4);
          g_ptr_array_add (last->milestones, milestone);
        }
    }
  if (local == NULL)
    return g_steal_pointer (&assessments);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* --- Milestones ------------------------------------------------------------------------------ */

/* Adds to @builder what a milestone keeps of a session: all but the runs. */
static gboolean
add_session (LdsHistory *self,
             JsonBuilder *builder,
             gint64 id,
             GError **error)
{
  /* The last four only where there are some. */
  static const char *const kept[] = {"plan", "environment", "complete", "warnings", "summary",
                                     "self_test", "knees", "scaling", "capacity"};
  g_autoptr (LdsHistorySession) row = lds_history_find_session (self, id, error);
  g_autoptr (LdsSession) session = row != NULL ? lds_history_load_session (self, id, error) : NULL;
  g_autoptr (JsonNode) node = session != NULL ? lds_session_to_json (session) : NULL;

  if (node == NULL)
    return FALSE;
  json_builder_begin_object (builder);
  lds_json_add_int (builder, "id", id);
  lds_json_add_string (builder, "title", row->title);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      JsonNode *member = json_object_get_member (json_node_get_object (node), kept[i]);

      if (member == NULL)
        continue;
      json_builder_set_member_name (builder, kept[i]);
      json_builder_add_value (builder, json_node_copy (member));
    }
  json_builder_end_object (builder);
  return TRUE;
}

static void
add_object (JsonBuilder *builder,
            const char *member,
            JsonObject *object)
{
  json_builder_set_member_name (builder, member);
  if (object != NULL)
    json_builder_add_value (builder, json_node_init_object (json_node_alloc (), object));
  else
    json_builder_add_null_value (builder);
}

static JsonNode *
make_document (LdsHistory *self,
               JsonObject *answers,
               JsonObject *verdict,
               const gint64 *ids,
               guint n_ids,
               GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_object (builder, "answers", answers);
  add_object (builder, "verdict", verdict);
  json_builder_set_member_name (builder, "sessions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n_ids; i++)
    if (!add_session (self, builder, ids[i], error))
      return NULL;
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* Returns the assessment's number, 0 when there is none or with an error. */
static gint64
find_assessment (LdsHistory *self,
                 const char *name,
                 GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      lds_history_query (self, error,
                         "SELECT id FROM assessment WHERE name = ?1 AND deleted_at_us IS NULL",
                         "t", name);

  if (statement == NULL || !lds_history_step (self, statement, error))
    return 0;
  return sqlite3_column_int64 (statement, 0);
}

/* In a transaction. */
static gboolean
insert_milestone (LdsHistory *self,
                  const char *assessment,
                  const char *name,
                  const char *document,
                  GError **error)
{
  g_autoptr (GError) local = NULL;
  gint64 now_us = g_get_real_time (), id = find_assessment (self, assessment, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (id == 0)
    {
      if (!lds_history_execute (self, error,
                                "INSERT INTO assessment (name, created_at_us) VALUES (?1, ?2)",
                                "ti", assessment, now_us))
        return FALSE;
      id = sqlite3_last_insert_rowid (self->db);
    }
  if (!lds_history_execute (self, error,
                            "INSERT INTO milestone (assessment_id, name, created_at_us, document)"
                            " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (assessment_id, name) DO NOTHING",
                            "itit", id, name, now_us, document))
    return FALSE;
  return sqlite3_changes (self->db) > 0 ||
         lds_error_refuse (error, _ ("“%s” has a milestone “%s” already, and a milestone is never changed; take another name."),
                           assessment, name);
}

gboolean
lds_history_add_milestone (LdsHistory *self,
                           const char *assessment,
                           const char *name,
                           JsonObject *answers,
                           JsonObject *verdict,
                           const gint64 *ids,
                           guint n_ids,
                           GError **error)
{
  g_autofree char *assessment_name = NULL, *milestone_name = NULL, *text = NULL;
  g_autoptr (JsonNode) document = NULL;

  g_return_val_if_fail (self != NULL && (ids != NULL || n_ids == 0), FALSE);

  assessment_name = lds_history_dup_name (_ ("The assessment's name"), assessment, error);
  if (assessment_name != NULL)
    milestone_name = lds_history_dup_name (_ ("The milestone's name"), name, error);
  if (milestone_name != NULL)
    document = make_document (self, answers, verdict, ids, n_ids, error);
  if (document == NULL)
    return FALSE;
  text = lds_json_to_text (document, FALSE);
  return lds_history_begin (self, error) &&
         lds_history_end (
             self, insert_milestone (self, assessment_name, milestone_name, text, error), error);
}

JsonObject *
lds_history_load_milestone (LdsHistory *self,
                            const char *assessment,
                            const char *name,
                            GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) document = NULL;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *when = NULL;
  JsonObject *milestone, *members;

  g_return_val_if_fail (self != NULL && assessment != NULL && name != NULL, NULL);

  statement = lds_history_query (self, error,
                                 "SELECT m.created_at_us, m.document FROM milestone AS m"
                                 " JOIN assessment AS a ON a.id = m.assessment_id"
                                 " WHERE a.name = ?1 AND a.deleted_at_us IS NULL AND m.name = ?2",
                                 "tt", assessment, name);
  if (statement == NULL)
    return NULL;
  if (!lds_history_step (self, statement, &local))
    {
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else
        lds_error_refuse (error, _ ("There is no milestone “%s” of “%s” in the history; “loadstone-cli history assessments” lists those that are."),
                          name, assessment);
      return NULL;
    }
  document = lds_json_parse ((const char *)sqlite3_column_text (statement, 1),
                             (gsize)sqlite3_column_bytes (statement, 1), name, error);
  if (document == NULL)
    return NULL;
  time = g_date_time_new_from_unix_utc (sqlite3_column_int64 (statement, 0) / G_USEC_PER_SEC);
  when = time != NULL ? g_date_time_format_iso8601 (time) : NULL;
  milestone = json_object_new ();
  members = json_node_get_object (document);
  json_object_set_string_member (milestone, "assessment", assessment);
  json_object_set_string_member (milestone, "name", name);
  json_object_set_string_member (milestone, "created_at", when);
  for (guint i = 0; i < 3; i++)
    {
      static const char *const names[] = {"answers", "verdict", "sessions"};
      JsonNode *member = json_object_get_member (members, names[i]);

      if (member != NULL)
        json_object_set_member (milestone, names[i], json_node_copy (member));
    }
  return milestone;
}
