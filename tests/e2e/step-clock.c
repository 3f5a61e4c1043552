/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded: the clock on the wall is set an hour ahead half a second after the process began, as a
 * user or a time server may do. */
#include <dlfcn.h>
#include <stddef.h>
#include <time.h>

#include <sys/time.h>

#define STEP_S   3600
#define AFTER_NS 500000000LL
#define NS_PER_S 1000000000LL
#define EXPORT   __attribute__ ((visibility ("default")))

typedef int (*ClockFunc) (clockid_t id, struct timespec *ts);

static long long begun_ns;

static int
read_clock (clockid_t id,
            struct timespec *ts)
{
  static ClockFunc real;

  if (real == NULL)
    real = (ClockFunc)dlsym (RTLD_NEXT, "clock_gettime");
  return real (id, ts);
}

static long long
monotonic_ns (void)
{
  struct timespec ts;

  read_clock (CLOCK_MONOTONIC, &ts);
  return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

__attribute__ ((constructor)) static void
begin (void)
{
  begun_ns = monotonic_ns ();
}

static time_t
step_s (void)
{
  return begun_ns != 0 && monotonic_ns () - begun_ns > AFTER_NS ? STEP_S : 0;
}

EXPORT int
clock_gettime (clockid_t id,
               struct timespec *ts)
{
  int result = read_clock (id, ts);

  if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
    ts->tv_sec += step_s ();
  return result;
}

EXPORT int
gettimeofday (struct timeval *restrict tv,
              void *restrict zone)
{
  struct timespec ts;

  clock_gettime (CLOCK_REALTIME, &ts);
  *tv = (struct timeval){ts.tv_sec, ts.tv_nsec / 1000};
  return 0;
}

EXPORT time_t
time (time_t *result)
{
  struct timespec ts;

  clock_gettime (CLOCK_REALTIME, &ts);
  if (result != NULL)
    *result = ts.tv_sec;
  return ts.tv_sec;
}
