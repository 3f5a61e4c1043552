/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes in someone else's buffer: not owned, not ended by NUL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct
{
  const char *data; /* NULL only when length is 0 */
  size_t length;    /* bytes */
} LdsSpan;

/** Whether @self holds exactly the characters of @text (ended by NUL). */
static inline bool
lds_span_equal (LdsSpan self,
                const char *text)
{
  return strlen (text) == self.length && memcmp (self.data, text, self.length) == 0;
}

/** Whether @self is @text (ended by NUL), with no regard to the case of ASCII letters. */
static inline bool
lds_span_equal_ignoring_case (LdsSpan self,
                              const char *text)
{
  for (size_t i = 0; i < self.length; i++)
    {
      unsigned char a = (unsigned char)self.data[i], b = (unsigned char)text[i];

      if (b == '\0')
        return false;
      if (a >= 'A' && a <= 'Z')
        a |= 0x20;
      if (b >= 'A' && b <= 'Z')
        b |= 0x20;
      if (a != b)
        return false;
    }
  return text[self.length] == '\0';
}

/**
 * lds_span_next_element:
 * @self: (inout): a comma-separated list (RFC 9110 section 5.6.1); what is left of it afterwards
 * @element: (out): its next element, without white space around it; empty ones are left out
 *
 * Returns false when the list has no further element.
 */
static inline bool
lds_span_next_element (LdsSpan *self,
                       LdsSpan *element)
{
  const char *p = self->data, *end = p + self->length, *start;

  while (p < end && (*p == ' ' || *p == '\t' || *p == ','))
    p++;
  if (p == end)
    return false;
  start = p;
  while (p < end && *p != ',')
    p++;
  self->data = p;
  self->length = (size_t)(end - p);
  while (p[-1] == ' ' || p[-1] == '\t')
    p--;
  *element = (LdsSpan){start, (size_t)(p - start)};
  return true;
}
