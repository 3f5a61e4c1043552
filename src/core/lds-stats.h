/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics over runs. The run is the replicate: n is a number of runs, never of requests. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Fewer runs have no interval. That of n runs is at most their range, which holds the median with
 * probability 1 - 2 / 2^n: 75 % for three runs, 87.5 % for four, 93.8 % for five. */
#define LDS_ESTIMATE_MIN_RUNS 5

/* A median over runs with its confidence interval. */
typedef struct
{
  guint n; /* runs behind it; 0 means that the figures are NaN */
  double median;
  double low; /* 95 % confidence interval of the median; equal to median when n < LDS_ESTIMATE_MIN_RUNS */
  double high;
} LdsEstimate;

/**
 * lds_stats_quantile:
 * @sorted: (array length=n): ascending, all finite
 * @n: at least 1
 * @quantile: 0.0 to 1.0
 *
 * Returns the quantile by linear interpolation of order statistics (type 7).
 * Source: Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician
 * 50 (1996), definition 7.
 */
double lds_stats_quantile (const double *sorted, guint n, double quantile);

/**
 * lds_stats_median:
 * @values: (array length=n): in any order, all finite; sorted when it returns
 *
 * Returns the median; NaN when @n is 0.
 */
double lds_stats_median (double *values, guint n);

/**
 * lds_stats_estimate:
 * @values: (array length=n): one figure a run, in any order, all finite
 *
 * Median with a 95 % percentile-bootstrap interval of 2000 resamples; the generator is seeded with
 * a constant, so that the same runs always give the same interval.
 * Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
 */
LdsEstimate lds_stats_estimate (const double *values, guint n);

G_END_DECLS
