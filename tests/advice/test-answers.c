/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers: what is refused, and what unknown and not applicable mean. */
#include <glib/gstdio.h>
#include <string.h>

#include "lds-error.h"
#include "lds-questionnaire.h"
#include "lds-tree.h"

static LdsAnswers *
new_answers (void)
{
  return lds_answers_new (lds_rule_pack_get_default ());
}

static void
set (LdsAnswers *answers,
     const char *question,
     const char *value)
{
  g_autoptr (GError) error = NULL;

  lds_answers_set (answers, question, value, &error);
  g_assert_no_error (error);
}

static void
check_refused (const char *question,
               const char *value,
               const char *part)
{
  g_autoptr (LdsAnswers) answers = new_answers ();
  g_autoptr (GError) error = NULL;

  g_assert_false (lds_answers_set (answers, question, value, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_null (lds_answers_get (answers, question));
}

static void
test_refused (void)
{
  check_refused ("conn", "lt100", "“conns”");
  check_refused ("entirely-different", "1", "loadstone-cli questions");
  check_refused ("conns", "1k-10K", "“1k-10k”");
  check_refused ("rt", "absolutely", "none, nice, essential");
  check_refused ("js", "6", "nearest is 5");
  check_refused ("js", "-1", "nearest is 0");
  check_refused ("js", "2.5", "nearest is 2");
  check_refused ("js", "nan", "number from 0 to 5");
  check_refused ("js", "inf", "number from 0 to 5");
  check_refused ("js", "", "number from 0 to 5");
  check_refused ("cpu", "101", "nearest is 100");
  check_refused ("cpu", "12x", "number from 0 to 100");
}

static void
check_file_refused (const char *text,
                    const char *part)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("answers-XXXXXX.json", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_null (lds_answers_load (lds_rule_pack_get_default (), path, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, part));
  g_remove (path);
}

static void
test_file_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *large = g_strnfill ((1 << 20) + 1, ' ');

  check_file_refused ("", "JSON");
  check_file_refused ("{\"answers\": {\n\"mix\": \"io\"\n\"rt\": 1}}", "line 2");
  check_file_refused ("{}", "“answers” must be an object");
  check_file_refused ("{\"answers\": []}", "“answers” must be an object");
  check_file_refused ("{\"answer\": {}}", "“answers”");
  check_file_refused ("{\"answers\": {\"mxi\": \"io\"}}", "“mix”");
  check_file_refused ("{\"answers\": {\"mix\": \"oi\"}}", "Did you mean “io”");
  check_file_refused ("{\"answers\": {\"mix\": true}}", "true or false");
  check_file_refused ("{\"answers\": {\"mix\": [\"io\"]}}", "“mix” must be");
  check_file_refused ("{\"answers\": {\"mix\": {\"not_applicable\": \" \"}}}", "Say why");
  check_file_refused ("{\"answers\": {\"js\": 1e300}}", "nearest is 5");
  check_file_refused (large, "1.0");
  g_assert_null (lds_answers_load (lds_rule_pack_get_default (), "/nonexistent/a.json", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
}

static void
test_json_round_trip (void)
{
  g_autoptr (LdsAnswers) answers = lds_answers_new_sample (lds_rule_pack_get_default ());
  g_autoptr (LdsAnswers) again = NULL;
  g_autoptr (JsonNode) node = NULL, second = NULL;
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GError) error = NULL;
  guint n_answered, n_questions;

  lds_answers_count (answers, &n_answered, &n_questions);
  g_assert_cmpuint (n_answered, ==, n_questions);
  set (answers, "mem", "unknown");
  g_assert_true (lds_answers_set_not_applicable (answers, "hire", "nobody is hired", &error));
  node = lds_answers_to_json (answers);
  json_object_set_member (object, "answers", json_node_copy (node));
  again = lds_answers_from_json (lds_rule_pack_get_default (), object, &error);
  g_assert_no_error (error);
  second = lds_answers_to_json (again);
  g_assert_true (json_node_equal (node, second));
  g_assert_cmpstr (lds_answers_get (again, "mem"), ==, "unknown");
  g_assert_null (lds_answers_get (again, "hire"));
  g_assert_cmpstr (lds_answers_get_not_applicable (again, "hire"), ==, "nobody is hired");
  g_assert_cmpstr (lds_answers_get (again, "js"), ==, "4");
}

/* Unknown assumes the default but is not the same as the default. */
static void
test_unknown (void)
{
  g_autoptr (LdsAnswers) answers = lds_answers_new_sample (lds_rule_pack_get_default ());
  g_autoptr (LdsVerdict) known = lds_advise (answers, LDS_EVIDENCE_NONE);
  g_autoptr (LdsVerdict) unknown = NULL;

  set (answers, "ml", "unknown"); /* was none, which is the fallback */
  unknown = lds_advise (answers, LDS_EVIDENCE_NONE);
  g_assert_cmpfloat (unknown->scores[0], ==, known->scores[0]);
  g_assert_cmpfloat (unknown->completeness, <, known->completeness);
  g_assert_cmpfloat (unknown->confidence_raw, <, known->confidence_raw);
  g_assert_cmpuint (unknown->n_questions, ==, known->n_questions);
  g_assert_cmpuint (unknown->n_answered + 1, ==, known->n_answered);
}

static void
test_nothing_known (void)
{
  g_autoptr (LdsAnswers) answers = new_answers ();
  g_autoptr (LdsVerdict) verdict = lds_advise (answers, LDS_EVIDENCE_NONE);

  g_assert_cmpfloat (verdict->completeness, ==, 0);
  g_assert_cmpint (verdict->band, ==, LDS_BAND_TOO_CLOSE);
  g_assert_nonnull (strstr (verdict->headline, "No recommendation yet"));
  g_assert_cmpfloat (verdict->confidence_raw, ==, 12); /* PS-16 of the domain */
}

static void
test_not_applicable (void)
{
  g_autoptr (LdsAnswers) answers = lds_answers_new_sample (lds_rule_pack_get_default ());
  g_autoptr (LdsVerdict) verdict = NULL;
  g_autoptr (GError) error = NULL;
  guint seen = 0;

  g_assert_true (
      lds_answers_set_not_applicable (answers, "share", "there is no front end", &error));
  g_assert_true (lds_answers_set_not_applicable (answers, "js", "the team is not hired", &error));
  g_assert_false (lds_answers_set_not_applicable (answers, "rt", "  ", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  verdict = lds_advise (answers, LDS_EVIDENCE_NONE);
  g_assert_cmpfloat (verdict->completeness, ==, 1);
  for (guint i = 0; i < verdict->contributions->len; i++)
    {
      const LdsContribution *contribution = g_ptr_array_index (verdict->contributions, i);

      if (g_str_equal (contribution->id, "share") || g_str_equal (contribution->id, "team"))
        {
          g_assert_cmpfloat (contribution->weight, ==, 0);
          g_assert_cmpfloat (contribution->points, ==, 0);
          seen++;
        }
    }
  g_assert_cmpuint (seen, ==, 2);
}

/* A question that the other answers make meaningless is not missed. */
static void
test_not_asked (void)
{
  g_autoptr (LdsAnswers) answers = lds_answers_new_sample (lds_rule_pack_get_default ());
  g_autoptr (LdsVerdict) without = lds_advise (answers, LDS_EVIDENCE_NONE), with = NULL;

  g_assert_false (lds_answers_is_asked (answers, "mlpath"));
  g_assert_cmpfloat (without->completeness, ==, 1);
  set (answers, "ml", "core");
  g_assert_true (lds_answers_is_asked (answers, "mlpath"));
  with = lds_advise (answers, LDS_EVIDENCE_NONE);
  g_assert_cmpfloat (with->completeness, <, 1);
}

static void
count_cb (LdsAnswers *answers,
          const char *question,
          guint *count)
{
  g_assert_cmpstr (question, ==, "rt");
  (*count)++;
}

static void
test_changed (void)
{
  g_autoptr (LdsAnswers) answers = new_answers ();
  guint count = 0;

  g_signal_connect (answers, "changed", G_CALLBACK (count_cb), &count);
  set (answers, "rt", "nice");
  set (answers, "rt", "nice");
  g_assert_cmpuint (count, ==, 1);
  set (answers, "rt", NULL);
  g_assert_cmpuint (count, ==, 2);
  g_assert_null (lds_answers_get (answers, "rt"));
}

static void
test_prefill (void)
{
  g_autoptr (LdsAnswers) answers = new_answers ();

  set (answers, "usecase", "chat");
  set (answers, "conns", "lt100");
  g_assert_cmpuint (lds_answers_prefill (answers), >, 0);
  g_assert_cmpstr (lds_answers_get (answers, "rt"), ==, "essential");
  g_assert_cmpstr (lds_answers_get (answers, "conns"), ==, "lt100");
}

/* The case in which the long guide's two trees disagree (CON-1). */
static void
test_trees (void)
{
  g_autoptr (LdsAnswers) answers = new_answers ();
  g_autoptr (GPtrArray) trees = NULL;
  const LdsTree *matrix, *framework;
  const LdsTreeNode *node;

  set (answers, "ml", "core");
  set (answers, "conns", "1k-10k");
  trees = lds_trees_walk (answers);
  g_assert_cmpuint (trees->len, ==, 2);
  matrix = g_ptr_array_index (trees, 0);
  framework = g_ptr_array_index (trees, 1);
  g_assert_cmpstr (matrix->id, ==, "T-000-1");
  g_assert_cmpint (matrix->first_hit, ==, LDS_OPTION_NODE);
  g_assert_cmpint (matrix->all_asked, ==, LDS_OPTION_POLYGLOT);
  g_assert_cmpint (framework->first_hit, ==, LDS_OPTION_PYTHON);
  node = &g_array_index (matrix->nodes, LdsTreeNode, 0);
  g_assert_cmpstr (node->id, ==, "Q-000-1");
  g_assert_cmpint (node->taken, ==, LDS_BRANCH_YES);
  g_assert_false (node->assumed);
  g_assert_cmpint (node->yes.option, ==, LDS_OPTION_NODE);
  g_assert_cmpint (node->no.node, ==, 1);
  node = &g_array_index (matrix->nodes, LdsTreeNode, 2);
  g_assert_cmpint (node->taken, ==, LDS_BRANCH_NONE);
  g_assert_cmpint (node->answer, ==, LDS_BRANCH_YES);
  node = &g_array_index (framework->nodes, LdsTreeNode, 0);
  g_assert_cmpint (node->taken, ==, LDS_BRANCH_YES);
  g_assert_cmpint (node->yes.node, ==, 1);
  g_assert_cmpint (node->no.node, ==, 2);
  node = &g_array_index (framework->nodes, LdsTreeNode, 1);
  g_assert_cmpint (node->taken, ==, LDS_BRANCH_NO);
  g_assert_true (node->assumed);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/advice/answers/refused", test_refused);
  g_test_add_func ("/advice/answers/file-refused", test_file_refused);
  g_test_add_func ("/advice/answers/json-round-trip", test_json_round_trip);
  g_test_add_func ("/advice/answers/unknown", test_unknown);
  g_test_add_func ("/advice/answers/nothing-known", test_nothing_known);
  g_test_add_func ("/advice/answers/not-applicable", test_not_applicable);
  g_test_add_func ("/advice/answers/not-asked", test_not_asked);
  g_test_add_func ("/advice/answers/changed", test_changed);
  g_test_add_func ("/advice/answers/prefill", test_prefill);
  g_test_add_func ("/advice/answers/trees", test_trees);
  return g_test_run ();
}
