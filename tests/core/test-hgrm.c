/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The .hgrm table: its layout to the letter, and percentiles that are those of the histogram. */
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lds-hgrm.h"

static void
test_empty (void)
{
  LdsHistogram *h = lds_histogram_new ();
  g_autofree char *text = lds_hgrm_to_text (h, 0, 0);

  g_assert_cmpstr (text, ==,
                   "       Value   Percentile   TotalCount 1/(1-Percentile)\n"
                   "\n"
                   "#[Mean    =        0.000, StdDeviation   =        0.000]\n"
                   "#[Max     =        0.000, Total count    =            0]\n"
                   "#[Buckets =           32, SubBuckets     =         2048]\n");
  lds_histogram_free (h);
}

static void
test_layout (void)
{
  LdsHistogram *h = lds_histogram_new ();
  g_autofree char *text = NULL;

  for (int i = 0; i < 3; i++)
    lds_histogram_record (h, 1000000);
  lds_histogram_record (h, 2000000);
  text = lds_hgrm_to_text (h, 1250000, 2000000);
  /* 1 ms ends its bucket at 1.000447 ms, 2 ms at 2.000895 ms; 3 of 4 values reach to 75 %. */
  g_assert_cmpstr (text, ==,
                   "       Value   Percentile   TotalCount 1/(1-Percentile)\n"
                   "\n"
                   "       1.000     0.000000            3         1.00\n"
                   "       1.000     0.100000            3         1.11\n"
                   "       1.000     0.200000            3         1.25\n"
                   "       1.000     0.300000            3         1.43\n"
                   "       1.000     0.400000            3         1.67\n"
                   "       1.000     0.500000            3         2.00\n"
                   "       1.000     0.550000            3         2.22\n"
                   "       1.000     0.600000            3         2.50\n"
                   "       1.000     0.650000            3         2.86\n"
                   "       1.000     0.700000            3         3.33\n"
                   "       1.000     0.750000            3         4.00\n"
                   "       2.001     0.775000            4         4.44\n"
                   "       2.001     1.000000            4          inf\n"
                   "#[Mean    =        1.250, StdDeviation   =        0.433]\n"
                   "#[Max     =        2.000, Total count    =            4]\n"
                   "#[Buckets =           32, SubBuckets     =         2048]\n");
  lds_histogram_free (h);
}

static void
test_csv (void)
{
  LdsHistogram *h = lds_histogram_new ();
  g_autofree char *empty = lds_hgrm_to_csv (h), *csv = NULL, *table = NULL;
  g_auto (GStrv) csv_lines = NULL, lines = NULL;

  g_assert_cmpstr (empty, ==, "Value,Percentile,TotalCount,1/(1-Percentile)\n");
  for (int i = 0; i < 3; i++)
    lds_histogram_record (h, 1000000);
  lds_histogram_record (h, 2000000);
  csv = lds_hgrm_to_csv (h);
  table = lds_hgrm_to_text (h, 0, 0);
  csv_lines = g_strsplit (csv, "\n", -1);
  lines = g_strsplit (table, "\n", -1);
  g_assert_cmpstr (csv_lines[1], ==, "1.000447,0.000000000000,3,1.00");
  g_assert_cmpstr (csv_lines[12], ==, "2.000895,0.775000000000,4,4.44");
  g_assert_cmpstr (csv_lines[13], ==, "2.000895,1.000000000000,4,Infinity");
  g_assert_cmpstr (csv_lines[14], ==, "");
  /* Row by row those of the table, which has one more line at its head. */
  for (guint i = 1; *csv_lines[i] != '\0'; i++)
    {
      double value_ms, fraction, csv_value_ms, csv_fraction;
      guint64 count, csv_count;

      g_assert_cmpint (
          sscanf (lines[i + 1], "%lf %lf %" G_GUINT64_FORMAT, &value_ms, &fraction, &count), ==,
          3);
      g_assert_cmpint (sscanf (csv_lines[i], "%lf,%lf,%" G_GUINT64_FORMAT, &csv_value_ms,
                               &csv_fraction, &csv_count),
                       ==, 3);
      g_assert_cmpfloat_with_epsilon (csv_value_ms, value_ms, 0.00051);
      g_assert_cmpfloat_with_epsilon (csv_fraction, fraction, 0.00000051);
      g_assert_cmpuint (csv_count, ==, count);
    }
  lds_histogram_free (h);
}

static void
test_percentiles (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  LdsHistogram *h = lds_histogram_new ();
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  double last = -1;

  for (guint i = 0; i < 50000; i++)
    lds_histogram_record (h, (gint64)(-log (1 - g_rand_double (rand)) * 1e6));
  text = lds_hgrm_to_text (h, lds_histogram_mean_ns (h), (double)h->max_ns);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 2; *lines[i] != '#'; i++)
    {
      double value_ms, fraction;
      guint64 count;

      g_assert_cmpint (sscanf (lines[i], "%lf %lf %" G_GUINT64_FORMAT, &value_ms, &fraction, &count), ==, 3);
      g_assert_cmpfloat (fraction, >, last);
      last = fraction;
      /* The table names a value that at least this share of all values does not exceed. */
      g_assert_cmpfloat ((double)count, >=, fraction * 50000 - 1);
      /* Six decimals of the fraction are too few to find the rank again at the far end. */
      if (fraction > 0.999 && fraction < 1)
        continue;
      g_assert_cmpfloat_with_epsilon (value_ms,
                                      (double)lds_histogram_quantile_ns (h, fraction) / 1e6,
                                      value_ms * 0.002 + 0.001);
    }
  g_assert_cmpfloat (last, ==, 1);
  lds_histogram_free (h);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/hgrm/empty", test_empty);
  g_test_add_func ("/core/hgrm/layout", test_layout);
  g_test_add_func ("/core/hgrm/csv", test_csv);
  g_test_add_func ("/core/hgrm/percentiles", test_percentiles);
  return g_test_run ();
}
