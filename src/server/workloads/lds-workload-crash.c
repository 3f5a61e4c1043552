/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-15: the process that gets the request dies of it, as of an error that nobody handled.
 *
 * Only with --allow-crash; otherwise there is nothing at this path.
 */
#include "lds-exchange.h"
#include "lds-server.h"

#include <signal.h>
#include <unistd.h>

static LdsOperation
step (LdsExchange *exchange)
{
  /* SIGKILL: what it leaves behind is nothing, not even a memory dump. */
  if (lds_server_may_crash)
    kill (getpid (), SIGKILL);
  return lds_exchange_fail (exchange, 404, "there is nothing at this path");
}

const LdsServerWorkload lds_workload_crash = {
    .id = "crash",
    .usage = "GET /crash",
    .path = "/crash",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .hidden = true,
};
