/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The servers that LDS_OPERATION_FETCH reaches: ports of 127.0.0.1.
 *
 * Set up before anything is served. What changes afterwards are the ports alone, when services of
 * the server's own have been started again; they are in shared memory, so that every thread and
 * every forked worker may read them.
 */
#pragma once

#include <stdbool.h>

/* Of those that requests may name; one more can be had for the server's own purposes. */
#define LDS_UPSTREAMS_MAX 64
/* Index of that one: a service of the server's own, which no request can name. */
#define LDS_UPSTREAM_OWN   LDS_UPSTREAMS_MAX
#define LDS_UPSTREAM_SLOTS (LDS_UPSTREAMS_MAX + 1)

/* An upstream that has not answered in full after so long is given up. Source: gunicorn, setting
 * "timeout", default 30 s, as for clients of blocking models; accessed 2026-11-21. */
#define LDS_UPSTREAM_TIMEOUT_MS 30000

/** Adds the upstream at @port, 1 to 65535. Returns false when there are LDS_UPSTREAMS_MAX, or out of
 * memory. */
bool lds_upstreams_add (int port);

/** Makes @port the one of LDS_UPSTREAM_OWN. Returns false when out of memory. */
bool lds_upstreams_add_own (int port);

/** Upstream @index, which has been added, is at @port from now on; 0 while it is away. Any thread. */
void lds_upstreams_move (unsigned index, int port);

/** How many have been added; their indexes begin with 0. */
unsigned lds_upstreams_count (void);

/** Port of upstream @index, below lds_upstreams_count() or LDS_UPSTREAM_OWN; 0 when there is none
 * now. */
int lds_upstreams_port (unsigned index);

/** Sets for how long an upstream is waited for, in ms. */
void lds_upstreams_set_timeout (unsigned timeout_ms);

/** Returns it. */
unsigned lds_upstreams_timeout_ms (void);
