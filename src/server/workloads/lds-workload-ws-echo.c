/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A WebSocket that gives every message back: what a message costs with nothing else around it. */
#include "lds-exchange.h"

static LdsOperation
step (LdsExchange *exchange)
{
  if (!exchange->message)
    return LDS_OPERATION_UPGRADE;
  lds_exchange_write (exchange, exchange->input.data, exchange->input.length);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_ws_echo = {
    .id = "ws-echo",
    .usage = "GET /ws",
    .path = "/ws",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
};
