/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Topics of a loop whose turns the test makes itself: gathering, framing, order, relays. */
#include "lds-buffer.h"
#include "lds-loop-hub.h"
#include "lds-loop.h"
#include "lds-registry.h"

#include <errno.h>
#include <glib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of a WebSocket; a request for an event stream has no use for most of it. */
#define FIELDS                    \
  "Host: a\r\n"                   \
  "Connection: Upgrade\r\n"       \
  "Upgrade: websocket\r\n"        \
  "Sec-WebSocket-Version: 13\r\n" \
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

typedef struct
{
  LdsServer server;
  LdsLoop *loop;
  LdsHub *hub;
} Fixture;

static void
set_up (Fixture *fixture,
        gconstpointer data)
{
  fixture->server = (LdsServer){
      .model = lds_registry_find_model ("event-loop"),
      .limits = LDS_HTTP_LIMITS_DEFAULT,
      .listener = -1,
  };
  fixture->server.options = fixture->server.model->defaults;
  fixture->loop = lds_loop_new (&fixture->server, &(LdsLoopOptions){0});
  fixture->hub = lds_loop_hub (fixture->loop);
  g_assert_true (fixture->server.hub == fixture->hub);
}

static void
tear_down (Fixture *fixture,
           gconstpointer data)
{
  lds_loop_stop (fixture->loop);
  lds_loop_run (fixture->loop);
  lds_loop_free (fixture->loop);
}

static void
turn (Fixture *fixture)
{
  /* A turn ends with what is gathered being written, before it polls: so one more for what that
   * reads. */
  uv_run (lds_loop_uv (fixture->loop), UV_RUN_NOWAIT);
  uv_run (lds_loop_uv (fixture->loop), UV_RUN_NOWAIT);
}

/* Returns what has come; (transfer full). */
static GString *
take (int fd)
{
  GString *text = g_string_new (NULL);
  char bytes[65536];
  ssize_t n;

  while ((n = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
    g_string_append_len (text, bytes, n);
  return text;
}

static int
join (Fixture *fixture,
      const char *path)
{
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\n" FIELDS, path);
  g_autoptr (GString) answer = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), ==, 0);
  lds_loop_adopt (fixture->loop, fds[0]);
  g_assert_cmpint (send (fds[1], request, strlen (request), 0), ==, strlen (request));
  turn (fixture);
  answer = take (fds[1]);
  g_assert_true (g_str_has_prefix (answer->str, "HTTP/1.1 101 ") ||
                 g_str_has_prefix (answer->str, "HTTP/1.1 200 "));
  g_assert_true (g_str_has_suffix (answer->str, "\r\n\r\n"));
  return fds[1];
}

static LdsTopic *
topic_of (Fixture *fixture,
          const char *id,
          unsigned tick_hz)
{
  for (size_t i = 0; lds_server_workloads[i] != NULL; i++)
    if (strcmp (lds_server_workloads[i]->id, id) == 0)
      return lds_hub_topic (fixture->hub, lds_server_workloads[i], tick_hz);
  g_assert_not_reached ();
}

static void
publish (LdsTopic *topic,
         const char *text)
{
  lds_topic_publish (topic, (LdsSpan){text, strlen (text)}, true);
}

static void
assert_comes (int fd,
              const char *expected)
{
  g_autoptr (GString) got = take (fd);

  g_assert_cmpstr (got->str, ==, expected);
}

/* What is published in one turn comes at its end, all of it, in order; not before. */
static void
test_gathers (Fixture *fixture,
              gconstpointer data)
{
  int one = join (fixture, "/chat"), two = join (fixture, "/chat");
  LdsTopic *chat = topic_of (fixture, "chat", 0);

  publish (chat, "a");
  publish (chat, "bc");
  assert_comes (one, "");
  turn (fixture);
  assert_comes (one, "\x81\x01"
                     "a\x81\x02"
                     "bc");
  assert_comes (two, "\x81\x01"
                     "a\x81\x02"
                     "bc");
  turn (fixture);
  assert_comes (one, "");

  /* Who has left gets nothing and is in nobody's way. */
  close (one);
  turn (fixture);
  publish (chat, "d");
  turn (fixture);
  assert_comes (two, "\x81\x01"
                     "d");
  close (two);
}

/* A new member gets nothing of what was published before, also not in the same turn. */
static void
test_joins_late (Fixture *fixture,
                 gconstpointer data)
{
  int early = join (fixture, "/chat"), late;
  LdsTopic *chat = topic_of (fixture, "chat", 0);

  publish (chat, "a");
  late = join (fixture, "/chat");
  assert_comes (early, "\x81\x01"
                       "a");
  assert_comes (late, "");
  publish (chat, "b");
  turn (fixture);
  assert_comes (late, "\x81\x01"
                      "b");
  close (early);
  close (late);
}

/* Topics: of one name and rate the same, else others. */
static void
test_topics (Fixture *fixture,
             gconstpointer data)
{
  g_assert_true (topic_of (fixture, "live", 1) == topic_of (fixture, "events", 1));
  g_assert_true (topic_of (fixture, "live", 1) != topic_of (fixture, "live", 2));
  g_assert_true (topic_of (fixture, "chat", 0) != topic_of (fixture, "nlp", 0));
}

/* Lines of a text are fields of one event, whatever ends them; bytes that are no text do not come. */
static void
test_events (Fixture *fixture,
             gconstpointer data)
{
  static const struct
  {
    const char *text, *event;
  } cases[] = {
      {"a", "data: a\n\n"},
      {"", "data: \n\n"},
      {"a\nb", "data: a\ndata: b\n\n"},
      {"a\r\nb\rc", "data: a\ndata: b\ndata: c\n\n"},
      {"\n\nx", "data: \ndata: \ndata: x\n\n"},
  };
  int stream = join (fixture, "/events?hz=1");
  LdsTopic *live = topic_of (fixture, "events", 1);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *chunk =
          g_strdup_printf ("%zx\r\n%s\r\n", strlen (cases[i].event), cases[i].event);
      g_autoptr (GString) got = NULL;

      lds_topic_publish (live, (LdsSpan){"\xff", 1}, false);
      publish (live, cases[i].text);
      turn (fixture);
      got = take (stream);
      /* A tick may come with it. */
      g_assert_nonnull (strstr (got->str, chunk));
      g_assert_null (strchr (got->str, '\xff'));
    }
  close (stream);
}

static void
relay_cb (void *data,
          LdsSpan topic,
          LdsSpan payload,
          bool text)
{
  g_string_append_printf (data, "%.*s:%.*s:%s;", (int)topic.length, topic.data,
                          (int)payload.length, payload.data, text ? "text" : "binary");
}

/* Every message goes to the relay, and what a relay brings goes to the members alone. */
static void
test_relay (Fixture *fixture,
            gconstpointer data)
{
  g_autoptr (GString) relayed = g_string_new (NULL);
  int member = join (fixture, "/chat");
  LdsTopic *chat = topic_of (fixture, "chat", 0);

  lds_hub_set_relay (fixture->hub, relay_cb, relayed);
  publish (chat, "here");
  lds_topic_publish (chat, (LdsSpan){"b", 1}, false);
  lds_hub_deliver (fixture->hub, (LdsSpan){"chat", 4}, (LdsSpan){"there", 5}, true);
  lds_hub_deliver (fixture->hub, (LdsSpan){"chats", 5}, (LdsSpan){"nowhere", 7}, true);
  turn (fixture);
  g_assert_cmpstr (relayed->str, ==, "chat:here:text;chat:b:binary;");
  assert_comes (member, "\x81\x04here\x82\x01"
                        "b\x81\x05there");
  lds_hub_set_relay (fixture->hub, NULL, NULL);
  publish (chat, "x");
  g_assert_cmpuint (relayed->len, ==, strlen ("chat:here:text;chat:b:binary;"));
  close (member);
}

/* A single message larger than any backlog reaches who takes it, in pieces, and nobody is closed. */
static void
test_large (Fixture *fixture,
            gconstpointer data)
{
  gsize size = 4 * LDS_HUB_BACKLOG_BYTES;
  g_autofree char *payload = g_malloc (size);
  int members[] = {join (fixture, "/chat"), join (fixture, "/chat")};
  GString *got[] = {g_string_new (NULL), g_string_new (NULL)};

  memset (payload, 'x', size);
  lds_topic_publish (topic_of (fixture, "chat", 0), (LdsSpan){payload, size}, false);
  while (got[0]->len < 10 + size || got[1]->len < 10 + size)
    {
      turn (fixture);
      for (guint i = 0; i < 2; i++)
        {
          g_autoptr (GString) more = take (members[i]);

          g_string_append_len (got[i], more->str, (gssize)more->len);
        }
    }
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpmem (got[i]->str, 10, "\x82\x7f\0\0\0\0\0\x40\0\0", 10);
      g_assert_cmpmem (got[i]->str + 10, got[i]->len - 10, payload, size);
      g_string_free (got[i], TRUE);
      close (members[i]);
    }
}

int
main (int argc,
      char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
      {"/server/hub/gathers", test_gathers},
      {"/server/hub/joins-late", test_joins_late},
      {"/server/hub/topics", test_topics},
      {"/server/hub/events", test_events},
      {"/server/hub/relay", test_relay},
      {"/server/hub/large", test_large},
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
