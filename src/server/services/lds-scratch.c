/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder that goes away with the server. */
#include "lds-scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Another server may take a new folder for an abandoned one before it is used, and remove it. */
#define ATTEMPTS 16

static const char *
parent_folder (void)
{
  const char *folder = getenv ("TMPDIR");

  return folder != NULL && folder[0] == '/' ? folder : "/tmp";
}

static int
open_folder (int at,
             const char *path)
{
  return openat (at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int
lock (int fd,
      int operation)
{
  int result;

  do
    result = flock (fd, operation);
  while (result < 0 && errno == EINTR);
  return result;
}

/* Removes the files in the folder @fd, then the folder, @path from @at. There are no folders in it. */
static void
remove_folder (int fd,
               int at,
               const char *path)
{
  int listed = open_folder (fd, ".");
  DIR *folder = listed < 0 ? NULL : fdopendir (listed);

  if (folder != NULL)
    {
      for (struct dirent *entry; (entry = readdir (folder)) != NULL;)
        unlinkat (fd, entry->d_name, 0);
      closedir (folder);
    }
  else if (listed >= 0)
    close (listed);
  unlinkat (at, path, AT_REMOVEDIR);
}

/* Removes the folders of this user's that no process uses. */
static void
sweep (void)
{
  int parent = open (parent_folder (), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *folder = parent < 0 ? NULL : fdopendir (parent);

  if (folder == NULL)
    {
      if (parent >= 0)
        close (parent);
      return;
    }
  for (struct dirent *entry; (entry = readdir (folder)) != NULL;)
    {
      struct stat status;
      int fd;

      if (strncmp (entry->d_name, LDS_SCRATCH_PREFIX, strlen (LDS_SCRATCH_PREFIX)) != 0)
        continue;
      fd = open_folder (parent, entry->d_name);
      if (fd < 0)
        continue;
      if (fstat (fd, &status) == 0 && status.st_uid == geteuid () &&
          lock (fd, LOCK_EX | LOCK_NB) == 0)
        remove_folder (fd, parent, entry->d_name);
      close (fd);
    }
  closedir (folder);
}

static void
close_all_but (int fd)
{
  if ((fd == 0 || close_range (0, (unsigned)fd - 1, 0) == 0) &&
      close_range ((unsigned)fd + 1, ~0u, 0) == 0)
    return;
  for (int i = 0; i < 1024; i++)
    if (i != fd)
      close (i);
}

/* The process that tidies up; never returns. */
static void
tidy (const LdsScratch *self)
{
  char byte;
  int fd;

  setsid ();
  signal (SIGHUP, SIG_IGN);
  signal (SIGINT, SIG_IGN);
  signal (SIGQUIT, SIG_IGN);
  signal (SIGTERM, SIG_IGN);
  /* So that "killall -9 loadstone-server" leaves this one alone. */
  prctl (PR_SET_NAME, "loadstone-tidy");
  /* Above all the pipe's other end, the server's standard output and its sockets. */
  close_all_but (self->pipe[0]);
  if (chdir ("/") < 0)
    _exit (1);

  sweep ();
  while (read (self->pipe[0], &byte, 1) != 0)
    if (errno != EINTR)
      _exit (1);
  fd = open_folder (AT_FDCWD, self->path);
  if (fd >= 0)
    remove_folder (fd, AT_FDCWD, self->path);
  _exit (0);
}

/* Starts that process. Returns 0 or an errno. */
static int
start_tidying (const LdsScratch *self)
{
  sigset_t child_signal, blocked;
  pid_t child;
  int status;

  /* The model must not be told of a child that is none of its own. */
  sigemptyset (&child_signal);
  sigaddset (&child_signal, SIGCHLD);
  pthread_sigmask (SIG_BLOCK, &child_signal, &blocked);
  child = fork ();
  if (child == 0)
    {
      pid_t grandchild = fork ();

      if (grandchild == 0)
        tidy (self);
      _exit (grandchild < 0 ? errno : 0);
    }
  status = child < 0 ? errno : 0;
  if (child > 0)
    {
      pid_t reaped;

      while ((reaped = waitpid (child, &status, 0)) < 0 && errno == EINTR)
        ;
      /* One who waits for any child may have been faster, and then all is well as far as can be seen. */
      if (reaped != child)
        status = 0;
      status = WIFEXITED (status) ? WEXITSTATUS (status) : EAGAIN;
    }
  pthread_sigmask (SIG_SETMASK, &blocked, NULL);
  return status;
}

int
lds_scratch_open (LdsScratch *self)
{
  uint64_t random = 0;

  *self = (LdsScratch){.pipe = {-1, -1}, .owner = getpid ()};
  atomic_init (&self->fd, -1);
  if (access (parent_folder (), W_OK | X_OK) < 0)
    return errno;
  if (getrandom (&random, sizeof random, 0) != sizeof random || pipe2 (self->pipe, O_CLOEXEC) < 0)
    return errno;
  if (asprintf (&self->path, "%s/" LDS_SCRATCH_PREFIX "%016" PRIx64, parent_folder (), random) >= 0)
    return 0;
  self->path = NULL;
  lds_scratch_close (self);
  return ENOMEM;
}

int
lds_scratch_use (LdsScratch *self)
{
  int fd = open_folder (AT_FDCWD, self->path);
  struct stat status;
  int error = 0;

  if (fd < 0)
    return errno;
  if (lock (fd, LOCK_SH) < 0 || fstat (fd, &status) < 0)
    error = errno;
  else if (status.st_nlink == 0)
    error = ENOENT;
  if (error == 0)
    atomic_store_explicit (&self->fd, fd, memory_order_release);
  else
    close (fd);
  return error;
}

int
lds_scratch_make (LdsScratch *self)
{
  int error = ENOENT;

  for (int i = 0; i < ATTEMPTS && error == ENOENT; i++)
    {
      if (mkdir (self->path, 0700) < 0)
        return errno;
      error = lds_scratch_use (self);
    }
  return error == 0 ? start_tidying (self) : error;
}

void
lds_scratch_remove (LdsScratch *self)
{
  int fd = open_folder (AT_FDCWD, self->path);

  if (fd < 0)
    return;
  remove_folder (fd, AT_FDCWD, self->path);
  close (fd);
}

void
lds_scratch_close (LdsScratch *self)
{
  int fd = atomic_load_explicit (&self->fd, memory_order_relaxed);

  if (self->path != NULL && self->owner == getpid ())
    lds_scratch_remove (self);
  if (fd >= 0)
    close (fd);
  for (int i = 0; i < 2; i++)
    if (self->pipe[i] >= 0)
      close (self->pipe[i]);
  free (self->path);
  *self = (LdsScratch){.pipe = {-1, -1}};
  atomic_init (&self->fd, -1);
}
