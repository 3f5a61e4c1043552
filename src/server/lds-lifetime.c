/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a server ends. */
#include "lds-lifetime.h"

#include "lds-clock.h"
#include "lds-observer.h"
#include "lds-thread.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* Ours is a shallow thread, and memory is what the user looks at. */
#define STACK_BYTES ((size_t)64 * 1024)

static bool input_ignored;

void
lds_lifetime_ignore_input (void)
{
  input_ignored = true;
}

static void
fill_signals (sigset_t *signals)
{
  sigemptyset (signals);
  sigaddset (signals, SIGTERM);
  sigaddset (signals, SIGINT);
  sigaddset (signals, SIGCHLD);
}

void
lds_lifetime_block_signals (void)
{
  sigset_t signals;

  fill_signals (&signals);
  sigprocmask (SIG_BLOCK, &signals, NULL);
  signal (SIGPIPE, SIG_IGN);
}

int
lds_lifetime_signal_fd (void)
{
  sigset_t signals;

  fill_signals (&signals);
  return signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
lds_lifetime_read_signal (int signal_fd)
{
  struct signalfd_siginfo info;

  return read (signal_fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

bool
lds_lifetime_input_ended (void)
{
  char dropped[512];
  ssize_t n = read (STDIN_FILENO, dropped, sizeof dropped);

  return n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

typedef struct
{
  LdsStopFunc stop;
  void *data;
  int signal_fd;
} Watch;

static void *
watch_thread (void *data)
{
  Watch watch = *(Watch *)data;
  struct pollfd fds[] = {
      {.fd = input_ignored ? -1 : STDIN_FILENO, .events = POLLIN},
      {.fd = watch.signal_fd, .events = POLLIN},
  };
  int64_t deadline_ns, left_ns;

  free (data);
  for (bool ended = false; !ended;)
    {
      int n = poll (fds, 2, lds_observer_tick ());

      if (n < 0 && errno != EINTR)
        break;
      if (n <= 0)
        continue;
      if (fds[0].revents != 0)
        ended = lds_lifetime_input_ended ();
      if ((fds[1].revents & POLLIN) != 0)
        {
          int signal_number = lds_lifetime_read_signal (watch.signal_fd);

          if (signal_number == SIGTERM || signal_number == SIGINT)
            ended = true;
        }
    }
  watch.stop (watch.data);
  deadline_ns = lds_clock_now_ns () + LDS_LIFETIME_DRAIN_NS;
  while ((left_ns = deadline_ns - lds_clock_now_ns ()) > 0)
    {
      int tick_ms = lds_observer_tick (), left_ms = (int)(left_ns / LDS_NS_PER_MS) + 1;

      poll (NULL, 0, tick_ms >= 0 && tick_ms < left_ms ? tick_ms : left_ms);
    }
  _exit (0);
}

bool
lds_lifetime_watch (LdsStopFunc stop,
                    void *data)
{
  Watch *watch = malloc (sizeof *watch);

  if (watch == NULL)
    return false;
  *watch = (Watch){.stop = stop, .data = data, .signal_fd = lds_lifetime_signal_fd ()};
  if (watch->signal_fd >= 0 &&
      lds_thread_start_small (NULL, STACK_BYTES, watch_thread, watch) == 0)
    return true;
  if (watch->signal_fd >= 0)
    close (watch->signal_fd);
  free (watch);
  return false;
}
