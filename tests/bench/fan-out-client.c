/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Client of the fan-out benchmark: many WebSockets of one chat, of which the first one sends, and
 * every one counts what it gets in big reads.
 *
 * fan-out-client PORT SOCKETS MESSAGES_IN_FLIGHT SECONDS
 *
 * With a time of 0 it only opens them, says so, and holds them until its standard input ends.
 * MESSAGES_IN_FLIGHT are sent in one write as soon as all earlier ones have reached all sockets.
 * Prints {"messages":…,"seconds":…,"cpu_seconds":…}: messages are those delivered.
 */
#include "lds-clock.h"
#include "lds-websocket-handshake.h"
#include "lds-websocket.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* A short line of chat. */
#define PAYLOAD_BYTES 64
#define FRAME_BYTES   (2 + PAYLOAD_BYTES)
#define MAX_IN_FLIGHT 1000
#define READ_BYTES    (256 * 1024)

__attribute__ ((noreturn, format (printf, 1, 2))) static void
fail (const char *format,
      ...)
{
  va_list args;

  fputs ("fan-out-client: ", stderr);
  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fprintf (stderr, " (%s)\n", strerror (errno));
  exit (1);
}

/* Opens one WebSocket; its handshake is read to the end, so that the first frame comes next. */
static int
open_socket (int port)
{
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons ((uint16_t)port),
      .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  static const uint8_t nonce[LDS_WEBSOCKET_NONCE_BYTES] = {1};
  char key[LDS_WEBSOCKET_KEY_CHARS + 1], text[1024];
  const char *reason;
  size_t length, got = 0, head_bytes;
  LdsWebsocketAnswer answer;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), status;

  if (fd < 0 || connect (fd, (struct sockaddr *)&address, sizeof address) < 0)
    fail ("cannot connect");
  lds_websocket_key (nonce, key);
  length = lds_websocket_write_request (text, sizeof text, "/chat", "127.0.0.1", key);
  if (send (fd, text, length, MSG_NOSIGNAL) != (ssize_t)length)
    fail ("cannot send the handshake");
  do
    {
      ssize_t n = recv (fd, text + got, sizeof text - got, 0);

      if (n <= 0)
        fail ("no answer to the handshake");
      got += (size_t)n;
      answer = lds_websocket_read_answer (text, got, key, &head_bytes, &status, &reason);
    }
  while (answer == LDS_WEBSOCKET_ANSWER_INCOMPLETE);
  if (answer != LDS_WEBSOCKET_ANSWER_ACCEPTED || head_bytes != got)
    fail ("the handshake was refused");
  return fd;
}

static size_t
write_frames (char *to,
              unsigned n)
{
  static const uint8_t key[LDS_WEBSOCKET_KEY_BYTES] = {1, 2, 3, 4};
  char *p = to;

  for (unsigned i = 0; i < n; i++)
    {
      p += lds_websocket_write_head (p, LDS_WEBSOCKET_OPCODE_TEXT, true, PAYLOAD_BYTES, key);
      memset (p, 'x', PAYLOAD_BYTES);
      lds_websocket_mask (p, PAYLOAD_BYTES, key, 0);
      p += PAYLOAD_BYTES;
    }
  return (size_t)(p - to);
}

/* Reads until @bytes more have come over all sockets together. Never sleeps: to be woken up for each
 * message would cost the server's CPU more than to send it, as no client elsewhere does. */
static void
receive (int poller,
         uint64_t bytes)
{
  static struct epoll_event events[4096];
  static char data[READ_BYTES];
  int64_t deadline_ns = lds_clock_now_ns () + 10 * LDS_NS_PER_S;

  while (bytes > 0)
    {
      int n = epoll_wait (poller, events, sizeof events / sizeof *events, 0);

      if (n < 0 || (n == 0 && lds_clock_now_ns () > deadline_ns))
        fail ("nothing comes any more, %" PRIu64 " bytes are missing", bytes);
      for (int i = 0; i < n; i++)
        {
          ssize_t got = recv (events[i].data.fd, data, sizeof data, MSG_DONTWAIT);

          if (got <= 0 && errno != EAGAIN)
            fail ("a socket was closed");
          if (got > 0 && (uint64_t)got > bytes)
            fail ("more came than was sent");
          if (got > 0)
            bytes -= (uint64_t)got;
        }
    }
}

int
main (int argc,
      char **argv)
{
  static char frames[MAX_IN_FLIGHT * (LDS_WEBSOCKET_HEAD_MAX_BYTES + PAYLOAD_BYTES)];
  int port = argc == 5 ? atoi (argv[1]) : 0, poller = epoll_create1 (EPOLL_CLOEXEC), first = -1;
  unsigned n_sockets = argc == 5 ? (unsigned)atoi (argv[2]) : 0;
  unsigned in_flight = argc == 5 ? (unsigned)atoi (argv[3]) : 0;
  double seconds = argc == 5 ? atof (argv[4]) : 0;
  uint64_t messages = 0;
  int64_t begin_ns, now_ns, cpu_ns;
  size_t length;

  if (n_sockets == 0 || in_flight > MAX_IN_FLIGHT)
    {
      fputs ("usage: fan-out-client PORT SOCKETS MESSAGES_IN_FLIGHT SECONDS\n", stderr);
      return 2;
    }
  for (unsigned i = 0; i < n_sockets; i++)
    {
      struct epoll_event event = {.events = EPOLLIN};

      event.data.fd = open_socket (port);
      if (first < 0)
        first = event.data.fd;
      if (epoll_ctl (poller, EPOLL_CTL_ADD, event.data.fd, &event) < 0)
        fail ("cannot poll");
    }
  puts ("{\"open\":true}");
  fflush (stdout);
  if (seconds <= 0)
    {
      while (getchar () != EOF)
        ;
      return 0;
    }
  length = write_frames (frames, in_flight);
  begin_ns = lds_clock_now_ns ();
  cpu_ns = lds_clock_thread_cpu_ns ();
  do
    {
      if (send (first, frames, length, MSG_NOSIGNAL) != (ssize_t)length)
        fail ("cannot send");
      receive (poller, (uint64_t)in_flight * n_sockets * FRAME_BYTES);
      messages += (uint64_t)in_flight * n_sockets;
      now_ns = lds_clock_now_ns ();
    }
  while ((double)(now_ns - begin_ns) < seconds * (double)LDS_NS_PER_S);
  printf ("{\"messages\":%" PRIu64 ",\"seconds\":%.6f,\"cpu_seconds\":%.6f}\n", messages,
          (double)(now_ns - begin_ns) / (double)LDS_NS_PER_S,
          (double)(lds_clock_thread_cpu_ns () - cpu_ns) / (double)LDS_NS_PER_S);
  return 0;
}
