/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A slow reader, a slow sender or an asker: what it does when it has its turn. Its socket is another's to open
 * and close; it is not waited for but tried, so that bytes that lie there cost nothing. */
#pragma once

#include "lds-http-response.h"
#include "lds-load-background.h"

/* What all slow connections of one kind have in common. */
typedef struct
{
  LdsLoadBackgroundKind kind;
  const char *request;
  size_t request_size; /* in bytes */
  bool is_head;        /* answers have no body */
  int64_t bytes_per_s; /* of what goes slowly */
  int64_t interval_ns; /* of an asker */
  LdsLoadBackgroundCount *count;
  char *buffer; /* for what is received and thrown away */
  size_t buffer_bytes;
} LdsLoadBackgroundWork;

typedef struct
{
  size_t written; /* bytes of the request */
  /* Up to when its bytes are spent: what the time since then is worth may move. Of an asker when it may ask
   * again. */
  int64_t spent_ns;
  LdsHttpResponse response;
} LdsLoadBackgroundSlow;

typedef enum
{
  LDS_LOAD_BACKGROUND_GOES_ON,
  LDS_LOAD_BACKGROUND_CLOSED,  /* by the server, or it said that it would */
  LDS_LOAD_BACKGROUND_DROPPED, /* no further request is possible on it */
} LdsLoadBackgroundTurn;

/** Makes @self ready for a new connection. @self is zeroed memory, or was made ready before. */
void lds_load_background_slow_begin (LdsLoadBackgroundSlow *self,
                                     const LdsLoadBackgroundWork *work,
                                     int64_t now_ns);

/**
 * lds_load_background_slow_take_turn:
 * @fd: its socket, which does not block
 *
 * Moves the bytes that its rate allows by now, counts them and what they come to. What the other end
 * does not take or has not sent is not made up for later: at no time does more move than the rate
 * times the time since lds_load_background_slow_begin().
 *
 * Returns whether the connection goes on; otherwise it is to be closed.
 */
LdsLoadBackgroundTurn lds_load_background_slow_take_turn (LdsLoadBackgroundSlow *self,
                                                          const LdsLoadBackgroundWork *work,
                                                          int fd,
                                                          int64_t now_ns);

/** Frees what @self holds. */
void lds_load_background_slow_clear (LdsLoadBackgroundSlow *self);
