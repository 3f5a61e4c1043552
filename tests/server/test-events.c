/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events: the queue of the server's own, a real broker where one is installed, and JSON text. */
#include "lds-buffer.h"
#include "lds-clock.h"
#include "lds-events.h"
#include "lds-json-text.h"

#include <arpa/inet.h>
#include <float.h>
#include <glib/gstdio.h>
#include <hiredis/hiredis.h>
#include <math.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_US (30 * G_USEC_PER_SEC)

static LdsEvents *
open_events (const char *address)
{
  char message[256] = "";
  bool bad_address;
  LdsEvents *events = lds_events_open (address, &bad_address, message, sizeof message);

  g_assert_cmpstr (message, ==, "");
  g_assert_nonnull (events);
  return events;
}

static void
publish_created (LdsEvents *events,
                 unsigned id)
{
  g_autofree char *event = g_strdup_printf ("{\"action\":\"created\",\"id\":%u,\"name\":\"x\"}", id);

  /* A full queue refuses. */
  while (!lds_events_publish (events, event, strlen (event)))
    g_thread_yield ();
}

/* Waits until the consumers have got @count events. */
static void
wait_consumed (LdsEvents *events,
               uint64_t count)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_US;

  while (lds_events_counts (events).consumed < count)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (200);
    }
  g_assert_cmpuint (lds_events_counts (events).consumed, ==, count);
}

#define THREADS 4
#define ROUNDS  5000

static gpointer
publisher_thread (gpointer data)
{
  for (unsigned i = 0; i < ROUNDS; i++)
    publish_created (data, i);
  return NULL;
}

static void
test_queue_threads (void)
{
  LdsEvents *events = open_events (NULL);
  GThread *threads[THREADS];
  LdsHistogram *lag = lds_histogram_new ();
  LdsEventsCounts counts;

  for (unsigned i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("publisher", publisher_thread, events);
  for (unsigned i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  wait_consumed (events, THREADS * ROUNDS);
  counts = lds_events_counts (events);
  g_assert_cmpuint (counts.published, ==, THREADS * ROUNDS);
  g_assert_cmpuint (counts.malformed, ==, 0);
  g_assert_cmpuint (counts.backlog, ==, 0);
  g_assert_cmpint (counts.max_lag_ns, >, 0);
  lds_events_add_lag (events, lag);
  g_assert_cmpuint (lag->total, ==, THREADS * ROUNDS);
  g_assert_cmpint (lds_histogram_quantile_ns (lag, 0.5), <=, lds_histogram_quantile_ns (lag, 0.99));
  g_assert_cmpint (lag->min_ns, <=, counts.max_lag_ns);
  g_assert_cmpint (lds_histogram_quantile_ns (lag, 1), >=, counts.max_lag_ns);
  lds_histogram_free (lag);
  lds_events_close (events);
}

/* The consumer goes to sleep and is woken: one event at a time, each heard. */
static void
test_queue_wakes (void)
{
  LdsEvents *events = open_events (NULL);

  for (unsigned i = 1; i <= 300; i++)
    {
      publish_created (events, i);
      wait_consumed (events, i);
    }
  lds_events_close (events);
}

static void
test_queue_contract (void)
{
  static const char *const good[] = {
      "{\"action\":\"created\",\"id\":1,\"name\":\"Brass \\\"compass\\\"\"}",
      "{\"action\":\"deleted\",\"id\":9223372036854775807}",
  };
  /* The first is the article's own slip: Node sends the id of a deleted one as text. */
  static const char *const bad[] = {
      "{\"action\":\"deleted\",\"id\":\"1\"}",
      "{\"action\":\"deleted\",\"id\":1.5}",
      "{\"action\":\"created\",\"id\":1}",
      "{\"action\":\"created\",\"id\":1,\"name\":null}",
      "{\"action\":\"deleted\",\"id\":1,\"name\":\"x\"}",
      "{\"action\":\"moved\",\"id\":1}",
      "{\"action\":\"deleted\",\"action\":\"deleted\",\"id\":1}",
      "[]",
      "{",
      "\xff",
      "{\"action\":\"deleted\",\"id\":9223372036854775808}",
  };
  LdsEvents *events = open_events (NULL);
  char huge[LDS_EVENT_BYTES + 1];

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (lds_events_publish (events, good[i], strlen (good[i])));
  wait_consumed (events, G_N_ELEMENTS (good));
  g_assert_cmpuint (lds_events_counts (events).malformed, ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_true (lds_events_publish (events, bad[i], strlen (bad[i])));
  memset (huge, '[', sizeof huge);
  g_assert_false (lds_events_publish (events, huge, sizeof huge));
  g_assert_false (lds_events_publish (events, huge, 0));
  g_assert_true (lds_events_publish (events, huge, sizeof huge - 1));
  wait_consumed (events, G_N_ELEMENTS (good) + G_N_ELEMENTS (bad) + 1);
  g_assert_cmpuint (lds_events_counts (events).malformed, ==, G_N_ELEMENTS (bad) + 1);
  g_assert_cmpuint (lds_events_counts (events).failed, ==, 2);
  lds_events_close (events);
}

/* Each process has a queue and a consumer of its own; the counts are those of all. */
static void
test_queue_processes (void)
{
  LdsEvents *events = open_events (NULL);
  pid_t children[3];

  /* Even one forked from a process that has published before. */
  publish_created (events, 1);
  wait_consumed (events, 1);
  for (unsigned i = 0; i < G_N_ELEMENTS (children); i++)
    {
      children[i] = fork ();
      if (children[i] == 0)
        {
          for (unsigned n = 0; n < 1000; n++)
            publish_created (events, n);
          /* Consumes what is left before it ends. */
          lds_events_close (events);
          _exit (0);
        }
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (children); i++)
    {
      int status;

      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  g_assert_cmpuint (lds_events_counts (events).consumed, ==, 3001);
  g_assert_cmpuint (lds_events_counts (events).backlog, ==, 0);
  lds_events_close (events);
}

static void
test_addresses (void)
{
  static const struct
  {
    const char *address, *why;
    bool bad;
  } rows[] = {
      {"127.0.0.1:6379", "must begin with redis://", true},
      {"", "must begin with redis://", true},
      {"rediss://127.0.0.1", "must begin with redis://", true},
      {"redis://", "must name this machine", true},
      {"redis://192.168.0.1:6379", "must name this machine", true},
      {"redis://example.org", "must name this machine", true},
      {"redis://127.0.0.1.example.org", "must name this machine", true},
      {"redis://127.1", "must name this machine", true},
      {"redis://[::2]:6379", "must name this machine", true},
      {"redis://[::1", "must name this machine", true},
      {"redis://user:secret@127.0.0.1", "must not have a user or password", true},
      {"redis://127.0.0.1:0", "must have a port", true},
      {"redis://127.0.0.1:65536", "must have a port", true},
      {"redis://127.0.0.1:-1", "must have a port", true},
      {"redis://127.0.0.1:63x", "must have a port", true},
      {"redis://127.0.0.1:99999999999999999999", "must have a port", true},
      {"redis://127.0.0.1/a b", "must have a channel", true},
      {"redis://127.0.0.1/a/b", "must have a channel", true},
      {"redis://127.0.0.1/\xc3\xa9", "must have a channel", true},
      /* Nothing can listen there: its number is over, see test_broker_gone() for one that was there. */
      {"valkey://localhost:1/events", "no broker answers on port 1 of 127.0.0.1", false},
      {"redis://[::1]:1", "no broker answers on port 1 of ::1", false},
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      char message[256] = "";
      bool bad = !rows[i].bad;

      g_assert_null (lds_events_open (rows[i].address, &bad, message, sizeof message));
      g_test_message ("%s", message);
      g_assert_nonnull (strstr (message, rows[i].why));
      g_assert_true (g_str_has_prefix (message, "--events: "));
      g_assert_true (bad == rows[i].bad);
    }
}

/* A broker of this test's own. */
typedef struct
{
  pid_t pid;
  int port;
  char *folder;
} Broker;

static int
free_port (void)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *)&address, &length), ==, 0);
  close (fd);
  return ntohs (address.sin_port);
}

static gboolean
answers (int port)
{
  redisContext *context = redisConnect ("127.0.0.1", port);
  redisReply *reply = context->err == 0 ? redisCommand (context, "PING") : NULL;
  gboolean good = reply != NULL && reply->type == REDIS_REPLY_STATUS;

  if (reply != NULL)
    freeReplyObject (reply);
  redisFree (context);
  return good;
}

/* Starts it on @port, or on any if that is 0. Returns false, with the test skipped, when there is none. */
static gboolean
start_broker (Broker *broker,
              int port)
{
  g_autofree char *program = g_find_program_in_path ("redis-server");
  gint64 deadline = g_get_monotonic_time () + PATIENCE_US;

  if (program == NULL)
    program = g_find_program_in_path ("valkey-server");
  if (program == NULL)
    {
      g_test_skip ("neither redis-server nor valkey-server is installed");
      return FALSE;
    }
  broker->folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  for (;;)
    {
      g_autofree char *text = NULL;
      pid_t parent = getpid ();

      /* Somebody else may take the port in between; then it ends, and another is tried. */
      broker->port = port == 0 ? free_port () : port;
      text = g_strdup_printf ("%d", broker->port);
      broker->pid = fork ();
      if (broker->pid == 0)
        {
          prctl (PR_SET_PDEATHSIG, SIGKILL);
          if (getppid () != parent || chdir (broker->folder) < 0)
            _exit (1);
          execl (program, program, "--port", text, "--bind", "127.0.0.1", "--save", "", "--appendonly",
                 "no", "--logfile", "log", "--daemonize", "no", NULL);
          _exit (1);
        }
      while (!answers (broker->port) && waitpid (broker->pid, NULL, WNOHANG) == 0)
        {
          g_assert_cmpint (g_get_monotonic_time (), <, deadline);
          g_usleep (2000);
        }
      if (kill (broker->pid, 0) == 0)
        return TRUE;
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
}

static void
stop_broker (Broker *broker)
{
  g_autofree char *log = g_build_filename (broker->folder, "log", NULL);

  kill (broker->pid, SIGKILL);
  waitpid (broker->pid, NULL, 0);
  g_unlink (log);
  g_assert_cmpint (g_rmdir (broker->folder), ==, 0);
  g_free (broker->folder);
}

/* Another program that hears the channel. */
static redisContext *
subscribe (const Broker *broker,
           const char *channel)
{
  redisContext *context = redisConnect ("127.0.0.1", broker->port);
  redisReply *reply;

  g_assert_cmpint (context->err, ==, 0);
  reply = redisCommand (context, "SUBSCRIBE %s", channel);
  g_assert_nonnull (reply);
  freeReplyObject (reply);
  return context;
}

static char *
next_message (redisContext *context)
{
  redisReply *reply = NULL;
  char *text;

  g_assert_cmpint (redisGetReply (context, (void **)&reply), ==, REDIS_OK);
  g_assert_cmpuint (reply->elements, ==, 3);
  g_assert_cmpstr (reply->element[0]->str, ==, "message");
  text = g_strdup (reply->element[2]->str);
  freeReplyObject (reply);
  return text;
}

/* Publishes until the consumer hears it: it subscribes in the background. Returns how often. */
static unsigned
publish_until_heard (LdsEvents *events,
                     uint64_t more_than)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_US;
  unsigned n = 0;

  while (lds_events_counts (events).consumed <= more_than)
    {
      g_autofree char *event = g_strdup_printf ("{\"action\":\"deleted\",\"id\":%u}", 1000000 + n);

      n += lds_events_publish (events, event, strlen (event));
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (1000);
    }
  return n;
}

static void
test_broker (void)
{
  static const char text[] = "{\"action\":\"created\",\"id\":1,\"name\":\"\xc3\xa9 \\\"quoted\\\" \\\\ %s\"}";
  Broker broker;
  LdsEvents *events;
  LdsEventsCounts counts;
  g_autofree char *address = NULL, *heard = NULL;
  redisContext *other;
  uint64_t before;

  if (!start_broker (&broker, 0))
    return;
  address = g_strdup_printf ("redis://127.0.0.1:%d/news", broker.port);
  events = open_events (address);
  other = subscribe (&broker, "news");
  g_assert_true (lds_events_publish (events, text, strlen (text)));
  heard = next_message (other);
  g_assert_cmpstr (heard, ==, text);
  redisFree (other);

  publish_until_heard (events, 0);
  counts = lds_events_counts (events);
  wait_consumed (events, counts.consumed + counts.backlog);
  before = lds_events_counts (events).consumed;
  for (unsigned i = 0; i < 2000; i++)
    publish_created (events, i);
  wait_consumed (events, before + 2000);
  counts = lds_events_counts (events);
  g_assert_cmpuint (counts.failed, ==, 0);
  g_assert_cmpuint (counts.malformed, ==, 0);
  g_assert_cmpuint (counts.backlog, ==, 0);
  g_assert_cmpint (counts.max_lag_ns, >, 0);
  lds_events_close (events);
  stop_broker (&broker);
}

static void
test_broker_threads (void)
{
  Broker broker;
  LdsEvents *events;
  GThread *threads[THREADS];
  g_autofree char *address = NULL;

  if (!start_broker (&broker, 0))
    return;
  address = g_strdup_printf ("valkey://localhost:%d", broker.port);
  events = open_events (address);
  for (unsigned i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("publisher", publisher_thread, events);
  for (unsigned i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (lds_events_counts (events).published, ==, THREADS * ROUNDS);
  g_assert_cmpuint (lds_events_counts (events).failed, ==, 0);
  lds_events_close (events);
  stop_broker (&broker);
}

/* A broker that goes and comes again: publishing fails meanwhile, and is well again by itself. */
static void
test_broker_gone (void)
{
  Broker broker;
  LdsEvents *events;
  g_autofree char *address = NULL;
  uint64_t consumed;
  int port;

  if (!start_broker (&broker, 0))
    return;
  port = broker.port;
  address = g_strdup_printf ("redis://127.0.0.1:%d", port);
  events = open_events (address);
  publish_until_heard (events, 0);
  stop_broker (&broker);
  for (int i = 0; i < 50; i++)
    g_assert_false (lds_events_publish (events, "{}", 2));
  g_assert_cmpuint (lds_events_counts (events).failed, ==, 50);

  if (start_broker (&broker, port))
    {
      consumed = lds_events_counts (events).consumed;
      publish_until_heard (events, consumed);
      stop_broker (&broker);
    }
  lds_events_close (events);
}

/* One process of a server is its consumer; when that is killed another takes its place. */
static void
test_broker_processes (void)
{
  Broker broker;
  LdsEvents *events;
  g_autofree char *address = NULL;
  uint64_t consumed;
  pid_t child;
  int status;

  if (!start_broker (&broker, 0))
    return;
  address = g_strdup_printf ("redis://127.0.0.1:%d", broker.port);
  events = open_events (address);
  child = fork ();
  if (child == 0)
    {
      publish_until_heard (events, 0);
      /* Not closed: as one that is killed. */
      raise (SIGKILL);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  consumed = lds_events_counts (events).consumed;
  g_assert_cmpuint (consumed, >, 0);
  publish_until_heard (events, consumed);
  lds_events_close (events);
  stop_broker (&broker);
}

static void
assert_string (const char *bytes,
               size_t length,
               const char *expected)
{
  LdsBuffer out = {0};

  lds_json_append_string (&out, (LdsSpan){bytes, length});
  g_assert_cmpmem (out.data + out.start, lds_buffer_size (&out), expected, strlen (expected));
  lds_buffer_free (&out);
}

static void
test_json_strings (void)
{
  assert_string ("", 0, "\"\"");
  assert_string ("plain", 5, "\"plain\"");
  assert_string ("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
  assert_string ("\0\x1f\n\x7f", 4, "\"\\u0000\\u001f\\u000a\x7f\"");
  assert_string ("\xc3\xa9\xe2\x82\xac\xf0\x9f\xa7\xad", 9, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\xa7\xad\"");
  /* Cut off, overlong, a surrogate, beyond U+10FFFF, alone. */
  assert_string ("x\xc3", 2, "\"x\xef\xbf\xbd\"");
  assert_string ("\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  assert_string ("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  assert_string ("\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  assert_string ("\x80", 1, "\"\xef\xbf\xbd\"");
}

static void
test_json_numbers (void)
{
  static const struct
  {
    double number;
    const char *text;
  } rows[] = {
      {0, "0"},
      {24, "24"},
      {24.5, "24.5"},
      {189.99, "189.99"},
      {-0.01, "-0.01"},
      {0.1 + 0.2, "0.30000000000000004"},
      {1.0 / 3, "0.333333333333333315"},
      {123456789012.34, "123456789012.34"},
      {1e300, "1e+300"},
      {5e-324, "4.94065645841247e-324"},
      {-1e13, "-10000000000000"},
      {INFINITY, "null"},
      {-INFINITY, "null"},
      {(double)NAN, "null"},
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  LdsBuffer out = {0};

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      lds_buffer_clear (&out);
      lds_json_append_number (&out, rows[i].number);
      lds_buffer_append (&out, "", 1);
      /* Two digits more than needed would be right, too; that it is the same number is what counts. */
      if (isfinite (rows[i].number))
        g_assert_cmpfloat (g_ascii_strtod (out.data + out.start, NULL), ==, rows[i].number);
      else
        g_assert_cmpstr (out.data + out.start, ==, rows[i].text);
      if (strlen (rows[i].text) < 16)
        g_assert_cmpstr (out.data + out.start, ==, rows[i].text);
    }
  for (int i = 0; i < 20000; i++)
    {
      union
      {
        guint64 bits;
        double number;
      } any = {.bits = (guint64)g_rand_int (rand) << 32 | g_rand_int (rand)};
      double price = g_rand_int (rand) / 100.0;

      for (int turn = 0; turn < 2; turn++)
        {
          double number = turn == 0 ? price : any.number;

          lds_buffer_clear (&out);
          lds_json_append_number (&out, number);
          lds_buffer_append (&out, "", 1);
          if (isfinite (number))
            g_assert_cmpfloat (g_ascii_strtod (out.data + out.start, NULL), ==, number);
        }
    }
  lds_buffer_free (&out);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/server/json-text/strings", test_json_strings);
  g_test_add_func ("/server/json-text/numbers", test_json_numbers);
  g_test_add_func ("/server/events/queue/threads", test_queue_threads);
  g_test_add_func ("/server/events/queue/wakes", test_queue_wakes);
  g_test_add_func ("/server/events/queue/contract", test_queue_contract);
  g_test_add_func ("/server/events/queue/processes", test_queue_processes);
  g_test_add_func ("/server/events/addresses", test_addresses);
  g_test_add_func ("/server/events/broker/plain", test_broker);
  g_test_add_func ("/server/events/broker/threads", test_broker_threads);
  g_test_add_func ("/server/events/broker/gone", test_broker_gone);
  g_test_add_func ("/server/events/broker/processes", test_broker_processes);
  return g_test_run ();
}
