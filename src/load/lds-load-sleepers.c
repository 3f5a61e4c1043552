/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slots that wait for a point in time of their own. */
#include "lds-load-sleepers.h"

#include <stdlib.h>

bool
lds_load_sleepers_init (LdsLoadSleepers *self,
                        unsigned capacity)
{
  self->heap = calloc (capacity, sizeof (LdsLoadSlot *));
  self->n = 0;
  return self->heap != NULL;
}

void
lds_load_sleepers_clear (LdsLoadSleepers *self)
{
  free (self->heap);
  self->heap = NULL;
  self->n = 0;
}

void
lds_load_sleepers_add (LdsLoadSleepers *self,
                       LdsLoadSlot *slot)
{
  unsigned at = self->n++;

  for (; at > 0 && self->heap[(at - 1) / 2]->wake_ns > slot->wake_ns; at = (at - 1) / 2)
    self->heap[at] = self->heap[(at - 1) / 2];
  self->heap[at] = slot;
}

LdsLoadSlot *
lds_load_sleepers_take (LdsLoadSleepers *self,
                        int64_t now_ns)
{
  LdsLoadSlot *first, *last;
  unsigned at = 0, child;

  if (lds_load_sleepers_next_ns (self) > now_ns)
    return NULL;
  first = self->heap[0];
  last = self->heap[--self->n];
  while ((child = 2 * at + 1) < self->n)
    {
      if (child + 1 < self->n && self->heap[child + 1]->wake_ns < self->heap[child]->wake_ns)
        child++;
      if (self->heap[child]->wake_ns >= last->wake_ns)
        break;
      self->heap[at] = self->heap[child];
      at = child;
    }
  self->heap[at] = last;
  return first;
}
