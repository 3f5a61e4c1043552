/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-000-13: one user as JSON, at once. */
#include "lds-exchange.h"

#include <inttypes.h>

static LdsOperation
step (LdsExchange *exchange)
{
  uint64_t id;

  if (!lds_exchange_part_id (exchange, 0, &id))
    return LDS_OPERATION_DONE;
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange,
                       "{\"id\":%" PRIu64 ",\"name\":\"User %" PRIu64 "\","
                       "\"email\":\"user%" PRIu64 "@example.org\",\"active\":%s}",
                       id, id, id, id % 7 != 0 ? "true" : "false");
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_users = {
    .id = "users",
    .usage = "GET /users/1",
    .path = "/users/:id",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
};
