/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stage Measure: the plan in a sentence, Run and Stop, live charts, the table of results. */
#pragma once

#include <adwaita.h>

#include "lds-measurement.h"

G_BEGIN_DECLS

#define LDS_TYPE_MEASURE_PAGE (lds_measure_page_get_type ())
G_DECLARE_FINAL_TYPE (LdsMeasurePage, lds_measure_page, LDS, MEASURE_PAGE, GtkWidget)

/**
 * LdsMeasurePage:
 *
 * Actions: "measure.run", "measure.stop", "measure.calibrate" (a real lane's id).
 */
void lds_measure_page_set_assessment (LdsMeasurePage *self, LdsAssessment *assessment);
/** Returns: (transfer none): what runs here, or would */
LdsMeasurement *lds_measure_page_get_measurement (LdsMeasurePage *self);
/** Moves the focus to Run or Stop. */
void lds_measure_page_focus (LdsMeasurePage *self);
/** Returns: (transfer full) (nullable): "Measuring, run 7 of 30" while it does */
char *lds_measure_page_dup_state (LdsMeasurePage *self);

G_END_DECLS
