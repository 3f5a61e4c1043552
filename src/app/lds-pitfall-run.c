/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pitfall that runs beside its remedy, as a window sees it. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-pitfall-run.h"

struct _LdsPitfallRun
{
  GObject parent_instance;

  LdsConductor *conductor; /* (nullable): %NULL when none runs */
  GCancellable *cancellable;
  const LdsPitfall *pitfall; /* that runs */
  LdsPlan *plan;             /* of it */
  GPtrArray *runs;           /* (element-type LdsRun) of it, not owned: the conductor's session has them */
  GArray *current;           /* (nullable) (element-type LdsSample): of the run that is going on */
  LdsPitfallSideId side;     /* of that run */
  guint index;
  GHashTable *sessions; /* (element-type LdsPitfall LdsSession) */
  char *error;
};

enum
{
  CHANGED,
  SAMPLE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsPitfallRun, lds_pitfall_run, G_TYPE_OBJECT)

static void
changed (LdsPitfallRun *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
run_started_cb (LdsPitfallRun *self,
                guint index,
                const LdsRunSpec *spec)
{
  self->index = index;
  self->side = lds_pitfall_find_side (self->pitfall, spec->lane, spec->workload);
  g_clear_pointer (&self->current, g_array_unref);
  self->current = g_array_new (FALSE, FALSE, sizeof (LdsSample));
  changed (self);
}

static void
sample_cb (LdsPitfallRun *self,
           guint index,
           const LdsSample *sample)
{
  if (self->current == NULL)
    return;
  g_array_append_vals (self->current, sample, 1);
  g_signal_emit (self, signals[SAMPLE], 0);
}

static void
run_finished_cb (LdsPitfallRun *self,
                 guint index,
                 const LdsRun *run)
{
  g_clear_pointer (&self->current, g_array_unref);
  g_ptr_array_add (self->runs, (gpointer)run);
  changed (self);
}

static void
finished_cb (GObject *object,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (LdsPitfallRun) self = user_data;
  g_autoptr (GError) error = NULL;
  LdsSession *session = lds_conductor_run_finish (LDS_CONDUCTOR (object), result, &error);
  const LdsPitfall *pitfall = g_steal_pointer (&self->pitfall);

  g_clear_pointer (&self->current, g_array_unref);
  g_ptr_array_set_size (self->runs, 0);
  g_clear_object (&self->conductor);
  g_clear_object (&self->cancellable);
  if (session == NULL)
    self->error = g_strdup (error->message);
  else if (session->runs->len > 0)
    g_hash_table_insert (self->sessions, (gpointer)pitfall, session);
  else
    lds_session_free (session);
  changed (self);
}

static void
lds_pitfall_run_dispose (GObject *object)
{
  LdsPitfallRun *self = LDS_PITFALL_RUN (object);

  /* A conductor that runs holds a reference to this: none runs here. */
  g_clear_object (&self->conductor);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->plan, lds_plan_free);
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  g_clear_pointer (&self->current, g_array_unref);
  g_clear_pointer (&self->sessions, g_hash_table_unref);
  g_clear_pointer (&self->error, g_free);
  G_OBJECT_CLASS (lds_pitfall_run_parent_class)->dispose (object);
}

static void
lds_pitfall_run_class_init (LdsPitfallRunClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_pitfall_run_dispose;

  signals[CHANGED] =
      g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SAMPLE] =
      g_signal_new ("sample", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
lds_pitfall_run_init (LdsPitfallRun *self)
{
  self->runs = g_ptr_array_new ();
  self->sessions = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)lds_session_free);
}

LdsPitfallRun *
lds_pitfall_run_new (void)
{
  return g_object_new (LDS_TYPE_PITFALL_RUN, NULL);
}

void
lds_pitfall_run_start (LdsPitfallRun *self,
                       const LdsPitfall *pitfall,
                       gboolean quick)
{
  g_return_if_fail (LDS_IS_PITFALL_RUN (self));
  g_return_if_fail (pitfall != NULL);

  if (self->pitfall != NULL)
    return;
  g_clear_pointer (&self->error, g_free);
  g_clear_pointer (&self->plan, lds_plan_free);
  g_hash_table_remove (self->sessions, pitfall);
  self->pitfall = pitfall;
  self->plan = lds_pitfall_new_plan (pitfall, quick);
  self->index = 0;
  self->cancellable = g_cancellable_new ();
  self->conductor = lds_conductor_new ();
  g_signal_connect_object (self->conductor, "run-started", G_CALLBACK (run_started_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->conductor, "sample", G_CALLBACK (sample_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->conductor, "run-finished", G_CALLBACK (run_finished_cb), self,
                           G_CONNECT_SWAPPED);
  changed (self);
  lds_conductor_run_async (self->conductor, self->plan, self->cancellable, finished_cb,
                           g_object_ref (self));
}

void
lds_pitfall_run_stop (LdsPitfallRun *self)
{
  g_return_if_fail (LDS_IS_PITFALL_RUN (self));

  if (self->pitfall == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;
  g_cancellable_cancel (self->cancellable);
  changed (self);
}

const LdsPitfall *
lds_pitfall_run_get_running (LdsPitfallRun *self)
{
  g_return_val_if_fail (LDS_IS_PITFALL_RUN (self), NULL);
  return self->pitfall;
}

gboolean
lds_pitfall_run_is_stopping (LdsPitfallRun *self)
{
  g_return_val_if_fail (LDS_IS_PITFALL_RUN (self), FALSE);
  return self->cancellable != NULL && g_cancellable_is_cancelled (self->cancellable);
}

const LdsPlan *
lds_pitfall_run_get_plan (LdsPitfallRun *self,
                          const LdsPitfall *pitfall)
{
  const LdsSession *session;

  g_return_val_if_fail (LDS_IS_PITFALL_RUN (self), NULL);

  if (self->pitfall != NULL && self->pitfall == pitfall)
    return self->plan;
  session = lds_pitfall_run_get_session (self, pitfall);
  return session != NULL ? session->plan : NULL;
}

guint
lds_pitfall_run_get_index (LdsPitfallRun *self,
                           guint *n_runs)
{
  g_return_val_if_fail (LDS_IS_PITFALL_RUN (self), 0);
  g_return_val_if_fail (n_runs != NULL, 0);

  *n_runs = self->plan != NULL ? lds_plan_n_runs (self->plan) : 0;
  return self->index;
}

const char *
lds_pitfall_run_get_error (LdsPitfallRun *self)
{
  g_return_val_if_fail (LDS_IS_PITFALL_RUN (self), NULL);
  return self->error;
}

const LdsSession *
lds_pitfall_run_get_session (LdsPitfallRun *self,
                             const LdsPitfall *pitfall)
{
  g_return_val_if_fail (LDS_IS_PITFALL_RUN (self), NULL);
  return g_hash_table_lookup (self->sessions, pitfall);
}

GArray *
lds_pitfall_run_get_samples (LdsPitfallRun *self,
                             const LdsPitfall *pitfall,
                             LdsPitfallSideId side)
{
  const LdsSession *session;
  GPtrArray *runs = NULL;
  GArray *refused = NULL;

  g_return_val_if_fail (LDS_IS_PITFALL_RUN (self), NULL);
  g_return_val_if_fail (pitfall != NULL, NULL);

  if (self->pitfall == pitfall && self->current != NULL && self->side == side)
    return self->current;
  session = lds_pitfall_run_get_session (self, pitfall);
  if (self->pitfall == pitfall)
    runs = self->runs;
  else if (session != NULL)
    runs = session->runs;
  for (guint i = runs != NULL ? runs->len : 0; i > 0; i--)
    {
      const LdsRun *run = runs->pdata[i - 1];

      if (lds_pitfall_find_side (pitfall, run->spec.lane, run->spec.workload) != side)
        continue;
      if (run->valid)
        return run->samples;
      if (refused == NULL)
        refused = run->samples;
    }
  return refused;
}
