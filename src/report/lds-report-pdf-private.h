/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections of the report's pages, in the order of the report. */
#pragma once

#include "lds-pages.h"
#include "lds-report-private.h"

G_BEGIN_DECLS

/* Each draws one section, over as many pages as it takes. */
void lds_report_draw_verdict (LdsReport *self, LdsPages *pages);
void lds_report_draw_evidence (LdsReport *self, LdsPages *pages);
void lds_report_draw_dissent (LdsReport *self, LdsPages *pages);
void lds_report_draw_measurements (LdsReport *self, LdsPages *pages);
void lds_report_draw_knees (LdsReport *self, LdsPages *pages);
void lds_report_draw_claims (LdsReport *self, LdsPages *pages);
void lds_report_draw_appendix (LdsReport *self, LdsPages *pages);

/* Part of the appendix: how often a comparison finds a difference that is not there. */
void lds_report_draw_self_test (LdsReport *self, LdsPages *pages);

/* Parts of the section of @workload that an adaptive plan has; nothing where the plan does not ask for them. */
void lds_report_draw_scaling (LdsReport *self, LdsPages *pages, const LdsWorkload *workload);
void lds_report_draw_capacity (LdsReport *self, LdsPages *pages, const LdsWorkload *workload);

/** 0 for the first lane of its family and provenance in the plan, 1 for the second …: one lane has
 * one hue all through the report. */
guint lds_report_lane_variant (LdsReport *self, const LdsLane *lane);

G_END_DECLS
