/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON text from values. */
#include "lds-json-text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Bytes of the well-formed UTF-8 sequence that @text begins with; 0 when there is none. */
static size_t
sequence_bytes (const unsigned char *text,
                size_t length)
{
  /* Source: The Unicode Standard, table 3-7, well-formed UTF-8 byte sequences. */
  unsigned char first = text[0], low = 0x80, high = 0xbf;
  size_t bytes;

  if (first < 0x80)
    return 1;
  if (first >= 0xc2 && first <= 0xdf)
    bytes = 2;
  else if (first >= 0xe0 && first <= 0xef)
    bytes = 3;
  else if (first >= 0xf0 && first <= 0xf4)
    bytes = 4;
  else
    return 0;
  if (first == 0xe0)
    low = 0xa0;
  else if (first == 0xed)
    high = 0x9f;
  else if (first == 0xf0)
    low = 0x90;
  else if (first == 0xf4)
    high = 0x8f;
  if (length < bytes || text[1] < low || text[1] > high)
    return 0;
  for (size_t i = 2; i < bytes; i++)
    if ((text[i] & 0xc0) != 0x80)
      return 0;
  return bytes;
}

/* Whether a byte stands for itself in a JSON string. */
static inline bool
is_plain (unsigned char c)
{
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void
lds_json_append_string (LdsBuffer *out,
                        LdsSpan text)
{
  const unsigned char *bytes = (const unsigned char *)text.data;
  size_t i = 0;

  lds_buffer_append (out, "\"", 1);
  while (i < text.length)
    {
      size_t run = i, sequence;
      char escape[8];

      while (run < text.length && is_plain (bytes[run]))
        run++;
      if (run > i)
        lds_buffer_append (out, bytes + i, run - i);
      i = run;
      if (i == text.length)
        break;

      sequence = sequence_bytes (bytes + i, text.length - i);
      if (sequence > 1)
        lds_buffer_append (out, bytes + i, sequence);
      else if (sequence == 0)
        lds_buffer_append (out, "\xef\xbf\xbd", 3);
      else if (bytes[i] == '"' || bytes[i] == '\\')
        {
          escape[0] = '\\';
          escape[1] = (char)bytes[i];
          lds_buffer_append (out, escape, 2);
        }
      else
        lds_buffer_append (out, escape, (size_t)snprintf (escape, sizeof escape, "\\u%04x", bytes[i]));
      i += sequence == 0 ? 1 : sequence;
    }
  lds_buffer_append (out, "\"", 1);
}

/* Writes @hundredths / 100 without needless zeros to the end of @end, which is behind the last of at
 * least 32 bytes. Returns where it begins. */
static char *
write_hundredths (char *end,
                  int64_t hundredths)
{
  uint64_t rest = hundredths < 0 ? 0 - (uint64_t)hundredths : (uint64_t)hundredths;
  unsigned fraction = (unsigned)(rest % 100);

  if (fraction % 10 != 0)
    *--end = (char)('0' + fraction % 10);
  if (fraction != 0)
    {
      *--end = (char)('0' + fraction / 10);
      *--end = '.';
    }
  rest /= 100;
  do
    {
      *--end = (char)('0' + rest % 10);
      rest /= 10;
    }
  while (rest > 0);
  if (hundredths < 0)
    *--end = '-';
  return end;
}

void
lds_json_append_number (LdsBuffer *out,
                        double number)
{
  /* Whole hundredths of up to 15 digits, as prices are: no shorter text can give the same double. */
  const double limit = 1e13;
  char text[40];
  int length;

  if (!isfinite (number))
    {
      lds_buffer_append (out, "null", 4);
      return;
    }
  if (fabs (number) < limit)
    {
      int64_t hundredths = (int64_t)llround (number * 100);

      if ((double)hundredths / 100.0 == number)
        {
          char *end = text + sizeof text, *begin = write_hundredths (end, hundredths);

          lds_buffer_append (out, begin, (size_t)(end - begin));
          return;
        }
    }
  length = snprintf (text, sizeof text, "%.15g", number);
  for (int digits = 16; digits <= 17 && strtod (text, NULL) != number; digits++)
    length = snprintf (text, sizeof text, "%.*g", digits, number);
  lds_buffer_append (out, text, (size_t)length);
}
