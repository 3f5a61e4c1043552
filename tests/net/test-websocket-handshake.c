/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The WebSocket handshake: the RFC's example, every refusal, both sides against each other. */
#include "lds-websocket-handshake.h"

#include <glib.h>

/* RFC 6455 section 1.3. */
#define SAMPLE_KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define SAMPLE_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static bool
check (const char *text,
       LdsWebsocketHandshake *handshake)
{
  LdsHttpLimits limits = LDS_HTTP_LIMITS_DEFAULT;
  g_autofree char *data = g_strdup (text);
  size_t length = strlen (text);
  LdsHttpRequest request;

  lds_http_request_reset (&request);
  g_assert_cmpint (lds_http_request_parse (&request, data, &length, &limits), ==,
                   LDS_HTTP_REQUEST_COMPLETE);
  return lds_websocket_handshake_check (&request, data, handshake);
}

static void
test_example (void)
{
  LdsWebsocketHandshake handshake;
  char answer[LDS_WEBSOCKET_ANSWER_ROOM_BYTES], key[LDS_WEBSOCKET_KEY_CHARS + 1];
  size_t n;

  g_assert_true (check ("GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Key: " SAMPLE_KEY "\r\n"
                        "Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
                        "Sec-WebSocket-Extensions: permessage-deflate\r\n"
                        "Sec-WebSocket-Version: 13\r\n\r\n",
                        &handshake));
  g_assert_cmpint (handshake.status, ==, 101);
  g_assert_cmpstr (handshake.accept, ==, SAMPLE_ACCEPT);
  n = lds_websocket_write_answer (answer, handshake.accept);
  g_assert_cmpmem (answer, n,
                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: " SAMPLE_ACCEPT "\r\n\r\n",
                   n);
  lds_websocket_key ((const uint8_t *)"the sample nonce", key);
  g_assert_cmpstr (key, ==, SAMPLE_KEY);
}

#define HEAD    "GET / HTTP/1.1\r\nHost: a\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define WITH    "Sec-WebSocket-Key: "

static void
test_requests (void)
{
  static const struct
  {
    int status;
    const char *text;
  } cases[] = {
      {101, HEAD UPGRADE VERSION WITH SAMPLE_KEY "\r\n\r\n"},
      {101, HEAD "connection: keep-alive, UPGRADE\r\nupgrade: h2c, WebSocket\r\n" VERSION WITH SAMPLE_KEY "\r\n\r\n"},
      {101, HEAD UPGRADE VERSION "Content-Length: 0\r\n" WITH SAMPLE_KEY "\r\n\r\n"},
      {101, HEAD UPGRADE VERSION WITH "AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"},
      {101, HEAD UPGRADE VERSION WITH "/+8/+8/+8/+8/+8/+8/+8w==\r\n\r\n"},
      /* another protocol, or another version of it */
      {426, HEAD "\r\n"},
      {426, HEAD "Connection: Upgrade\r\nUpgrade: websocket2\r\n" VERSION WITH SAMPLE_KEY "\r\n\r\n"},
      {426, HEAD "Connection: Upgrade\r\n" VERSION WITH SAMPLE_KEY "\r\n\r\n"},
      {426, HEAD UPGRADE WITH SAMPLE_KEY "\r\n\r\n"},
      {426, HEAD UPGRADE "Sec-WebSocket-Version: 8\r\n" WITH SAMPLE_KEY "\r\n\r\n"},
      {426, HEAD UPGRADE "Sec-WebSocket-Version: 013\r\n" WITH SAMPLE_KEY "\r\n\r\n"},
      {426, HEAD UPGRADE "Sec-WebSocket-Version: 13, 8\r\n" WITH SAMPLE_KEY "\r\n\r\n"},
      {426, HEAD UPGRADE "Sec-WebSocket-Version:\r\n" WITH SAMPLE_KEY "\r\n\r\n"},
      /* not a request for it */
      {400, "POST / HTTP/1.1\r\nHost: a\r\n" UPGRADE VERSION WITH SAMPLE_KEY "\r\n\r\n"},
      {400, "HEAD / HTTP/1.1\r\nHost: a\r\n" UPGRADE VERSION WITH SAMPLE_KEY "\r\n\r\n"},
      {400, "GET / HTTP/1.0\r\nHost: a\r\n" UPGRADE VERSION WITH SAMPLE_KEY "\r\n\r\n"},
      {400, HEAD UPGRADE VERSION "Content-Length: 1\r\n" WITH SAMPLE_KEY "\r\n\r\nx"},
      {400, HEAD "Upgrade: websocket\r\n" VERSION WITH SAMPLE_KEY "\r\n\r\n"},
      {400, HEAD "Upgrade: websocket\r\nConnection: close\r\n" VERSION WITH SAMPLE_KEY "\r\n\r\n"},
      {400, HEAD UPGRADE VERSION VERSION WITH SAMPLE_KEY "\r\n\r\n"},
      /* keys */
      {400, HEAD UPGRADE VERSION "\r\n"},
      {400, HEAD UPGRADE VERSION WITH SAMPLE_KEY "\r\n" WITH SAMPLE_KEY "\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "dGhlIHNhbXBsZSBub25jZQ=\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "dGhlIHNhbXBsZSBub25jZQ\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "dGhlIHNhbXBsZSBub25jZQ===\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "dGhlIHNhbXBsZSBub25jZWU=\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "dGhlIHNhbXBsZSBub25jZWVl\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "dGhlIHNhbXBsZSBub25jZR==\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "dGhlIHNhbXBsZSBub25jZQ= \t=\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "dGhlIHNhbXBsZSB b25jZQ==\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "dGhlIHNhbXBs ZSBub25jZQ=\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "dGhlIHNhbXBsZSB*b25jZQ==\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "dGhlIHNhbXBsZSB\xc3\xa9"
                                      "5jZQ==\r\n\r\n"},
      {400, HEAD UPGRADE VERSION WITH "========================\r\n\r\n"},
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      LdsWebsocketHandshake handshake;

      g_test_message ("case %zu", i);
      g_assert_cmpint (check (cases[i].text, &handshake), ==, cases[i].status == 101);
      g_assert_cmpint (handshake.status, ==, cases[i].status);
      if (cases[i].status != 101)
        g_assert_nonnull (handshake.reason);
      if (cases[i].status != 426)
        g_assert_null (handshake.extra_fields);
      else
        g_assert_cmpstr (handshake.extra_fields, ==,
                         "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
    }
}

/* What one side writes the other takes, cut at every place. */
static void
test_both_sides (void)
{
  char key[LDS_WEBSOCKET_KEY_CHARS + 1], request[512], answer[LDS_WEBSOCKET_ANSWER_ROOM_BYTES];
  LdsWebsocketHandshake handshake;
  size_t n, head_bytes = 0;
  const char *reason;
  int status;

  lds_websocket_key ((const uint8_t *)"0123456789abcdef", key);
  n = lds_websocket_write_request (request, sizeof request, "/chat?room=1", "127.0.0.1:8080", key);
  g_assert_cmpuint (n, ==, strlen (request));
  g_assert_true (check (request, &handshake));
  n = lds_websocket_write_answer (answer, handshake.accept);
  memcpy (answer + n, "\x81\x00", 2);
  for (size_t length = 0; length < n; length++)
    g_assert_cmpint (lds_websocket_read_answer (answer, length, key, &head_bytes, &status, &reason),
                     ==, LDS_WEBSOCKET_ANSWER_INCOMPLETE);
  for (size_t length = n; length <= n + 2; length++)
    {
      g_assert_cmpint (
          lds_websocket_read_answer (answer, length, key, &head_bytes, &status, &reason), ==,
          LDS_WEBSOCKET_ANSWER_ACCEPTED);
      g_assert_cmpuint (head_bytes, ==, n);
    }

  n = strlen (request);
  g_assert_cmpuint (lds_websocket_write_request (request, n, "/chat?room=1", "127.0.0.1:8080", key), ==, 0);
  g_assert_cmpuint (lds_websocket_write_request (request, n + 1, "/chat?room=1", "127.0.0.1:8080", key), ==, n);
}

#define ANSWER "HTTP/1.1 101 Switching Protocols\r\n"
#define ACCEPT "Sec-WebSocket-Accept: " SAMPLE_ACCEPT "\r\n"

static void
test_answers (void)
{
  static const struct
  {
    bool accepted;
    int status;
    const char *text;
  } cases[] = {
      {true, 101, ANSWER UPGRADE ACCEPT "\r\n"},
      {true, 101, "HTTP/1.1 101\r\nX: y\r\n" UPGRADE "sec-websocket-accept:\t" SAMPLE_ACCEPT " \r\n\r\n"},
      {false, 200, "HTTP/1.1 200 OK\r\n" UPGRADE ACCEPT "\r\n"},
      {false, 404, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
      {false, 0, "HTTP/1.0 101 Switching Protocols\r\n" UPGRADE ACCEPT "\r\n"},
      {false, 0, "HTTP/1.1 1010 Switching Protocols\r\n" UPGRADE ACCEPT "\r\n"},
      {false, 0, "HTTP/1.1 10x Switching Protocols\r\n" UPGRADE ACCEPT "\r\n"},
      {false, 0, "HTTP/1.1 101 Switching Protocols\n" UPGRADE ACCEPT "\r\n"},
      {false, 0, "SSH-2.0-x\r\n\r\n"},
      {false, 0, "\r\n\r\n"},
      {false, 101, ANSWER "\r\n"},
      {false, 101, ANSWER "Connection: Upgrade\r\n" ACCEPT "\r\n"},
      {false, 101, ANSWER "Upgrade: websocket\r\n" ACCEPT "\r\n"},
      {false, 101, ANSWER UPGRADE "\r\n"},
      {false, 101, ANSWER UPGRADE ACCEPT ACCEPT "\r\n"},
      {false, 101, ANSWER UPGRADE "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"},
      {false, 101, ANSWER UPGRADE "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo\r\n\r\n"},
      {false, 101, ANSWER UPGRADE ACCEPT "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"},
      {false, 101, ANSWER UPGRADE ACCEPT "Sec-WebSocket-Protocol: chat\r\n\r\n"},
      {false, 101, ANSWER UPGRADE " folded\r\n" ACCEPT "\r\n"},
      {false, 101, ANSWER UPGRADE "no colon\r\n" ACCEPT "\r\n"},
      {false, 101, ANSWER UPGRADE "X : y\r\n" ACCEPT "\r\n"},
      {false, 101, ANSWER UPGRADE ": y\r\n" ACCEPT "\r\n"},
      {false, 101, ANSWER UPGRADE "X: y\n" ACCEPT "\r\n"},
  };
  g_autofree char *large = g_strnfill (LDS_WEBSOCKET_ANSWER_MAX_BYTES, 'x');
  size_t head_bytes;
  const char *reason;
  int status;

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      LdsWebsocketAnswer answer = lds_websocket_read_answer (
          cases[i].text, strlen (cases[i].text), SAMPLE_KEY, &head_bytes, &status, &reason);

      g_test_message ("case %zu", i);
      g_assert_cmpint (status, ==, cases[i].status);
      if (cases[i].accepted)
        g_assert_cmpint (answer, ==, LDS_WEBSOCKET_ANSWER_ACCEPTED);
      else
        {
          g_assert_cmpint (answer, ==, LDS_WEBSOCKET_ANSWER_REFUSED);
          g_assert_nonnull (reason);
        }
    }

  g_assert_cmpint (lds_websocket_read_answer (large, LDS_WEBSOCKET_ANSWER_MAX_BYTES - 1, SAMPLE_KEY,
                                              &head_bytes, &status, &reason),
                   ==, LDS_WEBSOCKET_ANSWER_INCOMPLETE);
  g_assert_cmpint (lds_websocket_read_answer (large, LDS_WEBSOCKET_ANSWER_MAX_BYTES, SAMPLE_KEY,
                                              &head_bytes, &status, &reason),
                   ==, LDS_WEBSOCKET_ANSWER_REFUSED);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/websocket-handshake/example", test_example);
  g_test_add_func ("/net/websocket-handshake/requests", test_requests);
  g_test_add_func ("/net/websocket-handshake/both-sides", test_both_sides);
  g_test_add_func ("/net/websocket-handshake/answers", test_answers);
  return g_test_run ();
}
