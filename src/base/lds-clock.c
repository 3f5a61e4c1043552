/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Monotonic time in nanoseconds. */
#include "lds-clock.h"

#include <time.h>

static int64_t
read_clock_ns (clockid_t id)
{
  struct timespec ts;

  clock_gettime (id, &ts);
  return (int64_t)ts.tv_sec * LDS_NS_PER_S + ts.tv_nsec;
}

int64_t
lds_clock_now_ns (void)
{
  return read_clock_ns (CLOCK_MONOTONIC);
}

int64_t
lds_clock_thread_cpu_ns (void)
{
  return read_clock_ns (CLOCK_THREAD_CPUTIME_ID);
}

int64_t
lds_clock_process_cpu_ns (void)
{
  return read_clock_ns (CLOCK_PROCESS_CPUTIME_ID);
}
