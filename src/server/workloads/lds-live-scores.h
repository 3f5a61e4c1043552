/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-12: live scores, which the workloads live (WebSocket) and events (server-sent events) share. */
#pragma once

#include "lds-exchange.h"

#define LDS_LIVE_SCORES_TOPIC "live"

/** Reads `?hz=` of a request to join. Returns @operation, or DONE with the answer made a 400. */
LdsOperation lds_live_scores_join (LdsExchange *exchange, LdsOperation operation);

/** Writes one tick: its number, when it was sent, and the score. */
void lds_live_scores_tick (uint64_t sequence, int64_t now_ns, LdsBuffer *out);
