/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of the table of results: what one lane did on one workload, in figures and in words. */
#pragma once

#include <gio/gio.h>

#include "lds-session.h"

G_BEGIN_DECLS

#define LDS_TYPE_RESULT (lds_result_get_type ())
G_DECLARE_FINAL_TYPE (LdsResult, lds_result, LDS, RESULT, GObject)

/**
 * lds_result_new:
 * @runs: (element-type LdsRun): those behind @summary, among others
 *
 * Copies what it shows. Where every run is invalid, the figures are those of the invalid runs.
 */
LdsResult *lds_result_new (const LdsSummary *summary, GPtrArray *runs);

const LdsLane *lds_result_get_lane (LdsResult *self);
const LdsWorkload *lds_result_get_workload (LdsResult *self);

/** Whether the figures may be believed: at least one run was valid. */
gboolean lds_result_is_valid (LdsResult *self);

/** The estimate of the metric of that id; n is 0 when there is no figure. */
LdsEstimate lds_result_get_estimate (LdsResult *self, const char *metric);

/** Returns: (transfer full): "12.4 ms" */
char *lds_result_dup_figure (LdsResult *self, const char *metric);
/** Returns: (transfer full) (nullable): "11.8–13.1 ms"; %NULL where there are too few runs for one */
char *lds_result_dup_interval (LdsResult *self, const char *metric);

/** Returns: (transfer none): "5 valid runs", or why not */
const char *lds_result_get_remark (LdsResult *self);

/** Orders by the metric's median, missing figures last; for GtkCustomSorter and qsort. */
int lds_result_compare (LdsResult *a, LdsResult *b, const char *metric);

G_END_DECLS
