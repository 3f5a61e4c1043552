/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Incremental reader of server-sent events (text/event-stream).
 *
 * It is fed the body of a response in pieces of any size. The data of an event that lies whole in one
 * piece, the common case, is handed back where it lies; only what is split between pieces, or over
 * several lines, is collected in a buffer of the reader's own.
 *
 * Source of every rule: WHATWG, HTML Living Standard, section 9.2.6 (Interpreting an event stream);
 * accessed 2026-11-27. Names, ids and retry times of events are passed over.
 */
#pragma once

#include "lds-span.h"

typedef enum
{
  LDS_EVENT_STREAM_MORE,      /* everything was used */
  LDS_EVENT_STREAM_EVENT,     /* an event that has data; call again */
  LDS_EVENT_STREAM_TOO_LARGE, /* an event or a line is beyond the limit: close the connection */
} LdsEventStreamEvent;

typedef struct
{
  /* After EVENT: its lines of data, joined by line feeds. Valid until the next call and as long as the
   * piece is. */
  LdsSpan data;

  /* Private. */
  char *_buffer; /* (nullable): data collected so far, and behind it the beginning of a line */
  size_t _room;
  size_t _data_bytes;
  size_t _line_bytes;
  size_t _max_bytes;
  LdsSpan _found; /* the first line of data, within the piece */
  bool _has_data;
  bool _was_found; /* _found holds it */
  bool _was_given; /* data was handed out and is to be dropped */
  bool _has_begun; /* the first line is over */
  bool _after_return;
  bool _is_broken;
} LdsEventStream;

/**
 * lds_event_stream_init:
 * @self: memory of any content
 * @max_bytes: of an event's data, and of a line
 */
void lds_event_stream_init (LdsEventStream *self, size_t max_bytes);

/** Frees what @self holds and makes it ready for another stream. */
void lds_event_stream_clear (LdsEventStream *self);

/**
 * lds_event_stream_next:
 * @data: (array length=size): what was received
 * @at: (inout): offset into @data, 0 for a new piece; moved past what was used
 *
 * To be called until it returns something else than LDS_EVENT_STREAM_EVENT. TOO_LARGE is also what it
 * says when memory is short.
 */
LdsEventStreamEvent lds_event_stream_next (LdsEventStream *self,
                                           const char *data,
                                           size_t size,
                                           size_t *at);
