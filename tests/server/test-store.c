/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The product database: what it holds, who may use it at a time, and what is left of it. */
#include "lds-pool.h"
#include "lds-scratch.h"
#include "lds-store.h"

#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static const LdsStoreAccess accesses[] = {LDS_STORE_POOLED, LDS_STORE_CONNECT};

/* The folder that $TMPDIR names, for this program alone. */
static char *folder;

static guint
count_files (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
wait_until_clean (void)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (count_files () > 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (1000);
    }
}

static LdsStore *
open_store (const char *file,
            unsigned connections,
            unsigned busy_timeout_ms)
{
  const LdsStoreConfig config = {file, connections, busy_timeout_ms};
  char message[256] = "";
  LdsStore *store = lds_store_open (&config, message, sizeof message);

  g_assert_cmpstr (message, ==, "");
  g_assert_nonnull (store);
  return store;
}

static LdsSpan
rows_of (const LdsBuffer *buffer)
{
  return (LdsSpan){buffer->data + buffer->start, lds_buffer_size (buffer)};
}

static void
assert_name (LdsSpan name,
             const char *expected)
{
  g_assert_cmpmem (name.data, name.length, expected, strlen (expected));
}

static int64_t
add (LdsStore *store,
     LdsStoreAccess access,
     const char *name,
     double price)
{
  LdsProduct product = {.price = price, .name = {name, strlen (name)}};

  g_assert_cmpint (lds_store_add (store, access, &product), ==, LDS_STORE_OK);
  return product.id;
}

static int64_t
count_rows (LdsStore *store)
{
  LdsProductSummary summary;

  g_assert_cmpint (lds_store_summarize (store, LDS_STORE_POOLED, -INFINITY, INFINITY, &summary), ==,
                   LDS_STORE_OK);
  return summary.count;
}

static void
test_seed (void)
{
  LdsStore *store = open_store (NULL, 4, 1000);
  LdsBuffer rows = {0};
  LdsProductSummary summary;
  LdsProduct product;
  LdsSpan span;
  int64_t id = 0;

  /* Who asks for no products has no database. */
  g_assert_cmpuint (count_files (), ==, 0);
  g_assert_cmpint (lds_store_list (store, LDS_STORE_POOLED, 2000, &rows), ==, LDS_STORE_OK);
  g_assert_cmpuint (count_files (), ==, 1);
  span = rows_of (&rows);
  while (lds_product_next (&span, &product))
    {
      g_assert_cmpint (product.id, ==, ++id);
      g_assert_cmpfloat (product.price, >=, 0.5);
      g_assert_cmpfloat (product.price, <, 200);
      g_assert_true (g_utf8_validate (product.name.data, (gssize)product.name.length, NULL));
    }
  g_assert_cmpint (id, ==, LDS_STORE_SEED_ROWS);
  g_assert_cmpuint (span.length, ==, 0);

  lds_buffer_clear (&rows);
  g_assert_cmpint (lds_store_list (store, LDS_STORE_CONNECT, 2, &rows), ==, LDS_STORE_OK);
  span = rows_of (&rows);
  g_assert_true (lds_product_next (&span, &product));
  assert_name (product.name, "Plain compass no. 1");
  g_assert_cmpfloat (product.price, ==, 0.5);
  g_assert_true (lds_product_next (&span, &product));
  assert_name (product.name, "Brass compass no. 1");
  g_assert_cmpfloat (product.price, ==, 79.69);
  g_assert_false (lds_product_next (&span, &product));

  g_assert_cmpint (lds_store_summarize (store, LDS_STORE_CONNECT, 0, 50, &summary), ==,
                   LDS_STORE_OK);
  g_assert_cmpint (summary.count, >, 0);
  g_assert_cmpint (summary.count, <, LDS_STORE_SEED_ROWS);
  g_assert_cmpfloat (summary.cheapest, >=, 0.5);
  g_assert_cmpfloat (summary.dearest, <, 50);
  g_assert_cmpfloat_with_epsilon (summary.mean, summary.total / (double)summary.count, 1e-9);
  g_assert_cmpint (lds_store_summarize (store, LDS_STORE_POOLED, 5, 5, &summary), ==, LDS_STORE_OK);
  g_assert_cmpint (summary.count, ==, 0);
  g_assert_cmpfloat (summary.mean, ==, 0);

  lds_buffer_free (&rows);
  lds_store_close (store);
  wait_until_clean ();
}

static void
test_rows (gconstpointer data)
{
  LdsStoreAccess access = *(const LdsStoreAccess *)data;
  LdsStore *store = open_store (NULL, 2, 1000);
  LdsBuffer row = {0};
  LdsProduct product = {.price = 12.34, .name = {"Tar, 1 kg", 9}};
  LdsStoreCounts counts;
  LdsSpan span;

  g_assert_cmpint (lds_store_add (store, access, &product), ==, LDS_STORE_OK);
  g_assert_cmpint (product.id, ==, LDS_STORE_SEED_ROWS + 1);
  product.price = 0.1;
  product.name = (LdsSpan){"", 0};
  g_assert_cmpint (lds_store_change (store, access, &product), ==, LDS_STORE_OK);
  g_assert_cmpint (lds_store_get (store, access, product.id, &row), ==, LDS_STORE_OK);
  span = rows_of (&row);
  g_assert_true (lds_product_next (&span, &product));
  g_assert_cmpint (product.id, ==, LDS_STORE_SEED_ROWS + 1);
  g_assert_cmpfloat (product.price, ==, 0.1);
  g_assert_cmpuint (product.name.length, ==, 0);

  g_assert_cmpint (lds_store_remove (store, access, product.id), ==, LDS_STORE_OK);
  g_assert_cmpint (lds_store_remove (store, access, product.id), ==, LDS_STORE_NONE);
  g_assert_cmpint (lds_store_change (store, access, &product), ==, LDS_STORE_NONE);
  lds_buffer_clear (&row);
  g_assert_cmpint (lds_store_get (store, access, product.id, &row), ==, LDS_STORE_NONE);
  g_assert_cmpuint (lds_buffer_size (&row), ==, 0);
  g_assert_cmpint (lds_store_get (store, access, -1, &row), ==, LDS_STORE_NONE);
  g_assert_cmpint (lds_store_get (store, access, INT64_MIN, &row), ==, LDS_STORE_NONE);
  g_assert_cmpint (lds_store_list (store, access, 0, &row), ==, LDS_STORE_OK);
  g_assert_cmpuint (lds_buffer_size (&row), ==, 0);

  counts = lds_store_counts (store);
  g_assert_cmpuint (counts.calls, ==, 10);
  g_assert_cmpuint (counts.connected, ==, access == LDS_STORE_POOLED ? 1 : 10);
  g_assert_cmpuint (counts.busy + counts.failed, ==, 0);
  lds_buffer_free (&row);
  lds_store_close (store);
}

static void
test_hostile (void)
{
  LdsStore *store = open_store (NULL, 2, 1000);
  g_autofree char *huge = g_strnfill (1000 * 1000, '\'');
  const char *const names[] = {
      "'; DROP TABLE product; --",
      "\") OR 1=1",
      "?1",
      ":name",
      "%s%n",
      "\xff\xfe",
      "a\tb\n",
      huge,
      "\xf0\x9f\xa7\xad",
  };
  const double prices[] = {-1, 0, 1e308, -0.0, DBL_MIN, INFINITY};
  LdsBuffer row = {0};
  LdsProduct product;
  LdsSpan span;
  int64_t id;

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      id = add (store, accesses[i % 2], names[i], 1);
      lds_buffer_clear (&row);
      g_assert_cmpint (lds_store_get (store, accesses[(i + 1) % 2], id, &row), ==, LDS_STORE_OK);
      span = rows_of (&row);
      g_assert_true (lds_product_next (&span, &product));
      assert_name (product.name, names[i]);
      /* Cut off at any byte it is not read beyond its end. */
      for (size_t cut = 0; cut < MIN (lds_buffer_size (&row), 64); cut++)
        {
          span = (LdsSpan){row.data + row.start, cut};
          g_assert_false (lds_product_next (&span, &product));
        }
    }
  for (size_t i = 0; i < G_N_ELEMENTS (prices); i++)
    {
      id = add (store, LDS_STORE_POOLED, "x", prices[i]);
      lds_buffer_clear (&row);
      g_assert_cmpint (lds_store_get (store, LDS_STORE_POOLED, id, &row), ==, LDS_STORE_OK);
      span = rows_of (&row);
      g_assert_true (lds_product_next (&span, &product));
      g_assert_cmpfloat (product.price, ==, prices[i]);
    }
  /* SQLite has no NaN: it becomes NULL, which is read as 0. */
  id = add (store, LDS_STORE_POOLED, "x", (double)NAN);
  lds_buffer_clear (&row);
  g_assert_cmpint (lds_store_get (store, LDS_STORE_POOLED, id, &row), ==, LDS_STORE_OK);
  span = rows_of (&row);
  g_assert_true (lds_product_next (&span, &product));
  g_assert_cmpfloat (product.price, ==, 0);
  g_assert_cmpint (count_rows (store), <, id);
  lds_buffer_free (&row);
  lds_store_close (store);
}

#define THREADS 8
#define ROUNDS  60

typedef struct
{
  LdsStore *store;
  unsigned number;
} Job;

/* Adds rows and removes every other of them. */
static gpointer
writer_thread (gpointer data)
{
  const Job *job = data;

  for (unsigned i = 0; i < ROUNDS; i++)
    {
      LdsStoreAccess access = accesses[(i + job->number) % 4 == 0];
      g_autofree char *name = g_strdup_printf ("%u of %u", i, job->number);
      int64_t id = add (job->store, access, name, i);

      if (i % 2 == 0)
        g_assert_cmpint (lds_store_remove (job->store, access, id), ==, LDS_STORE_OK);
    }
  return NULL;
}

static void
test_threads (void)
{
  LdsStore *store = open_store (NULL, 3, 20000);
  GThread *threads[THREADS];
  Job jobs[THREADS];
  LdsStoreCounts counts;

  for (unsigned i = 0; i < THREADS; i++)
    {
      jobs[i] = (Job){store, i};
      threads[i] = g_thread_new ("writer", writer_thread, &jobs[i]);
    }
  for (unsigned i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (count_rows (store), ==, LDS_STORE_SEED_ROWS + THREADS * ROUNDS / 2);
  counts = lds_store_counts (store);
  g_assert_cmpuint (counts.calls, ==, THREADS * ROUNDS * 3 / 2 + 1);
  g_assert_cmpuint (counts.busy + counts.failed, ==, 0);
  lds_store_close (store);
}

static int
status_of (pid_t child)
{
  int status;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  return status;
}

static void
test_processes (void)
{
  LdsStore *store = open_store (NULL, 2, 20000);
  pid_t children[4];

  /* The first one to come makes the database. */
  for (unsigned i = 0; i < G_N_ELEMENTS (children); i++)
    {
      children[i] = fork ();
      if (children[i] == 0)
        {
          for (int turn = 0; turn < 50; turn++)
            add (store, accesses[turn % 2], "of a worker", 1);
          _exit (0);
        }
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (children); i++)
    g_assert_cmpint (status_of (children[i]), ==, 0);
  g_assert_cmpint (count_rows (store), ==, LDS_STORE_SEED_ROWS + 200);
  g_assert_cmpuint (lds_store_counts (store).calls, ==, 201);

  /* A child that is forked with connections open leaves them alone. */
  children[0] = fork ();
  if (children[0] == 0)
    {
      add (store, LDS_STORE_POOLED, "of a late worker", 1);
      lds_store_close (store);
      _exit (0);
    }
  g_assert_cmpint (status_of (children[0]), ==, 0);
  g_assert_cmpint (count_rows (store), ==, LDS_STORE_SEED_ROWS + 201);
  lds_store_close (store);
  wait_until_clean ();
}

static void
test_kept (void)
{
  g_autofree char *file = g_build_filename (folder, "kept.db", NULL);
  LdsStore *store = open_store (file, 2, 1000), *other;
  int64_t id = add (store, LDS_STORE_POOLED, "Kept", 1);
  LdsBuffer row = {0};
  pid_t child;

  /* W-004-9: two servers, one file. */
  other = open_store (file, 2, 1000);
  g_assert_cmpint (lds_store_get (other, LDS_STORE_POOLED, id, &row), ==, LDS_STORE_OK);
  lds_buffer_free (&row);
  lds_store_close (other);
  lds_store_close (store);
  g_assert_cmpuint (count_files (), ==, 1);

  /* What a worker has written that was killed is there, and in the file itself in the end. */
  store = open_store (file, 2, 1000);
  child = fork ();
  if (child == 0)
    {
      add (store, LDS_STORE_POOLED, "Of one who was killed", 1);
      raise (SIGKILL);
    }
  g_assert_true (WIFSIGNALED (status_of (child)));
  g_assert_cmpuint (count_files (), >, 1);
  lds_store_close (store);
  g_assert_cmpuint (count_files (), ==, 1);
  store = open_store (file, 2, 1000);
  g_assert_cmpint (count_rows (store), ==, LDS_STORE_SEED_ROWS + 2);
  lds_store_close (store);
  g_assert_cmpint (g_unlink (file), ==, 0);
}

static void
assert_refused (const char *file,
                const char *why)
{
  const LdsStoreConfig config = {file, 2, 20};
  char message[256] = "";

  g_assert_null (lds_store_open (&config, message, sizeof message));
  g_test_message ("%s", message);
  g_assert_nonnull (strstr (message, why));
  g_assert_true (g_str_has_prefix (message, "--database: "));
  g_assert_true (g_str_has_suffix (message, "."));
}

static void
execute (const char *file,
         const char *sql)
{
  sqlite3 *database;

  g_assert_cmpint (sqlite3_open (file, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);
}

static void
test_refused (void)
{
  g_autofree char *file = g_build_filename (folder, "foreign", NULL);
  g_autofree char *nowhere = g_build_filename (folder, "no", "such", "folder", NULL);
  g_autofree char *before = NULL, *after = NULL;
  gsize before_bytes, after_bytes;

  g_assert_true (g_file_set_contents (file, "Dear diary,\n and so on, for more than a hundred bytes: "
                                            "a database's head is as long as that, at the least.....",
                                      -1, NULL));
  g_assert_true (g_file_get_contents (file, &before, &before_bytes, NULL));
  assert_refused (file, "is not a database");
  g_assert_true (g_file_get_contents (file, &after, &after_bytes, NULL));
  g_assert_cmpmem (before, before_bytes, after, after_bytes);
  g_assert_cmpuint (count_files (), ==, 1);
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_clear_pointer (&before, g_free);
  g_clear_pointer (&after, g_free);

  execute (file, "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, price REAL)");
  g_assert_true (g_file_get_contents (file, &before, &before_bytes, NULL));
  assert_refused (file, "is a database of another program");
  g_assert_true (g_file_get_contents (file, &after, &after_bytes, NULL));
  g_assert_cmpmem (before, before_bytes, after, after_bytes);
  g_assert_cmpuint (count_files (), ==, 1);
  g_assert_cmpint (g_unlink (file), ==, 0);

  lds_store_close (open_store (file, 1, 1000));
  execute (file, "PRAGMA user_version = 2");
  assert_refused (file, "was made by another version");
  execute (file, "PRAGMA user_version = 1; ALTER TABLE product RENAME TO real_product;"
                 "CREATE VIEW product AS SELECT id, name, price FROM real_product");
  assert_refused (file, "has lost its table of products");
  g_assert_cmpint (g_unlink (file), ==, 0);

  assert_refused (folder, "is not a file");
  assert_refused ("/dev/null", "is not a file");
  assert_refused (nowhere, "unable to open database file");
  assert_refused ("", "is not a file");
  assert_refused ("no/such/:memory:", "unable to open database file");
  g_assert_cmpuint (count_files (), ==, 0);
}

static void
test_busy (void)
{
  g_autofree char *file = g_build_filename (folder, "shared.db", NULL);
  LdsStore *store = open_store (file, 2, 20);
  LdsProduct product = {.id = 1, .name = {"x", 1}};
  LdsBuffer row = {0};
  sqlite3 *writer;

  g_assert_cmpint (sqlite3_open (file, &writer), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (writer, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  for (size_t i = 0; i < G_N_ELEMENTS (accesses); i++)
    {
      g_assert_cmpint (lds_store_add (store, accesses[i], &product), ==, LDS_STORE_BUSY);
      product.id = 1;
      g_assert_cmpint (lds_store_change (store, accesses[i], &product), ==, LDS_STORE_BUSY);
      g_assert_cmpint (lds_store_remove (store, accesses[i], 1), ==, LDS_STORE_BUSY);
      /* Who only reads does not wait for who writes. */
      g_assert_cmpint (lds_store_get (store, accesses[i], 1, &row), ==, LDS_STORE_OK);
    }
  g_assert_cmpuint (lds_store_counts (store).busy, ==, 6);
  g_assert_cmpuint (lds_store_counts (store).failed, ==, 0);
  g_assert_cmpint (sqlite3_exec (writer, "ROLLBACK", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (writer);
  g_assert_cmpint (lds_store_remove (store, LDS_STORE_POOLED, 1), ==, LDS_STORE_OK);
  /* A busy connection was not thrown away: one for the pool, four of their own. */
  g_assert_cmpuint (lds_store_counts (store).connected, ==, 5);
  lds_buffer_free (&row);
  lds_store_close (store);
  g_assert_cmpint (g_unlink (file), ==, 0);
}

/* A database that breaks while it is used fails; it does not crash, and one call is one count. */
static void
test_broken (void)
{
  g_autofree char *file = g_build_filename (folder, "broken.db", NULL);
  LdsStore *store = open_store (file, 2, 20);
  LdsBuffer row = {0};

  execute (file, "DROP TABLE product");
  for (size_t i = 0; i < G_N_ELEMENTS (accesses); i++)
    {
      g_assert_cmpint (lds_store_get (store, accesses[i], 1, &row), ==, LDS_STORE_FAILED);
      g_assert_cmpint (lds_store_remove (store, accesses[i], 1), ==, LDS_STORE_FAILED);
    }
  g_assert_cmpuint (lds_store_counts (store).failed, ==, 4);
  lds_buffer_free (&row);
  lds_store_close (store);
  g_assert_cmpint (g_unlink (file), ==, 0);
}

/* Forks a process that opens a temporary store, uses it, and ends as @signal_number says. */
static void
check_end (int signal_number,
           gboolean kill_parent)
{
  pid_t child = fork ();

  if (child == 0)
    {
      LdsStore *store = open_store (NULL, 2, 1000);

      add (store, LDS_STORE_POOLED, "left behind?", 1);
      g_assert_cmpuint (count_files (), ==, 1);
      if (kill_parent)
        {
          pid_t master = getpid (), worker = fork ();

          if (worker == 0)
            {
              add (store, LDS_STORE_POOLED, "of the worker", 1);
              kill (master, SIGKILL);
              while (getppid () == master)
                g_usleep (100);
              /* The folder stays as long as there is anyone who may use it. */
              add (store, LDS_STORE_CONNECT, "of the worker, alone", 1);
              raise (SIGKILL);
            }
          pause ();
        }
      if (signal_number == 0)
        _exit (0);
      signal (signal_number, SIG_DFL);
      kill (getpid (), signal_number);
      pause ();
    }
  status_of (child);
  wait_until_clean ();
}

static void
test_nothing_left (void)
{
  check_end (0, FALSE);
  check_end (SIGTERM, FALSE);
  check_end (SIGKILL, FALSE);
  check_end (SIGKILL, TRUE);
}

/* What is left of a server whose process that tidies up was killed as well goes at the next start. */
static void
test_sweep (void)
{
  g_autofree char *stale = g_build_filename (folder, LDS_SCRATCH_PREFIX "AAAAAA", NULL);
  g_autofree char *in_use = g_build_filename (folder, LDS_SCRATCH_PREFIX "BBBBBB", NULL);
  g_autofree char *other = g_build_filename (folder, "somebody-elses", NULL);
  g_autofree char *file = g_build_filename (stale, "products.db", NULL);
  g_autofree char *link = g_build_filename (folder, LDS_SCRATCH_PREFIX "link", NULL);
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  LdsScratch scratch;
  int fd;

  g_assert_cmpint (g_mkdir (stale, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (in_use, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (other, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_cmpint (symlink (other, link), ==, 0);
  fd = open (in_use, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);

  g_assert_cmpint (lds_scratch_open (&scratch), ==, 0);
  g_assert_false (lds_scratch_is_used (&scratch));
  g_assert_cmpint (lds_scratch_make (&scratch), ==, 0);
  g_assert_true (lds_scratch_is_used (&scratch));
  g_assert_cmpint (lds_scratch_make (&scratch), ==, EEXIST);
  while (g_file_test (stale, G_FILE_TEST_EXISTS))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (1000);
    }
  g_assert_true (g_file_test (scratch.path, G_FILE_TEST_IS_DIR));
  g_assert_true (g_file_test (in_use, G_FILE_TEST_IS_DIR));
  g_assert_true (g_file_test (other, G_FILE_TEST_IS_DIR));
  lds_scratch_close (&scratch);
  lds_scratch_close (&scratch);
  close (fd);
  g_assert_cmpint (g_rmdir (in_use), ==, 0);
  g_assert_cmpint (g_rmdir (other), ==, 0);
  g_assert_cmpint (g_unlink (link), ==, 0);
  wait_until_clean ();
}

static void
test_no_folder (void)
{
  const LdsStoreConfig config = {NULL, 1, 0};
  g_autofree char *nowhere = g_build_filename (folder, "nowhere", NULL);
  char message[256];

  g_setenv ("TMPDIR", nowhere, TRUE);
  g_assert_null (lds_store_open (&config, message, sizeof message));
  g_assert_nonnull (strstr (message, "set TMPDIR to a folder"));
  g_setenv ("TMPDIR", folder, TRUE);
}

static void
test_pool (void)
{
  LdsPool pool;
  void *thing = NULL;
  int a, b;

  g_assert_true (lds_pool_init (&pool, 2));
  g_assert_null (lds_pool_steal (&pool));
  g_assert_cmpint (lds_pool_take (&pool, 0, &thing), ==, LDS_POOL_MAKE);
  g_assert_cmpint (lds_pool_take (&pool, 0, &thing), ==, LDS_POOL_MAKE);
  g_assert_cmpint (lds_pool_take (&pool, 1000, &thing), ==, LDS_POOL_NONE);
  lds_pool_give (&pool, &a);
  lds_pool_give (&pool, &b);
  g_assert_cmpint (lds_pool_take (&pool, 0, &thing), ==, LDS_POOL_TAKEN);
  g_assert_true (thing == &b);
  /* One that broke makes room for another. */
  lds_pool_give (&pool, NULL);
  g_assert_cmpint (lds_pool_take (&pool, 0, &thing), ==, LDS_POOL_TAKEN);
  g_assert_true (thing == &a);
  g_assert_cmpint (lds_pool_take (&pool, 0, &thing), ==, LDS_POOL_MAKE);
  lds_pool_give (&pool, NULL);
  lds_pool_give (&pool, &a);
  g_assert_true (lds_pool_steal (&pool) == &a);
  lds_pool_clear (&pool);
}

int
main (int argc,
      char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_setenv ("TMPDIR", folder, TRUE);
  g_test_add_func ("/server/store/pool", test_pool);
  g_test_add_func ("/server/store/seed", test_seed);
  g_test_add_data_func ("/server/store/rows/pooled", &accesses[0], test_rows);
  g_test_add_data_func ("/server/store/rows/connect", &accesses[1], test_rows);
  g_test_add_func ("/server/store/hostile", test_hostile);
  g_test_add_func ("/server/store/threads", test_threads);
  g_test_add_func ("/server/store/processes", test_processes);
  g_test_add_func ("/server/store/kept", test_kept);
  g_test_add_func ("/server/store/refused", test_refused);
  g_test_add_func ("/server/store/busy", test_busy);
  g_test_add_func ("/server/store/broken", test_broken);
  g_test_add_func ("/server/store/nothing-left", test_nothing_left);
  g_test_add_func ("/server/store/sweep", test_sweep);
  g_test_add_func ("/server/store/no-folder", test_no_folder);
  result = g_test_run ();
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
  return result;
}
