/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of results: one row a server and workload, sortable by any figure. What has other figures, as
 * requests and streams have, has a table of its own below. */
#pragma once

#include <adwaita.h>

#include "lds-result.h"
#include "lds-view.h"

G_BEGIN_DECLS

#define LDS_TYPE_RESULTS_TABLE (lds_results_table_get_type ())
G_DECLARE_FINAL_TYPE (LdsResultsTable, lds_results_table, LDS, RESULTS_TABLE, GtkWidget)

GtkWidget *lds_results_table_new (void);

/**
 * lds_results_table_show:
 * @summaries: (nullable) (element-type LdsSummary): %NULL shows that nothing is measured yet
 * @runs: (nullable) (element-type LdsRun): behind the summaries
 */
void lds_results_table_show (LdsResultsTable *self, GPtrArray *summaries, GPtrArray *runs);

/** Returns: (transfer none): the rows of what has @view as sorted now, of LdsResult */
GListModel *lds_results_table_get_rows (LdsResultsTable *self, const LdsView *view);

/** Sorts as clicks on the columns of that metric do. */
void lds_results_table_sort_by (LdsResultsTable *self, const char *metric, GtkSortType order);

G_END_DECLS
