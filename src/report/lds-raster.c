/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dense lines, column by column. */
#define G_LOG_DOMAIN "lds-raster"

#include "config.h"
#include "lds-raster.h"

#include <math.h>
#include <string.h>

/* Pixels; a screen's side is far below, a hostile size far above. */
#define MAX_SIDE 16384

struct _LdsRaster
{
  cairo_surface_t *surface; /* ARGB32, reused while the size stays */
  int width, height;        /* pixels */
  double scale;
  float *top, *bottom; /* (array length=width): span of each column; top > bottom: nothing there */
  int from, to;        /* columns touched since the last stroke */
  double at_x, at_y;   /* pixels */
};

LdsRaster *
lds_raster_new (void)
{
  return g_new0 (LdsRaster, 1);
}

void
lds_raster_free (LdsRaster *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->surface, cairo_surface_destroy);
  g_free (self->top);
  g_free (self->bottom);
  g_free (self);
}

static void
clear_spans (LdsRaster *self)
{
  for (int i = self->from; i < self->to; i++)
    {
      self->top[i] = INFINITY;
      self->bottom[i] = -INFINITY;
    }
  self->from = self->width;
  self->to = 0;
}

gboolean
lds_raster_begin (LdsRaster *self,
                  double width,
                  double height,
                  double scale)
{
  double pixel_width = ceil (width * scale), pixel_height = ceil (height * scale);

  if (!(pixel_width >= 1 && pixel_height >= 1 && pixel_width <= MAX_SIDE &&
        pixel_height <= MAX_SIDE))
    return FALSE;
  if (self->surface == NULL || self->width != (int)pixel_width || self->height != (int)pixel_height)
    {
      g_clear_pointer (&self->surface, cairo_surface_destroy);
      self->width = (int)pixel_width;
      self->height = (int)pixel_height;
      self->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, self->width, self->height);
      self->top = g_renew (float, self->top, self->width);
      self->bottom = g_renew (float, self->bottom, self->width);
    }
  if (cairo_surface_status (self->surface) != CAIRO_STATUS_SUCCESS)
    return FALSE;
  self->scale = scale;
  self->from = 0;
  self->to = self->width;
  clear_spans (self);
  /* A recorded drawing may still hold the last picture: flushing gives it a copy of its own. */
  cairo_surface_flush (self->surface);
  memset (cairo_image_surface_get_data (self->surface), 0,
          (size_t)cairo_image_surface_get_stride (self->surface) * (size_t)self->height);
  return TRUE;
}

void
lds_raster_move_to (LdsRaster *self,
                    double x,
                    double y)
{
  self->at_x = x * self->scale;
  self->at_y = y * self->scale;
}

static void
extend_column (LdsRaster *self,
               int column,
               double y0,
               double y1)
{
  float top = (float)MIN (y0, y1), bottom = (float)MAX (y0, y1);

  self->top[column] = MIN (self->top[column], top);
  self->bottom[column] = MAX (self->bottom[column], bottom);
}

void
lds_raster_line_to (LdsRaster *self,
                    double x,
                    double y)
{
  double x0 = self->at_x, y0 = self->at_y, x1 = x * self->scale, y1 = y * self->scale;
  double slope = x1 - x0 > 1e-9 ? (y1 - y0) / (x1 - x0) : 0;
  int first = (int)floor (CLAMP (x0, -1, self->width)),
      last = (int)floor (CLAMP (x1, -1, self->width));

  self->at_x = x1;
  self->at_y = y1;
  first = MAX (first, 0);
  last = MIN (last, self->width - 1);
  if (last < first)
    return;
  if (x1 - x0 <= 1e-9)
    extend_column (self, first, y0, y1);
  else
    for (int column = first; column <= last; column++)
      {
        double enter = MAX (x0, column), leave = MIN (x1, column + 1.0);

        if (leave >= enter)
          extend_column (self, column, y0 + slope * (enter - x0), y0 + slope * (leave - x0));
      }
  self->from = MIN (self->from, first);
  self->to = MAX (self->to, last + 1);
}

/* @pixel times @factor / 256, two channels at a time. */
static inline guint32
scale_pixel (guint32 pixel,
             guint32 factor)
{
  guint32 odd = (pixel >> 8 & 0xff00ff) * factor & 0xff00ff00;
  guint32 even = (pixel & 0xff00ff) * factor >> 8 & 0xff00ff;

  return odd | even;
}

/* Source-over of a premultiplied colour at @coverage (0 to 256). */
static inline void
blend (guint32 *pixel,
       guint32 source,
       guint32 coverage)
{
  guint32 over = scale_pixel (source, coverage);

  /* An alpha of 255 must keep nothing of what is below. */
  *pixel = over + scale_pixel (*pixel, 255 - (over >> 24));
}

static guint32
to_coverage (double share)
{
  return (guint32)(CLAMP (share, 0, 1) * 256 + 0.5);
}

void
lds_raster_stroke (LdsRaster *self,
                   LdsColor color,
                   double line_width,
                   const double dashes[2],
                   int n_dashes)
{
  guint32 source = (guint32)lround (color.alpha * 255) << 24 |
                   (guint32)lround (color.red * color.alpha * 255) << 16 |
                   (guint32)lround (color.green * color.alpha * 255) << 8 |
                   (guint32)lround (color.blue * color.alpha * 255);
  gboolean opaque = source >> 24 == 255;
  guchar *data = cairo_image_surface_get_data (self->surface);
  int stride = cairo_image_surface_get_stride (self->surface);
  double half = MAX (line_width * self->scale, 1) / 2;
  double on = n_dashes == 2 ? MAX (dashes[0] * self->scale, 1) : 1,
         period = n_dashes == 2 ? on + MAX (dashes[1] * self->scale, 1) : 1;

  for (int column = self->from; column < self->to; column++)
    {
      double top = CLAMP (self->top[column] - half, 0.0, self->height);
      double bottom = CLAMP (self->bottom[column] + half, 0.0, self->height);
      int first = (int)top, last = (int)ceil (bottom);

      if (!(bottom > top))
        continue;
      if (n_dashes == 2 && fmod (column, period) >= on)
        continue;
      for (int row = first; row < last; row++)
        {
          guint32 *pixel = (guint32 *)(void *)(data + (size_t)row * (size_t)stride) + column;
          double share = MIN (bottom, row + 1) - MAX (top, row);

          if (opaque && share >= 1)
            *pixel = source;
          else
            blend (pixel, source, to_coverage (share));
        }
    }
  clear_spans (self);
}

void
lds_raster_paint (LdsRaster *self,
                  cairo_t *cr,
                  double x,
                  double y)
{
  cairo_surface_mark_dirty (self->surface);
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, 1 / self->scale, 1 / self->scale);
  cairo_set_source_surface (cr, self->surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_rectangle (cr, 0, 0, self->width, self->height);
  cairo_fill (cr);
  cairo_restore (cr);
}
