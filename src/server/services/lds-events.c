/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Publishing, whichever way. */
#include "lds-events-private.h"

#include "lds-clock.h"
#include "lds-tally.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct _LdsEvents
{
  LdsEventsShared *shared;
  LdsEventsRedis *redis; /* (nullable) */
  LdsEventsQueue *queue; /* (nullable): of the process @owner */
  /* The process whose consumer runs: release and acquire, for @queue. A forked one starts its own. */
  _Atomic pid_t owner;
  pthread_mutex_t mutex; /* protects starting */
};

/* Whether @event is what the contract says: {action: created, id, name} or {action: deleted, id}, with
 * an id that is a whole number. */
static bool
keeps_contract (const char *event,
                size_t length)
{
  json_t *root = json_loadb (event, length, JSON_REJECT_DUPLICATES, NULL);
  const char *action = json_string_value (json_object_get (root, "action"));
  bool created = action != NULL && strcmp (action, "created") == 0;
  bool deleted = action != NULL && strcmp (action, "deleted") == 0;
  bool good = (created || deleted) && json_is_integer (json_object_get (root, "id")) &&
              json_is_string (json_object_get (root, "name")) == created &&
              json_object_size (root) == (created ? 3 : 2);

  json_decref (root);
  return good;
}

void
lds_events_consumed (LdsEventsShared *shared,
                     const char *event,
                     size_t length,
                     int64_t published_ns)
{
  int64_t lag_ns = lds_clock_now_ns () - published_ns;
  int_fast64_t max_ns = atomic_load_explicit (&shared->max_lag_ns, memory_order_relaxed);

  if (lag_ns < 0)
    lag_ns = 0;
  if (lag_ns > LDS_HISTOGRAM_MAX_NS)
    lag_ns = LDS_HISTOGRAM_MAX_NS;
  while (lag_ns > max_ns &&
         !atomic_compare_exchange_weak_explicit (&shared->max_lag_ns, &max_ns, lag_ns,
                                                 memory_order_relaxed, memory_order_relaxed))
    ;
  atomic_fetch_add_explicit (&shared->lags[lds_histogram_index (lag_ns)], 1, memory_order_relaxed);
  lds_tally_add (LDS_TALLY_EVENTS_CONSUMED, 1);
  lds_tally_add (LDS_TALLY_EVENT_LAG_NS, (uint64_t)lag_ns);
  if (!keeps_contract (event, length))
    atomic_fetch_add_explicit (&shared->malformed, 1, memory_order_relaxed);
  atomic_fetch_add_explicit (&shared->consumed, 1, memory_order_relaxed);
}

static bool
init_shared (LdsEventsShared *shared)
{
  pthread_mutexattr_t attributes;
  bool done;

  pthread_mutexattr_init (&attributes);
  done = pthread_mutexattr_setpshared (&attributes, PTHREAD_PROCESS_SHARED) == 0 &&
         pthread_mutexattr_setrobust (&attributes, PTHREAD_MUTEX_ROBUST) == 0 &&
         pthread_mutex_init (&shared->turn, &attributes) == 0;
  pthread_mutexattr_destroy (&attributes);
  return done;
}

LdsEvents *
lds_events_open (const char *address,
                 bool *bad_address,
                 char *message,
                 size_t message_bytes)
{
  LdsEvents *self = calloc (1, sizeof *self);
  void *shared = self == NULL ? MAP_FAILED
                              : mmap (NULL, sizeof *self->shared, PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  *bad_address = false;
  if (shared == MAP_FAILED || !init_shared (shared))
    {
      if (shared != MAP_FAILED)
        munmap (shared, sizeof *self->shared);
      free (self);
      snprintf (message, message_bytes, "out of memory.");
      return NULL;
    }
  self->shared = shared;
  pthread_mutex_init (&self->mutex, NULL);
  if (address != NULL)
    {
      self->redis =
          lds_events_redis_new (self->shared, address, bad_address, message, message_bytes);
      if (self->redis == NULL)
        {
          lds_events_close (self);
          return NULL;
        }
    }
  return self;
}

/* Starts what this process consumes with. Returns false when that is not possible. */
static bool
start (LdsEvents *self)
{
  pid_t pid = getpid ();
  bool started = true;

  if (atomic_load_explicit (&self->owner, memory_order_acquire) == pid)
    return true;
  pthread_mutex_lock (&self->mutex);
  if (atomic_load_explicit (&self->owner, memory_order_relaxed) != pid)
    {
      /* The queue of the process this one was forked from, if that had one, is not ours to free. */
      if (self->redis != NULL)
        started = lds_events_redis_start_consumer (self->redis);
      else
        {
          self->queue = lds_events_queue_new (self->shared);
          started = self->queue != NULL;
        }
      if (started)
        atomic_store_explicit (&self->owner, pid, memory_order_release);
    }
  pthread_mutex_unlock (&self->mutex);
  return started;
}

bool
lds_events_publish (LdsEvents *self,
                    const char *event,
                    size_t length)
{
  LdsEventsShared *shared = self->shared;
  bool published = length > 0 && length <= LDS_EVENT_BYTES && start (self) &&
                   (self->redis != NULL ? lds_events_redis_publish (self->redis, event, length)
                                        : lds_events_queue_push (self->queue, event, length));

  atomic_fetch_add_explicit (published ? &shared->published : &shared->failed, 1,
                             memory_order_relaxed);
  lds_tally_add (published ? LDS_TALLY_EVENTS_PUBLISHED : LDS_TALLY_EVENTS_FAILED, 1);
  return published;
}

LdsEventsCounts
lds_events_counts (const LdsEvents *self)
{
  LdsEventsShared *shared = self->shared;
  LdsEventsCounts counts = {
      .published = atomic_load_explicit (&shared->published, memory_order_relaxed),
      .failed = atomic_load_explicit (&shared->failed, memory_order_relaxed),
      .consumed = atomic_load_explicit (&shared->consumed, memory_order_relaxed),
      .malformed = atomic_load_explicit (&shared->malformed, memory_order_relaxed),
      .max_lag_ns = atomic_load_explicit (&shared->max_lag_ns, memory_order_relaxed),
  };
  uint64_t expected = atomic_load_explicit (&shared->expected, memory_order_relaxed);

  /* The two are not read at one moment. */
  counts.backlog = expected > counts.consumed ? expected - counts.consumed : 0;
  return counts;
}

void
lds_events_add_lag (const LdsEvents *self,
                    LdsHistogram *histogram)
{
  for (size_t i = 0; i < LDS_HISTOGRAM_BUCKETS; i++)
    {
      uint64_t times = atomic_load_explicit (&self->shared->lags[i], memory_order_relaxed);
      int64_t low_ns = lds_histogram_bucket_low_ns (i), high_ns = lds_histogram_bucket_high_ns (i);

      if (times == 0)
        continue;
      histogram->counts[i] += times;
      histogram->total += times;
      histogram->sum_ns += (double)times * ((double)low_ns + (double)high_ns) / 2;
      if (low_ns < histogram->min_ns)
        histogram->min_ns = low_ns;
      if (high_ns > histogram->max_ns)
        histogram->max_ns = high_ns;
    }
}

void
lds_events_close (LdsEvents *self)
{
  if (self == NULL)
    return;
  /* A queue that a fork has brought along has no consumer here. */
  if (self->queue != NULL && self->owner == getpid ())
    lds_events_queue_free (self->queue);
  if (self->redis != NULL)
    lds_events_redis_free (self->redis);
  pthread_mutex_destroy (&self->mutex);
  munmap (self->shared, sizeof *self->shared);
  free (self);
}
