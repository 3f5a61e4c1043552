/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When requests are due: a schedule in nanoseconds that does not wait for answers.
 *
 * Constant arrivals are in closed form: request k of the whole run is due at start + k / rate, and
 * thread t of T takes k = t, t + T, t + 2T, ... No error adds up and threads never bunch. With Poisson
 * arrivals every thread draws its own gaps at rate / T: superposed Poisson processes are one of
 * rate. Gaps follow on each other, never on what was sent.
 *
 * What is due and not yet taken is the virtual queue: two numbers, whatever its length.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

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
  double rate_hz;
  uint64_t k; /* of the next request, in the whole run */
  uint64_t n_threads;
  uint64_t thread;
  LdsArrivals arrivals;
  uint64_t random;  /* state of the generator */
  double offset_ns; /* Poisson: of the next request from the start */
} LdsLoadPacer;

/**
 * lds_load_pacer_init:
 * @rate_hz: of all threads together, above 0
 * @thread: 0 to @n_threads - 1
 * @seed: of the Poisson gaps; threads derive their own from it
 *
 * Makes a schedule with nothing due.
 */
void lds_load_pacer_init (LdsLoadPacer *self,
                          double rate_hz,
                          LdsArrivals arrivals,
                          uint64_t thread,
                          uint64_t n_threads,
                          uint64_t seed);

/** Begins a schedule: requests are due from @start_ns on and before @end_ns, both CLOCK_MONOTONIC. */
void lds_load_pacer_start (LdsLoadPacer *self, int64_t start_ns, int64_t end_ns);

/** Takes the request that is due next; due_ns is then that of the one behind it. */
void lds_load_pacer_take (LdsLoadPacer *self);

/** Ends the schedule at @end_ns: what is due later is not due any more. */
void lds_load_pacer_stop (LdsLoadPacer *self, int64_t end_ns);
