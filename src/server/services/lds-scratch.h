/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder that goes away with the server, however that ends.
 *
 * SQLite's write-ahead log needs three files that every process finds by name, so that none of the
 * ways to have a file without a name will do: O_TMPFILE and an unlinked file have no -wal and -shm
 * beside them, an unlinked folder takes no new files, and its memory databases have no log. So
 * there is a folder, and a process of its own that outlives the server just to remove it: that one
 * waits for the end of a pipe whose other end all processes of the server hold and nobody writes to,
 * which is when the last of them has gone, be it by SIGKILL. It is no child of the server's (two forks),
 * so that neither the server's waiting for its workers nor what is measured of its process tree sees it;
 * it holds no file open but the pipe, ignores the signals of a terminal, and ends once it has tidied up.
 *
 * Should that process be killed too, that of a later server removes the folder: whoever uses one holds
 * a shared lock (flock) on it, and one that nobody uses may go.
 *
 * Folder and process are only made when the folder is needed, which with most workloads is never.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#define LDS_SCRATCH_PREFIX "loadstone-server-"

/* Opened once, before the first fork; then used by all processes of the server. */
typedef struct
{
  char *path;    /* absolute */
  int pipe[2];   /* inherited by all */
  atomic_int fd; /* of the folder, with the shared lock; -1 where this process does not use it */
  pid_t owner;
} LdsScratch;

/**
 * lds_scratch_open:
 *
 * Chooses the folder's name, in $TMPDIR, or in /tmp where that is not set to an absolute path.
 *
 * Returns 0, or an errno when no folder can be made there.
 */
int lds_scratch_open (LdsScratch *self);

/**
 * lds_scratch_make:
 *
 * Makes the folder, for this user alone, and uses it. To be called once, by one process of the server;
 * forks.
 *
 * Returns 0 or an errno.
 */
int lds_scratch_make (LdsScratch *self);

/** Uses the folder that another process has made. Once a process; returns 0 or an errno. */
int lds_scratch_use (LdsScratch *self);

/** Whether this process, or the one it was forked from, uses the folder. Any thread. */
static inline bool
lds_scratch_is_used (LdsScratch *self)
{
  return atomic_load_explicit (&self->fd, memory_order_acquire) >= 0;
}

/** Removes the folder with its files, if there is one, for all who use it. */
void lds_scratch_remove (LdsScratch *self);

/** Frees @self; in the process that opened it removes the folder. */
void lds_scratch_close (LdsScratch *self);
