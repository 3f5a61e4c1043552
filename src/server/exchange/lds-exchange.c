/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What workloads do with an exchange. */
#include "lds-exchange.h"

#include "lds-cost.h"
#include "lds-http-writer.h"

#include <inttypes.h>
#include <stdio.h>

void
lds_exchange_compute (LdsExchange *self,
                      const LdsServerWorkload *workload,
                      const LdsBreaker *breaker)
{
  LdsBuffer output = {0};
  LdsJob job = {
      .state = self->state,
      .input = self->input,
      .output = &output,
      .breaker = breaker,
  };

  lds_cost_run_compute (self->cost, workload, &job);
  /* Not before: the input may lie there. */
  lds_buffer_free (&self->parcel);
  self->parcel = output;
}

void
lds_exchange_call (LdsExchange *self,
                   LdsJobFunc call)
{
  static const LdsBreaker never = {NULL, NULL};
  _Alignas(16) unsigned char state[LDS_EXCHANGE_STATE_BYTES];
  LdsBuffer output = {0};
  LdsJob job = {.input = self->input, .output = &output, .breaker = &never};

  if (self->branches == 1)
    {
      job.state = self->state;
      lds_cost_run_call (self->cost, call, &job);
      lds_buffer_free (&self->parcel);
      self->parcel = output;
      return;
    }
  job.state = state;
  for (unsigned i = 0; i < self->branches; i++)
    {
      memcpy (state, self->state, sizeof state);
      lds_cost_run_call (self->cost, call, &job);
      lds_buffer_free (&output);
    }
}

LdsSpan
lds_exchange_part (const LdsExchange *self,
                   unsigned index)
{
  if (index >= LDS_EXCHANGE_PARTS)
    return (LdsSpan){NULL, 0};
  return (LdsSpan){self->data + self->parts[index].offset, self->parts[index].bytes};
}

const char *
lds_exchange_fetched_type (const LdsExchange *self)
{
  const char *type = self->parcel.data;

  return self->fetched_fields_bytes > 0 && *type != '\0' ? type : NULL;
}

const char *
lds_exchange_fetched_fields (const LdsExchange *self)
{
  const char *type = self->parcel.data;

  return self->fetched_fields_bytes > 0 ? type + strlen (type) + 1 : "";
}

void
lds_exchange_write (LdsExchange *self,
                    const void *bytes,
                    size_t length)
{
  lds_buffer_append (self->out, bytes, length);
}

void
lds_exchange_write_parcel (LdsExchange *self)
{
  if (lds_buffer_size (&self->parcel) > 0)
    lds_exchange_write (self, self->parcel.data + self->parcel.start,
                        lds_buffer_size (&self->parcel));
}

void
lds_exchange_printf (LdsExchange *self,
                     const char *format,
                     ...)
{
  va_list args;

  va_start (args, format);
  lds_buffer_vprintf (self->out, format, args);
  va_end (args);
}

LdsOperation
lds_exchange_fail (LdsExchange *self,
                   int status,
                   const char *message)
{
  if (self->sent)
    {
      self->cut_off = true;
      return LDS_OPERATION_DONE;
    }
  self->status = status;
  self->content_type = "application/json";
  self->broadcast = self->silent = false;
  if (!self->out->failed)
    self->out->end = self->body_begin;
  lds_exchange_printf (self, "{\"error\":\"%s\"}", message);
  return LDS_OPERATION_DONE;
}

bool
lds_exchange_query_uint64 (LdsExchange *self,
                           const char *name,
                           uint64_t fallback,
                           uint64_t maximum,
                           uint64_t *value)
{
  return lds_exchange_query_range (self, name, fallback, 0, maximum, value);
}

bool
lds_exchange_query_range (LdsExchange *self,
                          const char *name,
                          uint64_t fallback,
                          uint64_t minimum,
                          uint64_t maximum,
                          uint64_t *value)
{
  LdsSpan text;
  char message[128];

  *value = fallback;
  if (!lds_http_query_value (lds_http_request_query (self->request, self->data), name, &text))
    return true;
  if (lds_http_parse_uint64 (text, value) && *value >= minimum && *value <= maximum)
    return true;
  snprintf (message, sizeof message, "%s must be a whole number from %" PRIu64 " to %" PRIu64, name,
            minimum, maximum);
  lds_exchange_fail (self, 400, message);
  return false;
}

bool
lds_exchange_query_choice (LdsExchange *self,
                           const char *name,
                           const char *const *choices,
                           unsigned *choice)
{
  LdsSpan text;
  char message[128];
  int length;

  *choice = 0;
  if (!lds_http_query_value (lds_http_request_query (self->request, self->data), name, &text))
    return true;
  for (; choices[*choice] != NULL; ++*choice)
    if (lds_span_equal (text, choices[*choice]))
      return true;
  length = snprintf (message, sizeof message, "%s must be %s", name, choices[0]);
  for (unsigned i = 1; choices[i] != NULL && length < (int)sizeof message; i++)
    length += snprintf (message + length, sizeof message - (size_t)length, "%s%s",
                        choices[i + 1] == NULL ? " or " : ", ", choices[i]);
  lds_exchange_fail (self, 400, message);
  return false;
}

bool
lds_exchange_part_id (LdsExchange *self,
                      unsigned index,
                      uint64_t *id)
{
  char message[96];

  if (lds_http_parse_uint64 (lds_exchange_part (self, index), id) && *id >= 1 &&
      *id <= LDS_EXCHANGE_MAX_ID)
    return true;
  snprintf (message, sizeof message, "the id in the path must be a whole number from 1 to %" PRIu64,
            LDS_EXCHANGE_MAX_ID);
  lds_exchange_fail (self, 400, message);
  return false;
}
