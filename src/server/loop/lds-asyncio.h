/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all models on asyncio share: a loop that executes under a global lock, and the pool of
 * threads for plain functions.
 *
 * Awaiting is a timer. What computes does so on the loop: it stands still, but the lock is given up
 * every switch interval to a thread that wants it. Blocking calls and plain routes go to the pool,
 * whose threads let the lock go while they block and have to get it back.
 *
 * Sources: uvicorn, settings ("backlog" 2048, "limit_concurrency" none, "workers" 1); Starlette,
 * starlette.io/threadpool (plain routes run in a pool of 40 tokens); AnyIO,
 * to_thread.current_default_thread_limiter() (40); MagicStack/uvloop, loop.pyx (the loop polls
 * without the lock, and takes it for callbacks); the lock: lds-gil.h; accessed 2026-11-21.
 */
#pragma once

#include "lds-loop.h"
#include "lds-offload-threads.h"

#define LDS_ASYNCIO_THREADS 40
#define LDS_ASYNCIO_BACKLOG 2048

/* What a model with this loop may be asked for; and `defaults` of its options but `workers`. */
#define LDS_ASYNCIO_OPTIONS \
  (LDS_OPTION_THREADS | LDS_OPTION_SWITCH_INTERVAL | LDS_OPTION_MAX_CONNECTIONS)
#define LDS_ASYNCIO_DEFAULTS                                                        \
  .threads = LDS_ASYNCIO_THREADS, .switch_interval_us = LDS_GIL_SWITCH_INTERVAL_US, \
  .backlog = LDS_ASYNCIO_BACKLOG

/* One a process. */
typedef struct
{
  LdsServer *server;
  LdsGil gil;
  LdsOffloadThreads threads;
  LdsLoopOptions options; /* for lds_loop_new(); set `compute` to have it done elsewhere */
} LdsAsyncio;

/**
 * lds_asyncio_init:
 * @server: `options.threads` and `options.switch_interval_us` are used; must outlive @self
 *
 * Starts no thread. To be called in the process that serves, after any fork.
 *
 * Returns false, with the error announced, when out of memory.
 */
bool lds_asyncio_init (LdsAsyncio *self, LdsServer *server);

/** Frees what @self holds; no loop with its options runs any more. */
void lds_asyncio_clear (LdsAsyncio *self);

/** lds_loop_serve() between the two. Returns the process's exit code. */
int lds_asyncio_serve (LdsServer *server);
