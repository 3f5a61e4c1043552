/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs as POST requests to a worker service. */
#include "lds-link-http.h"

#include "lds-job.h"
#include "lds-loop-fetch.h"
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
  lds_loop_complete (task);
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
  char variable[sizeof LDS_JOB_TOKEN_VARIABLE + 1 + LDS_JOB_TOKEN_CHARS], number[16];
  const char *const arguments[] = {
      "--model", model, "--workers", number, "--max-body-bytes", "134217728",
      profile != NULL ? "--profile" : NULL, profile, NULL};
  int port;

  *self = (LdsLinkHttp){.offload.submit = submit};
  if (getrandom (random, sizeof random, 0) != sizeof random)
    {
      snprintf (message, message_bytes, "the kernel gives no random numbers.");
      return false;
    }
  for (size_t i = 0; i < sizeof random; i++)
    snprintf (self->token + 2 * i, 3, "%02x", random[i]);
  snprintf (variable, sizeof variable, "%s=%s", LDS_JOB_TOKEN_VARIABLE, self->token);
  snprintf (number, sizeof number, "%u", workers);
  if (!lds_companion_start (&self->service, arguments, variable, &port, 1, message, message_bytes))
    return false;
  lds_upstreams_set_own (port);
  return true;
}

void
lds_link_http_end (LdsLinkHttp *self)
{
  lds_companion_end (&self->service);
}
