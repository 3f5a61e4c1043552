/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pool of threads that carries out a loop's tasks.
 *
 * A task goes to the thread that became idle last; with none idle, to a new thread; with no thread
 * more allowed, into a queue, first come first served. Under a global lock each task is taken up and
 * handed back with the lock, and run without it: it blocks, and gives way meanwhile. So a thread
 * that returns has to wait for whoever computes.
 *
 * Sources: Node.js, documentation of AsyncResource, the sample of a pool of workers (freeWorkers is a
 * stack, tasks that find none are queued); AnyIO 4, _backends/_asyncio.py, run_sync_in_worker_thread()
 * (idle_workers is a stack, limiter first come first served); accessed 2026-11-21. Threads of AnyIO
 * that were idle for 10 s end when another call is made; here they stay.
 */
#pragma once

#include "lds-gil.h"
#include "lds-task.h"

typedef struct _LdsOffloadThread LdsOffloadThread;

/* The members but @offload are private. */
typedef struct
{
  LdsOffload offload;
  LdsGil *gil;
  unsigned maximum;

  pthread_mutex_t mutex; /* protects all below */
  LdsOffloadThread *threads;
  unsigned started;
  LdsOffloadThread *idle; /* the last one first */
  LdsTask *first_queued, *last_queued;
  bool quit;
} LdsOffloadThreads;

/**
 * lds_offload_threads_init:
 * @maximum: threads, at least 1
 * @gil: (nullable): the lock; for tasks that block, not for those that compute
 *
 * Returns false when out of memory.
 */
bool lds_offload_threads_init (LdsOffloadThreads *self, unsigned maximum, LdsGil *gil);

/**
 * lds_offload_threads_start:
 *
 * Starts all threads now rather than as they are needed.
 *
 * Returns false when one cannot be started.
 */
bool lds_offload_threads_start (LdsOffloadThreads *self);

/** Ends the threads, which must have no task, and frees what @self holds. */
void lds_offload_threads_clear (LdsOffloadThreads *self);
