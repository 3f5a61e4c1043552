/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Server-sent events: every text whole, cut in two at every byte, and byte by byte. */
#include <glib.h>
#include <string.h>

#include "lds-event-stream.h"

#define MAX_BYTES 64

/* Feeds one piece, which is gone afterwards. Returns FALSE when it is too large. */
static gboolean
feed (LdsEventStream *stream,
      const char *data,
      gsize size,
      GString *found)
{
  g_autofree char *piece = g_memdup2 (data, size);
  gsize at = 0;
  LdsEventStreamEvent event;

  while ((event = lds_event_stream_next (stream, piece, size, &at)) == LDS_EVENT_STREAM_EVENT)
    {
      g_string_append_c (found, '[');
      g_string_append_len (found, stream->data.data, (gssize)stream->data.length);
      g_string_append_c (found, ']');
    }
  if (event == LDS_EVENT_STREAM_MORE)
    g_assert_cmpuint (at, ==, size);
  return event == LDS_EVENT_STREAM_MORE;
}

/* @expected: the data of each event in brackets; NULL when it is too large */
static void
check (const char *text,
       const char *expected)
{
  gsize size = strlen (text);

  /* Cut behind @cut bytes; the last round goes byte by byte. */
  for (gsize cut = 0; cut <= size + 1; cut++)
    {
      g_autoptr (GString) found = g_string_new (NULL);
      LdsEventStream stream;
      gboolean ok = TRUE;

      lds_event_stream_init (&stream, MAX_BYTES);
      if (cut <= size)
        ok = feed (&stream, text, cut, found) && feed (&stream, text + cut, size - cut, found);
      else
        for (gsize i = 0; i < size && ok; i++)
          ok = feed (&stream, text + i, 1, found);
      g_assert_cmpint (ok, ==, expected != NULL);
      if (ok)
        g_assert_cmpstr (found->str, ==, expected);
      else
        g_assert_false (feed (&stream, "\n\n", 2, found));
      lds_event_stream_clear (&stream);
    }
}

static void
test_events (void)
{
  static const char *const cases[][2] = {
      {"", ""},
      {"data: a\n\n", "[a]"},
      {"data: a\n\ndata: b\n\n", "[a][b]"},
      {"data:a\r\n\r\ndata:  b\r\rdata:c\n\n", "[a][ b][c]"},
      {"data: first\ndata: second\ndata:\ndata\n\n", "[first\nsecond\n\n]"},
      {"data: a", ""},
      {"data: a\n", ""},
      {"data\n\n", "[]"},
      {"\n\n\r\n", ""},
      {": a comment\n\nevent: score\nid: 7\nretry: 10\ndata: a\n\n", "[a]"},
      {"database: a\n\ndat: b\n\nDATA: c\n\n data: d\n\n", ""},
      {"\xef\xbb\xbf"
       "data: a\n\n\xef\xbb\xbf"
       "data: b\n\n",
       "[a]"},
      {"event: nothing\n\ndata: a\nevent: score\n\n", "[a]"},
      {"data: a\n: in between\ndata: b\n\n", "[a\nb]"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check (cases[i][0], cases[i][1]);
}

static void
test_limits (void)
{
  g_autofree char *most = g_strnfill (MAX_BYTES - strlen ("data:"), 'x'),
                  *line = g_strdup_printf ("data:%s\n\n", most),
                  *event = g_strdup_printf ("[%s]", most),
                  *too_long = g_strnfill (MAX_BYTES + 1, 'x'),
                  *no_end = g_strdup_printf (":%s", too_long),
                  *too_large = g_strdup_printf ("data:%s\n\n", too_long),
                  *in_lines = g_strdup_printf ("data:%s\ndata:%s\n\n", most, most);

  check (line, event);
  check (no_end, NULL);
  check (too_large, NULL);
  check (in_lines, NULL);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/event-stream/events", test_events);
  g_test_add_func ("/net/event-stream/limits", test_limits);
  return g_test_run ();
}
