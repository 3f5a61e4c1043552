/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads that read much or keep much: the CSV pipeline in its two ways, the cache and its bounds. */
#include "ask.h"

#include "lds-csv.h"

#include <jansson.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const LdsBreaker never = {NULL, NULL};

#define HEADER "date,customer,category,quantity,price\n"

static void
check_csv (const char *text,
           const char *sums)
{
  const char *const requests[] = {"POST /csv", "POST /csv?mode=stream", "POST /csv?mode=whole"};
  gsize length = strlen (text);

  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (LdsTestAnswer) answer = lds_test_ask (requests[i], "text/csv", text, length);

      g_assert_cmpint (answer->status, ==, 200);
      g_assert_cmpstr (answer->type, ==, "text/csv");
      g_assert_cmpstr (answer->operations, ==, "compute");
      g_assert_cmpmem (answer->body, answer->length, sums, strlen (sums));
    }
  /* However it is cut up. */
  for (int whole = 0; whole < 2; whole++)
    for (gsize step = 1; step < 4; step++)
      {
        LdsCsv *csv = lds_csv_new (whole);
        LdsBuffer output = {0};
        unsigned line;

        for (gsize at = 0; at < length; at += step)
          lds_csv_add (csv, text + at, MIN (step, length - at));
        g_assert_cmpint (lds_csv_finish (csv, &output, &never, &line), ==, LDS_CSV_OK);
        g_assert_cmpmem (output.data, lds_buffer_size (&output), sums, strlen (sums));
        lds_buffer_free (&output);
        lds_csv_free (csv);
      }
}

static void
test_csv (void)
{
  check_csv (HEADER, "date,rows,amount\n");
  check_csv ("date,customer,category,quantity,price", "date,rows,amount\n");
  check_csv (HEADER "2026-02-21,c1,lamps,3,2.50\n"
                    "2025-12-31,c2,lamps,2,1\n"
                    "2026-02-21,c3,\"ropes, \"\"thin\"\"\n\",10,0.1",
             "date,rows,amount\n2025-12-31,1,2.00\n2026-02-21,2,8.50\n");
  /* Every way to lack something; a row of nothing but commas; CRLF. */
  check_csv (HEADER ",c,l,1,1\n2026-01-01,,l,1,1\n2026-01-01,c,,1,1\n2026-01-01,c,l,,1\n2026-01-01,c,l,1,\n"
                    ",,,,\n2026-01-01,c,\"\",1,1\n2026-01-01,c,l,1000,1000000.00\r\n2026-01-02,c,l,0,7\r\n",
             "date,rows,amount\n2026-01-01,1,1000000000.00\n2026-01-02,1,0.00\n");
}

static void
test_csv_refused (void)
{
  static const struct
  {
    const char *text;
    const char *words;
  } cases[] = {
      {"", "line 1: the first line must be date,customer,category,quantity,price"},
      {"\n", "line 1: the first line must be"},
      {"date,customer,category,quantity\n", "line 1: the first line must be"},
      {"date,customer,category,quantity,price,more\n", "line 1: the first line must be"},
      {"date,customer,category,quantity,prices\n", "line 1: the first line must be"},
      {HEADER "2026-01-01,c,l,1\n", "line 2: a row must have five fields"},
      {HEADER "2026-01-01,c,l,1,1\n2026-01-01,c,l,1,1,1\n", "line 3: a row must have five fields"},
      {HEADER "\n", "line 2: a row must have five fields"},
      {HEADER "2026-01-01,\"c\"d,l,1,1\n", "line 2: a quote is not closed"},
      {HEADER "2026-01-01,\"c,l,1,1\n", "line 2: a quote is not closed"},
      {HEADER "2026-1-1,c,l,1,1\n", "line 2: the date must be YYYY-MM-DD"},
      {HEADER "2026-13-01,c,l,1,1\n", "the date must be"},
      {HEADER "2026-01-00,c,l,1,1\n", "the date must be"},
      {HEADER "2026/01/01,c,l,1,1\n", "the date must be"},
      {HEADER "2026-01-01,c,l,1001,1\n", "the quantity must be a whole number from 0 to 1000"},
      {HEADER "2026-01-01,c,l,-1,1\n", "the quantity must be"},
      {HEADER "2026-01-01,c,l,1.5,1\n", "the quantity must be"},
      {HEADER "2026-01-01,c,l,00000000000000000000000000000001,1\n", "the quantity must be"},
      {HEADER "2026-01-01,c,l,1,1000000.01\n", "the price must be from 0 to 1000000"},
      {HEADER "2026-01-01,c,l,1,1.234\n", "the price must be"},
      {HEADER "2026-01-01,c,l,1,.5\n", "the price must be"},
      {HEADER "2026-01-01,c,l,1,1.\n", "the price must be"},
      {HEADER "2026-01-01,c,l,1,1e3\n", "the price must be"},
      {HEADER "2026-01-01,c,l,1,-1\n", "the price must be"},
      {HEADER "2026-01-01,c,l,1,0000000000000000000000000000001\n", "the price must be"},
  };
  g_autoptr (GString) dates = g_string_new (HEADER);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      lds_test_refused ("POST /csv", cases[i].text, 400, cases[i].words);
      lds_test_refused ("POST /csv?mode=whole", cases[i].text, 400, cases[i].words);
    }
  for (guint i = 0; i <= LDS_CSV_MAX_DATES; i++)
    g_string_append_printf (dates, "%04u-01-01,c,l,1,1\n", 1000 + i);
  lds_test_refused ("POST /csv", dates->str, 400, "there must be at most 4096 dates");
  lds_test_refused ("GET /csv?mb=0", NULL, 400, "mb must be a whole number from 1 to 64");
  lds_test_refused ("GET /csv?mb=65", NULL, 400, "mb must be");
  lds_test_refused ("GET /csv?mode=half", NULL, 400, "mode must be stream or whole");
}

/* The memory that one request needs at most, in KiB, in a process of its own. */
static long
measure_peak_kib (const char *request)
{
  int pipes[2], status;
  long peak_kib = 0;
  pid_t pid;

  g_assert_cmpint (pipe (pipes), ==, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      g_autoptr (LdsTestAnswer) answer = lds_test_ask (request, NULL, NULL, 0);
      struct rusage usage;

      getrusage (RUSAGE_SELF, &usage);
      _exit (answer->status == 200 && write (pipes[1], &usage.ru_maxrss, sizeof usage.ru_maxrss) > 0
                 ? 0
                 : 1);
    }
  close (pipes[1]);
  g_assert_cmpint (read (pipes[0], &peak_kib, sizeof peak_kib), ==, sizeof peak_kib);
  close (pipes[0]);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  return peak_kib;
}

/* Streaming is bounded; the other way has at least the whole file in memory. */
static void
test_csv_memory (void)
{
  long small_kib = measure_peak_kib ("GET /csv?mb=1&mode=stream");
  long stream_kib = measure_peak_kib ("GET /csv?mb=32&mode=stream");
  long whole_kib = measure_peak_kib ("GET /csv?mb=32&mode=whole");

  g_test_message ("1 MiB streamed: %ld KiB, 32 MiB streamed: %ld KiB, as a whole: %ld KiB", small_kib,
                  stream_kib, whole_kib);
  g_assert_cmpint (stream_kib, <, small_kib + 8 * 1024);
  g_assert_cmpint (whole_kib, >, stream_kib + 32 * 1024);
}

static void
test_csv_source (void)
{
  g_autoptr (LdsTestAnswer) three = lds_test_ask ("GET /csv?mb=3", NULL, NULL, 0);
  g_autoptr (LdsTestAnswer) one = lds_test_ask ("GET /csv?mb=1", NULL, NULL, 0);
  g_autoptr (LdsTestAnswer) whole = lds_test_ask ("GET /csv?mb=3&mode=whole", NULL, NULL, 0);

  g_assert_cmpstr (three->body, ==, whole->body);
  g_assert_cmpstr (three->body, !=, one->body);
  g_assert_true (g_str_has_prefix (one->body, "date,rows,amount\n2025-01-01,"));
}

static json_int_t
show (const char *member)
{
  g_autoptr (LdsTestAnswer) answer = lds_test_ask ("GET /cache?show=1", NULL, NULL, 0);
  json_t *json = json_loadb (answer->body, answer->length, 0, NULL);
  json_int_t value = json_integer_value (json_object_get (json, member));

  g_assert_true (json_is_integer (json_object_get (json, member)));
  json_decref (json);
  return value;
}

static gpointer
remember_cb (gpointer data)
{
  for (int i = 0; i < 500; i++)
    {
      g_autoptr (LdsTestAnswer) answer = lds_test_ask (data, NULL, NULL, 0);

      g_assert_cmpint (answer->status, ==, 200);
    }
  return NULL;
}

static void
test_cache (void)
{
  GThread *threads[4];
  json_int_t ceiling = show ("ceiling");

  g_assert_cmpint (show ("entries"), ==, 0);
  for (int i = 0; i < 10; i++)
    lds_test_expect ("GET /cache", 200, "{\"bytes\":1024,\"limit\":0}", "");
  /* Each is asked twice; see lds_test_ask(). */
  g_assert_cmpint (show ("entries"), ==, 20);
  g_assert_cmpint (show ("bytes"), >=, 20 * 1024);
  lds_test_expect ("GET /cache?bytes=1&limit=7", 200, "{\"bytes\":1,\"limit\":7}", "");
  g_assert_cmpint (show ("entries"), ==, 7);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new (NULL, remember_cb, (gpointer) "GET /cache?bytes=100");
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (show ("entries"), ==, 7 + 4 * 500 * 2);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new (NULL, remember_cb, (gpointer) "GET /cache?bytes=100&limit=50");
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (show ("entries"), ==, 50);
  /* What is never forgotten is, at the ceiling. */
  for (json_int_t n = 0; n <= ceiling; n += 2 << 20)
    lds_test_expect ("GET /cache?bytes=1048576", 200, "{\"bytes\":1048576,\"limit\":0}", "");
  g_assert_cmpint (show ("bytes"), <=, ceiling);
  g_assert_cmpint (show ("bytes"), >, ceiling - (2 << 20));
  lds_test_expect ("GET /cache?bytes=1&limit=1", 200, "{\"bytes\":1,\"limit\":1}", "");
  g_assert_cmpint (show ("entries"), ==, 1);
  lds_test_refused ("GET /cache?bytes=0", NULL, 400, "bytes must be a whole number from 1 to 1048576");
  lds_test_refused ("GET /cache?bytes=1048577", NULL, 400, "bytes must be");
  lds_test_refused ("GET /cache?limit=1000001", NULL, 400, "limit must be");
  lds_test_refused ("GET /cache?show=2", NULL, 400, "show must be");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* First, while this process has made nothing that its children would begin with. */
  g_test_add_func ("/server/csv-memory", test_csv_memory);
  g_test_add_func ("/server/workloads/csv", test_csv);
  g_test_add_func ("/server/workloads/csv/refused", test_csv_refused);
  g_test_add_func ("/server/workloads/csv/source", test_csv_source);
  g_test_add_func ("/server/workloads/cache", test_cache);
  return g_test_run ();
}
