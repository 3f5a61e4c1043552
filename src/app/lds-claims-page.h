/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page Claims: what the articles claim in numbers, what this machine says of it, and testing it. */
#pragma once

#include <adwaita.h>

#include "lds-claim-row.h"
#include "lds-measurement.h"

G_BEGIN_DECLS

#define LDS_TYPE_CLAIMS_PAGE (lds_claims_page_get_type ())
G_DECLARE_FINAL_TYPE (LdsClaimsPage, lds_claims_page, LDS, CLAIMS_PAGE, GtkWidget)

/**
 * LdsClaimsPage:
 *
 * Actions: "claims.test-all", "claims.test-article" with an article's id, "claims.test" with a claim's id,
 * "claims.stop", "claims.export" with "pdf" or "json", "claims.find". Signal: "exported" (GFile).
 */

/** @measurement: what else may measure in this window; one at a time. Referenced */
void lds_claims_page_set_measurement (LdsClaimsPage *self, LdsMeasurement *measurement);
/** @assessment: whose own measurements stand on the axis, too. Referenced */
void lds_claims_page_set_assessment (LdsClaimsPage *self, LdsAssessment *assessment);
/** Returns: (transfer none): what is tested here, or would be */
LdsClaimsRun *lds_claims_page_get_run (LdsClaimsPage *self);
/** Returns: (transfer full) (nullable): "Testing claims, run 3 of 30"; %NULL while none are tested */
char *lds_claims_page_dup_state (LdsClaimsPage *self);
/** Opens the claim of that id, clears what hides it, and brings it into sight; does nothing for another. */
void lds_claims_page_show (LdsClaimsPage *self, const char *id);
/** Moves the focus to the first claim, or to Stop while some are tested. */
void lds_claims_page_focus (LdsClaimsPage *self);
/** Returns %FALSE, with the reason shown in place, when @file cannot be written. @format: "pdf" or "json" */
gboolean lds_claims_page_export (LdsClaimsPage *self, const char *format, GFile *file);

G_END_DECLS
