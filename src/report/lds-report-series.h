/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From runs to lines: what the charts of a report draw of one lane and workload. */
#pragma once

#include "lds-chart.h"
#include "lds-report-private.h"

G_BEGIN_DECLS

/**
 * lds_report_fill_series:
 *
 * Appends @metric over the measured interval, the median over runs with a band from the lowest run
 * to the highest where there are several: of the valid runs, or, when there are none, of those
 * that were refused.
 */
void lds_report_fill_series (LdsReport *self,
                             LdsSeries *series,
                             const LdsSummary *summary,
                             const LdsMetric *metric);

/** Appends the times that are shown of the workload (lds-view.h) by quantile, as far as at least ten lie
 * beyond it. */
void lds_report_fill_spectrum (LdsReport *self, LdsSeries *series, const LdsSummary *summary);

/** The estimate over refused runs, to be shown struck where there is no valid one. */
LdsEstimate lds_report_estimate_invalid (LdsReport *self,
                                         const LdsSummary *summary,
                                         const LdsMetric *metric);

G_END_DECLS
