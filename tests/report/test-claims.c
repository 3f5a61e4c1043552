/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims in the report: which bear on the verdict, what is said of them, and what they do to grades. */
#include <glib/gstdio.h>
#include <string.h>

#include "fixture.h"
#include "lds-claim-cards.h"
#include "lds-claim-grades.h"
#include "lds-json.h"

static void
check_grade (const LdsGrades *grades,
             const char *claims,
             const char *expected)
{
  LdsGrade grade = lds_grades_get (grades, claims, "E0");

  g_assert_cmpstr (grade.grade, ==, expected);
  g_free (grade.claims);
}

static void
test_grades (void)
{
  g_autoptr (LdsClaimEvidence) evidence = fixture_claims (1.5), more = fixture_claims (4),
                               less = fixture_claims (0.5);
  g_autoptr (LdsGrades) grades = lds_claim_grades_new (evidence);
  g_autoptr (LdsGrades) exceeded = lds_claim_grades_new (more), below = lds_claim_grades_new (less);

  check_grade (grades, "C-000-1", "E3");
  check_grade (grades, "C-002-6", "E2");
  check_grade (grades, "C-002-15", "E-");
  check_grade (grades, "C-000-1, C-001-10", "E0");
  /* What is worked out without a run is as shipped, what cannot be tested says nothing. */
  check_grade (grades, "C-000-12", "E0");
  check_grade (grades, "C-000-1, C-000-33", "E3");
  /* Four times as fast is not 40 to 70 % faster, and contradicts nobody who says that it is faster; half as fast does. */
  g_assert_cmpint (lds_claim_evidence_find (more, "C-000-1")->finding->verdict, ==, LDS_CLAIM_REFUTED);
  check_grade (exceeded, "C-000-1", "E0");
  check_grade (below, "C-000-1", "E-");
  /* Of two that should be equal each difference does. */
  check_grade (exceeded, "C-000-34", "E-");
  g_assert_null (lds_claim_grades_new (NULL));
}

static JsonObject *
get_claims (JsonNode *node)
{
  return lds_json_get_object (json_node_get_object (node), "claims", NULL);
}

static JsonObject *
find (JsonObject *object,
      const char *list,
      const char *id)
{
  JsonArray *array = json_object_get_array_member (object, list);

  for (guint i = 0; i < json_array_get_length (array); i++)
    if (g_strcmp0 (lds_json_get_string (json_array_get_object_element (array, i), "id", NULL, NULL),
                   id) == 0)
      return json_array_get_object_element (array, i);
  return NULL;
}

static void
test_bearing (void)
{
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_CLAIMS | FIXTURE_EVIDENCE);
  g_autoptr (JsonNode) node = lds_report_to_json (report);
  JsonObject *claims = get_claims (node), *claim, *figure;
  g_autofree char *text = lds_json_to_text (node, FALSE);

  /* “Concurrency” was measured equal, and its claims are looked at all the same. */
  claim = find (claims, "bearing", "C-000-1");
  g_assert_nonnull (claim);
  g_assert_cmpstr (json_object_get_string_member (claim, "verdict"), ==, "confirmed");
  g_assert_cmpstr (json_object_get_string_member (claim, "grade"), ==, "E3");
  g_assert_cmpstr (json_object_get_string_member (claim, "rests"), ==, "Concurrency, R-000-8");
  g_assert_cmpstr (json_object_get_string_member (claim, "caveat"), ==,
                   "Session 1 was measured with another build of Loadstone.");
  figure = json_array_get_object_element (json_object_get_array_member (claim, "figures"), 0);
  g_assert_cmpstr (json_object_get_string_member (figure, "provenance"), ==, "real");
  g_assert_cmpstr (json_object_get_string_member (figure, "lanes"), ==,
                   "Node.js, node:http (real), version 20.20.2, by Python, asyncio (real), version 3.11.7");
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (figure, "value"), 1.5, 1e-9);
  g_assert_cmpint (json_object_get_int_member (figure, "n"), ==, 5);
  /* Nothing computes here, so that C-002-6 is no matter, tested or not. */
  g_assert_null (find (claims, "bearing", "C-002-6"));
  g_assert_nonnull (strstr (json_object_get_string_member (claims, "command"), "loadstone-cli claims run"));
  g_assert_nonnull (strstr (json_object_get_string_member (claims, "command"), " C-001-10"));
  g_assert_null (strstr (json_object_get_string_member (claims, "command"), " C-000-1 "));
  g_assert_nonnull (find (claims, "cards", "CON-3"));
  g_assert_null (find (claims, "cards", "CON-10"));
  g_assert_nonnull (strstr (text, "\"graded_by\":\"C-002-15\""));
}

static void
test_nothing (void)
{
  g_autoptr (LdsAnswers) answers = lds_answers_new (lds_rule_pack_get_default ());
  g_autoptr (LdsClaimEvidence) evidence = fixture_claims (1.5);
  g_autoptr (LdsVerdict) prior = NULL;
  g_autoptr (LdsReport) report = NULL, without = fixture_report (FIXTURE_PLAIN);
  g_autoptr (JsonNode) node = NULL, other = lds_report_to_json (without);

  /* Nothing is known of claims. */
  g_assert_null (get_claims (other));
  /* Of what these answers lead to nothing rests on a claim. */
  g_assert_true (lds_answers_set (answers, "deploy", "longrun", NULL));
  prior = lds_advise (answers, LDS_EVIDENCE_NONE);
  report = lds_report_new (NULL, answers, prior, NULL, NULL, evidence, FIXTURE_CREATED_AT_US);
  node = lds_report_to_json (report);
  g_assert_null (get_claims (node));
}

/* A report of a later hand may hold anything. */
static void
test_refused (void)
{
  static const struct
  {
    const char *from, *to;
  } cases[] = {
      {"\"bearing\" : [", "\"bearing\" : [ 7,"},
      {"\"ratios\" : [", "\"ratios\" : 7, \"other\" : ["},
      {"\"cards\" : [", "\"cards\" : [ [],"},
      {"\"untested\" : [", "\"untested\" : [ 7,"},
      {"\"claimed_low\" : ", "\"claimed_low\" : \"much\", \"was\" : "},
      {"\"lane\" : \"real:node-http\",\n        \"value\"", "\"lane\" : \"model:perl\",\n        \"value\""},
  };
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_CLAIMS);
  g_autoptr (JsonNode) node = lds_report_to_json (report);
  g_autofree char *text = lds_json_to_text (node, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) bad = g_string_new (text);
      g_autoptr (JsonNode) parsed = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (g_string_replace (bad, cases[i].from, cases[i].to, 1), ==, 1);
      parsed = lds_json_parse (bad->str, bad->len, "report.json", &error);
      g_assert_no_error (error);
      g_assert_null (lds_report_from_json (json_node_get_object (parsed), &error));
      g_assert_nonnull (error);
    }
}

static void
test_cards (void)
{
  const char *const ids[] = {"R-002-5", "C-000-5", NULL};
  g_autoptr (GPtrArray) cards = lds_claim_cards_new_for (ids);

  g_assert_cmpuint (cards->len, ==, 2);
  g_assert_cmpstr (((LdsEntry *)cards->pdata[0])->id, ==, "CON-5");
  g_assert_cmpstr (((LdsEntry *)cards->pdata[1])->id, ==, "E-25");
}

/* Pages with claims are the same each time and say what was found. */
static void
test_pages (void)
{
  g_autoptr (LdsReport) report = fixture_report (FIXTURE_CLAIMS | FIXTURE_EVIDENCE),
                        plain = fixture_report (FIXTURE_EVIDENCE);
  g_autofree char *program = g_find_program_in_path ("pdftotext");
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "report.pdf", NULL), *text = NULL;
  const char *const words[] = {"What the articles claim", "C-000-1", "1.50 (1.50 to 1.50)", "measured 2026-11-20",
                               "Not tested on this machine yet", "loadstone-cli claims run", "CON-3",
                               "How much faster, on one axis", "Own: JSON object, Throughput"};
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (lds_report_n_pages (report, LDS_PAPER_A4), >,
                    lds_report_n_pages (plain, LDS_PAPER_A4));
  if (program == NULL)
    {
      g_test_skip ("pdftotext is not installed");
      g_rmdir (folder);
      return;
    }
  g_assert_true (lds_report_write_pdf (report, path, LDS_PAPER_A4, &error));
  g_assert_true (g_spawn_sync (NULL,
                               (char *[]){program, (char *)"-layout", path, (char *)"-", NULL},
                               NULL, G_SPAWN_DEFAULT, NULL, NULL, &text, NULL, NULL, &error));
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (text, words[i]) == NULL)
      g_error ("The pages do not say “%s”", words[i]);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report-claims/grades", test_grades);
  g_test_add_func ("/report-claims/bearing", test_bearing);
  g_test_add_func ("/report-claims/nothing", test_nothing);
  g_test_add_func ("/report-claims/refused", test_refused);
  g_test_add_func ("/report-claims/cards", test_cards);
  g_test_add_func ("/report-claims/pages", test_pages);
  return g_test_run ();
}
