/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spending CPU time in work whose pace is measured all along. */
#include "lds-spin.h"

#include "lds-clock.h"
#include "lds-tally.h"

#include <math.h>
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
#define BATCHES     9
#define BATCH_READS 64
#define READ_PART   100

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
  double part;     /* of a round that is still to be done */
} Spinner;

/* Written once, before there are other threads. */
static Rate common_rates[LDS_WORK_N_KINDS];
static _Thread_local Spinner spinners[LDS_WORK_N_KINDS];

/* What is told of work that was done. */
static const struct
{
  LdsTally rounds, ns;
} tallies[LDS_WORK_N_KINDS] = {
    [LDS_WORK_BROAD] = {LDS_TALLY_BROAD_ROUNDS, LDS_TALLY_BROAD_NS},
    [LDS_WORK_NARROW] = {LDS_TALLY_NARROW_ROUNDS, LDS_TALLY_NARROW_NS},
};

/* Rounds of a batch of the calibration, and before each of its readings of the clock. */
static const uint64_t batch_rounds[LDS_WORK_N_KINDS] = {
    [LDS_WORK_BROAD] = 10000,
    [LDS_WORK_NARROW] = 100000,
};

static int
compare_doubles (const void *a,
                 const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static Rate
measure (LdsWorkKind kind)
{
  double reads[BATCH_READS], rates[BATCHES];
  Rate rate;

  /* As in use: after a stretch of the loop. */
  for (int i = 0; i < BATCH_READS; i++)
    {
      int64_t begin_ns;

      lds_work_do (kind, batch_rounds[kind] / READ_PART);
      begin_ns = lds_clock_thread_cpu_ns ();
      reads[i] = (double)(lds_clock_thread_cpu_ns () - begin_ns);
    }
  qsort (reads, BATCH_READS, sizeof *reads, compare_doubles);
  rate.clock_ns = reads[BATCH_READS / 2];
  for (int batch = 0; batch < BATCHES; batch++)
    {
      int64_t begin_ns = lds_clock_thread_cpu_ns ();
      double spent_ns;

      lds_work_do (kind, batch_rounds[kind]);
      spent_ns = (double)(lds_clock_thread_cpu_ns () - begin_ns) - rate.clock_ns;
      /* A clock that stands still must not make the rate infinite. */
      rates[batch] =
          (double)batch_rounds[kind] / (spent_ns > 1 ? spent_ns : (double)batch_rounds[kind]);
    }
  qsort (rates, BATCHES, sizeof *rates, compare_doubles);
  rate.rounds_per_ns = rates[BATCHES / 2];
  return rate;
}

void
lds_spin_calibrate (void)
{
  lds_work_init ();
  for (unsigned kind = 0; kind < LDS_WORK_N_KINDS; kind++)
    {
      common_rates[kind] = measure ((LdsWorkKind)kind);
      spinners[kind] = (Spinner){.rate = common_rates[kind]};
    }
}

static Spinner *
get_spinner (LdsWorkKind kind)
{
  Spinner *spinner = &spinners[kind];

  if (spinner->rate.rounds_per_ns <= 0)
    spinner->rate =
        common_rates[kind].rounds_per_ns > 0 ? common_rates[kind] : measure (kind);
  return spinner;
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

static void
count_work (LdsWorkKind kind,
            uint64_t rounds,
            double cpu_ns)
{
  lds_tally_add (tallies[kind].rounds, rounds);
  lds_tally_add (tallies[kind].ns, cpu_ns > 0 ? (uint64_t)cpu_ns : 0);
}

int64_t
lds_spin_until_ns (LdsWorkKind kind,
                   int64_t now_ns,
                   int64_t until_ns,
                   const LdsBreaker *breaker)
{
  Spinner *self = get_spinner (kind);
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
      lds_work_do (kind, (uint64_t)rounds);
      then_ns = lds_clock_thread_cpu_ns ();
      if (first && stretch_ns >= LEARN_NS && then_ns > now_ns)
        {
          double spent_ns = (double)(then_ns - now_ns) - self->rate.clock_ns;

          learn (&self->rate.rounds_per_ns, floor (rounds) / (spent_ns > 1 ? spent_ns : 1));
          count_work (kind, (uint64_t)rounds, spent_ns);
        }
      first = false;
      now_ns = then_ns;
      check (breaker);
    }
}

void
lds_spin_cpu_ns (LdsWorkKind kind,
                 int64_t cpu_ns,
                 const LdsBreaker *breaker)
{
  Spinner *self = get_spinner (kind);
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
  end_ns = lds_spin_until_ns (kind, begin_ns, begin_ns + self->owed_ns, breaker);
  self->owed_ns -= end_ns - begin_ns;
}

void
lds_spin_rounds (LdsWorkKind kind,
                 double rounds,
                 const LdsBreaker *breaker)
{
  Spinner *self = get_spinner (kind);
  uint64_t most = (uint64_t)(LDS_SPIN_STRETCH_NS * self->rate.rounds_per_ns) + 1, left;

  if (rounds <= 0)
    return;
  rounds += self->part;
  left = (uint64_t)rounds;
  self->part = rounds - (double)left;
  while (left > 0)
    {
      uint64_t stretch = left < most ? left : most;
      bool is_timed = ++self->spends % SPENDS_A_READ == 0;
      int64_t begin_ns = is_timed ? lds_clock_thread_cpu_ns () : 0;

      lds_work_do (kind, stretch);
      if (is_timed)
        count_work (kind, stretch,
                    (double)(lds_clock_thread_cpu_ns () - begin_ns) - self->rate.clock_ns);
      left -= stretch;
      check (breaker);
    }
}
