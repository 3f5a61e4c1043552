/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a profile says is what the thread and the process use; by CPU time, the lower quartile of several
 * trials, for interrupts only ever add. */
#include "gil-rival.h"
#include "lds-clock.h"
#include "lds-connection.h"
#include "lds-cost.h"
#include "lds-spin.h"

#include <glib.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRIALS    21
#define ATTEMPTS  10
#define PAUSE_US  200000
#define TOLERANCE 0.03

static const LdsBreaker never;

static int
compare_doubles (const void *a,
                 const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

/* Asserts that @work uses @expected_ns of the thread's CPU time; again later where the machine was busy,
 * for what is wrong stays wrong. */
static void
assert_uses (double expected_ns,
             void (*work) (gpointer data),
             gpointer data)
{
  double used_ns[TRIALS];

  for (guint attempt = 0; attempt < ATTEMPTS; attempt++)
    {
      for (guint trial = 0; trial < TRIALS; trial++)
        {
          gint64 begin_ns = lds_clock_thread_cpu_ns ();

          work (data);
          used_ns[trial] = (double)(lds_clock_thread_cpu_ns () - begin_ns);
        }
      qsort (used_ns, TRIALS, sizeof *used_ns, compare_doubles);
      if (fabs (used_ns[TRIALS / 4] / expected_ns - 1) < TOLERANCE)
        return;
      g_usleep (PAUSE_US);
    }
  g_error ("%.0f ns used instead of %.0f", used_ns[TRIALS / 4], expected_ns);
}

#define REQUESTS 50

typedef struct
{
  const LdsCost *cost;
  gint64 own_ns; /* of each request: what a server uses itself */
  gsize request_bytes, response_bytes;
  const char *content_type;
} Requests;

static void
serve (gpointer data)
{
  const Requests *requests = data;

  for (guint i = 0; i < REQUESTS; i++)
    {
      lds_spin_cpu_ns (LDS_WORK_BROAD, requests->own_ns, NULL);
      lds_cost_request (requests->cost, &never, requests->request_bytes, requests->response_bytes,
                        requests->content_type);
    }
}

/* A request costs what the profile says, whatever the server itself uses of it. */
static void
test_request (void)
{
  LdsProfile profile = {.compute_ratio = 1,
                        .request_total_ns = 40000,
                        .request_byte_ns = 2,
                        .response_byte_ns = 5,
                        .json_byte_ns = 1};
  LdsCost cost;
  Requests requests = {lds_cost_init (&cost, &profile, 0), 0, 0, 0, NULL};

  g_assert_true (requests.cost == &cost);
  assert_uses (REQUESTS * 40e3, serve, &requests);
  requests.own_ns = 25000;
  assert_uses (REQUESTS * 40e3, serve, &requests);
  requests.request_bytes = 10000;
  requests.response_bytes = 6000;
  assert_uses (REQUESTS * (40e3 + 20e3 + 30e3), serve, &requests);
  requests.content_type = "application/json";
  assert_uses (REQUESTS * (40e3 + 20e3 + 36e3), serve, &requests);
  requests.content_type = "text/plain";
  assert_uses (REQUESTS * (40e3 + 20e3 + 30e3), serve, &requests);
  /* More than the profile allows for: nothing is added, and nothing saved up for long. */
  requests.request_bytes = requests.response_bytes = 0;
  requests.own_ns = 100000;
  assert_uses (REQUESTS * 100e3, serve, &requests);
  requests.own_ns = 10000;
  assert_uses (REQUESTS * 40e3, serve, &requests);
}

static void
compute_some (LdsJob *job)
{
  lds_spin_cpu_ns (LDS_WORK_NARROW, 100 * LDS_NS_PER_US, NULL);
}

/* Requests, and a computation. */
static void
serve_paced (gpointer data)
{
  const Requests *requests = data;
  LdsJob job = {.breaker = &never};

  serve (data);
  lds_cost_run_measured (requests->cost, compute_some, &job, requests->cost->profile.compute_ratio);
}

/* The lower quartile of what it uses, less what the server itself does, for twice as much work by what it uses for once. */
static double
compare_work (LdsProfile profile)
{
  double used_ns[2][TRIALS];
  LdsCost costs[2];
  Requests requests[2];

  for (guint i = 0; i < 2; i++)
    {
      requests[i] = (Requests){lds_cost_init (&costs[i], &profile, 0), 0, 0, 0, NULL};
      profile.broad_pace_hz *= 2;
      profile.narrow_pace_hz *= 2;
    }
  for (guint trial = 0; trial < TRIALS; trial++)
    for (guint i = 0; i < 2; i++)
      {
        gint64 begin_ns = lds_clock_thread_cpu_ns ();

        serve_paced (&requests[i]);
        used_ns[i][trial] = (double)(lds_clock_thread_cpu_ns () - begin_ns);
      }
  for (guint i = 0; i < 2; i++)
    qsort (used_ns[i], TRIALS, sizeof *used_ns[i], compare_doubles);
  return used_ns[1][TRIALS / 4] / used_ns[0][TRIALS / 4];
}

/* A profile that knows its pace is spent as work: of twice the pace there is twice as much to do. */
static void
test_paced (void)
{
  const LdsProfile requests = {.compute_ratio = 1, .request_ns = 40000, .broad_pace_hz = 2e7},
                   both = {.compute_ratio = 30,
                           .request_ns = 40000,
                           .broad_pace_hz = 2e7,
                           .narrow_pace_hz = 3e8};
  double by_requests = 0, by_both = 0;

  for (guint attempt = 0; attempt < ATTEMPTS; attempt++)
    {
      by_requests = compare_work (requests);
      by_both = compare_work (both);
      if (by_requests > 1.5 && by_requests < 2.5 && by_both > 1.5 && by_both < 2.5)
        return;
      g_usleep (PAUSE_US);
    }
  g_error ("twice as much work takes %.2f and %.2f times as long", by_requests, by_both);
}

static void
test_tax (void)
{
  LdsProfile profile = {.compute_ratio = 1, .request_total_ns = 40000};
  LdsCost cost;
  Requests requests = {NULL, 50000, 0, 0, NULL};

  g_assert_null (lds_cost_init (&cost, NULL, 0));
  assert_uses (REQUESTS * 50e3, serve, &requests);
  requests.cost = lds_cost_init (&cost, NULL, 20);
  assert_uses (REQUESTS * 60e3, serve, &requests);
  requests.cost = lds_cost_init (&cost, &profile, 50);
  assert_uses (REQUESTS * 60e3, serve, &requests);
}

static void
operate (gpointer data)
{
  const LdsCost *cost = data;

  for (guint i = 0; i < REQUESTS; i++)
    {
      lds_cost_operation (cost, &never, LDS_OPERATION_WAIT, 2, false);
      lds_cost_operation (cost, &never, LDS_OPERATION_CALL, 1, true);
      lds_cost_operation (cost, &never, LDS_OPERATION_COMPUTE, 1, false);
      lds_cost_dispatch (cost, &never);
      lds_cost_message (cost, &never);
      lds_cost_worker_spawn (cost, &never);
    }
}

static void
test_operations (void)
{
  LdsProfile profile = {.compute_ratio = 1,
                        .timer_ns = 5000,
                        .call_ns = 6000,
                        .database_ns = 4000,
                        .dispatch_ns = 20000,
                        .message_total_ns = 30000,
                        .worker_spawn_ns = 40000};
  LdsCost cost;

  assert_uses (REQUESTS * 110e3, operate, (gpointer)lds_cost_init (&cost, &profile, 0));
}

static void
job_cb (LdsJob *job)
{
  lds_spin_cpu_ns (LDS_WORK_BROAD, 200 * LDS_NS_PER_US, job->breaker);
}

typedef struct
{
  const LdsCost *cost;
  gboolean compute;
  gboolean request;
  LdsComputeKind kind;
} Jobs;

static void
run_jobs (gpointer data)
{
  const Jobs *jobs = data;
  LdsServerWorkload workload = {.compute = job_cb, .compute_kind = jobs->kind};

  for (guint i = 0; i < 5; i++)
    {
      LdsJob job = {.breaker = &never};

      if (jobs->compute)
        lds_cost_run_compute (jobs->cost, &workload, &job);
      else
        lds_cost_run_call (jobs->cost, job_cb, &job);
      if (jobs->request)
        lds_cost_request (jobs->cost, &never, 0, 0, NULL);
    }
}

/* Computations take as much longer as the runtime is slower; calls do not; and neither counts
 * towards the request that they are part of. */
static void
test_jobs (void)
{
  LdsProfile profile = {
      .compute_ratio = 4, .integer_ratio = 6, .native_ratio = 2, .request_total_ns = 300000};
  LdsCost cost;
  Jobs jobs = {.compute = TRUE};

  assert_uses (5 * 200e3, run_jobs, &jobs);
  jobs.cost = lds_cost_init (&cost, &profile, 0);
  assert_uses (5 * 800e3, run_jobs, &jobs);
  jobs.compute = FALSE;
  assert_uses (5 * 200e3, run_jobs, &jobs);
  jobs.request = TRUE;
  assert_uses (5 * 500e3, run_jobs, &jobs);
  jobs.compute = TRUE;
  assert_uses (5 * 1100e3, run_jobs, &jobs);
  jobs.request = FALSE;
  jobs.kind = LDS_COMPUTE_INTEGERS;
  assert_uses (5 * 1200e3, run_jobs, &jobs);
  jobs.kind = LDS_COMPUTE_NATIVE;
  assert_uses (5 * 400e3, run_jobs, &jobs);
  /* What is asked for by the clock is the same in every runtime. */
  jobs.kind = LDS_COMPUTE_TIMED;
  assert_uses (5 * 200e3, run_jobs, &jobs);
}

static void
check_cb (void *data)
{
  (*(guint *)data)++;
}

/* Pauses are part of what requests cost; one is spent in one go, and nobody gets the lock meanwhile. */
static void
test_pauses (void)
{
  LdsProfile profile = {
      .compute_ratio = 1, .request_total_ns = 40000, .pause_ns = 1000000, .pause_requests = 100};
  LdsCost cost;
  guint n_checks = 0, n_pauses = 0;
  LdsBreaker breaker = {check_cb, &n_checks};
  Requests requests = {lds_cost_init (&cost, &profile, 0), 0, 0, 0, NULL};

  for (guint i = 0; i < 300; i++)
    {
      gint64 begin_ns = lds_clock_thread_cpu_ns ();
      guint n_before = n_checks;

      lds_cost_request (&cost, &breaker, 0, 0, NULL);
      if (lds_clock_thread_cpu_ns () - begin_ns > 900000 && n_checks - n_before < 20)
        n_pauses++;
    }
  g_assert_cmpuint (n_pauses, ==, 3);
  /* Without its part of the pauses a request is 30 us; with them there is one in two of these trials. */
  assert_uses (REQUESTS * 30e3, serve, &requests);
  profile.pause_requests = 2.5;
  lds_cost_init (&cost, &profile, 0);
  assert_uses (REQUESTS / 2.5 * 1e6, serve, &requests);
}

static void
serve_turns (gpointer data)
{
  const Requests *requests = data;

  for (guint i = 0; i < REQUESTS; i++)
    {
      if (i % 5 == 0)
        lds_cost_begin_turn ();
      lds_cost_request (requests->cost, &never, 0, 0, NULL);
    }
}

/* Of the requests of one turn the first pays for it. */
static void
test_turns (void)
{
  LdsProfile profile = {.compute_ratio = 1, .request_total_ns = 40000, .turn_ns = 30000};
  LdsCost cost;
  Requests requests = {lds_cost_init (&cost, &profile, 0), 0, 0, 0, NULL};

  assert_uses (REQUESTS * 40e3, serve, &requests);
  assert_uses (REQUESTS * (40e3 + 30e3 / 5), serve_turns, &requests);
}

/* A request with a body costs more than one without, whatever its length. */
static void
test_body (void)
{
  LdsProfile profile = {.compute_ratio = 1, .request_total_ns = 40000, .body_ns = 25000};
  LdsCost cost;
  Requests requests = {lds_cost_init (&cost, &profile, 0), 0, 0, 0, NULL};

  assert_uses (REQUESTS * 40e3, serve, &requests);
  requests.request_bytes = 1;
  assert_uses (REQUESTS * 65e3, serve, &requests);
}

static gint64
resident_bytes (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  words = g_strsplit (text, " ", 3);
  return g_ascii_strtoll (words[1], NULL, 10) * sysconf (_SC_PAGESIZE);
}

/* In a process of its own: what is resident comes to what is asked, and so does the CPU time. */
static void
start_forked (gboolean is_worker,
              gint64 rss_bytes,
              gint64 cpu_ns)
{
  LdsProfile profile = {
      .compute_ratio = 1,
      .base_rss_bytes = is_worker ? 0 : rss_bytes,
      .worker_rss_bytes = is_worker ? rss_bytes : 0,
      .startup_cpu_ns = (double)cpu_ns,
  };
  LdsCost cost;
  int status;
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      gint64 bytes, used_ns;

      lds_cost_start_process (lds_cost_init (&cost, &profile, 0), is_worker);
      used_ns = lds_clock_process_cpu_ns ();
      bytes = resident_bytes ();
      if (fabs ((double)bytes / (double)rss_bytes - 1) > 0.05)
        g_printerr ("%" G_GINT64_FORMAT " bytes are resident instead of %" G_GINT64_FORMAT "\n", bytes, rss_bytes);
      else if (fabs ((double)used_ns / (double)cpu_ns - 1) > TOLERANCE)
        g_printerr ("%" G_GINT64_FORMAT " ns were used instead of %" G_GINT64_FORMAT "\n", used_ns, cpu_ns);
      else
        _exit (0);
      _exit (1);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
test_start (void)
{
  /* Above what sanitizers take for themselves. */
  gint64 base_bytes = resident_bytes () + 60 * 1000 * 1000;

  start_forked (FALSE, base_bytes, 200 * LDS_NS_PER_MS);
  start_forked (TRUE, base_bytes, 200 * LDS_NS_PER_MS);
  lds_cost_start_process (NULL, FALSE);
}

/* In a process of its own: memory grows with the requests, and then no more. */
static void
test_growth (void)
{
  gint64 bytes = resident_bytes ();
  LdsProfile profile = {.compute_ratio = 1,
                        .base_rss_bytes = bytes,
                        .loaded_rss_bytes = bytes + 40 * 1000 * 1000,
                        .loaded_requests = 1000};
  LdsCost cost;
  int status;
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      gint64 half_bytes, whole_bytes;

      lds_cost_start_process (lds_cost_init (&cost, &profile, 0), FALSE);
      bytes = resident_bytes ();
      for (guint i = 0; i < 500; i++)
        lds_cost_request (&cost, &never, 0, 0, NULL);
      half_bytes = resident_bytes () - bytes;
      for (guint i = 0; i < 1500; i++)
        lds_cost_request (&cost, &never, 0, 0, NULL);
      whole_bytes = resident_bytes () - bytes;
      if (half_bytes > 18e6 && half_bytes < 22e6 && whole_bytes > 38e6 && whole_bytes < 42e6)
        _exit (0);
      g_printerr ("grown by %" G_GINT64_FORMAT ", then by %" G_GINT64_FORMAT " bytes\n", half_bytes, whole_bytes);
      _exit (1);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

/* What a process has is not shared with those that it forks. */
static void
test_start_after_fork (void)
{
  gint64 bytes = resident_bytes () + 50 * 1000 * 1000;
  LdsProfile profile = {.compute_ratio = 1, .base_rss_bytes = bytes, .worker_rss_bytes = bytes};
  LdsCost cost;

  lds_cost_start_process (lds_cost_init (&cost, &profile, 0), FALSE);
  g_assert_cmpint (resident_bytes (), >=, bytes / 100 * 95);
  start_forked (TRUE, bytes, 100 * LDS_NS_PER_MS);
}

static void
test_connection (void)
{
  LdsProfile profile = {.compute_ratio = 1, .connection_bytes = 10000};
  LdsCost cost;
  void *memory = lds_cost_connection (lds_cost_init (&cost, &profile, 0), 1000);

  g_assert_nonnull (memory);
  g_assert_cmpuint (malloc_usable_size (memory), >=, 9000);
  g_assert_cmpuint (malloc_usable_size (memory), <, 9500);
  free (memory);
  g_assert_null (lds_cost_connection (&cost, 10000));
  g_assert_null (lds_cost_connection (NULL, 1000));
}

/* A whole connection: requests of GET / in, answers out. */
static void
advance (gpointer data)
{
  LdsConnection *connection = data;
  static const char get[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  char scratch[4096];
  LdsBuffer out = {0};

  for (guint i = 0; i < REQUESTS; i++)
    {
      char *room;
      gsize room_bytes;

      g_assert_true (lds_connection_room (connection, scratch, sizeof scratch, &room, &room_bytes));
      memcpy (room, get, sizeof get - 1);
      lds_connection_received (connection, room, sizeof get - 1);
      g_assert_cmpint (lds_connection_advance (connection, &out), ==, LDS_CONNECTION_READ);
      g_assert_true (lds_connection_settle (connection));
      lds_buffer_clear (&out);
    }
  lds_buffer_free (&out);
}

static void
test_whole_connection (void)
{
  LdsProfile profile = {.compute_ratio = 1,
                        .request_total_ns = 50000,
                        .response_byte_ns = 1000,
                        .connection_bytes = 20000};
  LdsCost cost;
  LdsServer server = {.limits = LDS_HTTP_LIMITS_DEFAULT,
                      .cost = lds_cost_init (&cost, &profile, 0)};
  LdsConnection connection;

  lds_connection_init (&connection, &server);
  g_assert_nonnull (connection.ballast);
  assert_uses (REQUESTS * (50e3 + 6 * 1e3), advance, &connection);
  lds_connection_clear (&connection);
  g_assert_null (connection.ballast);
}

/* Who pays for requests under the global lock gives way, though it never lets go of it itself. */
static void
test_gil (void)
{
  LdsProfile profile = {.compute_ratio = 1, .request_total_ns = 300000};
  LdsCost cost;
  GilRival rival = {0};
  LdsServer server = {
      .limits = LDS_HTTP_LIMITS_DEFAULT,
      .cost = lds_cost_init (&cost, &profile, 0),
      .breaker = {gil_rival_check_cb, &rival.gil},
  };
  LdsConnection connection;

  lds_connection_init (&connection, &server);
  gil_rival_assert_gives_way (&rival, advance, &connection);
  lds_connection_clear (&connection);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/cost/start", test_start);
  g_test_add_func ("/server/cost/start-after-fork", test_start_after_fork);
  g_test_add_func ("/server/cost/request", test_request);
  g_test_add_func ("/server/cost/paced", test_paced);
  g_test_add_func ("/server/cost/tax", test_tax);
  g_test_add_func ("/server/cost/operations", test_operations);
  g_test_add_func ("/server/cost/jobs", test_jobs);
  g_test_add_func ("/server/cost/pauses", test_pauses);
  g_test_add_func ("/server/cost/body", test_body);
  g_test_add_func ("/server/cost/turns", test_turns);
  g_test_add_func ("/server/cost/growth", test_growth);
  g_test_add_func ("/server/cost/connection", test_connection);
  g_test_add_func ("/server/cost/whole-connection", test_whole_connection);
  g_test_add_func ("/server/cost/gil", test_gil);
  return g_test_run ();
}
