/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes histograms, and reads those of other tools, for test-hdr-tools.py.
 *
 * histogram-tool make   prints a line of JSON for each of several distributions
 * histogram-tool hlog   prints an interval log of them, in two streams
 * histogram-tool read   reads a histogram in base64 from each line of its standard input, and prints
 *                       what make does */
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lds-hdr.h"
#include "lds-hlog.h"
#include "lds-random.h"

#define N 100000

static const double percentiles[] = {1, 25, 50, 75, 90, 99, 99.9, 99.99, 99.999, 100};

/* Tools name the end of the bucket that a percentile falls into. */
static void
print_line (const char *name,
            const LdsHistogram *histogram)
{
  g_autofree char *encoded = lds_hdr_encode (histogram);

  printf ("{\"name\":\"%s\",\"total\":\"%" G_GUINT64_FORMAT "\",\"v2\":\"%s\",\"percentiles\":{", name,
          histogram->total, encoded);
  for (guint i = 0; i < G_N_ELEMENTS (percentiles); i++)
    {
      gint64 value = lds_histogram_quantile_ns (histogram, percentiles[i] / 100);

      printf ("%s\"%g\":\"%" G_GINT64_FORMAT "\"", i > 0 ? "," : "", percentiles[i],
              histogram->total > 0 ? lds_histogram_bucket_high_ns (lds_histogram_index (value))
                                   : 0);
    }
  puts ("}}");
}

static void
fill_empty (LdsHistogram *histogram)
{
}

static void
fill_single (LdsHistogram *histogram)
{
  lds_histogram_record (histogram, 2769123);
}

static void
fill_exact (LdsHistogram *histogram)
{
  for (int i = 0; i < 2048; i++)
    lds_histogram_record (histogram, i);
}

static void
fill_uniform (LdsHistogram *histogram)
{
  guint64 random = 1;

  for (guint i = 0; i < N; i++)
    lds_histogram_record (histogram, (gint64)(lds_random_unit (&random) * 1e9));
}

/* As latencies are: a body around 100 us and a long tail. */
static void
fill_lognormal (LdsHistogram *histogram)
{
  guint64 random = 2;

  for (guint i = 0; i < N; i++)
    {
      double u = 1 - lds_random_unit (&random), v = lds_random_unit (&random);

      lds_histogram_record (histogram,
                            (gint64)(1e5 * exp (sqrt (-2 * log (u)) * cos (2 * G_PI * v))));
    }
}

/* Each order of magnitude from 1 us to 73 min, and what is beyond. */
static void
fill_wide (LdsHistogram *histogram)
{
  for (double value = 1e3; value < 1e13; value *= 1.07)
    lds_histogram_record (histogram, (gint64)value);
}

static void
fill_saturated (LdsHistogram *histogram)
{
  lds_histogram_record (histogram, 1000);
  lds_histogram_record (histogram, LDS_HISTOGRAM_MAX_NS + 1);
  lds_histogram_record (histogram, G_MAXINT64);
}

/* More than 32 bits count, fewer than JavaScript's numbers hold. */
static void
fill_huge (LdsHistogram *histogram)
{
  for (guint i = 0; i < 40; i++)
    {
      lds_histogram_record (histogram, 1000);
      lds_histogram_record (histogram, 1000000);
      lds_histogram_add (histogram, histogram);
    }
}

static const struct
{
  const char *name;
  void (*fill) (LdsHistogram *histogram);
} distributions[] = {
    {"empty", fill_empty},
    {"single", fill_single},
    {"exact", fill_exact},
    {"uniform", fill_uniform},
    {"lognormal", fill_lognormal},
    {"wide", fill_wide},
    {"saturated", fill_saturated},
    {"huge", fill_huge},
};

static void
make (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (distributions); i++)
    {
      LdsHistogram *histogram = lds_histogram_new ();

      distributions[i].fill (histogram);
      print_line (distributions[i].name, histogram);
      lds_histogram_free (histogram);
    }
}

static void
write_log (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  lds_hlog_append_header (text, 1441812279474);
  for (guint i = 0; i < G_N_ELEMENTS (distributions); i++)
    {
      LdsHistogram *histogram = lds_histogram_new ();

      distributions[i].fill (histogram);
      lds_hlog_append_interval (text, i % 2 == 1 ? "service" : NULL,
                                i * G_GINT64_CONSTANT (100000000), 100000000, histogram);
      lds_histogram_free (histogram);
    }
  fputs (text->str, stdout);
}

static int
read_lines (void)
{
  char *line = NULL;
  size_t room = 0;
  int status = 0;

  while (getline (&line, &room, stdin) > 0)
    {
      LdsHistogram *histogram = lds_histogram_new ();

      if (!lds_hdr_decode_add (histogram, g_strstrip (line)))
        status = 1;
      print_line ("read", histogram);
      lds_histogram_free (histogram);
    }
  free (line);
  return status;
}

int
main (int argc,
      char *argv[])
{
  if (argc == 2 && strcmp (argv[1], "make") == 0)
    make ();
  else if (argc == 2 && strcmp (argv[1], "hlog") == 0)
    write_log ();
  else if (argc == 2 && strcmp (argv[1], "read") == 0)
    return read_lines ();
  else
    return 2;
  return 0;
}
