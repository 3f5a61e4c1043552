/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M3, an event loop with worker threads: what computes is posted to a pool, the loop goes on.
 *
 * All of the pool's threads are started at first. A job's data is copied on its way there and what
 * it gives is handed back, as postMessage() does with its structured clones; jobs that find no idle
 * thread wait in a queue. Blocking calls go to libuv's own pool, as ever.
 *
 * Sources: Node.js, worker_threads ("use a pool of Workers"), and AsyncResource, its sample of such
 * a pool, made with os.availableParallelism() threads (before: os.cpus().length), which is
 * libuv's uv_available_parallelism(); nodejs.org/api; accessed 2026-11-21.
 */
#include "lds-loop.h"
#include "lds-offload-threads.h"

/* Of net.Server.listen, nodejs.org/api/net.html, accessed 2026-11-21. */
#define BACKLOG 511

static int
run (LdsServer *server)
{
  static LdsOffloadThreads workers;
  int code;

  if (!lds_offload_threads_init (&workers, server->options.threads, NULL) ||
      !lds_offload_threads_start (&workers))
    {
      lds_server_announce_error ("cannot start the worker threads; ask for fewer with --threads.");
      return 1;
    }
  code = lds_loop_serve (server, &(LdsLoopOptions){.compute = &workers.offload});
  lds_offload_threads_clear (&workers);
  return code;
}

const LdsServerModel lds_model_worker_threads = {
    .id = "worker-threads",
    .summary = "an event loop that has computations done by a pool of threads, as in Node.js",
    .options = LDS_OPTION_THREADS | LDS_OPTION_MAX_CONNECTIONS | LDS_OPTION_POOL_THREADS,
    .defaults = {
        .workers = 1,
        .threads = LDS_SERVER_CPUS,
        .backlog = BACKLOG,
        .pool_threads = LDS_LOOP_POOL_THREADS,
    },
    .run = run,
};
