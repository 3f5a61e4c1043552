/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A global lock that behaves as the one of CPython does. */
#include "lds-gil.h"

#include "lds-clock.h"
#include "lds-tally.h"

#include <errno.h>
#include <time.h>

/* Its address tells threads apart. */
static _Thread_local char this_thread;

void
lds_gil_init (LdsGil *self,
              unsigned switch_interval_us)
{
  pthread_condattr_t attributes;

  *self = (LdsGil){.interval_ns = switch_interval_us * LDS_NS_PER_US};
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_mutex_init (&self->mutex, NULL);
  pthread_cond_init (&self->free, &attributes);
  pthread_mutex_init (&self->switch_mutex, NULL);
  pthread_cond_init (&self->switched, &attributes);
  pthread_condattr_destroy (&attributes);
}

void
lds_gil_clear (LdsGil *self)
{
  pthread_cond_destroy (&self->switched);
  pthread_mutex_destroy (&self->switch_mutex);
  pthread_cond_destroy (&self->free);
  pthread_mutex_destroy (&self->mutex);
}

/* With the mutex held and the lock taken by another thread. */
static void
wait_until_free (LdsGil *self)
{
  int64_t begin_ns = lds_clock_now_ns (), now_ns = begin_ns;

  while (self->locked)
    {
      uint64_t switch_number = self->switch_number;
      int64_t until_ns = now_ns + self->interval_ns;
      const struct timespec until = {
          .tv_sec = until_ns / LDS_NS_PER_S,
          .tv_nsec = until_ns % LDS_NS_PER_S,
      };
      int error = pthread_cond_timedwait (&self->free, &self->mutex, &until);

      now_ns = lds_clock_now_ns ();
      /* Only if no other thread had its turn meanwhile: then somebody else's patience begins anew. */
      if (error == ETIMEDOUT && self->locked && self->switch_number == switch_number)
        {
          self->counts.drop_requests++;
          lds_tally_add (LDS_TALLY_GIL_REQUESTS, 1);
          atomic_store_explicit (&self->drop_request, true, memory_order_relaxed);
        }
    }
  self->counts.contended++;
  self->counts.waited_ns += now_ns - begin_ns;
  lds_tally_add (LDS_TALLY_GIL_CONTENDED, 1);
  lds_tally_add (LDS_TALLY_GIL_WAIT_NS, (uint64_t)(now_ns - begin_ns));
}

void
lds_gil_take (LdsGil *self)
{
  pthread_mutex_lock (&self->mutex);
  if (self->locked)
    wait_until_free (self);

  pthread_mutex_lock (&self->switch_mutex);
  self->locked = true;
  self->counts.takes++;
  lds_tally_add (LDS_TALLY_GIL_TAKES, 1);
  if (self->last_holder != &this_thread)
    {
      self->last_holder = &this_thread;
      self->switch_number++;
      self->counts.switches++;
    }
  pthread_cond_signal (&self->switched);
  pthread_mutex_unlock (&self->switch_mutex);

  /* Whoever asked is this thread, or waits on and will ask again. */
  atomic_store_explicit (&self->drop_request, false, memory_order_relaxed);
  pthread_mutex_unlock (&self->mutex);
}

void
lds_gil_drop (LdsGil *self)
{
  bool asked;

  pthread_mutex_lock (&self->mutex);
  self->locked = false;
  /* Read before the lock is free: who takes it clears the request. */
  asked = atomic_load_explicit (&self->drop_request, memory_order_relaxed);
  if (asked)
    {
      self->counts.forced++;
      lds_tally_add (LDS_TALLY_GIL_FORCED, 1);
    }
  pthread_cond_signal (&self->free);
  pthread_mutex_unlock (&self->mutex);

  if (!asked)
    return;
  pthread_mutex_lock (&self->switch_mutex);
  while (self->last_holder == &this_thread)
    pthread_cond_wait (&self->switched, &self->switch_mutex);
  pthread_mutex_unlock (&self->switch_mutex);
}

LdsGilCounts
lds_gil_counts (LdsGil *self)
{
  LdsGilCounts counts;

  pthread_mutex_lock (&self->mutex);
  counts = self->counts;
  pthread_mutex_unlock (&self->mutex);
  return counts;
}
