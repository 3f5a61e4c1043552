/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A job on its way from a loop to wherever the model runs it, and back.
 *
 * The job's state and input are copied: as a structured clone to a worker thread and a pickle to a
 * worker process are, and because the request may move or its client leave meanwhile.
 */
#pragma once

#include "lds-exchange.h"

typedef struct _LdsTask LdsTask;
typedef struct _LdsLoop LdsLoop;

struct _LdsTask
{
  LdsTask *next; /* of whoever has the task */
  LdsLoop *loop; /* where it came from */
  void *owner;   /* the loop's */
  const LdsServerWorkload *workload;
  LdsJobFunc run;            /* of @workload: its call or its compute */
  const LdsCost *cost;       /* (nullable): spent around it */
  bool failed;               /* set by who could not run it: the exchange is answered with @failure */
  const LdsFailure *failure; /* (nullable): NULL = 503, there was not enough memory */
  LdsBuffer output;          /* what the job has put out */
  _Alignas(16) unsigned char state[LDS_EXCHANGE_STATE_BYTES];
  size_t input_bytes;
  char input[];
};

/* Where tasks are carried out. Zero or more of these belong to a loop, see LdsLoopOptions. */
typedef struct _LdsOffload LdsOffload;

struct _LdsOffload
{
  /* Takes @task; called on the loop's thread. Whoever has run it, or could not, hands it back with
   * lds_loop_complete(), not before submit() has returned. */
  void (*submit) (LdsOffload *self, LdsTask *task);
};

/**
 * lds_task_new:
 * @run: @workload's call or compute
 *
 * Returns: (transfer full) (nullable): a task with copies of @exchange's state and input; %NULL when
 *   out of memory
 */
LdsTask *lds_task_new (const LdsExchange *exchange,
                       const LdsServerWorkload *workload,
                       LdsJobFunc run);

/** Runs @self on the calling thread. */
void lds_task_run (LdsTask *self, const LdsBreaker *breaker);

/** Gives what @self has left to @exchange, be it a failure. */
void lds_task_deliver (LdsTask *self, LdsExchange *exchange);

/** Gives @exchange the failure alone, if there is one. */
void lds_task_deliver_failure (const LdsTask *self, LdsExchange *exchange);

void lds_task_free (LdsTask *self);
