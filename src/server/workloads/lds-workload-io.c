/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-7: an endpoint as most are: it reads from the database and calls another service.
 *
 * The row is read first. Then a service (--upstreams, --upstream) is asked for GET /slow?ms=50; where
 * there is none, the same time is waited for. The article gives no figure: the 50 ms are ours. The
 * answer is the same either way.
 */
#include "lds-product.h"

#include "lds-json-text.h"
#include "lds-services.h"
#include "lds-upstreams.h"

#include <inttypes.h>
#include <stdio.h>

#define DEFAULT_MS 50
#define MAXIMUM_MS 60000

typedef struct
{
  int64_t id;
  double price;
  uint64_t ms;
  bool fetches;
  LdsStoreAccess access;
  LdsStoreResult result;
} State;

static void
call (LdsJob *job)
{
  State *state = lds_job_state (job, State);
  LdsStore *store = lds_services_store ();

  state->result = LDS_STORE_FAILED;
  if (store != NULL)
    state->result = lds_store_get (store, state->access, state->id, job->output);
}

/* Calls the other service, once the row is here. */
static LdsOperation
call_service (LdsExchange *exchange,
              State *state)
{
  unsigned count = lds_upstreams_count ();
  LdsSpan rows = lds_buffer_span (&exchange->parcel);
  LdsProduct product;
  char text[128];

  if (state->result != LDS_STORE_OK)
    return lds_product_fail (exchange, state->result);
  if (lds_product_next (&rows, &product))
    state->price = product.price;
  if (count == 0)
    {
      exchange->wait_ns = (int64_t)state->ms * 1000000;
      return LDS_OPERATION_WAIT;
    }
  state->fetches = true;
  exchange->upstream = (unsigned)(state->id % count);
  lds_buffer_clear (&exchange->parcel);
  lds_buffer_append (&exchange->parcel, text,
                     (size_t)snprintf (text, sizeof text,
                                       "GET /slow?ms=%" PRIu64 " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n",
                                       state->ms, lds_upstreams_port (exchange->upstream)));
  return LDS_OPERATION_FETCH;
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);
  uint64_t id;

  switch (exchange->step)
    {
    case 0:
      if (!lds_product_ask_access (exchange, &state->access) ||
          !lds_exchange_query_uint64 (exchange, "id", 1, LDS_EXCHANGE_MAX_ID, &id) ||
          !lds_exchange_query_uint64 (exchange, "ms", DEFAULT_MS, MAXIMUM_MS, &state->ms))
        return LDS_OPERATION_DONE;
      state->id = (int64_t)id;
      return LDS_OPERATION_CALL;

    case 1:
      return call_service (exchange, state);

    default:
      if (state->fetches && exchange->fetch_status == 504)
        return lds_exchange_fail (exchange, 504, "the service did not answer in time");
      if (state->fetches && exchange->fetch_status != 200)
        return lds_exchange_fail (exchange, 502,
                                  "the service could not be reached, or did not answer well");
      exchange->content_type = "application/json";
      lds_exchange_printf (exchange, "{\"id\":%" PRId64 ",\"price\":", state->id);
      lds_json_append_number (exchange->out, state->price);
      lds_exchange_printf (exchange, ",\"waited_ms\":%" PRIu64 "}", state->ms);
      return LDS_OPERATION_DONE;
    }
}

const LdsServerWorkload lds_workload_io = {
    .id = "io",
    .usage = "GET /io?id=1&ms=50&connect=0",
    .path = "/io",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .call = call,
    .database = true,
};
