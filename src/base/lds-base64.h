/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base64 (RFC 4648, section 4): the form in which histograms travel. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/**
 * lds_base64_encode:
 *
 * Returns the @size bytes at @data as a NUL-terminated string without line breaks, which the caller
 * frees with free(), or NULL when out of memory.
 */
char *lds_base64_encode (const uint8_t *data, size_t size);

/**
 * lds_base64_decode:
 * @text: digits, padded; anything else in it, white space too, is refused
 * @size: set to the number of bytes
 *
 * Returns the bytes, at least one, which the caller frees with free(); or NULL when @text is empty
 * or not base64, or when out of memory.
 */
uint8_t *lds_base64_decode (const char *text, size_t *size);
