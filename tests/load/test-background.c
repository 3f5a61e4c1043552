/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Background connections against servers that hold them, answer, cut them off or are not there: what
 * the figures say is what the server saw. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-json.h"
#include "lds-load-background.h"
#include "scripted-server.h"

#define REQUEST "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
#define LONG_MS (10 * 60 * 1000)

#define IDLE   LDS_LOAD_BACKGROUND_IDLE
#define READER LDS_LOAD_BACKGROUND_SLOW_READER
#define SENDER LDS_LOAD_BACKGROUND_SLOW_SENDER
#define ASKER  LDS_LOAD_BACKGROUND_ASKER

/* What a script tells the test: figures, never 0. */
static GAsyncQueue *news;

static void
tell (gsize figure)
{
  g_async_queue_push (news, GSIZE_TO_POINTER (figure));
}

static gsize
hear (void)
{
  return GPOINTER_TO_SIZE (g_async_queue_pop (news));
}

static void
forget_news (void)
{
  while (g_async_queue_try_pop (news) != NULL)
    ;
}

static LdsLoadBackground *
start_at (guint16 port,
          const LdsLoadBackgroundOptions *options)
{
  g_autoptr (GError) error = NULL;
  struct sockaddr_storage address = {0};
  struct sockaddr_in *in = (struct sockaddr_in *)&address;
  LdsLoadBackground *background;

  in->sin_family = AF_INET;
  in->sin_port = htons (port);
  in->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  background = lds_load_background_start (options, &address, sizeof *in, REQUEST, strlen (REQUEST),
                                          &error);
  g_assert_no_error (error);
  return background;
}

static LdsLoadBackground *
start (ScriptedServer *server,
       const LdsLoadBackgroundOptions *options)
{
  return start_at (scripted_server_get_port (server), options);
}

/* A listener that accepts nothing: what connects stands in its queue, of @backlog connections and one. */
static int
listen_only (int backlog,
             guint16 *port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *)&address, size), ==, 0);
  g_assert_cmpint (listen (fd, backlog), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *)&address, &size), ==, 0);
  *port = ntohs (address.sin_port);
  return fd;
}

/* What must hold of every kind that was stopped, at any time. */
static void
check_books (const LdsLoadBackgroundFigures *figures)
{
  for (int i = 0; i < LDS_LOAD_BACKGROUND_N_KINDS; i++)
    {
      const LdsLoadBackgroundCount *count = &figures->kinds[i];

      g_assert_cmpuint (count->open_at_end + count->abandoned, <=, count->asked);
      g_assert_cmpuint (count->open_at_end + count->closed_by_server, <=, count->opened);
      g_assert_cmpuint (count->non_2xx, <=, count->answers);
      g_assert_true ((count->refused > 0) == (count->refused_errno != 0));
    }
  g_assert_cmpuint (figures->kinds[IDLE].open_at_end + figures->kinds[IDLE].closed_by_server, ==,
                    figures->kinds[IDLE].opened);
  g_assert_cmpuint (figures->kinds[IDLE].bytes_sent, ==, 0);
  g_assert_cmpint (figures->cpu_ns, >, 0);
}

static void
stop (LdsLoadBackground *background,
      LdsLoadBackgroundFigures *figures)
{
  lds_load_background_stop (background, figures);
  check_books (figures);
}

/* Options */

static gboolean
parse (const char *json,
       LdsLoadBackgroundOptions *options,
       GError **error)
{
  g_autoptr (GError) json_error = NULL;
  g_autoptr (JsonNode) node = lds_json_parse (json, strlen (json), "plan", &json_error);

  g_assert_no_error (json_error);
  return lds_load_background_options_from_json (json_node_get_object (node), options, error);
}

static void
test_options (void)
{
  g_autoptr (GError) error = NULL;
  LdsLoadBackgroundOptions options;

  g_assert_true (parse ("{\"url\":\"\"}", &options, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (lds_load_background_options_count (&options), ==, 0);

  g_assert_true (parse ("{\"background\":{}}", &options, &error));
  g_assert_cmpuint (lds_load_background_options_count (&options), ==, 0);
  g_assert_cmpint (options.read_bytes_per_s, ==, 1000);
  g_assert_cmpint (options.send_bytes_per_s, ==, 10);
  g_assert_cmpint (options.ask_interval_ms, ==, 0);
  g_assert_cmpfloat (options.connect_rate_hz, ==, 0);

  g_assert_true (parse ("{\"background\":{\"idle\":10000,\"slow_readers\":50,\"read_bytes_per_s\":7,"
                        "\"slow_senders\":60,\"send_bytes_per_s\":8,\"askers\":3,"
                        "\"ask_interval_ms\":40,\"connect_rate_hz\":2.5}}",
                        &options, &error));
  g_assert_cmpuint (options.n_connections[IDLE], ==, 10000);
  g_assert_cmpuint (options.n_connections[READER], ==, 50);
  g_assert_cmpuint (options.n_connections[SENDER], ==, 60);
  g_assert_cmpuint (options.n_connections[ASKER], ==, 3);
  g_assert_cmpint (options.ask_interval_ms, ==, 40);
  g_assert_cmpuint (lds_load_background_options_count (&options), ==, 10113);
  g_assert_cmpint (options.read_bytes_per_s, ==, 7);
  g_assert_cmpint (options.send_bytes_per_s, ==, 8);
  g_assert_cmpfloat (options.connect_rate_hz, ==, 2.5);
}

static void
test_wrong_options (void)
{
  static const struct
  {
    const char *json;
    const char *named;
  } cases[] = {
      {"{\"background\":7}", "*background*"},
      {"{\"background\":{\"idle\":-1}}", "*“idle” is -1*"},
      {"{\"background\":{\"idle\":65536}}", "*“idle” is 65536*"},
      {"{\"background\":{\"idle\":\"many\"}}", "*idle*"},
      {"{\"background\":{\"slow_readers\":9223372036854775807}}", "*“slow_readers”*"},
      {"{\"background\":{\"slow_senders\":1.5}}", "*slow_senders*"},
      {"{\"background\":{\"read_bytes_per_s\":0}}", "*“read_bytes_per_s” is 0*"},
      {"{\"background\":{\"send_bytes_per_s\":100001}}", "*“send_bytes_per_s” is 100001*"},
      {"{\"background\":{\"askers\":-1}}", "*“askers” is -1*"},
      {"{\"background\":{\"ask_interval_ms\":60001}}", "*“ask_interval_ms” is 60001*"},
      {"{\"background\":{\"connect_rate_hz\":-1}}", "*“connect_rate_hz” is -1*"},
      {"{\"background\":{\"connect_rate_hz\":1e7}}", "*“connect_rate_hz” is 1e+07*"},
      {"{\"background\":{\"connect_rate_hz\":1e-9}}", "*“connect_rate_hz” is 1e-09*"},
      {"{\"background\":{\"idle\":65000,\"slow_readers\":600}}", "*65600 connections*65535*"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      LdsLoadBackgroundOptions options;

      g_assert_false (parse (cases[i].json, &options, &error));
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      g_assert_true (g_pattern_match_simple (cases[i].named, error->message));
      g_assert_false (parse (cases[i].json, &options, NULL));
    }
}

static void
test_json (void)
{
  LdsLoadBackgroundFigures figures = {.cpu_ns = 5};
  g_autoptr (JsonNode) node = NULL;
  JsonObject *root, *idle;

  figures.kinds[IDLE] = (LdsLoadBackgroundCount){
      .asked = 9, .opened = 8, .open_at_end = 7, .refused = 6, .refused_errno = EMFILE};
  figures.kinds[SENDER].cut_off = 3;
  node = lds_load_background_figures_to_json (&figures);
  root = json_node_get_object (node);
  g_assert_cmpint (json_object_get_int_member (root, "cpu_ns"), ==, 5);
  idle = json_object_get_object_member (root, "idle");
  g_assert_cmpint (json_object_get_int_member (idle, "asked"), ==, 9);
  g_assert_cmpint (json_object_get_int_member (idle, "opened"), ==, 8);
  g_assert_cmpint (json_object_get_int_member (idle, "open_at_end"), ==, 7);
  g_assert_cmpint (json_object_get_int_member (idle, "refused"), ==, 6);
  g_assert_cmpstr (json_object_get_string_member (idle, "refused_reason"), ==, g_strerror (EMFILE));
  g_assert_true (json_object_get_null_member (
      json_object_get_object_member (root, "slow_readers"), "refused_reason"));
  g_assert_cmpint (json_object_get_int_member (
                       json_object_get_object_member (root, "slow_senders"), "cut_off"),
                   ==, 3);
}

/* Idle connections */

static void
test_idle_held (void)
{
  const guint n = 2000;
  struct rlimit limit;
  LdsLoadBackgroundOptions options = {.n_connections[IDLE] = n, .n_other_files = n + 100};
  LdsLoadBackground *background;
  LdsLoadBackgroundFigures figures;
  ScriptedServer *server;
  char byte;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  if (limit.rlim_max < 2 * n + 200)
    {
      g_test_skip ("this system lets a program open too few files");
      return;
    }
  server = scripted_server_new (NULL);
  background = start (server, &options);
  g_assert_true (lds_load_background_wait (background, LONG_MS, -1));
  scripted_server_wait_for_connections (server, n);
  /* Open on the server's side as well, and silent. */
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint (recv (scripted_server_get_fd (server, i), &byte, 1, MSG_DONTWAIT), ==, -1);
      g_assert_cmpint (errno, ==, EAGAIN);
    }
  stop (background, &figures);
  g_assert_cmpuint (figures.kinds[IDLE].asked, ==, n);
  g_assert_cmpuint (figures.kinds[IDLE].opened, ==, n);
  g_assert_cmpuint (figures.kinds[IDLE].open_at_end, ==, n);
  g_assert_cmpuint (figures.kinds[IDLE].refused, ==, 0);
  g_assert_cmpuint (figures.kinds[IDLE].bytes_received, ==, 0);
  /* None is left open. */
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (recv (scripted_server_get_fd (server, i), &byte, 1, 0), ==, 0);
  scripted_server_free (server);
}

static void
test_idle_closed (void)
{
  LdsLoadBackgroundOptions options = {.n_connections[IDLE] = 50};
  ScriptedServer *server = scripted_server_new (NULL);
  LdsLoadBackground *background = start (server, &options);
  LdsLoadBackgroundFigures figures;
  char byte;

  scripted_server_wait_for_connections (server, 50);
  g_assert_true (lds_load_background_wait (background, LONG_MS, -1));
  for (guint i = 0; i < 20; i++)
    {
      int fd = scripted_server_get_fd (server, i);

      /* Some with a last word. */
      if (i < 5)
        g_assert_true (scripted_server_answer (fd, "HTTP/1.1 408 Request Timeout\r\n\r\n"));
      shutdown (fd, SHUT_WR);
      /* The other end has taken note. */
      g_assert_cmpint (recv (fd, &byte, 1, 0), ==, 0);
    }
  stop (background, &figures);
  g_assert_cmpuint (figures.kinds[IDLE].opened, ==, 50);
  g_assert_cmpuint (figures.kinds[IDLE].closed_by_server, ==, 20);
  g_assert_cmpuint (figures.kinds[IDLE].open_at_end, ==, 30);
  g_assert_cmpuint (figures.kinds[IDLE].bytes_received, ==,
                    5 * strlen ("HTTP/1.1 408 Request Timeout\r\n\r\n"));
  scripted_server_free (server);
}

static void
test_connect_rate (void)
{
  LdsLoadBackgroundOptions options = {.n_connections[IDLE] = 100, .connect_rate_hz = 1000};
  ScriptedServer *server = scripted_server_new (NULL);
  gint64 start_ns = lds_clock_now_ns ();
  LdsLoadBackground *background = start (server, &options);
  LdsLoadBackgroundFigures figures;

  g_assert_true (lds_load_background_wait (background, LONG_MS, -1));
  stop (background, &figures);
  g_assert_cmpuint (figures.kinds[IDLE].opened, ==, 100);
  /* However slow the machine is: never faster than asked, but for what one turn makes up for. */
  g_assert_cmpint (lds_clock_now_ns () - start_ns, >=, (100 - 21) * LDS_NS_PER_MS);
  scripted_server_free (server);
}

/* Slow readers */

#define BODY_BYTES 2000

static void
answer_all_script (ScriptedServer *server,
                   int fd)
{
  g_autofree char *body = g_strnfill (BODY_BYTES, 'x');
  g_autofree char *answer = g_strdup_printf (
      "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", BODY_BYTES, body);

  while (scripted_server_read (server, fd) > 0 && scripted_server_answer (fd, answer))
    ;
}

static void
test_reader_rate (void)
{
  const gsize answer_bytes = strlen ("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n") + BODY_BYTES;
  LdsLoadBackgroundOptions options = {.n_connections[READER] = 1, .read_bytes_per_s = 20000};
  ScriptedServer *server = scripted_server_new (answer_all_script);
  gint64 start_ns = lds_clock_now_ns ();
  LdsLoadBackground *background = start (server, &options);
  LdsLoadBackgroundFigures figures;
  const LdsLoadBackgroundCount *count = &figures.kinds[READER];
  guint n_requests;

  /* The fifth request: four answers were read. */
  scripted_server_wait_for (server, 5);
  stop (background, &figures);
  n_requests = scripted_server_get_n_requests (server);
  g_assert_cmpuint (count->opened, ==, 1);
  g_assert_cmpuint (count->open_at_end, ==, 1);
  g_assert_cmpuint (count->answers, >=, 4);
  g_assert_cmpuint (count->answers, <=, n_requests);
  g_assert_cmpuint (count->bytes_received, >=, count->answers * answer_bytes);
  g_assert_cmpuint (count->bytes_received, <=, n_requests * answer_bytes);
  g_assert_cmpuint (count->bytes_sent, ==, n_requests * strlen (REQUEST));
  g_assert_cmpuint (count->cut_off, ==, 0);
  /* Not more than its rate: a machine that is slow only makes the bound wider. */
  g_assert_cmpint ((gint64)count->bytes_received, <=,
                   (lds_clock_now_ns () - start_ns) / (LDS_NS_PER_S / 20000));
  scripted_server_free (server);
}

/* Tells how many bytes it got rid of: when it was stuck, when it got on again, and in all. */
static void
stuck_script (ScriptedServer *server,
              int fd)
{
  static const char piece[512];
  int size = 4096;
  gsize written = 0, stuck_at;
  ssize_t n;

  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (scripted_server_read (server, fd) == 0)
    return;
  scripted_server_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
  while ((n = send (fd, piece, sizeof piece, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
    written += (gsize)n;
  stuck_at = written;
  tell (written);
  while ((n = send (fd, piece, sizeof piece, MSG_NOSIGNAL)) > 0)
    {
      if (written < stuck_at + 50000 && written + (gsize)n >= stuck_at + 50000)
        tell (written + (gsize)n);
      written += (gsize)n;
    }
  tell (written);
}

static void
test_reader_felt (void)
{
  LdsLoadBackgroundOptions options = {.n_connections[READER] = 1,
                                      .read_bytes_per_s = LDS_LOAD_BACKGROUND_MAX_BYTES_PER_S};
  ScriptedServer *server = scripted_server_new (stuck_script);
  LdsLoadBackground *background = start (server, &options);
  LdsLoadBackgroundFigures figures;
  gsize stuck_at = hear (), written;

  /* It got on because the reader read. */
  g_assert_cmpuint (hear (), >=, stuck_at + 50000);
  stop (background, &figures);
  written = hear ();
  g_assert_cmpuint (figures.kinds[READER].bytes_received, >, 0);
  /* What lies between them is what the two small buffers hold: the server felt the rest. */
  g_test_message ("%" G_GSIZE_FORMAT " written, %" G_GUINT64_FORMAT " received", written,
                  figures.kinds[READER].bytes_received);
  g_assert_cmpuint (written, <=, figures.kinds[READER].bytes_received + 32 * 1024);
  g_assert_cmpuint (figures.kinds[READER].answers, ==, 0);
  g_assert_cmpuint (figures.kinds[READER].open_at_end, ==, 1);
  scripted_server_free (server);
}

/* Slow senders */

/* Tells how many bytes each receive gave, and answers what was whole. */
static void
pieces_script (ScriptedServer *server,
               int fd)
{
  char request[sizeof REQUEST];
  gsize size = 0;
  ssize_t n;

  while ((n = recv (fd, request + size, strlen (REQUEST) - size, 0)) > 0)
    {
      size += (gsize)n;
      if (size == strlen (REQUEST))
        {
          g_assert_cmpmem (request, size, REQUEST, strlen (REQUEST));
          scripted_server_answer (fd, "HTTP/1.1 204 No Content\r\n\r\n");
          size = 0;
        }
      tell ((gsize)n);
    }
}

static void
test_sender_pieces (void)
{
  LdsLoadBackgroundOptions options = {.n_connections[SENDER] = 1, .send_bytes_per_s = 10};
  ScriptedServer *server = scripted_server_new (pieces_script);
  gint64 start_ns = lds_clock_now_ns ();
  LdsLoadBackground *background = start (server, &options);
  LdsLoadBackgroundFigures figures;
  gsize received = 0;

  for (int i = 0; i < 5; i++)
    received += hear ();
  /* A byte each 100 ms, and none sooner. */
  g_assert_cmpint ((gint64)received, <=,
                   (lds_clock_now_ns () - start_ns) / (LDS_NS_PER_S / 10));
  stop (background, &figures);
  g_assert_cmpuint (figures.kinds[SENDER].bytes_sent, >=, received);
  g_assert_cmpuint (figures.kinds[SENDER].opened, ==, 1);
  g_assert_cmpuint (figures.kinds[SENDER].cut_off, ==, 0);
  scripted_server_free (server);
  forget_news ();
}

static void
test_sender_served (void)
{
  LdsLoadBackgroundOptions options = {.n_connections[SENDER] = 1, .send_bytes_per_s = 500};
  ScriptedServer *server = scripted_server_new (pieces_script);
  gint64 start_ns = lds_clock_now_ns ();
  LdsLoadBackground *background = start (server, &options);
  LdsLoadBackgroundFigures figures;
  const LdsLoadBackgroundCount *count = &figures.kinds[SENDER];
  gsize received = 0;

  /* Into the third request: two answers have come. */
  while (received <= 2 * strlen (REQUEST))
    received += hear ();
  stop (background, &figures);
  g_assert_cmpuint (count->opened, ==, 1);
  g_assert_cmpuint (count->open_at_end, ==, 1);
  g_assert_cmpuint (count->answers, >=, 2);
  g_assert_cmpuint (count->non_2xx, ==, 0);
  g_assert_cmpuint (count->cut_off, ==, 0);
  g_assert_cmpuint (count->bytes_received, ==,
                    count->answers * strlen ("HTTP/1.1 204 No Content\r\n\r\n"));
  g_assert_cmpint ((gint64)count->bytes_sent, <=,
                   (lds_clock_now_ns () - start_ns) / (LDS_NS_PER_S / 500));
  scripted_server_free (server);
  forget_news ();
}

/* Loses its patience after the first piece. */
static void
impatient_script (ScriptedServer *server,
                  int fd)
{
  char piece[4];

  if (recv (fd, piece, sizeof piece, 0) > 0)
    scripted_server_answer (fd, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
                                "Connection: close\r\n\r\n");
  tell (1);
}

static void
test_sender_cut_off (void)
{
  LdsLoadBackgroundOptions options = {.n_connections[SENDER] = 1, .send_bytes_per_s = 50};
  ScriptedServer *server = scripted_server_new (impatient_script);
  LdsLoadBackground *background = start (server, &options);
  LdsLoadBackgroundFigures figures;
  const LdsLoadBackgroundCount *count = &figures.kinds[SENDER];

  /* It is made anew each time. */
  for (int i = 0; i < 3; i++)
    hear ();
  stop (background, &figures);
  g_assert_cmpuint (count->opened, >=, 3);
  g_assert_cmpuint (count->closed_by_server, >=, 2);
  g_assert_cmpuint (count->cut_off, ==, count->closed_by_server);
  g_assert_cmpuint (count->answers, ==, 0);
  g_assert_cmpuint (count->asked, ==, 1);
  scripted_server_free (server);
  forget_news ();
}

/* Of a whole request, by turns. */
static void
refusing_script (ScriptedServer *server,
                 int fd)
{
  guint n;

  while ((n = scripted_server_read (server, fd)) > 0)
    scripted_server_answer (fd, n % 2 == 1 ? "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
                                           : "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
}

static void
test_sender_statuses (void)
{
  LdsLoadBackgroundOptions options = {.n_connections[SENDER] = 1, .send_bytes_per_s = 2000};
  ScriptedServer *server = scripted_server_new (refusing_script);
  LdsLoadBackground *background = start (server, &options);
  LdsLoadBackgroundFigures figures;
  const LdsLoadBackgroundCount *count = &figures.kinds[SENDER];

  scripted_server_wait_for (server, 5);
  stop (background, &figures);
  g_assert_cmpuint (count->opened, ==, 1);
  g_assert_cmpuint (count->cut_off, >=, 2);
  g_assert_cmpuint (count->answers, >=, 2);
  g_assert_cmpuint (count->non_2xx, ==, count->answers);
  scripted_server_free (server);
}

/* Askers */

static void
test_asker_at_once (void)
{
  LdsLoadBackgroundOptions options = {.n_connections[ASKER] = 1};
  ScriptedServer *server = scripted_server_new (answer_all_script);
  LdsLoadBackground *background = start (server, &options);
  LdsLoadBackgroundFigures figures;
  const LdsLoadBackgroundCount *count = &figures.kinds[ASKER];

  /* The fourth request: three answers were taken in whole. */
  scripted_server_wait_for (server, 4);
  stop (background, &figures);
  g_assert_cmpuint (count->opened, ==, 1);
  g_assert_cmpuint (count->open_at_end, ==, 1);
  g_assert_cmpuint (count->answers, >=, 3);
  g_assert_cmpuint (count->non_2xx, ==, 0);
  g_assert_cmpuint (count->cut_off, ==, 0);
  g_assert_cmpuint (count->bytes_sent, ==,
                    scripted_server_get_n_requests (server) * strlen (REQUEST));
  scripted_server_free (server);
}

static void
test_asker_interval (void)
{
  LdsLoadBackgroundOptions options = {.n_connections[ASKER] = 1, .ask_interval_ms = 100};
  ScriptedServer *server = scripted_server_new (answer_all_script);
  gint64 start_ns = lds_clock_now_ns ();
  LdsLoadBackground *background = start (server, &options);
  LdsLoadBackgroundFigures figures;

  scripted_server_wait_for (server, 4);
  /* Three intervals at least: a machine that is slow only makes them longer. */
  g_assert_cmpint (lds_clock_now_ns () - start_ns, >=, 3 * 100 * LDS_NS_PER_MS);
  stop (background, &figures);
  scripted_server_free (server);
}

/* How connections end */

static const char *last_answer;

static void
last_answer_script (ScriptedServer *server,
                    int fd)
{
  if (scripted_server_read (server, fd) > 0)
    scripted_server_answer (fd, last_answer);
}

static void
test_ends (void)
{
  static const struct
  {
    const char *answer;
    gsize offset; /* of the one count that tells of it */
    gboolean is_2xx;
  } cases[] = {
      {"HTTP/1.1 200 OK\r\n\r\nup to the end", G_STRUCT_OFFSET (LdsLoadBackgroundCount, answers), TRUE},
      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
       G_STRUCT_OFFSET (LdsLoadBackgroundCount, answers), TRUE},
      {"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
       G_STRUCT_OFFSET (LdsLoadBackgroundCount, answers), FALSE},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", G_STRUCT_OFFSET (LdsLoadBackgroundCount, cut_off), TRUE},
      {"", G_STRUCT_OFFSET (LdsLoadBackgroundCount, cut_off), TRUE},
      {"nonsense\r\n\r\n", G_STRUCT_OFFSET (LdsLoadBackgroundCount, malformed), TRUE},
      {"HTTP/1.1 204 No Content\r\n\r\nmore", G_STRUCT_OFFSET (LdsLoadBackgroundCount, malformed), TRUE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int kind = READER; kind <= ASKER; kind++)
      {
        LdsLoadBackgroundOptions options = {.read_bytes_per_s = LDS_LOAD_BACKGROUND_MAX_BYTES_PER_S,
                                            .send_bytes_per_s =
                                                LDS_LOAD_BACKGROUND_MAX_BYTES_PER_S};
        LdsLoadBackgroundFigures figures;
        const LdsLoadBackgroundCount *count = &figures.kinds[kind];
        LdsLoadBackground *background;
        ScriptedServer *server;
        guint64 told;

        last_answer = cases[i].answer;
        server = scripted_server_new (last_answer_script);
        options.n_connections[kind] = 1;
        background = start (server, &options);
        /* The second request: the first is over. */
        scripted_server_wait_for (server, 2);
        stop (background, &figures);
        told = G_STRUCT_MEMBER (guint64, count, cases[i].offset);
        g_assert_cmpuint (told, >=, 1);
        g_assert_cmpuint (told, ==, count->answers + count->cut_off + count->malformed);
        g_assert_cmpuint (count->non_2xx, ==, cases[i].is_2xx ? 0 : told);
        g_assert_cmpuint (count->closed_by_server + count->malformed, ==, told);
        g_assert_cmpuint (count->opened, ==, told + count->open_at_end);
        scripted_server_free (server);
      }
}

/* What cannot be connected */

static void
test_refused (void)
{
  LdsLoadBackgroundOptions options = {.n_connections = {[IDLE] = 20, [READER] = 2, [SENDER] = 1},
                                      .read_bytes_per_s = 1,
                                      .send_bytes_per_s = 1};
  ScriptedServer *server = scripted_server_new (NULL);
  LdsLoadBackgroundFigures figures;
  LdsLoadBackground *background;

  scripted_server_die (server);
  background = start (server, &options);
  g_assert_true (lds_load_background_wait (background, LONG_MS, -1));
  stop (background, &figures);
  for (int i = 0; i < LDS_LOAD_BACKGROUND_N_KINDS; i++)
    {
      g_assert_cmpuint (figures.kinds[i].opened, ==, 0);
      g_assert_cmpuint (figures.kinds[i].abandoned, ==, figures.kinds[i].asked);
      g_assert_cmpuint (figures.kinds[i].refused, ==,
                        figures.kinds[i].asked * LDS_LOAD_BACKGROUND_MAX_TRIES);
      g_assert_cmpint (figures.kinds[i].refused_errno, ==,
                       figures.kinds[i].asked > 0 ? ECONNREFUSED : 0);
    }
  scripted_server_free (server);
}

static void
test_stop_connecting (void)
{
  LdsLoadBackgroundOptions options = {.n_connections = {[IDLE] = 1000, [SENDER] = 10},
                                      .send_bytes_per_s = 10};
  int interrupt = eventfd (1, EFD_CLOEXEC);
  LdsLoadBackgroundFigures figures;
  LdsLoadBackground *background;
  guint16 port;
  int fd = listen_only (0, &port);

  background = start_at (port, &options);
  /* They never stand: it is the interrupt that ends the wait. */
  g_assert_false (lds_load_background_wait (background, LONG_MS, interrupt));
  g_assert_false (lds_load_background_wait (background, 0, -1));
  stop (background, &figures);
  g_assert_cmpuint (figures.kinds[IDLE].opened, <, 1000);
  g_assert_cmpuint (figures.kinds[IDLE].open_at_end, ==, figures.kinds[IDLE].opened);
  g_assert_cmpuint (figures.kinds[IDLE].refused, ==, 0);
  /* At once. */
  background = start_at (port, &options);
  stop (background, &figures);
  g_assert_cmpuint (figures.kinds[IDLE].opened, <, 1000);
  close (fd);
  close (interrupt);
}

/* Who may raise the hard limit would. */
static void
forgo_raising_limits (void)
{
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

  g_assert_cmpint (syscall (SYS_capget, &header, sets), ==, 0);
  sets[0].effective &= ~(1u << CAP_SYS_RESOURCE);
  sets[0].permitted &= ~(1u << CAP_SYS_RESOURCE);
  g_assert_cmpint (syscall (SYS_capset, &header, sets), ==, 0);
}

static void
child_few_files (void)
{
  struct rlimit limit = {256, 256};
  int taken[256];
  guint n_taken = 0;
  LdsLoadBackgroundOptions options = {.n_connections[IDLE] = 100};
  struct sockaddr_storage address = {.ss_family = AF_INET};
  LdsLoadBackgroundFigures figures;
  LdsLoadBackground *background;
  GError *error = NULL;
  guint16 port;
  int fd = listen_only (128, &port);

  forgo_raising_limits ();
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  while ((fd = dup (fd)) >= 0 && fd < 200)
    ;
  /* The limit has room for them, but others have taken it. */
  background = start_at (port, &options);
  g_assert_true (lds_load_background_wait (background, LONG_MS, -1));
  stop (background, &figures);
  g_assert_cmpuint (figures.kinds[IDLE].opened, >, 0);
  g_assert_cmpuint (figures.kinds[IDLE].opened, <, 60);
  g_assert_cmpuint (figures.kinds[IDLE].opened + figures.kinds[IDLE].abandoned, ==, 100);
  g_assert_cmpuint (figures.kinds[IDLE].refused, >=,
                    figures.kinds[IDLE].abandoned * LDS_LOAD_BACKGROUND_MAX_TRIES);
  g_assert_cmpint (figures.kinds[IDLE].refused_errno, ==, EMFILE);
  /* It has not even room for them. */
  options = (LdsLoadBackgroundOptions){.n_connections[IDLE] = 1000, .n_other_files = 50};
  g_assert_null (lds_load_background_start (&options, &address, sizeof address, NULL, 0, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_true (g_pattern_match_simple ("*background*1000*256 files*at most 203*", error->message));
  g_clear_error (&error);
  /* None at all is left. */
  while (n_taken < G_N_ELEMENTS (taken) && (fd = dup (STDERR_FILENO)) >= 0)
    taken[n_taken++] = fd;
  options = (LdsLoadBackgroundOptions){.n_connections[IDLE] = 1};
  g_assert_null (lds_load_background_start (&options, &address, sizeof address, NULL, 0, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  g_clear_error (&error);
  while (n_taken > 0)
    close (taken[--n_taken]);
}

static void
test_few_files (void)
{
  if (g_test_subprocess ())
    {
      child_few_files ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

/* A network of its own with 10 source ports an address; FALSE where that is not allowed. */
static gboolean
enter_small_network (void)
{
  static const char range[] = "50000 50009";
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  gboolean ok;
  int fd;

  if (unshare (CLONE_NEWUSER | CLONE_NEWNET) < 0)
    return FALSE;
  fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ok = ioctl (fd, SIOCSIFFLAGS, &request) == 0;
  close (fd);
  fd = open ("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY | O_CLOEXEC);
  ok = ok && fd >= 0 && write (fd, range, strlen (range)) == (ssize_t)strlen (range);
  if (fd >= 0)
    close (fd);
  return ok;
}

static void
child_few_ports (void)
{
  LdsLoadBackgroundOptions options = {.n_connections[IDLE] = 35};
  guint n_by_source[256] = {0};
  LdsLoadBackgroundFigures figures;
  LdsLoadBackground *background;
  guint16 port;
  int fd;

  g_assert_true (enter_small_network ());
  fd = listen_only (128, &port);
  background = start_at (port, &options);
  g_assert_true (lds_load_background_wait (background, LONG_MS, -1));
  stop (background, &figures);
  g_assert_cmpuint (figures.kinds[IDLE].opened, ==, 35);
  g_assert_cmpuint (figures.kinds[IDLE].refused, ==, 0);
  for (int i = 0; i < 35; i++)
    {
      struct sockaddr_in peer;
      socklen_t size = sizeof peer;

      g_assert_cmpint (accept (fd, (struct sockaddr *)&peer, &size), >=, 0);
      n_by_source[ntohl (peer.sin_addr.s_addr) & 0xff]++;
    }
  /* The measured connections' own are untouched. */
  g_assert_cmpuint (n_by_source[1], ==, 0);
  /* Ten ports each, without the listener's own. */
  for (guint i = 2; i <= 4; i++)
    g_assert_cmpuint (n_by_source[i], ==, 9);
  g_assert_cmpuint (n_by_source[5], ==, 8);
}

static void
test_few_ports (void)
{
  int status = 0;
  pid_t pid;

  if (g_test_subprocess ())
    {
      child_few_ports ();
      return;
    }
  /* Whether it is allowed only a process that is lost to the rest of the test can say. */
  pid = fork ();
  if (pid == 0)
    _exit (enter_small_network () ? 0 : 1);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  if (status != 0)
    {
      g_test_skip ("this system allows no network of its own");
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  news = g_async_queue_new ();
  g_test_add_func ("/load/background/options", test_options);
  g_test_add_func ("/load/background/wrong-options", test_wrong_options);
  g_test_add_func ("/load/background/json", test_json);
  g_test_add_func ("/load/background/idle/held", test_idle_held);
  g_test_add_func ("/load/background/idle/closed", test_idle_closed);
  g_test_add_func ("/load/background/connect-rate", test_connect_rate);
  g_test_add_func ("/load/background/reader/rate", test_reader_rate);
  g_test_add_func ("/load/background/reader/felt", test_reader_felt);
  g_test_add_func ("/load/background/sender/pieces", test_sender_pieces);
  g_test_add_func ("/load/background/sender/served", test_sender_served);
  g_test_add_func ("/load/background/sender/cut-off", test_sender_cut_off);
  g_test_add_func ("/load/background/sender/statuses", test_sender_statuses);
  g_test_add_func ("/load/background/asker/at-once", test_asker_at_once);
  g_test_add_func ("/load/background/asker/interval", test_asker_interval);
  g_test_add_func ("/load/background/ends", test_ends);
  g_test_add_func ("/load/background/refused", test_refused);
  g_test_add_func ("/load/background/stop-connecting", test_stop_connecting);
  g_test_add_func ("/load/background/few-files", test_few_files);
  g_test_add_func ("/load/background/few-ports", test_few_ports);
  return g_test_run ();
}
