/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of results: one row a server and workload, sortable by any figure. */
#pragma once

#include <adwaita.h>

#include "lds-result.h"

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

/** Returns: (transfer none): the rows as sorted now, of LdsResult */
GListModel *lds_results_table_get_rows (LdsResultsTable *self);

/** Sorts as a click on the column of that metric does. */
void lds_results_table_sort_by (LdsResultsTable *self, const char *metric, GtkSortType order);

G_END_DECLS
