/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Monotonic time in nanoseconds. */
#include "lds-clock.h"

#include <errno.h>
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

void
lds_clock_sleep_ns (int64_t duration_ns)
{
  int64_t until_ns = lds_clock_now_ns () + duration_ns;
  const struct timespec until = {
      .tv_sec = until_ns / LDS_NS_PER_S,
      .tv_nsec = until_ns % LDS_NS_PER_S,
  };

  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
    ;
}
