/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M1, the event loop: one thread, everything on one libuv loop.
 *
 * libuv is the loop that Node.js itself runs on. A waiting request is a timer and costs the others
 * nothing; a computing one is run where it is, so that the loop stands still for everybody; a
 * blocking call goes to libuv's pool of 4 threads.
 *
 * Sources: Node.js, "The Node.js Event Loop", nodejs.org/learn; backlog 511 from net.Server.listen
 * (nodejs.org/api/net.html); UV_THREADPOOL_SIZE (nodejs.org/api/cli.html); accessed 2026-11-21.
 */
#include "lds-loop.h"

#define BACKLOG 511

static int
run (LdsServer *server)
{
  return lds_loop_serve (server, &(LdsLoopOptions){0});
}

const LdsServerModel lds_model_event_loop = {
    .id = "event-loop",
    .summary = "one thread, one libuv loop, as in Node.js",
    .options = LDS_OPTION_MAX_CONNECTIONS | LDS_OPTION_POOL_THREADS | LDS_OPTION_PORTS,
    .defaults = {
        .workers = 1,
        .threads = 1,
        .backlog = BACKLOG,
        .pool_threads = LDS_LOOP_POOL_THREADS,
        .ports = 1,
    },
    .run = run,
};
