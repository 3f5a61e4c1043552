/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A product as JSON. */
#include "lds-product.h"

#include "lds-json-text.h"
#include "lds-services.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

/* As of other workloads: frameworks bound what they parse. */
#define MAXIMUM_BODY_BYTES (64 * 1024)
#define MAXIMUM_PRICE      1e9

bool
lds_product_ask_access (LdsExchange *exchange,
                        LdsStoreAccess *access)
{
  uint64_t connect;

  if (!lds_exchange_query_uint64 (exchange, "connect", 0, 1, &connect))
    return false;
  *access = connect == 1 ? LDS_STORE_CONNECT : LDS_STORE_POOLED;
  return true;
}

/* Whether @name has room everywhere it goes: in an event each byte may take two. */
static bool
has_room (LdsSpan name)
{
  if (name.length > LDS_PRODUCT_NAME_BYTES)
    return false;
  for (size_t i = 0; i < name.length; i++)
    if ((unsigned char)name.data[i] < 0x20)
      return false;
  return true;
}

/* Returns whether @body is a product; else the answer is made a 400 with all that is wrong. */
static bool
validate (LdsExchange *exchange,
          const json_t *body,
          bool strictly,
          LdsProduct *product)
{
  const json_t *name = json_object_get (body, "name"), *price = json_object_get (body, "price");
  bool good_name = true, good_price = true;

  if (json_is_string (name))
    product->name = (LdsSpan){json_string_value (name), json_string_length (name)};
  product->price = json_number_value (price);
  if (strictly)
    {
      good_name = product->name.length > 0;
      good_price = json_is_number (price) && product->price >= 0 && product->price <= MAXIMUM_PRICE;
    }
  good_name = good_name && has_room (product->name);
  if (good_name && good_price)
    return true;

  exchange->status = 400;
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange, "{\"errors\":[%s%s%s]}",
                       good_name ? "" : "\"name must be a text of 1 to 200 bytes without control characters\"",
                       good_name || good_price ? "" : ",",
                       good_price ? "" : "\"price must be a number from 0 to 1000000000\"");
  return false;
}

bool
lds_product_receive (LdsExchange *exchange)
{
  LdsSpan body = lds_http_request_body (exchange->request, exchange->data);
  LdsProduct product = {0};
  uint64_t strictly;
  json_error_t error;
  json_t *root;
  bool good;

  if (!lds_exchange_query_uint64 (exchange, "validate", 1, 1, &strictly))
    return false;
  if (body.length > MAXIMUM_BODY_BYTES)
    {
      lds_exchange_fail (exchange, 413, "the body must be at most 65536 bytes");
      return false;
    }
  root = json_loadb (body.length > 0 ? body.data : "", body.length,
                     JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
  if (root == NULL)
    {
      char message[96];

      snprintf (message, sizeof message, "the body is not JSON that can be read: line %d, column %d",
                error.line, error.column);
      lds_exchange_fail (exchange, 400, message);
      return false;
    }
  good = validate (exchange, root, strictly == 1, &product);
  if (good)
    {
      lds_product_append (&exchange->parcel, &product);
      exchange->input = (LdsSpan){exchange->parcel.data + exchange->parcel.start,
                                  lds_buffer_size (&exchange->parcel)};
    }
  json_decref (root);
  return good;
}

void
lds_product_write (LdsBuffer *out,
                   const LdsProduct *product)
{
  char digits[24], *end = digits + sizeof digits, *begin = end;
  uint64_t rest = product->id < 0 ? 0 - (uint64_t)product->id : (uint64_t)product->id;

  /* By hand, for a list of them is most of what its request costs. */
  do
    {
      *--begin = (char)('0' + rest % 10);
      rest /= 10;
    }
  while (rest > 0);
  if (product->id < 0)
    *--begin = '-';
  lds_buffer_append (out, "{\"id\":", 6);
  lds_buffer_append (out, begin, (size_t)(end - begin));
  lds_buffer_append (out, ",\"name\":", 8);
  lds_json_append_string (out, product->name);
  lds_buffer_append (out, ",\"price\":", 9);
  lds_json_append_number (out, product->price);
  lds_buffer_append (out, "}", 1);
}

bool
lds_product_publish (const char *action,
                     int64_t id,
                     LdsSpan name,
                     LdsBuffer *scratch)
{
  LdsEvents *events = lds_services_events ();
  char text[64];
  bool published;

  lds_buffer_append (scratch, text, (size_t)snprintf (text, sizeof text, "{\"action\":\"%s\",\"id\":%" PRId64, action, id));
  if (name.data != NULL)
    {
      lds_buffer_append (scratch, ",\"name\":", 8);
      lds_json_append_string (scratch, name);
    }
  lds_buffer_append (scratch, "}", 1);
  published =
      events != NULL && !scratch->failed &&
      lds_events_publish (events, scratch->data + scratch->start, lds_buffer_size (scratch));
  if (!scratch->failed)
    scratch->end = scratch->start;
  return published;
}

LdsOperation
lds_product_fail (LdsExchange *exchange,
                  LdsStoreResult result)
{
  switch (result)
    {
    case LDS_STORE_NONE:
      return lds_exchange_fail (exchange, 404, "there is no product of that id");
    case LDS_STORE_BUSY:
      return lds_exchange_fail (exchange, 503, "the database was locked for too long: try again");
    case LDS_STORE_FAILED:
    case LDS_STORE_OK:
    default:
      return lds_exchange_fail (exchange, 500, "the database failed: see what the server says on standard error");
    }
}

LdsOperation
lds_product_fail_event (LdsExchange *exchange)
{
  return lds_exchange_fail (exchange, 503,
                            "the product was changed but the event could not be published");
}
