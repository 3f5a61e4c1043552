/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread of the load generator: its slots, its schedule, its recorder. It decides when which
 * request begins and keeps account of it; a client carries it.
 *
 * Three durations are kept of every request:
 *
 *   response  answer - intended send. The intended send is when the schedule had it due (open loop)
 *             or when its slot became free, after the think time (closed loop). Waiting for a free
 *             slot and connecting anew are part of it.
 *   service   answer - actual send.
 *   lag       the moment a slot took the request up, minus the later of when it was due and when that
 *             slot became free; of an open loop, and of a closed one with think time. So it is the
 *             client's own lateness and nothing else: a request that waits because the server holds
 *             every connection has no lag. A slot counts as free from the moment the thread woke up to
 *             read the answer, so that working through a batch of answers counts as lag.
 *
 * A request belongs to the interval in which it was due or, in a closed loop, taken up. The schedule
 * of the measured interval begins afresh at its start: what the warm-up left waiting is dropped.
 *
 * Connections that stay open receive more than answers (lds-load-audience.h). What is only listened to
 * has no requests: phases go by the clock. The drain lasts until everything has come that was sent in
 * the measured interval, or the time-out is over.
 */
#pragma once

#include <stdatomic.h>

#include "lds-load-audience.h"
#include "lds-load-client.h"
#include "lds-load-engine.h"
#include "lds-load-plan.h"
#include "lds-load-recorder.h"

/* What the threads of a run share. Nothing of it is touched for a request or a message. */
typedef struct
{
  LdsLoadPlan *plan;
  const LdsLoadClientClass *client;
  const LdsLoadEngineClass *engine; /* (nullable): of clients that need one */
  int wake_fd;                      /* eventfd: a worker has something for the main thread */
  _Atomic int64_t start_ns;         /* 0 until every worker is ready */
  atomic_bool stop;                 /* end early */
  /* Of streams; added to and read in the drain. */
  _Atomic uint64_t n_messages; /* of the measured interval, of the threads that drain */
  atomic_uint n_draining;      /* threads */
} LdsLoadControl;

typedef enum
{
  LDS_LOAD_WORKER_STARTING,
  LDS_LOAD_WORKER_READY,    /* connected as far as it could; waits for start_ns */
  LDS_LOAD_WORKER_REFUSED,  /* the client does not work here; the thread has ended */
  LDS_LOAD_WORKER_FINISHED, /* the thread has ended; its recorder holds the last tally */
} LdsLoadWorkerState;

#define LDS_LOAD_MESSAGE_BYTES 256

/* What a worker says of itself once it has ended, and of its connections once it is ready. */
typedef struct
{
  unsigned n_connected;                         /* ahead of the run */
  int connect_errno;                            /* of the last that failed; 0 when none did */
  char connect_message[LDS_LOAD_MESSAGE_BYTES]; /* why it failed, where errno does not say; else "" */
  const char *http_version;                     /* (nullable): of the last answer */
  int open_errno;
  LdsHistogram *connect;    /* how long each connection took to make, ahead of the run or in it */
  int64_t measure_begin_ns; /* 0 when the measured interval was not reached */
  int64_t measure_end_ns;
  int64_t measure_cpu_ns;  /* CPU time of the thread from the one to the other */
  int64_t measure_spun_ns; /* of it, polled in vain: free for more requests */
  unsigned n_lost;         /* slots whose connection could not be made any more at its end */
  unsigned n_members;      /* of streams: connections that were open when it began */
  uint64_t most;           /* of streams: messages of it that any connection has had */
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

/** Valid from READY (connections), REFUSED (open_errno) and FINISHED (the rest) on. */
const LdsLoadWorkerReport *lds_load_worker_get_report (LdsLoadWorker *self);

/* For the client, on the worker's thread. */

LdsLoadPlan *lds_load_worker_get_plan (LdsLoadWorker *self);
const LdsLoadEngineClass *lds_load_worker_get_engine_class (LdsLoadWorker *self);

/** How many slots the workers before this one have. */
unsigned lds_load_worker_get_first_slot (LdsLoadWorker *self);

/** The tally of now, for counts that are no request's: connects, retries, bytes. Not to be kept. */
LdsLoadTally *lds_load_worker_get_tally (LdsLoadWorker *self);

/** The wait is over: what is reported now became known at this moment. */
void lds_load_worker_woke (LdsLoadWorker *self);

/** A connection was made; @took_ns from the first packet on, all handshakes included. */
void lds_load_worker_connected (LdsLoadWorker *self, int64_t took_ns);

/**
 * lds_load_worker_connect_failed:
 * @message: (nullable): the reason for people, where @error_number does not say it
 *
 * A connection could not be made.
 */
void lds_load_worker_connect_failed (LdsLoadWorker *self, int error_number, const char *message);

/** An answer came in this version of HTTP; @version is static: "1.1". */
void lds_load_worker_saw_version (LdsLoadWorker *self, const char *version);

/**
 * lds_load_worker_ended:
 * @outcome: anything but TIMEOUT and UNSENT
 * @status: of the answer; 0 when there is none
 *
 * The request of @slot is over. May start() another on @slot, and on others, at once.
 */
void lds_load_worker_ended (LdsLoadWorker *self,
                            LdsLoadSlot *slot,
                            LdsLoadOutcome outcome,
                            unsigned status);

/* For clients of streams, on the worker's thread. */

/** A connection is open for messages; said beside lds_load_worker_connected(). */
void lds_load_worker_joined (LdsLoadWorker *self, LdsLoadMember *member);

/**
 * lds_load_worker_left:
 * @outcome: how the other end ended it; OK when this one did
 *
 * The connection is over, or was not open. A request on it has to be ended as well.
 */
void lds_load_worker_left (LdsLoadWorker *self, LdsLoadMember *member, LdsLoadOutcome outcome);

/** A message leaves at @now_ns, which is written into it. */
void lds_load_worker_sending (LdsLoadWorker *self, int64_t now_ns);

/** A message came; @stamp: (nullable): what it says of itself. May start() requests at once. */
void lds_load_worker_delivered (LdsLoadWorker *self,
                                LdsLoadMember *member,
                                const LdsLoadStamp *stamp,
                                int64_t now_ns);
