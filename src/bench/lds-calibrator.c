/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of a calibration. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-calibrator.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "lds-cpu-work.h"
#include "lds-environment.h"
#include "lds-error.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-runtime.h"

/* What spends the figures so far, from a file of its own. */
typedef struct
{
  char *folder;
  char *path;
  LdsTwin *twin;
  LdsLane *lane;
} Trial;

struct _LdsCalibrator
{
  const LdsLane *subject;
  JsonObject *environment;
  char *version; /* (nullable): of a runtime */
  double cpu_work_ns;

  LdsCalibration *calibration;
  guint stage;
  GPtrArray *plans; /* (nullable) (element-type LdsPlan): of the stage */
  guint n_taken;    /* of them */
  Trial trial;
  JsonNode *profile; /* (nullable): after a stage */
};

static gboolean
write_profile (JsonNode *profile,
               const char *path,
               GError **error)
{
  g_autofree char *text = lds_json_to_text (profile, TRUE);

  return lds_file_write (path, text, strlen (text), error);
}

static char *
dup_path (const char *folder,
          JsonNode *profile)
{
  g_autofree char *name =
      g_strconcat (json_object_get_string_member (json_node_get_object (profile), "id"), ".json", NULL);

  return g_build_filename (folder, name, NULL);
}

static void
trial_clear (Trial *self)
{
  g_clear_pointer (&self->lane, lds_lane_free_twin);
  g_clear_pointer (&self->twin, lds_twin_free);
  if (self->path != NULL)
    g_unlink (self->path);
  if (self->folder != NULL)
    g_rmdir (self->folder);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->folder, g_free);
}

static gboolean
trial_init (Trial *self,
            JsonNode *profile,
            const char *model_id,
            GError **error)
{
  g_autoptr (GError) local = NULL;

  self->folder = g_dir_make_tmp ("loadstone-XXXXXX", &local);
  if (self->folder == NULL)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED, _ ("Cannot make a temporary folder: %s"), local->message);
      return FALSE;
    }
  self->path = dup_path (self->folder, profile);
  if (!write_profile (profile, self->path, error))
    return FALSE;
  self->twin = lds_twin_load (self->path, error);
  if (self->twin == NULL)
    return FALSE;
  self->lane = lds_lane_new_twin (self->twin, model_id);
  return TRUE;
}

LdsCalibrator *
lds_calibrator_new (const LdsLane *subject,
                    gboolean quick)
{
  LdsCalibrator *self;

  g_return_val_if_fail (subject != NULL && subject->model_id != NULL, NULL);

  self = g_new0 (LdsCalibrator, 1);
  self->subject = subject;
  self->environment = lds_environment_read ();
  self->cpu_work_ns = lds_cpu_work_measure_ns ();
  if (subject->runtime != NULL)
    self->version = lds_runtime_read_version (subject->runtime, NULL);
  self->calibration = lds_calibration_new (subject, quick);
  return self;
}

void
lds_calibrator_free (LdsCalibrator *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->plans, g_ptr_array_unref);
  trial_clear (&self->trial);
  g_clear_pointer (&self->profile, json_node_unref);
  lds_calibration_free (self->calibration);
  json_object_unref (self->environment);
  g_free (self->version);
  g_free (self);
}

gboolean
lds_calibrator_next (LdsCalibrator *self,
                     const LdsPlan **plan,
                     GError **error)
{
  g_return_val_if_fail (self != NULL && plan != NULL, FALSE);

  *plan = NULL;
  if (self->stage == LDS_CALIBRATION_N_STAGES)
    return TRUE;
  if (self->plans == NULL)
    {
      trial_clear (&self->trial);
      if (self->profile != NULL &&
          !trial_init (&self->trial, self->profile, self->subject->model_id, error))
        return FALSE;
      self->plans = lds_calibration_make_plans (self->calibration, (LdsCalibrationStage)self->stage,
                                                self->trial.lane);
      self->n_taken = 0;
    }
  *plan = self->plans->pdata[self->n_taken];
  return TRUE;
}

gboolean
lds_calibrator_take (LdsCalibrator *self,
                     const LdsSession *session,
                     GError **error)
{
  LdsCalibrationStage stage;

  g_return_val_if_fail (self != NULL && session != NULL && self->plans != NULL, FALSE);

  stage = (LdsCalibrationStage)self->stage;
  for (guint i = 0; i < session->runs->len; i++)
    lds_calibration_take (self->calibration, stage, session->runs->pdata[i]);
  if (++self->n_taken < self->plans->len)
    return TRUE;
  if (!lds_calibration_fit (self->calibration, stage, error))
    return FALSE;
  g_clear_pointer (&self->profile, json_node_unref);
  self->profile = lds_calibration_to_json (self->calibration, self->environment, self->version,
                                           self->cpu_work_ns);
  g_clear_pointer (&self->plans, g_ptr_array_unref);
  self->stage++;
  return TRUE;
}

guint
lds_calibrator_get_stage (const LdsCalibrator *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->stage;
}

gint64
lds_calibrator_get_left_ms (const LdsCalibrator *self)
{
  const LdsLane *model;
  gint64 left_ms = 0;

  g_return_val_if_fail (self != NULL, 0);

  /* A twin takes as long as its model does. */
  model = lds_lane_find (self->subject->model_id, NULL);
  for (guint stage = self->stage; stage < LDS_CALIBRATION_N_STAGES; stage++)
    {
      g_autoptr (GPtrArray) plans =
          lds_calibration_make_plans (self->calibration, (LdsCalibrationStage)stage,
                                      stage == LDS_CALIBRATION_FIT ? NULL : model);
      gboolean begun = stage == self->stage && self->plans != NULL;

      for (guint i = begun ? self->n_taken : 0; i < plans->len; i++)
        left_ms += lds_plan_estimate_ms (plans->pdata[i]);
    }
  return left_ms;
}

JsonNode *
lds_calibrator_get_profile (const LdsCalibrator *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->stage == LDS_CALIBRATION_N_STAGES ? self->profile : NULL;
}

char *
lds_calibrator_save (const LdsCalibrator *self,
                     const char *folder,
                     GError **error)
{
  JsonNode *profile = lds_calibrator_get_profile (self);
  g_autofree char *path = NULL;

  g_return_val_if_fail (profile != NULL && folder != NULL, NULL);

  path = dup_path (folder, profile);
  if (!lds_file_ensure_directory (folder, error) || !write_profile (profile, path, error))
    return NULL;
  return g_steal_pointer (&path);
}
