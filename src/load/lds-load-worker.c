/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread of the load generator. */
#include "lds-load-worker.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lds-clock.h"
#include "lds-load-sleepers.h"
#include "lds-load-summary.h"
#include "lds-random.h"

/* How long the connections may take ahead of the run: this, and for each of them that. */
#define PRECONNECT_LIMIT_NS      (3 * LDS_NS_PER_S)
#define PRECONNECT_LIMIT_EACH_NS (LDS_NS_PER_MS / 2)
/* A slot whose connection failed rests this long, and twice as long after each further failure. */
#define REST_NS          (10 * LDS_NS_PER_MS)
#define REST_MAX_DOUBLES 5
/* Time-outs are looked after this often. */
#define SCAN_MAX_NS (50 * LDS_NS_PER_MS)
#define SCAN_MIN_NS (1 * LDS_NS_PER_MS)
/* What is due and waits for a slot when the measured interval ends has this share of it to find one: no
 * more than a valid run may miss. */
#define GRACE_SHARE (1 - LDS_LOAD_MIN_RATE_RATIO)
/* What a poll that finds nothing takes at most. */
#define POLL_MAX_NS (10 * LDS_NS_PER_US)

struct LdsLoadWorker
{
  LdsLoadControl *control;
  LdsLoadPlan *plan;
  const LdsLoadClientClass *client_class;
  LdsLoadClient *client;
  LdsLoadTally *tally; /* the recorder's writing */
  int64_t woke_ns;
  bool is_open_loop;
  bool is_running;   /* requests are being sent */
  bool is_listening; /* there are no requests */
  LdsLoadPhase phase;
  LdsLoadAudience audience;

  LdsLoadPacer pacer;
  LdsLoadSlot *slots;
  unsigned n_slots;
  LdsLoadSlot **ring; /* open loop: free slots, longest free first */
  unsigned ring_head;
  unsigned n_free;
  LdsLoadSleepers sleepers; /* slots that think or rest */
  uint64_t random;          /* of what is requested, and of think times */
  uint64_t in_flight;
  uint64_t measured_in_flight;
  uint64_t n_left; /* of a fixed count: requests of the measured interval not yet taken up */

  int64_t measure_start_ns; /* as planned; 0 before the start is known */
  int64_t measure_end_ns;
  int64_t grace_end_ns; /* of what was due and is not sent yet */
  int64_t next_tick_ns;
  int64_t next_scan_ns;
  int64_t next_frame_ns;
  int64_t scan_interval_ns;
  int64_t cpu_ns; /* of the thread, when the tally began */
  int64_t measure_cpu_ns;
  int64_t last_end_ns;   /* of a request */
  int64_t last_event_ns; /* the last request that began or ended */
  int64_t last_delivery_ns;
  int64_t spun_ns; /* polled in vain in the measured interval */
  bool is_done;

  LdsLoadRecorder recorder;
  LdsLoadWorkerReport report;
  _Atomic LdsLoadWorkerState state;
  unsigned index;
  pthread_t thread;
};

/* What is dealt out over the threads as evenly as it goes. */
static uint64_t
share (uint64_t whole,
       unsigned n,
       unsigned index)
{
  return whole / n + (index < whole % n);
}

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

/* --- Requests -------------------------------------------------------------------------------- */

/* The free slots of an open loop, first in first out: requests go round all of them. */
static void
push_free (LdsLoadWorker *self,
           LdsLoadSlot *slot)
{
  unsigned at = self->ring_head + self->n_free++;

  self->ring[at < self->n_slots ? at : at - self->n_slots] = slot;
}

static LdsLoadSlot *
pop_free (LdsLoadWorker *self)
{
  LdsLoadSlot *slot = self->ring[self->ring_head++];

  if (self->ring_head == self->n_slots)
    self->ring_head = 0;
  self->n_free--;
  return slot;
}

/* The last request of a fixed number has been taken up. */
static void
take_no_more (LdsLoadWorker *self,
              int64_t now_ns)
{
  self->is_running = false;
  self->pacer.due_ns = INT64_MAX;
  self->measure_end_ns = self->next_tick_ns = now_ns;
}

static void
begin_request (LdsLoadWorker *self,
               LdsLoadSlot *slot,
               int64_t intended_ns,
               int64_t now_ns)
{
  slot->state = LDS_LOAD_BUSY;
  slot->is_measured = self->phase != LDS_LOAD_WARM_UP;
  slot->intended_ns = intended_ns;
  slot->taken_ns = now_ns;
  slot->sent_ns = -1;
  slot->request = self->plan->n_requests > 1
                      ? (uint8_t)lds_load_plan_choose (self->plan, lds_random_unit (&self->random))
                      : 0;
  self->tally->sent++;
  self->in_flight++;
  self->measured_in_flight += slot->is_measured;
  if (self->n_left > 0 && slot->is_measured && --self->n_left == 0)
    take_no_more (self, now_ns);
  self->last_event_ns = now_ns;
  self->client_class->start (self->client, slot, now_ns);
}

/* Open loop: what is due goes out on what is free. */
static void
dispatch (LdsLoadWorker *self,
          int64_t now_ns)
{
  while (self->n_free > 0 && self->pacer.due_ns <= now_ns)
    {
      LdsLoadSlot *slot = pop_free (self);
      int64_t due_ns = self->pacer.due_ns;
      int64_t able_ns = due_ns > slot->free_ns ? due_ns : slot->free_ns;

      lds_load_pacer_take (&self->pacer);
      lds_histogram_record (&self->tally->lag, now_ns - able_ns);
      begin_request (self, slot, due_ns, now_ns);
      now_ns = lds_clock_now_ns ();
    }
}

static void
sleep_until (LdsLoadWorker *self,
             LdsLoadSlot *slot,
             int64_t wake_ns)
{
  slot->state = LDS_LOAD_ASLEEP;
  slot->wake_ns = wake_ns;
  lds_load_sleepers_add (&self->sleepers, slot);
}

/* @slot may take another request. */
static void
release (LdsLoadWorker *self,
         LdsLoadSlot *slot,
         int64_t now_ns)
{
  slot->state = LDS_LOAD_FREE;
  slot->free_ns = self->woke_ns;
  if (self->is_open_loop)
    {
      push_free (self, slot);
      dispatch (self, now_ns);
    }
  else if (self->is_running)
    begin_request (self, slot, now_ns, now_ns);
}

static void
rest (LdsLoadWorker *self,
      LdsLoadSlot *slot,
      int64_t now_ns)
{
  unsigned doubles = slot->n_failed > 0 ? slot->n_failed - 1u : 0;

  sleep_until (self, slot,
               now_ns + (REST_NS << (doubles < REST_MAX_DOUBLES ? doubles : REST_MAX_DOUBLES)));
}

static int64_t
think_time_ns (LdsLoadWorker *self)
{
  return self->plan->think_is_random
             ? (int64_t)((double)self->plan->think_ns * lds_random_exponential (&self->random))
             : self->plan->think_ns;
}

/* Slots whose time has come. Those that rested, or that no run is on for, are free; those that thought
 * go on with what they thought about. */
static void
wake_sleepers (LdsLoadWorker *self,
               int64_t now_ns)
{
  LdsLoadSlot *slot;

  while ((slot = lds_load_sleepers_take (&self->sleepers, now_ns)) != NULL)
    {
      if (slot->n_failed > 0 || self->plan->think_ns == 0 || !self->is_running)
        {
          self->woke_ns = now_ns;
          release (self, slot, now_ns);
        }
      else
        {
          lds_histogram_record (&self->tally->lag, now_ns - slot->wake_ns);
          begin_request (self, slot, slot->wake_ns, now_ns);
        }
      now_ns = lds_clock_now_ns ();
    }
}

/* What results tell apart: each request of a mix, each step of a schedule. */
static void
record_parts (LdsLoadWorker *self,
              LdsLoadSlot *slot,
              LdsLoadOutcome outcome,
              int64_t response_ns)
{
  unsigned n_mixed = lds_load_plan_count_mix_parts (self->plan);

  if (n_mixed > 0 && outcome != LDS_LOAD_UNSENT)
    lds_load_part_record (&self->tally->parts[slot->request], outcome, response_ns);
  if (self->tally->n_parts > n_mixed)
    {
      unsigned step = lds_load_schedule_segment_at (self->plan->schedule,
                                                    slot->intended_ns - self->measure_start_ns);

      lds_load_part_record (&self->tally->parts[n_mixed + step], outcome, response_ns);
    }
}

/* The request has ended, well or not. */
static void
record (LdsLoadWorker *self,
        LdsLoadSlot *slot,
        LdsLoadOutcome outcome,
        int64_t now_ns)
{
  int64_t service_ns = slot->sent_ns >= 0 ? now_ns - slot->sent_ns : -1;
  int64_t response_ns = now_ns - slot->intended_ns;

  if (slot->is_measured == (self->phase != LDS_LOAD_WARM_UP))
    {
      lds_load_tally_record (self->tally, outcome, response_ns, service_ns);
      if (self->tally->n_parts > 0)
        record_parts (self, slot, outcome, response_ns);
    }
  else if (outcome == LDS_LOAD_OK)
    self->tally->carried_done++;
  else
    self->tally->carried_failures++;
  self->last_end_ns = self->last_event_ns = now_ns;
  self->in_flight--;
  self->measured_in_flight -= slot->is_measured;
}

/* There was an answer, or time enough for one: the slot goes on. */
static void
go_on (LdsLoadWorker *self,
       LdsLoadSlot *slot,
       int64_t now_ns)
{
  if (self->plan->think_ns > 0 && !self->is_open_loop && self->is_running)
    sleep_until (self, slot, now_ns + think_time_ns (self));
  else
    release (self, slot, now_ns);
}

void
lds_load_worker_ended (LdsLoadWorker *self,
                       LdsLoadSlot *slot,
                       LdsLoadOutcome outcome,
                       unsigned status)
{
  int64_t now_ns = lds_clock_now_ns ();

  if (status != 0 && slot->is_measured)
    self->tally->statuses[status - LDS_LOAD_STATUS_MIN]++;
  record (self, slot, outcome, now_ns);
  if (outcome == LDS_LOAD_OK || outcome == LDS_LOAD_WRONG_BODY || outcome == LDS_LOAD_NON_2XX)
    {
      slot->n_failed = 0;
      go_on (self, slot, now_ns);
      return;
    }
  if (slot->n_failed < UINT8_MAX)
    slot->n_failed++;
  /* One connection lost is replaced at once; a server that loses all is not stormed. */
  if (outcome == LDS_LOAD_CONNECT || slot->n_failed > 1)
    rest (self, slot, now_ns);
  else
    release (self, slot, now_ns);
}

static void
time_out (LdsLoadWorker *self,
          LdsLoadSlot *slot)
{
  int64_t now_ns = lds_clock_now_ns ();

  self->client_class->give_up (self->client, slot);
  record (self, slot, LDS_LOAD_TIMEOUT, now_ns);
  if (slot->n_failed > 1)
    rest (self, slot, now_ns);
  else
    go_on (self, slot, now_ns);
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

void
lds_load_worker_connect_refused (LdsLoadWorker *self,
                                 const char *reason)
{
  self->report.refusal = reason;
}

/* --- The clock ------------------------------------------------------------------------------- */

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
  self->audience.begin_ns = self->measure_start_ns;
  self->audience.end_ns = self->measure_end_ns;
  self->next_frame_ns = start_ns + self->plan->frame_interval_ns;
  self->next_scan_ns = start_ns + self->scan_interval_ns;
  self->tally->begin_ns = start_ns;
  self->tally->phase = self->phase;
  self->cpu_ns = lds_clock_thread_cpu_ns ();
  if (self->is_open_loop && self->plan->warm_up_ns > 0)
    lds_load_pacer_start_warm_up (&self->pacer, start_ns, self->measure_start_ns);
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
  lds_load_audience_begin (&self->audience);
  self->report.n_members = self->audience.n_members;
  self->report.measure_begin_ns = self->is_open_loop ? self->measure_start_ns : now_ns;
  self->measure_cpu_ns = self->cpu_ns;
  if (self->is_open_loop)
    lds_load_pacer_start (&self->pacer, self->measure_start_ns, self->measure_end_ns);
}

/* What was due and found no free slot. */
static void
end_grace (LdsLoadWorker *self,
           int64_t now_ns)
{
  int64_t end_ns = self->report.measure_end_ns;

  dispatch (self, now_ns);
  self->grace_end_ns = INT64_MAX;
  lds_load_pacer_stop (&self->pacer, end_ns);
  while (self->pacer.due_ns != INT64_MAX)
    {
      LdsLoadSlot none = {.intended_ns = self->pacer.due_ns};

      lds_load_tally_record (self->tally, LDS_LOAD_UNSENT, end_ns - none.intended_ns, -1);
      if (self->tally->n_parts > 0)
        record_parts (self, &none, LDS_LOAD_UNSENT, end_ns - none.intended_ns);
      lds_load_pacer_take (&self->pacer);
    }
}

/* A message of the measured interval may be there before this thread has looked at the clock, or at the
 * start: what it writes down must not be thrown away with the warm-up. */
static void
begin_measure_in_time (LdsLoadWorker *self,
                       int64_t now_ns)
{
  int64_t start_ns;

  if (self->phase != LDS_LOAD_WARM_UP)
    return;
  if (self->measure_start_ns == 0 &&
      (start_ns = atomic_load_explicit (&self->control->start_ns, memory_order_acquire)) != 0)
    begin_warm_up (self, start_ns);
  if (self->measure_start_ns != 0 && now_ns >= self->measure_start_ns)
    begin_measure (self, now_ns);
}

static void
begin_drain (LdsLoadWorker *self,
             int64_t now_ns,
             bool is_early)
{
  int64_t end_ns = self->is_open_loop && !is_early ? self->measure_end_ns : now_ns;
  bool is_stream = self->plan->stream.mode != LDS_LOAD_STREAM_NONE;

  for (unsigned i = 0; i < self->n_slots; i++)
    self->report.n_lost += (self->slots[i].n_failed > 0 || is_stream) &&
                           !self->client_class->is_connected (self->client, &self->slots[i]);
  self->grace_end_ns = end_ns;
  if (self->is_open_loop && !is_early)
    self->grace_end_ns += (int64_t)((double)(end_ns - self->measure_start_ns) * GRACE_SHARE);
  self->report.measure_end_ns = end_ns;
  self->is_running = false;
  self->phase = LDS_LOAD_DRAIN;
  atomic_fetch_add (&self->control->n_messages, self->audience.n_sent);
  atomic_fetch_add (&self->control->n_draining, 1);
  hand_over (self, now_ns);
  self->report.measure_cpu_ns = self->cpu_ns - self->measure_cpu_ns;
  self->report.measure_spun_ns = self->spun_ns;
  if (self->grace_end_ns <= now_ns)
    end_grace (self, now_ns);
}

/* The run was ended early, or the server holds on beyond every time-out. */
static void
give_up (LdsLoadWorker *self,
         int64_t now_ns)
{
  for (unsigned i = 0; i < self->n_slots; i++)
    {
      LdsLoadSlot *slot = &self->slots[i];

      if (slot->state != LDS_LOAD_BUSY || !slot->is_measured)
        continue;
      self->tally->unanswered++;
      lds_histogram_record (&self->tally->response, now_ns - slot->intended_ns);
      if (slot->sent_ns >= 0)
        lds_histogram_record (&self->tally->service, now_ns - slot->sent_ns);
      slot->state = LDS_LOAD_FREE;
    }
  self->is_done = true;
}

static void
scan (LdsLoadWorker *self,
      int64_t now_ns)
{
  for (unsigned i = 0; i < self->n_slots; i++)
    if (self->slots[i].state == LDS_LOAD_BUSY &&
        now_ns - self->slots[i].taken_ns >= self->plan->timeout_ns)
      time_out (self, &self->slots[i]);
}

/* In the drain: whether nothing is to come any more that belongs to the measured interval. */
static bool
is_drained (LdsLoadWorker *self,
            int64_t now_ns)
{
  if (self->measured_in_flight > 0 || self->pacer.due_ns != INT64_MAX)
    return false;
  if ((self->plan->stream.mode != LDS_LOAD_STREAM_BROADCAST && !self->is_listening) ||
      now_ns - self->report.measure_end_ns >= self->plan->timeout_ns)
    return true;
  return (self->is_listening || atomic_load (&self->control->n_draining) == self->plan->threads) &&
         lds_load_audience_has_all (&self->audience, atomic_load (&self->control->n_messages));
}

static int64_t
earlier (int64_t a_ns,
         int64_t b_ns)
{
  return a_ns < b_ns ? a_ns : b_ns;
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
      else if (self->phase == LDS_LOAD_DRAIN)
        end_grace (self, now_ns);
      give_up (self, now_ns);
      return;
    }
  if (self->phase == LDS_LOAD_WARM_UP && now_ns >= self->measure_start_ns)
    begin_measure (self, now_ns);
  if (self->phase == LDS_LOAD_MEASURE && now_ns >= self->measure_end_ns)
    begin_drain (self, now_ns, false);
  else if (self->phase == LDS_LOAD_DRAIN && now_ns >= self->grace_end_ns)
    end_grace (self, now_ns);
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

  self->next_tick_ns = earlier (self->next_scan_ns, self->next_frame_ns);
  if (self->phase == LDS_LOAD_WARM_UP)
    self->next_tick_ns = earlier (self->next_tick_ns, self->measure_start_ns);
  if (self->phase == LDS_LOAD_MEASURE)
    self->next_tick_ns = earlier (self->next_tick_ns, self->measure_end_ns);
  if (self->phase == LDS_LOAD_DRAIN)
    self->next_tick_ns = earlier (self->next_tick_ns, self->grace_end_ns);
}

/* Waits for events up to @until_ns.
 *
 * A thread that sleeps is woken up some time after it should be, tens of microseconds on a virtual
 * machine. That would be in every time of an open loop: in the send that is due and in the answer that
 * comes soon. So it polls for a short while before the one and after what might bring the other. */
static void
wait_until (LdsLoadWorker *self,
            int64_t now_ns,
            int64_t until_ns)
{
  int64_t busy_poll_ns = self->is_open_loop ? self->plan->busy_poll_ns : 0;
  bool awaits_answer = self->in_flight > 0 && now_ns - self->last_event_ns < busy_poll_ns;
  int64_t last_event_ns = self->last_event_ns;

  if (busy_poll_ns == 0 || (!awaits_answer && until_ns - now_ns > busy_poll_ns))
    {
      self->client_class->wait (self->client, until_ns - busy_poll_ns);
      return;
    }
  self->client_class->wait (self->client, now_ns);
  /* What took longer was not a poll: something else had the core. */
  if (self->last_event_ns == last_event_ns && self->last_delivery_ns < now_ns &&
      self->woke_ns - now_ns < POLL_MAX_NS && self->phase == LDS_LOAD_MEASURE)
    self->spun_ns += self->woke_ns - now_ns;
}

static void
run (LdsLoadWorker *self,
     int64_t start_ns)
{
  if (self->measure_start_ns == 0)
    begin_warm_up (self, start_ns);
  self->next_tick_ns = start_ns;
  while (lds_clock_now_ns () < start_ns)
    self->client_class->wait (self->client, start_ns);
  self->is_running = true;
  tick (self, lds_clock_now_ns ());
  for (unsigned i = 0; i < self->n_slots && !self->is_done && !self->is_listening; i++)
    release (self, &self->slots[i], lds_clock_now_ns ());

  while (!self->is_done)
    {
      int64_t now_ns = lds_clock_now_ns (), until_ns;

      if (now_ns >= self->next_tick_ns)
        {
          tick (self, now_ns);
          continue;
        }
      if (self->phase == LDS_LOAD_DRAIN && is_drained (self, now_ns))
        break;
      wake_sleepers (self, now_ns);
      if (self->is_open_loop)
        dispatch (self, now_ns);
      until_ns = earlier (self->next_tick_ns, lds_load_sleepers_next_ns (&self->sleepers));
      if (self->n_free > 0)
        until_ns = earlier (until_ns, self->pacer.due_ns);
      wait_until (self, now_ns, until_ns);
    }
  hand_over (self, lds_clock_now_ns ());
  self->report.most = self->audience.most;
  /* A fixed number of requests has the time that it took to answer them all. */
  if (self->plan->count > 0 && self->last_end_ns > self->report.measure_end_ns)
    self->report.measure_end_ns = self->last_end_ns;
}

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
    run (self, start_ns);
  self->client_class->close (self->client);
  set_state (self, LDS_LOAD_WORKER_FINISHED);
  return NULL;
}

/* --- For clients of streams ------------------------------------------------------------------ */

void
lds_load_worker_joined (LdsLoadWorker *self,
                        LdsLoadMember *member)
{
  lds_load_audience_join (&self->audience, member);
}

void
lds_load_worker_left (LdsLoadWorker *self,
                      LdsLoadMember *member,
                      LdsLoadOutcome outcome)
{
  if (member->is_open && outcome != LDS_LOAD_OK)
    {
      self->tally->cut++;
      /* There is no request that would tell of it. */
      if (self->is_listening)
        self->tally->failures[outcome]++;
    }
  lds_load_audience_leave (&self->audience, member);
}

void
lds_load_worker_sending (LdsLoadWorker *self,
                         int64_t now_ns)
{
  begin_measure_in_time (self, now_ns);
  /* Of a fixed number of requests the last may leave when the others count already. */
  if (lds_load_audience_send (&self->audience, self->tally, now_ns) &&
      self->phase == LDS_LOAD_DRAIN)
    atomic_fetch_add (&self->control->n_messages, 1);
}

void
lds_load_worker_delivered (LdsLoadWorker *self,
                           LdsLoadMember *member,
                           const LdsLoadStamp *stamp,
                           int64_t now_ns)
{
  begin_measure_in_time (self, now_ns);
  self->last_delivery_ns = now_ns;
  if (stamp != NULL)
    lds_load_audience_take (&self->audience, self->tally, member, stamp, now_ns);
  else
    self->tally->unstamped++;
  /* One broadcast is as many deliveries as there are members: what is due does not wait for them all. */
  if (self->pacer.due_ns <= now_ns)
    dispatch (self, now_ns);
}

/* --- Life ------------------------------------------------------------------------------------ */

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
