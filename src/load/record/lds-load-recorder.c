/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread writes down, and how it hands it over. */
#include "lds-load-recorder.h"

#include <stdlib.h>
#include <string.h>

LdsLoadTally *
lds_load_tally_new (unsigned n_parts)
{
  LdsLoadTally *self = calloc (1, sizeof *self);

  if (self == NULL)
    return NULL;
  self->response.min_ns = self->service.min_ns = self->lag.min_ns = INT64_MAX;
  self->delivery.min_ns = INT64_MAX;
  /* One more than asked for: none is not told from none to be had. */
  self->parts = calloc (n_parts + 1, sizeof *self->parts);
  self->n_parts = n_parts;
  if (self->parts == NULL)
    {
      free (self);
      return NULL;
    }
  for (unsigned i = 0; i < n_parts; i++)
    self->parts[i].response.min_ns = INT64_MAX;
  return self;
}

void
lds_load_tally_free (LdsLoadTally *self)
{
  if (self != NULL)
    free (self->parts);
  free (self);
}

void
lds_load_tally_reset (LdsLoadTally *self)
{
  memset (self, 0, offsetof (LdsLoadTally, response));
  lds_histogram_reset (&self->response);
  lds_histogram_reset (&self->service);
  lds_histogram_reset (&self->lag);
  lds_histogram_reset (&self->delivery);
  for (unsigned i = 0; i < self->n_parts; i++)
    {
      self->parts[i].done = self->parts[i].failures = 0;
      lds_histogram_reset (&self->parts[i].response);
    }
  self->is_full = false;
}

void
lds_load_tally_add (LdsLoadTally *self,
                    const LdsLoadTally *other)
{
  self->sent += other->sent;
  self->done += other->done;
  for (unsigned i = 0; i < LDS_LOAD_N_FAILURES; i++)
    self->failures[i] += other->failures[i];
  self->unanswered += other->unanswered;
  self->carried_done += other->carried_done;
  self->carried_failures += other->carried_failures;
  self->connects += other->connects;
  self->retries += other->retries;
  self->bytes_received += other->bytes_received;
  self->messages += other->messages;
  self->deliveries += other->deliveries;
  self->carried_deliveries += other->carried_deliveries;
  self->missed_ticks += other->missed_ticks;
  self->unstamped += other->unstamped;
  self->cut += other->cut;
  self->cpu_ns += other->cpu_ns;
  for (unsigned i = 0; i < sizeof self->statuses / sizeof self->statuses[0]; i++)
    self->statuses[i] += other->statuses[i];
  lds_histogram_add (&self->response, &other->response);
  lds_histogram_add (&self->service, &other->service);
  lds_histogram_add (&self->lag, &other->lag);
  lds_histogram_add (&self->delivery, &other->delivery);
  for (unsigned i = 0; i < self->n_parts; i++)
    {
      self->parts[i].done += other->parts[i].done;
      self->parts[i].failures += other->parts[i].failures;
      lds_histogram_add (&self->parts[i].response, &other->parts[i].response);
    }
}

uint64_t
lds_load_tally_failures (const LdsLoadTally *self)
{
  uint64_t sum = 0;

  for (unsigned i = 0; i < LDS_LOAD_N_FAILURES; i++)
    sum += self->failures[i];
  return sum;
}

bool
lds_load_recorder_init (LdsLoadRecorder *self,
                        unsigned n_parts)
{
  LdsLoadTally *slot = lds_load_tally_new (n_parts);

  self->writing = lds_load_tally_new (n_parts);
  self->reading = lds_load_tally_new (n_parts);
  atomic_init (&self->slot, slot);
  return slot != NULL && self->writing != NULL && self->reading != NULL;
}

void
lds_load_recorder_clear (LdsLoadRecorder *self)
{
  lds_load_tally_free (atomic_load (&self->slot));
  lds_load_tally_free (self->writing);
  lds_load_tally_free (self->reading);
  atomic_store (&self->slot, NULL);
  self->writing = self->reading = NULL;
}

bool
lds_load_recorder_hand_over (LdsLoadRecorder *self)
{
  /* Only the reader takes a full tally away and only the worker puts one there, so that what is
   * seen here cannot change from empty to full before the exchange. */
  if (atomic_load_explicit (&self->slot, memory_order_acquire)->is_full)
    return false;
  self->writing->is_full = true;
  self->writing =
      atomic_exchange_explicit (&self->slot, self->writing, memory_order_acq_rel);
  return true;
}

bool
lds_load_recorder_is_full (LdsLoadRecorder *self)
{
  return atomic_load_explicit (&self->slot, memory_order_acquire)->is_full;
}

LdsLoadTally *
lds_load_recorder_take (LdsLoadRecorder *self)
{
  LdsLoadTally *empty = self->reading;

  if (empty == NULL || !lds_load_recorder_is_full (self))
    return NULL;
  self->reading = NULL;
  return atomic_exchange_explicit (&self->slot, empty, memory_order_acq_rel);
}

void
lds_load_recorder_give_back (LdsLoadRecorder *self,
                             LdsLoadTally *tally)
{
  lds_load_tally_reset (tally);
  self->reading = tally;
}
