/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What messages of streams hold. */
#include "lds-load-message.h"

#include <stdlib.h>

#include "lds-load-stream.h"

/* A number has its place whatever its size: blanks before it are as good in JSON as none. */
static const char frame[] = "{\"sender\":     ,\"seq\":           ,\"sent_ns\":                   }";
#define SENDER_END  15
#define SEQ_END     33
#define SENT_NS_END 63
#define SEQ_LIMIT   UINT64_C (100000000000)
G_STATIC_ASSERT (sizeof frame - 1 == LDS_LOAD_MIN_PAYLOAD_BYTES);

/* What a longer message is filled up with. */
static const char pad_begin[] = ",\"pad\":\"", pad_end[] = "\"}";

/* Longer numbers than these are none of ours, and would not fit. */
#define MAX_DIGITS 18

/* A number behind a member's name, of which @p points behind the last letter. In a message that stands
 * quoted in another, quotes have a backslash before them. */
static bool
read_value (const char *p,
            const char *end,
            uint64_t *value)
{
  unsigned n = 0;

  if (p < end && *p == '\\')
    p++;
  if (end - p < 2 || p[0] != '"' || p[1] != ':')
    return false;
  p += 2;
  while (p < end && *p == ' ')
    p++;
  *value = 0;
  for (; p < end && *p >= '0' && *p <= '9'; p++)
    {
      if (++n > MAX_DIGITS)
        return false;
      *value = *value * 10 + (uint64_t)(*p - '0');
    }
  return n > 0;
}

/* Finds the first member of that name and reads the number behind it. @name has its first quote. */
static bool
read_number (LdsSpan payload,
             const char *name,
             size_t name_bytes,
             uint64_t *value)
{
  const char *end = payload.data + payload.length;
  const char *p = payload.data;

  while (p < end && (p = memmem (p, (size_t)(end - p), name, name_bytes)) != NULL)
    {
      p += name_bytes;
      if (p < end && (*p == '"' || *p == '\\'))
        return read_value (p, end, value);
    }
  return false;
}

bool
lds_load_stamp_read (LdsSpan payload,
                     LdsLoadStamp *stamp)
{
  static const char seq[] = "\"seq", sent_ns[] = "\"sent_ns";
  uint64_t value;

  if (!read_number (payload, sent_ns, sizeof sent_ns - 1, &value))
    return false;
  stamp->sent_ns = (int64_t)value;
  stamp->has_seq = read_number (payload, seq, sizeof seq - 1, &stamp->seq);
  return true;
}

void
lds_load_message_init (char *message,
                       size_t size)
{
  size_t more = size - LDS_LOAD_MIN_PAYLOAD_BYTES;
  const size_t around = sizeof pad_begin - 1 + sizeof pad_end - 1 - 1;
  char *at = message + LDS_LOAD_MIN_PAYLOAD_BYTES - 1;

  memcpy (message, frame, LDS_LOAD_MIN_PAYLOAD_BYTES);
  if (more < around)
    {
      memset (at, ' ', more);
      at[more] = '}';
      return;
    }
  memcpy (at, pad_begin, sizeof pad_begin - 1);
  memset (at + sizeof pad_begin - 1, 'x', more - around);
  memcpy (message + size - (sizeof pad_end - 1), pad_end, sizeof pad_end - 1);
}

/* Right-aligned: @end is behind the last digit, and there are blanks down to @begin. */
static void
write_number (char *begin,
              char *end,
              uint64_t value)
{
  do
    {
      *--end = (char)('0' + value % 10);
      value /= 10;
    }
  while (value > 0 && end > begin);
  while (end > begin)
    *--end = ' ';
}

void
lds_load_message_stamp (char *message,
                        unsigned sender,
                        uint64_t seq,
                        int64_t sent_ns)
{
  write_number (message + SENDER_END - 5, message + SENDER_END, sender);
  write_number (message + SEQ_END - 11, message + SEQ_END, seq % SEQ_LIMIT);
  write_number (message + SENT_NS_END - 19, message + SENT_NS_END, (uint64_t)sent_ns);
}

bool
lds_load_message_is_of (LdsSpan payload,
                        const char *message)
{
  return payload.length >= SEQ_END && memcmp (payload.data, message, SEQ_END) == 0;
}

bool
lds_load_message_is_within (LdsSpan payload,
                            const char *message)
{
  static const char first[] = "\"sender";
  const char *end = payload.data + payload.length, *p;
  size_t i = 1; /* behind the brace */

  if (payload.length <= LDS_LOAD_MIN_PAYLOAD_BYTES)
    return false;
  /* At the very beginning it would be the message itself, which has to be right to its end. */
  p = memmem (payload.data + 2, payload.length - 2, first, sizeof first - 1);
  if (p == NULL)
    return false;
  /* Quoted, quotes have a backslash before them. */
  for (; p < end && i < LDS_LOAD_MIN_PAYLOAD_BYTES - 1; p++)
    if (*p == message[i])
      i++;
    else if (*p != '\\')
      return false;
  return i == LDS_LOAD_MIN_PAYLOAD_BYTES - 1;
}
