/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-000-12: n queries at once, as Promise.all() and gather() make them, or one after the other.
 *
 * A query is a wait that needs nothing (via=timer: a driver that speaks to its database through the
 * loop) or one that keeps a thread (via=pool: a blocking driver): there the pool's size is what
 * bounds how many are made at once.
 */
#include "lds-exchange.h"

#include "lds-clock.h"

#include <inttypes.h>

#define DEFAULT_N  10
#define DEFAULT_MS 50
#define MAXIMUM_MS 60000
/* What all of them may take one after the other, as some models always make them. */
#define MAXIMUM_SUM_MS 600000

enum
{
  MODE_ALL,
  MODE_SEQUENTIAL,
};

enum
{
  VIA_TIMER,
  VIA_POOL,
};

static const char *const modes[] = {"all", "sequential", NULL};
static const char *const vias[] = {"timer", "pool", NULL};

typedef struct
{
  uint64_t n;
  uint64_t ms;
  unsigned mode;
  unsigned via;
} State;

static void
query_blocking (LdsJob *job)
{
  const State *state = lds_job_state (job, State);

  lds_clock_sleep_ns ((int64_t)state->ms * LDS_NS_PER_MS);
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);

  if (exchange->step == 0)
    {
      if (!lds_exchange_query_range (exchange, "n", DEFAULT_N, 1, LDS_EXCHANGE_MAX_BRANCHES,
                                     &state->n) ||
          !lds_exchange_query_uint64 (exchange, "ms", DEFAULT_MS, MAXIMUM_MS, &state->ms) ||
          !lds_exchange_query_choice (exchange, "mode", modes, &state->mode) ||
          !lds_exchange_query_choice (exchange, "via", vias, &state->via))
        return LDS_OPERATION_DONE;
      if (state->n * state->ms > MAXIMUM_SUM_MS)
        return lds_exchange_fail (exchange, 400, "n times ms must be at most 600000");
      exchange->wait_ns = (int64_t)state->ms * LDS_NS_PER_MS;
      exchange->branches = state->mode == MODE_ALL ? (unsigned)state->n : 1;
    }
  if (exchange->step < (state->mode == MODE_ALL ? 1 : state->n))
    return state->via == VIA_TIMER ? LDS_OPERATION_WAIT : LDS_OPERATION_CALL;
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange, "{\"n\":%" PRIu64 ",\"t\":%" PRIu64 ",\"mode\":\"%s\",\"via\":\"%s\"}",
                       state->n, state->ms, modes[state->mode], vias[state->via]);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_fan_out = {
    .id = "fan-out",
    .usage = "GET /fan-out?n=10&ms=50",
    .path = "/fan-out",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .call = query_blocking,
};
