/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Incremental parser of HTTP/1.1 responses.
 *
 * It is fed whatever a socket gave, in pieces of any size, and hands the body back as spans of the
 * caller's own buffer. A head that lies whole in one piece, the common case, is parsed where it
 * lies; only a head that is split between pieces is collected in a buffer of the parser's own.
 *
 * Framing follows RFC 9112, section 6.3, on the strict side: what two readers could understand in two
 * ways (a length beside a transfer coding, two different lengths, folded header lines) is malformed.
 */
#pragma once

#include "lds-span.h"

#include <stdint.h>

/* A head (status line and headers) larger than this, or with more lines, is malformed. */
#define LDS_HTTP_RESPONSE_HEAD_MAX_BYTES (32u * 1024)
#define LDS_HTTP_RESPONSE_HEAD_MAX_LINES 256u
/* Chunk extensions and trailers of one response, together, in bytes. */
#define LDS_HTTP_RESPONSE_CHUNK_EXTRA_MAX_BYTES (16u * 1024)
/* A body that is announced or found to be larger is malformed. */
#define LDS_HTTP_RESPONSE_BODY_MAX_BYTES (UINT64_C (1) << 40)
/* Interim (1xx) responses that may come before the final one. */
#define LDS_HTTP_RESPONSE_INTERIM_MAX 16u

typedef enum
{
  LDS_HTTP_BODY_NONE,    /* HEAD, 204, 304, Content-Length: 0 */
  LDS_HTTP_BODY_LENGTH,  /* Content-Length */
  LDS_HTTP_BODY_CHUNKED, /* Transfer-Encoding: chunked */
  LDS_HTTP_BODY_CLOSE,   /* up to the end of the connection */
} LdsHttpBodyFraming;

/* What a head said. */
typedef struct
{
  uint64_t content_length; /* of LDS_HTTP_BODY_LENGTH, else 0 */
  uint16_t status;         /* 100 to 599 */
  uint8_t framing;         /* LdsHttpBodyFraming */
  bool keep_alive;         /* the connection may carry another request */
} LdsHttpResponseHead;

/* The last head that was parsed, byte for byte. Servers answer with the same head again and again:
 * equal bytes need no second parse. One for all parsers of a thread is enough; zero it to begin. */
typedef struct
{
  LdsHttpResponseHead head;
  bool head_request;
  uint32_t size; /* 0 = nothing remembered */
  char bytes[512];
} LdsHttpHeadCache;

typedef enum
{
  LDS_HTTP_RESPONSE_MORE,      /* everything was used, the response goes on */
  LDS_HTTP_RESPONSE_BODY,      /* a span of the body; call again */
  LDS_HTTP_RESPONSE_DONE,      /* the response ended; bytes beyond it are not used */
  LDS_HTTP_RESPONSE_MALFORMED, /* not HTTP, or beyond a limit: close the connection */
} LdsHttpResponseEvent;

/* Treat as opaque, but for head once a span or the end was reported. */
typedef struct
{
  LdsHttpResponseHead head;
  LdsHttpHeadCache *cache; /* (nullable) not owned */
  uint64_t left;           /* of the body or of the chunk */
  uint64_t body_bytes;     /* seen so far */
  const char *head_text;   /* (nullable) see lds_http_response_head_text() */
  char *collected;         /* (nullable) the part of a split head that came already */
  uint32_t head_text_bytes;
  uint32_t n_collected;
  uint32_t scanned;    /* of the head, looked through for its end */
  uint32_t line_start; /* of the line that is being looked through */
  uint32_t chunk_extra_bytes;
  uint16_t n_lines;
  uint8_t n_interim;
  uint8_t state;
  uint8_t n_digits; /* of a chunk size */
  bool head_request;
} LdsHttpResponse;

/**
 * lds_http_response_init:
 * @self: memory of any content
 * @cache: (nullable): shared by the parsers of one thread, outlives @self
 */
void lds_http_response_init (LdsHttpResponse *self, LdsHttpHeadCache *cache);

/** Frees what @self holds; @self may be initialised again. */
void lds_http_response_clear (LdsHttpResponse *self);

/**
 * lds_http_response_begin:
 * @head_request: the response answers HEAD and so has no body
 *
 * Makes @self ready for the next response. To be called before the first one as well.
 */
void lds_http_response_begin (LdsHttpResponse *self, bool head_request);

/**
 * lds_http_response_next:
 * @data: (array length=size): what was received
 * @at: (inout): offset into @data, 0 for a new piece; moved past what was used
 * @body: (out): on LDS_HTTP_RESPONSE_BODY, a span within @data
 * @body_size: (out): its size in bytes, at least 1
 *
 * To be called until it returns something else than LDS_HTTP_RESPONSE_BODY. Allocates only for a
 * head that is split between two pieces.
 */
LdsHttpResponseEvent lds_http_response_next (LdsHttpResponse *self,
                                             const char *data,
                                             size_t size,
                                             size_t *at,
                                             const char **body,
                                             size_t *body_size);

/**
 * lds_http_response_end:
 *
 * To be called when the connection has ended before LDS_HTTP_RESPONSE_DONE. Returns true when that
 * is how the response says that it ends, false when a part of it is missing.
 */
bool lds_http_response_end (LdsHttpResponse *self);

/**
 * lds_http_response_head_text:
 *
 * Returns the bytes of the final head, from its status line to its empty line; empty before it was
 * whole. Valid until the piece of data that made it whole goes away: look at it when
 * lds_http_response_next() first returns with head.status set.
 */
LdsSpan lds_http_response_head_text (const LdsHttpResponse *self);

/**
 * lds_http_response_next_field:
 * @head: as lds_http_response_head_text() gives it
 * @cursor: (inout): 0 for the first field line
 * @name: (out): a token, as sent
 * @value: (out): without blanks around it and without control characters but tabs
 *
 * Returns false when there is no further field line.
 */
bool lds_http_response_next_field (LdsSpan head, size_t *cursor, LdsSpan *name, LdsSpan *value);

/** Whether any byte of the response was seen since lds_http_response_begin(). */
bool lds_http_response_has_begun (const LdsHttpResponse *self);
