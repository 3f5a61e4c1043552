/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-4: a blocking sleep inside a handler that must not block, as time.sleep() in an async
 * route: the loop stands still for everybody.
 *
 * With in=pool (W-002-4b) the same sleep is in a plain route, which its framework runs in a pool
 * of threads: up to the pool's size the sleeps overlap.
 */
#include "lds-exchange.h"

#include "lds-clock.h"

#include <inttypes.h>

#define DEFAULT_MS 200
#define MAXIMUM_MS 60000

typedef struct
{
  uint64_t ms;
} State;

static void
sleep_blocking (LdsJob *job)
{
  const State *state = lds_job_state (job, State);

  lds_clock_sleep_ns ((int64_t)state->ms * LDS_NS_PER_MS);
}

static LdsOperation
step (LdsExchange *exchange)
{
  static const char *const places[] = {"loop", "pool", NULL};
  State *state = lds_exchange_state (exchange, State);
  unsigned place;

  if (exchange->step == 0)
    {
      if (!lds_exchange_query_uint64 (exchange, "ms", DEFAULT_MS, MAXIMUM_MS, &state->ms) ||
          !lds_exchange_query_choice (exchange, "in", places, &place))
        return LDS_OPERATION_DONE;
      exchange->wait_ns = (int64_t)state->ms * LDS_NS_PER_MS;
      return place == 0 ? LDS_OPERATION_BLOCK : LDS_OPERATION_CALL;
    }
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange, "{\"status\":\"done\",\"t\":%" PRIu64 "}", state->ms);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_bad = {
    .id = "bad",
    .usage = "GET /bad?ms=200",
    .path = "/bad",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .call = sleep_blocking,
};
