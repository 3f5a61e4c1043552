/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-004-4 and W-004-6: one product in the database, read, changed, removed.
 *
 *   GET    /products/1      {"id":1,"name":"Plain compass no. 1","price":0.5}
 *   PUT    /products/1      the row as it is now
 *   DELETE /products/1      {"deleted":1}; {action: deleted, id} is published, with the id a whole
 *                           number as the row has it, whatever the path looked like
 *
 * 404 where there is none. With connect=1 a connection is opened for the request.
 */
#include "lds-product.h"

#include "lds-services.h"

#include <inttypes.h>

typedef struct
{
  int64_t id;
  LdsStoreAccess access;
  LdsStoreResult result;
  LdsHttpMethod method;
  bool published;
} State;

static void
change (State *state,
        LdsStore *store,
        LdsJob *job)
{
  LdsProduct product;
  LdsSpan input = job->input;

  if (!lds_product_next (&input, &product))
    return;
  product.id = state->id;
  state->result = lds_store_change (store, state->access, &product);
  if (state->result == LDS_STORE_OK)
    lds_product_append (job->output, &product);
}

static void
call (LdsJob *job)
{
  State *state = lds_job_state (job, State);
  LdsStore *store = lds_services_store ();

  state->result = LDS_STORE_FAILED;
  if (store == NULL)
    return;
  if (state->method == LDS_HTTP_METHOD_PUT)
    change (state, store, job);
  else if (state->method == LDS_HTTP_METHOD_DELETE)
    {
      state->result = lds_store_remove (store, state->access, state->id);
      if (state->result == LDS_STORE_OK)
        state->published = lds_product_publish ("deleted", state->id, (LdsSpan){NULL, 0}, job->output);
    }
  else
    state->result = lds_store_get (store, state->access, state->id, job->output);
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);
  LdsSpan rows;
  LdsProduct product;
  uint64_t id;

  if (exchange->step == 0)
    {
      state->method = exchange->request->method;
      if (!lds_exchange_part_id (exchange, 0, &id) ||
          !lds_product_ask_access (exchange, &state->access))
        return LDS_OPERATION_DONE;
      state->id = (int64_t)id;
      if (state->method == LDS_HTTP_METHOD_PUT && !lds_product_receive (exchange))
        return LDS_OPERATION_DONE;
      return LDS_OPERATION_CALL;
    }
  if (state->result != LDS_STORE_OK)
    return lds_product_fail (exchange, state->result);
  exchange->content_type = "application/json";
  if (state->method == LDS_HTTP_METHOD_DELETE)
    {
      if (!state->published)
        return lds_product_fail_event (exchange);
      lds_exchange_printf (exchange, "{\"deleted\":%" PRId64 "}", state->id);
      return LDS_OPERATION_DONE;
    }
  rows = lds_buffer_span (&exchange->parcel);
  if (lds_product_next (&rows, &product))
    lds_product_write (exchange->out, &product);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_product = {
    .id = "product",
    .usage = "GET /products/1?connect=0, PUT /products/1, DELETE /products/1",
    .path = "/products/:id",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET) | LDS_METHOD_BIT (LDS_HTTP_METHOD_PUT) |
               LDS_METHOD_BIT (LDS_HTTP_METHOD_DELETE),
    .step = step,
    .call = call,
    .database = true,
};
