/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The request parser: parts, every cut, refusals, limits, random bytes. */
#include "lds-http-request.h"

#include <glib.h>

static const LdsHttpLimits defaults = {
    .max_line_bytes = 8192,
    .max_head_bytes = 16384,
    .max_fields = 100,
    .max_body_bytes = 65536,
};

/* Parses @text in one go; the caller frees @data. */
static LdsHttpRequestResult
parse (LdsHttpRequest *request,
       const char *text,
       size_t length,
       char **data)
{
  size_t n = length;

  *data = g_memdup2 (text, length);
  lds_http_request_reset (request);
  return lds_http_request_parse (request, *data, &n, &defaults);
}

static void
assert_span (LdsSpan span,
             const char *expected)
{
  g_autofree char *text = g_strndup (span.data, span.length);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_parts (void)
{
  const char *text = "\r\nPUT /slow?ms=200&n=&x HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Wide: \t b c \t\r\n"
                     "content-length: 5\r\n\r\nhelloNEXT";
  g_autofree char *data = NULL;
  LdsHttpRequest request;
  LdsSpan name, value;
  uint32_t cursor = 0;

  g_assert_cmpint (parse (&request, text, strlen (text), &data), ==, LDS_HTTP_REQUEST_COMPLETE);
  g_assert_cmpint (request.method, ==, LDS_HTTP_METHOD_PUT);
  g_assert_true (request.keep_alive);
  g_assert_false (request.chunked);
  assert_span (lds_http_request_method_text (&request, data), "PUT");
  assert_span (lds_http_request_target (&request, data), "/slow?ms=200&n=&x");
  assert_span (lds_http_request_path (&request, data), "/slow");
  assert_span (lds_http_request_query (&request, data), "ms=200&n=&x");
  assert_span (lds_http_request_body (&request, data), "hello");
  g_assert_cmpmem (data + request.total_bytes, 4, "NEXT", 4);

  g_assert_true (lds_http_request_next_field (&request, data, &cursor, &name, &value));
  assert_span (name, "Host");
  assert_span (value, "a");
  g_assert_true (lds_http_request_next_field (&request, data, &cursor, &name, &value));
  assert_span (name, "X-Empty");
  assert_span (value, "");
  g_assert_true (lds_http_request_next_field (&request, data, &cursor, &name, &value));
  assert_span (value, "b c");
  g_assert_true (lds_http_request_next_field (&request, data, &cursor, &name, &value));
  assert_span (name, "content-length");
  g_assert_false (lds_http_request_next_field (&request, data, &cursor, &name, &value));

  g_assert_true (lds_http_request_field (&request, data, "x-wide", &value));
  assert_span (value, "b c");
  g_assert_false (lds_http_request_field (&request, data, "x-wid", &value));
}

static void
test_targets (void)
{
  static const struct
  {
    const char *target, *path, *query, *method;
  } cases[] = {
      {"/", "/", ""},
      {"/a/b?c=d?e", "/a/b", "c=d?e"},
      {"/?", "/", ""},
      {"//x", "//x", ""},
      {"http://host", "/", ""},
      {"http://host?q", "/", "q"},
      {"http://host:80/p?q", "/p", "q"},
      {"/x?u=http://y/z", "/x", "u=http://y/z"},
      {"/a%20b/c:d;e=f@g", "/a%20b/c:d;e=f@g", ""},
      {"HTTPS://host/", "/", ""},
      {"http://[::1]:8080/p", "/p", ""},
      {"http://127.0.0.1:/p", "/p", ""},
      {"http://a.b-c_d~e%2d/p", "/p", ""},
      {"x+y-z.1://host/p", "/p", ""},
      {"*", "*", "", "OPTIONS"},
      {"/", "/", "", "OPTIONS"},
      {"http://host", "/", "", "OPTIONS"},
      {"host:443", "host:443", "", "CONNECT"},
      {"[::1]:443", "[::1]:443", "", "CONNECT"},
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("%s %s HTTP/1.1\r\nHost: a\r\n\r\n",
                                               cases[i].method != NULL ? cases[i].method : "GET",
                                               cases[i].target);
      g_autofree char *data = NULL;
      LdsHttpRequest request;

      g_test_message ("%s", cases[i].target);
      g_assert_cmpint (parse (&request, text, strlen (text), &data), ==, LDS_HTTP_REQUEST_COMPLETE);
      assert_span (lds_http_request_path (&request, data), cases[i].path);
      assert_span (lds_http_request_query (&request, data), cases[i].query);
    }
}

static void
test_query (void)
{
  LdsSpan query = {"ms=200&n=&flag&ms=3", 19}, value;
  uint64_t number = 7;

  g_assert_true (lds_http_query_value (query, "ms", &value));
  assert_span (value, "200");
  g_assert_true (lds_http_parse_uint64 (value, &number));
  g_assert_cmpuint (number, ==, 200);
  g_assert_true (lds_http_query_value (query, "n", &value));
  assert_span (value, "");
  g_assert_false (lds_http_parse_uint64 (value, &number));
  g_assert_true (lds_http_query_value (query, "flag", &value));
  assert_span (value, "");
  g_assert_false (lds_http_query_value (query, "m", &value));
  g_assert_false (lds_http_query_value ((LdsSpan){NULL, 0}, "m", &value));

  g_assert_true (lds_http_parse_uint64 ((LdsSpan){"18446744073709551615", 20}, &number));
  g_assert_cmpuint (number, ==, G_MAXUINT64);
  g_assert_false (lds_http_parse_uint64 ((LdsSpan){"18446744073709551616", 20}, &number));
  g_assert_false (lds_http_parse_uint64 ((LdsSpan){"+1", 2}, &number));
  g_assert_false (lds_http_parse_uint64 ((LdsSpan){"1 ", 2}, &number));
  g_assert_cmpuint (number, ==, G_MAXUINT64);
}

static void
test_keep_alive (void)
{
  static const struct
  {
    const char *text;
    gboolean keep_alive;
  } cases[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", TRUE},
      {"GET / HTTP/1.7\r\nHost: a\r\n\r\n", TRUE},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, ,CLOSE\r\n\r\n", FALSE},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", TRUE},
      {"GET / HTTP/1.0\r\n\r\n", FALSE},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", TRUE},
      {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", FALSE},
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *data = NULL;
      LdsHttpRequest request;

      g_test_message ("case %zu", i);
      g_assert_cmpint (parse (&request, cases[i].text, strlen (cases[i].text), &data), ==,
                       LDS_HTTP_REQUEST_COMPLETE);
      g_assert_cmpint (request.keep_alive, ==, cases[i].keep_alive);
    }
}

static void
test_chunked (void)
{
  const char *text = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                     "5\r\nhello\r\n1;a=\"b\"\r\n \r\n00A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nNEXT";
  g_autofree char *data = NULL;
  LdsHttpRequest request;

  g_assert_cmpint (parse (&request, text, strlen (text), &data), ==, LDS_HTTP_REQUEST_COMPLETE);
  g_assert_true (request.chunked);
  assert_span (lds_http_request_body (&request, data), "hello 0123456789");
  g_assert_cmpmem (data + request.total_bytes, 4, "NEXT", 4);
}

static void
test_continue (void)
{
  const char *text = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nab";
  const char *chunked = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
  const char *old = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  g_autofree char *data = NULL, *chunked_data = NULL, *old_data = NULL;
  LdsHttpRequest request;
  size_t length = strlen (text) - 2;

  g_assert_cmpint (parse (&request, text, length - 1, &data), ==, LDS_HTTP_REQUEST_INCOMPLETE);
  g_assert_false (lds_http_request_wants_continue (&request));
  g_clear_pointer (&data, g_free);
  data = g_memdup2 (text, strlen (text));
  g_assert_cmpint (lds_http_request_parse (&request, data, &length, &defaults), ==,
                   LDS_HTTP_REQUEST_INCOMPLETE);
  g_assert_true (lds_http_request_wants_continue (&request));
  length++;
  lds_http_request_parse (&request, data, &length, &defaults);
  g_assert_false (lds_http_request_wants_continue (&request));
  length++;
  g_assert_cmpint (lds_http_request_parse (&request, data, &length, &defaults), ==,
                   LDS_HTTP_REQUEST_COMPLETE);
  g_assert_false (lds_http_request_wants_continue (&request));

  length = strlen (chunked) - strlen ("1\r\nx\r\n0\r\n\r\n");
  g_assert_cmpint (parse (&request, chunked, length, &chunked_data), ==,
                   LDS_HTTP_REQUEST_INCOMPLETE);
  g_assert_true (lds_http_request_wants_continue (&request));

  /* RFC 9110 section 10.1.1: ignored in HTTP/1.0. */
  g_assert_cmpint (parse (&request, old, strlen (old), &old_data), ==, LDS_HTTP_REQUEST_INCOMPLETE);
  g_assert_false (lds_http_request_wants_continue (&request));
}

/* Two pieces, cut at every place, then byte by byte: always the same. */
static void
test_every_cut (void)
{
  static const char *const texts[] = {
      "GET /slow?ms=200 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
      "\r\nPOST /e HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello\r\n\r\n!!",
      "POST /e HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;ext\r\nhello\r\n6\r\n\r\n\r\n!!\r\n0\r\nA: b\r\nC: d\r\n\r\n",
      "HEAD http://host:1/p?q HTTP/1.1\r\nHost: b\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n",
      "DELETE /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
      "GET /ws HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n",
      "PATCH / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
  };

  for (size_t t = 0; t < G_N_ELEMENTS (texts); t++)
    {
      const char *text = texts[t];
      size_t all = strlen (text);
      g_autofree char *whole_data = NULL;
      LdsHttpRequest whole;

      g_assert_cmpint (parse (&whole, text, all, &whole_data), ==, LDS_HTTP_REQUEST_COMPLETE);
      for (size_t cut = 0; cut <= all; cut++)
        {
          LdsHttpRequest request;
          LdsHttpRequestResult result = LDS_HTTP_REQUEST_INCOMPLETE;
          g_autofree char *data = g_malloc (all);
          size_t length = 0, step = cut == 0 ? 1 : cut;

          lds_http_request_reset (&request);
          for (size_t fed = 0; fed < all; fed += step, step = cut == 0 ? 1 : all - cut)
            {
              g_autofree char *moved = g_malloc (all);

              g_assert_cmpint (result, ==, LDS_HTTP_REQUEST_INCOMPLETE);
              memcpy (data + length, text + fed, step);
              length += step;
              /* The buffer may move between calls. */
              memcpy (moved, data, length);
              memset (data, 'X', all);
              g_free (g_steal_pointer (&data));
              data = g_steal_pointer (&moved);
              result = lds_http_request_parse (&request, data, &length, &defaults);
            }
          g_assert_cmpint (result, ==, LDS_HTTP_REQUEST_COMPLETE);
          g_assert_cmpuint (request.head_bytes, ==, whole.head_bytes);
          g_assert_cmpmem (data, request.head_bytes + request.body_bytes,
                           whole_data, whole.head_bytes + whole.body_bytes);
          g_assert_cmpuint (request.total_bytes, ==, length);
        }
    }
}

/* Requests that follow one another directly, in one buffer, cut at every place. */
static void
test_pipelined (void)
{
  static const char text[] = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                             "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 21\r\n\r\nGET /no HTTP/1.1\r\n\r\nx"
                             "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "3\r\nGET\r\n2;x=y\r\n\r\n\r\n0\r\nT: v\r\n\r\n"
                             "\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"
                             "GET /5 HTTP/1.0\r\n\r\n";
  static const char *const expected[] = {"/1 ", "/2 GET /no HTTP/1.1\r\n\r\nx", "/3 GET\r\n", "* ", "/5 "};

  for (size_t cut = 0; cut < sizeof text; cut++)
    {
      char data[sizeof text];
      size_t start = 0, end = 0, n = 0;
      LdsHttpRequest request;

      lds_http_request_reset (&request);
      for (int piece = 0; piece < 2; piece++)
        {
          size_t from = piece == 0 ? 0 : cut, to = piece == 0 ? cut : sizeof text - 1;

          if (to <= from)
            continue;
          memcpy (data + end, text + from, to - from);
          end += to - from;
          for (;;)
            {
              size_t length = end - start;
              LdsHttpRequestResult result =
                  lds_http_request_parse (&request, data + start, &length, &defaults);
              g_autofree char *seen = NULL;
              LdsSpan path, body;

              end = start + length;
              if (result == LDS_HTTP_REQUEST_INCOMPLETE)
                break;
              g_assert_cmpint (result, ==, LDS_HTTP_REQUEST_COMPLETE);
              path = lds_http_request_path (&request, data + start);
              body = lds_http_request_body (&request, data + start);
              seen = g_strdup_printf ("%.*s %.*s", (int)path.length, path.data, (int)body.length, body.data);
              g_assert_cmpuint (n, <, G_N_ELEMENTS (expected));
              g_assert_cmpstr (seen, ==, expected[n++]);
              start += request.total_bytes;
              lds_http_request_reset (&request);
            }
        }
      g_assert_cmpuint (n, ==, G_N_ELEMENTS (expected));
      g_assert_cmpuint (start, ==, end);
    }
}

#define HOST "Host: a\r\n"

static void
test_refused (void)
{
  static const struct
  {
    int status;
    const char *text;
  } cases[] = {
      /* smuggling shapes */
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 4\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 3, 3\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length: -3\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x3\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length : 3\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding : chunked\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, chunked\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, gzip\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: \"chunked\"\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: \vchunked\r\n\r\n"},
      {501, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n"},
      {400, "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 3 3\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 3;\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 1e1\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length: \xb2\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content-Length\t: 3\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Content_Length: 3\r\nContent-Length: 3\r\nTransfer-Encoding:\tchunked\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked;q=1\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked identity\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\x0c\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding\x0b: chunked\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "\rTransfer-Encoding: chunked\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "X: a\nTransfer-Encoding: chunked\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {400, "POST / HTTP/1.0\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: :80\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a%2\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: []\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: \xc3\xa9\r\n\r\n"},
      {400, "GET http://user@host/ HTTP/1.1\r\n" HOST "\r\n"},
      {400, "GET http://a b/ HTTP/1.1\r\n" HOST "\r\n"},
      {400, "GET http://:80/ HTTP/1.1\r\n" HOST "\r\n"},
      {400, "GET 1http://a/ HTTP/1.1\r\n" HOST "\r\n"},
      {400, "GET * HTTP/1.1\r\n" HOST "\r\n"},
      {400, "OPTIONS ** HTTP/1.1\r\n" HOST "\r\n"},
      {400, "CONNECT host HTTP/1.1\r\n" HOST "\r\n"},
      {400, "CONNECT host: HTTP/1.1\r\n" HOST "\r\n"},
      {400, "CONNECT / HTTP/1.1\r\n" HOST "\r\n"},
      {400, "CONNECT ?x HTTP/1.1\r\n" HOST "\r\n"},
      {400, "CONNECT ? HTTP/1.1\r\n" HOST "\r\n"},
      {400, "GET / HTTP/1.1\r\n" HOST " Content-Length: 3\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n" HOST "X: a\r\n\tb\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n" HOST "X: a\r\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n" HOST "X: a\nY: b\r\n\r\n"},
      {400, "GET / HTTP/1.1\nHost: a\n\n"},
      {400, "GET / HTTP/1.1\r\n" HOST "\n"},
      {400, "GET / HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n" HOST "X: a\x7f\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n" HOST ": v\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n" HOST "X@Y: v\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n" HOST "X\xc3\xa9: v\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n" HOST HOST "\r\n"},
      {400, "GET / HTTP/1.1\r\n\r\n"},
  /* chunks */
#define CHUNKED "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
      {400, CHUNKED "\r\n"},
      {400, CHUNKED "g\r\n"},
      {400, CHUNKED "-1\r\n"},
      {400, CHUNKED "0x5\r\nhello\r\n"},
      {400, CHUNKED " 5\r\nhello\r\n"},
      {400, CHUNKED "5 \r\nhello\r\n"},
      {400, CHUNKED "5\nhello\r\n"},
      {400, CHUNKED "5;a\x01\r\nhello\r\n"},
      {400, CHUNKED "5\r\nhelloX"
                    "0\r\n"},
      {400, CHUNKED "5\r\nhello\n0\r\n"},
      {400, CHUNKED "10000000000000000\r\n"},
      {400, CHUNKED "ffffffffffffffffff\r\n"},
      {413, CHUNKED "ffffffffffffffff\r\n"},
      {413, CHUNKED "10001\r\n"},
      {400, CHUNKED "0\r\nbad trailer\r\n\r\n"},
      {400, CHUNKED "0\r\n\n"},
      {413, "POST / HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n"},
      /* request lines */
      {400, "GET /\r\n\r\n"},
      {400, "GET  / HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1 \r\n\r\n"},
      {400, "GET /a b HTTP/1.1\r\n\r\n"},
      {400, "GET\t/ HTTP/1.1\r\n\r\n"},
      {400, " GET / HTTP/1.1\r\n\r\n"},
      {400, "G(T / HTTP/1.1\r\n\r\n"},
      {400, "GET /#x HTTP/1.1\r\n\r\n"},
      {400, "GET /\x80 HTTP/1.1\r\n\r\n"},
      {400, "GET x HTTP/1.1\r\n\r\n"},
      {400, "GET ://x HTTP/1.1\r\n\r\n"},
      {400, "GET http:///x HTTP/1.1\r\n\r\n"},
      {400, "GET / http/1.1\r\n\r\n"},
      {400, "GET / HTTP/1\r\n\r\n"},
      {400, "GET / HTTP/1.10\r\n\r\n"},
      {400, "GET / HTTP/a.1\r\n\r\n"},
      {400, "\r\n\r\nGET / HTTP/1.1\r\n\r\n"},
      {505, "GET / HTTP/2.0\r\n\r\n"},
      {505, "GET / HTTP/0.9\r\n\r\n"},
      {417, "GET / HTTP/1.1\r\n" HOST "Expect: 200-ok\r\n\r\n"},
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *data = NULL, *shown = g_strescape (cases[i].text, NULL);
      LdsHttpRequest request;
      size_t length = strlen (cases[i].text);

      g_test_message ("case %zu: %s", i, shown);
      g_assert_cmpint (parse (&request, cases[i].text, length, &data), ==, LDS_HTTP_REQUEST_ERROR);
      g_assert_cmpint (request.status, ==, cases[i].status);
      g_assert_nonnull (request.reason);
      g_assert_false (request.keep_alive);
      g_assert_cmpint (lds_http_request_parse (&request, data, &length, &defaults), ==,
                       LDS_HTTP_REQUEST_ERROR);

      /* The same however it is cut up. */
      for (size_t cut = 1; cut < strlen (cases[i].text); cut++)
        {
          g_autofree char *pieces = g_strdup (cases[i].text);
          LdsHttpRequest other;

          lds_http_request_reset (&other);
          length = cut;
          if (lds_http_request_parse (&other, pieces, &length, &defaults) ==
              LDS_HTTP_REQUEST_INCOMPLETE)
            {
              memcpy (pieces + length, cases[i].text + cut, strlen (cases[i].text) - cut);
              length += strlen (cases[i].text) - cut;
              g_assert_cmpint (lds_http_request_parse (&other, pieces, &length, &defaults), ==,
                               LDS_HTTP_REQUEST_ERROR);
            }
          g_assert_cmpint (other.status, ==, request.status);
          g_assert_true (other.reason == request.reason);
        }
    }
}

static void
test_upgrade (void)
{
  static const struct
  {
    const char *text;
    gboolean upgrade;
  } cases[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\r\n", TRUE},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x,upgrade ,y\r\n\r\n", TRUE},
      {"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", FALSE},
      /* RFC 9110 section 7.8: ignored in HTTP/1.0. */
      {"GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", FALSE},
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *data = NULL;
      LdsHttpRequest request;

      g_test_message ("case %zu", i);
      g_assert_cmpint (parse (&request, cases[i].text, strlen (cases[i].text), &data), ==,
                       LDS_HTTP_REQUEST_COMPLETE);
      g_assert_cmpint (request.upgrade, ==, cases[i].upgrade);
    }
}

static void
test_nul (void)
{
  static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n";
  g_autofree char *data = NULL;
  LdsHttpRequest request;

  g_assert_cmpint (parse (&request, text, sizeof text - 1, &data), ==, LDS_HTTP_REQUEST_ERROR);
  g_assert_cmpint (request.status, ==, 400);
}

/* Feeds @text byte by byte with small limits. */
static int
status_within (const char *text,
               const LdsHttpLimits *limits)
{
  g_autofree char *data = g_malloc (strlen (text));
  LdsHttpRequest request;
  size_t length = 0;

  lds_http_request_reset (&request);
  for (const char *p = text; *p != '\0'; p++)
    {
      data[length++] = *p;
      switch (lds_http_request_parse (&request, data, &length, limits))
        {
        case LDS_HTTP_REQUEST_COMPLETE:
          g_assert_cmpint (p[1], ==, '\0');
          return 200;
        case LDS_HTTP_REQUEST_ERROR:
          return request.status;
        case LDS_HTTP_REQUEST_INCOMPLETE:
          break;
        }
    }
  return 0;
}

static void
test_limits (void)
{
  const LdsHttpLimits limits = {
      .max_line_bytes = 30,
      .max_head_bytes = 60,
      .max_fields = 3,
      .max_body_bytes = 8,
  };

  /* each limit, exactly met and passed by one; a line that never ends is refused all the same */
  g_assert_cmpint (status_within ("GET /56789012345678 HTTP/1.0\r\n\r\n", &limits), ==, 200);
  g_assert_cmpint (status_within ("GET /567890123456789 HTTP/1.0\r\n\r\n", &limits), ==, 414);
  g_assert_cmpint (status_within ("GET /5678901234567890123456789", &limits), ==, 0);
  g_assert_cmpint (status_within ("GET /56789012345678901234567890", &limits), ==, 414);
  g_assert_cmpint (status_within ("GET / HTTP/1.0\r\nX: 4567890123456789012345678\r\n\r\n", &limits), ==, 200);
  g_assert_cmpint (status_within ("GET / HTTP/1.0\r\nX: 45678901234567890123456789\r\n\r\n", &limits), ==, 431);
  g_assert_cmpint (status_within ("GET / HTTP/1.0\r\nX: 4567890123456789012345678901", &limits), ==, 431);
  g_assert_cmpint (status_within ("GET / HTTP/1.0\r\nA:\r\nB:\r\nC:\r\n\r\n", &limits), ==, 200);
  g_assert_cmpint (status_within ("GET / HTTP/1.0\r\nA:\r\nB:\r\nC:\r\nD:\r\n\r\n", &limits), ==, 431);
  /* 16 + 21 + 21 + 2 = 60 bytes of head */
  g_assert_cmpint (status_within ("GET / HTTP/1.0\r\nA: 4567890123456789\r\nB: 4567890123456789\r\n\r\n", &limits), ==, 200);
  g_assert_cmpint (status_within ("GET / HTTP/1.0\r\nA: 4567890123456789\r\nB: 45678901234567890\r\n\r\n", &limits), ==, 431);
  g_assert_cmpint (status_within ("POST / HTTP/1.0\r\nContent-Length: 8\r\n\r\n12345678", &limits), ==, 200);
  g_assert_cmpint (status_within ("POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\n", &limits), ==, 413);
#define SMALL "POST / HTTP/1.1\r\nHost:\r\nTransfer-Encoding:chunked\r\n\r\n"
  {
    const LdsHttpLimits chunked = {
        .max_line_bytes = 30,
        .max_head_bytes = strlen (SMALL) + strlen ("\r\n"),
        .max_fields = 3,
        .max_body_bytes = 8,
    };

    /* Plain framing is no head, extensions and trailers are. */
    g_assert_cmpint (status_within (SMALL "1\r\na\r\n1\r\nb\r\n6\r\n123456\r\n0\r\n\r\n", &chunked), ==, 200);
    g_assert_cmpint (status_within (SMALL "1\r\na\r\n8\r\n", &chunked), ==, 413);
    g_assert_cmpint (status_within (SMALL "1;e\r\na\r\n", &chunked), ==, 431);
    g_assert_cmpint (status_within (SMALL "0\r\nT:\r\n", &chunked), ==, 431);
    g_assert_cmpint (status_within (SMALL "000000000000000000000000000001\r\n", &chunked), ==, 400);
  }
}

/* No outcome is expected of noise but that the parser ends within the buffer and says something. */
static void
test_random (void)
{
  static const char *const pieces[] = {
      "GET ",
      "/",
      " HTTP/1.1",
      "\r\n",
      "Host: a",
      "Content-Length: ",
      "5",
      "Transfer-Encoding: chunked",
      "\r",
      "\n",
      ":",
      " ",
      "0\r\n",
      "a",
      ";",
      "Connection: close",
      "?",
      "Expect: 100-continue",
      "\xff",
  };

  for (int round = 0; round < 20000; round++)
    {
      g_autoptr (GString) text = g_string_new (round % 2 ? "GET / HTTP/1.1\r\nHost: a\r\n" : "");
      LdsHttpRequest request;
      size_t length;
      LdsHttpRequestResult result;

      for (int n = g_test_rand_int_range (0, 30); n > 0; n--)
        if (g_test_rand_bit ())
          g_string_append (text, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
        else
          g_string_append_c (text, (char)g_test_rand_int_range (0, 256));
      lds_http_request_reset (&request);
      length = text->len;
      result = lds_http_request_parse (&request, text->str, &length, &defaults);
      if (result == LDS_HTTP_REQUEST_ERROR)
        g_assert_nonnull (request.reason);
      else if (result == LDS_HTTP_REQUEST_COMPLETE)
        g_assert_cmpuint (request.total_bytes, <=, length);
      g_assert_cmpuint (length, <=, text->len);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/http-request/parts", test_parts);
  g_test_add_func ("/net/http-request/targets", test_targets);
  g_test_add_func ("/net/http-request/query", test_query);
  g_test_add_func ("/net/http-request/keep-alive", test_keep_alive);
  g_test_add_func ("/net/http-request/chunked", test_chunked);
  g_test_add_func ("/net/http-request/continue", test_continue);
  g_test_add_func ("/net/http-request/every-cut", test_every_cut);
  g_test_add_func ("/net/http-request/pipelined", test_pipelined);
  g_test_add_func ("/net/http-request/refused", test_refused);
  g_test_add_func ("/net/http-request/upgrade", test_upgrade);
  g_test_add_func ("/net/http-request/nul", test_nul);
  g_test_add_func ("/net/http-request/limits", test_limits);
  g_test_add_func ("/net/http-request/random", test_random);
  return g_test_run ();
}
