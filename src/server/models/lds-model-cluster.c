/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M2, cluster: as many event loops as there are CPUs, each in a process of its own.
 *
 * round-robin: the primary accepts, and hands each connection to the worker that has been free for
 * longest; a worker is free when it has said that it has the one before. What it has accepted and
 * nobody has taken yet stays with it: a worker that dies takes none along that it has not had.
 * reuseport: each worker has a listening socket of its own, and the kernel spreads connections over
 * them by a hash. The primary has them as well, so that what waits in one is still there for who
 * takes a dead worker's place.
 *
 * Sources: Node.js, lib/internal/cluster/round_robin_handle.js (SCHED_RR, the default; an unbounded
 * list of handles, here bounded, after which connections wait in the kernel's backlog),
 * nodejs.org/api/cluster.html, os.availableParallelism(), backlog 511 from net.Server.listen
 * (nodejs.org/api/net.html), which also has `reusePort`; socket(7), SO_REUSEPORT; accessed 2026-11-21.
 */
#include "lds-cluster.h"
#include "lds-tally.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 511
/* Accepted, and not handed over. */
#define WAITING 1024u
/* Accepted in one go, before workers are heard again. */
#define ACCEPTS 64

/* A first-in, first-out list of at most WAITING numbers. */
typedef struct
{
  unsigned first, count;
  int numbers[WAITING];
} Queue;

typedef struct
{
  LdsServer *server;
  Queue waiting;  /* accepted connections */
  Queue free;     /* indexes of workers */
  int *in_hand;   /* (array length=workers): what a worker has been sent and has not taken; -1 */
  int *listeners; /* (array length=workers): with reuseport only */
  int reserve;    /* a descriptor to give up when there is none left */
  char bytes[LDS_CLUSTER_BYTES];
} Primary;

static void
push (Queue *queue,
      int number)
{
  queue->numbers[(queue->first + queue->count++) % WAITING] = number;
}

static void
push_front (Queue *queue,
            int number)
{
  queue->first = (queue->first + WAITING - 1) % WAITING;
  queue->count++;
  queue->numbers[queue->first] = number;
}

static int
pop (Queue *queue)
{
  int number = queue->numbers[queue->first];

  queue->first = (queue->first + 1) % WAITING;
  queue->count--;
  return number;
}

static void
drop_number (Queue *queue,
             int number)
{
  for (unsigned left = queue->count; left > 0; left--)
    {
      int one = pop (queue);

      if (one != number)
        push (queue, one);
    }
}

/* Room for one more comes back by each worker's death, and from nowhere else. */
static bool
is_full (const Primary *self)
{
  return self->waiting.count + self->server->options.workers >= WAITING;
}

static void
hand_over (Primary *self,
           LdsSupervisor *supervisor)
{
  while (self->waiting.count > 0 && self->free.count > 0)
    {
      int index = pop (&self->free), fd = pop (&self->waiting);

      if (!lds_cluster_send (lds_supervisor_control (supervisor, (unsigned)index),
                             LDS_CLUSTER_CONNECTION, fd))
        {
          if (errno == EPIPE || errno == ECONNRESET || errno == EBADF)
            {
              /* About to be found dead: it does not become free again. */
              push_front (&self->waiting, fd);
              continue;
            }
          /* No memory, or too many descriptors on their way: this client cannot be served. */
          close (fd);
          push (&self->free, index);
          continue;
        }
      self->in_hand[index] = fd;
    }
  lds_supervisor_watch_listener (supervisor, !is_full (self));
}

static void
worker_ready (LdsSupervisor *supervisor,
              unsigned index,
              void *data)
{
  Primary *self = data;

  if (self->listeners != NULL)
    return;
  push (&self->free, (int)index);
  hand_over (self, supervisor);
}

static void
worker_ended (LdsSupervisor *supervisor,
              unsigned index,
              void *data)
{
  Primary *self = data;

  drop_number (&self->free, (int)index);
  if (self->in_hand[index] >= 0)
    push_front (&self->waiting, self->in_hand[index]);
  self->in_hand[index] = -1;
  if (self->listeners == NULL)
    hand_over (self, supervisor);
}

static void
worker_says (LdsSupervisor *supervisor,
             unsigned index,
             void *data)
{
  Primary *self = data;
  int control = lds_supervisor_control (supervisor, index), descriptor;
  LdsClusterMessage message;
  size_t count;

  while ((message = lds_cluster_receive (control, self->bytes, &count, &descriptor)) <
         LDS_CLUSTER_NOTHING)
    {
      if (descriptor >= 0)
        close (descriptor);
      if (message == LDS_CLUSTER_ACCEPTED && self->in_hand[index] >= 0)
        {
          close (self->in_hand[index]);
          self->in_hand[index] = -1;
          push (&self->free, (int)index);
        }
      else if (message == LDS_CLUSTER_RELAY)
        {
          for (unsigned i = 0; i < self->server->options.workers; i++)
            if (i != index && lds_supervisor_control (supervisor, i) >= 0 &&
                !lds_cluster_send_relay (lds_supervisor_control (supervisor, i), self->bytes,
                                         count))
              lds_tally_add (LDS_TALLY_MESSAGES_DROPPED,
                             lds_cluster_count_relay (self->bytes, count));
        }
    }
  if (self->listeners == NULL)
    hand_over (self, supervisor);
}

/* Returns false when nobody waits. */
static bool
accept_one (Primary *self)
{
  int fd = accept4 (self->server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

  if (fd >= 0)
    {
      push (&self->waiting, fd);
      return true;
    }
  if ((errno == EMFILE || errno == ENFILE) && self->reserve >= 0)
    {
      /* So that neither this spins nor the client waits: libuv does the same. */
      close (self->reserve);
      fd = accept4 (self->server->listener, NULL, NULL, SOCK_CLOEXEC);
      if (fd >= 0)
        close (fd);
      self->reserve = open ("/dev/null", O_RDONLY | O_CLOEXEC);
      return fd >= 0;
    }
  return errno == EINTR || errno == ECONNABORTED;
}

static void
listener_readable (LdsSupervisor *supervisor,
                   void *data)
{
  Primary *self = data;

  for (unsigned i = 0; i < ACCEPTS && !is_full (self); i++)
    if (!accept_one (self))
      break;
  hand_over (self, supervisor);
}

/* What has been accepted, or waits for that, goes to workers, free or not, before they hear that
 * they should end. */
static void
stopping (LdsSupervisor *supervisor,
          void *data)
{
  Primary *self = data;
  unsigned workers = self->server->options.workers;

  if (self->listeners != NULL)
    {
      /* The workers accept what waits in theirs; here it would wait for nobody. */
      for (unsigned i = 1; i < workers; i++)
        close (self->listeners[i]);
      return;
    }
  while (!is_full (self) && accept_one (self))
    ;
  for (unsigned index = 0, refused = 0; self->waiting.count > 0 && refused < workers;
       index = (index + 1) % workers)
    {
      int control = lds_supervisor_control (supervisor, index);

      if (control >= 0 && lds_cluster_send (control, LDS_CLUSTER_CONNECTION,
                                            self->waiting.numbers[self->waiting.first]))
        {
          close (pop (&self->waiting));
          refused = 0;
        }
      else
        refused++;
    }
}

static int
work (LdsServer *server,
      void *data)
{
  Primary *self = data;

  /* What is the primary's alone. */
  while (self->waiting.count > 0)
    close (pop (&self->waiting));
  for (unsigned i = 0; i < server->options.workers; i++)
    if (self->in_hand[i] >= 0)
      close (self->in_hand[i]);
  if (self->reserve >= 0)
    close (self->reserve);
  if (self->listeners == NULL)
    {
      close (server->listener);
      server->listener = -1;
    }
  else
    {
      for (unsigned i = 0; i < server->options.workers; i++)
        if (i != server->worker->index)
          close (self->listeners[i]);
      server->listener = self->listeners[server->worker->index];
    }
  return lds_cluster_work (server, &(LdsLoopOptions){0});
}

/* A listening socket on the port of @server, which its first one has without sharing it, so that no
 * other program has it. Returns -1 when there cannot be one. */
static int
listen_beside (const LdsServer *server)
{
  const struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons ((uint16_t)server->port),
      .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int one = 1, fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd >= 0 && (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
                  setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0 ||
                  bind (fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
                  listen (fd, (int)server->options.backlog) < 0))
    {
      close (fd);
      return -1;
    }
  return fd;
}

static bool
open_listeners (Primary *self)
{
  unsigned workers = self->server->options.workers;
  int one = 1;

  self->listeners = malloc (workers * sizeof *self->listeners);
  if (self->listeners == NULL ||
      setsockopt (self->server->listener, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0)
    return false;
  self->listeners[0] = self->server->listener;
  for (unsigned i = 1; i < workers; i++)
    {
      self->listeners[i] = listen_beside (self->server);
      if (self->listeners[i] < 0)
        return false;
    }
  return true;
}

static int
run (LdsServer *server)
{
  static Primary self;
  const LdsSupervisorHooks hooks = {
      .control = true,
      .work = work,
      .ready = worker_ready,
      .ended = worker_ended,
      .control_readable = worker_says,
      .listener_readable = listener_readable,
      .stopping = stopping,
      .data = &self,
  };

  self.server = server;
  self.reserve = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  self.in_hand = malloc (server->options.workers * sizeof *self.in_hand);
  if (self.in_hand == NULL ||
      (server->options.accept == LDS_ACCEPT_REUSEPORT && !open_listeners (&self)))
    {
      char message[256];

      snprintf (message, sizeof message, "cannot set up the listening sockets of %u workers: %s.",
                server->options.workers, strerror (errno));
      lds_server_announce_error (message);
      return 1;
    }
  for (unsigned i = 0; i < server->options.workers; i++)
    self.in_hand[i] = -1;
  return lds_supervisor_run (server, &hooks);
}

const LdsServerModel lds_model_cluster = {
    .id = "cluster",
    .summary = "an event loop a CPU, each a process, as Node.js's cluster",
    .options = LDS_OPTION_WORKERS | LDS_OPTION_POOL_THREADS | LDS_OPTION_ACCEPT,
    .defaults = {
        .workers = LDS_SERVER_CPUS,
        .threads = 1,
        .backlog = BACKLOG,
        .pool_threads = LDS_LOOP_POOL_THREADS,
    },
    .run = run,
};
