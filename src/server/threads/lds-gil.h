/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A global lock that behaves as the one of CPython does.
 *
 * One thread executes at a time. A thread that wants the lock waits for one switch interval; when
 * nobody else has been given it meanwhile, it asks the holder to drop it. The holder looks at that
 * request whenever lds_gil_check() is called, lets go, and - because it was asked - waits until
 * another thread really has taken the lock before it may want it back. So a computing thread gives
 * way every 5 ms, and a thread that does I/O pays up to 5 ms for each return from it: the convoy.
 *
 * Source: CPython, Python/ceval_gil.c (functions take_gil, drop_gil; FORCE_SWITCHING) and
 * Include/internal/pycore_gil.h, the same from 3.2 to 3.13; default interval 5000 us as in
 * sys.getswitchinterval(); accessed 2026-11-21. Written anew from its description.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define LDS_GIL_SWITCH_INTERVAL_US 5000u

/* What has happened since lds_gil_init(); see lds_gil_counts(). */
typedef struct
{
  uint64_t takes;         /* lds_gil_take() that returned */
  uint64_t switches;      /* takes by another thread than the one before */
  uint64_t contended;     /* takes that had to wait */
  uint64_t drop_requests; /* intervals that ran out with the holder unchanged */
  uint64_t forced;        /* drops that waited for another thread to take the lock */
  int64_t waited_ns;      /* in all takes together */
} LdsGilCounts;

/* Any thread may use it through the functions below; the members are private. */
typedef struct
{
  pthread_mutex_t mutex; /* protects all but the atomics and last_holder */
  pthread_cond_t free;   /* the lock has been let go */
  bool locked;
  uint64_t switch_number;
  LdsGilCounts counts;
  /* Read without the mutex by the holder. */
  atomic_bool drop_request;
  int64_t interval_ns;
  pthread_mutex_t switch_mutex; /* protects last_holder; may be taken inside mutex */
  pthread_cond_t switched;      /* last_holder has changed */
  const void *last_holder;
} LdsGil;

/**
 * lds_gil_init:
 * @switch_interval_us: 1 to 1000000
 */
void lds_gil_init (LdsGil *self, unsigned switch_interval_us);

/** No thread may hold or want the lock any more. */
void lds_gil_clear (LdsGil *self);

/** Waits for the lock. The calling thread must not hold it. */
void lds_gil_take (LdsGil *self);

/** Lets the lock go, as before anything that blocks. The calling thread must hold it. */
void lds_gil_drop (LdsGil *self);

/** Drops and takes the lock again if another thread has asked for it. The caller must hold it. */
static inline void
lds_gil_check (LdsGil *self)
{
  /* Relaxed, as in the original: to see the request a little later is harmless. */
  if (atomic_load_explicit (&self->drop_request, memory_order_relaxed))
    {
      lds_gil_drop (self);
      lds_gil_take (self);
    }
}

/** Returns a consistent copy of the counts. Any thread, with or without the lock. */
LdsGilCounts lds_gil_counts (LdsGil *self);
