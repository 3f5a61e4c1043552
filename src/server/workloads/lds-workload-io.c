/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-7: an endpoint as most are: it reads from the database and calls another service.
 *
 * The row is read for real. The other service is a wait of `ms`, as a call whose answer takes that long
 * is to the one who waits: 50 ms unless asked otherwise, for the article gives no figure.
 */
#include "lds-product.h"

#include "lds-services.h"

#include <inttypes.h>

#define DEFAULT_MS 50
#define MAXIMUM_MS 60000

typedef struct
{
  int64_t id;
  uint64_t ms;
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

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);
  LdsSpan rows;
  LdsProduct product;
  uint64_t id;

  switch (exchange->step)
    {
    case 0:
      if (!lds_product_ask_access (exchange, &state->access) ||
          !lds_exchange_query_uint64 (exchange, "id", 1, INT64_MAX, &id) ||
          !lds_exchange_query_uint64 (exchange, "ms", DEFAULT_MS, MAXIMUM_MS, &state->ms))
        return LDS_OPERATION_DONE;
      state->id = (int64_t)id;
      return LDS_OPERATION_CALL;

    case 1:
      if (state->result != LDS_STORE_OK)
        return lds_product_fail (exchange, state->result);
      exchange->wait_ns = (int64_t)state->ms * 1000000;
      return LDS_OPERATION_WAIT;

    default:
      exchange->content_type = "application/json";
      lds_exchange_write (exchange, "{\"product\":", 11);
      rows = lds_buffer_span (&exchange->parcel);
      if (lds_product_next (&rows, &product))
        lds_product_write (exchange->out, &product);
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
};
