/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts in shared memory. */
#include "lds-tally.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Times that a loop looked and has not been asked about: two seconds and more. */
#define LAGS 256u

/* Each field has one writer at a time: the process's own thread, or, once it has ended, the one
 * that buries it. */
typedef struct
{
  atomic_int pid;                     /* 0: nobody */
  atomic_uint threads_used;           /* blocks that have ever been used; they come first */
  _Atomic int64_t due_ns;             /* the point in time that the loop has to look at next; 0: no loop */
  atomic_uint lags_written;           /* by the loop; free-running */
  _Alignas(64) atomic_uint lags_read; /* by the observer; free-running */
  struct
  {
    int64_t first_ns; /* lag of the oldest point in time; each next one is a grid step younger */
    int64_t points;
  } lags[LAGS];
  LdsTallyBlock blocks[]; /* one a thread */
} Process;

_Thread_local LdsTallyBlock *lds_tally_mine;

/* Where counts go that nobody reads: a thread's own, so that threads do not fight for it either. */
static _Thread_local LdsTallyBlock nowhere;

static char *processes; /* NULL: nothing is observed */
static unsigned process_count, thread_count;
static size_t process_bytes;

/* Of this process: */
static Process *self_process;
static pthread_mutex_t join_mutex = PTHREAD_MUTEX_INITIALIZER;
static bool *taken; /* (array length=thread_count): under join_mutex */
static pthread_key_t leave_key;

static Process *
process_at (unsigned index)
{
  return (Process *)(void *)(processes + index * process_bytes);
}

/* At the end of a thread: what it counted stays, the next one goes on from there. */
static void
leave (void *data)
{
  LdsTallyBlock *block = data;

  lds_tally_mine = &nowhere;
  pthread_mutex_lock (&join_mutex);
  taken[block - self_process->blocks] = false;
  pthread_mutex_unlock (&join_mutex);
}

LdsTallyBlock *
lds_tally_join (void)
{
  unsigned index;

  lds_tally_mine = &nowhere;
  if (self_process == NULL)
    return lds_tally_mine;
  pthread_mutex_lock (&join_mutex);
  for (index = 0; index < thread_count && taken[index]; index++)
    ;
  if (index < thread_count)
    {
      taken[index] = true;
      lds_tally_mine = &self_process->blocks[index];
      /* Under the mutex. Release: a reader that sees it sees an empty block, not memory of before. */
      if (index >= atomic_load_explicit (&self_process->threads_used, memory_order_relaxed))
        atomic_store_explicit (&self_process->threads_used, index + 1, memory_order_release);
    }
  pthread_mutex_unlock (&join_mutex);
  if (index < thread_count)
    pthread_setspecific (leave_key, lds_tally_mine);
  return lds_tally_mine;
}

/* In every forked process: what it counts must not meet what its parent does. */
static void
forked (void)
{
  self_process = NULL;
  lds_tally_mine = NULL;
}

static void
be_process (unsigned index)
{
  self_process = process_at (index);
  memset (taken, 0, thread_count * sizeof *taken);
  lds_tally_mine = NULL;
  pthread_setspecific (leave_key, NULL);
  atomic_store_explicit (&self_process->pid, getpid (), memory_order_relaxed);
}

bool
lds_tally_observe (unsigned n_processes,
                   unsigned n_threads)
{
  process_bytes = sizeof (Process) + n_threads * sizeof (LdsTallyBlock);
  process_count = n_processes;
  thread_count = n_threads;
  taken = calloc (n_threads, sizeof *taken);
  if (taken == NULL || pthread_key_create (&leave_key, leave) != 0 ||
      pthread_atfork (NULL, NULL, forked) != 0)
    return false;
  /* Pages that nobody counts in are never there. */
  processes = mmap (NULL, process_bytes * n_processes, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (processes == MAP_FAILED)
    {
      processes = NULL;
      return false;
    }
  be_process (0);
  return true;
}

bool
lds_tally_observed (void)
{
  return processes != NULL;
}

unsigned
lds_tally_processes (void)
{
  return process_count;
}

void
lds_tally_be_process (unsigned index)
{
  if (processes != NULL)
    be_process (index);
}

pid_t
lds_tally_read (unsigned index,
                uint64_t *sums)
{
  Process *process = process_at (index);
  unsigned used = atomic_load_explicit (&process->threads_used, memory_order_acquire);

  memset (sums, 0, LDS_TALLY_N * sizeof *sums);
  for (unsigned i = 0; i < used; i++)
    for (unsigned which = 0; which < LDS_TALLY_N; which++)
      sums[which] += atomic_load_explicit (&process->blocks[i].values[which], memory_order_relaxed);
  return atomic_load_explicit (&process->pid, memory_order_relaxed);
}

static void
add_for_dead (LdsTallyBlock *block,
              LdsTally which,
              uint64_t count)
{
  /* Relaxed: nobody else writes. */
  atomic_fetch_add_explicit (&block->values[which], count, memory_order_relaxed);
}

void
lds_tally_bury (unsigned index)
{
  Process *process;
  LdsTallyBlock *block;
  uint64_t sums[LDS_TALLY_N], lost;

  if (processes == NULL)
    return;
  process = process_at (index);
  block = &process->blocks[0];
  lds_tally_read (index, sums);
  atomic_store_explicit (&process->pid, 0, memory_order_relaxed);
  atomic_store_explicit (&process->due_ns, 0, memory_order_relaxed);
  if (atomic_load_explicit (&process->threads_used, memory_order_relaxed) == 0)
    return;
  lost = lds_tally_between (sums[LDS_TALLY_REQUESTS_BEGUN], sums[LDS_TALLY_REQUESTS_DONE]);
  add_for_dead (block, LDS_TALLY_REQUESTS_DONE, lost);
  add_for_dead (block, LDS_TALLY_REQUESTS_LOST, lost);
  add_for_dead (block, LDS_TALLY_CONNECTIONS_CLOSED,
                lds_tally_between (sums[LDS_TALLY_CONNECTIONS_OPENED],
                                   sums[LDS_TALLY_CONNECTIONS_CLOSED]));
  add_for_dead (block, LDS_TALLY_JOBS_BEGUN,
                lds_tally_between (sums[LDS_TALLY_JOBS_QUEUED], sums[LDS_TALLY_JOBS_BEGUN]));
  add_for_dead (block, LDS_TALLY_JOBS_DONE,
                lds_tally_between (sums[LDS_TALLY_JOBS_QUEUED], sums[LDS_TALLY_JOBS_DONE]));
}

void
lds_tally_probe_started (int64_t first_ns)
{
  if (self_process != NULL)
    atomic_store_explicit (&self_process->due_ns, first_ns, memory_order_relaxed);
}

void
lds_tally_probed (int64_t now_ns)
{
  Process *process = self_process;
  unsigned written, read;
  int64_t due_ns, points;

  if (process == NULL)
    return;
  due_ns = atomic_load_explicit (&process->due_ns, memory_order_relaxed);
  if (due_ns == 0 || now_ns < due_ns)
    return;
  points = (now_ns - due_ns) / LDS_TALLY_PROBE_NS + 1;
  written = atomic_load_explicit (&process->lags_written, memory_order_relaxed);
  /* Acquire: the observer is done with what it has read. */
  read = atomic_load_explicit (&process->lags_read, memory_order_acquire);
  if (written - read < LAGS)
    {
      process->lags[written % LAGS].first_ns = now_ns - due_ns;
      process->lags[written % LAGS].points = points;
      atomic_store_explicit (&process->lags_written, written + 1, memory_order_release);
    }
  else
    lds_tally_add (LDS_TALLY_PROBES_MISSED, (uint64_t)points);
  atomic_store_explicit (&process->due_ns, due_ns + points * LDS_TALLY_PROBE_NS,
                         memory_order_relaxed);
}

int64_t
lds_tally_read_lags (unsigned index,
                     int64_t now_ns,
                     LdsTallyLagFunc func,
                     void *data)
{
  Process *process = process_at (index);
  unsigned read = atomic_load_explicit (&process->lags_read, memory_order_relaxed);
  /* Acquire: what was written before. */
  unsigned written = atomic_load_explicit (&process->lags_written, memory_order_acquire);
  int64_t due_ns;

  for (; read != written; read++)
    {
      int64_t lag_ns = process->lags[read % LAGS].first_ns;

      for (int64_t points = process->lags[read % LAGS].points; points > 0; points--)
        {
          func (data, lag_ns);
          lag_ns -= LDS_TALLY_PROBE_NS;
        }
    }
  atomic_store_explicit (&process->lags_read, read, memory_order_release);
  due_ns = atomic_load_explicit (&process->due_ns, memory_order_relaxed);
  if (due_ns == 0)
    return -1;
  return now_ns > due_ns ? now_ns - due_ns : 0;
}
