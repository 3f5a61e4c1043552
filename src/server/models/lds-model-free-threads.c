/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M8, threads without a global lock: M4's pool, all of whose threads execute at the same time.
 *
 * Doing without the lock costs the original some per cent of all the CPU time that it uses.
 *
 * Sources: lds-threads.h; PEP 703 and PEP 779; the tax: lds-cost.h; accessed 2026-11-21.
 */
#include "lds-cost.h"
#include "lds-threads.h"

static int
run (LdsServer *server)
{
  return lds_threads_serve (server, NULL);
}

const LdsServerModel lds_model_free_threads = {
    .id = "free-threads",
    .summary = "a pool of blocking threads without a lock, as in free-threaded CPython",
    .options = LDS_OPTION_THREADS | LDS_OPTION_MAX_CONNECTIONS | LDS_OPTION_TAX,
    .defaults = {
        .workers = 1,
        .threads = LDS_THREADS_THREADS,
        .backlog = LDS_THREADS_BACKLOG,
        .max_connections = LDS_THREADS_MAX_CONNECTIONS,
        .tax_percent = LDS_COST_TAX_PERCENT,
    },
    .run = run,
};
