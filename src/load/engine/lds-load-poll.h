/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting with epoll up to a point in time, to the ns where the kernel has a call for that and by a
 * timer where it has not: a schedule must not have a grid of 1 ms. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

typedef struct
{
  int epoll_fd;
  int timer_fd; /* where epoll_pwait2() is refused; else -1. Its events have a NULL data.ptr */
} LdsLoadPoll;

/** Returns false, with errno set, when it cannot work. Either way lds_load_poll_clear() is needed. */
bool lds_load_poll_init (LdsLoadPoll *self);
void lds_load_poll_clear (LdsLoadPoll *self);

/**
 * lds_load_poll_wait:
 * @until_ns: CLOCK_MONOTONIC; when it has passed, what there is is reported at once
 *
 * Returns how many of @events, @max at most, were filled; -1 with errno set.
 */
int lds_load_poll_wait (LdsLoadPoll *self, struct epoll_event *events, int max, int64_t until_ns);
