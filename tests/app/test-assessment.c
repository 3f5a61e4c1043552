/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The assessment: answers lead to a lean, are kept whole, and broken files are refused in words. */
#include <glib/gstdio.h>

#include "fixture.h"
#include "lds-assessment.h"
#include "lds-error.h"

static void
answer (LdsAssessment *assessment,
        const char *question,
        const char *value)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
      lds_answers_set (lds_assessment_get_answers (assessment), question, value, &error));
  g_assert_no_error (error);
}

static void
answer_for_chat (LdsAssessment *assessment)
{
  answer (assessment, "usecase", "chat");
  answer (assessment, "mix", "io");
  answer (assessment, "conns", "10k-50k");
  answer (assessment, "rt", "essential");
  answer (assessment, "ml", "none");
  answer (assessment, "data", "none");
  answer (assessment, "js", "4");
  answer (assessment, "py", "1");
  answer (assessment, "share", "important");
}

static void
count_cb (guint *n)
{
  (*n)++;
}

static void
test_lean (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  guint n_changes = 0;

  g_assert_false (lds_assessment_may_lean (assessment));
  g_assert_cmpuint (lds_assessment_count_answered (assessment), ==, 0);
  g_signal_connect_swapped (assessment, "verdict-changed", G_CALLBACK (count_cb), &n_changes);
  answer_for_chat (assessment);
  g_assert_true (lds_assessment_may_lean (assessment));
  g_assert_cmpint (lds_assessment_get_verdict (assessment)->winner, ==, LDS_OPTION_NODE);
  g_assert_cmpuint (lds_assessment_count_answered (assessment), >=, 9);

  /* Many answers in one turn of the main loop are told once. */
  while (n_changes == 0)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n_changes, ==, 1);

  lds_assessment_clear (assessment);
  g_assert_false (lds_assessment_may_lean (assessment));
  g_assert_cmpuint (lds_assessment_count_answered (assessment), ==, 0);
}

static void
test_keep (void)
{
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *inner = g_build_filename (folder, "new", NULL);
  g_autofree char *path = g_build_filename (inner, "assessment.json", NULL);
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (LdsAssessment) again = NULL;
  g_autoptr (GError) error = NULL;

  lds_assessment_keep (assessment, path);
  g_assert_true (lds_assessment_flush (assessment, &error));
  /* Nothing was changed, so nothing is written. */
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));

  answer_for_chat (assessment);
  lds_answers_set_not_applicable (lds_assessment_get_answers (assessment), "lat", "batch only",
                                  &error);
  g_assert_no_error (error);
  g_assert_true (lds_assessment_flush (assessment, &error));
  g_assert_no_error (error);
  again = lds_assessment_new_from_file (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lds_answers_get (lds_assessment_get_answers (again), "conns"), ==, "10k-50k");
  g_assert_cmpstr (lds_answers_get_not_applicable (lds_assessment_get_answers (again), "lat"), ==,
                   "batch only");
  g_assert_cmpint (lds_assessment_get_verdict (again)->winner, ==, LDS_OPTION_NODE);
  g_assert_cmpuint (lds_assessment_count_answered (again), ==,
                    lds_assessment_count_answered (assessment));

  g_unlink (path);
  g_rmdir (inner);
  g_rmdir (folder);
}

static void
test_keep_fails (void)
{
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "file", NULL);
  g_autofree char *path = g_build_filename (file, "assessment.json", NULL);
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (file, "in the way", -1, NULL));
  lds_assessment_keep (assessment, path);
  answer_for_chat (assessment);
  g_assert_false (lds_assessment_flush (assessment, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, file));
  g_unlink (file);
  g_rmdir (folder);
}

typedef struct
{
  const char *name;
  const char *text;
  const char *expected; /* part of the message */
} Broken;

static const Broken broken[] = {
    {"truncated", "{\"answers\": {", "assessment"},
    {"empty", "", "assessment"},
    {"not-an-object", "[1, 2]", "assessment"},
    {"something-else", "{\"version\": 3}", "neither a report nor answers"},
    {"newer", "{\"format\": \"loadstone-assessment\", \"version\": 2, \"answers\": {}}", "newer"},
    {"newer-report", "{\"format\": \"loadstone-report\", \"schema_version\": \"9.0\"}", "newer"},
    {"unknown-question", "{\"answers\": {\"color\": \"blue\"}}", "color"},
    {"unknown-value", "{\"answers\": {\"conns\": \"plenty\"}}", "plenty"},
    {"broken-session",
     "{\"format\": \"loadstone-assessment\", \"version\": 1, \"answers\": {}, \"session\": 5}",
     "session"},
};

static void
test_broken (gconstpointer data)
{
  const Broken *test = data;
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "assessment.json", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, test->text, -1, NULL));
  g_assert_null (lds_assessment_new_from_file (path, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  /* What, and where. */
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, test->expected));
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lds_assessment_new_from_file ("/nowhere/at/all.json", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "/nowhere/at/all.json"));
}

/* What was tested of claims changes grades and the report, and nothing that is kept. */
static void
test_claims (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (LdsReport) before = NULL, after = NULL, opened = NULL;
  g_autoptr (JsonNode) with = NULL, without = NULL, kept = NULL, kept_again = NULL;
  g_autoptr (LdsAssessment) other = NULL;
  g_autoptr (LdsVerdict) prior = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "report.json", NULL);
  guint n_changes = 0;

  answer_for_chat (assessment);
  before = lds_assessment_dup_report (assessment);
  kept = lds_assessment_to_json (assessment);
  g_signal_connect_swapped (assessment, "verdict-changed", G_CALLBACK (count_cb), &n_changes);
  while (n_changes == 0)
    g_main_context_iteration (NULL, TRUE);
  lds_assessment_take_claims (assessment, fixture_claims (1.5));
  while (n_changes == 1)
    g_main_context_iteration (NULL, TRUE);
  after = lds_assessment_dup_report (assessment);
  without = lds_report_to_json (before);
  with = lds_report_to_json (after);
  g_assert_true (json_object_get_null_member (json_node_get_object (without), "claims"));
  g_assert_false (json_object_get_null_member (json_node_get_object (with), "claims"));
  prior = lds_assessment_dup_prior (assessment);
  for (guint i = 0; i < prior->contributions->len; i++)
    {
      const LdsContribution *contribution = prior->contributions->pdata[i];

      g_assert_cmpstr (contribution->graded_by, ==,
                       g_str_equal (contribution->id, "cold")    ? "C-002-15"
                       : g_str_equal (contribution->id, "plain") ? "C-002-6"
                                                                 : NULL);
    }
  kept_again = lds_assessment_to_json (assessment);
  g_assert_true (json_node_equal (kept, kept_again));

  /* A report that was opened stays what it is. */
  g_assert_true (lds_report_write_json (before, path, LDS_PAPER_A4, &error));
  other = lds_assessment_new_from_file (path, &error);
  g_assert_no_error (error);
  lds_assessment_take_claims (other, fixture_claims (1.5));
  opened = lds_assessment_dup_report (other);
  g_assert_cmpint (lds_report_get_created_at_us (opened), ==,
                   lds_report_get_created_at_us (before));
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/assessment/lean", test_lean);
  g_test_add_func ("/app/assessment/keep", test_keep);
  g_test_add_func ("/app/assessment/keep-fails", test_keep_fails);
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autofree char *path = g_strconcat ("/app/assessment/broken/", broken[i].name, NULL);

      g_test_add_data_func (path, &broken[i], test_broken);
    }
  g_test_add_func ("/app/assessment/missing", test_missing);
  g_test_add_func ("/app/assessment/claims", test_claims);
  return g_test_run ();
}
