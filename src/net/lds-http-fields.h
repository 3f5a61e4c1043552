/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which header fields an intermediary passes on. Source: RFC 9110, sections 7.6.1 and 7.6.3. */
#pragma once

#include "lds-span.h"

#define LDS_HTTP_CONNECTION_FIELDS_MAX 4

/* What the Connection fields of one message name. Zero-initialise; refers to the message. */
typedef struct
{
  LdsSpan values[LDS_HTTP_CONNECTION_FIELDS_MAX];
  unsigned n_values;
} LdsHttpConnectionFields;

/** Takes note of a Connection field. Returns false when there are too many: refuse the message. */
bool lds_http_connection_fields_add (LdsHttpConnectionFields *self, LdsSpan value);

/**
 * lds_http_is_hop_by_hop:
 * @name: of a field
 * @self: all Connection fields of its message
 *
 * Returns true when the field is for the next neighbour alone: Connection itself, what it names,
 * and what an intermediary must drop whether it is named or not. Framing (Content-Length) is not
 * among these: whoever writes a message anew must leave it out as well.
 */
bool lds_http_is_hop_by_hop (const LdsHttpConnectionFields *self, LdsSpan name);
