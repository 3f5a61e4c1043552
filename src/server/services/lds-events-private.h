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

/* Publishing to Redis or Valkey; see lds-events-redis.c. */
typedef struct _LdsEventsRedis LdsEventsRedis;

LdsEventsRedis *lds_events_redis_new (LdsEventsShared *shared,
                                      const char *address,
                                      bool *bad_address,
                                      char *message,
                                      size_t message_bytes);
bool lds_events_redis_publish (LdsEventsRedis *self, const char *event, size_t length);
bool lds_events_redis_start_consumer (LdsEventsRedis *self);
void lds_events_redis_free (LdsEventsRedis *self);

/* Where a broker is, and the channel. */
typedef struct
{
  char host[48]; /* an address in figures */
  int port;
  char channel[101];
} LdsEventsBroker;

/* A broker on this machine answers within microseconds, or is not well. */
#define LDS_EVENTS_TIMEOUT_S 1
/* Source: node-redis 5, client-configuration.md, reconnectStrategy: 50 ms doubled up to 2 s (its jitter
 * is for many clients that lose one broker); accessed 2026-11-21. */
#define LDS_EVENTS_BACK_OFF_MIN_NS (50 * INT64_C (1000000))
#define LDS_EVENTS_BACK_OFF_MAX_NS (2000 * INT64_C (1000000))

#define LDS_EVENTS_REASON_BYTES 160

/** Returns the time to wait after one that was @back_off_ns, 0 at first. */
int64_t lds_events_longer_ns (int64_t back_off_ns);

/** Returns a connection, or NULL with @reason, of LDS_EVENTS_REASON_BYTES, saying why there is none. */
struct redisContext *lds_events_broker_connect (const LdsEventsBroker *broker, char *reason);

/* The consumer of Redis or Valkey, or one in waiting; see lds-events-consumer.c. Of one process. */
typedef struct _LdsEventsConsumer LdsEventsConsumer;

LdsEventsConsumer *lds_events_consumer_new (LdsEventsShared *shared, const LdsEventsBroker *broker);
void lds_events_consumer_free (LdsEventsConsumer *self);

/** Notes when @event leaves, if there is a consumer who will hear it. Returns: (nullable): the note;
 * NULL where there is no consumer or no room, and then the event is not waited for either. */
LdsEventsStamp *lds_events_stamp (LdsEventsShared *shared, const char *event, size_t length);

/** Takes a note back: the event could not be published. */
void lds_events_unstamp (LdsEventsShared *shared, LdsEventsStamp *stamp);

/** Returns when @event was published, and forgets it; 0 when it is none of this server's. */
int64_t lds_events_take_stamp (LdsEventsShared *shared, const char *event, size_t length);

/** Forgets all: what the last consumer has not heard, nobody will, for a channel keeps nothing. */
void lds_events_forget_stamps (LdsEventsShared *shared);
