/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A loop's connections to upstreams. */
#include "lds-loop-fetch.h"

#include "lds-clock.h"
#include "lds-loop-private.h"
#include "lds-upstreams.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

typedef struct _Connection Connection;

/* One upstream. */
typedef struct
{
  Connection *idle; /* the one used last first */
  unsigned open;    /* connections that are not closing */
  LdsLoopFetch *first_waiting, *last_waiting;
} Pool;

struct _LdsLoopFetches
{
  LdsLoop *loop;
  LdsHttpHeadCache cache;
  /* All fetches, the oldest first, which is the one that is due first: one timer does for all. */
  LdsLoopFetch *oldest, *newest;
  uv_timer_t timer;
  bool timing;
  bool stopped;
  Pool pools[LDS_UPSTREAM_SLOTS];
};

struct _LdsLoopFetch
{
  LdsFetch fetch;
  LdsLoopFetches *fetches;
  LdsLoopFetch *older, *newer;
  LdsLoopFetch *next_waiting;
  Connection *connection; /* (nullable): none while it waits for one */
  unsigned upstream;
  uint64_t due_ms;
  LdsLoopFetchFunc done;
  void *owner;
};

struct _Connection
{
  uv_tcp_t tcp;
  uv_connect_t connect;
  uv_write_t write;
  LdsLoopFetches *fetches;
  Pool *pool;
  LdsLoopFetch *fetch;         /* (nullable): none while idle or closing */
  Connection *previous, *next; /* of the idle ones */
  LdsBuffer sending;           /* a request that the kernel has not taken at once */
  bool used;                   /* has carried an answer before */
  bool writing;                /* libuv holds a part of a request */
  bool closing;
};

static bool assign (LdsLoopFetch *self, bool fresh);

static LdsLoopFetches *
get_fetches (LdsLoop *loop)
{
  LdsLoopFetches *self = loop->fetches;

  if (self != NULL)
    return self;
  self = calloc (1, sizeof *self);
  if (self == NULL)
    return NULL;
  self->loop = loop;
  self->stopped = loop->stopping;
  uv_timer_init (&loop->uv, &self->timer);
  uv_unref ((uv_handle_t *)&self->timer);
  self->timer.data = self;
  return loop->fetches = self;
}

static void
closed_cb (uv_handle_t *handle)
{
  Connection *connection = handle->data;

  lds_buffer_free (&connection->sending);
  free (connection);
}

static void
leave_idle (Connection *connection)
{
  if (connection->previous != NULL)
    connection->previous->next = connection->next;
  else
    connection->pool->idle = connection->next;
  if (connection->next != NULL)
    connection->next->previous = connection->previous;
  connection->previous = connection->next = NULL;
}

/* Closes a connection that is neither idle nor has a fetch. */
static void
close_connection (Connection *connection)
{
  connection->closing = true;
  connection->pool->open--;
  uv_close ((uv_handle_t *)&connection->tcp, closed_cb);
}

/* Whether an idle connection has been ended without the loop having heard of it yet. Costs a system
 * call, so only asked where it may not be tried in vain. */
static bool
is_stale (Connection *connection)
{
  uv_os_fd_t fd;
  char byte;

  return uv_fileno ((uv_handle_t *)&connection->tcp, &fd) != 0 ||
         recv (fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

static void
unlist (LdsLoopFetch *self)
{
  LdsLoopFetches *fetches = self->fetches;

  *(self->older != NULL ? &self->older->newer : &fetches->oldest) = self->newer;
  *(self->newer != NULL ? &self->newer->older : &fetches->newest) = self->older;
}

static void
leave_waiting (LdsLoopFetch *self)
{
  Pool *pool = &self->fetches->pools[self->upstream];
  LdsLoopFetch *before = NULL, **link = &pool->first_waiting;

  while (*link != self && *link != NULL)
    {
      before = *link;
      link = &before->next_waiting;
    }
  if (*link == NULL)
    return;
  *link = self->next_waiting;
  if (pool->last_waiting == self)
    pool->last_waiting = before;
}

/* Ends @self, which has neither a connection nor a place in a queue, by telling its owner. */
static void
finish (LdsLoopFetch *self)
{
  unlist (self);
  self->done (&self->fetch, self->owner);
  lds_fetch_clear (&self->fetch);
  free (self);
}

/* There may be room for those that wait. */
static void
serve_waiting (LdsLoopFetches *fetches,
               Pool *pool)
{
  while (pool->first_waiting != NULL &&
         (pool->idle != NULL || pool->open < LDS_LOOP_FETCH_CONNECTIONS))
    {
      LdsLoopFetch *fetch = pool->first_waiting;

      pool->first_waiting = fetch->next_waiting;
      if (!assign (fetch, false))
        {
          lds_fetch_fail (&fetch->fetch, 0);
          finish (fetch);
        }
    }
}

/* @connection is of no use any more. Its fetch, if any, is tried again or has failed. */
static void
lose_connection (Connection *connection)
{
  LdsLoopFetches *fetches = connection->fetches;
  LdsLoopFetch *fetch = connection->fetch;
  Pool *pool = connection->pool;
  bool retry;

  if (fetch == NULL)
    leave_idle (connection);
  connection->fetch = NULL;
  close_connection (connection);
  if (fetch != NULL)
    {
      fetch->connection = NULL;
      retry = connection->used && lds_fetch_can_retry (&fetch->fetch);
      /* What was left to be sent is gone, but nothing of it was changed. */
      if (connection->sending.data != NULL)
        {
          fetch->fetch.request = connection->sending;
          connection->sending = (LdsBuffer){0};
        }
      if (!retry || !assign (fetch, true))
        {
          lds_fetch_fail (&fetch->fetch, 0);
          finish (fetch);
        }
    }
  serve_waiting (fetches, pool);
}

/* The answer is whole. */
static void
complete (Connection *connection)
{
  LdsLoopFetches *fetches = connection->fetches;
  LdsLoopFetch *fetch = connection->fetch;
  Pool *pool = connection->pool;

  connection->fetch = NULL;
  connection->used = true;
  fetch->connection = NULL;
  if (lds_fetch_can_keep (&fetch->fetch) && !connection->writing && !fetches->stopped)
    {
      connection->next = pool->idle;
      if (connection->next != NULL)
        connection->next->previous = connection;
      pool->idle = connection;
    }
  else
    close_connection (connection);
  serve_waiting (fetches, pool);
  finish (fetch);
}

static void
room_cb (uv_handle_t *handle,
         size_t suggested_bytes,
         uv_buf_t *buffer)
{
  const Connection *connection = handle->data;

  *buffer = uv_buf_init (connection->fetches->loop->scratch, LDS_LOOP_SCRATCH_BYTES);
}

static void
received_cb (uv_stream_t *stream,
             ssize_t count,
             const uv_buf_t *buffer)
{
  Connection *connection = stream->data;
  LdsLoop *loop = connection->fetches->loop;
  LdsFetchState state = LDS_FETCH_FAILED;

  if (count == 0)
    return;
  lds_loop_enter (loop);
  if (connection->fetch != NULL && count > 0)
    state = lds_fetch_received (&connection->fetch->fetch, buffer->base, (size_t)count);
  else if (connection->fetch != NULL && count == UV_EOF)
    state = lds_fetch_ended (&connection->fetch->fetch);
  if (state == LDS_FETCH_DONE)
    complete (connection);
  else if (state == LDS_FETCH_FAILED)
    lose_connection (connection);
  lds_loop_leave (loop);
}

static void
written_cb (uv_write_t *request,
            int status)
{
  Connection *connection = request->handle->data;

  connection->writing = false;
  /* That something could not be sent shows when reading, together with what the upstream has to say
   * about it: it may have answered before it closed. */
  if (status != 0)
    return;
  if (connection->fetch != NULL)
    connection->fetch->fetch.request = connection->sending;
  else
    lds_buffer_free (&connection->sending);
  connection->sending = (LdsBuffer){0};
}

/* Sends the request of @connection's fetch. Returns false when that is not possible. */
static bool
send_request (Connection *connection)
{
  LdsBuffer *request = &connection->fetch->fetch.request;
  uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
  size_t size = lds_buffer_size (request);
  uv_buf_t bytes = uv_buf_init (request->data + request->start, (unsigned)size);
  int written = uv_try_write (stream, &bytes, 1);

  if (written < 0 && written != UV_EAGAIN)
    return true; /* reading tells */
  if (written >= 0 && (size_t)written == size)
    return true;
  if (written > 0)
    bytes = uv_buf_init (bytes.base + written, (unsigned)(size - (size_t)written));
  /* It may outlive the fetch. */
  connection->sending = *request;
  *request = (LdsBuffer){0};
  connection->writing = uv_write (&connection->write, stream, &bytes, 1, written_cb) == 0;
  return connection->writing;
}

static void
connected_cb (uv_connect_t *request,
              int status)
{
  Connection *connection = request->handle->data;
  LdsLoop *loop = connection->fetches->loop;

  if (connection->closing)
    return;
  lds_loop_enter (loop);
  if (status != 0 || uv_tcp_nodelay (&connection->tcp, 1) != 0 ||
      uv_read_start ((uv_stream_t *)&connection->tcp, room_cb, received_cb) != 0 ||
      !send_request (connection))
    lose_connection (connection);
  lds_loop_leave (loop);
}

/* Returns: (nullable): a new connection that is being made */
static Connection *
connect_to (LdsLoopFetches *fetches,
            unsigned upstream)
{
  Connection *connection = calloc (1, sizeof *connection);
  const struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons ((uint16_t)lds_upstreams_port (upstream)),
      .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };

  if (connection == NULL)
    return NULL;
  connection->fetches = fetches;
  connection->pool = &fetches->pools[upstream];
  connection->pool->open++;
  uv_tcp_init (&fetches->loop->uv, &connection->tcp);
  connection->tcp.data = connection;
  if (uv_tcp_connect (&connection->connect, &connection->tcp,
                      (const struct sockaddr *)(const void *)&address, connected_cb) == 0)
    return connection;
  close_connection (connection);
  return NULL;
}

/* Gives @self a connection, unless it must wait for one. @fresh: one that was never used. Returns
 * false when there is none to be had. */
static bool
assign (LdsLoopFetch *self,
        bool fresh)
{
  LdsLoopFetches *fetches = self->fetches;
  Pool *pool = &fetches->pools[self->upstream];
  Connection *connection;

  while (!fresh && (connection = pool->idle) != NULL)
    {
      leave_idle (connection);
      if (!self->fetch.repeatable && is_stale (connection))
        {
          close_connection (connection);
          continue;
        }
      connection->fetch = self;
      self->connection = connection;
      if (send_request (connection))
        return true;
      connection->fetch = NULL;
      close_connection (connection);
      return false;
    }
  /* A second attempt takes the place of the one that was lost. */
  if (pool->open < LDS_LOOP_FETCH_CONNECTIONS)
    {
      connection = connect_to (fetches, self->upstream);
      if (connection == NULL)
        return false;
      connection->fetch = self;
      self->connection = connection;
      return true;
    }
  self->next_waiting = NULL;
  if (pool->first_waiting == NULL)
    pool->first_waiting = self;
  else
    pool->last_waiting->next_waiting = self;
  pool->last_waiting = self;
  return true;
}

/* Takes @self away from its connection, which is closed: the answer would come to the next one. */
static void
withdraw (LdsLoopFetch *self)
{
  Connection *connection = self->connection;

  if (connection == NULL)
    {
      leave_waiting (self);
      return;
    }
  self->connection = NULL;
  connection->fetch = NULL;
  close_connection (connection);
}

static void
due_cb (uv_timer_t *timer)
{
  LdsLoopFetches *fetches = timer->data;
  LdsLoop *loop = fetches->loop;
  uint64_t now_ms = uv_now (&loop->uv);

  lds_loop_enter (loop);
  while (fetches->oldest != NULL && fetches->oldest->due_ms <= now_ms)
    {
      LdsLoopFetch *self = fetches->oldest;
      Pool *pool = &fetches->pools[self->upstream];

      withdraw (self);
      lds_fetch_fail (&self->fetch, 504);
      finish (self);
      serve_waiting (fetches, pool);
    }
  fetches->timing = fetches->oldest != NULL;
  if (fetches->timing)
    uv_timer_start (timer, due_cb, fetches->oldest->due_ms - now_ms, 0);
  lds_loop_leave (loop);
}

LdsLoopFetch *
lds_loop_fetch_start (LdsLoop *loop,
                      unsigned upstream,
                      LdsBuffer *request,
                      bool repeatable,
                      LdsLoopFetchFunc done,
                      void *owner)
{
  LdsLoopFetches *fetches = get_fetches (loop);
  LdsLoopFetch *self;

  if (fetches == NULL || request->failed || lds_upstreams_port (upstream) == 0 ||
      (self = malloc (sizeof *self)) == NULL)
    return NULL;
  *self = (LdsLoopFetch){
      .fetches = fetches,
      .upstream = upstream,
      .due_ms = uv_now (&loop->uv) + lds_upstreams_timeout_ms (),
      .done = done,
      .owner = owner,
  };
  lds_fetch_begin (&self->fetch, request, &fetches->cache);
  if (repeatable)
    self->fetch.repeatable = true;
  if (!assign (self, false))
    {
      lds_fetch_clear (&self->fetch);
      free (self);
      return NULL;
    }
  self->older = fetches->newest;
  *(self->older != NULL ? &self->older->newer : &fetches->oldest) = self;
  fetches->newest = self;
  if (!fetches->timing)
    {
      fetches->timing = true;
      uv_timer_start (&fetches->timer, due_cb, lds_upstreams_timeout_ms (), 0);
    }
  return self;
}

void
lds_loop_fetch_cancel (LdsLoopFetch *self)
{
  LdsLoopFetches *fetches = self->fetches;
  Pool *pool = &fetches->pools[self->upstream];

  withdraw (self);
  unlist (self);
  lds_fetch_clear (&self->fetch);
  free (self);
  serve_waiting (fetches, pool);
}

void
lds_loop_fetches_stop (LdsLoop *loop)
{
  LdsLoopFetches *self = loop->fetches;

  if (self == NULL)
    return;
  self->stopped = true;
  for (unsigned i = 0; i < LDS_UPSTREAM_SLOTS; i++)
    while (self->pools[i].idle != NULL)
      {
        Connection *connection = self->pools[i].idle;

        leave_idle (connection);
        close_connection (connection);
      }
}

void
lds_loop_fetches_close (LdsLoop *loop)
{
  if (loop->fetches != NULL)
    uv_close ((uv_handle_t *)&loop->fetches->timer, NULL);
}

void
lds_loop_fetches_free (LdsLoop *loop)
{
  free (loop->fetches);
  loop->fetches = NULL;
}
