/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread writes down, and how it hands it over. */
#include "lds-load-recorder.h"

#include <stdlib.h>
#include <string.h>

LdsLoadTally *
lds_load_tally_new (void)
{
  LdsLoadTally *self = calloc (1, sizeof *self);

  if (self != NULL)
    self->response.min_ns = self->service.min_ns = self->lag.min_ns = INT64_MAX;
  return self;
}

void
lds_load_tally_free (LdsLoadTally *self)
{
  free (self);
}

void
lds_load_tally_reset (LdsLoadTally *self)
{
  memset (self, 0, offsetof (LdsLoadTally, response));
  lds_histogram_reset (&self->response);
  lds_histogram_reset (&self->service);
  lds_histogram_reset (&self->lag);
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
  self->cpu_ns += other->cpu_ns;
  for (unsigned i = 0; i < sizeof self->statuses / sizeof self->statuses[0]; i++)
    self->statuses[i] += other->statuses[i];
  lds_histogram_add (&self->response, &other->response);
  lds_histogram_add (&self->service, &other->service);
  lds_histogram_add (&self->lag, &other->lag);
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
lds_load_recorder_init (LdsLoadRecorder *self)
{
  LdsLoadTally *slot = lds_load_tally_new ();

  self->writing = lds_load_tally_new ();
  self->reading = lds_load_tally_new ();
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
