/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window: one assessment, four stages. */
#pragma once

#include <adwaita.h>

#include "lds-assessment.h"

G_BEGIN_DECLS

#define LDS_TYPE_WINDOW (lds_window_get_type ())
G_DECLARE_FINAL_TYPE (LdsWindow, lds_window, LDS, WINDOW, AdwApplicationWindow)

/**
 * LdsWindow:
 *
 * Actions: "win.stage" (string: "ask", "advise", "measure", "report", "pitfalls", "claims"), "win.question" (string: a
 * question's id), "win.back", "win.open", "win.start-over".
 */
LdsWindow *lds_window_new (GtkApplication *application, LdsAssessment *assessment);

/** Shows @message in the place of the stages, with what could not be opened as its title. */
void lds_window_show_broken_file (LdsWindow *self, const char *message);

/** Says @message above the stages until it is closed. */
void lds_window_show_notice (LdsWindow *self, const char *message);

/** Says @text for a few seconds; the button with @action_label (nullable) calls @action_name. */
void lds_window_add_toast (LdsWindow *self,
                           const char *text,
                           const char *action_label,
                           const char *action_name);

/** Reads again, in a moment, what was tested of the articles' claims: grades follow it. */
void lds_window_recall_claims (LdsWindow *self);

LdsAssessment *lds_window_get_assessment (LdsWindow *self);

/** Returns %FALSE when there is no stage named @stage. */
gboolean lds_window_set_stage (LdsWindow *self, const char *stage);
const char *lds_window_get_stage (LdsWindow *self);

G_END_DECLS
