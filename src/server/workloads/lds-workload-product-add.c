/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-004-5: a new product: validated, stored, and told of.
 *
 * The answer is 201 and the row, and {action: created, id, name} has been published by then: as in the
 * article both are waited for, one after the other. With connect=1 a connection is opened for the
 * request, with validate=0 the body is taken as it is.
 */
#include "lds-product.h"

#include "lds-services.h"

typedef struct
{
  LdsStoreAccess access;
  LdsStoreResult result;
  bool published;
} State;

static void
call (LdsJob *job)
{
  State *state = lds_job_state (job, State);
  LdsStore *store = lds_services_store ();
  LdsSpan input = job->input;
  LdsProduct product;

  state->result = LDS_STORE_FAILED;
  if (store == NULL || !lds_product_next (&input, &product))
    return;
  state->result = lds_store_add (store, state->access, &product);
  if (state->result != LDS_STORE_OK)
    return;
  state->published = lds_product_publish ("created", product.id, product.name, job->output);
  lds_product_append (job->output, &product);
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);
  LdsSpan rows;
  LdsProduct product;

  if (exchange->step == 0)
    return lds_product_ask_access (exchange, &state->access) && lds_product_receive (exchange)
               ? LDS_OPERATION_CALL
               : LDS_OPERATION_DONE;
  if (state->result != LDS_STORE_OK)
    return lds_product_fail (exchange, state->result);
  if (!state->published)
    return lds_product_fail_event (exchange);
  exchange->status = 201;
  exchange->content_type = "application/json";
  rows = lds_buffer_span (&exchange->parcel);
  if (lds_product_next (&rows, &product))
    lds_product_write (exchange->out, &product);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_product_add = {
    .id = "product-add",
    .usage = "POST /products?connect=0&validate=1",
    .path = "/products",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_POST),
    .step = step,
    .call = call,
    .database = true,
};
