/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the JSON of runs and sessions is made of; internal to bench/. */
#pragma once

#include <json-glib/json-glib.h>

#include "lds-json.h"
#include "lds-run.h"
#include "lds-stats.h"

G_BEGIN_DECLS

/** Adds @value: null when it is not finite, without a fraction when it is whole. */
void lds_bench_json_add_number (JsonBuilder *builder, double value);
/** Sets the member @name to @value, as above. */
void lds_bench_json_set_number (JsonBuilder *builder, const char *name, double value);
/** Sets the member @name to an object of "n", "median", "low" and "high"; to null when @estimate is of no runs. */
void lds_bench_json_set_estimate (JsonBuilder *builder,
                                  const char *name,
                                  const LdsEstimate *estimate);
/**
 * lds_bench_json_set_histogram:
 * @name: "response" sets "response_histogram" and, since the encoded form has them only as exactly
 *   as its buckets, "response_min_ns", "response_max_ns" and "response_sum_ns"
 * @histogram: (nullable): all are null then
 */
void lds_bench_json_set_histogram (JsonBuilder *builder,
                                   const char *name,
                                   const LdsHistogram *histogram);
/** @reasons: (element-type LdsInvalidReason) */
void lds_bench_json_set_reasons (JsonBuilder *builder, const char *name, GPtrArray *reasons);

/** Like lds_json_get_double(), but absent and null are NaN, and what is below 0 is refused. */
double lds_bench_json_get_number (JsonObject *object, const char *name, GError **error);

/**
 * lds_bench_json_get_histogram:
 * @name: as in lds_bench_json_set_histogram()
 *
 * Returns: (transfer full) (nullable): %NULL when absent, null or (with @error set) malformed
 */
LdsHistogram *lds_bench_json_get_histogram (JsonObject *object, const char *name, GError **error);

/**
 * lds_bench_histogram_refine:
 * @min_ns: the exact smallest value, or NaN
 * @max_ns: the exact largest value, or NaN
 * @sum_ns: the exact sum, or NaN
 *
 * Gives a decoded histogram back the exact figures that its encoded form lacks. What contradicts
 * its buckets is not taken.
 */
void lds_bench_histogram_refine (LdsHistogram *histogram,
                                 double min_ns,
                                 double max_ns,
                                 double sum_ns);

/** Appends to @reasons (element-type LdsInvalidReason) what the list @name holds. */
void lds_bench_json_get_reasons (JsonObject *object,
                                 const char *name,
                                 GPtrArray *reasons,
                                 GError **error);

/** Returns: (transfer full): to be freed with lds_invalid_reason_free() */
LdsInvalidReason *lds_invalid_reason_new (const char *code, const char *text);
void lds_invalid_reason_free (LdsInvalidReason *reason);

/** Adds a reason to @reasons unless one of that code is there. */
void lds_invalid_reasons_add (GPtrArray *reasons, const char *code, const char *text);

G_END_DECLS
