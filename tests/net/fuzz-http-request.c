/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: however a request is cut up, the parser says the same of it, and nothing absurd. */
#include "lds-http-request.h"

#include "fuzz.h"

static const LdsHttpLimits limits = {
    .max_line_bytes = 200,
    .max_head_bytes = 400,
    .max_fields = 8,
    .max_body_bytes = 1000,
};

/* Feeds @bytes by @step at a time into @data, which has room for them. */
static LdsHttpRequestResult
parse_in_steps (LdsHttpRequest *request,
                char *data,
                const uint8_t *bytes,
                size_t size,
                size_t step)
{
  LdsHttpRequestResult result = LDS_HTTP_REQUEST_INCOMPLETE;
  size_t length = 0;

  lds_http_request_reset (request);
  for (size_t fed = 0; fed < size && result == LDS_HTTP_REQUEST_INCOMPLETE;)
    {
      size_t n = size - fed < step ? size - fed : step;

      memcpy (data + length, bytes + fed, n);
      fed += n;
      length += n;
      result = lds_http_request_parse (request, data, &length, &limits);
      CHECK (length <= fed);
      /* What has to be kept is bounded whatever the client does: head, body, one line, one read. */
      CHECK (result != LDS_HTTP_REQUEST_INCOMPLETE ||
             length <=
                 limits.max_head_bytes + limits.max_body_bytes + limits.max_line_bytes + step + 2);
      CHECK (result != LDS_HTTP_REQUEST_COMPLETE || request->total_bytes <= length);
    }
  return result;
}

static void
check_parts (const LdsHttpRequest *request,
             const char *data)
{
  LdsSpan name, value, path = lds_http_request_path (request, data);
  LdsSpan target = lds_http_request_target (request, data);
  uint32_t cursor = 0, fields = 0;

  CHECK (request->method_bytes > 0 && target.length > 0 && path.length > 0);
  CHECK (path.data >= target.data && path.data + path.length <= target.data + target.length);
  CHECK (request->head_bytes + request->body_bytes <= request->total_bytes);
  CHECK (request->body_bytes <= limits.max_body_bytes);
  while (lds_http_request_next_field (request, data, &cursor, &name, &value))
    {
      CHECK (name.length > 0 && memchr (name.data, ' ', name.length) == NULL);
      CHECK (value.data + value.length <= data + request->head_bytes);
      CHECK (memchr (value.data, '\n', value.length) == NULL);
      fields++;
    }
  CHECK (fields <= limits.max_fields);
  lds_http_query_value (lds_http_request_query (request, data), "n", &value);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t size)
{
  static const size_t steps[] = {1, 2, 3, 7, 64};
  LdsHttpRequest whole, pieces;
  LdsHttpRequestResult result;
  char *data, *other;

  if (size == 0 || size > 1 << 16)
    return 0;
  data = malloc (size);
  other = malloc (size);
  CHECK (data != NULL && other != NULL);
  result = parse_in_steps (&whole, data, bytes, size, size);
  if (result == LDS_HTTP_REQUEST_COMPLETE)
    check_parts (&whole, data);
  else if (result == LDS_HTTP_REQUEST_ERROR)
    CHECK (whole.status >= 400 && whole.status <= 505 && whole.reason != NULL);

  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    {
      LdsHttpRequestResult again = parse_in_steps (&pieces, other, bytes, size, steps[i]);

      CHECK (again == result);
      if (result == LDS_HTTP_REQUEST_ERROR)
        CHECK (pieces.status == whole.status && pieces.reason == whole.reason);
      if (result != LDS_HTTP_REQUEST_COMPLETE)
        continue;
      CHECK (pieces.head_bytes == whole.head_bytes && pieces.body_bytes == whole.body_bytes);
      CHECK (memcmp (data, other, whole.head_bytes + whole.body_bytes) == 0);
      CHECK (pieces.keep_alive == whole.keep_alive && pieces.method == whole.method);
    }
  free (data);
  free (other);
  return 0;
}
