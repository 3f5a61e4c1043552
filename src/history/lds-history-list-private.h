/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements behind the lists; for history/ itself and its tests. */
#pragma once

#include "lds-history-list.h"
#include "lds-history-sql.h"

G_BEGIN_DECLS

/** Returns: (transfer full): bound, to be stepped; or %NULL with an error */
sqlite3_stmt *
lds_history_prepare_sessions (LdsHistory *self, const LdsHistoryFilter *filter, GError **error);
sqlite3_stmt *
lds_history_prepare_runs (LdsHistory *self, const LdsHistoryFilter *filter, GError **error);

/** Sets LDS_ERROR_INPUT: there is no such session. Returns %FALSE. */
gboolean lds_history_set_no_session (gint64 id, GError **error);

G_END_DECLS
