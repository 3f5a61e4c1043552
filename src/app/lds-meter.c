/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thin bar: how much of a whole, with an optional mark beyond which it cannot go now. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-meter.h"

#include <math.h>

#include "lds-compat.h"
#include "lds-palette.h"

#define HEIGHT_PX 8

struct _LdsMeter
{
  GtkWidget parent_instance;

  double value;
  double mark;
  LdsOption hue;
};

G_DEFINE_FINAL_TYPE (LdsMeter, lds_meter, GTK_TYPE_WIDGET)

static void
lds_meter_measure (GtkWidget *widget,
                   GtkOrientation orientation,
                   int for_size,
                   int *minimum,
                   int *natural,
                   int *minimum_baseline,
                   int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 48 : HEIGHT_PX;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : HEIGHT_PX;
}

static void
round_rect (cairo_t *cr,
            double x,
            double y,
            double width,
            double height)
{
  double r = MIN (height, width) / 2;

  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - r, y + r, r, -M_PI / 2, M_PI / 2);
  cairo_arc (cr, x + r, y + r, r, M_PI / 2, 3 * M_PI / 2);
  cairo_close_path (cr);
}

static void
lds_meter_snapshot (GtkWidget *widget,
                    GtkSnapshot *snapshot)
{
  LdsMeter *self = LDS_METER (widget);
  double width = gtk_widget_get_width (widget);
  double height = HEIGHT_PX;
  double top = floor ((gtk_widget_get_height (widget) - height) / 2);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  double length = fabs (self->value) * width;
  gboolean from_left = (self->value >= 0) != rtl;
  cairo_t *cr;
  GdkRGBA text;
  GdkRGBA color;

  if (width <= 0)
    return;
  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)gtk_widget_get_height (widget)));
  lds_compat_get_color (widget, &text);
  lds_palette_option (widget, self->hue, &color);

  round_rect (cr, 0, top, width, height);
  cairo_clip (cr);
  cairo_set_source_rgba (cr, text.red, text.green, text.blue, 0.12);
  cairo_paint (cr);
  if (!isnan (self->mark))
    {
      /* Out of reach for now: hatched, so that it holds in greyscale. */
      double x = self->mark * width;

      cairo_save (cr);
      if (rtl)
        cairo_rectangle (cr, 0, top, width - x, height);
      else
        cairo_rectangle (cr, x, top, width - x, height);
      cairo_clip (cr);
      cairo_set_source_rgba (cr, text.red, text.green, text.blue, 0.35);
      cairo_set_line_width (cr, 1);
      for (double i = -height; i < width; i += 4)
        {
          cairo_move_to (cr, i, top + height);
          cairo_line_to (cr, i + height, top);
        }
      cairo_stroke (cr);
      cairo_restore (cr);
    }
  if (length > 0)
    {
      length = MAX (length, height / 2);
      gdk_cairo_set_source_rgba (cr, &color);
      cairo_rectangle (cr, from_left ? 0 : width - length, top, length, height);
      cairo_fill (cr);
    }
  if (!isnan (self->mark))
    {
      double x = rtl ? (1 - self->mark) * width : self->mark * width;

      gdk_cairo_set_source_rgba (cr, &text);
      cairo_rectangle (cr, x - 1, top, 2, height);
      cairo_fill (cr);
    }
  cairo_destroy (cr);
}

static void
lds_meter_class_init (LdsMeterClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = lds_meter_measure;
  widget_class->snapshot = lds_meter_snapshot;
  gtk_widget_class_set_css_name (widget_class, "meter");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_METER);
}

static void
lds_meter_init (LdsMeter *self)
{
  self->mark = NAN;
  self->hue = LDS_OPTION_ABSTAIN;
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, -100.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 100.0, -1);
}

GtkWidget *
lds_meter_new (void)
{
  return g_object_new (LDS_TYPE_METER, NULL);
}

void
lds_meter_set (LdsMeter *self,
               double value,
               double mark,
               LdsOption hue)
{
  g_return_if_fail (LDS_IS_METER (self));

  self->value = CLAMP (value, -1.0, 1.0);
  self->mark = mark;
  self->hue = hue;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_NOW,
                                  100 * self->value, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
