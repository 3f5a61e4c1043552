/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The epoll back end: edge-triggered and registered once a connection, so that a request costs one
 * send and one receive, and a wait for each batch of answers. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "lds-clock.h"
#include "lds-load-engine.h"

#define MAX_EVENTS    256
#define RECEIVE_BYTES (64 * 1024)

struct LdsLoadEngine
{
  LdsLoadEngineSetup setup;
  int epoll_fd;
  int timer_fd; /* where epoll_pwait2() is refused; else -1 */
  struct epoll_event events[MAX_EVENTS];
  char buffer[RECEIVE_BYTES];
};

static bool
epoll_probe (void)
{
  return true;
}

static void
epoll_close (LdsLoadEngine *self)
{
  if (self->timer_fd >= 0)
    close (self->timer_fd);
  if (self->epoll_fd >= 0)
    close (self->epoll_fd);
  free (self);
}

/* epoll_pwait2() came with Linux 5.11, and filters of system calls may be older still: a timer among
 * the descriptors wakes as precisely, for one more call a wait. */
static bool
prepare_to_wait (LdsLoadEngine *self)
{
  struct timespec none = {0};
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

  if (epoll_pwait2 (self->epoll_fd, self->events, MAX_EVENTS, &none, NULL) >= 0)
    return true;
  self->timer_fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  return self->timer_fd >= 0 &&
         epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, self->timer_fd, &event) == 0;
}

static LdsLoadEngine *
epoll_open (const LdsLoadEngineSetup *setup)
{
  LdsLoadEngine *self = malloc (sizeof *self);
  int saved_errno;

  if (self == NULL)
    return NULL;
  self->setup = *setup;
  self->timer_fd = -1;
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd >= 0 && prepare_to_wait (self))
    return self;
  saved_errno = errno;
  epoll_close (self);
  errno = saved_errno;
  return NULL;
}

static void
epoll_disconnect (LdsLoadEngine *self,
                  LdsLoadLink *link)
{
  if (link->fd >= 0)
    close (link->fd);
  link->fd = -1;
  link->is_connecting = link->is_sending = false;
}

static void
connected (LdsLoadEngine *self,
           LdsLoadLink *link)
{
  link->is_connecting = link->is_hung_up = false;
  self->setup.events->connected (self->setup.client, link);
}

static void
connect_failed (LdsLoadEngine *self,
                LdsLoadLink *link,
                int error_number)
{
  epoll_disconnect (self, link);
  self->setup.events->connect_failed (self->setup.client, link, error_number);
}

static void
epoll_connect (LdsLoadEngine *self,
               LdsLoadLink *link)
{
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                              .data.ptr = link};
  bool is_connected;

  link->generation++;
  link->fd = lds_load_engine_open_socket (&self->setup, link, SOCK_NONBLOCK);
  link->is_connecting = true;
  if (link->fd < 0)
    {
      connect_failed (self, link, errno);
      return;
    }
  is_connected = connect (link->fd, self->setup.address, self->setup.address_size) == 0;
  if ((!is_connected && errno != EINPROGRESS) ||
      epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, link->fd, &event) < 0)
    connect_failed (self, link, errno);
  else if (is_connected)
    connected (self, link);
}

static void
finish_connect (LdsLoadEngine *self,
                LdsLoadLink *link)
{
  int error = 0;
  socklen_t size = sizeof error;

  if (getsockopt (link->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
    error = errno;
  if (error == 0)
    connected (self, link);
  else
    connect_failed (self, link, error);
}

/* Sends what is left. What goes wrong shows when receiving: an answer may have come before. */
static void
push (LdsLoadEngine *self,
      LdsLoadLink *link)
{
  while (link->out_bytes > 0)
    {
      ssize_t n = send (link->fd, link->out, link->out_bytes, MSG_NOSIGNAL);

      if (n >= 0)
        {
          link->out += n;
          link->out_bytes -= (size_t)n;
        }
      else if (errno == EAGAIN)
        break; /* the socket will tell when it takes more */
      else if (errno != EINTR)
        return;
    }
  link->is_sending = link->out_bytes > 0;
}

static void
epoll_send (LdsLoadEngine *self,
            LdsLoadLink *link,
            const char *data,
            size_t size,
            bool is_constant)
{
  link->out = data;
  link->out_bytes = size;
  link->is_sending = true;
  push (self, link);
}

static void
receive (LdsLoadEngine *self,
         LdsLoadLink *link,
         bool hung_up)
{
  uint32_t generation = link->generation;

  for (;;)
    {
      ssize_t n = recv (link->fd, self->buffer, sizeof self->buffer, 0);

      if (n > 0)
        {
          link->is_hung_up = hung_up;
          self->setup.events->received (self->setup.client, link, self->buffer, (size_t)n);
          /* The client may have dropped the connection, and have begun another one on it. */
          if (link->fd < 0 || link->generation != generation)
            return;
          /* Less than was asked for: the socket is empty, and will tell when it is not. */
          if ((size_t)n < sizeof self->buffer && !hung_up)
            return;
        }
      else if (n < 0 && errno == EAGAIN)
        return;
      else if (n == 0 || errno != EINTR)
        {
          self->setup.events->closed (self->setup.client, link, n == 0 ? 0 : errno);
          return;
        }
    }
}

static struct timespec
to_timespec (int64_t ns)
{
  return (struct timespec){.tv_sec = ns / LDS_NS_PER_S, .tv_nsec = ns % LDS_NS_PER_S};
}

static int
wait_for_events (LdsLoadEngine *self,
                 int64_t until_ns)
{
  int64_t left_ns = until_ns - lds_clock_now_ns ();
  struct timespec left = to_timespec (left_ns > 0 ? left_ns : 0);

  if (self->timer_fd < 0)
    return epoll_pwait2 (self->epoll_fd, self->events, MAX_EVENTS, &left, NULL);
  if (left_ns > 0)
    {
      struct itimerspec timer = {.it_value = to_timespec (until_ns)};

      /* Setting it anew also takes an expiration back that nobody has read. */
      timerfd_settime (self->timer_fd, TFD_TIMER_ABSTIME, &timer, NULL);
    }
  return epoll_wait (self->epoll_fd, self->events, MAX_EVENTS, left_ns > 0 ? -1 : 0);
}

static void
take_event (LdsLoadEngine *self,
            LdsLoadLink *link,
            uint32_t events)
{
  if (link->is_connecting)
    {
      finish_connect (self, link);
      return;
    }
  if ((events & EPOLLOUT) && link->is_sending)
    {
      uint32_t generation = link->generation;

      push (self, link);
      if (!link->is_sending)
        self->setup.events->sent (self->setup.client, link);
      if (link->generation != generation)
        return;
    }
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) && link->fd >= 0 &&
      !link->is_connecting)
    receive (self, link, (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
}

static void
epoll_wait_until (LdsLoadEngine *self,
                  int64_t until_ns)
{
  int n = wait_for_events (self, until_ns);

  self->setup.events->woke (self->setup.client);
  for (int i = 0; i < n; i++)
    {
      LdsLoadLink *link = self->events[i].data.ptr;

      /* None for the timer; no fd when an earlier event of this batch has dropped it since. */
      if (link != NULL && link->fd >= 0)
        take_event (self, link, self->events[i].events);
    }
}

const LdsLoadEngineClass lds_load_engine_epoll = {
    .name = "epoll",
    .probe = epoll_probe,
    .open = epoll_open,
    .close = epoll_close,
    .connect = epoll_connect,
    .send = epoll_send,
    .disconnect = epoll_disconnect,
    .wait = epoll_wait_until,
};
