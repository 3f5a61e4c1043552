/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-004-3: a query of the database that computes over all its rows, by many clients at a time.
 *
 * The products whose price is at least `from` and less than `below`: how many, and what they cost. With
 * connect=1 a connection is opened for the request and closed after it.
 */
#include "lds-product.h"

#include "lds-json-text.h"
#include "lds-services.h"

#include <inttypes.h>

#define MAXIMUM_PRICE UINT64_C (1000000000)

typedef struct
{
  LdsStoreAccess access;
  LdsStoreResult result;
  /* What is asked for, then what was found. */
  union
  {
    struct
    {
      double from, below;
    };
    LdsProductSummary summary;
  };
} State;

static void
call (LdsJob *job)
{
  State *state = lds_job_state (job, State);
  LdsStore *store = lds_services_store ();
  LdsProductSummary summary = {0};

  state->result = LDS_STORE_FAILED;
  if (store != NULL)
    state->result = lds_store_summarize (store, state->access, state->from, state->below, &summary);
  state->summary = summary;
}

static void
write_price (LdsExchange *exchange,
             const char *name,
             double price)
{
  lds_exchange_printf (exchange, ",\"%s\":", name);
  lds_json_append_number (exchange->out, price);
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);
  uint64_t from, below;

  if (exchange->step == 0)
    {
      if (!lds_product_ask_access (exchange, &state->access) ||
          !lds_exchange_query_uint64 (exchange, "from", 0, MAXIMUM_PRICE, &from) ||
          !lds_exchange_query_uint64 (exchange, "below", 100, MAXIMUM_PRICE, &below))
        return LDS_OPERATION_DONE;
      state->from = (double)from;
      state->below = (double)below;
      return LDS_OPERATION_CALL;
    }
  if (state->result != LDS_STORE_OK)
    return lds_product_fail (exchange, state->result);
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange, "{\"count\":%" PRId64, state->summary.count);
  write_price (exchange, "total", state->summary.total);
  write_price (exchange, "mean", state->summary.mean);
  write_price (exchange, "cheapest", state->summary.cheapest);
  write_price (exchange, "dearest", state->summary.dearest);
  lds_exchange_write (exchange, "}", 1);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_query = {
    .id = "query",
    .usage = "GET /query?from=0&below=100&connect=0",
    .path = "/query",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .call = call,
    .database = true,
};
