/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searching without regard to case, in any language; SQLite itself knows that of ASCII alone.
 * Internal to history/. */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/** Returns: (transfer full): @text as it is compared */
char *lds_history_fold (const char *text);

/** Gives @db the SQL function fold(text). Returns a result code of SQLite. */
int lds_history_fold_register (sqlite3 *db);

G_END_DECLS
