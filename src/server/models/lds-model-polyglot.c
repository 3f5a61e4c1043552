/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M9, polyglot: an edge, which is an event loop as in Node.js, and behind it a service of worker
 * processes, as of Python, which does what computes.
 *
 * How a job gets there is `--link`: `http`, a POST to a server of its own on another port (interop
 * I-1); `queue`, a queue that competing workers take one job at a time from, which is given to
 * another one, once, when a worker dies (I-2); `rpc`, binary frames over one lasting Unix socket for
 * each worker (I-3). What the edge costs is `--profile`, what the workers cost `--worker-profile`.
 *
 * Sources: article 000, "Part 11" (HTTP, message queue, gRPC); Node.js as of lds-model-event-loop.c;
 * AMQP 0-9-1, basic.qos (prefetch) and basic.deliver (redelivered), rabbitmq.com/docs; accessed
 * 2026-11-21.
 */
#include "lds-link-http.h"
#include "lds-link-pipe.h"
#include "lds-loop.h"
#include "lds-lifetime.h"

#include <string.h>

/* Of net.Server.listen, nodejs.org/api/net.html, accessed 2026-11-21. */
#define BACKLOG 511

static int
serve_over_http (LdsServer *server)
{
  static LdsLinkHttp link;
  char message[256];
  int code;

  if (!lds_link_http_start (&link, server->worker_model, server->options.workers,
                            server->worker_profile, message, sizeof message))
    {
      lds_server_announce_error (message);
      return 1;
    }
  code = lds_loop_serve (server, &(LdsLoopOptions){.compute = &link.offload});
  lds_link_http_end (&link);
  return code;
}

static int
serve_over_pipes (LdsServer *server,
                  bool queue)
{
  static LdsLinkPipe link;
  LdsLoopOptions options = {.compute = &link.offload};
  LdsLoop *loop = lds_loop_new (server, &options);

  if (loop == NULL)
    return 1;
  if (!lds_link_pipe_start (&link, loop, server->options.workers, queue, server->worker_profile))
    {
      lds_server_announce_error ("cannot start the worker processes; ask for fewer with --workers.");
      return 1;
    }
  if (!lds_lifetime_watch (lds_loop_stop, loop))
    {
      lds_server_announce_error ("cannot start the thread that watches for the end.");
      return 1;
    }
  lds_server_announce_ready (server);
  lds_loop_run (loop);
  lds_link_pipe_end (&link);
  lds_loop_free (loop);
  return 0;
}

static int
run (LdsServer *server)
{
  if (strcmp (server->link, "http") == 0)
    return serve_over_http (server);
  return serve_over_pipes (server, strcmp (server->link, "queue") == 0);
}

const LdsServerModel lds_model_polyglot = {
    .id = "polyglot",
    .summary = "an event loop that has computations done by a service of worker processes",
    .options = LDS_OPTION_MAX_CONNECTIONS | LDS_OPTION_POOL_THREADS | LDS_OPTION_WORKERS |
               LDS_OPTION_LINK,
    .defaults = {
        .workers = LDS_SERVER_CPUS,
        .threads = 1,
        .backlog = BACKLOG,
        .pool_threads = LDS_LOOP_POOL_THREADS,
    },
    .run = run,
};
