/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart of the report layer's painter as a widget. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-chart-view.h"

#include <math.h>

#include "lds-compat.h"
#include "lds-palette.h"

#define REDRAW_INTERVAL_MS   100
#define DESCRIBE_INTERVAL_US (3 * G_USEC_PER_SEC)
#define MIN_WIDTH_PX         240
#define NATURAL_WIDTH_EM     39 /* of the chart's font size, as below */
#define MIN_HEIGHT_EM        15
#define NATURAL_HEIGHT_EM    20.6

struct _LdsChartView
{
  GtkWidget parent_instance;

  LdsChart *chart;
  GPtrArray *aligned; /* (nullable) (element-type LdsChartView): shared by them all, not owned */
  guint redraw_id;
  gint64 drawn_at_us;
  gint64 described_at_us;
};

enum
{
  CURSOR_MOVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsChartView, lds_chart_view, GTK_TYPE_WIDGET)

LdsTheme
lds_chart_view_theme_for (GtkWidget *widget)
{
  AdwStyleManager *manager = adw_style_manager_get_for_display (gtk_widget_get_display (widget));
  LdsTheme theme = lds_theme_get (lds_palette_is_dark (widget) ? LDS_THEME_DARK : LDS_THEME_LIGHT,
                                  adw_style_manager_get_high_contrast (manager));
  PangoContext *context = gtk_widget_get_pango_context (widget);
  const PangoFontDescription *font = pango_context_get_font_description (context);
  GdkRGBA text;

  lds_compat_get_color (widget, &text);
  theme.text = (LdsColor){text.red, text.green, text.blue, text.alpha};
  theme.device_scale = gtk_widget_get_scale_factor (widget);
  if (font != NULL && pango_font_description_get_size (font) > 0)
    {
      double size = (double)pango_font_description_get_size (font) / PANGO_SCALE;
      double dpi = pango_cairo_context_get_resolution (context);

      if (!pango_font_description_get_size_is_absolute (font))
        size *= (dpi > 0 ? dpi : 96) / 72;
      /* Chart text is a caption: a step below the body. */
      theme.font_size = MAX (8, size * 0.8);
      theme.font = pango_font_description_get_family (font);
    }
  return theme;
}

static void
describe (LdsChartView *self)
{
  g_autofree char *text = lds_chart_describe (self->chart);

  self->described_at_us = g_get_monotonic_time ();
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

static gboolean
redraw_cb (gpointer user_data)
{
  LdsChartView *self = user_data;

  self->redraw_id = 0;
  self->drawn_at_us = g_get_monotonic_time ();
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->drawn_at_us - self->described_at_us >= DESCRIBE_INTERVAL_US)
    describe (self);
  return G_SOURCE_REMOVE;
}

static void
lds_chart_view_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  LdsTheme theme = lds_chart_view_theme_for (widget);

  /* Larger text needs a larger picture, but no wider a window. */
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MIN_WIDTH_PX;
      *natural = MAX (MIN_WIDTH_PX, (int)(theme.font_size * NATURAL_WIDTH_EM));
    }
  else
    {
      *minimum = (int)(theme.font_size * MIN_HEIGHT_EM);
      *natural = (int)(theme.font_size * NATURAL_HEIGHT_EM);
    }
}

/* Makes the plots of all that are aligned begin where the widest of their labels lets them. */
static void
align (LdsChartView *self,
       const LdsTheme *theme,
       cairo_t *cr)
{
  double widest = 0;

  for (guint i = 0; i < self->aligned->len; i++)
    {
      LdsChartView *other = self->aligned->pdata[i];
      int width = gtk_widget_get_width (GTK_WIDGET (other));
      int height = gtk_widget_get_height (GTK_WIDGET (other));
      double left, right;

      if (other->chart == NULL || width <= 0 || height <= 0)
        continue;
      lds_chart_set_theme (other->chart, theme);
      lds_chart_measure_insets (other->chart, cr, width, height, &left, &right);
      widest = MAX (widest, left);
    }
  lds_chart_set_insets (self->chart, widest, -1);
}

static void
lds_chart_view_snapshot (GtkWidget *widget,
                         GtkSnapshot *snapshot)
{
  LdsChartView *self = LDS_CHART_VIEW (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  LdsTheme theme;
  cairo_t *cr;

  if (self->chart == NULL || width <= 0 || height <= 0)
    return;
  theme = lds_chart_view_theme_for (widget);
  lds_chart_set_theme (self->chart, &theme);
  cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height));
  if (self->aligned != NULL)
    align (self, &theme, cr);
  lds_chart_draw (self->chart, cr, width, height);
  cairo_destroy (cr);
}

static void
motion_cb (LdsChartView *self,
           double x,
           double y)
{
  if (self->chart != NULL)
    g_signal_emit (self, signals[CURSOR_MOVED], 0, lds_chart_x_at (self->chart, x));
}

static void
leave_cb (LdsChartView *self)
{
  g_signal_emit (self, signals[CURSOR_MOVED], 0, (double)NAN);
}

static void
lds_chart_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lds_chart_view_parent_class)->map (widget);
  lds_chart_view_data_changed (LDS_CHART_VIEW (widget));
}

static void
lds_chart_view_dispose (GObject *object)
{
  LdsChartView *self = LDS_CHART_VIEW (object);

  g_clear_handle_id (&self->redraw_id, g_source_remove);
  if (self->aligned != NULL)
    g_ptr_array_remove (self->aligned, self);
  g_clear_pointer (&self->aligned, g_ptr_array_unref);
  g_clear_pointer (&self->chart, lds_chart_free);
  G_OBJECT_CLASS (lds_chart_view_parent_class)->dispose (object);
}

static void
lds_chart_view_class_init (LdsChartViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_chart_view_dispose;
  widget_class->measure = lds_chart_view_measure;
  widget_class->snapshot = lds_chart_view_snapshot;
  widget_class->map = lds_chart_view_map;

  signals[CURSOR_MOVED] =
      g_signal_new ("cursor-moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_DOUBLE);

  gtk_widget_class_set_css_name (widget_class, "chart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lds_chart_view_init (LdsChartView *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();

  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  /* Colours and fonts are read when drawing: any change of them only needs another drawing. */
  g_signal_connect_object (adw_style_manager_get_default (), "notify",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lds_chart_view_new (void)
{
  return g_object_new (LDS_TYPE_CHART_VIEW, NULL);
}

void
lds_chart_view_take_chart (LdsChartView *self,
                           LdsChart *chart,
                           const char *title)
{
  g_return_if_fail (LDS_IS_CHART_VIEW (self));
  g_return_if_fail (chart != NULL);

  g_clear_pointer (&self->chart, lds_chart_free);
  self->chart = chart;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  describe (self);
  lds_chart_view_data_changed (self);
}

void
lds_chart_view_set_title (LdsChartView *self,
                          const char *title)
{
  g_return_if_fail (LDS_IS_CHART_VIEW (self));
  g_return_if_fail (self->chart != NULL);

  lds_chart_set_title (self->chart, title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  lds_chart_view_data_changed (self);
}

LdsChart *
lds_chart_view_get_chart (LdsChartView *self)
{
  g_return_val_if_fail (LDS_IS_CHART_VIEW (self), NULL);
  return self->chart;
}

void
lds_chart_view_align (LdsChartView *const *views,
                      guint n_views)
{
  g_autoptr (GPtrArray) aligned = g_ptr_array_new ();

  for (guint i = 0; i < n_views; i++)
    {
      LdsChartView *self = views[i];

      g_return_if_fail (LDS_IS_CHART_VIEW (self));
      g_return_if_fail (self->aligned == NULL);
      self->aligned = g_ptr_array_ref (aligned);
      g_ptr_array_add (aligned, self);
      gtk_widget_queue_draw (GTK_WIDGET (self));
    }
}

void
lds_chart_view_data_changed (LdsChartView *self)
{
  gint64 since_ms;

  g_return_if_fail (LDS_IS_CHART_VIEW (self));

  if (self->redraw_id != 0 || self->chart == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  since_ms = (g_get_monotonic_time () - self->drawn_at_us) / 1000;
  self->redraw_id = g_timeout_add (
      (guint)CLAMP (REDRAW_INTERVAL_MS - since_ms, 0, REDRAW_INTERVAL_MS), redraw_cb, self);
}

void
lds_chart_view_set_cursor (LdsChartView *self,
                           double x)
{
  g_return_if_fail (LDS_IS_CHART_VIEW (self));

  if (self->chart == NULL)
    return;
  lds_chart_set_cursor (self->chart, x);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
