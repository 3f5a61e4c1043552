/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spending CPU time: a loop that does nothing of use for as long as it is told to.
 *
 * Time here is the thread's own CPU time (CLOCK_THREAD_CPUTIME_ID), never the clock on the wall: a
 * thread that is put aside for another one has not spent anything meanwhile. The loop is a chain of
 * multiplications, each waiting for the one before, so it touches no memory and leaves caches as
 * they were. How many of them make a nanosecond is measured at start-up and again, for free, while
 * spending: the clock is read around every stretch, and what was spent too much or too little is
 * made good by the next ones. So sums are right, whatever the CPU's frequency does.
 *
 * All state is the thread's own; a forked process goes on with that of the thread that forked it.
 */
#pragma once

#include "lds-exchange.h"

#include <stdint.h>

/* The longest that the loop runs without lds_breaker_check(). */
#define LDS_SPIN_STRETCH_NS 50000

/**
 * lds_spin_calibrate:
 *
 * Measures the loop and the cost of reading the clock, in 1 to 3 ms of CPU. To be called once, early
 * and before other threads start; a thread that spins without measures for itself.
 */
void lds_spin_calibrate (void);

/**
 * lds_spin_cpu_ns:
 * @cpu_ns: how much to spend, ns of CPU time; nothing happens at 0 and below
 * @breaker: (nullable): checked after every stretch of at most LDS_SPIN_STRETCH_NS
 *
 * Makes the calling thread use @cpu_ns, what is done to keep the time included. One spend of 10 us
 * or more is right within 3 %, and so is the sum of spends from 1 us
 * on: those of less than 8 us are gathered. What @breaker does between two stretches counts as spent.
 */
void lds_spin_cpu_ns (int64_t cpu_ns, const LdsBreaker *breaker);

/**
 * lds_spin_until_ns:
 * @now_ns: lds_clock_thread_cpu_ns(), read just now
 * @until_ns: reading of that clock at which to stop
 * @breaker: (nullable): as above
 *
 * For callers that read the clock anyway: spins until the thread has come to @until_ns.
 *
 * Returns the clock's last reading, which is @now_ns when there was nothing to do. It differs from
 * @until_ns by less than a reading takes, save for what interrupts add.
 */
int64_t lds_spin_until_ns (int64_t now_ns, int64_t until_ns, const LdsBreaker *breaker);
