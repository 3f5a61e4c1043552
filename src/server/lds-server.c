/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listening socket, and the lines that a server prints for its parent. */
#include "lds-build.h"
#include "lds-clock.h"
#include "lds-companion.h"
#include "lds-cost.h"
#include "lds-observer.h"
#include "lds-supervisor.h"

#include <inttypes.h>
#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

bool lds_server_may_crash;

/* Opens a socket that listens on @port; returns it, or -1 with errno set. */
static int
listen_on (int port,
           unsigned backlog,
           int *got_port)
{
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons ((uint16_t)port),
      .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1, error;

  if (fd < 0)
    return -1;
  /* So that a port whose last connections are in TIME_WAIT can be had again. */
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind (fd, (struct sockaddr *)&address, sizeof address) == 0 &&
      listen (fd, (int)backlog) == 0 && getsockname (fd, (struct sockaddr *)&address, &length) == 0)
    {
      *got_port = ntohs (address.sin_port);
      return fd;
    }
  error = errno;
  close (fd);
  errno = error;
  return -1;
}

bool
lds_server_listen (LdsServer *self,
                   char *message,
                   size_t message_bytes)
{
  const LdsServerOptions *options = &self->options;

  self->listener = listen_on (options->port, options->backlog, &self->port);
  if (self->listener < 0)
    {
      if (errno == EADDRINUSE)
        snprintf (message, message_bytes,
                  "port %d on 127.0.0.1 is in use by another program; choose another port, or 0 "
                  "for any free one.",
                  options->port);
      else
        snprintf (message, message_bytes, "cannot listen on port %d of 127.0.0.1: %s.",
                  options->port, strerror (errno));
      return false;
    }
  for (; self->n_more + 1 < options->ports; self->n_more++)
    {
      int fd = listen_on (0, options->backlog, &self->more_ports[self->n_more]);

      if (fd < 0)
        {
          snprintf (message, message_bytes, "cannot listen on %u ports of 127.0.0.1: %s.",
                    options->ports, strerror (errno));
          return false;
        }
      self->more_listeners[self->n_more] = fd;
    }
  return true;
}

/* What it runs on: hiredis does not say its version. */
static void
print_program (void)
{
  printf ("\"commit\":\"%s\",\"libraries\":[\"libuv %s\",\"SQLite %s\",\"Jansson %s\"", lds_build_get ()->commit,
          uv_version_string (), sqlite3_libversion (), jansson_version_str ());
#ifdef __GLIBC__
  printf (",\"glibc %s\"", gnu_get_libc_version ());
#endif
  printf ("],");
}

void
lds_server_announce_ready (const LdsServer *self)
{
  pid_t companions[LDS_COMPANIONS_MAX];
  unsigned n_companions;

  lds_cost_start_process (self->cost, self->worker != NULL);
  if (self->worker != NULL)
    {
      unsigned char index = (unsigned char)self->worker->index;

      /* At most one byte a worker: there is room, and without a master there is nobody to tell. */
      if (write (self->worker->ready_fd, &index, 1) < 0)
        fprintf (stderr, "loadstone-server: cannot tell the master: %s.\n", strerror (errno));
      return;
    }
  n_companions = lds_companions_list (companions);
  printf ("{\"event\":\"ready\",\"port\":%d,", self->port);
  if (self->n_more > 0)
    printf ("\"ports\":[%d", self->port);
  for (unsigned i = 0; i < self->n_more; i++)
    printf (",%d", self->more_ports[i]);
  printf ("%s\"pid\":%d,\"companions\":[", self->n_more > 0 ? "]," : "", (int)getpid ());
  for (unsigned i = 0; i < n_companions; i++)
    printf ("%s%d", i > 0 ? "," : "", (int)companions[i]);
  printf ("],");
  print_program ();
  printf ("\"model\":\"%s\",\"startup_ns\":"
          "{\"process\":%" PRId64 ",\"listen\":%" PRId64 ",\"workers\":%" PRId64 "}}\n",
          self->model->id,
          self->listen_ns - self->main_ns, self->run_ns - self->listen_ns,
          lds_clock_now_ns () - self->run_ns);
  fflush (stdout);
  lds_observer_ready ();
  lds_companions_watch ();
}

void
lds_server_announce_error (const char *message)
{
  fprintf (stderr, "loadstone-server: %s\n", message);
  fputs ("{\"event\":\"error\",\"message\":\"", stdout);
  for (const char *p = message; *p != '\0'; p++)
    {
      unsigned char c = (unsigned char)*p;

      /* A message may quote an argument: any bytes. */
      if (c == '"' || c == '\\')
        printf ("\\%c", c);
      else if (c < 0x20 || c == 0x7f)
        printf ("\\u%04x", (unsigned)c);
      else if (c >= 0x80)
        fputs ("\\ufffd", stdout);
      else
        putchar (c);
    }
  fputs ("\"}\n", stdout);
  fflush (stdout);
}

void
lds_server_prepare_socket (int fd)
{
  int one = 1;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}
