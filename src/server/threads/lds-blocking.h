/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection served by a thread or process that blocks: it waits by standing still.
 *
 * For models whose code is written as if there were one request in the world. What differs between
 * them is what happens around the standing still, e.g. that a global lock is let go.
 */
#pragma once

#include "lds-connection.h"

typedef struct
{
  /* (nullable): called right before anything that may block, and right after it */
  void (*leave) (void *data);
  void (*enter) (void *data);
  void *data;
  LdsBreaker breaker; /* for computations */
} LdsBlockingHooks;

#define LDS_BLOCKING_SCRATCH_BYTES (64 * 1024)

typedef struct _LdsBlockingFetch LdsBlockingFetch;

/* One a thread. Zero-initialise; lds_blocking_clear() frees it. */
typedef struct
{
  char *scratch;
  LdsBlockingFetch *fetch; /* (nullable): until the first one */
  LdsBuffer out;
} LdsBlocking;

typedef enum
{
  LDS_BLOCKING_IDLE,  /* all that came has been answered: wait for more elsewhere */
  LDS_BLOCKING_CLOSE, /* close the socket */
} LdsBlockingResult;

/* A client that sends or takes nothing for this long while a thread stands still for it is given
 * up. Source: gunicorn, setting "timeout", default 30 s; accessed 2026-11-21. */
#define LDS_BLOCKING_TIMEOUT_S 30

/** Around what may block. */
static inline void
lds_blocking_leave (const LdsBlockingHooks *hooks)
{
  if (hooks->leave != NULL)
    hooks->leave (hooks->data);
}

static inline void
lds_blocking_enter (const LdsBlockingHooks *hooks)
{
  if (hooks->enter != NULL)
    hooks->enter (hooks->data);
}

/** Makes @fd a blocking socket with that time limit. */
void lds_blocking_prepare_socket (int fd);

/**
 * lds_blocking_serve:
 * @connection: with nothing asked of the caller
 * @fd: its socket, see lds_blocking_prepare_socket()
 * @hooks: @enter has been called
 *
 * Reads, carries out exchanges and answers until @connection is idle or must be closed.
 */
LdsBlockingResult lds_blocking_serve (LdsBlocking *self,
                                      LdsConnection *connection,
                                      int fd,
                                      const LdsBlockingHooks *hooks);

/** Frees what @self holds. */
void lds_blocking_clear (LdsBlocking *self);
