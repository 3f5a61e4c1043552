/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-8: a report, as an endpoint that computes would make it: rows are put together, sorted and
 * aggregated by group.
 *
 * A row is an order: region and quantity follow from one number of the sequence, its amount from the
 * next. Amounts are whole cents, so that sums are exact in any order.
 */
#include "lds-exchange.h"

#include "lds-random.h"

#include <inttypes.h>
#include <stdlib.h>

#define DEFAULT_ROWS 20000
#define MAXIMUM_ROWS 1000000
#define SEED         UINT64_C (20260221)
/* Rows, and comparisons, between two looks at the breaker: some 20 to 50 us. */
#define STRETCH 2000

static const char *const regions[] = {"east", "islands", "midlands", "north", "south", "west"};

#define N_REGIONS (sizeof regions / sizeof *regions)

typedef struct
{
  uint32_t id;
  uint16_t region;
  uint16_t quantity;
  int64_t cents;
} Row;

typedef struct
{
  uint64_t rows;
} State;

typedef struct
{
  uint64_t orders;
  uint64_t quantity;
  int64_t cents;
  int64_t median_cents;
  uint32_t largest; /* id of the order */
} Group;

typedef struct
{
  const LdsBreaker *breaker;
  unsigned until_check;
} Stretch;

static inline void
count_one (Stretch *stretch)
{
  if (--stretch->until_check == 0)
    {
      lds_breaker_check (stretch->breaker);
      stretch->until_check = STRETCH;
    }
}

static void
make_rows (Row *rows,
           size_t n,
           Stretch *stretch)
{
  uint64_t sequence = SEED;

  for (size_t i = 0; i < n; i++)
    {
      uint64_t number = lds_random_next (&sequence);

      rows[i] = (Row){
          .id = (uint32_t)i,
          .region = (uint16_t)(number % N_REGIONS),
          .quantity = (uint16_t)(1 + (number >> 32) % 12),
          .cents = (int64_t)(lds_random_next (&sequence) % 1000000),
      };
      count_one (stretch);
    }
}

/* By region, then the largest amount first; a total order, so that every sort gives the same. */
static int
compare_rows (const void *a,
              const void *b,
              void *data)
{
  const Row *left = a, *right = b;

  count_one (data);
  if (left->region != right->region)
    return left->region < right->region ? -1 : 1;
  if (left->cents != right->cents)
    return left->cents > right->cents ? -1 : 1;
  return left->id < right->id ? -1 : left->id > right->id;
}

/* @rows are those of one region, the largest amount first. The median of an even number is the smaller
 * of the two in the middle. */
static Group
aggregate (const Row *rows,
           size_t n,
           Stretch *stretch)
{
  Group group = {.orders = n, .median_cents = rows[n / 2].cents, .largest = rows[0].id};

  for (size_t i = 0; i < n; i++)
    {
      group.quantity += rows[i].quantity;
      group.cents += rows[i].cents;
      count_one (stretch);
    }
  return group;
}

static void
make_report (LdsJob *job)
{
  size_t n = (size_t)lds_job_state (job, State)->rows, end;
  Stretch stretch = {job->breaker, STRETCH};
  Row *rows = malloc (n * sizeof *rows);
  const char *separator = "";

  if (rows == NULL)
    {
      job->output->failed = true;
      return;
    }
  make_rows (rows, n, &stretch);
  qsort_r (rows, n, sizeof *rows, compare_rows, &stretch);
  lds_buffer_printf (job->output, "{\"rows\":%zu,\"regions\":[", n);
  for (size_t begin = 0; begin < n; begin = end)
    {
      Group group;

      for (end = begin; end < n && rows[end].region == rows[begin].region;)
        end++;
      group = aggregate (rows + begin, end - begin, &stretch);
      lds_buffer_printf (job->output,
                         "%s{\"region\":\"%s\",\"orders\":%" PRIu64 ",\"quantity\":%" PRIu64
                         ",\"amount\":%" PRId64 ".%02d,\"median\":%" PRId64
                         ".%02d,\"largest\":%" PRIu32 "}",
                         separator, regions[rows[begin].region], group.orders, group.quantity,
                         group.cents / 100, (int)(group.cents % 100), group.median_cents / 100,
                         (int)(group.median_cents % 100), group.largest);
      separator = ",";
    }
  lds_buffer_append (job->output, "]}", 2);
  free (rows);
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);

  if (exchange->step == 0)
    {
      if (!lds_exchange_query_range (exchange, "rows", DEFAULT_ROWS, 1, MAXIMUM_ROWS, &state->rows))
        return LDS_OPERATION_DONE;
      return LDS_OPERATION_COMPUTE;
    }
  exchange->content_type = "application/json";
  lds_exchange_write_parcel (exchange);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_report = {
    .id = "report",
    .usage = "GET /report?rows=20000",
    .path = "/report",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .compute = make_report,
    .compute_kind = LDS_COMPUTE_INTEGERS,
};
