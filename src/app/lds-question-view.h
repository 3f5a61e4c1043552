/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One question on one page: heading, help, answers to pick from, and why it is asked. */
#pragma once

#include <adwaita.h>

#include "lds-assessment.h"

G_BEGIN_DECLS

#define LDS_TYPE_QUESTION_VIEW (lds_question_view_get_type ())
G_DECLARE_FINAL_TYPE (LdsQuestionView, lds_question_view, LDS, QUESTION_VIEW, GtkWidget)

/**
 * LdsQuestionView:
 *
 * Signal "accepted": the user is content with the answer shown and wants the next question.
 */
GtkWidget *lds_question_view_new (LdsAssessment *assessment, const LdsQuestion *question);

const LdsQuestion *lds_question_view_get_question (LdsQuestionView *self);

/**
 * lds_question_view_pick:
 * @digit: 1 for the first choice …; on a scale that has it, the value itself
 *
 * Answers as if that row had been clicked. Returns %FALSE when there is no such answer.
 */
gboolean lds_question_view_pick (LdsQuestionView *self, guint digit);

/** Moves the focus to the answer that is picked, or to the first one. */
void lds_question_view_focus (LdsQuestionView *self);

G_END_DECLS
