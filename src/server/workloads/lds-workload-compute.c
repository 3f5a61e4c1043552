/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-3: the sum of the square roots of 0 to n - 1, the article's computation. */
#include "lds-exchange.h"

#include <inttypes.h>
#include <math.h>

#define DEFAULT_N UINT64_C (20000000)
#define MAXIMUM_N UINT64_C (10000000000)
/* Roots between two looks at the breaker: some 20 to 50 us. */
#define STRETCH 10000

typedef struct
{
  uint64_t n;
  double sum;
} State;

/* One addition after the other: a sum of doubles depends on the order, and every model has to give
 * the same. */
static void
sum_roots (LdsJob *job)
{
  State *state = lds_job_state (job, State);
  int64_t n = (int64_t)state->n;
  double sum = 0;

  for (int64_t i = 0; i < n;)
    {
      int64_t stop = n - i < STRETCH ? n : i + STRETCH;

      for (; i < stop; i++)
        sum += sqrt ((double)i);
      lds_breaker_check (job->breaker);
    }
  state->sum = sum;
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);

  if (exchange->step == 0)
    {
      if (!lds_exchange_query_uint64 (exchange, "n", DEFAULT_N, MAXIMUM_N, &state->n))
        return LDS_OPERATION_DONE;
      return LDS_OPERATION_COMPUTE;
    }
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange, "{\"n\":%" PRIu64 ",\"sum\":%.6f}", state->n, state->sum);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_compute = {
    .id = "compute",
    .usage = "GET /compute?n=20000000",
    .path = "/compute",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .compute = sum_roots,
};
