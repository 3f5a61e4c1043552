/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conductor: one run after the other, and what must be said about each. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-conductor.h"

#include <glib/gi18n-lib.h>
#include <signal.h>

#include "lds-bench-json.h"
#include "lds-drift.h"
#include "lds-environment.h"
#include "lds-format.h"
#include "lds-paths.h"
#include "lds-presence.h"
#include "lds-program.h"
#include "lds-runner.h"
#include "lds-runtime.h"
#include "lds-search.h"
#include "lds-self-test.h"
#include "lds-turn.h"

#define READY_TIMEOUT_MS 10000
#define STOP_GRACE_MS    1000

/* Warnings. A machine is busy when others use this part of all its cores. */
#define BUSY_FRACTION 0.1
/* As sampled before the session, where the load average of one minute may still hold what was. */
#define BUSY_LOAD_FRACTION 0.5

struct _LdsConductor
{
  GObject parent_instance;

  /* While a session runs; NULL otherwise. */
  GTask *task;
  LdsSession *session;
  LdsRunner *runner;
  GSource *cancel_source;
  guint index;
  gboolean cancelled;

  LdsPresence *presence;
  gboolean had_others;     /* when the run began */
  double max_server_bytes; /* 0 = as the machine has it */

  LdsRunnerSetup setup;
  char *server_path;
  char *load_path;
};

enum
{
  SESSION_STARTED,
  RUN_STARTED,
  SAMPLE,
  RUN_FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsConductor, lds_conductor, G_TYPE_OBJECT)

static void
lds_conductor_finalize (GObject *object)
{
  LdsConductor *self = LDS_CONDUCTOR (object);

  /* A running session holds a reference through its task. */
  g_assert (self->task == NULL);
  g_free (self->server_path);
  g_free (self->load_path);
  g_clear_pointer (&self->setup.client_cores, g_array_unref);
  g_clear_pointer (&self->setup.companion_cores, g_array_unref);
  G_OBJECT_CLASS (lds_conductor_parent_class)->finalize (object);
}

static void
lds_conductor_class_init (LdsConductorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = lds_conductor_finalize;

  signals[SESSION_STARTED] =
      g_signal_new ("session-started", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[RUN_STARTED] =
      g_signal_new ("run-started", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_POINTER);
  signals[SAMPLE] =
      g_signal_new ("sample", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_POINTER);
  signals[RUN_FINISHED] =
      g_signal_new ("run-finished", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_POINTER);

  /* A child that dies while its plan is written must be an error of that write, not our end. */
  signal (SIGPIPE, SIG_IGN);
}

static void
lds_conductor_init (LdsConductor *self)
{
}

LdsConductor *
lds_conductor_new (void)
{
  return g_object_new (LDS_TYPE_CONDUCTOR, NULL);
}

void
lds_conductor_set_max_server_bytes (LdsConductor *self,
                                    double max_server_bytes)
{
  g_return_if_fail (LDS_IS_CONDUCTOR (self));

  self->max_server_bytes = max_server_bytes;
}

/* Server on the first processor, load generator on the last ones, where there are two or more; what
 * the server needs beside itself on those between, or else with the load generator. */
static void
choose_cores (LdsConductor *self)
{
  g_autoptr (GArray) cores = lds_environment_list_cores ();
  guint n_client = cores->len > 1 ? MIN (self->session->plan->client_threads, cores->len - 1) : 0;
  JsonObject *environment = self->session->environment;
  JsonArray *client_array = json_array_new ();

  g_clear_pointer (&self->setup.client_cores, g_array_unref);
  self->setup.client_cores = g_array_new (FALSE, FALSE, sizeof (int));
  self->setup.server_core = n_client > 0 ? g_array_index (cores, int, 0) : -1;
  for (guint i = 0; i < n_client; i++)
    {
      int core = g_array_index (cores, int, cores->len - 1 - i);

      g_array_append_val (self->setup.client_cores, core);
      json_array_add_int_element (client_array, core);
    }
  g_clear_pointer (&self->setup.companion_cores, g_array_unref);
  if (n_client > 0 && n_client + 1 == cores->len)
    self->setup.companion_cores = g_array_ref (self->setup.client_cores);
  else
    self->setup.companion_cores = g_array_new (FALSE, FALSE, sizeof (int));
  for (guint i = 1; n_client > 0 && i + n_client < cores->len; i++)
    g_array_append_val (self->setup.companion_cores, g_array_index (cores, int, i));
  if (self->setup.server_core >= 0)
    json_object_set_int_member (environment, "server_core", self->setup.server_core);
  else
    json_object_set_null_member (environment, "server_core");
  json_object_set_array_member (environment, "client_cores", client_array);
}

static guint
count_cpus (const LdsSession *session)
{
  return (guint)MAX (
      json_object_get_int_member_with_default (session->environment, "cpus", 1), 1);
}

/* @environment: the machine as it is now; the session's own may be of an earlier time */
static void
warn_of_busy_machine (LdsSession *session,
                      JsonObject *environment)
{
  double load =
      json_object_get_double_member_with_default (environment, "load_average_before", 0);
  g_autofree char *text = NULL;

  if (load <= BUSY_LOAD_FRACTION * count_cpus (session))
    return;
  text = g_strdup_printf (
      /* Translators: a load average such as 1.7, then a number of processors */
      _ ("The machine was busy before the first run (load average %.1f on %u processors); close other programs and measure again."),
      load, count_cpus (session));
  lds_invalid_reasons_add (session->warnings, "machine-busy", text);
}

/* Its figures are the other's as much as its own. */
static void
refuse_company (LdsConductor *self,
                LdsRun *run)
{
  if (self->had_others || lds_presence_has_others (self->presence))
    lds_run_invalidate (run, "another-measurement",
                        _ ("Another Loadstone measured on this machine at the same time; measure again when it is done."));
}

static void
warn_of_one_processor (LdsSession *session)
{
  if (count_cpus (session) == 1)
    lds_invalid_reasons_add (session->warnings, "one-processor",
                             _ ("There is one processor only, which the server and the load generator share: rates are lower than the server's own, and times longer."));
}

/* @member: of the environment */
static void
warn_of_change (LdsSession *session,
                const char *member)
{
  g_autofree char *text = g_strdup_printf (
      /* Translators: a member of the environment, such as “kernel” */
      _ ("The measurement was gone on with where “%s” is not what it was; measure again to compare all runs with each other."),
      member);
  lds_invalid_reasons_add (session->warnings, "machine-changed", text);
}

/* Runs of two machines, or of one that was changed, are no replicates of each other. */
static void
warn_of_other_machine (LdsSession *session,
                       JsonObject *environment)
{
  g_autofree char *member = lds_environment_find_change (session->environment, environment);

  if (member != NULL)
    warn_of_change (session, member);
}

/* What a reader must know of a run, though it may be valid. What its figures say by themselves, the
 * load generator has said already. */
static void
add_warnings (LdsRun *run,
              guint n_cpus)
{
  if (run->other_cpu_cores > BUSY_FRACTION * n_cpus)
    {
      g_autofree char *cores = lds_format_value (run->other_cpu_cores, LDS_UNIT_CORES);
      g_autofree char *text = NULL;

      /* Translators: a figure such as “0.9 cores” */
      text = g_strdup_printf (_ ("Other programs used %s while this was measured; close them and measure again."), cores);
      lds_run_warn (run, "machine-busy", text);
    }
}

/* Moves the index on to the next run that the session lacks, or asks what follows from those it has. Returns
 * %FALSE when nothing is left to run. */
static gboolean
choose_next (LdsConductor *self,
             LdsRunSpec *spec)
{
  const LdsPlan *plan = self->session->plan;

  if (lds_plan_is_adaptive (plan))
    return lds_search_next (plan, self->session->runs, spec);
  return lds_turn_next (plan, self->session->runs, &self->index, spec);
}

static void
finish (LdsConductor *self)
{
  LdsRunSpec missing;
  GTask *task = g_steal_pointer (&self->task);
  LdsSession *session;

  self->session->complete = !choose_next (self, &missing);
  session = g_steal_pointer (&self->session);
  if (self->cancel_source != NULL)
    g_source_destroy (self->cancel_source);
  g_clear_pointer (&self->cancel_source, g_source_unref);
  g_clear_pointer (&self->presence, lds_presence_free);
  lds_environment_finish (session->environment);
  lds_self_test_add_simulated (session);
  lds_drift_warn (session);
  lds_drift_warn (session);
  g_task_return_pointer (task, session, (GDestroyNotify)lds_session_free);
  g_object_unref (task);
}

static void start_next_run (LdsConductor *self);

static void
runner_sample_cb (const LdsSample *sample,
                  gpointer user_data)
{
  LdsConductor *self = user_data;

  g_signal_emit (self, signals[SAMPLE], 0, self->index, sample);
}

static void
runner_finished_cb (gpointer user_data)
{
  g_autoptr (LdsConductor) self = g_object_ref (user_data);
  LdsRun *run = lds_runner_steal_run (self->runner);

  g_clear_pointer (&self->runner, lds_runner_free);
  if (run != NULL)
    {
      refuse_company (self, run);
      add_warnings (run, count_cpus (self->session));
      if (run->engine != NULL && !json_object_has_member (self->session->environment, "engine"))
        json_object_set_string_member (self->session->environment, "engine", run->engine);
      lds_program_tell (self->session, run);
      g_ptr_array_add (self->session->runs, run);
      g_signal_emit (self, signals[RUN_FINISHED], 0, self->index, run);
      /* Otherwise the place in the plan follows from the runs: one may be made again. */
      self->index += lds_plan_is_adaptive (self->session->plan);
    }
  start_next_run (self);
}

static const LdsRunnerEvents runner_events = {runner_sample_cb, runner_finished_cb};

static void
start_next_run (LdsConductor *self)
{
  LdsRunSpec spec;

  if (self->cancelled || !choose_next (self, &spec))
    {
      finish (self);
      return;
    }
  self->had_others = lds_presence_has_others (self->presence);
  self->runner = lds_runner_start (&spec, &self->setup, &runner_events, self);
  g_signal_emit (self, signals[RUN_STARTED], 0, self->index, &spec);
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer user_data)
{
  LdsConductor *self = user_data;

  self->cancelled = TRUE;
  if (self->runner != NULL)
    lds_runner_cancel (self->runner);
  return G_SOURCE_REMOVE;
}

/* What was calibrated elsewhere. */
static void
warn_of_scale (LdsSession *session,
               const LdsTwin *twin)
{
  g_autofree char *text = NULL;

  if (!lds_twin_is_foreign (twin))
    return;
  text = g_strdup_printf (
      /* Translators: a profile, a processor, a factor */
      _ ("What “%s” costs was calibrated on another machine (%s) and is multiplied by %.2f here, as a fixed piece of work is; its figures are less certain than their intervals say. “loadstone-cli calibrate” makes a profile of this machine."),
      twin->id, twin->cpu_model, lds_twin_get_scale (twin));
  lds_invalid_reasons_add (session->warnings, "twin-scaled", text);
}

/* @twins: (element-type LdsTwin): that are measured. A session that is gone on with has them already. */
static void
note_profiles (LdsSession *session,
               GPtrArray *twins)
{
  g_autoptr (JsonArray) profiles = json_array_new ();
  g_autoptr (JsonNode) now = json_node_new (JSON_NODE_ARRAY);
  JsonNode *was = json_object_get_member (session->environment, "profiles");

  if (twins->len == 0)
    return;
  for (guint i = 0; i < twins->len; i++)
    {
      g_autofree char *identity = lds_twin_dup_identity (twins->pdata[i]);

      json_array_add_string_element (profiles, identity);
      warn_of_scale (session, twins->pdata[i]);
    }
  json_node_set_array (now, profiles);
  if (was != NULL && !json_node_equal (was, now))
    warn_of_change (session, "profiles");
  json_object_set_member (session->environment, "profiles", g_steal_pointer (&now));
}

/* Real runtimes and what twins cost must be here; which versions and figures they are is part of the environment. */
static gboolean
check_lanes (LdsSession *session,
             GError **error)
{
  g_autoptr (JsonArray) versions = json_array_new ();
  g_autoptr (GPtrArray) twins = g_ptr_array_new ();

  for (guint i = 0; i < session->plan->lanes->len; i++)
    {
      const LdsLane *lane = session->plan->lanes->pdata[i];
      g_autofree char *version = NULL, *text = NULL;

      if (!lds_lane_check (lane, error))
        return FALSE;
      if (lane->twin != NULL && !g_ptr_array_find (twins, lane->twin, NULL))
        g_ptr_array_add (twins, (gpointer)lane->twin);
      if (lane->runtime == NULL)
        continue;
      version = lds_runtime_read_version (lane->runtime, NULL);
      text = g_strdup_printf ("%s %s", lane->runtime->id, version);
      json_array_add_string_element (versions, text);
    }
  if (json_array_get_length (versions) > 0)
    json_object_set_array_member (session->environment, "runtimes", g_steal_pointer (&versions));
  note_profiles (session, twins);
  return TRUE;
}

/* @session: (transfer full): with or without runs; @environment: the machine now */
static void
start_session (LdsConductor *self,
               LdsSession *session,
               JsonObject *environment,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, start_session);
  g_task_set_check_cancellable (task, FALSE); /* what has been measured is kept */
  g_clear_pointer (&self->server_path, g_free);
  g_clear_pointer (&self->load_path, g_free);
  if (lds_plan_validate (session->plan, &error) && check_lanes (session, &error))
    self->server_path = lds_paths_find_program ("loadstone-server", &error);
  if (self->server_path != NULL)
    self->load_path = lds_paths_find_program ("loadstone-load", &error);
  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      lds_session_free (session);
      return;
    }

  self->session = session;
  self->setup.server_path = self->server_path;
  self->setup.load_path = self->load_path;
  self->setup.ready_timeout_ms = READY_TIMEOUT_MS;
  self->setup.stop_grace_ms = STOP_GRACE_MS;
  choose_cores (self);
  warn_of_busy_machine (self->session, environment);
  warn_of_one_processor (self->session);
  lds_program_warn_of_build (self->session, lds_build_get ());
  self->presence = lds_presence_new ();
  self->setup.max_server_bytes =
      self->max_server_bytes > 0 ? self->max_server_bytes : lds_environment_available_bytes () / 2;
  /* What has been run of an adaptive plan is not run again: its place is where that ended. */
  self->index = lds_plan_is_adaptive (self->session->plan) ? self->session->runs->len : 0;
  self->cancelled = g_cancellable_is_cancelled (cancellable);
  self->task = g_steal_pointer (&task);
  if (cancellable != NULL)
    {
      self->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancel_source, G_SOURCE_FUNC (cancelled_cb), self, NULL);
      g_source_attach (self->cancel_source, g_task_get_context (self->task));
    }
  g_signal_emit (self, signals[SESSION_STARTED], 0, self->session);
  start_next_run (self);
}

void
lds_conductor_run_async (LdsConductor *self,
                         const LdsPlan *plan,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  LdsSession *session;

  g_return_if_fail (LDS_IS_CONDUCTOR (self));
  g_return_if_fail (plan != NULL);
  g_return_if_fail (self->task == NULL);

  session = lds_session_new (plan);
  json_object_unref (session->environment);
  session->environment = lds_environment_read ();
  start_session (self, session, session->environment, cancellable, callback, user_data);
}

void
lds_conductor_resume_async (LdsConductor *self,
                            LdsSession *session,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (JsonObject) environment = NULL;
  JsonObject *before;

  g_return_if_fail (LDS_IS_CONDUCTOR (self));
  g_return_if_fail (session != NULL);
  g_return_if_fail (self->task == NULL);

  /* What was parsed cannot be changed. */
  before = session->environment;
  session->environment = lds_environment_copy (before);
  json_object_unref (before);
  environment = lds_environment_read ();
  warn_of_other_machine (session, environment);
  json_object_set_member (session->environment, "resumed_at",
                          json_node_copy (json_object_get_member (environment, "started_at")));
  start_session (self, session, environment, cancellable, callback, user_data);
}

LdsSession *
lds_conductor_run_finish (LdsConductor *self,
                          GAsyncResult *result,
                          GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
