/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-000-7: a gateway that passes requests on to the services behind it, and their answers back.
 *
 * `/api/:service/:path` asks service `:service` - a number from 1, or "s" and that number - for
 * `/:path`. Method, path, query, body and the fields that go from end to end are passed on as they
 * came; Via is added; what is between two neighbours alone is dropped. The request is written anew
 * from what was understood of it, with a Content-Length of its own, so that the service cannot read
 * it in another way. With `transform=1` among the query a JSON answer is wrapped together with the
 * service's name, as the article's gateway changes answers.
 *
 * Source: RFC 9110, sections 7.6 (forwarding), 7.7 (transformations) and 10.1.1 (Expect); accessed
 * 2026-11-21.
 */
#include "lds-exchange.h"
#include "lds-http-fields.h"
#include "lds-upstreams.h"

#include <stdio.h>

typedef struct
{
  unsigned service; /* from 1 */
  bool transform;
} State;

static bool
find_service (LdsSpan name,
              unsigned *service)
{
  uint64_t number;

  if (name.length > 0 && name.data[0] == 's')
    name = (LdsSpan){name.data + 1, name.length - 1};
  if (name.length > 2 || !lds_http_parse_uint64 (name, &number) || number == 0 ||
      number > lds_upstreams_count ())
    return false;
  *service = (unsigned)number;
  return true;
}

static void
add_span (LdsBuffer *to,
          LdsSpan text)
{
  lds_buffer_append (to, text.data, text.length);
}

static void
add_text (LdsBuffer *to,
          const char *text)
{
  lds_buffer_append (to, text, strlen (text));
}

/* One stop less that a request may make (RFC 9110 section 7.6.2). */
static void
add_max_forwards (LdsBuffer *to,
                  uint64_t stops)
{
  char text[64];

  snprintf (text, sizeof text, "Max-Forwards: %llu\r\n", (unsigned long long)(stops - 1));
  add_text (to, text);
}

/* Passes on the fields that go from end to end. Returns false when they cannot be told apart. */
static bool
add_fields (LdsBuffer *to,
            const LdsHttpRequest *request,
            const char *data)
{
  LdsHttpConnectionFields dropped = {0};
  LdsSpan name, value;
  uint32_t cursor = 0;
  uint64_t stops;

  while (lds_http_request_next_field (request, data, &cursor, &name, &value))
    if (lds_span_equal_ignoring_case (name, "connection") &&
        !lds_http_connection_fields_add (&dropped, value))
      return false;
  cursor = 0;
  while (lds_http_request_next_field (request, data, &cursor, &name, &value))
    {
      /* Host and Content-Length are our own; an expectation has been met: the body is here. */
      if (lds_span_equal_ignoring_case (name, "host") ||
          lds_span_equal_ignoring_case (name, "content-length") ||
          lds_span_equal_ignoring_case (name, "expect") || lds_http_is_hop_by_hop (&dropped, name))
        continue;
      if (request->method == LDS_HTTP_METHOD_OPTIONS &&
          lds_span_equal_ignoring_case (name, "max-forwards") &&
          lds_http_parse_uint64 (value, &stops) && stops > 0)
        {
          add_max_forwards (to, stops);
          continue;
        }
      add_span (to, name);
      lds_buffer_append (to, ": ", 2);
      add_span (to, value);
      lds_buffer_append (to, "\r\n", 2);
    }
  return true;
}

/* Writes the request to the service. Returns false when it cannot be passed on. */
static bool
write_request (LdsExchange *exchange,
               unsigned service)
{
  const LdsHttpRequest *request = exchange->request;
  const char *data = exchange->data;
  LdsBuffer *to = &exchange->parcel;
  LdsSpan query = lds_http_request_query (request, data);
  LdsSpan body = lds_http_request_body (request, data), ignored;
  char text[64];

  lds_buffer_reserve (to, request->head_bytes + body.length + sizeof text * 3);
  add_span (to, lds_http_request_method_text (request, data));
  add_text (to, " /");
  add_span (to, lds_exchange_part (exchange, 1));
  if (query.length > 0)
    add_text (to, "?");
  add_span (to, query);
  snprintf (text, sizeof text, " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n",
            lds_upstreams_port (service - 1));
  add_text (to, text);
  if (!add_fields (to, request, data))
    return false;
  add_text (to, request->version_1_0 ? "Via: 1.0 loadstone\r\n" : "Via: 1.1 loadstone\r\n");
  if (request->chunked || lds_http_request_field (request, data, "content-length", &ignored))
    {
      snprintf (text, sizeof text, "Content-Length: %zu\r\n", body.length);
      add_text (to, text);
    }
  lds_buffer_append (to, "\r\n", 2);
  add_span (to, body);
  return true;
}

static LdsOperation
ask (LdsExchange *exchange,
     State *state)
{
  LdsSpan wish;

  if (lds_upstreams_count () == 0)
    return lds_exchange_fail (exchange, 503,
                              "this server has no upstreams; start it with --upstreams 20, or with "
                              "--upstream PORT for one that runs already");
  /* A service would tell the client its own fields, and those that are added on the way. */
  if (lds_span_equal (lds_http_request_method_text (exchange->request, exchange->data), "TRACE"))
    return lds_exchange_fail (exchange, 501, "this gateway passes no TRACE on");
  if (exchange->request->method == LDS_HTTP_METHOD_OPTIONS &&
      lds_http_request_field (exchange->request, exchange->data, "max-forwards", &wish) &&
      lds_span_equal (wish, "0"))
    {
      /* It asks who is here, and that is this server. */
      exchange->status = 204;
      return LDS_OPERATION_DONE;
    }
  if (!find_service (lds_exchange_part (exchange, 0), &state->service))
    return lds_exchange_fail (exchange, 404,
                              "there is no such service; they are named s1, s2 and so on up to the "
                              "number of upstreams");
  if (lds_http_query_value (lds_http_request_query (exchange->request, exchange->data), "transform",
                            &wish))
    state->transform = lds_span_equal (wish, "1");
  if (!write_request (exchange, state->service))
    {
      lds_buffer_free (&exchange->parcel);
      return lds_exchange_fail (exchange, 400, "too many Connection fields; join them into one");
    }
  exchange->upstream = state->service - 1;
  return LDS_OPERATION_FETCH;
}

static bool
is_json (const char *type)
{
  static const char json[] = "application/json";

  return type != NULL && strncasecmp (type, json, sizeof json - 1) == 0 &&
         (type[sizeof json - 1] == '\0' || strchr ("; \t", type[sizeof json - 1]) != NULL);
}

static LdsOperation
answer (LdsExchange *exchange,
        const State *state)
{
  const LdsBuffer *body = &exchange->parcel;
  const char *type = lds_exchange_fetched_type (exchange);
  const char *fields = lds_exchange_fetched_fields (exchange);
  bool head = exchange->request->method == LDS_HTTP_METHOD_HEAD;

  if (exchange->fetch_status == 0)
    return lds_exchange_fail (exchange, 502, "the service could not be reached, or did not answer well");
  if (exchange->fetch_status == 504 && type == NULL && *fields == '\0' &&
      lds_buffer_size (body) == 0)
    return lds_exchange_fail (exchange, 504, "the service did not answer in time");
  exchange->status = exchange->fetch_status;
  exchange->content_type = type;
  if (state->transform && is_json (type) && strcasestr (fields, "content-encoding:") == NULL &&
      (head || lds_buffer_size (body) > 0))
    {
      /* Validators and ranges are those of the service's own answer: none is passed on. */
      if (head)
        {
          exchange->fetched_head = true;
          exchange->fetched_bytes = UINT64_MAX;
          return LDS_OPERATION_DONE;
        }
      lds_exchange_printf (exchange, "{\"service\":\"s%u\",\"data\":", state->service);
      lds_exchange_write (exchange, body->data + body->start, lds_buffer_size (body));
      lds_exchange_write (exchange, "}", 1);
      return LDS_OPERATION_DONE;
    }
  exchange->extra_fields = fields;
  exchange->fetched_head = head;
  if (!head)
    lds_exchange_write (exchange, body->data + body->start, lds_buffer_size (body));
  return LDS_OPERATION_DONE;
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);

  return exchange->step == 0 ? ask (exchange, state) : answer (exchange, state);
}

const LdsServerWorkload lds_workload_gateway = {
    .id = "gateway",
    .usage = "GET /api/s1/json?transform=1",
    .path = "/api/:service/:path+",
    .methods = ~0u,
    .step = step,
};
