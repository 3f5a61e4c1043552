/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSockets and server-sent events against servers that cut, split, flood and lie: every request is
 * accounted for once, under the right kind, and the run ends. */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-load-run.h"
#include "lds-websocket-handshake.h"
#include "lds-websocket.h"
#include "run.h"

#define BRIEF      "\"connections\":2,\"duration_ms\":100,\"warm_up_ms\":0"
#define MAX_BYTES  (1u << 16)
#define ROOM_BYTES (2 * MAX_BYTES)

/* The server's end of a WebSocket. */
typedef struct
{
  int fd;
  LdsWebsocketReader reader;
  char data[ROOM_BYTES];
  size_t size;
  char out[ROOM_BYTES];
} Peer;

/* Reads the head of a request. Returns FALSE when the client has gone. */
static gboolean
read_head (int fd,
           GString *head)
{
  char c;

  while (!g_str_has_suffix (head->str, "\r\n\r\n"))
    {
      if (recv (fd, &c, 1, 0) <= 0)
        return FALSE;
      g_string_append_c (head, c);
    }
  return TRUE;
}

/* Writes the answer to the handshake, and @more in the same piece. */
static gboolean
shake (int fd,
       LdsSpan more)
{
  g_autoptr (GString) head = g_string_new (NULL);
  char accept[LDS_WEBSOCKET_ACCEPT_CHARS + 1], answer[LDS_WEBSOCKET_ANSWER_ROOM_BYTES + 256];
  const char *key;
  size_t size;

  if (!read_head (fd, head))
    return FALSE;
  key = strstr (head->str, "Sec-WebSocket-Key: ");
  g_assert_nonnull (key);
  lds_websocket_accept (key + strlen ("Sec-WebSocket-Key: "), accept);
  size = lds_websocket_write_answer (answer, accept);
  g_assert_cmpuint (more.length, <=, 256);
  if (more.length > 0)
    memcpy (answer + size, more.data, more.length);
  return scripted_server_write (fd, answer, size + more.length);
}

/* (nullable): after the handshake */
static Peer *
peer_new (int fd)
{
  Peer *peer;

  if (!shake (fd, (LdsSpan){0}))
    return NULL;
  peer = g_new0 (Peer, 1);
  peer->fd = fd;
  lds_websocket_reader_init (&peer->reader, LDS_WEBSOCKET_SERVER, MAX_BYTES);
  return peer;
}

static void
peer_skip (Peer *peer)
{
  peer->size -= peer->reader.total_bytes;
  memmove (peer->data, peer->data + peer->reader.total_bytes, peer->size);
}

/* Waits for the next event; the payload lies there until peer_skip(). Returns INCOMPLETE at the end. */
static LdsWebsocketEvent
peer_next (Peer *peer,
           LdsSpan *payload)
{
  LdsWebsocketEvent event;

  while ((event = lds_websocket_reader_next (&peer->reader, peer->data, &peer->size)) ==
         LDS_WEBSOCKET_INCOMPLETE)
    {
      ssize_t n = recv (peer->fd, peer->data + peer->size, sizeof peer->data - peer->size, 0);

      if (n <= 0)
        return LDS_WEBSOCKET_INCOMPLETE;
      peer->size += (size_t)n;
    }
  g_assert_cmpint (event, !=, LDS_WEBSOCKET_ERROR);
  *payload = lds_websocket_reader_payload (&peer->reader, peer->data);
  return event;
}

/* Writes a frame into @peer->out at @at. Returns where the next one goes. */
static size_t
put (Peer *peer,
     size_t at,
     LdsWebsocketOpcode opcode,
     gboolean final,
     LdsSpan payload)
{
  at += lds_websocket_write_head (peer->out + at, opcode, final, payload.length, NULL);
  if (payload.length > 0)
    memcpy (peer->out + at, payload.data, payload.length);
  return at + payload.length;
}

/* What a script does with a message; @n of the connection, from 1. Returns FALSE to end it. */
typedef gboolean (*Answer) (Peer *peer, LdsSpan message, guint n);

static void
serve (int fd,
       Answer answer)
{
  Peer *peer = peer_new (fd);
  LdsSpan payload;
  LdsWebsocketEvent event;
  guint n = 0;

  while (peer != NULL && (event = peer_next (peer, &payload)) != LDS_WEBSOCKET_INCOMPLETE)
    {
      if (event == LDS_WEBSOCKET_MESSAGE && !answer (peer, payload, ++n))
        break;
      peer_skip (peer);
    }
  g_free (peer);
}

#define SCRIPT(name)                         \
  static void                                \
      name##_script (ScriptedServer *server, \
                     int fd)                 \
  {                                          \
    serve (fd, name);                        \
  }

/* As run(), over ws:. */
static Report
run_ws (ScriptFunc script,
        const char *members)
{
  ScriptedServer *server = scripted_server_new (script);
  g_autofree char *url = scripted_server_dup_url (server);
  g_autofree char *all = g_strdup_printf ("\"url\":\"ws%s\",%s", url + strlen ("http"), members);
  Report report = run_plan (all, -1);

  scripted_server_free (server);
  return report;
}

/* The run cannot begin, and says so with @words. */
static void
assert_refused (ScriptFunc script,
                const char *scheme,
                const char *words)
{
  ScriptedServer *server = scripted_server_new (script);
  g_autofree char *url = scripted_server_dup_url (server);
  const char *engine = g_getenv ("LOADSTONE_TEST_ENGINE");
  g_autofree char *json = g_strdup_printf ("{\"url\":\"%s%s\",\"stream\":{\"mode\":\"listen\"},\"engine\":\"%s\"," BRIEF "}",
                                           scheme, url + strlen ("http"), engine != NULL ? engine : "auto");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = lds_json_parse (json, strlen (json), "plan", &error);
  g_autoptr (LdsLoadPlan) plan = lds_load_plan_from_json (json_node_get_object (node), &error);

  g_assert_no_error (error);
  g_assert_false (lds_load_run (plan, -1, stdout, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, words));
  scripted_server_free (server);
}

/* --- Echo ------------------------------------------------------------------------------------ */

static gboolean
echo (Peer *peer,
      LdsSpan message,
      guint n)
{
  return scripted_server_write (peer->fd, peer->out,
                                put (peer, 0, LDS_WEBSOCKET_OPCODE_TEXT, TRUE, message));
}

SCRIPT (echo)

static void
test_echo (void)
{
  static const char *const sizes[] = {"64", "65", "125", "126", "4000", "65535"};

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *members = g_strdup_printf ("\"stream\":{\"payload_bytes\":%s},\"timeout_ms\":30000," BRIEF, sizes[i]);
      g_auto (Report) report = run_ws (echo_script, members);

      g_assert_cmpint (get (&report, "requests"), >, 0);
      g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
      g_assert_cmpint (get_stream (&report, "members"), ==, 2);
      g_assert_cmpint (get_stream (&report, "deliveries"), ==, get_stream (&report, "messages"));
      g_assert_cmpint (get_stream (&report, "unstamped"), ==, 0);
      g_assert_cmpint (get (&report, "connects"), ==, 0);
    }
}

static void
test_count (void)
{
  g_auto (Report) report = run_ws (echo_script, "\"count\":101,\"threads\":2,\"timeout_ms\":30000," BRIEF);

  g_assert_cmpint (get (&report, "requests"), ==, 101);
  g_assert_cmpint (get_stream (&report, "messages"), ==, 101);
  g_assert_cmpint (get_stream (&report, "deliveries"), ==, 101);
}

/* Every byte by itself. */
static gboolean
echo_split (Peer *peer,
            LdsSpan message,
            guint n)
{
  size_t size = put (peer, 0, LDS_WEBSOCKET_OPCODE_TEXT, TRUE, message);

  for (size_t i = 0; i < size; i++)
    if (!scripted_server_write (peer->fd, peer->out + i, 1))
      return FALSE;
  return TRUE;
}

SCRIPT (echo_split)

/* Fragments of one byte with a ping before each, cut in the middle of frames. */
static gboolean
echo_fragments (Peer *peer,
                LdsSpan message,
                guint n)
{
  size_t size = 0;

  for (size_t i = 0; i < message.length; i++)
    {
      size = put (peer, size, LDS_WEBSOCKET_OPCODE_PING, TRUE, (LdsSpan){"ping", 4});
      size =
          put (peer, size, i == 0 ? LDS_WEBSOCKET_OPCODE_TEXT : LDS_WEBSOCKET_OPCODE_CONTINUATION,
               i + 1 == message.length, (LdsSpan){message.data + i, 1});
    }
  return scripted_server_write (peer->fd, peer->out, 100) &&
         scripted_server_write (peer->fd, peer->out + 100, size - 100);
}

SCRIPT (echo_fragments)

static void
test_split (void)
{
  static const ScriptFunc scripts[] = {echo_split_script, echo_fragments_script};

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_auto (Report) report = run_ws (scripts[i], "\"count\":20,\"timeout_ms\":30000," BRIEF);

      g_assert_cmpint (get (&report, "requests"), ==, 20);
      g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
    }
}

/* Frames and the answer to the handshake in one piece. */
static void
early_script (ScriptedServer *server,
              int fd)
{
  static const char frames[] = "\x81\x05hello\x89\x02hi";
  LdsWebsocketReader reader;
  char data[4096];
  size_t size = 0;

  lds_websocket_reader_init (&reader, LDS_WEBSOCKET_SERVER, sizeof data);
  if (!shake (fd, (LdsSpan){frames, sizeof frames - 1}))
    return;
  for (;;)
    {
      ssize_t n = recv (fd, data + size, sizeof data - size, 0);

      if (n <= 0)
        return;
      size += (size_t)n;
      if (lds_websocket_reader_next (&reader, data, &size) != LDS_WEBSOCKET_INCOMPLETE)
        break;
    }
  /* The pong comes before any message. */
  if (reader.payload_bytes == 2 && memcmp (data + reader.payload_offset, "hi", 2) == 0)
    scripted_server_read (server, fd);
}

static void
test_frames_behind_the_handshake (void)
{
  g_auto (Report) report = run_ws (early_script, "\"stream\":{\"mode\":\"listen\"},\"timeout_ms\":1," BRIEF);

  /* Both stay open, since both have answered the ping. */
  g_assert_cmpint (get_stream (&report, "members"), ==, 2);
  g_assert_cmpint (get_stream (&report, "cut"), ==, 0);
  g_assert_true (has_reason (&report, "nothing-measured"));
}

/* A thousand pings, then the answer; and a pong has to come, to the last ping of all. */
static gboolean
echo_after_flood (Peer *peer,
                  LdsSpan message,
                  guint n)
{
  g_autofree char *kept = g_memdup2 (message.data, message.length);
  LdsSpan last = {kept, message.length}, payload = {0};
  size_t size = 0;
  char number[8];

  for (guint i = 0; i < 1000; i++)
    {
      g_snprintf (number, sizeof number, "%u", i);
      size = put (peer, size, LDS_WEBSOCKET_OPCODE_PING, TRUE, (LdsSpan){number, strlen (number)});
    }
  if (!scripted_server_write (peer->fd, peer->out, size))
    return FALSE;
  do
    {
      peer_skip (peer);
      if (peer_next (peer, &payload) != LDS_WEBSOCKET_PONG)
        return FALSE;
    }
  while (payload.length != 3 || memcmp (payload.data, "999", 3) != 0);
  return echo (peer, last, n);
}

SCRIPT (echo_after_flood)

static void
test_ping_flood (void)
{
  g_auto (Report) report = run_ws (echo_after_flood_script, "\"count\":10,\"timeout_ms\":30000," BRIEF);

  g_assert_cmpint (get (&report, "requests"), ==, 10);
  g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
}

/* --- What ends a connection -------------------------------------------------------------------- */

static gboolean
half_a_frame (Peer *peer,
              LdsSpan message,
              guint n)
{
  scripted_server_write (peer->fd, peer->out,
                         put (peer, 0, LDS_WEBSOCKET_OPCODE_TEXT, TRUE, message) / 2);
  return FALSE;
}

SCRIPT (half_a_frame)

static gboolean
just_end (Peer *peer,
          LdsSpan message,
          guint n)
{
  return FALSE;
}

SCRIPT (just_end)

static gboolean
just_reset (Peer *peer,
            LdsSpan message,
            guint n)
{
  scripted_server_reset_on_close (peer->fd);
  return FALSE;
}

SCRIPT (just_reset)

static gboolean
say_goodbye (Peer *peer,
             LdsSpan message,
             guint n)
{
  return scripted_server_write (
      peer->fd, peer->out,
      lds_websocket_write_close (peer->out, LDS_WEBSOCKET_CLOSE_GOING_AWAY, "bye", NULL));
}

SCRIPT (say_goodbye)

static gboolean
masked (Peer *peer,
        LdsSpan message,
        guint n)
{
  static const uint8_t key[] = {0, 0, 0, 0};
  size_t size =
      lds_websocket_write_head (peer->out, LDS_WEBSOCKET_OPCODE_TEXT, true, message.length, key);

  memcpy (peer->out + size, message.data, message.length);
  return scripted_server_write (peer->fd, peer->out, size + message.length);
}

SCRIPT (masked)

/* Announces 2^62 bytes. */
static gboolean
oversized (Peer *peer,
           LdsSpan message,
           guint n)
{
  return scripted_server_write (peer->fd, "\x81\x7f\x40\0\0\0\0\0\0\0{", 11);
}

SCRIPT (oversized)

static gboolean
lie (Peer *peer,
     LdsSpan message,
     guint n)
{
  ((char *)message.data)[message.length - 2] ^= 1;
  return echo (peer, message, n);
}

SCRIPT (lie)

static gboolean
say_more (Peer *peer,
          LdsSpan message,
          guint n)
{
  size_t size =
      put (peer, 0, LDS_WEBSOCKET_OPCODE_TEXT, TRUE, (LdsSpan){message.data, message.length + 1});

  return scripted_server_write (peer->fd, peer->out, size);
}

SCRIPT (say_more)

static gboolean
say_hello (Peer *peer,
           LdsSpan message,
           guint n)
{
  return echo (peer, (LdsSpan){"hello", 5}, n);
}

SCRIPT (say_hello)

static void
test_failures (void)
{
  static const struct
  {
    ScriptFunc script;
    const char *kind;
    gboolean is_cut;
  } cases[] = {
      {half_a_frame_script, "short", TRUE},
      {just_end_script, "reset", TRUE},
      {just_reset_script, "reset", TRUE},
      {say_goodbye_script, "reset", TRUE},
      {masked_script, "malformed", TRUE},
      {oversized_script, "malformed", TRUE},
      {lie_script, "wrong_body", FALSE},
      {say_more_script, "wrong_body", FALSE},
      {say_hello_script, "wrong_body", FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Report) report = run_ws (cases[i].script, "\"stream\":{\"payload_bytes\":80},\"timeout_ms\":30000," BRIEF);

      assert_all_fail (&report, cases[i].kind);
      g_assert_cmpint (get_stream (&report, "cut"), ==,
                       cases[i].is_cut ? get_error (&report, cases[i].kind) : 0);
    }
}

/* The first message of a connection gets no answer before the second has come. */
static void
late_script (ScriptedServer *server,
             int fd)
{
  Peer *peer = peer_new (fd);
  g_autofree char *first = NULL;
  size_t first_bytes = 0;
  LdsSpan payload;

  while (peer != NULL && peer_next (peer, &payload) == LDS_WEBSOCKET_MESSAGE)
    {
      if (first_bytes == 0)
        {
          first_bytes = payload.length;
          first = g_memdup2 (payload.data, payload.length);
        }
      else
        {
          size_t size = first != NULL ? put (peer, 0, LDS_WEBSOCKET_OPCODE_TEXT, TRUE,
                                             (LdsSpan){first, first_bytes})
                                      : 0;

          g_clear_pointer (&first, g_free);
          if (!scripted_server_write (fd, peer->out,
                                      put (peer, size, LDS_WEBSOCKET_OPCODE_TEXT, TRUE, payload)))
            break;
        }
      peer_skip (peer);
    }
  g_free (peer);
}

/* The connection stays, and an answer that comes too late is taken for what it is. */
static void
test_late_answer (void)
{
  g_auto (Report) report = run_ws (late_script, "\"connections\":2,\"warm_up_ms\":0,\"timeout_ms\":500,\"count\":8");

  g_assert_cmpint (get_error (&report, "timeout"), >=, 2);
  g_assert_cmpint (get_error (&report, "timeout") + get (&report, "requests"), ==, 8);
  g_assert_cmpint (get_stream (&report, "cut"), ==, 0);
  g_assert_cmpint (get (&report, "connects"), ==, 0);
}

/* --- The handshake ----------------------------------------------------------------------------- */

static void
mute_script (ScriptedServer *server,
             int fd)
{
  while (scripted_server_read (server, fd) > 0)
    ;
}

/* Every other connection gets no answer to its handshake. */
static void
half_mute_script (ScriptedServer *server,
                  int fd)
{
  static gint n_connections;

  if (g_atomic_int_add (&n_connections, 1) % 2 == 0)
    echo_script (server, fd);
  else
    mute_script (server, fd);
}

static void
bad_accept_script (ScriptedServer *server,
                   int fd)
{
  if (scripted_server_read (server, fd) > 0)
    scripted_server_answer (fd, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

static void
not_found_script (ScriptedServer *server,
                  int fd)
{
  if (scripted_server_read (server, fd) > 0)
    scripted_server_answer (fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

static void
goodbye_script (ScriptedServer *server,
                int fd)
{
  scripted_server_read (server, fd);
}

static void
endless_head_script (ScriptedServer *server,
                     int fd)
{
  g_autofree char *line = g_strdup_printf ("X: %0*d\r\n", 4000, 0);

  if (scripted_server_read (server, fd) == 0 || !scripted_server_answer (fd, "HTTP/1.1 101 Yes\r\n"))
    return;
  while (scripted_server_answer (fd, line))
    ;
}

static void
plain_script (ScriptedServer *server,
              int fd)
{
  if (scripted_server_read (server, fd) > 0)
    scripted_server_answer (fd, GOOD);
}

static void
test_handshake_refused (void)
{
  assert_refused (bad_accept_script, "ws", "Sec-WebSocket-Accept");
  assert_refused (not_found_script, "ws", "does not change to the WebSocket protocol");
  assert_refused (endless_head_script, "ws", "too large");
  assert_refused (goodbye_script, "ws", "before the handshake was over");
  assert_refused (mute_script, "ws", g_strerror (ETIMEDOUT));
  assert_refused (not_found_script, "http", "status 200");
  assert_refused (plain_script, "http", "text/event-stream");
  assert_refused (goodbye_script, "http", "before it had answered");
  assert_refused (mute_script, "http", g_strerror (ETIMEDOUT));
}

static void
test_handshake_never_answered (void)
{
  g_auto (Report) report = run_ws (half_mute_script, "\"timeout_ms\":50,\"connections\":2,\"duration_ms\":300,\"warm_up_ms\":0");

  g_assert_cmpint (get_stream (&report, "members"), ==, 1);
  g_assert_cmpint (get_error (&report, "timeout"), >=, 1);
  g_assert_cmpint (get (&report, "requests"), >, 0);
}

/* --- Listening --------------------------------------------------------------------------------- */

/* Sends ticks, but every other one, with what stands around each. @split: byte by byte */
static void
tick (int fd,
      const char *before,
      const char *after,
      gboolean split,
      guint n_most)
{
  for (guint i = 0; i < n_most; i++)
    {
      g_autofree char *text = g_strdup_printf (
          "%s{\"seq\":%" G_GUINT64_FORMAT ",\"sent_ns\":%018" G_GINT64_FORMAT "}%s", before,
          G_GUINT64_CONSTANT (1000000000) + 2 * i, lds_clock_now_ns (), after);
      gsize size = strlen (text), step = split ? 1 : size;

      for (gsize at = 0; at < size; at += step)
        if (!scripted_server_write (fd, text + at, step))
          return;
    }
}

/* What stands before a tick of 47 bytes. */
#define TICK_FRAME "\x81\x2f"
G_STATIC_ASSERT (sizeof "{\"seq\":1000000000,\"sent_ns\":000000000000000000}" - 1 == 0x2f);

static void
ws_ticks_script (ScriptedServer *server,
                 int fd)
{
  if (shake (fd, (LdsSpan){0}))
    tick (fd, TICK_FRAME, "", FALSE, G_MAXINT);
}

static void
ws_split_ticks_script (ScriptedServer *server,
                       int fd)
{
  if (shake (fd, (LdsSpan){0}))
    tick (fd, TICK_FRAME, "", TRUE, G_MAXINT);
}

static gboolean
begin_events (ScriptedServer *server,
              int fd,
              const char *fields)
{
  g_autofree char *head = g_strdup_printf ("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n"
                                           "content-type: Text/Event-Stream;charset=utf-8\r\n%s\r\n",
                                           fields);

  return scripted_server_read (server, fd) > 0 && scripted_server_answer (fd, head);
}

static void
events_script (ScriptedServer *server,
               int fd)
{
  if (begin_events (server, fd, ""))
    tick (fd, "event: score\r\ndata: ", "\r\n\r\n", FALSE, G_MAXINT);
}

static void
split_events_script (ScriptedServer *server,
                     int fd)
{
  if (begin_events (server, fd, ""))
    tick (fd, ":\ndata:", "\n\n", TRUE, G_MAXINT);
}

/* A chunk begins in the middle of each event. */
static void
chunked_events_script (ScriptedServer *server,
                       int fd)
{
  if (begin_events (server, fd, "Transfer-Encoding: chunked\r\n"))
    tick (fd, "3\r\ndat\r\n34\r\na: ", "\n\n\r\n", FALSE, G_MAXINT);
}

static void
test_listening (void)
{
  static const struct
  {
    ScriptFunc script;
    gboolean is_websocket;
  } cases[] = {
      {ws_ticks_script, TRUE},
      {ws_split_ticks_script, TRUE},
      {events_script, FALSE},
      {split_events_script, FALSE},
      {chunked_events_script, FALSE},
  };
  static const char members[] = "\"stream\":{\"mode\":\"listen\"},\"threads\":2,\"timeout_ms\":30000," BRIEF;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Report) report = cases[i].is_websocket ? run_ws (cases[i].script, members)
                                                     : run (cases[i].script, members, NULL);
      gint64 deliveries = get_stream (&report, "deliveries");

      g_assert_cmpint (deliveries, >, 0);
      g_assert_cmpint (get_stream (&report, "members"), ==, 2);
      /* One is missing before each, but for the first of a connection. */
      g_assert_cmpint (get_stream (&report, "missed_ticks"), <=, deliveries);
      g_assert_cmpint (get_stream (&report, "missed_ticks"), >=, deliveries - 2);
      g_assert_cmpint (get_stream (&report, "unstamped"), ==, 0);
      g_assert_cmpint (get_stream (&report, "cut"), ==, 0);
      g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
      g_assert_cmpint (get (&report, "sent"), ==, 0);
      g_assert_cmpuint (report.frames_done, ==, report.frames_deliveries);
    }
}

static void
ws_few_ticks_script (ScriptedServer *server,
                     int fd)
{
  if (shake (fd, (LdsSpan){0}))
    tick (fd, TICK_FRAME, "", FALSE, 3);
}

static void
few_events_script (ScriptedServer *server,
                   int fd)
{
  if (begin_events (server, fd, ""))
    tick (fd, "data: ", "\n\n", FALSE, 3);
}

static void
ended_events_script (ScriptedServer *server,
                     int fd)
{
  if (begin_events (server, fd, "Transfer-Encoding: chunked\r\n") &&
      scripted_server_answer (fd, "0\r\n\r\n"))
    scripted_server_read (server, fd);
}

static void
malformed_events_script (ScriptedServer *server,
                         int fd)
{
  if (begin_events (server, fd, "Transfer-Encoding: chunked\r\n") && scripted_server_answer (fd, "no size\r\n"))
    scripted_server_read (server, fd);
}

static void
endless_event_script (ScriptedServer *server,
                      int fd)
{
  g_autofree char *line = g_strdup_printf ("data: %0*d\n", 4000, 0);

  if (!begin_events (server, fd, ""))
    return;
  while (scripted_server_answer (fd, line))
    ;
}

static void
unstamped_script (ScriptedServer *server,
                  int fd)
{
  if (!begin_events (server, fd, ""))
    return;
  while (scripted_server_answer (fd, "data: {\"score\":[1,0]}\n\ndata: {\"sent_ns\":999999999999999999}\n\n"))
    ;
}

/* Who was cut off misses the rest, which an invalid run tells. The run waits for it with a warm-up that
 * these connections do not live to see the end of. */
static void
test_listeners_are_cut (void)
{
  static const char members[] = "\"stream\":{\"mode\":\"listen\"},\"timeout_ms\":100," BRIEF;
  static const ScriptFunc events[] = {few_events_script, ended_events_script,
                                      malformed_events_script, endless_event_script};

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_auto (Report) report = run (events[i], members, NULL);

      g_assert_true (has_reason (&report, "nothing-measured"));
    }
  {
    g_auto (Report) report = run_ws (ws_few_ticks_script, members);

    g_assert_true (has_reason (&report, "nothing-measured"));
  }
}

static void
test_unstamped (void)
{
  g_auto (Report) report = run (unstamped_script, "\"stream\":{\"mode\":\"listen\"},\"timeout_ms\":50," BRIEF, NULL);

  g_assert_cmpint (get_stream (&report, "unstamped"), >, 0);
  g_assert_cmpint (get_stream (&report, "deliveries"), ==, 0);
  g_assert_true (has_reason (&report, "nothing-measured"));
}

/* A chat of this server's: what a member says it says to everybody it knows but one, @n_deaf. */
static struct
{
  GMutex mutex;
  GPtrArray *fds;
  guint n_deaf;
} chat;

static gboolean
tell_all (Peer *peer,
          LdsSpan message,
          guint n)
{
  size_t size = put (peer, 0, LDS_WEBSOCKET_OPCODE_TEXT, TRUE, message);

  g_mutex_lock (&chat.mutex);
  for (guint i = 0; i < chat.fds->len; i++)
    if (i >= chat.n_deaf || GPOINTER_TO_INT (chat.fds->pdata[i]) == peer->fd)
      scripted_server_write (GPOINTER_TO_INT (chat.fds->pdata[i]), peer->out, size);
  g_mutex_unlock (&chat.mutex);
  return TRUE;
}

static void
chat_script (ScriptedServer *server,
             int fd)
{
  g_mutex_lock (&chat.mutex);
  g_ptr_array_add (chat.fds, GINT_TO_POINTER (fd));
  g_mutex_unlock (&chat.mutex);
  serve (fd, tell_all);
  g_mutex_lock (&chat.mutex);
  g_ptr_array_remove (chat.fds, GINT_TO_POINTER (fd));
  g_mutex_unlock (&chat.mutex);
}

/* Whoever tells, and whoever is not told: reach says it, though every sender had its answer. */
static void
test_reach (void)
{
  for (guint n_deaf = 0; n_deaf <= 1; n_deaf++)
    {
      chat.fds = g_ptr_array_new ();
      chat.n_deaf = n_deaf;
      {
        g_auto (Report) report = run_ws (chat_script, "\"stream\":{\"mode\":\"broadcast\"},\"connections\":4,\"threads\":2,\"count\":40,"
                                                      "\"timeout_ms\":1000,\"think_time_ms\":1,\"warm_up_ms\":0");
        gint64 own = get_stream (&report, "messages") * 4 - get_stream (&report, "deliveries");

        g_assert_cmpint (get (&report, "requests"), ==, 40);
        g_assert_cmpint (get_stream (&report, "messages"), ==, 40);
        g_assert_cmpint (get_stream (&report, "expected"), ==, 160);
        if (n_deaf == 0)
          g_assert_cmpint (own, ==, 0);
        else
          {
            /* It hears what it says itself. */
            g_assert_cmpint (own, >, 0);
            g_assert_cmpint (own, <=, 40);
          }
        g_assert_cmpint (has_reason (&report, "reach"), ==, n_deaf > 0);
      }
      g_ptr_array_unref (chat.fds);
    }
}

int
main (int argc,
      char *argv[])
{
  if (!can_run ())
    return 0;
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/streams/echo", test_echo);
  g_test_add_func ("/load/streams/count", test_count);
  g_test_add_func ("/load/streams/split", test_split);
  g_test_add_func ("/load/streams/frames-behind-the-handshake", test_frames_behind_the_handshake);
  g_test_add_func ("/load/streams/ping-flood", test_ping_flood);
  g_test_add_func ("/load/streams/failures", test_failures);
  g_test_add_func ("/load/streams/late-answer", test_late_answer);
  g_test_add_func ("/load/streams/handshake-refused", test_handshake_refused);
  g_test_add_func ("/load/streams/handshake-never-answered", test_handshake_never_answered);
  g_test_add_func ("/load/streams/listening", test_listening);
  g_test_add_func ("/load/streams/listeners-are-cut", test_listeners_are_cut);
  g_test_add_func ("/load/streams/unstamped", test_unstamped);
  g_test_add_func ("/load/streams/reach", test_reach);
  return g_test_run ();
}
