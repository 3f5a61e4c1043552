/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections without sockets: answers, operations, pipelining, limits, memory. */
#include "lds-connection.h"

#include <glib.h>

typedef struct
{
  LdsServer server;
  LdsConnection connection;
  LdsBuffer out;
  char scratch[4096];
} Fixture;

static void
set_up (Fixture *fixture,
        gconstpointer data)
{
  fixture->server = (LdsServer){.limits = LDS_HTTP_LIMITS_DEFAULT};
  lds_connection_init (&fixture->connection, &fixture->server);
}

static void
tear_down (Fixture *fixture,
           gconstpointer data)
{
  lds_connection_clear (&fixture->connection);
  lds_buffer_free (&fixture->out);
}

/* As a model reads: into scratch memory, which is anybody's afterwards. */
static void
receive (Fixture *fixture,
         const char *text,
         size_t length)
{
  while (length > 0)
    {
      char *room;
      size_t room_bytes, n;

      g_assert_true (lds_connection_room (&fixture->connection, fixture->scratch,
                                          sizeof fixture->scratch, &room, &room_bytes));
      g_assert_cmpuint (room_bytes, >=, 1);
      n = MIN (room_bytes, length);
      memcpy (room, text, n);
      lds_connection_received (&fixture->connection, room, n);
      text += n;
      length -= n;
      if (length > 0)
        g_assert_true (lds_connection_settle (&fixture->connection));
    }
}

static LdsConnectionNeed
advance (Fixture *fixture)
{
  LdsConnectionNeed need = lds_connection_advance (&fixture->connection, &fixture->out);

  g_assert_true (lds_connection_settle (&fixture->connection));
  memset (fixture->scratch, '#', sizeof fixture->scratch);
  return need;
}

static LdsConnectionNeed
send_text (Fixture *fixture,
           const char *text)
{
  receive (fixture, text, strlen (text));
  return advance (fixture);
}

/* Takes what has been answered, its Date fields left out. */
static char *
take_answer (Fixture *fixture)
{
  g_autofree char *raw =
      g_strndup (fixture->out.data != NULL ? fixture->out.data + fixture->out.start : "",
                 lds_buffer_size (&fixture->out));
  g_autoptr (GRegex) date = g_regex_new ("Date: [^\\r]* GMT\\r\\n", 0, 0, NULL);

  lds_buffer_clear (&fixture->out);
  return g_regex_replace_literal (date, raw, -1, 0, "", 0, NULL);
}

#define HOST  "Host: a\r\n"
#define HELLO "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n"

static void
test_hello (Fixture *fixture,
            gconstpointer data)
{
  g_autofree char *answer = NULL;

  g_assert_true (lds_connection_is_idle (&fixture->connection));
  g_assert_cmpint (send_text (fixture, "GET / HTTP/1.1\r\n" HOST "\r\n"), ==, LDS_CONNECTION_READ);
  answer = take_answer (fixture);
  g_assert_cmpstr (answer, ==, HELLO);
  /* One that waits for its next request holds no memory. */
  g_assert_true (lds_connection_is_idle (&fixture->connection));
  g_assert_cmpuint (fixture->connection.capacity, ==, 0);
}

static void
test_bytewise (Fixture *fixture,
               gconstpointer data)
{
  const char *text = "GET / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n";
  g_autofree char *answer = NULL;

  for (const char *p = text; *p != '\0'; p++)
    {
      receive (fixture, p, 1);
      g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_READ);
    }
  answer = take_answer (fixture);
  g_assert_cmpstr (answer, ==, HELLO HELLO);
}

static void
test_pipelined (Fixture *fixture,
                gconstpointer data)
{
  g_autofree char *first = NULL, *rest = NULL;

  g_assert_cmpint (send_text (fixture, "GET / HTTP/1.1\r\n" HOST "\r\n"
                                       "HEAD / HTTP/1.1\r\n" HOST "\r\n"
                                       "GET /slow?ms=7 HTTP/1.1\r\n" HOST "\r\n"
                                       "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"
                                       "GET / HTTP/1.1\r\n"),
                   ==, LDS_CONNECTION_OPERATE);
  g_assert_cmpint (fixture->connection.operation, ==, LDS_OPERATION_WAIT);
  g_assert_cmpint (fixture->connection.exchange.wait_ns, ==, 7 * 1000 * 1000);
  g_assert_cmpuint (lds_connection_pending (&fixture->connection), >, 0);
  first = take_answer (fixture);
  g_assert_cmpstr (first, ==, HELLO "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\n");

  /* More may come while an exchange waits, and the input may move. */
  receive (fixture, HOST, strlen (HOST));
  g_assert_true (lds_connection_settle (&fixture->connection));
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_CLOSE);
  rest = take_answer (fixture);
  g_assert_cmpstr (rest, ==,
                   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n"
                   "{\"status\":\"done\",\"t\":7}"
                   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n"
                   "Connection: close\r\n\r\nhello\n");
  /* What followed the last request would reset the connection. */
  g_assert_true (lds_connection_must_linger (&fixture->connection));
}

static void
count_cb (void *data)
{
  ++*(int *)data;
}

static void
test_compute (Fixture *fixture,
              gconstpointer data)
{
  LdsExchange *exchange = &fixture->connection.exchange;
  int checks = 0;
  const LdsBreaker breaker = {count_cb, &checks};
  g_autofree char *small = NULL, *large = NULL;

  g_assert_cmpint (send_text (fixture, "GET /compute?n=5 HTTP/1.1\r\n" HOST "\r\n"), ==,
                   LDS_CONNECTION_OPERATE);
  g_assert_cmpint (fixture->connection.operation, ==, LDS_OPERATION_COMPUTE);
  lds_exchange_compute (exchange, fixture->connection.workload, &breaker);
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_READ);
  small = take_answer (fixture);
  /* 0 + 1 + 1.414214 + 1.732051 + 2 */
  g_assert_true (g_str_has_suffix (small, "\r\n\r\n{\"n\":5,\"sum\":6.146264}"));
  g_assert_cmpint (checks, ==, 1);

  g_assert_cmpint (send_text (fixture, "GET /compute?n=100001 HTTP/1.1\r\n" HOST "\r\n"), ==,
                   LDS_CONNECTION_OPERATE);
  g_assert_cmpint (fixture->connection.operation, ==, LDS_OPERATION_COMPUTE);
  lds_exchange_compute (exchange, fixture->connection.workload, &breaker);
  g_assert_cmpint (checks, ==, 1 + 11);
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_READ);
  large = take_answer (fixture);
  /* 2/3 n^1.5 - n^0.5 / 2 + zeta (-1/2) + n^-0.5 / 24, by Euler and Maclaurin */
  g_assert_true (g_str_has_suffix (large, "{\"n\":100001,\"sum\":21082008.973918}"));
}

static void
test_errors (Fixture *fixture,
             gconstpointer data)
{
  static const struct
  {
    const char *request;
    const char *answer;
  } cases[] = {
      {"GET /nowhere HTTP/1.1", "404 Not Found"},
      {"GET /json/ HTTP/1.1", "404 Not Found"},
      {"POST / HTTP/1.1", "405 Method Not Allowed"},
      {"BREW / HTTP/1.1", "405 Method Not Allowed"},
      {"GET /slow?ms=-1 HTTP/1.1", "400 Bad Request"},
      {"GET /slow?ms= HTTP/1.1", "400 Bad Request"},
      {"GET /slow?ms=60001 HTTP/1.1", "400 Bad Request"},
      {"GET /compute?n=1e3 HTTP/1.1", "400 Bad Request"},
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("%s\r\n" HOST "\r\n", cases[i].request);
      g_autofree char *answer = NULL;

      g_test_message ("%s", cases[i].request);
      /* An answer like any other: the connection lives on. */
      g_assert_cmpint (send_text (fixture, text), ==, LDS_CONNECTION_READ);
      answer = take_answer (fixture);
      g_assert_true (g_str_has_prefix (answer + strlen ("HTTP/1.1 "), cases[i].answer));
      g_assert_nonnull (strstr (answer, "\r\n\r\n{\"error\":\""));
      g_assert_cmpint (strstr (answer, "Allow: GET, HEAD\r\n") != NULL, ==,
                       g_str_has_prefix (cases[i].answer, "405"));
    }
}

/* RFC 9110 section 9.3.7; a 204 has neither a body nor a length. */
static void
test_options (Fixture *fixture,
              gconstpointer data)
{
  static const struct
  {
    const char *target;
    const char *allow;
  } cases[] = {
      {"*", "Allow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\n"},
      {"/", "Allow: GET, HEAD, OPTIONS\r\n"},
      {"http://a/", "Allow: GET, HEAD, OPTIONS\r\n"},
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("OPTIONS %s HTTP/1.1\r\n" HOST "\r\n", cases[i].target);
      g_autofree char *answer = NULL;

      g_test_message ("%s", cases[i].target);
      g_assert_cmpint (send_text (fixture, text), ==, LDS_CONNECTION_READ);
      answer = take_answer (fixture);
      g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 204 No Content\r\n"));
      g_assert_true (g_str_has_suffix (answer, "\r\n\r\n"));
      g_assert_nonnull (strstr (answer, cases[i].allow));
      g_assert_null (strstr (answer, "Content-Length"));
    }
}

static void
test_malformed (Fixture *fixture,
                gconstpointer data)
{
  g_autofree char *answer = NULL;

  g_assert_cmpint (send_text (fixture, "GET / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\nHost : a\r\n"), ==,
                   LDS_CONNECTION_CLOSE);
  answer = take_answer (fixture);
  g_assert_true (g_str_has_prefix (answer, HELLO "HTTP/1.1 400 Bad Request\r\n"));
  g_assert_nonnull (strstr (answer, "Connection: close\r\n"));
  g_assert_true (lds_connection_must_linger (&fixture->connection));
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_CLOSE);
  g_assert_cmpuint (lds_buffer_size (&fixture->out), ==, 0);
}

static void
test_versions (Fixture *fixture,
               gconstpointer data)
{
  g_autofree char *kept = NULL, *closed = NULL;

  g_assert_cmpint (send_text (fixture, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), ==,
                   LDS_CONNECTION_READ);
  kept = take_answer (fixture);
  g_assert_nonnull (strstr (kept, "\r\nConnection: keep-alive\r\n"));
  g_assert_cmpint (send_text (fixture, "GET / HTTP/1.0\r\n\r\n"), ==, LDS_CONNECTION_CLOSE);
  closed = take_answer (fixture);
  g_assert_nonnull (strstr (closed, "\r\nConnection: close\r\n"));
  g_assert_false (lds_connection_must_linger (&fixture->connection));
}

static void
test_draining (Fixture *fixture,
               gconstpointer data)
{
  g_autofree char *answer = NULL;

  g_assert_cmpint (send_text (fixture, "GET /slow HTTP/1.1\r\n" HOST "\r\n"), ==, LDS_CONNECTION_OPERATE);
  fixture->server.draining = true;
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_CLOSE);
  answer = take_answer (fixture);
  g_assert_nonnull (strstr (answer, "Connection: close\r\n\r\n{\"status\":\"done\",\"t\":200}"));
}

static void
test_continue (Fixture *fixture,
               gconstpointer data)
{
  g_autofree char *interim = NULL, *answer = NULL;

  g_assert_cmpint (send_text (fixture, "GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\n"
                                       "Content-Length: 2\r\n\r\n"),
                   ==, LDS_CONNECTION_READ);
  interim = take_answer (fixture);
  g_assert_cmpstr (interim, ==, "HTTP/1.1 100 Continue\r\n\r\n");
  g_assert_cmpint (send_text (fixture, "a"), ==, LDS_CONNECTION_READ);
  g_assert_cmpuint (lds_buffer_size (&fixture->out), ==, 0);
  g_assert_cmpint (send_text (fixture, "b"), ==, LDS_CONNECTION_READ);
  answer = take_answer (fixture);
  g_assert_cmpstr (answer, ==, HELLO);
}

/* Answers are gathered, but not without bound. */
static void
test_flush (Fixture *fixture,
            gconstpointer data)
{
  enum
  {
    REQUESTS = 500,
  };
  g_autoptr (GString) requests = g_string_new (NULL);
  int answers = 0;
  LdsConnectionNeed need;

  for (int i = 0; i < REQUESTS; i++)
    g_string_append (requests, "GET /json HTTP/1.1\r\n" HOST "\r\n");
  need = send_text (fixture, requests->str);
  for (;;)
    {
      g_autofree char *text = NULL;

      g_assert_cmpuint (lds_buffer_size (&fixture->out), <, 66 * 1024);
      text = take_answer (fixture);
      for (const char *p = text; (p = strstr (p, "HTTP/1.1 200 OK\r\n")) != NULL; p++)
        answers++;
      if (need == LDS_CONNECTION_READ)
        break;
      g_assert_cmpint (need, ==, LDS_CONNECTION_FLUSH);
      need = advance (fixture);
    }
  g_assert_cmpint (answers, ==, REQUESTS);
}

#define STREAM_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"

static void
check_answer (Fixture *fixture,
              const char *expected)
{
  g_autofree char *answer = take_answer (fixture);

  g_assert_cmpstr (answer, ==, expected);
}

/* Every part goes out before the next step; the input may move meanwhile, and more may come. */
static void
test_stream (Fixture *fixture,
             gconstpointer data)
{
  g_assert_cmpint (send_text (fixture, "GET /stream?chunks=3&bytes=17 HTTP/1.1\r\n" HOST "\r\n"), ==,
                   LDS_CONNECTION_FLUSH);
  check_answer (fixture, STREAM_HEAD "\r\n11\r\naaaaaaaaaaaaaaaaa\r\n");
  g_assert_false (lds_connection_is_idle (&fixture->connection));
  receive (fixture, "GET / HTTP/1.1\r\n", strlen ("GET / HTTP/1.1\r\n"));
  g_assert_true (lds_connection_settle (&fixture->connection));
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_FLUSH);
  check_answer (fixture, "11\r\nbbbbbbbbbbbbbbbbb\r\n");
  receive (fixture, HOST "\r\n", strlen (HOST "\r\n"));
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_FLUSH);
  check_answer (fixture, "11\r\nccccccccccccccccc\r\n");
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_READ);
  check_answer (fixture, "0\r\n\r\n" HELLO);
  g_assert_true (lds_connection_is_idle (&fixture->connection));
}

/* Waiting in between takes nothing back and adds nothing. */
static void
test_stream_waits (Fixture *fixture,
                   gconstpointer data)
{
  g_assert_cmpint (send_text (fixture, "GET /stream?chunks=2&bytes=2&ms=7 HTTP/1.1\r\n" HOST
                                       "Connection: close\r\n\r\n"),
                   ==, LDS_CONNECTION_FLUSH);
  check_answer (fixture, STREAM_HEAD "Connection: close\r\n\r\n2\r\naa\r\n");
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_OPERATE);
  g_assert_cmpint (fixture->connection.operation, ==, LDS_OPERATION_WAIT);
  g_assert_cmpint (fixture->connection.exchange.wait_ns, ==, 7 * 1000 * 1000);
  check_answer (fixture, "");
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_FLUSH);
  check_answer (fixture, "2\r\nbb\r\n");
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_CLOSE);
  check_answer (fixture, "0\r\n\r\n");
}

/* Without chunks: to HTTP/1.0 the end is that of the connection, and HEAD gets a head. */
static void
test_stream_plain (Fixture *fixture,
                   gconstpointer data)
{
  g_assert_cmpint (send_text (fixture, "HEAD /stream HTTP/1.1\r\n" HOST "\r\n"), ==, LDS_CONNECTION_READ);
  check_answer (fixture, STREAM_HEAD "\r\n");
  g_assert_cmpint (send_text (fixture, "GET /stream?chunks=2&bytes=3 HTTP/1.0\r\n"
                                       "Connection: keep-alive\r\n\r\n"),
                   ==, LDS_CONNECTION_FLUSH);
  check_answer (fixture, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\naaa");
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_FLUSH);
  check_answer (fixture, "bbb");
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_CLOSE);
  check_answer (fixture, "");
}

/* What fails when a part has gone out is cut off: no last chunk, and the connection ends. */
static void
test_stream_cut_off (Fixture *fixture,
                     gconstpointer data)
{
  g_assert_cmpint (send_text (fixture, "GET /stream?chunks=2&bytes=3 HTTP/1.1\r\n" HOST "\r\n"), ==,
                   LDS_CONNECTION_FLUSH);
  check_answer (fixture, STREAM_HEAD "\r\n3\r\naaa\r\n");
  fixture->connection.exchange.parcel.failed = true;
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_CLOSE);
  check_answer (fixture, "");
}

/* One that has begun is finished when the server is asked to end; its connection then closes. */
static void
test_stream_draining (Fixture *fixture,
                      gconstpointer data)
{
  g_assert_cmpint (send_text (fixture, "GET /stream?chunks=1&bytes=3 HTTP/1.1\r\n" HOST "\r\n"), ==,
                   LDS_CONNECTION_FLUSH);
  check_answer (fixture, STREAM_HEAD "\r\n3\r\naaa\r\n");
  fixture->server.draining = true;
  g_assert_cmpint (advance (fixture), ==, LDS_CONNECTION_CLOSE);
  check_answer (fixture, "0\r\n\r\n");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/server/connection/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("hello", test_hello);
  ADD ("bytewise", test_bytewise);
  ADD ("pipelined", test_pipelined);
  ADD ("compute", test_compute);
  ADD ("errors", test_errors);
  ADD ("options", test_options);
  ADD ("malformed", test_malformed);
  ADD ("versions", test_versions);
  ADD ("draining", test_draining);
  ADD ("continue", test_continue);
  ADD ("flush", test_flush);
  ADD ("stream", test_stream);
  ADD ("stream/waits", test_stream_waits);
  ADD ("stream/plain", test_stream_plain);
  ADD ("stream/cut-off", test_stream_cut_off);
  ADD ("stream/draining", test_stream_draining);
#undef ADD
  return g_test_run ();
}
