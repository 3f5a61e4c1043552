/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pool of threads for tasks. */
#include "lds-offload-threads.h"

#include "lds-loop.h"

#include <stdlib.h>

struct _LdsOffloadThread
{
  LdsOffloadThreads *pool;
  LdsOffloadThread *next_idle;
  LdsTask *task; /* given to it; under the pool's mutex */
  pthread_cond_t given;
  pthread_t thread;
};

static void
run_task (LdsOffloadThreads *self,
          LdsTask *task)
{
  static const LdsBreaker never = {NULL, NULL};

  if (self->gil == NULL)
    {
      lds_task_run (task, &never);
      lds_loop_complete (task);
      return;
    }
  /* Getting as far as the blocking call needs the lock, and so does handing back what it gave. */
  lds_gil_take (self->gil);
  lds_gil_drop (self->gil);
  lds_task_run (task, &never);
  lds_gil_take (self->gil);
  lds_loop_complete (task);
  lds_gil_drop (self->gil);
}

/* With the mutex held. Returns NULL when there is nothing to do any more. */
static LdsTask *
next_task (LdsOffloadThread *thread)
{
  LdsOffloadThreads *self = thread->pool;
  LdsTask *task = thread->task;

  if (task == NULL && self->first_queued != NULL)
    {
      task = self->first_queued;
      self->first_queued = task->next;
      return task;
    }
  if (task == NULL && !self->quit)
    {
      thread->next_idle = self->idle;
      self->idle = thread;
      while (thread->task == NULL && !self->quit)
        pthread_cond_wait (&thread->given, &self->mutex);
      task = thread->task;
    }
  thread->task = NULL;
  return task;
}

static void *
thread_func (void *data)
{
  LdsOffloadThread *thread = data;
  LdsOffloadThreads *self = thread->pool;
  LdsTask *task;

  pthread_mutex_lock (&self->mutex);
  while ((task = next_task (thread)) != NULL)
    {
      pthread_mutex_unlock (&self->mutex);
      run_task (self, task);
      pthread_mutex_lock (&self->mutex);
    }
  pthread_mutex_unlock (&self->mutex);
  return NULL;
}

/* With the mutex held: starts a thread for @task, or one that is idle at first. */
static bool
start_thread (LdsOffloadThreads *self,
              LdsTask *task)
{
  LdsOffloadThread *thread = &self->threads[self->started];

  if (self->started == self->maximum)
    return false;
  thread->pool = self;
  thread->task = task;
  pthread_cond_init (&thread->given, NULL);
  if (pthread_create (&thread->thread, NULL, thread_func, thread) != 0)
    {
      pthread_cond_destroy (&thread->given);
      thread->task = NULL;
      return false;
    }
  self->started++;
  return true;
}

/* With the mutex held. */
static void
queue_task (LdsOffloadThreads *self,
            LdsTask *task)
{
  task->next = NULL;
  if (self->first_queued == NULL)
    self->first_queued = task;
  else
    self->last_queued->next = task;
  self->last_queued = task;
}

static void
submit (LdsOffload *offload,
        LdsTask *task)
{
  LdsOffloadThreads *self = (LdsOffloadThreads *)offload;
  bool failed = false;

  pthread_mutex_lock (&self->mutex);
  if (self->idle != NULL)
    {
      LdsOffloadThread *thread = self->idle;

      self->idle = thread->next_idle;
      thread->task = task;
      pthread_cond_signal (&thread->given);
    }
  else if (!start_thread (self, task))
    {
      /* With fewer threads than wanted it only takes longer; with none, for ever. */
      failed = self->started == 0;
      if (!failed)
        queue_task (self, task);
    }
  pthread_mutex_unlock (&self->mutex);
  if (!failed)
    return;
  task->failed = true;
  lds_loop_complete (task);
}

bool
lds_offload_threads_init (LdsOffloadThreads *self,
                          unsigned maximum,
                          LdsGil *gil)
{
  *self = (LdsOffloadThreads){.offload.submit = submit, .gil = gil, .maximum = maximum};
  self->threads = calloc (maximum, sizeof *self->threads);
  if (self->threads == NULL)
    return false;
  pthread_mutex_init (&self->mutex, NULL);
  return true;
}

bool
lds_offload_threads_start (LdsOffloadThreads *self)
{
  bool started = true;

  pthread_mutex_lock (&self->mutex);
  while (started && self->started < self->maximum)
    started = start_thread (self, NULL);
  pthread_mutex_unlock (&self->mutex);
  return started;
}

void
lds_offload_threads_clear (LdsOffloadThreads *self)
{
  pthread_mutex_lock (&self->mutex);
  self->quit = true;
  for (unsigned i = 0; i < self->started; i++)
    pthread_cond_signal (&self->threads[i].given);
  pthread_mutex_unlock (&self->mutex);
  for (unsigned i = 0; i < self->started; i++)
    {
      pthread_join (self->threads[i].thread, NULL);
      pthread_cond_destroy (&self->threads[i].given);
    }
  free (self->threads);
  pthread_mutex_destroy (&self->mutex);
}
