/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-1: the smallest answer there is. */
#include "lds-exchange.h"

static LdsOperation
step (LdsExchange *exchange)
{
  static const char text[] = "hello\n";

  exchange->content_type = "text/plain";
  lds_exchange_write (exchange, text, sizeof text - 1);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_hello = {
    .id = "hello",
    .usage = "GET /",
    .path = "/",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
};
