/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files: whole or not at all, and one sentence when they cannot be used. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lds-error.h"
#include "lds-file.h"

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->folder = g_dir_make_tmp ("lds-file-XXXXXX", NULL);
  g_assert_nonnull (f->folder);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (f->folder);
  g_free (f->folder);
}

static void
check_read_refused (const char *path,
                    gsize max_bytes)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lds_file_read (path, max_bytes, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, path));
}

static void
test_round_trip (Fixture *f,
                 gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (f->folder, "a.json", NULL);
  g_autoptr (GBytes) bytes = NULL;
  gsize size;

  g_assert_true (lds_file_write (path, "hello", 5, &error));
  g_assert_true (lds_file_write (path, "hi", 2, &error));
  bytes = lds_file_read (path, 100, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_bytes_get_data (bytes, &size), ==, "hi");
  g_assert_cmpuint (size, ==, 2);
  check_read_refused (path, 1);
}

static void
test_refused (Fixture *f,
              gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *missing = g_build_filename (f->folder, "none", NULL);
  g_autofree char *pipe = g_build_filename (f->folder, "pipe", NULL);
  g_autofree char *below_file = g_build_filename (pipe, "out", NULL);
  g_autofree char *in_missing = g_build_filename (missing, "report.json", NULL);

  check_read_refused (missing, 100);
  check_read_refused (f->folder, 100);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  check_read_refused (pipe, 100);
  g_assert_false (lds_file_write (in_missing, "x", 1, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (lds_file_ensure_directory (below_file, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_true (lds_file_ensure_directory (f->folder, &error));
  g_assert_no_error (error);
}

/* /dev/null and /dev/stdout are named as outputs: they must be there afterwards. */
static void
test_special (Fixture *f,
              gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pipe = g_build_filename (f->folder, "pipe", NULL);
  g_autofree char *file = g_build_filename (f->folder, "a.json", NULL);
  g_autofree char *link_path = g_build_filename (f->folder, "link", NULL);
  g_autofree char *text = NULL;
  char got[8] = "";
  int fd;

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  fd = g_open (pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  g_assert_true (lds_file_write (pipe, "hello", 5, &error));
  g_assert_no_error (error);
  g_assert_cmpint (read (fd, got, sizeof got), ==, 5);
  g_assert_cmpstr (got, ==, "hello");
  g_close (fd, NULL);

  g_assert_true (lds_file_write (file, "old", 3, &error));
  g_assert_cmpint (symlink ("a.json", link_path), ==, 0);
  g_assert_true (lds_file_write (link_path, "new", 3, &error));
  g_assert_true (g_file_test (link_path, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (g_file_get_contents (file, &text, NULL, &error));
  g_assert_cmpstr (text, ==, "new");

  g_assert_false (lds_file_write ("/dev/full", "x", 1, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  g_assert_true (g_file_test ("/dev/full", G_FILE_TEST_EXISTS));
}

/* A tree with a link that leads out of it. */
static void
test_remove_tree (Fixture *f,
                  gconstpointer data)
{
  g_autofree char *tree = g_build_filename (f->folder, "tree", NULL);
  g_autofree char *deep = g_build_filename (tree, "a", "b", "c", NULL);
  g_autofree char *file = g_build_filename (deep, "file", NULL);
  g_autofree char *outside = g_build_filename (f->folder, "outside", NULL);
  g_autofree char *link = g_build_filename (tree, "link", NULL);
  g_autofree char *below = g_build_filename (outside, "below", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (deep, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "", 0, NULL) &&
                 g_file_set_contents (outside, "", 0, NULL));
  g_assert_cmpint (symlink (f->folder, link), ==, 0);
  g_assert_true (lds_file_remove_tree (tree, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (tree, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (outside, G_FILE_TEST_EXISTS));
  /* What is not there needs not to go; a file is a tree as well, and has nothing below it. */
  g_assert_true (lds_file_remove_tree (tree, &error));
  g_assert_false (lds_file_remove_tree (below, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, below));
  g_assert_true (lds_file_remove_tree (outside, NULL));
  g_assert_false (g_file_test (outside, G_FILE_TEST_EXISTS));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/core/file/round-trip", Fixture, NULL, set_up, test_round_trip, tear_down);
  g_test_add ("/core/file/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/core/file/special", Fixture, NULL, set_up, test_special, tear_down);
  g_test_add ("/core/file/remove-tree", Fixture, NULL, set_up, test_remove_tree, tear_down);
  return g_test_run ();
}
