/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Another loadstone-server that this one needs, starts, and ends: the upstreams of a gateway, the
 * workers behind an edge.
 *
 * It is tied to this process, so that it ends with it, also when this is killed with -9; and it
 * hears the end of its standard input, which this process holds open.
 *
 * To be used on the main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct
{
  pid_t pid; /* 0 when there is none */
  int input; /* its standard input */
} LdsCompanion;

/* It must say that it is ready within this time. */
#define LDS_COMPANION_READY_MS 10000

/**
 * lds_companion_start:
 * @arguments: (array zero-terminated=1): of loadstone-server, without its name
 * @variable: (nullable): "NAME=value", put into its environment, which only this user may read
 * @ports: (out) (array length=n_ports): where it listens
 * @n_ports: at least 1; 1 for a server of one port, else what its --ports says
 * @message: (out): a sentence on failure
 *
 * Returns false when it could not be started, or did not say in time that it is ready.
 */
bool lds_companion_start (LdsCompanion *self,
                          const char *const *arguments,
                          const char *variable,
                          int *ports,
                          unsigned n_ports,
                          char *message,
                          size_t message_bytes);

/** Ends it, and waits until it has ended; it has a moment to do so by itself. */
void lds_companion_end (LdsCompanion *self);
