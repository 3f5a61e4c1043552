/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection served by blocking calls. */
#include "lds-blocking.h"

#include "lds-blocking-fetch.h"
#include "lds-clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

void
lds_blocking_prepare_socket (int fd)
{
  const struct timeval limit = {.tv_sec = LDS_BLOCKING_TIMEOUT_S};
  int flags = fcntl (fd, F_GETFL);

  if (flags >= 0 && (flags & O_NONBLOCK) != 0)
    fcntl (fd, F_SETFL, flags & ~O_NONBLOCK);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  lds_server_prepare_socket (fd);
}

/* Returns false when the client is gone or takes nothing. */
static bool
send_all (int fd,
          LdsBuffer *out)
{
  while (lds_buffer_size (out) > 0)
    {
      ssize_t n = send (fd, out->data + out->start, lds_buffer_size (out), MSG_NOSIGNAL);

      if (n >= 0)
        out->start += (size_t)n;
      else if (errno != EINTR)
        return false;
    }
  return true;
}

static ssize_t
receive (int fd,
         char *room,
         size_t room_bytes)
{
  ssize_t n;

  do
    n = recv (fd, room, room_bytes, 0);
  while (n < 0 && errno == EINTR);
  return n;
}

static void
linger (int fd,
        char *scratch)
{
  int64_t deadline_ns = lds_clock_now_ns () + LDS_LINGER_NS;
  size_t dropped = 0;

  if (shutdown (fd, SHUT_WR) < 0)
    return;
  while (dropped < LDS_LINGER_BYTES)
    {
      int64_t left_ns = deadline_ns - lds_clock_now_ns ();
      struct pollfd readable = {.fd = fd, .events = POLLIN};
      ssize_t n;

      if (left_ns <= 0 || poll (&readable, 1, (int)(left_ns / LDS_NS_PER_MS) + 1) <= 0)
        return;
      n = recv (fd, scratch, LDS_BLOCKING_SCRATCH_BYTES, MSG_DONTWAIT);
      if (n <= 0)
        return;
      dropped += (size_t)n;
    }
}

/* Carries out what @connection asks for, with @hooks entered. */
static void
operate (LdsBlocking *self,
         LdsConnection *connection,
         const LdsBlockingHooks *hooks)
{
  LdsExchange *exchange = &connection->exchange;

  switch (connection->operation)
    {
    case LDS_OPERATION_WAIT:
    case LDS_OPERATION_BLOCK:
      /* Code that blocks waits for one thing after the other. */
      lds_blocking_leave (hooks);
      lds_clock_sleep_ns (exchange->wait_ns * exchange->branches);
      lds_blocking_enter (hooks);
      break;

    case LDS_OPERATION_CALL:
      lds_blocking_leave (hooks);
      lds_exchange_call (exchange, connection->workload->call);
      lds_blocking_enter (hooks);
      break;

    case LDS_OPERATION_COMPUTE:
      lds_exchange_compute (exchange, connection->workload, &hooks->breaker);
      break;

    case LDS_OPERATION_FETCH:
      lds_blocking_fetch (&self->fetch, exchange, hooks);
      break;

    case LDS_OPERATION_SEND:
      /* is LDS_CONNECTION_FLUSH */
      break;

    case LDS_OPERATION_UPGRADE:
    case LDS_OPERATION_SUBSCRIBE: /* refused without a hub */
    case LDS_OPERATION_DONE:
      break;
    }
}

/* Serves until idle or done; memory of the scratch may be in use by the connection afterwards. */
static LdsBlockingResult
serve (LdsBlocking *self,
       LdsConnection *connection,
       int fd,
       const LdsBlockingHooks *hooks)
{
  LdsConnectionNeed need = LDS_CONNECTION_READ;

  for (;;)
    {
      char *room = NULL;
      size_t room_bytes = 0;
      ssize_t received = 0;
      bool sent = true;

      if (need == LDS_CONNECTION_READ &&
          (!lds_connection_settle (connection) ||
           !lds_connection_room (connection, self->scratch, LDS_BLOCKING_SCRATCH_BYTES, &room,
                                 &room_bytes)))
        return LDS_BLOCKING_CLOSE;

      if (need != LDS_CONNECTION_OPERATE || lds_buffer_size (&self->out) > 0)
        {
          lds_blocking_leave (hooks);
          sent = send_all (fd, &self->out);
          if (sent && need == LDS_CONNECTION_READ)
            received = receive (fd, room, room_bytes);
          else if (sent && need == LDS_CONNECTION_CLOSE && lds_connection_must_linger (connection))
            linger (fd, self->scratch);
          lds_blocking_enter (hooks);
          lds_buffer_clear (&self->out);
        }
      if (!sent || need == LDS_CONNECTION_CLOSE)
        return LDS_BLOCKING_CLOSE;
      if (need == LDS_CONNECTION_OPERATE)
        operate (self, connection, hooks);
      if (need == LDS_CONNECTION_READ)
        {
          if (received <= 0)
            return LDS_BLOCKING_CLOSE;
          lds_connection_received (connection, room, (size_t)received);
        }

      need = lds_connection_advance (connection, &self->out);
      if (need == LDS_CONNECTION_READ && lds_connection_is_idle (connection))
        {
          lds_blocking_leave (hooks);
          sent = send_all (fd, &self->out);
          lds_blocking_enter (hooks);
          lds_buffer_clear (&self->out);
          return sent ? LDS_BLOCKING_IDLE : LDS_BLOCKING_CLOSE;
        }
    }
}

LdsBlockingResult
lds_blocking_serve (LdsBlocking *self,
                    LdsConnection *connection,
                    int fd,
                    const LdsBlockingHooks *hooks)
{
  LdsBlockingResult result;

  if (self->scratch == NULL)
    self->scratch = malloc (LDS_BLOCKING_SCRATCH_BYTES);
  if (self->scratch == NULL)
    return LDS_BLOCKING_CLOSE;
  result = serve (self, connection, fd, hooks);
  if (!lds_connection_settle (connection))
    result = LDS_BLOCKING_CLOSE;
  return result;
}

void
lds_blocking_clear (LdsBlocking *self)
{
  free (self->scratch);
  self->scratch = NULL;
  lds_blocking_fetch_free (self->fetch);
  self->fetch = NULL;
  lds_buffer_free (&self->out);
}
