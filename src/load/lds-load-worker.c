/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread of the load generator: its beginning and end, and what clients and the main thread ask of
 * it. */
#include "lds-load-worker-private.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lds-clock.h"
#include "lds-random.h"

/* How long the connections may take ahead of the run: this, and for each of them that. */
#define PRECONNECT_LIMIT_NS      (3 * LDS_NS_PER_S)
#define PRECONNECT_LIMIT_EACH_NS (LDS_NS_PER_MS / 2)
/* Time-outs are looked after this often. */
#define SCAN_MAX_NS (50 * LDS_NS_PER_MS)
#define SCAN_MIN_NS (1 * LDS_NS_PER_MS)

/* What is dealt out over the threads as evenly as it goes. */
static uint64_t
share (uint64_t whole,
       unsigned n,
       unsigned index)
{
  return whole / n + (index < whole % n);
}

void
lds_load_worker_notify (LdsLoadWorker *self)
{
  uint64_t one = 1;

  /* A counter that is full wakes the reader just as well. */
  if (write (self->control->wake_fd, &one, sizeof one) < 0)
    return;
}

static void
set_state (LdsLoadWorker *self,
           LdsLoadWorkerState state)
{
  atomic_store_explicit (&self->state, state, memory_order_release);
  lds_load_worker_notify (self);
}

/* --- For the client -------------------------------------------------------------------------- */

LdsLoadPlan *
lds_load_worker_get_plan (LdsLoadWorker *self)
{
  return self->plan;
}

const LdsLoadEngineClass *
lds_load_worker_get_engine_class (LdsLoadWorker *self)
{
  return self->control->engine;
}

unsigned
lds_load_worker_get_first_slot (LdsLoadWorker *self)
{
  unsigned first = 0;

  for (unsigned i = 0; i < self->index; i++)
    first +=
        (unsigned)share (self->plan->connections, self->plan->threads, i) * self->plan->pipeline;
  return first;
}

LdsLoadTally *
lds_load_worker_get_tally (LdsLoadWorker *self)
{
  return self->tally;
}

void
lds_load_worker_woke (LdsLoadWorker *self)
{
  self->woke_ns = lds_clock_now_ns ();
}

void
lds_load_worker_connected (LdsLoadWorker *self,
                           int64_t took_ns)
{
  self->tally->connects++;
  lds_histogram_record (self->report.connect, took_ns);
  if (self->phase == LDS_LOAD_WARM_UP && !self->is_running)
    self->report.n_connected++;
}

void
lds_load_worker_connect_failed (LdsLoadWorker *self,
                                int error_number,
                                const char *message)
{
  self->report.connect_errno = error_number;
  snprintf (self->report.connect_message, sizeof self->report.connect_message, "%s",
            message != NULL ? message : "");
}

void
lds_load_worker_saw_version (LdsLoadWorker *self,
                             const char *version)
{
  self->report.http_version = version;
}

/* --- Life ------------------------------------------------------------------------------------ */

/* Connects everything before the clock starts, so that the first requests do not pay for it. */
static void
preconnect (LdsLoadWorker *self)
{
  int64_t limit_ns =
      lds_clock_now_ns () + PRECONNECT_LIMIT_NS + self->n_slots * PRECONNECT_LIMIT_EACH_NS;

  while (self->client_class->prepare (self->client) > 0 && lds_clock_now_ns () < limit_ns &&
         !atomic_load (&self->control->stop))
    self->client_class->wait (self->client, lds_clock_now_ns () + 10 * LDS_NS_PER_MS);
}

static void
settle (LdsLoadWorker *self)
{
  /* Without this the kernel may put off every wake-up by 50 us to save power. */
  prctl (PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
  if (self->plan->cpus->len > 0)
    {
      cpu_set_t set;

      CPU_ZERO (&set);
      CPU_SET ((size_t)g_array_index (self->plan->cpus, int, self->index % self->plan->cpus->len),
               &set);
      sched_setaffinity (0, sizeof set, &set);
    }
}

static void *
thread_main (void *data)
{
  LdsLoadWorker *self = data;
  int64_t start_ns;

  settle (self);
  self->client = self->client_class->open (self, self->slots, self->n_slots);
  if (self->client == NULL)
    {
      self->report.open_errno = errno;
      set_state (self, LDS_LOAD_WORKER_REFUSED);
      return NULL;
    }
  preconnect (self);
  set_state (self, LDS_LOAD_WORKER_READY);
  while ((start_ns = atomic_load_explicit (&self->control->start_ns, memory_order_acquire)) == 0 &&
         !atomic_load (&self->control->stop))
    self->client_class->wait (self->client, lds_clock_now_ns () + LDS_NS_PER_MS);
  if (start_ns != 0)
    lds_load_worker_run (self, start_ns);
  self->client_class->close (self->client);
  set_state (self, LDS_LOAD_WORKER_FINISHED);
  return NULL;
}

static void
worker_free_memory (LdsLoadWorker *self)
{
  free (self->slots);
  free (self->ring);
  lds_histogram_free (self->report.connect);
  lds_load_sleepers_clear (&self->sleepers);
  lds_load_recorder_clear (&self->recorder);
  free (self);
}

LdsLoadWorker *
lds_load_worker_new (LdsLoadControl *control,
                     unsigned index)
{
  LdsLoadPlan *plan = control->plan;
  LdsLoadWorker *self = calloc (1, sizeof *self);
  int64_t scan_ns = plan->timeout_ns / 16;

  if (self == NULL)
    return NULL;
  self->control = control;
  self->plan = plan;
  self->client_class = control->client;
  self->index = index;
  self->is_open_loop = plan->rate_hz > 0;
  self->is_listening = plan->stream.mode == LDS_LOAD_STREAM_LISTEN;
  self->audience.by_ticks = self->is_listening;
  self->scan_interval_ns = CLAMP (scan_ns, SCAN_MIN_NS, SCAN_MAX_NS);
  self->n_slots = (unsigned)share (plan->connections, plan->threads, index) * plan->pipeline;
  self->n_left = share (plan->count, plan->threads, index);
  self->random = lds_random_stream (plan->seed, index + plan->threads);
  self->report.connect = lds_histogram_new ();
  self->slots = calloc (self->n_slots, sizeof *self->slots);
  self->ring = calloc (self->n_slots, sizeof (LdsLoadSlot *));
  if (!lds_load_recorder_init (&self->recorder, lds_load_plan_count_parts (plan)) ||
      self->report.connect == NULL || self->slots == NULL || self->ring == NULL ||
      !lds_load_sleepers_init (&self->sleepers, self->n_slots))
    {
      worker_free_memory (self);
      return NULL;
    }
  self->tally = self->recorder.writing;
  for (unsigned i = 0; i < self->n_slots; i++)
    self->slots[i] = (LdsLoadSlot){.index = i, .sent_ns = -1};
  if (self->is_open_loop)
    lds_load_pacer_init (&self->pacer, plan->schedule, plan->arrivals, index, plan->threads,
                         plan->seed, plan->count);
  else
    self->pacer.due_ns = INT64_MAX;
  if (pthread_create (&self->thread, NULL, thread_main, self) != 0)
    {
      worker_free_memory (self);
      return NULL;
    }
  return self;
}

void
lds_load_worker_free (LdsLoadWorker *self)
{
  if (self == NULL)
    return;
  pthread_join (self->thread, NULL);
  worker_free_memory (self);
}

LdsLoadWorkerState
lds_load_worker_get_state (LdsLoadWorker *self)
{
  return atomic_load_explicit (&self->state, memory_order_acquire);
}

LdsLoadRecorder *
lds_load_worker_get_recorder (LdsLoadWorker *self)
{
  return &self->recorder;
}

const LdsLoadWorkerReport *
lds_load_worker_get_report (LdsLoadWorker *self)
{
  return &self->report;
}
