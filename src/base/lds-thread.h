/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads beside the work: they watch, or move a little from here to there. */
#pragma once

#include <pthread.h>
#include <stddef.h>

/**
 * lds_thread_start_small:
 * @thread: (out) (nullable): to be joined; %NULL starts it detached
 * @stack_bytes: what its shallow calls need; memory is what the user looks at
 *
 * Starts @run with @data, deaf to signals: those are for the threads that were there before.
 *
 * Returns 0, or an error number.
 */
int lds_thread_start_small (pthread_t *thread,
                            size_t stack_bytes,
                            void *(*run) (void *data),
                            void *data);
