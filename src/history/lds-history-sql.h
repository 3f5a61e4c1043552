/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements, prepared and bound; internal to history/. Text from outside is always bound, never a
 * part of the SQL. */
#pragma once

#include <sqlite3.h>

#include "lds-history.h"

G_BEGIN_DECLS

struct _LdsHistory
{
  sqlite3 *db;
  char *path;
  char *set_aside; /* (nullable) */
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

/** Sets LDS_ERROR_FAILED: one sentence that names the file and what its last call ended with. */
void lds_history_set_error (LdsHistory *self, GError **error);

/** Sets LDS_ERROR_FAILED: the database is damaged, for @reason, and what to do. */
void lds_history_set_damaged (LdsHistory *self, const char *reason, GError **error);

/**
 * lds_history_query:
 * @types: one letter an argument, for ?1, ?2 …: i gint64, d double (NaN is NULL), t text or %NULL
 *
 * Returns: (transfer full): to be stepped; or %NULL with an error
 */
sqlite3_stmt *
lds_history_query (LdsHistory *self, GError **error, const char *sql, const char *types, ...);

/** Returns whether there is a row; %FALSE also at the end and, with @error set, on failure. */
gboolean lds_history_step (LdsHistory *self, sqlite3_stmt *statement, GError **error);

/** A statement that gives no rows; %FALSE with an error. Arguments as for lds_history_query(). */
gboolean
lds_history_execute (LdsHistory *self, GError **error, const char *sql, const char *types, ...);

/** Begins a transaction that may write; what must be seen unchanged until then is read inside. */
gboolean lds_history_begin (LdsHistory *self, GError **error);
/** Ends it: keeps all when @good, else, or when that fails, nothing. Returns whether it was kept. */
gboolean lds_history_end (LdsHistory *self, gboolean good, GError **error);

/** Returns: (transfer full) (nullable): a column's text, made valid UTF-8. */
char *lds_history_dup_text (sqlite3_stmt *statement, int column);
/** The same for one line of a table: what a terminal would obey is made harmless; never %NULL. */
char *lds_history_dup_line (sqlite3_stmt *statement, int column);
/** A column that may be NULL: NaN then. */
double lds_history_get_double (sqlite3_stmt *statement, int column);

G_END_DECLS
