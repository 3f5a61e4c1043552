/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log-linear (HDR) histogram of durations in nanoseconds, 3 significant digits.
 *
 * Values from 0 to LDS_HISTOGRAM_MAX_NS are kept in buckets whose width is at most 1/1024 of the
 * value; larger ones are counted apart as saturated and recorded as the maximum. Layout and wire
 * form are those of the HdrHistogram family (lowest discernible value 1, 3 significant figures),
 * so that its tools read what this writes. Source: HdrHistogram, "HdrHistogram: A High Dynamic
 * Range Histogram", hdrhistogram.org; V2 encoding as in HdrHistogram_c include/hdr/hdr_histogram_log.h.
 *
 * A histogram belongs to one thread at a time: hand it over whole, never share it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exact below this many ns, and the number of buckets in the first (linear) range. */
#define LDS_HISTOGRAM_SUB_BUCKETS 2048
/* 2^42 - 1 ns, about 73 minutes. */
#define LDS_HISTOGRAM_MAX_NS ((INT64_C (1) << 42) - 1)
/* One linear range of 2048, then 31 octaves of 1024. */
#define LDS_HISTOGRAM_BUCKETS (2048 + 31 * 1024)

/* The V2 form as bytes: a header, then at most nine bytes a bucket, which is what any 64-bit number
 * takes in the family's LEB128 variant. */
#define LDS_HISTOGRAM_HEADER_BYTES 40u
#define LDS_HISTOGRAM_COUNT_BYTES  9u
#define LDS_HISTOGRAM_MAX_BYTES \
  (LDS_HISTOGRAM_HEADER_BYTES + LDS_HISTOGRAM_BUCKETS * LDS_HISTOGRAM_COUNT_BYTES)

typedef struct
{
  uint64_t total;     /* recorded values, saturated ones included */
  uint64_t saturated; /* values above LDS_HISTOGRAM_MAX_NS */
  int64_t min_ns;     /* exact smallest value; INT64_MAX when empty */
  int64_t max_ns;     /* exact largest value; 0 when empty */
  double sum_ns;      /* exact sum of the values as recorded */
  uint64_t counts[LDS_HISTOGRAM_BUCKETS];
} LdsHistogram;

/** Allocates an empty histogram (about 270 KiB, touched lazily). Returns NULL when out of memory. */
LdsHistogram *lds_histogram_new (void);

/** Frees @self; NULL is allowed. */
void lds_histogram_free (LdsHistogram *self);

/** Empties @self. */
void lds_histogram_reset (LdsHistogram *self);

/**
 * lds_histogram_index:
 * @value_ns: 0 to LDS_HISTOGRAM_MAX_NS
 *
 * Returns the bucket of @value_ns, 0 to LDS_HISTOGRAM_BUCKETS - 1.
 */
static inline size_t
lds_histogram_index (int64_t value_ns)
{
  uint64_t v = (uint64_t)value_ns;
  unsigned octave;

  if (v < LDS_HISTOGRAM_SUB_BUCKETS)
    return (size_t)v;
  /* Octave 0 holds [2048, 4096) in steps of 2, octave 1 [4096, 8192) in steps of 4, and so on. */
  octave = 63u - (unsigned)__builtin_clzll (v) - 11u;
  return LDS_HISTOGRAM_SUB_BUCKETS + (size_t)octave * 1024 + (size_t)((v >> (octave + 1)) - 1024);
}

/** Smallest value in ns that falls in bucket @index. */
int64_t lds_histogram_bucket_low_ns (size_t index);

/** Largest value in ns that falls in bucket @index. */
int64_t lds_histogram_bucket_high_ns (size_t index);

/**
 * lds_histogram_record:
 * @value_ns: duration in ns; negative is recorded as 0, above the maximum as saturated
 *
 * Constant time, no allocation, wait-free.
 */
static inline void
lds_histogram_record (LdsHistogram *self,
                      int64_t value_ns)
{
  if (value_ns < 0)
    value_ns = 0;
  else if (value_ns > LDS_HISTOGRAM_MAX_NS)
    {
      value_ns = LDS_HISTOGRAM_MAX_NS;
      self->saturated++;
    }
  self->total++;
  self->sum_ns += (double)value_ns;
  if (value_ns < self->min_ns)
    self->min_ns = value_ns;
  if (value_ns > self->max_ns)
    self->max_ns = value_ns;
  self->counts[lds_histogram_index (value_ns)]++;
}

/** Adds every value of @other to @self: exact, bucket by bucket. */
void lds_histogram_add (LdsHistogram *self, const LdsHistogram *other);

/**
 * lds_histogram_quantile_ns:
 * @quantile: 0.0 to 1.0, e.g. 0.99
 *
 * Returns the upper end of the bucket that holds the value of rank ceil(@quantile * total), never
 * above the exact maximum; 0 when empty.
 */
int64_t lds_histogram_quantile_ns (const LdsHistogram *self, double quantile);

/** Mean in ns; 0 when empty. */
double lds_histogram_mean_ns (const LdsHistogram *self);

/** Standard deviation in ns from bucket middles; 0 when empty. */
double lds_histogram_stddev_ns (const LdsHistogram *self);

/** Number of recorded values in buckets that end at or below @value_ns. */
uint64_t lds_histogram_count_at_or_below (const LdsHistogram *self, int64_t value_ns);

/**
 * lds_histogram_to_bytes:
 * @size: set to the number of bytes, at most LDS_HISTOGRAM_MAX_BYTES
 *
 * Returns @self in the uncompressed V2 form, which the caller frees with free(), or NULL when out of
 * memory. The exact minimum, maximum and sum, and which values were saturated, are not part of that
 * form.
 */
uint8_t *lds_histogram_to_bytes (const LdsHistogram *self, size_t *size);

/**
 * lds_histogram_add_bytes:
 * @data: what lds_histogram_to_bytes() or another tool of the family made, for 3 significant figures
 *   and a lowest discernible value of 1; anything else is refused
 *
 * Adds the counts in @data to @self. Minimum, maximum and sum are then those of the buckets' middles.
 *
 * Returns false, with @self unchanged, when @data is not well-formed, holds values above
 * LDS_HISTOGRAM_MAX_NS, or its counts and those of @self come to 2^63 or more.
 */
bool lds_histogram_add_bytes (LdsHistogram *self, const uint8_t *data, size_t size);

/** lds_histogram_to_bytes() as base64: a string that the caller frees with free(), or NULL. */
char *lds_histogram_encode (const LdsHistogram *self);

/** lds_histogram_add_bytes() from base64; not being base64 is one more reason to return false. */
bool lds_histogram_decode_add (LdsHistogram *self, const char *text);
