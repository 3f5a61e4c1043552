/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base64 (RFC 4648, section 4): the form in which histograms travel. */
#include "lds-base64.h"

#include <stdlib.h>
#include <string.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
lds_base64_encode (const uint8_t *data,
                   size_t size)
{
  char *text = malloc ((size + 2) / 3 * 4 + 1), *at = text;

  if (text == NULL)
    return NULL;
  for (size_t i = 0; i < size; i += 3)
    {
      size_t left = size - i;
      uint32_t v = (uint32_t)data[i] << 16 | (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
                   (left > 2 ? data[i + 2] : 0);

      *at++ = digits[v >> 18];
      *at++ = digits[v >> 12 & 63];
      *at++ = left > 1 ? digits[v >> 6 & 63] : '=';
      *at++ = left > 2 ? digits[v & 63] : '=';
    }
  *at = '\0';
  return text;
}

uint8_t *
lds_base64_decode (const char *text,
                   size_t *size)
{
  size_t length = strlen (text), n = 0;
  uint8_t *data;
  uint32_t bits = 0;
  unsigned n_bits = 0;

  if (length == 0 || length % 4 != 0)
    return NULL;
  for (unsigned i = 0; i < 2 && text[length - 1] == '='; i++)
    length--;
  data = malloc (length);
  if (data == NULL)
    return NULL;
  for (size_t i = 0; i < length; i++)
    {
      const char *digit = strchr (digits, text[i]);

      if (digit == NULL)
        {
          free (data);
          return NULL;
        }
      bits = bits << 6 | (uint32_t)(digit - digits);
      n_bits += 6;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          data[n++] = (uint8_t)(bits >> n_bits);
        }
    }
  *size = n;
  return data;
}
