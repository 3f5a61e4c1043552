/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads of the database: answers, what they ask of a model, and errors. */
#include "ask.h"

#include "lds-services.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <unistd.h>

static char *folder, *file;

static void
test_reading (void)
{
  lds_test_expect ("GET /products?limit=2", 200,
                   "[{\"id\":1,\"name\":\"Plain compass no. 1\",\"price\":0.5},"
                   "{\"id\":2,\"name\":\"Brass compass no. 1\",\"price\":79.69}]",
                   "call");
  lds_test_expect ("GET /products?limit=0&connect=1", 200, "[]", "call");
  lds_test_expect ("GET /products/1000", 200,
                   "{\"id\":1000,\"name\":\"Heavy logbook no. 10\",\"price\":109.31}", "call");
  lds_test_expect ("GET /products/1?connect=1", 200,
                   "{\"id\":1,\"name\":\"Plain compass no. 1\",\"price\":0.5}", "call");
  lds_test_expect ("GET /query?from=7&below=7", 200,
                   "{\"count\":0,\"total\":0,\"mean\":0,\"cheapest\":0,\"dearest\":0}", "call");
  lds_test_expect ("GET /query?from=0&below=1&connect=1", 200,
                   "{\"count\":1,\"total\":0.5,\"mean\":0.5,\"cheapest\":0.5,\"dearest\":0.5}", "call");
  lds_test_expect ("GET /io?id=2&ms=7", 200,
                   "{\"id\":2,\"price\":79.69,\"waited_ms\":7}",
                   "call, wait 7 ms");
  lds_test_expect ("GET /io?id=2&connect=1", 200,
                   "{\"id\":2,\"price\":79.69,\"waited_ms\":50}",
                   "call, wait 50 ms");
}

static void
test_refused (void)
{
  lds_test_refused ("GET /products?limit=-1", NULL, 400, "limit must be a whole number");
  lds_test_refused ("GET /products?limit=100001", NULL, 400, "limit must be a whole number");
  lds_test_refused ("GET /products?connect=2", NULL, 400, "connect must be a whole number from 0 to 1");
  lds_test_refused ("GET /products/0", NULL, 400, "the id in the path");
  lds_test_refused ("GET /products/-1", NULL, 400, "the id in the path");
  lds_test_refused ("GET /products/1%20OR%201=1", NULL, 400, "the id in the path");
  lds_test_refused ("DELETE /products/99999999999999999999", NULL, 400, "the id in the path");
  lds_test_refused ("GET /products/1001", NULL, 404, "no product of that id");
  lds_test_refused ("DELETE /products/1001", NULL, 404, "no product of that id");
  lds_test_refused ("GET /products/1/2", NULL, 404, "nothing");
  lds_test_refused ("PUT /products", "{}", 405, "method");
  lds_test_refused ("POST /products/1", "{}", 405, "method");
  lds_test_refused ("GET /query?from=1.5", NULL, 400, "from must be");
  lds_test_refused ("GET /io?id=1001", NULL, 404, "no product of that id");
  lds_test_refused ("GET /io?ms=60001", NULL, 400, "ms must be");
}

#define NAME  "name must be a text of 1 to 200 bytes without control characters"
#define PRICE "price must be a number from 0 to 1000000000"

static void
test_validation (void)
{
  static const struct
  {
    const char *body;
    const char *name, *price; /* what is said of them, or NULL */
  } cases[] = {
      {"{}", NAME, PRICE},
      {"[]", NAME, PRICE},
      {"\"x\"", NAME, PRICE},
      {"null", NAME, PRICE},
      {"{\"name\":\"\",\"price\":1}", NAME, NULL},
      {"{\"name\":null,\"price\":1}", NAME, NULL},
      {"{\"name\":7,\"price\":1}", NAME, NULL},
      {"{\"name\":[\"x\"],\"price\":1}", NAME, NULL},
      {"{\"name\":\"a\\nb\",\"price\":1}", NAME, NULL},
      {"{\"name\":\"a\\u0000b\",\"price\":1}", NAME, NULL},
      {"{\"name\":\"x\",\"price\":\"1\"}", NULL, PRICE},
      {"{\"name\":\"x\",\"price\":true}", NULL, PRICE},
      {"{\"name\":\"x\",\"price\":null}", NULL, PRICE},
      {"{\"name\":\"x\",\"price\":-0.01}", NULL, PRICE},
      {"{\"name\":\"x\",\"price\":1000000000.5}", NULL, PRICE},
      {"{\"name\":\"x\",\"price\":1e308}", NULL, PRICE},
      {"{\"name\":\"x\"}", NULL, PRICE},
      {"{\"price\":1}", NAME, NULL},
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int turn = 0; turn < 2; turn++)
      {
        g_autofree char *expected = g_strdup_printf (
            "{\"errors\":[%s%s%s%s%s%s%s]}", cases[i].name != NULL ? "\"" : "",
            cases[i].name != NULL ? cases[i].name : "", cases[i].name != NULL ? "\"" : "",
            cases[i].name != NULL && cases[i].price != NULL ? "," : "",
            cases[i].price != NULL ? "\"" : "", cases[i].price != NULL ? cases[i].price : "",
            cases[i].price != NULL ? "\"" : "");
        g_autoptr (LdsTestAnswer) answer =
            lds_test_ask (turn == 0 ? "POST /products" : "PUT /products/1", "application/json",
                          cases[i].body, strlen (cases[i].body));

        g_assert_cmpint (answer->status, ==, 400);
        g_assert_cmpstr (answer->body, ==, expected);
        g_assert_cmpstr (answer->operations, ==, "");
      }

  lds_test_refused ("POST /products", "", 400, "not JSON that can be read");
  lds_test_refused ("POST /products", "{\"name\":\"x\",\"price\":NaN}", 400, "not JSON that can be read");
  lds_test_refused ("POST /products", "{\"name\":\"x\",\"price\":1e999}", 400, "not JSON that can be read");
  lds_test_refused ("POST /products", "{\"name\":\"\xff\",\"price\":1}", 400, "not JSON that can be read");
  lds_test_refused ("POST /products", "{\"name\":\"\\ud800\",\"price\":1}", 400, "not JSON that can be read");
  lds_test_refused ("PUT /products/x", "{\"name\":\"x\",\"price\":1}", 400, "the id in the path");
  lds_test_refused ("PUT /products/1001", "{\"name\":\"x\",\"price\":1}", 404, "no product of that id");
  lds_test_refused ("POST /products?validate=2", "{}", 400, "validate must be");
  lds_test_refused ("POST /products?connect=x", "{}", 400, "connect must be");
}

static void
test_sizes (void)
{
  g_autofree char *name = g_strnfill (LDS_PRODUCT_NAME_BYTES, '"');
  g_autofree char *long_name = g_strnfill (LDS_PRODUCT_NAME_BYTES + 1, 'x');
  g_autofree char *escaped = g_strescape (name, NULL);
  g_autofree char *fits = g_strdup_printf ("{\"name\":\"%s\",\"price\":0}", escaped);
  g_autofree char *too_long = g_strdup_printf ("{\"name\":\"%s\",\"price\":0}", long_name);
  g_autofree char *huge = g_strnfill (65537, ' ');
  g_autofree char *deep = g_strnfill (65536, '[');
  g_autoptr (LdsTestAnswer) answer =
      lds_test_ask ("PUT /products/5", "application/json", fits, strlen (fits));
  g_autofree char *expected = g_strdup_printf ("{\"id\":5,\"name\":\"%s\",\"price\":0}", escaped);

  g_assert_cmpint (answer->status, ==, 200);
  g_assert_cmpstr (answer->body, ==, expected);
  g_assert_cmpstr (answer->operations, ==, "call");
  g_clear_pointer (&answer, lds_test_answer_free);
  answer = lds_test_ask ("POST /products", NULL, too_long, strlen (too_long));
  g_assert_cmpstr (answer->body, ==, "{\"errors\":[\"" NAME "\"]}");
  g_clear_pointer (&answer, lds_test_answer_free);
  /* What has no room is refused without validation, too. */
  answer = lds_test_ask ("POST /products?validate=0", NULL, too_long, strlen (too_long));
  g_assert_cmpstr (answer->body, ==, "{\"errors\":[\"" NAME "\"]}");
  g_clear_pointer (&answer, lds_test_answer_free);
  lds_test_refused ("POST /products", deep, 400, "not JSON that can be read");
  lds_test_refused ("POST /products", huge, 413, "at most 65536 bytes");
  answer = lds_test_ask ("PUT /products/6?validate=0", NULL, "{\"name\":7,\"price\":\"x\"}", 22);
  g_assert_cmpstr (answer->body, ==, "{\"id\":6,\"name\":\"\",\"price\":0}");
}

/* W-004-9: another program holds the lock. */
static void
test_busy (void)
{
  uint64_t busy = lds_store_counts (lds_services_store ()).busy;
  sqlite3 *other;

  g_assert_cmpint (sqlite3_open (file, &other), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  lds_test_refused ("POST /products", "{\"name\":\"x\",\"price\":1}", 503, "locked for too long");
  lds_test_refused ("PUT /products/1?connect=1", "{\"name\":\"x\",\"price\":1}", 503, "locked for too long");
  lds_test_refused ("DELETE /products/1", NULL, 503, "locked for too long");
  lds_test_expect ("GET /products?limit=0", 200, "[]", "call");
  g_assert_cmpint (sqlite3_exec (other, "ROLLBACK", NULL, NULL, NULL), ==, SQLITE_OK);
  /* Each was asked twice. */
  g_assert_cmpuint (lds_store_counts (lds_services_store ()).busy, ==, busy + 6);
  g_assert_cmpint (sqlite3_exec (other, "DROP TABLE product", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (other);
  lds_test_refused ("GET /products", NULL, 500, "the database failed");
  lds_test_refused ("GET /query", NULL, 500, "the database failed");
  lds_test_refused ("GET /io", NULL, 500, "the database failed");
}

int
main (int argc,
      char **argv)
{
  LdsStoreConfig config = {.connections = 2, .busy_timeout_ms = 10};
  char message[256];
  bool bad_usage;
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  file = g_build_filename (folder, "products.db", NULL);
  config.file = file;
  g_assert_true (lds_services_open (&config, NULL, &bad_usage, message, sizeof message));
  g_test_add_func ("/server/workloads/products/reading", test_reading);
  g_test_add_func ("/server/workloads/products/refused", test_refused);
  g_test_add_func ("/server/workloads/products/validation", test_validation);
  g_test_add_func ("/server/workloads/products/sizes", test_sizes);
  g_test_add_func ("/server/workloads/products/busy", test_busy);
  result = g_test_run ();
  lds_services_settle ();
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (file);
  g_free (folder);
  return result;
}
