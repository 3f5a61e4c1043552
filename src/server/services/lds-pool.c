/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bounded pool, last in first out. */
#include "lds-pool.h"

#include "lds-clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void
init_locks (LdsPool *self)
{
  pthread_condattr_t attributes;

  pthread_mutex_init (&self->mutex, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&self->given, &attributes);
  pthread_condattr_destroy (&attributes);
}

bool
lds_pool_init (LdsPool *self,
               unsigned maximum)
{
  *self = (LdsPool){.maximum = maximum, .owner = getpid ()};
  self->idle = calloc (maximum, sizeof *self->idle);
  if (self->idle == NULL)
    return false;
  init_locks (self);
  return true;
}

/* In a child the lock is made anew, because a thread of the parent may have held it at the fork. */
static void
adopt (LdsPool *self)
{
  static pthread_mutex_t adopting = PTHREAD_MUTEX_INITIALIZER;
  pid_t pid = getpid ();

  /* Acquire and release: who sees the new owner sees the new lock. */
  if (atomic_load_explicit (&self->owner, memory_order_acquire) == pid)
    return;
  pthread_mutex_lock (&adopting);
  if (atomic_load_explicit (&self->owner, memory_order_relaxed) != pid)
    {
      init_locks (self);
      self->n_idle = self->n_out = 0;
      atomic_store_explicit (&self->owner, pid, memory_order_release);
    }
  pthread_mutex_unlock (&adopting);
}

LdsPoolResult
lds_pool_take (LdsPool *self,
               int64_t timeout_ns,
               void **thing)
{
  LdsPoolResult result = LDS_POOL_NONE;
  struct timespec until = {0};

  adopt (self);
  pthread_mutex_lock (&self->mutex);
  while (self->n_idle == 0 && self->n_out >= self->maximum)
    {
      if (until.tv_sec == 0)
        {
          int64_t until_ns = lds_clock_now_ns () + timeout_ns;

          until.tv_sec = until_ns / LDS_NS_PER_S;
          until.tv_nsec = until_ns % LDS_NS_PER_S;
        }
      if (pthread_cond_timedwait (&self->given, &self->mutex, &until) == ETIMEDOUT)
        break;
    }
  if (self->n_idle > 0)
    {
      *thing = self->idle[--self->n_idle];
      self->n_out++;
      result = LDS_POOL_TAKEN;
    }
  else if (self->n_out < self->maximum)
    {
      self->n_out++;
      result = LDS_POOL_MAKE;
    }
  pthread_mutex_unlock (&self->mutex);
  return result;
}

void
lds_pool_give (LdsPool *self,
               void *thing)
{
  pthread_mutex_lock (&self->mutex);
  self->n_out--;
  if (thing != NULL)
    self->idle[self->n_idle++] = thing;
  pthread_cond_signal (&self->given);
  pthread_mutex_unlock (&self->mutex);
}

void *
lds_pool_steal (LdsPool *self)
{
  void *thing = NULL;

  adopt (self);
  pthread_mutex_lock (&self->mutex);
  if (self->n_idle > 0)
    thing = self->idle[--self->n_idle];
  pthread_mutex_unlock (&self->mutex);
  return thing;
}

void
lds_pool_clear (LdsPool *self)
{
  pthread_cond_destroy (&self->given);
  pthread_mutex_destroy (&self->mutex);
  free (self->idle);
  self->idle = NULL;
}
