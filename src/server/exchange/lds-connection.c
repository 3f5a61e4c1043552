/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One HTTP/1.1 connection without its socket. */
#include "lds-connection-private.h"

#include "lds-connection-stream.h"
#include "lds-cost.h"
#include "lds-http-writer.h"
#include "lds-registry.h"
#include "lds-tally.h"

#include <stdio.h>
#include <stdlib.h>

/* Smallest own buffer, and the least room offered for reading into it. */
#define INPUT_BYTES 512u
#define ROOM_BYTES  2048u

void
lds_connection_init (LdsConnection *self,
                     const LdsServer *server)
{
  *self = (LdsConnection){
      .server = server,
      .ballast = lds_cost_connection (server->cost, sizeof *self),
  };
  lds_tally_add (LDS_TALLY_CONNECTIONS_OPENED, 1);
}

static void
free_input (LdsConnection *self)
{
  if (self->capacity > 0)
    free (self->input);
  self->input = NULL;
  self->capacity = self->start = self->end = 0;
}

void
lds_connection_clear (LdsConnection *self)
{
  lds_buffer_free (&self->exchange.parcel);
  free_input (self);
  if (self->active && !self->exchange.message)
    lds_tally_add (LDS_TALLY_REQUESTS_DONE, 1);
  lds_tally_add (LDS_TALLY_CONNECTIONS_CLOSED, 1);
  free (self->ballast);
  self->ballast = NULL;
}

bool
lds_connection_is_idle (const LdsConnection *self)
{
  return !self->active && self->start == self->end;
}

size_t
lds_connection_pending (const LdsConnection *self)
{
  size_t used = 0;

  if (self->active)
    used = self->exchange.message ? self->reader.total_bytes : self->request.total_bytes;
  return self->end - self->start - used;
}

/* Makes the input our own with room for @extra bytes more. */
static bool
own_input (LdsConnection *self,
           size_t extra)
{
  size_t used = self->end - self->start, capacity = INPUT_BYTES;
  char *input;

  if (self->capacity > 0 && self->capacity - self->end >= extra)
    return true;
  while (capacity < used + extra)
    capacity *= 2;
  if (capacity > UINT32_MAX / 2)
    return false;
  if (self->capacity >= capacity)
    {
      memmove (self->input, self->input + self->start, used);
    }
  else
    {
      input = malloc (capacity);
      if (input == NULL)
        return false;
      memcpy (input, self->input + self->start, used);
      if (self->capacity > 0)
        free (self->input);
      self->input = input;
      self->capacity = (uint32_t)capacity;
    }
  self->start = 0;
  self->end = (uint32_t)used;
  return true;
}

bool
lds_connection_room (LdsConnection *self,
                     char *scratch,
                     size_t scratch_bytes,
                     char **room,
                     size_t *room_bytes)
{
  if (self->start == self->end && self->capacity == 0)
    {
      *room = scratch;
      *room_bytes = scratch_bytes;
      return true;
    }
  if (!own_input (self, ROOM_BYTES))
    return false;
  *room = self->input + self->end;
  *room_bytes = self->capacity - self->end;
  return true;
}

void
lds_connection_received (LdsConnection *self,
                         char *bytes,
                         size_t count)
{
  if (self->capacity == 0)
    {
      self->input = bytes;
      self->start = self->end = 0;
    }
  self->end += (uint32_t)count;
  lds_tally_add (LDS_TALLY_BYTES_IN, count);
}

bool
lds_connection_settle (LdsConnection *self)
{
  if (self->start == self->end)
    {
      free_input (self);
      return true;
    }
  return self->capacity > 0 || own_input (self, 0);
}

bool
lds_connection_must_linger (const LdsConnection *self)
{
  return self->linger;
}

/* What a head may need: more when it may pass on somebody else's fields. */
static size_t
head_room_bytes (const LdsExchange *exchange)
{
  return LDS_HTTP_HEAD_ROOM_BYTES + exchange->fetched_fields_bytes;
}

/* Room for the head goes before the body, which workloads then write to its final place. */
static size_t
begin_answer (LdsBuffer *out,
              size_t room_bytes)
{
  size_t begin = out->end;

  if (lds_buffer_reserve (out, room_bytes) != NULL)
    out->end += room_bytes;
  return begin;
}

static void
end_answer (LdsConnection *self,
            LdsBuffer *out,
            size_t begin)
{
  const LdsExchange *exchange = &self->exchange;
  size_t room_bytes = head_room_bytes (exchange), body = begin + room_bytes, head_bytes, gap;
  LdsHttpReplyHead head = {
      .status = exchange->status,
      .content_type = exchange->content_type,
      .extra_fields = exchange->extra_fields,
      .content_length = exchange->fetched_head ? exchange->fetched_bytes : out->end - body,
      .date = lds_http_date (),
      .close = self->closing,
      .version_1_0 = self->request.version_1_0,
  };

  if (out->failed)
    return;
  /* Only of an answer to HEAD may the length not be known. */
  if (head.content_length == UINT64_MAX)
    {
      head.stream = true;
      if (head.version_1_0)
        head.close = self->closing = true;
    }
  if (!lds_connection_has_body (self))
    out->end = body;
  head_bytes = lds_http_write_head_before (out->data + body, room_bytes, &head);
  if (head_bytes == 0)
    {
      out->failed = true;
      return;
    }
  gap = room_bytes - head_bytes;
  lds_tally_add_response (exchange->status);
  lds_tally_add (LDS_TALLY_BYTES_OUT, out->end - begin - gap);
  lds_connection_close_gap (out, begin, gap);
}

#define ALLOW_BYTES 96

/* Step of a request that no workload answers. */
static void
answer_unrouted (LdsExchange *exchange,
                 unsigned allowed,
                 char allow[ALLOW_BYTES])
{
  static const struct
  {
    LdsHttpMethod method;
    const char *text;
  } methods[] = {
      {LDS_HTTP_METHOD_GET, "GET"},
      {LDS_HTTP_METHOD_HEAD, "HEAD"},
      {LDS_HTTP_METHOD_POST, "POST"},
      {LDS_HTTP_METHOD_PUT, "PUT"},
      {LDS_HTTP_METHOD_DELETE, "DELETE"},
      {LDS_HTTP_METHOD_PATCH, "PATCH"},
      {LDS_HTTP_METHOD_OPTIONS, "OPTIONS"},
  };
  bool is_options = exchange->request->method == LDS_HTTP_METHOD_OPTIONS;
  int length;

  /* The server as a whole (RFC 9110 section 9.3.7): what one path or another of it knows. */
  if (lds_span_equal (lds_http_request_path (exchange->request, exchange->data), "*"))
    allowed = ~0u;
  if (allowed == 0)
    {
      lds_exchange_fail (exchange, 404, "there is nothing at this path");
      return;
    }
  length = snprintf (allow, ALLOW_BYTES, "Allow: ");
  if (is_options)
    allowed |= LDS_METHOD_BIT (LDS_HTTP_METHOD_OPTIONS);
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if ((allowed & LDS_METHOD_BIT (methods[i].method)) != 0)
      {
        length += snprintf (allow + length, ALLOW_BYTES - (size_t)length, "%s, ", methods[i].text);
        assert (length < ALLOW_BYTES);
      }
  memcpy (allow + length - 2, "\r\n", 2);
  exchange->extra_fields = allow;
  if (is_options)
    {
      exchange->status = 204;
      return;
    }
  lds_exchange_fail (exchange, 405, "this path does not know that method");
}

static void
begin_exchange (LdsConnection *self)
{
  self->exchange = (LdsExchange){
      .request = &self->request, .status = 200, .branches = 1, .cost = self->server->cost};
  self->active = true;
  lds_tally_add (LDS_TALLY_REQUESTS_BEGUN, 1);
}

/* Whether the connection ends with the answer that is to be written. */
static bool
is_last_answer (const LdsConnection *self)
{
  return !self->request.keep_alive || self->server->one_request ||
         /* Relaxed: an answer sooner or later says it, the order with other memory is of no matter. */
         atomic_load_explicit (&self->server->draining, memory_order_relaxed);
}

/* Writes a part of the answer. Returns SEND, or DONE when it was all that there is to write. */
static LdsOperation
write_part (LdsConnection *self,
            LdsBuffer *out,
            size_t begin,
            LdsOperation operation)
{
  LdsExchange *exchange = &self->exchange;

  if (exchange->cut_off)
    {
      out->end = begin;
      self->closing = true;
      return LDS_OPERATION_DONE;
    }
  if (!exchange->sent)
    self->closes_after = is_last_answer (self) || self->request.version_1_0;
  if (!lds_connection_has_body (self))
    operation = LDS_OPERATION_DONE;
  lds_connection_write_part (self, out, begin, self->closes_after, operation == LDS_OPERATION_DONE);
  exchange->extra_fields = NULL;
  if (out->failed)
    {
      out->end = begin;
      self->closing = true;
      return LDS_OPERATION_DONE;
    }
  if (operation == LDS_OPERATION_DONE)
    self->closing = self->closes_after || is_last_answer (self);
  return operation;
}

/* What is left to do when an answer has been written. */
static void
finish_answer (LdsConnection *self,
               uint64_t body_bytes)
{
  self->exchange.extra_fields = NULL;
  lds_cost_request (self->server->cost, &self->server->breaker, self->request.body_bytes,
                    body_bytes, self->exchange.content_type);
  lds_buffer_free (&self->exchange.parcel); /* not before: the type may lie there */
}

/* One step. Returns the operation that is needed, DONE when the answer has been written. */
static LdsOperation
step (LdsConnection *self,
      LdsBuffer *out)
{
  LdsExchange *exchange = &self->exchange;
  LdsOperation operation = LDS_OPERATION_DONE;
  size_t begin =
      begin_answer (out, lds_connection_part_room_bytes (self, head_room_bytes (exchange)));
  size_t body_bytes;
  char allow[ALLOW_BYTES];
  bool failed;

  exchange->body_begin = out->end;
  exchange->data = self->input + self->start;
  exchange->out = out;
  if (exchange->step == 0)
    {
      unsigned allowed;

      self->workload = lds_registry_route (exchange, &allowed);
      if (self->workload == NULL)
        answer_unrouted (exchange, allowed, allow);
    }
  if (exchange->failure != NULL)
    lds_exchange_fail (exchange, exchange->failure->status, exchange->failure->message);
  else if (exchange->parcel.failed)
    lds_exchange_fail (exchange, 503, "there was not enough memory for the answer");
  else if (self->workload != NULL)
    operation = self->workload->step (exchange);
  exchange->step++;
  if (operation == LDS_OPERATION_UPGRADE || operation == LDS_OPERATION_SUBSCRIBE)
    operation = lds_connection_join (self, operation, out, begin);
  if (lds_connection_is_member (self))
    return operation;
  failed = out->failed;
  if (!failed &&
      (operation == LDS_OPERATION_SEND || (operation == LDS_OPERATION_DONE && exchange->sent)))
    {
      operation = write_part (self, out, begin, operation);
      if (operation == LDS_OPERATION_DONE)
        finish_answer (self, exchange->sent_bytes);
      return operation;
    }
  if (operation != LDS_OPERATION_DONE || failed)
    {
      out->end = begin;
      if (failed)
        self->closing = true;
      return operation;
    }
  if (is_last_answer (self))
    self->closing = true;
  body_bytes = out->end - exchange->body_begin;
  end_answer (self, out, begin);
  finish_answer (self, body_bytes);
  return LDS_OPERATION_DONE;
}

static void
answer_malformed (LdsConnection *self,
                  LdsBuffer *out)
{
  size_t begin = begin_answer (out, LDS_HTTP_HEAD_ROOM_BYTES);

  self->exchange = (LdsExchange){.request = &self->request, .out = out, .body_begin = out->end};
  self->closing = self->linger = true;
  lds_exchange_fail (&self->exchange, self->request.status, self->request.reason);
  /* What method it is may not be known; a body where none is due does no harm before a close. */
  self->request.method = LDS_HTTP_METHOD_OTHER;
  end_answer (self, out, begin);
}

LdsConnectionNeed
lds_connection_advance (LdsConnection *self,
                        LdsBuffer *out)
{
  for (;;)
    {
      if (self->closing || out->failed)
        {
          self->closing = true;
          return LDS_CONNECTION_CLOSE;
        }
      if (lds_connection_is_member (self))
        return lds_connection_advance_member (self, out);
      if (!self->active)
        {
          size_t length = self->end - self->start;
          LdsHttpRequestResult result;

          if (length == 0)
            return LDS_CONNECTION_READ;
          if (lds_buffer_size (out) >= LDS_CONNECTION_FLUSH_BYTES)
            return LDS_CONNECTION_FLUSH;
          result = lds_http_request_parse (&self->request, self->input + self->start, &length,
                                           &self->server->limits);
          self->end = self->start + (uint32_t)length;
          if (result == LDS_HTTP_REQUEST_ERROR)
            {
              answer_malformed (self, out);
              return LDS_CONNECTION_CLOSE;
            }
          if (result == LDS_HTTP_REQUEST_INCOMPLETE)
            {
              if (!self->continued && lds_http_request_wants_continue (&self->request))
                {
                  lds_buffer_append (out, LDS_HTTP_CONTINUE, strlen (LDS_HTTP_CONTINUE));
                  self->continued = true;
                }
              return LDS_CONNECTION_READ;
            }
          begin_exchange (self);
        }
      self->operation = step (self, out);
      if (self->operation == LDS_OPERATION_SEND)
        return LDS_CONNECTION_FLUSH;
      if (self->operation != LDS_OPERATION_DONE && !lds_connection_is_member (self))
        {
          lds_cost_operation (self->server->cost, &self->server->breaker, self->operation,
                              self->exchange.branches, self->workload->database);
          return LDS_CONNECTION_OPERATE;
        }
      self->start += self->request.total_bytes;
      self->active = self->continued = false;
      lds_tally_add (LDS_TALLY_REQUESTS_DONE, 1);
      lds_http_request_reset (&self->request);
      if (lds_connection_is_member (self))
        return LDS_CONNECTION_OPERATE;
      /* The client had more to say than one request. */
      if (self->closing && self->start != self->end)
        self->linger = true;
    }
}
