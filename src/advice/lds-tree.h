/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The articles' ordered trees under a set of answers: for drawing, and for telling in words. */
#pragma once

#include "lds-questionnaire.h"

G_BEGIN_DECLS

typedef enum
{
  LDS_BRANCH_NONE, /* the walk does not come here */
  LDS_BRANCH_YES,
  LDS_BRANCH_NO,
} LdsBranch;

/* Where a branch leads: a verdict, or another node. */
typedef struct
{
  LdsOption option; /* LDS_OPTION_ABSTAIN when it leads on, or ends without a verdict */
  int node;         /* index of the next node; -1 when the walk ends here */
} LdsBranchEnd;

typedef struct
{
  const char *id;       /* "Q-000-1" */
  const char *question; /* "conns": the question to go to when the node is chosen */
  const char *text;     /* translated: "More than 1,000 connections at once?" */
  LdsBranch taken;      /* in the reading "the first yes decides" */
  LdsBranch answer;     /* what the answers say, whether the walk comes here or not */
  gboolean assumed;     /* the question is not answered, so the model's assumption decided */
  LdsBranchEnd yes, no;
} LdsTreeNode;

typedef struct
{
  const char *id;       /* "T-000-1" */
  const char *advisor;  /* "A-000a" */
  const char *title;    /* translated */
  const char *articles; /* "000" */
  LdsOption first_hit;  /* where the walk ends; LDS_OPTION_ABSTAIN when without a verdict */
  LdsOption
      all_asked; /* when every question is asked and votes on both sides mean both; else as first_hit */
  GArray *nodes; /* (element-type LdsTreeNode), in the article's order */
} LdsTree;

void lds_tree_free (LdsTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsTree, lds_tree_free)

/**
 * lds_trees_walk:
 *
 * Texts live as long as the answers' rule pack.
 *
 * Returns: (transfer full) (element-type LdsTree): every ordered tree, walked, in the domain's order
 */
GPtrArray *lds_trees_walk (LdsAnswers *answers);

G_END_DECLS
