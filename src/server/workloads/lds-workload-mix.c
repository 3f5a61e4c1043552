/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request that takes total_ms, of which `cpu` per cent are computed and the rest is waited for:
 * where, from 0 to 100 %, does one way to serve become better than the other (R-002-15)? */
#include "lds-exchange.h"

#include "lds-clock.h"
#include "lds-spin.h"

#include <inttypes.h>

#define DEFAULT_TOTAL_MS 10
#define MAXIMUM_TOTAL_MS 10000
#define DEFAULT_CPU      50

typedef struct
{
  uint64_t total_ms;
  uint64_t cpu;
  bool computed;
  bool waited;
} State;

static int64_t
cpu_ns (const State *state)
{
  return (int64_t)(state->total_ms * state->cpu) * (LDS_NS_PER_MS / 100);
}

static void
compute (LdsJob *job)
{
  lds_spin_cpu_ns (LDS_WORK_NARROW, cpu_ns (lds_job_state (job, State)), job->breaker);
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);
  int64_t wait_ns;

  if (exchange->step == 0 &&
      (!lds_exchange_query_uint64 (exchange, "total_ms", DEFAULT_TOTAL_MS, MAXIMUM_TOTAL_MS,
                                   &state->total_ms) ||
       !lds_exchange_query_uint64 (exchange, "cpu", DEFAULT_CPU, 100, &state->cpu)))
    return LDS_OPERATION_DONE;
  if (!state->computed && cpu_ns (state) > 0)
    {
      state->computed = true;
      return LDS_OPERATION_COMPUTE;
    }
  wait_ns = (int64_t)state->total_ms * LDS_NS_PER_MS - cpu_ns (state);
  if (!state->waited && wait_ns > 0)
    {
      state->waited = true;
      exchange->wait_ns = wait_ns;
      return LDS_OPERATION_WAIT;
    }
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange, "{\"total_ms\":%" PRIu64 ",\"cpu\":%" PRIu64 "}", state->total_ms,
                       state->cpu);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_mix = {
    .id = "mix",
    .usage = "GET /mix?total_ms=10&cpu=50",
    .path = "/mix",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .compute = compute,
    .compute_kind = LDS_COMPUTE_TIMED,
};
