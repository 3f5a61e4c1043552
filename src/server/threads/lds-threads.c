/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A poller and a bounded pool of threads that block. */
#include "lds-threads.h"

#include "lds-blocking.h"
#include "lds-clock.h"
#include "lds-lifetime.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

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
  LdsGil *gil; /* (nullable) */
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
take_lock (Pool *pool)
{
  if (pool->gil != NULL)
    lds_gil_take (pool->gil);
}

static void
drop_lock (Pool *pool)
{
  if (pool->gil != NULL)
    lds_gil_drop (pool->gil);
}

static void
drop_cb (void *data)
{
  lds_gil_drop (data);
}

static void
take_cb (void *data)
{
  lds_gil_take (data);
}

static void
check_cb (void *data)
{
  lds_gil_check (data);
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
  static const LdsBlockingHooks free_hooks = {0};
  const LdsBlockingHooks locked_hooks = {
      .leave = drop_cb,
      .enter = take_cb,
      .data = pool->gil,
      .breaker = {check_cb, pool->gil},
  };
  const LdsBlockingHooks *hooks = pool->gil != NULL ? &locked_hooks : &free_hooks;

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

      take_lock (pool);
      serve_client (pool, &blocking, client, hooks);
      drop_lock (pool);
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

      drop_lock (pool);
      fd = accept4 (pool->server->listener, NULL, NULL, SOCK_CLOEXEC);
      error = errno;
      take_lock (pool);
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

      take_lock (pool);
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
      drop_lock (pool);
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

int
lds_threads_serve (LdsServer *server,
                   LdsGil *gil)
{
  static Pool pool;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = &pool};

  pool.server = server;
  pool.gil = gil;
  if (gil != NULL)
    server->breaker = (LdsBreaker){check_cb, gil};
  pthread_mutex_init (&pool.mutex, NULL);
  pthread_cond_init (&pool.jobs_cond, NULL);
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
  take_lock (&pool);
  accept_clients (&pool);
  drop_lock (&pool);
  set_accepting (&pool, false);
  close (server->listener);
  drain (&pool);
  free (pool.handles);
  close (pool.poller);
  return 0;
}
