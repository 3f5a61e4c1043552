/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An answer that goes out in chunks while it is made, with a pause between two of them or none: what
 * does a client that takes it slowly hold up? */
#include "lds-exchange.h"

#include "lds-clock.h"

#define DEFAULT_CHUNKS 10
#define MAXIMUM_CHUNKS 100000
#define DEFAULT_BYTES  1024
#define MAXIMUM_BYTES  (1024 * 1024)
#define MAXIMUM_MS     60000
/* Of all pauses together. */
#define MAXIMUM_SUM_MS 600000

typedef struct
{
  uint64_t chunks;
  uint64_t bytes;
  uint64_t ms;
  uint64_t sent;
  bool paused;
} State;

/* One letter a chunk, in lines of 64. */
static void
write_chunk (LdsExchange *exchange,
             const State *state)
{
  char line[64];

  memset (line, 'a' + (int)(state->sent % 26), sizeof line - 1);
  line[sizeof line - 1] = '\n';
  for (uint64_t left = state->bytes; left > 0;)
    {
      size_t n = left < sizeof line ? (size_t)left : sizeof line;

      lds_exchange_write (exchange, line, n);
      left -= n;
    }
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);

  if (exchange->step == 0)
    {
      if (!lds_exchange_query_range (exchange, "chunks", DEFAULT_CHUNKS, 1, MAXIMUM_CHUNKS,
                                     &state->chunks) ||
          !lds_exchange_query_range (exchange, "bytes", DEFAULT_BYTES, 1, MAXIMUM_BYTES,
                                     &state->bytes) ||
          !lds_exchange_query_uint64 (exchange, "ms", 0, MAXIMUM_MS, &state->ms))
        return LDS_OPERATION_DONE;
      if (state->chunks * state->ms > MAXIMUM_SUM_MS)
        return lds_exchange_fail (exchange, 400, "chunks times ms must be at most 600000");
      exchange->wait_ns = (int64_t)state->ms * LDS_NS_PER_MS;
      exchange->content_type = "text/plain";
    }
  if (state->sent == state->chunks)
    return LDS_OPERATION_DONE;
  if (state->sent > 0 && state->ms > 0 && !state->paused)
    {
      state->paused = true;
      return LDS_OPERATION_WAIT;
    }
  write_chunk (exchange, state);
  state->paused = false;
  state->sent++;
  return LDS_OPERATION_SEND;
}

const LdsServerWorkload lds_workload_stream = {
    .id = "stream",
    .usage = "GET /stream?chunks=10&bytes=1024&ms=0",
    .path = "/stream",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
};
