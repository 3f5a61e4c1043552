/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bounded queue in memory: any number of publishers, one consumer.
 *
 * A ring of cells, each with a turn number that says whose it is: that of its position when a publisher
 * may fill it, one more when the consumer may empty it. Publishers take positions by compare-and-swap,
 * nobody waits for anybody, and a full queue refuses. Source of the method: D. Vyukov, "Bounded MPMC
 * queue", 1024cores.net; written anew from its description.
 */
#include "lds-events-private.h"

#include "lds-clock.h"
#include "lds-thread.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* 256 KiB with their events; a power of 2. The consumer takes some 2 us for one. */
#define CELLS 512
/* Its calls are shallow, and memory is what the user looks at. */
#define STACK_BYTES ((size_t)64 * 1024)

typedef struct
{
  atomic_uint turn; /* release after filling or emptying, acquire before */
  unsigned length;
  int64_t published_ns;
  char event[LDS_EVENT_BYTES];
} Cell;

struct _LdsEventsQueue
{
  LdsEventsShared *shared;
  pthread_t consumer;
  int wake;             /* eventfd */
  atomic_bool sleeping; /* the consumer waits for @wake, or is about to */
  atomic_bool stop;
  atomic_uint tail; /* next position to be filled */
  unsigned head;    /* the consumer's: next to be emptied */
  Cell cells[CELLS];
};

static void
ring (LdsEventsQueue *self)
{
  const uint64_t one = 1;

  while (write (self->wake, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

bool
lds_events_queue_push (LdsEventsQueue *self,
                       const char *event,
                       size_t length)
{
  unsigned position = atomic_load_explicit (&self->tail, memory_order_relaxed);
  Cell *cell;

  for (;;)
    {
      int distance;

      cell = &self->cells[position % CELLS];
      distance = (int)(atomic_load_explicit (&cell->turn, memory_order_acquire) - position);
      if (distance < 0)
        return false;
      if (distance > 0)
        position = atomic_load_explicit (&self->tail, memory_order_relaxed);
      else if (atomic_compare_exchange_weak_explicit (&self->tail, &position, position + 1,
                                                      memory_order_relaxed, memory_order_relaxed))
        break;
    }
  memcpy (cell->event, event, length);
  cell->length = (unsigned)length;
  cell->published_ns = lds_clock_now_ns ();
  atomic_fetch_add_explicit (&self->shared->expected, 1, memory_order_relaxed);
  atomic_store_explicit (&cell->turn, position + 1, memory_order_release);

  /* Either this sees that the consumer sleeps, or the consumer sees the cell before it does: both
   * store, then load, with a full fence in between. */
  atomic_thread_fence (memory_order_seq_cst);
  if (atomic_load_explicit (&self->sleeping, memory_order_relaxed) &&
      atomic_exchange_explicit (&self->sleeping, false, memory_order_relaxed))
    ring (self);
  return true;
}

static bool
consume_one (LdsEventsQueue *self)
{
  Cell *cell = &self->cells[self->head % CELLS];

  if (atomic_load_explicit (&cell->turn, memory_order_acquire) != self->head + 1)
    return false;
  lds_events_consumed (self->shared, cell->event, cell->length, cell->published_ns);
  atomic_store_explicit (&cell->turn, self->head + CELLS, memory_order_release);
  self->head++;
  return true;
}

static void *
consumer_thread (void *data)
{
  LdsEventsQueue *self = data;

  for (;;)
    {
      bool stop = atomic_load_explicit (&self->stop, memory_order_acquire);
      uint64_t rung;

      while (consume_one (self))
        ;
      if (stop)
        return NULL;
      atomic_store_explicit (&self->sleeping, true, memory_order_relaxed);
      atomic_thread_fence (memory_order_seq_cst);
      if (consume_one (self) || atomic_load_explicit (&self->stop, memory_order_acquire))
        {
          atomic_store_explicit (&self->sleeping, false, memory_order_relaxed);
          continue;
        }
      while (read (self->wake, &rung, sizeof rung) < 0 && errno == EINTR)
        ;
    }
}

LdsEventsQueue *
lds_events_queue_new (LdsEventsShared *shared)
{
  LdsEventsQueue *self = malloc (sizeof *self);

  if (self == NULL)
    return NULL;
  self->shared = shared;
  self->head = 0;
  atomic_init (&self->tail, 0);
  atomic_init (&self->stop, false);
  atomic_init (&self->sleeping, false);
  for (unsigned i = 0; i < CELLS; i++)
    atomic_init (&self->cells[i].turn, i);
  self->wake = eventfd (0, EFD_CLOEXEC);
  if (self->wake < 0)
    {
      free (self);
      return NULL;
    }
  if (lds_thread_start_small (&self->consumer, STACK_BYTES, consumer_thread, self) == 0)
    return self;
  close (self->wake);
  free (self);
  return NULL;
}

void
lds_events_queue_free (LdsEventsQueue *self)
{
  atomic_store_explicit (&self->stop, true, memory_order_release);
  ring (self);
  pthread_join (self->consumer, NULL);
  close (self->wake);
  free (self);
}
