/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a primary and its workers say to each other: connections handed over, and broadcasts passed
 * on. One message of the control socket (lds-supervisor.h) is one of these, whole.
 *
 * A connection goes to a worker that is free; the worker says that it has it, and is free again.
 * A broadcast goes from a worker to the primary, and from there to all other workers; those of one
 * turn of a loop go together. Nobody waits for that: a socket that is half full of what has not been
 * read takes no more, so that there is always room for connections. A worker keeps one message until
 * there is room, the primary none; what finds no place is left out and counted
 * (LDS_TALLY_MESSAGES_DROPPED).
 *
 * Source: Node.js, lib/internal/cluster/round_robin_handle.js and child.js ("newconn", "accepted");
 * accessed 2026-11-21. Written anew from their behaviour.
 */
#pragma once

#include "lds-loop.h"
#include "lds-supervisor.h"

typedef enum
{
  LDS_CLUSTER_CONNECTION, /* to a worker: with a descriptor */
  LDS_CLUSTER_ACCEPTED,   /* to the primary */
  LDS_CLUSTER_RELAY,      /* both ways: how many broadcasts (4 bytes), and for each its length (4 bytes),
                             its topic's name, '\0', 't' for text or 'b', its payload */
  LDS_CLUSTER_NOTHING,    /* there is no message */
  LDS_CLUSTER_ENDED,      /* the other side is gone */
} LdsClusterMessage;

/* The longest name of a topic with its '\0', and the longest broadcast passed on. */
#define LDS_CLUSTER_TOPIC_BYTES   64
#define LDS_CLUSTER_MESSAGE_BYTES (64 * 1024)
/* Room for any message. */
#define LDS_CLUSTER_BYTES (1 + 4 + 4 + LDS_CLUSTER_TOPIC_BYTES + 1 + LDS_CLUSTER_MESSAGE_BYTES)

/**
 * lds_cluster_send:
 * @fd: a control socket
 * @descriptor: sent along with LDS_CLUSTER_CONNECTION; -1 for none. Stays open here.
 *
 * Returns false, with errno set, when it could not be sent.
 */
bool lds_cluster_send (int fd, LdsClusterMessage message, int descriptor);

/**
 * lds_cluster_send_relay:
 * @bytes: (array length=count): a whole message of LDS_CLUSTER_RELAY
 *
 * Returns false when there is no room for it.
 */
bool lds_cluster_send_relay (int fd, const char *bytes, size_t count);

/** Returns how many broadcasts a message of LDS_CLUSTER_RELAY says that it holds. */
uint32_t lds_cluster_count_relay (const char *bytes, size_t count);

/**
 * lds_cluster_receive:
 * @bytes: (out) (array length=LDS_CLUSTER_BYTES): the whole message
 * @count: (out): its length
 * @descriptor: (out): (transfer full): -1 where none came
 *
 * Takes the next message. Never blocks.
 */
LdsClusterMessage lds_cluster_receive (int fd, char *bytes, size_t *count, int *descriptor);

/**
 * lds_cluster_work:
 * @options: for lds_loop_new()
 *
 * Serves with one loop until asked to end: connections of `server->listener`, or, where that is -1,
 * those that the primary hands over. What is published in its hub goes to the other workers' hubs too,
 * unless it is longer than LDS_CLUSTER_MESSAGE_BYTES.
 *
 * Returns the exit code.
 */
int lds_cluster_work (LdsServer *server, const LdsLoopOptions *options);
