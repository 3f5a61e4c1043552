/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: however a response is cut up, with or without remembered heads, the parser says the
 * same of it and hands out the same body. */
#include "lds-http-response.h"

#include "fuzz.h"

#include <string.h>

typedef struct
{
  LdsHttpResponseEvent event;
  LdsHttpResponseHead head;
  char *body;
  size_t body_size;
  bool ends; /* what the end of the connection would mean */
} Outcome;

/* Feeds @bytes in copies of @step, so that a sanitizer sees a read beyond a piece. */
static Outcome
parse_in_steps (const uint8_t *bytes,
                size_t size,
                size_t step,
                bool head_request,
                LdsHttpHeadCache *cache)
{
  Outcome outcome = {.event = LDS_HTTP_RESPONSE_MORE, .body = malloc (size)};
  LdsHttpResponse parser;

  CHECK (outcome.body != NULL);
  lds_http_response_init (&parser, cache);
  lds_http_response_begin (&parser, head_request);
  for (size_t fed = 0; fed < size && outcome.event == LDS_HTTP_RESPONSE_MORE;)
    {
      size_t n = size - fed < step ? size - fed : step, at = 0, span_size = 0;
      char *piece = malloc (n);
      const char *span = NULL;

      CHECK (piece != NULL);
      memcpy (piece, bytes + fed, n);
      while ((outcome.event = lds_http_response_next (&parser, piece, n, &at, &span, &span_size)) ==
             LDS_HTTP_RESPONSE_BODY)
        {
          CHECK (span >= piece && span_size > 0 && span + span_size <= piece + at && at <= n);
          memcpy (outcome.body + outcome.body_size, span, span_size);
          outcome.body_size += span_size;
        }
      CHECK (outcome.event != LDS_HTTP_RESPONSE_MORE || at == n);
      fed += n;
      free (piece);
    }
  outcome.head = parser.head;
  CHECK (parser.body_bytes == outcome.body_size);
  if (outcome.event == LDS_HTTP_RESPONSE_DONE)
    {
      CHECK (outcome.head.status >= 200 && outcome.head.status <= 599);
      CHECK (outcome.head.framing != LDS_HTTP_BODY_LENGTH ||
             outcome.head.content_length == outcome.body_size);
      CHECK (outcome.head.framing != LDS_HTTP_BODY_NONE || outcome.body_size == 0);
    }
  outcome.ends = lds_http_response_end (&parser);
  lds_http_response_clear (&parser);
  return outcome;
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t size)
{
  static const size_t steps[] = {1, 2, 3, 7, 64, 1 << 16};
  LdsHttpHeadCache cache = {0};

  if (size == 0 || size > 1 << 16)
    return 0;
  for (int head_request = 0; head_request < 2; head_request++)
    {
      Outcome whole = parse_in_steps (bytes, size, size, head_request, NULL);

      for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        {
          Outcome pieces = parse_in_steps (bytes, size, steps[i], head_request, &cache);

          CHECK (pieces.event == whole.event && pieces.ends == whole.ends);
          if (whole.event != LDS_HTTP_RESPONSE_MALFORMED)
            {
              CHECK (pieces.head.status == whole.head.status);
              CHECK (pieces.head.keep_alive == whole.head.keep_alive);
              CHECK (pieces.body_size == whole.body_size);
              CHECK (memcmp (pieces.body, whole.body, whole.body_size) == 0);
            }
          free (pieces.body);
        }
      free (whole.body);
    }
  return 0;
}
