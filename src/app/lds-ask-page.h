/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stage Ask: one question a page, back and forth, with the lean so far. */
#pragma once

#include <adwaita.h>

#include "lds-assessment.h"

G_BEGIN_DECLS

#define LDS_TYPE_ASK_PAGE (lds_ask_page_get_type ())
G_DECLARE_FINAL_TYPE (LdsAskPage, lds_ask_page, LDS, ASK_PAGE, GtkWidget)

/**
 * LdsAskPage:
 *
 * Actions: "ask.next", "ask.previous", "ask.go-to" (string, a question's id).
 * Signal "finished": Next was chosen on the last question.
 */
void lds_ask_page_set_assessment (LdsAskPage *self, LdsAssessment *assessment);
/** Whether there is room for the decision trees beside the question. */
void lds_ask_page_set_wide (LdsAskPage *self, gboolean wide);

/** Shows the question at @index, 0 to the number of questions - 1, and moves the focus to it. */
void lds_ask_page_go_to (LdsAskPage *self, guint index);
guint lds_ask_page_get_index (LdsAskPage *self);
/** Returns %FALSE on the first question. */
gboolean lds_ask_page_go_back (LdsAskPage *self);
/** Moves the focus to the present question. */
void lds_ask_page_focus (LdsAskPage *self);

G_END_DECLS
