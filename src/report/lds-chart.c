/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line chart of many series: its state, layout and axes. Lines and labels are drawn by
 * lds-chart-lines.c and lds-chart-labels.c. */
#define G_LOG_DOMAIN "lds-chart"

#include "config.h"
#include "lds-chart-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

LdsChart *
lds_chart_new (const char *title,
               LdsUnit unit,
               LdsScale x_scale,
               LdsScale y_scale)
{
  LdsChart *self = g_new0 (LdsChart, 1);

  self->title = g_strdup (title);
  self->unit = unit;
  self->x_scale = x_scale;
  self->y_scale = y_scale;
  self->theme = lds_theme_get (LDS_THEME_LIGHT, FALSE);
  self->x_low = self->x_high = self->y_low = self->y_high = NAN;
  self->cursor = self->threshold = self->span_low = self->span_high = NAN;
  self->inset_left = self->inset_right = -1;
  self->labels = TRUE;
  self->series = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_series_free);
  self->text = lds_text_new ();
  self->raster = lds_raster_new ();
  return self;
}

LdsChart *
lds_chart_new_for_metric (const LdsMetric *metric)
{
  g_return_val_if_fail (metric != NULL, NULL);
  return lds_chart_new (_ (metric->title), metric->unit, LDS_SCALE_TIME,
                        metric->log_axis ? LDS_SCALE_LOG : LDS_SCALE_LINEAR);
}

void
lds_chart_free (LdsChart *self)
{
  if (self == NULL)
    return;
  g_free (self->title);
  g_free (self->x_title);
  g_free (self->placeholder);
  g_free (self->threshold_label);
  g_free (self->span_label);
  g_ptr_array_unref (self->series);
  lds_text_free (self->text);
  lds_raster_free (self->raster);
  g_free (self);
}

void
lds_chart_set_theme (LdsChart *self,
                     const LdsTheme *theme)
{
  g_return_if_fail (self != NULL && theme != NULL);
  self->theme = *theme;
}

static void
set_string (char **place,
            const char *value)
{
  char *copy = g_strdup (value);

  g_free (*place);
  *place = copy;
}

void
lds_chart_set_title (LdsChart *self,
                     const char *title)
{
  g_return_if_fail (self != NULL);
  set_string (&self->title, title);
}

void
lds_chart_set_x_range (LdsChart *self,
                       double low,
                       double high)
{
  g_return_if_fail (self != NULL);
  self->x_low = low;
  self->x_high = high;
}

void
lds_chart_set_y_range (LdsChart *self,
                       double low,
                       double high)
{
  g_return_if_fail (self != NULL);
  self->y_low = low;
  self->y_high = high;
}

void
lds_chart_set_cursor (LdsChart *self,
                      double x)
{
  g_return_if_fail (self != NULL);
  self->cursor = x;
}

void
lds_chart_set_placeholder (LdsChart *self,
                           const char *message)
{
  g_return_if_fail (self != NULL);
  set_string (&self->placeholder, message);
}

void
lds_chart_set_labels (LdsChart *self,
                      gboolean labels)
{
  g_return_if_fail (self != NULL);
  self->labels = labels;
}

void
lds_chart_set_x_title (LdsChart *self,
                       const char *title)
{
  g_return_if_fail (self != NULL);
  set_string (&self->x_title, title);
}

void
lds_chart_set_x_unit (LdsChart *self,
                      LdsUnit unit)
{
  g_return_if_fail (self != NULL);
  self->x_unit = unit;
}

void
lds_chart_set_span (LdsChart *self,
                    double low,
                    double high,
                    gboolean hatched,
                    const char *label)
{
  g_return_if_fail (self != NULL);
  self->span_low = low;
  self->span_high = high;
  self->span_hatched = hatched;
  set_string (&self->span_label, label);
}

void
lds_chart_set_threshold (LdsChart *self,
                         double y,
                         const char *label)
{
  g_return_if_fail (self != NULL);
  self->threshold = y;
  set_string (&self->threshold_label, label);
}

void
lds_chart_set_insets (LdsChart *self,
                      double left,
                      double right)
{
  g_return_if_fail (self != NULL);
  self->inset_left = left;
  self->inset_right = right;
}

LdsSeries *
lds_chart_add_series (LdsChart *self,
                      const char *label,
                      LdsFamily family,
                      LdsProvenance provenance)
{
  LdsSeries *series;

  g_return_val_if_fail (self != NULL && label != NULL, NULL);
  series = lds_series_new (label, family, provenance);
  g_ptr_array_add (self->series, series);
  return series;
}

GPtrArray *
lds_chart_get_series (LdsChart *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->series;
}

void
lds_chart_clear (LdsChart *self)
{
  g_return_if_fail (self != NULL);
  g_ptr_array_set_size (self->series, 0);
}

static void
widen (double *low,
       double *high,
       double value)
{
  if (!isfinite (value))
    return;
  if (!(*low <= value))
    *low = value;
  if (!(*high >= value))
    *high = value;
}

static void
find_x_range (const LdsChart *self,
              double *low,
              double *high)
{
  *low = *high = NAN;
  for (guint i = 0; i < self->series->len; i++)
    {
      const LdsSeries *series = g_ptr_array_index (self->series, i);

      if (series->hidden || series->x->len == 0)
        continue;
      widen (low, high, g_array_index (series->x, double, 0));
      widen (low, high, g_array_index (series->x, double, series->x->len - 1));
    }
  if (isfinite (self->x_low))
    *low = self->x_low;
  if (isfinite (self->x_high))
    *high = self->x_high;
}

static void
find_y_range (const LdsChart *self,
              double x_low,
              double x_high,
              double *low,
              double *high)
{
  *low = *high = NAN;
  for (guint i = 0; i < self->series->len; i++)
    {
      const LdsSeries *series = g_ptr_array_index (self->series, i);
      const double *columns[] = {
          (const double *)(const void *)series->y->data,
          (const double *)(const void *)series->low->data,
          (const double *)(const void *)series->high->data,
      };

      if (series->hidden)
        continue;
      for (guint j = lds_series_lower_bound (series, x_low); j < series->x->len; j++)
        {
          if (g_array_index (series->x, double, j) > x_high)
            break;
          for (guint k = 0; k < G_N_ELEMENTS (columns); k++)
            if (self->y_scale != LDS_SCALE_LOG || columns[k][j] > 0)
              widen (low, high, columns[k][j]);
        }
    }
  if (isfinite (self->threshold))
    widen (low, high, self->threshold);
  if (isfinite (self->y_low))
    *low = self->y_low;
  if (isfinite (self->y_high))
    *high = self->y_high;
}

/* Whether some line has a point that the y axis can place, anywhere along the x axis. */
static gboolean
has_points (const LdsChart *self)
{
  for (guint i = 0; i < self->series->len; i++)
    {
      const LdsSeries *series = g_ptr_array_index (self->series, i);

      for (guint j = 0; !series->hidden && j < series->y->len; j++)
        {
          double y = g_array_index (series->y, double, j);

          if (isfinite (y) && (self->y_scale != LDS_SCALE_LOG || y > 0))
            return TRUE;
        }
    }
  return FALSE;
}

static double
widest_tick (LdsChart *self,
             cairo_t *cr,
             const GArray *ticks)
{
  double widest = 0;

  for (guint i = 0; i < ticks->len; i++)
    {
      const LdsTick *tick = &g_array_index (ticks, LdsTick, i);
      double width;

      if (!tick->major)
        continue;
      lds_text_set (self->text, cr, &self->theme, tick->label, self->theme.font_size * 0.92,
                    LDS_TEXT_PLAIN, 0);
      lds_text_measure (self->text, &width, NULL);
      widest = MAX (widest, width);
    }
  return widest;
}

/* Puts axes and plot into @self for a chart of that size. */
static void
lay_out (LdsChart *self,
         cairo_t *cr,
         double width,
         double height)
{
  double em = self->theme.font_size, low, high, top, bottom, labels_width = 0;
  LdsPlot *plot = &self->plot;

  find_x_range (self, &low, &high);
  self->x_axis = lds_axis_make (self->x_scale, self->x_unit, low, high);
  find_y_range (self, self->x_axis.low, self->x_axis.high, &low, &high);
  self->y_axis = lds_axis_make (self->y_scale, self->unit, low, high);
  if (self->y_scale == LDS_SCALE_LINEAR && isfinite (self->y_high) &&
      self->y_high > self->y_axis.low)
    self->y_axis.high = self->y_high;

  top = self->title != NULL || *self->y_axis.unit_name != '\0' ? em * 2.2 : em * 0.8;
  bottom = em * (self->x_title != NULL ? 3.2 : 1.9);
  self->labels_at_ends = FALSE;
  if (self->labels)
    {
      labels_width = lds_chart_labels_width (self, cr);
      /* The plot keeps two thirds; where the names need more they go above it. */
      self->labels_at_ends =
          labels_width <= width / 3 &&
          lds_chart_n_labels (self) * em * LDS_CHART_LABEL_LEADING <= height - top - bottom;
      if (!self->labels_at_ends)
        top += lds_chart_draw_legend (self, cr, 0, 0, width, FALSE);
    }
  g_clear_pointer (&self->y_ticks, g_array_unref);
  g_clear_pointer (&self->x_ticks, g_array_unref);
  plot->y = round (top);
  plot->height = floor (MAX (height - top - bottom, em * 2));
  self->y_ticks = lds_axis_ticks (
      &self->y_axis,
      (guint)CLAMP (plot->height / (em * (self->y_scale == LDS_SCALE_LOG ? 1.4 : 1.9)), 2, 10));
  plot->x = self->inset_left >= 0 ? self->inset_left
                                  : widest_tick (self, cr, self->y_ticks) + em * 0.7;
  plot->x = ceil (plot->x);
  plot->width = self->inset_right >= 0 ? self->inset_right : self->labels_at_ends ? labels_width
                                                                                  : em * 1.2;
  plot->width = floor (MAX (width - plot->x - plot->width, em * 4));
  self->x_ticks = lds_axis_ticks (&self->x_axis, (guint)CLAMP (plot->width / (em * 4.6), 2, 12));
}

void
lds_chart_measure_insets (LdsChart *self,
                          cairo_t *cr,
                          double width,
                          double height,
                          double *left,
                          double *right)
{
  LdsAxis saved_x_axis, saved_y_axis;
  LdsPlot saved_plot;
  double saved_left, saved_right;

  g_return_if_fail (self != NULL && cr != NULL && left != NULL && right != NULL);
  /* What is remembered of the last drawing must stay that of a drawing. */
  saved_x_axis = self->x_axis;
  saved_y_axis = self->y_axis;
  saved_plot = self->plot;
  saved_left = self->inset_left;
  saved_right = self->inset_right;
  self->inset_left = self->inset_right = -1;
  lay_out (self, cr, width, height);
  *left = self->plot.x;
  *right = width - self->plot.x - self->plot.width;
  self->inset_left = saved_left;
  self->inset_right = saved_right;
  self->plot = saved_plot;
  self->x_axis = saved_x_axis;
  self->y_axis = saved_y_axis;
  g_clear_pointer (&self->y_ticks, g_array_unref);
  g_clear_pointer (&self->x_ticks, g_array_unref);
}

double
lds_chart_place_x (const LdsChart *self,
                   double value)
{
  return self->plot.x + lds_axis_project (&self->x_axis, value) * self->plot.width;
}

double
lds_chart_place_y (const LdsChart *self,
                   double value)
{
  return self->plot.y + (1 - lds_axis_project (&self->y_axis, value)) * self->plot.height;
}

/* Half a pixel off on screen, so that a hairline fills one row of pixels. */
static double
crisp (const LdsChart *self,
       double at)
{
  double scale = self->theme.device_scale;

  return self->theme.kind == LDS_THEME_PRINT ? at : (floor (at * scale) + 0.5) / scale;
}

static double
hairline (const LdsChart *self)
{
  return self->theme.kind == LDS_THEME_PRINT
             ? 0.4
             : 1 / self->theme.device_scale * round (self->theme.device_scale);
}

static void
draw_y_axis (LdsChart *self,
             cairo_t *cr)
{
  const LdsPlot *plot = &self->plot;
  double size = self->theme.font_size * 0.92;

  cairo_set_line_width (cr, hairline (self));
  for (guint i = 0; i < self->y_ticks->len; i++)
    {
      const LdsTick *tick = &g_array_index (self->y_ticks, LdsTick, i);
      double y = lds_chart_place_y (self, tick->value), height;
      LdsColor color = tick->major ? self->theme.grid : lds_color_fade (self->theme.grid, 0.5);

      if (!(y >= plot->y - 1 && y <= plot->y + plot->height + 1))
        continue;
      lds_color_set_source (&color, cr);
      cairo_move_to (cr, plot->x, crisp (self, y));
      cairo_line_to (cr, plot->x + plot->width, crisp (self, y));
      cairo_stroke (cr);
      if (!tick->major)
        continue;
      lds_text_set (self->text, cr, &self->theme, tick->label, size, LDS_TEXT_PLAIN, 0);
      lds_text_measure (self->text, NULL, &height);
      lds_text_draw (self->text, cr, self->theme.faint_text, plot->x - size * 0.5, y - height / 2,
                     LDS_ALIGN_RIGHT);
    }
}

static void
draw_x_axis (LdsChart *self,
             cairo_t *cr)
{
  const LdsPlot *plot = &self->plot;
  double size = self->theme.font_size * 0.92, y = crisp (self, plot->y + plot->height),
         last_end = -INFINITY;

  lds_color_set_source (&self->theme.axis, cr);
  cairo_set_line_width (cr, hairline (self));
  cairo_move_to (cr, plot->x, y);
  cairo_line_to (cr, plot->x + plot->width, y);
  cairo_stroke (cr);
  for (guint i = 0; i < self->x_ticks->len; i++)
    {
      const LdsTick *tick = &g_array_index (self->x_ticks, LdsTick, i);
      double x = lds_chart_place_x (self, tick->value), width;

      lds_text_set (self->text, cr, &self->theme, tick->label, size, LDS_TEXT_PLAIN, 0);
      lds_text_measure (self->text, &width, NULL);
      lds_color_set_source (&self->theme.axis, cr);
      cairo_move_to (cr, crisp (self, x), y);
      cairo_line_to (cr, crisp (self, x), y + size * 0.3);
      cairo_stroke (cr);
      /* A percentile axis may crowd at its low end. */
      if (x - width / 2 < last_end + size * 0.5)
        continue;
      lds_text_draw (self->text, cr, self->theme.faint_text, x, y + size * 0.35, LDS_ALIGN_CENTER);
      last_end = x + width / 2;
    }
  if (self->x_title != NULL)
    {
      /* Logarithmic ticks have their unit each. */
      gboolean has_unit = *self->x_axis.unit_name != '\0' && self->x_scale != LDS_SCALE_LOG;
      /* Translators: what an axis shows, then its unit: “Offered rate, k/s” */
      g_autofree char *title =
          has_unit ? g_strdup_printf (_ ("%s, %s"), self->x_title, self->x_axis.unit_name)
                   : g_strdup (self->x_title);

      lds_text_set (self->text, cr, &self->theme, title, size, LDS_TEXT_SINGLE_LINE, plot->width);
      lds_text_draw (self->text, cr, self->theme.faint_text, plot->x + plot->width / 2,
                     y + size * 1.75, LDS_ALIGN_CENTER);
    }
}

static void
draw_title (LdsChart *self,
            cairo_t *cr,
            double width,
            gboolean empty)
{
  double em = self->theme.font_size, used = 0;

  if (self->title != NULL)
    {
      lds_text_set (self->text, cr, &self->theme, self->title, em * 1.05,
                    LDS_TEXT_BOLD | LDS_TEXT_SINGLE_LINE, width * 0.85);
      lds_text_measure (self->text, &used, NULL);
      lds_text_draw (self->text, cr, self->theme.text, 0, 0, LDS_ALIGN_LEFT);
      used += em * 0.6;
    }
  if (!empty && *self->y_axis.unit_name != '\0' && self->y_scale != LDS_SCALE_LOG)
    {
      lds_text_set (self->text, cr, &self->theme, self->y_axis.unit_name, em * 1.05, LDS_TEXT_PLAIN,
                    0);
      lds_text_draw (self->text, cr, self->theme.faint_text, used, 0, LDS_ALIGN_LEFT);
    }
}

static void
draw_threshold (LdsChart *self,
                cairo_t *cr)
{
  double y = lds_chart_place_y (self, self->threshold),
         dashes[] = {self->theme.line_width * 5, self->theme.line_width * 3};

  if (!(y >= self->plot.y && y <= self->plot.y + self->plot.height))
    return;
  cairo_save (cr);
  lds_color_set_source (&self->theme.alert, cr);
  cairo_set_line_width (cr, hairline (self));
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_move_to (cr, self->plot.x, crisp (self, y));
  cairo_line_to (cr, self->plot.x + self->plot.width, crisp (self, y));
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* Over the lines, on a ground of its own. */
static void
draw_threshold_label (LdsChart *self,
                      cairo_t *cr)
{
  double y = lds_chart_place_y (self, self->threshold), em = self->theme.font_size, width, height;
  LdsColor ground = lds_color_fade (self->theme.background, 0.85);

  if (self->threshold_label == NULL ||
      !(y >= self->plot.y && y <= self->plot.y + self->plot.height))
    return;
  lds_text_set (self->text, cr, &self->theme, self->threshold_label, em * 0.92,
                LDS_TEXT_SINGLE_LINE, self->plot.width * 0.6);
  lds_text_measure (self->text, &width, &height);
  /* Above the line, or below it where above is the title. */
  y = y - height < self->plot.y - 1 ? y + 1 : y - height - 1;
  lds_color_set_source (&ground, cr);
  cairo_rectangle (cr, self->plot.x + em * 0.2, y, width + em * 0.4, height);
  cairo_fill (cr);
  lds_text_draw (self->text, cr, self->theme.alert, self->plot.x + em * 0.4, y, LDS_ALIGN_LEFT);
}

static void
draw_placeholder (LdsChart *self,
                  cairo_t *cr)
{
  double height;

  if (self->placeholder == NULL)
    return;
  lds_text_set (self->text, cr, &self->theme, self->placeholder, self->theme.font_size,
                LDS_TEXT_PLAIN, self->plot.width);
  lds_text_measure (self->text, NULL, &height);
  lds_text_draw (self->text, cr, self->theme.faint_text, self->plot.x + self->plot.width / 2,
                 self->plot.y + (self->plot.height - height) / 2, LDS_ALIGN_CENTER);
}

void
lds_chart_draw (LdsChart *self,
                cairo_t *cr,
                double width,
                double height)
{
  gboolean empty;

  g_return_if_fail (self != NULL && cr != NULL);
  if (!(width >= self->theme.font_size * 6 && height >= self->theme.font_size * 4))
    return;
  cairo_save (cr);
  lay_out (self, cr, width, height);
  empty = !has_points (self);
  draw_title (self, cr, width, empty);
  lds_chart_draw_span (self, cr);
  /* A scale without a value on it would be an invention. */
  if (!empty || isfinite (self->threshold))
    draw_y_axis (self, cr);
  draw_x_axis (self, cr);
  if (empty)
    draw_placeholder (self, cr);
  if (isfinite (self->threshold))
    draw_threshold (self, cr);
  lds_chart_draw_lines (self, cr);
  if (isfinite (self->threshold))
    draw_threshold_label (self, cr);
  if (self->labels && self->labels_at_ends)
    lds_chart_draw_end_labels (self, cr, width);
  else if (self->labels)
    lds_chart_draw_legend (
        self, cr, 0,
        self->title != NULL || *self->y_axis.unit_name != '\0' ? self->theme.font_size * 1.7 : 0,
        width, TRUE);
  if (isfinite (self->cursor) && !empty)
    lds_chart_draw_cursor (self, cr);
  cairo_restore (cr);
  g_clear_pointer (&self->y_ticks, g_array_unref);
  g_clear_pointer (&self->x_ticks, g_array_unref);
}

double
lds_chart_x_at (LdsChart *self,
                double px)
{
  g_return_val_if_fail (self != NULL, NAN);
  if (!(self->plot.width > 0 && px >= self->plot.x && px <= self->plot.x + self->plot.width))
    return NAN;
  return lds_axis_unproject (&self->x_axis, (px - self->plot.x) / self->plot.width);
}

char *
lds_chart_describe (LdsChart *self)
{
  GString *text = g_string_new (self->title);

  g_return_val_if_fail (self != NULL, NULL);
  for (guint i = 0; i < self->series->len; i++)
    {
      const LdsSeries *series = g_ptr_array_index (self->series, i);
      double low = NAN, high = NAN, last = NAN;
      g_autofree char *low_text = NULL, *high_text = NULL, *last_text = NULL;

      if (series->hidden)
        continue;
      for (guint j = 0; j < series->y->len; j++)
        {
          double y = g_array_index (series->y, double, j);

          widen (&low, &high, y);
          last = isfinite (y) ? y : last;
        }
      if (text->len > 0)
        g_string_append_c (text, '\n');
      if (!isfinite (last))
        {
          /* Translators: a line of a chart that has no points yet */
          g_string_append_printf (text, _ ("%s: no figures yet."), series->label);
          continue;
        }
      last_text = lds_format_value (last, self->unit);
      low_text = lds_format_value (low, self->unit);
      high_text = lds_format_value (high, self->unit);
      /* Translators: a line of a chart in words: its name, last, lowest and highest value */
      g_string_append_printf (text, _ ("%s: %s, between %s and %s."), series->label, last_text, low_text, high_text);
      if (series->invalid)
        {
          g_string_append_c (text, ' ');
          g_string_append (text, _ ("Invalid."));
        }
    }
  return g_string_free (text, FALSE);
}
