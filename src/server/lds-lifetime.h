/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a server ends: on SIGTERM, SIGINT, or the end of standard input; and within a second. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What is in flight then has this long to be finished; the contract says 1 s in all. */
#define LDS_LIFETIME_DRAIN_NS (900 * INT64_C (1000000))

/**
 * LdsStopFunc:
 *
 * Asks the model to end; called once, on the lifetime's own thread. Must not block.
 */
typedef void (*LdsStopFunc) (void *data);

/**
 * lds_lifetime_block_signals:
 *
 * Blocks SIGTERM, SIGINT and SIGCHLD and ignores SIGPIPE. To be called first in main(), so that all
 * threads and processes of the server inherit it.
 */
void lds_lifetime_block_signals (void);

/**
 * lds_lifetime_signal_fd:
 *
 * Returns a close-on-exec, non-blocking file descriptor that becomes readable when one of those
 * signals has come, or -1.
 */
int lds_lifetime_signal_fd (void);

/**
 * lds_lifetime_read_signal:
 *
 * Returns the next signal that @signal_fd has, 0 when there is none.
 */
int lds_lifetime_read_signal (int signal_fd);

/**
 * lds_lifetime_input_ended:
 *
 * Reads and drops what standard input has; to be called when it is readable.
 *
 * Returns true at its end.
 */
bool lds_lifetime_input_ended (void);

/**
 * lds_lifetime_ignore_input:
 *
 * From now on standard input says nothing: for a forked worker, whose input is /dev/null, which
 * reads as ended, and who is asked to end by a signal alone.
 */
void lds_lifetime_ignore_input (void);

/**
 * lds_lifetime_watch:
 *
 * Starts a thread that calls @stop when the server should end, and ends the whole process with
 * status 0 if it is still there LDS_LIFETIME_DRAIN_NS later: a model whose one thread computes
 * cannot hear that it should end. Not before a fork: in a process that forks workers, only they
 * may call it.
 *
 * Returns false when the thread cannot be started.
 */
bool lds_lifetime_watch (LdsStopFunc stop, void *data);
