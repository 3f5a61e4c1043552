/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where tasks are carried out: a pool of threads, with and without the lock; a pool of processes. */
#include "lds-exchange.h"
#include "lds-loop.h"
#include "lds-offload-threads.h"
#include "lds-process-pool.h"

#include <glib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* In place of a loop's: what has come back, in its order. */
static GMutex mutex;
static GCond changed;
static GQueue completed = G_QUEUE_INIT;
static guint begun;     /* jobs, under the mutex */
static gboolean let_go; /* blocked jobs may go on; under the mutex */

void
lds_loop_complete (LdsTask *task)
{
  g_mutex_lock (&mutex);
  g_queue_push_tail (&completed, task);
  g_cond_broadcast (&changed);
  g_mutex_unlock (&mutex);
}

static LdsTask *
wait_for_task (void)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  LdsTask *task;

  g_mutex_lock (&mutex);
  while (g_queue_is_empty (&completed))
    g_assert_true (g_cond_wait_until (&changed, &mutex, deadline));
  task = g_queue_pop_head (&completed);
  g_mutex_unlock (&mutex);
  return task;
}

static void
wait_until_begun (guint count)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  g_mutex_lock (&mutex);
  while (begun < count)
    g_assert_true (g_cond_wait_until (&changed, &mutex, deadline));
  g_mutex_unlock (&mutex);
}

static void
set_let_go (gboolean value)
{
  g_mutex_lock (&mutex);
  let_go = value;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&mutex);
}

typedef struct
{
  guint64 number;
  gpointer thread; /* that ran it */
  gpointer pool;   /* (nullable): to look at */
} State;

/* Stands still until it is let go. */
static void
block (LdsJob *job)
{
  State *state = lds_job_state (job, State);

  state->thread = g_thread_self ();
  g_mutex_lock (&mutex);
  begun++;
  g_cond_broadcast (&changed);
  while (!let_go)
    g_cond_wait (&changed, &mutex);
  g_mutex_unlock (&mutex);
}

/* Gives its input back, twice, with the number one higher. */
static void
echo (LdsJob *job)
{
  lds_job_state (job, State)->number++;
  lds_buffer_append (job->output, job->input.data, job->input.length);
  lds_buffer_append (job->output, job->input.data, job->input.length);
}

static void
out_of_memory (LdsJob *job)
{
  lds_buffer_append (job->output, "half", 4);
  job->output->failed = true;
}

static void
sleep_for_ever (LdsJob *job)
{
  for (;;)
    pause ();
}

static void
tell_pid (LdsJob *job)
{
  lds_job_state (job, State)->number = (guint64)getpid ();
}

static const LdsServerWorkload blocking = {.id = "blocking", .call = block};
static const LdsServerWorkload echoing = {.id = "echoing", .compute = echo};
static const LdsServerWorkload failing = {.id = "failing", .compute = out_of_memory};
static const LdsServerWorkload sleeping = {.id = "sleeping", .compute = sleep_for_ever};
static const LdsServerWorkload telling = {.id = "telling", .compute = tell_pid};

static LdsTask *
new_task (const LdsServerWorkload *workload,
          guint64 number,
          GBytes *input)
{
  LdsExchange exchange = {.branches = 1};
  LdsTask *task;
  gsize length;

  lds_exchange_state (&exchange, State)->number = number;
  if (input != NULL)
    {
      exchange.input.data = g_bytes_get_data (input, &length);
      exchange.input.length = length;
    }
  task = lds_task_new (&exchange, workload,
                       workload->call != NULL ? workload->call : workload->compute);
  g_assert_nonnull (task);
  return task;
}

static State *
state_of (LdsTask *task)
{
  return (State *)(gpointer)task->state;
}

static void
begin (void)
{
  begun = 0;
  let_go = FALSE;
  g_assert_true (g_queue_is_empty (&completed));
}

#define THREADS 40

/* Threads are started as they are needed and no further than the bound: one more call waits until
 * another has come back. */
static void
test_bounded_threads (void)
{
  LdsOffloadThreads pool;

  begin ();
  g_assert_true (lds_offload_threads_init (&pool, THREADS, NULL));
  g_assert_cmpuint (pool.started, ==, 0);
  for (guint i = 0; i < THREADS; i++)
    {
      pool.offload.submit (&pool.offload, new_task (&blocking, i, NULL));
      wait_until_begun (i + 1);
      g_assert_cmpuint (pool.started, ==, i + 1);
    }
  for (guint i = 0; i < 3; i++)
    pool.offload.submit (&pool.offload, new_task (&blocking, THREADS + i, NULL));
  g_assert_cmpuint (pool.started, ==, THREADS);
  g_mutex_lock (&mutex);
  g_assert_cmpuint (begun, ==, THREADS);
  g_mutex_unlock (&mutex);
  set_let_go (TRUE);
  for (guint i = 0; i < THREADS + 3; i++)
    lds_task_free (wait_for_task ());
  g_assert_cmpuint (begun, ==, THREADS + 3);
  lds_offload_threads_clear (&pool);
}

/* What waits is taken in the order it came. */
static void
test_queue (void)
{
  LdsOffloadThreads pool;

  begin ();
  g_assert_true (lds_offload_threads_init (&pool, 1, NULL));
  for (guint i = 0; i < 100; i++)
    pool.offload.submit (&pool.offload, new_task (&blocking, i, NULL));
  set_let_go (TRUE);
  for (guint i = 0; i < 100; i++)
    {
      LdsTask *task = wait_for_task ();

      g_assert_cmpuint (state_of (task)->number, ==, i);
      g_assert_false (task->failed);
      lds_task_free (task);
    }
  g_assert_cmpuint (pool.started, ==, 1);
  lds_offload_threads_clear (&pool);
}

/* One at a time: one thread is enough for them, though more may be started. */
static void
test_idle_thread_is_used (void)
{
  LdsOffloadThreads pool;
  gpointer thread = NULL;

  begin ();
  let_go = TRUE;
  g_assert_true (lds_offload_threads_init (&pool, 8, NULL));
  for (guint i = 0; i < 50; i++)
    {
      LdsTask *task;

      pool.offload.submit (&pool.offload, new_task (&blocking, i, NULL));
      task = wait_for_task ();
      if (i > 0)
        g_assert_true (thread == state_of (task)->thread);
      thread = state_of (task)->thread;
      lds_task_free (task);
      /* It has handed back before it is idle. */
      for (gboolean idle = FALSE; !idle; g_thread_yield ())
        {
          pthread_mutex_lock (&pool.mutex);
          idle = pool.idle != NULL;
          pthread_mutex_unlock (&pool.mutex);
        }
    }
  g_assert_cmpuint (pool.started, ==, 1);
  lds_offload_threads_clear (&pool);
}

static void
test_all_started (void)
{
  LdsOffloadThreads pool;

  begin ();
  g_assert_true (lds_offload_threads_init (&pool, 5, NULL));
  g_assert_true (lds_offload_threads_start (&pool));
  g_assert_cmpuint (pool.started, ==, 5);
  for (guint i = 0; i < 5; i++)
    pool.offload.submit (&pool.offload, new_task (&blocking, i, NULL));
  wait_until_begun (5);
  set_let_go (TRUE);
  for (guint i = 0; i < 5; i++)
    lds_task_free (wait_for_task ());
  lds_offload_threads_clear (&pool);
}

/* Blocked threads do not hold the lock; to hand back they have to wait for a computing thread, which
 * is made to give way each time, as a loop that computes is. */
static void
test_convoy (void)
{
  LdsOffloadThreads pool;
  LdsGil gil;
  LdsGilCounts before, after;
  guint back = 0;

  begin ();
  lds_gil_init (&gil, 1000);
  g_assert_true (lds_offload_threads_init (&pool, 4, &gil));
  lds_gil_take (&gil);
  for (guint i = 0; i < 4; i++)
    pool.offload.submit (&pool.offload, new_task (&blocking, i, NULL));
  /* Each needs the lock to get as far as where it blocks. */
  before = lds_gil_counts (&gil);
  for (gboolean all = FALSE; !all;)
    {
      lds_gil_check (&gil);
      g_mutex_lock (&mutex);
      all = begun == 4;
      g_mutex_unlock (&mutex);
    }
  after = lds_gil_counts (&gil);
  g_assert_cmpuint (after.forced, >, before.forced);
  g_assert_cmpuint (after.drop_requests, >, before.drop_requests);
  /* All are blocked, and nobody wants the lock now. */
  set_let_go (TRUE);
  for (; back < 4; lds_gil_check (&gil))
    {
      LdsTask *task;

      g_mutex_lock (&mutex);
      task = g_queue_pop_head (&completed);
      g_mutex_unlock (&mutex);
      if (task == NULL)
        continue;
      lds_task_free (task);
      back++;
    }
  before = after;
  after = lds_gil_counts (&gil);
  g_assert_cmpuint (after.forced, >, before.forced);
  g_assert_cmpuint (after.switches, >=, before.switches + 2);
  g_assert_cmpint (after.waited_ns, >, before.waited_ns);
  lds_gil_drop (&gil);
  lds_offload_threads_clear (&pool);
  lds_gil_clear (&gil);
}

static LdsProcessPool *
new_process_pool (guint workers,
                  LdsGil *gil)
{
  LdsServer server = {.listener = -1};
  LdsProcessPool *pool = lds_process_pool_new (&server, workers, gil);

  begin ();
  g_assert_nonnull (pool);
  return pool;
}

static void
submit (LdsProcessPool *pool,
        LdsTask *task)
{
  LdsOffload *offload = lds_process_pool_offload (pool);

  offload->submit (offload, task);
}

static GBytes *
new_input (gsize length)
{
  guint8 *bytes = g_malloc (length + 1);

  for (gsize i = 0; i < length; i++)
    bytes[i] = (guint8)(i * 31 + i / 4096);
  return g_bytes_new_take (bytes, length);
}

static void
check_echo (LdsTask *task,
            GBytes *input,
            guint64 number)
{
  gsize length = g_bytes_get_size (input);
  const char *data = g_bytes_get_data (input, NULL);

  g_assert_false (task->failed);
  g_assert_false (task->output.failed);
  g_assert_cmpuint (state_of (task)->number, ==, number);
  g_assert_cmpuint (lds_buffer_size (&task->output), ==, 2 * length);
  if (length > 0)
    {
      g_assert_true (memcmp (task->output.data + task->output.start, data, length) == 0);
      g_assert_true (memcmp (task->output.data + task->output.start + length, data, length) == 0);
    }
}

/* Nothing, a pipe's atomic write, its buffer, and far more than it, both ways. */
static void
test_sizes (void)
{
  static const gsize sizes[] = {0, 1, 4095, 4096, 4097, 65535, 65536, 65537, 1 << 20, 9 << 20};
  LdsGil gil;
  LdsProcessPool *pool;

  lds_gil_init (&gil, 5000);
  pool = new_process_pool (2, &gil);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) input = new_input (sizes[i]);
      LdsTask *task;

      submit (pool, new_task (&echoing, i, input));
      task = wait_for_task ();
      check_echo (task, input, i + 1);
      lds_task_free (task);
    }
  lds_process_pool_free (pool);
  lds_gil_clear (&gil);
}

/* More of them than all queues and pipes hold, none of them small: nobody waits for anybody in a
 * circle, and submitting does not wait at all. */
static void
test_many_large (void)
{
  LdsProcessPool *pool = new_process_pool (3, NULL);
  g_autoptr (GBytes) input = new_input (300000);
  gboolean seen[60] = {FALSE};

  for (guint i = 0; i < G_N_ELEMENTS (seen); i++)
    submit (pool, new_task (&echoing, i, input));
  for (guint i = 0; i < G_N_ELEMENTS (seen); i++)
    {
      LdsTask *task = wait_for_task ();
      guint64 number = state_of (task)->number - 1;

      g_assert_cmpuint (number, <, G_N_ELEMENTS (seen));
      g_assert_false (seen[number]);
      seen[number] = TRUE;
      check_echo (task, input, number + 1);
      lds_task_free (task);
    }
  lds_process_pool_free (pool);
}

static void
test_many_small (void)
{
  LdsGil gil;
  LdsProcessPool *pool;
  GHashTable *pids = g_hash_table_new (NULL, NULL);

  lds_gil_init (&gil, 5000);
  pool = new_process_pool (4, &gil);
  for (guint i = 0; i < 3000; i++)
    submit (pool, new_task (&telling, i, NULL));
  for (guint i = 0; i < 3000; i++)
    {
      LdsTask *task = wait_for_task ();

      g_assert_false (task->failed);
      g_hash_table_add (pids, GSIZE_TO_POINTER (state_of (task)->number));
      lds_task_free (task);
    }
  g_assert_false (g_hash_table_contains (pids, GSIZE_TO_POINTER (getpid ())));
  g_assert_cmpuint (g_hash_table_size (pids), >=, 1);
  g_assert_cmpuint (g_hash_table_size (pids), <=, 4);
  g_hash_table_unref (pids);
  lds_process_pool_free (pool);
  lds_gil_clear (&gil);
}

static void
test_worker_out_of_memory (void)
{
  LdsProcessPool *pool = new_process_pool (1, NULL);
  g_autoptr (GBytes) input = new_input (10);
  LdsTask *task;

  submit (pool, new_task (&failing, 1, NULL));
  task = wait_for_task ();
  g_assert_false (task->failed);
  g_assert_true (task->output.failed);
  lds_task_free (task);
  submit (pool, new_task (&echoing, 1, input));
  task = wait_for_task ();
  check_echo (task, input, 2);
  lds_task_free (task);
  lds_process_pool_free (pool);
}

/* A worker is killed while all compute and jobs of all sizes wait: all fail, and later ones at once. */
static void
test_broken (void)
{
  LdsGil gil;
  LdsProcessPool *pool;
  g_autoptr (GBytes) input = new_input (1 << 20);
  LdsTask *task;
  pid_t pid;

  lds_gil_init (&gil, 5000);
  pool = new_process_pool (2, &gil);
  submit (pool, new_task (&telling, 0, NULL));
  task = wait_for_task ();
  pid = (pid_t)state_of (task)->number;
  lds_task_free (task);
  for (guint i = 0; i < 4; i++)
    submit (pool, new_task (&sleeping, i, NULL));
  for (guint i = 0; i < 10; i++)
    submit (pool, new_task (&echoing, i, input));
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  for (guint i = 0; i < 14; i++)
    {
      task = wait_for_task ();
      g_assert_true (task->failed);
      g_assert_cmpint (task->failure->status, ==, 500);
      lds_task_free (task);
    }
  for (guint i = 0; i < 3; i++)
    {
      submit (pool, new_task (&echoing, i, input));
      task = wait_for_task ();
      g_assert_true (task->failed);
      g_assert_cmpint (task->failure->status, ==, 500);
      g_assert_nonnull (strstr (task->failure->message, "not usable any more"));
      lds_task_free (task);
    }
  lds_process_pool_free (pool);
  lds_gil_clear (&gil);
}

/* Killed at any point of what it does with large jobs: each task comes back once, done or failed. */
static void
test_broken_at_any_time (void)
{
  g_autoptr (GBytes) input = new_input (200000);

  for (guint round = 0; round < 30; round++)
    {
      LdsProcessPool *pool = new_process_pool (3, NULL);
      LdsTask *task;
      guint failed = 0;
      pid_t pid;

      submit (pool, new_task (&telling, 0, NULL));
      task = wait_for_task ();
      pid = (pid_t)state_of (task)->number;
      lds_task_free (task);
      for (guint i = 0; i < 20; i++)
        submit (pool, new_task (&echoing, 0, input));
      for (guint i = 0; i < 20; i++)
        {
          if (i == round % 10)
            kill (pid, SIGKILL);
          task = wait_for_task ();
          if (task->failed)
            failed++;
          else
            check_echo (task, input, 1);
          lds_task_free (task);
        }
      g_assert_cmpuint (failed, <=, 20);
      lds_process_pool_free (pool);
    }
}

int
main (int argc,
      char **argv)
{
  /* As in the server: who writes to a pipe that nobody reads is told by an error. */
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/offload/threads/bounded", test_bounded_threads);
  g_test_add_func ("/server/offload/threads/queue", test_queue);
  g_test_add_func ("/server/offload/threads/idle-thread-is-used", test_idle_thread_is_used);
  g_test_add_func ("/server/offload/threads/all-started", test_all_started);
  g_test_add_func ("/server/offload/threads/convoy", test_convoy);
  g_test_add_func ("/server/offload/processes/sizes", test_sizes);
  g_test_add_func ("/server/offload/processes/many-large", test_many_large);
  g_test_add_func ("/server/offload/processes/many-small", test_many_small);
  g_test_add_func ("/server/offload/processes/worker-out-of-memory", test_worker_out_of_memory);
  g_test_add_func ("/server/offload/processes/broken", test_broken);
  g_test_add_func ("/server/offload/processes/broken-at-any-time", test_broken_at_any_time);
  return g_test_run ();
}
