/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers in parts. */
#include "lds-connection-stream.h"

#include "lds-connection-private.h"
#include "lds-http-writer.h"
#include "lds-tally.h"

size_t
lds_connection_part_room_bytes (const LdsConnection *self,
                                size_t head_room_bytes)
{
  return self->exchange.sent ? LDS_HTTP_CHUNK_ROOM_BYTES : head_room_bytes;
}

bool
lds_connection_has_body (const LdsConnection *self)
{
  return self->request.method != LDS_HTTP_METHOD_HEAD &&
         lds_http_status_has_body (self->exchange.status);
}

/* Writes the chunk's line and end around the body. Returns how much of the room the line took. */
static size_t
write_chunk (LdsBuffer *out,
             size_t body)
{
  size_t length = out->end - body, line_bytes;

  if (lds_buffer_reserve (out, LDS_HTTP_CHUNK_TAIL_BYTES) == NULL)
    return 0;
  line_bytes = lds_http_write_chunk_around (out->data + body, length, LDS_HTTP_CHUNK_ROOM_BYTES);
  out->end += LDS_HTTP_CHUNK_TAIL_BYTES;
  return line_bytes;
}

static size_t
write_head (const LdsConnection *self,
            char *before,
            size_t room_bytes,
            bool closes)
{
  const LdsExchange *exchange = &self->exchange;
  const LdsHttpReplyHead head = {
      .status = exchange->status,
      .content_type = exchange->content_type,
      .extra_fields = exchange->extra_fields,
      .date = lds_http_date (),
      .close = closes,
      .version_1_0 = self->request.version_1_0,
      .stream = true,
  };

  lds_tally_add_response (exchange->status);
  return lds_http_write_head_before (before, room_bytes, &head);
}

void
lds_connection_write_part (LdsConnection *self,
                           LdsBuffer *out,
                           size_t begin,
                           bool closes,
                           bool last)
{
  LdsExchange *exchange = &self->exchange;
  size_t body = exchange->body_begin, used = 0, gap;
  bool chunked = lds_connection_has_body (self) && !self->request.version_1_0;

  if (!lds_connection_has_body (self))
    out->end = body;
  exchange->sent_bytes += out->end - body;
  if (chunked && out->end > body)
    used = write_chunk (out, body);
  if (chunked && last)
    lds_buffer_append (out, LDS_HTTP_LAST_CHUNK, strlen (LDS_HTTP_LAST_CHUNK));
  if (!exchange->sent && !out->failed)
    {
      size_t head_bytes = write_head (self, out->data + body - used, body - used - begin, closes);

      if (head_bytes == 0)
        out->failed = true;
      used += head_bytes;
    }
  if (out->failed)
    return;
  exchange->sent = true;
  gap = body - used - begin;
  lds_tally_add (LDS_TALLY_BYTES_OUT, out->end - begin - gap);
  lds_connection_close_gap (out, begin, gap);
}
