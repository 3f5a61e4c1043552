/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The percentile distribution as the HdrHistogram plotters read it. */
#pragma once

#include <glib.h>

#include "lds-histogram.h"

G_BEGIN_DECLS

/**
 * lds_hgrm_to_text:
 * @mean_ns: exact mean, or lds_histogram_mean_ns()
 * @max_ns: exact maximum, or the histogram's
 *
 * Writes the .hgrm table: values in ms, five steps for each halving of the distance to 100 %.
 * Source: the output of wrk2 and of HdrHistogram's percentile iterator.
 *
 * Returns: (transfer full): the text
 */
char *lds_hgrm_to_text (const LdsHistogram *histogram, double mean_ns, double max_ns);

/**
 * lds_hgrm_to_csv:
 *
 * Writes the rows of lds_hgrm_to_text() as comma-separated values, under their names: values in ms to
 * the ns, fractions of 1, and "Infinity" in the last row.
 * Source: the CSV form of HdrHistogram's outputPercentileDistribution().
 *
 * Returns: (transfer full): the text
 */
char *lds_hgrm_to_csv (const LdsHistogram *histogram);

G_END_DECLS
