/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop: accepting, ending, tasks that come back.
 *
 * Sources: Node.js, "The Node.js Event Loop", nodejs.org/learn; libuv 1.44, docs/src/design.rst and
 * threadpool.rst; accessed 2026-11-21.
 */
#include "lds-loop-private.h"

#include "lds-cost.h"
#include "lds-lifetime.h"
#include "lds-tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The loop goes on for two turns after it has been asked to stop: in the first it accepts what
 * waits, in the second it reads what those have sent. */
#define LAST_TURNS 2

void
lds_loop_accept (LdsLoop *self)
{
  unsigned maximum = self->server->options.max_connections;
  LdsLoopClient *client;

  self->accept_postponed = false;
  if (maximum > 0 && self->connections >= maximum)
    {
      /* libuv stops accepting until the one it holds is taken; the rest wait in the backlog. */
      self->accept_postponed = true;
      return;
    }
  client = lds_loop_client_new (self);
  if (client == NULL)
    self->accept_postponed = self->connections > 0;
  else if (uv_accept ((uv_stream_t *)&self->listener,
                      (uv_stream_t *)lds_loop_client_handle (client)) == 0)
    lds_loop_client_begin (client);
  else
    lds_loop_client_close (client);
}

static void
connection_cb (uv_stream_t *listener,
               int status)
{
  LdsLoop *self = listener->data;

  /* On a shortage of file descriptors libuv accepts with one that it keeps in reserve and closes
   * at once, so that neither the loop spins nor the client waits. */
  if (status != 0)
    return;
  lds_loop_enter (self);
  lds_loop_accept (self);
  lds_loop_leave (self);
}

void
lds_loop_adopt (LdsLoop *self,
                int fd)
{
  LdsLoopClient *client = lds_loop_client_new (self);

  if (client != NULL && uv_tcp_open (lds_loop_client_handle (client), fd) == 0)
    {
      lds_loop_client_begin (client);
      return;
    }
  close (fd);
  if (client != NULL)
    lds_loop_client_close (client);
}

static void
turn_cb (uv_idle_t *turn)
{
  LdsLoop *self = turn->data;

  if (++self->turns <= LAST_TURNS)
    return;
  uv_close ((uv_handle_t *)turn, NULL);
  if (self->listening)
    uv_close ((uv_handle_t *)&self->listener, NULL);
  lds_loop_ports_close (self);
  lds_loop_enter (self);
  lds_loop_close_idle_clients (self);
  lds_loop_leave (self);
  lds_loop_fetches_stop (self);
}

static void
stop_cb (uv_async_t *async)
{
  LdsLoop *self = async->data;

  if (self->stopping)
    return;
  self->stopping = true;
  /* Relaxed: read by this very thread. */
  atomic_store_explicit (&self->server->draining, true, memory_order_relaxed);
  uv_close ((uv_handle_t *)async, NULL);
  uv_idle_start (&self->turn, turn_cb);
}

void
lds_loop_stop (void *data)
{
  LdsLoop *self = data;

  uv_async_send (&self->stop);
}

/* A task that is away keeps the loop running, even when the client has left. */
void
lds_loop_submit (LdsLoop *self,
                 LdsOffload *offload,
                 LdsTask *task)
{
  if (self->tasks++ == 0)
    uv_ref ((uv_handle_t *)&self->completed);
  task->loop = self;
  lds_tally_add (LDS_TALLY_JOBS_QUEUED, 1);
  offload->submit (offload, task);
}

void
lds_loop_complete (LdsTask *task)
{
  LdsLoop *self = task->loop;

  task->next = NULL;
  pthread_mutex_lock (&self->mutex);
  if (self->first_completed != NULL)
    self->last_completed->next = task;
  else
    {
      self->first_completed = task;
      /* Under the mutex: the loop may end, and be freed, as soon as it has the task. */
      uv_async_send (&self->completed);
    }
  self->last_completed = task;
  pthread_mutex_unlock (&self->mutex);
}

static void
completed_cb (uv_async_t *async)
{
  LdsLoop *self = async->data;
  LdsTask *task, *next;

  pthread_mutex_lock (&self->mutex);
  task = self->first_completed;
  self->first_completed = NULL;
  pthread_mutex_unlock (&self->mutex);
  lds_loop_enter (self);
  for (; task != NULL; task = next)
    {
      next = task->next;
      if (--self->tasks == 0)
        uv_unref ((uv_handle_t *)async);
      lds_tally_add (LDS_TALLY_JOBS_DONE, 1);
      lds_loop_client_completed (task);
    }
  lds_loop_leave (self);
}

LdsHub *
lds_loop_hub (LdsLoop *self)
{
  return self->hub;
}

uv_loop_t *
lds_loop_uv (LdsLoop *self)
{
  return &self->uv;
}

/* libuv's pool, where Node.js's own blocking calls go. */
typedef struct
{
  uv_work_t work;
  LdsTask *task;
} PoolWork;

static void
pool_work_cb (uv_work_t *work)
{
  static const LdsBreaker never = {NULL, NULL};

  lds_task_run (((PoolWork *)work->data)->task, &never);
}

static void
pool_done_cb (uv_work_t *work,
              int status)
{
  PoolWork *pool_work = work->data;

  pool_work->task->failed = status != 0;
  lds_loop_complete (pool_work->task);
  free (pool_work);
}

static void
pool_submit (LdsOffload *offload,
             LdsTask *task)
{
  PoolWork *work = malloc (sizeof *work);

  if (work != NULL)
    {
      work->task = task;
      work->work.data = work;
      if (uv_queue_work (&task->loop->uv, &work->work, pool_work_cb, pool_done_cb) == 0)
        return;
      free (work);
    }
  task->failed = true;
  lds_loop_complete (task);
}

static LdsOffload pool = {.submit = pool_submit};

static void
check_gil_cb (void *data)
{
  lds_gil_check (data);
}

static bool
set_up (LdsLoop *self)
{
  uv_loop_t *uv = &self->uv;

  if (uv_loop_init (uv) != 0 || uv_async_init (uv, &self->stop, stop_cb) != 0 ||
      uv_async_init (uv, &self->completed, completed_cb) != 0 ||
      uv_idle_init (uv, &self->turn) != 0)
    return false;
  uv_unref ((uv_handle_t *)&self->completed);
  self->hub = lds_hub_new (self);
  if (self->hub == NULL)
    return false;
  self->server->hub = self->hub;
  self->stop.data = self->completed.data = self->turn.data = self->listener.data = self;
  if (self->server->listener < 0)
    return true;
  self->listening = true;
  return uv_tcp_init (uv, &self->listener) == 0 &&
         uv_tcp_open (&self->listener, self->server->listener) == 0 &&
         uv_listen ((uv_stream_t *)&self->listener, (int)self->server->options.backlog,
                    connection_cb) == 0 &&
         lds_loop_ports_open (self);
}

LdsLoop *
lds_loop_new (LdsServer *server,
              const LdsLoopOptions *options)
{
  LdsLoop *self = calloc (1, sizeof *self);
  char threads[16];

  /* libuv reads it when the first call goes to its pool. */
  snprintf (threads, sizeof threads, "%u", server->options.pool_threads);
  setenv ("UV_THREADPOOL_SIZE", threads, 1);
  if (self != NULL)
    {
      self->server = server;
      self->options = *options;
      if (self->options.call == NULL)
        self->options.call = &pool;
      if (self->options.gil != NULL)
        server->breaker = self->breaker = (LdsBreaker){check_gil_cb, self->options.gil};
      pthread_mutex_init (&self->mutex, NULL);
    }
  if (self == NULL || !set_up (self))
    {
      free (self);
      lds_server_announce_error ("cannot set up the event loop.");
      return NULL;
    }
  return self;
}

/* Behind what has come in a turn: what comes next is another one's. */
static void
cost_turn_cb (uv_check_t *check)
{
  lds_cost_begin_turn ();
}

void
lds_loop_run (LdsLoop *self)
{
  bool has_turns = self->server->cost != NULL && self->server->cost->profile.turn_ns > 0 &&
                   uv_check_init (&self->uv, &self->cost_turn) == 0;

  lds_loop_probe_start (self);
  if (has_turns)
    {
      lds_cost_begin_turn ();
      uv_check_start (&self->cost_turn, cost_turn_cb);
      /* It keeps no loop from ending. */
      uv_unref ((uv_handle_t *)&self->cost_turn);
    }
  /* Ends when all handles are closed: after stopping, with the last connection. */
  uv_run (&self->uv, UV_RUN_DEFAULT);
  lds_loop_probe_stop (self);
  if (has_turns)
    uv_close ((uv_handle_t *)&self->cost_turn, NULL);
  lds_hub_close (self->hub);
  uv_close ((uv_handle_t *)&self->completed, NULL);
  lds_loop_fetches_close (self);
  uv_run (&self->uv, UV_RUN_NOWAIT);
}

void
lds_loop_free (LdsLoop *self)
{
  lds_hub_free (self->hub);
  uv_loop_close (&self->uv);
  lds_loop_ports_free (self);
  lds_loop_fetches_free (self);
  lds_buffer_free (&self->out);
  pthread_mutex_destroy (&self->mutex);
  free (self);
}

int
lds_loop_serve (LdsServer *server,
                const LdsLoopOptions *options)
{
  LdsLoop *self = lds_loop_new (server, options);

  if (self == NULL)
    return 1;
  if (!lds_lifetime_watch (lds_loop_stop, self))
    {
      lds_server_announce_error ("cannot start the thread that watches for the end.");
      return 1;
    }
  lds_server_announce_ready (server);
  lds_loop_run (self);
  lds_loop_free (self);
  return 0;
}
