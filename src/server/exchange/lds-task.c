/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A job on its way. */
#include "lds-task.h"

#include "lds-cost.h"
#include "lds-tally.h"

#include <stdlib.h>
#include <string.h>

LdsTask *
lds_task_new (const LdsExchange *exchange,
              const LdsServerWorkload *workload,
              LdsJobFunc run)
{
  LdsTask *self = malloc (sizeof *self + exchange->input.length);

  if (self == NULL)
    return NULL;
  *self = (LdsTask){.workload = workload,
                    .run = run,
                    .cost = exchange->cost,
                    .input_bytes = exchange->input.length};
  memcpy (self->state, exchange->state, sizeof self->state);
  if (self->input_bytes > 0)
    memcpy (self->input, exchange->input.data, self->input_bytes);
  return self;
}

void
lds_task_run (LdsTask *self,
              const LdsBreaker *breaker)
{
  LdsJob job = {
      .state = self->state,
      .input = {self->input, self->input_bytes},
      .output = &self->output,
      .breaker = breaker,
  };

  lds_tally_add (LDS_TALLY_JOBS_BEGUN, 1);
  if (self->run == self->workload->compute)
    lds_cost_run_compute (self->cost, self->workload, &job);
  else
    lds_cost_run_call (self->cost, self->run, &job);
}

void
lds_task_deliver (LdsTask *self,
                  LdsExchange *exchange)
{
  memcpy (exchange->state, self->state, sizeof self->state);
  lds_buffer_free (&exchange->parcel);
  exchange->parcel = self->output;
  self->output = (LdsBuffer){0};
  lds_task_deliver_failure (self, exchange);
}

void
lds_task_deliver_failure (const LdsTask *self,
                          LdsExchange *exchange)
{
  if (self->failed && self->failure != NULL)
    exchange->failure = self->failure;
  else if (self->failed)
    exchange->parcel.failed = true;
}

void
lds_task_free (LdsTask *self)
{
  lds_buffer_free (&self->output);
  free (self);
}
