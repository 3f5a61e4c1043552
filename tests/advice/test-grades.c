/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grades of evidence after claims were tested, and what that is worth to the certainty. */
#include <string.h>

#include "lds-grades.h"
#include "lds-knowledge.h"
#include "lds-overlay.h"

/* @states: (array length=3): of C-1, C-2, C-3; -1 cannot be tested */
static LdsGrades *
new_grades (const int *states)
{
  static const char *const ids[] = {"C-1", "C-2", "C-3"};
  LdsGrades *grades = lds_grades_new ();

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    if (states[i] >= 0)
      lds_grades_set (grades, ids[i], (LdsTested)states[i]);
  return grades;
}

static void
test_rule (void)
{
  enum
  {
    NONE = -1,
    OPEN = LDS_TESTED_OPEN,
    MODEL = LDS_TESTED_MODEL,
    REAL = LDS_TESTED_REAL,
    REFUTED = LDS_TESTED_REFUTED
  };
  static const struct
  {
    int states[3];
    const char *claims, *grade, *by;
    LdsEvidence evidence;
  } cases[] = {
      {{REAL, NONE, NONE}, NULL, "E0", NULL, LDS_EVIDENCE_NONE},
      {{NONE, NONE, NONE}, "C-1, C-2", "E0", NULL, LDS_EVIDENCE_NONE},
      {{REAL, NONE, NONE}, "C-1", "E3", "C-1", LDS_EVIDENCE_REAL},
      {{MODEL, NONE, NONE}, "C-1", "E2", "C-1", LDS_EVIDENCE_MODEL},
      /* The weakest counts, and what cannot be tested does not. */
      {{REAL, MODEL, NONE}, "C-1,C-2 , C-3", "E2", "C-1, C-2", LDS_EVIDENCE_MODEL},
      {{REAL, NONE, REAL}, "C-1, C-2, C-3", "E3", "C-1, C-3", LDS_EVIDENCE_REAL},
      /* In part is not reproduced; refuted by one is contradicted. */
      {{REAL, OPEN, NONE}, "C-1, C-2", "E0", NULL, LDS_EVIDENCE_NONE},
      {{REAL, REFUTED, OPEN}, "C-1, C-2, C-3", "E-", "C-2", LDS_EVIDENCE_NONE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LdsGrades) grades = new_grades (cases[i].states);
      LdsGrade grade = lds_grades_get (grades, cases[i].claims, "E0");

      g_assert_cmpstr (grade.grade, ==, cases[i].grade);
      g_assert_cmpstr (grade.claims, ==, cases[i].by);
      g_assert_cmpint (grade.evidence, ==, cases[i].evidence);
      g_free (grade.claims);
    }
}

static void
test_text (void)
{
  g_autofree char *shipped = lds_grades_dup_text ("E1", NULL);
  g_autofree char *lifted = lds_grades_dup_text ("E3", "C-1, C-2");
  g_autofree char *marked = lds_grades_dup_text ("E-", "C-1");

  g_assert_cmpstr (shipped, ==, "E1");
  g_assert_cmpstr (lifted, ==, "E3, reproduced here: C-1, C-2");
  g_assert_cmpstr (marked, ==, "E-, refuted here: C-1");
}

static LdsAnswers *
new_answers (void)
{
  LdsAnswers *answers = lds_answers_new (lds_rule_pack_get_default ());

  /* Concurrency is a main reason, and the only one that rests on claims. */
  g_assert_true (lds_answers_set (answers, "conns", "gt50k", NULL));
  g_assert_true (lds_answers_set (answers, "js", "5", NULL));
  g_assert_true (lds_answers_set (answers, "share", "important", NULL));
  return answers;
}

static const LdsContribution *
find (const LdsVerdict *verdict,
      const char *id)
{
  for (guint i = 0; i < verdict->contributions->len; i++)
    if (strcmp (((LdsContribution *)verdict->contributions->pdata[i])->id, id) == 0)
      return verdict->contributions->pdata[i];
  g_assert_not_reached ();
}

static void
test_verdict (void)
{
  static const struct
  {
    LdsTested first, second;
    const char *grade, *by;
    double cap;
  } cases[] = {
      {LDS_TESTED_OPEN, LDS_TESTED_OPEN, "E1", NULL, 74},
      {LDS_TESTED_REAL, LDS_TESTED_OPEN, "E1", NULL, 74},
      {LDS_TESTED_REAL, LDS_TESTED_REFUTED, "E-", "C-001-10", 74},
      {LDS_TESTED_REAL, LDS_TESTED_MODEL, "E2", "C-000-1, C-001-10", 84},
      {LDS_TESTED_REAL, LDS_TESTED_REAL, "E3", "C-000-1, C-001-10", 95},
  };
  g_autoptr (LdsAnswers) answers = new_answers ();
  g_autoptr (LdsVerdict) plain = lds_advise (answers, LDS_EVIDENCE_NONE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LdsGrades) grades = lds_grades_new ();
      const LdsAdviceOptions options = {.grades = grades};
      g_autoptr (LdsVerdict) verdict = NULL;
      const LdsContribution *conc;

      lds_grades_set (grades, "C-000-1", cases[i].first);
      lds_grades_set (grades, "C-001-10", cases[i].second);
      verdict = lds_advise_with (answers, &options, NULL);
      conc = find (verdict, "conc");
      g_assert_true (g_ptr_array_find (verdict->reasons_for, conc, NULL));
      g_assert_cmpstr (conc->grade, ==, cases[i].grade);
      g_assert_cmpstr (conc->graded_by, ==, cases[i].by);
      g_assert_cmpfloat (verdict->cap, ==, cases[i].cap);
      /* Only how well an opinion is founded changes, and no score. */
      for (int o = 0; o < LDS_N_OPTIONS; o++)
        g_assert_cmpfloat (verdict->scores[o], ==, plain->scores[o]);
      g_assert_cmpfloat (verdict->confidence_raw, ==, plain->confidence_raw);
    }
}

/* What does not carry the verdict lifts nothing. */
static void
test_other_reasons (void)
{
  g_autoptr (LdsAnswers) answers = new_answers ();
  g_autoptr (LdsGrades) grades = lds_grades_new ();
  const LdsAdviceOptions options = {.grades = grades};
  g_autoptr (LdsVerdict) verdict = NULL;

  lds_grades_set (grades, "C-002-6", LDS_TESTED_REAL);
  verdict = lds_advise_with (answers, &options, NULL);
  g_assert_cmpstr (find (verdict, "plain")->grade, ==, "E3");
  g_assert_cmpfloat (verdict->cap, ==, 74);
}

static void
test_explain (void)
{
  static const struct
  {
    const char *id, *grade, *by;
  } cases[] = {
      {"R-000-2", "E3", "C-002-6"}, {"C-002-6", "E3", "C-002-6"}, {"plain", "E3", "C-002-6"}, {"R-000-11", "E-", "C-002-15"}, {"R-000-3", "E1", NULL}, {"X-01", "E1", NULL}};
  g_autoptr (LdsGrades) grades = lds_grades_new ();

  lds_grades_set (grades, "C-002-6", LDS_TESTED_REAL);
  lds_grades_set (grades, "C-002-15", LDS_TESTED_REFUTED);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node =
          lds_knowledge_explain (lds_rule_pack_get_default (), cases[i].id, grades, NULL);
      JsonObject *object = json_node_get_object (node);

      g_assert_cmpstr (json_object_get_string_member (object, "grade"), ==, cases[i].grade);
      g_assert_cmpstr (json_object_get_string_member_with_default (object, "graded_by", NULL), ==,
                       cases[i].by);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grades/rule", test_rule);
  g_test_add_func ("/grades/text", test_text);
  g_test_add_func ("/grades/verdict", test_verdict);
  g_test_add_func ("/grades/other-reasons", test_other_reasons);
  g_test_add_func ("/grades/explain", test_explain);
  return g_test_run ();
}
