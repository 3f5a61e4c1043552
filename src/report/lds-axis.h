/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes: where a value lies, and which round values are worth a tick. No drawing. */
#pragma once

#include <glib.h>

#include "lds-format.h"

G_BEGIN_DECLS

typedef enum
{
  LDS_SCALE_LINEAR,
  LDS_SCALE_INTERVAL,   /* linear, but not from zero: for what lies close together */
  LDS_SCALE_LOG,        /* 1-2-5 ticks; values must be above 0 */
  LDS_SCALE_TIME,       /* seconds, ticks as on a clock */
  LDS_SCALE_PERCENTILE, /* quantiles 0.0 to below 1.0, as log (1 / (1 - quantile)) */
} LdsScale;

/* A plain value. */
typedef struct
{
  LdsScale scale;
  LdsUnit unit;
  double low, high;      /* in the unit's base (ns, bytes …), seconds, or quantiles; low < high */
  double factor;         /* linear, interval: printed figure = value x factor */
  const char *unit_name; /* likewise: what stands beside the axis; "" for none. Static */
} LdsAxis;

typedef struct
{
  double value;
  gboolean major; /* FALSE: a faint grid line without a label */
  char label[24]; /* "10", "200 ms", "1:30", "99.9 %"; in the user's locale, UTF-8 */
} LdsTick;

/**
 * lds_axis_make:
 * @low, @high: of the data, in any order, finite or not
 *
 * Makes an axis that holds the data: a linear one from zero (or below, with negative data) to the
 * next round value, one of an interval between round values on either side, a logarithmic one between 1-2-5 values, a time or percentile one exactly. Data
 * that is empty, not finite, or impossible on the scale gives an axis from 0 to 1 (log: 1 to 10).
 */
LdsAxis lds_axis_make (LdsScale scale, LdsUnit unit, double low, double high);

/**
 * lds_axis_project:
 *
 * Returns the place of @value: 0.0 at the low end, 1.0 at the high end, beyond for values outside
 * (never beyond -10 to 11); NaN for a value that is not finite or impossible on the scale.
 */
double lds_axis_project (const LdsAxis *self, double value);

/** lds_axis_unproject: Returns the value at @place, the inverse of lds_axis_project() */
double lds_axis_unproject (const LdsAxis *self, double place);

/**
 * lds_axis_ticks:
 * @max_labels: at least 2: no more labelled ticks than this
 *
 * Returns: (transfer full) (element-type LdsTick): ticks within the axis, ascending
 */
GArray *lds_axis_ticks (const LdsAxis *self, guint max_labels);

G_END_DECLS
