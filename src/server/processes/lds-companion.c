/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting and ending another loadstone-server. */
#include "lds-companion.h"

#include "lds-clock.h"
#include "lds-tally.h"
#include "lds-thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A ready line of a server with 64 ports has less than 1 KiB. */
#define LINE_BYTES 4096
/* When asked to end it has so long before it is killed. */
#define END_MS 100
/* One that has lived shorter than this is started again only so much later: see lds-supervisor.c. */
#define SHORT_LIFE_NS (100 * LDS_NS_PER_MS)

/* Ours is a shallow thread, and memory is what the user looks at. */
#define STACK_BYTES ((size_t)64 * 1024)

/* Protects what changes in those below. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static LdsCompanion *companions[LDS_COMPANIONS_MAX]; /* those that are to run */

/* In the new process, of which the memory may be that of one with threads: nothing is allocated. */
_Noreturn static void
become (char *const *argv,
        char *const *environment,
        pid_t parent,
        int input,
        int output)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () == parent && dup2 (input, STDIN_FILENO) >= 0 && dup2 (output, STDOUT_FILENO) >= 0)
    execve ("/proc/self/exe", argv, environment);
  _exit (127);
}

/* Reads its first line. Returns false when there is none in time. */
static bool
read_line (int output,
           char line[LINE_BYTES])
{
  int64_t due_ns = lds_clock_now_ns () + LDS_COMPANION_READY_MS * LDS_NS_PER_MS;
  struct pollfd readable = {.fd = output, .events = POLLIN};
  size_t length = 0;

  while (length < LINE_BYTES - 1)
    {
      int64_t left_ns = due_ns - lds_clock_now_ns ();
      ssize_t n;

      if (left_ns <= 0)
        return false;
      if (poll (&readable, 1, (int)(left_ns / LDS_NS_PER_MS) + 1) <= 0)
        continue;
      n = read (output, line + length, LINE_BYTES - 1 - length);
      if (n == 0 || (n < 0 && errno != EINTR))
        return false;
      length += n > 0 ? (size_t)n : 0;
      line[length] = '\0';
      if (strchr (line, '\n') != NULL)
        return true;
    }
  return false;
}

/* The line is that of lds_server_announce_ready(), printed by the same program. */
static bool
read_ports (const char *line,
            int *ports,
            unsigned n_ports)
{
  const char *key = n_ports > 1 ? "\"ports\":[" : "\"port\":", *at = strstr (line, key);

  if (strstr (line, "\"event\":\"ready\"") == NULL || at == NULL)
    return false;
  at += strlen (key);
  for (unsigned i = 0; i < n_ports; i++)
    {
      char *end;
      long port = strtol (at, &end, 10);

      if (end == at || port < 1 || port > 65535)
        return false;
      ports[i] = (int)port;
      at = end + (i + 1 < n_ports);
    }
  return true;
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* This process's own environment with the variable. Returns false when out of memory. */
static bool
make_environment (LdsCompanion *self)
{
  size_t n = 0;

  while (environ[n] != NULL)
    n++;
  self->environment = calloc (n + 2, sizeof *self->environment);
  if (self->environment == NULL)
    return false;
  memcpy (self->environment, environ, n * sizeof *environ);
  self->environment[n] = (char *)(uintptr_t)self->variable;
  return true;
}

/* It has ended, or must: only the process is left to be reaped. Under the mutex. */
static void
reap (LdsCompanion *self)
{
  siginfo_t info;

  /* Somebody else in this process may have done so: then this fails at once. */
  while (waitid (P_PIDFD, (id_t)self->pidfd, &info, WEXITED) < 0 && errno == EINTR)
    ;
  close_fd (&self->pidfd);
  close_fd (&self->input);
  self->pid = 0;
}

/* Starts the process. Under the mutex. Returns where it writes to, -1 with errno on failure. */
static int
spawn (LdsCompanion *self)
{
  char *argv[LDS_COMPANION_ARGUMENTS + 2] = {(char[]){"loadstone-server"}};
  int input[2] = {-1, -1}, output[2] = {-1, -1}, error = 0;
  pid_t parent = getpid ();

  for (unsigned i = 0; i < LDS_COMPANION_ARGUMENTS && self->arguments[i] != NULL; i++)
    argv[i + 1] = (char *)(uintptr_t)self->arguments[i];
  self->born_ns = lds_clock_now_ns ();
  if (pipe2 (input, O_CLOEXEC) < 0 || pipe2 (output, O_CLOEXEC) < 0 || (self->pid = fork ()) < 0)
    error = errno;
  else if (self->pid == 0)
    become (argv, self->environment, parent, input[0], output[1]);
  else if ((self->pidfd = pidfd_open (self->pid, 0)) < 0)
    {
      error = errno;
      kill (self->pid, SIGKILL);
      waitpid (self->pid, NULL, 0);
    }
  close_fd (&input[0]);
  close_fd (&output[1]);
  if (error == 0)
    {
      self->input = input[1];
      return output[0];
    }
  close_fd (&input[1]);
  close_fd (&output[0]);
  self->pid = 0;
  errno = error;
  return -1;
}

/* Under the mutex, but for the time that it takes to become ready. Returns false when it does not. */
static bool
start (LdsCompanion *self,
       int *ports)
{
  char line[LINE_BYTES] = "";
  int output = spawn (self);
  bool ready;

  if (output < 0)
    return false;
  pthread_mutex_unlock (&mutex);
  ready = read_line (output, line) && read_ports (line, ports, self->n_ports);
  pthread_mutex_lock (&mutex);
  close (output);
  /* It may have been ended meanwhile. */
  if (!ready && self->pid != 0)
    {
      pidfd_send_signal (self->pidfd, SIGKILL, NULL, 0);
      reap (self);
    }
  errno = 0;
  return ready && self->pid != 0;
}

bool
lds_companion_start (LdsCompanion *self,
                     char *message,
                     size_t message_bytes)
{
  int ports[LDS_COMPANION_MAX_PORTS];
  bool started = false;

  self->pid = 0;
  self->input = self->pidfd = -1;
  errno = ENOMEM;
  pthread_mutex_lock (&mutex);
  if (make_environment (self))
    started = start (self, ports);
  if (!started && errno != 0)
    snprintf (message, message_bytes, "cannot start a second server: %s.", strerror (errno));
  else if (!started)
    snprintf (message, message_bytes,
              "the second server (%s %s) did not start; what it said is above.",
              self->arguments[0], self->arguments[1]);
  for (unsigned i = 0; started && i < LDS_COMPANIONS_MAX; i++)
    if (companions[i] == NULL)
      {
        companions[i] = self;
        break;
      }
  pthread_mutex_unlock (&mutex);
  if (started)
    self->moved (self, ports);
  else
    free (self->environment);
  return started;
}

void
lds_companion_end (LdsCompanion *self)
{
  struct pollfd ended = {.events = POLLIN};
  bool listed = false;

  pthread_mutex_lock (&mutex);
  for (unsigned i = 0; i < LDS_COMPANIONS_MAX; i++)
    if (companions[i] == self)
      {
        listed = true;
        companions[i] = NULL;
      }
  if (listed && self->pid != 0)
    {
      close_fd (&self->input);
      pidfd_send_signal (self->pidfd, SIGTERM, NULL, 0);
      ended.fd = self->pidfd;
      if (poll (&ended, 1, END_MS) <= 0)
        pidfd_send_signal (self->pidfd, SIGKILL, NULL, 0);
      reap (self);
    }
  if (listed)
    free (self->environment);
  pthread_mutex_unlock (&mutex);
}

/* Under the mutex: takes note of an end, or starts again what is due. Returns in how many ms
 * something is, -1 for never. */
static int
look_after (LdsCompanion *self)
{
  int64_t left_ns = self->born_ns + SHORT_LIFE_NS - lds_clock_now_ns ();
  int ports[LDS_COMPANION_MAX_PORTS];

  if (self->pid != 0)
    {
      struct pollfd ended = {.fd = self->pidfd, .events = POLLIN};

      if (poll (&ended, 1, 0) <= 0)
        return -1;
      fprintf (stderr, "loadstone-server: the second server (%s %s) has ended; it is started again.\n",
               self->arguments[0], self->arguments[1]);
      reap (self);
      self->moved (self, NULL);
    }
  if (left_ns > 0)
    return (int)(left_ns / LDS_NS_PER_MS) + 1;
  if (start (self, ports))
    {
      lds_tally_add (LDS_TALLY_RESTARTS, 1);
      self->moved (self, ports);
      return -1;
    }
  return (int)(SHORT_LIFE_NS / LDS_NS_PER_MS);
}

/* Ends with the process: those that it has started are tied to it. */
static void *
watch_thread (void *data)
{
  for (;;)
    {
      struct pollfd fds[LDS_COMPANIONS_MAX];
      int timeout_ms = -1;

      pthread_mutex_lock (&mutex);
      for (unsigned i = 0; i < LDS_COMPANIONS_MAX; i++)
        {
          int due_ms = companions[i] != NULL ? look_after (companions[i]) : -1;

          if (due_ms >= 0 && (timeout_ms < 0 || due_ms < timeout_ms))
            timeout_ms = due_ms;
        }
      for (unsigned i = 0; i < LDS_COMPANIONS_MAX; i++)
        fds[i] = (struct pollfd){.fd = companions[i] != NULL ? companions[i]->pidfd : -1,
                                 .events = POLLIN};
      pthread_mutex_unlock (&mutex);
      poll (fds, LDS_COMPANIONS_MAX, timeout_ms);
    }
  return NULL;
}

void
lds_companions_watch (void)
{
  if (companions[0] == NULL)
    return;
  if (lds_thread_start_small (NULL, STACK_BYTES, watch_thread, NULL) != 0)
    fputs ("loadstone-server: nobody will start a second server again that ends.\n", stderr);
}

unsigned
lds_companions_list (pid_t *pids)
{
  unsigned n = 0;

  pthread_mutex_lock (&mutex);
  for (unsigned i = 0; i < LDS_COMPANIONS_MAX; i++)
    if (companions[i] != NULL && companions[i]->beside && companions[i]->pid != 0)
      pids[n++] = companions[i]->pid;
  pthread_mutex_unlock (&mutex);
  return n;
}
