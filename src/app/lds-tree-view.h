/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One decision tree of an article as a picture that can be used: each node is a button that goes to
 * its question, the walk that the answers take is bold. */
#pragma once

#include <adwaita.h>

#include "lds-tree.h"

G_BEGIN_DECLS

#define LDS_TYPE_TREE_VIEW (lds_tree_view_get_type ())
G_DECLARE_FINAL_TYPE (LdsTreeView, lds_tree_view, LDS, TREE_VIEW, GtkWidget)

/**
 * lds_tree_view_new:
 * @tree: of the shape to draw; not kept
 *
 * Its buttons activate "ask.go-to".
 */
GtkWidget *lds_tree_view_new (const LdsTree *tree);

/** Shows the walk of @tree, which has the shape that the view was made for. */
void lds_tree_view_update (LdsTreeView *self, const LdsTree *tree);

G_END_DECLS
