/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP/1.1 requests read from a caller's buffer: incremental, with no allocation.
 *
 * The caller keeps the bytes of one connection in one buffer, from the first byte of a request on,
 * and calls lds_http_request_parse() whenever more have come. The parser goes on where it
 * stopped, so that a request costs the same however it was cut up. It keeps offsets, never
 * pointers: the buffer may move between calls.
 *
 * Strict where lenience lets two readers of the same bytes disagree about where a request ends
 * (request smuggling): see lds_http_request_parse(). Source of every rule: RFC 9112 (HTTP/1.1) and
 * RFC 9110 (HTTP Semantics), June 2022.
 *
 * A request belongs to one thread at a time.
 */
#pragma once

#include "lds-span.h"

#include <stdint.h>

typedef enum
{
  LDS_HTTP_METHOD_OTHER, /* see lds_http_request_method_text() */
  LDS_HTTP_METHOD_GET,
  LDS_HTTP_METHOD_HEAD,
  LDS_HTTP_METHOD_POST,
  LDS_HTTP_METHOD_PUT,
  LDS_HTTP_METHOD_DELETE,
  LDS_HTTP_METHOD_PATCH,
  LDS_HTTP_METHOD_OPTIONS,
} LdsHttpMethod;

/* How much of a client's input is looked at before it is refused. All at least 1. */
typedef struct
{
  uint32_t max_line_bytes; /* request line, field line or chunk-size line, CRLF included: 414, 431, 400 */
  uint32_t max_head_bytes; /* request line and all field lines, trailer section included: 431 */
  uint32_t max_fields;     /* field lines, those of the trailer section included: 431 */
  uint64_t max_body_bytes; /* decoded body: 413; at most 2^31 */
} LdsHttpLimits;

/* 8 KiB lines as nginx and Apache httpd have by default, 16 KiB heads and 100 fields as Node.js and
 * gunicorn have (Source: nginx large_client_header_buffers; Apache LimitRequestLine; Node.js
 * --max-http-header-size; gunicorn limit_request_fields; accessed 2026-11-21), bodies to 16 MiB. */
#define LDS_HTTP_LIMITS_DEFAULT           \
  ((LdsHttpLimits){                       \
      .max_line_bytes = 8 * 1024,         \
      .max_head_bytes = 16 * 1024,        \
      .max_fields = 100,                  \
      .max_body_bytes = 16 * 1024 * 1024, \
  })

typedef enum
{
  LDS_HTTP_REQUEST_INCOMPLETE, /* read more, call again */
  LDS_HTTP_REQUEST_COMPLETE,   /* every field below is valid */
  LDS_HTTP_REQUEST_ERROR,      /* answer with status, then close: what follows cannot be trusted */
} LdsHttpRequestResult;

/* Offsets and lengths are in bytes from the first byte of the request. */
typedef struct
{
  /* Valid from the end of the head on (head_bytes > 0). */
  LdsHttpMethod method;
  bool version_1_0;      /* HTTP/1.0; any other HTTP/1.x counts as 1.1 */
  bool keep_alive;       /* the connection may carry another request after this one */
  bool chunked;          /* the body came in chunks */
  bool upgrade;          /* Connection names "upgrade", in HTTP/1.1 */
  bool expect_continue;  /* the client waits for 100 (Continue) before it sends the body */
  uint32_t head_bytes;   /* up to and with the empty line; 0 until it has been seen */
  uint32_t method_bytes; /* the method is at the start of the request line */
  uint32_t target_offset;
  uint32_t target_bytes;
  uint32_t path_offset; /* without scheme, authority and query; "*" for the server as a whole */
  uint32_t path_bytes;
  uint32_t query_offset; /* without the question mark; 0 bytes when there is none */
  uint32_t query_bytes;
  uint64_t content_length; /* announced length; 0 when none or chunked */

  /* Valid when complete. The body follows the head directly. */
  uint32_t body_bytes;
  uint32_t total_bytes; /* where the next request begins */

  /* Valid after an error. */
  int status;         /* 400, 413, 414, 417, 431, 501 or 505 */
  const char *reason; /* a static clause for a person: "two Content-Length fields" */

  /* Private. */
  uint32_t _line_offset;   /* start of the line that is being read */
  uint32_t _scan_offset;   /* no line feed before here */
  uint32_t _start_offset;  /* of the request line, after an ignored empty line */
  uint32_t _fields;        /* field lines so far */
  uint32_t _section_bytes; /* head, then trailer and chunk extensions on top */
  uint64_t _chunk_left;    /* bytes of the current chunk still to come */
  uint8_t _state;
  uint8_t _seen; /* which fields that may come once have come */
} LdsHttpRequest;

/** Makes @self ready for the first byte of a request. */
void lds_http_request_reset (LdsHttpRequest *self);

/**
 * lds_http_request_parse:
 * @self: reset before the first call for a request
 * @data: (array length=length) (inout): the bytes received since the request's first one
 * @length: (inout): their number, at most 2^31. A chunked body is joined in place over its framing,
 *   so that @length may shrink; nothing else ever changes @data
 * @limits: the same at every call for one request
 *
 * Refuses with 400: both Transfer-Encoding and Content-Length; a second Content-Length, equal or
 * not; a Content-Length that is not plain digits; Transfer-Encoding in HTTP/1.0, twice, or not
 * ending in chunked; chunk sizes that are not plain hexadecimal, too large, or whose data does not
 * end in CRLF; white space before a colon or in front of a field (obsolete folding); bare CR, bare
 * LF, NUL and other control characters; in HTTP/1.1 no Host field; several Host fields, or one that
 * is not a host; a target that is neither a path nor a URL without user information, but for "*"
 * with OPTIONS and host:port with CONNECT.
 * With 413 too large a body, 414 too long a target, 417 an unknown expectation, 431 too large a
 * head, 501 an unknown transfer coding, 505 a version other than HTTP/1.x.
 *
 * Linear in the bytes received in all. After an error every further call gives the same error.
 */
LdsHttpRequestResult lds_http_request_parse (LdsHttpRequest *self,
                                             char *data,
                                             size_t *length,
                                             const LdsHttpLimits *limits);

/**
 * lds_http_request_wants_continue:
 *
 * Returns true when the head is complete, the client waits for 100 (Continue), and no byte of the
 * body has come: answer `HTTP/1.1 100 Continue` once.
 */
bool lds_http_request_wants_continue (const LdsHttpRequest *self);

/* The parts, valid as the members above. @data is the buffer as it is now. */
LdsSpan lds_http_request_method_text (const LdsHttpRequest *self, const char *data);
LdsSpan lds_http_request_target (const LdsHttpRequest *self, const char *data);
LdsSpan lds_http_request_path (const LdsHttpRequest *self, const char *data);
LdsSpan lds_http_request_query (const LdsHttpRequest *self, const char *data);
LdsSpan lds_http_request_body (const LdsHttpRequest *self, const char *data);

/**
 * lds_http_request_next_field:
 * @cursor: (inout): 0 for the first field line of the head
 * @name: (out): as sent
 * @value: (out): without white space around it
 *
 * Returns false when there is no further field line. Trailer fields are checked, then dropped.
 */
bool lds_http_request_next_field (const LdsHttpRequest *self,
                                  const char *data,
                                  uint32_t *cursor,
                                  LdsSpan *name,
                                  LdsSpan *value);

/**
 * lds_http_request_field:
 * @name: a field name, in any case
 * @value: (out): the first field of that name
 *
 * Returns false when there is none. Linear in the head.
 */
bool lds_http_request_field (const LdsHttpRequest *self,
                             const char *data,
                             const char *name,
                             LdsSpan *value);

/**
 * lds_http_query_value:
 * @query: `name=value&name=value`, as lds_http_request_query() gives it
 * @name: characters that need no percent-encoding
 * @value: (out): the first value of that name, still percent-encoded; empty for a name alone
 *
 * Returns false when @query has no such name.
 */
bool lds_http_query_value (LdsSpan query, const char *name, LdsSpan *value);

/**
 * lds_http_parse_uint64:
 * @digits: 1 to 20 ASCII digits and nothing else
 * @value: (out): their value
 *
 * Returns false, with @value unchanged, for anything else and for values above 2^64 - 1.
 */
bool lds_http_parse_uint64 (LdsSpan digits, uint64_t *value);
