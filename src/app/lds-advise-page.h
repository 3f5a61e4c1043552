/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stage Advise: the verdict in one sentence, how sure it is, why, who disagrees, and what would
 * change it. */
#pragma once

#include <adwaita.h>

#include "lds-assessment.h"

G_BEGIN_DECLS

#define LDS_TYPE_ADVISE_PAGE (lds_advise_page_get_type ())
G_DECLARE_FINAL_TYPE (LdsAdvisePage, lds_advise_page, LDS, ADVISE_PAGE, GtkWidget)

void lds_advise_page_set_assessment (LdsAdvisePage *self, LdsAssessment *assessment);
/** Moves the focus to what is done next: measuring. */
void lds_advise_page_focus (LdsAdvisePage *self);

G_END_DECLS
