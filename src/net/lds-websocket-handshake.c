/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an HTTP/1.1 connection becomes a WebSocket. */
#include "lds-websocket-handshake.h"

#include "lds-http-syntax.h"

#include <assert.h>
#include <nettle/base64.h>
#include <nettle/sha1.h>
#include <stdio.h>

/* RFC 6455 section 1.3: what a server that knows the protocol puts behind the key. */
#define ACCEPT_SUFFIX "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define VERSION       "13"

static_assert (BASE64_ENCODE_RAW_LENGTH (SHA1_DIGEST_SIZE) == LDS_WEBSOCKET_ACCEPT_CHARS,
               "the accept value is a digest in base64");
static_assert (BASE64_ENCODE_RAW_LENGTH (LDS_WEBSOCKET_NONCE_BYTES) == LDS_WEBSOCKET_KEY_CHARS,
               "a key is a nonce in base64");

void
lds_websocket_accept (const char *key,
                      char accept[LDS_WEBSOCKET_ACCEPT_CHARS + 1])
{
  struct sha1_ctx sha1;
  uint8_t digest[SHA1_DIGEST_SIZE];

  sha1_init (&sha1);
  sha1_update (&sha1, LDS_WEBSOCKET_KEY_CHARS, (const uint8_t *)key);
  sha1_update (&sha1, strlen (ACCEPT_SUFFIX), (const uint8_t *)ACCEPT_SUFFIX);
  sha1_digest (&sha1, sizeof digest, digest);
  base64_encode_raw (accept, sizeof digest, digest);
  accept[LDS_WEBSOCKET_ACCEPT_CHARS] = '\0';
}

void
lds_websocket_key (const uint8_t nonce[LDS_WEBSOCKET_NONCE_BYTES],
                   char key[LDS_WEBSOCKET_KEY_CHARS + 1])
{
  base64_encode_raw (key, LDS_WEBSOCKET_NONCE_BYTES, nonce);
  key[LDS_WEBSOCKET_KEY_CHARS] = '\0';
}

static bool
is_key (LdsSpan value)
{
  struct base64_decode_ctx base64;
  uint8_t nonce[BASE64_DECODE_LENGTH (LDS_WEBSOCKET_KEY_CHARS)];
  size_t nonce_bytes = sizeof nonce;

  if (value.length != LDS_WEBSOCKET_KEY_CHARS)
    return false;
  base64_decode_init (&base64);
  return base64_decode_update (&base64, &nonce_bytes, nonce, value.length, value.data) == 1 &&
         base64_decode_final (&base64) == 1 && nonce_bytes == LDS_WEBSOCKET_NONCE_BYTES;
}

static bool
list_has (LdsSpan list,
          const char *element)
{
  LdsSpan found;

  while (lds_span_next_element (&list, &found))
    if (lds_span_equal_ignoring_case (found, element))
      return true;
  return false;
}

/* The fields of a head that say whether it changes the protocol. */
typedef struct
{
  LdsSpan key, version, accept;
  unsigned keys, versions, accepts;
  bool websocket;  /* Upgrade names it */
  bool connection; /* Connection names the Upgrade field */
  bool choices;    /* a subprotocol or an extension is named */
} Fields;

static void
take_field (Fields *fields,
            LdsSpan name,
            LdsSpan value)
{
  if (lds_span_equal_ignoring_case (name, "upgrade"))
    fields->websocket |= list_has (value, "websocket");
  else if (lds_span_equal_ignoring_case (name, "connection"))
    fields->connection |= list_has (value, "upgrade");
  else if (lds_span_equal_ignoring_case (name, "sec-websocket-key"))
    {
      fields->key = value;
      fields->keys++;
    }
  else if (lds_span_equal_ignoring_case (name, "sec-websocket-version"))
    {
      fields->version = value;
      fields->versions++;
    }
  else if (lds_span_equal_ignoring_case (name, "sec-websocket-accept"))
    {
      fields->accept = value;
      fields->accepts++;
    }
  else if (lds_span_equal_ignoring_case (name, "sec-websocket-protocol") ||
           lds_span_equal_ignoring_case (name, "sec-websocket-extensions"))
    fields->choices = true;
}

static bool
refuse (LdsWebsocketHandshake *handshake,
        int status,
        const char *reason)
{
  handshake->status = status;
  handshake->reason = reason;
  if (status == 426)
    handshake->extra_fields = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Version: " VERSION "\r\n";
  return false;
}

bool
lds_websocket_handshake_check (const LdsHttpRequest *request,
                               const char *data,
                               LdsWebsocketHandshake *handshake)
{
  Fields fields = {0};
  LdsSpan name, value;
  uint32_t cursor = 0;

  *handshake = (LdsWebsocketHandshake){0};
  while (lds_http_request_next_field (request, data, &cursor, &name, &value))
    take_field (&fields, name, value);

  if (request->version_1_0)
    return refuse (handshake, 400, "a WebSocket needs HTTP/1.1");
  if (!fields.websocket)
    return refuse (handshake, 426, "there is a WebSocket at this path: ask for an upgrade to it");
  if (request->method != LDS_HTTP_METHOD_GET)
    return refuse (handshake, 400, "a WebSocket is asked for with GET");
  if (!fields.connection)
    return refuse (handshake, 400, "Connection does not name the Upgrade field");
  if (request->body_bytes > 0)
    return refuse (handshake, 400, "a request for a WebSocket has no body");
  if (fields.versions > 1)
    return refuse (handshake, 400, "two Sec-WebSocket-Version fields");
  if (fields.versions == 0 || !lds_span_equal (fields.version, VERSION))
    return refuse (handshake, 426, "only version " VERSION " of the WebSocket protocol is spoken here");
  if (fields.keys > 1)
    return refuse (handshake, 400, "two Sec-WebSocket-Key fields");
  if (fields.keys == 0 || !is_key (fields.key))
    return refuse (handshake, 400, "Sec-WebSocket-Key is not 16 bytes in base64");
  handshake->status = 101;
  lds_websocket_accept (fields.key.data, handshake->accept);
  return true;
}

size_t
lds_websocket_write_answer (char *to,
                            const char accept[LDS_WEBSOCKET_ACCEPT_CHARS + 1])
{
  static const char before[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                               "Connection: Upgrade\r\nSec-WebSocket-Accept: ";
  const size_t n = sizeof before - 1;

  static_assert (sizeof before + LDS_WEBSOCKET_ACCEPT_CHARS + 4 <= LDS_WEBSOCKET_ANSWER_ROOM_BYTES,
                 "the answer fits");
  memcpy (to, before, n);
  memcpy (to + n, accept, LDS_WEBSOCKET_ACCEPT_CHARS);
  memcpy (to + n + LDS_WEBSOCKET_ACCEPT_CHARS, "\r\n\r\n", 4);
  return n + LDS_WEBSOCKET_ACCEPT_CHARS + 4;
}

size_t
lds_websocket_write_request (char *to,
                             size_t room,
                             const char *target,
                             const char *host,
                             const char key[LDS_WEBSOCKET_KEY_CHARS + 1])
{
  int length = snprintf (to, room,
                         "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
                         "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
                         "Sec-WebSocket-Version: " VERSION "\r\n\r\n",
                         target, host, key);

  return length > 0 && (size_t)length < room ? (size_t)length : 0;
}

/* "HTTP/1.1 101 reason"; 0 when the line is something else. */
static int
read_status (LdsSpan line)
{
  static const char start[] = "HTTP/1.1 ";
  const size_t n = sizeof start - 1;
  int status = 0;

  if (line.length < n + 3 || memcmp (line.data, start, n) != 0 ||
      (line.length > n + 3 && line.data[n + 3] != ' '))
    return 0;
  for (size_t i = n; i < n + 3; i++)
    {
      if (line.data[i] < '0' || line.data[i] > '9')
        return 0;
      status = status * 10 + (line.data[i] - '0');
    }
  return status;
}

/* Takes the next line, which ends in CRLF, off @text. */
static bool
next_line (LdsSpan *text,
           LdsSpan *line)
{
  const char *feed = memchr (text->data, '\n', text->length);

  if (feed == NULL || feed == text->data || feed[-1] != '\r')
    return false;
  *line = (LdsSpan){text->data, (size_t)(feed - 1 - text->data)};
  text->length -= line->length + 2;
  text->data = feed + 1;
  return true;
}

static bool
split_line (LdsSpan line,
            LdsSpan *name,
            LdsSpan *value)
{
  const char *colon = memchr (line.data, ':', line.length);

  if (colon == NULL)
    return false;
  lds_http_split_field (line.data, line.length, colon, name, value);
  return name->length > 0 && lds_http_all_of_class (name->data, name->length, LDS_HTTP_IS_TOKEN) &&
         lds_http_all_of_class (value->data, value->length, LDS_HTTP_IS_VALUE);
}

LdsWebsocketAnswer
lds_websocket_read_answer (const char *data,
                           size_t length,
                           const char key[LDS_WEBSOCKET_KEY_CHARS + 1],
                           size_t *head_bytes,
                           int *status,
                           const char **reason)
{
  size_t searched =
      length < LDS_WEBSOCKET_ANSWER_MAX_BYTES ? length : LDS_WEBSOCKET_ANSWER_MAX_BYTES;
  const char *end = memmem (data, searched, "\r\n\r\n", 4);
  char accept[LDS_WEBSOCKET_ACCEPT_CHARS + 1];
  LdsSpan text, line, name, value;
  Fields fields = {0};

  *status = 0;
  *reason = NULL;
  if (end == NULL)
    {
      if (searched < LDS_WEBSOCKET_ANSWER_MAX_BYTES)
        return LDS_WEBSOCKET_ANSWER_INCOMPLETE;
      *reason = "the head of the answer is too large";
      return LDS_WEBSOCKET_ANSWER_REFUSED;
    }
  text = (LdsSpan){data, (size_t)(end + 2 - data)};
  if (next_line (&text, &line))
    *status = read_status (line);
  if (*status == 0)
    *reason = "the answer is not HTTP/1.1";
  else if (*status != 101)
    *reason = "the server does not change to the WebSocket protocol";
  while (*reason == NULL && text.length > 0)
    if (next_line (&text, &line) && split_line (line, &name, &value))
      take_field (&fields, name, value);
    else
      *reason = "the answer has a malformed header field";
  if (*reason != NULL)
    return LDS_WEBSOCKET_ANSWER_REFUSED;

  lds_websocket_accept (key, accept);
  if (!fields.websocket || !fields.connection)
    *reason = "the answer changes to another protocol than WebSocket";
  else if (fields.accepts != 1 || !lds_span_equal (fields.accept, accept))
    *reason = "Sec-WebSocket-Accept does not fit the key";
  else if (fields.choices)
    *reason = "the answer chooses a subprotocol or an extension that nobody offered";
  if (*reason != NULL)
    return LDS_WEBSOCKET_ANSWER_REFUSED;
  *head_bytes = (size_t)(end + 4 - data);
  return LDS_WEBSOCKET_ANSWER_ACCEPTED;
}
