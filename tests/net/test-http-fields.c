/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which fields an intermediary passes on, and the fields of a response one by one. */
#include "lds-http-fields.h"

#include "lds-http-response.h"

#include <glib.h>

static LdsSpan
span (const char *text)
{
  return (LdsSpan){text, strlen (text)};
}

static void
test_hop_by_hop (void)
{
  LdsHttpConnectionFields named = {0};

  for (guint round = 0; round < 2; round++)
    {
      g_assert_true (lds_http_is_hop_by_hop (&named, span ("Connection")));
      g_assert_true (lds_http_is_hop_by_hop (&named, span ("transfer-ENCODING")));
      g_assert_true (lds_http_is_hop_by_hop (&named, span ("TE")));
      g_assert_false (lds_http_is_hop_by_hop (&named, span ("T")));
      g_assert_false (lds_http_is_hop_by_hop (&named, span ("Trailers")));
      g_assert_false (lds_http_is_hop_by_hop (&named, span ("X-One-")));
      g_assert_cmpint (lds_http_is_hop_by_hop (&named, span ("X-One")), ==, round == 1);
      g_assert_cmpint (lds_http_is_hop_by_hop (&named, span ("x-two")), ==, round == 1);
      g_assert_cmpint (lds_http_is_hop_by_hop (&named, span ("X-THREE")), ==, round == 1);
      if (round == 0)
        {
          g_assert_true (lds_http_connection_fields_add (&named, span ("")));
          g_assert_true (lds_http_connection_fields_add (&named, span ("close,\t X-One ,,")));
          g_assert_true (lds_http_connection_fields_add (&named, span ("X-Two,x-three")));
        }
    }
  g_assert_true (lds_http_connection_fields_add (&named, span ("a")));
  g_assert_false (lds_http_connection_fields_add (&named, span ("b")));
}

/* The head's text, when it came whole and when it was cut at every byte. */
static void
test_response_fields (void)
{
  static const char data[] =
      "HTTP/1.1 100 Continue\r\nInterim: 1\r\n\r\n"
      "HTTP/1.1 200 OK\r\nA: 1\r\nEmpty:\r\nb:\t x: y \t\r\nBare: lf\nContent-Length: 1\r\n\r\nz";
  static const char *const expected[] = {"A", "1", "Empty", "", "b", "x: y", "Bare", "lf",
                                         "Content-Length", "1"};
  LdsHttpHeadCache cache = {0};

  for (gsize cut = 0; cut < sizeof data - 1; cut++)
    {
      LdsHttpResponse parser;
      g_autofree char *first = g_memdup2 (data, cut + 1);
      const char *body;
      gsize body_size, at = 0, cursor = 0;
      LdsHttpResponseEvent event;
      LdsSpan head, name, value;
      guint n = 0;

      lds_http_response_init (&parser, cut % 2 == 0 ? &cache : NULL);
      lds_http_response_begin (&parser, FALSE);
      event = lds_http_response_next (&parser, first, cut, &at, &body, &body_size);
      head = lds_http_response_head_text (&parser);
      if (head.length == 0)
        {
          g_assert_cmpint (event, ==, LDS_HTTP_RESPONSE_MORE);
          at = 0;
          event = lds_http_response_next (&parser, data + cut, sizeof data - 1 - cut, &at, &body,
                                          &body_size);
          g_assert_cmpint (event, ==, LDS_HTTP_RESPONSE_BODY);
          head = lds_http_response_head_text (&parser);
        }
      while (lds_http_response_next_field (head, &cursor, &name, &value))
        {
          g_assert_cmpuint (n + 1, <, G_N_ELEMENTS (expected));
          g_assert_true (lds_span_equal (name, expected[n]));
          g_assert_true (lds_span_equal (value, expected[n + 1]));
          n += 2;
        }
      g_assert_cmpuint (n, ==, G_N_ELEMENTS (expected));
      lds_http_response_begin (&parser, FALSE);
      g_assert_cmpuint (lds_http_response_head_text (&parser).length, ==, 0);
      lds_http_response_clear (&parser);
    }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/http-fields/hop-by-hop", test_hop_by_hop);
  g_test_add_func ("/net/http-fields/response", test_response_fields);
  return g_test_run ();
}
