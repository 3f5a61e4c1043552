/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads that compute: small answers worked out by hand, the shape of large ones, and errors. What they
 * compute is checked against a second implementation in test-workloads.py. */
#include "ask.h"

#include "lds-clock.h"
#include "lds-predict.h"

#include <jansson.h>

static json_t *
load (const LdsTestAnswer *answer)
{
  json_t *json = json_loadb (answer->body, answer->length, 0, NULL);

  g_assert_cmpint (answer->status, ==, 200);
  g_assert_cmpstr (answer->type, ==, "application/json");
  g_assert_nonnull (json);
  return json;
}

static void
check_counts (const char *body,
              gsize length,
              const char *counts)
{
  g_autoptr (LdsTestAnswer) answer = lds_test_ask ("POST /parse", "application/json", body, length);
  g_autofree char *expected = g_strdup_printf ("{\"bytes\":%zu,%s}", length, counts);

  g_assert_cmpstr (answer->body, ==, expected);
  g_assert_cmpstr (answer->operations, ==, "compute");
  json_decref (load (answer));
}

static void
test_parse (void)
{
  const char *all = "{\"a\": [1, 2.5, -3e2, \"x\\u0000y\", {}], \"b\": {\"c\": null, \"d\": [true, [false]]},"
                    " \"\\u00e9\": \"\xc3\xa9\"}";
  const int depths[] = {100, 2048};

  check_counts (all, strlen (all),
                "\"objects\":3,\"arrays\":3,\"members\":5,\"strings\":2,\"numbers\":3,\"literals\":3,"
                "\"depth\":4");
  check_counts (" 7 ", 3,
                "\"objects\":0,\"arrays\":0,\"members\":0,\"strings\":0,\"numbers\":1,\"literals\":0,"
                "\"depth\":0");
  for (gsize i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      g_autofree char *open = g_strnfill ((gsize)depths[i], '['),
                      *close = g_strnfill ((gsize)depths[i], ']');
      g_autofree char *body = g_strconcat (open, close, NULL),
                      *deeper = g_strconcat ("[", body, "]", NULL);
      g_autofree char *counts =
          g_strdup_printf ("\"objects\":0,\"arrays\":%d,\"members\":0,\"strings\":0,\"numbers\":0,"
                           "\"literals\":0,\"depth\":%d",
                           depths[i], depths[i]);

      check_counts (body, strlen (body), counts);
      if (i == 1)
        lds_test_refused ("POST /parse", deeper, 400, "nested too deep");
    }
}

static void
test_parse_large (void)
{
  g_autoptr (GString) body = g_string_new ("[");
  const guint n = 200000;
  g_autofree char *counts =
      g_strdup_printf ("\"objects\":%u,\"arrays\":1,\"members\":%u,\"strings\":%u,\"numbers\":%u,"
                       "\"literals\":0,\"depth\":2",
                       n, 2 * n, n, n + 1);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (body, "{\"number\":%u,\"name\":\"user %u\"},", i, i);
  g_string_append (body, "0]");
  check_counts (body->str, body->len, counts);
}

static void
test_parse_malformed (void)
{
  lds_test_refused ("POST /parse", "", 400, "line 1, column 0: it ends too early");
  lds_test_refused ("POST /parse", "{\"a\": 1,\n \"b\" 2}", 400, "line 2, column ");
  lds_test_refused ("POST /parse", "[1,\n\n2", 400, "line 3, column 1: it ends too early");
  lds_test_refused ("POST /parse", "[1] 2", 400, "line 1, column 5: something follows its end");
  lds_test_refused ("POST /parse", "[\"\xff\"]", 400, "not UTF-8");
  lds_test_refused ("POST /parse", "[123456789012345678901234567890]", 400, "too large");
  lds_test_refused ("POST /parse", "[1e999]", 400, "too large");
  lds_test_refused ("POST /parse", "{\"a\\u0000\": 1}", 400, "a name holds a zero character");
  lds_test_refused ("GET /parse", NULL, 405, "method");
}

static void
test_report (void)
{
  g_autoptr (LdsTestAnswer) one = lds_test_ask ("GET /report?rows=1", NULL, NULL, 0);
  g_autoptr (LdsTestAnswer) many = lds_test_ask ("GET /report?rows=12345", NULL, NULL, 0);
  json_t *json = load (one), *region, *regions;
  json_int_t orders = 0;
  size_t i;

  region = json_array_get (json_object_get (json, "regions"), 0);
  g_assert_cmpfloat (json_real_value (json_object_get (region, "amount")), ==,
                     json_real_value (json_object_get (region, "median")));
  json_decref (json);
  json = load (many);
  regions = json_object_get (json, "regions");
  g_assert_cmpuint (json_array_size (regions), ==, 6);
  json_array_foreach (regions, i, region)
      orders += json_integer_value (json_object_get (region, "orders"));
  g_assert_cmpint (orders, ==, 12345);
  json_decref (json);
  g_assert_cmpstr (many->operations, ==, "compute");
  lds_test_refused ("GET /report?rows=0", NULL, 400, "rows must be a whole number from 1 to 1000000");
  lds_test_refused ("GET /report?rows=1000001", NULL, 400, "rows must be");
}

static void
test_tasks (void)
{
  g_autoptr (LdsTestAnswer) one = lds_test_ask ("GET /tasks?chunk=1", NULL, NULL, 0);
  g_autoptr (LdsTestAnswer) two = lds_test_ask ("GET /tasks?chunk=2", NULL, NULL, 0);
  json_t *json;

  json = load (one);
  g_assert_cmpuint (strlen (json_string_value (json_object_get (json, "digest"))), ==, 16);
  json_decref (json);
  json_decref (load (two));
  g_assert_cmpstr (one->operations, ==, "compute");
  g_assert_cmpstr (strstr (one->body, "digest"), !=, strstr (two->body, "digest"));
  lds_test_refused ("GET /tasks?chunk=0", NULL, 400, "chunk must be a whole number from 1 to 1000000");
}

static void
test_image (void)
{
  const char *const requests[] = {"GET /image?size=1", "GET /image?size=2", "GET /image?size=300"};

  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (LdsTestAnswer) answer = lds_test_ask (requests[i], NULL, NULL, 0);
      json_t *json = load (answer), *count;
      json_int_t size = json_integer_value (json_object_get (json, "size")), n = 0;
      size_t k;

      json_array_foreach (json_object_get (json, "histogram"), k, count)
          n += json_integer_value (count);
      g_assert_cmpint (n, ==, size * size);
      g_assert_cmpfloat (json_real_value (json_object_get (json, "mean")), <=,
                         (double)json_integer_value (json_object_get (json, "maximum")));
      g_assert_cmpstr (answer->operations, ==, "compute");
      json_decref (json);
    }
  lds_test_refused ("GET /image?size=0", NULL, 400, "size must be a whole number from 1 to 2048");
  lds_test_refused ("GET /image?size=2049", NULL, 400, "size must be");
}

/* A vector of 128 numbers: @first, then zeros. */
static char *
dup_vector (const char *first)
{
  GString *text = g_string_new ("[");

  g_string_append (text, first);
  for (int i = 1; i < LDS_PREDICT_FEATURES; i++)
    g_string_append (text, ",0");
  return g_string_free (g_string_append_c (text, ']'), FALSE);
}

static double
score (json_t *json,
       size_t vector,
       size_t class)
{
  json_t *scores = json_array_get (json_object_get (json, "scores"), vector);

  g_assert_cmpuint (json_array_size (scores), ==, LDS_PREDICT_CLASSES);
  return json_number_value (json_array_get (scores, class));
}

static void
test_predict (void)
{
  g_autofree char *zero = dup_vector ("0"), *one = dup_vector ("1"), *two = dup_vector ("2.0");
  g_autofree char *batch = g_strdup_printf ("{\"batch\":[%s,%s,%s]}", zero, one, two);
  g_autofree char *single = g_strdup_printf ("{\"features\":%s}", one);
  g_autoptr (LdsTestAnswer) all = lds_test_ask ("POST /predict", "application/json", batch, strlen (batch));
  g_autoptr (LdsTestAnswer) alone = lds_test_ask ("POST /predict", NULL, single, strlen (single));
  g_autoptr (LdsTestAnswer) spawned = lds_test_ask ("POST /predict?via=spawn", NULL, batch, strlen (batch));
  g_autoptr (LdsTestAnswer) own = lds_test_ask ("GET /predict?n=1000", NULL, NULL, 0);
  g_autoptr (LdsTestAnswer) own_spawned = lds_test_ask ("GET /predict?n=1000&via=spawn", NULL, NULL, 0);
  json_t *json = load (all), *other = load (alone);

  /* It is linear. */
  for (size_t i = 0; i < LDS_PREDICT_CLASSES; i++)
    {
      g_assert_cmpfloat_with_epsilon (score (json, 2, i) - score (json, 1, i),
                                      score (json, 1, i) - score (json, 0, i), 2e-6);
      g_assert_cmpfloat (score (json, 1, i), ==, score (other, 0, i));
    }
  json_decref (json);
  json_decref (other);
  g_assert_cmpstr (all->operations, ==, "compute");
  g_assert_cmpstr (spawned->operations, ==, "call");
  g_assert_cmpstr (spawned->body, ==, all->body);
  g_assert_cmpstr (own_spawned->body, ==, own->body);
  json = load (own);
  g_assert_cmpuint (json_array_size (json_object_get (json, "scores")), ==, 1000);
  json_decref (json);
}

static void
test_predict_refused (void)
{
  g_autofree char *vector = dup_vector ("0"), *text = dup_vector ("\"0\""), *yes = dup_vector ("true");
  g_autofree char *text_body = g_strdup_printf ("{\"features\":%s}", text);
  g_autofree char *yes_body = g_strdup_printf ("{\"batch\":[%s,%s]}", vector, yes);
  g_autofree char *both = g_strdup_printf ("{\"features\":%s,\"batch\":[%s]}", vector, vector);
  g_autofree char *huge = dup_vector ("1e999"), *huge_body = g_strdup_printf ("{\"features\":%s}", huge);
  g_autoptr (GString) many = g_string_new ("{\"batch\":[");

  for (int i = 0; i < LDS_PREDICT_MAX_VECTORS; i++)
    g_string_append_printf (many, "%s,", vector);
  g_string_append_printf (many, "%s]}", vector);
  lds_test_refused ("POST /predict", many->str, 400, "1 to 4096 lists");
  lds_test_refused ("POST /predict", "", 400, "the body is not JSON: line 1");
  lds_test_refused ("POST /predict", "{}", 400, "either features or batch");
  lds_test_refused ("POST /predict", both, 400, "either features or batch");
  lds_test_refused ("POST /predict", "{\"features\":[1,2]}", 400, "a list of 128 numbers");
  lds_test_refused ("POST /predict", text_body, 400, "a list of 128 numbers");
  lds_test_refused ("POST /predict", yes_body, 400, "1 to 4096 lists");
  lds_test_refused ("POST /predict", huge_body, 400, "not JSON");
  lds_test_refused ("POST /predict", "{\"batch\":[]}", 400, "1 to 4096 lists");
  lds_test_refused ("POST /predict", "{\"batch\":{}}", 400, "1 to 4096 lists");
  lds_test_refused ("GET /predict?n=0", NULL, 400, "n must be a whole number from 1 to 1000");
  lds_test_refused ("GET /predict?via=air", NULL, 400, "via must be compute or spawn");
  lds_test_refused ("PUT /predict", NULL, 405, "method");
}

/* At least the CPU time that was asked for is spent; what is measured along with it can only add. */
static void
test_mix_computes (void)
{
  int64_t begin_ns = lds_clock_thread_cpu_ns ();

  lds_test_expect ("GET /mix?total_ms=40&cpu=50", 200, "{\"total_ms\":40,\"cpu\":50}", "compute, wait 20 ms");
  /* Asked twice; see lds_test_ask(). */
  g_assert_cmpint (lds_clock_thread_cpu_ns () - begin_ns, >=, 2 * 20 * LDS_NS_PER_MS * 97 / 100);
}

int
main (int argc,
      char **argv)
{
  /* What a prediction with via=spawn starts is this program. */
  if (argc == 2 && strcmp (argv[1], LDS_PREDICT_CHILD_ARGUMENT) == 0)
    return lds_predict_child ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/workloads/parse", test_parse);
  g_test_add_func ("/server/workloads/parse/large", test_parse_large);
  g_test_add_func ("/server/workloads/parse/malformed", test_parse_malformed);
  g_test_add_func ("/server/workloads/report", test_report);
  g_test_add_func ("/server/workloads/tasks", test_tasks);
  g_test_add_func ("/server/workloads/image", test_image);
  g_test_add_func ("/server/workloads/predict", test_predict);
  g_test_add_func ("/server/workloads/predict/refused", test_predict_refused);
  g_test_add_func ("/server/workloads/mix/computes", test_mix_computes);
  return g_test_run ();
}
