/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conductor against children that are right and children that are wrong: each fault is one
 * INVALID run with its reason, the session goes on, and nothing is left behind. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "lds-conductor.h"
#include "lds-environment.h"
#include "lds-error.h"
#include "lds-json.h"
#include "lds-metric.h"
#include "lds-search.h"
#include "lds-self-test.h"

typedef struct
{
  GMainLoop *loop;
  LdsConductor *conductor;
  GCancellable *cancellable;
  LdsSession *session;
  GError *error;
  guint n_started, n_samples, n_finished;
  guint first; /* index of the first run that is missing */
  gboolean cancel_at_sample;
  gboolean cancel_at_start;
} Fixture;

static gboolean
too_long_cb (gpointer user_data)
{
  g_error ("the session did not end");
  return G_SOURCE_REMOVE;
}

static void
run_started_cb (LdsConductor *conductor,
                guint index,
                const LdsRunSpec *spec,
                Fixture *f)
{
  g_assert_cmpuint (index, ==, f->first + f->n_finished);
  g_assert_nonnull (spec->lane);
  f->n_started++;
  if (f->cancel_at_start)
    g_cancellable_cancel (f->cancellable);
}

static void
sample_cb (LdsConductor *conductor,
           guint index,
           const LdsSample *sample,
           Fixture *f)
{
  g_assert_cmpuint (index, ==, f->first + f->n_started - 1);
  f->n_samples++;
  if (f->cancel_at_sample)
    g_cancellable_cancel (f->cancellable);
}

static void
run_finished_cb (LdsConductor *conductor,
                 guint index,
                 const LdsRun *run,
                 Fixture *f)
{
  g_assert_cmpuint (index, ==, f->first + f->n_finished);
  f->n_finished++;
  for (guint i = 0; i < run->reasons->len; i++)
    g_test_message ("%s", ((LdsInvalidReason *)run->reasons->pdata[i])->text);
}

static void
finished_cb (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  Fixture *f = user_data;

  f->session = lds_conductor_run_finish (LDS_CONDUCTOR (source), result, &f->error);
  g_main_loop_quit (f->loop);
}

static LdsPlan *
new_plan (guint repeats)
{
  LdsPlan *plan = lds_plan_new ();

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  plan->connections = 1;
  plan->duration_ms = 400;
  plan->warm_up_ms = 100;
  plan->timeout_ms = 100;
  plan->repeats = repeats;
  return plan;
}

static void
fixture_set_up (Fixture *f,
                gconstpointer data)
{
  f->loop = g_main_loop_new (NULL, FALSE);
  f->conductor = lds_conductor_new ();
  f->cancellable = g_cancellable_new ();
  g_setenv ("LOADSTONE_SERVER", FAKE_SERVER_PATH, TRUE);
  g_setenv ("LOADSTONE_LOAD", FAKE_LOAD_PATH, TRUE);
  g_unsetenv ("FAKE_SERVER");
  g_unsetenv ("FAKE_LOAD");
  g_signal_connect (f->conductor, "run-started", G_CALLBACK (run_started_cb), f);
  g_signal_connect (f->conductor, "sample", G_CALLBACK (sample_cb), f);
  g_signal_connect (f->conductor, "run-finished", G_CALLBACK (run_finished_cb), f);
}

static void
fixture_tear_down (Fixture *f,
                   gconstpointer data)
{
  g_main_loop_unref (f->loop);
  g_object_unref (f->cancellable);
  g_assert_finalize_object (f->conductor);
  lds_session_free (f->session);
  g_clear_error (&f->error);
  /* No child is left, running or dead. */
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
}

/* Runs @plan to its end. */
static void
run (Fixture *f,
     const LdsPlan *plan)
{
  guint guard = g_timeout_add_seconds (60, too_long_cb, NULL);

  g_clear_pointer (&f->session, lds_session_free);
  f->n_started = f->n_samples = f->n_finished = 0;
  lds_conductor_run_async (f->conductor, plan, f->cancellable, finished_cb, f);
  g_main_loop_run (f->loop);
  g_source_remove (guard);
}

static void
test_right (Fixture *f,
            gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (2);
  g_autoptr (JsonNode) json = NULL;
  g_autoptr (LdsSession) back = NULL;
  g_autoptr (GPtrArray) summaries = NULL;

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  run (f, plan);
  g_assert_no_error (f->error);
  g_assert_true (f->session->complete);
  g_assert_cmpuint (f->session->runs->len, ==, 4);
  g_assert_cmpuint (f->n_started, ==, 4);
  g_assert_cmpuint (f->n_finished, ==, 4);
  g_assert_cmpuint (f->n_samples, >=, 4 * 5);
  for (guint i = 0; i < 4; i++)
    {
      const LdsRun *one = f->session->runs->pdata[i];
      gint64 last_ns = G_MININT64;
      gboolean measured = FALSE;

      g_assert_true (one->valid);
      g_assert_cmpuint (one->reasons->len, ==, 0);
      g_assert_cmpuint (one->requests, ==, 400);
      g_assert_cmpuint (one->errors, ==, 0);
      g_assert_cmpstr (one->engine, ==, "fake");
      g_assert_cmpfloat (one->achieved_rate_hz, ==, 1000);
      g_assert_cmpuint (one->response->total, ==, 400);
      /* The exact figures of the result, not those of the buckets. */
      g_assert_cmpint (one->response->max_ns, ==, 1000000);
      g_assert_cmpfloat (one->start_up_ms, >, 0);
      g_assert_cmpfloat (one->base_rss_bytes, >, 4096);
      g_assert_cmpfloat (one->peak_rss_bytes, >=, one->base_rss_bytes / 2);
      g_assert_cmpfloat (one->peak_pss_bytes, >, 0);
      g_assert_cmpfloat (one->server_cpu_s, >=, 0);
      g_assert_cmpuint (one->samples->len, >=, 5);
      for (guint j = 0; j < one->samples->len; j++)
        {
          const LdsSample *sample = &g_array_index (one->samples, LdsSample, j);

          /* One time axis: in order, before 0 while warming up, from 0 on while measuring. */
          g_assert_cmpint (sample->t_ns, >=, last_ns);
          last_ns = sample->t_ns;
          if (sample->phase == LDS_PHASE_WARM_UP)
            g_assert_cmpint (sample->t_ns, <, 0);
          else
            g_assert_cmpint (sample->t_ns, >=, 0);
          g_assert_cmpuint (sample->n_processes, ==, 1);
          g_assert_cmpuint (sample->n_threads, ==, 1);
          g_assert_cmpfloat (sample->rss_bytes, >, 4096);
          if (sample->phase == LDS_PHASE_MEASURE && !isnan (sample->rate_hz))
            {
              measured = TRUE;
              g_assert_cmpfloat (sample->rate_hz, ==, 1000);
              g_assert_cmpfloat (fabs (sample->p50_ns - 1e6), <, 1e3);
              /* Nothing stays open. */
              g_assert_true (isnan (sample->deliveries_hz) && isnan (sample->delivery_p99_ns));
            }
        }
      g_assert_true (measured);
    }
  /* Lanes in turning order. */
  g_assert_cmpstr (((LdsRun *)f->session->runs->pdata[0])->spec.lane->model_id, ==, "event-loop");
  g_assert_cmpstr (((LdsRun *)f->session->runs->pdata[2])->spec.lane->model_id, ==, "prefork");
  g_assert_cmpstr (json_object_get_string_member (f->session->environment, "engine"), ==, "fake");
  g_assert_true (json_object_has_member (f->session->environment, "load_average_after"));
  g_assert_true (json_object_has_member (f->session->environment, "server_core"));
  g_assert_cmpuint (f->session->self_tests->len, ==, 2); /* simulated ones */
  g_assert_false (lds_self_test_is_measured (f->session));

  json = lds_session_to_json (f->session);
  back = lds_session_from_json (json_node_get_object (json), &f->error);
  g_assert_no_error (f->error);
  summaries = lds_session_summarize (back);
  g_assert_cmpuint (((LdsSummary *)summaries->pdata[1])->n_valid, ==, 2);
}

/* What is delivered is kept along the run and of all of it. */
static void
test_stream (Fixture *f,
             gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (1);
  g_autoptr (JsonNode) json = NULL;
  const LdsRun *one;
  guint n_measured = 0;

  g_setenv ("FAKE_LOAD", "stream", TRUE);
  run (f, plan);
  g_assert_no_error (f->error);
  one = f->session->runs->pdata[0];
  g_assert_true (one->valid);
  g_assert_cmpuint (one->response->total, ==, 400);
  g_assert_cmpuint (one->delivery->total, ==, 400);
  /* The exact figures of the result, not those of the buckets. */
  g_assert_cmpint (one->delivery->max_ns, ==, 1000000);
  for (guint i = 0; i < one->samples->len; i++)
    {
      const LdsSample *sample = &g_array_index (one->samples, LdsSample, i);

      if (isnan (sample->rate_hz))
        continue;
      n_measured++;
      g_assert_cmpfloat (lds_metric_find ("deliveries")->of_sample (sample), ==, 10000);
      g_assert_cmpfloat (fabs (lds_metric_find ("delivery_p50")->of_sample (sample) - 1e6), <, 1e3);
      g_assert_cmpfloat (fabs (lds_metric_find ("delivery_p99")->of_sample (sample) - 1e6), <, 1e3);
    }
  g_assert_cmpuint (n_measured, >, 0);
  g_assert_cmpfloat (lds_metric_find ("deliveries")->of_run (one), ==, 10000);
  g_assert_cmpfloat (lds_metric_find ("reach")->of_run (one), ==, 1);
}

/* A plan that goes where its runs lead. The fake load generator is always content, so that the plan's highest rate is the
 * answer; then latency below and cost. */
static void
test_knee (Fixture *f,
           gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (2);
  g_autoptr (GPtrArray) knees = NULL;
  const LdsKneeSummary *knee;
  guint n_below = 0;

  plan->find_knee = TRUE;
  plan->rate_hz = 1500;
  run (f, plan);
  g_assert_no_error (f->error);
  g_assert_true (f->session->complete);
  g_assert_cmpuint (f->n_finished, ==, f->session->runs->len);
  knees = lds_search_summarize (f->session->plan, f->session->runs);
  knee = knees->pdata[0];
  g_assert_cmpstr (lds_knee_summary_get_state (knee), ==, "at-least");
  g_assert_cmpfloat (knee->knee.low_hz, ==, 1500);
  g_assert_cmpfloat (knee->half_rate_hz, ==, 750);
  g_assert_cmpuint (knee->half_p50.n, ==, 2);
  for (guint i = 0; i < f->session->runs->len; i++)
    n_below += ((LdsRun *)f->session->runs->pdata[i])->spec.rate_hz == 750;
  g_assert_cmpuint (n_below, ==, 4);

  /* What is stopped is not complete. */
  f->cancel_at_sample = TRUE;
  run (f, plan);
  g_assert_no_error (f->error);
  g_assert_false (f->session->complete);
}

typedef struct
{
  const char *server; /* FAKE_SERVER, or NULL */
  const char *load;   /* FAKE_LOAD, or NULL */
  const char *code;   /* of the run's reason */
  const char *text;   /* a part of its text */
} Fault;

static const Fault faults[] = {
    {"exit-early", NULL, "server-not-ready", "exit status 3"},
    {"exit-early", NULL, "server-not-ready", "“no room”"},
    {"error", NULL, "server-error", "port  taken"},
    {"malformed", NULL, "server-malformed", "JSON"},
    {"flood", NULL, "server-malformed", "without end"},
    {"no-port", NULL, "server-malformed", "port"},
    {"wrong-status", NULL, "server-wrong-answer", "500"},
    {"wrong-body", NULL, "server-wrong-answer", "asks for"},
    {"empty-body", NULL, "server-wrong-answer", "0 bytes"},
    {"no-http", NULL, "server-wrong-answer", "not HTTP"},
    {"short-body", NULL, "server-wrong-answer", "incomplete"},
    {"die", "stay", "server-died", "signal 9"},
    {"exit", "stay", "server-died", "“out of luck”"},
    {NULL, "exit-early", "load-died", "“no plan for me”"},
    {NULL, "error", "load-error", "cannot connect"},
    {NULL, "not-json", "load-malformed", "JSON"},
    {NULL, "array", "load-malformed", "JSON"},
    {NULL, "nul", "load-malformed", "JSON"},
    {NULL, "no-event", "load-malformed", "event"},
    {NULL, "bad-time", "load-malformed", "t_ns"},
    {NULL, "flood", "load-malformed", "without end"},
    {NULL, "frame-first", "load-malformed", "before it began"},
    {NULL, "bad-frame", "load-malformed", "interval_ns"},
    {NULL, "bad-delivery", "load-malformed", "delivery"},
    {NULL, "bad-deliveries", "load-malformed", "deliveries"},
    {NULL, "many-frames", "load-malformed", "far more"},
    {NULL, "die", "load-died", "signal 9"},
    {NULL, "no-result", "load-died", "exit status 0"},
    {NULL, "bad-result", "load-malformed", "duration_s"},
    {NULL, "bad-histogram", "load-malformed", "latency_histogram"},
    {NULL, "invalid", "errors", "Too many."},
    {NULL, "stopped", "ended-early", "measure again"},
};

static void
test_fault (Fixture *f,
            gconstpointer data)
{
  const Fault *fault = data;
  g_autoptr (LdsPlan) plan = new_plan (2);

  if (fault->server != NULL)
    g_setenv ("FAKE_SERVER", fault->server, TRUE);
  if (fault->load != NULL)
    g_setenv ("FAKE_LOAD", fault->load, TRUE);
  run (f, plan);
  g_assert_no_error (f->error);
  /* The session went on to its end. */
  g_assert_true (f->session->complete);
  g_assert_cmpuint (f->n_finished, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const LdsRun *one = f->session->runs->pdata[i];

      g_assert_false (one->valid);
      g_assert_cmpuint (one->reasons->len, ==, 1);
      g_assert_cmpstr (((LdsInvalidReason *)one->reasons->pdata[0])->code, ==, fault->code);
      g_assert_nonnull (strstr (((LdsInvalidReason *)one->reasons->pdata[0])->text, fault->text));
    }
  g_assert_true (lds_session_has_gaps (f->session));
}

/* A server that leaks is ended before it has taken too much; one that only grows is said to. */
static void
test_leak (Fixture *f,
           gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (2);

  g_setenv ("FAKE_SERVER", "leak", TRUE);
  g_setenv ("FAKE_LOAD", "slow", TRUE);
  lds_conductor_set_max_server_bytes (f->conductor, 40 << 20);
  run (f, plan);
  g_assert_no_error (f->error);
  g_assert_true (f->session->complete);
  for (guint i = 0; i < 2; i++)
    {
      const LdsRun *one = f->session->runs->pdata[i];

      g_assert_false (one->valid);
      g_assert_nonnull (lds_run_find_reason (one, "server-memory"));
      g_assert_cmpfloat (one->peak_rss_bytes, >, 40 << 20);
    }

  lds_conductor_set_max_server_bytes (f->conductor, 0);
  run (f, plan);
  g_assert_true (((LdsRun *)f->session->runs->pdata[0])->valid);
  g_assert_cmpstr (
      ((LdsInvalidReason *)((LdsRun *)f->session->runs->pdata[0])->warnings->pdata[0])->code, ==,
      "memory-growing");
}

/* Children that do not end by themselves are ended, and it is no fault of the run. */
static void
test_stubborn (Fixture *f,
               gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (1);

  g_setenv ("FAKE_SERVER", "stubborn", TRUE);
  g_setenv ("FAKE_LOAD", "linger", TRUE);
  run (f, plan);
  g_assert_no_error (f->error);
  g_assert_true (((LdsRun *)f->session->runs->pdata[0])->valid);
}

/* A server that says nonsense of itself, and serves: the run counts, with a warning. */
static void
test_stats_malformed (Fixture *f,
                      gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (1);
  const LdsRun *one;

  g_setenv ("FAKE_SERVER", "stats-malformed", TRUE);
  run (f, plan);
  g_assert_no_error (f->error);
  one = f->session->runs->pdata[0];
  g_assert_true (one->valid);
  g_assert_cmpuint (one->warnings->len, >=, 1);
  g_assert_cmpstr (((LdsInvalidReason *)one->warnings->pdata[0])->code, ==, "server-stats-malformed");
  g_assert_null (one->loop_lag);
}

/* A worker that its master forgot dies with the group. */
static void
test_workers (Fixture *f,
              gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (1);
  const LdsRun *one;
  guint most = 0;

  g_setenv ("FAKE_SERVER", "workers", TRUE);
  run (f, plan);
  g_assert_no_error (f->error);
  one = f->session->runs->pdata[0];
  g_assert_true (one->valid);
  for (guint i = 0; i < one->samples->len; i++)
    most = MAX (most, g_array_index (one->samples, LdsSample, i).n_processes);
  g_assert_cmpuint (most, ==, 2);
}

/* What a server needs beside itself is no part of it. */
static void
test_companion (Fixture *f,
                gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (1);
  const LdsRun *one;

  g_setenv ("FAKE_SERVER", "companion", TRUE);
  run (f, plan);
  g_assert_no_error (f->error);
  one = f->session->runs->pdata[0];
  g_assert_true (one->valid);
  g_assert_cmpuint (one->samples->len, >, 0);
  for (guint i = 0; i < one->samples->len; i++)
    g_assert_cmpuint (g_array_index (one->samples, LdsSample, i).n_processes, ==, 1);
}

static void
test_cancel (Fixture *f,
             gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (3);
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *pid_file = g_build_filename (folder, "pid", NULL);
  g_autofree char *pid = NULL;

  g_setenv ("FAKE_SERVER", "stubborn", TRUE);
  g_setenv ("FAKE_LOAD", "stay", TRUE);
  g_setenv ("FAKE_PID_FILE", pid_file, TRUE);
  f->cancel_at_sample = TRUE;
  run (f, plan);
  g_assert_no_error (f->error);
  g_assert_false (f->session->complete);
  g_assert_cmpuint (f->session->runs->len, ==, 0);
  g_assert_true (g_file_get_contents (pid_file, &pid, NULL, NULL));
  g_assert_cmpint (kill ((pid_t)g_ascii_strtoll (pid, NULL, 10), 0), ==, -1);
  g_assert_cmpint (errno, ==, ESRCH);
  g_unsetenv ("FAKE_PID_FILE");
  remove (pid_file);
  remove (folder);
}

static void
test_cancel_early (Fixture *f,
                   gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (2);

  g_setenv ("FAKE_SERVER", "silent", TRUE);
  f->cancel_at_start = TRUE;
  run (f, plan);
  g_assert_no_error (f->error);
  g_assert_cmpuint (f->session->runs->len, ==, 0);
  /* Cancelled before it begins: nothing is started. */
  run (f, plan);
  g_assert_no_error (f->error);
  g_assert_cmpuint (f->n_started, ==, 0);
  g_assert_false (f->session->complete);
}

static void
test_missing (Fixture *f,
              gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (1);

  g_setenv ("LOADSTONE_LOAD", "/nonexistent/loadstone-load", TRUE);
  run (f, plan);
  g_assert_error (f->error, LDS_ERROR, LDS_ERROR_FAILED);
  g_assert_nonnull (strstr (f->error->message, "loadstone-load"));
  g_assert_null (f->session);
  g_clear_error (&f->error);
  plan->repeats = 0;
  run (f, plan);
  g_assert_error (f->error, LDS_ERROR, LDS_ERROR_INPUT);
}

/* The session as it comes back from a file, without its last runs. */
static LdsSession *
cut (const LdsSession *session,
     guint n_runs)
{
  g_autoptr (JsonNode) node = lds_session_to_json (session), parsed = NULL;
  g_autofree char *text = lds_json_to_text (node, FALSE);
  LdsSession *back;

  parsed = lds_json_parse (text, strlen (text), "session", NULL);
  back = lds_session_from_json (json_node_get_object (parsed), NULL);
  g_ptr_array_set_size (back->runs, (int)n_runs);
  back->complete = FALSE;
  return back;
}

static void
resume (Fixture *f,
        LdsSession *session)
{
  guint guard = g_timeout_add_seconds (60, too_long_cb, NULL);

  g_clear_pointer (&f->session, lds_session_free);
  f->first = session->runs->len;
  f->n_started = f->n_samples = f->n_finished = 0;
  lds_conductor_resume_async (f->conductor, session, f->cancellable, finished_cb, f);
  g_main_loop_run (f->loop);
  g_source_remove (guard);
}

/* What is there is not measured again. */
static void
test_resume (Fixture *f,
             gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (2);
  g_autoptr (JsonObject) environment = NULL;
  LdsSession *half;
  gint64 kept_us[2];

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  run (f, plan);
  half = cut (f->session, 2);
  for (guint i = 0; i < 2; i++)
    kept_us[i] = ((LdsRun *)half->runs->pdata[i])->started_at_us;
  resume (f, half);
  g_assert_no_error (f->error);
  g_assert_true (f->session->complete);
  g_assert_cmpuint (f->n_started, ==, 2);
  g_assert_cmpuint (f->session->runs->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      const LdsRun *one = f->session->runs->pdata[i];
      LdsRunSpec spec = lds_plan_run_spec (f->session->plan, i);

      g_assert_true (one->spec.lane == spec.lane);
      g_assert_cmpuint (one->spec.repeat, ==, spec.repeat);
      if (i < 2)
        g_assert_cmpint (one->started_at_us, ==, kept_us[i]);
    }
  g_assert_true (json_object_has_member (f->session->environment, "resumed_at"));
  for (guint i = 0; i < f->session->warnings->len; i++)
    g_assert_cmpstr (((LdsInvalidReason *)f->session->warnings->pdata[i])->code, !=, "machine-changed");

  /* With nothing missing nothing is started. On another machine it is said. */
  half = cut (f->session, 4);
  environment = lds_environment_copy (half->environment);
  json_object_set_string_member (environment, "cpu_model", "Abacus");
  json_object_unref (half->environment);
  half->environment = json_object_ref (environment);
  resume (f, half);
  g_assert_true (f->session->complete);
  g_assert_cmpuint (f->n_started, ==, 0);
  g_assert_cmpstr (
      ((LdsInvalidReason *)f->session->warnings->pdata[f->session->warnings->len - 1])->code, ==,
      "machine-changed");
}

static guint
count_files (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

static void
test_no_leak (Fixture *f,
              gconstpointer data)
{
  g_autoptr (LdsPlan) plan = new_plan (1);
  guint before;

  run (f, plan); /* what GLib opens once and keeps */
  before = count_files ();
  plan->repeats = 5;
  run (f, plan);
  g_assert_cmpuint (count_files (), <=, before);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) \
  g_test_add ("/bench/conductor/" path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("right", test_right);
  ADD ("leak", test_leak);
  ADD ("stream", test_stream);
  ADD ("knee", test_knee);
  ADD ("stubborn", test_stubborn);
  ADD ("stats-malformed", test_stats_malformed);
  ADD ("workers", test_workers);
  ADD ("companion", test_companion);
  ADD ("cancel", test_cancel);
  ADD ("cancel-early", test_cancel_early);
  ADD ("missing", test_missing);
  ADD ("resume", test_resume);
  ADD ("no-leak", test_no_leak);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strdup_printf (
          "/bench/conductor/fault/%s-%s-%u", faults[i].server != NULL ? "server" : "load",
          faults[i].server != NULL ? faults[i].server : faults[i].load, i);

      g_test_add (path, Fixture, &faults[i], fixture_set_up, test_fault, fixture_tear_down);
    }
  return g_test_run ();
}
