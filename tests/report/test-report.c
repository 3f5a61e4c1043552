/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report document: JSON both ways to the byte, hostile JSON refused, pages that say what must be
 * said and are the same every time. */
#include "fixture.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "lds-build.h"
#include "lds-error.h"
#include "lds-file.h"
#include "lds-json.h"

/* FIXTURE_OWN_LANE within quotes of a shell, in JSON. */
#define FIXTURE_QUOTED "url:http://server.example:8080/$(id)'\\\\''"

static char *folder;

static char *
to_text (LdsReport *report)
{
  g_autoptr (JsonNode) node = lds_report_to_json (report);

  return lds_json_to_text (node, TRUE);
}

static LdsReport *
from_text (const char *text,
           GError **error)
{
  g_autoptr (JsonNode) node = lds_json_parse (text, strlen (text), "report.json", error);

  return node != NULL ? lds_report_from_json (json_node_get_object (node), error) : NULL;
}

static void
test_round_trip (void)
{
  const FixtureFlags flags[] = {FIXTURE_PLAIN,
                                FIXTURE_NO_SESSION,
                                FIXTURE_ONE_RUN,
                                FIXTURE_INVALID,
                                FIXTURE_LONG | FIXTURE_INVALID,
                                FIXTURE_STOPPED,
                                FIXTURE_OWN_SERVER,
                                FIXTURE_EVIDENCE,
                                FIXTURE_STREAM,
                                FIXTURE_KNEES,
                                FIXTURE_KNEES | FIXTURE_STOPPED,
                                FIXTURE_CLAIMS,
                                FIXTURE_CLAIMS | FIXTURE_EVIDENCE,
                                FIXTURE_CLAIMS | FIXTURE_NO_SESSION};

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      g_autoptr (LdsReport) report = fixture_report (flags[i]);
      g_autofree char *text = to_text (report), *again = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (LdsReport) copy = from_text (text, &error);

      g_assert_no_error (error);
      again = to_text (copy);
      g_assert_cmpstr (again, ==, text);
      g_assert_cmpint (lds_report_get_created_at_us (copy), ==, FIXTURE_CREATED_AT_US);
      g_assert_true ((lds_report_get_session (copy) == NULL) ==
                     ((flags[i] & FIXTURE_NO_SESSION) != 0));
      g_assert_cmpstr (lds_report_get_headline (copy), ==, lds_report_get_headline (report));
    }
}

/* Replaces the first @from in @text by @to. */
static char *
replaced (const char *text,
          const char *from,
          const char *to)
{
  GString *string = g_string_new (text);

  g_assert_cmpuint (g_string_replace (string, from, to, 1), ==, 1);
  return g_string_free (string, FALSE);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *from, *to, *part;
  } cases[] = {
      {"\"loadstone-report\"", "\"something-else\"", "not a Loadstone report"},
      {"\"schema_version\" : \"1.3\"", "\"schema_version\" : \"1.4\"", "newer Loadstone"},
      {"\"schema_version\" : \"1.3\"", "\"schema_version\" : \"2.0\"", "newer Loadstone"},
      {"\"schema_version\" : \"1.3\"", "\"schema_version\" : \"new\"", "schema_version"},
      {"\"schema_version\" : \"1.3\"", "\"schema_version\" : 1.2", "schema_version"},
      {"2026-11-21T", "yesterday", "created_at"},
      {"\"prior\"", "\"before\"", "verdict.prior"},
      {"\"second\" : \"python\"", "\"second\" : \"perl\"", "perl"},
      {"\"band\" : \"moderate\"", "\"band\" : 7", "band"},
      {"\"advisors\" : [", "\"advisors\" : [ 7,", "advisors"},
      {"\"scores\" : {", "\"scores\" : 3, \"other\" : {", "scores"},
      {"\"state\" : \"given\"", "\"state\" : \"lost\"", "lost"},
      {"\"evidence\" : [", "\"evidence\" : [ 7,", "evidence"},
      {"\"moved\" : [", "\"moved\" : 7, \"other\" : [", "moved"},
      {"\"limits\" : [", "\"limits\" : [ 1,", "limits"},
      {"\"model:prefork\"", "\"model:perl\"", "perl"},
      {"\"connections\" : 64", "\"connections\" : \"many\"", "connections"},
  };
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_INVALID);
  g_autofree char *text = to_text (report);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *bad = replaced (text, cases[i].from, cases[i].to);
      g_autoptr (GError) error = NULL;
      LdsReport *read = from_text (bad, &error);

      g_assert_null (read);
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      if (strstr (error->message, cases[i].part) == NULL)
        g_error ("“%s” does not say “%s”", error->message, cases[i].part);
    }
}

/* No text of a report, however its members are mixed up, may do worse than be refused. */
static void
test_mutations (void)
{
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_NO_SESSION);
  g_autofree char *text = to_text (report);
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  static const char *const values[] = {"null", "-1", "1e300", "\"x\"", "[]", "{}", "true", "[{}]", "[null]"};
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n_lines = g_strv_length (lines);

  for (guint i = 0; i < 200; i++)
    {
      guint at = (guint)g_rand_int_range (rand, 1, (gint32)n_lines - 2);
      char *colon = strstr (lines[at], "\" : ");
      g_autofree char *saved = g_strdup (lines[at]), *mutated = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (LdsReport) read = NULL;
      gsize length = strlen (lines[at]);

      if (colon == NULL || strchr ("[{", lines[at][length - 1]) != NULL)
        continue;
      g_free (lines[at]);
      lines[at] = g_strdup_printf ("%.*s%s%s", (int)(strstr (saved, "\" : ") - saved) + 4, saved,
                                   values[g_rand_int_range (rand, 0, G_N_ELEMENTS (values))],
                                   saved[length - 1] == ',' ? "," : "");
      mutated = g_strjoinv ("\n", lines);
      read = from_text (mutated, &error);
      if (read == NULL)
        g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      else
        g_assert_cmpuint (lds_report_n_pages (read, LDS_PAPER_A4), >=, 3);
      g_free (lines[at]);
      lines[at] = g_steal_pointer (&saved);
    }
}

static void
test_load (void)
{
  g_autofree char *path = g_build_filename (folder, "report.json", NULL);
  g_autofree char *bad = g_build_filename (folder, "bad.json", NULL);
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_PLAIN), loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = to_text (report), *after = NULL;

  g_assert_true (lds_report_writer_find ("json")->write (report, path, LDS_PAPER_A4, &error));
  loaded = lds_report_load (path, &error);
  g_assert_no_error (error);
  after = to_text (loaded);
  g_assert_cmpstr (before, ==, after);

  g_assert_true (lds_file_write (bad, "{\"format\": 1}", 13, &error));
  g_assert_null (lds_report_load (bad, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "bad.json"));
  g_clear_error (&error);
  g_assert_null (lds_report_load ("/nonexistent/report.json", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
}

static void
write_pdf (LdsReport *report,
           const char *name,
           LdsPaper paper,
           char **path)
{
  g_autoptr (GError) error = NULL;

  *path = g_build_filename (folder, name, NULL);
  g_assert_true (lds_report_write_pdf (report, *path, paper, &error));
  g_assert_no_error (error);
}

static void
test_same_bytes (void)
{
  const LdsPaper papers[] = {LDS_PAPER_A4, LDS_PAPER_LETTER};

  for (guint i = 0; i < G_N_ELEMENTS (papers); i++)
    {
      g_autoptr (LdsReport) report = fixture_report (FIXTURE_INVALID), copy = NULL;
      g_autofree char *text = to_text (report), *first = NULL, *second = NULL;
      g_autofree char *one = NULL, *two = NULL;
      g_autoptr (GError) error = NULL;
      gsize one_size, two_size;

      write_pdf (report, "one.pdf", papers[i], &first);
      copy = from_text (text, &error);
      g_assert_no_error (error);
      write_pdf (copy, "two.pdf", papers[i], &second);
      g_assert_true (g_file_get_contents (first, &one, &one_size, NULL));
      g_assert_true (g_file_get_contents (second, &two, &two_size, NULL));
      g_assert_cmpmem (one, one_size, two, two_size);
      g_assert_cmpuint (one_size, <=, 1 << 20);
      g_assert_true (g_str_has_prefix (one, "%PDF-1."));
    }
}

/* Text of a PDF with every run of white space as one space; NULL when pdftotext is not here. */
static char *
read_pdf (const char *path)
{
  g_autofree char *program = g_find_program_in_path ("pdftotext");
  const char *const argv[] = {program, "-enc", "UTF-8", path, "-", NULL};
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = NULL;
  GString *joined;

  if (program == NULL)
    return NULL;
  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &text, NULL,
                               NULL, &error));
  g_assert_no_error (error);
  words = g_regex_split_simple ("[\\s\u00a0]+", text, 0, 0);
  joined = g_string_new (NULL);
  for (guint i = 0; words[i] != NULL; i++)
    g_string_append_printf (joined, "%s ", words[i]);
  return g_string_free (joined, FALSE);
}

static void
assert_says (const char *text,
             const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("The pages do not say “%s”", part);
}

static void
test_text (void)
{
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_INVALID);
  g_autofree char *path = NULL, *text = NULL, *last = NULL;
  guint n_pages = lds_report_n_pages (report, LDS_PAPER_A4);

  write_pdf (report, "text.pdf", LDS_PAPER_A4, &path);
  text = read_pdf (path);
  if (text == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      return;
    }
  assert_says (text, lds_report_get_headline (report));
  assert_says (text, FIXTURE_REASON_CLIENT);
  assert_says (text, FIXTURE_REASON_DIED);
  assert_says (text, "INVALID, 5 of 5 runs:");
  assert_says (text, "INVALID, 1 of 5 runs:");
  assert_says (text, "Because");
  assert_says (text, "Against it");
  assert_says (text, "Who says otherwise");
  assert_says (text, "Refused runs");
  assert_says (text, "Event loop (model)");
  assert_says (text, "Made-up CPU 9000");
  assert_says (text, "loadstone-cli bench --lanes model:event-loop,model:gil-threads,model:prefork");
  assert_says (text, "nobody is hired");
  assert_says (text, "JSON object: closed loop, connections: 64.");
  assert_says (text, "open loop, connections: 32, requests offered: 2000/s.");
  assert_says (text, "Processors of the load generator 2, 3");
  assert_says (text, "Best median in “Throughput”: Event loop (model). Worse: Threads with one lock (model).");
  g_assert_null (strstr (text, "simulated comparisons"));
  last = g_strdup_printf ("%u of %u", n_pages, n_pages);
  assert_says (text, last);
  g_assert_cmpuint (n_pages, >=, 6);
  /* A model is never called by a runtime's name. */
  g_assert_null (strstr (text, "Node.js (model)"));
  g_assert_null (strstr (text, "Python (model)"));
}

/* A paragraph goes on over pages without losing a line, and nothing is cut at a page's edge. */
static void
test_long_words (void)
{
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_LONG | FIXTURE_INVALID);
  g_autofree char *path = NULL, *text = NULL;

  write_pdf (report, "long.pdf", LDS_PAPER_A4, &path);
  text = read_pdf (path);
  if (text == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      return;
    }
  for (guint i = 0; i < 900; i++)
    {
      g_autofree char *word = g_strdup_printf (" %u ", i);

      assert_says (text, word);
    }
}

static void
test_pages (void)
{
  const FixtureFlags flags[] = {FIXTURE_NO_SESSION, FIXTURE_ONE_RUN, FIXTURE_STOPPED,
                                FIXTURE_MANY_RUNS | FIXTURE_INVALID | FIXTURE_LONG};
  guint n_pages[G_N_ELEMENTS (flags)];

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      g_autoptr (LdsReport) report = fixture_report (flags[i]);
      g_autofree char *path = NULL;
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 300, 420);
      cairo_t *cr = cairo_create (surface);

      n_pages[i] = lds_report_n_pages (report, LDS_PAPER_A4);
      write_pdf (report, "pages.pdf", LDS_PAPER_LETTER, &path);
      cairo_scale (cr, 0.5, 0.5);
      for (guint page = 0; page < n_pages[i]; page++)
        lds_report_draw_page (report, LDS_PAPER_A4, page, cr);
      g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
  g_assert_cmpuint (n_pages[0], <, n_pages[1]);
  g_assert_cmpuint (n_pages[1], <, n_pages[3]);
}

/* How far comparisons may be believed is said where it was tried. */
static void
test_self_test (void)
{
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_THIS_MACHINE);
  const LdsSession *session = lds_report_get_session (report);
  g_autofree char *path = NULL, *text = NULL;

  g_assert_cmpuint (session->self_tests->len, ==, 2 + 4);
  write_pdf (report, "self-test.pdf", LDS_PAPER_A4, &path);
  text = read_pdf (path);
  if (text == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      return;
    }
  assert_says (text, "many times, in the way lanes are compared here");
  assert_says (text, "Simulated, in two sessions");
  assert_says (text, "Measured: Server CPU per request");
  assert_says (text, "Made: 2026-11-21 11:25 UTC.");
  assert_says (text, "--self-test --output result.json");
  assert_says (text, "Commit");
  assert_says (text, lds_build_get ()->commit);
}

/* Where nothing was measured the report says so, and what was simulated; older sessions have neither. */
static void
test_no_self_test (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (LdsReport) report = fixture_report (i == 0 ? FIXTURE_SIMULATED : FIXTURE_PLAIN);
      g_autofree char *path = NULL, *text = NULL;

      write_pdf (report, "pages.pdf", LDS_PAPER_A4, &path);
      text = read_pdf (path);
      if (text == NULL)
        {
          g_test_skip ("pdftotext is not installed");
          return;
        }
      assert_says (text, "was not measured in this");
      g_assert_true ((strstr (text, "Simulated, in one session") != NULL) == (i == 0));
      g_assert_null (strstr (text, "Measured: Throughput"));
    }
}

static void
test_stopped (void)
{
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_STOPPED);
  g_autofree char *path = NULL, *text = NULL;

  write_pdf (report, "pages.pdf", LDS_PAPER_A4, &path);
  text = read_pdf (path);
  if (text == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      return;
    }
  assert_says (text, "The session was stopped before its plan was done");
  assert_says (text, "Not measured: the session was stopped");
  assert_says (text, "Only 1 valid run: a verdict needs at least 5.");
}

/* What is not known is a dash, and what is typed again is one word, whatever the address holds. */
static void
test_own_server (void)
{
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_OWN_SERVER);
  g_autofree char *json = to_text (report), *path = NULL, *text = NULL;

  g_assert_nonnull (strstr (json, "model:prefork," FIXTURE_QUOTED "' --allow-host server.example "));
  write_pdf (report, "pages.pdf", LDS_PAPER_A4, &path);
  text = read_pdf (path);
  if (text == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      return;
    }
  assert_says (text, "A lane named by an address");
  assert_says (text, "server.example");
}

/* Where connections stay open a page is of deliveries, and no chart of it is empty. */
static void
test_stream (void)
{
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_STREAM);
  g_autoptr (LdsReport) refused = fixture_report (FIXTURE_STREAM | FIXTURE_INVALID);
  g_autofree char *path = NULL, *text = NULL, *refused_path = NULL, *refused_text = NULL;
  static const char *const parts[] = {
      "Delivery p50",
      "Delivery p99",
      "Reach",
      "99.8 %",
      "Deliveries to members",
      "Delivery time: p99, and p50 finer",
      "Event loop (model), p50",
      "Delivery time by percentile",
      "Share of deliveries made at least this fast",
      "Objective for p99: 20.0 ms",
      "Best median in “Delivery to a member, p99”",
  };

  write_pdf (report, "stream.pdf", LDS_PAPER_A4, &path);
  write_pdf (refused, "refused.pdf", LDS_PAPER_A4, &refused_path);
  text = read_pdf (path);
  refused_text = read_pdf (refused_path);
  if (text == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    assert_says (text, parts[i]);
  g_assert_null (strstr (text, "Response time: p99"));
  g_assert_null (strstr (text, "Response time by percentile"));
  g_assert_null (strstr (text, "No run gave a figure"));
  /* Deliveries, of which answers are a tenth. */
  assert_says (refused_text, FIXTURE_REASON_DIED);
  assert_says (refused_text, "217 k/s");
}

/* Of searches: what was found in words, how it came about, what was measured and what was not. */
static void
test_knees (void)
{
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_KNEES);
  g_autofree char *json = to_text (report), *path = NULL, *text = NULL;

  g_assert_nonnull (strstr (json, "--for 1000@120000 --scale connections:1,2,4,8,16,32,64 --scale workers:1,2,3,4 --load compute=32@2000 -d 5"));
  g_assert_null (strstr (json, "--closed"));
  write_pdf (report, "pages.pdf", LDS_PAPER_A4, &path);
  text = read_pdf (path);
  if (text == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      return;
    }
  assert_says (text, "Some model’s knee was not found on this machine, or too few runs below it were valid");
  assert_says (text, "found, sure to 96 %");
  assert_says (text, "at least 29.8 k/s");
  assert_says (text, "use more client threads or another machine.");
  assert_says (text, "not even 2.00/s");
  assert_says (text, "INVALID: Given up after 5 runs on end");
  assert_says (text, "INVALID: 1 run below the knee counts in no figure: " FIXTURE_REASON_DIED);
  assert_says (text, "Only 4 valid runs at the rate of all lanes: a verdict needs at least 5.");
  assert_says (text, "How the knees were searched");
  assert_says (text, "Limit: 20.0 ms");
  assert_says (text, "Offered rate, k/s");
  assert_says (text, "What 120 k/s on 1000 connections take");
  assert_says (text, "extrapolated, × 2.6");
  assert_says (text, "refused, × 148");
  assert_says (text, "beyond 20 times nothing is said.");
  assert_says (text, "How throughput grows with connections");
  assert_says (text, "Largest residual");
  assert_says (text, "That its throughput is largest at");
  assert_says (text, "None of its runs is valid, so that there is no law. 35 invalid runs are left out.");
  assert_says (text, "JSON object: search of the knee, connections: 64.");
  assert_says (text, "highest rate offered: 2000/s.");
  /* What compares lanes under one load has no place here. */
  g_assert_null (strstr (text, "Share of requests answered at least this fast"));
}

/* Of a search that was cut short nothing is concluded. */
static void
test_knees_stopped (void)
{
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_KNEES | FIXTURE_STOPPED);
  g_autofree char *path = NULL, *text = NULL;

  write_pdf (report, "pages.pdf", LDS_PAPER_LETTER, &path);
  text = read_pdf (path);
  if (text == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      return;
    }
  assert_says (text, "not finished");
  assert_says (text, "Not known: it follows from the knees, and none was found.");
  assert_says (text, "Not measured: the session was stopped before the first run of this series.");
  assert_says (text, "Not measured: the session was stopped before its first run of this workload.");
  g_assert_null (strstr (text, "extrapolated, ×"));
}

static void
test_write_fails (void)
{
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_NO_SESSION);
  guint n_writers;
  const LdsReportWriter *writers = lds_report_writer_list (&n_writers);

  for (guint i = 0; i < n_writers; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (writers[i].write (report, "/nonexistent/report", LDS_PAPER_A4, &error));
      g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, "/nonexistent/report"));
      g_assert_true (lds_report_writer_find (writers[i].id) == &writers[i]);
    }
  g_assert_null (lds_report_writer_find ("doc"));
}

int
main (int argc,
      char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("lds-report-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_test_add_func ("/report/document/round-trip", test_round_trip);
  g_test_add_func ("/report/document/refused", test_refused);
  g_test_add_func ("/report/document/mutations", test_mutations);
  g_test_add_func ("/report/document/load", test_load);
  g_test_add_func ("/report/document/same-bytes", test_same_bytes);
  g_test_add_func ("/report/document/text", test_text);
  g_test_add_func ("/report/document/long-words", test_long_words);
  g_test_add_func ("/report/document/pages", test_pages);
  g_test_add_func ("/report/document/self-test", test_self_test);
  g_test_add_func ("/report/document/no-self-test", test_no_self_test);
  g_test_add_func ("/report/document/stopped", test_stopped);
  g_test_add_func ("/report/document/own-server", test_own_server);
  g_test_add_func ("/report/document/stream", test_stream);
  g_test_add_func ("/report/document/knees", test_knees);
  g_test_add_func ("/report/document/knees-stopped", test_knees_stopped);
  g_test_add_func ("/report/document/write-fails", test_write_fails);
  result = g_test_run ();
  for (guint i = 0; i < 7; i++)
    {
      static const char *const names[] = {"report.json", "bad.json", "one.pdf", "two.pdf", "text.pdf", "pages.pdf", "long.pdf"};
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_free (folder);
  return result;
}
