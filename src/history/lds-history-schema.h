/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the database looks like, and how an older one becomes a present one. Internal to history/. */
#pragma once

#include "lds-history-sql.h"

G_BEGIN_DECLS

/* In the file's header, so that `file` and we know whose it is: "LDSH". */
#define LDS_HISTORY_APPLICATION_ID 0x4c445348

/** Returns: (array zero-terminated=1) (transfer none): SQL that makes version 1, 2 … of the one before */
const char *const *lds_history_schema_list (void);

/**
 * lds_history_schema_check:
 * @steps: (array zero-terminated=1): as lds_history_schema_list(); another list is for tests
 *
 * Refuses a database that is newer than @steps, and one that is not a history, with
 * LDS_ERROR_FAILED; changes nothing.
 */
gboolean lds_history_schema_check (LdsHistory *self, const char *const *steps, GError **error);

/** Brings a checked database to the last version of @steps, all of it in one transaction, or not at all. */
gboolean lds_history_schema_update (LdsHistory *self, const char *const *steps, GError **error);

G_END_DECLS
