/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spending CPU time: work that does nothing of use, for as long as it is told to.
 *
 * Time here is the thread's own CPU time (CLOCK_THREAD_CPUTIME_ID), never the clock on the wall: a
 * thread that is put aside for another one has not spent anything meanwhile. How many rounds of work
 * make a nanosecond - the pace - is measured at start-up and again, for free, while
 * spending: the clock is read around every stretch, and what was spent too much or too little is
 * made good by the next ones. So sums are right, whatever the CPU's speed does. Who knows the pace at
 * which something took so long can have the same work done (lds_spin_rounds()).
 *
 * All state is the thread's own; a forked process goes on with that of the thread that forked it.
 */
#pragma once

#include "lds-exchange.h"
#include "lds-work.h"

#include <stdint.h>

/* The longest that the loop runs without lds_breaker_check(). */
#define LDS_SPIN_STRETCH_NS 50000

/**
 * lds_spin_calibrate:
 *
 * Measures the work and the cost of reading the clock, in 2 to 8 ms of CPU. To be called once, early
 * and before other threads start; a thread that spins without measures for itself.
 */
void lds_spin_calibrate (void);

/**
 * lds_spin_rounds:
 * @rounds: how many to do, with a fraction that is kept for later; nothing happens at 0 and below
 * @breaker: (nullable): checked after every stretch, of some LDS_SPIN_STRETCH_NS when the machine is undisturbed
 *
 * Does so much work, however long it takes: longer on a slower core, after others have had its caches, or beside
 * somebody who uses its execution units, as what the work stands for would. How long it takes is counted now and then
 * (LDS_TALLY_BROAD_NS).
 */
void lds_spin_rounds (LdsWorkKind kind, double rounds, const LdsBreaker *breaker);

/**
 * lds_spin_cpu_ns:
 * @kind: of work to do it with
 * @cpu_ns: how much to spend, ns of CPU time; nothing happens at 0 and below
 * @breaker: (nullable): checked after every stretch of at most LDS_SPIN_STRETCH_NS
 *
 * Makes the calling thread use @cpu_ns, what is done to keep the time included. One spend of 10 us
 * or more is right within 3 %, and so is the sum of spends from 1 us
 * on: those of less than 8 us are gathered. What @breaker does between two stretches counts as spent.
 */
void lds_spin_cpu_ns (LdsWorkKind kind, int64_t cpu_ns, const LdsBreaker *breaker);

/**
 * lds_spin_until_ns:
 * @kind: as above
 * @now_ns: lds_clock_thread_cpu_ns(), read just now
 * @until_ns: reading of that clock at which to stop
 * @breaker: (nullable): as above
 *
 * For callers that read the clock anyway: spins until the thread has come to @until_ns.
 *
 * Returns the clock's last reading, which is @now_ns when there was nothing to do. It differs from
 * @until_ns by less than a reading takes, save for what interrupts add.
 */
int64_t lds_spin_until_ns (LdsWorkKind kind,
                           int64_t now_ns,
                           int64_t until_ns,
                           const LdsBreaker *breaker);
