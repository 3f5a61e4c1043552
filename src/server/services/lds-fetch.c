/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An upstream's answer. */
#include "lds-fetch.h"

#include "lds-http-fields.h"

/* Room for the answer is made at once up to this many bytes of what it announces. */
#define TRUSTED_BYTES (1024 * 1024)

static const char *const repeatable_methods[] = {"GET ", "HEAD ", "PUT ", "DELETE ", "OPTIONS "};

static bool
begins_with (const LdsBuffer *buffer,
             const char *text)
{
  size_t length = strlen (text);

  return lds_buffer_size (buffer) > length &&
         memcmp (buffer->data + buffer->start, text, length) == 0;
}

void
lds_fetch_begin (LdsFetch *self,
                 LdsBuffer *request,
                 LdsHttpHeadCache *cache)
{
  *self = (LdsFetch){.request = *request, .announced_bytes = UINT64_MAX};
  *request = (LdsBuffer){0};
  self->head_request = begins_with (&self->request, "HEAD ");
  for (size_t i = 0; i < sizeof repeatable_methods / sizeof *repeatable_methods; i++)
    if (begins_with (&self->request, repeatable_methods[i]))
      self->repeatable = true;
  lds_http_response_init (&self->parser, cache);
  lds_http_response_begin (&self->parser, self->head_request);
}

/* Returns false when it cannot be understood. Writes what is kept of the head in front of where the body will be: the content type, NUL, the
 * other field lines, NUL. */
static bool
take_head (LdsFetch *self)
{
  LdsSpan head = lds_http_response_head_text (&self->parser), name, value, type = {NULL, 0};
  LdsBuffer *answer = &self->answer;
  LdsHttpConnectionFields dropped = {0};
  size_t cursor = 0;
  bool whole = true;

  self->status = self->parser.head.status;
  while (lds_http_response_next_field (head, &cursor, &name, &value))
    if (lds_span_equal_ignoring_case (name, "connection"))
      whole = lds_http_connection_fields_add (&dropped, value) && whole;
    else if (type.data == NULL && value.length <= LDS_FETCH_TYPE_MAX_BYTES &&
             lds_span_equal_ignoring_case (name, "content-type"))
      type = value;

  lds_buffer_reserve (answer, head.length + 2);
  lds_buffer_append (answer, type.data, type.length);
  lds_buffer_append (answer, "", 1);
  cursor = 0;
  while (lds_http_response_next_field (head, &cursor, &name, &value))
    {
      if (lds_span_equal_ignoring_case (name, "content-length"))
        lds_http_parse_uint64 (value, &self->announced_bytes);
      /* What is between two neighbours alone, and what our own answer says itself. */
      if (value.data == type.data || lds_http_is_hop_by_hop (&dropped, name) ||
          lds_span_equal_ignoring_case (name, "content-length") ||
          lds_span_equal_ignoring_case (name, "date"))
        continue;
      lds_buffer_append (answer, name.data, name.length);
      lds_buffer_append (answer, ": ", 2);
      lds_buffer_append (answer, value.data, value.length);
      lds_buffer_append (answer, "\r\n", 2);
    }
  lds_buffer_append (answer, "", 1);
  self->fields_bytes = (uint32_t)answer->end;
  if (self->parser.head.framing == LDS_HTTP_BODY_LENGTH)
    {
      uint64_t length = self->parser.head.content_length;

      lds_buffer_reserve (answer, (size_t)(length < TRUSTED_BYTES ? length : TRUSTED_BYTES));
    }
  return whole;
}

/* The head is known: is what is known of the answer acceptable? */
static bool
is_acceptable (const LdsFetch *self)
{
  return self->fields_bytes <= LDS_FETCH_FIELDS_MAX_BYTES &&
         self->parser.head.content_length <= LDS_FETCH_BODY_MAX_BYTES &&
         self->parser.body_bytes <= LDS_FETCH_BODY_MAX_BYTES && !self->answer.failed;
}

LdsFetchState
lds_fetch_received (LdsFetch *self,
                    const char *bytes,
                    size_t count)
{
  size_t at = 0, body_size;
  const char *body;

  for (;;)
    {
      LdsHttpResponseEvent event =
          lds_http_response_next (&self->parser, bytes, count, &at, &body, &body_size);

      if (event == LDS_HTTP_RESPONSE_MALFORMED)
        return LDS_FETCH_FAILED;
      if (self->status == 0 && lds_http_response_head_text (&self->parser).length > 0 &&
          !take_head (self))
        return LDS_FETCH_FAILED;
      if (self->status != 0 && !is_acceptable (self))
        return LDS_FETCH_FAILED;
      if (event == LDS_HTTP_RESPONSE_MORE)
        return LDS_FETCH_MORE;
      if (event == LDS_HTTP_RESPONSE_DONE)
        {
          /* Something behind the answer is nobody's: nothing that follows it can be trusted. */
          if (at < count)
            self->parser.head.keep_alive = false;
          return LDS_FETCH_DONE;
        }
      lds_buffer_append (&self->answer, body, body_size);
    }
}

LdsFetchState
lds_fetch_ended (LdsFetch *self)
{
  return lds_http_response_end (&self->parser) ? LDS_FETCH_DONE : LDS_FETCH_FAILED;
}

bool
lds_fetch_can_keep (const LdsFetch *self)
{
  return self->parser.head.keep_alive;
}

bool
lds_fetch_can_retry (LdsFetch *self)
{
  if (self->retried || !self->repeatable || lds_http_response_has_begun (&self->parser))
    return false;
  self->retried = true;
  return true;
}

void
lds_fetch_fail (LdsFetch *self,
                int status)
{
  self->status = status;
  self->announced_bytes = UINT64_MAX;
  lds_buffer_clear (&self->answer);
  lds_buffer_append (&self->answer, "\0", 2);
  self->fields_bytes = 2;
}

void
lds_fetch_deliver (LdsFetch *self,
                   LdsExchange *exchange)
{
  exchange->fetch_status = self->status;
  exchange->fetched_fields_bytes = self->fields_bytes;
  exchange->fetched_bytes = self->answer.end - self->fields_bytes;
  if (self->head_request)
    exchange->fetched_bytes = self->announced_bytes;
  lds_buffer_free (&exchange->parcel);
  exchange->parcel = self->answer;
  if (!self->answer.failed)
    exchange->parcel.start = self->fields_bytes;
  self->answer = (LdsBuffer){0};
}

void
lds_fetch_deliver_failure (LdsExchange *exchange)
{
  LdsFetch fetch = {0};

  lds_fetch_fail (&fetch, 0);
  lds_fetch_deliver (&fetch, exchange);
}

void
lds_fetch_clear (LdsFetch *self)
{
  lds_buffer_free (&self->request);
  lds_buffer_free (&self->answer);
  lds_http_response_clear (&self->parser);
}
