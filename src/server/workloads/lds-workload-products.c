/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-004-4: the products in the database, listed by ascending id. One is
 * {"id":1,"name":"Plain compass no. 1","price":0.5}.
 *
 * With connect=1 a connection is opened for the request and closed after it, as the article's services
 * do.
 */
#include "lds-product.h"

#include "lds-services.h"

#define DEFAULT_LIMIT 100
#define MAXIMUM_LIMIT 100000

typedef struct
{
  int64_t limit;
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
    state->result = lds_store_list (store, state->access, state->limit, job->output);
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);
  LdsSpan rows;
  LdsProduct product;
  uint64_t limit;

  if (exchange->step == 0)
    {
      if (!lds_product_ask_access (exchange, &state->access) ||
          !lds_exchange_query_uint64 (exchange, "limit", DEFAULT_LIMIT, MAXIMUM_LIMIT, &limit))
        return LDS_OPERATION_DONE;
      state->limit = (int64_t)limit;
      return LDS_OPERATION_CALL;
    }
  if (state->result != LDS_STORE_OK)
    return lds_product_fail (exchange, state->result);
  exchange->content_type = "application/json";
  rows = lds_buffer_span (&exchange->parcel);
  lds_exchange_write (exchange, "[", 1);
  for (bool first = true; lds_product_next (&rows, &product); first = false)
    {
      if (!first)
        lds_exchange_write (exchange, ",", 1);
      lds_product_write (exchange->out, &product);
    }
  lds_exchange_write (exchange, "]", 1);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_products = {
    .id = "products",
    .usage = "GET /products?limit=100&connect=0",
    .path = "/products",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .call = call,
    .database = true,
};
