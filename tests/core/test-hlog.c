/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interval logs: their lines to the letter, back to the same values, and every wrong line named. */
#include <glib.h>
#include <string.h>

#include "config.h"
#include "lds-error.h"
#include "lds-hdr.h"
#include "lds-hlog.h"

#define LEGEND "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
#define NAME   "run.hlog"

typedef struct
{
  LdsHistogram *one; /* of one value, 2.769 ms */
  LdsHistogram *none;
  char *encoded; /* the first */
  GString *log;
} Fixture;

/* Two streams: the one value at 0.127 s, and nothing of "service" at 1.1345 s. */
static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->one = lds_histogram_new ();
  f->none = lds_histogram_new ();
  lds_histogram_record (f->one, 2769123);
  f->encoded = lds_hdr_encode (f->one);
  f->log = g_string_new (NULL);
  lds_hlog_append_header (f->log, 1441812279474);
  lds_hlog_append_interval (f->log, NULL, 127000000, 1007000000, f->one);
  lds_hlog_append_interval (f->log, "service", 1134500000, 499999, f->none);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  lds_histogram_free (f->one);
  lds_histogram_free (f->none);
  g_free (f->encoded);
  g_string_free (f->log, TRUE);
}

static void
test_layout (Fixture *f,
             gconstpointer data)
{
  g_autofree char *empty = lds_hdr_encode (f->none);
  g_autofree char *expected = g_strdup_printf (
      "#[Logged with Loadstone " LDS_VERSION "]\n"
      "#[Histogram log format version 1.2]\n"
      "#[StartTime: 1441812279.474 (seconds since epoch), 2015-09-09T15:24:39.474Z]\n" LEGEND
      "0.127,1.007,2.769,%s\n"
      /* Rounded, not cut. */
      "Tag=service,1.135,0.000,0.000,%s\n",
      f->encoded, empty);

  g_assert_cmpstr (f->log->str, ==, expected);
  g_assert_true (g_str_has_prefix (f->encoded, "HISTFAAAA"));
}

static void
test_back (Fixture *f,
           gconstpointer data)
{
  g_autoptr (LdsHlogReader) reader = lds_hlog_reader_new (f->log->str, f->log->len, NAME);
  g_autoptr (GError) error = NULL;
  LdsHistogram *back = lds_histogram_new ();
  LdsHlogInterval interval;

  g_assert_true (lds_hlog_reader_next (reader, &interval, &error));
  g_assert_null (interval.tag);
  g_assert_cmpint (interval.start_ns, ==, 127000000);
  g_assert_cmpint (interval.length_ns, ==, 1007000000);
  g_assert_true (lds_hlog_reader_add (reader, back, &error));
  g_assert_cmpmem (back->counts, sizeof back->counts, f->one->counts, sizeof f->one->counts);
  g_assert_true (lds_hlog_reader_next (reader, &interval, &error));
  g_assert_cmpstr (interval.tag, ==, "service");
  g_assert_cmpint (interval.start_ns, ==, 1135000000);
  g_assert_false (lds_hlog_reader_next (reader, &interval, &error));
  g_assert_no_error (error);
  g_assert_cmpint (lds_hlog_reader_get_start_time_ms (reader), ==, 1441812279474);
  lds_histogram_free (back);
}

static void
test_merge (Fixture *f,
            gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LdsHistogram *sum = lds_histogram_new ();

  lds_hlog_append_interval (f->log, NULL, 2000000000, 1000000000, f->one);
  g_assert_true (lds_hlog_merge (f->log->str, f->log->len, NAME, NULL, sum, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (sum->total, ==, 2);
  g_assert_cmpuint (sum->counts[lds_histogram_index (2769123)], ==, 2);
  g_assert_true (lds_hlog_merge (f->log->str, f->log->len, NAME, "service", sum, &error));
  g_assert_cmpuint (sum->total, ==, 2);

  g_assert_false (lds_hlog_merge (f->log->str, f->log->len, NAME, "other", sum, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "other"));
  g_assert_cmpuint (sum->total, ==, 2);
  lds_histogram_free (sum);
}

/* Times of other tools: absolute ones, and ones from a base that is named. */
static void
test_times (Fixture *f,
            gconstpointer data)
{
  static const char *const heads[] = {"", "#[StartTime: 1000000000.5 (seconds since epoch)]\n",
                                      "#[StartTime: 1000000000.5]\n#[BaseTime: 1000000010 (seconds since epoch)]\n"};
  static const char *const times[] = {"3.5", "1000000004.0", "1.0"};
  static const gint64 expected_ms[] = {3500, 3500, 10500};

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autofree char *text = g_strdup_printf ("%s%s,1,0,%s\r\n", heads[i], times[i], f->encoded);
      g_autoptr (LdsHlogReader) reader = lds_hlog_reader_new (text, strlen (text), NAME);
      LdsHlogInterval interval;

      g_assert_true (lds_hlog_reader_next (reader, &interval, NULL));
      g_assert_cmpint ((interval.start_ns + 500) / 1000000, ==, expected_ms[i]);
    }
}

static void
test_hostile (Fixture *f,
              gconstpointer data)
{
  /* The encoded histogram stands for %s. */
  static const char *const bad[] = {
      "#[Histogram log format version 2.0]\n", "#[StartTime: soon]\n", "#[BaseTime: -1]\n", "\n\nnonsense\n",
      ",,,\n", "1\n", "1,2,3\n", "-1,2,3,%s\n", "1,-2,3,%s\n", "0x1,2,3,%s\n", "inf,2,3,%s\n", "nan,2,3,%s\n", "1e300,2,3,%s\n",
      "Tag=a 1,2,3,%s\n", "Tag=\xff,1,2,3,%s\n"};
  static const char *const bad_histograms[] = {"", "=", "HISTFAAAA", "HISTFAAAABx4nJNp", "AAAA", "%s!"};

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_auto (GStrv) parts = g_strsplit (bad[i], "%s", 2);
      g_autofree char *text = g_strjoinv (f->encoded, parts);
      g_autoptr (LdsHlogReader) reader = lds_hlog_reader_new (text, strlen (text), NAME);
      g_autoptr (GError) error = NULL;
      LdsHlogInterval interval;

      g_assert_false (lds_hlog_reader_next (reader, &interval, &error));
      g_test_message ("%s", error != NULL ? error->message : "accepted");
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      g_assert_nonnull (strstr (error->message, NAME));
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad_histograms); i++)
    {
      g_auto (GStrv) parts = g_strsplit (bad_histograms[i], "%s", 2);
      g_autofree char *histogram = g_strjoinv (f->encoded, parts);
      g_autofree char *text = g_strconcat ("1,2,3,", histogram, NULL);
      g_autoptr (GError) error = NULL;
      LdsHistogram *sum = lds_histogram_new ();

      g_assert_false (lds_hlog_merge (text, strlen (text), NAME, NULL, sum, &error));
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      g_assert_nonnull (strstr (error->message, "Line 1"));
      g_assert_cmpuint (sum->total, ==, 0);
      lds_histogram_free (sum);
    }
}

/* Cut anywhere, a log is read up to there or refused; never more. */
static void
test_cut (Fixture *f,
          gconstpointer data)
{
  for (gsize length = 0; length <= f->log->len; length++)
    {
      g_autofree char *text = g_memdup2 (f->log->str, length);
      g_autoptr (LdsHlogReader) reader = lds_hlog_reader_new (text, length, NAME);
      LdsHistogram *sum = lds_histogram_new ();
      LdsHlogInterval interval;

      while (lds_hlog_reader_next (reader, &interval, NULL))
        lds_hlog_reader_add (reader, sum, NULL);
      g_assert_cmpuint (sum->total, <=, 1);
      lds_histogram_free (sum);
    }
}

#define ADD(name, func) g_test_add ("/core/hlog/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("layout", test_layout);
  ADD ("back", test_back);
  ADD ("merge", test_merge);
  ADD ("times", test_times);
  ADD ("hostile", test_hostile);
  ADD ("cut", test_cut);
  return g_test_run ();
}
