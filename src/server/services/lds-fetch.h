/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request to an upstream and its answer, without the socket: LDS_OPERATION_FETCH.
 *
 * How bytes reach the upstream is up to the model (lds-loop-fetch.c, lds-blocking-fetch.c). What an
 * answer must look like, what is kept of it and when it may be asked for again is here, so that it
 * is the same for all.
 *
 * Belongs to one thread at a time.
 */
#pragma once

#include "lds-exchange.h"
#include "lds-http-response.h"

/* An answer with a larger body, decoded, is given up. */
#define LDS_FETCH_BODY_MAX_BYTES (64u * 1024 * 1024)
/* As is one whose field lines, those that are passed on, are longer than this in all. */
#define LDS_FETCH_FIELDS_MAX_BYTES (16u * 1024)
/* A longer content type is one field among the others; see lds-http-writer.h. */
#define LDS_FETCH_TYPE_MAX_BYTES 80u

typedef enum
{
  LDS_FETCH_MORE,   /* read more */
  LDS_FETCH_DONE,   /* the answer is whole */
  LDS_FETCH_FAILED, /* it is not HTTP, or too large: close the connection */
} LdsFetchState;

typedef struct
{
  LdsBuffer request; /* whole; kept for a second attempt */
  LdsBuffer answer;  /* what becomes the parcel, see lds_exchange_fetched_type() */
  LdsHttpResponse parser;
  int status;
  uint32_t fields_bytes;
  uint64_t announced_bytes; /* of the body of an answer to HEAD; UINT64_MAX when not said */
  bool head_request;
  bool repeatable; /* asking twice does what asking once does */
  bool retried;
} LdsFetch;

/**
 * lds_fetch_begin:
 * @self: memory of any content
 * @request: (inout): a whole HTTP/1.1 request; taken
 * @cache: (nullable): of the calling thread; outlives @self
 */
void lds_fetch_begin (LdsFetch *self, LdsBuffer *request, LdsHttpHeadCache *cache);

/**
 * lds_fetch_received:
 * @bytes: (array length=count): what the upstream has sent, in order
 *
 * After LDS_FETCH_DONE see lds_fetch_can_keep().
 */
LdsFetchState lds_fetch_received (LdsFetch *self, const char *bytes, size_t count);

/** The upstream has ended the connection: LDS_FETCH_DONE when that is how its answer ends. */
LdsFetchState lds_fetch_ended (LdsFetch *self);

/** Whether, after LDS_FETCH_DONE, the connection may carry another request. */
bool lds_fetch_can_keep (const LdsFetch *self);

/**
 * lds_fetch_can_retry:
 *
 * Returns true, once, when a connection that had been used before has ended with nothing of the
 * answer come, and the request may be sent again (RFC 9110 section 9.2.2): then make ready for it.
 */
bool lds_fetch_can_retry (LdsFetch *self);

/** Gives it up: @status is 0, no good answer, or 504, none in time. */
void lds_fetch_fail (LdsFetch *self, int status);

/** Gives the outcome to @exchange. */
void lds_fetch_deliver (LdsFetch *self, LdsExchange *exchange);

/** Gives @exchange the outcome of a fetch that could not be begun. */
void lds_fetch_deliver_failure (LdsExchange *exchange);

/** Frees what @self holds. */
void lds_fetch_clear (LdsFetch *self);
