/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-000-8: a table read, cleaned, grouped and written: streaming in bounded memory, or as a whole.
 *
 * GET works on `mb` MiB of the server's own, POST on the body. With mode=whole the input is read into
 * memory and a table is made of it before anything else is done, as with a data frame; with
 * mode=stream it goes through in blocks.
 */
#include "lds-csv-source.h"
#include "lds-csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_MB 1
/* Bytes between two looks at the breaker: some 20 to 50 us. */
#define STRETCH     8192
#define BLOCK_BYTES (64u * 1024)

enum
{
  MODE_STREAM,
  MODE_WHOLE,
};

typedef enum
{
  FAILED_NOT,
  FAILED_SOURCE,
  FAILED_INPUT,
} Failed;

typedef struct
{
  uint64_t mb; /* 0: the input */
  unsigned mode;
  Failed failed;
  LdsCsvError error;
  unsigned line;
} State;

static void
add (LdsCsv *csv,
     const char *bytes,
     size_t length,
     const LdsBreaker *breaker)
{
  for (size_t at = 0; at < length; at += STRETCH)
    {
      lds_csv_add (csv, bytes + at, length - at < STRETCH ? length - at : STRETCH);
      lds_breaker_check (breaker);
    }
}

static bool
read_fully (int fd,
            char *to,
            size_t length,
            uint64_t offset)
{
  while (length > 0)
    {
      ssize_t n = pread (fd, to, length, (off_t)offset);

      if (n == 0 || (n < 0 && errno != EINTR))
        return false;
      if (n > 0)
        {
          to += n;
          length -= (size_t)n;
          offset += (uint64_t)n;
        }
    }
  return true;
}

/* Reads the source in blocks of @block_bytes. Returns false when it cannot be read. */
static bool
add_source (LdsCsv *csv,
            const LdsCsvSource *source,
            size_t block_bytes,
            const LdsBreaker *breaker)
{
  char *block = malloc (block_bytes);
  bool good = block != NULL;

  for (uint64_t at = 0; good && at < source->end; at += block_bytes)
    {
      size_t length = source->end - at < block_bytes ? (size_t)(source->end - at) : block_bytes;

      good = read_fully (source->fd, block, length, at);
      if (good)
        add (csv, block, length, breaker);
    }
  free (block);
  return good;
}

static void
run_pipeline (LdsJob *job)
{
  State *state = lds_job_state (job, State);
  LdsCsv *csv = lds_csv_new (state->mode == MODE_WHOLE);
  LdsCsvSource source;

  if (csv == NULL)
    {
      job->output->failed = true;
      return;
    }
  if (state->mb == 0)
    add (csv, job->input.data, job->input.length, job->breaker);
  else if (!lds_csv_source_get ((unsigned)state->mb, &source) ||
           !add_source (csv, &source, state->mode == MODE_WHOLE ? (size_t)source.end : BLOCK_BYTES,
                        job->breaker))
    state->failed = FAILED_SOURCE;
  if (state->failed == FAILED_NOT)
    state->error = lds_csv_finish (csv, job->output, job->breaker, &state->line);
  if (state->error == LDS_CSV_NO_MEMORY)
    job->output->failed = true;
  else if (state->error != LDS_CSV_OK)
    state->failed = FAILED_INPUT;
  lds_csv_free (csv);
}

static LdsOperation
begin (LdsExchange *exchange,
       State *state)
{
  static const char *const modes[] = {"stream", "whole", NULL};

  if (!lds_exchange_query_choice (exchange, "mode", modes, &state->mode))
    return LDS_OPERATION_DONE;
  if (exchange->request->method == LDS_HTTP_METHOD_POST)
    exchange->input = lds_http_request_body (exchange->request, exchange->data);
  else if (!lds_exchange_query_range (exchange, "mb", DEFAULT_MB, 1, LDS_CSV_SOURCE_MAX_MB,
                                      &state->mb))
    return LDS_OPERATION_DONE;
  return LDS_OPERATION_COMPUTE;
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);

  if (exchange->step == 0)
    return begin (exchange, state);
  if (state->failed == FAILED_SOURCE)
    return lds_exchange_fail (exchange, 503, "the temporary file to read cannot be written: free some space");
  if (state->failed == FAILED_INPUT)
    {
      char message[128];

      snprintf (message, sizeof message, "line %u: %s", state->line, lds_csv_error_text (state->error));
      return lds_exchange_fail (exchange, 400, message);
    }
  exchange->content_type = "text/csv";
  lds_exchange_write_parcel (exchange);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_csv = {
    .id = "csv",
    .usage = "GET /csv?mb=1&mode=stream",
    .path = "/csv",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET) | LDS_METHOD_BIT (LDS_HTTP_METHOD_POST),
    .step = step,
    .compute = run_pipeline,
};
