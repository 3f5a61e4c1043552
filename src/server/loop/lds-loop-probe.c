/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How late the loop is: a timer on a grid of points in time, which the loop looks at as at any other
 * thing that happens.
 *
 * The lag of a point is the time from that point to the moment the loop comes to it. A loop that
 * stood still for a second is late for all the points in it, and all of them count: a probe that
 * starts its next wait only when it has run leaves them out, and with them the stall (nodejs/node
 * issue 34661 on perf_hooks.monitorEventLoopDelay; accessed 2026-11-21). Not a timer of libuv's:
 * those have whole milliseconds.
 */
#include "lds-loop-private.h"

#include "lds-clock.h"
#include "lds-tally.h"

#include <sys/timerfd.h>
#include <unistd.h>

static void
probe_cb (uv_poll_t *poll,
          int status,
          int events)
{
  LdsLoop *self = poll->data;
  uint64_t expirations;

  if (read (self->probe_fd, &expirations, sizeof expirations) < 0)
    return;
  /* Code of the modelled runtime would have to have the lock to know what time it is. */
  lds_loop_enter (self);
  lds_tally_probed (lds_clock_now_ns ());
  lds_loop_leave (self);
}

void
lds_loop_probe_start (LdsLoop *self)
{
  int64_t first_ns = lds_clock_now_ns () + LDS_TALLY_PROBE_NS;
  const struct itimerspec grid = {
      .it_value = {.tv_sec = first_ns / LDS_NS_PER_S, .tv_nsec = first_ns % LDS_NS_PER_S},
      .it_interval.tv_nsec = LDS_TALLY_PROBE_NS,
  };

  self->probe_fd = -1;
  if (!lds_tally_observed ())
    return;
  self->probe_fd = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (self->probe_fd < 0)
    return;
  if (timerfd_settime (self->probe_fd, TFD_TIMER_ABSTIME, &grid, NULL) < 0 ||
      uv_poll_init (&self->uv, &self->probe, self->probe_fd) != 0)
    {
      close (self->probe_fd);
      self->probe_fd = -1;
      return;
    }
  self->probe.data = self;
  uv_poll_start (&self->probe, UV_READABLE, probe_cb);
  /* It keeps no loop from ending. */
  uv_unref ((uv_handle_t *)&self->probe);
  lds_tally_probe_started (first_ns);
}

static void
closed_cb (uv_handle_t *handle)
{
  LdsLoop *self = handle->data;

  close (self->probe_fd);
}

void
lds_loop_probe_stop (LdsLoop *self)
{
  if (self->probe_fd < 0)
    return;
  lds_tally_probe_started (0);
  uv_close ((uv_handle_t *)&self->probe, closed_cb);
}
