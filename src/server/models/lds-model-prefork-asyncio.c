/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M6a, prefork asyncio: gunicorn with uvicorn's workers. A master forks processes that share the
 * listening socket, each with a loop, a lock and threads of its own, as the model asyncio.
 *
 * Whichever loop looks first accepts, all that waits: connections are not spread evenly, and stay
 * where they are.
 *
 * Sources: uvicorn.workers.UvicornWorker, gunicorn's settings "workers" (1, unless WEB_CONCURRENCY
 * says otherwise) and "backlog" 2048, arbiter.py; accessed 2026-11-21.
 */
#include "lds-asyncio.h"
#include "lds-supervisor.h"

#define WORKERS 1

static int
work (LdsServer *server,
      void *data)
{
  return lds_asyncio_serve (server);
}

static int
run (LdsServer *server)
{
  return lds_supervisor_run (server, &(const LdsSupervisorHooks){.work = work});
}

const LdsServerModel lds_model_prefork_asyncio = {
    .id = "prefork-asyncio",
    .summary = "processes that each are an asyncio loop, as gunicorn with uvicorn's workers",
    .options = LDS_OPTION_WORKERS | LDS_ASYNCIO_OPTIONS,
    .defaults = {.workers = WORKERS, LDS_ASYNCIO_DEFAULTS},
    .run = run,
};
