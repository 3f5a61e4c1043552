/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When requests are due. */
#include "lds-load-pacer.h"

#include "lds-clock.h"
#include "lds-random.h"

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
      .random = lds_random_stream (seed, thread),
  };
}

static double
thread_gap_ns (LdsLoadPacer *self)
{
  return lds_random_exponential (&self->random) * (double)LDS_NS_PER_S * (double)self->n_threads /
         self->rate_hz;
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
