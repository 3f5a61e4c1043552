/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread of the load generator: its connections, its schedule, its recorder.
 *
 * Three durations are kept of every request:
 *
 *   response  answer - intended send. The intended send is when the schedule had it due (open loop)
 *             or when its connection became free (closed loop). Waiting for a free connection and
 *             connecting anew are part of it.
 *   service   answer - actual send.
 *   lag       open loop: the moment a connection took the request up, minus the later of when it
 *             was due and when that connection became free. So it is the client's own lateness
 *             and nothing else: a request that waits because the server holds every connection has
 *             no lag. A connection counts as free from the moment the thread woke up to read the
 *             answer, so that working through a batch of answers counts as lag.
 *
 * A request belongs to the interval in which it was due or, in a closed loop, taken up. The schedule
 * of the measured interval begins afresh at its start: what the warm-up left waiting is dropped.
 */
#pragma once

#include <stdatomic.h>

#include "lds-load-engine.h"
#include "lds-load-plan.h"
#include "lds-load-recorder.h"

/* What the threads of a run share. Nothing of it is touched for a request. */
typedef struct
{
  LdsLoadPlan *plan;
  const LdsLoadEngineClass *engine;
  int wake_fd;              /* eventfd: a worker has something for the main thread */
  _Atomic int64_t start_ns; /* 0 until every worker is ready */
  atomic_bool stop;         /* end early */
} LdsLoadControl;

typedef enum
{
  LDS_LOAD_WORKER_STARTING,
  LDS_LOAD_WORKER_READY,    /* connected as far as it could; waits for start_ns */
  LDS_LOAD_WORKER_REFUSED,  /* the back end does not work here; the thread has ended */
  LDS_LOAD_WORKER_FINISHED, /* the thread has ended; its recorder holds the last tally */
} LdsLoadWorkerState;

/* What a worker says of itself once it has ended, and of its connections once it is ready. */
typedef struct
{
  unsigned n_connected; /* ahead of the run */
  int connect_errno;    /* of the last that failed; 0 when none did */
  int engine_errno;
  int64_t measure_begin_ns; /* 0 when the measured interval was not reached */
  int64_t measure_end_ns;
  int64_t measure_cpu_ns; /* CPU time of the thread from the one to the other */
  unsigned n_lost;        /* connections that could not be made any more at its end */
} LdsLoadWorkerReport;

/**
 * lds_load_worker_new:
 * @index: 0 to the plan's threads - 1
 *
 * Starts a thread that connects, waits for start_ns, and runs the plan's share.
 *
 * Returns: (nullable): the worker; NULL when memory or threads are short
 */
LdsLoadWorker *lds_load_worker_new (LdsLoadControl *control, unsigned index);

/** Waits for the thread's end and frees the worker. The thread must have been let go. */
void lds_load_worker_free (LdsLoadWorker *self);

/** Any thread. */
LdsLoadWorkerState lds_load_worker_get_state (LdsLoadWorker *self);

/** For the reader of the tallies. */
LdsLoadRecorder *lds_load_worker_get_recorder (LdsLoadWorker *self);

/** Valid from READY (connections), REFUSED (engine) and FINISHED (the rest) on. */
const LdsLoadWorkerReport *lds_load_worker_get_report (LdsLoadWorker *self);

/* For the back end, on the worker's thread. */

const LdsLoadPlan *lds_load_worker_get_plan (LdsLoadWorker *self);

/** The wait is over: what is reported now became known at this moment. */
void lds_load_worker_woke (LdsLoadWorker *self);

/** @connection is connected, its fd is set. May send at once. */
void lds_load_worker_connected (LdsLoadWorker *self, LdsLoadConnection *connection);

/** @connection could not connect, its fd is -1. */
void lds_load_worker_connect_failed (LdsLoadWorker *self,
                                     LdsLoadConnection *connection,
                                     int error_number);

/** Bytes came. May disconnect, connect and send at once. */
void lds_load_worker_received (LdsLoadWorker *self,
                               LdsLoadConnection *connection,
                               const char *data,
                               size_t size);

/**
 * lds_load_worker_closed:
 * @error_number: 0 for an orderly end
 *
 * The server ended the connection. Disconnects, may connect at once.
 */
void lds_load_worker_closed (LdsLoadWorker *self, LdsLoadConnection *connection, int error_number);
