/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-000-11: one of the article's 10,000 images: made, blurred, and its statistics taken.
 *
 * The image is a slope with noise, of size by size grey values; the blur is binomial (1 4 6 4 1), first
 * along the rows, then along the columns, with the outermost values repeated beyond the edges. All
 * is whole numbers until the mean is taken.
 */
#include "lds-exchange.h"

#include "lds-hash.h"
#include "lds-random.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define DEFAULT_SIZE 64
#define MAXIMUM_SIZE 2048
#define SEED         UINT64_C (10000)
#define N_BINS       16
/* Values between two looks at the breaker: some 20 to 50 us. */
#define STRETCH 8192

typedef struct
{
  uint64_t size;
} State;

typedef struct
{
  uint64_t sum;
  uint64_t sum_of_squares;
  unsigned bins[N_BINS];
  uint8_t minimum;
  uint8_t maximum;
} Statistics;

static void
make_image (uint8_t *image,
            size_t size,
            const LdsBreaker *breaker)
{
  uint64_t sequence = SEED;

  for (size_t y = 0; y < size; y++)
    {
      for (size_t x = 0; x < size; x++)
        image[y * size + x] =
            (uint8_t)((x + y) * 191 / (2 * size) + lds_random_next (&sequence) % 65);
      if (y % (STRETCH / size + 1) == 0)
        lds_breaker_check (breaker);
    }
}

/* Blurs along one axis: values are @step apart, lines are @line apart. */
static void
blur (const uint8_t *from,
      uint8_t *to,
      size_t size,
      size_t step,
      size_t line,
      const LdsBreaker *breaker)
{
  static const unsigned weights[] = {1, 4, 6, 4, 1};

  for (size_t y = 0; y < size; y++)
    {
      for (size_t x = 0; x < size; x++)
        {
          unsigned sum = 8;

          for (size_t k = 0; k < 5; k++)
            {
              size_t at = x + k < 2 ? 0 : x + k - 2;

              sum += weights[k] * from[y * line + (at < size ? at : size - 1) * step];
            }
          to[y * line + x * step] = (uint8_t)(sum / 16);
        }
      if (y % (STRETCH / size + 1) == 0)
        lds_breaker_check (breaker);
    }
}

static Statistics
take_statistics (const uint8_t *image,
                 size_t n,
                 const LdsBreaker *breaker)
{
  Statistics statistics = {.minimum = UINT8_MAX};

  for (size_t i = 0; i < n; i++)
    {
      uint8_t value = image[i];

      statistics.sum += value;
      statistics.sum_of_squares += (unsigned)value * value;
      statistics.bins[value * N_BINS / 256]++;
      if (value < statistics.minimum)
        statistics.minimum = value;
      if (value > statistics.maximum)
        statistics.maximum = value;
      if (i % STRETCH == STRETCH - 1)
        lds_breaker_check (breaker);
    }
  return statistics;
}

static void
write_statistics (LdsBuffer *output,
                  const Statistics *statistics,
                  size_t size,
                  uint64_t checksum)
{
  double n = (double)(size * size), mean = (double)statistics->sum / n;
  double variance = (double)statistics->sum_of_squares / n - mean * mean;

  lds_buffer_printf (output,
                     "{\"size\":%zu,\"minimum\":%u,\"maximum\":%u,\"mean\":%.4f,\"deviation\":%.4f,"
                     "\"histogram\":[",
                     size, statistics->minimum, statistics->maximum, mean,
                     sqrt (variance > 0 ? variance : 0));
  for (unsigned i = 0; i < N_BINS; i++)
    lds_buffer_printf (output, "%s%u", i > 0 ? "," : "", statistics->bins[i]);
  lds_buffer_printf (output, "],\"checksum\":\"%016" PRIx64 "\"}", checksum);
}

static void
compute (LdsJob *job)
{
  size_t size = (size_t)lds_job_state (job, State)->size, n = size * size;
  uint8_t *image = calloc (2, n), *other;
  uint64_t checksum = LDS_HASH_SEED;
  Statistics statistics;

  if (image == NULL)
    {
      job->output->failed = true;
      return;
    }
  other = image + n;
  make_image (image, size, job->breaker);
  blur (image, other, size, 1, size, job->breaker);
  blur (other, image, size, size, 1, job->breaker);
  statistics = take_statistics (image, n, job->breaker);
  for (size_t at = 0; at < n; at += STRETCH)
    {
      checksum = lds_hash_add (checksum, image + at, n - at < STRETCH ? n - at : STRETCH);
      lds_breaker_check (job->breaker);
    }
  write_statistics (job->output, &statistics, size, checksum);
  free (image);
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);

  if (exchange->step == 0)
    {
      if (!lds_exchange_query_range (exchange, "size", DEFAULT_SIZE, 1, MAXIMUM_SIZE, &state->size))
        return LDS_OPERATION_DONE;
      return LDS_OPERATION_COMPUTE;
    }
  exchange->content_type = "application/json";
  lds_exchange_write_parcel (exchange);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_image = {
    .id = "image",
    .usage = "GET /image?size=64",
    .path = "/image",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .compute = compute,
    .compute_kind = LDS_COMPUTE_INTEGERS,
};
