/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request and its answer: where a workload, which says what must happen, meets a concurrency
 * model, which decides how.
 *
 * A workload is a step function. It looks at the request and either answers (LDS_OPERATION_DONE)
 * or asks for an operation. The model carries that out in its own way - a timer on the loop, a
 * sleep without the lock, a whole process standing still - and then steps the workload again.
 * Between two steps the exchange may have waited for long and its request may have moved: keep
 * numbers in `state`, never pointers into the request.
 */
#pragma once

#include "lds-buffer.h"
#include "lds-http-request.h"

#include <assert.h>

typedef struct _LdsExchange LdsExchange;
typedef struct _LdsServerWorkload LdsServerWorkload;

/* What a step asks of the model. A new kind of operation is one more value here, its parameters in
 * LdsExchange, and one case in each executor: models/lds-model-event-loop.c and lds-blocking.c. */
typedef enum
{
  LDS_OPERATION_DONE,    /* nothing: the answer is complete */
  LDS_OPERATION_WAIT,    /* let wait_ns pass; needs no CPU */
  LDS_OPERATION_COMPUTE, /* run compute(); needs a CPU all the time */
} LdsOperation;

/* Called now and then by a computation, as an interpreter looks at its eval breaker between two
 * instructions: the place where a model may take the CPU away. */
typedef struct
{
  void (*check) (void *data); /* (nullable): NULL when the model never interrupts */
  void *data;
} LdsBreaker;

static inline void
lds_breaker_check (const LdsBreaker *self)
{
  if (self->check != NULL)
    self->check (self->data);
}

/**
 * LdsComputeFunc:
 *
 * Computes and leaves its result in the exchange's state. Must call lds_breaker_check() at least
 * every 100 us or so, and must not touch the request or the answer: a model may run it on another
 * thread.
 */
typedef void (*LdsComputeFunc) (LdsExchange *exchange, const LdsBreaker *breaker);

#define LDS_EXCHANGE_STATE_BYTES 64

struct _LdsExchange
{
  /* Read by workloads, during a step. */
  const LdsHttpRequest *request;
  const char *data; /* the bytes that the offsets of @request refer to */
  unsigned step;    /* how often this exchange has been stepped before; 0 at first */

  /* What the last step asked for. */
  int64_t wait_ns;        /* of LDS_OPERATION_WAIT; at least 0 */
  LdsComputeFunc compute; /* of LDS_OPERATION_COMPUTE */

  /* The answer, to be written in the step that returns LDS_OPERATION_DONE. The body goes through
   * the functions below; what an earlier step writes is thrown away. */
  int status;               /* 200 unless changed */
  const char *content_type; /* static; (nullable) */
  const char *extra_fields; /* static; (nullable): whole field lines with CRLF */
  LdsBuffer *out;           /* private, as is the next */
  size_t body_begin;

  /* The workload's own; zeroed when the exchange begins. See lds_exchange_state(). */
  _Alignas(16) unsigned char state[LDS_EXCHANGE_STATE_BYTES];
};

/**
 * lds_exchange_state:
 *
 * Returns the workload's own memory in @exchange as a pointer to @type, which must fit.
 */
#define lds_exchange_state(exchange, type)                    \
  (__extension__({                                            \
    static_assert (sizeof (type) <= LDS_EXCHANGE_STATE_BYTES, \
                   "the state must fit in an exchange");      \
    (type *)(void *)(exchange)->state;                        \
  }))

/* What a workload file defines. Its id must be in the list in src/server/meson.build. */
struct _LdsServerWorkload
{
  const char *id;    /* "slow" */
  const char *usage; /* for people: "GET /slow?ms=200" */
  const char *path;  /* "/slow": matched exactly */
  unsigned methods;  /* set of 1 << LdsHttpMethod; GET brings HEAD along */
  LdsOperation (*step) (LdsExchange *exchange);
};

#define LDS_METHOD_BIT(method) (1u << (method))

/** Appends @length bytes to the body. */
void lds_exchange_write (LdsExchange *self, const void *bytes, size_t length);

/** Appends formatted text to the body. */
void lds_exchange_printf (LdsExchange *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/**
 * lds_exchange_fail:
 * @status: 400 to 599
 * @message: for a person, ASCII without quotes: what is wrong and what to do
 *
 * Makes the answer an error, `{"error":"…"}`, in place of what was written so far.
 *
 * Returns LDS_OPERATION_DONE, so that a step can return it.
 */
LdsOperation lds_exchange_fail (LdsExchange *self, int status, const char *message);

/**
 * lds_exchange_query_uint64:
 * @name: of the query parameter
 * @fallback: its value where the request has none
 * @maximum: the largest value allowed
 * @value: (out):
 *
 * Returns false, with the answer made a 400 that names the parameter, when it is not a whole
 * number from 0 to @maximum.
 */
bool lds_exchange_query_uint64 (LdsExchange *self,
                                const char *name,
                                uint64_t fallback,
                                uint64_t maximum,
                                uint64_t *value);
