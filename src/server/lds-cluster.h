/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a primary and its workers say to each other: connections handed over, and broadcasts passed
 * on. One message of the control socket (lds-supervisor.h) is one of these, whole.
 *
 * A connection goes to a worker that is free; the worker says that it has it, and is free again.
 * A broadcast goes from a worker to the primary, and from there to all other workers. It never waits:
 * where the socket is half full of what has not been read, it is left out and counted
 * (LDS_TALLY_MESSAGES_DROPPED), so that there is always room for connections.
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
  LDS_CLUSTER_RELAY,      /* both ways: a topic's name, '\0', the message's kind (a byte), its bytes */
  LDS_CLUSTER_NOTHING,    /* there is no message */
  LDS_CLUSTER_ENDED,      /* the other side is gone */
} LdsClusterMessage;

/* The longest name of a topic with its '\0', and the longest message passed on. */
#define LDS_CLUSTER_TOPIC_BYTES   64
#define LDS_CLUSTER_MESSAGE_BYTES (64 * 1024)
/* Room for any message. */
#define LDS_CLUSTER_BYTES (1 + LDS_CLUSTER_TOPIC_BYTES + 1 + LDS_CLUSTER_MESSAGE_BYTES)

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
 * @bytes: (array length=count): all of a message of LDS_CLUSTER_RELAY, as received or made
 *
 * Sends it, or leaves it out and counts that.
 */
void lds_cluster_send_relay (int fd, const void *bytes, size_t count);

/**
 * lds_cluster_receive:
 * @bytes: (out) (array length=LDS_CLUSTER_BYTES): the whole message
 * @count: (out): its length
 * @descriptor: (out): (transfer full): -1 where none came
 *
 * Takes the next message. Never blocks.
 */
LdsClusterMessage lds_cluster_receive (int fd, char *bytes, size_t *count, int *descriptor);

/* In a worker. */

/**
 * LdsClusterHearFunc:
 * @kind: what the sender gave
 *
 * A broadcast of another worker; called on the loop's thread.
 */
typedef void (*LdsClusterHearFunc) (
    void *data, const char *topic, unsigned char kind, const char *bytes, size_t count);

/**
 * lds_cluster_work:
 * @options: for lds_loop_new()
 *
 * Serves with one loop until asked to end: connections of `server->listener`, or, where that is -1,
 * those that the primary hands over.
 *
 * Returns the exit code.
 */
int lds_cluster_work (LdsServer *server, const LdsLoopOptions *options);

/** Has broadcasts of other workers given to @func from now on. On the loop's thread. */
void lds_cluster_hear (LdsClusterHearFunc func, void *data);

/**
 * lds_cluster_relay:
 * @topic: shorter than LDS_CLUSTER_TOPIC_BYTES
 * @kind: any; means something to who hears it
 *
 * Passes a broadcast on to the other workers. On the loop's thread; never blocks. Does nothing in a
 * process that is not a worker of a cluster; a message that is too long is left out and counted.
 */
void lds_cluster_relay (const char *topic, unsigned char kind, const void *bytes, size_t count);
