/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stage Ask: one question a page, back and forth, with the lean so far. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-ask-page.h"

#include <glib/gi18n.h>

#include "lds-lean-bar.h"
#include "lds-question-view.h"
#include "lds-tree-view.h"

struct _LdsAskPage
{
  GtkWidget parent_instance;

  LdsLeanBar *lean;
  GtkStack *stack;
  GtkButton *previous;
  GtkButton *next;
  GtkLabel *progress_text;
  GtkProgressBar *progress;
  GtkBox *map_pane;
  GtkBox *trees;

  LdsAssessment *assessment;
  GPtrArray *questions;  /* (element-type LdsQuestion), the pack's */
  GPtrArray *tree_views; /* (element-type LdsTreeView), not owned; empty until there is room */
  guint index;
};

enum
{
  FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsAskPage, lds_ask_page, GTK_TYPE_WIDGET)

static LdsQuestionView *
present_view (LdsAskPage *self)
{
  GtkWidget *child = gtk_stack_get_visible_child (self->stack);

  return child != NULL ? LDS_QUESTION_VIEW (child) : NULL;
}

static void
next (LdsAskPage *self)
{
  if (self->index + 1 < self->questions->len)
    lds_ask_page_go_to (self, self->index + 1);
  else
    g_signal_emit (self, signals[FINISHED], 0);
}

static void
update_progress (LdsAskPage *self)
{
  guint n = self->questions->len;
  guint answered = lds_assessment_count_answered (self->assessment);
  g_autofree char *text = NULL;
  g_autofree char *tooltip = NULL;

  /* Translators: place of a question among all: "4 of 30" */
  text = g_strdup_printf (_ ("%u of %u"), self->index + 1, n);
  tooltip = g_strdup_printf (ngettext ("%u question answered", "%u questions answered", answered), answered);
  gtk_label_set_label (self->progress_text, text);
  gtk_progress_bar_set_fraction (self->progress, n > 0 ? (self->index + 1) / (double)n : 0);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->progress), tooltip);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "ask.previous", self->index > 0);
  if (self->index + 1 < n)
    {
      gtk_button_set_label (self->next, _ ("_Next"));
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->next), _ ("Next Question"));
    }
  else
    {
      gtk_button_set_label (self->next, _ ("See _Advice"));
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->next), NULL);
    }
}

static GtkWidget *
new_tree_label (const char *text,
                const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
update_trees (LdsAskPage *self)
{
  g_autoptr (GPtrArray) trees = NULL;

  if (!gtk_widget_get_visible (GTK_WIDGET (self->map_pane)))
    return;
  trees = lds_trees_walk (lds_assessment_get_answers (self->assessment));
  for (guint i = 0; i < trees->len; i++)
    {
      const LdsTree *tree = trees->pdata[i];

      if (i < self->tree_views->len)
        {
          lds_tree_view_update (self->tree_views->pdata[i], tree);
          continue;
        }
      g_ptr_array_add (self->tree_views, lds_tree_view_new (tree));
      gtk_box_append (self->trees, new_tree_label (tree->title, "heading"));
      gtk_box_append (self->trees, self->tree_views->pdata[i]);
    }
}

static void
verdict_changed_cb (LdsAskPage *self)
{
  update_progress (self);
  update_trees (self);
}

static void
next_action (GtkWidget *widget,
             const char *action_name,
             GVariant *parameter)
{
  next (LDS_ASK_PAGE (widget));
}

static void
previous_action (GtkWidget *widget,
                 const char *action_name,
                 GVariant *parameter)
{
  lds_ask_page_go_back (LDS_ASK_PAGE (widget));
}

static void
go_to_action (GtkWidget *widget,
              const char *action_name,
              GVariant *parameter)
{
  LdsAskPage *self = LDS_ASK_PAGE (widget);
  const char *id = g_variant_get_string (parameter, NULL);

  for (guint i = 0; i < self->questions->len; i++)
    if (g_str_equal (((const LdsQuestion *)self->questions->pdata[i])->id, id))
      lds_ask_page_go_to (self, i);
}

static gboolean
key_pressed_cb (LdsAskPage *self,
                guint keyval,
                guint keycode,
                GdkModifierType state)
{
  LdsQuestionView *view = present_view (self);

  if ((state & gtk_accelerator_get_default_mod_mask ()) != 0 || view == NULL)
    return GDK_EVENT_PROPAGATE;
  if (keyval >= GDK_KEY_0 && keyval <= GDK_KEY_9)
    return lds_question_view_pick (view, keyval - GDK_KEY_0);
  if (keyval >= GDK_KEY_KP_0 && keyval <= GDK_KEY_KP_9)
    return lds_question_view_pick (view, keyval - GDK_KEY_KP_0);
  return GDK_EVENT_PROPAGATE;
}

static void
lds_ask_page_dispose (GObject *object)
{
  LdsAskPage *self = LDS_ASK_PAGE (object);
  GtkWidget *child;

  if (self->assessment != NULL)
    g_signal_handlers_disconnect_by_data (self->assessment, self);
  g_clear_object (&self->assessment);
  g_clear_pointer (&self->tree_views, g_ptr_array_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lds_ask_page_parent_class)->dispose (object);
}

static void
lds_ask_page_class_init (LdsAskPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_ask_page_dispose;

  signals[FINISHED] = g_signal_new ("finished", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (LDS_TYPE_LEAN_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, LDS_RESOURCE_BASE "/lds-ask-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LdsAskPage, lean);
  gtk_widget_class_bind_template_child (widget_class, LdsAskPage, stack);
  gtk_widget_class_bind_template_child (widget_class, LdsAskPage, previous);
  gtk_widget_class_bind_template_child (widget_class, LdsAskPage, next);
  gtk_widget_class_bind_template_child (widget_class, LdsAskPage, progress_text);
  gtk_widget_class_bind_template_child (widget_class, LdsAskPage, progress);
  gtk_widget_class_bind_template_child (widget_class, LdsAskPage, map_pane);
  gtk_widget_class_bind_template_child (widget_class, LdsAskPage, trees);
  gtk_widget_class_install_action (widget_class, "ask.next", NULL, next_action);
  gtk_widget_class_install_action (widget_class, "ask.previous", NULL, previous_action);
  gtk_widget_class_install_action (widget_class, "ask.go-to", "s", go_to_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Right, GDK_ALT_MASK, "ask.next", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "ask.previous", NULL);
}

static void
lds_ask_page_init (LdsAskPage *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->tree_views = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

void
lds_ask_page_set_assessment (LdsAskPage *self,
                             LdsAssessment *assessment)
{
  GtkWidget *child;

  g_return_if_fail (LDS_IS_ASK_PAGE (self));
  g_return_if_fail (LDS_IS_ASSESSMENT (assessment));

  if (self->assessment != NULL)
    g_signal_handlers_disconnect_by_data (self->assessment, self);
  g_set_object (&self->assessment, assessment);
  self->questions = lds_rule_pack_get_questions (lds_assessment_get_pack (assessment));
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->stack))) != NULL)
    gtk_stack_remove (self->stack, child);
  lds_lean_bar_set_assessment (self->lean, assessment);
  g_signal_connect_object (assessment, "verdict-changed", G_CALLBACK (verdict_changed_cb), self,
                           G_CONNECT_SWAPPED);
  self->index = 0;
  lds_ask_page_go_to (self, 0);
  update_trees (self);
}

void
lds_ask_page_set_wide (LdsAskPage *self,
                       gboolean wide)
{
  g_return_if_fail (LDS_IS_ASK_PAGE (self));
  gtk_widget_set_visible (GTK_WIDGET (self->map_pane), wide);
  if (self->assessment != NULL)
    update_trees (self);
}

void
lds_ask_page_go_to (LdsAskPage *self,
                    guint index)
{
  const LdsQuestion *question;
  GtkWidget *view;

  g_return_if_fail (LDS_IS_ASK_PAGE (self));
  g_return_if_fail (self->questions != NULL && index < self->questions->len);

  question = self->questions->pdata[index];
  view = gtk_stack_get_child_by_name (self->stack, question->id);
  if (view == NULL)
    {
      view = lds_question_view_new (self->assessment, question);
      gtk_stack_add_named (self->stack, view, question->id);
      g_signal_connect_object (view, "accepted", G_CALLBACK (next), self, G_CONNECT_SWAPPED);
    }
  gtk_stack_set_visible_child_full (self->stack, question->id,
                                    index >= self->index ? GTK_STACK_TRANSITION_TYPE_SLIDE_LEFT
                                                         : GTK_STACK_TRANSITION_TYPE_SLIDE_RIGHT);
  self->index = index;
  update_progress (self);
  lds_ask_page_focus (self);
}

guint
lds_ask_page_get_index (LdsAskPage *self)
{
  g_return_val_if_fail (LDS_IS_ASK_PAGE (self), 0);
  return self->index;
}

gboolean
lds_ask_page_go_back (LdsAskPage *self)
{
  g_return_val_if_fail (LDS_IS_ASK_PAGE (self), FALSE);

  if (self->index == 0)
    return FALSE;
  lds_ask_page_go_to (self, self->index - 1);
  return TRUE;
}

void
lds_ask_page_focus (LdsAskPage *self)
{
  LdsQuestionView *view;

  g_return_if_fail (LDS_IS_ASK_PAGE (self));

  view = present_view (self);
  if (view != NULL && gtk_widget_get_root (GTK_WIDGET (self)) != NULL)
    lds_question_view_focus (view);
}
