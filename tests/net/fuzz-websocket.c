/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: however frames are cut up, the reader says the same of them, as server and as client,
 * and nothing absurd. */
#include "lds-websocket.h"

#include "fuzz.h"

#define MAX_MESSAGE_BYTES 1000u

/* All that the reader said, in order, so that two readings can be compared. */
typedef struct
{
  uint32_t events;
  uint32_t hash;
} Story;

static void
tell (Story *story,
      const void *bytes,
      size_t size)
{
  for (size_t i = 0; i < size; i++)
    story->hash = (story->hash ^ ((const uint8_t *)bytes)[i]) * 16777619u;
}

static void
check_event (Story *story,
             const LdsWebsocketReader *reader,
             LdsWebsocketEvent event,
             const char *data,
             size_t length)
{
  LdsSpan payload = lds_websocket_reader_payload (reader, data);
  uint32_t said[] = {(uint32_t)event, 0, (uint32_t)payload.length};
  LdsUtf8 utf8 = {0};

  CHECK ((size_t)reader->payload_offset + reader->payload_bytes <= length);
  CHECK (reader->total_bytes <= length);
  CHECK (payload.length <=
         (event == LDS_WEBSOCKET_MESSAGE ? MAX_MESSAGE_BYTES : LDS_WEBSOCKET_CONTROL_MAX_BYTES));
  if (event == LDS_WEBSOCKET_MESSAGE)
    {
      said[1] = reader->text;
      CHECK (!reader->text || (lds_utf8_check (&utf8, payload.data, payload.length) &&
                               lds_utf8_is_whole (&utf8)));
      CHECK (reader->total_bytes >= payload.length + 2);
    }
  if (event == LDS_WEBSOCKET_CLOSE || event == LDS_WEBSOCKET_ERROR)
    said[1] = reader->close_code;
  if (event == LDS_WEBSOCKET_ERROR)
    CHECK (reader->reason != NULL && (reader->close_code == LDS_WEBSOCKET_CLOSE_PROTOCOL ||
                                      reader->close_code == LDS_WEBSOCKET_CLOSE_NOT_UTF8 ||
                                      reader->close_code == LDS_WEBSOCKET_CLOSE_TOO_LARGE));
  tell (story, said, sizeof said);
  tell (story, payload.data, payload.length);
  story->events++;
}

static Story
read_in_steps (LdsWebsocketRole role,
               const uint8_t *bytes,
               size_t size,
               size_t step)
{
  Story story = {.hash = 2166136261u};
  LdsWebsocketReader reader;
  char *data = malloc (size);
  size_t length = 0;

  CHECK (data != NULL);
  lds_websocket_reader_init (&reader, role, MAX_MESSAGE_BYTES);
  for (size_t fed = 0; fed < size;)
    {
      size_t n = size - fed < step ? size - fed : step;
      LdsWebsocketEvent event;

      memcpy (data + length, bytes + fed, n);
      fed += n;
      length += n;
      while ((event = lds_websocket_reader_next (&reader, data, &length)) !=
             LDS_WEBSOCKET_INCOMPLETE)
        {
          check_event (&story, &reader, event, data, length);
          length -= reader.total_bytes;
          memmove (data, data + reader.total_bytes, length);
          if (event == LDS_WEBSOCKET_CLOSE || event == LDS_WEBSOCKET_ERROR)
            {
              CHECK (lds_websocket_reader_next (&reader, data, &length) == event);
              free (data);
              return story;
            }
        }
      CHECK (length <= fed);
      /* What has to be kept is bounded whatever the other end does. */
      CHECK (length <=
             LDS_WEBSOCKET_HEAD_MAX_BYTES + MAX_MESSAGE_BYTES + LDS_WEBSOCKET_CONTROL_ROOM_BYTES);
    }
  free (data);
  return story;
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t size)
{
  static const size_t steps[] = {1, 2, 3, 7, 64};

  if (size == 0 || size > 1 << 16)
    return 0;
  for (int role = LDS_WEBSOCKET_SERVER; role <= LDS_WEBSOCKET_CLIENT; role++)
    {
      Story whole = read_in_steps ((LdsWebsocketRole)role, bytes, size, size);

      for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        {
          Story pieces = read_in_steps ((LdsWebsocketRole)role, bytes, size, steps[i]);

          CHECK (pieces.events == whole.events && pieces.hash == whole.hash);
        }
    }
  return 0;
}
