/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPU time is spent as asked, within 3 % by the thread's own clock: the lower quartile of several trials,
 * for an interrupt is charged to whom it hits, and only ever adds. */
#include "gil-rival.h"
#include "lds-clock.h"
#include "lds-spin.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOLERANCE 0.03
/* At the least, so that what disturbs the machine for a moment spoils a few of them only; and again
 * later where it lasts, for what is wrong stays wrong. */
#define TRIALS    15
#define ATTEMPTS  10
#define PAUSE_US  200000
#define TRIALS_NS (10 * LDS_NS_PER_MS)

/* Spends, and of how much CPU a trial consists at the least. */
static const gint64 spends_ns[] = {LDS_NS_PER_US, 10 * LDS_NS_PER_US, 100 * LDS_NS_PER_US,
                                   LDS_NS_PER_MS, 10 * LDS_NS_PER_MS};
#define TRIAL_NS (2 * LDS_NS_PER_MS)

static int
compare_doubles (const void *a,
                 const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
lower_quartile (double *values,
                guint n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return values[n / 4];
}

/* Returns what was spent for each ns that was asked, with @count spends a trial. */
static double
spent_ratio (gint64 spend_ns,
             guint count)
{
  guint trials = MAX (TRIALS, (guint)(TRIALS_NS / (spend_ns * count)));
  g_autofree double *ratios = g_new (double, trials);

  for (guint trial = 0; trial < trials; trial++)
    {
      gint64 begin_ns = lds_clock_thread_cpu_ns (), spent_ns, end_ns;

      for (guint i = 0; i < count; i++)
        lds_spin_cpu_ns (LDS_WORK_BROAD, spend_ns, NULL);
      spent_ns = lds_clock_thread_cpu_ns () - begin_ns;
      end_ns = lds_clock_thread_cpu_ns ();
      /* Less what a reading of the clock takes here and now. */
      spent_ns -= end_ns - (begin_ns + spent_ns);
      ratios[trial] = (double)spent_ns / (double)(spend_ns * count);
    }
  return lower_quartile (ratios, trials);
}

static gboolean
is_right (gint64 spend_ns,
          guint count)
{
  for (guint attempt = 0; attempt < ATTEMPTS; attempt++)
    {
      double ratio = spent_ratio (spend_ns, count);

      if (ratio > 1 - TOLERANCE && ratio < 1 + TOLERANCE)
        return TRUE;
      g_printerr ("%u spends of %" G_GINT64_FORMAT " ns: %.3f of what was asked\n", count, spend_ns, ratio);
      g_usleep (PAUSE_US);
    }
  return FALSE;
}

/* Sums of many spends, and from 10 us on each by itself. */
static gboolean
all_right (void)
{
  gboolean right = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (spends_ns); i++)
    {
      if (!is_right (spends_ns[i], (guint)(TRIAL_NS / spends_ns[i]) + 1))
        right = FALSE;
      if (spends_ns[i] >= 10 * LDS_NS_PER_US && !is_right (spends_ns[i], 1))
        right = FALSE;
    }
  return right;
}

/* First of all tests: nothing has been calibrated yet, and a thread sees to that itself. */
static gpointer
spending_thread (gpointer data)
{
  return GINT_TO_POINTER (all_right ());
}

static void
test_uncalibrated (void)
{
  g_assert_true (GPOINTER_TO_INT (g_thread_join (g_thread_new ("own", spending_thread, NULL))));
}

static void
test_accuracy (void)
{
  lds_spin_calibrate ();
  g_assert_true (all_right ());
}

static void
test_competing (void)
{
  GThread *threads[] = {g_thread_new ("one", spending_thread, NULL),
                        g_thread_new ("two", spending_thread, NULL),
                        g_thread_new ("three", spending_thread, NULL)};

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_true (GPOINTER_TO_INT (g_thread_join (threads[i])));
}

static void
test_forked (void)
{
  pid_t pid = fork ();
  int status;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    _exit (all_right () ? 0 : 1);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
test_nothing (void)
{
  gint64 now_ns;

  lds_spin_cpu_ns (LDS_WORK_BROAD, 0, NULL);
  lds_spin_cpu_ns (LDS_WORK_BROAD, G_MININT64, NULL);
  g_assert_true (is_right (100 * LDS_NS_PER_US, 20));
  now_ns = lds_clock_thread_cpu_ns ();
  g_assert_cmpint (lds_spin_until_ns (LDS_WORK_BROAD, now_ns, now_ns, NULL), ==, now_ns);
  g_assert_cmpint (lds_spin_until_ns (LDS_WORK_BROAD, now_ns, 0, NULL), ==, now_ns);
}

static void
test_until (void)
{
  double ratios[TRIALS];

  for (guint trial = 0; trial < TRIALS; trial++)
    {
      gint64 now_ns = lds_clock_thread_cpu_ns ();
      gint64 until_ns = now_ns;

      /* As a caller that settles an account: what was spent too much counts for the next. */
      for (guint i = 1; i <= 100; i++)
        until_ns = lds_spin_until_ns (LDS_WORK_BROAD, lds_clock_thread_cpu_ns (),
                                      now_ns + i * 10 * LDS_NS_PER_US, NULL);
      g_assert_cmpint (until_ns, >=, now_ns + 999 * LDS_NS_PER_US);
      ratios[trial] = (double)(lds_clock_thread_cpu_ns () - now_ns) / (double)LDS_NS_PER_MS;
    }
  g_assert_cmpfloat (fabs (lower_quartile (ratios, TRIALS) - 1), <, TOLERANCE);
}

static void
count_cb (void *data)
{
  ++*(guint *)data;
}

/* The breaker is looked at after every 50 us of CPU; some of which an interrupt may take. */
static void
test_breaker (void)
{
  guint checks = 0;
  LdsBreaker breaker = {count_cb, &checks};

  lds_spin_cpu_ns (LDS_WORK_BROAD, 20 * LDS_NS_PER_MS, &breaker);
  g_assert_cmpuint (checks, >=, 300);
  g_assert_cmpuint (checks, <=, 500);
}

static void
spin_for_1_ms (void *breaker)
{
  lds_spin_cpu_ns (LDS_WORK_BROAD, LDS_NS_PER_MS, breaker);
}

/* Whoever spends under the global lock gives way, as an interpreter between two instructions. */
static void
test_gil (void)
{
  GilRival rival = {0};
  LdsBreaker breaker = {gil_rival_check_cb, &rival.gil};

  gil_rival_assert_gives_way (&rival, spin_for_1_ms, &breaker);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/spin/uncalibrated", test_uncalibrated);
  g_test_add_func ("/server/spin/accuracy", test_accuracy);
  g_test_add_func ("/server/spin/competing", test_competing);
  g_test_add_func ("/server/spin/forked", test_forked);
  g_test_add_func ("/server/spin/nothing", test_nothing);
  g_test_add_func ("/server/spin/until", test_until);
  g_test_add_func ("/server/spin/breaker", test_breaker);
  g_test_add_func ("/server/spin/gil", test_gil);
  return g_test_run ();
}
