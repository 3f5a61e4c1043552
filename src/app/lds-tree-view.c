/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One decision tree of an article as a picture that can be used. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-tree-view.h"

#include <glib/gi18n.h>

#include "lds-compat.h"
#include "lds-palette.h"

#define INDENT_PX   36 /* of a node that a Yes leads to: room for both words */
#define GAP_PX      18 /* between rows, room for the word on the edge */
#define EDGE_PX     42 /* between a node and the verdict beside it */
#define STEM_PX     14 /* of an edge downwards, from the node's start */
#define ARROW_PX    4
#define MIN_NODE_PX 150

/* Where an edge ends, as laid out. */
typedef struct
{
  int node;         /* index; -1 when the walk ends */
  LdsOption option; /* drawn in its colour; LDS_OPTION_ABSTAIN for none */
  GtkWidget *label; /* (nullable): of the verdict */
  GtkAllocation box;
} End;

typedef struct
{
  GtkWidget *button;
  End yes;
  End no;
  LdsBranch taken;
  guint level;
  GtkAllocation box;
} Node;

struct _LdsTreeView
{
  GtkWidget parent_instance;

  GArray *nodes; /* of Node */
  PangoLayout *edge_text;
};

G_DEFINE_FINAL_TYPE (LdsTreeView, lds_tree_view, GTK_TYPE_WIDGET)

static int
end_width (LdsTreeView *self)
{
  int width = 0;

  for (guint i = 0; i < self->nodes->len; i++)
    {
      Node *node = &g_array_index (self->nodes, Node, i);
      int natural = 0;

      if (node->yes.label != NULL)
        gtk_widget_measure (node->yes.label, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL,
                            NULL);
      width = MAX (width, natural);
    }
  return width;
}

static guint
max_level (LdsTreeView *self)
{
  guint level = 0;

  for (guint i = 0; i < self->nodes->len; i++)
    level = MAX (level, g_array_index (self->nodes, Node, i).level);
  return level;
}

/* Puts every box in its place for @width; returns the height. */
static int
lay_out (LdsTreeView *self,
         int width)
{
  int ends = end_width (self);
  int y = 0;

  for (guint i = 0; i < self->nodes->len; i++)
    {
      Node *node = &g_array_index (self->nodes, Node, i);
      int x = (int)node->level * INDENT_PX;
      int node_width = MAX (MIN_NODE_PX, width - x - EDGE_PX - ends);
      int minimum = 0;
      int height = 0;

      gtk_widget_measure (node->button, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
      node_width = MAX (node_width, minimum);
      gtk_widget_measure (node->button, GTK_ORIENTATION_VERTICAL, node_width, NULL, &height, NULL,
                          NULL);
      node->box = (GtkAllocation){x, y, node_width, height};
      if (node->yes.label != NULL)
        {
          int label_height = 0;

          gtk_widget_measure (node->yes.label, GTK_ORIENTATION_VERTICAL, ends, NULL, &label_height,
                              NULL, NULL);
          node->yes.box = (GtkAllocation){x + node_width + EDGE_PX, y + (height - label_height) / 2,
                                          ends, label_height};
        }
      y += height + GAP_PX;
      if (node->no.label != NULL)
        {
          int label_width = 0;
          int label_height = 0;

          gtk_widget_measure (node->no.label, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &label_width,
                              NULL, NULL);
          gtk_widget_measure (node->no.label, GTK_ORIENTATION_VERTICAL, label_width, NULL,
                              &label_height, NULL, NULL);
          node->no.box = (GtkAllocation){x, y, label_width, label_height};
          y += label_height + GAP_PX;
        }
    }
  return MAX (0, y - GAP_PX);
}

static void
lds_tree_view_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  LdsTreeView *self = LDS_TREE_VIEW (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = (int)max_level (self) * INDENT_PX + MIN_NODE_PX + EDGE_PX + end_width (self);
      *natural = *minimum + 150;
    }
  else
    *minimum = *natural = lay_out (self, for_size > 0 ? for_size : 400);
}

static void
mirror (LdsTreeView *self,
        int width,
        GtkAllocation *box)
{
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    box->x = width - box->x - box->width;
}

static void
lds_tree_view_size_allocate (GtkWidget *widget,
                             int width,
                             int height,
                             int baseline)
{
  LdsTreeView *self = LDS_TREE_VIEW (widget);

  lay_out (self, width);
  for (guint i = 0; i < self->nodes->len; i++)
    {
      Node *node = &g_array_index (self->nodes, Node, i);

      mirror (self, width, &node->box);
      mirror (self, width, &node->yes.box);
      mirror (self, width, &node->no.box);
      gtk_widget_size_allocate (node->button, &node->box, -1);
      if (node->yes.label != NULL)
        gtk_widget_size_allocate (node->yes.label, &node->yes.box, -1);
      if (node->no.label != NULL)
        gtk_widget_size_allocate (node->no.label, &node->no.box, -1);
    }
}

static void
draw_edge (LdsTreeView *self,
           cairo_t *cr,
           const GdkRGBA *text,
           const char *word,
           gboolean walked,
           gboolean downwards,
           double x,
           double y,
           double length)
{
  double sign = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? -1 : 1;
  double alpha = walked ? 1 : 0.35;
  PangoRectangle extents;

  cairo_set_source_rgba (cr, text->red, text->green, text->blue, alpha);
  cairo_set_line_width (cr, walked ? 2.5 : 1);
  cairo_move_to (cr, x, y);
  if (downwards)
    cairo_line_to (cr, x, y + length - ARROW_PX);
  else
    cairo_line_to (cr, x + sign * (length - ARROW_PX), y);
  cairo_stroke (cr);
  if (downwards)
    {
      cairo_move_to (cr, x, y + length);
      cairo_rel_line_to (cr, -ARROW_PX, -ARROW_PX * 1.5);
      cairo_rel_line_to (cr, 2 * ARROW_PX, 0);
    }
  else
    {
      cairo_move_to (cr, x + sign * length, y);
      cairo_rel_line_to (cr, -sign * ARROW_PX * 1.5, -ARROW_PX);
      cairo_rel_line_to (cr, 0, 2 * ARROW_PX);
    }
  cairo_close_path (cr);
  cairo_fill (cr);

  pango_layout_set_text (self->edge_text, word, -1);
  pango_layout_get_pixel_extents (self->edge_text, NULL, &extents);
  cairo_set_source_rgba (cr, text->red, text->green, text->blue, walked ? 1 : 0.6);
  if (downwards)
    cairo_move_to (cr, sign > 0 ? x + 6 : x - 6 - extents.width,
                   y + (MIN (length, GAP_PX) - extents.height) / 2 - 1);
  else
    cairo_move_to (cr, x + sign * length / 2 - extents.width / 2.0 - sign * 3,
                   y - extents.height - 1);
  pango_cairo_show_layout (cr, self->edge_text);
}

static void
lds_tree_view_snapshot (GtkWidget *widget,
                        GtkSnapshot *snapshot)
{
  LdsTreeView *self = LDS_TREE_VIEW (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  cairo_t *cr;
  GdkRGBA text;
  PangoFontDescription *font;

  cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height));
  lds_compat_get_color (widget, &text);
  g_clear_object (&self->edge_text);
  self->edge_text = gtk_widget_create_pango_layout (widget, NULL);
  font = pango_font_description_copy (
      pango_context_get_font_description (pango_layout_get_context (self->edge_text)));
  pango_font_description_set_size (font, pango_font_description_get_size (font) * 8 / 10);
  pango_layout_set_font_description (self->edge_text, font);
  pango_font_description_free (font);

  /* The walk is drawn last, over what it crosses. */
  for (int pass = 0; pass < 2; pass++)
    for (guint i = 0; i < self->nodes->len; i++)
      {
        const Node *node = &g_array_index (self->nodes, Node, i);
        double start = rtl ? node->box.x + node->box.width - STEM_PX : node->box.x + STEM_PX;
        double side = rtl ? node->box.x : node->box.x + node->box.width;
        double middle = node->box.y + node->box.height / 2.0;
        double bottom = node->box.y + node->box.height;
        gboolean yes_walked = node->taken == LDS_BRANCH_YES;
        gboolean no_walked = node->taken == LDS_BRANCH_NO;

        if (yes_walked == (pass == 1))
          {
            if (node->yes.node >= 0)
              {
                const Node *to = &g_array_index (self->nodes, Node, (guint)node->yes.node);
                double x = rtl ? to->box.x + to->box.width - STEM_PX : to->box.x + STEM_PX;

                draw_edge (self, cr, &text, _ ("Yes"), yes_walked, TRUE, x, bottom,
                           to->box.y - bottom);
              }
            else if (node->yes.label != NULL)
              draw_edge (self, cr, &text, _ ("Yes"), yes_walked, FALSE, side, middle, EDGE_PX);
          }
        if (no_walked == (pass == 1))
          {
            if (node->no.node >= 0)
              draw_edge (self, cr, &text, _ ("No"), no_walked, TRUE, start, bottom,
                         g_array_index (self->nodes, Node, (guint)node->no.node).box.y - bottom);
            else if (node->no.label != NULL)
              draw_edge (self, cr, &text, _ ("No"), no_walked, TRUE, start, bottom,
                         node->no.box.y - bottom);
          }
      }
  cairo_destroy (cr);
  GTK_WIDGET_CLASS (lds_tree_view_parent_class)->snapshot (widget, snapshot);
}

static void
lds_tree_view_dispose (GObject *object)
{
  LdsTreeView *self = LDS_TREE_VIEW (object);
  GtkWidget *child;

  g_array_set_size (self->nodes, 0);
  g_clear_object (&self->edge_text);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lds_tree_view_parent_class)->dispose (object);
}

static void
lds_tree_view_finalize (GObject *object)
{
  g_array_unref (LDS_TREE_VIEW (object)->nodes);
  G_OBJECT_CLASS (lds_tree_view_parent_class)->finalize (object);
}

static GtkSizeRequestMode
lds_tree_view_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
lds_tree_view_class_init (LdsTreeViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = lds_tree_view_dispose;
  object_class->finalize = lds_tree_view_finalize;
  widget_class->get_request_mode = lds_tree_view_get_request_mode;
  widget_class->measure = lds_tree_view_measure;
  widget_class->size_allocate = lds_tree_view_size_allocate;
  widget_class->snapshot = lds_tree_view_snapshot;
  gtk_widget_class_set_css_name (widget_class, "tree");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
lds_tree_view_init (LdsTreeView *self)
{
  self->nodes = g_array_new (FALSE, TRUE, sizeof (Node));
}

static void
set_end (LdsTreeView *self,
         End *end,
         const LdsBranchEnd *from)
{
  end->node = from->node;
  end->option = from->option;
  if (from->node >= 0)
    return;
  end->label = gtk_label_new (from->option != LDS_OPTION_ABSTAIN ? lds_option_title (from->option)
                                                                 : _ ("open"));
  gtk_widget_add_css_class (end->label, "tree-end");
  gtk_widget_add_css_class (end->label, lds_option_to_string (from->option));
  gtk_widget_set_parent (end->label, GTK_WIDGET (self));
}

GtkWidget *
lds_tree_view_new (const LdsTree *tree)
{
  LdsTreeView *self = g_object_new (LDS_TYPE_TREE_VIEW, NULL);

  g_array_set_size (self->nodes, tree->nodes->len);
  for (guint i = 0; i < tree->nodes->len; i++)
    {
      const LdsTreeNode *from = &g_array_index (tree->nodes, LdsTreeNode, i);
      Node *node = &g_array_index (self->nodes, Node, i);
      GtkWidget *label = gtk_label_new (from->text);

      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      node->button = gtk_button_new ();
      gtk_button_set_child (GTK_BUTTON (node->button), label);
      gtk_widget_add_css_class (node->button, "tree-node");
      gtk_actionable_set_action_name (GTK_ACTIONABLE (node->button), "ask.go-to");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (node->button), "s", from->question);
      gtk_widget_set_tooltip_text (node->button, _ ("Go to This Question"));
      gtk_accessible_update_property (GTK_ACCESSIBLE (node->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      from->text, -1);
      gtk_widget_set_parent (node->button, GTK_WIDGET (self));
      set_end (self, &node->yes, &from->yes);
      set_end (self, &node->no, &from->no);
      /* Only ever forwards, so each level is known when its node is reached. */
      if (node->yes.node > (int)i && (guint)node->yes.node < self->nodes->len)
        g_array_index (self->nodes, Node, (guint)node->yes.node).level = node->level + 1;
      if (node->no.node > (int)i && (guint)node->no.node < self->nodes->len)
        g_array_index (self->nodes, Node, (guint)node->no.node).level = node->level;
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, tree->title,
                                  -1);
  lds_tree_view_update (self, tree);
  return GTK_WIDGET (self);
}

static void
set_class (GtkWidget *widget,
           const char *css_class,
           gboolean set)
{
  if (set)
    gtk_widget_add_css_class (widget, css_class);
  else
    gtk_widget_remove_css_class (widget, css_class);
}

void
lds_tree_view_update (LdsTreeView *self,
                      const LdsTree *tree)
{
  g_return_if_fail (LDS_IS_TREE_VIEW (self));
  g_return_if_fail (tree->nodes->len == self->nodes->len);

  for (guint i = 0; i < tree->nodes->len; i++)
    {
      const LdsTreeNode *from = &g_array_index (tree->nodes, LdsTreeNode, i);
      Node *node = &g_array_index (self->nodes, Node, i);
      const char *state;

      node->taken = from->taken;
      set_class (node->button, "walked", from->taken != LDS_BRANCH_NONE);
      set_class (node->button, "assumed", from->assumed);
      if (node->yes.label != NULL)
        set_class (node->yes.label, "walked", from->taken == LDS_BRANCH_YES);
      if (node->no.label != NULL)
        set_class (node->no.label, "walked", from->taken == LDS_BRANCH_NO);
      if (from->taken == LDS_BRANCH_NONE)
        state = _ ("Not reached");
      else if (from->taken == LDS_BRANCH_YES)
        state = from->assumed ? _ ("Yes, assumed until it is answered") : _ ("Yes");
      else
        state = from->assumed ? _ ("No, assumed until it is answered") : _ ("No");
      gtk_accessible_update_property (GTK_ACCESSIBLE (node->button),
                                      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, state, -1);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
