/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-12: live scores over WebSockets. */
#include "lds-live-scores.h"

static LdsOperation
step (LdsExchange *exchange)
{
  if (!exchange->message)
    return lds_live_scores_join (exchange, LDS_OPERATION_UPGRADE);
  exchange->silent = true;
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_live = {
    .id = "live",
    .usage = "GET /live?hz=1",
    .path = "/live",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .topic = LDS_LIVE_SCORES_TOPIC,
    .tick = lds_live_scores_tick,
};
