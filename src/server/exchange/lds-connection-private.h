/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lds-connection.c and lds-connection-member.c share. */
#pragma once

#include "lds-connection.h"

/* Answers are gathered up to this many bytes, then sent. */
#define LDS_CONNECTION_FLUSH_BYTES (64 * 1024)

/* Drops @gap unused bytes at @begin, where an answer had room for a longer head. */
static inline void
lds_connection_close_gap (LdsBuffer *out,
                          size_t begin,
                          size_t gap)
{
  if (begin == out->start)
    out->start += gap;
  else
    {
      memmove (out->data + begin, out->data + begin + gap, out->end - begin - gap);
      out->end -= gap;
    }
}

/**
 * lds_connection_join:
 * @operation: UPGRADE or SUBSCRIBE, asked for by a request of @self
 * @begin: where the answer begins in @out
 *
 * Makes @self a member, with the head of its answer in @out; or writes why that cannot be.
 *
 * Returns @operation, or DONE when the answer has been written as by any step.
 */
LdsOperation lds_connection_join (LdsConnection *self,
                                  LdsOperation operation,
                                  LdsBuffer *out,
                                  size_t begin);

/** lds_connection_advance() for a member. */
LdsConnectionNeed lds_connection_advance_member (LdsConnection *self, LdsBuffer *out);
