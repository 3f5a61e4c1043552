/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's requests: when a slot takes one up, and what is written down when it ends. */
#include "lds-load-worker-private.h"

#include "lds-clock.h"
#include "lds-random.h"

/* A slot whose connection failed rests this long, and twice as long after each further failure. */
#define REST_NS          (10 * LDS_NS_PER_MS)
#define REST_MAX_DOUBLES 5

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
void
lds_load_worker_dispatch (LdsLoadWorker *self,
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
void
lds_load_worker_release (LdsLoadWorker *self,
                         LdsLoadSlot *slot,
                         int64_t now_ns)
{
  slot->state = LDS_LOAD_FREE;
  slot->free_ns = self->woke_ns;
  if (self->is_open_loop)
    {
      push_free (self, slot);
      lds_load_worker_dispatch (self, now_ns);
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
void
lds_load_worker_wake_sleepers (LdsLoadWorker *self,
                               int64_t now_ns)
{
  LdsLoadSlot *slot;

  while ((slot = lds_load_sleepers_take (&self->sleepers, now_ns)) != NULL)
    {
      if (slot->n_failed > 0 || self->plan->think_ns == 0 || !self->is_running)
        {
          self->woke_ns = now_ns;
          lds_load_worker_release (self, slot, now_ns);
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
void
lds_load_worker_record_parts (LdsLoadWorker *self,
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
        lds_load_worker_record_parts (self, slot, outcome, response_ns);
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
    lds_load_worker_release (self, slot, now_ns);
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
    lds_load_worker_release (self, slot, now_ns);
}

void
lds_load_worker_time_out (LdsLoadWorker *self,
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
