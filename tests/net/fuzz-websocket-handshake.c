/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: the input is a client's request and a server's answer; what is taken for a correct
 * handshake is one that the other side would take, too. */
#include "lds-websocket-handshake.h"

#include "fuzz.h"

#define SAMPLE_KEY "dGhlIHNhbXBsZSBub25jZQ=="

static void
try_request (const uint8_t *bytes,
             size_t size)
{
  const LdsHttpLimits limits = LDS_HTTP_LIMITS_DEFAULT;
  LdsWebsocketHandshake handshake;
  LdsHttpRequest request;
  char *data = malloc (size), answer[LDS_WEBSOCKET_ANSWER_ROOM_BYTES];
  char key[LDS_WEBSOCKET_KEY_CHARS + 1];
  size_t length = size, head_bytes = 0, n;
  const char *reason;
  LdsSpan value;
  int status;

  CHECK (data != NULL);
  memcpy (data, bytes, size);
  lds_http_request_reset (&request);
  if (lds_http_request_parse (&request, data, &length, &limits) == LDS_HTTP_REQUEST_COMPLETE)
    {
      bool good = lds_websocket_handshake_check (&request, data, &handshake);

      CHECK (good == (handshake.status == 101));
      if (!good)
        {
          CHECK (handshake.reason != NULL);
          CHECK (handshake.status == (handshake.extra_fields != NULL ? 426 : 400));
        }
      else
        {
          CHECK (request.method == LDS_HTTP_METHOD_GET && request.upgrade &&
                 request.body_bytes == 0);
          CHECK (lds_http_request_field (&request, data, "Sec-WebSocket-Key", &value));
          CHECK (value.length == LDS_WEBSOCKET_KEY_CHARS);
          memcpy (key, value.data, value.length);
          key[LDS_WEBSOCKET_KEY_CHARS] = '\0';
          n = lds_websocket_write_answer (answer, handshake.accept);
          CHECK (lds_websocket_read_answer (answer, n, key, &head_bytes, &status, &reason) ==
                 LDS_WEBSOCKET_ANSWER_ACCEPTED);
          CHECK (head_bytes == n);
        }
    }
  free (data);
}

static void
try_answer (const uint8_t *bytes,
            size_t size)
{
  LdsWebsocketAnswer answer = LDS_WEBSOCKET_ANSWER_INCOMPLETE, whole;
  char *data = malloc (size);
  size_t head_bytes = 0;
  const char *reason;
  int status;

  CHECK (data != NULL);
  memcpy (data, bytes, size);
  whole = lds_websocket_read_answer (data, size, SAMPLE_KEY, &head_bytes, &status, &reason);
  CHECK (whole != LDS_WEBSOCKET_ANSWER_ACCEPTED || (status == 101 && head_bytes <= size));
  CHECK ((whole == LDS_WEBSOCKET_ANSWER_REFUSED) == (reason != NULL));
  for (size_t n = 1; n <= size && n < 2000 && answer == LDS_WEBSOCKET_ANSWER_INCOMPLETE; n++)
    answer = lds_websocket_read_answer (data, n, SAMPLE_KEY, &head_bytes, &status, &reason);
  CHECK (answer == whole || size >= 2000);
  free (data);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t size)
{
  if (size == 0 || size > 1 << 16)
    return 0;
  try_request (bytes, size);
  try_answer (bytes, size);
  return 0;
}
