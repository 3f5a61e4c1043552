/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M1, the event loop: one thread, everything on one libuv loop.
 *
 * libuv is the loop that Node.js itself runs on (and uvloop, under Python's asyncio). A waiting
 * request is a timer and costs the others nothing; a computing one is run where it is, so that the
 * loop stands still for everybody. As in Node.js an answer is first tried directly, without going
 * back to the loop (uv_try_write), so that it costs one read and one write.
 *
 * Sources: Node.js, "The Node.js Event Loop", nodejs.org/learn; backlog 511 from net.Server.listen
 * (nodejs.org/api/net.html); libuv 1.44, docs/src/design.rst and stream.rst; accessed 2026-11-21.
 */
#include "lds-connection.h"
#include "lds-lifetime.h"
#include "lds-server.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <uv.h>

#define BACKLOG 511
/* One read takes at most this much; libuv suggests the same. */
#define SCRATCH_BYTES (64 * 1024)
/* A client that sends requests while one is being carried out is read no further than this. */
#define PENDING_BYTES (64 * 1024)

typedef struct _Client Client;

typedef struct
{
  LdsServer *server;
  uv_loop_t uv;
  uv_tcp_t listener;
  uv_async_t stop; /* wakes the loop from the lifetime's thread */
  uv_idle_t turn;  /* keeps the loop turning while stopping, see turn_cb() */
  unsigned turns;
  bool stopping;
  bool accept_postponed; /* a connection waits because there are max_connections */
  unsigned connections;
  Client *clients; /* all open ones, in no order */
  LdsBuffer out;   /* used by one client at a time, empty in between */
  char scratch[SCRATCH_BYTES];
} Loop;

struct _Client
{
  uv_tcp_t tcp;
  uv_timer_t timer; /* of WAIT, or of lingering */
  Loop *loop;
  Client *previous, *next;
  uint8_t open_handles;
  bool reading;
  bool writing;   /* libuv holds the rest of an answer that the client does not take */
  bool waiting;   /* the timer is that of an operation */
  bool lingering; /* what comes is dropped */
  bool ended;     /* the client has ended its side */
  bool closed;
  uint32_t dropped_bytes;
  LdsConnection connection;
};

/* The part of an answer that could not be written at once. */
typedef struct
{
  uv_write_t request;
  char bytes[];
} Rest;

static void process (Client *client);
static void accept_client (Loop *loop);

static void
client_closed_cb (uv_handle_t *handle)
{
  Client *client = handle->data;

  if (--client->open_handles == 0)
    free (client);
}

static void
close_client (Client *client)
{
  Loop *loop = client->loop;

  if (client->closed)
    return;
  client->closed = true;
  lds_connection_clear (&client->connection);
  if (client->previous != NULL)
    client->previous->next = client->next;
  else
    loop->clients = client->next;
  if (client->next != NULL)
    client->next->previous = client->previous;
  uv_close ((uv_handle_t *)&client->tcp, client_closed_cb);
  uv_close ((uv_handle_t *)&client->timer, client_closed_cb);
  loop->connections--;
  if (loop->accept_postponed && !loop->stopping)
    {
      loop->accept_postponed = false;
      accept_client (loop);
    }
}

static void
read_room_cb (uv_handle_t *handle,
              size_t suggested_bytes,
              uv_buf_t *buffer)
{
  Client *client = handle->data;
  char *room;
  size_t room_bytes;

  /* With no room given libuv reports UV_ENOBUFS to received_cb(), which closes. */
  *buffer = uv_buf_init (NULL, 0);
  if (client->lingering)
    *buffer = uv_buf_init (client->loop->scratch, SCRATCH_BYTES);
  else if (lds_connection_room (&client->connection, client->loop->scratch, SCRATCH_BYTES, &room,
                                &room_bytes))
    *buffer = uv_buf_init (room, (unsigned)room_bytes);
}

static void
stop_reading (Client *client)
{
  if (client->reading)
    uv_read_stop ((uv_stream_t *)&client->tcp);
  client->reading = false;
}

static void
received_cb (uv_stream_t *stream,
             ssize_t count,
             const uv_buf_t *buffer)
{
  Client *client = stream->data;

  if (count == 0)
    return;
  if (count < 0)
    {
      /* The end of the client's side is no reason to keep it from its answer. */
      client->ended = true;
      stop_reading (client);
      if (count != UV_EOF || client->lingering || (!client->waiting && !client->writing))
        close_client (client);
      return;
    }
  if (client->lingering)
    {
      client->dropped_bytes += (uint32_t)count;
      if (client->dropped_bytes > LDS_LINGER_BYTES)
        close_client (client);
      return;
    }
  lds_connection_received (&client->connection, buffer->base, (size_t)count);
  if (!client->waiting && !client->writing)
    {
      process (client);
      return;
    }
  if (!lds_connection_settle (&client->connection))
    close_client (client);
  else if (lds_connection_pending (&client->connection) >= PENDING_BYTES)
    stop_reading (client);
}

static void
start_reading (Client *client)
{
  if (client->reading || client->ended)
    return;
  if (uv_read_start ((uv_stream_t *)&client->tcp, read_room_cb, received_cb) == 0)
    client->reading = true;
  else
    close_client (client);
}

static void
written_cb (uv_write_t *request,
            int status)
{
  Client *client = request->handle->data;

  free (request);
  client->writing = false;
  if (client->closed)
    return;
  if (status < 0)
    close_client (client);
  else if (!client->waiting)
    process (client);
}

/* Sends what the loop's output buffer holds, and empties it. A client that does not take it all
 * is written to by libuv and not read from until it has. */
static void
flush (Client *client)
{
  LdsBuffer *out = &client->loop->out;
  uv_stream_t *stream = (uv_stream_t *)&client->tcp;
  size_t size = lds_buffer_size (out);
  uv_buf_t bytes;
  Rest *rest;
  int written;

  if (size == 0)
    return;
  bytes = uv_buf_init (out->data + out->start, (unsigned)size);
  written = uv_try_write (stream, &bytes, 1);
  if (written == UV_EAGAIN)
    written = 0;
  if (written < 0)
    close_client (client);
  else if ((size_t)written < size)
    {
      size -= (size_t)written;
      rest = malloc (sizeof *rest + size);
      if (rest != NULL)
        {
          memcpy (rest->bytes, bytes.base + written, size);
          bytes = uv_buf_init (rest->bytes, (unsigned)size);
        }
      if (rest == NULL || uv_write (&rest->request, stream, &bytes, 1, written_cb) != 0)
        {
          free (rest);
          close_client (client);
        }
      else
        {
          client->writing = true;
          stop_reading (client);
        }
    }
  lds_buffer_clear (out);
}

static void
waited_cb (uv_timer_t *timer)
{
  Client *client = timer->data;

  client->waiting = false;
  if (client->lingering)
    close_client (client);
  else if (!client->writing)
    process (client);
}

/* Starts @client's timer. The loop counts whole milliseconds from a time that is some way back:
 * round up from now, so that it is never early. */
static void
start_timer (Client *client,
             int64_t duration_ns)
{
  uv_loop_t *uv = &client->loop->uv;
  uint64_t due_ms = (uv_hrtime () + (uint64_t)duration_ns + 999999) / 1000000;

  uv_timer_start (&client->timer, waited_cb, due_ms - uv_now (uv), 0);
}

static void
end_client (Client *client)
{
  uv_os_fd_t fd;

  if (!lds_connection_must_linger (&client->connection) || client->ended ||
      uv_fileno ((uv_handle_t *)&client->tcp, &fd) != 0 || shutdown (fd, SHUT_WR) < 0)
    {
      close_client (client);
      return;
    }
  client->lingering = true;
  start_timer (client, LDS_LINGER_NS);
  start_reading (client);
}

/* Goes on with @client until it needs something to happen on the loop. */
static void
process (Client *client)
{
  static const LdsBreaker never = {NULL, NULL};
  Loop *loop = client->loop;
  LdsConnection *connection = &client->connection;

  while (!client->closed && !client->writing && !client->waiting)
    {
      LdsConnectionNeed need = lds_connection_advance (connection, &loop->out);

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
              close_client (client);
              return;
            }
          start_reading (client);
          return;

        case LDS_CONNECTION_WAIT:
          client->waiting = true;
          start_timer (client, connection->exchange.wait_ns);
          break;

        case LDS_CONNECTION_COMPUTE:
          connection->exchange.compute (&connection->exchange, &never);
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
    close_client (client);
}

static void
accept_client (Loop *loop)
{
  unsigned maximum = loop->server->options.max_connections;
  Client *client;
  uv_os_fd_t fd;

  if (maximum > 0 && loop->connections >= maximum)
    {
      /* libuv stops accepting until the one it holds is taken; the rest wait in the backlog. */
      loop->accept_postponed = true;
      return;
    }
  client = calloc (1, sizeof *client);
  if (client == NULL)
    {
      loop->accept_postponed = loop->connections > 0;
      return;
    }
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
  if (uv_accept ((uv_stream_t *)&loop->listener, (uv_stream_t *)&client->tcp) != 0 ||
      uv_fileno ((uv_handle_t *)&client->tcp, &fd) != 0)
    {
      close_client (client);
      return;
    }
  lds_server_prepare_socket (fd);
  start_reading (client);
}

static void
connection_cb (uv_stream_t *listener,
               int status)
{
  /* On a shortage of file descriptors libuv accepts with one that it keeps in reserve and closes
   * at once, so that neither the loop spins nor the client waits. */
  if (status == 0)
    accept_client (listener->data);
}

/* The loop goes on for two turns after it has been asked to stop: in the first it accepts what
 * waits, in the second it reads what those have sent. */
#define LAST_TURNS 2

static void
turn_cb (uv_idle_t *turn)
{
  Loop *loop = turn->data;
  Client *next;

  if (++loop->turns <= LAST_TURNS)
    return;
  uv_close ((uv_handle_t *)turn, NULL);
  uv_close ((uv_handle_t *)&loop->listener, NULL);
  for (Client *client = loop->clients; client != NULL; client = next)
    {
      next = client->next;
      if (lds_connection_is_idle (&client->connection) && !client->writing && !client->lingering)
        close_client (client);
    }
}

static void
stop_cb (uv_async_t *async)
{
  Loop *loop = async->data;

  if (loop->stopping)
    return;
  loop->stopping = true;
  /* Relaxed: read by this very thread. */
  atomic_store_explicit (&loop->server->draining, true, memory_order_relaxed);
  uv_close ((uv_handle_t *)async, NULL);
  uv_idle_start (&loop->turn, turn_cb);
}

/* On the lifetime's thread. */
static void
ask_to_stop (void *data)
{
  Loop *loop = data;

  uv_async_send (&loop->stop);
}

static int
run (LdsServer *server)
{
  /* Static: it holds the scratch memory, and there is one loop a process. */
  static Loop loop;

  loop.server = server;
  if (uv_loop_init (&loop.uv) != 0 || uv_tcp_init (&loop.uv, &loop.listener) != 0 ||
      uv_async_init (&loop.uv, &loop.stop, stop_cb) != 0 ||
      uv_idle_init (&loop.uv, &loop.turn) != 0 ||
      uv_tcp_open (&loop.listener, server->listener) != 0 ||
      uv_listen ((uv_stream_t *)&loop.listener, (int)server->options.backlog, connection_cb) != 0)
    {
      lds_server_announce_error ("cannot set up the event loop.");
      return 1;
    }
  loop.listener.data = loop.stop.data = loop.turn.data = &loop;
  if (!lds_lifetime_watch (ask_to_stop, &loop))
    {
      lds_server_announce_error ("cannot start the thread that watches for the end.");
      return 1;
    }
  lds_server_announce_ready (server);
  /* Ends when all handles are closed: after stopping, with the last connection. */
  uv_run (&loop.uv, UV_RUN_DEFAULT);
  uv_loop_close (&loop.uv);
  lds_buffer_free (&loop.out);
  return 0;
}

const LdsServerModel lds_model_event_loop = {
    .id = "event-loop",
    .summary = "one thread, one libuv loop, as in Node.js",
    .options = LDS_OPTION_MAX_CONNECTIONS,
    .defaults = {.workers = 1, .threads = 1, .backlog = BACKLOG},
    .run = run,
};
