/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars with whiskers, contribution bars and meters. */
#define G_LOG_DOMAIN "lds-bar-chart"

#include "config.h"
#include "lds-bar-chart.h"

#include <math.h>

#include "lds-axis.h"
#include "lds-text.h"

#define ROW   2.0 /* of the font size, from bar to bar */
#define THICK 1.05

static void
trace_bar (cairo_t *cr,
           double x,
           double y,
           double width,
           double height)
{
  cairo_rectangle (cr, x, y, MAX (width, 0.5), height);
}

static void
draw_whisker (cairo_t *cr,
              const LdsTheme *theme,
              double from,
              double to,
              double y,
              double height)
{
  lds_color_set_source (&theme->text, cr);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_width (cr, MAX (theme->line_width * 0.6, 0.6));
  cairo_move_to (cr, from, y);
  cairo_line_to (cr, to, y);
  cairo_move_to (cr, from, y - height / 2);
  cairo_line_to (cr, from, y + height / 2);
  cairo_move_to (cr, to, y - height / 2);
  cairo_line_to (cr, to, y + height / 2);
  cairo_stroke (cr);
}

static gboolean
has_whisker (const LdsBar *bar)
{
  return isfinite (bar->low) && isfinite (bar->high) && bar->high > bar->low;
}

/* The body of a bar of @width, its top left at @x, @y. */
static void
draw_body (cairo_t *cr,
           const LdsTheme *theme,
           const LdsBar *bar,
           double x,
           double y,
           double width,
           double height)
{
  LdsColor color = lds_theme_family_color (theme, bar->family, bar->variant);
  gboolean full = bar->provenance == LDS_PROVENANCE_REAL || bar->provenance == LDS_PROVENANCE_URL;
  LdsColor fill =
      full ? color : lds_color_fade (color, bar->provenance == LDS_PROVENANCE_TWIN ? 0.38 : 0.22);

  if (bar->invalid)
    {
      lds_theme_draw_hatch (cr, theme, lds_color_fade (color, 0.8), x, y, width, height);
      fill = lds_color_fade (color, 0);
    }
  trace_bar (cr, x, y, width, height);
  lds_color_set_source (&fill, cr);
  cairo_fill_preserve (cr);
  lds_theme_set_line (cr, bar->provenance, theme->line_width * 0.7);
  lds_color_set_source (&color, cr);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  if (bar->invalid)
    {
      lds_color_set_source (&theme->alert, cr);
      cairo_set_line_width (cr, theme->line_width * 0.8);
      cairo_move_to (cr, x, y + height / 2);
      cairo_line_to (cr, x + width, y + height / 2);
      cairo_stroke (cr);
    }
}

void
lds_bar_draw_cell (cairo_t *cr,
                   const LdsTheme *theme,
                   const LdsBar *bar,
                   double largest,
                   double width,
                   double height)
{
  double thick = MIN (height * 0.62, theme->font_size), y = (height - thick) / 2, per_value;

  g_return_if_fail (cr != NULL && theme != NULL && bar != NULL);
  if (!isfinite (bar->value) || !(largest > 0) || !(width > 0))
    return;
  cairo_save (cr);
  per_value = width / largest;
  if (bar->provenance == LDS_PROVENANCE_CLAIM)
    lds_theme_draw_marker (cr, theme, bar->family, bar->provenance, bar->variant,
                           CLAMP (bar->value * per_value, 0, width), height / 2, thick);
  else
    draw_body (cr, theme, bar, 0, y, CLAMP (bar->value * per_value, 0, width), thick);
  if (has_whisker (bar))
    draw_whisker (cr, theme, CLAMP (bar->low * per_value, 0, width),
                  CLAMP (bar->high * per_value, 0, width), height / 2, thick * 0.5);
  cairo_restore (cr);
}

double
lds_bar_chart_height (const LdsTheme *theme,
                      guint n_bars)
{
  g_return_val_if_fail (theme != NULL, 0);
  return theme->font_size * (ROW * n_bars + 2.2);
}

static double
widest_label (LdsText *text,
              cairo_t *cr,
              const LdsTheme *theme,
              const LdsBar *bars,
              guint n_bars,
              double limit)
{
  double widest = 0;

  for (guint i = 0; i < n_bars; i++)
    {
      double width;

      lds_text_set (text, cr, theme, bars[i].label, theme->font_size, LDS_TEXT_SINGLE_LINE, limit);
      lds_text_measure (text, &width, NULL);
      widest = MAX (widest, width);
    }
  return widest;
}

/* "48.2 k/s" and after it the note; at the bar's end, or in the bar where there is no room. */
static void
draw_figure (LdsText *text,
             cairo_t *cr,
             const LdsTheme *theme,
             const LdsBar *bar,
             LdsUnit unit,
             double x,
             double y,
             double right)
{
  g_autofree char *figure = lds_format_value (bar->value, unit);
  double em = theme->font_size, width, height;

  lds_text_set (text, cr, theme, figure, em, bar->invalid ? LDS_TEXT_STRUCK : LDS_TEXT_BOLD, 0);
  lds_text_measure (text, &width, &height);
  lds_text_draw (text, cr, bar->invalid ? theme->faint_text : theme->text, x, y - height / 2,
                 LDS_ALIGN_LEFT);
  x += width + em * 0.6;
  if (bar->note == NULL || right - x < em * 3)
    return;
  lds_text_set (text, cr, theme, bar->note, em * 0.92, LDS_TEXT_SINGLE_LINE, right - x);
  lds_text_measure (text, NULL, &height);
  lds_text_draw (text, cr, bar->invalid ? theme->alert : theme->faint_text, x, y - height / 2,
                 LDS_ALIGN_LEFT);
}

void
lds_bar_chart_draw (cairo_t *cr,
                    const LdsTheme *theme,
                    const LdsBar *bars,
                    guint n_bars,
                    LdsUnit unit,
                    double width)
{
  g_autoptr (LdsText) text = lds_text_new ();
  double em = theme->font_size, label_width, left, plot_width, bottom = em * ROW * n_bars,
         largest = NAN, height;
  g_autoptr (GArray) ticks = NULL;
  LdsAxis axis;

  g_return_if_fail (cr != NULL && theme != NULL && (bars != NULL || n_bars == 0));
  cairo_save (cr);
  for (guint i = 0; i < n_bars; i++)
    {
      double ends[] = {bars[i].value, bars[i].high};

      for (guint j = 0; j < G_N_ELEMENTS (ends); j++)
        if (isfinite (ends[j]) && !(largest >= ends[j]))
          largest = ends[j];
    }
  axis = lds_axis_make (LDS_SCALE_LINEAR, unit, 0, largest);
  label_width = widest_label (text, cr, theme, bars, n_bars, width * 0.36);
  left = label_width + em * 0.8;
  /* Room behind the longest bar for its figure and note. */
  plot_width = MAX ((width - left) * 0.62, em * 4);

  ticks = lds_axis_ticks (&axis, (guint)CLAMP (plot_width / (em * 4.5), 2, 8));
  for (guint i = 0; i < ticks->len; i++)
    {
      const LdsTick *tick = &g_array_index (ticks, LdsTick, i);
      double x = left + lds_axis_project (&axis, tick->value) * plot_width;
      gboolean is_last = i + 1 == ticks->len;
      g_autofree char *label =
          is_last ? g_strdup_printf ("%s%s%s", tick->label, *axis.unit_name != '\0' ? "\u00a0" : "",
                                     axis.unit_name)
                  : g_strdup (tick->label);

      lds_color_set_source (tick->value > 0 ? &theme->grid : &theme->axis, cr);
      cairo_set_line_width (cr, theme->kind == LDS_THEME_PRINT ? 0.4 : 1);
      cairo_move_to (cr, x, 0);
      cairo_line_to (cr, x, bottom);
      cairo_stroke (cr);
      lds_text_set (text, cr, theme, label, em * 0.92, LDS_TEXT_PLAIN, 0);
      lds_text_draw (text, cr, theme->faint_text, x, bottom + em * 0.3, LDS_ALIGN_CENTER);
    }
  for (guint i = 0; i < n_bars; i++)
    {
      const LdsBar *bar = &bars[i];
      double middle = em * ROW * (i + 0.5), end = left;

      lds_text_set (text, cr, theme, bar->label, em,
                    LDS_TEXT_SINGLE_LINE | (bar->invalid ? LDS_TEXT_STRUCK : 0), width * 0.36);
      lds_text_measure (text, NULL, &height);
      lds_text_draw (text, cr, bar->invalid ? theme->faint_text : theme->text, 0,
                     middle - height / 2, LDS_ALIGN_LEFT);
      if (isfinite (bar->value))
        {
          end = left + CLAMP (lds_axis_project (&axis, bar->value), 0, 1) * plot_width;
          if (bar->provenance == LDS_PROVENANCE_CLAIM)
            lds_theme_draw_marker (cr, theme, bar->family, bar->provenance, bar->variant, end,
                                   middle, em);
          else
            draw_body (cr, theme, bar, left, middle - em * THICK / 2, end - left, em * THICK);
          if (has_whisker (bar))
            {
              double to = left + CLAMP (lds_axis_project (&axis, bar->high), 0, 1) * plot_width;

              draw_whisker (cr, theme,
                            left + CLAMP (lds_axis_project (&axis, bar->low), 0, 1) * plot_width,
                            to, middle, em * 0.5);
              end = MAX (end, to);
            }
        }
      draw_figure (text, cr, theme, bar, unit, end + em * 0.6, middle, width);
    }
  cairo_restore (cr);
}

typedef struct
{
  double label_width, zero, per_point;
} Diverging;

LdsContributionRange
lds_contribution_range_join (LdsContributionRange range,
                             const LdsContributionBar *bars,
                             guint n_bars)
{
  for (guint i = 0; i < n_bars; i++)
    if (isfinite (bars[i].points))
      {
        range.most = MAX (range.most, bars[i].points);
        range.least = MIN (range.least, bars[i].points);
      }
  return range;
}

static Diverging
lay_out_diverging (const LdsTheme *theme,
                   LdsContributionRange range,
                   double width)
{
  double figures = theme->font_size * 3.2, room;
  Diverging d;

  d.label_width = width * 0.52;
  room = MAX (width - d.label_width - 2 * figures, theme->font_size);
  d.per_point = room / MAX (range.most - range.least, 1e-9);
  d.zero =
      d.label_width + (range.least < 0 ? figures : theme->font_size) - range.least * d.per_point;
  return d;
}

static double
contribution_rows (cairo_t *cr,
                   const LdsTheme *theme,
                   const LdsContributionBar *bars,
                   guint n_bars,
                   LdsContributionRange range,
                   double width,
                   gboolean draw)
{
  g_autoptr (LdsText) text = lds_text_new ();
  Diverging d = lay_out_diverging (theme, range, width);
  double em = theme->font_size, y = 0;

  for (guint i = 0; i < n_bars; i++)
    {
      const LdsContributionBar *bar = &bars[i];
      LdsColor color = bar->points < 0 ? theme->negative : theme->positive;
      double label_height, note_height = 0, height,
                           length = isfinite (bar->points) ? bar->points * d.per_point : 0;
      /* Translators: points for (+) or against (−) the verdict */
      g_autofree char *figure = g_strdup_printf ("%s%.1f", bar->points < 0 ? "−" : "+", fabs (bar->points));

      lds_text_set (text, cr, theme, bar->label, em, LDS_TEXT_PLAIN, d.label_width - em);
      lds_text_measure (text, NULL, &label_height);
      if (draw)
        lds_text_draw (text, cr, theme->text, 0, y, LDS_ALIGN_LEFT);
      if (draw)
        {
          double middle = y + em * 0.68, at = d.zero + length + (length < 0 ? -em * 0.4 : em * 0.4);

          cairo_rectangle (cr, MIN (d.zero, d.zero + length), middle - em * 0.45,
                           MAX (fabs (length), 0.5), em * 0.9);
          lds_color_set_source (&color, cr);
          cairo_fill (cr);
          /* What speaks against is hatched as well: the sign must not hang on the hue. */
          if (length < 0)
            lds_theme_draw_hatch (cr, theme, theme->background, d.zero + length, middle - em * 0.45,
                                  -length, em * 0.9);
          lds_text_set (text, cr, theme, figure, em, LDS_TEXT_BOLD, 0);
          lds_text_measure (text, NULL, &height);
          lds_text_draw (text, cr, theme->text, at, middle - height / 2,
                         length < 0 ? LDS_ALIGN_RIGHT : LDS_ALIGN_LEFT);
        }
      if (bar->note != NULL)
        {
          lds_text_set (text, cr, theme, bar->note, em * 0.88, LDS_TEXT_PLAIN, d.label_width - em);
          lds_text_measure (text, NULL, &note_height);
          if (draw)
            lds_text_draw (text, cr, theme->faint_text, 0, y + label_height, LDS_ALIGN_LEFT);
        }
      y += label_height + note_height + em * 0.55;
    }
  if (draw && n_bars > 0)
    {
      lds_color_set_source (&theme->axis, cr);
      cairo_set_dash (cr, NULL, 0, 0);
      cairo_set_line_width (cr, theme->kind == LDS_THEME_PRINT ? 0.5 : 1);
      cairo_move_to (cr, d.zero, 0);
      cairo_line_to (cr, d.zero, y - em * 0.55);
      cairo_stroke (cr);
    }
  return y;
}

double
lds_contribution_bars_height (cairo_t *cr,
                              const LdsTheme *theme,
                              const LdsContributionBar *bars,
                              guint n_bars,
                              double width)
{
  g_return_val_if_fail (cr != NULL && theme != NULL, 0);
  return contribution_rows (cr, theme, bars, n_bars, (LdsContributionRange){0, 0}, width, FALSE);
}

double
lds_contribution_bars_draw (cairo_t *cr,
                            const LdsTheme *theme,
                            const LdsContributionBar *bars,
                            guint n_bars,
                            const LdsContributionRange *range,
                            double width)
{
  double height;

  g_return_val_if_fail (cr != NULL && theme != NULL, 0);
  cairo_save (cr);
  height = contribution_rows (
      cr, theme, bars, n_bars,
      range != NULL ? *range
                    : lds_contribution_range_join ((LdsContributionRange){0, 0}, bars, n_bars),
      width, TRUE);
  cairo_restore (cr);
  return height;
}

void
lds_meter_draw (cairo_t *cr,
                const LdsTheme *theme,
                double value,
                double raw,
                double cap,
                double width,
                double height)
{
  /* Borders of the confidence bands. Source: DOMAIN, section D.5. */
  static const double borders[] = {35, 55, 75};
  double per_point = width / 100, radius = height / 2;

  g_return_if_fail (cr != NULL && theme != NULL);
  if (!(width > 0 && height > 0))
    return;
  value = isfinite (value) ? CLAMP (value, 0, 100) : 0;
  cap = isfinite (cap) ? CLAMP (cap, 0, 100) : 100;
  raw = isfinite (raw) ? CLAMP (raw, 0, 100) : value;
  cairo_save (cr);

  cairo_save (cr);
  cairo_new_path (cr);
  cairo_arc (cr, radius, radius, radius, G_PI / 2, 3 * G_PI / 2);
  cairo_arc (cr, width - radius, radius, radius, -G_PI / 2, G_PI / 2);
  cairo_close_path (cr);
  cairo_clip (cr);
  lds_color_set_source (&theme->grid, cr);
  cairo_paint (cr);
  /* Out of reach until more is measured. */
  lds_theme_draw_hatch (cr, theme, lds_color_fade (theme->axis, 0.8), cap * per_point, 0,
                        (100 - cap) * per_point, height);
  /* What the cap took away. */
  if (raw > value)
    {
      LdsColor lost = lds_color_fade (theme->positive, 0.25);

      cairo_rectangle (cr, value * per_point, 0, (raw - value) * per_point, height);
      lds_color_set_source (&lost, cr);
      cairo_fill (cr);
    }
  cairo_rectangle (cr, 0, 0, value * per_point, height);
  lds_color_set_source (&theme->positive, cr);
  cairo_fill (cr);
  cairo_set_line_width (cr, MAX (height * 0.08, 0.5));
  lds_color_set_source (&theme->background, cr);
  for (guint i = 0; i < G_N_ELEMENTS (borders); i++)
    {
      cairo_move_to (cr, borders[i] * per_point, 0);
      cairo_line_to (cr, borders[i] * per_point, height);
    }
  cairo_stroke (cr);
  cairo_restore (cr);

  if (cap < 100)
    {
      lds_color_set_source (&theme->text, cr);
      cairo_set_line_width (cr, MAX (height * 0.14, 1));
      cairo_move_to (cr, cap * per_point, -height * 0.3);
      cairo_line_to (cr, cap * per_point, height * 1.3);
      cairo_stroke (cr);
    }
  cairo_restore (cr);
}
