/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pool of worker processes: the end where jobs come from. */
#include "lds-process-pool-private.h"

#include "lds-child.h"
#include "lds-loop.h"
#include "lds-observer.h"
#include "lds-tally.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Jobs that are with the workers, in every state from the call queue to an unread result. */
#define SLOTS_PER_WORKER 4u

static const LdsFailure broken_before = {
    500, "a process of the pool has ended and the pool is not usable any more: restart the server"};

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
wake_manager (LdsProcessPool *self)
{
  uint64_t one = 1;

  if (write (self->wake_fd, &one, sizeof one) < 0)
    {
      /* Full: it is awake already. */
    }
}

static void
submit (LdsOffload *offload,
        LdsTask *task)
{
  LdsProcessPool *self = (LdsProcessPool *)offload;
  bool broken;

  task->next = NULL;
  pthread_mutex_lock (&self->mutex);
  broken = self->broken;
  if (!broken)
    {
      if (self->first_submitted == NULL)
        self->first_submitted = task;
      else
        self->last_submitted->next = task;
      self->last_submitted = task;
    }
  pthread_mutex_unlock (&self->mutex);
  if (!broken)
    {
      wake_manager (self);
      return;
    }
  task->failed = true;
  task->failure = &broken_before;
  lds_loop_complete (task);
}

void
lds_process_pool_reap (LdsProcessPool *self)
{
  for (unsigned i = 0; i < self->n_workers; i++)
    {
      LdsProcessPoolWorker *worker = &self->workers[i];

      if (worker->pid > 0)
        {
          while (waitpid (worker->pid, NULL, 0) < 0 && errno == EINTR)
            ;
          lds_tally_bury (1 + i);
        }
      worker->pid = 0;
      close_fd (&worker->sentinel);
    }
}

/* Does not return. */
static void
be_worker (LdsProcessPool *self,
           LdsServer *server,
           unsigned index,
           pid_t parent_pid,
           int call_fd,
           int result_fd)
{
  lds_child_become_worker (parent_pid);
  if (server->listener >= 0)
    close (server->listener);
  close (self->call_fd);
  close (self->result_fd);
  for (unsigned i = 0; i < index; i++)
    close (self->workers[i].sentinel);
  lds_observer_leave ();
  lds_tally_be_process (1 + index);
  _exit (lds_process_pool_work (self->shared, call_fd, result_fd));
}

static bool
fork_worker (LdsProcessPool *self,
             LdsServer *server,
             unsigned index,
             int call_fd,
             int result_fd)
{
  pid_t parent_pid = getpid (), pid;
  int sentinel[2];

  if (pipe2 (sentinel, O_CLOEXEC) < 0)
    return false;
  pid = fork ();
  if (pid == 0)
    {
      close (sentinel[0]);
      be_worker (self, server, index, parent_pid, call_fd, result_fd);
    }
  close (sentinel[1]);
  self->workers[index].sentinel = sentinel[0];
  self->workers[index].pid = pid;
  return pid > 0;
}

static bool
fork_workers (LdsProcessPool *self,
              LdsServer *server)
{
  int calls[2] = {-1, -1}, results[2] = {-1, -1};
  bool forked = pipe2 (calls, O_CLOEXEC) == 0 && pipe2 (results, O_CLOEXEC) == 0;

  self->call_fd = calls[1];
  self->result_fd = results[0];
  for (unsigned i = 0; forked && i < self->n_workers; i++)
    forked = fork_worker (self, server, i, calls[0], results[1]);
  close_fd (&calls[0]);
  close_fd (&results[1]);
  return forked && fcntl (self->result_fd, F_SETFL, O_NONBLOCK) == 0;
}

static bool
allocate (LdsProcessPool *self)
{
  self->shared = mmap (NULL, sizeof *self->shared, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (self->shared == MAP_FAILED)
    {
      self->shared = NULL;
      return false;
    }
  self->workers = calloc (self->n_workers, sizeof *self->workers);
  self->fds = calloc (LDS_PROCESS_POOL_POLL_WORKERS + self->n_workers, sizeof *self->fds);
  self->slots = calloc (self->n_slots, sizeof (LdsTask *));
  self->unused = calloc (self->n_slots, sizeof *self->unused);
  self->feed = calloc (self->n_slots, sizeof *self->feed);
  if (self->workers == NULL || self->fds == NULL || self->slots == NULL || self->unused == NULL ||
      self->feed == NULL)
    return false;
  for (unsigned i = 0; i < self->n_workers; i++)
    self->workers[i].sentinel = -1;
  for (; self->n_unused < self->n_slots; self->n_unused++)
    self->unused[self->n_unused] = self->n_unused;
  return sem_init (&self->shared->call_lock, 1, 1) == 0 &&
         sem_init (&self->shared->result_lock, 1, 1) == 0;
}

/* After the forks: threads, and what only this process has open. */
static bool
start (LdsProcessPool *self)
{
  self->wake_fd = eventfd (0, EFD_CLOEXEC);
  if (self->wake_fd < 0)
    return false;
  self->fds[LDS_PROCESS_POOL_POLL_RESULT] =
      (struct pollfd){.fd = self->result_fd, .events = POLLIN};
  self->fds[LDS_PROCESS_POOL_POLL_WAKE] = (struct pollfd){.fd = self->wake_fd, .events = POLLIN};
  for (unsigned i = 0; i < self->n_workers; i++)
    self->fds[LDS_PROCESS_POOL_POLL_WORKERS + i].fd = self->workers[i].sentinel;
  if (pthread_create (&self->feeder, NULL, lds_process_pool_feed, self) != 0)
    return false;
  if (pthread_create (&self->manager, NULL, lds_process_pool_manage, self) == 0)
    return true;
  pthread_mutex_lock (&self->mutex);
  self->quit = true;
  pthread_cond_signal (&self->fed);
  pthread_mutex_unlock (&self->mutex);
  pthread_join (self->feeder, NULL);
  return false;
}

/* With no thread running. */
static void
tear_down (LdsProcessPool *self)
{
  /* The end of the pipe is what the workers wait for. */
  close_fd (&self->call_fd);
  if (self->workers != NULL)
    lds_process_pool_reap (self);
  close_fd (&self->result_fd);
  close_fd (&self->wake_fd);
  if (self->shared != NULL)
    munmap (self->shared, sizeof *self->shared);
  free (self->workers);
  free (self->fds);
  free (self->slots);
  free (self->unused);
  free (self->feed);
  pthread_cond_destroy (&self->fed);
  pthread_mutex_destroy (&self->mutex);
  free (self);
}

LdsProcessPool *
lds_process_pool_new (LdsServer *server,
                      unsigned workers,
                      LdsGil *gil)
{
  LdsProcessPool *self = calloc (1, sizeof *self);

  if (self != NULL)
    {
      *self = (LdsProcessPool){
          .offload.submit = submit,
          .gil = gil,
          .call_fd = -1,
          .result_fd = -1,
          .wake_fd = -1,
          .n_workers = workers,
          .n_slots = SLOTS_PER_WORKER * (workers + 1),
      };
      pthread_mutex_init (&self->mutex, NULL);
      pthread_cond_init (&self->fed, NULL);
      if (allocate (self) && fork_workers (self, server) && start (self))
        return self;
      tear_down (self);
    }
  lds_server_announce_error ("cannot start the worker processes; ask for fewer with --workers.");
  return NULL;
}

LdsOffload *
lds_process_pool_offload (LdsProcessPool *self)
{
  return &self->offload;
}

void
lds_process_pool_free (LdsProcessPool *self)
{
  pthread_mutex_lock (&self->mutex);
  self->quit = true;
  pthread_cond_signal (&self->fed);
  pthread_mutex_unlock (&self->mutex);
  wake_manager (self);
  pthread_join (self->manager, NULL);
  /* Else the manager has joined it. */
  if (!self->broken)
    pthread_join (self->feeder, NULL);
  tear_down (self);
}
