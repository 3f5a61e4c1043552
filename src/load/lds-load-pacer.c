/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When requests are due. */
#include "lds-load-pacer.h"

#include <math.h>

#include "lds-clock.h"

/* SplitMix64. Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators",
 * OOPSLA 2014, figure 17. */
static uint64_t
next_random (uint64_t *state)
{
  uint64_t z = *state += UINT64_C (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* A gap of mean @mean_ns, by inversion of the exponential distribution. */
static double
next_gap_ns (uint64_t *state,
             double mean_ns)
{
  /* 53 bits, in (0, 1]: never the logarithm of 0. */
  double u = (double)((next_random (state) >> 11) + 1) * 0x1p-53;

  return -log (u) * mean_ns;
}

static void
set_due (LdsLoadPacer *self)
{
  double offset_ns = self->arrivals == LDS_ARRIVALS_POISSON
                         ? self->offset_ns
                         : (double)self->k * (double)LDS_NS_PER_S / self->rate_hz;

  /* The comparison in floating point keeps a far-off time from overflowing. */
  if (offset_ns < (double)(self->end_ns - self->start_ns))
    self->due_ns = self->start_ns + (int64_t)offset_ns;
  else
    self->due_ns = INT64_MAX;
}

void
lds_load_pacer_init (LdsLoadPacer *self,
                     double rate_hz,
                     LdsArrivals arrivals,
                     uint64_t thread,
                     uint64_t n_threads,
                     uint64_t seed)
{
  *self = (LdsLoadPacer){
      .due_ns = INT64_MAX,
      .rate_hz = rate_hz,
      .arrivals = arrivals,
      .thread = thread,
      .n_threads = n_threads,
      .random = seed,
  };
  /* Streams of one seed that begin far apart. */
  for (uint64_t i = 0; i <= thread; i++)
    self->random = next_random (&self->random);
}

static double
thread_gap_ns (LdsLoadPacer *self)
{
  return next_gap_ns (&self->random,
                      (double)LDS_NS_PER_S * (double)self->n_threads / self->rate_hz);
}

void
lds_load_pacer_start (LdsLoadPacer *self,
                      int64_t start_ns,
                      int64_t end_ns)
{
  self->start_ns = start_ns;
  self->end_ns = end_ns;
  self->k = self->thread;
  self->offset_ns = self->arrivals == LDS_ARRIVALS_POISSON ? thread_gap_ns (self) : 0;
  set_due (self);
}

void
lds_load_pacer_take (LdsLoadPacer *self)
{
  self->k += self->n_threads;
  if (self->arrivals == LDS_ARRIVALS_POISSON)
    self->offset_ns += thread_gap_ns (self);
  set_due (self);
}

void
lds_load_pacer_stop (LdsLoadPacer *self,
                     int64_t end_ns)
{
  if (end_ns < self->end_ns)
    self->end_ns = end_ns;
  if (self->due_ns >= self->end_ns)
    self->due_ns = INT64_MAX;
}
