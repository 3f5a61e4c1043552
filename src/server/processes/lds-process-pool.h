/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pool of worker processes that carries out a loop's computations, as ProcessPoolExecutor does.
 *
 *   loop --submitted--> manager --call queue--> feeder ==call pipe==> worker 1..N
 *   loop <--completed-- manager <================result pipe=========    "
 *
 * A manager thread moves jobs into a call queue that holds one more than there are workers, a feeder
 * thread writes them to one pipe, and of the idle workers one reads that pipe while the others wait
 * for their turn to. Results come back through one pipe, which the manager reads. Both threads need
 * the global lock for what they do between two system calls, so a computing loop holds them up.
 *
 * A worker that ends breaks the pool, as in the original: the others are killed, for the pipes and
 * their locks may be in any state; all jobs that wait or run fail, and so do all later ones. They
 * are answered with 500; what does not compute goes on.
 *
 * Sources: CPython, Lib/concurrent/futures/process.py (_ExecutorManagerThread, EXTRA_QUEUED_CALLS 1,
 * terminate_broken(), BrokenProcessPool) and Lib/multiprocessing/queues.py (Queue with its feeder
 * thread and the lock that readers share, SimpleQueue with the one of writers); accessed 2026-11-21.
 * Written anew from their behaviour. The original starts its processes with the first job (all of
 * them with fork; one at a time with forkserver, the default on Linux from 3.14); here they are
 * started before the server is ready, so that no thread exists yet.
 */
#pragma once

#include "lds-gil.h"
#include "lds-server.h"
#include "lds-task.h"

typedef struct _LdsProcessPool LdsProcessPool;

/**
 * lds_process_pool_new:
 * @server: whose listening socket the workers do not keep
 * @workers: 1 to 256
 * @gil: (nullable): must outlive the pool
 *
 * Forks the workers and starts two threads: to be called while the process has one thread, on the
 * thread that lives as long as it.
 *
 * Returns: (transfer full) (nullable): %NULL, with the error announced, when that is not possible
 */
LdsProcessPool *lds_process_pool_new (LdsServer *server, unsigned workers, LdsGil *gil);

/** Returns: (transfer none): where to submit tasks, whose job is the compute() of their workload */
LdsOffload *lds_process_pool_offload (LdsProcessPool *self);

/** Ends and reaps the workers. All tasks must have come back. */
void lds_process_pool_free (LdsProcessPool *self);
