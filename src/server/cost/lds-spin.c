/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spending CPU time in a loop whose rate is measured all along. */
#include "lds-spin.h"

#include "lds-clock.h"

#include <stdlib.h>

/* Reading the clock is a system call, of some 0.1 to 0.7 us, and each spend needs two: small ones are
 * gathered until they come to so much. */
#define GATHER_NS 8000
/* Each so-manieth spend reads it once more, to see how long that takes by now. */
#define SPENDS_A_READ 8
/* A shorter stretch tells too little about the rate. */
#define LEARN_NS      3000
#define LEARN_WEIGHT  0.125
#define LEARN_AT_MOST 2.0
/* Of the calibration: batches, of which the median counts, and what one of them does. */
#define BATCHES      9
#define BATCH_ROUNDS 100000
#define BATCH_READS  64
#define READ_ROUNDS  1000

typedef struct
{
  double rounds_per_ns; /* 0: not known yet */
  double clock_ns;      /* what reading the clock takes */
} Rate;

typedef struct
{
  Rate rate;
  int64_t owed_ns; /* by the spends before; below 0 when they were too long */
  unsigned spends; /* since the cost of reading the clock was looked at */
} Spinner;

/* Written once, before there are other threads. */
static Rate common_rate;
static _Thread_local Spinner spinner;

/* The multiplier makes a good generator (Knuth's MMIX); here it is one that no compiler can see
 * through. Its latency, not the throughput, is the loop's speed. */
__attribute__ ((noinline)) static void
spin (uint64_t rounds)
{
  uint64_t x = rounds;

  for (; rounds > 0; rounds--)
    {
      x = x * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
      __asm__ volatile(""
                       : "+r"(x));
    }
}

static int
compare_doubles (const void *a,
                 const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static Rate
measure (void)
{
  double reads[BATCH_READS], rates[BATCHES];
  Rate rate;

  /* As in use: after a stretch of the loop. */
  for (int i = 0; i < BATCH_READS; i++)
    {
      int64_t begin_ns;

      spin (READ_ROUNDS);
      begin_ns = lds_clock_thread_cpu_ns ();
      reads[i] = (double)(lds_clock_thread_cpu_ns () - begin_ns);
    }
  qsort (reads, BATCH_READS, sizeof *reads, compare_doubles);
  rate.clock_ns = reads[BATCH_READS / 2];
  for (int batch = 0; batch < BATCHES; batch++)
    {
      int64_t begin_ns = lds_clock_thread_cpu_ns ();
      double spent_ns;

      spin (BATCH_ROUNDS);
      spent_ns = (double)(lds_clock_thread_cpu_ns () - begin_ns) - rate.clock_ns;
      /* A clock that stands still must not make the rate infinite. */
      rates[batch] = BATCH_ROUNDS / (spent_ns > 1 ? spent_ns : BATCH_ROUNDS);
    }
  qsort (rates, BATCHES, sizeof *rates, compare_doubles);
  rate.rounds_per_ns = rates[BATCHES / 2];
  return rate;
}

void
lds_spin_calibrate (void)
{
  common_rate = measure ();
  spinner = (Spinner){.rate = common_rate};
}

static Spinner *
get_spinner (void)
{
  if (spinner.rate.rounds_per_ns <= 0)
    spinner.rate = common_rate.rounds_per_ns > 0 ? common_rate : measure ();
  return &spinner;
}

/* An interrupt within a stretch makes the loop look slow: one stretch never counts for much. */
static void
learn (double *figure,
       double seen)
{
  if (seen > *figure * LEARN_AT_MOST)
    seen = *figure * LEARN_AT_MOST;
  if (seen < *figure / LEARN_AT_MOST)
    seen = *figure / LEARN_AT_MOST;
  *figure += (seen - *figure) * LEARN_WEIGHT;
}

static void
check (const LdsBreaker *breaker)
{
  if (breaker != NULL)
    lds_breaker_check (breaker);
}

static int64_t
spin_until (Spinner *self,
            int64_t now_ns,
            int64_t until_ns,
            const LdsBreaker *breaker)
{
  /* Only the first stretch begins right at a reading of the clock: later ones come after a check,
   * which may have taken long. */
  bool first = true;

  for (;;)
    {
      int64_t left_ns = until_ns - now_ns, then_ns;
      double stretch_ns = (double)(left_ns < LDS_SPIN_STRETCH_NS ? left_ns : LDS_SPIN_STRETCH_NS),
             rounds;

      stretch_ns -= self->rate.clock_ns;
      if (stretch_ns <= 0)
        return now_ns;
      rounds = stretch_ns * self->rate.rounds_per_ns;
      spin ((uint64_t)rounds);
      then_ns = lds_clock_thread_cpu_ns ();
      if (first && stretch_ns >= LEARN_NS && then_ns > now_ns)
        {
          double spent_ns = (double)(then_ns - now_ns) - self->rate.clock_ns;

          learn (&self->rate.rounds_per_ns, rounds / (spent_ns > 1 ? spent_ns : 1));
        }
      first = false;
      now_ns = then_ns;
      check (breaker);
    }
}

int64_t
lds_spin_until_ns (int64_t now_ns,
                   int64_t until_ns,
                   const LdsBreaker *breaker)
{
  return spin_until (get_spinner (), now_ns, until_ns, breaker);
}

void
lds_spin_cpu_ns (int64_t cpu_ns,
                 const LdsBreaker *breaker)
{
  Spinner *self = get_spinner ();
  int64_t begin_ns, end_ns;

  if (cpu_ns <= 0)
    return;
  self->owed_ns += cpu_ns;
  if (self->owed_ns < GATHER_NS)
    return;
  begin_ns = lds_clock_thread_cpu_ns ();
  if (++self->spends >= SPENDS_A_READ)
    {
      int64_t before_ns = begin_ns;

      begin_ns = lds_clock_thread_cpu_ns ();
      learn (&self->rate.clock_ns, (double)(begin_ns - before_ns));
      self->owed_ns -= begin_ns - before_ns;
      self->spends = 0;
    }
  /* Of the readings at both ends, what lies outside of them makes a whole one. */
  self->owed_ns -= (int64_t)self->rate.clock_ns;
  end_ns = spin_until (self, begin_ns, begin_ns + self->owed_ns, breaker);
  self->owed_ns -= end_ns - begin_ns;
}
