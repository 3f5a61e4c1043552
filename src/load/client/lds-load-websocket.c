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
#include "lds-load-links.h"
#include "lds-random.h"
#include "lds-websocket-handshake.h"
#include "lds-websocket.h"

/* A request for the handshake, beside its path, host and further fields. */
#define HANDSHAKE_BYTES 256

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
  LdsLoadConnection base;
  bool is_open; /* the handshake is over */
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
  LdsLoadLinks links;
  size_t outbox_bytes;
  size_t payload_bytes;
  uint64_t random;
  char message[]; /* with what all messages have in common */
};

/* --- Connecting ------------------------------------------------------------------------------ */

static Connection *
connection_of (LdsLoadClient *self,
               const LdsLoadSlot *slot)
{
  return (Connection *)self->links.connections + slot->index;
}

/* Leaves @connection as if it had never been made; a request stays. */
static void
drop (LdsLoadClient *self,
      Connection *connection)
{
  lds_load_links_disconnect (&self->links, &connection->base);
  connection->is_open = false;
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
  lds_load_links_connect_failed (&self->links, &connection->base, error_number, reason);
  if (slot != NULL)
    lds_load_worker_ended (self->links.worker, slot, LDS_LOAD_CONNECT, 0);
}

/* The other end has ended an open connection, or has to be left. */
static void
lose (LdsLoadClient *self,
      Connection *connection,
      LdsLoadOutcome outcome)
{
  LdsLoadSlot *slot = connection->slot;

  lds_load_worker_left (self->links.worker, &connection->member, outcome);
  drop (self, connection);
  if (slot == NULL)
    return;
  if (slot->sent_ns < 0)
    {
      lds_load_links_connect (&self->links, &connection->base);
      return;
    }
  connection->slot = NULL;
  lds_load_worker_ended (self->links.worker, slot, outcome, 0);
}

static void
send_handshake (LdsLoadClient *self,
                Connection *connection)
{
  const LdsLoadStream *stream = &self->links.plan->stream;
  uint64_t nonce[2] = {lds_random_next (&self->random), lds_random_next (&self->random)};
  uint8_t bytes[LDS_WEBSOCKET_NONCE_BYTES];
  size_t size, fields_bytes = strlen (stream->fields);

  G_STATIC_ASSERT (sizeof nonce == sizeof bytes);
  memcpy (bytes, nonce, sizeof bytes);
  lds_websocket_key (bytes, connection->key);
  size = lds_websocket_write_request (connection->outbox, self->outbox_bytes,
                                      self->links.plan->requests[0].path, stream->host,
                                      connection->key);
  /* Before the empty line. */
  size -= strlen ("\r\n");
  memcpy (connection->outbox + size, stream->fields, fields_bytes);
  memcpy (connection->outbox + size + fields_bytes, "\r\n", strlen ("\r\n"));
  lds_load_links_send (&self->links, &connection->base, connection->outbox,
                       size + fields_bytes + strlen ("\r\n"), false);
}

/* --- Sending --------------------------------------------------------------------------------- */

/* Writes into self->message what @connection sent last, or sends at @sent_ns. */
static void
write_message (LdsLoadClient *self,
               Connection *connection,
               int64_t sent_ns)
{
  lds_load_message_stamp (self->message, self->links.first_connection + connection->base.link.index,
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
  lds_load_worker_sending (self->links.worker, now_ns);
  lds_load_links_send (&self->links, &connection->base, connection->outbox,
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
  lds_load_links_send (&self->links, &connection->base, pong->frame, size, false);
}

/* Sends what waits, as far as the one before has left. */
static void
send_due (LdsLoadClient *self,
          Connection *connection)
{
  if (!connection->is_open)
    return;
  if (!connection->base.link.is_sending && connection->pong != NULL && connection->pong->is_due)
    send_pong (self, connection);
  if (!connection->base.link.is_sending && connection->slot != NULL &&
      connection->slot->sent_ns < 0)
    send_message (self, connection);
}

static void
websocket_start (LdsLoadClient *self,
                 LdsLoadSlot *slot,
                 int64_t now_ns)
{
  Connection *connection = connection_of (self, slot);

  connection->slot = slot;
  if (connection->base.link.fd < 0)
    lds_load_links_connect (&self->links, &connection->base);
  else
    send_due (self, connection);
}

static void
websocket_give_up (LdsLoadClient *self,
                   LdsLoadSlot *slot)
{
  Connection *connection = connection_of (self, slot);

  connection->slot = NULL;
  if (connection->is_open && !connection->base.link.is_sending)
    return;
  /* Not made in time, or the server does not even read. */
  lds_load_worker_left (self->links.worker, &connection->member, LDS_LOAD_OK);
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

  lds_load_worker_delivered (self->links.worker, &connection->member, is_stamped ? &stamp : NULL,
                             now_ns);
  if (slot == NULL || slot->sent_ns < 0)
    return;
  /* Of a broadcast most are somebody else's, which costs no more than this to see. */
  if (self->links.plan->stream.mode == LDS_LOAD_STREAM_BROADCAST &&
      (!is_stamped || stamp.sent_ns != slot->sent_ns))
    return;
  if (!is_own (self, connection, payload) && !lds_load_message_is_within (payload, self->message))
    {
      if (self->links.plan->stream.mode == LDS_LOAD_STREAM_BROADCAST &&
          !lds_load_message_is_of (payload, self->message))
        return;
      /* The answer to an earlier message, given up since. */
      if (is_stamped && stamp.has_seq && stamp.seq < connection->seq)
        return;
      outcome = LDS_LOAD_WRONG_BODY;
    }
  connection->slot = NULL;
  lds_load_worker_ended (self->links.worker, slot, outcome, 0);
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
  uint32_t generation = connection->base.link.generation;

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
      if (connection->base.link.fd < 0 || connection->base.link.generation != generation)
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
  connection->is_open = true;
  lds_websocket_reader_init (&connection->reader, LDS_WEBSOCKET_CLIENT, LDS_LOAD_MAX_PAYLOAD_BYTES);
  lds_load_links_connected (&self->links, &connection->base, now_ns);
  lds_load_worker_joined (self->links.worker, &connection->member);
  send_due (self, connection);
  take_frames (self, connection, data + head_bytes, size - head_bytes, now_ns);
}

/* --- What the back end tells ----------------------------------------------------------------- */

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

  lds_load_worker_get_tally (self->links.worker)->bytes_received += size;
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
  if (connection->is_open)
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

  if (!connection->is_open)
    fail_to_connect (client, connection, error_number,
                     error_number == 0 ? "the server closed the connection before the handshake was over" : NULL);
  else
    lose (client, connection,
          error_number == 0 && connection->rest_bytes > 0 ? LDS_LOAD_SHORT : LDS_LOAD_RESET);
}

/* --- Life ------------------------------------------------------------------------------------ */

static bool
init (LdsLoadClient *self,
      LdsLoadConnection *base)
{
  Connection *connection = (Connection *)base;

  connection->outbox = malloc (self->outbox_bytes);
  return connection->outbox != NULL;
}

static void
clear (LdsLoadConnection *base)
{
  Connection *connection = (Connection *)base;

  free (connection->rest);
  free (connection->outbox);
  free (connection->pong);
}

static const LdsLoadLinksClass links_class = {
    .connection_bytes = sizeof (Connection),
    .init = init,
    .clear = clear,
    .events = {
        .woke = lds_load_links_woke,
        .connected = connected,
        .connect_failed = connect_failed,
        .received = received,
        .sent = sent,
        .closed = closed,
    },
};

static LdsLoadClient *
websocket_open (LdsLoadWorker *worker,
                LdsLoadSlot *slots,
                unsigned n_slots)
{
  const LdsLoadPlan *plan = lds_load_worker_get_plan (worker);
  const LdsLoadStream *stream = &plan->stream;
  LdsLoadClient *self = calloc (1, sizeof *self + stream->payload_bytes + 1);

  if (self == NULL)
    return NULL;
  self->payload_bytes = stream->payload_bytes;
  if (self->payload_bytes > 0)
    lds_load_message_init (self->message, self->payload_bytes);
  self->outbox_bytes = strlen (plan->requests[0].path) + strlen (stream->host) +
                       strlen (stream->fields) + HANDSHAKE_BYTES;
  if (self->outbox_bytes < LDS_WEBSOCKET_HEAD_MAX_BYTES + self->payload_bytes)
    self->outbox_bytes = LDS_WEBSOCKET_HEAD_MAX_BYTES + self->payload_bytes;
  /* A stream of numbers that no worker uses, whose are the first. */
  self->random = lds_random_stream (plan->seed,
                                    lds_load_worker_get_first_slot (worker) + 2 * plan->threads);
  return lds_load_links_open (self, &links_class, worker, n_slots);
}

const LdsLoadClientClass lds_load_client_websocket = {
    .name = "websocket",
    .n_files = 3,
    .open = websocket_open,
    .close = lds_load_links_close,
    .prepare = lds_load_links_prepare,
    .start = websocket_start,
    .give_up = websocket_give_up,
    .is_connected = lds_load_links_is_connected,
    .wait = lds_load_links_wait,
};
