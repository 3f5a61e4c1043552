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
typedef struct _LdsCost LdsCost;

/* What a step asks of the model. A new kind of operation is one more value here, its parameters in
 * LdsExchange, and one case in each executor: lds-loop-client.c and lds-blocking.c. */
typedef enum
{
  LDS_OPERATION_DONE,    /* nothing: the answer is complete */
  LDS_OPERATION_WAIT,    /* let wait_ns pass, for each of `branches`: at the same time where the model
                            can, else one after the other; needs no CPU */
  LDS_OPERATION_BLOCK,   /* stand still for wait_ns, as a blocking call in the wrong place does */
  LDS_OPERATION_CALL,    /* run the workload's call(), which blocks on something outside, for each of
                            `branches` */
  LDS_OPERATION_COMPUTE, /* run the workload's compute(); needs a CPU all the time */
  LDS_OPERATION_FETCH,   /* send the HTTP/1.1 request in the parcel to `upstream`; the parcel becomes
                            the body of the answer, see `fetch_status` */
  LDS_OPERATION_SEND,    /* what this step has written goes out, as one chunk of an answer of unknown
                            length; the next step comes when the client has taken it. Other
                            operations may come in between. The head goes out with the first
                            chunk: from then on failing ends the connection. */

  /* Become a WebSocket, member of the workload's topic: every message that comes is one more exchange,
   * see `message`. A request that is no handshake is refused with what RFC 6455 says. */
  LDS_OPERATION_UPGRADE,
  /* Answer with server-sent events that never end, as a member of the workload's topic. */
  LDS_OPERATION_SUBSCRIBE,
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

#define LDS_EXCHANGE_STATE_BYTES 64

/* The part of an exchange that may be carried out elsewhere: on another thread, and when it is a
 * computation in another process. It sees only what is here. */
typedef struct
{
  void *state;               /* the exchange's, or a copy that is copied back; see lds_job_state() */
  LdsSpan input;             /* the exchange's, or a copy */
  LdsBuffer *output;         /* empty; becomes the exchange's parcel */
  const LdsBreaker *breaker; /* to be checked at least every 100 us or so while computing */
} LdsJob;

typedef void (*LdsJobFunc) (LdsJob *job);

/* Why an operation could not be carried out: what the request is answered with. */
typedef struct
{
  int status;          /* 500 to 599 */
  const char *message; /* static; as of lds_exchange_fail() */
} LdsFailure;

/* Variable parts of a path. */
#define LDS_EXCHANGE_PARTS 3

struct _LdsExchange
{
  /* Read by workloads, during a step. */
  const LdsHttpRequest *request;
  const char *data; /* the bytes that the offsets of @request refer to */
  unsigned step;    /* how often this exchange has been stepped before; 0 at first */
  LdsBuffer parcel; /* what the last job has put out; freed with the exchange */

  /* What the last step asked for. */
  int64_t wait_ns;   /* of WAIT and BLOCK; at least 0 */
  unsigned branches; /* of WAIT and CALL; 1 unless changed, at most LDS_EXCHANGE_MAX_BRANCHES. With
                        more than one, every call has a copy of the state, and puts out nothing. */
  LdsSpan input;     /* of CALL and COMPUTE: bytes of the request, e.g. its body, or of the parcel,
                        which may be written for that; none unless set */
  unsigned upstream; /* of FETCH: below lds_upstreams_count(), see lds-upstreams.h */
  unsigned tick_hz;  /* of UPGRADE and SUBSCRIBE: ticks a second of the topic, at most
                        LDS_EXCHANGE_MAX_TICK_HZ; 0 for none. Another number is another topic. */

  /* What came of a FETCH. */
  int fetch_status;              /* of the answer, 200 to 599; 0: not reached, or its answer was no good; 504: it
                                    did not answer in time */
  uint32_t fetched_fields_bytes; /* private */
  uint64_t fetched_bytes;        /* length of the body; when HEAD was asked for, what the answer says,
                                    UINT64_MAX when it does not */

  /* Messages of a WebSocket. */
  bool message;   /* this is one, and no request: `input` is its payload, in every step, and what is
                     written is a message in return */
  bool text;      /* it is UTF-8 text, else binary; what is written is of the same kind unless changed */
  bool broadcast; /* false unless changed: what is written goes to all members of the topic instead */
  bool silent;    /* false unless changed: nothing goes back */

  /* The answer, to be written in the step that returns LDS_OPERATION_DONE, or in parts in those that
   * return LDS_OPERATION_SEND. The body goes through the functions below; what any other step writes
   * is thrown away. */
  int status;                /* 200 unless changed */
  const char *content_type;  /* static; (nullable) */
  const char *extra_fields;  /* static; (nullable): whole field lines with CRLF */
  const LdsFailure *failure; /* (nullable): for models: answers it instead of another step */
  bool fetched_head;         /* the request is HEAD, and fetched_bytes is the length to announce */
  LdsBuffer *out;            /* private, as is the rest */
  bool sent;                 /* a part of the answer has gone out */
  bool cut_off;              /* and there is no right end for it any more */
  uint64_t sent_bytes;       /* of the body */
  const LdsCost *cost;       /* (nullable) */
  size_t body_begin;
  struct
  {
    uint32_t offset, bytes; /* from the first byte of the request on */
  } parts[LDS_EXCHANGE_PARTS];

  /* The workload's own; zeroed when the exchange begins. See lds_exchange_state(). */
  _Alignas(16) unsigned char state[LDS_EXCHANGE_STATE_BYTES];
};

#define LDS_EXCHANGE_MAX_BRANCHES 10000
#define LDS_EXCHANGE_MAX_TICK_HZ  100

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

/** The same for the state in @job. */
#define lds_job_state(job, type)                              \
  (__extension__({                                            \
    static_assert (sizeof (type) <= LDS_EXCHANGE_STATE_BYTES, \
                   "the state must fit in an exchange");      \
    (type *)(job)->state;                                     \
  }))

/* What a computation is made of, for runtimes need another multiple of C's time for each. */
typedef enum
{
  LDS_COMPUTE_NUMBERS,  /* floating point, texts, tables: whatever is none of the others */
  LDS_COMPUTE_INTEGERS, /* whole numbers of 64 bits: hashes, pseudo-random rows */
  LDS_COMPUTE_NATIVE,   /* one call of a library that is native code in every runtime: parsing JSON */
  LDS_COMPUTE_TIMED,    /* CPU time as it was asked for, the same in every runtime */
} LdsComputeKind;

/* What a workload file defines. Its id must be in the list in src/server/meson.build. */
struct _LdsServerWorkload
{
  const char *id;    /* "slow" */
  const char *usage; /* for people: "GET /slow?ms=200" */
  const char *path;  /* "/slow", "/user/:id" (any one segment), "/api/:service/:path+" (and any rest) */
  unsigned methods;  /* set of 1 << LdsHttpMethod; GET brings HEAD along */
  LdsOperation (*step) (LdsExchange *exchange);
  bool hidden; /* not listed: there is nothing at its path unless an option allows it */
  /* (nullable): of LDS_OPERATION_CALL. Runs on any thread of the process that steps. */
  LdsJobFunc call;
  /* (nullable): of LDS_OPERATION_COMPUTE. May run in another process: the state holds no pointer. */
  LdsJobFunc compute;
  LdsComputeKind compute_kind;
  bool database; /* its call() is one of the database */
  /* (nullable): the name of its topic; %NULL: its id. Workloads may have one in common. */
  const char *topic;
  /* (nullable): of topics with ticks: appends to @out the text that all members get. @sequence counts
   * ticks from the clock's zero on, @now_ns is CLOCK_MONOTONIC. Called on the loop. */
  void (*tick) (uint64_t sequence, int64_t now_ns, LdsBuffer *out);
};

#define LDS_METHOD_BIT(method) (1u << (method))

/** For models: runs the compute() of @workload in place, on the calling thread. */
void lds_exchange_compute (LdsExchange *self,
                           const LdsServerWorkload *workload,
                           const LdsBreaker *breaker);

/** For models: runs a workload's @call in place, for one branch after the other. */
void lds_exchange_call (LdsExchange *self, LdsJobFunc call);

/**
 * lds_exchange_part:
 * @index: 0 for the first variable segment of the workload's path
 *
 * Returns what stands there in the request's path, still percent-encoded; empty when there is none.
 */
LdsSpan lds_exchange_part (const LdsExchange *self, unsigned index);

/**
 * lds_exchange_fetched_type:
 *
 * Returns the content type of the answer that the last FETCH has got; %NULL when it has none. Valid
 * while the parcel is left alone; may be `content_type`.
 */
const char *lds_exchange_fetched_type (const LdsExchange *self);

/**
 * lds_exchange_fetched_fields:
 *
 * Returns the other field lines of that answer that an intermediary passes on, with CRLF; may be
 * `extra_fields`. Valid as above. Date and Content-Length are not among them.
 */
const char *lds_exchange_fetched_fields (const LdsExchange *self);

/** Appends @length bytes to the body. */
void lds_exchange_write (LdsExchange *self, const void *bytes, size_t length);

/** Appends what the last job has put out to the body. */
void lds_exchange_write_parcel (LdsExchange *self);

/** Appends formatted text to the body. */
void lds_exchange_printf (LdsExchange *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/**
 * lds_exchange_fail:
 * @status: 400 to 599
 * @message: for a person, ASCII without quotes: what is wrong and what to do
 *
 * Makes the answer an error, `{"error":"…"}`, in place of what was written so far. If parts of it have
 * gone out already, the answer ends in the middle and the connection with it, which tells the client.
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

/**
 * lds_exchange_query_range:
 * @minimum: the smallest value allowed
 *
 * As lds_exchange_query_uint64(), for a whole number from @minimum to @maximum.
 */
bool lds_exchange_query_range (LdsExchange *self,
                               const char *name,
                               uint64_t fallback,
                               uint64_t minimum,
                               uint64_t maximum,
                               uint64_t *value);

/**
 * lds_exchange_query_choice:
 * @name: of the query parameter
 * @choices: (array zero-terminated=1): what it may be; the first where the request has none
 * @choice: (out): its index
 *
 * Returns false, with the answer made a 400 that names the choices, when it is none of them.
 */
bool lds_exchange_query_choice (LdsExchange *self,
                                const char *name,
                                const char *const *choices,
                                unsigned *choice);

/**
 * lds_exchange_part_id:
 * @index: of the variable segment of the path, see lds_exchange_part()
 * @id: (out):
 *
 * Returns false, with the answer made a 400, when it is not a whole number from 1 to
 * LDS_EXCHANGE_MAX_ID.
 */
bool lds_exchange_part_id (LdsExchange *self, unsigned index, uint64_t *id);

/* The largest number that every reader of JSON has (RFC 8259 section 6). */
#define LDS_EXCHANGE_MAX_ID ((UINT64_C (1) << 53) - 1)
