/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gates one by one, symmetry, boundaries, and every leaf of the two ordered trees walked by hand. */
#include <string.h>

#include "lds-advisor.h"
#include "lds-overlay.h"
#include "lds-tree.h"
#include "lds-verdict-private.h"

/* Answers as "question=value question=value …". */
static LdsAnswers *
answers_of (const char *text)
{
  LdsAnswers *answers = lds_answers_new (lds_rule_pack_get_default ());
  g_auto (GStrv) pairs = g_strsplit (text, " ", -1);

  for (guint i = 0; pairs[i] != NULL && *pairs[i] != '\0'; i++)
    {
      g_auto (GStrv) pair = g_strsplit (pairs[i], "=", 2);
      g_autoptr (GError) error = NULL;

      lds_answers_set (answers, pair[0], pair[1], &error);
      g_assert_no_error (error);
    }
  return answers;
}

static LdsVerdict *
verdict_of (const char *text)
{
  g_autoptr (LdsAnswers) answers = answers_of (text);

  return lds_advise (answers, LDS_EVIDENCE_NONE);
}

/* Real demand on both sides. */
#define BOTH_SIDES "rt=essential ml=inference mlpath=request "

static void
check_gate (const char *text,
            LdsOption option,
            const char *gate)
{
  g_autoptr (LdsVerdict) verdict = verdict_of (text);

  for (int o = 0; o < LDS_N_OPTIONS; o++)
    g_assert_cmpstr (verdict->gate_ids[o], ==, o == (int)option ? gate : NULL);
}

static void
test_gates (void)
{
  g_autoptr (LdsVerdict) all =
      verdict_of ("split=no ml=core mlpath=inprocess conns=10k-50k asyncok=no");

  check_gate (BOTH_SIDES, LDS_OPTION_ABSTAIN, NULL);
  check_gate (BOTH_SIDES "split=no", LDS_OPTION_POLYGLOT, "G1");
  check_gate ("rt=essential ml=core mlpath=inprocess", LDS_OPTION_NODE, "G2");
  check_gate ("rt=essential ml=core mlpath=request", LDS_OPTION_ABSTAIN, NULL);
  check_gate (BOTH_SIDES "conns=10k-50k asyncok=no", LDS_OPTION_PYTHON, "G3");
  check_gate (BOTH_SIDES "conns=1k-10k asyncok=no", LDS_OPTION_ABSTAIN, NULL);
  check_gate ("rt=essential", LDS_OPTION_POLYGLOT, "G4");
  check_gate ("ml=inference", LDS_OPTION_POLYGLOT, "G4");
  /* Everything refused: both returns, with a warning. */
  g_assert_cmpint (all->winner, ==, LDS_OPTION_POLYGLOT);
  g_assert_cmpint (all->second, ==, LDS_OPTION_ABSTAIN);
  g_assert_cmpfloat (all->margin, ==, 20);
  g_assert_cmpuint (all->warnings->len, >, 0);
  g_assert_null (all->gates[LDS_OPTION_POLYGLOT]);
}

/* Exchanging the skills exchanges the team's cells. */
static void
test_symmetry (void)
{
  for (int js = 0; js <= 5; js++)
    for (int py = 0; py <= 5; py++)
      {
        LdsRulePack *pack = lds_rule_pack_get_default ();
        g_autofree char *text = g_strdup_printf ("js=%d py=%d", js, py);
        g_autofree char *mirrored = g_strdup_printf ("js=%d py=%d", py, js);
        g_autoptr (LdsAnswers) a = answers_of (text), b = answers_of (mirrored);
        LdsInput input_a, input_b;
        LdsModelResult result_a, result_b;
        guint team;

        g_ptr_array_find (pack->criteria, lds_rule_pack_find_criterion (pack, "team", NULL), &team);
        lds_answers_get_input (a, &input_a);
        lds_answers_get_input (b, &input_b);
        lds_model_evaluate (pack, &input_a, &result_a);
        lds_model_evaluate (pack, &input_b, &result_b);
        g_assert_cmpfloat (result_a.weights[team], ==, result_b.weights[team]);
        g_assert_cmpfloat (result_a.cells[team][LDS_OPTION_NODE], ==,
                           result_b.cells[team][LDS_OPTION_PYTHON]);
        g_assert_cmpfloat (result_a.cells[team][LDS_OPTION_POLYGLOT], ==,
                           result_b.cells[team][LDS_OPTION_POLYGLOT]);
      }
}

static LdsOption
vote_of (const char *advisor,
         const char *text)
{
  g_autoptr (LdsVerdict) verdict = verdict_of (text);

  for (guint i = 0; i < verdict->advisors->len; i++)
    {
      const LdsAdvice *advice = g_ptr_array_index (verdict->advisors, i);

      if (strcmp (advice->id, advisor) == 0)
        return advice->vote;
    }
  g_assert_not_reached ();
}

static void
test_cpu_share (void)
{
  g_assert_cmpint (vote_of ("A-002b", ""), ==, LDS_OPTION_ABSTAIN);
  g_assert_cmpint (vote_of ("A-002b", "cpu=19"), ==, LDS_OPTION_NODE);
  g_assert_cmpint (vote_of ("A-002b", "cpu=20 numlib=yes"), ==, LDS_OPTION_ABSTAIN);
  g_assert_cmpint (vote_of ("A-002b", "cpu=49 numlib=yes"), ==, LDS_OPTION_ABSTAIN);
  g_assert_cmpint (vote_of ("A-002b", "cpu=50 numlib=yes"), ==, LDS_OPTION_PYTHON);
  g_assert_cmpint (vote_of ("A-002b", "cpu=50"), ==, LDS_OPTION_ABSTAIN);
}

/* @steps: the ids that the walk comes to, in order, each with y or n behind it. */
static void
check_walk (guint tree_index,
            const char *text,
            const char *steps,
            LdsOption first_hit,
            LdsOption all_asked)
{
  g_autoptr (LdsAnswers) answers = answers_of (text);
  g_autoptr (GPtrArray) trees = lds_trees_walk (answers);
  const LdsTree *tree = g_ptr_array_index (trees, tree_index);
  g_autoptr (GString) walked = g_string_new (NULL);

  for (guint i = 0; i < tree->nodes->len; i++)
    {
      const LdsTreeNode *node = &g_array_index (tree->nodes, LdsTreeNode, i);

      if (node->taken != LDS_BRANCH_NONE)
        g_string_append_printf (walked, "%s%s%c", walked->len > 0 ? " " : "",
                                node->id + strlen ("Q-000-"),
                                node->taken == LDS_BRANCH_YES ? 'y' : 'n');
    }
  g_assert_cmpstr (walked->str, ==, steps);
  g_assert_cmpint (tree->first_hit, ==, first_hit);
  g_assert_cmpint (tree->all_asked, ==, all_asked);
}

static void
test_matrix (void)
{
  check_walk (0, "conns=1k-10k", "1y", LDS_OPTION_NODE, LDS_OPTION_NODE);
  check_walk (0, "rt=essential", "1n 2y", LDS_OPTION_NODE, LDS_OPTION_NODE);
  check_walk (0, "ml=inference", "1n 2n 3y", LDS_OPTION_PYTHON, LDS_OPTION_PYTHON);
  check_walk (0, "data=heavy", "1n 2n 3n 4y", LDS_OPTION_PYTHON, LDS_OPTION_PYTHON);
  check_walk (0, "numlib=yes", "1n 2n 3n 4n 5y", LDS_OPTION_PYTHON, LDS_OPTION_PYTHON);
  check_walk (0, "rt=nice ml=hosted data=light conns=100-1k", "1n 2n 3n 4n 5n", LDS_OPTION_ABSTAIN,
              LDS_OPTION_ABSTAIN);
  check_walk (0, "conns=gt50k data=veryheavy", "1y", LDS_OPTION_NODE, LDS_OPTION_POLYGLOT);
}

static void
test_framework (void)
{
  check_walk (1, "ml=core rt=essential", "6y 6by", LDS_OPTION_POLYGLOT, LDS_OPTION_POLYGLOT);
  check_walk (1, "ml=core conns=gt50k", "6y 6bn", LDS_OPTION_PYTHON, LDS_OPTION_PYTHON);
  check_walk (1, "rt=essential", "6n 7y", LDS_OPTION_NODE, LDS_OPTION_NODE);
  check_walk (1, "conns=1k-10k", "6n 7n 8y", LDS_OPTION_NODE, LDS_OPTION_NODE);
  check_walk (1, "data=heavy", "6n 7n 8n 9y", LDS_OPTION_PYTHON, LDS_OPTION_PYTHON);
  check_walk (1, "js=3 py=3", "6n 7n 8n 9n 10y", LDS_OPTION_NODE, LDS_OPTION_NODE);
  check_walk (1, "js=3 py=4", "6n 7n 8n 9n 10n", LDS_OPTION_PYTHON, LDS_OPTION_PYTHON);
}

static void
test_measured_cells (void)
{
  double cells[LDS_N_OPTIONS];

  lds_model_measured_cells (FALSE, 1, cells);
  g_assert_cmpfloat (cells[0], ==, 50);
  g_assert_cmpfloat (cells[1], ==, 50);
  g_assert_cmpfloat (cells[2], ==, 47);
  lds_model_measured_cells (TRUE, 2, cells);
  g_assert_cmpfloat (cells[0], ==, 75);
  g_assert_cmpfloat (cells[1], ==, 25);
  g_assert_cmpfloat (cells[2], ==, 25);
  lds_model_measured_cells (FALSE, 1e9, cells);
  g_assert_cmpfloat (cells[0], ==, 95);
  g_assert_cmpfloat (cells[1], ==, 5);
}

/* Evidence lifts the cap, and with it the certainty that is shown. */
static void
test_caps (void)
{
  g_autoptr (LdsAnswers) answers = lds_answers_new_sample (lds_rule_pack_get_default ());
  const double caps[] = {74, 84, 95};

  for (guint e = 0; e < G_N_ELEMENTS (caps); e++)
    {
      g_autoptr (LdsVerdict) verdict = lds_advise (answers, (LdsEvidence)e);

      g_assert_cmpfloat (verdict->confidence_raw, ==, 97); /* PS-01 of the domain */
      g_assert_cmpfloat (verdict->confidence, ==, caps[e]);
      g_assert_cmpint (verdict->band, ==, e == 0 ? LDS_BAND_MODERATE : LDS_BAND_HIGH);
    }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/advice/model/gates", test_gates);
  g_test_add_func ("/advice/model/symmetry", test_symmetry);
  g_test_add_func ("/advice/model/cpu-share", test_cpu_share);
  g_test_add_func ("/advice/model/matrix", test_matrix);
  g_test_add_func ("/advice/model/framework", test_framework);
  g_test_add_func ("/advice/model/measured-cells", test_measured_cells);
  g_test_add_func ("/advice/model/caps", test_caps);
  return g_test_run ();
}
