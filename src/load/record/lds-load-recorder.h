/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread writes down, and how it hands it over.
 *
 * A tally holds the figures of one interval. The worker records into its own without locks or
 * allocation; at the end of an interval it swaps a full one for an empty one through a mailbox of
 * one atomic pointer. When the reader is late the worker keeps recording into the old one, so that
 * intervals grow and nothing is lost. Three tallies a worker go round: one being written, one in
 * the mailbox, one being read.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lds-histogram.h"

/* How a request may fail. The order is that of the result's members. */
typedef enum
{
  LDS_LOAD_OK = -1,
  LDS_LOAD_CONNECT,    /* no connection */
  LDS_LOAD_RESET,      /* the connection ended before any byte of the answer, or with a reset */
  LDS_LOAD_TIMEOUT,    /* not answered in time */
  LDS_LOAD_SHORT,      /* the connection ended within the answer */
  LDS_LOAD_MALFORMED,  /* not HTTP, or beyond a limit */
  LDS_LOAD_WRONG_BODY, /* not the expected bytes */
  LDS_LOAD_NON_2XX,    /* another status than 200 to 299 */
  LDS_LOAD_UNSENT,     /* due, but no connection was free up to the end */
  LDS_LOAD_N_FAILURES,
} LdsLoadOutcome;

typedef enum
{
  LDS_LOAD_WARM_UP,
  LDS_LOAD_MEASURE,
  LDS_LOAD_DRAIN,
  LDS_LOAD_N_PHASES,
} LdsLoadPhase;

#define LDS_LOAD_STATUS_MIN 100
#define LDS_LOAD_STATUS_MAX 599

/* A part of the requests that results tell apart from the others. */
typedef struct
{
  uint64_t done;
  uint64_t failures;
  LdsHistogram response;
} LdsLoadPart;

/** Records the end of a request, as lds_load_tally_record() does. */
static inline void
lds_load_part_record (LdsLoadPart *self,
                      LdsLoadOutcome outcome,
                      int64_t response_ns)
{
  if (outcome == LDS_LOAD_OK)
    self->done++;
  else
    self->failures++;
  lds_histogram_record (&self->response, response_ns);
}

/* Everything of one interval of one thread. Of the requests that began in the measured interval
 * response->total == done + sum of failures, and service->total is the same without those that
 * were never sent (connect, unsent). Requests that began in the warm-up and ended later are only in
 * the carried figures. */
typedef struct
{
  int64_t begin_ns; /* CLOCK_MONOTONIC */
  int64_t end_ns;
  LdsLoadPhase phase;
  uint64_t sent; /* requests taken up, each once, whatever became of it */
  uint64_t done; /* good answers */
  uint64_t failures[LDS_LOAD_N_FAILURES];
  uint64_t unanswered; /* given up because the run was ended early; in the histograms with their age */
  uint64_t carried_done;
  uint64_t carried_failures;
  uint64_t connects;       /* connections made */
  uint64_t retries;        /* sent again because an idle connection had been closed under it */
  uint64_t bytes_received; /* heads included */
  /* Of streams. A message belongs to the interval in which it was sent. */
  uint64_t messages;           /* sent in the measured interval */
  uint64_t deliveries;         /* received, each by each connection */
  uint64_t carried_deliveries; /* of messages that were sent before the measured interval, or behind it */
  uint64_t missed_ticks;       /* gaps in the numbers of what was received */
  uint64_t unstamped;          /* received, with no time of sending in it */
  uint64_t cut;                /* open connections that ended, though nobody here ended them */
  uint64_t cpu_ns;             /* of the thread */
  uint64_t in_flight;          /* at the end of the interval */
  uint64_t statuses[LDS_LOAD_STATUS_MAX + 1 - LDS_LOAD_STATUS_MIN];
  LdsHistogram response; /* from the intended send */
  LdsHistogram service;  /* from the actual send */
  LdsHistogram lag;      /* the client's own lateness, see lds-load-worker.h */
  LdsHistogram delivery; /* of streams: from the actual send to each receiver */
  atomic_bool is_full;   /* the reader's turn */
  unsigned n_parts;
  LdsLoadPart *parts;
} LdsLoadTally;

/** @n_parts: may be 0. Returns: (nullable): an empty tally; NULL when memory is short */
LdsLoadTally *lds_load_tally_new (unsigned n_parts);
void lds_load_tally_free (LdsLoadTally *self);

/** Empties @self; costs what was written, not what it could hold. */
void lds_load_tally_reset (LdsLoadTally *self);

/** Adds the counts and histograms of @other, which has as many parts; times, phase and gauges are left
 * alone. */
void lds_load_tally_add (LdsLoadTally *self, const LdsLoadTally *other);

/** Failures of all kinds. */
uint64_t lds_load_tally_failures (const LdsLoadTally *self);

/**
 * lds_load_tally_record:
 * @outcome: how it ended
 * @response_ns: since the intended send
 * @service_ns: since the actual send; negative when it was never sent
 *
 * Records the end of a request. No allocation, no lock.
 */
static inline void
lds_load_tally_record (LdsLoadTally *self,
                       LdsLoadOutcome outcome,
                       int64_t response_ns,
                       int64_t service_ns)
{
  if (outcome == LDS_LOAD_OK)
    self->done++;
  else
    self->failures[outcome]++;
  lds_histogram_record (&self->response, response_ns);
  if (service_ns >= 0)
    lds_histogram_record (&self->service, service_ns);
}

/* The way between one worker and the reader. */
typedef struct
{
  _Atomic (LdsLoadTally *) slot;
  LdsLoadTally *writing; /* the worker's */
  LdsLoadTally *reading; /* the reader's, empty */
} LdsLoadRecorder;

/** Allocates the three tallies. Returns false when memory is short. */
bool lds_load_recorder_init (LdsLoadRecorder *self, unsigned n_parts);
void lds_load_recorder_clear (LdsLoadRecorder *self);

/**
 * lds_load_recorder_hand_over:
 *
 * Worker: offers what it wrote and goes on with an empty tally. Returns false, with nothing
 * changed, when the reader has not yet taken the last one. Wait-free.
 */
bool lds_load_recorder_hand_over (LdsLoadRecorder *self);

/** Reader: whether lds_load_recorder_take() would give something. */
bool lds_load_recorder_is_full (LdsLoadRecorder *self);

/**
 * lds_load_recorder_take:
 *
 * Reader: takes a full tally. Returns: (nullable): the tally, to be given back with
 * lds_load_recorder_give_back() before the next call; NULL when there is none.
 */
LdsLoadTally *lds_load_recorder_take (LdsLoadRecorder *self);

/** Reader: @tally was read; empties it for its next turn. */
void lds_load_recorder_give_back (LdsLoadRecorder *self, LdsLoadTally *tally);
