/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long the history takes with 10 000 runs in it, each as large as a run of five seconds is: to be
 * opened, to list its sessions, to filter its runs. Mark: below 100 ms together.
 *
 * bench-history [FILE]   FILE is kept; without it a temporary one is used */
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lds-history-list.h"
#include "lds-history-record.h"

#define N_SESSIONS 1000
#define N_REPEATS  5 /* of two lanes */
#define N_SAMPLES  60
#define N_TRIALS   15

static LdsRun *
make_run (const LdsPlan *plan,
          guint index,
          gint64 started_at_us)
{
  LdsRunSpec spec = lds_plan_run_spec (plan, index);
  LdsRun *run = lds_run_new (&spec);

  run->response = lds_histogram_new ();
  run->service = lds_histogram_new ();
  for (guint i = 0; i < 1000; i++)
    {
      lds_histogram_record (run->response, 40000 + 997 * i);
      lds_histogram_record (run->service, 30000 + 911 * i);
    }
  for (guint i = 0; i < N_SAMPLES; i++)
    {
      LdsSample sample = {.t_ns = (gint64)i * 100000000,
                          .phase = LDS_PHASE_MEASURE,
                          .rate_hz = 20000 + i / 3.0,
                          .p50_ns = 40000.5 + i,
                          .p99_ns = 90000.25 + i,
                          .rss_bytes = 4e6,
                          .pss_bytes = 1e6,
                          .server_cpu_cores = 0.7 + i / 1e3,
                          .client_cpu_cores = 0.3 + i / 1e3,
                          .n_processes = 1,
                          .n_threads = 2,
                          .loop_lag_p99_ns = NAN};

      g_array_append_val (run->samples, sample);
    }
  run->engine = g_strdup ("epoll");
  run->duration_s = 5;
  run->requests = 100000;
  run->achieved_rate_hz = 20000 + index;
  run->started_at_us = started_at_us;
  return run;
}

static void
fill (LdsHistory *history)
{
  const LdsHistoryAbout about = {.kind = "bench", .title = "One of a thousand"};
  g_autoptr (LdsPlan) plan = lds_plan_new ();

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  plan->repeats = N_REPEATS;
  for (guint i = 0; i < N_SESSIONS; i++)
    {
      g_autoptr (LdsSession) session = lds_session_new (plan);
      g_autoptr (GError) error = NULL;

      for (guint j = 0; j < lds_plan_n_runs (plan); j++)
        g_ptr_array_add (session->runs, make_run (plan, j, ((gint64)i * 100 + j) * 1000000));
      session->complete = TRUE;
      if (lds_history_import (history, &about, session, &error) == 0)
        g_error ("%s", error->message);
    }
}

static double
since_ms (gint64 begun_us)
{
  return (double)(g_get_monotonic_time () - begun_us) / 1e3;
}

static int
compare (const void *a,
         const void *b)
{
  double left = *(const double *)a, right = *(const double *)b;

  return left < right ? -1 : left > right;
}

int
main (int argc,
      char *argv[])
{
  g_autofree char *folder = g_dir_make_tmp ("loadstone-bench-XXXXXX", NULL);
  g_autofree char *own = g_build_filename (folder, "history.sqlite", NULL);
  const char *path = argc > 1 ? argv[1] : own;
  const LdsHistoryFilter all = {0}, words = {.text = "thousand prefork"};
  const LdsHistoryFilter filter = {
      .lane = "model:prefork", .workload = "hello", .only_valid = TRUE, .max_p99_ns = 1e9};
  enum
  {
    OPEN,
    LIST,
    SEARCH,
    FILTER,
    OPEN_AND_FILTER,
    N
  };
  static const char *const names[N] = {"open", "list 1000 sessions", "search them", "filter 10000 runs to 5000",
                                       "open and filter"};
  double times[N][N_TRIALS];
  GStatBuf status;
  LdsHistory *history = lds_history_open (path, LDS_HISTORY_USUAL, NULL);
  gint64 begun_us = g_get_monotonic_time ();

  fill (history);
  lds_history_close (history);
  g_stat (path, &status);
  printf ("filled in %.1f s: %.1f MB\n", since_ms (begun_us) / 1e3, (double)status.st_size / 1e6);
  for (guint i = 0; i < N_TRIALS; i++)
    {
      g_autoptr (GPtrArray) sessions = NULL, found = NULL, runs = NULL;

      begun_us = g_get_monotonic_time ();
      history = lds_history_open (path, LDS_HISTORY_USUAL, NULL);
      times[OPEN][i] = since_ms (begun_us);
      begun_us = g_get_monotonic_time ();
      sessions = lds_history_list_sessions (history, &all, NULL);
      times[LIST][i] = since_ms (begun_us);
      begun_us = g_get_monotonic_time ();
      found = lds_history_list_sessions (history, &words, NULL);
      times[SEARCH][i] = since_ms (begun_us);
      begun_us = g_get_monotonic_time ();
      runs = lds_history_list_runs (history, &filter, NULL);
      times[FILTER][i] = since_ms (begun_us);
      times[OPEN_AND_FILTER][i] = times[OPEN][i] + times[FILTER][i];
      g_assert (sessions->len == N_SESSIONS && found->len == N_SESSIONS &&
                runs->len == N_SESSIONS * N_REPEATS);
      lds_history_close (history);
    }
  for (guint i = 0; i < N; i++)
    {
      qsort (times[i], N_TRIALS, sizeof (double), compare);
      printf ("%-28s median %5.1f ms, worst %5.1f ms\n", names[i], times[i][N_TRIALS / 2],
              times[i][N_TRIALS - 1]);
    }
  begun_us = g_get_monotonic_time ();
  lds_history_close (lds_history_open (path, LDS_HISTORY_CHECK_ALL, NULL));
  printf ("%-28s        %5.1f ms\n", "check of everything", since_ms (begun_us));
  g_unlink (own);
  g_rmdir (folder);
  return 0;
}
