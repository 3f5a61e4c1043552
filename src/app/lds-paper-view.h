/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One page of the report as it prints, on white paper of its shape. */
#pragma once

#include <adwaita.h>

#include "lds-report.h"

G_BEGIN_DECLS

#define LDS_TYPE_PAPER_VIEW (lds_paper_view_get_type ())
G_DECLARE_FINAL_TYPE (LdsPaperView, lds_paper_view, LDS, PAPER_VIEW, GtkWidget)

/**
 * lds_paper_view_new:
 * @report: a reference is held
 * @page: 0 to lds_report_n_pages() - 1
 *
 * As wide as it is given; its height follows.
 */
GtkWidget *lds_paper_view_new (LdsReport *report, LdsPaper paper, guint page);

/** The paper that the user prints on, by his locale. */
LdsPaper lds_paper_view_get_user_paper (void);

G_END_DECLS
