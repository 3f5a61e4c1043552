/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-13: every request remembers something in its process: what does a cache that nobody bounds
 * do to memory over a long run?
 *
 * With limit=0 entries are never forgotten, as in a dictionary that only grows - up to
 * CEILING_BYTES in one process, so that no machine is filled; from there on, and with another limit from that
 * many entries on, the oldest one goes. The answer does not tell them apart; show=1 remembers
 * nothing and tells what the process that answers has.
 */
#include "lds-exchange.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#define DEFAULT_BYTES 1024
#define MAXIMUM_BYTES (1024 * 1024)
#define MAXIMUM_LIMIT 1000000
#define CEILING_BYTES (256u * 1024 * 1024)

typedef struct _Entry Entry;

struct _Entry
{
  Entry *next; /* the next younger one */
  size_t size;
  char bytes[];
};

static struct
{
  pthread_mutex_t mutex; /* protects the rest; nobody waits for anything while holding it */
  Entry *oldest, *youngest;
  size_t n_entries;
  size_t n_bytes; /* with what an entry needs of its own */
} cache = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* Remembers @entry and forgets what is too much then. Returns (transfer full) those, as a list. */
static Entry *
remember (Entry *entry,
          size_t limit)
{
  Entry *forgotten = NULL;

  pthread_mutex_lock (&cache.mutex);
  if (cache.youngest != NULL)
    cache.youngest->next = entry;
  else
    cache.oldest = entry;
  cache.youngest = entry;
  cache.n_entries++;
  cache.n_bytes += sizeof *entry + entry->size;
  while ((limit > 0 && cache.n_entries > limit) || cache.n_bytes > CEILING_BYTES)
    {
      Entry *old = cache.oldest;

      cache.oldest = old->next;
      cache.n_entries--;
      cache.n_bytes -= sizeof *old + old->size;
      old->next = forgotten;
      forgotten = old;
    }
  pthread_mutex_unlock (&cache.mutex);
  return forgotten;
}

static LdsOperation
show (LdsExchange *exchange)
{
  size_t n_entries, n_bytes;

  pthread_mutex_lock (&cache.mutex);
  n_entries = cache.n_entries;
  n_bytes = cache.n_bytes;
  pthread_mutex_unlock (&cache.mutex);
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange, "{\"entries\":%zu,\"bytes\":%zu,\"ceiling\":%u}", n_entries, n_bytes,
                       CEILING_BYTES);
  return LDS_OPERATION_DONE;
}

static LdsOperation
step (LdsExchange *exchange)
{
  uint64_t bytes, limit, shows;
  Entry *entry;

  if (!lds_exchange_query_range (exchange, "bytes", DEFAULT_BYTES, 1, MAXIMUM_BYTES, &bytes) ||
      !lds_exchange_query_uint64 (exchange, "limit", 0, MAXIMUM_LIMIT, &limit) ||
      !lds_exchange_query_uint64 (exchange, "show", 0, 1, &shows))
    return LDS_OPERATION_DONE;
  if (shows == 1)
    return show (exchange);
  entry = malloc (sizeof *entry + bytes);
  if (entry == NULL)
    return lds_exchange_fail (exchange, 503, "there was not enough memory for the entry");
  entry->next = NULL;
  entry->size = (size_t)bytes;
  /* Written to, so that it is memory and not a promise of some. */
  memset (entry->bytes, 'x', entry->size);
  for (Entry *old = remember (entry, (size_t)limit), *next; old != NULL; old = next)
    {
      next = old->next;
      free (old);
    }
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange, "{\"bytes\":%" PRIu64 ",\"limit\":%" PRIu64 "}", bytes, limit);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_cache = {
    .id = "cache",
    .usage = "GET /cache?bytes=1024&limit=0",
    .path = "/cache",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
};
