/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event loop that all models with a loop share: one thread, one libuv loop, many connections.
 *
 * What differs between those models is in LdsLoopOptions: where computations and blocking calls
 * go, and whether a global lock is held while the loop executes. Every other thing a client can
 * see is the same for all.
 *
 * Everything here belongs to the thread that runs the loop, except lds_loop_complete() and
 * lds_loop_stop().
 */
#pragma once

#include "lds-gil.h"
#include "lds-server.h"
#include "lds-task.h"

#include <uv.h>

typedef struct
{
  /* (nullable): where computations are carried out; NULL = on the loop, which stands still */
  LdsOffload *compute;
  /* (nullable): where blocking calls are carried out; NULL = libuv's own pool of threads */
  LdsOffload *call;
  /* (nullable): held while anything but libuv itself executes on the loop's thread. uvloop does
   * the same: it runs the loop without the lock and takes it for each callback.
   * Source: MagicStack/uvloop, loop.pyx (__run_loop, "with nogil") and its callbacks ("with gil");
   * accessed 2026-11-21. */
  LdsGil *gil;
} LdsLoopOptions;

/* libuv's own default. Source: docs.libuv.org/en/v1.x/threadpool.html, accessed 2026-11-21. */
#define LDS_LOOP_POOL_THREADS 4

/**
 * lds_loop_new:
 * @server: with its listener, or -1 when connections come by lds_loop_adopt(); must outlive the loop
 * @options: copied; what they point to must outlive the loop
 *
 * Returns: (transfer full) (nullable): a loop; %NULL, with the error announced, when it cannot be set up
 */
LdsLoop *lds_loop_new (LdsServer *server, const LdsLoopOptions *options);

/**
 * lds_loop_run:
 *
 * Serves until lds_loop_stop() has been called and every client has had its answer.
 */
void lds_loop_run (LdsLoop *self);

/** Frees @self, which must not run; its tasks must have come back. */
void lds_loop_free (LdsLoop *self);

/**
 * lds_loop_serve:
 *
 * All of the above for a server of one process: watches for its end, announces that it is ready,
 * serves.
 *
 * Returns: the process's exit code
 */
int lds_loop_serve (LdsServer *server, const LdsLoopOptions *options);

/** The libuv loop, for handles of a model's own. */
uv_loop_t *lds_loop_uv (LdsLoop *self);

/** Makes @fd, a connected socket, a client. Takes @fd. */
void lds_loop_adopt (LdsLoop *self, int fd);

/** Asks @data, an LdsLoop, to end. Any thread; does not block. An LdsStopFunc. */
void lds_loop_stop (void *data);

/** Hands back a task that has been run, or has failed. (transfer full) @task. Any thread. */
void lds_loop_complete (LdsTask *task);
