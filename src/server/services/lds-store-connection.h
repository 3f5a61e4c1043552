/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection to a product database, and how such a database is made. Private to lds-store. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum
{
  LDS_STORE_SQL_LIST,
  LDS_STORE_SQL_GET,
  LDS_STORE_SQL_ADD,
  LDS_STORE_SQL_CHANGE,
  LDS_STORE_SQL_REMOVE,
  LDS_STORE_SQL_SUMMARIZE,
  LDS_STORE_N_SQL,
} LdsStoreSql;

/* Belongs to one thread at a time. */
typedef struct
{
  sqlite3 *database;
  sqlite3_stmt *statements[LDS_STORE_N_SQL]; /* (nullable): prepared when first asked for */
} LdsStoreConnection;

/**
 * lds_store_connection_open:
 * @busy_timeout_ms: 0 or more
 *
 * Opens @path, which must exist. Returns a result code of SQLite; close @self in any case.
 */
int lds_store_connection_open (LdsStoreConnection *self,
                               const char *path,
                               unsigned busy_timeout_ms);

/**
 * lds_store_connection_create:
 *
 * The same for a file that may be missing, empty or somebody else's: makes and seeds a product
 * database where there is nothing. Several threads and processes may do so at a time.
 *
 * Returns SQLITE_OK, a result code of SQLite, or SQLITE_NOTADB with @foreign set to what is wrong with
 * the file, a clause, when it is not a product database.
 */
int lds_store_connection_create (LdsStoreConnection *self,
                                 const char *path,
                                 unsigned busy_timeout_ms,
                                 const char **foreign);

/**
 * lds_store_connection_prepare:
 * @keep: whether the statement will be used again
 * @statement: (out) (transfer none): reset, without parameters
 *
 * Returns a result code of SQLite.
 */
int lds_store_connection_prepare (LdsStoreConnection *self,
                                  LdsStoreSql sql,
                                  bool keep,
                                  sqlite3_stmt **statement);

/** Closes @self; it may be opened again. */
void lds_store_connection_close (LdsStoreConnection *self);
