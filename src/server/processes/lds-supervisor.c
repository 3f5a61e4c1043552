/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A master and its worker processes. */
#include "lds-supervisor.h"

#include "lds-child.h"
#include "lds-clock.h"
#include "lds-lifetime.h"
#include "lds-observer.h"
#include "lds-tally.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A worker that ends sooner than this after its start is started again only this much later, so
 * that one that cannot live does not keep the machine busy with forking. */
#define SHORT_LIFE_NS (100 * LDS_NS_PER_MS)

typedef struct
{
  pid_t pid;             /* 0 when not running */
  int64_t born_ns;       /* when it was started last */
  int64_t due_ns;        /* when to start it again; of use while not running */
  unsigned boot_attempt; /* how often it has ended, or not begun, before it served */
  bool ready;            /* serves, or has served */
  int control;           /* the master's end; -1 when there is none */
  bool hung_up;          /* nothing more comes from there */
} Worker;

/* What the master waits for; one place for each worker's control socket follows. */
enum
{
  POLL_INPUT,
  POLL_SIGNALS,
  POLL_READY,
  POLL_LISTENER,
  POLL_WORKERS,
};

struct _LdsSupervisor
{
  LdsServer *server;
  const LdsSupervisorHooks *hooks;
  unsigned count;
  Worker *workers;    /* (array length=count) */
  struct pollfd *fds; /* (array length=POLL_WORKERS + count) */
  int signal_fd;
  int ready_pipe[2]; /* workers write their index when they serve */
  bool watch_listener;
  bool announced;
  bool failed;
};

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

int
lds_supervisor_control (const LdsSupervisor *self,
                        unsigned index)
{
  return self->workers[index].control;
}

void
lds_supervisor_watch_listener (LdsSupervisor *self,
                               bool watch)
{
  self->watch_listener = watch;
}

/* In the new process: @control is its end. Does not return. */
static void
be_worker (LdsSupervisor *self,
           unsigned index,
           pid_t master_pid,
           int control)
{
  LdsWorker worker = {.index = index, .control = control, .ready_fd = self->ready_pipe[1]};

  lds_child_become_worker (master_pid);
  close (self->signal_fd);
  close (self->ready_pipe[0]);
  /* Who holds the master's ends of others keeps them from hearing that it is gone. */
  for (unsigned i = 0; i < self->count; i++)
    close_fd (&self->workers[i].control);
  lds_lifetime_ignore_input ();
  lds_observer_leave ();
  lds_tally_be_process (1 + index);
  self->server->worker = &worker;
  _exit (self->hooks->work (self->server, self->hooks->data));
}

__attribute__ ((format (printf, 2, 3))) static void
fail (LdsSupervisor *self,
      const char *format,
      ...)
{
  char message[256];
  va_list args;

  if (self->failed)
    return;
  self->failed = true;
  va_start (args, format);
  vsnprintf (message, sizeof message, format, args);
  va_end (args);
  lds_server_announce_error (message);
}

/* A worker could not be started, or has ended. */
static void
start_again (LdsSupervisor *self,
             Worker *worker)
{
  worker->due_ns = worker->born_ns + SHORT_LIFE_NS;
  worker->boot_attempt++;
}

static bool
boots_in_vain (const LdsSupervisor *self,
               const Worker *worker)
{
  return !self->announced && !worker->ready && worker->boot_attempt >= LDS_SUPERVISOR_BOOT_ATTEMPTS;
}

static void
start_worker (LdsSupervisor *self,
              unsigned index)
{
  Worker *worker = &self->workers[index];
  pid_t master_pid = getpid (), pid = -1;
  int control[2] = {-1, -1};

  worker->born_ns = lds_clock_now_ns ();
  worker->hung_up = false;
  if (!self->hooks->control ||
      socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, control) == 0)
    pid = fork ();
  if (pid == 0)
    {
      close_fd (&control[0]);
      be_worker (self, index, master_pid, control[1]);
    }
  if (pid < 0)
    {
      /* Too many processes or files, or no memory: try again later. */
      int error = errno;

      close_fd (&control[0]);
      close_fd (&control[1]);
      start_again (self, worker);
      if (boots_in_vain (self, worker))
        fail (self, "cannot start a worker process: %s.", strerror (error));
      return;
    }
  close_fd (&control[1]);
  worker->control = control[0];
  worker->pid = pid;
  if (worker->boot_attempt > 0)
    lds_tally_add (LDS_TALLY_RESTARTS, 1);
}

/* Worker @index has ended with @status. */
static void
bury (LdsSupervisor *self,
      unsigned index,
      int status)
{
  Worker *worker = &self->workers[index];
  pid_t pid = worker->pid;

  worker->pid = 0;
  lds_tally_bury (1 + index);
  close_fd (&worker->control);
  start_again (self, worker);
  if (WIFSIGNALED (status))
    fprintf (stderr, "loadstone-server: worker %d was ended by signal %d.\n", (int)pid,
             WTERMSIG (status));
  if (boots_in_vain (self, worker))
    fail (self, "a worker process ended %u times before it served, last with %s %d.",
          worker->boot_attempt, WIFSIGNALED (status) ? "signal" : "exit code",
          WIFSIGNALED (status) ? WTERMSIG (status) : WEXITSTATUS (status));
  if (self->hooks->ended != NULL)
    self->hooks->ended (self, index, self->hooks->data);
}

/* Takes note of the workers that have ended; returns how many are left. */
static unsigned
reap (LdsSupervisor *self)
{
  unsigned left = 0;
  pid_t pid;
  int status;

  while ((pid = waitpid (-1, &status, WNOHANG)) > 0)
    for (unsigned i = 0; i < self->count; i++)
      if (self->workers[i].pid == pid)
        bury (self, i, status);
  for (unsigned i = 0; i < self->count; i++)
    if (self->workers[i].pid != 0)
      left++;
  return left;
}

/* Starts what is due; returns in how many ms the next is, -1 for never. */
static int
start_due_workers (LdsSupervisor *self)
{
  int64_t now_ns = lds_clock_now_ns ();
  int timeout_ms = -1;

  for (unsigned i = 0; i < self->count; i++)
    {
      Worker *worker = &self->workers[i];

      if (worker->pid == 0 && worker->due_ns <= now_ns)
        start_worker (self, i);
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
signal_workers (LdsSupervisor *self,
                int signal_number)
{
  for (unsigned i = 0; i < self->count; i++)
    if (self->workers[i].pid > 0)
      kill (self->workers[i].pid, signal_number);
}

/* Reads signals; returns whether one of them says to end. */
static bool
stop_signalled (LdsSupervisor *self)
{
  bool stop = false;
  int signal_number;

  while ((signal_number = lds_lifetime_read_signal (self->signal_fd)) != 0)
    if (signal_number != SIGCHLD)
      stop = true;
  return stop;
}

static void
hear_ready (LdsSupervisor *self)
{
  unsigned char indexes[64];
  ssize_t n = read (self->ready_pipe[0], indexes, sizeof indexes);
  unsigned ready = 0;

  for (ssize_t i = 0; i < n; i++)
    if (indexes[i] < self->count)
      {
        self->workers[indexes[i]].ready = true;
        /* It may have ended since. */
        if (self->workers[indexes[i]].pid != 0 && self->hooks->ready != NULL)
          self->hooks->ready (self, indexes[i], self->hooks->data);
      }
  for (unsigned i = 0; i < self->count; i++)
    if (self->workers[i].ready)
      ready++;
  if (ready < self->count || self->announced)
    return;
  self->announced = true;
  lds_server_announce_ready (self->server);
}

static void
hear_control (LdsSupervisor *self)
{
  for (unsigned i = 0; i < self->count; i++)
    {
      short events = self->fds[POLL_WORKERS + i].revents;

      if (events == 0 || self->workers[i].control < 0)
        continue;
      if ((events & POLLIN) != 0 && self->hooks->control_readable != NULL)
        self->hooks->control_readable (self, i, self->hooks->data);
      /* What the other end had sent has been read: from now on SIGCHLD says the rest. */
      if ((events & (POLLHUP | POLLERR)) != 0)
        self->workers[i].hung_up = true;
    }
}

static int
poll_all (LdsSupervisor *self,
          int timeout_ms)
{
  struct pollfd *fds = self->fds;
  int tick_ms = lds_observer_tick ();

  if (tick_ms >= 0 && (timeout_ms < 0 || tick_ms < timeout_ms))
    timeout_ms = tick_ms;

  fds[POLL_INPUT] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
  fds[POLL_SIGNALS] = (struct pollfd){.fd = self->signal_fd, .events = POLLIN};
  fds[POLL_READY] = (struct pollfd){.fd = self->ready_pipe[0], .events = POLLIN};
  fds[POLL_LISTENER] = (struct pollfd){
      .fd = self->watch_listener ? self->server->listener : -1,
      .events = POLLIN,
  };
  for (unsigned i = 0; i < self->count; i++)
    fds[POLL_WORKERS + i] = (struct pollfd){
        .fd = self->workers[i].hung_up ? -1 : self->workers[i].control,
        .events = POLLIN,
    };
  return poll (fds, POLL_WORKERS + self->count, timeout_ms);
}

/* Until asked to end, or until it cannot go on. */
static void
watch_workers (LdsSupervisor *self)
{
  const struct pollfd *fds = self->fds;

  for (;;)
    {
      int timeout_ms = start_due_workers (self);

      if (self->failed)
        return;
      if (poll_all (self, timeout_ms) < 0)
        continue;
      if (fds[POLL_INPUT].revents != 0 && lds_lifetime_input_ended ())
        return;
      if (fds[POLL_READY].revents != 0)
        hear_ready (self);
      hear_control (self);
      if (fds[POLL_LISTENER].revents != 0 && self->watch_listener)
        self->hooks->listener_readable (self, self->hooks->data);
      if (fds[POLL_SIGNALS].revents != 0)
        {
          if (stop_signalled (self))
            return;
          reap (self);
        }
    }
}

/* Lets the workers finish what they serve, for as long as the contract allows. */
static void
stop_workers (LdsSupervisor *self)
{
  int64_t deadline_ns = lds_clock_now_ns () + (self->failed ? 0 : LDS_LIFETIME_DRAIN_NS);

  if (self->hooks->stopping != NULL)
    self->hooks->stopping (self, self->hooks->data);
  self->watch_listener = false;
  close_fd (&self->server->listener);
  signal_workers (self, SIGTERM);
  while (reap (self) > 0)
    {
      int64_t left_ns = deadline_ns - lds_clock_now_ns ();
      int tick_ms = lds_observer_tick (), left_ms = (int)(left_ns / LDS_NS_PER_MS) + 1;

      if (left_ns <= 0)
        {
          signal_workers (self, SIGKILL);
          /* Workers alone: the process may have other children. */
          for (unsigned i = 0; i < self->count; i++)
            if (self->workers[i].pid > 0)
              waitpid (self->workers[i].pid, NULL, 0);
          return;
        }
      /* Standard input has ended, or is of no interest any more. */
      poll (&(struct pollfd){.fd = self->signal_fd, .events = POLLIN}, 1,
            tick_ms >= 0 && tick_ms < left_ms ? tick_ms : left_ms);
      stop_signalled (self);
    }
}

static bool
set_up (LdsSupervisor *self)
{
  self->signal_fd = lds_lifetime_signal_fd ();
  self->workers = calloc (self->count, sizeof *self->workers);
  self->fds = calloc (POLL_WORKERS + self->count, sizeof *self->fds);
  if (self->signal_fd < 0 || self->workers == NULL || self->fds == NULL ||
      pipe2 (self->ready_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
    {
      lds_server_announce_error ("cannot set up the master of the workers.");
      return false;
    }
  for (unsigned i = 0; i < self->count; i++)
    self->workers[i].control = -1;
  return true;
}

static void
tear_down (LdsSupervisor *self)
{
  if (self->workers != NULL)
    for (unsigned i = 0; i < self->count; i++)
      close_fd (&self->workers[i].control);
  close_fd (&self->signal_fd);
  close_fd (&self->ready_pipe[0]);
  close_fd (&self->ready_pipe[1]);
  free (self->workers);
  free (self->fds);
}

int
lds_supervisor_run (LdsServer *server,
                    const LdsSupervisorHooks *hooks)
{
  LdsSupervisor self = {
      .server = server,
      .hooks = hooks,
      .count = server->options.workers,
      .signal_fd = -1,
      .ready_pipe = {-1, -1},
  };
  bool ok = set_up (&self);

  /* Counting is for the workers, unless hooks count. */
  lds_tally_bury (0);
  if (ok)
    {
      watch_workers (&self);
      stop_workers (&self);
      ok = !self.failed;
    }
  tear_down (&self);
  return ok ? 0 : 1;
}
