/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer to the one request that checks a server: whole, to come, or malformed, however cut. */
#include <string.h>

#include "lds-child-process.h"
#include "lds-http-check.h"

/* @state: of the whole text when more may come; @ended_state: when the connection was closed */
static void
check (const char *text,
       int state,
       int ended_state,
       guint status,
       const char *body)
{
  gsize size = strlen (text);

  for (int ended = 0; ended < 2; ended++)
    {
      guint got_status = 0;
      g_autoptr (GBytes) got = NULL;

      g_assert_cmpint (lds_http_check_parse (text, size, ended, &got_status, &got), ==,
                       ended ? ended_state : state);
      if ((ended ? ended_state : state) != 1)
        continue;
      g_assert_cmpuint (got_status, ==, status);
      g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), body, strlen (body));
    }
  /* No part of an answer that is to come is refused. */
  for (gsize n = 0; state >= 0 && n < size; n++)
    {
      guint got_status = 0;
      g_autoptr (GBytes) got = NULL;

      g_assert_cmpint (lds_http_check_parse (text, n, FALSE, &got_status, &got), ==, 0);
    }
}

static void
test_parse (void)
{
  check ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 1, 1, 200, "hello");
  check ("HTTP/1.1 200 OK\r\nX: y\r\ncontent-length:5\r\n\r\nhello", 1, 1, 200, "hello");
  check ("HTTP/1.0 503 No\r\n\r\nbye", 0, 1, 503, "bye");
  check ("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 1, 1, 204, "");
  /* What has no end answers with its head. */
  check ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", 1, 1, 101, "");
  check ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", 1, 1, 200, "");
  check ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", 0, 1, 200, "");
  check ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", 0, -1, 200, "");
  check ("HTTP/1.1 200 OK\r\nContent-Len", 0, -1, 200, "");
  check ("", 0, -1, 0, "");
  check ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", -1, -1, 0, "");
  check ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", -1, -1, 0, "");
  check ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", -1, -1, 0, "");
  check ("HTTP/2 200 OK\r\n\r\n", -1, -1, 0, "");
  check ("HTTP/1.1 2x0 OK\r\n\r\n", -1, -1, 0, "");
  check ("HTTP/1.\r\n\r\n", -1, -1, 0, "");
  check ("\r\n\r\n", -1, -1, 0, "");
}

static void
check_sanitized (const char *text,
                 gssize length,
                 const char *expected)
{
  g_autofree char *clean = lds_child_process_sanitize (text, length);

  g_assert_cmpstr (clean, ==, expected);
}

static void
test_sanitize (void)
{
  g_autofree char *huge = g_strnfill (100000, 'a');
  g_autofree char *clean = lds_child_process_sanitize (huge, -1);

  check_sanitized ("plain", -1, "plain");
  check_sanitized (" a\tb\n", -1, "a b");
  check_sanitized ("\033[31mred", -1, "[31mred");
  check_sanitized ("\xff", -1, "\357\277\275");
  check_sanitized ("a\0b", 3, "a\357\277\275b");
  check_sanitized ("", -1, "");
  g_assert_cmpuint (strlen (clean), ==, 500);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/http-check/parse", test_parse);
  g_test_add_func ("/bench/child-process/sanitize", test_sanitize);
  return g_test_run ();
}
