/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Children in lines, as words are. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-wrap-layout.h"

struct _LdsWrapLayout
{
  GtkLayoutManager parent_instance;

  guint spacing;
};

enum
{
  PROP_0,
  PROP_SPACING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (LdsWrapLayout, lds_wrap_layout, GTK_TYPE_LAYOUT_MANAGER)

static GtkSizeRequestMode
lds_wrap_layout_get_request_mode (GtkLayoutManager *manager,
                                  GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* Allocates the lines within @width or, when not @allocating, only measures them; returns their
 * height. */
static int
lay_out (LdsWrapLayout *self,
         GtkWidget *widget,
         int width,
         gboolean allocating)
{
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int spacing = (int)self->spacing;
  int x = 0;
  int y = 0;
  int line_height = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int child_minimum;
      int child_width;
      int child_height;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, &child_width,
                          NULL, NULL);
      child_width = MAX (child_minimum, MIN (child_width, width));
      gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, child_width, NULL, &child_height, NULL,
                          NULL);
      if (x > 0 && x + child_width > width)
        {
          x = 0;
          y += line_height + spacing;
          line_height = 0;
        }
      if (allocating)
        gtk_widget_size_allocate (child,
                                  &(GtkAllocation){mirrored ? width - x - child_width : x, y,
                                                   child_width, child_height},
                                  -1);
      x += child_width + spacing;
      line_height = MAX (line_height, child_height);
    }
  return y + line_height;
}

static void
lds_wrap_layout_measure (GtkLayoutManager *manager,
                         GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  LdsWrapLayout *self = LDS_WRAP_LAYOUT (manager);
  int widest = 0;
  int sum = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int child_minimum;
      int child_natural;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, &child_natural,
                          NULL, NULL);
      widest = MAX (widest, child_minimum);
      sum += child_natural + (sum > 0 ? (int)self->spacing : 0);
    }
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = widest;
      *natural = MAX (widest, sum);
      return;
    }
  /* With no width given, the natural one: all in one line. */
  *minimum = *natural = lay_out (self, widget, for_size >= 0 ? for_size : MAX (widest, sum), FALSE);
}

static void
lds_wrap_layout_allocate (GtkLayoutManager *manager,
                          GtkWidget *widget,
                          int width,
                          int height,
                          int baseline)
{
  lay_out (LDS_WRAP_LAYOUT (manager), widget, width, TRUE);
}

static void
lds_wrap_layout_get_property (GObject *object,
                              guint prop_id,
                              GValue *value,
                              GParamSpec *pspec)
{
  if (prop_id == PROP_SPACING)
    g_value_set_uint (value, LDS_WRAP_LAYOUT (object)->spacing);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
lds_wrap_layout_set_property (GObject *object,
                              guint prop_id,
                              const GValue *value,
                              GParamSpec *pspec)
{
  LdsWrapLayout *self = LDS_WRAP_LAYOUT (object);

  if (prop_id != PROP_SPACING)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  else if (self->spacing != g_value_get_uint (value))
    {
      self->spacing = g_value_get_uint (value);
      gtk_layout_manager_layout_changed (GTK_LAYOUT_MANAGER (self));
      g_object_notify_by_pspec (object, pspec);
    }
}

static void
lds_wrap_layout_class_init (LdsWrapLayoutClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  object_class->get_property = lds_wrap_layout_get_property;
  object_class->set_property = lds_wrap_layout_set_property;
  layout_class->get_request_mode = lds_wrap_layout_get_request_mode;
  layout_class->measure = lds_wrap_layout_measure;
  layout_class->allocate = lds_wrap_layout_allocate;

  properties[PROP_SPACING] =
      g_param_spec_uint ("spacing", NULL, NULL, 0, 100, 0,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
lds_wrap_layout_init (LdsWrapLayout *self)
{
}

GtkLayoutManager *
lds_wrap_layout_new (guint spacing)
{
  return g_object_new (LDS_TYPE_WRAP_LAYOUT, "spacing", spacing, NULL);
}
