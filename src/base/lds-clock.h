/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Monotonic time in nanoseconds, the one clock of every measurement. */
#pragma once

#include <stdint.h>

#define LDS_NS_PER_US 1000LL
#define LDS_NS_PER_MS 1000000LL
#define LDS_NS_PER_S  1000000000LL

/**
 * lds_clock_now_ns:
 *
 * Returns CLOCK_MONOTONIC in ns. The same on every process of the machine, not affected by
 * steps of the wall clock. Any thread.
 */
int64_t lds_clock_now_ns (void);

/**
 * lds_clock_thread_cpu_ns:
 *
 * Returns the CPU time in ns (user and system) that the calling thread has used.
 */
int64_t lds_clock_thread_cpu_ns (void);

/**
 * lds_clock_process_cpu_ns:
 *
 * Returns the CPU time in ns (user and system) that the calling process has used, all threads.
 */
int64_t lds_clock_process_cpu_ns (void);

/**
 * lds_clock_sleep_ns:
 * @duration_ns: at least 0
 *
 * Lets the calling thread sleep for that long, signals or not.
 */
void lds_clock_sleep_ns (int64_t duration_ns);
