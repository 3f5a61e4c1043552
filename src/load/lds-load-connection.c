/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection and the request it carries. */
#include "lds-load-connection.h"

#include <string.h>

void
lds_load_connection_init (LdsLoadConnection *self,
                          uint32_t index,
                          LdsHttpHeadCache *cache)
{
  memset (self, 0, sizeof *self);
  self->fd = -1;
  self->index = index;
  self->sent_ns = -1;
  lds_http_response_init (&self->response, cache);
}

void
lds_load_connection_clear (LdsLoadConnection *self)
{
  lds_http_response_clear (&self->response);
  lds_load_body_check_clear (&self->check);
}

static LdsLoadOutcome
judge (LdsLoadConnection *self,
       LdsLoadExpectation *expectation)
{
  if (self->response.head.status < 200 || self->response.head.status > 299)
    return LDS_LOAD_NON_2XX;
  return lds_load_body_check_end (&self->check, expectation) ? LDS_LOAD_OK : LDS_LOAD_WRONG_BODY;
}

LdsLoadAnswer
lds_load_connection_feed (LdsLoadConnection *self,
                          LdsLoadExpectation *expectation,
                          const char *data,
                          size_t size,
                          LdsLoadOutcome *outcome)
{
  size_t at = 0, span_size = 0;
  const char *span = NULL;

  for (;;)
    switch (lds_http_response_next (&self->response, data, size, &at, &span, &span_size))
      {
      case LDS_HTTP_RESPONSE_BODY:
        lds_load_body_check_add (&self->check, span, span_size);
        break;
      case LDS_HTTP_RESPONSE_MORE:
        return LDS_LOAD_ANSWER_PART;
      case LDS_HTTP_RESPONSE_DONE:
        *outcome = at == size ? judge (self, expectation) : LDS_LOAD_MALFORMED;
        return LDS_LOAD_ANSWER_WHOLE;
      case LDS_HTTP_RESPONSE_MALFORMED:
      default:
        *outcome = LDS_LOAD_MALFORMED;
        return LDS_LOAD_ANSWER_WHOLE;
      }
}

LdsLoadOutcome
lds_load_connection_end (LdsLoadConnection *self,
                         LdsLoadExpectation *expectation,
                         bool was_reset)
{
  if (was_reset || !lds_http_response_has_begun (&self->response))
    return LDS_LOAD_RESET;
  return lds_http_response_end (&self->response) ? judge (self, expectation) : LDS_LOAD_SHORT;
}
