/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The response parser: every framing, cut at every byte, and everything a hostile server may send. */
#include <glib.h>
#include <string.h>

#include "lds-http-response.h"

typedef struct
{
  LdsHttpResponseEvent event;
  guint status;
  gboolean keep_alive;
  gsize used; /* bytes of the input up to the end of the response */
  GString *body;
} Outcome;

static void
outcome_clear (Outcome *outcome)
{
  g_string_free (outcome->body, TRUE);
}

/* Feeds @data in pieces that end at @cuts, then ends the connection if @end. Each piece is a copy of
 * its exact size, so that a sanitizer sees a read beyond it. */
static Outcome
parse (const char *data,
       gsize size,
       const gsize *cuts,
       guint n_cuts,
       gboolean end,
       gboolean head_request,
       LdsHttpHeadCache *cache)
{
  Outcome outcome = {.event = LDS_HTTP_RESPONSE_MORE, .body = g_string_new (NULL)};
  LdsHttpResponse parser;
  gsize from = 0;

  lds_http_response_init (&parser, cache);
  lds_http_response_begin (&parser, head_request);
  for (guint i = 0; i <= n_cuts && outcome.event == LDS_HTTP_RESPONSE_MORE; i++)
    {
      gsize to = i < n_cuts ? cuts[i] : size, at = 0, span_size = 0;
      g_autofree char *piece = g_memdup2 (data + from, to - from);
      const char *span = NULL;

      do
        {
          outcome.event =
              lds_http_response_next (&parser, piece, to - from, &at, &span, &span_size);
          g_assert_cmpuint (at, <=, to - from);
          if (outcome.event == LDS_HTTP_RESPONSE_BODY)
            {
              g_assert_cmpuint (span_size, >, 0);
              g_assert_true (span >= piece && span + span_size <= piece + (to - from));
              g_string_append_len (outcome.body, span, (gssize)span_size);
            }
        }
      while (outcome.event == LDS_HTTP_RESPONSE_BODY);
      if (outcome.event == LDS_HTTP_RESPONSE_MORE)
        g_assert_cmpuint (at, ==, to - from);
      outcome.used = from + at;
      from = to;
    }
  if (end && outcome.event == LDS_HTTP_RESPONSE_MORE && lds_http_response_end (&parser))
    outcome.event = LDS_HTTP_RESPONSE_DONE;
  outcome.status = parser.head.status;
  outcome.keep_alive = parser.head.keep_alive;
  lds_http_response_clear (&parser);
  return outcome;
}

typedef struct
{
  const char *data;
  LdsHttpResponseEvent event;
  guint status;
  gboolean keep_alive;
  const char *body;
  gboolean end;
  gboolean head_request;
  gsize unused; /* bytes at the end that are not the response's */
} Case;

#define OK(data_, status_, keep_, body_)                     \
  {                                                          \
    data_, LDS_HTTP_RESPONSE_DONE, status_, keep_, body_, 0, \
  }
#define BAD(data_)                        \
  {                                       \
    data_, LDS_HTTP_RESPONSE_MALFORMED, 0 \
  }

static const Case cases[] = {
    OK ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, TRUE, "hello"),
    OK ("HTTP/1.1 200\r\ncontent-length:5\r\n\r\nhello", 200, TRUE, "hello"),
    OK ("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", 200, TRUE, "hello"),
    OK ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, TRUE, ""),
    OK ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 200, TRUE, "abc"),
    OK ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, FALSE, "ok"),
    OK ("HTTP/1.1 200 OK\r\nConnection: Upgrade, Close\r\nContent-Length: 2\r\n\r\nok", 200, FALSE, "ok"),
    OK ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, FALSE, "ok"),
    OK ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 200, TRUE, "ok"),
    OK ("HTTP/1.1 204 No Content\r\n\r\n", 204, TRUE, ""),
    OK ("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", 304, TRUE, ""),
    OK ("HTTP/1.1 503 Busy\r\nX-Empty:\r\nContent-Length: 1\r\n\r\n!", 503, TRUE, "!"),
    OK ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
        200,
        TRUE,
        "a"),
    OK ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n00A;x=\"y\"\r\n, worldly!\r\n0\r\n\r\n",
        200,
        TRUE,
        "hello, worldly!"),
    OK ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n1\r\nz\r\n0\r\nTrailer: 1\r\nB: 2\r\n\r\n",
        200,
        TRUE,
        "z"),
    OK ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, TRUE, ""),
    {"HTTP/1.1 200 OK\r\n\r\nto the end", LDS_HTTP_RESPONSE_DONE, 200, FALSE, "to the end", .end = TRUE},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nto the end", LDS_HTTP_RESPONSE_DONE, 200, FALSE, "to the end", .end = TRUE},
    {"HTTP/1.1 200 OK\r\n\r\n", LDS_HTTP_RESPONSE_DONE, 200, FALSE, "", .end = TRUE},
    {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", LDS_HTTP_RESPONSE_DONE, 200, TRUE, "", .head_request = TRUE},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1", LDS_HTTP_RESPONSE_DONE, 200, TRUE, "ok", .unused = 8},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", LDS_HTTP_RESPONSE_MORE, 200, TRUE, "hell", .end = TRUE},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", LDS_HTTP_RESPONSE_MORE, 200, TRUE, "hello", .end = TRUE},
    {"HTTP/1.1 20", LDS_HTTP_RESPONSE_MORE, 0, FALSE, "", .end = TRUE},
    BAD ("\r\nHTTP/1.1 200 OK\r\n\r\n"),
    BAD ("SSH-2.0-OpenSSH_9.2\r\n"),
    BAD ("HTTP/2 200 OK\r\n\r\n"),
    BAD ("HTTP/1.2 200 OK\r\n\r\n"),
    BAD ("HTTP/1.1  200 OK\r\n\r\n"),
    BAD ("HTTP/1.1 2000 OK\r\n\r\n"),
    BAD ("HTTP/1.1 20x OK\r\n\r\n"),
    BAD ("HTTP/1.1 099 Low\r\n\r\n"),
    BAD ("HTTP/1.1 600 High\r\n\r\n"),
    BAD ("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nNo colon\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nSpace : x\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\n: x\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nA: x\r\n folded\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nA: x\ry\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nContent-Length: 1,1\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
    BAD ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
    BAD ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000001\r\na\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"),
    BAD ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n folded\r\n\r\n"),
};

static void
check (const Case *c,
       const gsize *cuts,
       guint n_cuts,
       LdsHttpHeadCache *cache)
{
  gsize size = strlen (c->data);
  Outcome outcome = parse (c->data, size, cuts, n_cuts, c->end, c->head_request, cache);

  g_test_message ("%s", c->data);
  g_assert_cmpint (outcome.event, ==, c->event);
  if (c->event != LDS_HTTP_RESPONSE_MALFORMED)
    {
      g_assert_cmpuint (outcome.status, ==, c->status);
      g_assert_cmpint (outcome.keep_alive, ==, c->keep_alive);
      g_assert_cmpstr (outcome.body->str, ==, c->body);
    }
  /* What follows the response is left to the caller, unless it came in a later piece. */
  if (c->event == LDS_HTTP_RESPONSE_DONE && n_cuts == 0)
    g_assert_cmpuint (outcome.used, ==, size - c->unused);
  outcome_clear (&outcome);
}

static void
test_whole (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check (&cases[i], NULL, 0, NULL);
}

static void
test_every_split (void)
{
  LdsHttpHeadCache cache = {0};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize size = strlen (cases[i].data);
      g_autofree gsize *every = g_new (gsize, size);

      for (gsize first = 1; first < size; first++)
        for (gsize second = first; second < size; second++)
          check (&cases[i], (gsize[]){first, second}, 2, &cache);
      for (gsize n = 0; n + 1 < size; n++)
        every[n] = n + 1;
      check (&cases[i], every, (guint)size - 1, &cache);
    }
}

/* One cache between all cases must change nothing, in whatever order they come. */
static void
test_cache (void)
{
  LdsHttpHeadCache cache = {0};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint j = 0; j < G_N_ELEMENTS (cases); j++)
      {
        check (&cases[i], NULL, 0, &cache);
        check (&cases[j], NULL, 0, &cache);
      }
}

static void
assert_refused (GString *data)
{
  Outcome outcome = parse (data->str, data->len, NULL, 0, FALSE, FALSE, NULL);

  g_assert_cmpint (outcome.event, ==, LDS_HTTP_RESPONSE_MALFORMED);
  outcome_clear (&outcome);
}

static void
test_limits (void)
{
  g_autoptr (GString) lines = g_string_new ("HTTP/1.1 200 OK\r\n");
  g_autoptr (GString) longest = g_string_new ("HTTP/1.1 200 OK\r\nA: ");
  g_autoptr (GString) interim = g_string_new (NULL);
  g_autoptr (GString) extension = g_string_new ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;");
  g_autoptr (GString) trailers = g_string_new ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
  LdsHttpResponse parser;
  const char *span;
  gsize at, span_size, fed = 0;

  for (guint i = 0; i <= LDS_HTTP_RESPONSE_HEAD_MAX_LINES; i++)
    g_string_append (lines, "a: b\r\n");
  assert_refused (lines);
  while (longest->len < LDS_HTTP_RESPONSE_HEAD_MAX_BYTES)
    g_string_append_c (longest, 'x');
  assert_refused (longest);
  for (guint i = 0; i <= LDS_HTTP_RESPONSE_INTERIM_MAX; i++)
    g_string_append (interim, "HTTP/1.1 100 Continue\r\n\r\n");
  assert_refused (interim);
  while (extension->len < 2 * LDS_HTTP_RESPONSE_CHUNK_EXTRA_MAX_BYTES)
    g_string_append_c (extension, 'x');
  assert_refused (extension);
  while (trailers->len < 2 * LDS_HTTP_RESPONSE_CHUNK_EXTRA_MAX_BYTES)
    g_string_append (trailers, "T: x\r\n");
  assert_refused (trailers);

  /* A head without end, a byte at a time: refused at the limit, not collected for ever. */
  lds_http_response_init (&parser, NULL);
  lds_http_response_begin (&parser, FALSE);
  at = 0;
  g_assert_cmpint (
      lds_http_response_next (&parser, "HTTP/1.1 200 OK\r\nA: ", 20, &at, &span, &span_size), ==,
      LDS_HTTP_RESPONSE_MORE);
  do
    {
      at = 0;
      g_assert_cmpuint (fed++, <=, LDS_HTTP_RESPONSE_HEAD_MAX_BYTES);
    }
  while (lds_http_response_next (&parser, "x", 1, &at, &span, &span_size) == LDS_HTTP_RESPONSE_MORE);
  lds_http_response_clear (&parser);
}

/* One parser, one connection, many responses: a hundred of each kind behind another. */
static void
test_keep_alive (void)
{
  static const char data[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
  g_autoptr (GString) stream = g_string_new (NULL);
  LdsHttpHeadCache cache = {0};
  LdsHttpResponse parser;
  gsize at = 0, span_size = 0;
  const char *span = NULL;

  for (guint i = 0; i < 100; i++)
    g_string_append (stream, data);
  lds_http_response_init (&parser, &cache);
  for (guint i = 0; i < 200; i++)
    {
      lds_http_response_begin (&parser, FALSE);
      g_assert_false (lds_http_response_has_begun (&parser));
      g_assert_cmpint (
          lds_http_response_next (&parser, stream->str, stream->len, &at, &span, &span_size), ==,
          LDS_HTTP_RESPONSE_BODY);
      g_assert_cmpmem (span, span_size, "ok", 2);
      g_assert_true (lds_http_response_has_begun (&parser));
      g_assert_cmpint (
          lds_http_response_next (&parser, stream->str, stream->len, &at, &span, &span_size), ==,
          LDS_HTTP_RESPONSE_DONE);
    }
  g_assert_cmpuint (at, ==, stream->len);
  lds_http_response_clear (&parser);
}

/* Random bytes, and good responses with random damage: any verdict, no read outside, and an end. */
static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  LdsHttpHeadCache cache = {0};

  for (guint round = 0; round < 20000; round++)
    {
      const Case *c = &cases[g_rand_int_range (rand, 0, G_N_ELEMENTS (cases))];
      gsize size = strlen (c->data), cuts[2];
      g_autofree char *data = g_memdup2 (c->data, size);
      Outcome outcome;

      for (gint n = g_rand_int_range (rand, 0, 4); n > 0; n--)
        data[g_rand_int_range (rand, 0, (gint)size)] = (char)g_rand_int_range (rand, 0, 256);
      if (round % 10 == 0)
        for (gsize i = 7; i < size; i++)
          data[i] = (char)g_rand_int_range (rand, 0, 256);
      cuts[0] = (gsize)g_rand_int_range (rand, 0, (gint)size);
      cuts[1] = (gsize)g_rand_int_range (rand, (gint)cuts[0], (gint)size);
      outcome = parse (data, size, cuts, 2, g_rand_boolean (rand), g_rand_boolean (rand), &cache);
      g_assert_cmpuint (outcome.body->len, <=, size);
      outcome_clear (&outcome);
    }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/http-response/whole", test_whole);
  g_test_add_func ("/net/http-response/every-split", test_every_split);
  g_test_add_func ("/net/http-response/cache", test_cache);
  g_test_add_func ("/net/http-response/limits", test_limits);
  g_test_add_func ("/net/http-response/keep-alive", test_keep_alive);
  g_test_add_func ("/net/http-response/random", test_random);
  return g_test_run ();
}
