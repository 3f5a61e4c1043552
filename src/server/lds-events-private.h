/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two ways of publishing have in common. Private to lds-events. */
#pragma once

#include "lds-events.h"

#include <pthread.h>
#include <stdatomic.h>

#define LDS_EVENTS_STAMPS 4096

/* When an event was published, to be found by the one who consumes it: the contract has no place for
 * that in the event. */
typedef struct
{
  atomic_uint_fast64_t hash;        /* of the event */
  atomic_int_fast64_t published_ns; /* 0: free; LDS_EVENTS_CLAIMED: being filled */
} LdsEventsStamp;

#define LDS_EVENTS_CLAIMED (-1)

/* Seen by all processes of the server; all relaxed, for each stands for itself, unless said. */
typedef struct
{
  atomic_uint_fast64_t published, failed, consumed, malformed;
  atomic_uint_fast64_t expected; /* published while there was a consumer for them */
  atomic_int_fast64_t max_lag_ns;
  atomic_bool told;       /* that publishing failed, to the person at the terminal; once is enough */
  atomic_bool subscribed; /* Redis: the consumer hears the channel */
  pthread_mutex_t turn;   /* Redis: held by the consumer; robust, so that a dead one's is free */
  LdsEventsStamp stamps[LDS_EVENTS_STAMPS];
  atomic_uint_fast64_t lags[LDS_HISTOGRAM_BUCKETS]; /* last: touched here and there */
} LdsEventsShared;

/** Counts an event that the consumer has got; checks it against the contract. */
void lds_events_consumed (LdsEventsShared *shared,
                          const char *event,
                          size_t length,
                          int64_t published_ns);

/* A bounded queue and its consumer; see lds-events-queue.c. */
typedef struct _LdsEventsQueue LdsEventsQueue;

LdsEventsQueue *lds_events_queue_new (LdsEventsShared *shared);
bool lds_events_queue_push (LdsEventsQueue *self, const char *event, size_t length);
void lds_events_queue_free (LdsEventsQueue *self);

/* Redis or Valkey; see lds-events-redis.c. */
typedef struct _LdsEventsRedis LdsEventsRedis;

LdsEventsRedis *lds_events_redis_new (LdsEventsShared *shared,
                                      const char *address,
                                      bool *bad_address,
                                      char *message,
                                      size_t message_bytes);
bool lds_events_redis_publish (LdsEventsRedis *self, const char *event, size_t length);
bool lds_events_redis_start_consumer (LdsEventsRedis *self);
void lds_events_redis_free (LdsEventsRedis *self);
