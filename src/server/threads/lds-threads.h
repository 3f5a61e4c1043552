/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bounded pool of threads that block, behind a poller: what all models of threads share.
 *
 * Connections wait for their next request in one poller. One that becomes readable is handed to a
 * pool thread, which reads, executes, answers, and hands it back; threads are started as they are
 * needed, up to the bound. With a global lock, everything that CPython would run as byte code -
 * dispatching, parsing, the workload, writing the answer's text - runs with it, and every system
 * call that may block is made without it.
 *
 * Sources: gunicorn, workers/gthread.py (poller, hand-over when readable, hand-back after the
 * answer) and settings "worker_connections" 1000 and "backlog" 2048; 40 threads: AnyIO,
 * to_thread.current_default_thread_limiter(), which Starlette runs plain routes with; threads as
 * needed: CPython, concurrent/futures/thread.py; accessed 2026-11-21.
 */
#pragma once

#include "lds-gil.h"
#include "lds-server.h"

/* `defaults` of options. */
#define LDS_THREADS_THREADS         40
#define LDS_THREADS_BACKLOG         2048
#define LDS_THREADS_MAX_CONNECTIONS 1000

/**
 * lds_threads_serve:
 * @server: `options.threads` bounds the pool
 * @gil: (nullable): the lock; %NULL when threads execute at the same time
 *
 * Serves until it should end. To be called once in a process.
 *
 * Returns: the process's exit code
 */
int lds_threads_serve (LdsServer *server, LdsGil *gil);
