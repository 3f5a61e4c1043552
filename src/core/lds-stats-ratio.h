/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many times as much one set of runs is as another. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  double ratio; /* of the medians, or the median of the pairs' */
  double low;   /* 95 % confidence interval; holds the ratio */
  double high;
} LdsRatio;

/**
 * lds_stats_ratio:
 * @a: (array length=n_a): one figure a run, finite and above 0
 * @n_a: at least 1
 * @b: (array length=n_b): likewise
 *
 * Median of @a by median of @b, with a 95 % percentile-bootstrap interval of 2000 resamples of both
 * sides, each by itself. The run is the replicate: requests are never resampled. The generator is
 * seeded with a constant, so that the same runs always give the same interval.
 * Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 8.3 (two samples)
 * and 13.
 */
LdsRatio lds_stats_ratio (const double *a, guint n_a, const double *b, guint n_b);

/**
 * lds_stats_ratio_pairs:
 * @a: (array length=n): one figure a run, finite and above 0
 * @b: (array length=n): of the run beside it, likewise
 * @n: at least 1
 *
 * Median of @a by @b, pair by pair, with a 95 % percentile-bootstrap interval of 2000 resamples of the pairs. What
 * changes the machine for both runs of a pair alike is not in it: while a machine has two speeds, some minutes
 * each, medians of the sides may fall into one each. The generator is seeded with a constant, and the order of the
 * pairs does not matter.
 * Source: as above, chapter 8.4 (paired samples are resampled whole).
 */
LdsRatio lds_stats_ratio_pairs (const double *a, const double *b, guint n);

G_END_DECLS
