/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What carries requests: a protocol, or a library that speaks it. The worker decides when which slot
 * begins a request and keeps account of it; a client knows connections and what a good answer is. One
 * instance a worker, used by its thread alone.
 *
 * A client tells what happened through the functions of lds-load-worker.h, from within wait(), or from
 * within start() when it is known at once.
 */
#pragma once

#include "lds-load-plan.h"
#include "lds-load-slot.h"

typedef struct LdsLoadWorker LdsLoadWorker;
typedef struct LdsLoadClient LdsLoadClient; /* each one's own */

typedef struct
{
  const char *name;   /* "native": as in plan and result */
  unsigned n_files;   /* that a thread of it has open beside its connections */
  const char *engine; /* what moves its bytes, as in the result; NULL when that is an LdsLoadEngine */

  /* Whether it can do what @plan wants. Returns false with LDS_ERROR_INPUT saying what it cannot.
   * (nullable): of streams, where the plan has refused that already. */
  bool (*can_carry) (const LdsLoadPlan *plan, GError **error);
  /* Returns NULL, with errno set, when it cannot work here. @slots live as long as the client. */
  LdsLoadClient *(*open) (LdsLoadWorker *worker, LdsLoadSlot *slots, unsigned n_slots);
  void (*close) (LdsLoadClient *self);

  /* Begins, or goes on, to connect everything ahead of the run. Returns how many connections are not
   * made yet, and have not failed. */
  unsigned (*prepare) (LdsLoadClient *self);
  /* Begins the request of @slot, which is due; connects first where it must. Ends in
   * lds_load_worker_ended(). (nullable): of clients that only listen. */
  void (*start) (LdsLoadClient *self, LdsLoadSlot *slot, int64_t now_ns);
  /* The time for the request of @slot is over: forgets it. lds_load_worker_ended() is not called for
   * it, though it may be for others on the same connection. (nullable): as start(). */
  void (*give_up) (LdsLoadClient *self, LdsLoadSlot *slot);
  /* Whether a request of @slot would find a connection, or one that is being made. */
  bool (*is_connected) (LdsLoadClient *self, const LdsLoadSlot *slot);
  /* Waits for events up to @until_ns (CLOCK_MONOTONIC, ns precision) and reports them. */
  void (*wait) (LdsLoadClient *self, int64_t until_ns);
} LdsLoadClientClass;

extern const LdsLoadClientClass lds_load_client_events;
extern const LdsLoadClientClass lds_load_client_http;
extern const LdsLoadClientClass lds_load_client_websocket;
extern const LdsLoadClientClass lds_load_client_curl;

/** Returns: (nullable): the client that @plan names, or the cheapest that can carry it; or NULL with
 * LDS_ERROR_INPUT */
const LdsLoadClientClass *lds_load_client_choose (const LdsLoadPlan *plan, GError **error);
