/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One client of a loop: its socket, its timers, its operations.
 *
 * As in Node.js an answer is first tried directly, without going back to the loop (uv_try_write), so
 * that it costs one read and one write. Source: libuv 1.44, docs/src/stream.rst; accessed 2026-11-21.
 */
#include "lds-loop-private.h"

#include "lds-clock.h"
#include "lds-cost.h"

#include <stdlib.h>
#include <sys/socket.h>

/* A client that sends requests while one is being carried out is read no further than this. */
#define PENDING_BYTES (64 * 1024)

/* Timers of an operation that waits for several things at once. */
typedef struct
{
  unsigned open; /* timers that are not closed yet */
  uv_timer_t timers[];
} Branches;

struct _LdsLoopClient
{
  uv_tcp_t tcp;
  uv_timer_t timer; /* of an operation with one branch, or of lingering */
  LdsLoop *loop;
  LdsLoopClient *previous, *next;
  Branches *branches;  /* (nullable) */
  LdsLoopFetch *fetch; /* (nullable): away */
  unsigned pending;    /* branches of the operation that are still to come back */
  unsigned tasks;      /* away; they hold on to this struct */
  uint8_t open_handles;
  bool reading;
  bool writing;   /* libuv holds bytes that the client does not take */
  bool lingering; /* what comes is dropped */
  bool ended;     /* the client has ended its side */
  bool closed;
  uint32_t dropped_bytes;
  size_t backlog_bytes; /* of what libuv holds */
  LdsMembership membership;
  LdsConnection connection;
};

/* What could not be written at once. */
typedef struct
{
  uv_write_t request;
  LdsLoopBytes *bytes;
  size_t backlog_bytes;
} Rest;

static void process (LdsLoopClient *client);

static void
free_when_unused (LdsLoopClient *client)
{
  if (client->open_handles == 0 && client->tasks == 0)
    free (client);
}

static void
client_closed_cb (uv_handle_t *handle)
{
  LdsLoopClient *client = handle->data;

  client->open_handles--;
  free_when_unused (client);
}

static void
branch_closed_cb (uv_handle_t *handle)
{
  Branches *branches = handle->data;

  if (--branches->open == 0)
    free (branches);
}

static void
close_branches (LdsLoopClient *client)
{
  Branches *branches = client->branches;
  unsigned n;

  client->branches = NULL;
  if (branches == NULL)
    return;
  n = branches->open;
  for (unsigned i = 0; i < n; i++)
    {
      branches->timers[i].data = branches;
      uv_close ((uv_handle_t *)&branches->timers[i], branch_closed_cb);
    }
}

void
lds_loop_client_close (LdsLoopClient *client)
{
  LdsLoop *loop = client->loop;

  if (client->closed)
    return;
  client->closed = true;
  lds_hub_leave (client);
  lds_connection_clear (&client->connection);
  if (client->previous != NULL)
    client->previous->next = client->next;
  else
    loop->clients = client->next;
  if (client->next != NULL)
    client->next->previous = client->previous;
  close_branches (client);
  if (client->fetch != NULL)
    lds_loop_fetch_cancel (client->fetch);
  uv_close ((uv_handle_t *)&client->tcp, client_closed_cb);
  uv_close ((uv_handle_t *)&client->timer, client_closed_cb);
  loop->connections--;
  if (loop->accept_postponed && !loop->stopping)
    lds_loop_accept (loop);
}

static void
read_room_cb (uv_handle_t *handle,
              size_t suggested_bytes,
              uv_buf_t *buffer)
{
  LdsLoopClient *client = handle->data;
  char *room;
  size_t room_bytes;

  /* With no room given libuv reports UV_ENOBUFS to received_cb(), which closes. */
  *buffer = uv_buf_init (NULL, 0);
  if (client->lingering)
    *buffer = uv_buf_init (client->loop->scratch, LDS_LOOP_SCRATCH_BYTES);
  else if (lds_connection_room (&client->connection, client->loop->scratch, LDS_LOOP_SCRATCH_BYTES,
                                &room, &room_bytes))
    *buffer = uv_buf_init (room, (unsigned)room_bytes);
}

static void
stop_reading (LdsLoopClient *client)
{
  if (client->reading)
    uv_read_stop ((uv_stream_t *)&client->tcp);
  client->reading = false;
}

static void
received (LdsLoopClient *client,
          ssize_t count,
          char *bytes)
{
  if (count < 0)
    {
      /* The end of the client's side is no reason to keep it from its answer. */
      client->ended = true;
      stop_reading (client);
      if (count != UV_EOF || client->lingering || (client->pending == 0 && !client->writing))
        lds_loop_client_close (client);
      return;
    }
  if (client->lingering)
    {
      client->dropped_bytes += (uint32_t)count;
      if (client->dropped_bytes > LDS_LINGER_BYTES)
        lds_loop_client_close (client);
      return;
    }
  lds_connection_received (&client->connection, bytes, (size_t)count);
  if (client->pending == 0 && !client->writing)
    {
      process (client);
      return;
    }
  if (!lds_connection_settle (&client->connection))
    lds_loop_client_close (client);
  else if (lds_connection_pending (&client->connection) >= PENDING_BYTES)
    stop_reading (client);
}

static void
received_cb (uv_stream_t *stream,
             ssize_t count,
             const uv_buf_t *buffer)
{
  LdsLoopClient *client = stream->data;
  LdsLoop *loop = client->loop;

  if (count == 0)
    return;
  lds_loop_enter (loop);
  received (client, count, buffer->base);
  lds_loop_leave (loop);
}

static void
start_reading (LdsLoopClient *client)
{
  if (client->reading || client->ended)
    return;
  if (uv_read_start ((uv_stream_t *)&client->tcp, read_room_cb, received_cb) == 0)
    client->reading = true;
  else
    lds_loop_client_close (client);
}

static void
written_cb (uv_write_t *request,
            int status)
{
  LdsLoopClient *client = request->handle->data;
  LdsLoop *loop = client->loop;
  Rest *rest = (Rest *)(void *)request;

  client->backlog_bytes -= rest->backlog_bytes;
  client->writing = client->backlog_bytes > 0;
  lds_loop_bytes_unref (rest->bytes);
  free (rest);
  if (client->closed)
    return;
  lds_loop_enter (loop);
  if (status < 0)
    lds_loop_client_close (client);
  else if (!client->writing && client->pending == 0)
    process (client);
  lds_loop_leave (loop);
}

LdsLoopBytes *
lds_loop_bytes_new (const char *bytes,
                    size_t size)
{
  LdsLoopBytes *self = malloc (sizeof *self + size);

  if (self == NULL)
    return NULL;
  self->users = 1;
  self->size = size;
  memcpy (self->bytes, bytes, size);
  return self;
}

void
lds_loop_bytes_unref (LdsLoopBytes *self)
{
  if (--self->users == 0)
    free (self);
}

LdsMembership *
lds_loop_client_membership (LdsLoopClient *self)
{
  return &self->membership;
}

size_t
lds_loop_client_backlog (const LdsLoopClient *self)
{
  return self->backlog_bytes;
}

void
lds_loop_client_queue (LdsLoopClient *client,
                       LdsLoopBytes *bytes,
                       size_t offset)
{
  uv_buf_t buffer = uv_buf_init (bytes->bytes + offset, (unsigned)(bytes->size - offset));
  Rest *rest = malloc (sizeof *rest);

  if (rest == NULL || uv_write (&rest->request, (uv_stream_t *)&client->tcp, &buffer, 1,
                                written_cb) != 0)
    {
      free (rest);
      lds_loop_client_close (client);
      return;
    }
  rest->bytes = bytes;
  rest->backlog_bytes = sizeof *rest + buffer.len;
  bytes->users++;
  client->backlog_bytes += rest->backlog_bytes;
  client->writing = true;
  if (client->membership.topic != NULL)
    lds_hub_lags (client);
  stop_reading (client);
}

/* Sends what the loop's output buffer holds, and empties it. A client that does not take it all
 * is written to by libuv and not read from until it has. */
static void
flush (LdsLoopClient *client)
{
  LdsBuffer *out = &client->loop->out;
  uv_stream_t *stream = (uv_stream_t *)&client->tcp;
  size_t size = lds_buffer_size (out);
  uv_buf_t bytes;
  int written;

  if (size == 0)
    return;
  if (client->closed)
    {
      lds_buffer_clear (out);
      return;
    }
  bytes = uv_buf_init (out->data + out->start, (unsigned)size);
  written = uv_try_write (stream, &bytes, 1);
  if (written == UV_EAGAIN)
    written = 0;
  if (written < 0)
    lds_loop_client_close (client);
  else if ((size_t)written < size)
    {
      LdsLoopBytes *rest = lds_loop_bytes_new (bytes.base + written, size - (size_t)written);

      if (rest == NULL)
        {
          lds_loop_client_close (client);
        }
      else
        {
          lds_loop_client_queue (client, rest, 0);
          lds_loop_bytes_unref (rest);
        }
    }
  lds_buffer_clear (out);
}

/* One branch of the operation has come back. */
static void
resume (LdsLoopClient *client)
{
  if (--client->pending > 0)
    return;
  close_branches (client);
  if (!client->writing)
    process (client);
}

static void
waited_cb (uv_timer_t *timer)
{
  LdsLoopClient *client = timer->data;
  LdsLoop *loop = client->loop;

  lds_loop_enter (loop);
  if (client->lingering)
    lds_loop_client_close (client);
  else
    resume (client);
  lds_loop_leave (loop);
}

/* Starts @timer. The loop counts whole milliseconds from a time that is some way back: round up
 * from now, so that it is never early. */
static void
start_timer (LdsLoopClient *client,
             uv_timer_t *timer,
             int64_t duration_ns)
{
  uint64_t due_ms = (uv_hrtime () + (uint64_t)duration_ns + 999999) / 1000000;

  uv_timer_start (timer, waited_cb, due_ms - uv_now (&client->loop->uv), 0);
}

/* Returns false when out of memory. */
static bool
start_waiting (LdsLoopClient *client)
{
  const LdsExchange *exchange = &client->connection.exchange;
  unsigned n = exchange->branches;

  if (n == 1)
    {
      client->pending = 1;
      start_timer (client, &client->timer, exchange->wait_ns);
      return true;
    }
  client->branches = malloc (sizeof *client->branches + n * sizeof *client->branches->timers);
  if (client->branches == NULL)
    return false;
  client->branches->open = n;
  client->pending = n;
  for (unsigned i = 0; i < n; i++)
    {
      uv_timer_t *timer = &client->branches->timers[i];

      uv_timer_init (&client->loop->uv, timer);
      timer->data = client;
      start_timer (client, timer, exchange->wait_ns);
    }
  return true;
}

/* Returns false when out of memory. */
static bool
start_tasks (LdsLoopClient *client,
             LdsOffload *offload,
             LdsJobFunc run,
             unsigned n)
{
  LdsConnection *connection = &client->connection;

  for (unsigned i = 0; i < n; i++)
    {
      LdsTask *task = lds_task_new (&connection->exchange, connection->workload, run);

      if (task == NULL)
        return false;
      task->owner = client;
      if (run == connection->workload->compute)
        lds_cost_dispatch (task->cost, &client->loop->breaker);
      client->pending++;
      client->tasks++;
      lds_loop_submit (client->loop, offload, task);
    }
  return true;
}

void
lds_loop_client_completed (LdsTask *task)
{
  LdsLoopClient *client = task->owner;
  LdsExchange *exchange = &client->connection.exchange;

  client->tasks--;
  if (client->closed)
    {
      free_when_unused (client);
    }
  else
    {
      if (exchange->branches == 1)
        lds_task_deliver (task, exchange);
      else
        lds_task_deliver_failure (task, exchange);
      resume (client);
    }
  lds_task_free (task);
}

static void
fetched_cb (LdsFetch *fetch,
            void *data)
{
  LdsLoopClient *client = data;

  client->fetch = NULL;
  lds_fetch_deliver (fetch, &client->connection.exchange);
  resume (client);
}

static void
start_fetch (LdsLoopClient *client)
{
  LdsExchange *exchange = &client->connection.exchange;

  client->fetch = lds_loop_fetch_start (client->loop, exchange->upstream, &exchange->parcel, false,
                                        fetched_cb, client);
  if (client->fetch != NULL)
    client->pending = 1;
  else
    lds_fetch_deliver_failure (exchange);
}

/* As a blocking call on the loop does: nothing else runs on it, but the lock is let go. */
static void
block (LdsLoop *loop,
       int64_t duration_ns)
{
  lds_loop_leave (loop);
  lds_clock_sleep_ns (duration_ns);
  lds_loop_enter (loop);
}

/* Carries out, or begins to, what the connection asks for. Returns false when out of memory. */
static bool
operate (LdsLoopClient *client)
{
  LdsConnection *connection = &client->connection;
  LdsExchange *exchange = &connection->exchange;
  LdsLoop *loop = client->loop;

  switch (connection->operation)
    {
    case LDS_OPERATION_WAIT:
      return start_waiting (client);

    case LDS_OPERATION_BLOCK:
      block (loop, exchange->wait_ns);
      return true;

    case LDS_OPERATION_CALL:
      return start_tasks (client, loop->options.call, connection->workload->call,
                          exchange->branches);

    case LDS_OPERATION_COMPUTE:
      if (loop->options.compute != NULL)
        return start_tasks (client, loop->options.compute, connection->workload->compute, 1);
      lds_exchange_compute (exchange, connection->workload, &loop->breaker);
      return true;

    case LDS_OPERATION_FETCH:
      start_fetch (client);
      return true;

    case LDS_OPERATION_UPGRADE:
      return lds_topic_join (connection->topic, client, LDS_MEMBER_WEBSOCKET);

    case LDS_OPERATION_SUBSCRIBE:
      return lds_topic_join (connection->topic, client, LDS_MEMBER_EVENTS);

    case LDS_OPERATION_SEND: /* is LDS_CONNECTION_FLUSH */
    case LDS_OPERATION_DONE:
      break;
    }
  return true;
}

static void
end_client (LdsLoopClient *client)
{
  uv_os_fd_t fd;

  /* Nothing may follow the last answer. */
  lds_hub_leave (client);
  if (!lds_connection_must_linger (&client->connection) || client->ended ||
      uv_fileno ((uv_handle_t *)&client->tcp, &fd) != 0 || shutdown (fd, SHUT_WR) < 0)
    {
      lds_loop_client_close (client);
      return;
    }
  client->lingering = true;
  start_timer (client, &client->timer, LDS_LINGER_NS);
  start_reading (client);
}

/* Goes on with @client until it needs something to happen on the loop. */
static void
process (LdsLoopClient *client)
{
  LdsLoop *loop = client->loop;
  LdsConnection *connection = &client->connection;

  while (!client->closed && !client->writing && client->pending == 0)
    {
      LdsConnectionNeed need = lds_connection_advance (connection, &loop->out);

      /* What is for this member alone goes behind what it was to get with all others before. */
      if (loop->hub_is_full ||
          (lds_connection_is_member (connection) && lds_buffer_size (&loop->out) > 0))
        lds_hub_flush (loop->hub);
      flush (client);
      if (client->closed)
        return;
      switch (need)
        {
        case LDS_CONNECTION_READ:
          if (client->writing)
            break;
          if (client->ended || !lds_connection_settle (connection))
            {
              lds_loop_client_close (client);
              return;
            }
          start_reading (client);
          return;

        case LDS_CONNECTION_OPERATE:
          if (!operate (client))
            {
              lds_loop_client_close (client);
              return;
            }
          break;

        case LDS_CONNECTION_CLOSE:
          if (client->writing)
            break;
          end_client (client);
          return;

        case LDS_CONNECTION_FLUSH:
          break;
        }
    }
  if (!client->closed && !lds_connection_settle (connection))
    lds_loop_client_close (client);
}

uv_tcp_t *
lds_loop_client_handle (LdsLoopClient *self)
{
  return &self->tcp;
}

LdsLoopClient *
lds_loop_client_new (LdsLoop *loop)
{
  LdsLoopClient *client = calloc (1, sizeof *client);

  if (client == NULL)
    return NULL;
  client->loop = loop;
  client->open_handles = 2;
  client->tcp.data = client->timer.data = client;
  uv_tcp_init (&loop->uv, &client->tcp);
  uv_timer_init (&loop->uv, &client->timer);
  lds_connection_init (&client->connection, loop->server);
  client->next = loop->clients;
  if (client->next != NULL)
    client->next->previous = client;
  loop->clients = client;
  loop->connections++;
  return client;
}

void
lds_loop_client_begin (LdsLoopClient *client)
{
  uv_os_fd_t fd;

  if (uv_fileno ((uv_handle_t *)&client->tcp, &fd) != 0)
    {
      lds_loop_client_close (client);
      return;
    }
  lds_server_prepare_socket (fd);
  start_reading (client);
}

void
lds_loop_close_idle_clients (LdsLoop *loop)
{
  LdsLoopClient *next;

  lds_hub_flush (loop->hub);
  for (LdsLoopClient *client = loop->clients; client != NULL; client = next)
    {
      next = client->next;
      if (lds_connection_is_member (&client->connection))
        {
          if (client->pending == 0 && !client->writing && !client->lingering)
            process (client);
        }
      else if (lds_connection_is_idle (&client->connection) && !client->writing &&
               !client->lingering)
        lds_loop_client_close (client);
    }
}
