/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An edge's computations, sent to a worker service over HTTP: another loadstone-server, prefork or
 * process-pool, on a port of its own (interop I-1 of the articles: fetch() POSTs to the Python side).
 *
 * A job whose worker dies is lost: its request is answered with 502, one that takes longer than a
 * fetch may with 504. A service that ends is started again, on another port; until it is ready jobs
 * are lost.
 */
#pragma once

#include "lds-companion.h"
#include "lds-task.h"

typedef struct
{
  LdsOffload offload;
  LdsCompanion service;
  char token[33], variable[64], number[16];
} LdsLinkHttp;

/**
 * lds_link_http_start:
 * @self: must live as long as the process
 * @model: of the service
 * @profile: (nullable): of the service
 *
 * Starts the service. Returns false with a sentence in @message.
 */
bool lds_link_http_start (LdsLinkHttp *self,
                          const char *model,
                          unsigned workers,
                          const char *profile,
                          char *message,
                          size_t message_bytes);

/** Ends the service; no task may be away. */
void lds_link_http_end (LdsLinkHttp *self);
