/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One measurement as a window sees it. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-measurement.h"

#include <glib/gi18n.h>

#include "lds-clock.h"
#include "lds-proposal.h"

struct _LdsMeasurement
{
  GObject parent_instance;

  LdsAssessment *assessment;
  LdsConductor *conductor;
  GCancellable *cancellable;
  LdsMeasurementState state;
  LdsPlan *plan;
  GPtrArray *runs; /* (element-type LdsRun), not owned: the conductor's session has them */
  GArray *current; /* (nullable) (element-type LdsSample): of the run that is going on */
  guint index;
  gint64 started_ns;
  gint64 run_started_ns;
  char *error;
  gpointer holder; /* (nullable), not owned: only compared */
  char *held;      /* (nullable): why */
};

enum
{
  STATE_CHANGED,
  HELD_CHANGED,
  SAMPLE,
  RUN_STARTED,
  RUN_FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsMeasurement, lds_measurement, G_TYPE_OBJECT)

/* A thorough plan is the standard one with these instead. */
#define THOROUGH_REPEATS     10
#define THOROUGH_DURATION_MS 10000
#define THOROUGH_WARM_UP_MS  2000

static void
set_state (LdsMeasurement *self,
           LdsMeasurementState state)
{
  self->state = state;
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

static void
run_started_cb (LdsMeasurement *self,
                guint index,
                const LdsRunSpec *spec,
                LdsConductor *conductor)
{
  self->index = index;
  self->run_started_ns = lds_clock_now_ns ();
  g_clear_pointer (&self->current, g_array_unref);
  self->current = g_array_new (FALSE, FALSE, sizeof (LdsSample));
  g_signal_emit (self, signals[RUN_STARTED], 0, index);
}

static void
sample_cb (LdsMeasurement *self,
           guint index,
           const LdsSample *sample,
           LdsConductor *conductor)
{
  if (self->current == NULL)
    return;
  g_array_append_vals (self->current, sample, 1);
  g_signal_emit (self, signals[SAMPLE], 0, index, sample);
}

static void
run_finished_cb (LdsMeasurement *self,
                 guint index,
                 const LdsRun *run,
                 LdsConductor *conductor)
{
  g_clear_pointer (&self->current, g_array_unref);
  g_ptr_array_add (self->runs, (gpointer)run);
  g_signal_emit (self, signals[RUN_FINISHED], 0, index);
}

static void
finished_cb (GObject *object,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (LdsMeasurement) self = user_data;
  g_autoptr (GError) error = NULL;
  LdsSession *session = lds_conductor_run_finish (LDS_CONDUCTOR (object), result, &error);

  g_clear_pointer (&self->current, g_array_unref);
  g_ptr_array_set_size (self->runs, 0);
  g_clear_object (&self->conductor);
  g_clear_object (&self->cancellable);
  /* Idle first: who hears of the new session looks there. */
  self->state = LDS_MEASUREMENT_IDLE;
  if (session == NULL)
    self->error = g_strdup (error->message);
  else if (session->runs->len > 0)
    lds_assessment_take_session (self->assessment, session);
  else
    /* Stopped before anything was known: what was measured before stays. */
    lds_session_free (session);
  set_state (self, LDS_MEASUREMENT_IDLE);
}

static void
lds_measurement_dispose (GObject *object)
{
  LdsMeasurement *self = LDS_MEASUREMENT (object);

  /* A running conductor holds a reference to its measurement: none runs here. */
  g_clear_object (&self->conductor);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->assessment);
  g_clear_pointer (&self->plan, lds_plan_free);
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  g_clear_pointer (&self->current, g_array_unref);
  g_clear_pointer (&self->error, g_free);
  g_clear_pointer (&self->held, g_free);
  G_OBJECT_CLASS (lds_measurement_parent_class)->dispose (object);
}

static void
lds_measurement_class_init (LdsMeasurementClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_measurement_dispose;

  signals[STATE_CHANGED] =
      g_signal_new ("state-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[HELD_CHANGED] =
      g_signal_new ("held-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SAMPLE] = g_signal_new ("sample", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_POINTER);
  signals[RUN_STARTED] =
      g_signal_new ("run-started", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[RUN_FINISHED] =
      g_signal_new ("run-finished", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
lds_measurement_init (LdsMeasurement *self)
{
  self->runs = g_ptr_array_new ();
}

LdsMeasurement *
lds_measurement_new (LdsAssessment *assessment)
{
  LdsMeasurement *self = g_object_new (LDS_TYPE_MEASUREMENT, NULL);

  self->assessment = g_object_ref (assessment);
  return self;
}

LdsPlan *
lds_measurement_propose (LdsAssessment *assessment,
                         LdsLength length)
{
  LdsPlan *plan = lds_proposal_new_plan (lds_assessment_get_answers (assessment),
                                         length == LDS_LENGTH_QUICK, FALSE);

  if (length == LDS_LENGTH_THOROUGH)
    {
      plan->repeats = THOROUGH_REPEATS;
      plan->duration_ms = THOROUGH_DURATION_MS;
      plan->warm_up_ms = THOROUGH_WARM_UP_MS;
    }
  return plan;
}

void
lds_measurement_start (LdsMeasurement *self,
                       const LdsPlan *plan)
{
  g_return_if_fail (LDS_IS_MEASUREMENT (self));
  g_return_if_fail (plan != NULL);
  /* Progress and charts here go by runs that are known beforehand. */
  g_return_if_fail (!lds_plan_is_adaptive (plan));

  if (self->state != LDS_MEASUREMENT_IDLE)
    return;
  g_clear_pointer (&self->error, g_free);
  if (self->held != NULL)
    {
      self->error = g_strdup (self->held);
      set_state (self, LDS_MEASUREMENT_IDLE);
      return;
    }
  g_clear_pointer (&self->plan, lds_plan_free);
  g_ptr_array_set_size (self->runs, 0);
  self->plan = lds_plan_copy (plan);
  self->index = 0;
  self->started_ns = self->run_started_ns = lds_clock_now_ns ();
  self->cancellable = g_cancellable_new ();
  self->conductor = lds_conductor_new ();
  g_signal_connect_object (self->conductor, "run-started", G_CALLBACK (run_started_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->conductor, "sample", G_CALLBACK (sample_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->conductor, "run-finished", G_CALLBACK (run_finished_cb), self,
                           G_CONNECT_SWAPPED);
  set_state (self, LDS_MEASUREMENT_RUNNING);
  lds_conductor_run_async (self->conductor, self->plan, self->cancellable, finished_cb,
                           g_object_ref (self));
}

void
lds_measurement_set_held (LdsMeasurement *self,
                          gpointer holder,
                          const char *reason)
{
  g_return_if_fail (LDS_IS_MEASUREMENT (self));
  g_return_if_fail (holder != NULL);

  if (self->holder != NULL && self->holder != holder)
    return;
  if ((self->held != NULL) == (reason != NULL))
    return;
  g_free (self->held);
  self->held = g_strdup (reason);
  self->holder = reason != NULL ? holder : NULL;
  g_signal_emit (self, signals[HELD_CHANGED], 0);
}

gpointer
lds_measurement_get_holder (LdsMeasurement *self)
{
  g_return_val_if_fail (LDS_IS_MEASUREMENT (self), NULL);
  return self->holder;
}

void
lds_measurement_stop (LdsMeasurement *self)
{
  g_return_if_fail (LDS_IS_MEASUREMENT (self));

  if (self->state != LDS_MEASUREMENT_RUNNING)
    return;
  set_state (self, LDS_MEASUREMENT_STOPPING);
  g_cancellable_cancel (self->cancellable);
}

LdsMeasurementState
lds_measurement_get_state (LdsMeasurement *self)
{
  g_return_val_if_fail (LDS_IS_MEASUREMENT (self), LDS_MEASUREMENT_IDLE);
  return self->state;
}

const LdsPlan *
lds_measurement_get_plan (LdsMeasurement *self)
{
  const LdsSession *session;

  g_return_val_if_fail (LDS_IS_MEASUREMENT (self), NULL);

  if (self->state != LDS_MEASUREMENT_IDLE)
    return self->plan;
  session = lds_assessment_get_session (self->assessment);
  return session != NULL ? session->plan : NULL;
}

guint
lds_measurement_get_index (LdsMeasurement *self)
{
  g_return_val_if_fail (LDS_IS_MEASUREMENT (self), 0);
  return self->index;
}

gint64
lds_measurement_get_elapsed_ms (LdsMeasurement *self)
{
  g_return_val_if_fail (LDS_IS_MEASUREMENT (self), 0);

  if (self->state == LDS_MEASUREMENT_IDLE)
    return 0;
  return (lds_clock_now_ns () - self->started_ns) / LDS_NS_PER_MS;
}

gint64
lds_measurement_get_remaining_ms (LdsMeasurement *self)
{
  gint64 now_ns = lds_clock_now_ns ();
  gint64 run_ms;
  guint n_runs;

  g_return_val_if_fail (LDS_IS_MEASUREMENT (self), 0);

  if (self->state == LDS_MEASUREMENT_IDLE || self->plan == NULL)
    return 0;
  n_runs = lds_plan_n_runs (self->plan);
  /* From the second run on, runs take as long as those before them. */
  if (self->index > 0)
    run_ms = (self->run_started_ns - self->started_ns) / LDS_NS_PER_MS / self->index;
  else
    run_ms = lds_plan_estimate_ms (self->plan) / MAX (n_runs, 1);
  return MAX (0, (n_runs - self->index) * run_ms - (now_ns - self->run_started_ns) / LDS_NS_PER_MS);
}

const char *
lds_measurement_get_error (LdsMeasurement *self)
{
  g_return_val_if_fail (LDS_IS_MEASUREMENT (self), NULL);
  return self->error;
}

gboolean
lds_measurement_is_running (LdsMeasurement *self,
                            const LdsLane *lane,
                            const LdsWorkload *workload)
{
  LdsRunSpec spec;

  g_return_val_if_fail (LDS_IS_MEASUREMENT (self), FALSE);

  if (self->current == NULL)
    return FALSE;
  spec = lds_plan_run_spec (self->plan, self->index);
  return spec.lane == lane && spec.workload == workload;
}

GArray *
lds_measurement_get_samples (LdsMeasurement *self,
                             const LdsLane *lane,
                             const LdsWorkload *workload)
{
  GPtrArray *runs;
  GArray *refused = NULL;

  g_return_val_if_fail (LDS_IS_MEASUREMENT (self), NULL);

  if (lds_measurement_is_running (self, lane, workload))
    return self->current;
  runs = lds_measurement_get_runs (self);
  for (guint i = runs != NULL ? runs->len : 0; i > 0; i--)
    {
      const LdsRun *run = runs->pdata[i - 1];

      if (run->spec.lane != lane || run->spec.workload != workload ||
          run->spec.purpose != LDS_PURPOSE_COMPARE)
        continue;
      if (run->valid)
        return run->samples;
      if (refused == NULL)
        refused = run->samples;
    }
  return refused;
}

GPtrArray *
lds_measurement_get_runs (LdsMeasurement *self)
{
  const LdsSession *session;

  g_return_val_if_fail (LDS_IS_MEASUREMENT (self), NULL);

  if (self->state != LDS_MEASUREMENT_IDLE)
    return self->runs;
  session = lds_assessment_get_session (self->assessment);
  return session != NULL ? session->runs : NULL;
}

GPtrArray *
lds_measurement_summarize (LdsMeasurement *self)
{
  const LdsSession *session;
  g_autoptr (LdsSession) so_far = NULL;

  g_return_val_if_fail (LDS_IS_MEASUREMENT (self), NULL);

  if (self->state == LDS_MEASUREMENT_IDLE)
    {
      session = lds_assessment_get_session (self->assessment);
      return session != NULL ? lds_session_summarize (session) : NULL;
    }
  /* The conductor owns the runs until it hands its session over. */
  so_far = lds_session_new (self->plan);
  g_ptr_array_set_free_func (so_far->runs, NULL);
  for (guint i = 0; i < self->runs->len; i++)
    g_ptr_array_add (so_far->runs, self->runs->pdata[i]);
  return lds_session_summarize (so_far);
}
