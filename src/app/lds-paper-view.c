/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One page of the report as it prints, on white paper of its shape. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-paper-view.h"

#include <glib/gi18n.h>
#include <math.h>

#define MINIMUM_WIDTH_PX 200

struct _LdsPaperView
{
  GtkWidget parent_instance;

  LdsReport *report;
  LdsPaper paper;
  guint page;
  GdkTexture *drawing; /* (nullable): the page at the size and scale it has now */
};

G_DEFINE_FINAL_TYPE (LdsPaperView, lds_paper_view, GTK_TYPE_WIDGET)

static GtkSizeRequestMode
lds_paper_view_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
lds_paper_view_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  LdsPaperView *self = LDS_PAPER_VIEW (widget);
  double width;
  double height;

  lds_paper_get_size (self->paper, &width, &height);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MINIMUM_WIDTH_PX;
      *natural = (int)width;
    }
  else
    *minimum = *natural = (int)ceil ((for_size > 0 ? for_size : width) * height / width);
}

/* Drawn as pixels: cairo 1.16 copies a recorded page wrongly when GTK's recording outlives it. */
static GdkTexture *
draw_page (LdsPaperView *self,
           int width_px,
           int height_px)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width_px, height_px);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (GBytes) bytes = NULL;
  GdkTexture *texture;
  double paper_width;
  double paper_height;
  int stride;

  lds_paper_get_size (self->paper, &paper_width, &paper_height);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cairo_scale (cr, width_px / paper_width, width_px / paper_width);
  lds_report_draw_page (self->report, self->paper, self->page, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  stride = cairo_image_surface_get_stride (surface);
  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface),
                                      (gsize)stride * (gsize)height_px,
                                      (GDestroyNotify)cairo_surface_destroy, surface);
  texture = gdk_memory_texture_new (width_px, height_px, GDK_MEMORY_DEFAULT, bytes, (gsize)stride);
  return texture;
}

static void
lds_paper_view_snapshot (GtkWidget *widget,
                         GtkSnapshot *snapshot)
{
  LdsPaperView *self = LDS_PAPER_VIEW (widget);
  int scale = gtk_widget_get_scale_factor (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);

  if (width <= 0 || height <= 0)
    return;
  if (self->drawing == NULL || gdk_texture_get_width (self->drawing) != width * scale ||
      gdk_texture_get_height (self->drawing) != height * scale)
    {
      g_clear_object (&self->drawing);
      self->drawing = draw_page (self, width * scale, height * scale);
    }
  gtk_snapshot_append_texture (snapshot, self->drawing,
                               &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height));
}

/* Pages that are not looked at need no memory. */
static void
lds_paper_view_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lds_paper_view_parent_class)->unmap (widget);
  g_clear_object (&LDS_PAPER_VIEW (widget)->drawing);
}

static void
lds_paper_view_finalize (GObject *object)
{
  LdsPaperView *self = LDS_PAPER_VIEW (object);

  g_clear_object (&self->drawing);
  g_clear_pointer (&self->report, lds_report_unref);
  G_OBJECT_CLASS (lds_paper_view_parent_class)->finalize (object);
}

static void
lds_paper_view_class_init (LdsPaperViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lds_paper_view_finalize;
  widget_class->get_request_mode = lds_paper_view_get_request_mode;
  widget_class->measure = lds_paper_view_measure;
  widget_class->snapshot = lds_paper_view_snapshot;
  widget_class->unmap = lds_paper_view_unmap;
  gtk_widget_class_set_css_name (widget_class, "paper");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lds_paper_view_init (LdsPaperView *self)
{
}

GtkWidget *
lds_paper_view_new (LdsReport *report,
                    LdsPaper paper,
                    guint page)
{
  LdsPaperView *self = g_object_new (LDS_TYPE_PAPER_VIEW, NULL);
  g_autofree char *label = NULL;

  self->report = lds_report_ref (report);
  self->paper = paper;
  self->page = page;
  /* Translators: "Page 2 of 9" */
  label = g_strdup_printf (_ ("Page %u of %u"), page + 1, lds_report_n_pages (report, paper));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  lds_report_get_headline (report), -1);
  return GTK_WIDGET (self);
}

LdsPaper
lds_paper_view_get_user_paper (void)
{
  return g_strcmp0 (gtk_paper_size_get_default (), GTK_PAPER_NAME_LETTER) == 0 ? LDS_PAPER_LETTER
                                                                               : LDS_PAPER_A4;
}
