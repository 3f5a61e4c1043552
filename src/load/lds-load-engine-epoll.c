/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The epoll back end: edge-triggered and registered once a connection, so that a request costs one
 * send and one receive, and a wait for each batch of answers. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "lds-clock.h"
#include "lds-load-worker.h"

#define MAX_EVENTS    256
#define RECEIVE_BYTES (64 * 1024)

struct LdsLoadEngine
{
  LdsLoadWorker *worker;
  int epoll_fd;
  int timer_fd; /* where epoll_pwait2() is refused; else -1 */
  struct epoll_event events[MAX_EVENTS];
  char buffer[RECEIVE_BYTES];
};

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
epoll_open (LdsLoadWorker *worker)
{
  LdsLoadEngine *self = malloc (sizeof *self);
  int saved_errno;

  if (self == NULL)
    return NULL;
  self->worker = worker;
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
                  LdsLoadConnection *connection)
{
  if (connection->fd >= 0)
    close (connection->fd);
  connection->fd = -1;
}

static void
epoll_connect (LdsLoadEngine *self,
               LdsLoadConnection *connection)
{
  const LdsLoadPlan *plan = lds_load_worker_get_plan (self->worker);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                              .data.ptr = connection};
  int one = 1;
  int fd = socket (plan->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd < 0)
    {
      lds_load_worker_connect_failed (self->worker, connection, errno);
      return;
    }
  connection->fd = fd;
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect (fd, (const struct sockaddr *)&plan->address, plan->address_size) == 0)
    {
      if (epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
        {
          lds_load_worker_connected (self->worker, connection);
          return;
        }
    }
  else if (errno == EINPROGRESS && epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
    return;
  one = errno;
  epoll_disconnect (self, connection);
  lds_load_worker_connect_failed (self->worker, connection, one);
}

static void
epoll_send (LdsLoadEngine *self,
            LdsLoadConnection *connection)
{
  const LdsLoadPlan *plan = lds_load_worker_get_plan (self->worker);

  while (connection->written < plan->request_size)
    {
      ssize_t n = send (connection->fd, plan->request + connection->written,
                        plan->request_size - connection->written, MSG_NOSIGNAL);

      if (n >= 0)
        connection->written += (size_t)n;
      else if (errno == EAGAIN)
        return; /* the socket will tell when it takes more */
      else if (errno != EINTR)
        {
          /* An answer may have come before the server closed: let the event for it say so. */
          if (connection->written == 0)
            lds_load_worker_closed (self->worker, connection, errno);
          return;
        }
    }
}

static void
finish_connect (LdsLoadEngine *self,
                LdsLoadConnection *connection)
{
  int error = 0;
  socklen_t size = sizeof error;

  if (getsockopt (connection->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
    error = errno;
  if (error == 0)
    {
      lds_load_worker_connected (self->worker, connection);
      return;
    }
  epoll_disconnect (self, connection);
  lds_load_worker_connect_failed (self->worker, connection, error);
}

static void
receive (LdsLoadEngine *self,
         LdsLoadConnection *connection,
         bool hung_up)
{
  for (;;)
    {
      int fd = connection->fd;
      ssize_t n = recv (fd, self->buffer, sizeof self->buffer, 0);

      if (n > 0)
        {
          connection->is_hung_up = hung_up;
          lds_load_worker_received (self->worker, connection, self->buffer, (size_t)n);
          /* The worker may have dropped the connection, and have begun another one on it. */
          if (connection->fd != fd || connection->state == LDS_LOAD_CONNECTING)
            return;
          /* Less than was asked for: the socket is empty, and will tell when it is not. */
          if ((size_t)n < sizeof self->buffer && !hung_up)
            return;
        }
      else if (n == 0)
        {
          lds_load_worker_closed (self->worker, connection, 0);
          return;
        }
      else if (errno == EAGAIN)
        return;
      else if (errno != EINTR)
        {
          lds_load_worker_closed (self->worker, connection, errno);
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
epoll_wait_until (LdsLoadEngine *self,
                  int64_t until_ns)
{
  int n = wait_for_events (self, until_ns);

  lds_load_worker_woke (self->worker);
  for (int i = 0; i < n; i++)
    {
      LdsLoadConnection *connection = self->events[i].data.ptr;
      uint32_t events = self->events[i].events;

      if (connection == NULL)
        continue; /* the timer */
      if (connection->fd < 0)
        continue; /* dropped since, by an earlier event of this batch */
      if (connection->state == LDS_LOAD_CONNECTING)
        {
          finish_connect (self, connection);
          continue;
        }
      if ((events & EPOLLOUT) && connection->state == LDS_LOAD_BUSY)
        epoll_send (self, connection);
      if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) && connection->fd >= 0 &&
          connection->state != LDS_LOAD_CONNECTING)
        receive (self, connection, (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
    }
}

const LdsLoadEngineClass lds_load_engine_epoll = {
    .name = "epoll",
    .open = epoll_open,
    .close = epoll_close,
    .connect = epoll_connect,
    .send = epoll_send,
    .disconnect = epoll_disconnect,
    .wait = epoll_wait_until,
};
