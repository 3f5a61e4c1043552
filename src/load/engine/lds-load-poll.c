/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting with epoll up to a point in time. */
#include "lds-load-poll.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "lds-clock.h"

static struct timespec
to_timespec (int64_t ns)
{
  return (struct timespec){.tv_sec = ns / LDS_NS_PER_S, .tv_nsec = ns % LDS_NS_PER_S};
}

/* epoll_pwait2() came with Linux 5.11, and filters of system calls may be older still: a timer among
 * the descriptors wakes as precisely, for one more call a wait. */
bool
lds_load_poll_init (LdsLoadPoll *self)
{
  struct timespec none = {0};
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, ignored;

  self->timer_fd = -1;
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd < 0)
    return false;
  if (epoll_pwait2 (self->epoll_fd, &ignored, 1, &none, NULL) >= 0)
    return true;
  self->timer_fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  return self->timer_fd >= 0 &&
         epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, self->timer_fd, &event) == 0;
}

void
lds_load_poll_clear (LdsLoadPoll *self)
{
  if (self->timer_fd >= 0)
    close (self->timer_fd);
  if (self->epoll_fd >= 0)
    close (self->epoll_fd);
  self->timer_fd = self->epoll_fd = -1;
}

int
lds_load_poll_wait (LdsLoadPoll *self,
                    struct epoll_event *events,
                    int max,
                    int64_t until_ns)
{
  int64_t left_ns = until_ns - lds_clock_now_ns ();
  struct timespec left = to_timespec (left_ns > 0 ? left_ns : 0);

  if (self->timer_fd < 0)
    return epoll_pwait2 (self->epoll_fd, events, max, &left, NULL);
  if (left_ns > 0)
    {
      struct itimerspec timer = {.it_value = to_timespec (until_ns)};

      /* Setting it anew also takes an expiration back that nobody has read. */
      timerfd_settime (self->timer_fd, TFD_TIMER_ABSTIME, &timer, NULL);
    }
  return epoll_wait (self->epoll_fd, events, max, left_ns > 0 ? -1 : 0);
}
