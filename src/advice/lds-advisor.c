/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The articles' advisors and trees: walking their steps. */
#define G_LOG_DOMAIN "lds-advisor"

#include "config.h"
#include "lds-advisor.h"

#include <glib/gi18n-lib.h>

#include "lds-tree.h"

/* Called at each step of a walk. */
typedef void (*StepFunc) (guint index,
                          const LdsStep *step,
                          gboolean yes,
                          const LdsBranchRule *branch,
                          gpointer user_data);

typedef struct
{
  guint votes[LDS_N_OPTIONS];
  LdsOption verdict;
  gboolean ended; /* by a step, not by counting */
} Walk;

static LdsOption
count_votes (const LdsAdvisor *advisor,
             const guint *votes)
{
  guint node = votes[LDS_OPTION_NODE], python = votes[LDS_OPTION_PYTHON];

  if (advisor->count == LDS_COUNT_ANY && node > 0 && python > 0)
    return LDS_OPTION_POLYGLOT;
  if (advisor->count != LDS_COUNT_NONE && node > python)
    return LDS_OPTION_NODE;
  if (advisor->count != LDS_COUNT_NONE && python > node)
    return LDS_OPTION_PYTHON;
  return advisor->otherwise;
}

static Walk
walk (const LdsAdvisor *advisor,
      const LdsInput *input,
      gboolean first_vote_ends,
      StepFunc func,
      gpointer user_data)
{
  Walk result = {{0}, LDS_OPTION_ABSTAIN, FALSE};
  guint i = 0;

  while (i < advisor->steps->len)
    {
      const LdsStep *step = g_ptr_array_index (advisor->steps, i);
      gboolean yes = lds_expression_is_true (step->test, input->slots);
      const LdsBranchRule *branch = yes ? &step->yes : &step->no;

      if (func != NULL)
        func (i, step, yes, branch, user_data);
      if (branch->kind == LDS_BRANCH_END || (branch->kind == LDS_BRANCH_VOTE && first_vote_ends))
        {
          result.verdict = branch->option;
          result.ended = TRUE;
          return result;
        }
      if (branch->kind == LDS_BRANCH_VOTE)
        result.votes[branch->option]++;
      i = branch->kind == LDS_BRANCH_GO ? branch->target : i + 1;
    }
  result.verdict = count_votes (advisor, result.votes);
  return result;
}

LdsOption
lds_advisor_vote (const LdsAdvisor *advisor,
                  const LdsInput *input)
{
  return walk (advisor, input, FALSE, NULL, NULL).verdict;
}

static char *
describe_step (const LdsStep *step,
               gboolean yes,
               const LdsBranchRule *branch)
{
  const char *answer = yes ? _ ("Yes") : _ ("No");

  if (branch->kind == LDS_BRANCH_VOTE)
    /* Translators: a question, the answer to it, the option that this speaks for */
    return g_strdup_printf (_ ("%s %s, which speaks for %s."), step->text, answer,
                            lds_option_title (branch->option));
  if (branch->kind == LDS_BRANCH_END && branch->option == LDS_OPTION_ABSTAIN)
    /* Translators: a question, the answer to it */
    return g_strdup_printf (_ ("%s %s: no advice."), step->text, answer);
  if (branch->kind == LDS_BRANCH_END)
    /* Translators: a question, the answer to it, the option advised */
    return g_strdup_printf (_ ("%s %s: %s."), step->text, answer,
                            lds_option_title (branch->option));
  /* Translators: a question, the answer to it */
  return g_strdup_printf (_ ("%s %s."), step->text, answer);
}

static void
describe_cb (guint index,
             const LdsStep *step,
             gboolean yes,
             const LdsBranchRule *branch,
             gpointer user_data)
{
  g_ptr_array_add (user_data, describe_step (step, yes, branch));
}

static char *
describe_conclusion (const LdsAdvisor *advisor,
                     const Walk *result)
{
  if (advisor->count == LDS_COUNT_NONE)
    return result->verdict == LDS_OPTION_ABSTAIN
               ? g_strdup (_ ("Nothing decides: no advice."))
               : g_strdup_printf (_ ("Nothing else decides: %s."),
                                  lds_option_title (result->verdict));
  /* Translators: two counts of arguments, then the option advised */
  if (result->verdict != LDS_OPTION_ABSTAIN)
    return g_strdup_printf (_ ("%u for Node.js, %u for Python: %s."),
                            result->votes[LDS_OPTION_NODE], result->votes[LDS_OPTION_PYTHON],
                            lds_option_title (result->verdict));
  return g_strdup_printf (_ ("%u for Node.js, %u for Python: no advice."),
                          result->votes[LDS_OPTION_NODE], result->votes[LDS_OPTION_PYTHON]);
}

static LdsOption
first_hit (const LdsAdvisor *advisor,
           const LdsInput *input)
{
  return walk (advisor, input, TRUE, NULL, NULL).verdict;
}

GStrv
lds_advisor_path (const LdsAdvisor *advisor,
                  const LdsInput *input)
{
  GPtrArray *path = g_ptr_array_new ();
  Walk result = walk (advisor, input, FALSE, describe_cb, path);

  if (!result.ended)
    g_ptr_array_add (path, describe_conclusion (advisor, &result));
  if (advisor->first_hit && result.verdict == LDS_OPTION_POLYGLOT)
    g_ptr_array_add (path,
                     /* Translators: the option that the other reading of a tree gives */
                     g_strdup_printf (_ ("Read as “the first yes decides”, it would be %s."),
                                      lds_option_title (first_hit (advisor, input))));
  g_ptr_array_add (path, NULL);
  return (GStrv)g_ptr_array_free (path, FALSE);
}

void
lds_tree_free (LdsTree *tree)
{
  g_array_unref (tree->nodes);
  g_free (tree);
}

static LdsBranchEnd
branch_end (const LdsAdvisor *advisor,
            const LdsBranchRule *branch,
            guint index)
{
  gboolean ends = branch->kind == LDS_BRANCH_END || branch->kind == LDS_BRANCH_VOTE;
  guint next = branch->kind == LDS_BRANCH_GO ? branch->target : index + 1;

  if (ends)
    return (LdsBranchEnd){branch->option, -1};
  if (next >= advisor->steps->len)
    return (LdsBranchEnd){advisor->otherwise, -1};
  return (LdsBranchEnd){LDS_OPTION_ABSTAIN, (int)next};
}

static void
mark_taken_cb (guint index,
               const LdsStep *step,
               gboolean yes,
               const LdsBranchRule *branch,
               gpointer user_data)
{
  g_array_index ((GArray *)user_data, LdsTreeNode, index).taken =
      yes ? LDS_BRANCH_YES : LDS_BRANCH_NO;
}

static LdsTree *
walk_tree (const LdsAdvisor *advisor,
           LdsAnswers *answers,
           const LdsInput *input)
{
  LdsRulePack *pack = lds_answers_get_pack (answers);
  LdsTree *tree = g_new0 (LdsTree, 1);

  tree->id = advisor->tree;
  tree->advisor = advisor->id;
  tree->title = advisor->title;
  tree->articles = advisor->articles;
  tree->nodes = g_array_new (FALSE, FALSE, sizeof (LdsTreeNode));
  for (guint i = 0; i < advisor->steps->len; i++)
    {
      const LdsStep *step = g_ptr_array_index (advisor->steps, i);
      const char *question = lds_rule_pack_rule (pack, (guint)step->question)->public.id;
      const char *value = lds_answers_get (answers, question);
      LdsTreeNode node = {
          .id = step->id,
          .question = question,
          .text = step->text,
          .answer =
              lds_expression_is_true (step->test, input->slots) ? LDS_BRANCH_YES : LDS_BRANCH_NO,
          .assumed = g_strcmp0 (value, "unknown") == 0 ||
                     (value == NULL && lds_answers_get_not_applicable (answers, question) == NULL),
          .yes = branch_end (advisor, &step->yes, i),
          .no = branch_end (advisor, &step->no, i),
      };

      g_array_append_val (tree->nodes, node);
    }
  tree->first_hit = walk (advisor, input, TRUE, mark_taken_cb, tree->nodes).verdict;
  tree->all_asked = lds_advisor_vote (advisor, input);
  return tree;
}

GPtrArray *
lds_trees_walk (LdsAnswers *answers)
{
  GPtrArray *trees = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_tree_free);
  LdsRulePack *pack = lds_answers_get_pack (answers);
  LdsInput input;

  lds_answers_get_input (answers, &input);
  for (guint i = 0; i < pack->advisors->len; i++)
    {
      const LdsAdvisor *advisor = g_ptr_array_index (pack->advisors, i);

      if (advisor->tree != NULL)
        g_ptr_array_add (trees, walk_tree (advisor, answers, &input));
    }
  return trees;
}
