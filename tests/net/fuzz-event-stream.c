/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: the input is a stream of events. It gives the same events in one piece and in pieces of
 * any size, and a small limit keeps what is collected small. */
#include "lds-event-stream.h"

#include "fuzz.h"

#define ENOUGH_BYTES (1 << 17)
#define LIMIT_BYTES  16

/* The events of all pieces, one after the other, each with a NUL behind it. Returns the bytes that they
 * take; fewer than @size are read if a limit of @max_bytes stops it. */
static size_t
read_events (const uint8_t *bytes,
             size_t size,
             size_t piece_bytes,
             size_t max_bytes,
             char *events)
{
  LdsEventStream stream;
  LdsEventStreamEvent event = LDS_EVENT_STREAM_MORE;
  size_t n = 0;

  lds_event_stream_init (&stream, max_bytes);
  for (size_t i = 0; i < size && event != LDS_EVENT_STREAM_TOO_LARGE; i += piece_bytes)
    {
      size_t length = size - i < piece_bytes ? size - i : piece_bytes, at = 0;
      char *piece = malloc (length);

      CHECK (piece != NULL);
      memcpy (piece, bytes + i, length);
      while ((event = lds_event_stream_next (&stream, piece, length, &at)) ==
             LDS_EVENT_STREAM_EVENT)
        {
          CHECK (stream.data.length <= max_bytes);
          if (stream.data.length > 0)
            memcpy (events + n, stream.data.data, stream.data.length);
          n += stream.data.length;
          events[n++] = '\0';
        }
      CHECK (event == LDS_EVENT_STREAM_TOO_LARGE || at == length);
      free (piece);
    }
  lds_event_stream_clear (&stream);
  return n;
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t size)
{
  static char whole[ENOUGH_BYTES], parts[ENOUGH_BYTES];
  size_t n;

  if (size == 0 || size > 1 << 16)
    return 0;
  n = read_events (bytes, size, size, ENOUGH_BYTES, whole);
  for (size_t piece_bytes = 1; piece_bytes <= 7; piece_bytes++)
    {
      CHECK (read_events (bytes, size, piece_bytes, ENOUGH_BYTES, parts) == n);
      CHECK (memcmp (whole, parts, n) == 0);
      read_events (bytes, size, piece_bytes, LIMIT_BYTES, parts);
    }
  read_events (bytes, size, size, LIMIT_BYTES, parts);
  return 0;
}
