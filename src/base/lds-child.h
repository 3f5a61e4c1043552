/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a child process owes its parent: to die with it, and to hear it leave. */
#pragma once

#include <sys/types.h>

/**
 * lds_child_tie_to_parent:
 *
 * Asks the kernel to send SIGKILL to this process when the thread that started it ends. To be
 * called first in main(), and again in every forked worker, before any thread is started. Ends
 * the process with status 1 if the parent has gone already.
 *
 * The parent must hold a pipe open on this process's standard input as well: end of file there is
 * the orderly way to ask the child to end, and works where the parent has other threads.
 */
void lds_child_tie_to_parent (void);

/**
 * lds_child_become_worker:
 * @parent_pid: who forked
 *
 * In a forked worker, before any thread is started: ties it to its parent, and makes /dev/null its
 * standard input and output, which are the parent's alone: nobody who waits for their end waits for
 * a worker. Ends the process with status 1 if that is not possible.
 */
void lds_child_become_worker (pid_t parent_pid);
