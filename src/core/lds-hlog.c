/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing interval logs (.hlog). */
#define G_LOG_DOMAIN "lds-hlog"

#include "config.h"
#include "lds-hlog.h"

#include <string.h>

#include "lds-clock.h"
#include "lds-hdr.h"

#define MS_PER_S 1000
/* 9999-12-31, the last day that GDateTime knows. */
#define MAX_START_TIME_MS (G_GINT64_CONSTANT (253402214400) * MS_PER_S)

/* @value / @unit with three decimals, rounded, and a point whatever the locale. */
static void
append_thousandths (GString *text,
                    gint64 value,
                    gint64 unit)
{
  gint64 step = unit / 1000, thousandths = value / step + (value % step * 2 >= step);

  g_string_append_printf (text, "%" G_GINT64_FORMAT ".%03d", thousandths / 1000,
                          (int)(thousandths % 1000));
}

void
lds_hlog_append_header (GString *text,
                        gint64 start_time_ms)
{
  g_autoptr (GDateTime) start = NULL;
  g_autofree char *date = NULL;

  g_return_if_fail (text != NULL);
  g_return_if_fail (start_time_ms >= 0 && start_time_ms <= MAX_START_TIME_MS);

  start = g_date_time_new_from_unix_utc (start_time_ms / MS_PER_S);
  date = g_date_time_format (start, "%Y-%m-%dT%H:%M:%S");
  g_string_append (text, "#[Logged with Loadstone " LDS_VERSION "]\n"
                         "#[Histogram log format version 1.2]\n"
                         "#[StartTime: ");
  append_thousandths (text, start_time_ms, MS_PER_S);
  g_string_append_printf (text, " (seconds since epoch), %s.%03dZ]\n", date, (int)(start_time_ms % MS_PER_S));
  g_string_append (text, "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                         "\"Interval_Compressed_Histogram\"\n");
}

void
lds_hlog_append_interval (GString *text,
                          const char *tag,
                          gint64 start_ns,
                          gint64 length_ns,
                          const LdsHistogram *histogram)
{
  g_autofree char *encoded = NULL;

  g_return_if_fail (text != NULL);
  g_return_if_fail (tag == NULL || (*tag != '\0' && strpbrk (tag, ",\" \t\r\n") == NULL));
  g_return_if_fail (start_ns >= 0 && length_ns >= 0);
  g_return_if_fail (histogram != NULL);

  if (tag != NULL)
    g_string_append_printf (text, "Tag=%s,", tag);
  append_thousandths (text, start_ns, LDS_NS_PER_S);
  g_string_append_c (text, ',');
  append_thousandths (text, length_ns, LDS_NS_PER_S);
  g_string_append_c (text, ',');
  append_thousandths (text, histogram->max_ns, LDS_NS_PER_MS);
  g_string_append_c (text, ',');
  encoded = lds_hdr_encode (histogram);
  g_string_append (text, encoded);
  g_string_append_c (text, '\n');
}
