/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP/1.1 response heads, written next to the body so that both leave in one write.
 *
 * A head and a body in two writes cost two packets, and 40 ms where Nagle's algorithm meets a
 * delayed acknowledgement (METHOD section 2); so there is no function for a head alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for any head of a response whose extra_fields are at most 256 bytes. */
#define LDS_HTTP_HEAD_ROOM_BYTES 512

typedef struct
{
  int status;               /* 200 to 599 */
  const char *content_type; /* (nullable): e.g. "text/plain"; NULL sends no such field */
  const char *extra_fields; /* (nullable): whole field lines, each with its CRLF */
  uint64_t content_length;  /* bytes; also announced when a HEAD request gets no body */
  const char *date;         /* (nullable): value of the Date field, see lds_http_date() */
  bool close;               /* the connection ends after this response */
  bool version_1_0;         /* the request was HTTP/1.0: keep-alive must be said */
} LdsHttpReplyHead;

/**
 * lds_http_write_head_before:
 * @body: where the body is, or would be; not read
 * @room: bytes before @body that may be overwritten
 *
 * Writes the head so that it ends right before @body.
 *
 * Returns the length of the head in bytes, that is the response begins at @body minus it; 0, with
 * nothing written, when @room is too small.
 */
size_t lds_http_write_head_before (char *body, size_t room, const LdsHttpReplyHead *head);

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
