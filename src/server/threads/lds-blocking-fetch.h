/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests to upstreams by a thread that waits for the answer.
 *
 * A thread keeps one connection to each upstream, as a session of Python's requests does. Source:
 * requests, "Session Objects" and "Keep-Alive", requests.readthedocs.io; accessed 2026-11-21.
 */
#pragma once

#include "lds-blocking.h"

/**
 * lds_blocking_fetch:
 * @self: (inout): a thread's own; %NULL at first
 * @hooks: entered
 *
 * Carries out the FETCH that @exchange asks for.
 */
void lds_blocking_fetch (LdsBlockingFetch **self,
                         LdsExchange *exchange,
                         const LdsBlockingHooks *hooks);

/** Closes what @self keeps open; %NULL is allowed. */
void lds_blocking_fetch_free (LdsBlockingFetch *self);
