/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M4, threads under a global lock: a bounded pool of blocking threads of which one executes.
 *
 * Connections wait for their next request in one poller. One that becomes readable is handed to a
 * pool thread, which reads, executes, answers, and hands it back; threads are started as they are
 * needed, up to the bound. Everything that CPython would run as byte code - dispatching, parsing,
 * the workload, writing the answer's text - runs with the global lock; every system call that may
 * block is made without it.
 *
 * Sources: gunicorn, workers/gthread.py (poller, hand-over when readable, hand-back after the
 * answer) and settings "worker_connections" 1000 and "backlog" 2048; 40 threads: AnyIO,
 * to_thread.current_default_thread_limiter(), which Starlette runs plain routes with; threads as
 * needed: CPython, concurrent/futures/thread.py; the lock: lds-gil.h; accessed 2026-11-21.
 */
#include "lds-blocking.h"
#include "lds-clock.h"
#include "lds-gil.h"
#include "lds-lifetime.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define THREADS         40
#define BACKLOG         2048
#define MAX_CONNECTIONS 1000
/* After a shortage of file descriptors or memory the listener is left alone for so long. */
#define ACCEPT_PAUSE_MS 100
#define EVENTS          64

typedef struct _Client Client;

struct _Client
{
  int fd;
  Client *previous, *next;  /* of all open ones; under the pool's mutex */
  Client *next_job;         /* under the pool's mutex */
  bool polled;              /* waits in the poller; under the pool's mutex */
  LdsConnection connection; /* of the thread that has the job */
};

typedef struct
{
  LdsServer *server;
  LdsGil gil;
  int poller;
  int wake; /* eventfd: to stop, or because a connection was closed */
  atomic_bool stop_asked;

  pthread_mutex_t mutex; /* protects all below */
  pthread_cond_t jobs_cond;
  Client *first_job, *last_job;
  Client *clients;
  unsigned connections;
  unsigned queued;    /* jobs that no thread has taken */
  unsigned threads;   /* started */
  unsigned waiting;   /* of these, for a job */
  bool draining;      /* the poller takes no connection back */
  bool quit;          /* no job will come any more */
  pthread_t *handles; /* (array length=threads) */

  /* Of the dispatcher alone. */
  bool accepting;
  int64_t accept_again_ns; /* 0 when not paused */
} Pool;

static void
drop_cb (void *data)
{
  lds_gil_drop (&((Pool *)data)->gil);
}

static void
take_cb (void *data)
{
  lds_gil_take (&((Pool *)data)->gil);
}

static void
check_cb (void *data)
{
  lds_gil_check (&((Pool *)data)->gil);
}

static void
wake_dispatcher (Pool *pool)
{
  uint64_t one = 1;

  if (write (pool->wake, &one, sizeof one) < 0)
    {
      /* Full: it is awake already. */
    }
}

static void
close_client (Pool *pool,
              Client *client)
{
  bool wake;

  pthread_mutex_lock (&pool->mutex);
  if (client->previous != NULL)
    client->previous->next = client->next;
  else
    pool->clients = client->next;
  if (client->next != NULL)
    client->next->previous = client->previous;
  wake = pool->connections-- == pool->server->options.max_connections || pool->stop_asked;
  pthread_mutex_unlock (&pool->mutex);
  close (client->fd);
  lds_connection_clear (&client->connection);
  free (client);
  if (wake)
    wake_dispatcher (pool);
}

/* Lets @client wait in the poller for its next request. */
static bool
poll_client (Pool *pool,
             Client *client,
             int operation)
{
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = client};
  bool polled = false;

  /* Under the mutex: the dispatcher may take it up again before epoll_ctl() returns. */
  pthread_mutex_lock (&pool->mutex);
  if (!pool->draining)
    polled = epoll_ctl (pool->poller, operation, client->fd, &event) == 0;
  client->polled = polled;
  pthread_mutex_unlock (&pool->mutex);
  return polled;
}

static void
serve_client (Pool *pool,
              LdsBlocking *blocking,
              Client *client,
              const LdsBlockingHooks *hooks)
{
  LdsBlockingResult result = lds_blocking_serve (blocking, &client->connection, client->fd, hooks);

  if (result == LDS_BLOCKING_CLOSE || !poll_client (pool, client, EPOLL_CTL_MOD))
    close_client (pool, client);
}

static void *
pool_thread (void *data)
{
  Pool *pool = data;
  LdsBlocking blocking = {0};
  const LdsBlockingHooks hooks = {
      .leave = drop_cb,
      .enter = take_cb,
      .data = pool,
      .breaker = {check_cb, pool},
  };

  for (;;)
    {
      Client *client;

      pthread_mutex_lock (&pool->mutex);
      pool->waiting++;
      while (pool->first_job == NULL && !pool->quit)
        pthread_cond_wait (&pool->jobs_cond, &pool->mutex);
      pool->waiting--;
      client = pool->first_job;
      if (client != NULL)
        {
          pool->first_job = client->next_job;
          pool->queued--;
        }
      pthread_mutex_unlock (&pool->mutex);
      if (client == NULL)
        break;

      lds_gil_take (&pool->gil);
      serve_client (pool, &blocking, client, &hooks);
      lds_gil_drop (&pool->gil);
    }
  lds_blocking_clear (&blocking);
  return NULL;
}

/* Hands a readable connection to the pool: a waiting thread takes it, or one is started for it, or
 * it waits in the queue. */
static void
submit (Pool *pool,
        Client *client)
{
  pthread_mutex_lock (&pool->mutex);
  client->polled = false;
  client->next_job = NULL;
  if (pool->first_job == NULL)
    pool->first_job = client;
  else
    pool->last_job->next_job = client;
  pool->last_job = client;
  pool->queued++;
  if (pool->queued > pool->waiting && pool->threads < pool->server->options.threads &&
      pthread_create (&pool->handles[pool->threads], NULL, pool_thread, pool) == 0)
    pool->threads++;
  pthread_cond_signal (&pool->jobs_cond);
  pthread_mutex_unlock (&pool->mutex);
}

static void
set_accepting (Pool *pool,
               bool accepting)
{
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

  if (pool->accepting == accepting)
    return;
  pool->accepting = accepting;
  epoll_ctl (pool->poller, accepting ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, pool->server->listener,
             &event);
}

static bool
is_full (Pool *pool)
{
  unsigned maximum = pool->server->options.max_connections;
  bool full;

  pthread_mutex_lock (&pool->mutex);
  full = maximum > 0 && pool->connections >= maximum;
  pthread_mutex_unlock (&pool->mutex);
  return full;
}

/* Takes what connections wait. With the lock; let go around the system call, as everywhere. */
static void
accept_clients (Pool *pool)
{
  while (!is_full (pool))
    {
      Client *client;
      int fd, error;

      lds_gil_drop (&pool->gil);
      fd = accept4 (pool->server->listener, NULL, NULL, SOCK_CLOEXEC);
      error = errno;
      lds_gil_take (&pool->gil);
      if (fd < 0)
        {
          if (error == EAGAIN)
            return;
          if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM)
            {
              /* It stays readable: leave it alone for a while rather than spin. */
              set_accepting (pool, false);
              pool->accept_again_ns = lds_clock_now_ns () + ACCEPT_PAUSE_MS * LDS_NS_PER_MS;
              return;
            }
          continue;
        }
      client = calloc (1, sizeof *client);
      if (client == NULL)
        {
          close (fd);
          continue;
        }
      client->fd = fd;
      lds_blocking_prepare_socket (fd);
      lds_connection_init (&client->connection, pool->server);
      pthread_mutex_lock (&pool->mutex);
      client->next = pool->clients;
      if (client->next != NULL)
        client->next->previous = client;
      pool->clients = client;
      pool->connections++;
      pthread_mutex_unlock (&pool->mutex);
      if (!poll_client (pool, client, EPOLL_CTL_ADD))
        close_client (pool, client);
    }
  set_accepting (pool, false);
}

/* How long the poller may wait, in ms; -1 for ever. Begins to accept again when it may. */
static int
prepare_to_poll (Pool *pool)
{
  if (pool->accepting || pool->stop_asked)
    return -1;
  if (pool->accept_again_ns > 0)
    {
      int64_t left_ns = pool->accept_again_ns - lds_clock_now_ns ();

      if (left_ns > 0)
        return (int)(left_ns / LDS_NS_PER_MS) + 1;
      pool->accept_again_ns = 0;
    }
  if (!is_full (pool))
    set_accepting (pool, true);
  return -1;
}

/* Serves until it should end. */
static void
dispatch (Pool *pool)
{
  struct epoll_event events[EVENTS];

  while (!pool->stop_asked)
    {
      int timeout_ms = prepare_to_poll (pool);
      int n = epoll_wait (pool->poller, events, EVENTS, timeout_ms);

      lds_gil_take (&pool->gil);
      for (int i = 0; i < n; i++)
        if (events[i].data.ptr == NULL)
          accept_clients (pool);
        else if (events[i].data.ptr == pool)
          {
            uint64_t count;

            if (read (pool->wake, &count, sizeof count) < 0)
              continue;
          }
        else
          submit (pool, events[i].data.ptr);
      lds_gil_drop (&pool->gil);
    }
}

/* Closes what waits for a next request, hands over what has one, and waits for the rest to close. */
static void
drain (Pool *pool)
{
  struct epoll_event events[EVENTS];
  Client *next;
  bool left;
  int n;

  while ((n = epoll_wait (pool->poller, events, EVENTS, 0)) > 0)
    {
      bool submitted = false;

      for (int i = 0; i < n; i++)
        if (events[i].data.ptr != NULL && events[i].data.ptr != pool)
          {
            submit (pool, events[i].data.ptr);
            submitted = true;
          }
      if (!submitted)
        break;
    }

  pthread_mutex_lock (&pool->mutex);
  pool->draining = true;
  for (Client *client = pool->clients; client != NULL; client = next)
    {
      next = client->next;
      if (!client->polled)
        continue;
      pthread_mutex_unlock (&pool->mutex);
      /* Nobody else closes or takes up what is polled. */
      close_client (pool, client);
      pthread_mutex_lock (&pool->mutex);
      /* The list may have changed while it was open. */
      next = pool->clients;
    }
  left = pool->connections > 0;
  pthread_mutex_unlock (&pool->mutex);

  while (left)
    {
      uint64_t count;

      if (read (pool->wake, &count, sizeof count) < 0 && errno != EINTR)
        break;
      pthread_mutex_lock (&pool->mutex);
      left = pool->connections > 0;
      pthread_mutex_unlock (&pool->mutex);
    }

  pthread_mutex_lock (&pool->mutex);
  pool->quit = true;
  pthread_cond_broadcast (&pool->jobs_cond);
  pthread_mutex_unlock (&pool->mutex);
  for (unsigned i = 0; i < pool->threads; i++)
    pthread_join (pool->handles[i], NULL);
}

/* On the lifetime's thread. */
static void
ask_to_stop (void *data)
{
  Pool *pool = data;

  pool->stop_asked = true;
  atomic_store_explicit (&pool->server->draining, true, memory_order_relaxed);
  wake_dispatcher (pool);
}

static int
run (LdsServer *server)
{
  static Pool pool;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = &pool};

  pool.server = server;
  pthread_mutex_init (&pool.mutex, NULL);
  pthread_cond_init (&pool.jobs_cond, NULL);
  lds_gil_init (&pool.gil, server->options.switch_interval_us);
  server->breaker = (LdsBreaker){check_cb, &pool};
  pool.handles = calloc (server->options.threads, sizeof *pool.handles);
  pool.poller = epoll_create1 (EPOLL_CLOEXEC);
  pool.wake = eventfd (0, EFD_CLOEXEC);
  if (pool.handles == NULL || pool.poller < 0 || pool.wake < 0 ||
      epoll_ctl (pool.poller, EPOLL_CTL_ADD, pool.wake, &event) < 0 ||
      !lds_lifetime_watch (ask_to_stop, &pool))
    {
      lds_server_announce_error ("cannot set up the thread pool.");
      return 1;
    }
  set_accepting (&pool, true);
  lds_server_announce_ready (server);
  dispatch (&pool);
  /* What waits to be accepted is served too. */
  lds_gil_take (&pool.gil);
  accept_clients (&pool);
  lds_gil_drop (&pool.gil);
  set_accepting (&pool, false);
  close (server->listener);
  drain (&pool);
  free (pool.handles);
  close (pool.poller);
  return 0;
}

const LdsServerModel lds_model_gil_threads = {
    .id = "gil-threads",
    .summary = "a pool of blocking threads under a global lock, as in CPython",
    .options = LDS_OPTION_THREADS | LDS_OPTION_SWITCH_INTERVAL | LDS_OPTION_MAX_CONNECTIONS,
    .defaults = {
        .workers = 1,
        .threads = THREADS,
        .switch_interval_us = LDS_GIL_SWITCH_INTERVAL_US,
        .backlog = BACKLOG,
        .max_connections = MAX_CONNECTIONS,
    },
    .run = run,
};
