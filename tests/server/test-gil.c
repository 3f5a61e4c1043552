/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The global lock: one holder at a time, requests to drop it, forced hand-over. */
#include "lds-gil.h"

#include <glib.h>

/* Long enough for a thread that never drops the lock not to lose it by chance of the machine. */
#define INTERVAL_US 1000

static void
test_alone (void)
{
  LdsGil gil;
  LdsGilCounts counts;

  lds_gil_init (&gil, INTERVAL_US);
  for (int i = 0; i < 100; i++)
    {
      lds_gil_take (&gil);
      lds_gil_check (&gil);
      lds_gil_drop (&gil);
    }
  counts = lds_gil_counts (&gil);
  g_assert_cmpuint (counts.takes, ==, 100);
  g_assert_cmpuint (counts.switches, ==, 1);
  g_assert_cmpuint (counts.contended, ==, 0);
  g_assert_cmpuint (counts.drop_requests, ==, 0);
  g_assert_cmpuint (counts.forced, ==, 0);
  g_assert_cmpint (counts.waited_ns, ==, 0);
  lds_gil_clear (&gil);
}

#define THREADS 4
#define ROUNDS  2000

typedef struct
{
  LdsGil gil;
  gboolean inside; /* under the lock */
  guint64 sum;     /* under the lock */
} Shared;

static gpointer
exclusion_thread (gpointer data)
{
  Shared *shared = data;

  for (int i = 0; i < ROUNDS; i++)
    {
      lds_gil_take (&shared->gil);
      g_assert_false (shared->inside);
      shared->inside = TRUE;
      shared->sum++;
      shared->inside = FALSE;
      /* Another thread may come in here, and only here. */
      lds_gil_check (&shared->gil);
      g_assert_false (shared->inside);
      shared->inside = TRUE;
      shared->sum++;
      shared->inside = FALSE;
      lds_gil_drop (&shared->gil);
    }
  return NULL;
}

static void
test_exclusion (void)
{
  Shared shared = {0};
  GThread *threads[THREADS];
  LdsGilCounts counts;

  lds_gil_init (&shared.gil, INTERVAL_US);
  for (int i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("excluded", exclusion_thread, &shared);
  for (int i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (shared.sum, ==, 2 * THREADS * ROUNDS);
  counts = lds_gil_counts (&shared.gil);
  g_assert_cmpuint (counts.takes, >=, THREADS * ROUNDS);
  g_assert_cmpuint (counts.switches, >=, THREADS);
  g_assert_cmpuint (counts.switches, <=, counts.takes);
  g_assert_cmpuint (counts.contended, <=, counts.takes);
  g_assert_cmpuint (counts.forced, <=, counts.drop_requests);
  lds_gil_clear (&shared.gil);
}

typedef struct
{
  LdsGil gil;
  guint64 turns; /* under the lock: how often the I/O thread has got in */
} Convoy;

#define TURNS 5

/* As a thread that returns from I/O again and again. */
static gpointer
io_thread (gpointer data)
{
  Convoy *convoy = data;

  for (int i = 0; i < TURNS; i++)
    {
      lds_gil_take (&convoy->gil);
      convoy->turns++;
      lds_gil_drop (&convoy->gil);
    }
  return NULL;
}

/* A computing thread that never blocks gives way all the same: each turn of the other thread is
 * one that it asked for, and that it was given before the computing thread came back. */
static void
test_hand_over (void)
{
  Convoy convoy = {0};
  LdsGilCounts counts;
  GThread *thread;
  guint64 turns = 0, seen = 0;

  lds_gil_init (&convoy.gil, INTERVAL_US);
  lds_gil_take (&convoy.gil);
  thread = g_thread_new ("io", io_thread, &convoy);
  while (turns < TURNS)
    {
      lds_gil_check (&convoy.gil);
      turns = convoy.turns;
      g_assert_cmpuint (turns, >=, seen);
      seen = turns;
    }
  lds_gil_drop (&convoy.gil);
  g_thread_join (thread);

  counts = lds_gil_counts (&convoy.gil);
  g_assert_cmpuint (counts.drop_requests, >=, 1);
  g_assert_cmpuint (counts.forced, >=, 1);
  g_assert_cmpuint (counts.contended, >=, 1);
  g_assert_cmpint (counts.waited_ns, >=, counts.drop_requests * INTERVAL_US * 1000);
  lds_gil_clear (&convoy.gil);
}

/* Two computing threads take turns until each has been interrupted a few times. */
static gpointer
computing_thread (gpointer data)
{
  Convoy *convoy = data;

  lds_gil_take (&convoy->gil);
  while (lds_gil_counts (&convoy->gil).forced < 6)
    lds_gil_check (&convoy->gil);
  lds_gil_drop (&convoy->gil);
  return NULL;
}

static void
test_two_computing (void)
{
  Convoy convoy = {0};
  GThread *one, *two;
  LdsGilCounts counts;

  lds_gil_init (&convoy.gil, INTERVAL_US);
  one = g_thread_new ("one", computing_thread, &convoy);
  two = g_thread_new ("two", computing_thread, &convoy);
  g_thread_join (one);
  g_thread_join (two);
  counts = lds_gil_counts (&convoy.gil);
  g_assert_cmpuint (counts.forced, >=, 6);
  g_assert_cmpuint (counts.switches, >, counts.forced);
  lds_gil_clear (&convoy.gil);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/gil/alone", test_alone);
  g_test_add_func ("/server/gil/exclusion", test_exclusion);
  g_test_add_func ("/server/gil/hand-over", test_hand_over);
  g_test_add_func ("/server/gil/two-computing", test_two_computing);
  return g_test_run ();
}
