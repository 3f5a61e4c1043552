/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection and the request it carries: plain state, no input or output of its own. The engine
 * moves its bytes, the worker gives it requests. */
#pragma once

#include "lds-http-response.h"
#include "lds-load-body.h"
#include "lds-load-recorder.h"

typedef enum
{
  LDS_LOAD_FREE,       /* may take a request; fd is -1 when it must connect first */
  LDS_LOAD_RESTING,    /* after a failure: free again at rest_until_ns */
  LDS_LOAD_CONNECTING, /* for its request, or ahead of the run */
  LDS_LOAD_BUSY,       /* its request is being sent or awaits the answer */
} LdsLoadConnectionState;

typedef struct
{
  int fd; /* -1 when not connected */
  uint8_t state;
  bool has_request;
  bool is_measured; /* the request began in the measured interval */
  bool was_resent;  /* the request met a closed connection once already */
  bool is_reused;   /* the connection has carried an answer before */
  bool is_hung_up;  /* the server has sent all that it will: no use for another request */
  uint8_t n_failed; /* connections in a row that gave no answer; stops at 255 */
  uint32_t index;   /* among the worker's */
  size_t written;   /* bytes of the request */
  int64_t intended_ns;
  int64_t taken_ns; /* when the connection took the request up: connect or send */
  int64_t sent_ns;  /* -1 when not sent */
  int64_t free_ns;  /* since when it is free */
  int64_t rest_until_ns;
  LdsHttpResponse response;
  LdsLoadBodyCheck check;
} LdsLoadConnection;

void lds_load_connection_init (LdsLoadConnection *self, uint32_t index, LdsHttpHeadCache *cache);
void lds_load_connection_clear (LdsLoadConnection *self);

/* What became of the answer. */
typedef enum
{
  LDS_LOAD_ANSWER_PART,  /* more is to come */
  LDS_LOAD_ANSWER_WHOLE, /* it ended: *outcome says how good it is */
} LdsLoadAnswer;

/** Makes the connection ready for an answer. */
static inline void
lds_load_connection_expect (LdsLoadConnection *self,
                            LdsLoadExpectation *expectation,
                            bool is_head)
{
  lds_http_response_begin (&self->response, is_head);
  lds_load_body_check_begin (&self->check, expectation);
}

/**
 * lds_load_connection_feed:
 * @outcome: (out): LDS_LOAD_OK, WRONG_BODY, NON_2XX or MALFORMED, when the answer is whole
 *
 * Takes what was received. Bytes behind the answer are more than the server announced: malformed.
 */
LdsLoadAnswer lds_load_connection_feed (LdsLoadConnection *self,
                                        LdsLoadExpectation *expectation,
                                        const char *data,
                                        size_t size,
                                        LdsLoadOutcome *outcome);

/**
 * lds_load_connection_end:
 * @was_reset: it ended with an error rather than in order
 *
 * The connection ended before the answer was whole, unless that is how the answer ends. Returns
 * what became of the answer.
 */
LdsLoadOutcome lds_load_connection_end (LdsLoadConnection *self,
                                        LdsLoadExpectation *expectation,
                                        bool was_reset);
