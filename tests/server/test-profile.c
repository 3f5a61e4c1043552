/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles: what is taken from a good one, and one sentence for each way to be wrong. */
#include "lds-profile.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define TOP        "\"version\":1,\"id\":\"a\",\"title\":\"A\",\"runtime\":\"R\",\"framework\":\"F\",\"models\":[\"M1\",\"M6a\"]"
#define PROVENANCE "\"provenance\":{\"source\":\"S\",\"machine\":\"M\",\"date\":\"2026-11-21\",\"kind\":\"claim\",\"note\":\"N\"}"
#define GOOD(cost) "{" TOP "," PROVENANCE ",\"cost\":{" cost "}}"

/* What the message says after the file's name, or how that begins. */
static const struct
{
  const char *text, *message;
} wrong[] = {
    {"", "is not JSON: line 1: "},
    {"{\"version\":1", "is not JSON: line 1: "},
    {"{\"version\":1,\"version\":1}", "is not JSON: line 1: duplicate"},
    {"[]", "is not a JSON object."},
    {"{}", "lacks the member \"version\": a whole number from 1 to 1."},
    {"{" TOP ",\"cost\":{}}", "lacks the member \"provenance\": an object."},
    {"{" TOP "," PROVENANCE "}", "lacks the member \"cost\": an object."},
    {"{" TOP "," PROVENANCE ",\"cost\":[]}", "has something else as the member \"cost\": an object."},
    {GOOD ("\"request_total_ms\":1"), "has a member \"cost.request_total_ms\" that profiles do not have; leave it out or correct its name."},
    {GOOD ("\"timer_ns\":-1"), "has a member \"cost.timer_ns\" that is not a number from 0 to 1000000000."},
    {GOOD ("\"timer_ns\":1000000001"), "has a member \"cost.timer_ns\" that is not a number from 0 to 1000000000."},
    {GOOD ("\"timer_ns\":\"1\""), "has a member \"cost.timer_ns\" that is not a number from 0 to 1000000000."},
    {GOOD ("\"timer_ns\":null"), "has a member \"cost.timer_ns\" that is not a number from 0 to 1000000000."},
    {GOOD ("\"timer_ns\":1e999"), "is not JSON: line 1: "},
    {GOOD ("\"compute_ratio\":0.99"), "has a member \"cost.compute_ratio\" that is not a number from 1 to 10000."},
    {"{" TOP "," PROVENANCE ",\"cost\":{},\"memory\":{\"base_rss_bytes\":1.5}}",
     "has a member \"memory.base_rss_bytes\" that is not a whole number from 0 to 4294967296."},
    {"{" TOP "," PROVENANCE ",\"cost\":{},\"startup\":{\"cpu_ns\":60000000001}}",
     "has a member \"startup.cpu_ns\" that is not a number from 0 to 60000000000."},
    {"{" TOP "," PROVENANCE ",\"cost\":{},\"title\\u001b\":1}", "has a member \"title\033\" that profiles do not have"},
    {"{\"version\":1,\"id\":\"../a\"}", "has a member \"id\" that is not 1 to 63 lower-case letters, digits, \"-\" and \".\"."},
    {"{\"version\":2}", "has a member \"version\" that is not a whole number from 1 to 1."},
    {"{\"models\":[\"event-loop\"]}", "has a member \"models\" that is not a list of 1 to 16 codes of models such as \"M6a\"."},
    {"{" TOP ",\"provenance\":{\"kind\":\"guess\"},\"cost\":{}}",
     "has a member \"provenance.kind\" that is not \"claim\", \"measured\" or \"derived\"."},
    {"{" TOP ",\"provenance\":{\"date\":\"21.11.2026\"},\"cost\":{}}",
     "has a member \"provenance.date\" that is not a date such as \"2026-11-21\"."},
};

static char *folder;

static gboolean
load_text (const char *text,
           gssize length,
           LdsProfile *profile,
           char *message)
{
  g_autofree char *path = g_build_filename (folder, "p.json", NULL);

  g_assert_true (g_file_set_contents (path, text, length, NULL));
  return lds_profile_load (path, profile, message, LDS_PROFILE_MESSAGE_BYTES);
}

static void
test_wrong (void)
{
  g_autofree char *begin = g_strdup_printf ("the profile \"%s/p.json\" ", folder);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      LdsProfile profile;
      char message[LDS_PROFILE_MESSAGE_BYTES] = "";

      g_assert_false (load_text (wrong[i].text, -1, &profile, message));
      g_assert_true (g_str_has_prefix (message, begin));
      if (!g_str_has_prefix (message + strlen (begin), wrong[i].message))
        g_error ("%s\n%s\n%s", wrong[i].text, message, wrong[i].message);
      g_assert_cmpint (message[strlen (message) - 1], ==, '.');
    }
}

static void
test_good (void)
{
  LdsProfile profile;
  char message[LDS_PROFILE_MESSAGE_BYTES] = "";

  if (!load_text (GOOD ("\"request_total_ns\":10417,\"response_byte_ns\":0.93"), -1, &profile, message))
    g_error ("%s", message);
  g_assert_cmpstr (profile.id, ==, "a");
  g_assert_cmpfloat (profile.request_total_ns, ==, 10417);
  g_assert_cmpfloat (profile.response_byte_ns, ==, 0.93);
  g_assert_cmpfloat (profile.timer_ns, ==, 0);
  g_assert_cmpfloat (profile.compute_ratio, ==, 1);
  g_assert_cmpfloat (profile.free_threading_tax_percent, ==, -1);
  g_assert_cmpint (profile.worker_rss_bytes, ==, 0);

  g_assert_true (load_text ("{" TOP "," PROVENANCE ",\"cost\":{},\"free_threading_tax_percent\":0,"
                            "\"memory\":{\"base_rss_bytes\":44000000.0,\"connection_bytes\":16777216},\"startup\":{\"cpu_ns\":6e10}}",
                            -1, &profile, message));
  g_assert_cmpfloat (profile.free_threading_tax_percent, ==, 0);
  g_assert_cmpint (profile.base_rss_bytes, ==, 44000000);
  g_assert_cmpint (profile.worker_rss_bytes, ==, 44000000);
  g_assert_cmpint (profile.connection_bytes, ==, 16777216);
  g_assert_cmpfloat (profile.startup_cpu_ns, ==, 6e10);

  /* Of one kind of computation the others follow, unless they are given. */
  g_assert_true (load_text (GOOD ("\"compute_ratio\":20,\"integer_ratio\":50"), -1, &profile, message));
  g_assert_cmpfloat (profile.integer_ratio, ==, 50);
  g_assert_cmpfloat (profile.native_ratio, ==, 20);
}

static void
test_scale (void)
{
  LdsProfile profile = {.request_total_ns = 100,
                        .response_byte_ns = 2,
                        .compute_ratio = 3,
                        .base_rss_bytes = 5,
                        .startup_cpu_ns = 7,
                        .pause_requests = 11,
                        .pause_ns = 13};

  lds_profile_scale (&profile, 1.5);
  g_assert_cmpfloat (profile.request_total_ns, ==, 150);
  g_assert_cmpfloat (profile.response_byte_ns, ==, 3);
  g_assert_cmpfloat (profile.startup_cpu_ns, ==, 10.5);
  g_assert_cmpfloat (profile.pause_ns, ==, 19.5);
  g_assert_cmpfloat (profile.compute_ratio, ==, 3);
  g_assert_cmpfloat (profile.pause_requests, ==, 11);
  g_assert_cmpint (profile.base_rss_bytes, ==, 5);
}

/* A file of the largest size that is read is good, one byte more is not. */
static void
test_size (void)
{
  g_autofree char *text = g_malloc (LDS_PROFILE_MAX_FILE_BYTES + 1);
  LdsProfile profile;
  char message[LDS_PROFILE_MESSAGE_BYTES] = "";

  memset (text, ' ', LDS_PROFILE_MAX_FILE_BYTES + 1);
  memcpy (text, GOOD (""), strlen (GOOD ("")));
  g_assert_true (load_text (text, LDS_PROFILE_MAX_FILE_BYTES, &profile, message));
  g_assert_false (load_text (text, LDS_PROFILE_MAX_FILE_BYTES + 1, &profile, message));
  g_assert_nonnull (strstr (message, "is larger than 65536 bytes"));
}

/* Cut off at each byte it is refused, and changed at each byte it is no danger. */
static void
test_mutated (void)
{
  const char *good = GOOD ("\"request_total_ns\":1.5");
  g_autofree char *text = g_strdup (good);
  LdsProfile profile;
  char message[LDS_PROFILE_MESSAGE_BYTES];

  for (gsize i = 0; i < strlen (good); i++)
    {
      g_assert_false (load_text (good, (gssize)i, &profile, message));
      for (guint byte = 0; byte < 256; byte += 17)
        {
          text[i] = (char)byte;
          load_text (text, (gssize)strlen (good), &profile, message);
        }
      text[i] = good[i];
    }
}

static void
test_names (void)
{
  LdsProfile profile;
  char message[LDS_PROFILE_MESSAGE_BYTES];
  g_autofree char *fifo = g_build_filename (folder, "fifo.json", NULL);

  g_setenv ("LOADSTONE_PROFILES", folder, TRUE);
  g_assert_true (load_text (GOOD (""), -1, &profile, message));
  g_assert_true (lds_profile_load ("p", &profile, message, sizeof message));
  g_assert_false (lds_profile_load ("q", &profile, message, sizeof message));
  g_assert_nonnull (strstr (message, "cannot be opened: No such file or directory; \"loadstone-cli profiles\" lists"));
  g_assert_false (lds_profile_load ("", &profile, message, sizeof message));
  g_assert_nonnull (strstr (message, "neither the id of a profile nor a file's name"));
  g_assert_false (lds_profile_load ("No\033thing", &profile, message, sizeof message));
  g_assert_false (lds_profile_load (folder, &profile, message, sizeof message));
  g_assert_nonnull (strstr (message, "is not a file."));
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_false (lds_profile_load (fifo, &profile, message, sizeof message));
  g_assert_nonnull (strstr (message, "is not a file."));
  g_remove (fifo);
}

int
main (int argc,
      char **argv)
{
  g_autofree char *path = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("loadstone-profile-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_test_add_func ("/server/profile/scale", test_scale);
  g_test_add_func ("/server/profile/wrong", test_wrong);
  g_test_add_func ("/server/profile/good", test_good);
  g_test_add_func ("/server/profile/size", test_size);
  g_test_add_func ("/server/profile/mutated", test_mutated);
  g_test_add_func ("/server/profile/names", test_names);
  status = g_test_run ();
  path = g_build_filename (folder, "p.json", NULL);
  g_remove (path);
  g_rmdir (folder);
  g_free (folder);
  return status;
}
