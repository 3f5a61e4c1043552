/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When events that are under way through a broker were published: a table that all processes share,
 * found by the event's own bytes, for the contract has no place for a time. */
#include "lds-events-private.h"

#include "lds-clock.h"

/* FNV-1a, 64 bits; never 0. Source: draft-eastlake-fnv, section 2 and 5. */
static uint64_t
hash_of (const char *bytes,
         size_t length)
{
  uint64_t hash = UINT64_C (0xcbf29ce484222325);

  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C (0x100000001b3);
  return hash | 1;
}

/* How many places from that of its hash on an event may have. */
#define PROBES 32

static LdsEventsStamp *
place (LdsEventsShared *shared,
       uint64_t hash,
       unsigned probe)
{
  return &shared->stamps[(hash / 2 + probe) % LDS_EVENTS_STAMPS];
}

LdsEventsStamp *
lds_events_stamp (LdsEventsShared *shared,
                  const char *event,
                  size_t length)
{
  uint64_t hash;

  if (!atomic_load_explicit (&shared->subscribed, memory_order_relaxed))
    return NULL;
  hash = hash_of (event, length);
  for (unsigned probe = 0; probe < PROBES; probe++)
    {
      LdsEventsStamp *at = place (shared, hash, probe);
      int_fast64_t free_ns = 0;

      if (!atomic_compare_exchange_strong_explicit (&at->published_ns, &free_ns, LDS_EVENTS_CLAIMED,
                                                    memory_order_acquire, memory_order_relaxed))
        continue;
      atomic_store_explicit (&at->hash, hash, memory_order_relaxed);
      atomic_fetch_add_explicit (&shared->expected, 1, memory_order_relaxed);
      /* Release: who sees the time sees the hash. */
      atomic_store_explicit (&at->published_ns, lds_clock_now_ns (), memory_order_release);
      return at;
    }
  return NULL;
}

void
lds_events_unstamp (LdsEventsShared *shared,
                    LdsEventsStamp *stamp)
{
  /* Unless the consumer has heard it all the same. */
  if (atomic_exchange_explicit (&stamp->published_ns, 0, memory_order_relaxed) != 0)
    atomic_fetch_sub_explicit (&shared->expected, 1, memory_order_relaxed);
}

int64_t
lds_events_take_stamp (LdsEventsShared *shared,
                       const char *event,
                       size_t length)
{
  uint64_t hash = hash_of (event, length);

  for (unsigned probe = 0; probe < PROBES; probe++)
    {
      LdsEventsStamp *at = place (shared, hash, probe);
      int64_t published_ns = atomic_load_explicit (&at->published_ns, memory_order_acquire);

      if (published_ns > 0 && atomic_load_explicit (&at->hash, memory_order_relaxed) == hash)
        {
          atomic_store_explicit (&at->published_ns, 0, memory_order_release);
          return published_ns;
        }
    }
  return 0;
}

void
lds_events_forget_stamps (LdsEventsShared *shared)
{
  atomic_store_explicit (&shared->subscribed, false, memory_order_relaxed);
  for (unsigned i = 0; i < LDS_EVENTS_STAMPS; i++)
    atomic_store_explicit (&shared->stamps[i].published_ns, 0, memory_order_relaxed);
  atomic_store_explicit (&shared->expected,
                         atomic_load_explicit (&shared->consumed, memory_order_relaxed),
                         memory_order_relaxed);
}
