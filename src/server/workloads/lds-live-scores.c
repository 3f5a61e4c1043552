/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Live scores: a match that goes on for ever, told once a second. */
#include "lds-live-scores.h"

#include <inttypes.h>

#define DEFAULT_HZ  1
#define MATCH_TICKS 90 /* a tick is a minute of it */

LdsOperation
lds_live_scores_join (LdsExchange *exchange,
                      LdsOperation operation)
{
  uint64_t hz;

  if (!lds_exchange_query_range (exchange, "hz", DEFAULT_HZ, 1, LDS_EXCHANGE_MAX_TICK_HZ, &hz))
    return LDS_OPERATION_DONE;
  exchange->tick_hz = (unsigned)hz;
  return operation;
}

/* The number tells a receiver what it has missed, the time (CLOCK_MONOTONIC) how long it took. */
void
lds_live_scores_tick (uint64_t sequence,
                      int64_t now_ns,
                      LdsBuffer *out)
{
  unsigned minute = (unsigned)(sequence % MATCH_TICKS);

  lds_buffer_printf (out,
                     "{\"seq\":%" PRIu64 ",\"sent_ns\":%" PRId64 ",\"minute\":%u,"
                     "\"home\":\"Maricourt\",\"away\":\"Lucera\",\"score\":[%u,%u]}",
                     sequence, now_ns, minute, (minute + 11) / 31, minute / 40);
}
