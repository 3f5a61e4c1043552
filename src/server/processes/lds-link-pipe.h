/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An edge's computations, sent to worker processes over Unix sockets, one for each worker.
 *
 * As remote calls: a call goes at once to the worker that has the fewest, and is lost with it.
 * As a queue: calls wait at the edge, each worker has one at a time and gets the next when it has
 * answered; the call of a worker that dies is given to another one, once, then it is lost. Lost ones
 * are answered with 502. A call that takes longer than a fetch may, waiting included, is answered
 * with 504, and the worker that has it is ended: it hangs. Workers that end are replaced; how many
 * calls that has cost is said on standard error.
 *
 * Belongs to the loop's thread, which must be the main one.
 */
#pragma once

#include "lds-buffer.h"
#include "lds-loop.h"

typedef struct _LdsLinkWorker LdsLinkWorker;
typedef struct _LdsLinkCall LdsLinkCall;

typedef struct
{
  LdsOffload offload;
  LdsLoop *loop;
  const char *profile; /* (nullable) */
  bool queue;
  bool ending;
  unsigned n_workers;
  LdsLinkWorker *workers; /* (array length=n_workers) */
  LdsLinkCall *first_waiting, *last_waiting;
  uint64_t next_ticket;
  unsigned lost, redelivered; /* calls, so far */
  bool timing;                /* @due runs */
  uv_timer_t restart, due;
} LdsLinkPipe;

/** Starts the workers. Returns false when that is not possible. */
bool lds_link_pipe_start (LdsLinkPipe *self,
                          LdsLoop *loop,
                          unsigned workers,
                          bool queue,
                          const char *profile);

/** Ends the workers and closes the handles; the loop must have been run to its end. */
void lds_link_pipe_end (LdsLinkPipe *self);
