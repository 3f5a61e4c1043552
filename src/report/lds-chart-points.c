/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart's single points, and the part of its x axis that is set apart. */
#define G_LOG_DOMAIN "lds-chart"

#include "config.h"
#include "lds-chart-private.h"

#include <math.h>

#define SHADE_ALPHA 0.14
#define HATCH_ALPHA 0.3
#define POINT_SIZE  0.55 /* of the font size */

static void
draw_cross (cairo_t *cr,
            double x,
            double y,
            double radius)
{
  cairo_move_to (cr, x - radius, y - radius);
  cairo_line_to (cr, x + radius, y + radius);
  cairo_move_to (cr, x - radius, y + radius);
  cairo_line_to (cr, x + radius, y - radius);
  cairo_stroke (cr);
}

static void
draw_triangle (cairo_t *cr,
               const LdsColor *inside,
               const LdsColor *outline,
               double x,
               double y,
               double radius)
{
  cairo_move_to (cr, x, y - radius);
  cairo_line_to (cr, x + radius, y + radius * 0.8);
  cairo_line_to (cr, x - radius, y + radius * 0.8);
  cairo_close_path (cr);
  lds_color_set_source (inside, cr);
  cairo_fill_preserve (cr);
  lds_color_set_source (outline, cr);
  cairo_stroke (cr);
}

void
lds_chart_draw_mark (const LdsTheme *theme,
                     cairo_t *cr,
                     const LdsSeries *series,
                     double x,
                     double y,
                     double size)
{
  g_return_if_fail (theme != NULL && cr != NULL && series != NULL);
  if (series->mark == LDS_MARK_LANE)
    {
      lds_theme_draw_marker (cr, theme, series->family, series->provenance, series->variant, x, y,
                             size);
      return;
    }
  cairo_save (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_width (cr, MAX (size / 5, theme->line_width * 0.6));
  lds_color_set_source (&theme->alert, cr);
  if (series->mark == LDS_MARK_CROSS)
    draw_cross (cr, x, y, size / 2);
  else
    draw_triangle (cr, &theme->background, &theme->faint_text, x, y, size / 2);
  cairo_restore (cr);
}

void
lds_chart_draw_points (LdsChart *self,
                       cairo_t *cr,
                       const LdsSeries *series)
{
  const LdsPlot *plot = &self->plot;

  for (guint i = 0; i < series->x->len; i++)
    {
      double x = lds_chart_place_x (self, g_array_index (series->x, double, i));
      double y = lds_chart_place_y (self, g_array_index (series->y, double, i));

      if (x >= plot->x - 1 && x <= plot->x + plot->width + 1 && y >= plot->y - 1 &&
          y <= plot->y + plot->height + 1)
        lds_chart_draw_mark (&self->theme, cr, series, x, y, self->theme.font_size * POINT_SIZE);
    }
}

void
lds_chart_draw_span (LdsChart *self,
                     cairo_t *cr)
{
  const LdsPlot *plot = &self->plot;
  double em = self->theme.font_size, right = plot->x + plot->width;
  double from = lds_chart_place_x (self, self->span_low),
         to = lds_chart_place_x (self, self->span_high);
  LdsColor color =
      lds_color_fade (self->theme.axis, self->span_hatched ? HATCH_ALPHA : SHADE_ALPHA);
  LdsColor ground = lds_color_fade (self->theme.background, 0.85);
  double width, height, middle;

  if (!isfinite (from) || !isfinite (to) || from >= right || to <= plot->x)
    return;
  from = MAX (from, plot->x);
  to = MIN (MAX (to, from + 1), right);
  if (self->span_hatched)
    lds_theme_draw_hatch (cr, &self->theme, color, from, plot->y, to - from, plot->height);
  else
    {
      lds_color_set_source (&color, cr);
      cairo_rectangle (cr, from, plot->y, to - from, plot->height);
      cairo_fill (cr);
    }
  if (self->span_label == NULL)
    return;
  lds_text_set (self->text, cr, &self->theme, self->span_label, em * 0.92, LDS_TEXT_SINGLE_LINE, 0);
  lds_text_measure (self->text, &width, &height);
  /* At the bottom, on a ground of its own: lines go up from there. */
  middle =
      CLAMP ((from + to) / 2, plot->x + width / 2, MAX (right - width / 2, plot->x + width / 2));
  lds_color_set_source (&ground, cr);
  cairo_rectangle (cr, middle - width / 2 - em * 0.2, plot->y + plot->height - height - em * 0.3,
                   width + em * 0.4, height);
  cairo_fill (cr);
  lds_text_draw (self->text, cr, self->theme.faint_text, middle,
                 plot->y + plot->height - height - em * 0.3, LDS_ALIGN_CENTER);
}
