/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The percentile distribution as the HdrHistogram plotters read it. */
#define G_LOG_DOMAIN "lds-hgrm"

#include "config.h"
#include "lds-hgrm.h"

#include <math.h>

#include "lds-clock.h"

#define STEPS_PER_HALF_DISTANCE 5
/* Ranges of the layout: the linear one and its octaves. */
#define N_RANGES (1 + (LDS_HISTOGRAM_BUCKETS - LDS_HISTOGRAM_SUB_BUCKETS) / 1024)

/* "%*.*f" with a point whatever the locale. */
static void
append_number (GString *text,
               double value,
               int width,
               int decimals)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE], format[16];

  g_snprintf (format, sizeof format, "%%.%df", decimals);
  g_ascii_formatd (number, sizeof number, format, value);
  g_string_append_printf (text, "%*s", width, number);
}

static double
to_ms (double ns)
{
  return ns / (double)LDS_NS_PER_MS;
}

/* Writes one row of a table, of which @fraction 1 is the last. */
typedef void (*AppendRow) (GString *text, gint64 value_ns, double fraction, guint64 count);

static void
append_hgrm_row (GString *text,
                 gint64 value_ns,
                 double fraction,
                 guint64 count)
{
  append_number (text, to_ms ((double)value_ns), 12, 3);
  append_number (text, fraction, 13, 6);
  g_string_append_printf (text, " %12" G_GUINT64_FORMAT " ", count);
  if (fraction < 1)
    append_number (text, 1 / (1 - fraction), 12, 2);
  else
    g_string_append_printf (text, "%12s", "inf");
  g_string_append_c (text, '\n');
}

/* Widths and decimals are for eyes in .hgrm; here they are enough to lose nothing. */
static void
append_csv_row (GString *text,
                gint64 value_ns,
                double fraction,
                guint64 count)
{
  append_number (text, to_ms ((double)value_ns), 0, 6);
  g_string_append_c (text, ',');
  append_number (text, fraction, 0, 12);
  g_string_append_printf (text, ",%" G_GUINT64_FORMAT ",", count);
  if (fraction < 1)
    append_number (text, 1 / (1 - fraction), 0, 2);
  else
    g_string_append (text, "Infinity");
  g_string_append_c (text, '\n');
}

static void
append_rows (GString *text,
             AppendRow append_row,
             const LdsHistogram *histogram)
{
  gsize index;
  guint64 seen;
  guint step = 0;

  if (histogram->total == 0)
    return;
  index = lds_histogram_index (histogram->min_ns);
  seen = histogram->counts[index];
  for (;;)
    {
      double left = exp2 (-(double)(step / STEPS_PER_HALF_DISTANCE));
      double fraction =
          1 - left + left * (step % STEPS_PER_HALF_DISTANCE) / (2 * STEPS_PER_HALF_DISTANCE);
      gboolean is_reached = fraction <= (double)seen / (double)histogram->total;

      if (is_reached)
        {
          append_row (text, lds_histogram_bucket_high_ns (index), fraction, seen);
          step++;
        }
      if (seen == histogram->total)
        break;
      if (!is_reached)
        do
          seen += histogram->counts[++index];
        while (histogram->counts[index] == 0);
    }
  append_row (text, lds_histogram_bucket_high_ns (index), 1, histogram->total);
}

char *
lds_hgrm_to_text (const LdsHistogram *histogram,
                  double mean_ns,
                  double max_ns)
{
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (histogram != NULL, NULL);

  g_string_append_printf (text, "%12s %12s %12s %12s\n\n", "Value", "Percentile", "TotalCount",
                          "1/(1-Percentile)");
  append_rows (text, append_hgrm_row, histogram);
  g_string_append (text, "#[Mean    = ");
  append_number (text, to_ms (mean_ns), 12, 3);
  g_string_append (text, ", StdDeviation   = ");
  append_number (text, to_ms (lds_histogram_stddev_ns (histogram)), 12, 3);
  g_string_append (text, "]\n#[Max     = ");
  append_number (text, to_ms (max_ns), 12, 3);
  g_string_append_printf (text, ", Total count    = %12" G_GUINT64_FORMAT "]\n", histogram->total);
  g_string_append_printf (text, "#[Buckets = %12d, SubBuckets     = %12d]\n", N_RANGES,
                          LDS_HISTOGRAM_SUB_BUCKETS);
  return g_string_free (text, FALSE);
}

char *
lds_hgrm_to_csv (const LdsHistogram *histogram)
{
  GString *text;

  g_return_val_if_fail (histogram != NULL, NULL);

  text = g_string_new ("Value,Percentile,TotalCount,1/(1-Percentile)\n");
  append_rows (text, append_csv_row, histogram);
  return g_string_free (text, FALSE);
}
