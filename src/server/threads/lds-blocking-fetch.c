/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread's connections to upstreams. */
#include "lds-blocking-fetch.h"

#include "lds-clock.h"
#include "lds-fetch.h"
#include "lds-upstreams.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* One read takes at most this much. */
#define ROOM_BYTES (32 * 1024)

struct _LdsBlockingFetch
{
  LdsHttpHeadCache cache;
  int fds[LDS_UPSTREAM_SLOTS]; /* non-blocking; -1 when there is none */
  char room[ROOM_BYTES];
};

static LdsBlockingFetch *
fetch_new (void)
{
  LdsBlockingFetch *self = malloc (sizeof *self);

  if (self == NULL)
    return NULL;
  self->cache.size = 0;
  for (unsigned i = 0; i < LDS_UPSTREAM_SLOTS; i++)
    self->fds[i] = -1;
  return self;
}

static void
drop (LdsBlockingFetch *self,
      unsigned upstream)
{
  if (self->fds[upstream] >= 0)
    close (self->fds[upstream]);
  self->fds[upstream] = -1;
}

static bool
connect_to (LdsBlockingFetch *self,
            unsigned upstream)
{
  const struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons ((uint16_t)lds_upstreams_port (upstream)),
      .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return false;
  self->fds[upstream] = fd;
  if (connect (fd, (const struct sockaddr *)(const void *)&address, sizeof address) < 0 &&
      errno != EINPROGRESS)
    {
      drop (self, upstream);
      return false;
    }
  lds_server_prepare_socket (fd);
  return true;
}

/* Whether a connection that is kept has been ended meanwhile. */
static bool
is_stale (int fd)
{
  char byte;

  return recv (fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

/* Waits until @fd has one of @events. Returns false when it is too late. */
static bool
wait_for (int fd,
          short events,
          int64_t due_ns)
{
  struct pollfd ready = {.fd = fd, .events = events};

  for (;;)
    {
      int64_t left_ns = due_ns - lds_clock_now_ns ();
      int n;

      if (left_ns <= 0)
        return false;
      n = poll (&ready, 1, (int)(left_ns / LDS_NS_PER_MS) + 1);
      if (n > 0)
        return true;
      if (n < 0 && errno != EINTR)
        return false;
    }
}

typedef enum
{
  OUTCOME_DONE,
  OUTCOME_LOST, /* the connection is of no use */
  OUTCOME_LATE,
} Outcome;

/* Sends and receives at the same time: an upstream may answer before it has read everything, and
 * may read no further before its answer has been taken. Entered, but while waiting. */
static Outcome
converse (LdsBlockingFetch *self,
          LdsFetch *fetch,
          int fd,
          int64_t due_ns,
          const LdsBlockingHooks *hooks)
{
  size_t at = fetch->request.start;
  bool sending = true;

  for (;;)
    {
      LdsFetchState state = LDS_FETCH_MORE;
      ssize_t n = 0;
      int error;
      bool late = false;

      lds_blocking_leave (hooks);
      while (sending)
        {
          n = send (fd, fetch->request.data + at, fetch->request.end - at, MSG_NOSIGNAL);
          if (n < 0 && errno == EINTR)
            continue;
          if (n < 0 && errno == EAGAIN)
            break;
          /* Why it cannot be sent shows when reading. */
          at += n > 0 ? (size_t)n : 0;
          sending = n > 0 && at < fetch->request.end;
        }
      late = !wait_for (fd, (short)(sending ? POLLIN | POLLOUT : POLLIN), due_ns);
      n = late ? -1 : recv (fd, self->room, ROOM_BYTES, MSG_DONTWAIT);
      error = errno;
      lds_blocking_enter (hooks);
      if (late)
        return OUTCOME_LATE;
      if (n > 0)
        state = lds_fetch_received (fetch, self->room, (size_t)n);
      else if (n == 0)
        state = lds_fetch_ended (fetch);
      else if (error != EAGAIN && error != EINTR)
        return OUTCOME_LOST;
      if (state == LDS_FETCH_FAILED)
        return OUTCOME_LOST;
      if (state == LDS_FETCH_DONE)
        {
          if (n == 0 || sending)
            fetch->parser.head.keep_alive = false;
          return OUTCOME_DONE;
        }
    }
}

/* Carries it out, a second time where that is called for. */
static Outcome
carry_out (LdsBlockingFetch *self,
           LdsFetch *fetch,
           unsigned upstream,
           const LdsBlockingHooks *hooks)
{
  int64_t due_ns = lds_clock_now_ns () + lds_upstreams_timeout_ms () * LDS_NS_PER_MS;

  for (;;)
    {
      int *fd = &self->fds[upstream];
      bool used;
      Outcome outcome;

      /* Whatever has come meanwhile is no answer to this. */
      if (*fd >= 0 && is_stale (*fd))
        drop (self, upstream);
      used = *fd >= 0;
      if (!used && !connect_to (self, upstream))
        return OUTCOME_LOST;
      outcome = converse (self, fetch, *fd, due_ns, hooks);
      if (outcome != OUTCOME_DONE || !lds_fetch_can_keep (fetch))
        drop (self, upstream);
      if (outcome != OUTCOME_LOST || !used || !lds_fetch_can_retry (fetch))
        return outcome;
    }
}

void
lds_blocking_fetch (LdsBlockingFetch **self,
                    LdsExchange *exchange,
                    const LdsBlockingHooks *hooks)
{
  LdsFetch fetch;
  Outcome outcome;

  if (*self == NULL)
    *self = fetch_new ();
  if (*self == NULL || exchange->parcel.failed || lds_upstreams_port (exchange->upstream) == 0)
    {
      lds_fetch_deliver_failure (exchange);
      return;
    }
  lds_fetch_begin (&fetch, &exchange->parcel, &(*self)->cache);
  outcome = carry_out (*self, &fetch, exchange->upstream, hooks);
  if (outcome != OUTCOME_DONE)
    lds_fetch_fail (&fetch, outcome == OUTCOME_LATE ? 504 : 0);
  lds_fetch_deliver (&fetch, exchange);
  lds_fetch_clear (&fetch);
}

void
lds_blocking_fetch_free (LdsBlockingFetch *self)
{
  if (self == NULL)
    return;
  for (unsigned i = 0; i < LDS_UPSTREAM_SLOTS; i++)
    drop (self, i);
  free (self);
}
