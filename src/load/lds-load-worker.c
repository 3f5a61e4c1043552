/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread of the load generator. */
#include "lds-load-worker.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lds-clock.h"

/* How long the connections may take ahead of the run. */
#define PRECONNECT_LIMIT_NS (3 * LDS_NS_PER_S)
/* A connection that failed rests this long, and twice as long after each further failure. */
#define REST_NS          (10 * LDS_NS_PER_MS)
#define REST_MAX_DOUBLES 5
/* Time-outs and rests are looked after this often. */
#define SCAN_MAX_NS (50 * LDS_NS_PER_MS)
#define SCAN_MIN_NS (1 * LDS_NS_PER_MS)

struct LdsLoadWorker
{
  LdsLoadControl *control;
  const LdsLoadPlan *plan;
  const LdsLoadEngineClass *engine_class;
  LdsLoadEngine *engine;
  LdsLoadExpectation *expectation;
  LdsLoadTally *tally; /* the recorder's writing */
  int64_t woke_ns;
  bool is_open_loop;
  bool is_running; /* requests are being sent */
  LdsLoadPhase phase;

  LdsLoadPacer pacer;
  LdsLoadConnection *connections;
  unsigned n_connections;
  LdsLoadConnection **ring; /* open loop: free connections, longest free first */
  unsigned ring_head;
  unsigned n_free;
  uint64_t in_flight;
  uint64_t measured_in_flight;

  int64_t measure_start_ns; /* as planned */
  int64_t measure_end_ns;
  int64_t next_tick_ns;
  int64_t next_scan_ns;
  int64_t next_frame_ns;
  int64_t scan_interval_ns;
  int64_t cpu_ns; /* of the thread, when the tally began */
  int64_t measure_cpu_ns;
  bool is_done;

  LdsHttpHeadCache head_cache;
  LdsLoadRecorder recorder;
  LdsLoadWorkerReport report;
  _Atomic LdsLoadWorkerState state;
  unsigned index;
  pthread_t thread;
};

static void
notify (LdsLoadWorker *self)
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
  notify (self);
}

/* The free connections of an open loop, first in first out: requests go round all of them. */
static void
push_free (LdsLoadWorker *self,
           LdsLoadConnection *connection)
{
  unsigned at = self->ring_head + self->n_free++;

  self->ring[at < self->n_connections ? at : at - self->n_connections] = connection;
}

static LdsLoadConnection *
pop_free (LdsLoadWorker *self)
{
  LdsLoadConnection *connection = self->ring[self->ring_head++];

  if (self->ring_head == self->n_connections)
    self->ring_head = 0;
  self->n_free--;
  return connection;
}

static void
send_request (LdsLoadWorker *self,
              LdsLoadConnection *connection,
              int64_t now_ns)
{
  if (connection->fd < 0)
    {
      connection->state = LDS_LOAD_CONNECTING;
      connection->sent_ns = -1;
      self->engine_class->connect (self->engine, connection);
      return;
    }
  connection->state = LDS_LOAD_BUSY;
  connection->sent_ns = now_ns;
  connection->written = 0;
  lds_load_connection_expect (connection, self->expectation, self->plan->is_head);
  self->engine_class->send (self->engine, connection);
}

static void
begin_request (LdsLoadWorker *self,
               LdsLoadConnection *connection,
               int64_t intended_ns,
               int64_t now_ns)
{
  connection->has_request = true;
  connection->was_resent = false;
  connection->is_measured = self->phase == LDS_LOAD_MEASURE;
  connection->intended_ns = intended_ns;
  connection->taken_ns = now_ns;
  self->tally->sent++;
  self->in_flight++;
  self->measured_in_flight += connection->is_measured;
  send_request (self, connection, now_ns);
}

/* Open loop: what is due goes out on what is free. */
static void
dispatch (LdsLoadWorker *self,
          int64_t now_ns)
{
  while (self->n_free > 0 && self->pacer.due_ns <= now_ns)
    {
      LdsLoadConnection *connection = pop_free (self);
      int64_t due_ns = self->pacer.due_ns;
      int64_t able_ns = due_ns > connection->free_ns ? due_ns : connection->free_ns;

      lds_load_pacer_take (&self->pacer);
      lds_histogram_record (&self->tally->lag, now_ns - able_ns);
      begin_request (self, connection, due_ns, now_ns);
      now_ns = lds_clock_now_ns ();
    }
}

/* @connection may take another request. */
static void
release (LdsLoadWorker *self,
         LdsLoadConnection *connection,
         int64_t now_ns)
{
  connection->state = LDS_LOAD_FREE;
  connection->free_ns = self->woke_ns;
  if (self->is_open_loop)
    {
      push_free (self, connection);
      dispatch (self, now_ns);
    }
  else if (self->is_running)
    begin_request (self, connection, now_ns, now_ns);
}

static void
rest (LdsLoadWorker *self,
      LdsLoadConnection *connection,
      int64_t now_ns)
{
  unsigned doubles = connection->n_failed > 0 ? connection->n_failed - 1u : 0;

  connection->state = LDS_LOAD_RESTING;
  connection->rest_until_ns =
      now_ns + (REST_NS << (doubles < REST_MAX_DOUBLES ? doubles : REST_MAX_DOUBLES));
}

/* The request has ended, well or not. */
static void
record (LdsLoadWorker *self,
        LdsLoadConnection *connection,
        LdsLoadOutcome outcome,
        int64_t now_ns)
{
  int64_t service_ns = connection->sent_ns >= 0 ? now_ns - connection->sent_ns : -1;

  if (connection->is_measured == (self->phase != LDS_LOAD_WARM_UP))
    lds_load_tally_record (self->tally, outcome, now_ns - connection->intended_ns, service_ns);
  else if (outcome == LDS_LOAD_OK)
    self->tally->carried_done++;
  else
    self->tally->carried_failures++;
  connection->has_request = false;
  self->in_flight--;
  self->measured_in_flight -= connection->is_measured;
}

/* The request failed and took its connection with it. */
static void
fail (LdsLoadWorker *self,
      LdsLoadConnection *connection,
      LdsLoadOutcome outcome)
{
  int64_t now_ns = lds_clock_now_ns ();

  self->engine_class->disconnect (self->engine, connection);
  record (self, connection, outcome, now_ns);
  if (outcome != LDS_LOAD_TIMEOUT && connection->n_failed < UINT8_MAX)
    connection->n_failed++;
  /* One connection lost is replaced at once; a server that loses all is not stormed. */
  if (outcome == LDS_LOAD_CONNECT || connection->n_failed > 1)
    rest (self, connection, now_ns);
  else
    release (self, connection, now_ns);
}

/* The answer is whole. */
static void
complete (LdsLoadWorker *self,
          LdsLoadConnection *connection,
          LdsLoadOutcome outcome,
          bool keep)
{
  int64_t now_ns = lds_clock_now_ns ();

  if (connection->is_measured)
    self->tally->statuses[connection->response.head.status - LDS_LOAD_STATUS_MIN]++;
  connection->n_failed = 0;
  connection->is_reused = true;
  if (!keep)
    self->engine_class->disconnect (self->engine, connection);
  record (self, connection, outcome, now_ns);
  release (self, connection, now_ns);
}

const LdsLoadPlan *
lds_load_worker_get_plan (LdsLoadWorker *self)
{
  return self->plan;
}

void
lds_load_worker_woke (LdsLoadWorker *self)
{
  self->woke_ns = lds_clock_now_ns ();
}

/* A connection made, or tried, for no request: ahead of the run, or too late for that. */
static void
preconnect_ended (LdsLoadWorker *self,
                  LdsLoadConnection *connection)
{
  if (self->is_running)
    release (self, connection, lds_clock_now_ns ());
  else
    connection->state = LDS_LOAD_FREE;
}

void
lds_load_worker_connected (LdsLoadWorker *self,
                           LdsLoadConnection *connection)
{
  connection->is_reused = false;
  connection->is_hung_up = false;
  self->tally->connects++;
  if (connection->has_request)
    send_request (self, connection, lds_clock_now_ns ());
  else
    {
      self->report.n_connected++;
      preconnect_ended (self, connection);
    }
}

void
lds_load_worker_connect_failed (LdsLoadWorker *self,
                                LdsLoadConnection *connection,
                                int error_number)
{
  self->report.connect_errno = error_number;
  if (connection->has_request)
    fail (self, connection, LDS_LOAD_CONNECT);
  else
    preconnect_ended (self, connection);
}

void
lds_load_worker_received (LdsLoadWorker *self,
                          LdsLoadConnection *connection,
                          const char *data,
                          size_t size)
{
  LdsLoadOutcome outcome = LDS_LOAD_MALFORMED;

  self->tally->bytes_received += size;
  if (connection->state != LDS_LOAD_BUSY)
    {
      /* Nobody asked: whatever follows would be taken for the next answer. */
      self->engine_class->disconnect (self->engine, connection);
      return;
    }
  if (lds_load_connection_feed (connection, self->expectation, data, size, &outcome) ==
      LDS_LOAD_ANSWER_PART)
    return;
  if (outcome == LDS_LOAD_MALFORMED)
    fail (self, connection, outcome);
  else
    complete (self, connection, outcome,
              connection->response.head.keep_alive && !connection->is_hung_up);
}

void
lds_load_worker_closed (LdsLoadWorker *self,
                        LdsLoadConnection *connection,
                        int error_number)
{
  LdsLoadOutcome outcome;

  if (connection->state != LDS_LOAD_BUSY)
    {
      self->engine_class->disconnect (self->engine, connection);
      return;
    }
  if (!lds_http_response_has_begun (&connection->response) && connection->is_reused &&
      !connection->was_resent && self->plan->may_resend)
    {
      /* The server closed an idle connection while the request was on its way, as it may. RFC 9112,
       * section 9.3.1: send it again. It keeps its intended time, so that the detour is measured. */
      connection->was_resent = true;
      self->tally->retries++;
      self->engine_class->disconnect (self->engine, connection);
      send_request (self, connection, lds_clock_now_ns ());
      return;
    }
  outcome = lds_load_connection_end (connection, self->expectation, error_number != 0);
  if (outcome == LDS_LOAD_RESET || outcome == LDS_LOAD_SHORT)
    fail (self, connection, outcome);
  else
    complete (self, connection, outcome, false);
}

/* Stamps what was written and offers it to the reader. */
static bool
hand_over (LdsLoadWorker *self,
           int64_t now_ns)
{
  int64_t cpu_ns = lds_clock_thread_cpu_ns ();

  /* Two ends at one moment are no interval. */
  if (now_ns <= self->tally->begin_ns)
    return false;
  self->tally->end_ns = now_ns;
  self->tally->in_flight = self->in_flight;
  self->tally->cpu_ns += (uint64_t)(cpu_ns - self->cpu_ns);
  self->cpu_ns = cpu_ns;
  if (!lds_load_recorder_hand_over (&self->recorder))
    return false;
  self->tally = self->recorder.writing;
  self->tally->begin_ns = now_ns;
  self->tally->phase = self->phase;
  notify (self);
  return true;
}

static void
begin_warm_up (LdsLoadWorker *self,
               int64_t start_ns)
{
  self->phase = LDS_LOAD_WARM_UP;
  self->measure_start_ns = start_ns + self->plan->warm_up_ns;
  self->measure_end_ns = self->measure_start_ns + self->plan->duration_ns;
  self->next_frame_ns = start_ns + self->plan->frame_interval_ns;
  self->next_scan_ns = start_ns + self->scan_interval_ns;
  self->tally->begin_ns = start_ns;
  self->tally->phase = self->phase;
  self->cpu_ns = lds_clock_thread_cpu_ns ();
  if (self->is_open_loop && self->plan->warm_up_ns > 0)
    lds_load_pacer_start (&self->pacer, start_ns, self->measure_start_ns);
}

static void
begin_measure (LdsLoadWorker *self,
               int64_t now_ns)
{
  self->phase = LDS_LOAD_MEASURE;
  if (self->plan->warm_up_ns == 0 || !hand_over (self, now_ns))
    {
      /* There was no warm-up, or nobody has read its last interval: what is left of it is thrown
       * away as it is anyway. */
      lds_load_tally_reset (self->tally);
      self->tally->begin_ns = now_ns;
      self->cpu_ns = lds_clock_thread_cpu_ns ();
    }
  self->tally->phase = self->phase;
  self->report.measure_begin_ns = self->is_open_loop ? self->measure_start_ns : now_ns;
  self->measure_cpu_ns = self->cpu_ns;
  if (self->is_open_loop)
    lds_load_pacer_start (&self->pacer, self->measure_start_ns, self->measure_end_ns);
}

/* What was due and found no free connection up to the end. */
static void
record_unsent (LdsLoadWorker *self,
               int64_t end_ns)
{
  lds_load_pacer_stop (&self->pacer, end_ns);
  while (self->pacer.due_ns != INT64_MAX)
    {
      lds_load_tally_record (self->tally, LDS_LOAD_UNSENT, end_ns - self->pacer.due_ns, -1);
      lds_load_pacer_take (&self->pacer);
    }
}

static void
begin_drain (LdsLoadWorker *self,
             int64_t now_ns,
             bool is_early)
{
  int64_t end_ns = self->is_open_loop && !is_early ? self->measure_end_ns : now_ns;

  for (unsigned i = 0; i < self->n_connections; i++)
    self->report.n_lost += self->connections[i].n_failed > 0 && self->connections[i].fd < 0;
  if (self->is_open_loop)
    {
      dispatch (self, now_ns);
      record_unsent (self, end_ns);
    }
  self->report.measure_end_ns = end_ns;
  self->is_running = false;
  self->phase = LDS_LOAD_DRAIN;
  hand_over (self, now_ns);
  self->report.measure_cpu_ns = self->cpu_ns - self->measure_cpu_ns;
}

/* The run was ended early, or the server holds on beyond every time-out. */
static void
give_up (LdsLoadWorker *self,
         int64_t now_ns)
{
  for (unsigned i = 0; i < self->n_connections; i++)
    {
      LdsLoadConnection *connection = &self->connections[i];

      if (!connection->has_request || !connection->is_measured)
        continue;
      self->tally->unanswered++;
      lds_histogram_record (&self->tally->response, now_ns - connection->intended_ns);
      if (connection->sent_ns >= 0)
        lds_histogram_record (&self->tally->service, now_ns - connection->sent_ns);
      connection->has_request = false;
    }
  self->is_done = true;
}

static void
scan (LdsLoadWorker *self,
      int64_t now_ns)
{
  for (unsigned i = 0; i < self->n_connections; i++)
    {
      LdsLoadConnection *connection = &self->connections[i];

      if (connection->has_request && now_ns - connection->taken_ns >= self->plan->timeout_ns)
        fail (self, connection, LDS_LOAD_TIMEOUT);
      else if (connection->state == LDS_LOAD_RESTING && now_ns >= connection->rest_until_ns)
        release (self, connection, now_ns);
      else if (connection->state == LDS_LOAD_CONNECTING && !connection->has_request)
        {
          /* Ahead of the run, and still not there. */
          self->engine_class->disconnect (self->engine, connection);
          release (self, connection, now_ns);
        }
    }
}

/* Everything that happens by the clock and not for a request. */
static void
tick (LdsLoadWorker *self,
      int64_t now_ns)
{
  self->woke_ns = now_ns;
  if (atomic_load_explicit (&self->control->stop, memory_order_relaxed))
    {
      if (self->phase == LDS_LOAD_MEASURE)
        begin_drain (self, now_ns, true);
      give_up (self, now_ns);
      return;
    }
  if (self->phase == LDS_LOAD_WARM_UP && now_ns >= self->measure_start_ns)
    begin_measure (self, now_ns);
  if (self->phase == LDS_LOAD_MEASURE && now_ns >= self->measure_end_ns)
    begin_drain (self, now_ns, false);
  if (now_ns >= self->next_scan_ns)
    {
      scan (self, now_ns);
      self->next_scan_ns = now_ns + self->scan_interval_ns;
    }
  if (now_ns >= self->next_frame_ns)
    {
      hand_over (self, now_ns);
      /* Frames stay on their grid; those that a late thread missed are one longer frame. */
      while (self->next_frame_ns <= now_ns)
        self->next_frame_ns += self->plan->frame_interval_ns;
    }
  if (self->phase == LDS_LOAD_DRAIN && self->measured_in_flight == 0)
    self->is_done = true;

  self->next_tick_ns =
      self->next_scan_ns < self->next_frame_ns ? self->next_scan_ns : self->next_frame_ns;
  if (self->phase == LDS_LOAD_WARM_UP && self->measure_start_ns < self->next_tick_ns)
    self->next_tick_ns = self->measure_start_ns;
  if (self->phase == LDS_LOAD_MEASURE && self->measure_end_ns < self->next_tick_ns)
    self->next_tick_ns = self->measure_end_ns;
}

static void
run (LdsLoadWorker *self,
     int64_t start_ns)
{
  begin_warm_up (self, start_ns);
  self->next_tick_ns = start_ns;
  while (lds_clock_now_ns () < start_ns)
    self->engine_class->wait (self->engine, start_ns);
  tick (self, lds_clock_now_ns ());
  self->is_running = true;
  for (unsigned i = 0; i < self->n_connections; i++)
    if (self->connections[i].state == LDS_LOAD_FREE)
      release (self, &self->connections[i], lds_clock_now_ns ());

  while (!self->is_done)
    {
      int64_t now_ns = lds_clock_now_ns (), until_ns;

      if (now_ns >= self->next_tick_ns)
        {
          tick (self, now_ns);
          continue;
        }
      if (self->is_open_loop)
        dispatch (self, now_ns);
      until_ns = self->next_tick_ns;
      if (self->n_free > 0 && self->pacer.due_ns < until_ns)
        until_ns = self->pacer.due_ns;
      self->engine_class->wait (self->engine, until_ns);
      if (self->phase == LDS_LOAD_DRAIN && self->measured_in_flight == 0)
        self->is_done = true;
    }
  hand_over (self, lds_clock_now_ns ());
}

/* Connects everything before the clock starts, so that the first requests do not pay for it. */
static void
preconnect (LdsLoadWorker *self)
{
  int64_t limit_ns = lds_clock_now_ns () + PRECONNECT_LIMIT_NS;
  unsigned n_left;

  for (unsigned i = 0; i < self->n_connections; i++)
    {
      self->connections[i].state = LDS_LOAD_CONNECTING;
      self->engine_class->connect (self->engine, &self->connections[i]);
    }
  do
    {
      n_left = 0;
      for (unsigned i = 0; i < self->n_connections; i++)
        n_left += self->connections[i].state == LDS_LOAD_CONNECTING;
      if (n_left > 0)
        self->engine_class->wait (self->engine, lds_clock_now_ns () + 10 * LDS_NS_PER_MS);
    }
  while (n_left > 0 && lds_clock_now_ns () < limit_ns && !atomic_load (&self->control->stop));
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
  self->engine = self->engine_class->open (self);
  if (self->engine == NULL)
    {
      self->report.engine_errno = errno;
      set_state (self, LDS_LOAD_WORKER_REFUSED);
      return NULL;
    }
  preconnect (self);
  set_state (self, LDS_LOAD_WORKER_READY);
  while ((start_ns = atomic_load_explicit (&self->control->start_ns, memory_order_acquire)) == 0 &&
         !atomic_load (&self->control->stop))
    self->engine_class->wait (self->engine, lds_clock_now_ns () + LDS_NS_PER_MS);
  if (start_ns != 0)
    run (self, start_ns);
  for (unsigned i = 0; i < self->n_connections; i++)
    self->engine_class->disconnect (self->engine, &self->connections[i]);
  self->engine_class->close (self->engine);
  set_state (self, LDS_LOAD_WORKER_FINISHED);
  return NULL;
}

static void
worker_free_memory (LdsLoadWorker *self)
{
  for (unsigned i = 0; self->connections != NULL && i < self->n_connections; i++)
    lds_load_connection_clear (&self->connections[i]);
  free (self->connections);
  free (self->ring);
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
  self->expectation = &plan->expectation;
  self->engine_class = control->engine;
  self->index = index;
  self->is_open_loop = plan->rate_hz > 0;
  self->scan_interval_ns = CLAMP (scan_ns, SCAN_MIN_NS, SCAN_MAX_NS);
  /* Connections are dealt out as evenly as they go. */
  self->n_connections =
      plan->connections / plan->threads + (index < plan->connections % plan->threads);
  self->connections = calloc (self->n_connections, sizeof *self->connections);
  self->ring = calloc (self->n_connections, sizeof (LdsLoadConnection *));
  if (!lds_load_recorder_init (&self->recorder) || self->connections == NULL || self->ring == NULL)
    {
      worker_free_memory (self);
      return NULL;
    }
  self->tally = self->recorder.writing;
  for (unsigned i = 0; i < self->n_connections; i++)
    lds_load_connection_init (&self->connections[i], i, &self->head_cache);
  if (self->is_open_loop)
    lds_load_pacer_init (&self->pacer, plan->rate_hz, plan->arrivals, index, plan->threads,
                         plan->seed);
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
