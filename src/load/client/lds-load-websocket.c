/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSockets over a back end. A request is one text message; it is over when that comes back. Whatever
 * else comes is a delivery, told to the worker.
 *
 * Being connected includes the handshake. Frames are read where they were received; only what is left
 * over of a frame that has not come whole is kept. A connection whose message was given up stays, as a
 * member of a chat does; the answer that comes too late is told by its number. At the end of a run
 * connections are dropped without a closing handshake. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-load-worker.h"
#include "lds-random.h"
#include "lds-websocket-handshake.h"
#include "lds-websocket.h"

/* A request for the handshake, beside its path, host and further fields. */
#define HANDSHAKE_BYTES 256

typedef enum
{
  STATE_CLOSED,
  STATE_SHAKING, /* being made, up to the answer to the handshake */
  STATE_OPEN,
} State;

/* What is owed for a ping: one answer, to the latest (RFC 6455, section 5.5.3). */
typedef struct
{
  bool is_due;
  uint8_t n;
  char payload[LDS_WEBSOCKET_CONTROL_MAX_BYTES];
  char frame[LDS_WEBSOCKET_CONTROL_ROOM_BYTES];
} Pong;

typedef struct
{
  LdsLoadLink link;
  uint8_t state;
  bool was_prepared;  /* made, or tried, ahead of the run */
  int64_t connect_ns; /* when connecting began */
  LdsLoadMember member;
  LdsLoadSlot *slot; /* (nullable): has a request, sent or not */
  uint64_t seq;      /* of the message that was sent last */
  LdsWebsocketReader reader;
  char *rest; /* (nullable): what was received and not used yet */
  size_t rest_bytes;
  size_t rest_room;
  char *outbox; /* what was sent last: the handshake, or a message */
  Pong *pong;   /* (nullable): once there was a ping */
  char key[LDS_WEBSOCKET_KEY_CHARS + 1];
} Connection;

struct LdsLoadClient
{
  LdsLoadWorker *worker;
  LdsLoadPlan *plan;
  const LdsLoadEngineClass *engine_class;
  LdsLoadEngine *engine;
  Connection *connections;
  unsigned n_connections;
  unsigned n_prepared; /* of the connections, in order */
  unsigned n_preparing;
  unsigned first_sender; /* numbers of connections go over all threads */
  size_t outbox_bytes;
  size_t payload_bytes;
  char *message; /* with what all messages have in common */
  uint64_t random;
};

/* --- Connecting ------------------------------------------------------------------------------ */

static void
begin_connecting (LdsLoadClient *self,
                  Connection *connection)
{
  connection->state = STATE_SHAKING;
  connection->connect_ns = lds_clock_now_ns ();
  self->engine_class->connect (self->engine, &connection->link);
}

static void
end_preparing (LdsLoadClient *self,
               Connection *connection)
{
  if (!connection->was_prepared)
    return;
  connection->was_prepared = false;
  self->n_preparing--;
}

/* Leaves @connection as if it had never been made; a request stays. */
static void
drop (LdsLoadClient *self,
      Connection *connection)
{
  end_preparing (self, connection);
  self->engine_class->disconnect (self->engine, &connection->link);
  connection->state = STATE_CLOSED;
  free (connection->rest);
  connection->rest = NULL;
  connection->rest_bytes = connection->rest_room = 0;
  if (connection->pong != NULL)
    connection->pong->is_due = false;
}

/* @reason: (nullable): static: when it is not the system's */
static void
fail_to_connect (LdsLoadClient *self,
                 Connection *connection,
                 int error_number,
                 const char *reason)
{
  LdsLoadSlot *slot = connection->slot;

  connection->slot = NULL;
  drop (self, connection);
  lds_load_worker_connect_failed (self->worker, error_number, reason);
  if (slot != NULL)
    lds_load_worker_ended (self->worker, slot, LDS_LOAD_CONNECT, 0);
}

/* The other end has ended an open connection, or has to be left. */
static void
lose (LdsLoadClient *self,
      Connection *connection,
      LdsLoadOutcome outcome)
{
  LdsLoadSlot *slot = connection->slot;

  lds_load_worker_left (self->worker, &connection->member, outcome);
  drop (self, connection);
  if (slot == NULL)
    return;
  if (slot->sent_ns < 0)
    {
      begin_connecting (self, connection);
      return;
    }
  connection->slot = NULL;
  lds_load_worker_ended (self->worker, slot, outcome, 0);
}

static void
send_handshake (LdsLoadClient *self,
                Connection *connection)
{
  const LdsLoadStream *stream = &self->plan->stream;
  uint64_t nonce[2] = {lds_random_next (&self->random), lds_random_next (&self->random)};
  uint8_t bytes[LDS_WEBSOCKET_NONCE_BYTES];
  size_t size, fields_bytes = strlen (stream->fields);

  G_STATIC_ASSERT (sizeof nonce == sizeof bytes);
  memcpy (bytes, nonce, sizeof bytes);
  lds_websocket_key (bytes, connection->key);
  size = lds_websocket_write_request (connection->outbox, self->outbox_bytes,
                                      self->plan->requests[0].path, stream->host, connection->key);
  /* Before the empty line. */
  size -= strlen ("\r\n");
  memcpy (connection->outbox + size, stream->fields, fields_bytes);
  memcpy (connection->outbox + size + fields_bytes, "\r\n", strlen ("\r\n"));
  self->engine_class->send (self->engine, &connection->link, connection->outbox,
                            size + fields_bytes + strlen ("\r\n"), false);
}

/* --- Sending --------------------------------------------------------------------------------- */

/* Writes into self->message what @connection sent last, or sends at @sent_ns. */
static void
write_message (LdsLoadClient *self,
               Connection *connection,
               int64_t sent_ns)
{
  lds_load_message_stamp (self->message, self->first_sender + connection->link.index,
                          connection->seq, sent_ns);
}

static void
make_key (LdsLoadClient *self,
          uint8_t key[LDS_WEBSOCKET_KEY_BYTES])
{
  uint64_t random = lds_random_next (&self->random);

  memcpy (key, &random, LDS_WEBSOCKET_KEY_BYTES);
}

static void
send_message (LdsLoadClient *self,
              Connection *connection)
{
  int64_t now_ns = lds_clock_now_ns ();
  uint8_t key[LDS_WEBSOCKET_KEY_BYTES];
  size_t head_bytes;

  make_key (self, key);
  connection->seq++;
  connection->slot->sent_ns = now_ns;
  write_message (self, connection, now_ns);
  head_bytes = lds_websocket_write_head (connection->outbox, LDS_WEBSOCKET_OPCODE_TEXT, true,
                                         self->payload_bytes, key);
  memcpy (connection->outbox + head_bytes, self->message, self->payload_bytes);
  lds_websocket_mask (connection->outbox + head_bytes, self->payload_bytes, key, 0);
  lds_load_worker_sending (self->worker, now_ns);
  self->engine_class->send (self->engine, &connection->link, connection->outbox,
                            head_bytes + self->payload_bytes, false);
}

static void
send_pong (LdsLoadClient *self,
           Connection *connection)
{
  Pong *pong = connection->pong;
  uint8_t key[LDS_WEBSOCKET_KEY_BYTES];
  size_t size;

  make_key (self, key);
  pong->is_due = false;
  size = lds_websocket_write_control (pong->frame, LDS_WEBSOCKET_OPCODE_PONG,
                                      (LdsSpan){pong->payload, pong->n}, key);
  self->engine_class->send (self->engine, &connection->link, pong->frame, size, false);
}

/* Sends what waits, as far as the one before has left. */
static void
send_due (LdsLoadClient *self,
          Connection *connection)
{
  if (connection->state != STATE_OPEN)
    return;
  if (!connection->link.is_sending && connection->pong != NULL && connection->pong->is_due)
    send_pong (self, connection);
  if (!connection->link.is_sending && connection->slot != NULL && connection->slot->sent_ns < 0)
    send_message (self, connection);
}

static void
websocket_start (LdsLoadClient *self,
                 LdsLoadSlot *slot,
                 int64_t now_ns)
{
  Connection *connection = &self->connections[slot->index];

  connection->slot = slot;
  if (connection->state == STATE_CLOSED)
    begin_connecting (self, connection);
  else
    send_due (self, connection);
}

static void
websocket_give_up (LdsLoadClient *self,
                   LdsLoadSlot *slot)
{
  Connection *connection = &self->connections[slot->index];

  connection->slot = NULL;
  if (connection->state == STATE_OPEN && !connection->link.is_sending)
    return;
  /* Not made in time, or the server does not even read. */
  lds_load_worker_left (self->worker, &connection->member, LDS_LOAD_OK);
  drop (self, connection);
}

/* --- Receiving ------------------------------------------------------------------------------- */

/* Whether @payload is, byte for byte, what @connection sent last. */
static bool
is_own (LdsLoadClient *self,
        Connection *connection,
        LdsSpan payload)
{
  write_message (self, connection, connection->slot->sent_ns);
  return payload.length == self->payload_bytes &&
         memcmp (payload.data, self->message, self->payload_bytes) == 0;
}

static void
take_message (LdsLoadClient *self,
              Connection *connection,
              LdsSpan payload,
              int64_t now_ns)
{
  LdsLoadSlot *slot = connection->slot;
  LdsLoadOutcome outcome = LDS_LOAD_OK;
  LdsLoadStamp stamp;
  bool is_stamped = lds_load_stamp_read (payload, &stamp);

  lds_load_worker_delivered (self->worker, &connection->member, is_stamped ? &stamp : NULL, now_ns);
  if (slot == NULL || slot->sent_ns < 0)
    return;
  /* Of a broadcast most are somebody else's, which costs no more than this to see. */
  if (self->plan->stream.mode == LDS_LOAD_STREAM_BROADCAST &&
      (!is_stamped || stamp.sent_ns != slot->sent_ns))
    return;
  if (!is_own (self, connection, payload))
    {
      if (self->plan->stream.mode == LDS_LOAD_STREAM_BROADCAST &&
          !lds_load_message_is_of (payload, self->message))
        return;
      /* The answer to an earlier message, given up since. */
      if (is_stamped && stamp.has_seq && stamp.seq < connection->seq)
        return;
      outcome = LDS_LOAD_WRONG_BODY;
    }
  connection->slot = NULL;
  lds_load_worker_ended (self->worker, slot, outcome, 0);
}

static void
take_ping (LdsLoadClient *self,
           Connection *connection,
           LdsSpan payload)
{
  if (connection->pong == NULL && (connection->pong = calloc (1, sizeof (Pong))) == NULL)
    return;
  connection->pong->is_due = true;
  connection->pong->n = (uint8_t)payload.length;
  if (payload.length > 0)
    memcpy (connection->pong->payload, payload.data, payload.length);
  send_due (self, connection);
}

/* Keeps what could not be used yet: @data is within what was received, or within what was kept. */
static bool
keep (Connection *connection,
      const char *data,
      size_t size)
{
  bool was_kept = connection->rest_bytes > 0;

  connection->rest_bytes = size;
  if (size == 0)
    {
      free (connection->rest);
      connection->rest = NULL;
      connection->rest_room = 0;
      return true;
    }
  if (!was_kept)
    {
      connection->rest = malloc (size);
      if (connection->rest == NULL)
        {
          connection->rest_bytes = 0;
          return false;
        }
      connection->rest_room = size;
    }
  if (data != connection->rest)
    memmove (connection->rest, data, size);
  return true;
}

/* Puts what came behind what was kept. */
static bool
append (Connection *connection,
        const char *data,
        size_t size)
{
  size_t needed = connection->rest_bytes + size;

  if (needed > connection->rest_room)
    {
      size_t room = needed > 2 * connection->rest_room ? needed : 2 * connection->rest_room;
      char *bigger = realloc (connection->rest, room);

      if (bigger == NULL)
        return false;
      connection->rest = bigger;
      connection->rest_room = room;
    }
  memcpy (connection->rest + connection->rest_bytes, data, size);
  connection->rest_bytes = needed;
  return true;
}

static void
take_frames (LdsLoadClient *self,
             Connection *connection,
             char *data,
             size_t size,
             int64_t now_ns)
{
  uint32_t generation = connection->link.generation;

  for (;;)
    {
      LdsWebsocketReader *reader = &connection->reader;

      switch (lds_websocket_reader_next (reader, data, &size))
        {
        case LDS_WEBSOCKET_INCOMPLETE:
          if (!keep (connection, data, size))
            lose (self, connection, LDS_LOAD_MALFORMED);
          return;
        case LDS_WEBSOCKET_MESSAGE:
          take_message (self, connection, lds_websocket_reader_payload (reader, data), now_ns);
          break;
        case LDS_WEBSOCKET_PING:
          take_ping (self, connection, lds_websocket_reader_payload (reader, data));
          break;
        case LDS_WEBSOCKET_PONG:
          break;
        case LDS_WEBSOCKET_CLOSE:
          lose (self, connection, LDS_LOAD_RESET);
          return;
        case LDS_WEBSOCKET_ERROR:
        default:
          lose (self, connection, LDS_LOAD_MALFORMED);
          return;
        }
      /* The bytes went with the connection if it was dropped meanwhile. */
      if (connection->link.fd < 0 || connection->link.generation != generation)
        return;
      data += reader->total_bytes;
      size -= reader->total_bytes;
    }
}

static void
take_answer (LdsLoadClient *self,
             Connection *connection,
             char *data,
             size_t size,
             int64_t now_ns)
{
  size_t head_bytes;
  int status;
  const char *reason;

  switch (lds_websocket_read_answer (data, size, connection->key, &head_bytes, &status, &reason))
    {
    case LDS_WEBSOCKET_ANSWER_INCOMPLETE:
      if (!keep (connection, data, size))
        fail_to_connect (self, connection, ENOMEM, NULL);
      return;
    case LDS_WEBSOCKET_ANSWER_ACCEPTED:
      break;
    case LDS_WEBSOCKET_ANSWER_REFUSED:
    default:
      fail_to_connect (self, connection, 0, reason);
      return;
    }
  connection->state = STATE_OPEN;
  lds_websocket_reader_init (&connection->reader, LDS_WEBSOCKET_CLIENT, LDS_LOAD_MAX_PAYLOAD_BYTES);
  end_preparing (self, connection);
  lds_load_worker_connected (self->worker, now_ns - connection->connect_ns);
  lds_load_worker_joined (self->worker, &connection->member);
  send_due (self, connection);
  take_frames (self, connection, data + head_bytes, size - head_bytes, now_ns);
}

/* --- What the back end tells ----------------------------------------------------------------- */

static void
woke (void *client)
{
  LdsLoadClient *self = client;

  lds_load_worker_woke (self->worker);
}

static void
connected (void *client,
           LdsLoadLink *link)
{
  send_handshake (client, (Connection *)link);
}

static void
connect_failed (void *client,
                LdsLoadLink *link,
                int error_number)
{
  fail_to_connect (client, (Connection *)link, error_number, NULL);
}

static void
received (void *client,
          LdsLoadLink *link,
          char *data,
          size_t size)
{
  LdsLoadClient *self = client;
  Connection *connection = (Connection *)link;
  int64_t now_ns = lds_clock_now_ns ();

  lds_load_worker_get_tally (self->worker)->bytes_received += size;
  if (connection->rest_bytes > 0)
    {
      if (!append (connection, data, size))
        {
          lose (self, connection, LDS_LOAD_MALFORMED);
          return;
        }
      data = connection->rest;
      size = connection->rest_bytes;
    }
  if (connection->state == STATE_OPEN)
    take_frames (self, connection, data, size, now_ns);
  else
    take_answer (self, connection, data, size, now_ns);
}

static void
sent (void *client,
      LdsLoadLink *link)
{
  send_due (client, (Connection *)link);
}

static void
closed (void *client,
        LdsLoadLink *link,
        int error_number)
{
  Connection *connection = (Connection *)link;

  if (connection->state != STATE_OPEN)
    fail_to_connect (client, connection, error_number,
                     error_number == 0 ? "the server closed the connection before the handshake was over" : NULL);
  else
    lose (client, connection,
          error_number == 0 && connection->rest_bytes > 0 ? LDS_LOAD_SHORT : LDS_LOAD_RESET);
}

static const LdsLoadEngineEvents engine_events = {
    .woke = woke,
    .connected = connected,
    .connect_failed = connect_failed,
    .received = received,
    .sent = sent,
    .closed = closed,
};

/* --- Life ------------------------------------------------------------------------------------ */

static unsigned
websocket_prepare (LdsLoadClient *self)
{
  while (self->n_prepared < self->n_connections && self->n_preparing < LDS_LOAD_MAX_PREPARING)
    {
      Connection *connection = &self->connections[self->n_prepared++];

      connection->was_prepared = true;
      self->n_preparing++;
      begin_connecting (self, connection);
    }
  return self->n_preparing + (self->n_connections - self->n_prepared);
}

static bool
websocket_is_connected (LdsLoadClient *self,
                        const LdsLoadSlot *slot)
{
  return self->connections[slot->index].state != STATE_CLOSED;
}

static void
websocket_wait (LdsLoadClient *self,
                int64_t until_ns)
{
  self->engine_class->wait (self->engine, until_ns);
}

static void
websocket_close (LdsLoadClient *self)
{
  for (unsigned i = 0; self->connections != NULL && i < self->n_connections; i++)
    {
      if (self->engine != NULL)
        self->engine_class->disconnect (self->engine, &self->connections[i].link);
      free (self->connections[i].rest);
      free (self->connections[i].outbox);
      free (self->connections[i].pong);
    }
  if (self->engine != NULL)
    self->engine_class->close (self->engine);
  free (self->connections);
  free (self->message);
  free (self);
}

static bool
set_up (LdsLoadClient *self)
{
  LdsLoadEngineSetup setup = {
      .events = &engine_events,
      .client = self,
      .address = (const struct sockaddr *)&self->plan->target.address,
      .address_size = self->plan->target.address_size,
      .n_links = self->n_connections,
      .first_link = self->first_sender,
  };

  self->connections = calloc (self->n_connections, sizeof *self->connections);
  self->message = malloc (self->payload_bytes + 1);
  if (self->connections == NULL || self->message == NULL)
    return false;
  if (self->payload_bytes > 0)
    lds_load_message_init (self->message, self->payload_bytes);
  for (unsigned i = 0; i < self->n_connections; i++)
    {
      self->connections[i].link.fd = -1;
      self->connections[i].link.index = i;
      self->connections[i].outbox = malloc (self->outbox_bytes);
      if (self->connections[i].outbox == NULL)
        return false;
    }
  self->engine = self->engine_class->open (&setup);
  return self->engine != NULL;
}

static LdsLoadClient *
websocket_open (LdsLoadWorker *worker,
                LdsLoadSlot *slots,
                unsigned n_slots)
{
  LdsLoadClient *self = calloc (1, sizeof *self);
  const LdsLoadStream *stream;
  int saved_errno;

  if (self == NULL)
    return NULL;
  self->worker = worker;
  self->plan = lds_load_worker_get_plan (worker);
  self->engine_class = lds_load_worker_get_engine_class (worker);
  self->n_connections = n_slots;
  stream = &self->plan->stream;
  self->payload_bytes = stream->payload_bytes;
  self->outbox_bytes = strlen (self->plan->requests[0].path) + strlen (stream->host) +
                       strlen (stream->fields) + HANDSHAKE_BYTES;
  if (self->outbox_bytes < LDS_WEBSOCKET_HEAD_MAX_BYTES + self->payload_bytes)
    self->outbox_bytes = LDS_WEBSOCKET_HEAD_MAX_BYTES + self->payload_bytes;
  self->first_sender = lds_load_worker_get_first_slot (worker);
  /* A stream of numbers that no worker uses, whose are the first. */
  self->random = lds_random_stream (self->plan->seed, self->first_sender + 2 * self->plan->threads);
  if (set_up (self))
    return self;
  saved_errno = errno;
  websocket_close (self);
  errno = saved_errno;
  return NULL;
}

const LdsLoadClientClass lds_load_client_websocket = {
    .name = "websocket",
    .n_files = 3,
    .open = websocket_open,
    .close = websocket_close,
    .prepare = websocket_prepare,
    .start = websocket_start,
    .give_up = websocket_give_up,
    .is_connected = websocket_is_connected,
    .wait = websocket_wait,
};
