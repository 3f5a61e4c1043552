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
#include "lds-child.h"
#include "lds-clock.h"
#include "lds-lifetime.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS 1
#define BACKLOG 2048
/* After a shortage of file descriptors a worker leaves the listener alone for so long. */
#define ACCEPT_PAUSE_MS 100
/* A worker that ends sooner than this after its start is started again only this much later, so
 * that one that cannot live does not keep the machine busy with forking. */
#define SHORT_LIFE_NS (100 * LDS_NS_PER_MS)

/* In a worker. */
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
static void
worker_run (LdsServer *server)
{
  LdsBlocking blocking = {0};
  const struct timespec pause = {.tv_nsec = ACCEPT_PAUSE_MS * LDS_NS_PER_MS};
  const struct sigaction on_stop = {.sa_handler = worker_stop_cb};
  struct pollfd readable = {.fd = server->listener, .events = POLLIN};
  sigset_t none;

  sigaction (SIGTERM, &on_stop, NULL);
  sigaction (SIGINT, &on_stop, NULL);
  sigemptyset (&none);
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
}

typedef struct
{
  pid_t pid;       /* 0 when not running */
  int64_t born_ns; /* when it was started last */
  int64_t due_ns;  /* when to start it again; of use while not running */
} Worker;

typedef struct
{
  LdsServer *server;
  Worker *workers; /* (array length=server->options.workers) */
  int signal_fd;
} Master;

static void
start_worker (Master *master,
              Worker *worker)
{
  pid_t master_pid = getpid ();
  pid_t pid = fork ();

  worker->born_ns = lds_clock_now_ns ();
  if (pid == 0)
    {
      int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

      lds_child_tie_to_parent ();
      if (getppid () != master_pid || null < 0)
        _exit (1);
      /* The master's alone: who waits for their end must not wait for workers. */
      dup2 (null, STDIN_FILENO);
      dup2 (null, STDOUT_FILENO);
      close (null);
      close (master->signal_fd);
      worker_run (master->server);
      _exit (0);
    }
  if (pid < 0)
    {
      /* Too many processes, or no memory: try again later. */
      worker->due_ns = worker->born_ns + SHORT_LIFE_NS;
      return;
    }
  worker->pid = pid;
}

/* Takes note of the workers that have ended; returns how many are left. */
static unsigned
reap (Master *master)
{
  unsigned left = 0;
  pid_t pid;
  int status;

  while ((pid = waitpid (-1, &status, WNOHANG)) > 0)
    for (unsigned i = 0; i < master->server->options.workers; i++)
      {
        Worker *worker = &master->workers[i];

        if (worker->pid != pid)
          continue;
        worker->pid = 0;
        worker->due_ns = worker->born_ns + SHORT_LIFE_NS;
        if (WIFSIGNALED (status))
          fprintf (stderr, "loadstone-server: worker %d was ended by signal %d.\n", (int)pid,
                   WTERMSIG (status));
      }
  for (unsigned i = 0; i < master->server->options.workers; i++)
    if (master->workers[i].pid != 0)
      left++;
  return left;
}

/* Starts what is due; returns in how many ms the next is, -1 for never. */
static int
start_due_workers (Master *master)
{
  int64_t now_ns = lds_clock_now_ns ();
  int timeout_ms = -1;

  for (unsigned i = 0; i < master->server->options.workers; i++)
    {
      Worker *worker = &master->workers[i];

      if (worker->pid == 0 && worker->due_ns <= now_ns)
        start_worker (master, worker);
      if (worker->pid == 0)
        {
          int wait_ms = (int)((worker->due_ns - now_ns) / LDS_NS_PER_MS) + 1;

          if (timeout_ms < 0 || wait_ms < timeout_ms)
            timeout_ms = wait_ms;
        }
    }
  return timeout_ms;
}

static void
signal_workers (Master *master,
                int signal_number)
{
  for (unsigned i = 0; i < master->server->options.workers; i++)
    if (master->workers[i].pid > 0)
      kill (master->workers[i].pid, signal_number);
}

/* Reads signals; returns whether one of them says to end. */
static bool
stop_signalled (Master *master)
{
  bool stop = false;
  int signal_number;

  while ((signal_number = lds_lifetime_read_signal (master->signal_fd)) != 0)
    if (signal_number != SIGCHLD)
      stop = true;
  return stop;
}

static void
watch_workers (Master *master)
{
  struct pollfd fds[] = {
      {.fd = STDIN_FILENO, .events = POLLIN},
      {.fd = master->signal_fd, .events = POLLIN},
  };

  for (;;)
    {
      int timeout_ms = start_due_workers (master);

      if (poll (fds, 2, timeout_ms) < 0)
        continue;
      if (fds[0].revents != 0 && lds_lifetime_input_ended ())
        return;
      if (stop_signalled (master))
        return;
      reap (master);
    }
}

/* Lets the workers finish what they serve, for as long as the contract allows. */
static void
stop_workers (Master *master)
{
  int64_t deadline_ns = lds_clock_now_ns () + LDS_LIFETIME_DRAIN_NS;

  close (master->server->listener);
  signal_workers (master, SIGTERM);
  while (reap (master) > 0)
    {
      int64_t left_ns = deadline_ns - lds_clock_now_ns ();
      struct pollfd fd = {.fd = master->signal_fd, .events = POLLIN};

      if (left_ns <= 0)
        {
          signal_workers (master, SIGKILL);
          while (waitpid (-1, NULL, 0) > 0)
            ;
          return;
        }
      poll (&fd, 1, (int)(left_ns / LDS_NS_PER_MS) + 1);
      stop_signalled (master);
    }
}

static int
run (LdsServer *server)
{
  Master master = {.server = server, .signal_fd = lds_lifetime_signal_fd ()};

  server->one_request = true;
  master.workers = calloc (server->options.workers, sizeof *master.workers);
  if (master.workers == NULL || master.signal_fd < 0)
    {
      lds_server_announce_error ("cannot set up the master of the workers.");
      return 1;
    }
  start_due_workers (&master);
  lds_server_announce_ready (server);
  watch_workers (&master);
  stop_workers (&master);
  close (master.signal_fd);
  free (master.workers);
  return 0;
}

const LdsServerModel lds_model_prefork = {
    .id = "prefork",
    .summary = "processes that each serve one request at a time, as gunicorn's sync workers",
    .options = LDS_OPTION_WORKERS,
    .defaults = {.workers = WORKERS, .threads = 1, .backlog = BACKLOG},
    .run = run,
};
