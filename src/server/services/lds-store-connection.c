/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection to a product database. */
#include "lds-store-connection.h"

#include "lds-clock.h"
#include "lds-store.h"

#include <stdio.h>
#include <time.h>

/* "LdSt", and the version of the table: how a file is known as one of ours. */
#define APPLICATION_ID 0x4c645374
#define TABLE_VERSION  1

static const char *const texts[LDS_STORE_N_SQL] = {
    [LDS_STORE_SQL_LIST] = "SELECT id, name, price FROM product ORDER BY id LIMIT ?1",
    [LDS_STORE_SQL_GET] = "SELECT id, name, price FROM product WHERE id = ?1",
    [LDS_STORE_SQL_ADD] = "INSERT INTO product (name, price) VALUES (?1, ?2)",
    [LDS_STORE_SQL_CHANGE] = "UPDATE product SET name = ?2, price = ?3 WHERE id = ?1",
    [LDS_STORE_SQL_REMOVE] = "DELETE FROM product WHERE id = ?1",
    [LDS_STORE_SQL_SUMMARIZE] = "SELECT count(*), total(price), avg(price), min(price), max(price) "
                                "FROM product WHERE price >= ?1 AND price < ?2",
};

static int
open_database (LdsStoreConnection *self,
               const char *path,
               unsigned busy_timeout_ms,
               int flags)
{
  int result;

  *self = (LdsStoreConnection){0};
  /* Without SQLite's own locks: a connection has one user at a time. */
  result = sqlite3_open_v2 (
      path, &self->database,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | flags, NULL);
  if (result != SQLITE_OK)
    return result;
  sqlite3_busy_timeout (self->database, (int)busy_timeout_ms);
  /* A file that is given may have been made to do harm. */
  sqlite3_db_config (self->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (self->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (self->database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config (self->database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  return sqlite3_exec (self->database, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
}

int
lds_store_connection_open (LdsStoreConnection *self,
                           const char *path,
                           unsigned busy_timeout_ms)
{
  return open_database (self, path, busy_timeout_ms, 0);
}

/* The one whole number that a query answers. */
static int
read_number (LdsStoreConnection *self,
             const char *sql,
             int *number)
{
  sqlite3_stmt *statement;
  int result = sqlite3_prepare_v2 (self->database, sql, -1, &statement, NULL);

  if (result != SQLITE_OK)
    return result;
  result = sqlite3_step (statement);
  if (result == SQLITE_ROW)
    *number = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return result == SQLITE_ROW ? SQLITE_OK : result;
}

/* Changing the journal mode does not wait for others as everything else does, so try again until the
 * busy timeout is over. */
static int
begin_log (LdsStoreConnection *self,
           unsigned busy_timeout_ms)
{
  const struct timespec pause = {.tv_nsec = LDS_NS_PER_MS};
  int64_t deadline_ns = lds_clock_now_ns () + busy_timeout_ms * LDS_NS_PER_MS;
  int result;

  for (;;)
    {
      result = sqlite3_exec (self->database, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
      if ((result & 0xff) != SQLITE_BUSY || lds_clock_now_ns () >= deadline_ns)
        return result;
      clock_nanosleep (CLOCK_MONOTONIC, 0, &pause, NULL);
    }
}

/* Fills the table with what a ship's chandler sells, the same everywhere. */
static int
seed (LdsStoreConnection *self)
{
  static const char *const kinds[] = {"Plain", "Brass", "Bronze", "Boxed", "Spare",
                                      "Large", "Small", "Used", "Pocket", "Heavy"};
  static const char *const things[] = {"compass", "sextant", "chart", "chronometer", "ruler",
                                       "log line", "lead", "lamp", "barometer", "logbook"};
  sqlite3_stmt *statement;
  int result = lds_store_connection_prepare (self, LDS_STORE_SQL_ADD, true, &statement);

  for (unsigned i = 0; i < LDS_STORE_SEED_ROWS && result == SQLITE_OK; i++)
    {
      char name[64];
      int length = snprintf (name, sizeof name, "%s %s no. %u", kinds[i % 10], things[i / 10 % 10],
                             i / 100 + 1);

      sqlite3_bind_text (statement, 1, name, length, SQLITE_TRANSIENT);
      /* 0.50 to 199.99, spread by a multiplier that shares no factor with the range. */
      sqlite3_bind_double (statement, 2, (50 + i * 7919 % 19950) / 100.0);
      result = sqlite3_step (statement);
      if (result == SQLITE_DONE)
        result = sqlite3_reset (statement);
    }
  return result;
}

/* Inside a transaction that nobody else can be in. */
static int
create_or_check (LdsStoreConnection *self,
                 const char **foreign)
{
  int application = 0, version = 0, tables = 0, columns = 0;
  char *sql;
  int result = read_number (self, "PRAGMA application_id", &application);

  if (result == SQLITE_OK)
    result = read_number (self, "PRAGMA user_version", &version);
  if (result == SQLITE_OK)
    result = read_number (self, "SELECT count(*) FROM sqlite_schema", &tables);
  if (result != SQLITE_OK)
    return result;
  if (application == 0 && version == 0 && tables == 0)
    {
      sql = sqlite3_mprintf ("PRAGMA application_id = %d; PRAGMA user_version = %d;"
                             "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, price REAL)",
                             APPLICATION_ID, TABLE_VERSION);
      result = sql == NULL ? SQLITE_NOMEM : sqlite3_exec (self->database, sql, NULL, NULL, NULL);
      sqlite3_free (sql);
      return result == SQLITE_OK ? seed (self) : result;
    }
  if (application != APPLICATION_ID)
    *foreign = "is a database of another program";
  else if (version != TABLE_VERSION)
    *foreign = "was made by another version of Loadstone";
  else
    {
      result = read_number (self,
                            "SELECT count(*) FROM sqlite_schema AS s, pragma_table_info('product') AS c "
                            "WHERE s.type = 'table' AND s.name = 'product' AND s.sql LIKE 'CREATE TABLE%' "
                            "AND (c.name = 'id' AND c.pk = 1 OR c.name IN ('name', 'price'))",
                            &columns);
      if (result == SQLITE_OK && columns != 3)
        *foreign = "has lost its table of products";
    }
  return *foreign != NULL ? SQLITE_NOTADB : result;
}

int
lds_store_connection_create (LdsStoreConnection *self,
                             const char *path,
                             unsigned busy_timeout_ms,
                             const char **foreign)
{
  int tables = 0;
  int result = open_database (self, path, busy_timeout_ms, SQLITE_OPEN_CREATE);

  *foreign = NULL;
  /* First see whether it is a database at all: nothing may be written to what is not ours. */
  if (result == SQLITE_OK)
    result = read_number (self, "SELECT count(*) FROM sqlite_schema", &tables);
  if (result == SQLITE_OK)
    result = sqlite3_exec (self->database, "BEGIN IMMEDIATE", NULL, NULL, NULL);
  if (result == SQLITE_OK)
    {
      result = create_or_check (self, foreign);
      if (result == SQLITE_OK)
        result = sqlite3_exec (self->database, "COMMIT", NULL, NULL, NULL);
      if (result != SQLITE_OK && !sqlite3_get_autocommit (self->database))
        sqlite3_exec (self->database, "ROLLBACK", NULL, NULL, NULL);
    }
  else if ((result & 0xff) == SQLITE_NOTADB)
    *foreign = "is not a database";
  return result == SQLITE_OK ? begin_log (self, busy_timeout_ms) : result;
}

int
lds_store_connection_prepare (LdsStoreConnection *self,
                              LdsStoreSql sql,
                              bool keep,
                              sqlite3_stmt **statement)
{
  int result = SQLITE_OK;

  if (self->statements[sql] == NULL)
    result =
        sqlite3_prepare_v3 (self->database, texts[sql], -1, keep ? SQLITE_PREPARE_PERSISTENT : 0,
                            &self->statements[sql], NULL);
  *statement = self->statements[sql];
  return result;
}

void
lds_store_connection_close (LdsStoreConnection *self)
{
  for (int i = 0; i < LDS_STORE_N_SQL; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close (self->database);
  *self = (LdsStoreConnection){0};
}
