/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One question on one page: heading, help, answers to pick from, and why it is asked. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-question-view.h"

#include <glib/gi18n.h>
#include <math.h>

/* Up to this many steps a slider is finer than typing. */
#define MAX_SLIDER_STEPS 100
/* Up to this many steps each one has its mark. */
#define MAX_MARKED_STEPS 10

#define UNKNOWN "unknown"

struct _LdsQuestionView
{
  GtkWidget parent_instance;

  LdsAssessment *assessment;
  const LdsQuestion *question;

  GtkLabel *heading;
  GtkLabel *help;
  GtkBox *answers;
  GtkBox *other_answers;
  GtkRevealer *reason_revealer;
  AdwEntryRow *reason;
  GtkExpander *why_expander;
  GtkLabel *why;
  GtkLabel *uses;

  GtkCheckButton *group;
  GtkCheckButton *unknown;
  GtkCheckButton *not_applicable;
  GtkCheckButton *use_number; /* (nullable): invisible member of the group: the slider's value counts */
  GtkAdjustment *number;      /* (nullable) */
  GtkWidget *number_control;  /* (nullable) */
  GtkLabel *reading;          /* (nullable) */
  guint updating : 1;
};

enum
{
  ACCEPTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsQuestionView, lds_question_view, GTK_TYPE_WIDGET)

static void
accept_cb (LdsQuestionView *self)
{
  g_signal_emit (self, signals[ACCEPTED], 0);
}

static const char *
value_of (GtkCheckButton *button)
{
  return g_object_get_data (G_OBJECT (button), "value");
}

static void
set_answer (LdsQuestionView *self,
            const char *value)
{
  g_autoptr (GError) error = NULL;

  /* Only values that the question itself offers are set here. */
  if (!lds_answers_set (lds_assessment_get_answers (self->assessment), self->question->id, value,
                        &error))
    g_warning ("%s", error->message);
}

static void
set_not_applicable (LdsQuestionView *self)
{
  const char *reason = gtk_editable_get_text (GTK_EDITABLE (self->reason));
  g_autoptr (GError) error = NULL;

  if (!lds_answers_set_not_applicable (lds_assessment_get_answers (self->assessment),
                                       self->question->id,
                                       *reason != '\0' ? reason : _ ("No reason given"), &error))
    g_warning ("%s", error->message);
}

static void
show_reading (LdsQuestionView *self)
{
  g_autofree char *text = NULL;
  g_autofree char *spoken = NULL;
  double value;

  if (self->reading == NULL)
    return;
  value = gtk_adjustment_get_value (self->number);
  if (self->question->unit != NULL)
    text = g_strdup_printf ("%.0f %s", value, self->question->unit);
  else
    /* Translators: a value on a scale: "3 of 5" */
    text = g_strdup_printf (_ ("%.0f of %.0f"), value, self->question->maximum);
  gtk_label_set_label (self->reading, text);
  if (gtk_check_button_get_active (self->use_number))
    gtk_widget_remove_css_class (GTK_WIDGET (self->reading), "dim-label");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->reading), "dim-label");
  spoken = g_strdup (text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->number_control),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, spoken, -1);
}

static void
toggled_cb (LdsQuestionView *self,
            GtkCheckButton *button)
{
  if (self->updating || !gtk_check_button_get_active (button))
    return;
  gtk_revealer_set_reveal_child (self->reason_revealer, button == self->not_applicable);
  if (button == self->not_applicable)
    set_not_applicable (self);
  else
    set_answer (self, value_of (button));
  show_reading (self);
}

static void
reason_changed_cb (LdsQuestionView *self)
{
  if (!self->updating && gtk_check_button_get_active (self->not_applicable))
    set_not_applicable (self);
}

static void
number_changed_cb (LdsQuestionView *self)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!self->updating)
    {
      self->updating = TRUE;
      gtk_check_button_set_active (self->use_number, TRUE);
      gtk_revealer_set_reveal_child (self->reason_revealer, FALSE);
      self->updating = FALSE;
      set_answer (self, g_ascii_formatd (text, sizeof text, "%.0f",
                                         round (gtk_adjustment_get_value (self->number))));
    }
  show_reading (self);
}

/* Shows what the answers hold. */
static void
show_answer (LdsQuestionView *self)
{
  LdsAnswers *answers = lds_assessment_get_answers (self->assessment);
  const char *value = lds_answers_get (answers, self->question->id);
  const char *reason = lds_answers_get_not_applicable (answers, self->question->id);
  GtkCheckButton *chosen = NULL;

  self->updating = TRUE;
  if (reason != NULL)
    {
      chosen = self->not_applicable;
      if (!g_str_equal (reason, _ ("No reason given")))
        gtk_editable_set_text (GTK_EDITABLE (self->reason), reason);
    }
  else if (g_strcmp0 (value, UNKNOWN) == 0)
    chosen = self->unknown;
  else if (value != NULL && self->number != NULL)
    {
      gtk_adjustment_set_value (self->number, g_ascii_strtod (value, NULL));
      chosen = self->use_number;
    }
  else if (value != NULL)
    for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->answers)); child != NULL;
         child = gtk_widget_get_next_sibling (child))
      if (g_strcmp0 (value_of (GTK_CHECK_BUTTON (child)), value) == 0)
        chosen = GTK_CHECK_BUTTON (child);
  if (chosen != NULL)
    gtk_check_button_set_active (chosen, TRUE);
  gtk_revealer_set_reveal_child (self->reason_revealer,
                                 chosen != NULL && chosen == self->not_applicable);
  self->updating = FALSE;
  show_reading (self);
}

static GtkCheckButton *
add_answer (LdsQuestionView *self,
            GtkBox *box,
            const char *value,
            const char *label,
            const char *help,
            guint digit)
{
  /* One of a group, which GTK 4.8 draws but does not tell. */
  GtkWidget *button = g_object_new (GTK_TYPE_CHECK_BUTTON, "accessible-role", GTK_ACCESSIBLE_ROLE_RADIO, NULL);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *text = gtk_label_new (label);

  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_box_append (GTK_BOX (texts), text);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (texts, TRUE);
  if (help != NULL && *help != '\0')
    {
      GtkWidget *note = gtk_label_new (help);

      gtk_label_set_xalign (GTK_LABEL (note), 0);
      gtk_label_set_wrap (GTK_LABEL (note), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (note), PANGO_WRAP_WORD_CHAR);
      gtk_widget_add_css_class (note, "caption");
      gtk_widget_add_css_class (note, "dim-label");
      gtk_box_append (GTK_BOX (texts), note);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                      help, -1);
    }
  gtk_box_append (GTK_BOX (row), texts);
  if (digit >= 1 && digit <= 9)
    {
      g_autofree char *key = g_strdup_printf ("%u", digit);
      GtkWidget *hint = gtk_label_new (key);

      gtk_widget_add_css_class (hint, "key-hint");
      gtk_widget_set_valign (hint, GTK_ALIGN_CENTER);
      gtk_box_append (GTK_BOX (row), hint);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button),
                                      GTK_ACCESSIBLE_PROPERTY_KEY_SHORTCUTS, key, -1);
    }
  gtk_check_button_set_child (GTK_CHECK_BUTTON (button), row);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  gtk_widget_add_css_class (button, "answer");
  g_object_set_data_full (G_OBJECT (button), "value", g_strdup (value), g_free);
  if (self->group == NULL)
    self->group = GTK_CHECK_BUTTON (button);
  else
    gtk_check_button_set_group (GTK_CHECK_BUTTON (button), self->group);
  g_signal_connect_object (button, "toggled", G_CALLBACK (toggled_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (box, button);
  return GTK_CHECK_BUTTON (button);
}

static void
add_number (LdsQuestionView *self)
{
  const LdsQuestion *question = self->question;
  double steps = question->maximum - question->minimum;
  double start =
      question->fallback != NULL ? g_ascii_strtod (question->fallback, NULL) : question->minimum;
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->use_number = GTK_CHECK_BUTTON (g_object_ref_sink (gtk_check_button_new ()));
  self->group = self->use_number;
  self->number =
      gtk_adjustment_new (CLAMP (start, question->minimum, question->maximum), question->minimum,
                          question->maximum, 1, MAX (1, steps / 10), 0);
  if (steps <= MAX_SLIDER_STEPS)
    {
      self->reading = GTK_LABEL (gtk_label_new (NULL));
      gtk_widget_add_css_class (GTK_WIDGET (self->reading), "reading");
      gtk_box_append (GTK_BOX (row), GTK_WIDGET (self->reading));
      self->number_control = gtk_scale_new (GTK_ORIENTATION_HORIZONTAL, self->number);
      gtk_scale_set_digits (GTK_SCALE (self->number_control), 0);
      for (double mark = question->minimum; mark <= question->maximum;
           mark += steps <= MAX_MARKED_STEPS ? 1 : steps / 4)
        {
          g_autofree char *text = g_strdup_printf ("%.0f", mark);

          gtk_scale_add_mark (GTK_SCALE (self->number_control), mark, GTK_POS_BOTTOM, text);
        }
    }
  else
    {
      self->number_control = gtk_spin_button_new (self->number, 1, 0);
      gtk_widget_set_margin_top (self->number_control, 12);
      gtk_widget_set_margin_bottom (self->number_control, 12);
      gtk_widget_set_margin_start (self->number_control, 12);
      gtk_widget_set_margin_end (self->number_control, 12);
    }
  gtk_widget_add_css_class (row, "number");
  gtk_box_append (GTK_BOX (row), self->number_control);
  gtk_box_append (self->answers, row);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self->number_control),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, self->heading, NULL, -1);
  g_signal_connect_object (self->number, "value-changed", G_CALLBACK (number_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

/* Enter on an answer that is picked already accepts it; on another one it picks, as everywhere. */
static gboolean
key_pressed_cb (LdsQuestionView *self,
                guint keyval,
                guint keycode,
                GdkModifierType state)
{
  GtkWidget *focus;

  if ((state & gtk_accelerator_get_default_mod_mask ()) != 0 ||
      (keyval != GDK_KEY_Return && keyval != GDK_KEY_KP_Enter && keyval != GDK_KEY_ISO_Enter))
    return GDK_EVENT_PROPAGATE;
  focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));
  if (focus == self->number_control ||
      (GTK_IS_CHECK_BUTTON (focus) && gtk_check_button_get_active (GTK_CHECK_BUTTON (focus))))
    {
      accept_cb (self);
      return GDK_EVENT_STOP;
    }
  return GDK_EVENT_PROPAGATE;
}

static void
lds_question_view_dispose (GObject *object)
{
  LdsQuestionView *self = LDS_QUESTION_VIEW (object);
  GtkWidget *child;

  g_clear_object (&self->assessment);
  self->number = NULL;
  g_clear_object (&self->use_number);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lds_question_view_parent_class)->dispose (object);
}

static void
lds_question_view_class_init (LdsQuestionViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_question_view_dispose;

  signals[ACCEPTED] = g_signal_new ("accepted", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, LDS_RESOURCE_BASE "/lds-question-view.ui");
  gtk_widget_class_bind_template_child (widget_class, LdsQuestionView, heading);
  gtk_widget_class_bind_template_child (widget_class, LdsQuestionView, help);
  gtk_widget_class_bind_template_child (widget_class, LdsQuestionView, answers);
  gtk_widget_class_bind_template_child (widget_class, LdsQuestionView, other_answers);
  gtk_widget_class_bind_template_child (widget_class, LdsQuestionView, reason_revealer);
  gtk_widget_class_bind_template_child (widget_class, LdsQuestionView, reason);
  gtk_widget_class_bind_template_child (widget_class, LdsQuestionView, why_expander);
  gtk_widget_class_bind_template_child (widget_class, LdsQuestionView, why);
  gtk_widget_class_bind_template_child (widget_class, LdsQuestionView, uses);
  gtk_widget_class_bind_template_callback (widget_class, reason_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, accept_cb);
}

static void
lds_question_view_init (LdsQuestionView *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

GtkWidget *
lds_question_view_new (LdsAssessment *assessment,
                       const LdsQuestion *question)
{
  LdsQuestionView *self = g_object_new (LDS_TYPE_QUESTION_VIEW, NULL);
  g_autofree char *uses = NULL;

  self->assessment = g_object_ref (assessment);
  self->question = question;
  gtk_label_set_label (self->heading, question->text);
  gtk_label_set_label (self->help, question->help);
  gtk_widget_set_visible (GTK_WIDGET (self->help),
                          question->help != NULL && *question->help != '\0');
  gtk_label_set_label (self->why, question->why);
  /* Translators: ids of rules of the source articles: "Rules: Q-000-1, R-002-7" */
  uses = g_strdup_printf (_ ("Rules: %s"), question->uses);
  gtk_label_set_label (self->uses, uses);

  if (question->type == LDS_QUESTION_CHOICE)
    for (guint i = 0; i < question->choices->len; i++)
      {
        const LdsChoice *choice = question->choices->pdata[i];

        if (!g_str_equal (choice->id, UNKNOWN))
          add_answer (self, self->answers, choice->id, choice->label, choice->help, i + 1);
      }
  else
    add_number (self);
  self->unknown = add_answer (self, self->other_answers, UNKNOWN, _ ("I don’t know"), NULL, 0);
  self->not_applicable = add_answer (self, self->other_answers, NULL, _ ("Does not apply"), NULL, 0);
  show_answer (self);
  return GTK_WIDGET (self);
}

const LdsQuestion *
lds_question_view_get_question (LdsQuestionView *self)
{
  g_return_val_if_fail (LDS_IS_QUESTION_VIEW (self), NULL);
  return self->question;
}

gboolean
lds_question_view_pick (LdsQuestionView *self,
                        guint digit)
{
  GtkWidget *child;

  g_return_val_if_fail (LDS_IS_QUESTION_VIEW (self), FALSE);

  if (self->number != NULL)
    {
      if (digit < self->question->minimum || digit > self->question->maximum ||
          self->question->maximum > 9)
        return FALSE;
      gtk_adjustment_set_value (self->number, digit);
      /* The value may have been there without being the answer. */
      number_changed_cb (self);
      gtk_widget_grab_focus (self->number_control);
      return TRUE;
    }
  child = gtk_widget_get_first_child (GTK_WIDGET (self->answers));
  for (guint i = 1; child != NULL && i < digit; i++)
    child = gtk_widget_get_next_sibling (child);
  if (child == NULL || digit == 0)
    return FALSE;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (child), TRUE);
  gtk_widget_grab_focus (child);
  return TRUE;
}

void
lds_question_view_focus (LdsQuestionView *self)
{
  g_return_if_fail (LDS_IS_QUESTION_VIEW (self));

  if (gtk_check_button_get_active (self->unknown))
    gtk_widget_grab_focus (GTK_WIDGET (self->unknown));
  else if (gtk_check_button_get_active (self->not_applicable))
    gtk_widget_grab_focus (GTK_WIDGET (self->not_applicable));
  else if (self->number_control != NULL)
    gtk_widget_grab_focus (self->number_control);
  else
    {
      GtkWidget *target = gtk_widget_get_first_child (GTK_WIDGET (self->answers));

      for (GtkWidget *child = target; child != NULL; child = gtk_widget_get_next_sibling (child))
        if (gtk_check_button_get_active (GTK_CHECK_BUTTON (child)))
          target = child;
      if (target != NULL)
        gtk_widget_grab_focus (target);
    }
}
