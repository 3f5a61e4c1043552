/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POST /job: runs a call that another loadstone-server, the edge, has sent (W-000-14, over HTTP).
 *
 * It is there only when the edge has put a token into the environment, which nobody but this user
 * may read; without that token there is nothing at this path. The call's computation is the
 * workload's own, so the model carries it out in its way.
 */
#include "lds-job.h"

#include <stdlib.h>
#include <unistd.h>

static char token[LDS_JOB_TOKEN_CHARS];
static bool has_token;

void
lds_job_take_token (void)
{
  const char *given = getenv (LDS_JOB_TOKEN_VARIABLE);

  if (given == NULL)
    return;
  has_token = strlen (given) == sizeof token;
  if (has_token)
    memcpy (token, given, sizeof token);
  unsetenv (LDS_JOB_TOKEN_VARIABLE);
}

/* In a time that does not tell where the first difference is. */
static bool
knows_token (const LdsExchange *exchange)
{
  LdsSpan given;
  unsigned difference = 0;

  if (!lds_http_request_field (exchange->request, exchange->data, LDS_JOB_TOKEN_FIELD, &given) ||
      given.length != sizeof token)
    return false;
  for (size_t i = 0; i < sizeof token; i++)
    difference |= (unsigned)(unsigned char)(given.data[i] ^ token[i]);
  return difference == 0;
}

static void
run_call (LdsJob *job)
{
  /* What it costs is spent around this, as around any computation. */
  lds_job_run (job->input, NULL, job->breaker, job->output);
}

static LdsOperation
step (LdsExchange *exchange)
{
  if (!knows_token (exchange))
    return lds_exchange_fail (exchange, 404, "there is nothing at this path");
  if (exchange->step == 0)
    {
      exchange->input = lds_http_request_body (exchange->request, exchange->data);
      return LDS_OPERATION_COMPUTE;
    }
  if (!lds_job_succeeded ((LdsSpan){exchange->parcel.data + exchange->parcel.start,
                                    lds_buffer_size (&exchange->parcel)}))
    return lds_exchange_fail (exchange, 400, "this is not a call that can be run here");
  exchange->content_type = "application/octet-stream";
  lds_exchange_write (exchange, exchange->parcel.data + exchange->parcel.start,
                      lds_buffer_size (&exchange->parcel));
  return LDS_OPERATION_DONE;
}

static const LdsServerWorkload endpoint = {
    .id = "job",
    .usage = "POST /job",
    .path = "/job",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_POST),
    .step = step,
    .compute = run_call,
};

const LdsServerWorkload *
lds_job_endpoint (void)
{
  return has_token ? &endpoint : NULL;
}
