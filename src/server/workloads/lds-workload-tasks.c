/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-11: tiny computations, `chunk` of them in one dispatch: how many must go together before
 * sending them to a pool costs less than they do?
 *
 * A task is the FNV-1a hash of its number and a block of 1 KiB: a thousand multiplications that wait
 * for each other, 1 to 2 us on a CPU of 2 to 4 GHz.
 */
#include "lds-exchange.h"

#include "lds-hash.h"

#include <inttypes.h>

#define DEFAULT_CHUNK 100
#define MAXIMUM_CHUNK 1000000
#define BLOCK_BYTES   1024
/* Tasks between two looks at the breaker: some 20 to 50 us. */
#define STRETCH 25

typedef struct
{
  uint64_t chunk;
  uint64_t digest;
} State;

static uint64_t
run_task (uint64_t number,
          const unsigned char *block)
{
  unsigned char bytes[8];

  for (unsigned i = 0; i < sizeof bytes; i++)
    bytes[i] = (unsigned char)(number >> (8 * i));
  return lds_hash_add (lds_hash_add (LDS_HASH_SEED, bytes, sizeof bytes), block, BLOCK_BYTES);
}

static void
run_tasks (LdsJob *job)
{
  State *state = lds_job_state (job, State);
  unsigned char block[BLOCK_BYTES];

  for (unsigned i = 0; i < BLOCK_BYTES; i++)
    block[i] = (unsigned char)(i * 131 + 7);
  state->digest = 0;
  for (uint64_t i = 0; i < state->chunk; i++)
    {
      state->digest += run_task (i, block);
      if (i % STRETCH == STRETCH - 1)
        lds_breaker_check (job->breaker);
    }
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);

  if (exchange->step == 0)
    {
      if (!lds_exchange_query_range (exchange, "chunk", DEFAULT_CHUNK, 1, MAXIMUM_CHUNK, &state->chunk))
        return LDS_OPERATION_DONE;
      return LDS_OPERATION_COMPUTE;
    }
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange, "{\"chunk\":%" PRIu64 ",\"digest\":\"%016" PRIx64 "\"}", state->chunk,
                       state->digest);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_tasks = {
    .id = "tasks",
    .usage = "GET /tasks?chunk=100",
    .path = "/tasks",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .compute = run_tasks,
    .compute_kind = LDS_COMPUTE_INTEGERS,
};
