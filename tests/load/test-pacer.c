/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads on a schedule: all together one schedule, none twice, and Poisson arrivals that are such. */
#include <glib.h>
#include <math.h>

#include "lds-clock.h"
#include "lds-load-pacer.h"

#define START G_GINT64_CONSTANT (5000000000)
#define END   (START + G_GINT64_CONSTANT (1000000000000))

/* A step, a ramp up from 0, a pause and a ramp down: 2000 + 3000 + 0 + 1500 requests. */
static const LdsLoadSegment steps[] = {
    {1000, 1000, 2 * LDS_NS_PER_S},
    {0, 2000, 3 * LDS_NS_PER_S},
    {0, 0, 1 * LDS_NS_PER_S},
    {1000, 500, 2 * LDS_NS_PER_S},
};
#define N_STEPS    G_N_ELEMENTS (steps)
#define N_REQUESTS 6500

static LdsLoadSchedule *
make (guint n,
      const LdsLoadSegment *segments)
{
  g_autoptr (GError) error = NULL;
  LdsLoadSchedule *schedule = lds_load_schedule_new (segments, n, &error);

  g_assert_no_error (error);
  return schedule;
}

static LdsLoadSchedule *
make_constant (double rate_hz,
               gint64 duration_ns)
{
  return make (1, &(LdsLoadSegment){rate_hz, rate_hz, duration_ns});
}

/* How many requests are due, until none is. */
static guint
count (LdsLoadPacer *pacer)
{
  guint n = 0;

  for (; pacer->due_ns != INT64_MAX; n++)
    lds_load_pacer_take (pacer);
  return n;
}

static void
test_closed_form (void)
{
  g_autoptr (LdsLoadSchedule) schedule = make (N_STEPS, steps);
  LdsLoadPacer pacer;

  lds_load_pacer_init (&pacer, schedule, LDS_ARRIVALS_CONSTANT, 0, 1, 1, 0);
  g_assert_cmpint (pacer.due_ns, ==, INT64_MAX);
  lds_load_pacer_start (&pacer, START, END);
  for (guint k = 0; k < N_REQUESTS; k++)
    {
      g_assert_cmpint (pacer.due_ns, ==, START + lds_load_schedule_time_of (schedule, k));
      lds_load_pacer_take (&pacer);
    }
  g_assert_cmpint (pacer.due_ns, ==, INT64_MAX);
  /* Begun again, it is the same. */
  lds_load_pacer_start (&pacer, START, END);
  g_assert_cmpint (pacer.due_ns, ==, START);
  g_assert_cmpuint (count (&pacer), ==, N_REQUESTS);
}

/* Several threads together are the schedule of one. */
static void
test_threads_interleave (void)
{
  g_autoptr (LdsLoadSchedule) schedule = make (N_STEPS, steps);
  LdsLoadPacer pacers[7];

  for (guint n_threads = 1; n_threads <= G_N_ELEMENTS (pacers); n_threads++)
    {
      for (guint i = 0; i < n_threads; i++)
        {
          lds_load_pacer_init (&pacers[i], schedule, LDS_ARRIVALS_CONSTANT, i, n_threads, 1, 0);
          lds_load_pacer_start (&pacers[i], START, END);
        }
      for (guint k = 0; k < N_REQUESTS; k++)
        {
          g_assert_cmpint (pacers[k % n_threads].due_ns, ==,
                           START + lds_load_schedule_time_of (schedule, k));
          lds_load_pacer_take (&pacers[k % n_threads]);
        }
      for (guint i = 0; i < n_threads; i++)
        g_assert_cmpint (pacers[i].due_ns, ==, INT64_MAX);
    }
}

static void
test_stop (void)
{
  g_autoptr (LdsLoadSchedule) schedule = make_constant (1000, LDS_NS_PER_S);
  LdsLoadPacer pacer;

  lds_load_pacer_init (&pacer, schedule, LDS_ARRIVALS_CONSTANT, 0, 1, 1, 0);
  lds_load_pacer_start (&pacer, START, END);
  lds_load_pacer_stop (&pacer, START + LDS_NS_PER_S / 2);
  g_assert_cmpuint (count (&pacer), ==, 500);
  /* A later end does not bring it back. */
  lds_load_pacer_stop (&pacer, START + LDS_NS_PER_S);
  g_assert_cmpint (pacer.due_ns, ==, INT64_MAX);
  /* An end ahead of the schedule's. */
  lds_load_pacer_start (&pacer, START, START + LDS_NS_PER_S / 4);
  g_assert_cmpuint (count (&pacer), ==, 250);
}

/* One rate, as the schedule begins, for as long as it takes; the schedule is whole behind it. */
static void
test_warm_up (void)
{
  g_autoptr (LdsLoadSchedule) constant = make_constant (100, LDS_NS_PER_S);
  g_autoptr (LdsLoadSchedule) ramp = make (1, &steps[1]);
  LdsLoadPacer pacer;

  lds_load_pacer_init (&pacer, constant, LDS_ARRIVALS_CONSTANT, 0, 1, 1, 50);
  lds_load_pacer_start_warm_up (&pacer, START, START + 5 * LDS_NS_PER_S);
  for (guint k = 0; k < 500; k++)
    {
      g_assert_cmpint (pacer.due_ns, ==, START + k * 10 * LDS_NS_PER_MS);
      lds_load_pacer_take (&pacer);
    }
  g_assert_cmpint (pacer.due_ns, ==, INT64_MAX);
  lds_load_pacer_start (&pacer, START, END);
  g_assert_cmpuint (count (&pacer), ==, 50);

  /* A ramp from 0: a tenth of its peak, 200 Hz, in three threads. */
  for (guint i = 0; i < 3; i++)
    {
      lds_load_pacer_init (&pacer, ramp, LDS_ARRIVALS_CONSTANT, i, 3, 1, 0);
      lds_load_pacer_start_warm_up (&pacer, START, START + 3 * LDS_NS_PER_S);
      g_assert_cmpint (pacer.due_ns, ==, START + i * 5 * LDS_NS_PER_MS);
      g_assert_cmpuint (count (&pacer), ==, 200);
      lds_load_pacer_start (&pacer, START, END);
      g_assert_cmpuint (count (&pacer), ==, 1000);
    }
  lds_load_pacer_init (&pacer, ramp, LDS_ARRIVALS_POISSON, 0, 1, 1, 0);
  lds_load_pacer_start_warm_up (&pacer, START, START + 50 * LDS_NS_PER_S);
  /* 10,000 in the mean, standard deviation 100. */
  g_assert_cmpfloat_with_epsilon (count (&pacer), 10000, 500);
}

static void
test_max_requests (void)
{
  g_autoptr (LdsLoadSchedule) schedule = make (N_STEPS, steps);
  const guint limits[] = {1, 2, 3, 4, 5, 1000, 2001, N_REQUESTS - 1, N_REQUESTS, N_REQUESTS + 1};

  for (guint l = 0; l < G_N_ELEMENTS (limits); l++)
    {
      guint n = 0, n_poisson = 0;
      gint64 last_ns = 0;

      for (guint i = 0; i < 4; i++)
        {
          LdsLoadPacer pacer;

          lds_load_pacer_init (&pacer, schedule, LDS_ARRIVALS_CONSTANT, i, 4, 1, limits[l]);
          lds_load_pacer_start (&pacer, START, END);
          for (; pacer.due_ns != INT64_MAX; n++)
            {
              last_ns = MAX (last_ns, pacer.due_ns);
              lds_load_pacer_take (&pacer);
            }
          lds_load_pacer_init (&pacer, schedule, LDS_ARRIVALS_POISSON, i, 4, 1, limits[l]);
          lds_load_pacer_start (&pacer, START, END);
          n_poisson += count (&pacer);
        }
      /* Those due first, not just as many. */
      g_assert_cmpuint (n, ==, MIN (limits[l], N_REQUESTS));
      g_assert_cmpint (last_ns, ==, START + lds_load_schedule_time_of (schedule, n - 1));
      if (limits[l] < N_REQUESTS / 2)
        g_assert_cmpuint (n_poisson, ==, limits[l]);
      g_assert_cmpuint (n_poisson, <=, limits[l]);
    }
}

/* The gaps of an exponential distribution: mean and standard deviation are equal, and the share
 * below the median is a half. 4 threads at 10,000 Hz: 0.4 ms each. */
static void
test_poisson (void)
{
  g_autoptr (LdsLoadSchedule) schedule = make_constant (10000, 200 * LDS_NS_PER_S);
  const guint n = 200000;
  double sums[4] = {0};

  for (guint thread = 0; thread < 4; thread++)
    {
      LdsLoadPacer pacer, same;
      double sum = 0, squares = 0, mean, stddev;
      guint below = 0;
      gint64 last = START;

      lds_load_pacer_init (&pacer, schedule, LDS_ARRIVALS_POISSON, thread, 4, 42, 0);
      lds_load_pacer_init (&same, schedule, LDS_ARRIVALS_POISSON, thread, 4, 42, 0);
      lds_load_pacer_start (&pacer, START, END);
      lds_load_pacer_start (&same, START, END);
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

/* A Poisson process of changing rate: the numbers of requests in disjoint intervals vary around the
 * integral by its square root, and not by less. 80 intervals of 0.1 s, 100 seeds, 3 threads. */
static void
test_poisson_follows_schedule (void)
{
  g_autoptr (LdsLoadSchedule) schedule = make (N_STEPS, steps);
  const gint64 bin_ns = LDS_NS_PER_S / 10;
  const guint n_seeds = 100;
  double chi2 = 0;
  guint degrees = 0;

  for (guint seed = 0; seed < n_seeds; seed++)
    {
      guint counts[80] = {0};

      for (guint thread = 0; thread < 3; thread++)
        {
          LdsLoadPacer pacer;

          lds_load_pacer_init (&pacer, schedule, LDS_ARRIVALS_POISSON, thread, 3, seed, 0);
          lds_load_pacer_start (&pacer, START, END);
          for (; pacer.due_ns != INT64_MAX; lds_load_pacer_take (&pacer))
            counts[(pacer.due_ns - START) / bin_ns]++;
        }
      for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
        {
          double expected = lds_load_schedule_requests_until (schedule, (i + 1) * bin_ns) -
                            lds_load_schedule_requests_until (schedule, i * bin_ns);

          if (expected < 1e-6)
            {
              g_assert_cmpuint (counts[i], ==, 0);
              continue;
            }
          if (expected < 5)
            continue;
          chi2 += (counts[i] - expected) * (counts[i] - expected) / expected;
          degrees++;
        }
    }
  /* 70 of the intervals are not in the pause, the first of the ramp holds but 3. The mean of chi-square is
   * its degrees of freedom, its variance twice that: five standard deviations. */
  g_assert_cmpuint (degrees, ==, 69 * n_seeds);
  g_assert_cmpfloat_with_epsilon (chi2, degrees, 5 * sqrt (2.0 * degrees));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/pacer/closed-form", test_closed_form);
  g_test_add_func ("/load/pacer/threads-interleave", test_threads_interleave);
  g_test_add_func ("/load/pacer/stop", test_stop);
  g_test_add_func ("/load/pacer/warm-up", test_warm_up);
  g_test_add_func ("/load/pacer/max-requests", test_max_requests);
  g_test_add_func ("/load/pacer/poisson", test_poisson);
  g_test_add_func ("/load/pacer/poisson-follows-schedule", test_poisson_follows_schedule);
  return g_test_run ();
}
