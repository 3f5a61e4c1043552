/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The product database: what can be done with it, and who may use which connection. */
#include "lds-store.h"

#include "lds-pool.h"
#include "lds-scratch.h"
#include "lds-store-connection.h"
#include "lds-tally.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Seen by all processes of the server. Counts are relaxed: each stands for itself. */
typedef struct
{
  atomic_bool made;       /* the database exists: release and acquire */
  pthread_mutex_t making; /* robust: who dies while making it leaves that to the next */
  atomic_bool told;       /* that something failed, to the person at the terminal; once is enough */
  atomic_uint_fast64_t calls, connected, busy, failed;
} Shared;

struct _LdsStore
{
  char *path;
  unsigned busy_timeout_ms;
  pid_t owner;
  LdsScratch scratch; /* of a temporary database; else its path is NULL */
  LdsPool pool;       /* of LdsStoreConnection */
  Shared *shared;
};

static void
count (atomic_uint_fast64_t *counter)
{
  atomic_fetch_add_explicit (counter, 1, memory_order_relaxed);
}

/* Makes the temporary database if this is the first that anyone of the server wants, and whatever else
 * this process needs to use it. Returns a result code of SQLite. */
static int
make_ready (LdsStore *self,
            LdsStoreConnection *connection)
{
  Shared *shared = self->shared;
  const char *foreign;
  int result = SQLITE_OK, error = pthread_mutex_lock (&shared->making);

  if (error == EOWNERDEAD)
    pthread_mutex_consistent (&shared->making);
  else if (error != 0)
    return SQLITE_CANTOPEN;
  if (!lds_scratch_is_used (&self->scratch))
    {
      error = lds_scratch_use (&self->scratch);
      if (error == ENOENT && !atomic_load_explicit (&shared->made, memory_order_relaxed))
        error = lds_scratch_make (&self->scratch);
      if (error != 0)
        result = SQLITE_CANTOPEN;
    }
  if (result == SQLITE_OK && !atomic_load_explicit (&shared->made, memory_order_relaxed))
    {
      result =
          lds_store_connection_create (connection, self->path, self->busy_timeout_ms, &foreign);
      lds_store_connection_close (connection);
      if (result == SQLITE_OK)
        atomic_store_explicit (&shared->made, true, memory_order_release);
    }
  pthread_mutex_unlock (&shared->making);
  return result;
}

static int
connect_to (LdsStore *self,
            LdsStoreConnection *connection)
{
  int result = SQLITE_OK;

  count (&self->shared->connected);
  if (self->scratch.path != NULL &&
      (!atomic_load_explicit (&self->shared->made, memory_order_acquire) ||
       !lds_scratch_is_used (&self->scratch)))
    result = make_ready (self, connection);
  if (result == SQLITE_OK)
    result = lds_store_connection_open (connection, self->path, self->busy_timeout_ms);
  return result;
}

/* Makes or checks the file that a user named, and leaves nothing open. */
static bool
check_file (LdsStore *self,
            char *message,
            size_t message_bytes)
{
  LdsStoreConnection connection;
  const char *foreign;
  struct stat status;
  int result;

  if (self->path[strlen (self->path) - 1] == '/' ||
      (stat (self->path, &status) == 0 && !S_ISREG (status.st_mode)))
    {
      snprintf (message, message_bytes,
                "--database: \"%.150s\" is not a file; name a file, or leave the option out for a "
                "temporary database.",
                self->path);
      return false;
    }
  result = lds_store_connection_create (&connection, self->path, self->busy_timeout_ms, &foreign);
  if (foreign != NULL)
    snprintf (message, message_bytes,
              "--database: \"%.150s\" %s, so it is left as it is; name another file, or one that "
              "does not exist yet.",
              self->path, foreign);
  else if ((result & 0xff) == SQLITE_BUSY)
    snprintf (message, message_bytes,
              "--database: \"%.150s\" is locked by another program; end that first, or name another "
              "file.",
              self->path);
  else if (result != SQLITE_OK)
    snprintf (message, message_bytes, "--database: cannot use \"%.150s\": %s.", self->path,
              sqlite3_errstr (result));
  lds_store_connection_close (&connection);
  return result == SQLITE_OK;
}

static bool
init_shared (Shared *shared)
{
  pthread_mutexattr_t attributes;
  bool done;

  pthread_mutexattr_init (&attributes);
  done = pthread_mutexattr_setpshared (&attributes, PTHREAD_PROCESS_SHARED) == 0 &&
         pthread_mutexattr_setrobust (&attributes, PTHREAD_MUTEX_ROBUST) == 0 &&
         pthread_mutex_init (&shared->making, &attributes) == 0;
  pthread_mutexattr_destroy (&attributes);
  return done;
}

LdsStore *
lds_store_open (const LdsStoreConfig *config,
                char *message,
                size_t message_bytes)
{
  LdsStore *self = calloc (1, sizeof *self);
  int error;

  if (self == NULL)
    {
      snprintf (message, message_bytes, "out of memory.");
      return NULL;
    }
  self->busy_timeout_ms = config->busy_timeout_ms;
  self->owner = getpid ();
  self->shared = mmap (NULL, sizeof *self->shared, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (self->shared == MAP_FAILED || !init_shared (self->shared) ||
      !lds_pool_init (&self->pool, config->connections))
    {
      if (self->shared != MAP_FAILED)
        munmap (self->shared, sizeof *self->shared);
      free (self);
      snprintf (message, message_bytes, "out of memory.");
      return NULL;
    }
  /* Counting its memory would cost SQLite a lock that all threads share. Refused when SQLite is in
   * use already, which does no harm. */
  sqlite3_config (SQLITE_CONFIG_MEMSTATUS, 0);

  if (config->file != NULL)
    {
      /* A name such as ":memory:" is a file's here, and not SQLite's. */
      if (asprintf (&self->path, "%s%s", config->file[0] == '/' ? "" : "./", config->file) < 0)
        {
          self->path = NULL;
          snprintf (message, message_bytes, "out of memory.");
        }
      else if (check_file (self, message, message_bytes))
        return self;
    }
  else
    {
      error = lds_scratch_open (&self->scratch);
      if (error == 0 && asprintf (&self->path, "%s/products.db", self->scratch.path) >= 0)
        return self;
      snprintf (message, message_bytes,
                "cannot make a temporary folder for the database: %s; set TMPDIR to a folder where "
                "files can be made.",
                strerror (error == 0 ? ENOMEM : error));
    }
  lds_store_close (self);
  return NULL;
}

/* SQLite empties the log when the last connection closes, which workers that just end have not done. */
static void
empty_log (LdsStore *self)
{
  LdsStoreConnection connection;
  sqlite3_stmt *statement;
  char *log = NULL;

  if (asprintf (&log, "%s-wal", self->path) < 0)
    return;
  if (access (log, F_OK) == 0)
    {
      if (lds_store_connection_open (&connection, self->path, 0) == SQLITE_OK &&
          lds_store_connection_prepare (&connection, LDS_STORE_SQL_GET, false, &statement) ==
              SQLITE_OK)
        sqlite3_step (statement);
      lds_store_connection_close (&connection);
    }
  free (log);
}

void
lds_store_settle (LdsStore *self)
{
  LdsStoreConnection *connection;

  while ((connection = lds_pool_steal (&self->pool)) != NULL)
    {
      lds_store_connection_close (connection);
      free (connection);
    }
  if (self->owner != getpid ())
    return;
  if (self->scratch.path != NULL)
    lds_scratch_remove (&self->scratch);
  else if (self->path != NULL)
    empty_log (self);
}

void
lds_store_close (LdsStore *self)
{
  if (self == NULL)
    return;
  lds_store_settle (self);
  lds_scratch_close (&self->scratch);
  lds_pool_clear (&self->pool);
  munmap (self->shared, sizeof *self->shared);
  free (self->path);
  free (self);
}

/* One call: its connection, and where that came from. */
typedef struct
{
  LdsStore *store;
  bool pooled;
  LdsStoreConnection *connection; /* (nullable): NULL when there was none to be had */
  LdsStoreConnection own;         /* opened for this call */
  sqlite3_stmt *statement;
} Call;

static int
take_connection (Call *call)
{
  LdsStore *self = call->store;
  void *thing = NULL;
  int result;

  if (!call->pooled)
    {
      call->connection = &call->own;
      return connect_to (self, &call->own);
    }
  switch (lds_pool_take (&self->pool, LDS_STORE_POOL_TIMEOUT_NS, &thing))
    {
    case LDS_POOL_TAKEN:
      call->connection = thing;
      return SQLITE_OK;
    case LDS_POOL_NONE:
      return SQLITE_BUSY;
    case LDS_POOL_MAKE:
    default:
      break;
    }
  call->connection = calloc (1, sizeof *call->connection);
  result = call->connection == NULL ? SQLITE_NOMEM : connect_to (self, call->connection);
  if (call->connection == NULL)
    lds_pool_give (&self->pool, NULL);
  return result;
}

/* Whatever this returns, end with finish(). */
static int
begin (Call *call,
       LdsStore *self,
       LdsStoreAccess access,
       LdsStoreSql sql)
{
  int result;

  *call = (Call){.store = self, .pooled = access == LDS_STORE_POOLED};
  count (&self->shared->calls);
  result = take_connection (call);
  if (result == SQLITE_OK)
    result = lds_store_connection_prepare (call->connection, sql, call->pooled, &call->statement);
  return result;
}

static LdsStoreResult
judge (LdsStore *self,
       int result)
{
  switch (result & 0xff)
    {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return LDS_STORE_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      count (&self->shared->busy);
      lds_tally_add (LDS_TALLY_DATABASE_BUSY, 1);
      return LDS_STORE_BUSY;
    default:
      count (&self->shared->failed);
      if (!atomic_exchange_explicit (&self->shared->told, true, memory_order_relaxed))
        fprintf (stderr, "loadstone-server: the database %s failed: %s.\n", self->path,
                 sqlite3_errstr (result));
      return LDS_STORE_FAILED;
    }
}

static LdsStoreResult
finish (Call *call,
        int result)
{
  LdsStoreResult judgement = judge (call->store, result);

  if (call->statement != NULL)
    {
      sqlite3_reset (call->statement);
      sqlite3_clear_bindings (call->statement);
    }
  if (!call->pooled)
    lds_store_connection_close (&call->own);
  else if (call->connection != NULL)
    {
      /* One that could not be opened, or that something is wrong with, is not used again. */
      if (call->statement == NULL || judgement == LDS_STORE_FAILED)
        {
          lds_store_connection_close (call->connection);
          free (call->connection);
          call->connection = NULL;
        }
      lds_pool_give (&call->store->pool, call->connection);
    }
  return judgement;
}

/* Appends all rows of @call's statement to @rows. Returns SQLITE_DONE or another result code. */
static int
read_rows (Call *call,
           LdsBuffer *rows)
{
  int result;

  while ((result = sqlite3_step (call->statement)) == SQLITE_ROW)
    {
      /* First the text, then its length: the order that SQLite asks for. */
      const unsigned char *name = sqlite3_column_text (call->statement, 1);
      const LdsProduct product = {
          .id = sqlite3_column_int64 (call->statement, 0),
          .price = sqlite3_column_double (call->statement, 2),
          .name = {(const char *)name,
                   name == NULL ? 0 : (size_t)sqlite3_column_bytes (call->statement, 1)},
      };

      lds_product_append (rows, &product);
      if (rows->failed)
        return SQLITE_NOMEM;
    }
  return result;
}

LdsStoreResult
lds_store_list (LdsStore *self,
                LdsStoreAccess access,
                int64_t limit,
                LdsBuffer *rows)
{
  Call call;
  int result = begin (&call, self, access, LDS_STORE_SQL_LIST);

  if (result == SQLITE_OK)
    {
      sqlite3_bind_int64 (call.statement, 1, limit);
      result = read_rows (&call, rows);
    }
  return finish (&call, result);
}

LdsStoreResult
lds_store_get (LdsStore *self,
               LdsStoreAccess access,
               int64_t id,
               LdsBuffer *row)
{
  Call call;
  size_t before = lds_buffer_size (row);
  int result = begin (&call, self, access, LDS_STORE_SQL_GET);
  LdsStoreResult judgement;

  if (result == SQLITE_OK)
    {
      sqlite3_bind_int64 (call.statement, 1, id);
      result = read_rows (&call, row);
    }
  judgement = finish (&call, result);
  return judgement == LDS_STORE_OK && lds_buffer_size (row) == before ? LDS_STORE_NONE : judgement;
}

LdsStoreResult
lds_store_add (LdsStore *self,
               LdsStoreAccess access,
               LdsProduct *product)
{
  Call call;
  int result = begin (&call, self, access, LDS_STORE_SQL_ADD);

  if (result == SQLITE_OK)
    {
      sqlite3_bind_text64 (call.statement, 1, product->name.data, product->name.length,
                           SQLITE_STATIC, SQLITE_UTF8);
      sqlite3_bind_double (call.statement, 2, product->price);
      result = sqlite3_step (call.statement);
      product->id = sqlite3_last_insert_rowid (call.connection->database);
    }
  return finish (&call, result);
}

/* Runs a statement that changes the row of a bound id. */
static LdsStoreResult
finish_change (Call *call,
               int result)
{
  int changed = 1;
  LdsStoreResult judgement;

  if (result == SQLITE_OK)
    {
      result = sqlite3_step (call->statement);
      changed = sqlite3_changes (call->connection->database);
    }
  judgement = finish (call, result);
  return judgement == LDS_STORE_OK && changed == 0 ? LDS_STORE_NONE : judgement;
}

LdsStoreResult
lds_store_change (LdsStore *self,
                  LdsStoreAccess access,
                  const LdsProduct *product)
{
  Call call;
  int result = begin (&call, self, access, LDS_STORE_SQL_CHANGE);

  if (result == SQLITE_OK)
    {
      sqlite3_bind_int64 (call.statement, 1, product->id);
      sqlite3_bind_text64 (call.statement, 2, product->name.data, product->name.length,
                           SQLITE_STATIC, SQLITE_UTF8);
      sqlite3_bind_double (call.statement, 3, product->price);
    }
  return finish_change (&call, result);
}

LdsStoreResult
lds_store_remove (LdsStore *self,
                  LdsStoreAccess access,
                  int64_t id)
{
  Call call;
  int result = begin (&call, self, access, LDS_STORE_SQL_REMOVE);

  if (result == SQLITE_OK)
    sqlite3_bind_int64 (call.statement, 1, id);
  return finish_change (&call, result);
}

LdsStoreResult
lds_store_summarize (LdsStore *self,
                     LdsStoreAccess access,
                     double from,
                     double below,
                     LdsProductSummary *summary)
{
  Call call;
  int result = begin (&call, self, access, LDS_STORE_SQL_SUMMARIZE);

  *summary = (LdsProductSummary){0};
  if (result == SQLITE_OK)
    {
      sqlite3_bind_double (call.statement, 1, from);
      sqlite3_bind_double (call.statement, 2, below);
      result = sqlite3_step (call.statement);
      if (result == SQLITE_ROW)
        *summary = (LdsProductSummary){
            .count = sqlite3_column_int64 (call.statement, 0),
            .total = sqlite3_column_double (call.statement, 1),
            .mean = sqlite3_column_double (call.statement, 2),
            .cheapest = sqlite3_column_double (call.statement, 3),
            .dearest = sqlite3_column_double (call.statement, 4),
        };
    }
  return finish (&call, result);
}

LdsStoreCounts
lds_store_counts (const LdsStore *self)
{
  Shared *shared = self->shared;

  return (LdsStoreCounts){
      .calls = atomic_load_explicit (&shared->calls, memory_order_relaxed),
      .connected = atomic_load_explicit (&shared->connected, memory_order_relaxed),
      .busy = atomic_load_explicit (&shared->busy, memory_order_relaxed),
      .failed = atomic_load_explicit (&shared->failed, memory_order_relaxed),
  };
}

/* A row between the database and the step that answers; its name follows. */
typedef struct
{
  int64_t id;
  double price;
  uint64_t name_bytes;
} Row;

void
lds_product_append (LdsBuffer *rows,
                    const LdsProduct *product)
{
  const Row row = {product->id, product->price, product->name.length};
  char *to = lds_buffer_reserve (rows, sizeof row + product->name.length);

  if (to == NULL)
    return;
  memcpy (to, &row, sizeof row);
  if (product->name.length > 0)
    memcpy (to + sizeof row, product->name.data, product->name.length);
  rows->end += sizeof row + product->name.length;
}

bool
lds_product_next (LdsSpan *rows,
                  LdsProduct *product)
{
  Row row;

  if (rows->length < sizeof row)
    return false;
  memcpy (&row, rows->data, sizeof row);
  if (row.name_bytes > rows->length - sizeof row)
    return false;
  *product = (LdsProduct){row.id, row.price, {rows->data + sizeof row, (size_t)row.name_bytes}};
  rows->data += sizeof row + row.name_bytes;
  rows->length -= sizeof row + row.name_bytes;
  return true;
}
