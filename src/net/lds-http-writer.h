/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP/1.1 response heads and chunks, written around bytes that already stand in a buffer, so that
 * all leave in one write.
 *
 * A head and a body in two writes cost two packets, and 40 ms where Nagle's algorithm meets a
 * delayed acknowledgement (METHOD section 2); so there is no function for a head alone.
 */
#pragma once

#include "lds-span.h"

#include <stdint.h>

/* What a head takes without its extra_fields, if content_type has at most 80 bytes. */
#define LDS_HTTP_HEAD_FIXED_BYTES 256
/* Room for any head whose extra_fields are at most 256 bytes; in general it is
 * LDS_HTTP_HEAD_FIXED_BYTES and the length of those. */
#define LDS_HTTP_HEAD_ROOM_BYTES 512

typedef struct
{
  int status;               /* 200 to 599 */
  const char *content_type; /* (nullable): e.g. "text/plain"; NULL sends no such field */
  const char *extra_fields; /* (nullable): whole field lines, each with its CRLF */
  size_t extra_bytes;       /* their length; 0: up to NUL */
  uint64_t content_length;  /* bytes; also announced when a HEAD request gets no body */
  const char *date;         /* (nullable): value of the Date field, see lds_http_date() */
  bool close;               /* the connection ends after this response */
  bool version_1_0;         /* the request was HTTP/1.0: keep-alive must be said */
  /* How long the body gets is not known yet; content_length is not looked at. In HTTP/1.1 the body
   * comes in chunks; in HTTP/1.0 as it is, and its end is the connection's, so close is implied. */
  bool stream;
} LdsHttpReplyHead;

/**
 * lds_http_write_head_before:
 * @body: where the body or its first chunk is, or would be; not read
 * @room: bytes before @body that may be overwritten
 *
 * Writes the head so that it ends right before @body. A status that has no body gets neither a
 * Content-Length nor a Transfer-Encoding: RFC 9110 section 8.6, RFC 9112 section 6.1.
 *
 * Returns the length of the head in bytes, that is the response begins at @body minus it; 0, with
 * nothing written, when @room is too small or content_type too long.
 */
size_t lds_http_write_head_before (char *body, size_t room, const LdsHttpReplyHead *head);

/** Whether a response of @status may have a body: none with 1xx, 204 and 304, whatever the request. */
bool lds_http_status_has_body (int status);

/**
 * lds_http_write_field:
 * @to: (array length=room): where to append a field line for extra_fields
 * @name: a token
 * @value: anything, so far as it can be the value of a field
 *
 * Returns the length of the line in bytes, CRLF included; 0, with nothing written, when @room is
 * too small or when @name or @value has a character that would end or change the head.
 */
size_t lds_http_write_field (char *to, size_t room, const char *name, LdsSpan value);

/* What must be free before and behind the bytes of a chunk. */
#define LDS_HTTP_CHUNK_ROOM_BYTES 18
#define LDS_HTTP_CHUNK_TAIL_BYTES 2
/* What ends a body in chunks, with no trailer fields. */
#define LDS_HTTP_LAST_CHUNK "0\r\n\r\n"

/**
 * lds_http_write_chunk_around:
 * @data: (array length=length): bytes of the body; LDS_HTTP_CHUNK_TAIL_BYTES behind them are
 *   overwritten
 * @length: at least 1, for a chunk of none would end the body
 * @room: bytes before @data that may be overwritten; LDS_HTTP_CHUNK_ROOM_BYTES is always enough
 *
 * Makes @data a chunk (RFC 9112 section 7.1).
 *
 * Returns the length of the size line, that is the chunk begins at @data minus it and ends
 * LDS_HTTP_CHUNK_TAIL_BYTES behind @data; 0, with nothing written, when @room is too small or
 * @length 0.
 */
size_t lds_http_write_chunk_around (char *data, size_t length, size_t room);

/** The reason phrase of @status, "Unknown" for one that is not known here. */
const char *lds_http_status_text (int status);

/**
 * lds_http_date:
 *
 * Returns the value of a Date field for now, rendered once a second in each thread. It is the
 * thread's own and valid until its next call.
 */
const char *lds_http_date (void);

/* The interim response to `Expect: 100-continue`. */
#define LDS_HTTP_CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
