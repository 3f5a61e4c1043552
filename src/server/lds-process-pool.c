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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* How many more jobs than workers the call queue holds (EXTRA_QUEUED_CALLS). */
#define EXTRA_QUEUED 1u
/* Jobs that are with the workers, in every state from the call queue to an unread result. */
#define SLOTS_PER_WORKER 4u

enum
{
  POLL_RESULT,
  POLL_WAKE,
  POLL_WORKERS, /* and one more for each */
};

typedef struct
{
  pid_t pid;    /* 0: there is none */
  int sentinel; /* a pipe that ends when the worker does; -1: there is none */
} Worker;

struct _LdsProcessPool
{
  LdsOffload offload;
  LdsGil *gil; /* (nullable) */
  LdsProcessPoolShared *shared;
  int call_fd;
  int result_fd;
  int wake_fd; /* eventfd: a job has been submitted, or quit */
  unsigned n_workers, n_slots;
  Worker *workers;
  struct pollfd *fds;
  pthread_t manager, feeder;

  /* The result that is being read; of the manager alone. */
  LdsProcessPoolResult result;
  LdsTask *result_task; /* whose it is, once its head has been read */
  uint64_t result_read; /* bytes, with the head */

  pthread_mutex_t mutex; /* protects all below; nobody waits for the global lock with it */
  pthread_cond_t fed;    /* there is something for the feeder, or it should end */
  LdsTask *first_submitted, *last_submitted;
  LdsTask **slots;  /* (array length=n_slots): tasks with the workers */
  unsigned *unused; /* (array length=n_unused): slots with no task */
  unsigned n_unused;
  unsigned *feed; /* ring of n_slots: slots whose jobs are to be written */
  unsigned feed_first, n_feed;
  bool broken, quit;
};

static const LdsFailure broken_meanwhile = {
    500, "a process of the pool ended while the job was waiting for it or running"};
static const LdsFailure broken_before = {
    500, "a process of the pool has ended and the pool is not usable any more: restart the server"};

static void
take_lock (LdsProcessPool *self)
{
  if (self->gil != NULL)
    lds_gil_take (self->gil);
}

static void
drop_lock (LdsProcessPool *self)
{
  if (self->gil != NULL)
    lds_gil_drop (self->gil);
}

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

/* With the mutex held: takes the next job for the feeder; NULL when it should end. */
static LdsTask *
next_call (LdsProcessPool *self,
           unsigned *slot)
{
  while (self->n_feed == 0 && !self->quit && !self->broken)
    pthread_cond_wait (&self->fed, &self->mutex);
  if (self->n_feed == 0 || self->broken)
    return NULL;
  *slot = self->feed[self->feed_first];
  self->feed_first = (self->feed_first + 1) % self->n_slots;
  self->n_feed--;
  return self->slots[*slot];
}

static void *
feeder_thread (void *data)
{
  LdsProcessPool *self = data;
  LdsTask *task;
  unsigned slot;

  for (;;)
    {
      LdsProcessPoolCall call;

      pthread_mutex_lock (&self->mutex);
      task = next_call (self, &slot);
      pthread_mutex_unlock (&self->mutex);
      if (task == NULL)
        return NULL;
      take_lock (self);
      call = (LdsProcessPoolCall){
          .workload = task->workload,
          .cost = task->cost,
          .input_bytes = task->input_bytes,
          .slot = slot,
      };
      memcpy (call.state, task->state, sizeof call.state);
      drop_lock (self);
      /* Nobody reads any more: the manager sees it by itself. */
      if (!lds_process_pool_write (self->call_fd, &call, sizeof call, task->input,
                                   task->input_bytes))
        return NULL;
    }
}

/* Moves what was submitted into the call queue, as far as it has room. Does not block. */
static void
fill_call_queue (LdsProcessPool *self)
{
  bool filled = false;

  pthread_mutex_lock (&self->mutex);
  while (self->first_submitted != NULL && self->n_unused > 0 &&
         /* Relaxed: when it is read too early, a result will come and have it read again. */
         atomic_load_explicit (&self->shared->queued, memory_order_relaxed) <
             self->n_workers + EXTRA_QUEUED)
    {
      unsigned slot = self->unused[--self->n_unused];

      self->slots[slot] = self->first_submitted;
      self->first_submitted = self->first_submitted->next;
      self->feed[(self->feed_first + self->n_feed++) % self->n_slots] = slot;
      atomic_fetch_add_explicit (&self->shared->queued, 1, memory_order_relaxed);
      filled = true;
    }
  if (filled)
    pthread_cond_signal (&self->fed);
  pthread_mutex_unlock (&self->mutex);
}

/* The head of a result has been read. Returns false when it is none. */
static bool
begin_result (LdsProcessPool *self)
{
  const LdsProcessPoolResult *result = &self->result;
  LdsTask *task;

  if (result->slot >= self->n_slots)
    return false;
  pthread_mutex_lock (&self->mutex);
  task = self->slots[result->slot];
  pthread_mutex_unlock (&self->mutex);
  if (task == NULL)
    return false;
  self->result_task = task;
  if (result->failed)
    task->output.failed = true;
  else if (result->output_bytes > 0)
    lds_buffer_reserve (&task->output, result->output_bytes);
  return true;
}

static void
end_result (LdsProcessPool *self)
{
  LdsTask *task = self->result_task;
  unsigned slot = (unsigned)self->result.slot;

  memcpy (task->state, self->result.state, sizeof task->state);
  pthread_mutex_lock (&self->mutex);
  self->slots[slot] = NULL;
  self->unused[self->n_unused++] = slot;
  pthread_mutex_unlock (&self->mutex);
  self->result_task = NULL;
  self->result_read = 0;
  lds_loop_complete (task);
}

/* Reads what there is of one result. Returns false when the pipe is broken. */
static bool
read_result (LdsProcessPool *self)
{
  char dropped[4096];

  for (;;)
    {
      const size_t head_bytes = sizeof self->result;
      bool in_head = self->result_read < head_bytes;
      uint64_t left = (in_head ? head_bytes : head_bytes + self->result.output_bytes) -
                      self->result_read;
      char *to = (char *)&self->result + self->result_read;
      LdsBuffer *output = NULL;
      ssize_t n;

      if (!in_head)
        {
          output = &self->result_task->output;
          to = output->failed ? dropped : output->data + output->end;
          if (output->failed && left > sizeof dropped)
            left = sizeof dropped;
        }
      drop_lock (self);
      n = read (self->result_fd, to, left);
      take_lock (self);
      if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
      if (n <= 0)
        return false;
      self->result_read += (uint64_t)n;
      if (output != NULL && !output->failed)
        output->end += (size_t)n;
      if (in_head && self->result_read == head_bytes && !begin_result (self))
        return false;
      if (self->result_task != NULL &&
          self->result_read == head_bytes + self->result.output_bytes)
        {
          end_result (self);
          return true;
        }
    }
}

/* Waits until all workers have ended. */
static void
reap_workers (LdsProcessPool *self)
{
  for (unsigned i = 0; i < self->n_workers; i++)
    {
      Worker *worker = &self->workers[i];

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

static void
fail_tasks (LdsProcessPool *self)
{
  LdsTask *task, *next;

  for (unsigned i = 0; i < self->n_slots; i++)
    if (self->slots[i] != NULL)
      {
        self->slots[i]->next = self->first_submitted;
        self->first_submitted = self->slots[i];
        self->slots[i] = NULL;
      }
  for (task = self->first_submitted; task != NULL; task = next)
    {
      next = task->next;
      task->failed = true;
      task->failure = &broken_meanwhile;
      lds_loop_complete (task);
    }
  self->first_submitted = NULL;
}

/* A worker has ended: that is the end of all of them. */
static void
break_down (LdsProcessPool *self)
{
  fputs ("loadstone-server: a process of the pool has ended: from now on whatever computes is "
         "answered with 500; restart the server.\n",
         stderr);
  for (unsigned i = 0; i < self->n_workers; i++)
    kill (self->workers[i].pid, SIGKILL);
  reap_workers (self);
  pthread_mutex_lock (&self->mutex);
  self->broken = true;
  pthread_cond_signal (&self->fed);
  pthread_mutex_unlock (&self->mutex);
  /* It may be writing from a task: not before it has let go. */
  pthread_join (self->feeder, NULL);
  take_lock (self);
  pthread_mutex_lock (&self->mutex);
  fail_tasks (self);
  pthread_mutex_unlock (&self->mutex);
  drop_lock (self);
}

static bool
has_quit (LdsProcessPool *self)
{
  bool quit;

  pthread_mutex_lock (&self->mutex);
  quit = self->quit;
  pthread_mutex_unlock (&self->mutex);
  return quit;
}

static void *
manager_thread (void *data)
{
  LdsProcessPool *self = data;
  uint64_t count;
  bool usable = true;

  while (!has_quit (self))
    {
      take_lock (self);
      fill_call_queue (self);
      drop_lock (self);
      if (poll (self->fds, POLL_WORKERS + self->n_workers, -1) < 0)
        continue;
      if ((self->fds[POLL_WAKE].revents & POLLIN) != 0 &&
          read (self->wake_fd, &count, sizeof count) < 0)
        continue;
      if ((self->fds[POLL_RESULT].revents & POLLIN) != 0)
        {
          take_lock (self);
          usable = read_result (self);
          drop_lock (self);
        }
      else
        for (unsigned i = 0; i < self->n_workers; i++)
          if (self->fds[POLL_WORKERS + i].revents != 0)
            usable = false;
      if (!usable)
        {
          break_down (self);
          return NULL;
        }
    }
  return NULL;
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
  self->fds = calloc (POLL_WORKERS + self->n_workers, sizeof *self->fds);
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
  self->fds[POLL_RESULT] = (struct pollfd){.fd = self->result_fd, .events = POLLIN};
  self->fds[POLL_WAKE] = (struct pollfd){.fd = self->wake_fd, .events = POLLIN};
  for (unsigned i = 0; i < self->n_workers; i++)
    self->fds[POLL_WORKERS + i].fd = self->workers[i].sentinel;
  if (pthread_create (&self->feeder, NULL, feeder_thread, self) != 0)
    return false;
  if (pthread_create (&self->manager, NULL, manager_thread, self) == 0)
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
    reap_workers (self);
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
          .n_slots = SLOTS_PER_WORKER * (workers + EXTRA_QUEUED),
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
