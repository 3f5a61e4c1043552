/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls and results as bytes, and the worker that reads the ones and writes the others. */
#include "lds-job.h"

#include "lds-cost.h"
#include "lds-registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAGIC 0x4c534a31u

void
lds_job_pack (LdsBuffer *to,
              const LdsTask *task,
              uint64_t ticket)
{
  LdsJobHead head = {.magic = MAGIC, .bytes = task->input_bytes, .ticket = ticket};

  snprintf (head.workload, sizeof head.workload, "%s", task->workload->id);
  memcpy (head.state, task->state, sizeof head.state);
  lds_buffer_reserve (to, sizeof head + task->input_bytes);
  lds_buffer_append (to, &head, sizeof head);
  lds_buffer_append (to, task->input, task->input_bytes);
}

bool
lds_job_head_is_sound (const LdsJobHead *head)
{
  return head->magic == MAGIC && head->bytes <= LDS_JOB_MAX_BYTES &&
         memchr (head->workload, '\0', sizeof head->workload) != NULL;
}

/* Returns: (nullable): the head, checked against the length */
static const LdsServerWorkload *
open_call (LdsSpan call,
           LdsJobHead *head)
{
  const LdsServerWorkload *workload;

  if (call.length < sizeof *head)
    return NULL;
  memcpy (head, call.data, sizeof *head);
  if (!lds_job_head_is_sound (head) || head->bytes != call.length - sizeof *head)
    return NULL;
  workload = lds_registry_find_workload (head->workload);
  return workload != NULL && workload->compute != NULL ? workload : NULL;
}

void
lds_job_run (LdsSpan call,
             const LdsCost *cost,
             const LdsBreaker *breaker,
             LdsBuffer *result)
{
  LdsJobHead head = {0};
  const LdsServerWorkload *workload = open_call (call, &head);
  LdsBuffer output = {0};
  LdsJob job = {.state = head.state, .output = &output, .breaker = breaker};

  if (workload != NULL)
    {
      job.input = (LdsSpan){call.data + sizeof head, head.bytes};
      lds_cost_run_compute (cost, workload, &job);
    }
  head.magic = MAGIC;
  head.failed = workload == NULL || output.failed;
  head.bytes = head.failed ? 0 : lds_buffer_size (&output);
  lds_buffer_reserve (result, sizeof head + head.bytes);
  lds_buffer_append (result, &head, sizeof head);
  if (head.bytes > 0)
    lds_buffer_append (result, output.data + output.start, head.bytes);
  lds_buffer_free (&output);
}

bool
lds_job_succeeded (LdsSpan result)
{
  LdsJobHead head;

  if (result.length < sizeof head)
    return false;
  memcpy (&head, result.data, sizeof head);
  return lds_job_head_is_sound (&head) && !head.failed &&
         head.bytes == result.length - sizeof head;
}

bool
lds_job_unpack (LdsSpan result,
                LdsTask *task)
{
  LdsJobHead head;

  if (!lds_job_succeeded (result))
    return false;
  memcpy (&head, result.data, sizeof head);
  memcpy (task->state, head.state, sizeof task->state);
  lds_buffer_append (&task->output, result.data + sizeof head, head.bytes);
  return true;
}

static bool
read_whole (char *to,
            size_t count)
{
  while (count > 0)
    {
      ssize_t n = read (STDIN_FILENO, to, count);

      if (n == 0 || (n < 0 && errno != EINTR))
        return false;
      to += n > 0 ? n : 0;
      count -= n > 0 ? (size_t)n : 0;
    }
  return true;
}

static bool
write_whole (const char *from,
             size_t count)
{
  while (count > 0)
    {
      ssize_t n = send (STDIN_FILENO, from, count, MSG_NOSIGNAL);

      if (n < 0 && errno != EINTR)
        return false;
      from += n > 0 ? n : 0;
      count -= n > 0 ? (size_t)n : 0;
    }
  return true;
}

/* Reads a call into @call. Returns false at the end, or when it is not sound. */
static bool
read_call (LdsBuffer *call)
{
  LdsJobHead head;

  if (!read_whole ((char *)&head, sizeof head) || !lds_job_head_is_sound (&head) ||
      lds_buffer_reserve (call, sizeof head + head.bytes) == NULL)
    return false;
  lds_buffer_append (call, &head, sizeof head);
  if (!read_whole (call->data + call->end, head.bytes))
    return false;
  call->end += head.bytes;
  return true;
}

int
lds_job_worker (const char *profile)
{
  static const LdsBreaker never = {NULL, NULL};
  static LdsCost cost;
  LdsProfile read;
  const LdsCost *spent = NULL;
  LdsBuffer call = {0}, result = {0};
  char message[LDS_PROFILE_MESSAGE_BYTES];
  bool going = true;

  if (profile != NULL)
    {
      if (!lds_profile_load (profile, &read, message, sizeof message))
        {
          fprintf (stderr, "loadstone-server: --worker-profile: %s\n", message);
          return 2;
        }
      spent = lds_cost_init (&cost, &read, 0);
      lds_cost_start_process (spent, false);
    }
  while (going && read_call (&call))
    {
      lds_job_run ((LdsSpan){call.data, lds_buffer_size (&call)}, spent, &never, &result);
      going = !result.failed && write_whole (result.data, lds_buffer_size (&result));
      lds_buffer_clear (&call);
      lds_buffer_clear (&result);
    }
  lds_buffer_free (&call);
  lds_buffer_free (&result);
  return 0;
}
