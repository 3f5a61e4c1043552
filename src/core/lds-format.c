/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures as people read them. */
#define G_LOG_DOMAIN "lds-format"

#include "config.h"
#include "lds-format.h"

#include <glib/gi18n-lib.h>
#include <math.h>

typedef struct
{
  double from;   /* magnitudes at or above this take this row */
  double factor; /* multiply by this to print */
  const char *name;
} Scale;

static const Scale duration_scales[] = {
    {1e9, 1e-9, N_ ("s")}, {1e6, 1e-6, N_ ("ms")}, {1e3, 1e-3, N_ ("µs")}, {0, 1, N_ ("ns")}};
static const Scale rate_scales[] = {
    {1e6, 1e-6, N_ ("M/s")}, {1e4, 1e-3, N_ ("k/s")}, {0, 1, N_ ("/s")}};
static const Scale byte_scales[] = {
    {1073741824.0, 1 / 1073741824.0, N_ ("GiB")},
    {1048576.0, 1 / 1048576.0, N_ ("MiB")},
    {1024.0, 1 / 1024.0, N_ ("KiB")},
    {0, 1, N_ ("B")}};
static const Scale fraction_scales[] = {{0, 100, N_ ("%")}};
static const Scale core_scales[] = {{0, 1, N_ ("cores")}};
static const Scale plain_scales[] = {{0, 1, ""}};

static const Scale *
find_scale (double largest,
            LdsUnit unit)
{
  const Scale *scale;

  switch (unit)
    {
    case LDS_UNIT_DURATION_NS:
      scale = duration_scales;
      break;
    case LDS_UNIT_RATE_HZ:
      scale = rate_scales;
      break;
    case LDS_UNIT_BYTES:
      scale = byte_scales;
      break;
    case LDS_UNIT_FRACTION:
      scale = fraction_scales;
      break;
    case LDS_UNIT_CORES:
      scale = core_scales;
      break;
    case LDS_UNIT_COUNT:
    case LDS_UNIT_NONE:
    default:
      scale = plain_scales;
      break;
    }
  while (scale->from > 0 && !(fabs (largest) >= scale->from))
    scale++;
  return scale;
}

const char *
lds_format_scale (double largest,
                  LdsUnit unit,
                  double *factor)
{
  const Scale *scale = find_scale (largest, unit);

  *factor = scale->factor;
  return *scale->name == '\0' ? "" : _ (scale->name);
}

/* Three significant digits, four from 1000 on; counts are whole. Below 0.01 of a unit that has no
 * smaller one two digits more: an error in 20 000 is not "0.00 %". */
static char *
format_number (double value,
               LdsUnit unit)
{
  double magnitude = fabs (value);
  int decimals = 4;

  if (magnitude >= 100 || value == 0)
    decimals = 0;
  else if (magnitude >= 10)
    decimals = 1;
  else if (magnitude >= 0.01)
    decimals = 2;

  if (unit == LDS_UNIT_COUNT)
    return g_strdup_printf ("%'.0f", value);
  return g_strdup_printf ("%'.*f", decimals, value);
}

/* A no-break space, so that a figure never parts from its unit; "2000/s" needs none. */
static const char *
gap_before (const char *unit_name)
{
  return *unit_name == '/' ? "" : "\u00a0";
}

char *
lds_format_value (double value,
                  LdsUnit unit)
{
  double factor;
  const char *name;
  g_autofree char *number = NULL;

  if (!isfinite (value))
    return g_strdup ("–");
  name = lds_format_scale (value, unit, &factor);
  number = format_number (value * factor, unit);
  if (*name == '\0')
    return g_steal_pointer (&number);
  return g_strconcat (number, gap_before (name), name, NULL);
}

char *
lds_format_range (double low,
                  double high,
                  double like,
                  LdsUnit unit)
{
  double factor;
  const char *name;
  g_autofree char *from = NULL, *to = NULL;

  if (!isfinite (low) || !isfinite (high))
    return g_strdup ("–");
  name = lds_format_scale (like, unit, &factor);
  from = format_number (low * factor, unit);
  to = format_number (high * factor, unit);
  if (*name == '\0')
    return g_strdup_printf ("%s–%s", from, to);
  return g_strconcat (from, "–", to, gap_before (name), name, NULL);
}

char *
lds_format_duration (gint64 ms)
{
  gint64 s = (ms + 999) / 1000;

  if (s < 90)
    /* Translators: seconds */
    return g_strdup_printf (_ ("%d s"), (int)s);
  /* Translators: minutes */
  return g_strdup_printf (_ ("%d min"), (int)((s + 59) / 60));
}
