/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events of the product workloads: published on a channel, consumed in the background (W-004-5 to 7).
 *
 * With an address it is Redis or Valkey: PUBLISH through hiredis, and the publisher waits for the reply,
 * as the article's services do ("await publish"). Each process has a pool of connections; when there is
 * no broker, publishing fails at once until a back-off is over, and then tries again. One process of the
 * server, whichever comes first, also subscribes, and is the consumer; another takes its place if it
 * dies.
 *
 * Without an address it is a bounded queue in memory, one in each process with a consumer of its own,
 * for the queues of the originals (asyncio.Queue, an EventEmitter) do not reach beyond their process
 * either. Publishing is then a few stores, and never blocks.
 *
 * An event that could not be published is counted, and its publisher is told: the originals do not
 * catch that error, so that their client sees it, although the row has been stored.
 */
#pragma once

#include "lds-histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest event: the name of a product, each byte escaped by one more, and what is around it. */
#define LDS_EVENT_BYTES 480

/* Channel of the article, when the address names none. */
#define LDS_EVENTS_CHANNEL "product_events"

typedef struct _LdsEvents LdsEvents;

/* What all processes of the server have done. */
typedef struct
{
  uint64_t published;
  uint64_t failed;    /* could not be published: no broker, or the queue was full */
  uint64_t consumed;  /* by the consumers of this server */
  uint64_t malformed; /* of those consumed: not as the contract says */
  uint64_t backlog;   /* published for a consumer, and not consumed yet */
  int64_t max_lag_ns; /* from publishing to consuming; 0 when nothing was consumed */
} LdsEventsCounts;

/**
 * lds_events_open:
 * @address: (nullable): "redis://HOST:PORT/CHANNEL" or the same with "valkey:"; HOST is of this machine,
 *   PORT and CHANNEL may be left out
 * @message: (out): a sentence where NULL is returned
 * @message_bytes: at least 256
 *
 * To be called before the first fork and the first thread; leaves no connection and no thread behind.
 * Blocks for a moment to see whether the broker answers.
 *
 * Returns: (transfer full) (nullable): NULL for an address that is wrong, sets @bad_address then, or a
 *   broker that does not answer
 */
LdsEvents *lds_events_open (const char *address,
                            bool *bad_address,
                            char *message,
                            size_t message_bytes);

/**
 * lds_events_publish:
 * @event: (array length=length): JSON text
 * @length: 1 to LDS_EVENT_BYTES
 *
 * Any thread. With a broker it blocks, so it belongs in an LDS_OPERATION_CALL job.
 *
 * Returns false when it could not be published, which has then been counted.
 */
bool lds_events_publish (LdsEvents *self, const char *event, size_t length);

/** Returns the counts of all processes. Never blocks. */
LdsEventsCounts lds_events_counts (const LdsEvents *self);

/** Adds the lag of every event consumed so far, by all processes, to @histogram. Never blocks. */
void lds_events_add_lag (const LdsEvents *self, LdsHistogram *histogram);

/**
 * lds_events_close:
 * @self: (nullable):
 *
 * Consumes what is in this process's queue, and ends its consumer and its connections.
 */
void lds_events_close (LdsEvents *self);
