/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Response heads: every field, the room they need. */
#include "lds-http-writer.h"

#include <glib.h>
#include <string.h>

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

/* Every status that the server or the parser can answer has its phrase. */
static void
test_phrases (void)
{
  static const int statuses[] = {200, 201, 204, 400, 404, 405, 408, 413, 414,
                                 417, 431, 500, 501, 502, 503, 504, 505};

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
  g_test_add_func ("/net/http-writer/phrases", test_phrases);
  g_test_add_func ("/net/http-writer/date", test_date);
  return g_test_run ();
}
