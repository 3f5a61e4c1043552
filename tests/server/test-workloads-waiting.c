/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads that wait, validate or return: answers, what they ask of a model, and errors. */
#include "ask.h"

#include <jansson.h>

static void
test_bad (void)
{
  lds_test_expect ("GET /bad", 200, "{\"status\":\"done\",\"t\":200}", "block 200 ms");
  lds_test_expect ("GET /bad?ms=0", 200, "{\"status\":\"done\",\"t\":0}", "block 0 ms");
  lds_test_expect ("GET /bad?ms=7&in=loop", 200, "{\"status\":\"done\",\"t\":7}", "block 7 ms");
  lds_test_expect ("GET /bad?in=pool&ms=3", 200, "{\"status\":\"done\",\"t\":3}", "call");
  lds_test_refused ("GET /bad?ms=60001", NULL, 400, "ms must be a whole number from 0 to 60000");
  lds_test_refused ("GET /bad?in=", NULL, 400, "in must be loop or pool");
  lds_test_refused ("GET /bad?in=pools", NULL, 400, "in must be loop or pool");
  lds_test_refused ("POST /bad", NULL, 405, "method");
}

static void
test_user (void)
{
  lds_test_expect ("GET /user/7", 200, "{\"id\":7,\"name\":\"User 7\",\"t\":250}", "wait 250 ms");
  lds_test_expect ("GET /user/9007199254740991?ms=1", 200,
                   "{\"id\":9007199254740991,\"name\":\"User 9007199254740991\",\"t\":1}", "wait 1 ms");
  lds_test_refused ("GET /user/9007199254740992", NULL, 400, "from 1 to 9007199254740991");
  lds_test_refused ("GET /user/0", NULL, 400, "the id in the path");
  lds_test_refused ("GET /user/ada", NULL, 400, "the id in the path");
  lds_test_refused ("GET /user/7?ms=1.5", NULL, 400, "ms must be");
  lds_test_refused ("GET /user/", NULL, 404, "nothing");
  lds_test_refused ("GET /user/7/8", NULL, 404, "nothing");

  lds_test_expect ("GET /users/1", 200,
                   "{\"id\":1,\"name\":\"User 1\",\"email\":\"user1@example.org\",\"active\":true}", "");
  lds_test_expect ("GET /users/14", 200,
                   "{\"id\":14,\"name\":\"User 14\",\"email\":\"user14@example.org\",\"active\":false}", "");
  lds_test_refused ("GET /users/-1", NULL, 400, "the id in the path");
  lds_test_refused ("GET /users", NULL, 405, "method");
  lds_test_refused ("POST /users/1", "{}", 405, "method");
}

#define EMAIL    "email must contain @"
#define PASSWORD "password must have at least 6 characters"

static void
test_signup (void)
{
  static const struct
  {
    const char *body;
    const char *errors[3];
  } cases[] = {
      {"{\"email\":\"ada@example.org\",\"password\":\"secret\"}", {NULL}},
      {"{\"password\":\"\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\",\"email\":\"@\",\"more\":[1]}", {NULL}},
      {"{\"email\":\"ada.example.org\",\"password\":\"secret\"}", {EMAIL}},
      {"{\"email\":\"a@b\",\"password\":\"secre\"}", {PASSWORD}},
      /* Five characters in ten bytes. */
      {"{\"email\":\"a@b\",\"password\":\"\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\"}", {PASSWORD}},
      {"{\"email\":\"a@b\",\"password\":123456}", {PASSWORD}},
      {"{\"email\":[\"a@b\"],\"password\":null}", {EMAIL, PASSWORD}},
      {"{}", {EMAIL, PASSWORD}},
      {"[]", {EMAIL, PASSWORD}},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LdsTestAnswer) answer =
          lds_test_ask ("POST /users", "application/json", cases[i].body, strlen (cases[i].body));
      g_autoptr (LdsTestAnswer) unchecked = lds_test_ask ("POST /users?validate=0", "application/json",
                                                          cases[i].body, strlen (cases[i].body));
      json_t *asked = json_loads (cases[i].body, 0, NULL);
      json_t *json = json_loadb (answer->body, answer->length, 0, NULL), *errors;
      json_t *created = json_loadb (unchecked->body, unchecked->length, 0, NULL), *email;

      g_assert_cmpstr (answer->operations, ==, "");
      g_assert_null (strstr (answer->body, "secret"));
      g_assert_null (strstr (unchecked->body, "secre"));
      g_assert_cmpint (unchecked->status, ==, 201);
      email = json_object_get (asked, "email");
      g_assert_true (
          json_equal (json_object_get (created, "email"), email != NULL ? email : json_null ()));
      if (cases[i].errors[0] == NULL)
        {
          g_assert_cmpint (answer->status, ==, 201);
          g_assert_true (json_equal (json, created));
          g_assert_cmpint (json_integer_value (json_object_get (json, "id")), >, 0);
        }
      else
        {
          g_assert_cmpint (answer->status, ==, 400);
          errors = json_object_get (json, "errors");
          for (gsize k = 0; cases[i].errors[k] != NULL; k++)
            g_assert_cmpstr (json_string_value (json_array_get (errors, k)), ==,
                             cases[i].errors[k]);
          g_assert_cmpuint (json_array_size (errors), ==, g_strv_length ((char **)cases[i].errors));
        }
      json_decref (asked);
      json_decref (json);
      json_decref (created);
    }
  lds_test_refused ("POST /users", "{\"email\":\n  \"a@b\",,}", 400, "not JSON: line 2, column ");
  lds_test_refused ("POST /users", "", 400, "not JSON: line 1");
  lds_test_refused ("POST /users", "\"text\"", 400, "not JSON");
  lds_test_refused ("POST /users?validate=2", "{}", 400, "validate must be a whole number from 0 to 1");
  {
    g_autofree char *large = g_strnfill (64 * 1024 + 1, ' ');

    lds_test_refused ("POST /users", large, 413, "65536 bytes");
  }
}

static void
test_echo (void)
{
  static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"};
  char bytes[256];
  g_autofree char *long_type = g_strnfill (201, 'x'), *fitting_type = g_strnfill (200, 'x');
  g_autoptr (LdsTestAnswer) head = NULL, empty = NULL, refused = NULL, fits = NULL;

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (char)i;
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autofree char *request = g_strconcat (methods[i], " /echo?x=y", NULL);
      g_autoptr (LdsTestAnswer) answer = lds_test_ask (request, "image/x; v=\"1\"", bytes, sizeof bytes);

      g_assert_cmpint (answer->status, ==, 200);
      g_assert_cmpstr (answer->type, ==, "image/x; v=\"1\"");
      g_assert_cmpmem (answer->body, answer->length, bytes, sizeof bytes);
    }
  head = lds_test_ask ("HEAD /echo", NULL, bytes, sizeof bytes);
  g_assert_nonnull (strstr (head->head, "\r\nContent-Length: 256\r\n"));
  empty = lds_test_ask ("POST /echo", NULL, NULL, 0);
  g_assert_cmpuint (empty->length, ==, 0);
  g_assert_null (empty->type);
  refused = lds_test_ask ("POST /echo", long_type, "a", 1);
  g_assert_cmpint (refused->status, ==, 400);
  fits = lds_test_ask ("POST /echo", fitting_type, "a", 1);
  g_assert_cmpstr (fits->type, ==, fitting_type);
}

static void
test_fan_out (void)
{
  lds_test_expect ("GET /fan-out", 200, "{\"n\":10,\"t\":50,\"mode\":\"all\",\"via\":\"timer\"}",
                   "wait 50 ms x 10");
  lds_test_expect ("GET /fan-out?n=1&ms=5", 200, "{\"n\":1,\"t\":5,\"mode\":\"all\",\"via\":\"timer\"}",
                   "wait 5 ms");
  lds_test_expect ("GET /fan-out?n=3&ms=5&mode=sequential", 200,
                   "{\"n\":3,\"t\":5,\"mode\":\"sequential\",\"via\":\"timer\"}",
                   "wait 5 ms, wait 5 ms, wait 5 ms");
  lds_test_expect ("GET /fan-out?n=2&ms=1&via=pool", 200,
                   "{\"n\":2,\"t\":1,\"mode\":\"all\",\"via\":\"pool\"}", "call x 2");
  lds_test_expect ("GET /fan-out?n=2&ms=1&via=pool&mode=sequential", 200,
                   "{\"n\":2,\"t\":1,\"mode\":\"sequential\",\"via\":\"pool\"}", "call, call");
  lds_test_expect ("GET /fan-out?n=10000&ms=60", 200,
                   "{\"n\":10000,\"t\":60,\"mode\":\"all\",\"via\":\"timer\"}", "wait 60 ms x 10000");
  lds_test_refused ("GET /fan-out?n=0", NULL, 400, "n must be a whole number from 1 to 10000");
  lds_test_refused ("GET /fan-out?n=10001", NULL, 400, "n must be");
  lds_test_refused ("GET /fan-out?n=10000&ms=61", NULL, 400, "n times ms must be at most 600000");
  lds_test_refused ("GET /fan-out?mode=some", NULL, 400, "mode must be all or sequential");
  lds_test_refused ("GET /fan-out?via=air", NULL, 400, "via must be timer or pool");
}

static void
test_mix (void)
{
  lds_test_expect ("GET /mix", 200, "{\"total_ms\":10,\"cpu\":50}", "compute, wait 5 ms");
  lds_test_expect ("GET /mix?total_ms=2&cpu=0", 200, "{\"total_ms\":2,\"cpu\":0}", "wait 2 ms");
  lds_test_expect ("GET /mix?total_ms=2&cpu=100", 200, "{\"total_ms\":2,\"cpu\":100}", "compute");
  lds_test_expect ("GET /mix?total_ms=3&cpu=33", 200, "{\"total_ms\":3,\"cpu\":33}", "compute, wait 2.01 ms");
  lds_test_expect ("GET /mix?total_ms=0", 200, "{\"total_ms\":0,\"cpu\":50}", "");
  lds_test_refused ("GET /mix?cpu=101", NULL, 400, "cpu must be a whole number from 0 to 100");
  lds_test_refused ("GET /mix?total_ms=10001", NULL, 400, "total_ms must be");
}

static void
test_stream (void)
{
  g_autoptr (LdsTestAnswer) all = lds_test_ask ("GET /stream", NULL, NULL, 0);
  g_autoptr (LdsTestAnswer) slow = lds_test_ask ("GET /stream?chunks=3&bytes=100&ms=5", NULL, NULL, 0);
  g_autoptr (LdsTestAnswer) large = lds_test_ask ("GET /stream?chunks=5&bytes=1048576", NULL, NULL, 0);

  g_assert_cmpint (all->status, ==, 200);
  g_assert_cmpuint (all->length, ==, 10 * 1024);
  g_assert_cmpstr (all->operations, ==, "");
  for (gsize i = 0; i < all->length; i++)
    g_assert_cmpint (all->body[i], ==, i % 64 == 63 ? '\n' : 'a' + (int)i / 1024);
  g_assert_cmpuint (slow->length, ==, 300);
  g_assert_cmpstr (slow->operations, ==, "wait 5 ms, wait 5 ms");
  g_assert_cmpuint (large->length, ==, 5 << 20);
  lds_test_refused ("GET /stream?chunks=0", NULL, 400, "chunks must be a whole number from 1 to 100000");
  lds_test_refused ("GET /stream?bytes=1048577", NULL, 400, "bytes must be");
  lds_test_refused ("GET /stream?ms=60001", NULL, 400, "ms must be");
  lds_test_refused ("GET /stream?chunks=11&ms=60000", NULL, 400, "chunks times ms must be at most 600000");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/workloads/bad", test_bad);
  g_test_add_func ("/server/workloads/user", test_user);
  g_test_add_func ("/server/workloads/signup", test_signup);
  g_test_add_func ("/server/workloads/echo", test_echo);
  g_test_add_func ("/server/workloads/fan-out", test_fan_out);
  g_test_add_func ("/server/workloads/mix", test_mix);
  g_test_add_func ("/server/workloads/stream", test_stream);
  return g_test_run ();
}
