/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A master and its workers: when it says that it is ready, what it does about workers that end.
 *
 * Each test is this process for the parent of a master, which is a fork of it. */
#include "lds-lifetime.h"
#include "lds-supervisor.h"

#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const LdsServerModel model = {.id = "test"};

typedef struct
{
  pid_t pid;
  int input;    /* its standard input */
  FILE *output; /* its standard output */
} Master;

static Master
start_master (unsigned workers,
              const LdsSupervisorHooks *hooks)
{
  Master master;
  int input[2], output[2];

  g_assert_cmpint (pipe (input), ==, 0);
  g_assert_cmpint (pipe (output), ==, 0);
  fflush (NULL);
  master.pid = fork ();
  g_assert_cmpint (master.pid, >=, 0);
  if (master.pid == 0)
    {
      LdsServer server = {.model = &model, .options.workers = workers, .listener = -1, .port = 7};

      dup2 (input[0], STDIN_FILENO);
      dup2 (output[1], STDOUT_FILENO);
      for (int i = 0; i < 2; i++)
        {
          close (input[i]);
          close (output[i]);
        }
      lds_lifetime_block_signals ();
      _exit (lds_supervisor_run (&server, hooks));
    }
  close (input[0]);
  close (output[1]);
  master.input = input[1];
  master.output = fdopen (output[0], "r");
  return master;
}

static void
assert_line (Master *master,
             const char *beginning)
{
  char line[512] = "";

  g_assert_nonnull (fgets (line, sizeof line, master->output));
  if (!g_str_has_prefix (line, beginning))
    g_error ("expected %s, got %s", beginning, line);
}

static int
end_master (Master *master)
{
  int status;

  close (master->input);
  g_assert_cmpint (waitpid (master->pid, &status, 0), ==, master->pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (fgetc (master->output), ==, EOF);
  fclose (master->output);
  return WEXITSTATUS (status);
}

/* A worker's standing still until it is asked to end. */
static int
wait_for_end (void)
{
  sigset_t signals;
  int number;

  sigemptyset (&signals);
  sigaddset (&signals, SIGTERM);
  sigwait (&signals, &number);
  return 0;
}

/* Serves once it has read a byte from @data, a pipe. */
static int
gated_work (LdsServer *server,
            void *data)
{
  const int *gate = data;
  char c;

  g_assert_cmpint (read (STDIN_FILENO, &c, 1), ==, 0);
  g_assert_cmpint (read (gate[0], &c, 1), ==, 1);
  lds_server_announce_ready (server);
  return wait_for_end ();
}

static void
test_ready_when_all_are (void)
{
  int gate[2];
  LdsSupervisorHooks hooks = {.work = gated_work, .data = gate};
  struct pollfd readable;
  Master master;

  g_assert_cmpint (pipe (gate), ==, 0);
  master = start_master (3, &hooks);
  readable = (struct pollfd){.fd = fileno (master.output), .events = POLLIN};
  g_assert_cmpint (write (gate[1], "12", 2), ==, 2);
  /* Two of three: a wrong line would be there soon, but need not be. */
  g_assert_cmpint (poll (&readable, 1, 50), ==, 0);
  g_assert_cmpint (write (gate[1], "3", 1), ==, 1);
  assert_line (&master, "{\"event\":\"ready\",\"port\":7,");
  g_assert_cmpint (end_master (&master), ==, 0);
  close (gate[0]);
  close (gate[1]);
}

static int
dying_work (LdsServer *server,
            void *data)
{
  if (server->worker->index == 1)
    return 5;
  lds_server_announce_ready (server);
  return wait_for_end ();
}

static void
test_dies_before_serving (void)
{
  const LdsSupervisorHooks hooks = {.work = dying_work};
  Master master = start_master (2, &hooks);

  assert_line (&master, "{\"event\":\"error\",\"message\":\"a worker process ended 3 times before it "
                        "served, last with exit code 5.\"}");
  g_assert_cmpint (end_master (&master), ==, 1);
}

/* In the master: each worker is sent a number, and sends it back with its index. */
typedef struct
{
  unsigned ready, echoed, ended;
} Echo;

static int
echo_work (LdsServer *server,
           void *data)
{
  int control = server->worker->control;
  struct pollfd fds[] = {
      {.fd = control, .events = POLLIN},
      {.fd = lds_lifetime_signal_fd (), .events = POLLIN},
  };
  unsigned numbers[2] = {0, server->worker->index};

  lds_server_announce_ready (server);
  while (poll (fds, 2, -1) > 0 && fds[1].revents == 0)
    {
      g_assert_cmpint (recv (control, numbers, sizeof *numbers, 0), ==, sizeof *numbers);
      if (numbers[0] == 99)
        return 3;
      g_assert_cmpint (send (control, numbers, sizeof numbers, 0), ==, sizeof numbers);
    }
  return 0;
}

static void
echo_ready (LdsSupervisor *supervisor,
            unsigned index,
            void *data)
{
  Echo *echo = data;
  unsigned number = 1000 + index;

  echo->ready++;
  g_assert_cmpint (send (lds_supervisor_control (supervisor, index), &number, sizeof number, 0), ==,
                   sizeof number);
}

static void
echo_readable (LdsSupervisor *supervisor,
               unsigned index,
               void *data)
{
  Echo *echo = data;
  int control = lds_supervisor_control (supervisor, index);
  unsigned numbers[2], end = 99;

  while (recv (control, numbers, sizeof numbers, 0) == sizeof numbers)
    {
      g_assert_cmpuint (numbers[0], ==, 1000 + index);
      g_assert_cmpuint (numbers[1], ==, index);
      echo->echoed++;
      /* One of them ends once, and is started again under the same index. */
      if (echo->echoed == 3)
        g_assert_cmpint (send (control, &end, sizeof end, 0), ==, sizeof end);
    }
  if (echo->echoed == 4)
    {
      printf ("{\"ready\":%u,\"ended\":%u}\n", echo->ready, echo->ended);
      fflush (stdout);
    }
}

static void
echo_ended (LdsSupervisor *supervisor,
            unsigned index,
            void *data)
{
  Echo *echo = data;

  g_assert_cmpint (lds_supervisor_control (supervisor, index), ==, -1);
  echo->ended++;
}

static void
test_control (void)
{
  Echo echo = {0};
  const LdsSupervisorHooks hooks = {
      .control = true,
      .work = echo_work,
      .ready = echo_ready,
      .ended = echo_ended,
      .control_readable = echo_readable,
      .data = &echo,
  };
  Master master = start_master (3, &hooks);

  assert_line (&master, "{\"event\":\"ready\",");
  assert_line (&master, "{\"ready\":4,\"ended\":1}");
  g_assert_cmpint (end_master (&master), ==, 0);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/supervisor/ready-when-all-are", test_ready_when_all_are);
  g_test_add_func ("/supervisor/dies-before-serving", test_dies_before_serving);
  g_test_add_func ("/supervisor/control", test_control);
  return g_test_run ();
}
