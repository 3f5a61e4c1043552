/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes on their way out: growable, consumed from the front. */
#pragma once

#include "lds-span.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Zero-initialise to begin. A buffer belongs to one thread at a time. */
typedef struct
{
  char *data;
  size_t start;    /* first byte that is still to be sent */
  size_t end;      /* behind the last byte */
  size_t capacity; /* bytes allocated */
  bool failed;     /* memory ran out; what is in here is not whole */
} LdsBuffer;

/** Bytes that are still to be sent. */
static inline size_t
lds_buffer_size (const LdsBuffer *self)
{
  return self->end - self->start;
}

/** The bytes that are still to be sent; valid until the next change. */
static inline LdsSpan
lds_buffer_span (const LdsBuffer *self)
{
  return (LdsSpan){self->data == NULL ? NULL : self->data + self->start, self->end - self->start};
}

/**
 * lds_buffer_reserve:
 * @size: bytes
 *
 * Makes room for @size bytes behind the end; add what you write to `end`.
 *
 * Returns where to write them, or %NULL, with `failed` set, when out of memory. Valid until the
 * next reserve. Amortised constant time a byte.
 */
char *lds_buffer_reserve (LdsBuffer *self, size_t size);

/** Appends @size bytes, 0 included; sets `failed` when out of memory. */
void lds_buffer_append (LdsBuffer *self, const void *bytes, size_t size);

/** Appends formatted text; sets `failed` when out of memory. */
void lds_buffer_printf (LdsBuffer *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));
void lds_buffer_vprintf (LdsBuffer *self, const char *format, va_list args)
    __attribute__ ((format (printf, 2, 0)));

/** Empties @self, keeping its memory unless that is large. */
void lds_buffer_clear (LdsBuffer *self);

/** Frees what @self holds and empties it. */
void lds_buffer_free (LdsBuffer *self);
