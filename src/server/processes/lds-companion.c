/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting and ending another loadstone-server. */
#include "lds-companion.h"

#include "lds-clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGUMENTS 32
/* A ready line of a server with 64 ports has less than 1 KiB. */
#define LINE_BYTES 4096
/* When asked to end it has so long before it is killed. */
#define END_MS 100

/* In the new process. */
_Noreturn static void
become (const char *const *arguments,
        const char *variable,
        pid_t parent,
        int input,
        int output)
{
  char *argv[MAX_ARGUMENTS + 2] = {(char[]){"loadstone-server"}};
  char text[256];

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  for (unsigned i = 0; arguments[i] != NULL && i < MAX_ARGUMENTS; i++)
    argv[i + 1] = strdup (arguments[i]);
  if (variable != NULL)
    {
      snprintf (text, sizeof text, "%s", variable);
      putenv (text);
    }
  if (getppid () == parent && dup2 (input, STDIN_FILENO) >= 0 && dup2 (output, STDOUT_FILENO) >= 0)
    execve ("/proc/self/exe", argv, environ);
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

bool
lds_companion_start (LdsCompanion *self,
                     const char *const *arguments,
                     const char *variable,
                     int *ports,
                     unsigned n_ports,
                     char *message,
                     size_t message_bytes)
{
  int input[2] = {-1, -1}, output[2] = {-1, -1};
  pid_t parent = getpid ();
  char line[LINE_BYTES] = "";
  bool ready;

  *self = (LdsCompanion){.input = -1};
  if (pipe2 (input, O_CLOEXEC) < 0 || pipe2 (output, O_CLOEXEC) < 0 || (self->pid = fork ()) < 0)
    {
      snprintf (message, message_bytes, "cannot start a second server: %s.", strerror (errno));
      self->pid = 0;
      for (int i = 0; i < 2; i++)
        {
          if (input[i] >= 0)
            close (input[i]);
          if (output[i] >= 0)
            close (output[i]);
        }
      return false;
    }
  if (self->pid == 0)
    become (arguments, variable, parent, input[0], output[1]);
  close (input[0]);
  close (output[1]);
  self->input = input[1];
  ready = read_line (output[0], line) && read_ports (line, ports, n_ports);
  close (output[0]);
  if (!ready)
    {
      snprintf (message, message_bytes,
                "the second server (%s %s) did not start; what it said is above.", arguments[0],
                arguments[1]);
      lds_companion_end (self);
    }
  return ready;
}

void
lds_companion_end (LdsCompanion *self)
{
  int64_t due_ns = lds_clock_now_ns () + END_MS * LDS_NS_PER_MS;

  if (self->pid == 0)
    return;
  close (self->input);
  kill (self->pid, SIGTERM);
  /* Somebody else in this process may have reaped it: then waiting fails at once. */
  while (waitpid (self->pid, NULL, WNOHANG) == 0)
    {
      if (lds_clock_now_ns () >= due_ns)
        {
          kill (self->pid, SIGKILL);
          waitpid (self->pid, NULL, 0);
          break;
        }
      lds_clock_sleep_ns (LDS_NS_PER_MS);
    }
  *self = (LdsCompanion){.input = -1};
}
