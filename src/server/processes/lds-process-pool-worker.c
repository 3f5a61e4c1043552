/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker process of a pool: reads a job, runs it, writes its result, until the pipe ends. */
#include "lds-process-pool-private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

bool
lds_process_pool_write (int fd,
                        const void *head,
                        size_t head_bytes,
                        const void *rest,
                        size_t rest_bytes)
{
  struct iovec parts[] = {{(void *)(uintptr_t)head, head_bytes},
                          {(void *)(uintptr_t)rest, rest_bytes}};

  while (parts[0].iov_len + parts[1].iov_len > 0)
    {
      ssize_t n = writev (fd, parts, 2);

      if (n < 0 && errno != EINTR)
        return false;
      for (size_t i = 0; i < 2 && n > 0; i++)
        {
          size_t written = (size_t)n < parts[i].iov_len ? (size_t)n : parts[i].iov_len;

          parts[i].iov_base = (char *)parts[i].iov_base + written;
          parts[i].iov_len -= written;
          n -= (ssize_t)written;
        }
    }
  return true;
}

static bool
read_whole (int fd,
            void *bytes,
            size_t count)
{
  char *to = bytes;

  while (count > 0)
    {
      ssize_t n = read (fd, to, count);

      if (n == 0 || (n < 0 && errno != EINTR))
        return false;
      if (n > 0)
        {
          to += n;
          count -= (size_t)n;
        }
    }
  return true;
}

static bool
drop (int fd,
      uint64_t count)
{
  char dropped[4096];

  while (count > 0)
    {
      size_t n = count < sizeof dropped ? (size_t)count : sizeof dropped;

      if (!read_whole (fd, dropped, n))
        return false;
      count -= n;
    }
  return true;
}

static void
lock (sem_t *semaphore)
{
  while (sem_wait (semaphore) < 0)
    ;
}

/* Without its input. */
static LdsTask *
new_task (const LdsProcessPoolCall *call)
{
  LdsTask *task =
      call->workload != NULL ? malloc (sizeof *task + call->input_bytes) : NULL;

  if (task == NULL)
    return NULL;
  *task = (LdsTask){
      .workload = call->workload,
      .run = call->workload->compute,
      .cost = call->cost,
      .input_bytes = call->input_bytes,
  };
  memcpy (task->state, call->state, sizeof task->state);
  return task;
}

/* Reads the next job. Returns false at the end of the pipe; @task is NULL when it does not fit into
 * memory, or did not where it comes from. */
static bool
read_call (LdsProcessPoolShared *shared,
           int fd,
           LdsProcessPoolCall *call,
           LdsTask **task)
{
  bool whole;

  *task = NULL;
  lock (&shared->call_lock);
  whole = read_whole (fd, call, sizeof *call);
  if (whole)
    {
      *task = new_task (call);
      whole = *task != NULL ? read_whole (fd, (*task)->input, call->input_bytes)
                            : drop (fd, call->input_bytes);
    }
  sem_post (&shared->call_lock);
  return whole;
}

int
lds_process_pool_work (LdsProcessPoolShared *shared,
                       int call_fd,
                       int result_fd)
{
  static const LdsBreaker never = {NULL, NULL};
  LdsProcessPoolCall call;
  LdsTask *task;

  while (read_call (shared, call_fd, &call, &task))
    {
      LdsProcessPoolResult result = {.slot = call.slot, .failed = true};
      bool written;

      /* Relaxed: whoever puts jobs wants the number alone. */
      atomic_fetch_sub_explicit (&shared->queued, 1, memory_order_relaxed);
      if (task != NULL)
        {
          lds_task_run (task, &never);
          memcpy (result.state, task->state, sizeof result.state);
          result.failed = task->output.failed;
          if (!task->output.failed)
            result.output_bytes = lds_buffer_size (&task->output);
        }
      lock (&shared->result_lock);
      written = lds_process_pool_write (
          result_fd, &result, sizeof result,
          result.output_bytes > 0 ? task->output.data + task->output.start : NULL,
          result.output_bytes);
      sem_post (&shared->result_lock);
      if (task != NULL)
        lds_task_free (task);
      if (!written)
        return 1;
    }
  return 0;
}
