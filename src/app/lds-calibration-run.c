/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calibration of one runtime as a window sees it. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-calibration-run.h"

#include "lds-clock.h"

struct _LdsCalibrationRun
{
  GObject parent_instance;

  const LdsLane *subject;
  LdsCalibrator *calibrator; /* (nullable): %NULL when none runs */
  LdsConductor *conductor;   /* (nullable): of the plan that is measured */
  GCancellable *cancellable;
  const LdsPlan *plan; /* the calibrator's */
  gboolean has_spec;
  LdsRunSpec spec; /* of the run that is going on */
  guint index;     /* of it */
  gint64 run_started_ns;
  gint64 total_ms;
  gint64 plan_left_ms; /* when the plan began */
  JsonNode *profile;
  const LdsLane *lane;
  char *error;
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsCalibrationRun, lds_calibration_run, G_TYPE_OBJECT)

static void measure_next (LdsCalibrationRun *self);

static void
changed (LdsCalibrationRun *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

/* Takes @error, if any. */
static void
end (LdsCalibrationRun *self,
     GError *error)
{
  if (error != NULL)
    self->error = g_strdup (error->message);
  g_clear_error (&error);
  g_clear_pointer (&self->calibrator, lds_calibrator_free);
  g_clear_object (&self->cancellable);
  self->plan = NULL;
  changed (self);
}

/* What was found is a twin from now on. */
static void
save (LdsCalibrationRun *self)
{
  g_autofree char *folder = lds_twin_dup_own_folder ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = lds_calibrator_save (self->calibrator, folder, &error);

  if (path != NULL)
    self->lane = lds_lane_renew_twin (path, &error);
  if (self->lane != NULL)
    self->profile = json_node_ref (lds_calibrator_get_profile (self->calibrator));
  end (self, g_steal_pointer (&error));
}

static void
run_started_cb (LdsCalibrationRun *self,
                guint index,
                const LdsRunSpec *spec)
{
  self->index = index;
  self->spec = *spec;
  self->has_spec = TRUE;
  self->run_started_ns = lds_clock_now_ns ();
  changed (self);
}

static void
finished_cb (GObject *object,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (LdsCalibrationRun) self = user_data;
  GError *error = NULL;
  LdsSession *session = lds_conductor_run_finish (LDS_CONDUCTOR (object), result, &error);
  gboolean complete = session != NULL && session->complete;

  if (complete)
    lds_calibrator_take (self->calibrator, session, &error);
  /* Before the next plan: its twin may be another. */
  self->has_spec = FALSE;
  g_clear_pointer (&session, lds_session_free);
  g_clear_object (&self->conductor);
  if (!complete || error != NULL)
    end (self, error);
  else
    measure_next (self);
}

static void
measure_next (LdsCalibrationRun *self)
{
  GError *error = NULL;

  if (!lds_calibrator_next (self->calibrator, &self->plan, &error))
    {
      end (self, error);
      return;
    }
  if (self->plan == NULL)
    {
      save (self);
      return;
    }
  self->plan_left_ms = lds_calibrator_get_left_ms (self->calibrator);
  self->conductor = lds_conductor_new ();
  g_signal_connect_object (self->conductor, "run-started", G_CALLBACK (run_started_cb), self,
                           G_CONNECT_SWAPPED);
  lds_conductor_run_async (self->conductor, self->plan, self->cancellable, finished_cb,
                           g_object_ref (self));
}

static void
lds_calibration_run_dispose (GObject *object)
{
  LdsCalibrationRun *self = LDS_CALIBRATION_RUN (object);

  /* A conductor that runs holds a reference to this: none runs here. */
  g_clear_pointer (&self->profile, json_node_unref);
  g_clear_pointer (&self->error, g_free);
  G_OBJECT_CLASS (lds_calibration_run_parent_class)->dispose (object);
}

static void
lds_calibration_run_class_init (LdsCalibrationRunClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lds_calibration_run_dispose;

  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
lds_calibration_run_init (LdsCalibrationRun *self)
{
}

LdsCalibrationRun *
lds_calibration_run_new (const LdsLane *subject)
{
  LdsCalibrationRun *self = g_object_new (LDS_TYPE_CALIBRATION_RUN, NULL);

  self->subject = subject;
  return self;
}

gint64
lds_calibration_run_estimate_ms (LdsCalibrationRun *self,
                                 gboolean quick)
{
  g_autoptr (LdsCalibrator) calibrator = NULL;

  g_return_val_if_fail (LDS_IS_CALIBRATION_RUN (self), 0);

  calibrator = lds_calibrator_new (self->subject, quick);
  return lds_calibrator_get_left_ms (calibrator);
}

void
lds_calibration_run_start (LdsCalibrationRun *self,
                           gboolean quick)
{
  g_return_if_fail (LDS_IS_CALIBRATION_RUN (self));

  if (self->calibrator != NULL)
    return;
  g_clear_pointer (&self->error, g_free);
  g_clear_pointer (&self->profile, json_node_unref);
  self->lane = NULL;
  self->calibrator = lds_calibrator_new (self->subject, quick);
  self->cancellable = g_cancellable_new ();
  self->total_ms = lds_calibrator_get_left_ms (self->calibrator);
  self->plan_left_ms = self->total_ms;
  changed (self);
  measure_next (self);
}

void
lds_calibration_run_stop (LdsCalibrationRun *self)
{
  g_return_if_fail (LDS_IS_CALIBRATION_RUN (self));

  if (self->calibrator == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;
  g_cancellable_cancel (self->cancellable);
  changed (self);
}

gboolean
lds_calibration_run_is_running (LdsCalibrationRun *self)
{
  g_return_val_if_fail (LDS_IS_CALIBRATION_RUN (self), FALSE);
  return self->calibrator != NULL;
}

gboolean
lds_calibration_run_is_stopping (LdsCalibrationRun *self)
{
  g_return_val_if_fail (LDS_IS_CALIBRATION_RUN (self), FALSE);
  return self->cancellable != NULL && g_cancellable_is_cancelled (self->cancellable);
}

gboolean
lds_calibration_run_get_current (LdsCalibrationRun *self,
                                 guint *stage,
                                 LdsRunSpec *spec)
{
  g_return_val_if_fail (LDS_IS_CALIBRATION_RUN (self), FALSE);
  g_return_val_if_fail (stage != NULL && spec != NULL, FALSE);

  if (!self->has_spec)
    return FALSE;
  *stage = lds_calibrator_get_stage (self->calibrator);
  *spec = self->spec;
  return TRUE;
}

gint64
lds_calibration_run_get_left_ms (LdsCalibrationRun *self,
                                 gint64 *total_ms)
{
  gint64 plan_ms, done_ms, run_ms;
  guint n_runs;

  g_return_val_if_fail (LDS_IS_CALIBRATION_RUN (self), 0);
  g_return_val_if_fail (total_ms != NULL, 0);

  *total_ms = self->total_ms;
  if (self->calibrator == NULL)
    return 0;
  if (!self->has_spec)
    return self->plan_left_ms;
  plan_ms = lds_plan_estimate_ms (self->plan);
  n_runs = lds_plan_n_runs (self->plan);
  run_ms = plan_ms / n_runs;
  done_ms = run_ms * self->index +
            MIN ((lds_clock_now_ns () - self->run_started_ns) / LDS_NS_PER_MS, run_ms);
  return self->plan_left_ms - MIN (done_ms, plan_ms);
}

const char *
lds_calibration_run_get_error (LdsCalibrationRun *self)
{
  g_return_val_if_fail (LDS_IS_CALIBRATION_RUN (self), NULL);
  return self->error;
}

JsonNode *
lds_calibration_run_get_profile (LdsCalibrationRun *self)
{
  g_return_val_if_fail (LDS_IS_CALIBRATION_RUN (self), NULL);
  return self->profile;
}

const LdsLane *
lds_calibration_run_get_lane (LdsCalibrationRun *self)
{
  g_return_val_if_fail (LDS_IS_CALIBRATION_RUN (self), NULL);
  return self->lane;
}
