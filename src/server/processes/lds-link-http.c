/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs as POST requests to a worker service. */
#include "lds-link-http.h"

#include "lds-job.h"
#include "lds-loop-fetch.h"
#include "lds-tally.h"
#include "lds-upstreams.h"

#include <stdio.h>
#include <sys/random.h>

#define HEAD_BYTES 256

static const LdsFailure lost = {
    502, "the worker service ended, or could not be reached, before the job was done"};
static const LdsFailure late = {504, "the worker service did not answer in time"};

static void
done_cb (LdsFetch *fetch,
         void *data)
{
  LdsTask *task = data;
  LdsSpan result = {fetch->answer.data + fetch->fields_bytes,
                    fetch->answer.end - fetch->fields_bytes};

  if (fetch->status != 200 || !lds_job_unpack (result, task))
    {
      task->failed = true;
      task->failure = fetch->status == 504 ? &late : &lost;
      lds_tally_add (LDS_TALLY_JOBS_LOST, 1);
    }
  lds_loop_complete (task);
}

static void
submit (LdsOffload *offload,
        LdsTask *task)
{
  const LdsLinkHttp *self = (const LdsLinkHttp *)offload;
  LdsBuffer request = {0};
  size_t bytes = sizeof (LdsJobHead) + task->input_bytes;
  char *head = lds_buffer_reserve (&request, HEAD_BYTES + bytes);

  if (head != NULL)
    request.end += (size_t)snprintf (head, HEAD_BYTES,
                                     "POST /job HTTP/1.1\r\n"
                                     "Host: 127.0.0.1:%d\r\n" LDS_JOB_TOKEN_FIELD ": %s\r\n"
                                     "Content-Type: application/octet-stream\r\n"
                                     "Content-Length: %zu\r\n\r\n",
                                     lds_upstreams_port (LDS_UPSTREAM_OWN), self->token, bytes);
  lds_job_pack (&request, task, 0);
  /* A computation may be done twice: it changes nothing. */
  if (lds_loop_fetch_start (task->loop, LDS_UPSTREAM_OWN, &request, true, done_cb, task) != NULL)
    return;
  lds_buffer_free (&request);
  task->failed = true;
  task->failure = &lost;
  lds_tally_add (LDS_TALLY_JOBS_LOST, 1);
  lds_loop_complete (task);
}

static void
service_moved (const LdsCompanion *service,
               const int *ports)
{
  lds_upstreams_move (LDS_UPSTREAM_OWN, ports != NULL ? ports[0] : 0);
}

bool
lds_link_http_start (LdsLinkHttp *self,
                     const char *model,
                     unsigned workers,
                     const char *profile,
                     char *message,
                     size_t message_bytes)
{
  unsigned char random[LDS_JOB_TOKEN_CHARS / 2];

  *self = (LdsLinkHttp){.offload.submit = submit};
  if (getrandom (random, sizeof random, 0) != sizeof random)
    {
      snprintf (message, message_bytes, "the kernel gives no random numbers.");
      return false;
    }
  for (size_t i = 0; i < sizeof random; i++)
    snprintf (self->token + 2 * i, 3, "%02x", random[i]);
  snprintf (self->variable, sizeof self->variable, "%s=%s", LDS_JOB_TOKEN_VARIABLE, self->token);
  snprintf (self->number, sizeof self->number, "%u", workers);
  self->service = (LdsCompanion){
      .arguments = {"--model", model, "--workers", self->number, "--max-body-bytes", "134217728",
                    profile != NULL ? "--profile" : NULL, profile},
      .variable = self->variable,
      .n_ports = 1,
      .moved = service_moved,
  };
  if (!lds_upstreams_add_own (0))
    {
      snprintf (message, message_bytes, "there is not enough memory for the worker service.");
      return false;
    }
  return lds_companion_start (&self->service, message, message_bytes);
}

void
lds_link_http_end (LdsLinkHttp *self)
{
  lds_companion_end (&self->service);
}
