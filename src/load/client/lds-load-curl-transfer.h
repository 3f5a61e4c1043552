/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One slot's easy handle: what libcurl asks of it on the way, and what came of its request. */
#pragma once

#include <curl/curl.h>

#include "lds-load-worker.h"

typedef struct LdsLoadTransfer LdsLoadTransfer;

struct LdsLoadTransfer
{
  LdsLoadWorker *worker;
  LdsLoadSlot *slot;       /* NULL: of a connection that is made ahead, with no request */
  LdsLoadRequest *request; /* that easy is set to */
  CURL *easy;
  int64_t connect_ns; /* when a connection was begun that is not made yet; 0 when there is none */
  LdsLoadBodyCheck check;
  char message[CURL_ERROR_SIZE];

  /* The client's. */
  bool is_running;       /* easy is among the multi handle's */
  bool is_lost;          /* the last request left no connection behind */
  CURLcode code;         /* how it ended */
  LdsLoadTransfer *next; /* that ended */
};

/**
 * lds_load_transfer_init:
 * @self: zeroed
 * @slot: (nullable)
 * @hosts: (nullable): of lds_load_curl_hosts_new(); must live as long
 *
 * Returns false when memory is short; lds_load_transfer_clear() is needed either way. CURLINFO_PRIVATE of
 * its handle leads back to @self.
 */
bool lds_load_transfer_init (LdsLoadTransfer *self,
                             LdsLoadWorker *worker,
                             LdsLoadSlot *slot,
                             struct curl_slist *hosts);

/** easy must not be among a multi handle's any more; it is NULL afterwards. */
void lds_load_transfer_clear (LdsLoadTransfer *self);

/** No connection could be made, as code says: tells the worker why. */
void lds_load_transfer_report_failure (LdsLoadTransfer *self);

/**
 * lds_load_transfer_judge:
 * @status: (out): of the answer; 0 when there is none
 *
 * Returns how the request of the slot ended, as code says.
 */
LdsLoadOutcome lds_load_transfer_judge (LdsLoadTransfer *self, unsigned *status);
