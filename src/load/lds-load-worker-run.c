/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's clock: the phases of a run, its frames and time-outs, and how the thread waits. */
#include "lds-load-worker-private.h"

#include "lds-clock.h"
#include "lds-load-summary.h"

/* What is due and waits for a slot when the measured interval ends has this share of it to find one: no
 * more than a valid run may miss. */
#define GRACE_SHARE (1 - LDS_LOAD_MIN_RATE_RATIO)
/* What a poll that finds nothing takes at most. */
#define POLL_MAX_NS (10 * LDS_NS_PER_US)

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
  lds_load_worker_notify (self);
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

  lds_load_worker_dispatch (self, now_ns);
  self->grace_end_ns = INT64_MAX;
  lds_load_pacer_stop (&self->pacer, end_ns);
  while (self->pacer.due_ns != INT64_MAX)
    {
      LdsLoadSlot none = {.intended_ns = self->pacer.due_ns};

      lds_load_tally_record (self->tally, LDS_LOAD_UNSENT, end_ns - none.intended_ns, -1);
      if (self->tally->n_parts > 0)
        lds_load_worker_record_parts (self, &none, LDS_LOAD_UNSENT, end_ns - none.intended_ns);
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
      lds_load_worker_time_out (self, &self->slots[i]);
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
 * comes soon. So it polls for a short while before the one and after what might bring the other. In a closed loop it
 * is the server's CPU time that waking the thread would be in. */
static void
wait_until (LdsLoadWorker *self,
            int64_t now_ns,
            int64_t until_ns)
{
  int64_t busy_poll_ns = self->plan->busy_poll_ns;
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

void
lds_load_worker_run (LdsLoadWorker *self,
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
    lds_load_worker_release (self, &self->slots[i], lds_clock_now_ns ());

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
      lds_load_worker_wake_sleepers (self, now_ns);
      if (self->is_open_loop)
        lds_load_worker_dispatch (self, now_ns);
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
    lds_load_worker_dispatch (self, now_ns);
}
