/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Little's law on figures that stand beside each other. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-little.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "lds-clock.h"
#include "lds-format.h"

static gboolean
is_near (double value,
         double printed)
{
  return fabs (value - printed) <= LDS_LITTLE_TOLERANCE * printed;
}

LdsLittleReadings
lds_little_read (const LdsLittleTotal *total)
{
  LdsLittleReadings readings = {NAN, NAN, FALSE, FALSE};

  g_return_val_if_fail (total != NULL, readings);

  readings.all_hz = total->requests / total->time_s;
  readings.each_hz = total->connections / total->time_s;
  readings.all_fits = is_near (readings.all_hz, total->rate_hz);
  readings.each_fits = is_near (readings.each_hz, total->rate_hz);
  return readings;
}

LdsLittleVerdict
lds_little_check (const LdsLittleUsers *users)
{
  LdsLittleVerdict verdict = {NAN, NAN, NAN, NAN, FALSE};

  g_return_val_if_fail (users != NULL, verdict);

  verdict.latency_low_s = users->n / users->rate_high_hz;
  verdict.latency_high_s = users->n / users->rate_low_hz;
  verdict.in_flight_fast = users->rate_high_hz * users->latency_low_s;
  verdict.in_flight_slow = users->rate_low_hz * users->latency_high_s;
  verdict.fits = verdict.latency_low_s >= users->latency_low_s * (1 - LDS_LITTLE_TOLERANCE) &&
                 verdict.latency_high_s <= users->latency_high_s * (1 + LDS_LITTLE_TOLERANCE);
  return verdict;
}

static char *
format_rate (double rate_hz)
{
  return lds_format_value (rate_hz, LDS_UNIT_RATE_HZ);
}

static char *
format_time (double time_s)
{
  return lds_format_value (time_s * (double)LDS_NS_PER_S, LDS_UNIT_DURATION_NS);
}

char *
lds_little_dup_total_text (const LdsLittleTotal *total)
{
  LdsLittleReadings readings;
  g_autofree char *requests = NULL, *time = NULL, *printed = NULL, *all = NULL, *each = NULL;
  g_autofree char *connections = NULL;

  g_return_val_if_fail (total != NULL, NULL);

  readings = lds_little_read (total);
  requests = lds_format_value (total->requests, LDS_UNIT_COUNT);
  connections = lds_format_value (total->connections, LDS_UNIT_COUNT);
  time = format_time (total->time_s);
  printed = format_rate (total->rate_hz);
  all = format_rate (readings.all_hz);
  each = format_rate (readings.each_hz);
  if (readings.all_fits)
    /* Translators: a number of requests, a time, a rate, the rate as printed */
    return g_strdup_printf (_ ("%s requests in %s are %s, which is the %s that is printed."), requests, time, all, printed);
  if (readings.each_fits)
    /* Translators: a number of connections, a time, a rate, the rate as printed */
    return g_strdup_printf (_ ("%s connections that wait %s each make %s, which is the %s that is printed."), connections, time, each, printed);
  /* Translators: a number of requests, a time, a rate; a number of connections, a rate; the rate as printed */
  return g_strdup_printf (_ ("%s requests in %s are %s; were that the mean time of each, %s connections would make %s. In no reading is it the %s that is printed."),
                          requests, time, all, connections, each, printed);
}

char *
lds_little_dup_users_text (const LdsLittleUsers *users)
{
  LdsLittleVerdict verdict;
  g_autofree char *n = NULL, *fast = NULL, *slow = NULL, *rate_high = NULL, *rate_low = NULL;
  g_autofree char *low = NULL, *high = NULL, *waiting_fast = NULL, *waiting_slow = NULL;

  g_return_val_if_fail (users != NULL, NULL);

  verdict = lds_little_check (users);
  n = lds_format_value (users->n, LDS_UNIT_COUNT);
  fast = format_time (verdict.latency_low_s);
  slow = format_time (verdict.latency_high_s);
  rate_high = format_rate (users->rate_high_hz);
  rate_low = format_rate (users->rate_low_hz);
  low = format_time (users->latency_low_s);
  high = format_time (users->latency_high_s);
  if (verdict.fits)
    /* Translators: a number of users, a time, a rate, a time, a rate, two times */
    return g_strdup_printf (_ ("%s users who always wait for an answer see %s at %s and %s at %s; that lies within the %s to %s that are said."),
                            n, fast, rate_high, slow, rate_low, low, high);
  waiting_fast = lds_format_value (verdict.in_flight_fast, LDS_UNIT_COUNT);
  waiting_slow = lds_format_value (verdict.in_flight_slow, LDS_UNIT_COUNT);
  /* Translators: a number of users, a time, a rate, a time, a rate, two times, two numbers, a number of users */
  return g_strdup_printf (
      _ ("%s users who always wait for an answer see %s at %s and %s at %s, not %s to %s: with those only %s to %s of the %s would be waiting at a time."),
      n, fast, rate_high, slow, rate_low, low, high, waiting_fast, waiting_slow, n);
}
