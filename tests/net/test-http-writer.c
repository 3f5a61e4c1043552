/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Response heads and chunks: every field, the room they need, what our own parsers make of them. */
#include "lds-http-writer.h"

#include "lds-http-request.h"
#include "lds-http-response.h"

#include <glib.h>

static char *
head_text (const LdsHttpReplyHead *head)
{
  char buffer[LDS_HTTP_HEAD_ROOM_BYTES + 4];
  size_t length;

  memcpy (buffer + LDS_HTTP_HEAD_ROOM_BYTES, "BODY", 4);
  length = lds_http_write_head_before (buffer + LDS_HTTP_HEAD_ROOM_BYTES, LDS_HTTP_HEAD_ROOM_BYTES,
                                       head);
  g_assert_cmpuint (length, >, 0);
  return g_strndup (buffer + LDS_HTTP_HEAD_ROOM_BYTES - length, length + 4);
}

static void
test_fields (void)
{
  g_autofree char *plain = head_text (&(LdsHttpReplyHead){.status = 200, .content_length = 4});
  g_autofree char *full = head_text (&(LdsHttpReplyHead){
      .status = 405,
      .content_type = "text/plain",
      .extra_fields = "Allow: GET, HEAD\r\n",
      .content_length = G_MAXUINT64,
      .date = "Sat, 21 Nov 2026 11:00:00 GMT",
      .close = true,
  });
  g_autofree char *old = head_text (&(LdsHttpReplyHead){.status = 204, .version_1_0 = true});

  g_assert_cmpstr (plain, ==, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nBODY");
  g_assert_cmpstr (full, ==,
                   "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain\r\n"
                   "Content-Length: 18446744073709551615\r\nAllow: GET, HEAD\r\n"
                   "Date: Sat, 21 Nov 2026 11:00:00 GMT\r\nConnection: close\r\n\r\nBODY");
  g_assert_cmpstr (old, ==, "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\nBODY");
}

static void
test_room (void)
{
  const LdsHttpReplyHead head = {.status = 200};
  const size_t needed = strlen ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  char buffer[64], untouched[64], huge[LDS_HTTP_HEAD_ROOM_BYTES];

  memset (buffer, '#', sizeof buffer);
  memset (untouched, '#', sizeof untouched);
  g_assert_cmpuint (lds_http_write_head_before (buffer + 64, needed - 1, &head), ==, 0);
  g_assert_cmpmem (buffer, 64, untouched, 64);
  g_assert_cmpuint (lds_http_write_head_before (buffer + 64, needed, &head), ==, needed);
  g_assert_cmpmem (buffer, 64 - needed, untouched, 64 - needed);

  memset (huge, 'x', sizeof huge);
  huge[sizeof huge - 1] = '\0';
  g_assert_cmpuint (lds_http_write_head_before (
                        buffer + 64, 64, &(LdsHttpReplyHead){.status = 200, .extra_fields = huge}),
                    ==, 0);
}

/* A body of unknown length, and statuses that have none. */
static void
test_framing (void)
{
  static const int bodiless[] = {204, 304};
  g_autofree char *chunked =
      head_text (&(LdsHttpReplyHead){.status = 200, .content_length = 9, .stream = true});
  g_autofree char *closing =
      head_text (&(LdsHttpReplyHead){.status = 200, .stream = true, .close = true});
  g_autofree char *old =
      head_text (&(LdsHttpReplyHead){.status = 200, .stream = true, .version_1_0 = true});

  g_assert_cmpstr (chunked, ==, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nBODY");
  g_assert_cmpstr (closing, ==, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nBODY");
  g_assert_cmpstr (old, ==, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nBODY");
  for (size_t i = 0; i < G_N_ELEMENTS (bodiless); i++)
    for (int stream = 0; stream <= 1; stream++)
      {
        g_autofree char *text = head_text (&(LdsHttpReplyHead){.status = bodiless[i],
                                                               .content_length = 4,
                                                               .stream = stream == 1,
                                                               .version_1_0 = true});

        g_assert_false (lds_http_status_has_body (bodiless[i]));
        g_assert_null (strstr (text, "Content-Length"));
        g_assert_null (strstr (text, "Transfer-Encoding"));
        g_assert_nonnull (strstr (text, "Connection: keep-alive"));
      }
  g_assert_false (lds_http_status_has_body (100));
  g_assert_true (lds_http_status_has_body (200));
  g_assert_true (lds_http_status_has_body (500));
}

/* As many extra fields as there is room for, and none that would end the head. */
static void
test_extra (void)
{
  const LdsHttpReplyHead head = {.status = 404, .date = "D", .close = true};
  g_autoptr (GString) extra = g_string_new (NULL);
  char line[64];
  size_t n;

  n = lds_http_write_field (line, sizeof line, "X-Name", (LdsSpan){"a \t\xc3\xa9", 5});
  g_assert_cmpmem (line, n, "X-Name: a \t\xc3\xa9\r\n", n);
  g_assert_cmpuint (lds_http_write_field (line, n - 1, "X-Name", (LdsSpan){"a \t\xc3\xa9", 5}), ==, 0);
  g_assert_cmpuint (lds_http_write_field (line, n, "X-Name", (LdsSpan){"a \t\xc3\xa9", 5}), ==, n);
  g_assert_cmpuint (lds_http_write_field (line, sizeof line, "X", (LdsSpan){NULL, 0}), ==, 5);
  g_assert_cmpuint (lds_http_write_field (line, sizeof line, "X", (LdsSpan){"a\r\nY: b", 7}), ==, 0);
  g_assert_cmpuint (lds_http_write_field (line, sizeof line, "X", (LdsSpan){"a\nb", 3}), ==, 0);
  g_assert_cmpuint (lds_http_write_field (line, sizeof line, "X", (LdsSpan){"a\0b", 3}), ==, 0);
  g_assert_cmpuint (lds_http_write_field (line, sizeof line, "X:", (LdsSpan){"a", 1}), ==, 0);
  g_assert_cmpuint (lds_http_write_field (line, sizeof line, "X\r\nY", (LdsSpan){"a", 1}), ==, 0);
  g_assert_cmpuint (lds_http_write_field (line, sizeof line, "", (LdsSpan){"a", 1}), ==, 0);
  g_assert_cmpuint (lds_http_write_field (line, 8, "X", (LdsSpan){"a", SIZE_MAX - 2}), ==, 0);

  for (int i = 0; i < 200; i++)
    g_string_append_printf (extra, "X-Field-%d: value\r\n", i);
  for (int with_length = 0; with_length <= 1; with_length++)
    {
      g_autofree char *expected =
          g_strconcat ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n", extra->str,
                       "Date: D\r\nConnection: close\r\n\r\n", NULL);
      size_t room = LDS_HTTP_HEAD_FIXED_BYTES + extra->len;
      g_autofree char *buffer = g_malloc (room);
      LdsHttpReplyHead large = head;

      large.extra_fields = extra->str;
      large.extra_bytes = with_length == 1 ? extra->len : 0;
      n = lds_http_write_head_before (buffer + room, room, &large);
      g_assert_cmpmem (buffer + room - n, n, expected, strlen (expected));
      g_assert_cmpuint (lds_http_write_head_before (buffer + room, n - 1, &large), ==, 0);
      g_assert_cmpuint (lds_http_write_head_before (buffer + room, extra->len - 1, &large), ==, 0);
      g_assert_cmpuint (lds_http_write_head_before (buffer + room, n, &large), ==, n);
    }
}

/* Every phrase, field and length at its longest stays within the room that is promised. */
static void
test_fixed_room (void)
{
  g_autofree char *type = g_strnfill (80, 't');
  char buffer[LDS_HTTP_HEAD_FIXED_BYTES];

  for (int status = 200; status < 600; status++)
    g_assert_cmpuint (lds_http_write_head_before (buffer + sizeof buffer, sizeof buffer,
                                                  &(LdsHttpReplyHead){
                                                      .status = status,
                                                      .content_type = type,
                                                      .content_length = G_MAXUINT64,
                                                      .date = lds_http_date (),
                                                      .version_1_0 = true,
                                                  }),
                      >, 0);
}

static void
test_chunks (void)
{
  static const struct
  {
    size_t length;
    const char *line;
  } cases[] = {
      {1, "1\r\n"},
      {15, "f\r\n"},
      {16, "10\r\n"},
      {4095, "fff\r\n"},
      {65536, "10000\r\n"},
  };
  g_autofree char *buffer = g_malloc (65536 + 100), *untouched = g_strnfill (65536 + 100, '#');

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char *data = buffer + LDS_HTTP_CHUNK_ROOM_BYTES, *behind = data + cases[i].length;
      size_t n = strlen (cases[i].line);

      memset (buffer, '#', 65536 + 100);
      g_assert_cmpuint (lds_http_write_chunk_around (data, cases[i].length, n - 1), ==, 0);
      g_assert_cmpmem (buffer, 65536 + 100, untouched, 65536 + 100);
      g_assert_cmpuint (lds_http_write_chunk_around (data, cases[i].length, n), ==, n);
      g_assert_cmpmem (data - n, n, cases[i].line, n);
      g_assert_cmpmem (behind, 3, "\r\n#", 3);
      g_assert_cmpmem (buffer, LDS_HTTP_CHUNK_ROOM_BYTES - n, untouched,
                       LDS_HTTP_CHUNK_ROOM_BYTES - n);
      g_assert_cmpmem (data, cases[i].length, untouched, cases[i].length);
    }
  g_assert_cmpuint (lds_http_write_chunk_around (buffer + 50, 0, 50), ==, 0);
}

/* What is written in chunks comes out of both parsers as it went in. */
static void
test_round_trip (void)
{
  static const LdsHttpLimits limits = LDS_HTTP_LIMITS_DEFAULT;
  g_autoptr (GString) chunks = g_string_new (NULL), body = g_string_new (NULL);
  g_autoptr (GString) asked = g_string_new ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  g_autoptr (GString) got = g_string_new (NULL);
  g_autofree char *head = head_text (&(LdsHttpReplyHead){.status = 200, .stream = true});
  g_autofree char *answer = NULL;
  LdsHttpRequest request;
  LdsHttpResponse response;
  LdsHttpResponseEvent event;
  const char *span;
  size_t length, at = 0, span_bytes;

  for (size_t n = 1; n < 5000; n = n * 2 + 1)
    {
      g_autofree char *buffer = g_malloc (n + 100);
      size_t line;

      for (size_t i = 0; i < n; i++)
        buffer[50 + i] = (char)g_test_rand_int_range (0, 256);
      g_string_append_len (body, buffer + 50, (gssize)n);
      line = lds_http_write_chunk_around (buffer + 50, n, 50);
      g_string_append_len (chunks, buffer + 50 - line,
                           (gssize)(line + n + LDS_HTTP_CHUNK_TAIL_BYTES));
    }
  g_string_append (chunks, LDS_HTTP_LAST_CHUNK);

  g_string_append_len (asked, chunks->str, (gssize)chunks->len);
  lds_http_request_reset (&request);
  length = asked->len;
  g_assert_cmpint (lds_http_request_parse (&request, asked->str, &length, &limits), ==,
                   LDS_HTTP_REQUEST_COMPLETE);
  g_assert_cmpuint (request.total_bytes, ==, length);
  g_assert_cmpmem (lds_http_request_body (&request, asked->str).data, request.body_bytes, body->str,
                   body->len);

  length = strlen (head) - strlen ("BODY") + chunks->len;
  answer = g_malloc (length);
  memcpy (answer, head, length - chunks->len);
  memcpy (answer + length - chunks->len, chunks->str, chunks->len);
  lds_http_response_init (&response, NULL);
  lds_http_response_begin (&response, false);
  while ((event = lds_http_response_next (&response, answer, length, &at, &span, &span_bytes)) ==
         LDS_HTTP_RESPONSE_BODY)
    g_string_append_len (got, span, (gssize)span_bytes);
  g_assert_cmpint (event, ==, LDS_HTTP_RESPONSE_DONE);
  g_assert_cmpuint (at, ==, length);
  g_assert_true (response.head.keep_alive);
  g_assert_cmpmem (got->str, got->len, body->str, body->len);
  lds_http_response_clear (&response);
}

/* Every status that the server or the parser can answer has its phrase. */
static void
test_phrases (void)
{
  static const int statuses[] = {200, 201, 202, 204, 304, 400, 404, 405, 408, 409, 411, 413, 414,
                                 417, 422, 426, 429, 431, 500, 501, 502, 503, 504, 505};

  for (size_t i = 0; i < G_N_ELEMENTS (statuses); i++)
    g_assert_cmpstr (lds_http_status_text (statuses[i]), !=, "Unknown");
  g_assert_cmpstr (lds_http_status_text (299), ==, "Unknown");
}

static void
test_date (void)
{
  g_autoptr (GRegex) form = g_regex_new ("^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} "
                                         "[0-9]{2}:[0-9]{2}:[0-9]{2} GMT$",
                                         0, 0, NULL);

  g_assert_true (g_regex_match (form, lds_http_date (), 0, NULL));
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/http-writer/fields", test_fields);
  g_test_add_func ("/net/http-writer/room", test_room);
  g_test_add_func ("/net/http-writer/framing", test_framing);
  g_test_add_func ("/net/http-writer/extra", test_extra);
  g_test_add_func ("/net/http-writer/fixed-room", test_fixed_room);
  g_test_add_func ("/net/http-writer/chunks", test_chunks);
  g_test_add_func ("/net/http-writer/round-trip", test_round_trip);
  g_test_add_func ("/net/http-writer/phrases", test_phrases);
  g_test_add_func ("/net/http-writer/date", test_date);
  return g_test_run ();
}
