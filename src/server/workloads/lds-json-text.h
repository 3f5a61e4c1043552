/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON text from values, straight into an answer. */
#pragma once

#include "lds-buffer.h"
#include "lds-span.h"

/**
 * lds_json_append_string:
 * @text: any bytes
 *
 * Appends @text as a JSON string with its quotes. What is not UTF-8 becomes U+FFFD, byte by byte.
 */
void lds_json_append_string (LdsBuffer *out, LdsSpan text);

/**
 * lds_json_append_number:
 *
 * Appends @number with the fewest digits that give the same number again, as JSON.stringify() does;
 * null when it is not finite.
 */
void lds_json_append_number (LdsBuffer *out, double number);
