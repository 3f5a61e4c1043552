/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether bytes are UTF-8, told at the first byte that cannot be, over pieces of any size.
 *
 * Source of the rules: RFC 3629, section 4 (no overlong forms, no surrogates, nothing above
 * U+10FFFF); accessed 2026-11-21.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero it to begin. Between two pieces it stands where the last one ended. */
typedef struct
{
  uint8_t left; /* bytes that the current character still lacks, 0 to 3 */
  uint8_t low;  /* the next of them lies between these two */
  uint8_t high;
} LdsUtf8;

/**
 * lds_utf8_check:
 * @data: (array length=length): the next piece
 *
 * Returns false when no bytes to come could make it UTF-8 any more. The end of the text must also
 * be the end of a character: see lds_utf8_is_whole(). Up to 32 bytes at a time where they are ASCII.
 */
bool lds_utf8_check (LdsUtf8 *self, const char *data, size_t length);

/** Whether no character has been begun and not ended. */
static inline bool
lds_utf8_is_whole (const LdsUtf8 *self)
{
  return self->left == 0;
}
