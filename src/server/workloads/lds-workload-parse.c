/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-002-10: a large JSON body, parsed whole: how long does nothing else run?
 *
 * It is parsed in one go and nobody can take the CPU away meanwhile, as JSON.parse() holds up its
 * loop and json.loads() keeps the lock: both are one native call. Bodies are bounded by the option
 * --max-body-bytes.
 */
#include "lds-exchange.h"

#include <inttypes.h>
#include <jansson.h>

/* Values between two looks at the breaker: some 20 to 50 us. */
#define STRETCH 2000

typedef struct
{
  uint32_t objects;
  uint32_t arrays;
  uint32_t members;
  uint32_t strings;
  uint32_t numbers;
  uint32_t literals;
  uint32_t depth; /* of objects and arrays in each other */
  bool malformed;
  int line; /* of what is malformed, from 1 on */
  int column;
  int code; /* enum json_error_code */
} State;

typedef struct
{
  State *state;
  const LdsBreaker *breaker;
  unsigned until_check;
} Walk;

/* As deep as jansson lets a document be, 2048. */
static void
count (Walk *walk,
       json_t *value,
       uint32_t depth)
{
  State *state = walk->state;
  const char *key;
  json_t *child;
  size_t i;

  if (depth > state->depth && (json_is_object (value) || json_is_array (value)))
    state->depth = depth;
  if (--walk->until_check == 0)
    {
      lds_breaker_check (walk->breaker);
      walk->until_check = STRETCH;
    }
  switch (json_typeof (value))
    {
    case JSON_OBJECT:
      state->objects++;
      state->members += (uint32_t)json_object_size (value);
      json_object_foreach (value, key, child)
          count (walk, child, depth + 1);
      break;
    case JSON_ARRAY:
      state->arrays++;
      json_array_foreach (value, i, child)
          count (walk, child, depth + 1);
      break;
    case JSON_STRING:
      state->strings++;
      break;
    case JSON_INTEGER:
    case JSON_REAL:
      state->numbers++;
      break;
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
      state->literals++;
      break;
    }
}

static void
parse (LdsJob *job)
{
  State *state = lds_job_state (job, State);
  Walk walk = {.state = state, .breaker = job->breaker, .until_check = STRETCH};
  json_error_t error;
  json_t *json = json_loadb (job->input.data, job->input.length, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                             &error);

  if (json != NULL)
    {
      count (&walk, json, 1);
      json_decref (json);
      return;
    }
  state->malformed = true;
  state->line = error.line;
  state->column = error.column;
  state->code = (int)json_error_code (&error);
  if (state->code == json_error_out_of_memory)
    job->output->failed = true;
}

static const char *
reason_of (int code)
{
  switch (code)
    {
    case json_error_premature_end_of_input:
      return ": it ends too early";
    case json_error_end_of_input_expected:
      return ": something follows its end";
    case json_error_invalid_utf8:
      return ": it is not UTF-8";
    case json_error_numeric_overflow:
      return ": the number is too large";
    case json_error_stack_overflow:
      return ": it is nested too deep";
    case json_error_null_byte_in_key:
      return ": a name holds a zero character";
    default:
      return "";
    }
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);
  LdsSpan body = lds_http_request_body (exchange->request, exchange->data);

  if (exchange->step == 0)
    {
      exchange->input = body;
      return LDS_OPERATION_COMPUTE;
    }
  if (state->malformed)
    {
      char message[128];

      snprintf (message, sizeof message, "the body is not JSON: line %d, column %d%s", state->line,
                state->column, reason_of (state->code));
      return lds_exchange_fail (exchange, 400, message);
    }
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange,
                       "{\"bytes\":%zu,\"objects\":%" PRIu32 ",\"arrays\":%" PRIu32
                       ",\"members\":%" PRIu32 ",\"strings\":%" PRIu32 ",\"numbers\":%" PRIu32
                       ",\"literals\":%" PRIu32 ",\"depth\":%" PRIu32 "}",
                       body.length, state->objects, state->arrays, state->members, state->strings,
                       state->numbers, state->literals, state->depth);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_parse = {
    .id = "parse",
    .usage = "POST /parse",
    .path = "/parse",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_POST),
    .step = step,
    .compute = parse,
    .compute_kind = LDS_COMPUTE_NATIVE,
};
