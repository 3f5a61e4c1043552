/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the worker share: its state, and what one of them does for another. All on the worker's
 * thread but for what lds-load-worker.h says of others. */
#pragma once

#include <pthread.h>

#include "lds-load-sleepers.h"
#include "lds-load-worker.h"

struct LdsLoadWorker
{
  LdsLoadControl *control;
  LdsLoadPlan *plan;
  const LdsLoadClientClass *client_class;
  LdsLoadClient *client;
  LdsLoadTally *tally; /* the recorder's writing */
  int64_t woke_ns;
  bool is_open_loop;
  bool is_running;   /* requests are being sent */
  bool is_listening; /* there are no requests */
  LdsLoadPhase phase;
  LdsLoadAudience audience;

  LdsLoadPacer pacer;
  LdsLoadSlot *slots;
  unsigned n_slots;
  LdsLoadSlot **ring; /* open loop: free slots, longest free first */
  unsigned ring_head;
  unsigned n_free;
  LdsLoadSleepers sleepers; /* slots that think or rest */
  uint64_t random;          /* of what is requested, and of think times */
  uint64_t in_flight;
  uint64_t measured_in_flight;
  uint64_t n_left; /* of a fixed count: requests of the measured interval not yet taken up */

  int64_t measure_start_ns; /* as planned; 0 before the start is known */
  int64_t measure_end_ns;
  int64_t grace_end_ns; /* of what was due and is not sent yet */
  int64_t next_tick_ns;
  int64_t next_scan_ns;
  int64_t next_frame_ns;
  int64_t scan_interval_ns;
  int64_t cpu_ns; /* of the thread, when the tally began */
  int64_t measure_cpu_ns;
  int64_t last_end_ns;   /* of a request */
  int64_t last_event_ns; /* the last request that began or ended */
  int64_t last_delivery_ns;
  int64_t spun_ns; /* polled in vain in the measured interval */
  bool is_done;

  LdsLoadRecorder recorder;
  LdsLoadWorkerReport report;
  _Atomic LdsLoadWorkerState state;
  unsigned index;
  pthread_t thread;
};

/* lds-load-worker.c */

/** There is something for the main thread. */
void lds_load_worker_notify (LdsLoadWorker *self);

/* lds-load-worker-requests.c */

/** Open loop: what is due goes out on what is free. */
void lds_load_worker_dispatch (LdsLoadWorker *self, int64_t now_ns);

/** @slot, which was none's business, may take another request. */
void lds_load_worker_release (LdsLoadWorker *self, LdsLoadSlot *slot, int64_t now_ns);

/** Slots whose time has come go on. */
void lds_load_worker_wake_sleepers (LdsLoadWorker *self, int64_t now_ns);

/** Records the end of a request in those parts that results tell apart. */
void lds_load_worker_record_parts (LdsLoadWorker *self,
                                   LdsLoadSlot *slot,
                                   LdsLoadOutcome outcome,
                                   int64_t response_ns);

/** The request of @slot has had its time. */
void lds_load_worker_time_out (LdsLoadWorker *self, LdsLoadSlot *slot);

/* lds-load-worker-run.c */

/** Runs the plan's share from @start_ns on to its end. */
void lds_load_worker_run (LdsLoadWorker *self, int64_t start_ns);
