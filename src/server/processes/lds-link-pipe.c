/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs as frames on Unix sockets. */
#include "lds-link-pipe.h"

#include "lds-clock.h"
#include "lds-job.h"
#include "lds-loop-private.h"
#include "lds-tally.h"
#include "lds-upstreams.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* One that has lived shorter than this is replaced only so much later: see lds-supervisor.c. */
#define SHORT_LIFE_MS 100
/* A call is given to so many workers at most. */
#define MAX_DELIVERIES 2u
#define READ_BYTES     (64 * 1024)

/* A job that is with a worker, or waits for one. */
struct _LdsLinkCall
{
  LdsLinkCall *next;
  LdsTask *task;
  uint64_t ticket;
  uint64_t due_ms; /* on the loop's clock */
  unsigned deliveries;
};

struct _LdsLinkWorker
{
  LdsLinkPipe *link;
  uv_pipe_t *pipe; /* (nullable): NULL when there is no process; frees itself when closed */
  pid_t pid;
  uint64_t born_ms;
  LdsLinkCall *first, *last; /* sent, in the order in which results come back */
  unsigned n_calls;
  LdsBuffer incoming;
};

/* What the socket did not take at once. */
typedef struct
{
  uv_write_t request;
  LdsBuffer bytes;
} Rest;

static const LdsFailure lost = {502, "a worker process ended before the job was done"};
static const LdsFailure late = {504, "no worker process did the job in time"};

static void pump (LdsLinkPipe *self);

static void
fail_call (LdsLinkCall *call,
           const LdsFailure *failure)
{
  lds_tally_add (LDS_TALLY_JOBS_LOST, 1);
  call->task->failed = true;
  call->task->failure = failure;
  lds_loop_complete (call->task);
  free (call);
}

static void
closed_cb (uv_handle_t *handle)
{
  free (handle);
}

/* The process of @worker has ended, or makes no sense: it is no more. */
static void
bury (LdsLinkWorker *worker)
{
  LdsLinkPipe *self = worker->link;
  LdsLinkCall *call, *next, *again = NULL, **end = &again;
  unsigned n_lost = 0, n_again = 0;

  uv_close ((uv_handle_t *)worker->pipe, closed_cb);
  worker->pipe = NULL;
  kill (worker->pid, SIGKILL);
  while (waitpid (worker->pid, NULL, 0) < 0 && errno == EINTR)
    ;
  lds_buffer_free (&worker->incoming);
  for (call = worker->first; call != NULL; call = next)
    {
      next = call->next;
      if (self->queue && call->deliveries < MAX_DELIVERIES)
        {
          *end = call;
          end = &call->next;
          n_again++;
          lds_tally_add (LDS_TALLY_JOBS_REDELIVERED, 1);
        }
      else
        {
          fail_call (call, &lost);
          n_lost++;
        }
    }
  *end = NULL;
  worker->first = worker->last = NULL;
  worker->n_calls = 0;
  if (again != NULL)
    {
      /* They have waited longest. */
      *end = self->first_waiting;
      self->first_waiting = again;
      for (self->last_waiting = again; self->last_waiting->next != NULL;)
        self->last_waiting = self->last_waiting->next;
    }
  self->lost += n_lost;
  self->redelivered += n_again;
  fprintf (stderr,
           "loadstone-server: worker %d has ended with %u jobs, of which %u are lost and %u given to "
           "another one; in all %u were lost and %u given to another one.\n",
           (int)worker->pid, n_lost + n_again, n_lost, n_again, self->lost, self->redelivered);
}

/* A whole result of @worker's. Returns false when it answers nothing that it was asked. */
static bool
take_result (LdsLinkWorker *worker,
             LdsSpan result)
{
  LdsLinkCall *call = worker->first;
  LdsJobHead head;

  memcpy (&head, result.data, sizeof head);
  if (call == NULL || call->ticket != head.ticket)
    return false;
  worker->first = call->next;
  worker->n_calls--;
  if (!lds_job_unpack (result, call->task))
    call->task->failed = true;
  lds_loop_complete (call->task);
  free (call);
  return true;
}

/* Returns false when the bytes are not results. */
static bool
take_results (LdsLinkWorker *worker)
{
  LdsBuffer *incoming = &worker->incoming;

  while (lds_buffer_size (incoming) >= sizeof (LdsJobHead))
    {
      LdsJobHead head;
      size_t whole;

      memcpy (&head, incoming->data + incoming->start, sizeof head);
      if (!lds_job_head_is_sound (&head))
        return false;
      whole = sizeof head + head.bytes;
      if (lds_buffer_size (incoming) < whole)
        break;
      if (!take_result (worker, (LdsSpan){incoming->data + incoming->start, whole}))
        return false;
      incoming->start += whole;
    }
  if (lds_buffer_size (incoming) == 0)
    lds_buffer_clear (incoming);
  return true;
}

static void
room_cb (uv_handle_t *handle,
         size_t suggested_bytes,
         uv_buf_t *buffer)
{
  LdsLinkWorker *worker = handle->data;
  char *room = lds_buffer_reserve (&worker->incoming, READ_BYTES);

  *buffer = uv_buf_init (room, room != NULL ? READ_BYTES : 0);
}

static void
received_cb (uv_stream_t *stream,
             ssize_t count,
             const uv_buf_t *buffer)
{
  LdsLinkWorker *worker = stream->data;
  LdsLinkPipe *self = worker->link;

  if (count == 0 || worker->pipe != (uv_pipe_t *)stream)
    return;
  if (count > 0)
    worker->incoming.end += (size_t)count;
  if (count < 0 || !take_results (worker))
    bury (worker);
  pump (self);
}

static void
written_cb (uv_write_t *request,
            int status)
{
  Rest *rest = request->data;

  /* That the worker is gone shows when reading. */
  lds_buffer_free (&rest->bytes);
  free (rest);
}

/* Returns false when out of memory. */
static bool
send_call (LdsLinkWorker *worker,
           LdsLinkCall *call)
{
  LdsBuffer bytes = {0};
  Rest *rest;
  uv_buf_t part;
  int written;

  lds_job_pack (&bytes, call->task, call->ticket);
  if (bytes.failed)
    {
      lds_buffer_free (&bytes);
      return false;
    }
  call->deliveries++;
  call->next = NULL;
  *(worker->first == NULL ? &worker->first : &worker->last->next) = call;
  worker->last = call;
  worker->n_calls++;
  part = uv_buf_init (bytes.data, (unsigned)bytes.end);
  written = uv_try_write ((uv_stream_t *)worker->pipe, &part, 1);
  bytes.start += written > 0 ? (size_t)written : 0;
  if (lds_buffer_size (&bytes) == 0 || (written < 0 && written != UV_EAGAIN))
    {
      lds_buffer_free (&bytes);
      return true;
    }
  rest = malloc (sizeof *rest);
  part = uv_buf_init (bytes.data + bytes.start, (unsigned)lds_buffer_size (&bytes));
  if (rest != NULL)
    {
      rest->bytes = bytes;
      rest->request.data = rest;
      if (uv_write (&rest->request, (uv_stream_t *)worker->pipe, &part, 1, written_cb) == 0)
        return true;
      free (rest);
    }
  /* The worker waits for the rest of a call that will never come: it has to go. */
  lds_buffer_free (&bytes);
  kill (worker->pid, SIGKILL);
  return true;
}

/* Returns false when it cannot be started. */
static bool
start_worker (LdsLinkWorker *worker)
{
  LdsLinkPipe *self = worker->link;
  char *argv[] = {(char[]){"loadstone-server"}, (char[]){LDS_JOB_WORKER_ARGUMENT},
                  (char *)(uintptr_t)self->profile, NULL};
  posix_spawn_file_actions_t actions;
  uv_pipe_t *pipe = malloc (sizeof *pipe);
  int ends[2], error;

  if (pipe == NULL || socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    {
      free (pipe);
      return false;
    }
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_adddup2 (&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_addopen (&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  error = posix_spawn (&worker->pid, "/proc/self/exe", &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy (&actions);
  close (ends[1]);
  if (error != 0)
    {
      close (ends[0]);
      free (pipe);
      return false;
    }
  worker->born_ms = uv_now (lds_loop_uv (self->loop));
  uv_pipe_init (lds_loop_uv (self->loop), pipe, 0);
  worker->pipe = pipe;
  pipe->data = worker;
  if (uv_pipe_open (pipe, ends[0]) != 0)
    close (ends[0]);
  else if (uv_read_start ((uv_stream_t *)pipe, room_cb, received_cb) == 0)
    {
      /* Tasks that are away keep the loop running, workers do not. */
      uv_unref ((uv_handle_t *)pipe);
      return true;
    }
  bury (worker);
  return false;
}

static void
restart_cb (uv_timer_t *timer)
{
  pump (timer->data);
}

/* Starts what is to be started. Returns how many workers there are. */
static unsigned
start_workers (LdsLinkPipe *self)
{
  uint64_t now_ms = uv_now (lds_loop_uv (self->loop));
  unsigned n = 0;

  for (unsigned i = 0; i < self->n_workers; i++)
    {
      LdsLinkWorker *worker = &self->workers[i];

      if (worker->pipe == NULL && !self->ending &&
          (worker->born_ms == 0 || worker->born_ms + SHORT_LIFE_MS <= now_ms))
        {
          bool again = worker->born_ms != 0;

          if (!start_worker (worker))
            worker->born_ms = now_ms;
          else if (again)
            lds_tally_add (LDS_TALLY_RESTARTS, 1);
        }
      if (worker->pipe != NULL)
        n++;
      else if (!self->ending)
        uv_timer_start (&self->restart, restart_cb, SHORT_LIFE_MS, 0);
    }
  return n;
}

/* Returns: (nullable): the worker that the next call goes to */
static LdsLinkWorker *
choose_worker (LdsLinkPipe *self)
{
  LdsLinkWorker *chosen = NULL;

  for (unsigned i = 0; i < self->n_workers; i++)
    {
      LdsLinkWorker *worker = &self->workers[i];

      if (worker->pipe != NULL && (!self->queue || worker->n_calls == 0) &&
          (chosen == NULL || worker->n_calls < chosen->n_calls))
        chosen = worker;
    }
  return chosen;
}

/* Gives calls that wait to workers that are free; has dead workers replaced. */
static void
pump (LdsLinkPipe *self)
{
  LdsLinkWorker *worker;

  start_workers (self);
  while (self->first_waiting != NULL && (worker = choose_worker (self)) != NULL)
    {
      LdsLinkCall *call = self->first_waiting;

      self->first_waiting = call->next;
      if (!send_call (worker, call))
        {
          /* Without a failure of its own it is one of memory. */
          call->task->failed = true;
          lds_loop_complete (call->task);
          free (call);
        }
    }
}

/* Answers the first ones of a list that are too late; all that have waited as long stand there. */
static LdsLinkCall *
fail_late (LdsLinkCall *first,
           uint64_t now_ms,
           unsigned *n)
{
  while (first != NULL && first->due_ms <= now_ms)
    {
      LdsLinkCall *next = first->next;

      fail_call (first, &late);
      first = next;
      (*n)++;
    }
  return first;
}

/* A worker that has not done its oldest call in time hangs, and is ended, as gunicorn ends one. */
static void
due_cb (uv_timer_t *timer)
{
  LdsLinkPipe *self = timer->data;
  uint64_t now_ms = uv_now (lds_loop_uv (self->loop)), due_ms = UINT64_MAX;
  unsigned n_late = 0;

  for (unsigned i = 0; i < self->n_workers; i++)
    {
      LdsLinkWorker *worker = &self->workers[i];
      unsigned n = 0;

      worker->first = fail_late (worker->first, now_ms, &n);
      n_late += n;
      if (n > 0)
        bury (worker);
      if (worker->first != NULL && worker->first->due_ms < due_ms)
        due_ms = worker->first->due_ms;
    }
  self->first_waiting = fail_late (self->first_waiting, now_ms, &n_late);
  if (self->first_waiting != NULL && self->first_waiting->due_ms < due_ms)
    due_ms = self->first_waiting->due_ms;
  if (n_late > 0)
    {
      self->lost += n_late;
      fprintf (stderr, "loadstone-server: %u jobs took longer than %u ms and are lost.\n", n_late,
               lds_upstreams_timeout_ms ());
    }
  self->timing = due_ms != UINT64_MAX;
  if (self->timing)
    uv_timer_start (timer, due_cb, due_ms - now_ms, 0);
  pump (self);
}

static void
submit (LdsOffload *offload,
        LdsTask *task)
{
  LdsLinkPipe *self = (LdsLinkPipe *)offload;
  LdsLinkCall *call = malloc (sizeof *call);

  if (call == NULL)
    {
      task->failed = true;
      lds_loop_complete (task);
      return;
    }
  *call = (LdsLinkCall){
      .task = task,
      .ticket = ++self->next_ticket,
      .due_ms = uv_now (lds_loop_uv (self->loop)) + lds_upstreams_timeout_ms (),
  };
  /* All have the same time: who comes later is due later. */
  if (!self->timing)
    {
      self->timing = true;
      uv_timer_start (&self->due, due_cb, lds_upstreams_timeout_ms (), 0);
    }
  if (self->first_waiting == NULL)
    self->first_waiting = call;
  else
    self->last_waiting->next = call;
  self->last_waiting = call;
  pump (self);
}

bool
lds_link_pipe_start (LdsLinkPipe *self,
                     LdsLoop *loop,
                     unsigned workers,
                     bool queue,
                     const char *profile)
{
  *self = (LdsLinkPipe){
      .offload.submit = submit,
      .loop = loop,
      .profile = profile,
      .queue = queue,
      .n_workers = workers,
      .workers = calloc (workers, sizeof (LdsLinkWorker)),
  };
  if (self->workers == NULL)
    return false;
  for (unsigned i = 0; i < workers; i++)
    self->workers[i].link = self;
  uv_timer_init (lds_loop_uv (loop), &self->restart);
  uv_unref ((uv_handle_t *)&self->restart);
  uv_timer_init (lds_loop_uv (loop), &self->due);
  uv_unref ((uv_handle_t *)&self->due);
  self->restart.data = self->due.data = self;
  return start_workers (self) == workers;
}

void
lds_link_pipe_end (LdsLinkPipe *self)
{
  self->ending = true;
  uv_close ((uv_handle_t *)&self->restart, NULL);
  uv_close ((uv_handle_t *)&self->due, NULL);
  for (unsigned i = 0; i < self->n_workers; i++)
    {
      LdsLinkWorker *worker = &self->workers[i];

      if (worker->pipe == NULL)
        continue;
      /* It has nothing to do, and the end of its input ends it; one that hangs is killed. */
      uv_close ((uv_handle_t *)worker->pipe, closed_cb);
      kill (worker->pid, SIGKILL);
      while (waitpid (worker->pid, NULL, 0) < 0 && errno == EINTR)
        ;
      lds_buffer_free (&worker->incoming);
    }
  uv_run (lds_loop_uv (self->loop), UV_RUN_NOWAIT);
  free (self->workers);
}
