/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-000-5: a new user whose data is validated, or not: what does validation cost?
 *
 * The rules are the article's: an address contains @, a password has 6 characters or more. Without
 * validation (X-25: one of two servers that are compared leaves it out) the body is still parsed, as
 * every framework does. The password is never part of an answer.
 */
#include "lds-exchange.h"

#include "lds-hash.h"

#include <inttypes.h>
#include <jansson.h>

/* Room for any name and address; frameworks bound what they parse as well. */
#define MAXIMUM_BODY_BYTES (64 * 1024)
#define PASSWORD_MINIMUM   6

/* Characters, not bytes: jansson has made sure that the text is UTF-8. */
static size_t
count_characters (const char *text)
{
  size_t n = 0;

  for (; *text != '\0'; text++)
    n += (*text & 0xc0) != 0x80;
  return n;
}

/* An id that follows from the address, for all servers must give the same; 53 bits, as every reader
 * of JSON has them. */
static uint64_t
id_of (const char *email)
{
  return lds_hash_add (LDS_HASH_SEED, email, strlen (email)) >> 11;
}

/* Returns whether @user may be one; else the answer is made a 400 with what is wrong. */
static bool
validate (LdsExchange *exchange,
          const json_t *user)
{
  const char *email = json_string_value (json_object_get (user, "email"));
  const char *password = json_string_value (json_object_get (user, "password"));
  bool email_is_good = email != NULL && strchr (email, '@') != NULL;
  bool password_is_good = password != NULL && count_characters (password) >= PASSWORD_MINIMUM;

  if (email_is_good && password_is_good)
    return true;
  exchange->status = 400;
  lds_exchange_printf (exchange, "{\"errors\":[%s%s%s]}",
                       email_is_good ? "" : "\"email must contain @\"",
                       email_is_good || password_is_good ? "" : ",",
                       password_is_good ? "" : "\"password must have at least 6 characters\"");
  return false;
}

/* Appends @value, a string or anything else, as JSON; null stands for what is not there. */
static void
write_json (LdsExchange *exchange,
            const json_t *value)
{
  const size_t flags = JSON_ENCODE_ANY | JSON_COMPACT;
  size_t length = value != NULL ? json_dumpb (value, NULL, 0, flags) : 0;
  char *to = lds_buffer_reserve (exchange->out, length);

  if (length == 0)
    lds_exchange_write (exchange, "null", 4);
  else if (to != NULL)
    exchange->out->end += json_dumpb (value, to, length, flags);
}

static void
answer (LdsExchange *exchange,
        const json_t *user)
{
  const json_t *email = json_object_get (user, "email");

  exchange->status = 201;
  lds_exchange_printf (exchange, "{\"id\":%" PRIu64 ",\"email\":",
                       id_of (json_is_string (email) ? json_string_value (email) : ""));
  write_json (exchange, email);
  lds_exchange_write (exchange, "}", 1);
}

static LdsOperation
step (LdsExchange *exchange)
{
  LdsSpan body = lds_http_request_body (exchange->request, exchange->data);
  uint64_t validates;
  json_error_t error;
  json_t *user;

  if (!lds_exchange_query_uint64 (exchange, "validate", 1, 1, &validates))
    return LDS_OPERATION_DONE;
  if (body.length > MAXIMUM_BODY_BYTES)
    return lds_exchange_fail (exchange, 413, "the body must be at most 65536 bytes");
  user = json_loadb (body.data, body.length, 0, &error);
  if (user == NULL)
    {
      char message[96];

      snprintf (message, sizeof message, "the body is not JSON: line %d, column %d", error.line,
                error.column);
      return lds_exchange_fail (exchange, 400, message);
    }
  exchange->content_type = "application/json";
  if (validates == 0 || validate (exchange, user))
    answer (exchange, user);
  json_decref (user);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_signup = {
    .id = "signup",
    .usage = "POST /users",
    .path = "/users",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_POST),
    .step = step,
};
