/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of a request of any method, returned with its content type: what a server costs a byte,
 * with nothing in between. */
#include "lds-exchange.h"

#include "lds-http-writer.h"

/* What a head has room for beside its name. Registered types have at most 127 bytes (RFC 6838 section
 * 4.2) without their parameters. */
#define MAXIMUM_TYPE_BYTES  200
#define MAXIMUM_FIELD_BYTES (MAXIMUM_TYPE_BYTES + sizeof "Content-Type: \r\n")

/* Any method, those without a name here included. */
#define EVERY_METHOD (~0u)

/* The field goes to the parcel, for it must live as long as the exchange. Returns false when there
 * is no memory for it. */
static bool
keep_type (LdsExchange *exchange,
           LdsSpan type)
{
  char *field = lds_buffer_reserve (&exchange->parcel, MAXIMUM_FIELD_BYTES + 1);
  size_t length;

  if (field == NULL)
    return false;
  length = lds_http_write_field (field, MAXIMUM_FIELD_BYTES, "Content-Type", type);
  field[length] = '\0';
  exchange->extra_fields = field;
  return true;
}

static LdsOperation
step (LdsExchange *exchange)
{
  LdsSpan body = lds_http_request_body (exchange->request, exchange->data), type;

  if (lds_http_request_field (exchange->request, exchange->data, "Content-Type", &type))
    {
      if (type.length > MAXIMUM_TYPE_BYTES)
        return lds_exchange_fail (exchange, 400, "Content-Type must be at most 200 bytes");
      if (!keep_type (exchange, type))
        return lds_exchange_fail (exchange, 503, "there was not enough memory for the answer");
    }
  lds_exchange_write (exchange, body.data, body.length);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_echo = {
    .id = "echo",
    .usage = "POST /echo",
    .path = "/echo",
    .methods = EVERY_METHOD,
    .step = step,
};
