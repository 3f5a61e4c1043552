/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M3r, an event loop that starts a thread for each computation: the article's own sample.
 *
 * Nothing bounds how many there are at a time, as in the original; where the system refuses one
 * more, that request is answered with 500 "worker error", as the sample does on a worker's error,
 * and the server goes on.
 *
 * Sources: article 002, "worker threads" (new Worker() in the request's handler; 500 "worker
 * error"); that one should use a pool instead, and 4 MiB of stack (resourceLimits.stackSizeMb): Node.js,
 * nodejs.org/api/worker_threads.html; accessed 2026-11-21. Starting a V8 isolate, some 16 ms there,
 * is no part of the architecture: it belongs to a profile.
 */
#include "lds-cost.h"
#include "lds-loop.h"

/* Of net.Server.listen, nodejs.org/api/net.html, accessed 2026-11-21. */
#define BACKLOG     511
#define STACK_BYTES ((size_t)4 * 1024 * 1024)

static void *
worker_thread (void *data)
{
  static const LdsBreaker never = {NULL, NULL};

  lds_cost_worker_spawn (((LdsTask *)data)->cost, &never);
  lds_task_run (data, &never);
  /* The last that it does: nobody waits for its end. */
  lds_loop_complete (data);
  return NULL;
}

static void
submit (LdsOffload *offload,
        LdsTask *task)
{
  static const LdsFailure worker_error = {500, "worker error"};
  pthread_attr_t attributes;
  pthread_t thread;
  int error;

  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, STACK_BYTES);
  pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED);
  error = pthread_create (&thread, &attributes, worker_thread, task);
  pthread_attr_destroy (&attributes);
  if (error == 0)
    return;
  task->failed = true;
  task->failure = &worker_error;
  lds_loop_complete (task);
}

static int
run (LdsServer *server)
{
  static LdsOffload workers = {.submit = submit};

  return lds_loop_serve (server, &(LdsLoopOptions){.compute = &workers});
}

const LdsServerModel lds_model_thread_per_request = {
    .id = "thread-per-request",
    .summary = "an event loop that starts a thread for each computation, as in the article",
    .options = LDS_OPTION_MAX_CONNECTIONS | LDS_OPTION_POOL_THREADS,
    .defaults = {
        .workers = 1,
        .threads = 1,
        .backlog = BACKLOG,
        .pool_threads = LDS_LOOP_POOL_THREADS,
    },
    .run = run,
};
