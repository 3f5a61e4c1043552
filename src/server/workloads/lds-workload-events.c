/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-12: live scores as server-sent events. */
#include "lds-live-scores.h"

static LdsOperation
step (LdsExchange *exchange)
{
  return lds_live_scores_join (exchange, LDS_OPERATION_SUBSCRIBE);
}

const LdsServerWorkload lds_workload_events = {
    .id = "events",
    .usage = "GET /events?hz=1",
    .path = "/events",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .topic = LDS_LIVE_SCORES_TOPIC,
    .tick = lds_live_scores_tick,
};
