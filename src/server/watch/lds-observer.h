/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells the parent what the server counts: a line on standard output every so often, see
 * src/DESIGN.md. Printed by the process that printed the ready line, on the thread that waits for
 * the end: the lifetime's, or the master's one.
 *
 * It never blocks: a line that nobody takes is left out, and the next one says so.
 */
#pragma once

#include "lds-server.h"

/**
 * lds_observer_start:
 * @interval_ms: at least 1
 *
 * Counts from now on; to be called before any fork.
 *
 * Returns false when out of memory.
 */
bool lds_observer_start (const LdsServer *server, unsigned interval_ms);

/** The server is ready: lines may be printed from now on. Not in a worker. */
void lds_observer_ready (void);

/** In a forked process: prints nothing. */
void lds_observer_leave (void);

/**
 * lds_observer_tick:
 *
 * Prints a line when one is due. One thread only.
 *
 * Returns in how many ms to call it again; -1 for never.
 */
int lds_observer_tick (void);
