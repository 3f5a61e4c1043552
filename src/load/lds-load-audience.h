/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the connections of one thread receive without having asked for it: each delivery, what was
 * missed, and whether everything has come that is still to come. */
#pragma once

#include "lds-load-message.h"
#include "lds-load-recorder.h"

/* One connection, as long as it is open. */
typedef struct
{
  bool is_open;
  bool is_counted;   /* open since before the measured interval */
  bool is_past;      /* has had a tick of behind the measured interval, so all of it before */
  uint64_t next_seq; /* of ticks; 0 when there was none yet */
  uint64_t n_had;    /* messages of the measured interval */
} LdsLoadMember;

/* Belongs to one thread. */
typedef struct
{
  int64_t begin_ns; /* the measured interval: what was sent in it is measured */
  int64_t end_ns;
  bool by_ticks;      /* numbers go up by one; else each sender has its own */
  bool has_begun;     /* the measured interval; who joins now is no counted member */
  unsigned n_members; /* counted ones, when it began */
  unsigned n_open;    /* of these, now */
  unsigned n_past;    /* of these */
  uint64_t n_had;     /* by these: deliveries of the measured interval */
  uint64_t most;      /* that any connection has had */
  uint64_t n_sent;    /* messages of the measured interval that this thread sent */
} LdsLoadAudience;

/** The measured interval begins. */
void lds_load_audience_begin (LdsLoadAudience *self);

void lds_load_audience_join (LdsLoadAudience *self, LdsLoadMember *member);

/** @member may have left already. */
void lds_load_audience_leave (LdsLoadAudience *self, LdsLoadMember *member);

/**
 * lds_load_audience_send:
 *
 * A message is sent at @now_ns. Returns whether it belongs to the measured interval.
 */
bool lds_load_audience_send (LdsLoadAudience *self, LdsLoadTally *tally, int64_t now_ns);

/**
 * lds_load_audience_take:
 * @tally: of now, which is of the warm-up until the measured interval has begun
 *
 * A message came.
 */
void lds_load_audience_take (LdsLoadAudience *self,
                             LdsLoadTally *tally,
                             LdsLoadMember *member,
                             const LdsLoadStamp *stamp,
                             int64_t now_ns);

/**
 * lds_load_audience_has_all:
 * @n_messages: of the measured interval, sent by all threads; of no meaning with ticks
 *
 * Whether every member that is still there has had all that was sent in the measured interval.
 */
bool lds_load_audience_has_all (const LdsLoadAudience *self, uint64_t n_messages);
