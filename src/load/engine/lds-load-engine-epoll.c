/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The epoll back end: edge-triggered and registered once a connection, so that a request costs one
 * send and one receive, and a wait for each batch of answers. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lds-load-engine.h"
#include "lds-load-poll.h"

#define MAX_EVENTS    256
#define RECEIVE_BYTES (64 * 1024)

struct LdsLoadEngine
{
  LdsLoadEngineSetup setup;
  LdsLoadPoll poll;
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
  lds_load_poll_clear (&self->poll);
  free (self);
}

static LdsLoadEngine *
epoll_open (const LdsLoadEngineSetup *setup)
{
  LdsLoadEngine *self = malloc (sizeof *self);
  int saved_errno;

  if (self == NULL)
    return NULL;
  self->setup = *setup;
  if (lds_load_poll_init (&self->poll))
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
      epoll_ctl (self->poll.epoll_fd, EPOLL_CTL_ADD, link->fd, &event) < 0)
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
  int n = lds_load_poll_wait (&self->poll, self->events, MAX_EVENTS, until_ns);

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
