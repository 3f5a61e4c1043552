/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-000-3: WebSocket chat: what one member sends all members get, the sender among them, unchanged,
 * so that a time written into it by the sender tells each receiver how long it took. */
#include "lds-exchange.h"

static LdsOperation
step (LdsExchange *exchange)
{
  if (!exchange->message)
    return LDS_OPERATION_UPGRADE;
  exchange->broadcast = true;
  lds_exchange_write (exchange, exchange->input.data, exchange->input.length);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_chat = {
    .id = "chat",
    .usage = "GET /chat",
    .path = "/chat",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
};
