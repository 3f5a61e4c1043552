/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When requests are due. */
#include "lds-load-pacer.h"

#include "lds-clock.h"
#include "lds-random.h"

/* The distance from one request of the thread to the next, in requests of the whole run. */
static double
next_step (LdsLoadPacer *self)
{
  double step = (double)self->n_threads;

  return self->arrivals == LDS_ARRIVALS_POISSON ? step * lds_random_exponential (&self->random)
                                                : step;
}

static int64_t
next_offset_ns (LdsLoadPacer *self)
{
  double offset_ns;

  if (self->warm_up_gap_ns == 0)
    return lds_load_schedule_time_of_next (self->schedule, self->x, &self->segment);
  offset_ns = self->x * self->warm_up_gap_ns;
  /* The comparison in floating point keeps a far-off time from overflowing. */
  return offset_ns < (double)INT64_MAX ? (int64_t)(offset_ns + 0.5) : INT64_MAX;
}

static void
set_due (LdsLoadPacer *self)
{
  int64_t offset_ns = self->n_taken < self->max_requests || self->warm_up_gap_ns > 0
                          ? next_offset_ns (self)
                          : INT64_MAX;

  if (offset_ns < self->end_ns - self->start_ns)
    self->due_ns = self->start_ns + offset_ns;
  else
    self->due_ns = INT64_MAX;
}

void
lds_load_pacer_init (LdsLoadPacer *self,
                     const LdsLoadSchedule *schedule,
                     LdsArrivals arrivals,
                     uint64_t thread,
                     uint64_t n_threads,
                     uint64_t seed,
                     uint64_t max_requests)
{
  *self = (LdsLoadPacer){
      .due_ns = INT64_MAX,
      .schedule = schedule,
      /* Dealt out one by one, as the requests k are. */
      .max_requests = max_requests > 0
                          ? max_requests / n_threads + (thread < max_requests % n_threads)
                          : UINT64_MAX,
      .arrivals = arrivals,
      .thread = thread,
      .n_threads = n_threads,
      .random = lds_random_stream (seed, thread),
  };
}

static void
start (LdsLoadPacer *self,
       double warm_up_gap_ns,
       int64_t start_ns,
       int64_t end_ns)
{
  self->warm_up_gap_ns = warm_up_gap_ns;
  self->start_ns = start_ns;
  self->end_ns = end_ns;
  self->segment = 0;
  self->n_taken = 0;
  self->x = self->arrivals == LDS_ARRIVALS_POISSON ? next_step (self) : (double)self->thread;
  set_due (self);
}

void
lds_load_pacer_start_warm_up (LdsLoadPacer *self,
                              int64_t start_ns,
                              int64_t end_ns)
{
  start (self, (double)LDS_NS_PER_S / lds_load_schedule_warm_up_rate_hz (self->schedule), start_ns,
         end_ns);
}

void
lds_load_pacer_start (LdsLoadPacer *self,
                      int64_t start_ns,
                      int64_t end_ns)
{
  start (self, 0, start_ns, end_ns);
}

void
lds_load_pacer_take (LdsLoadPacer *self)
{
  self->n_taken++;
  self->x += next_step (self);
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
