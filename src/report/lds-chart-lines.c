/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart's bands, lines and markers. */
#define G_LOG_DOMAIN "lds-chart"

#include "config.h"
#include "lds-chart-private.h"

#include <math.h>

/* With more points than this in view, a screen line is drawn by columns rather than stroked. */
#define MAX_STROKED_POINTS 150
/* With no more points than this, each has its marker. */
#define MAX_MARKED_POINTS 12
/* Markers along a line of many points. */
#define MARKERS_A_LINE 5
#define BAND_ALPHA     0.16
#define INVALID_ALPHA  0.35
/* Small as they are, markers need more. */
#define INVALID_MARKER_ALPHA 0.6

static double
value (const GArray *column,
       guint index)
{
  return g_array_index (column, double, index);
}

static guint
n_in_view (const LdsChart *self,
           const LdsSeries *series)
{
  return lds_series_lower_bound (series, self->x_axis.high) -
         lds_series_lower_bound (series, self->x_axis.low) + 1;
}

static LdsColor
series_color (const LdsChart *self,
              const LdsSeries *series)
{
  LdsColor color = lds_theme_family_color (&self->theme, series->family, series->variant);

  if (series->weight < 1)
    color = lds_color_mix (color, self->theme.background, 0.25);
  return series->invalid ? lds_color_fade (color, INVALID_ALPHA) : color;
}

static void
fill_band (LdsChart *self,
           cairo_t *cr,
           const LdsSeries *series,
           const guint *indices,
           guint from,
           guint to)
{
  for (guint i = from; i < to; i++)
    cairo_line_to (cr, lds_chart_place_x (self, value (series->x, indices[i])),
                   lds_chart_place_y (self, value (series->high, indices[i])));
  for (guint i = to; i > from; i--)
    cairo_line_to (cr, lds_chart_place_x (self, value (series->x, indices[i - 1])),
                   lds_chart_place_y (self, value (series->low, indices[i - 1])));
  cairo_close_path (cr);
  cairo_fill (cr);
}

static gboolean
has_interval (const LdsChart *self,
              const LdsSeries *series,
              guint index)
{
  double low = lds_chart_place_y (self, value (series->low, index)),
         high = lds_chart_place_y (self, value (series->high, index));

  return isfinite (low) && isfinite (high);
}

static void
draw_band (LdsChart *self,
           cairo_t *cr,
           const LdsSeries *series,
           const GArray *indices)
{
  LdsColor color = lds_color_fade (series_color (self, series), BAND_ALPHA);
  const guint *at = (const guint *)(const void *)indices->data;
  guint from = 0;

  lds_color_set_source (&color, cr);
  for (guint i = 0; i <= indices->len; i++)
    {
      if (i < indices->len && has_interval (self, series, at[i]))
        continue;
      if (i - from >= 2)
        fill_band (self, cr, series, at, from, i);
      from = i + 1;
    }
}

static void
stroke_line (LdsChart *self,
             cairo_t *cr,
             const LdsSeries *series,
             const GArray *indices)
{
  LdsColor color = series_color (self, series);
  gboolean pen_down = FALSE;

  cairo_new_path (cr);
  for (guint i = 0; i < indices->len; i++)
    {
      guint at = g_array_index (indices, guint, i);
      double x = lds_chart_place_x (self, value (series->x, at)),
             y = lds_chart_place_y (self, value (series->y, at));

      if (!isfinite (x) || !isfinite (y))
        pen_down = FALSE;
      else if (pen_down)
        cairo_line_to (cr, x, y);
      else
        {
          cairo_move_to (cr, x, y);
          pen_down = TRUE;
        }
    }
  lds_theme_set_line (cr, series->provenance, self->theme.line_width * series->weight);
  lds_color_set_source (&color, cr);
  cairo_stroke (cr);
}

static void
raster_line (LdsChart *self,
             const LdsSeries *series,
             const GArray *indices)
{
  double dashes[2], width = self->theme.line_width * series->weight;
  int n_dashes = lds_theme_dash (series->provenance, width, dashes);
  gboolean pen_down = FALSE;

  for (guint i = 0; i < indices->len; i++)
    {
      guint at = g_array_index (indices, guint, i);
      double x = lds_chart_place_x (self, value (series->x, at)) - self->plot.x;
      double y = lds_chart_place_y (self, value (series->y, at)) - self->plot.y;

      if (!isfinite (x) || !isfinite (y))
        pen_down = FALSE;
      else if (pen_down)
        lds_raster_line_to (self->raster, x, y);
      else
        {
          lds_raster_move_to (self->raster, x, y);
          pen_down = TRUE;
        }
    }
  lds_raster_stroke (self->raster, series_color (self, series), width, dashes, n_dashes);
}

/* Those of an invalid line are faint and struck: colour is not all that tells. */
static void
draw_marker (LdsChart *self,
             cairo_t *cr,
             const LdsSeries *series,
             double x,
             double y)
{
  const LdsPlot *plot = &self->plot;
  double px = lds_chart_place_x (self, x), py = lds_chart_place_y (self, y);
  double size = self->theme.font_size * (series->weight < 1 ? 0.42 : 0.55);
  LdsTheme faint;

  if (!(px >= plot->x - 1 && px <= plot->x + plot->width + 1 && py >= plot->y - 1 &&
        py <= plot->y + plot->height + 1))
    return;
  if (!series->invalid)
    {
      lds_theme_draw_marker (cr, &self->theme, series->family, series->provenance, series->variant,
                             px, py, size);
      return;
    }
  faint = self->theme;
  faint.families[series->family] =
      lds_color_mix (faint.families[series->family], faint.background, 1 - INVALID_MARKER_ALPHA);
  lds_theme_draw_marker (cr, &faint, series->family, series->provenance, series->variant, px, py,
                         size);
  lds_color_set_source (&self->theme.faint_text, cr);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_width (cr, self->theme.line_width / 2);
  cairo_move_to (cr, px - size * 0.7, py + size * 0.7);
  cairo_line_to (cr, px + size * 0.7, py - size * 0.7);
  cairo_stroke (cr);
}

/* Markers keep lines apart where colour does not: at every point of a short line, else at round
 * places, shifted from line to line so that they do not cover each other. */
static void
draw_markers (LdsChart *self,
              cairo_t *cr,
              const LdsSeries *series,
              guint nth)
{
  guint n = series->x->len;

  if (n_in_view (self, series) <= MAX_MARKED_POINTS + 1 && n <= MAX_MARKED_POINTS)
    {
      for (guint i = 0; i < n; i++)
        if (isfinite (value (series->y, i)))
          draw_marker (self, cr, series, value (series->x, i), value (series->y, i));
      return;
    }
  for (guint i = 0; i < MARKERS_A_LINE; i++)
    {
      double place = (i + 0.15 + 0.7 * ((nth * 3) % 8) / 8.0) / MARKERS_A_LINE;
      double x = lds_axis_unproject (&self->x_axis, place);
      guint at = lds_series_lower_bound (series, x);

      if (at < n && at > 0 && isfinite (value (series->y, at)) &&
          value (series->x, at) <= self->x_axis.high)
        draw_marker (self, cr, series, value (series->x, at), value (series->y, at));
    }
}

void
lds_chart_draw_lines (LdsChart *self,
                      cairo_t *cr)
{
  const LdsPlot *plot = &self->plot;
  gboolean may_raster = self->theme.kind != LDS_THEME_PRINT;
  gboolean rastering = FALSE;
  guint columns = (guint)CLAMP (ceil (plot->width * self->theme.device_scale), 1, 16384);

  /* Half a line's width beyond, so that a line along the edge is whole. */
  cairo_save (cr);
  cairo_rectangle (cr, plot->x, plot->y - self->theme.line_width, plot->width,
                   plot->height + 2 * self->theme.line_width);
  cairo_clip (cr);
  for (guint i = 0; i < self->series->len; i++)
    {
      const LdsSeries *series = g_ptr_array_index (self->series, i);
      g_autoptr (GArray) indices = NULL;

      if (series->hidden || series->x->len == 0 || series->style == LDS_SERIES_POINTS)
        continue;
      indices = lds_series_decimate (series, self->x_axis.low, self->x_axis.high, columns);
      draw_band (self, cr, series, indices);
      if (may_raster && n_in_view (self, series) > MAX_STROKED_POINTS)
        {
          if (!rastering)
            rastering = lds_raster_begin (self->raster, plot->width, plot->height,
                                          self->theme.device_scale);
          if (rastering)
            raster_line (self, series, indices);
        }
      else
        stroke_line (self, cr, series, indices);
    }
  if (rastering)
    lds_raster_paint (self->raster, cr, plot->x, plot->y);
  cairo_restore (cr);

  for (guint i = 0; i < self->series->len; i++)
    {
      const LdsSeries *series = g_ptr_array_index (self->series, i);

      if (series->hidden || series->x->len == 0)
        continue;
      if (series->style == LDS_SERIES_LINE)
        draw_markers (self, cr, series, i);
      else if (series->style == LDS_SERIES_POINTS)
        lds_chart_draw_points (self, cr, series);
    }
}
