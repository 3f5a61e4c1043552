/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A prediction made by a child process: spawn, vectors in, scores out, end. */
#include "lds-predict.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

/* As a server leaves them to no child: what it blocks or ignores. */
static bool
set_attributes (posix_spawnattr_t *attributes)
{
  sigset_t none, defaults;

  sigemptyset (&none);
  sigemptyset (&defaults);
  sigaddset (&defaults, SIGPIPE);
  return posix_spawnattr_setsigmask (attributes, &none) == 0 &&
         posix_spawnattr_setsigdefault (attributes, &defaults) == 0 &&
         posix_spawnattr_setflags (attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) == 0;
}

/* Starts the child on these ends of pipes. Returns its id, or -1. */
static pid_t
spawn (int in,
       int out)
{
  char program[] = "/proc/self/exe", argument[] = LDS_PREDICT_CHILD_ARGUMENT;
  char *arguments[] = {program, argument, NULL}, *environment[] = {NULL};
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  pid_t pid = -1;

  if (posix_spawn_file_actions_init (&files) != 0)
    return -1;
  if (posix_spawnattr_init (&attributes) == 0)
    {
      if (!set_attributes (&attributes) ||
          posix_spawn_file_actions_adddup2 (&files, in, STDIN_FILENO) != 0 ||
          posix_spawn_file_actions_adddup2 (&files, out, STDOUT_FILENO) != 0 ||
          posix_spawn (&pid, program, &files, &attributes, arguments, environment) != 0)
        pid = -1;
      posix_spawnattr_destroy (&attributes);
    }
  posix_spawn_file_actions_destroy (&files);
  return pid;
}

static bool
write_all (int fd,
           const char *data,
           size_t length)
{
  while (length > 0)
    {
      ssize_t n = write (fd, data, length);

      if (n < 0 && errno != EINTR)
        return false;
      if (n > 0)
        {
          data += n;
          length -= (size_t)n;
        }
    }
  return true;
}

/* Reads to the end, which must come within @limit bytes. */
static bool
read_all (int fd,
          LdsBuffer *output,
          size_t limit)
{
  for (;;)
    {
      char *to = lds_buffer_reserve (output, 64 * 1024);
      ssize_t n;

      if (to == NULL)
        return false;
      n = read (fd, to, 64 * 1024);
      if (n == 0)
        return true;
      if (n < 0 && errno != EINTR)
        return false;
      if (n > 0)
        output->end += (size_t)n;
      if (lds_buffer_size (output) > limit)
        return false;
    }
}

bool
lds_predict_spawned (LdsSpan input,
                     LdsBuffer *output)
{
  size_t expected = input.length / LDS_PREDICT_INPUT_BYTES * LDS_PREDICT_OUTPUT_BYTES;
  int to_child[2], from_child[2], status = 0;
  bool done;
  pid_t pid;

  if (pipe2 (to_child, O_CLOEXEC) < 0)
    return false;
  if (pipe2 (from_child, O_CLOEXEC) < 0)
    {
      close (to_child[0]);
      close (to_child[1]);
      return false;
    }
  pid = spawn (to_child[0], from_child[1]);
  close (to_child[0]);
  close (from_child[1]);
  /* The child reads everything before it writes anything: neither can wait for the other. */
  done = pid > 0 && write_all (to_child[1], input.data, input.length);
  close (to_child[1]);
  done = done && read_all (from_child[0], output, expected);
  close (from_child[0]);
  while (pid > 0 && waitpid (pid, &status, 0) < 0 && errno == EINTR)
    ;
  return done && status == 0 && lds_buffer_size (output) == expected;
}

int
lds_predict_child (void)
{
  static const LdsBreaker never = {NULL, NULL};
  LdsBuffer input = {0}, output = {0};
  bool done = read_all (STDIN_FILENO, &input, LDS_PREDICT_MAX_VECTORS * LDS_PREDICT_INPUT_BYTES);

  if (done)
    lds_predict ((LdsSpan){input.data, lds_buffer_size (&input)}, &output, &never);
  done =
      done && !output.failed && write_all (STDOUT_FILENO, output.data, lds_buffer_size (&output));
  lds_buffer_free (&input);
  lds_buffer_free (&output);
  return done ? 0 : 1;
}
