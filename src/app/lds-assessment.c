/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One assessment: the answers, the verdict that follows from them, and what was measured. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-assessment.h"

#include <glib/gi18n.h>

#include "lds-claim-grades.h"
#include "lds-error.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-proposal.h"

#define FORMAT_NAME    "loadstone-assessment"
#define FORMAT_VERSION 1
#define SAVE_DELAY_MS  500
/* As many lanes as a plan may have. */
#define MAX_SERVERS 64

/* A lean says nothing before the weightiest third of the questions is answered. */
#define LEAN_COMPLETENESS 0.3

struct _LdsAssessment
{
  GObject parent_instance;

  LdsRulePack *pack;
  LdsAnswers *answers;
  LdsVerdict *verdict;   /* NULL when out of date */
  LdsFindings *findings; /* likewise */
  GPtrArray *servers;    /* (element-type LdsLane), not owned */
  LdsSession *session;
  LdsEvidence evidence;     /* what the session is worth */
  LdsClaimEvidence *claims; /* (nullable): what the user tested of the articles' claims */
  LdsGrades *grades;        /* (nullable): what follows of that */
  LdsReport *report;        /* (nullable): what it was opened from, or the last one made; NULL when out of date */
  char *path;
  guint notify_id;
  guint save_id;
  guint dirty : 1;
  guint report_is_made : 1; /* not what it was opened from */
};

enum
{
  VERDICT_CHANGED,
  SESSION_CHANGED,
  SERVERS_CHANGED,
  FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsAssessment, lds_assessment, G_TYPE_OBJECT)

static gboolean
save_cb (gpointer user_data)
{
  LdsAssessment *self = user_data;
  g_autoptr (GError) error = NULL;

  self->save_id = 0;
  if (!lds_assessment_flush (self, &error))
    g_signal_emit (self, signals[FAILED], 0, error->message);
  return G_SOURCE_REMOVE;
}

static void
mark_dirty (LdsAssessment *self)
{
  self->dirty = TRUE;
  if (self->path != NULL && self->save_id == 0)
    self->save_id = g_timeout_add (SAVE_DELAY_MS, save_cb, self);
}

static gboolean
notify_cb (gpointer user_data)
{
  LdsAssessment *self = user_data;

  self->notify_id = 0;
  g_signal_emit (self, signals[VERDICT_CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
invalidate_verdict (LdsAssessment *self)
{
  g_clear_pointer (&self->verdict, lds_verdict_unref);
  g_clear_pointer (&self->findings, lds_findings_free);
  g_clear_pointer (&self->report, lds_report_unref);
  if (self->notify_id == 0)
    self->notify_id = g_idle_add (notify_cb, self);
  mark_dirty (self);
}

static void
answers_changed_cb (LdsAssessment *self,
                    const char *question,
                    LdsAnswers *answers)
{
  invalidate_verdict (self);
}

static void
set_answers (LdsAssessment *self,
             LdsAnswers *answers)
{
  if (self->answers != NULL)
    g_signal_handlers_disconnect_by_data (self->answers, self);
  g_set_object (&self->answers, answers);
  g_clear_pointer (&self->findings, lds_findings_free);
  g_signal_connect_object (answers, "changed", G_CALLBACK (answers_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
set_session (LdsAssessment *self,
             LdsSession *session)
{
  g_clear_pointer (&self->findings, lds_findings_free);
  if (session != self->session)
    g_clear_pointer (&self->session, lds_session_free);
  self->session = session;
  self->evidence = session != NULL ? lds_proposal_evidence (session) : LDS_EVIDENCE_NONE;
}

static void
lds_assessment_dispose (GObject *object)
{
  LdsAssessment *self = LDS_ASSESSMENT (object);

  g_clear_handle_id (&self->notify_id, g_source_remove);
  g_clear_handle_id (&self->save_id, g_source_remove);
  g_clear_object (&self->answers);
  g_clear_pointer (&self->verdict, lds_verdict_unref);
  g_clear_pointer (&self->findings, lds_findings_free);
  g_clear_pointer (&self->servers, g_ptr_array_unref);
  g_clear_pointer (&self->session, lds_session_free);
  g_clear_pointer (&self->claims, lds_claim_evidence_free);
  g_clear_pointer (&self->grades, lds_grades_free);
  g_clear_pointer (&self->report, lds_report_unref);
  g_clear_pointer (&self->path, g_free);
  G_OBJECT_CLASS (lds_assessment_parent_class)->dispose (object);
}

static void
lds_assessment_class_init (LdsAssessmentClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lds_assessment_dispose;

  signals[VERDICT_CHANGED] = g_signal_new ("verdict-changed", G_TYPE_FROM_CLASS (klass),
                                           G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SESSION_CHANGED] = g_signal_new ("session-changed", G_TYPE_FROM_CLASS (klass),
                                           G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SERVERS_CHANGED] = g_signal_new ("servers-changed", G_TYPE_FROM_CLASS (klass),
                                           G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
lds_assessment_init (LdsAssessment *self)
{
  self->pack = lds_rule_pack_get_default ();
  self->servers = g_ptr_array_new ();
}

LdsAssessment *
lds_assessment_new (void)
{
  LdsAssessment *self = g_object_new (LDS_TYPE_ASSESSMENT, NULL);
  g_autoptr (LdsAnswers) answers = lds_answers_new (self->pack);

  set_answers (self, answers);
  return self;
}

static gboolean
read_servers (LdsAssessment *self,
              JsonArray *array,
              GError **error)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      const char *id = "";
      const LdsLane *lane;

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        id = json_node_get_string (node);
      if (i >= MAX_SERVERS || !g_str_has_prefix (id, "url:"))
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       /* Translators: a number */
                       _ ("“servers” must be a list of at most %d addresses such as “url:http://127.0.0.1:8080”."), MAX_SERVERS);
          return FALSE;
        }
      lane = lds_lane_find (id, error);
      if (lane == NULL)
        return FALSE;
      if (!g_ptr_array_find (self->servers, lane, NULL))
        g_ptr_array_add (self->servers, (gpointer)lane);
    }
  return TRUE;
}

/* What this program keeps: FORMAT_NAME. */
static gboolean
read_assessment (LdsAssessment *self,
                 JsonObject *object,
                 LdsAnswers **answers,
                 GError **error)
{
  g_autoptr (JsonObject) bare = json_object_new ();
  g_autoptr (GError) local_error = NULL;
  gint64 version = lds_json_get_int (object, "version", 0, &local_error);
  JsonObject *session = lds_json_get_object (object, "session", &local_error);
  JsonArray *servers = lds_json_get_array (object, "servers", &local_error);

  if (local_error == NULL && version > FORMAT_VERSION)
    g_set_error_literal (&local_error, LDS_ERROR, LDS_ERROR_INPUT,
                         _ ("It was written by a newer Loadstone. Update Loadstone to open it."));
  if (local_error == NULL)
    {
      if (json_object_has_member (object, "answers"))
        json_object_set_member (bare, "answers", json_node_copy (json_object_get_member (object, "answers")));
      *answers = lds_answers_from_json (self->pack, bare, &local_error);
    }
  if (local_error == NULL && read_servers (self, servers, &local_error) && session != NULL)
    set_session (self, lds_session_from_json (session, &local_error));
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* A report says of each question what state its answer is in. */
static gboolean
read_report_answers (LdsAssessment *self,
                     JsonArray *array,
                     LdsAnswers *answers,
                     GError **error)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *answer = json_array_get_object_element (array, i);
      const char *id = lds_json_get_string (answer, "id", "", NULL);
      const char *state = lds_json_get_string (answer, "state", "missing", NULL);
      gboolean ok = TRUE;

      if (g_str_equal (state, "given"))
        ok = lds_answers_set (answers, id, lds_json_get_string (answer, "value", NULL, NULL), error);
      else if (g_str_equal (state, "unknown"))
        ok = lds_answers_set (answers, id, "unknown", error);
      else if (g_str_equal (state, "not-applicable"))
        ok = lds_answers_set_not_applicable (
            answers, id, lds_json_get_string (answer, "reason", "", NULL), error);
      if (!ok)
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_report (LdsAssessment *self,
             JsonObject *object,
             LdsAnswers **answers,
             GError **error)
{
  g_autoptr (LdsReport) report = lds_report_from_json (object, error);
  JsonObject *session;

  /* What passed the report's own reader has the right shape. */
  if (report == NULL)
    return FALSE;
  *answers = lds_answers_new (self->pack);
  if (!read_report_answers (self, lds_json_get_array (object, "answers", NULL), *answers, error))
    return FALSE;
  session = lds_json_get_object (object, "session", NULL);
  if (session != NULL)
    set_session (self, lds_session_from_json (session, error));
  if (session != NULL && self->session == NULL)
    return FALSE;
  self->report = g_steal_pointer (&report);
  return TRUE;
}

LdsAssessment *
lds_assessment_new_from_file (const char *path,
                              GError **error)
{
  g_autoptr (LdsAssessment) self = g_object_new (LDS_TYPE_ASSESSMENT, NULL);
  g_autoptr (LdsAnswers) answers = NULL;
  g_autoptr (JsonNode) root = lds_json_read (path, LDS_FILE_MAX_REPORT_BYTES, error);
  g_autoptr (GError) local_error = NULL;
  JsonObject *object;

  if (root == NULL)
    return NULL;
  object = json_node_get_object (root);
  if (g_strcmp0 (lds_json_get_string (object, "format", NULL, NULL), FORMAT_NAME) == 0)
    read_assessment (self, object, &answers, &local_error);
  else if (json_object_has_member (object, "schema_version"))
    read_report (self, object, &answers, &local_error);
  else if (json_object_has_member (object, "answers"))
    answers = lds_answers_from_json (self->pack, object, &local_error);
  else
    g_set_error_literal (&local_error, LDS_ERROR, LDS_ERROR_INPUT,
                         _ ("It is neither a report nor answers of Loadstone. Choose another file."));
  if (local_error != NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "%s: ", path);
      return NULL;
    }
  set_answers (self, answers);
  return g_steal_pointer (&self);
}

char *
lds_assessment_dup_default_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "loadstone", "assessment.json", NULL);
}

void
lds_assessment_keep (LdsAssessment *self,
                     const char *path)
{
  g_return_if_fail (LDS_IS_ASSESSMENT (self));
  g_return_if_fail (path != NULL);

  g_free (self->path);
  self->path = g_strdup (path);
}

gboolean
lds_assessment_flush (LdsAssessment *self,
                      GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  g_autofree char *folder = NULL;

  g_return_val_if_fail (LDS_IS_ASSESSMENT (self), FALSE);

  g_clear_handle_id (&self->save_id, g_source_remove);
  if (!self->dirty || self->path == NULL)
    return TRUE;
  /* Whatever comes of it: the same failure is not reported again before the next change. */
  self->dirty = FALSE;
  folder = g_path_get_dirname (self->path);
  if (!lds_file_ensure_directory (folder, error))
    return FALSE;
  node = lds_assessment_to_json (self);
  text = lds_json_to_text (node, TRUE);
  return lds_file_write (self->path, text, strlen (text), error);
}

void
lds_assessment_clear (LdsAssessment *self)
{
  g_autoptr (LdsAnswers) answers = NULL;

  g_return_if_fail (LDS_IS_ASSESSMENT (self));

  answers = lds_answers_new (self->pack);
  set_answers (self, answers);
  g_ptr_array_set_size (self->servers, 0);
  g_signal_emit (self, signals[SERVERS_CHANGED], 0);
  lds_assessment_take_session (self, NULL);
}

LdsRulePack *
lds_assessment_get_pack (LdsAssessment *self)
{
  g_return_val_if_fail (LDS_IS_ASSESSMENT (self), NULL);
  return self->pack;
}

LdsAnswers *
lds_assessment_get_answers (LdsAssessment *self)
{
  g_return_val_if_fail (LDS_IS_ASSESSMENT (self), NULL);
  return self->answers;
}

const LdsVerdict *
lds_assessment_get_verdict (LdsAssessment *self)
{
  g_return_val_if_fail (LDS_IS_ASSESSMENT (self), NULL);

  if (self->verdict == NULL)
    self->verdict = lds_findings_advise (lds_assessment_get_findings (self), self->answers,
                                         self->evidence, self->grades);
  return self->verdict;
}

const LdsFindings *
lds_assessment_get_findings (LdsAssessment *self)
{
  g_return_val_if_fail (LDS_IS_ASSESSMENT (self), NULL);

  if (self->findings == NULL)
    self->findings = lds_findings_new (self->answers, self->session);
  return self->findings;
}

gboolean
lds_assessment_may_lean (LdsAssessment *self)
{
  const LdsVerdict *verdict = lds_assessment_get_verdict (self);

  return verdict->band != LDS_BAND_TOO_CLOSE && verdict->completeness >= LEAN_COMPLETENESS;
}

guint
lds_assessment_count_answered (LdsAssessment *self)
{
  GPtrArray *questions;
  guint n = 0;

  g_return_val_if_fail (LDS_IS_ASSESSMENT (self), 0);

  questions = lds_rule_pack_get_questions (self->pack);
  for (guint i = 0; i < questions->len; i++)
    {
      const LdsQuestion *question = questions->pdata[i];

      n += lds_answers_get (self->answers, question->id) != NULL ||
           lds_answers_get_not_applicable (self->answers, question->id) != NULL;
    }
  return n;
}

GPtrArray *
lds_assessment_get_servers (LdsAssessment *self)
{
  g_return_val_if_fail (LDS_IS_ASSESSMENT (self), NULL);
  return self->servers;
}

void
lds_assessment_add_server (LdsAssessment *self,
                           const LdsLane *lane)
{
  g_return_if_fail (LDS_IS_ASSESSMENT (self));
  g_return_if_fail (lane != NULL && lane->address != NULL);

  if (self->servers->len >= MAX_SERVERS || g_ptr_array_find (self->servers, lane, NULL))
    return;
  g_ptr_array_add (self->servers, (gpointer)lane);
  mark_dirty (self);
  g_signal_emit (self, signals[SERVERS_CHANGED], 0);
}

void
lds_assessment_remove_server (LdsAssessment *self,
                              const LdsLane *lane)
{
  g_return_if_fail (LDS_IS_ASSESSMENT (self));

  if (!g_ptr_array_remove (self->servers, (gpointer)lane))
    return;
  mark_dirty (self);
  g_signal_emit (self, signals[SERVERS_CHANGED], 0);
}

const LdsSession *
lds_assessment_get_session (LdsAssessment *self)
{
  g_return_val_if_fail (LDS_IS_ASSESSMENT (self), NULL);
  return self->session;
}

guint
lds_assessment_count_refused (LdsAssessment *self)
{
  g_return_val_if_fail (LDS_IS_ASSESSMENT (self), 0);

  return self->session != NULL ? lds_session_count_refused (self->session) : 0;
}

void
lds_assessment_take_session (LdsAssessment *self,
                             LdsSession *session)
{
  g_return_if_fail (LDS_IS_ASSESSMENT (self));

  set_session (self, session);
  invalidate_verdict (self);
  g_signal_emit (self, signals[SESSION_CHANGED], 0);
}

LdsVerdict *
lds_assessment_dup_prior (LdsAssessment *self)
{
  LdsAdviceOptions options = {0};

  g_return_val_if_fail (LDS_IS_ASSESSMENT (self), NULL);

  options.grades = self->grades;
  return lds_advise_with (self->answers, &options, NULL);
}

void
lds_assessment_take_claims (LdsAssessment *self,
                            LdsClaimEvidence *claims)
{
  g_return_if_fail (LDS_IS_ASSESSMENT (self));

  lds_claim_evidence_free (self->claims);
  self->claims = claims;
  g_clear_pointer (&self->grades, lds_grades_free);
  self->grades = lds_claim_grades_new (claims);
  g_clear_pointer (&self->verdict, lds_verdict_unref);
  if (self->report_is_made)
    g_clear_pointer (&self->report, lds_report_unref);
  if (self->notify_id == 0)
    self->notify_id = g_idle_add (notify_cb, self);
}

LdsReport *
lds_assessment_dup_report (LdsAssessment *self)
{
  g_return_val_if_fail (LDS_IS_ASSESSMENT (self), NULL);

  if (self->report == NULL)
    {
      const LdsVerdict *verdict = lds_assessment_get_verdict (self);
      g_autoptr (LdsVerdict) prior = lds_assessment_dup_prior (self);
      gboolean moved = self->session != NULL && verdict->evidence != LDS_EVIDENCE_NONE;

      self->report = lds_report_new (NULL, self->answers, prior, moved ? verdict : NULL,
                                     self->session, self->claims, g_get_real_time ());
      self->report_is_made = TRUE;
    }
  return lds_report_ref (self->report);
}

JsonNode *
lds_assessment_to_json (LdsAssessment *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();

  g_return_val_if_fail (LDS_IS_ASSESSMENT (self), node);

  json_object_set_string_member (object, "format", FORMAT_NAME);
  json_object_set_int_member (object, "version", FORMAT_VERSION);
  json_object_set_member (object, "answers", lds_answers_to_json (self->answers));
  if (self->servers->len > 0)
    {
      JsonArray *servers = json_array_new ();

      for (guint i = 0; i < self->servers->len; i++)
        json_array_add_string_element (servers, ((const LdsLane *)self->servers->pdata[i])->id);
      json_object_set_array_member (object, "servers", servers);
    }
  if (self->session != NULL)
    json_object_set_member (object, "session", lds_session_to_json (self->session));
  json_node_set_object (node, object);
  return node;
}
