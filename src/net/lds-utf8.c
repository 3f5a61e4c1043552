/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streaming check of UTF-8. */
#include "lds-utf8.h"

#include <string.h>

static uint64_t
load_word (const char *data)
{
  uint64_t word;

  memcpy (&word, data, sizeof word);
  return word;
}

/* Where the first byte beyond ASCII is, or up to seven bytes before it. */
static const char *
skip_ascii (const char *p,
            const char *end,
            const char *begin)
{
  const uint64_t high_bits = UINT64_C (0x8080808080808080);

  while (end - p >= 32 &&
         ((load_word (p) | load_word (p + 8) | load_word (p + 16) | load_word (p + 24)) &
          high_bits) == 0)
    p += 32;
  while (end - p >= 8 && (load_word (p) & high_bits) == 0)
    p += 8;
  /* The last word may overlap what has been looked at. */
  if (end - p < 8 && end - begin >= 8 && (load_word (end - 8) & high_bits) == 0)
    p = end;
  return p;
}

/* What must follow a lead byte; the bounds of the first byte after it rule out overlong forms,
 * surrogates and what lies beyond Unicode. */
static bool
begin_character (LdsUtf8 *self,
                 unsigned char lead)
{
  self->low = 0x80;
  self->high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf)
    self->left = 1;
  else if (lead >= 0xe0 && lead <= 0xef)
    {
      self->left = 2;
      if (lead == 0xe0)
        self->low = 0xa0;
      else if (lead == 0xed)
        self->high = 0x9f;
    }
  else if (lead >= 0xf0 && lead <= 0xf4)
    {
      self->left = 3;
      if (lead == 0xf0)
        self->low = 0x90;
      else if (lead == 0xf4)
        self->high = 0x8f;
    }
  else
    return false;
  return true;
}

bool
lds_utf8_check (LdsUtf8 *self,
                const char *data,
                size_t length)
{
  const char *p = data, *end = data + length;

  while (p < end)
    {
      unsigned char byte;

      if (self->left == 0)
        {
          p = skip_ascii (p, end, data);
          if (p == end)
            break;
        }
      byte = (unsigned char)*p++;
      if (self->left > 0)
        {
          if (byte < self->low || byte > self->high)
            return false;
          self->low = 0x80;
          self->high = 0xbf;
          self->left--;
        }
      else if (byte >= 0x80 && !begin_character (self, byte))
        return false;
    }
  return true;
}
