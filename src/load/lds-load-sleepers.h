/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slots that wait for a point in time of their own: a binary heap, earliest first. */
#pragma once

#include "lds-load-slot.h"

/* Belongs to one thread. */
typedef struct
{
  LdsLoadSlot **heap;
  unsigned n;
} LdsLoadSleepers;

/** Makes room for @capacity slots. Returns false when memory is short. */
bool lds_load_sleepers_init (LdsLoadSleepers *self, unsigned capacity);
void lds_load_sleepers_clear (LdsLoadSleepers *self);

/** @slot: none that is there already; its wake_ns must not change while it is. */
void lds_load_sleepers_add (LdsLoadSleepers *self, LdsLoadSlot *slot);

/** Takes a slot whose wake_ns is @now_ns or before. Returns: (nullable): the earliest, if there is one */
LdsLoadSlot *lds_load_sleepers_take (LdsLoadSleepers *self, int64_t now_ns);

/** The earliest wake_ns; INT64_MAX when nobody sleeps. */
static inline int64_t
lds_load_sleepers_next_ns (const LdsLoadSleepers *self)
{
  return self->n > 0 ? self->heap[0]->wake_ns : INT64_MAX;
}
