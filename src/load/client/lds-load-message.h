/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What messages of streams hold: JSON objects with a number and a time, written into a fixed place and
 * read from any. */
#pragma once

#include "lds-span.h"

#include <stdint.h>

/* What a message says of itself. */
typedef struct
{
  uint64_t seq;
  int64_t sent_ns; /* CLOCK_MONOTONIC */
  bool has_seq;
} LdsLoadStamp;

/**
 * lds_load_stamp_read:
 * @payload: a message: JSON with a member "sent_ns" and perhaps a member "seq", whole numbers
 * @stamp: (out)
 *
 * Looks for the first member of each name, and for nothing else of JSON: a message costs no parser. It may
 * stand within another, as an object or quoted as a string.
 *
 * Returns false when there is no time in it.
 */
bool lds_load_stamp_read (LdsSpan payload, LdsLoadStamp *stamp);

/**
 * lds_load_message_init:
 * @message: (array length=size): becomes a JSON object with nothing written into it yet
 * @size: LDS_LOAD_MIN_PAYLOAD_BYTES or more
 */
void lds_load_message_init (char *message, size_t size);

/**
 * lds_load_message_stamp:
 * @message: as lds_load_message_init() made it
 * @sender: 0 to 99999
 * @seq: only its last eleven digits are written
 * @sent_ns: 0 or more
 */
void lds_load_message_stamp (char *message, unsigned sender, uint64_t seq, int64_t sent_ns);

/**
 * lds_load_message_is_of:
 * @message: as stamped
 *
 * Returns whether @payload has the sender and the number of @message, whatever else is in it.
 */
bool lds_load_message_is_of (LdsSpan payload, const char *message);

/**
 * lds_load_message_is_within:
 * @message: as stamped
 *
 * Returns whether a server has passed @message on inside of one of its own, as an object or quoted as a string:
 * looks for its sender, number and time there, not for what it is filled up with.
 */
bool lds_load_message_is_within (LdsSpan payload, const char *message);
