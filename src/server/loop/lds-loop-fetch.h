/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests of a loop to upstreams, over connections that are kept alive.
 *
 * Each upstream has its own pool of connections, as an agent of Node.js's has: the one used last is
 * taken first, so that those of a past burst grow old and are closed by the upstream. Source:
 * Node.js, "Class: http.Agent", nodejs.org/api/http.html (keepAlive, scheduling "lifo"); accessed
 * 2026-11-21.
 *
 * Everything here belongs to the loop's thread.
 */
#pragma once

#include "lds-fetch.h"
#include "lds-loop.h"

/* Connections to one upstream at a time; further requests wait for one of them. */
#define LDS_LOOP_FETCH_CONNECTIONS 128

typedef struct _LdsLoopFetch LdsLoopFetch;
typedef struct _LdsLoopFetches LdsLoopFetches;

/* @fetch has an outcome, to be delivered from here; it is freed right after. With the lock, if any. */
typedef void (*LdsLoopFetchFunc) (LdsFetch *fetch, void *owner);

/**
 * lds_loop_fetch_start:
 * @upstream: index of an upstream that there is
 * @request: (inout): a whole HTTP/1.1 request; taken
 * @repeatable: the request may be sent twice though its method does not say so
 *
 * Sends @request; @done is called from the loop later, within the time limit of lds-upstreams.h.
 *
 * Returns: (transfer none) (nullable): the fetch, until @done is called; %NULL when it could not be
 *   begun
 */
LdsLoopFetch *lds_loop_fetch_start (LdsLoop *loop,
                                    unsigned upstream,
                                    LdsBuffer *request,
                                    bool repeatable,
                                    LdsLoopFetchFunc done,
                                    void *owner);

/** Gives @self up: nobody wants the answer any more. @done is not called. */
void lds_loop_fetch_cancel (LdsLoopFetch *self);

/** For the loop: closes connections that are not in use; from now on none is kept. */
void lds_loop_fetches_stop (LdsLoop *loop);

/** For the loop, once nothing is away: closes the rest of the handles. */
void lds_loop_fetches_close (LdsLoop *loop);

/** For the loop, when all its handles are closed. */
void lds_loop_fetches_free (LdsLoop *loop);
