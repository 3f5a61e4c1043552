/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-2: an answer that has to be waited for, as on a database or another service. */
#include "lds-exchange.h"

#include <inttypes.h>

#define DEFAULT_MS 200
#define MAXIMUM_MS 60000

static LdsOperation
step (LdsExchange *exchange)
{
  uint64_t *ms = lds_exchange_state (exchange, uint64_t);

  if (exchange->step == 0)
    {
      if (!lds_exchange_query_uint64 (exchange, "ms", DEFAULT_MS, MAXIMUM_MS, ms))
        return LDS_OPERATION_DONE;
      exchange->wait_ns = (int64_t)*ms * 1000000;
      return LDS_OPERATION_WAIT;
    }
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange, "{\"status\":\"done\",\"t\":%" PRIu64 "}", *ms);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_slow = {
    .id = "slow",
    .usage = "GET /slow?ms=200",
    .path = "/slow",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
};
