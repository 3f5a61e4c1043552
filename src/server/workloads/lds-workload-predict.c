/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-000-6: feature vectors in, scores out, computed where the model computes; W-000-10, with
 * via=spawn: by a child process that is started for the request.
 *
 * POST brings {"features": [128 numbers]} or {"batch": [[128 numbers], …]}; GET has n vectors of the
 * server's own, which are the same everywhere. Vectors are packed before they are handed over, as a
 * caller of a native library does.
 */
#include "lds-predict.h"
#include "lds-random.h"

#include <jansson.h>
#include <math.h>

#define DEFAULT_N 1
#define MAXIMUM_N 1000
#define SEED      UINT64_C (6)

typedef struct
{
  unsigned via;
  bool failed;
} State;

static void
compute (LdsJob *job)
{
  lds_predict (job->input, job->output, job->breaker);
}

static void
spawn (LdsJob *job)
{
  State *state = lds_job_state (job, State);

  state->failed = !lds_predict_spawned (job->input, job->output);
}

/* Packs @list. Returns false when it is not a list of as many finite numbers as are needed. */
static bool
pack (LdsBuffer *packed,
      const json_t *list)
{
  double features[LDS_PREDICT_FEATURES];

  if (json_array_size (list) != LDS_PREDICT_FEATURES)
    return false;
  for (size_t i = 0; i < LDS_PREDICT_FEATURES; i++)
    {
      const json_t *value = json_array_get (list, i);

      features[i] = json_number_value (value);
      if (!json_is_number (value) || !isfinite (features[i]))
        return false;
    }
  lds_buffer_append (packed, features, sizeof features);
  return true;
}

/* Packs what the body has. Returns false, with the answer made an error, when that is not right. */
static bool
pack_document (LdsExchange *exchange,
               const json_t *document)
{
  const json_t *features = json_object_get (document, "features");
  const json_t *batch = json_object_get (document, "batch");
  size_t n = json_array_size (batch);

  if ((features != NULL) == (batch != NULL))
    {
      lds_exchange_fail (exchange, 400, "the body must have either features or batch");
      return false;
    }
  if (features != NULL)
    {
      if (pack (&exchange->parcel, features))
        return true;
      lds_exchange_fail (exchange, 400, "features must be a list of 128 numbers");
      return false;
    }
  for (size_t i = 0; i < n && n <= LDS_PREDICT_MAX_VECTORS; i++)
    if (!pack (&exchange->parcel, json_array_get (batch, i)))
      n = 0;
  if (n > 0 && n <= LDS_PREDICT_MAX_VECTORS)
    return true;
  lds_exchange_fail (exchange, 400, "batch must be a list of 1 to 4096 lists of 128 numbers");
  return false;
}

static bool
pack_body (LdsExchange *exchange)
{
  LdsSpan body = lds_http_request_body (exchange->request, exchange->data);
  json_error_t error;
  json_t *document = json_loadb (body.data, body.length, 0, &error);
  char message[96];
  bool packed;

  if (document == NULL)
    {
      snprintf (message, sizeof message, "the body is not JSON: line %d, column %d", error.line,
                error.column);
      lds_exchange_fail (exchange, 400, message);
      return false;
    }
  packed = pack_document (exchange, document);
  json_decref (document);
  return packed;
}

static bool
pack_own (LdsExchange *exchange)
{
  uint64_t n, sequence = SEED;

  if (!lds_exchange_query_range (exchange, "n", DEFAULT_N, 1, MAXIMUM_N, &n))
    return false;
  for (uint64_t i = 0; i < n * LDS_PREDICT_FEATURES; i++)
    {
      double feature = lds_random_signed (&sequence);

      lds_buffer_append (&exchange->parcel, &feature, sizeof feature);
    }
  return true;
}

static LdsOperation
begin (LdsExchange *exchange,
       State *state)
{
  static const char *const vias[] = {"compute", "spawn", NULL};
  bool has_body = exchange->request->method == LDS_HTTP_METHOD_POST;

  if (!lds_exchange_query_choice (exchange, "via", vias, &state->via) ||
      !(has_body ? pack_body (exchange) : pack_own (exchange)))
    return LDS_OPERATION_DONE;
  if (exchange->parcel.failed)
    return lds_exchange_fail (exchange, 503, "there was not enough memory for the answer");
  exchange->input = (LdsSpan){exchange->parcel.data, lds_buffer_size (&exchange->parcel)};
  return state->via == 0 ? LDS_OPERATION_COMPUTE : LDS_OPERATION_CALL;
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);
  size_t n;

  if (exchange->step == 0)
    return begin (exchange, state);
  if (state->failed)
    return lds_exchange_fail (exchange, 500, "the child process did not answer");
  exchange->content_type = "application/json";
  n = lds_buffer_size (&exchange->parcel) / LDS_PREDICT_OUTPUT_BYTES;
  lds_exchange_printf (exchange, "{\"scores\":[");
  for (size_t k = 0; k < n; k++)
    {
      double scores[LDS_PREDICT_CLASSES];

      memcpy (scores, exchange->parcel.data + k * sizeof scores, sizeof scores);
      for (size_t i = 0; i < LDS_PREDICT_CLASSES; i++)
        lds_exchange_printf (exchange, "%s%.6f", i > 0 ? "," : k > 0 ? ",["
                                                                     : "[",
                             scores[i]);
      lds_exchange_write (exchange, "]", 1);
    }
  lds_exchange_write (exchange, "]}", 2);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_predict = {
    .id = "predict",
    .usage = "POST /predict",
    .path = "/predict",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET) | LDS_METHOD_BIT (LDS_HTTP_METHOD_POST),
    .step = step,
    .call = spawn,
    .compute = compute,
};
