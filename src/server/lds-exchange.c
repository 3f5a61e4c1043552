/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What workloads do with an exchange. */
#include "lds-exchange.h"

#include "lds-http-writer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void
lds_exchange_compute (LdsExchange *self,
                      LdsJobFunc compute,
                      const LdsBreaker *breaker)
{
  LdsJob job = {
      .state = self->state,
      .input = self->input,
      .output = &self->parcel,
      .breaker = breaker,
  };

  lds_buffer_clear (&self->parcel);
  compute (&job);
}

void
lds_exchange_call (LdsExchange *self,
                   LdsJobFunc call)
{
  static const LdsBreaker never = {NULL, NULL};
  _Alignas(16) unsigned char state[LDS_EXCHANGE_STATE_BYTES];

  if (self->branches == 1)
    {
      lds_exchange_compute (self, call, &never);
      return;
    }
  for (unsigned i = 0; i < self->branches; i++)
    {
      LdsBuffer dropped = {0};
      LdsJob job = {.state = state, .input = self->input, .output = &dropped, .breaker = &never};

      memcpy (state, self->state, sizeof state);
      call (&job);
      lds_buffer_free (&dropped);
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

void
lds_exchange_write (LdsExchange *self,
                    const void *bytes,
                    size_t length)
{
  lds_buffer_append (self->out, bytes, length);
}

void
lds_exchange_printf (LdsExchange *self,
                     const char *format,
                     ...)
{
  size_t room = 256;

  for (;;)
    {
      char *to = lds_buffer_reserve (self->out, room);
      va_list args;
      int length;

      if (to == NULL)
        return;
      va_start (args, format);
      length = vsnprintf (to, room, format, args);
      va_end (args);
      if (length < 0)
        {
          self->out->failed = true;
          return;
        }
      if ((size_t)length < room)
        {
          self->out->end += (size_t)length;
          return;
        }
      room = (size_t)length + 1;
    }
}

LdsOperation
lds_exchange_fail (LdsExchange *self,
                   int status,
                   const char *message)
{
  self->status = status;
  self->content_type = "application/json";
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
  LdsSpan text;
  char message[128];

  *value = fallback;
  if (!lds_http_query_value (lds_http_request_query (self->request, self->data), name, &text))
    return true;
  if (lds_http_parse_uint64 (text, value) && *value <= maximum)
    return true;
  snprintf (message, sizeof message, "%s must be a whole number from 0 to %" PRIu64, name, maximum);
  lds_exchange_fail (self, 400, message);
  return false;
}
