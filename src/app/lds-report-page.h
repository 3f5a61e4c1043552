/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stage Report: the pages as they will print, and their export. */
#pragma once

#include <adwaita.h>

#include "lds-assessment.h"

G_BEGIN_DECLS

#define LDS_TYPE_REPORT_PAGE (lds_report_page_get_type ())
G_DECLARE_FINAL_TYPE (LdsReportPage, lds_report_page, LDS, REPORT_PAGE, GtkWidget)

/**
 * LdsReportPage:
 *
 * Action "report.export" (string: a writer's id, "pdf"). Signal "exported" (GFile *file).
 */
void lds_report_page_set_assessment (LdsReportPage *self, LdsAssessment *assessment);
/** Moves the focus to the primary action. */
void lds_report_page_focus (LdsReportPage *self);

/**
 * lds_report_page_export:
 * @writer: a writer's id
 *
 * Writes the report to @file. A failure is said in place; "exported" tells of success.
 */
gboolean lds_report_page_export (LdsReportPage *self, const char *writer, GFile *file);

G_END_DECLS
