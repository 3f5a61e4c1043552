/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-000-1: one user, who has to be waited for: of three requests at once, does the third wait for
 * the second? */
#include "lds-exchange.h"

#include "lds-clock.h"

#include <inttypes.h>

#define DEFAULT_MS 250
#define MAXIMUM_MS 60000

typedef struct
{
  uint64_t id;
  uint64_t ms;
} State;

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);

  if (exchange->step == 0)
    {
      if (!lds_exchange_part_id (exchange, 0, &state->id) ||
          !lds_exchange_query_uint64 (exchange, "ms", DEFAULT_MS, MAXIMUM_MS, &state->ms))
        return LDS_OPERATION_DONE;
      exchange->wait_ns = (int64_t)state->ms * LDS_NS_PER_MS;
      return LDS_OPERATION_WAIT;
    }
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange, "{\"id\":%" PRIu64 ",\"name\":\"User %" PRIu64 "\",\"t\":%" PRIu64 "}",
                       state->id, state->id, state->ms);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_user = {
    .id = "user",
    .usage = "GET /user/7?ms=250",
    .path = "/user/:id",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
};
