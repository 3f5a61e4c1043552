/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers that go out in parts, before their length is known: LDS_OPERATION_SEND. */
#pragma once

#include "lds-connection.h"

/**
 * lds_connection_write_part:
 * @out: holds room from @begin on, then what was written since the part before
 * @closes: the connection ends with this answer; counts with the first part only
 * @last: nothing follows
 *
 * Makes that the next part of the answer: with the head if it is the first, as a chunk (RFC 9112
 * section 7.1), or as it is for HTTP/1.0, where the end of the connection is that of the answer.
 * Of an answer without a body only the head is written.
 */
void lds_connection_write_part (
    LdsConnection *self, LdsBuffer *out, size_t begin, bool closes, bool last);

/** What must be free before a part: room for the head, or once that has gone out, for a chunk's line. */
size_t lds_connection_part_room_bytes (const LdsConnection *self, size_t head_room_bytes);

/** Whether the answer of @self has a body at all. */
bool lds_connection_has_body (const LdsConnection *self);
