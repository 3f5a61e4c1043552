/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much CPU time is spent for each ns that is asked, alone and with more threads than cores:
 * the median and the range of nine trials in ten, by the thread's own clock.
 */
#include "lds-clock.h"
#include "lds-spin.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TRIALS   201
#define TRIAL_NS (2 * LDS_NS_PER_MS)
#define THREADS  64

static const int64_t spends_ns[] = {1000, 2000, 10000, 100000, 1000000, 10000000};

#define N_SPENDS (sizeof spends_ns / sizeof *spends_ns)

static int
compare_doubles (const void *a,
                 const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

typedef struct
{
  double low, median, high;
} Ratio;

static Ratio
measure (int64_t spend_ns)
{
  double ratios[TRIALS];
  int64_t n = TRIAL_NS / spend_ns > 0 ? TRIAL_NS / spend_ns : 1;

  for (int trial = 0; trial < TRIALS; trial++)
    {
      int64_t begin_ns = lds_clock_thread_cpu_ns (), end_ns, clock_ns;

      for (int64_t i = 0; i < n; i++)
        lds_spin_cpu_ns (LDS_WORK_BROAD, spend_ns, NULL);
      end_ns = lds_clock_thread_cpu_ns ();
      clock_ns = lds_clock_thread_cpu_ns () - end_ns;
      ratios[trial] = (double)(end_ns - begin_ns - clock_ns) / (double)(n * spend_ns);
    }
  qsort (ratios, TRIALS, sizeof *ratios, compare_doubles);
  return (Ratio){ratios[TRIALS / 20], ratios[TRIALS / 2], ratios[TRIALS - 1 - TRIALS / 20]};
}

static void *
measure_thread (void *data)
{
  Ratio *ratios = data;

  for (size_t i = 0; i < N_SPENDS; i++)
    ratios[i] = measure (spends_ns[i]);
  return NULL;
}

int
main (void)
{
  static Ratio ratios[THREADS + 1][N_SPENDS];
  pthread_t threads[THREADS];
  long cores = sysconf (_SC_NPROCESSORS_ONLN);
  int n = cores < 1 ? 2 : cores > THREADS / 2 ? THREADS
                                              : (int)cores * 2;

  lds_spin_calibrate ();
  measure_thread (ratios[THREADS]);
  for (int i = 0; i < n; i++)
    if (pthread_create (&threads[i], NULL, measure_thread, ratios[i]) != 0)
      n = i;
  for (int i = 0; i < n; i++)
    pthread_join (threads[i], NULL);
  printf ("spend, ns    spent / asked: median (range of 9 in 10)\n"
          "             alone                    the worst of %d threads\n",
          n);
  for (size_t i = 0; i < N_SPENDS; i++)
    {
      Ratio alone = ratios[THREADS][i], worst = ratios[0][i];

      for (int k = 1; k < n; k++)
        {
          Ratio other = ratios[k][i];
          double off = other.median > 1 ? other.median - 1 : 1 - other.median;

          if (off > (worst.median > 1 ? worst.median - 1 : 1 - worst.median))
            worst = other;
        }
      printf ("%-12lld %.4f (%.4f to %.4f)  %.4f (%.4f to %.4f)\n", (long long)spends_ns[i],
              alone.median, alone.low, alone.high, worst.median, worst.low, worst.high);
    }
  return 0;
}
