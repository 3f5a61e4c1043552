/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Topics: what a message reaches when it is for many, and what ticks.
 *
 * A message is framed once for all WebSockets of its topic and once for all event streams. What is
 * published within one turn of the loop is gathered and written to each member at the end of that
 * turn, in one system call and with no allocation, straight from the gathered bytes. Only for a
 * member that does not take it all is the rest kept, in memory shared by all such members.
 *
 * A member that lags behind by more than LDS_HUB_BACKLOG_BYTES is closed and counted: one client
 * that does not read must not cost the others their memory. The originals have no such limit of
 * their own. The `ws` module queues without bound and leaves bufferedAmount to the application. Under
 * uvicorn a send waits above asyncio's high-water mark of 64 KiB, so that an application which sends
 * to one member after the other waits for the slowest, until a dead one has missed its ping: 20 s and
 * 20 s more. Sources: websockets/ws, doc/ws.md (bufferedAmount); Python, asyncio "Transports and
 * Protocols" (set_write_buffer_limits); uvicorn, settings ws-ping-interval and ws-ping-timeout;
 * accessed 2026-11-21.
 *
 * Everything here belongs to the thread that runs the loop.
 */
#pragma once

#include "lds-exchange.h"
#include "lds-server.h"

typedef struct _LdsTopic LdsTopic;
typedef struct _LdsLoop LdsLoop;

/* Of one member: what it has not taken yet. A single message may be larger. */
#define LDS_HUB_BACKLOG_BYTES (1024 * 1024)

/**
 * lds_hub_topic:
 * @workload: whose topic it is; workloads of the same topic name have one in common
 * @tick_hz: 0 to LDS_EXCHANGE_MAX_TICK_HZ; each number has a topic of its own
 *
 * Returns: (transfer none) (nullable): the topic, which lives as long as @self; %NULL when out of
 *   memory
 */
LdsTopic *lds_hub_topic (LdsHub *self, const LdsServerWorkload *workload, unsigned tick_hz);

/**
 * lds_topic_publish:
 * @payload: copied. With @text UTF-8
 * @text: whether it is text; event streams get no other
 *
 * Sends @payload to all members at the end of this turn of the loop, and to the relay.
 */
void lds_topic_publish (LdsTopic *self, LdsSpan payload, bool text);

/* Takes what was published in this process to others that have members of the same topic; ticks are
 * not relayed, for each process has its own. The spans are valid during the call. */
typedef void (*LdsHubRelay) (void *data, LdsSpan topic, LdsSpan payload, bool text);

/** Has @relay called for every message published from now on; %NULL to have it no more. */
void lds_hub_set_relay (LdsHub *self, LdsHubRelay relay, void *data);

/** Publishes what another process's relay was given to the members here, and to no relay. */
void lds_hub_deliver (LdsHub *self, LdsSpan topic, LdsSpan payload, bool text);

/** Returns the hub of @loop. */
LdsHub *lds_loop_hub (LdsLoop *loop);
