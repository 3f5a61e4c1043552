/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bin that says how wide it is in classes, so that a window can rearrange itself. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-adaptive-bin.h"

#define MINIMUM_WIDTH_PX 360
#define MEDIUM_FROM_PX   680
#define WIDE_FROM_PX     900

struct _LdsAdaptiveBin
{
  GtkWidget parent_instance;

  GtkWidget *child;
  LdsWidthClass width_class;
  LdsWidthClass next_class;
  guint update_id;
};

enum
{
  PROP_0,
  PROP_CHILD,
  PROP_WIDTH_CLASS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void lds_adaptive_bin_buildable_init (GtkBuildableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LdsAdaptiveBin,
                               lds_adaptive_bin,
                               GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE,
                                                      lds_adaptive_bin_buildable_init))

static GtkBuildableIface *parent_buildable;

/* The height of GNOME's own text, of 11 points at 96 dots an inch. */
#define USUAL_PX (11 * 96 / 72.0)

/* The user's text size against the usual one: 1.0, 2.0 at 200 %; by more dots an inch, or by a larger font. */
static double
text_scale (GtkWidget *widget)
{
  const PangoFontDescription *font =
      pango_context_get_font_description (gtk_widget_get_pango_context (widget));
  double size_px = (double)pango_font_description_get_size (font) / PANGO_SCALE;
  int dpi_1024 = 0;
  double by_dots;

  g_object_get (gtk_widget_get_settings (widget), "gtk-xft-dpi", &dpi_1024, NULL);
  by_dots = dpi_1024 > 0 ? dpi_1024 / (96.0 * 1024.0) : 1.0;
  if (!pango_font_description_get_size_is_absolute (font))
    size_px *= by_dots * 96 / 72;
  return CLAMP (MAX (by_dots, size_px / USUAL_PX), 0.5, 4.0);
}

static gboolean
update_cb (gpointer user_data)
{
  LdsAdaptiveBin *self = user_data;

  self->update_id = 0;
  if (self->next_class != self->width_class)
    {
      self->width_class = self->next_class;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WIDTH_CLASS]);
    }
  return G_SOURCE_REMOVE;
}

static void
lds_adaptive_bin_measure (GtkWidget *widget,
                          GtkOrientation orientation,
                          int for_size,
                          int *minimum,
                          int *natural,
                          int *minimum_baseline,
                          int *natural_baseline)
{
  LdsAdaptiveBin *self = LDS_ADAPTIVE_BIN (widget);

  *minimum = *natural = 0;
  if (self->child == NULL)
    return;
  if (orientation == GTK_ORIENTATION_VERTICAL && for_size >= 0)
    {
      int child_width = 0;

      gtk_widget_measure (self->child, GTK_ORIENTATION_HORIZONTAL, -1, &child_width, NULL, NULL,
                          NULL);
      for_size = MAX (for_size, child_width);
    }
  gtk_widget_measure (self->child, orientation, for_size, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = MIN (*minimum, MINIMUM_WIDTH_PX);
}

static void
lds_adaptive_bin_size_allocate (GtkWidget *widget,
                                int width,
                                int height,
                                int baseline)
{
  LdsAdaptiveBin *self = LDS_ADAPTIVE_BIN (widget);
  double scale = text_scale (widget);
  int child_width = 0;
  int child_height = 0;

  self->next_class = width < MEDIUM_FROM_PX * scale ? LDS_WIDTH_NARROW
                     : width < WIDE_FROM_PX * scale ? LDS_WIDTH_MEDIUM
                                                    : LDS_WIDTH_WIDE;
  /* Not from within an allocation, yet before the next redraw. */
  if (self->next_class != self->width_class && self->update_id == 0)
    self->update_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_cb, self, NULL);

  if (self->child == NULL)
    return;
  gtk_widget_measure (self->child, GTK_ORIENTATION_HORIZONTAL, -1, &child_width, NULL, NULL, NULL);
  child_width = MAX (child_width, width);
  gtk_widget_measure (self->child, GTK_ORIENTATION_VERTICAL, child_width, &child_height, NULL, NULL,
                      NULL);
  gtk_widget_allocate (self->child, child_width, MAX (child_height, height), baseline, NULL);
}

static void
set_child (LdsAdaptiveBin *self,
           GtkWidget *child)
{
  if (self->child == child)
    return;
  g_clear_pointer (&self->child, gtk_widget_unparent);
  if (child != NULL)
    {
      self->child = child;
      gtk_widget_set_parent (child, GTK_WIDGET (self));
    }
}

static void
lds_adaptive_bin_get_property (GObject *object,
                               guint prop_id,
                               GValue *value,
                               GParamSpec *pspec)
{
  LdsAdaptiveBin *self = LDS_ADAPTIVE_BIN (object);

  switch (prop_id)
    {
    case PROP_CHILD:
      g_value_set_object (value, self->child);
      break;
    case PROP_WIDTH_CLASS:
      g_value_set_uint (value, self->width_class);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lds_adaptive_bin_set_property (GObject *object,
                               guint prop_id,
                               const GValue *value,
                               GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_CHILD:
      set_child (LDS_ADAPTIVE_BIN (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lds_adaptive_bin_dispose (GObject *object)
{
  LdsAdaptiveBin *self = LDS_ADAPTIVE_BIN (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_pointer (&self->child, gtk_widget_unparent);
  G_OBJECT_CLASS (lds_adaptive_bin_parent_class)->dispose (object);
}

static void
lds_adaptive_bin_add_child (GtkBuildable *buildable,
                            GtkBuilder *builder,
                            GObject *child,
                            const char *type)
{
  if (GTK_IS_WIDGET (child))
    set_child (LDS_ADAPTIVE_BIN (buildable), GTK_WIDGET (child));
  else
    parent_buildable->add_child (buildable, builder, child, type);
}

static void
lds_adaptive_bin_buildable_init (GtkBuildableIface *iface)
{
  parent_buildable = g_type_interface_peek_parent (iface);
  iface->add_child = lds_adaptive_bin_add_child;
}

static void
lds_adaptive_bin_class_init (LdsAdaptiveBinClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = lds_adaptive_bin_get_property;
  object_class->set_property = lds_adaptive_bin_set_property;
  object_class->dispose = lds_adaptive_bin_dispose;
  widget_class->measure = lds_adaptive_bin_measure;
  widget_class->size_allocate = lds_adaptive_bin_size_allocate;

  properties[PROP_CHILD] = g_param_spec_object ("child", NULL, NULL, GTK_TYPE_WIDGET,
                                                G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_WIDTH_CLASS] =
      g_param_spec_uint ("width-class", NULL, NULL, LDS_WIDTH_NARROW, LDS_WIDTH_WIDE, LDS_WIDTH_NARROW,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
lds_adaptive_bin_init (LdsAdaptiveBin *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

LdsWidthClass
lds_adaptive_bin_get_width_class (LdsAdaptiveBin *self)
{
  g_return_val_if_fail (LDS_IS_ADAPTIVE_BIN (self), LDS_WIDTH_NARROW);
  return self->width_class;
}
