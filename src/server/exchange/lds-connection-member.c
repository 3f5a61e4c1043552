/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of a connection that has joined a topic: a WebSocket or an event stream. */
#include "lds-connection-private.h"

#include "lds-cost.h"
#include "lds-http-writer.h"
#include "lds-tally.h"
#include "lds-websocket-handshake.h"

#include <stdio.h>

/* Head of a stream of server-sent events. Source: HTML Standard, section 9.2 (type, no caching);
 * RFC 9112, section 7.1 (chunks, since its length is not known); accessed 2026-11-21. */
#define EVENTS_HEAD                     \
  "HTTP/1.1 200 OK\r\n"                 \
  "Content-Type: text/event-stream\r\n" \
  "Cache-Control: no-cache\r\n"         \
  "Transfer-Encoding: chunked\r\n"      \
  "Date: %s\r\n\r\n"
#define EVENTS_HEAD_ROOM_BYTES 256
#define EVENTS_END             "0\r\n\r\n"

static bool
is_draining (const LdsConnection *self)
{
  /* Relaxed: a member is told sooner or later, the order with other memory is of no matter. */
  return atomic_load_explicit (&self->server->draining, memory_order_relaxed);
}

static bool
find_topic (LdsConnection *self)
{
  LdsExchange *exchange = &self->exchange;

  self->topic = lds_hub_topic (self->server->hub, self->workload, exchange->tick_hz);
  if (self->topic == NULL)
    lds_exchange_fail (exchange, 503, "there was not enough memory for the answer");
  return self->topic != NULL;
}

static bool
upgrade (LdsConnection *self,
         LdsBuffer *out,
         size_t begin)
{
  LdsExchange *exchange = &self->exchange;
  LdsWebsocketHandshake handshake;
  char *to;

  if (!lds_websocket_handshake_check (&self->request, exchange->data, &handshake))
    {
      exchange->extra_fields = handshake.extra_fields;
      lds_exchange_fail (exchange, handshake.status, handshake.reason);
      return false;
    }
  if (!find_topic (self))
    return false;
  out->end = begin;
  to = lds_buffer_reserve (out, LDS_WEBSOCKET_ANSWER_ROOM_BYTES);
  if (to != NULL)
    out->end += lds_websocket_write_answer (to, handshake.accept);
  lds_websocket_reader_init (&self->reader, LDS_WEBSOCKET_SERVER,
                             (uint32_t)self->server->limits.max_body_bytes);
  self->mode = LDS_CONNECTION_WEBSOCKET;
  lds_tally_add_response (101);
  return true;
}

static bool
subscribe (LdsConnection *self,
           LdsBuffer *out,
           size_t begin)
{
  LdsExchange *exchange = &self->exchange;
  char *to;

  if (self->request.version_1_0)
    {
      lds_exchange_fail (exchange, 505, "an answer without end needs HTTP/1.1");
      return false;
    }
  /* Without a body there is nothing to be a member for. */
  if (self->request.method == LDS_HTTP_METHOD_HEAD)
    {
      exchange->content_type = "text/event-stream";
      return false;
    }
  if (!find_topic (self))
    return false;
  out->end = begin;
  to = lds_buffer_reserve (out, EVENTS_HEAD_ROOM_BYTES);
  if (to != NULL)
    out->end += (size_t)snprintf (to, EVENTS_HEAD_ROOM_BYTES, EVENTS_HEAD, lds_http_date ());
  self->mode = LDS_CONNECTION_EVENTS;
  lds_tally_add_response (200);
  return true;
}

LdsOperation
lds_connection_join (LdsConnection *self,
                     LdsOperation operation,
                     LdsBuffer *out,
                     size_t begin)
{
  if (!out->failed)
    out->end = self->exchange.body_begin;
  if (self->server->hub == NULL)
    return lds_exchange_fail (&self->exchange, 501,
                              "in this model an open connection holds a thread or a process; ask a "
                              "model with an event loop");
  if (!(operation == LDS_OPERATION_UPGRADE ? upgrade (self, out, begin)
                                           : subscribe (self, out, begin)))
    return LDS_OPERATION_DONE;
  lds_buffer_free (&self->exchange.parcel);
  return operation;
}

static void
begin_message (LdsConnection *self)
{
  self->exchange = (LdsExchange){
      .request = &self->request,
      .status = 200,
      .branches = 1,
      .message = true,
      .text = self->reader.text,
      .cost = self->server->cost,
  };
  self->active = true;
  lds_tally_add (LDS_TALLY_MESSAGES_IN, 1);
}

/* Makes a frame of what was written behind @begin, where there is room for its head. */
static void
end_message (const LdsConnection *self,
             LdsBuffer *out,
             size_t begin)
{
  size_t body = self->exchange.body_begin, head_bytes;

  head_bytes = lds_websocket_write_head_before (
      out->data + body, LDS_WEBSOCKET_HEAD_MAX_BYTES,
      self->exchange.text ? LDS_WEBSOCKET_OPCODE_TEXT : LDS_WEBSOCKET_OPCODE_BINARY, true,
      out->end - body, NULL);
  lds_connection_close_gap (out, begin, LDS_WEBSOCKET_HEAD_MAX_BYTES - head_bytes);
  lds_tally_add (LDS_TALLY_MESSAGES_OUT, 1);
  lds_tally_add (LDS_TALLY_BYTES_OUT, head_bytes + out->end - body);
}

/* One step of a message's exchange. Returns the operation that is needed, DONE when it is over. */
static LdsOperation
step_message (LdsConnection *self,
              LdsBuffer *out)
{
  LdsExchange *exchange = &self->exchange;
  LdsOperation operation = LDS_OPERATION_DONE;
  size_t begin = out->end;

  if (lds_buffer_reserve (out, LDS_WEBSOCKET_HEAD_MAX_BYTES) != NULL)
    out->end += LDS_WEBSOCKET_HEAD_MAX_BYTES;
  exchange->body_begin = out->end;
  exchange->data = self->input + self->start;
  exchange->input = lds_websocket_reader_payload (&self->reader, exchange->data);
  exchange->out = out;
  if (exchange->step == 0)
    lds_cost_message (self->server->cost, &self->server->breaker);
  if (exchange->failure != NULL)
    lds_exchange_fail (exchange, exchange->failure->status, exchange->failure->message);
  else if (exchange->parcel.failed)
    lds_exchange_fail (exchange, 503, "there was not enough memory for the answer");
  else
    operation = self->workload->step (exchange);
  exchange->step++;
  if (out->failed)
    {
      out->end = begin;
      self->closing = true;
      return LDS_OPERATION_DONE;
    }
  if (operation != LDS_OPERATION_DONE || exchange->silent)
    {
      out->end = begin;
    }
  else if (exchange->broadcast)
    {
      lds_topic_publish (
          self->topic, (LdsSpan){out->data + exchange->body_begin, out->end - exchange->body_begin},
          exchange->text);
      out->end = begin;
    }
  else
    {
      end_message (self, out, begin);
      lds_cost_message (self->server->cost, &self->server->breaker);
    }
  if (operation == LDS_OPERATION_DONE)
    lds_buffer_free (&exchange->parcel);
  return operation;
}

static void
append_close (LdsBuffer *out,
              uint16_t code,
              const char *reason)
{
  char frame[LDS_WEBSOCKET_CONTROL_ROOM_BYTES];

  lds_buffer_append (out, frame, lds_websocket_write_close (frame, code, reason, NULL));
}

static void
append_pong (LdsConnection *self,
             LdsBuffer *out)
{
  char frame[LDS_WEBSOCKET_CONTROL_ROOM_BYTES];
  LdsSpan payload = lds_websocket_reader_payload (&self->reader, self->input + self->start);

  lds_buffer_append (out, frame,
                     lds_websocket_write_control (frame, LDS_WEBSOCKET_OPCODE_PONG, payload, NULL));
}

/* Takes the next frames. Returns false when READ is needed, true when a message has been begun or
 * the connection is closing. */
static bool
read_message (LdsConnection *self,
              LdsBuffer *out)
{
  for (;;)
    {
      size_t length = self->end - self->start;
      LdsWebsocketEvent event;

      if (length == 0 || lds_buffer_size (out) >= LDS_CONNECTION_FLUSH_BYTES)
        return false;
      event = lds_websocket_reader_next (&self->reader, self->input + self->start, &length);
      self->end = self->start + (uint32_t)length;
      switch (event)
        {
        case LDS_WEBSOCKET_INCOMPLETE:
          return false;

        case LDS_WEBSOCKET_MESSAGE:
          begin_message (self);
          return true;

        case LDS_WEBSOCKET_PING:
          append_pong (self, out);
          self->start += self->reader.total_bytes;
          break;

        case LDS_WEBSOCKET_PONG:
          self->start += self->reader.total_bytes;
          break;

        case LDS_WEBSOCKET_CLOSE:
          append_close (out, self->reader.close_code, NULL);
          self->start += self->reader.total_bytes;
          self->closing = true;
          self->linger = self->start != self->end;
          return true;

        case LDS_WEBSOCKET_ERROR:
          append_close (out, self->reader.close_code, self->reader.reason);
          self->closing = self->linger = true;
          return true;
        }
    }
}

LdsConnectionNeed
lds_connection_advance_member (LdsConnection *self,
                               LdsBuffer *out)
{
  for (;;)
    {
      if (self->closing || out->failed)
        {
          self->closing = true;
          return LDS_CONNECTION_CLOSE;
        }
      if (!self->active && is_draining (self))
        {
          if (self->mode == LDS_CONNECTION_WEBSOCKET)
            append_close (out, LDS_WEBSOCKET_CLOSE_GOING_AWAY, "the server is ending");
          else
            lds_buffer_append (out, EVENTS_END, sizeof EVENTS_END - 1);
          self->closing = true;
          /* For the other side's close frame. */
          self->linger = self->mode == LDS_CONNECTION_WEBSOCKET;
          continue;
        }
      if (self->mode == LDS_CONNECTION_EVENTS)
        {
          /* There is nothing to be said on a stream that never ends. */
          self->start = self->end;
          return LDS_CONNECTION_READ;
        }
      if (!self->active && !read_message (self, out))
        return lds_buffer_size (out) >= LDS_CONNECTION_FLUSH_BYTES ? LDS_CONNECTION_FLUSH
                                                                   : LDS_CONNECTION_READ;
      if (self->closing)
        continue;
      self->operation = step_message (self, out);
      if (self->operation != LDS_OPERATION_DONE)
        {
          lds_cost_operation (self->server->cost, &self->server->breaker, self->operation,
                              self->exchange.branches, self->workload->database);
          return LDS_CONNECTION_OPERATE;
        }
      self->start += self->reader.total_bytes;
      self->active = false;
    }
}
