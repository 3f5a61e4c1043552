/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M6, prefork: processes that each serve one request at a time and close the connection after it.
 *
 * A master opens the listening socket, forks the workers, and starts a new one for each that ends.
 * The workers share the socket: whoever is free accepts, and what nobody accepts waits in the
 * kernel's backlog. A waiting request is a process standing still.
 *
 * Sources: gunicorn, workers/sync.py (accept, one request, close), arbiter.py (fork, reap, spawn
 * again), settings "workers" 1, "backlog" 2048, "timeout" 30 s; accessed 2026-11-21.
 */
#include "lds-blocking.h"
#include "lds-clock.h"
#include "lds-supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define WORKERS 1
#define BACKLOG 2048
/* After a shortage of file descriptors a worker leaves the listener alone for so long. */
#define ACCEPT_PAUSE_MS 100

static volatile sig_atomic_t worker_stop;

static void
worker_stop_cb (int signal_number)
{
  worker_stop = 1;
}

static void
serve_client (LdsServer *server,
              LdsBlocking *blocking,
              int fd)
{
  static const LdsBlockingHooks hooks = {0};
  LdsConnection connection;

  lds_blocking_prepare_socket (fd);
  lds_connection_init (&connection, server);
  while (lds_blocking_serve (blocking, &connection, fd, &hooks) == LDS_BLOCKING_IDLE)
    ;
  lds_connection_clear (&connection);
  close (fd);
}

/* Signals are let in only while nothing is served, so that a request in flight is finished. */
static int
work (LdsServer *server,
      void *data)
{
  LdsBlocking blocking = {0};
  const struct timespec pause = {.tv_nsec = ACCEPT_PAUSE_MS * LDS_NS_PER_MS};
  const struct sigaction on_stop = {.sa_handler = worker_stop_cb};
  struct pollfd readable = {.fd = server->listener, .events = POLLIN};
  sigset_t none;

  sigaction (SIGTERM, &on_stop, NULL);
  sigaction (SIGINT, &on_stop, NULL);
  sigemptyset (&none);
  lds_server_announce_ready (server);
  while (!worker_stop)
    {
      int fd = accept4 (server->listener, NULL, NULL, SOCK_CLOEXEC);

      if (fd >= 0)
        {
          serve_client (server, &blocking, fd);
          /* Signals that came meanwhile. */
          ppoll (NULL, 0, &(struct timespec){0}, &none);
        }
      else if (errno == EAGAIN)
        ppoll (&readable, 1, NULL, &none);
      else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        ppoll (NULL, 0, &pause, &none);
    }
  lds_blocking_clear (&blocking);
  return 0;
}

static int
run (LdsServer *server)
{
  const LdsSupervisorHooks hooks = {.work = work};

  server->one_request = true;
  return lds_supervisor_run (server, &hooks);
}

const LdsServerModel lds_model_prefork = {
    .id = "prefork",
    .summary = "processes that each serve one request at a time, as gunicorn's sync workers",
    .options = LDS_OPTION_WORKERS,
    .defaults = {.workers = WORKERS, .threads = 1, .backlog = BACKLOG},
    .run = run,
};
