/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting in shared memory: by threads, by processes that die, and how late a loop is.
 *
 * What is observed is observed for good: each test is a process of its own. */
#include "lds-tally.h"

#include <glib.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t
count (unsigned process,
       LdsTally which)
{
  uint64_t sums[LDS_TALLY_N];

  lds_tally_read (process, sums);
  return sums[which];
}

static void
test_unobserved (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  lds_tally_add (LDS_TALLY_BYTES_IN, 7);
  lds_tally_bury (3);
  lds_tally_probed (1000);
  g_assert_false (lds_tally_observed ());
  g_assert_cmpuint (lds_tally_processes (), ==, 0);
}

#define THREADS 4
#define ROUNDS  50000

static gpointer
counting_thread (gpointer data)
{
  for (int i = 0; i < ROUNDS; i++)
    {
      lds_tally_add (LDS_TALLY_REQUESTS_BEGUN, 1);
      lds_tally_add (LDS_TALLY_BYTES_IN, 3);
    }
  return NULL;
}

/* More threads than there are blocks, though never at the same time. */
static void
test_threads (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  g_assert_true (lds_tally_observe (1, THREADS));
  for (unsigned round = 1; round <= 3; round++)
    {
      GThread *threads[THREADS];

      for (unsigned i = 0; i < THREADS; i++)
        threads[i] = g_thread_new (NULL, counting_thread, NULL);
      for (unsigned i = 0; i < THREADS; i++)
        g_thread_join (threads[i]);
      g_assert_cmpuint (count (0, LDS_TALLY_REQUESTS_BEGUN), ==, round * THREADS * ROUNDS);
      g_assert_cmpuint (count (0, LDS_TALLY_BYTES_IN), ==, round * THREADS * ROUNDS * 3);
    }
}

static void
test_dead_process (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  g_assert_true (lds_tally_observe (3, 2));
  lds_tally_add (LDS_TALLY_BYTES_OUT, 1);
  for (unsigned turn = 1; turn <= 2; turn++)
    {
      uint64_t sums[LDS_TALLY_N];
      int status;
      pid_t pid = fork ();

      if (pid == 0)
        {
          /* Forked and nobody yet: must not meet what its parent counts. */
          lds_tally_add (LDS_TALLY_BYTES_OUT, 100);
          lds_tally_be_process (2);
          lds_tally_add (LDS_TALLY_CONNECTIONS_OPENED, 3);
          lds_tally_add (LDS_TALLY_CONNECTIONS_CLOSED, 1);
          lds_tally_add (LDS_TALLY_REQUESTS_BEGUN, 5);
          lds_tally_add (LDS_TALLY_REQUESTS_DONE, 4);
          lds_tally_add (LDS_TALLY_JOBS_QUEUED, 1);
          lds_tally_probe_started (1);
          _exit (0);
        }
      g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
      g_assert_cmpint (lds_tally_read (2, sums), ==, pid);
      g_assert_cmpuint (sums[LDS_TALLY_REQUESTS_DONE], ==, 5 * turn - 1);
      lds_tally_bury (2);
      g_assert_cmpint (lds_tally_read (2, sums), ==, 0);
      g_assert_cmpuint (sums[LDS_TALLY_REQUESTS_BEGUN], ==, 5 * turn);
      g_assert_cmpuint (sums[LDS_TALLY_REQUESTS_DONE], ==, 5 * turn);
      g_assert_cmpuint (sums[LDS_TALLY_REQUESTS_LOST], ==, turn);
      g_assert_cmpuint (sums[LDS_TALLY_CONNECTIONS_CLOSED], ==, 3 * turn);
      g_assert_cmpuint (sums[LDS_TALLY_JOBS_BEGUN], ==, turn);
      g_assert_cmpuint (sums[LDS_TALLY_JOBS_DONE], ==, turn);
      g_assert_cmpint (lds_tally_read_lags (2, 1000, NULL, NULL), ==, -1);
    }
  g_assert_cmpuint (count (0, LDS_TALLY_BYTES_OUT), ==, 1);
  g_assert_cmpuint (count (1, LDS_TALLY_BYTES_OUT), ==, 0);
}

static void
lag_cb (void *data,
        int64_t lag_ns)
{
  g_array_append_val ((GArray *)data, lag_ns);
}

#define MS INT64_C (1000000)

static void
test_lags (void)
{
  g_autoptr (GArray) lags = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  lags = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_assert_true (lds_tally_observe (1, 1));
  g_assert_cmpint (lds_tally_read_lags (0, 500 * MS, lag_cb, lags), ==, -1);

  lds_tally_probe_started (1000 * MS);
  lds_tally_probed (999 * MS);
  g_assert_cmpint (lds_tally_read_lags (0, 999 * MS, lag_cb, lags), ==, 0);
  g_assert_cmpuint (lags->len, ==, 0);
  lds_tally_probed (1000 * MS + 7);
  /* A stall: the points 1010 to 1040, each with what it is late by. */
  g_assert_cmpint (lds_tally_read_lags (0, 1040 * MS, lag_cb, lags), ==, 30 * MS);
  lds_tally_probed (1045 * MS);
  lds_tally_probed (1049 * MS);
  g_assert_cmpint (lds_tally_read_lags (0, 1049 * MS, lag_cb, lags), ==, 0);
  g_assert_cmpuint (lags->len, ==, 5);
  g_assert_cmpint (g_array_index (lags, int64_t, 0), ==, 7);
  for (unsigned i = 0; i < 4; i++)
    g_assert_cmpint (g_array_index (lags, int64_t, 1 + i), ==, (35 - 10 * (int)i) * MS);

  /* Nobody reads for so long that there is no room: what is left out is counted. */
  g_array_set_size (lags, 0);
  for (int i = 0; i < 1000; i++)
    lds_tally_probed ((1050 + 10 * i) * MS);
  lds_tally_read_lags (0, 20000 * MS, lag_cb, lags);
  g_assert_cmpuint (lags->len, >, 100);
  g_assert_cmpuint (lags->len + count (0, LDS_TALLY_PROBES_MISSED), ==, 1000);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tally/unobserved", test_unobserved);
  g_test_add_func ("/tally/threads", test_threads);
  g_test_add_func ("/tally/dead-process", test_dead_process);
  g_test_add_func ("/tally/lags", test_lags);
  return g_test_run ();
}
