/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Back ends that move the bytes. The worker decides what is sent when and what an answer is worth; a
 * back end knows sockets only. One instance a worker, used by its thread alone.
 *
 * A back end tells what happened through four functions of the worker:
 * lds_load_worker_connected(), _connect_failed(), _received() and _closed(), from within wait(), or
 * from within connect() and send() when it is known at once.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lds-load-connection.h"

typedef struct LdsLoadWorker LdsLoadWorker;
typedef struct LdsLoadEngine LdsLoadEngine; /* each back end's own */

typedef struct
{
  const char *name; /* "epoll": as in plan and result */

  /* Returns NULL, with errno set, when the kernel or the sandbox refuses it. */
  LdsLoadEngine *(*open) (LdsLoadWorker *worker);
  void (*close) (LdsLoadEngine *self);

  /* Begins to connect: ends in connected() or connect_failed(). */
  void (*connect) (LdsLoadEngine *self, LdsLoadConnection *connection);
  /* Sends the plan's request, whole if the socket takes it, in parts if not. */
  void (*send) (LdsLoadEngine *self, LdsLoadConnection *connection);
  /* Drops the connection; fd is -1 afterwards. */
  void (*disconnect) (LdsLoadEngine *self, LdsLoadConnection *connection);
  /* Waits for events up to @until_ns (CLOCK_MONOTONIC, ns precision) and reports them; returns at
   * once when @until_ns has passed, after reporting what there is. Calls lds_load_worker_woke()
   * first. */
  void (*wait) (LdsLoadEngine *self, int64_t until_ns);
} LdsLoadEngineClass;

extern const LdsLoadEngineClass lds_load_engine_epoll;

/**
 * lds_load_engine_find:
 * @name: "auto" for the best there is, or a back end's name
 *
 * Returns: (nullable): the back end; NULL when there is none of that name
 */
const LdsLoadEngineClass *lds_load_engine_find (const char *name);
