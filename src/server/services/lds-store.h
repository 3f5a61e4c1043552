/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database of the product workloads: one table in SQLite.
 *
 *   product (id INTEGER PRIMARY KEY, name TEXT, price REAL)
 *
 * of W-004-4, with LDS_STORE_SEED_ROWS rows that are the same everywhere. It has a write-ahead log, so
 * that readers and one writer do not wait for each other, synchronous=NORMAL, which the documentation
 * advises with it (source: sqlite.org/pragma.html, "synchronous"; accessed 2026-11-21), and prepared
 * statements only: no SQL is put together from anything that came in.
 *
 * A store is opened once, before the first fork and the first thread, and then used from any thread of
 * any process of the server. SQLite must not be carried over a fork, so lds_store_open() leaves no
 * connection behind: each process opens its own when it first needs one. A temporary database is even
 * made only then, by whoever comes first, so that a server that is not asked for products has none.
 *
 * Every function that reaches the database blocks: call it from an LDS_OPERATION_CALL job.
 */
#pragma once

#include "lds-buffer.h"
#include "lds-span.h"

#include <stdbool.h>
#include <stdint.h>

#define LDS_STORE_SEED_ROWS 1000

/* Bytes of a name, UTF-8: the store takes any; workloads refuse longer ones. */
#define LDS_PRODUCT_NAME_BYTES 200

typedef struct _LdsStore LdsStore;

typedef struct
{
  const char *file;         /* (nullable): NULL is a temporary one */
  unsigned connections;     /* of the pool of one process, 1 to 1024 */
  unsigned busy_timeout_ms; /* how long to wait for another's lock, 0 to 60000 */
} LdsStoreConfig;

/* Source: SQLAlchemy 2.0, class QueuePool: pool_size 5 and max_overflow 10, timeout 30 s. */
#define LDS_STORE_CONNECTIONS     15
#define LDS_STORE_POOL_TIMEOUT_NS (30 * INT64_C (1000000000))
/* Source: Python 3 documentation, sqlite3.connect(), timeout 5.0 s; accessed 2026-11-21, as above. */
#define LDS_STORE_BUSY_TIMEOUT_MS 5000

/* How a request comes by its connection. */
typedef enum
{
  LDS_STORE_POOLED,  /* from the pool, with its statements prepared */
  LDS_STORE_CONNECT, /* opened for the request, statement prepared, closed: the article's own way */
} LdsStoreAccess;

typedef enum
{
  LDS_STORE_OK,
  LDS_STORE_NONE,   /* there is no such row */
  LDS_STORE_BUSY,   /* another held the lock, or all connections were in use, for too long */
  LDS_STORE_FAILED, /* the database is broken, gone or full */
} LdsStoreResult;

typedef struct
{
  int64_t id;
  double price;
  LdsSpan name; /* bytes as they are in the database; usually UTF-8 */
} LdsProduct;

typedef struct
{
  int64_t count;
  double total, mean, cheapest, dearest; /* prices; 0 when count is 0 */
} LdsProductSummary;

/* What all processes of the server have done with the store. */
typedef struct
{
  uint64_t calls;     /* functions below that reached for the database */
  uint64_t connected; /* connections opened */
  uint64_t busy;      /* calls that ended with LDS_STORE_BUSY */
  uint64_t failed;    /* calls that ended with LDS_STORE_FAILED */
} LdsStoreCounts;

/**
 * lds_store_open:
 * @message: (out): a sentence where NULL is returned
 * @message_bytes: at least 256
 *
 * A file that is given is made and seeded if there is none or it is empty, and refused if it is
 * anything but a database that this function made. A temporary one lies in a folder that goes away
 * with the server; see lds-scratch.h.
 *
 * Returns: (transfer full) (nullable)
 */
LdsStore *lds_store_open (const LdsStoreConfig *config, char *message, size_t message_bytes);

/**
 * lds_store_settle:
 *
 * Closes the connections of this process that are not in use. In the process that opened @self it also
 * removes a temporary database, and brings what is in a kept one's log into the file: call it there
 * last, when the workers have ended. Threads that still use @self do no harm.
 */
void lds_store_settle (LdsStore *self);

/**
 * lds_store_close:
 * @self: (nullable): not used any more
 *
 * Settles and frees @self.
 */
void lds_store_close (LdsStore *self);

/**
 * lds_store_list:
 * @limit: at most so many rows
 * @rows: where to append them, by ascending id; see lds_product_next()
 */
LdsStoreResult lds_store_list (LdsStore *self,
                               LdsStoreAccess access,
                               int64_t limit,
                               LdsBuffer *rows);

/** Appends the row of that @id to @row; LDS_STORE_NONE when there is none. */
LdsStoreResult lds_store_get (LdsStore *self, LdsStoreAccess access, int64_t id, LdsBuffer *row);

/** Adds a row; @product->id is set. Committed when it returns. */
LdsStoreResult lds_store_add (LdsStore *self, LdsStoreAccess access, LdsProduct *product);

/** Changes name and price of the row @product->id; LDS_STORE_NONE when there is none. */
LdsStoreResult lds_store_change (LdsStore *self,
                                 LdsStoreAccess access,
                                 const LdsProduct *product);

/** Removes the row of that @id; LDS_STORE_NONE when there is none. */
LdsStoreResult lds_store_remove (LdsStore *self, LdsStoreAccess access, int64_t id);

/** Aggregates the products whose price is at least @from and less than @below: reads every row. */
LdsStoreResult lds_store_summarize (LdsStore *self,
                                    LdsStoreAccess access,
                                    double from,
                                    double below,
                                    LdsProductSummary *summary);

/** Returns the counts of all processes. Never blocks. */
LdsStoreCounts lds_store_counts (const LdsStore *self);

/** Appends @product to @rows in the form that lds_product_next() reads. */
void lds_product_append (LdsBuffer *rows, const LdsProduct *product);

/**
 * lds_product_next:
 * @rows: (inout): the part not read yet
 * @product: (out): its name points into the bytes of @rows
 *
 * Returns false at the end, and where @rows is cut off.
 */
bool lds_product_next (LdsSpan *rows, LdsProduct *product);
