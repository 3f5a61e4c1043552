/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the verdict leans while questions are answered. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-lean-bar.h"

#include <glib/gi18n.h>
#include <math.h>

#include "lds-compat.h"
#include "lds-palette.h"

/* Lead in points of score at which the mark stands at the end of the line. */
#define FULL_LEAN 30.0
/* From this lead on the words say "Clearly": the margin of a strong recommendation. */
#define CLEAR_LEAN 15.0

#define TRACK_PX 4
#define KNOB_PX  14

struct _LdsLeanBar
{
  GtkWidget parent_instance;

  GtkLabel *text;
  GtkDrawingArea *track;
  LdsAssessment *assessment;
};

G_DEFINE_FINAL_TYPE (LdsLeanBar, lds_lean_bar, GTK_TYPE_WIDGET)

/* 0.0 is Node.js, 1.0 is Python, the middle both; NaN when it is too early. */
static double
position_of (LdsLeanBar *self)
{
  const LdsVerdict *verdict;

  if (self->assessment == NULL || !lds_assessment_may_lean (self->assessment))
    return NAN;
  verdict = lds_assessment_get_verdict (self->assessment);
  if (verdict->winner == LDS_OPTION_POLYGLOT)
    return 0.5;
  return 0.5 + (verdict->winner == LDS_OPTION_PYTHON ? 0.5 : -0.5) *
                   CLAMP (verdict->margin / FULL_LEAN, 0.1, 1.0);
}

static void
draw_cb (GtkDrawingArea *area,
         cairo_t *cr,
         int width,
         int height,
         gpointer user_data)
{
  LdsLeanBar *self = user_data;
  double position = position_of (self);
  double middle = height / 2.0;
  GdkRGBA text;

  if (gtk_widget_get_direction (GTK_WIDGET (area)) == GTK_TEXT_DIR_RTL)
    position = 1 - position;
  lds_compat_get_color (GTK_WIDGET (area), &text);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width (cr, TRACK_PX);
  cairo_set_source_rgba (cr, text.red, text.green, text.blue, 0.15);
  cairo_move_to (cr, KNOB_PX / 2.0, middle);
  cairo_line_to (cr, width - KNOB_PX / 2.0, middle);
  cairo_stroke (cr);
  /* The middle, where both are taken. */
  cairo_set_source_rgba (cr, text.red, text.green, text.blue, 0.3);
  cairo_arc (cr, width / 2.0, middle, TRACK_PX, 0, 2 * M_PI);
  cairo_fill (cr);
  if (!isnan (position))
    {
      const LdsVerdict *verdict = lds_assessment_get_verdict (self->assessment);
      double x = KNOB_PX / 2.0 + position * (width - KNOB_PX);
      GdkRGBA color;

      lds_palette_option (GTK_WIDGET (area), verdict->winner, &color);
      gdk_cairo_set_source_rgba (cr, &color);
      cairo_move_to (cr, width / 2.0, middle);
      cairo_line_to (cr, x, middle);
      cairo_stroke (cr);
      cairo_arc (cr, x, middle, KNOB_PX / 2.0, 0, 2 * M_PI);
      cairo_fill (cr);
    }
}

static void
update_cb (LdsLeanBar *self)
{
  const LdsVerdict *verdict = lds_assessment_get_verdict (self->assessment);
  g_autofree char *text = NULL;

  if (!lds_assessment_may_lean (self->assessment))
    text = g_strdup (_ ("Too early to say"));
  else if (verdict->margin >= CLEAR_LEAN)
    /* Translators: %s is "Node.js", "Python" or "Node.js and Python" */
    text = g_strdup_printf (_ ("Leans clearly to %s"), lds_option_title (verdict->winner));
  else
    /* Translators: %s is "Node.js", "Python" or "Node.js and Python" */
    text = g_strdup_printf (_ ("Leans to %s"), lds_option_title (verdict->winner));
  gtk_label_set_label (self->text, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->track), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                  -1);
  gtk_widget_queue_draw (GTK_WIDGET (self->track));
}

static void
lds_lean_bar_dispose (GObject *object)
{
  LdsLeanBar *self = LDS_LEAN_BAR (object);
  GtkWidget *child;

  if (self->assessment != NULL)
    g_signal_handlers_disconnect_by_data (self->assessment, self);
  g_clear_object (&self->assessment);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lds_lean_bar_parent_class)->dispose (object);
}

static void
lds_lean_bar_class_init (LdsLeanBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_lean_bar_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "leanbar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
add_end (GtkBox *box,
         const char *label)
{
  GtkWidget *widget = gtk_label_new (label);

  gtk_widget_add_css_class (widget, "caption");
  gtk_widget_add_css_class (widget, "dim-label");
  gtk_box_append (box, widget);
}

static void
lds_lean_bar_init (LdsLeanBar *self)
{
  GtkWidget *ends = gtk_center_box_new ();
  GtkWidget *box;

  gtk_orientable_set_orientation (
      GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))), GTK_ORIENTATION_VERTICAL);
  box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  add_end (GTK_BOX (box), lds_option_title (LDS_OPTION_NODE));
  gtk_center_box_set_start_widget (GTK_CENTER_BOX (ends), box);
  self->text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->text, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->text), "caption-heading");
  gtk_center_box_set_center_widget (GTK_CENTER_BOX (ends), GTK_WIDGET (self->text));
  box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  add_end (GTK_BOX (box), lds_option_title (LDS_OPTION_PYTHON));
  gtk_center_box_set_end_widget (GTK_CENTER_BOX (ends), box);

  self->track = g_object_new (GTK_TYPE_DRAWING_AREA,
                              "accessible-role", GTK_ACCESSIBLE_ROLE_IMG,
                              "content-height", KNOB_PX + 2,
                              "hexpand", TRUE,
                              NULL);
  gtk_drawing_area_set_draw_func (self->track, draw_cb, self, NULL);
  gtk_widget_set_parent (ends, GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->track), GTK_WIDGET (self));
}

void
lds_lean_bar_set_assessment (LdsLeanBar *self,
                             LdsAssessment *assessment)
{
  g_return_if_fail (LDS_IS_LEAN_BAR (self));
  g_return_if_fail (LDS_IS_ASSESSMENT (assessment));

  if (self->assessment != NULL)
    g_signal_handlers_disconnect_by_data (self->assessment, self);
  g_set_object (&self->assessment, assessment);
  g_signal_connect_object (assessment, "verdict-changed", G_CALLBACK (update_cb), self, G_CONNECT_SWAPPED);
  update_cb (self);
}

const char *
lds_lean_bar_get_text (LdsLeanBar *self)
{
  g_return_val_if_fail (LDS_IS_LEAN_BAR (self), NULL);
  return gtk_label_get_label (self->text);
}
