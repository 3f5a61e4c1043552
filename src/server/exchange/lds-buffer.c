/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growable output buffer. */
#include "lds-buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 4096
/* A buffer that a large answer has grown beyond this gives its memory back: memory is measured. */
#define KEEP_BYTES (256 * 1024)

char *
lds_buffer_reserve (LdsBuffer *self,
                    size_t size)
{
  size_t capacity = self->capacity > 0 ? self->capacity : FIRST_BYTES;
  char *data;

  if (size <= self->capacity - self->end)
    return self->data + self->end;
  if (size > SIZE_MAX / 4 - self->end)
    {
      self->failed = true;
      return NULL;
    }
  while (capacity < self->end + size)
    capacity *= 2;
  data = realloc (self->data, capacity);
  if (data == NULL)
    {
      self->failed = true;
      return NULL;
    }
  self->data = data;
  self->capacity = capacity;
  return data + self->end;
}

void
lds_buffer_append (LdsBuffer *self,
                   const void *bytes,
                   size_t size)
{
  char *to = lds_buffer_reserve (self, size);

  /* Nothing may be at no address, which memcpy() does not allow. */
  if (to == NULL || size == 0)
    return;
  memcpy (to, bytes, size);
  self->end += size;
}

void
lds_buffer_vprintf (LdsBuffer *self,
                    const char *format,
                    va_list args)
{
  size_t room = 256;

  for (;;)
    {
      char *to = lds_buffer_reserve (self, room);
      va_list copy;
      int length;

      if (to == NULL)
        return;
      va_copy (copy, args);
      length = vsnprintf (to, room, format, copy);
      va_end (copy);
      if (length < 0)
        {
          self->failed = true;
          return;
        }
      if ((size_t)length < room)
        {
          self->end += (size_t)length;
          return;
        }
      room = (size_t)length + 1;
    }
}

void
lds_buffer_printf (LdsBuffer *self,
                   const char *format,
                   ...)
{
  va_list args;

  va_start (args, format);
  lds_buffer_vprintf (self, format, args);
  va_end (args);
}

void
lds_buffer_clear (LdsBuffer *self)
{
  self->start = self->end = 0;
  self->failed = false;
  if (self->capacity > KEEP_BYTES)
    lds_buffer_free (self);
}

void
lds_buffer_free (LdsBuffer *self)
{
  free (self->data);
  *self = (LdsBuffer){0};
}
