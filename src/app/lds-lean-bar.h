/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the verdict leans while questions are answered: in words, and as a mark on a line from
 * Node.js over both to Python. */
#pragma once

#include <adwaita.h>

#include "lds-assessment.h"

G_BEGIN_DECLS

#define LDS_TYPE_LEAN_BAR (lds_lean_bar_get_type ())
G_DECLARE_FINAL_TYPE (LdsLeanBar, lds_lean_bar, LDS, LEAN_BAR, GtkWidget)

void lds_lean_bar_set_assessment (LdsLeanBar *self, LdsAssessment *assessment);
/** Returns: (transfer none): what it says now: "Too early to say", "Leans to Node.js" … */
const char *lds_lean_bar_get_text (LdsLeanBar *self);

G_END_DECLS
