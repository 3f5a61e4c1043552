/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schedule: closed form, all threads together one even grid, and Poisson gaps that are such. */
#include <glib.h>
#include <math.h>

#include "lds-clock.h"
#include "lds-load-pacer.h"

#define START G_GINT64_CONSTANT (5000000000)

static void
test_closed_form (void)
{
  const double rates[] = {0.5, 3, 1000, 12345.678, 50000, 1e7};

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++)
    {
      LdsLoadPacer pacer;

      lds_load_pacer_init (&pacer, rates[r], LDS_ARRIVALS_CONSTANT, 0, 1, 1);
      g_assert_cmpint (pacer.due_ns, ==, INT64_MAX);
      lds_load_pacer_start (&pacer, START, INT64_MAX);
      for (guint64 k = 0; k < 100000; k++)
        {
          g_assert_cmpint (pacer.due_ns, ==, START + (gint64)((double)k * 1e9 / rates[r]));
          lds_load_pacer_take (&pacer);
        }
    }
}

/* Three threads together are the schedule of one. */
static void
test_threads_interleave (void)
{
  LdsLoadPacer one, three[3];

  lds_load_pacer_init (&one, 777, LDS_ARRIVALS_CONSTANT, 0, 1, 1);
  lds_load_pacer_start (&one, START, START + 2 * LDS_NS_PER_S);
  for (guint i = 0; i < 3; i++)
    {
      lds_load_pacer_init (&three[i], 777, LDS_ARRIVALS_CONSTANT, i, 3, 1);
      lds_load_pacer_start (&three[i], START, START + 2 * LDS_NS_PER_S);
    }
  for (guint k = 0; k < 1554; k++)
    {
      g_assert_cmpint (one.due_ns, <, START + 2 * LDS_NS_PER_S);
      g_assert_cmpint (one.due_ns, ==, three[k % 3].due_ns);
      lds_load_pacer_take (&one);
      lds_load_pacer_take (&three[k % 3]);
    }
  g_assert_cmpint (one.due_ns, ==, INT64_MAX);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (three[i].due_ns, ==, INT64_MAX);
}

static void
test_stop (void)
{
  LdsLoadPacer pacer;
  guint n = 0;

  lds_load_pacer_init (&pacer, 1000, LDS_ARRIVALS_CONSTANT, 0, 1, 1);
  lds_load_pacer_start (&pacer, START, START + LDS_NS_PER_S);
  lds_load_pacer_stop (&pacer, START + LDS_NS_PER_S / 2);
  for (; pacer.due_ns != INT64_MAX; n++)
    lds_load_pacer_take (&pacer);
  g_assert_cmpuint (n, ==, 500);
  /* A later end does not bring it back. */
  lds_load_pacer_stop (&pacer, START + LDS_NS_PER_S);
  g_assert_cmpint (pacer.due_ns, ==, INT64_MAX);
}

/* The gaps of an exponential distribution: mean and standard deviation are equal, and the share
 * below the median is a half. 4 threads at 10,000 Hz: 0.4 ms each. */
static void
test_poisson (void)
{
  const guint n = 200000;
  double sums[4] = {0};

  for (guint thread = 0; thread < 4; thread++)
    {
      LdsLoadPacer pacer, same;
      double sum = 0, squares = 0, mean, stddev;
      guint below = 0;
      gint64 last = START;

      lds_load_pacer_init (&pacer, 10000, LDS_ARRIVALS_POISSON, thread, 4, 42);
      lds_load_pacer_init (&same, 10000, LDS_ARRIVALS_POISSON, thread, 4, 42);
      lds_load_pacer_start (&pacer, START, INT64_MAX);
      lds_load_pacer_start (&same, START, INT64_MAX);
      for (guint i = 0; i < n; i++)
        {
          double gap = (double)(pacer.due_ns - last);

          g_assert_cmpfloat (gap, >=, 0);
          g_assert_cmpint (pacer.due_ns, ==, same.due_ns);
          sum += gap;
          squares += gap * gap;
          below += gap < 400000 * log (2);
          last = pacer.due_ns;
          lds_load_pacer_take (&pacer);
          lds_load_pacer_take (&same);
        }
      mean = sum / n;
      stddev = sqrt (squares / n - mean * mean);
      /* Five standard errors. */
      g_assert_cmpfloat_with_epsilon (mean, 400000, 5 * 400000 / sqrt (n));
      g_assert_cmpfloat_with_epsilon (stddev, 400000, 400000 * 0.03);
      g_assert_cmpfloat_with_epsilon ((double)below / n, 0.5, 5 * 0.5 / sqrt (n));
      sums[thread] = sum;
      for (guint other = 0; other < thread; other++)
        g_assert_cmpfloat (sums[other], !=, sum);
    }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/pacer/closed-form", test_closed_form);
  g_test_add_func ("/load/pacer/threads-interleave", test_threads_interleave);
  g_test_add_func ("/load/pacer/stop", test_stop);
  g_test_add_func ("/load/pacer/poisson", test_poisson);
  return g_test_run ();
}
