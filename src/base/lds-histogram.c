/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log-linear (HDR) histogram of durations in nanoseconds. */
#include "lds-histogram.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lds-base64.h"

/* V2 encoding: big-endian header, then ZigZag LEB128 counts in which a negative number is a run
 * of empty buckets. */
#define COOKIE_V2   0x1c849313u
#define HEADER_SIZE LDS_HISTOGRAM_HEADER_BYTES
#define LEB128_MAX  LDS_HISTOGRAM_COUNT_BYTES

LdsHistogram *
lds_histogram_new (void)
{
  LdsHistogram *self = calloc (1, sizeof *self);

  if (self != NULL)
    self->min_ns = INT64_MAX;
  return self;
}

void
lds_histogram_free (LdsHistogram *self)
{
  free (self);
}

void
lds_histogram_reset (LdsHistogram *self)
{
  /* Only what was written: a live interval uses a small part of the buckets, and pages that were
   * never touched stay untouched. */
  if (self->total > 0)
    {
      size_t first = lds_histogram_index (self->min_ns), last = lds_histogram_index (self->max_ns);

      memset (self->counts + first, 0, (last - first + 1) * sizeof self->counts[0]);
    }
  self->total = 0;
  self->saturated = 0;
  self->min_ns = INT64_MAX;
  self->max_ns = 0;
  self->sum_ns = 0;
}

int64_t
lds_histogram_bucket_low_ns (size_t index)
{
  size_t octave;

  if (index < LDS_HISTOGRAM_SUB_BUCKETS)
    return (int64_t)index;
  octave = (index - LDS_HISTOGRAM_SUB_BUCKETS) / 1024;
  return (int64_t)((index - LDS_HISTOGRAM_SUB_BUCKETS) % 1024 + 1024) << (octave + 1);
}

int64_t
lds_histogram_bucket_high_ns (size_t index)
{
  return index + 1 < LDS_HISTOGRAM_BUCKETS ? lds_histogram_bucket_low_ns (index + 1) - 1
                                           : LDS_HISTOGRAM_MAX_NS;
}

static int64_t
bucket_middle_ns (size_t index)
{
  int64_t low = lds_histogram_bucket_low_ns (index);

  return low + (lds_histogram_bucket_high_ns (index) - low + 1) / 2;
}

void
lds_histogram_add (LdsHistogram *self,
                   const LdsHistogram *other)
{
  if (other->total == 0)
    return;
  self->total += other->total;
  self->saturated += other->saturated;
  self->sum_ns += other->sum_ns;
  if (other->min_ns < self->min_ns)
    self->min_ns = other->min_ns;
  if (other->max_ns > self->max_ns)
    self->max_ns = other->max_ns;
  for (size_t i = lds_histogram_index (other->min_ns); i <= lds_histogram_index (other->max_ns);
       i++)
    self->counts[i] += other->counts[i];
}

int64_t
lds_histogram_quantile_ns (const LdsHistogram *self,
                           double quantile)
{
  uint64_t rank, seen = 0;

  if (self->total == 0)
    return 0;
  quantile = quantile < 0 ? 0 : quantile > 1 ? 1
                                             : quantile;
  /* 0.035 x 10000 is 350.00000000000006 in binary: such dust must not move the rank. Nor may what
   * takes it away be more than dust where there are many values. */
  rank = quantile < 1 ? (uint64_t)ceil (quantile * (double)self->total * (1 - 4 * DBL_EPSILON))
                      : self->total;
  if (rank == 0)
    rank = 1;
  for (size_t i = lds_histogram_index (self->min_ns); i < LDS_HISTOGRAM_BUCKETS; i++)
    {
      seen += self->counts[i];
      if (seen >= rank)
        {
          int64_t high = lds_histogram_bucket_high_ns (i);

          return high < self->max_ns ? high : self->max_ns;
        }
    }
  return self->max_ns;
}

double
lds_histogram_mean_ns (const LdsHistogram *self)
{
  return self->total == 0 ? 0.0 : self->sum_ns / (double)self->total;
}

double
lds_histogram_stddev_ns (const LdsHistogram *self)
{
  double mean = lds_histogram_mean_ns (self), squares = 0;

  if (self->total == 0)
    return 0.0;
  for (size_t i = lds_histogram_index (self->min_ns); i <= lds_histogram_index (self->max_ns); i++)
    if (self->counts[i] > 0)
      {
        double d = (double)bucket_middle_ns (i) - mean;

        squares += d * d * (double)self->counts[i];
      }
  return sqrt (squares / (double)self->total);
}

uint64_t
lds_histogram_count_at_or_below (const LdsHistogram *self,
                                 int64_t value_ns)
{
  uint64_t seen = 0;

  for (size_t i = 0; i < LDS_HISTOGRAM_BUCKETS && lds_histogram_bucket_high_ns (i) <= value_ns; i++)
    seen += self->counts[i];
  return seen;
}

static uint8_t *
put_be (uint8_t *at,
        uint64_t value,
        unsigned n_bytes)
{
  for (unsigned i = 0; i < n_bytes; i++)
    at[i] = (uint8_t)(value >> (8 * (n_bytes - 1 - i)));
  return at + n_bytes;
}

static uint64_t
get_be (const uint8_t *at,
        unsigned n_bytes)
{
  uint64_t value = 0;

  for (unsigned i = 0; i < n_bytes; i++)
    value = value << 8 | at[i];
  return value;
}

static uint8_t *
put_zigzag (uint8_t *at,
            int64_t value)
{
  uint64_t v = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);

  for (unsigned i = 0; i < LEB128_MAX - 1; i++)
    {
      if (v < 0x80)
        {
          *at++ = (uint8_t)v;
          return at;
        }
      *at++ = (uint8_t)(v | 0x80);
      v >>= 7;
    }
  *at++ = (uint8_t)v; /* the ninth byte is whole */
  return at;
}

/* Returns the byte after the number, or NULL when it runs past @end. */
static const uint8_t *
get_zigzag (const uint8_t *at,
            const uint8_t *end,
            int64_t *value)
{
  uint64_t v = 0;

  for (unsigned i = 0; i < LEB128_MAX; i++)
    {
      uint8_t byte;

      if (at == end)
        return NULL;
      byte = *at++;
      if (i == LEB128_MAX - 1)
        v |= (uint64_t)byte << 56;
      else
        v |= (uint64_t)(byte & 0x7f) << (7 * i);
      if (!(byte & 0x80))
        break;
    }
  *value = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
  return at;
}

uint8_t *
lds_histogram_to_bytes (const LdsHistogram *self,
                        size_t *size)
{
  size_t last = self->total == 0 ? 0 : lds_histogram_index (self->max_ns);
  uint8_t *buffer = malloc (HEADER_SIZE + (last + 1) * LEB128_MAX), *at = buffer;
  double ratio = 1.0;
  uint64_t ratio_bits;

  if (buffer == NULL)
    return NULL;
  memcpy (&ratio_bits, &ratio, sizeof ratio_bits);
  at = put_be (at, COOKIE_V2, 4);
  at = put_be (at, 0, 4); /* payload length, known below */
  at = put_be (at, 0, 4); /* normalizing index offset */
  at = put_be (at, 3, 4); /* significant figures */
  at = put_be (at, 1, 8); /* lowest discernible value */
  at = put_be (at, (uint64_t)LDS_HISTOGRAM_MAX_NS, 8);
  at = put_be (at, ratio_bits, 8);
  for (size_t i = 0; self->total > 0 && i <= last;)
    {
      size_t run = 0;

      while (i + run <= last && self->counts[i + run] == 0)
        run++;
      if (run > 0)
        at = put_zigzag (at, -(int64_t)run);
      i += run;
      if (i <= last)
        at = put_zigzag (at, (int64_t)self->counts[i++]);
    }
  put_be (buffer + 4, (uint64_t)(at - buffer) - HEADER_SIZE, 4);
  *size = (size_t)(at - buffer);
  return buffer;
}

char *
lds_histogram_encode (const LdsHistogram *self)
{
  size_t size;
  uint8_t *bytes = lds_histogram_to_bytes (self, &size);
  char *text = bytes != NULL ? lds_base64_encode (bytes, size) : NULL;

  free (bytes);
  return text;
}

/* Walks the counts in @at; with @self NULL it only checks them, and that @room holds them all. */
static bool
read_counts (LdsHistogram *self,
             const uint8_t *at,
             const uint8_t *end,
             uint64_t room)
{
  uint64_t index = 0;

  while (at < end)
    {
      int64_t value;

      at = get_zigzag (at, end, &value);
      if (at == NULL || value == INT64_MIN)
        return false;
      if (value < 0)
        {
          index += (uint64_t)-value;
          if (index > LDS_HISTOGRAM_BUCKETS)
            return false;
          continue;
        }
      if (index >= LDS_HISTOGRAM_BUCKETS || (uint64_t)value > room)
        return false;
      room -= (uint64_t)value;
      if (self != NULL && value > 0)
        {
          int64_t low = lds_histogram_bucket_low_ns (index), middle = bucket_middle_ns (index);

          self->counts[index] += (uint64_t)value;
          self->total += (uint64_t)value;
          self->sum_ns += (double)middle * (double)value;
          if (low < self->min_ns)
            self->min_ns = low;
          if (middle > self->max_ns)
            self->max_ns = middle;
        }
      index++;
    }
  return true;
}

bool
lds_histogram_add_bytes (LdsHistogram *self,
                         const uint8_t *data,
                         size_t size)
{
  uint64_t room = self->total < (uint64_t)INT64_MAX ? (uint64_t)INT64_MAX - self->total : 0;

  /* The offset counts by whole ranges of buckets where values were shifted, which is not read here.
   * 1 is none of those: hdr-histogram-js writes it, always and without meaning. */
  if (size < HEADER_SIZE || get_be (data, 4) != COOKIE_V2 ||
      get_be (data + 4, 4) != size - HEADER_SIZE || get_be (data + 8, 4) > 1 ||
      get_be (data + 12, 4) != 3 || get_be (data + 16, 8) != 1 ||
      !read_counts (NULL, data + HEADER_SIZE, data + size, room))
    return false;
  read_counts (self, data + HEADER_SIZE, data + size, room);
  return true;
}

bool
lds_histogram_decode_add (LdsHistogram *self,
                          const char *text)
{
  size_t size;
  uint8_t *data = lds_base64_decode (text, &size);
  bool ok = data != NULL && lds_histogram_add_bytes (self, data, size);

  free (data);
  return ok;
}
