/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The histogram: known values in known buckets, exact counts, a form that survives the wire. */
#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lds-histogram.h"

static void
test_empty (void)
{
  LdsHistogram *h = lds_histogram_new ();

  g_assert_cmpint (lds_histogram_quantile_ns (h, 0.5), ==, 0);
  g_assert_cmpfloat (lds_histogram_mean_ns (h), ==, 0);
  g_assert_cmpfloat (lds_histogram_stddev_ns (h), ==, 0);
  g_assert_cmpuint (lds_histogram_count_at_or_below (h, LDS_HISTOGRAM_MAX_NS), ==, 0);
  lds_histogram_free (h);
}

static void
test_buckets (void)
{
  /* Every bucket begins where the one before it ended, and holds its own ends. */
  for (size_t i = 0; i < LDS_HISTOGRAM_BUCKETS; i++)
    {
      int64_t low = lds_histogram_bucket_low_ns (i), high = lds_histogram_bucket_high_ns (i);

      g_assert_cmpuint (lds_histogram_index (low), ==, i);
      g_assert_cmpuint (lds_histogram_index (high), ==, i);
      g_assert_cmpint (high - low, <=, low / 1024);
      if (i > 0)
        g_assert_cmpint (low, ==, lds_histogram_bucket_high_ns (i - 1) + 1);
    }
  g_assert_cmpint (lds_histogram_bucket_high_ns (LDS_HISTOGRAM_BUCKETS - 1), ==,
                   LDS_HISTOGRAM_MAX_NS);
}

static void
test_quantiles (void)
{
  LdsHistogram *h = lds_histogram_new ();

  /* 1 to 10,000 µs: the q-quantile is q x 10,000 µs, to three digits. */
  for (int64_t us = 1; us <= 10000; us++)
    lds_histogram_record (h, us * 1000);
  g_assert_cmpuint (h->total, ==, 10000);
  g_assert_cmpint (h->min_ns, ==, 1000);
  g_assert_cmpint (h->max_ns, ==, 10000000);
  g_assert_cmpfloat_with_epsilon (lds_histogram_mean_ns (h), 5000500, 1e-6);
  /* Standard deviation of 1..n is sqrt ((n² - 1) / 12). */
  g_assert_cmpfloat_with_epsilon (lds_histogram_stddev_ns (h), 2886751.3, 3000);
  for (int i = 1; i <= 1000; i++)
    {
      double q = i / 1000.0;
      int64_t expected = (int64_t)(q * 10000 + 0.5) * 1000;
      int64_t got = lds_histogram_quantile_ns (h, q);

      g_assert_cmpint (got, >=, expected);
      g_assert_cmpint (got - expected, <=, expected / 1000);
    }
  g_assert_cmpint (lds_histogram_quantile_ns (h, 1.0), ==, 10000000);
  lds_histogram_free (h);
}

static int
compare_values (gconstpointer a,
                gconstpointer b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

  return (x > y) - (x < y);
}

static void
test_error_is_bound (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (17);
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (int64_t));
  LdsHistogram *h = lds_histogram_new ();

  /* From 1 ns to 73 minutes, as many in each octave. */
  for (guint i = 0; i < 20000; i++)
    {
      int64_t value = (int64_t)exp2 (g_rand_double_range (rand, 0, 42));
      size_t index = lds_histogram_index (value);

      g_array_append_val (values, value);
      lds_histogram_record (h, value);
      g_assert_cmpint (lds_histogram_bucket_low_ns (index), <=, value);
      g_assert_cmpint (lds_histogram_bucket_high_ns (index), >=, value);
    }
  g_assert_cmpuint (h->saturated, ==, 0);
  g_array_sort (values, compare_values);
  /* Any quantile is that of the values themselves, too large by less than one in a thousand. */
  for (guint rank = 1; rank <= values->len; rank++)
    {
      int64_t exact = g_array_index (values, int64_t, rank - 1);
      int64_t got = lds_histogram_quantile_ns (h, (double)rank / values->len);

      g_assert_cmpint (got, >=, exact);
      g_assert_cmpint ((got - exact) * 1000, <=, exact);
    }
  lds_histogram_free (h);
}

static void
test_quantiles_of_many (void)
{
  LdsHistogram *h = lds_histogram_new ();

  /* One value above all others is the maximum however many those are. */
  h->counts[lds_histogram_index (1000)] = (UINT64_C (1) << 62) - 1;
  h->total = (UINT64_C (1) << 62) - 1;
  h->min_ns = 1000;
  lds_histogram_record (h, 5000000);
  g_assert_cmpint (lds_histogram_quantile_ns (h, 1.0), ==, 5000000);
  g_assert_cmpint (lds_histogram_quantile_ns (h, 0.99999), ==, 1000);
  lds_histogram_reset (h);

  h->counts[lds_histogram_index (1000)] = 999999999999;
  h->total = 999999999999;
  h->min_ns = 1000;
  for (guint i = 0; i < 1000; i++)
    lds_histogram_record (h, 5000000);
  g_assert_cmpint (lds_histogram_quantile_ns (h, 1 - 5e-10), ==, 5000000);
  g_assert_cmpint (lds_histogram_quantile_ns (h, 1 - 2e-9), ==, 1000);
  lds_histogram_free (h);
}

static void
test_saturation (void)
{
  LdsHistogram *h = lds_histogram_new ();

  lds_histogram_record (h, -5);
  lds_histogram_record (h, LDS_HISTOGRAM_MAX_NS);
  g_assert_cmpuint (h->saturated, ==, 0);
  lds_histogram_record (h, LDS_HISTOGRAM_MAX_NS + 1);
  lds_histogram_record (h, INT64_MAX);
  g_assert_cmpuint (h->saturated, ==, 2);
  g_assert_cmpuint (h->total, ==, 4);
  g_assert_cmpint (h->min_ns, ==, 0);
  g_assert_cmpint (lds_histogram_quantile_ns (h, 1.0), ==, LDS_HISTOGRAM_MAX_NS);
  lds_histogram_free (h);
}

static void
fill (LdsHistogram *h,
      GRand *rand,
      guint n)
{
  for (guint i = 0; i < n; i++)
    lds_histogram_record (h, (int64_t)1 << g_rand_int_range (rand, 0, 42));
}

static void
test_add_is_exact (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  LdsHistogram *a = lds_histogram_new (), *b = lds_histogram_new (), *both = lds_histogram_new ();

  fill (a, rand, 5000);
  fill (b, rand, 3000);
  lds_histogram_add (both, a);
  lds_histogram_add (both, b);
  g_assert_cmpuint (both->total, ==, 8000);
  g_assert_cmpint (both->max_ns, ==, MAX (a->max_ns, b->max_ns));
  for (size_t i = 0; i < LDS_HISTOGRAM_BUCKETS; i++)
    g_assert_cmpuint (both->counts[i], ==, a->counts[i] + b->counts[i]);
  lds_histogram_free (a);
  lds_histogram_free (b);
  lds_histogram_free (both);
}

static void
test_add_is_as_recorded (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (19);
  LdsHistogram *whole = lds_histogram_new (), *sum = lds_histogram_new ();
  LdsHistogram *interval = lds_histogram_new ();

  /* Intervals of a run, some of them empty, some with values beyond the end: together they are what
   * one histogram would have been, in every byte. */
  for (guint n = 0; n < 60; n++)
    {
      lds_histogram_reset (interval);
      for (guint i = 0; i < n % 7 * 100; i++)
        {
          int64_t value = (int64_t)exp2 (g_rand_double_range (rand, -1, 42.1));

          lds_histogram_record (interval, value);
          lds_histogram_record (whole, value);
        }
      lds_histogram_add (sum, interval);
    }
  g_assert_cmpuint (sum->saturated, >, 0);
  g_assert_cmpmem (sum, sizeof *sum, whole, sizeof *whole);
  lds_histogram_free (whole);
  lds_histogram_free (sum);
  lds_histogram_free (interval);
}

static void
test_reset_leaves_nothing (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);
  LdsHistogram *h = lds_histogram_new (), *empty = lds_histogram_new ();

  for (guint n = 0; n < 50; n++)
    {
      fill (h, rand, n);
      if (n % 7 == 0)
        lds_histogram_record (h, INT64_MAX);
      lds_histogram_reset (h);
      g_assert_cmpmem (h, sizeof *h, empty, sizeof *empty);
    }
  lds_histogram_free (h);
  lds_histogram_free (empty);
}

static void
test_wire_round_trip (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  for (guint n = 0; n < 40; n++)
    {
      LdsHistogram *h = lds_histogram_new (), *back = lds_histogram_new ();
      char *text, *again;

      fill (h, rand, n * n * 10);
      if (n == 39)
        h->counts[5] += G_GUINT64_CONSTANT (1) << 62, h->total += G_GUINT64_CONSTANT (1) << 62;
      text = lds_histogram_encode (h);
      g_assert_true (lds_histogram_decode_add (back, text));
      g_assert_cmpuint (back->total, ==, h->total);
      g_assert_cmpmem (back->counts, sizeof back->counts, h->counts, sizeof h->counts);
      again = lds_histogram_encode (back);
      g_assert_cmpstr (text, ==, again);
      free (text);
      free (again);
      lds_histogram_free (h);
      lds_histogram_free (back);
    }
}

static void
test_bytes (void)
{
  LdsHistogram *h = lds_histogram_new (), *back = lds_histogram_new ();
  uint8_t *bytes;
  size_t size;

  /* The largest of all. */
  for (size_t i = 0; i < LDS_HISTOGRAM_BUCKETS; i++)
    h->counts[i] = UINT64_C (1) << 47;
  h->total = LDS_HISTOGRAM_BUCKETS * (UINT64_C (1) << 47);
  h->min_ns = 0, h->max_ns = LDS_HISTOGRAM_MAX_NS;
  bytes = lds_histogram_to_bytes (h, &size);
  g_assert_cmpuint (size, ==, LDS_HISTOGRAM_HEADER_BYTES + 7 * LDS_HISTOGRAM_BUCKETS);
  g_assert_cmpuint (size, <=, LDS_HISTOGRAM_MAX_BYTES);
  g_assert_true (lds_histogram_add_bytes (back, bytes, size));
  g_assert_cmpmem (back->counts, sizeof back->counts, h->counts, sizeof h->counts);

  /* Whatever is too large for the counts, digits or unit: refused, with nothing added. */
  lds_histogram_reset (back);
  for (size_t cut = 0; cut < LDS_HISTOGRAM_HEADER_BYTES; cut++)
    g_assert_false (lds_histogram_add_bytes (back, bytes, cut));
  g_assert_false (lds_histogram_add_bytes (back, bytes, size - 1));
  bytes[11] = 1; /* the offset as hdr-histogram-js has it */
  g_assert_true (lds_histogram_add_bytes (back, bytes, size));
  lds_histogram_reset (back);
  bytes[11] = 2;
  g_assert_false (lds_histogram_add_bytes (back, bytes, size));
  bytes[11] = 0, bytes[15] = 2;
  g_assert_false (lds_histogram_add_bytes (back, bytes, size));
  bytes[15] = 3, bytes[23] = 2;
  g_assert_false (lds_histogram_add_bytes (back, bytes, size));
  g_assert_cmpuint (back->total, ==, 0);
  free (bytes);
  lds_histogram_free (h);
  lds_histogram_free (back);
}

static void
test_wire_hostile (void)
{
  static const char *const bad[] = {"", "A", "====", "not base64 at all!!!", "AAAA", "HISTFAAAAA"};
  g_autoptr (GRand) rand = g_rand_new_with_seed (13);
  LdsHistogram *h = lds_histogram_new (), *target = lds_histogram_new ();
  char *text;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (lds_histogram_decode_add (target, bad[i]));
  g_assert_cmpuint (target->total, ==, 0);

  fill (h, rand, 500);
  text = lds_histogram_encode (h);
  /* Cut anywhere: refused, because the header names the length. */
  for (size_t cut = strlen (text) - 1; cut > 0; cut--)
    {
      g_autofree char *shorter = g_strndup (text, cut);

      g_assert_false (lds_histogram_decode_add (target, shorter));
    }
  /* Counts that would run over: a total that is smaller than its parts would end every walk late. */
  lds_histogram_reset (h);
  free (text);
  h->min_ns = 1, h->max_ns = 5;
  for (guint i = 1; i <= 5; i++)
    h->counts[i] = G_GUINT64_CONSTANT (1) << 62;
  h->total = 1;
  text = lds_histogram_encode (h);
  g_assert_false (lds_histogram_decode_add (target, text));
  g_assert_cmpuint (target->total, ==, 0);
  lds_histogram_reset (h);
  free (text);
  fill (h, rand, 500);
  text = lds_histogram_encode (h);

  /* Any one character changed: refused or counted, never a crash or a write out of bounds. */
  for (size_t i = 0; i < strlen (text); i++)
    {
      char kept = text[i];

      text[i] = (char)g_rand_int_range (rand, 32, 127);
      lds_histogram_decode_add (target, text);
      text[i] = kept;
    }
  free (text);
  lds_histogram_free (h);
  lds_histogram_free (target);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/histogram/empty", test_empty);
  g_test_add_func ("/base/histogram/buckets", test_buckets);
  g_test_add_func ("/base/histogram/quantiles", test_quantiles);
  g_test_add_func ("/base/histogram/error-is-bound", test_error_is_bound);
  g_test_add_func ("/base/histogram/quantiles-of-many", test_quantiles_of_many);
  g_test_add_func ("/base/histogram/saturation", test_saturation);
  g_test_add_func ("/base/histogram/add-is-exact", test_add_is_exact);
  g_test_add_func ("/base/histogram/add-is-as-recorded", test_add_is_as_recorded);
  g_test_add_func ("/base/histogram/reset-leaves-nothing", test_reset_leaves_nothing);
  g_test_add_func ("/base/histogram/wire-round-trip", test_wire_round_trip);
  g_test_add_func ("/base/histogram/bytes", test_bytes);
  g_test_add_func ("/base/histogram/wire-hostile", test_wire_hostile);
  return g_test_run ();
}
