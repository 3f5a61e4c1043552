/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M7, asyncio with a pool of processes: what computes is handed to worker processes, which have no
 * lock in common with the loop.
 *
 * As many workers as CPUs unless told otherwise; the article's sample asks for max_workers=4.
 *
 * Sources: lds-asyncio.h; lds-process-pool.h; "max_workers" of ProcessPoolExecutor: os.cpu_count(),
 * from 3.13 os.process_cpu_count(), which counts those that may be used
 * (docs.python.org/3/library/concurrent.futures.html); accessed 2026-11-21; article 002, "Python FastAPI
 * with a process pool".
 */
#include "lds-asyncio.h"
#include "lds-process-pool.h"

static int
run (LdsServer *server)
{
  static LdsAsyncio asyncio;
  LdsProcessPool *pool;
  int code = 1;

  if (!lds_asyncio_init (&asyncio, server))
    return code;
  pool = lds_process_pool_new (server, server->options.workers, &asyncio.gil);
  if (pool != NULL)
    {
      asyncio.options.compute = lds_process_pool_offload (pool);
      code = lds_loop_serve (server, &asyncio.options);
      lds_process_pool_free (pool);
    }
  lds_asyncio_clear (&asyncio);
  return code;
}

const LdsServerModel lds_model_process_pool = {
    .id = "process-pool",
    .summary = "asyncio that has computations done by worker processes, as ProcessPoolExecutor",
    .options = LDS_ASYNCIO_OPTIONS | LDS_OPTION_WORKERS,
    .defaults = {.workers = LDS_SERVER_CPUS, LDS_ASYNCIO_DEFAULTS},
    .run = run,
};
