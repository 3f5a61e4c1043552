/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M4, threads under a global lock: a bounded pool of blocking threads of which one executes.
 *
 * Sources: lds-threads.h; the lock: lds-gil.h.
 */
#include "lds-threads.h"

static int
run (LdsServer *server)
{
  static LdsGil gil;

  lds_gil_init (&gil, server->options.switch_interval_us);
  return lds_threads_serve (server, &gil);
}

const LdsServerModel lds_model_gil_threads = {
    .id = "gil-threads",
    .summary = "a pool of blocking threads under a global lock, as in CPython",
    .options = LDS_OPTION_THREADS | LDS_OPTION_SWITCH_INTERVAL | LDS_OPTION_MAX_CONNECTIONS,
    .defaults = {
        .workers = 1,
        .threads = LDS_THREADS_THREADS,
        .switch_interval_us = LDS_GIL_SWITCH_INTERVAL_US,
        .backlog = LDS_THREADS_BACKLOG,
        .max_connections = LDS_THREADS_MAX_CONNECTIONS,
    },
    .run = run,
};
