/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two threads of a process pool: the manager moves jobs and results, the feeder writes jobs. */
#include "lds-process-pool-private.h"

#include "lds-loop.h"
#include "lds-tally.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* How many more jobs than workers the call queue holds (EXTRA_QUEUED_CALLS). */
#define EXTRA_QUEUED 1u
static const LdsFailure broken_meanwhile = {
    500, "a process of the pool ended while the job was waiting for it or running"};

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

/* Writes the job of @task, as bytes of its own in @bytes: once the last one is written the result
 * may come back and the task be gone. Returns false when nobody reads any more, which the manager
 * sees by itself. */
static bool
write_call (LdsProcessPool *self,
            const LdsTask *task,
            unsigned slot,
            LdsBuffer *bytes)
{
  LdsProcessPoolCall call;

  take_lock (self);
  call = (LdsProcessPoolCall){
      .workload = task->workload,
      .cost = task->cost,
      .input_bytes = task->input_bytes,
      .slot = slot,
  };
  memcpy (call.state, task->state, sizeof call.state);
  lds_buffer_clear (bytes);
  lds_buffer_append (bytes, &call, sizeof call);
  lds_buffer_append (bytes, task->input, task->input_bytes);
  drop_lock (self);
  if (!bytes->failed)
    return lds_process_pool_write (self->call_fd, bytes->data, lds_buffer_size (bytes), NULL, 0);
  call.workload = NULL;
  call.input_bytes = 0;
  return lds_process_pool_write (self->call_fd, &call, sizeof call, NULL, 0);
}

void *
lds_process_pool_feed (void *data)
{
  LdsProcessPool *self = data;
  LdsBuffer bytes = {0};
  LdsTask *task;
  unsigned slot;

  do
    {
      pthread_mutex_lock (&self->mutex);
      task = next_call (self, &slot);
      pthread_mutex_unlock (&self->mutex);
    }
  while (task != NULL && write_call (self, task, slot, &bytes));
  lds_buffer_free (&bytes);
  return NULL;
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
      lds_tally_add (LDS_TALLY_JOBS_LOST, 1);
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
  lds_process_pool_reap (self);
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

void *
lds_process_pool_manage (void *data)
{
  LdsProcessPool *self = data;
  uint64_t count;
  bool usable = true;

  while (!has_quit (self))
    {
      take_lock (self);
      fill_call_queue (self);
      drop_lock (self);
      if (poll (self->fds, LDS_PROCESS_POOL_POLL_WORKERS + self->n_workers, -1) < 0)
        continue;
      if ((self->fds[LDS_PROCESS_POOL_POLL_WAKE].revents & POLLIN) != 0 &&
          read (self->wake_fd, &count, sizeof count) < 0)
        continue;
      if ((self->fds[LDS_PROCESS_POOL_POLL_RESULT].revents & POLLIN) != 0)
        {
          take_lock (self);
          usable = read_result (self);
          drop_lock (self);
        }
      else
        for (unsigned i = 0; i < self->n_workers; i++)
          if (self->fds[LDS_PROCESS_POOL_POLL_WORKERS + i].revents != 0)
            usable = false;
      if (!usable)
        {
          break_down (self);
          return NULL;
        }
    }
  return NULL;
}
