/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child dies with its parent. */
#include "lds-child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

void
lds_child_tie_to_parent (void)
{
  pid_t parent = getppid ();

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  /* The parent may have died between fork and prctl: the signal would then never come. Its place
   * is taken by init or a subreaper, so that the parent's id has changed. */
  if (getppid () != parent)
    _exit (1);
}

void
lds_child_become_worker (pid_t parent_pid)
{
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  lds_child_tie_to_parent ();
  if (getppid () != parent_pid || null < 0)
    _exit (1);
  dup2 (null, STDIN_FILENO);
  dup2 (null, STDOUT_FILENO);
  close (null);
}
