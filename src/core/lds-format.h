/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures as people read them: at most four significant digits, SI prefixes, units, the user's
 * decimal point. Never for JSON or protocols. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a figure is written; each metric names one. */
typedef enum
{
  LDS_UNIT_NONE,
  LDS_UNIT_DURATION_NS, /* 12.4 ms */
  LDS_UNIT_RATE_HZ,     /* 48.2 k/s */
  LDS_UNIT_BYTES,       /* 31.5 MiB */
  LDS_UNIT_FRACTION,    /* 0.37 is written 37 % */
  LDS_UNIT_CORES,       /* CPU: 1.02 cores */
  LDS_UNIT_COUNT,       /* 1 234 */
} LdsUnit;

/**
 * lds_format_value:
 * @value: in the unit's base: ns, Hz, bytes, 1 = 100 %; NaN is written as an en dash
 *
 * Returns: (transfer full): the figure with its unit
 */
char *lds_format_value (double value, LdsUnit unit);

/**
 * lds_format_range:
 * @low: not above @high
 * @like: the figure that the range belongs to; both ends take its unit, to be read beside it
 *
 * Returns: (transfer full): "11.8–13.1 ms"
 */
char *lds_format_range (double low, double high, double like, LdsUnit unit);

/**
 * lds_format_duration:
 * @ms: 0 or more
 *
 * Returns: (transfer full): "50 s", "4 min": rounded up to what a person plans with
 */
char *lds_format_duration (gint64 ms);

/**
 * lds_format_scale:
 * @largest: largest magnitude that will be shown
 * @factor: (out): multiply values by this before printing
 *
 * Chooses one prefix for a whole axis or column.
 *
 * Returns: (transfer none): the unit's name with that prefix, e.g. "ms", "k/s", "MiB"
 */
const char *lds_format_scale (double largest, LdsUnit unit, double *factor);

G_END_DECLS
