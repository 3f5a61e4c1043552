/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When one thread's requests are due: its share of a schedule, which does not wait for answers.
 *
 * Constant arrivals: request k of the whole run is due when the schedule's integral reaches k, and thread
 * t of T takes k = t, t + T, t + 2T, ... No error adds up and threads never bunch. Poisson arrivals:
 * every thread draws gaps of mean T on the axis of requests, where the rate is 1 whatever the
 * schedule, and the schedule maps them to time: an inhomogeneous Poisson process, by change of
 * time. T of them superposed are one of the schedule's rate. Gaps follow on each other, never on what
 * was sent.
 *
 * What is due and not yet taken is the virtual queue: two numbers, whatever its length.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lds-load-schedule.h"

typedef enum
{
  LDS_ARRIVALS_CONSTANT,
  LDS_ARRIVALS_POISSON,
} LdsArrivals;

/* Belongs to one thread. */
typedef struct
{
  int64_t due_ns; /* of the next request; INT64_MAX when the schedule is over */
  int64_t start_ns;
  int64_t end_ns;
  const LdsLoadSchedule *schedule;
  double warm_up_gap_ns; /* between requests of a warm-up; 0 when the schedule is followed */
  unsigned segment;      /* of the next request */
  uint64_t n_taken;
  uint64_t max_requests; /* of this thread; UINT64_MAX for no limit */
  double x;              /* the next request, counted over the whole run */
  uint64_t thread;
  uint64_t n_threads;
  LdsArrivals arrivals;
  uint64_t random; /* state of the generator */
} LdsLoadPacer;

/**
 * lds_load_pacer_init:
 * @schedule: of all threads together; must outlive the pacer
 * @thread: 0 to @n_threads - 1
 * @seed: of the Poisson gaps; threads derive their own from it
 * @max_requests: of all threads together, after which the schedule is over; 0 for no limit
 *
 * Makes a pacer with nothing due.
 */
void lds_load_pacer_init (LdsLoadPacer *self,
                          const LdsLoadSchedule *schedule,
                          LdsArrivals arrivals,
                          uint64_t thread,
                          uint64_t n_threads,
                          uint64_t seed,
                          uint64_t max_requests);

/** Begins a warm-up: one rate that suits the start of the schedule, from @start_ns on and before @end_ns,
 * both CLOCK_MONOTONIC. It has no limit and uses up nothing of the schedule. */
void lds_load_pacer_start_warm_up (LdsLoadPacer *self, int64_t start_ns, int64_t end_ns);

/** Begins the schedule: requests are due from @start_ns on and before @end_ns, both CLOCK_MONOTONIC. */
void lds_load_pacer_start (LdsLoadPacer *self, int64_t start_ns, int64_t end_ns);

/** Takes the request that is due next; due_ns is then that of the one behind it. */
void lds_load_pacer_take (LdsLoadPacer *self);

/** Ends the schedule at @end_ns: what is due later is not due any more. */
void lds_load_pacer_stop (LdsLoadPacer *self, int64_t end_ns);
