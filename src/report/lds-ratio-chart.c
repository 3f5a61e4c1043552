/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ratios on one logarithmic axis. */
#define G_LOG_DOMAIN "lds-ratio-chart"

#include "config.h"
#include "lds-ratio-chart.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "lds-axis.h"
#include "lds-text.h"

#define ROW  2.3 /* of the font size, from row to row */
#define HEAD 1.8 /* what stands above the rows */
#define FOOT 1.8 /* what stands below them */

void
lds_ratio_row_free (LdsRatioRow *row)
{
  if (row == NULL)
    return;
  g_free (row->label);
  g_free (row->note);
  g_free (row);
}

/* --- Rows ------------------------------------------------------------------------------------ */

static void
set_measured (LdsRatioRow *row,
              const LdsClaimOutcome *outcome)
{
  const LdsClaimTrial *trial = outcome->trial;
  double value = outcome->value, same = outcome->value;

  row->low = outcome->low;
  row->high = outcome->high;
  lds_claim_figure_favours_node (trial->figure, &row->low, &row->high);
  lds_claim_figure_favours_node (trial->figure, &value, &same);
  row->value = value;
  /* What could be measured and has not been has no verdict. */
  if (trial->lane != NULL || trial->obstacle != NULL)
    row->note = g_strdup (lds_claim_verdict_title (outcome->verdict));
  if (trial->lane == NULL)
    return;
  row->lane = trial->figure->of == LDS_CLAIM_NODE ? trial->lane : trial->over;
  row->family = row->lane->family;
  row->provenance = row->lane->provenance;
}

static int
compare_metrics (gconstpointer a,
                 gconstpointer b)
{
  const LdsClaimFigure *left = *(const LdsClaimFigure *const *)a;
  const LdsClaimFigure *right = *(const LdsClaimFigure *const *)b;

  return (left->metric > right->metric) - (left->metric < right->metric);
}

/* The figures that are ratios of the two runtimes, in the metric table's order. */
static GPtrArray *
list_figures (GPtrArray *claims)
{
  GPtrArray *figures = g_ptr_array_new ();

  for (guint i = 0; i < claims->len; i++)
    {
      const LdsClaim *claim = claims->pdata[i];

      for (guint f = 0; f < claim->figures->len; f++)
        {
          double low = 1, high = 1;

          if (lds_claim_figure_favours_node (claim->figures->pdata[f], &low, &high))
            g_ptr_array_add (figures, claim->figures->pdata[f]);
        }
    }
  g_ptr_array_sort (figures, compare_metrics);
  return figures;
}

static const LdsClaim *
find_claim (GPtrArray *claims,
            gpointer figure)
{
  for (guint i = 0; i < claims->len; i++)
    if (g_ptr_array_find (((LdsClaim *)claims->pdata[i])->figures, figure, NULL))
      return claims->pdata[i];
  g_assert_not_reached ();
}

static const LdsClaimOutcome *
find_outcome (GPtrArray *findings,
              const LdsClaimFigure *figure)
{
  for (guint i = 0; findings != NULL && i < findings->len; i++)
    {
      const LdsClaimFinding *finding = findings->pdata[i];

      for (guint o = 0; o < finding->outcomes->len; o++)
        if (((LdsClaimOutcome *)finding->outcomes->pdata[o])->trial->figure == figure)
          return finding->outcomes->pdata[o];
    }
  return NULL;
}

GPtrArray *
lds_ratio_rows_new (GPtrArray *claims,
                    GPtrArray *findings)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_ratio_row_free);
  g_autoptr (GPtrArray) figures = NULL;

  g_return_val_if_fail (claims != NULL, rows);

  figures = list_figures (claims);
  for (guint i = 0; i < figures->len; i++)
    {
      const LdsClaimFigure *figure = figures->pdata[i];
      const LdsClaimOutcome *outcome = find_outcome (findings, figure);
      LdsRatioRow *row = g_new0 (LdsRatioRow, 1);

      /* Translators: a claim's id, a metric: “C-000-1, Throughput” */
      row->label = g_strdup_printf (_ ("%s, %s"), find_claim (claims, figures->pdata[i])->id,
                                    _ (figure->metric->short_title));
      row->claimed_low = figure->low;
      row->claimed_high = figure->high;
      lds_claim_figure_favours_node (figure, &row->claimed_low, &row->claimed_high);
      row->value = row->low = row->high = NAN;
      row->family = LDS_FAMILY_EVENT_LOOP;
      if (outcome != NULL)
        set_measured (row, outcome);
      g_ptr_array_add (rows, row);
    }
  return rows;
}

void
lds_ratio_rows_add_own (GPtrArray *rows,
                        const LdsFindings *findings)
{
  g_return_if_fail (rows != NULL && findings != NULL);

  for (guint i = 0; i < findings->rows->len; i++)
    {
      const LdsFinding *finding = findings->rows->pdata[i];
      LdsRatioRow *row;

      if (!finding->used)
        continue;
      row = g_new0 (LdsRatioRow, 1);
      /* Translators: a workload, a metric: what the user measured himself */
      row->label = g_strdup_printf (_ ("Own: %s, %s"), finding->workload->title,
                                    _ (finding->metric->short_title));
      row->claimed_low = row->claimed_high = NAN;
      row->value = finding->ratio;
      row->low = finding->low;
      row->high = finding->high;
      row->lane = finding->node;
      row->family = row->lane->family;
      row->provenance = row->lane->provenance;
      row->note = g_strdup (_ ("own measurement"));
      g_ptr_array_add (rows, row);
    }
}

/* --- Drawing --------------------------------------------------------------------------------- */

typedef struct
{
  cairo_t *cr;
  const LdsTheme *theme;
  LdsText *text;
  LdsAxis axis;
  double left, width; /* of the plot */
  double top, bottom;
} Plot;

double
lds_ratio_chart_height (const LdsTheme *theme,
                        guint n_rows)
{
  g_return_val_if_fail (theme != NULL, 0);

  return theme->font_size * (HEAD + ROW * n_rows + FOOT);
}

static double
place_of (const Plot *plot,
          double value)
{
  return plot->left + CLAMP (lds_axis_project (&plot->axis, value), 0, 1) * plot->width;
}

static LdsAxis
make_axis (GPtrArray *rows)
{
  double low = 0.5, high = 2;

  for (guint i = 0; i < rows->len; i++)
    {
      const LdsRatioRow *row = rows->pdata[i];
      double values[] = {row->claimed_low, row->claimed_high, row->value, row->low, row->high};

      for (guint v = 0; v < G_N_ELEMENTS (values); v++)
        if (isfinite (values[v]) && values[v] > 0)
          {
            low = fmin (low, values[v]);
            high = fmax (high, values[v]);
          }
    }
  return lds_axis_make (LDS_SCALE_LOG, LDS_UNIT_NONE, low, high);
}

static double
widest (Plot *plot,
        GPtrArray *rows,
        gboolean notes,
        double limit)
{
  double most = 0, width;

  for (guint i = 0; i < rows->len; i++)
    {
      const LdsRatioRow *row = rows->pdata[i];
      const char *words = notes ? row->note : row->label;

      if (words == NULL)
        continue;
      lds_text_set (plot->text, plot->cr, plot->theme, words, plot->theme->font_size,
                    LDS_TEXT_SINGLE_LINE, limit);
      lds_text_measure (plot->text, &width, NULL);
      most = MAX (most, width);
    }
  return most;
}

static void
draw_words (Plot *plot,
            const char *words,
            LdsColor color,
            double x,
            double middle,
            LdsAlign align,
            double limit)
{
  double height;

  lds_text_set (plot->text, plot->cr, plot->theme, words, plot->theme->font_size,
                LDS_TEXT_SINGLE_LINE, limit);
  lds_text_measure (plot->text, NULL, &height);
  lds_text_draw (plot->text, plot->cr, color, x, middle - height / 2, align);
}

static void
draw_axis (Plot *plot)
{
  const LdsTheme *theme = plot->theme;
  double em = theme->font_size;
  g_autoptr (GArray) ticks =
      lds_axis_ticks (&plot->axis, (guint)CLAMP (plot->width / (em * 3), 2, 12));

  for (guint i = 0; i < ticks->len; i++)
    {
      const LdsTick *tick = &g_array_index (ticks, LdsTick, i);
      gboolean is_even = fabs (tick->value - 1) < 1e-9;
      double x = place_of (plot, tick->value);

      lds_color_set_source (is_even ? &theme->text : &theme->grid, plot->cr);
      cairo_set_line_width (plot->cr, theme->kind == LDS_THEME_PRINT ? 0.5 : 1);
      cairo_move_to (plot->cr, x, plot->top);
      cairo_line_to (plot->cr, x, plot->bottom);
      cairo_stroke (plot->cr);
      if (!tick->major)
        continue;
      lds_text_set (plot->text, plot->cr, theme, tick->label, em * 0.92, LDS_TEXT_PLAIN, 0);
      lds_text_draw (plot->text, plot->cr, theme->faint_text, x, plot->bottom + em * 0.3,
                     LDS_ALIGN_CENTER);
    }
}

/* Which way is better, above the plot on either side of 1. */
static void
draw_sides (Plot *plot)
{
  double em = plot->theme->font_size, even = place_of (plot, 1);

  /* Translators: on the left of a ratio of 1 */
  draw_words (plot, _ ("better for Python ←"), plot->theme->faint_text, even - em * 0.6, em * 0.7, LDS_ALIGN_RIGHT, 0);
  /* Translators: on the right of a ratio of 1 */
  draw_words (plot, _ ("→ better for Node.js"), plot->theme->faint_text, even + em * 0.6, em * 0.7, LDS_ALIGN_LEFT, 0);
}

static void
draw_end (cairo_t *cr,
          double x,
          double y,
          double size,
          double direction,
          gboolean is_open)
{
  if (is_open)
    {
      cairo_move_to (cr, x - direction * size, y - size);
      cairo_line_to (cr, x, y);
      cairo_line_to (cr, x - direction * size, y + size);
    }
  else
    {
      cairo_move_to (cr, x, y - size);
      cairo_line_to (cr, x, y + size);
    }
  cairo_stroke (cr);
}

/* A whisker from @low to @high; an arrow to the plot's edge where there is none. */
static void
draw_whisker (Plot *plot,
              double low,
              double high,
              double y)
{
  double size = plot->theme->font_size * 0.25;
  double from = isnan (low) ? plot->left : place_of (plot, low);
  double to = isnan (high) ? plot->left + plot->width : place_of (plot, high);

  cairo_move_to (plot->cr, from, y);
  cairo_line_to (plot->cr, to, y);
  cairo_stroke (plot->cr);
  cairo_set_dash (plot->cr, NULL, 0, 0);
  draw_end (plot->cr, from, y, size, -1, isnan (low));
  draw_end (plot->cr, to, y, size, 1, isnan (high));
}

static void
draw_claim (Plot *plot,
            const LdsRatioRow *row,
            double y)
{
  double low = row->claimed_low, high = row->claimed_high;
  double middle = isnan (low) ? high : isnan (high) ? low
                                                    : sqrt (low * high);

  if (isnan (middle))
    return;
  lds_color_set_source (&plot->theme->faint_text, plot->cr);
  cairo_set_dash (plot->cr, NULL, 0, 0);
  cairo_set_line_width (plot->cr, plot->theme->line_width * 0.6);
  if (low != high)
    draw_whisker (plot, low, high, y);
  lds_theme_draw_marker (plot->cr, plot->theme, row->family, LDS_PROVENANCE_CLAIM, 0,
                         place_of (plot, middle), y, plot->theme->font_size * 0.8);
}

static void
draw_measured (Plot *plot,
               const LdsRatioRow *row,
               double y)
{
  LdsColor color = lds_theme_family_color (plot->theme, row->family, 0);

  if (!isfinite (row->value) || row->value <= 0)
    return;
  lds_color_set_source (&color, plot->cr);
  lds_theme_set_line (plot->cr, row->provenance, plot->theme->line_width);
  if (isfinite (row->low) && isfinite (row->high) && row->low > 0 && row->high > row->low)
    draw_whisker (plot, row->low, row->high, y);
  cairo_set_dash (plot->cr, NULL, 0, 0);
  lds_theme_draw_marker (plot->cr, plot->theme, row->family, row->provenance, 0,
                         place_of (plot, row->value), y, plot->theme->font_size * 0.8);
}

void
lds_ratio_chart_draw (cairo_t *cr,
                      const LdsTheme *theme,
                      GPtrArray *rows,
                      double width)
{
  g_autoptr (LdsText) text = lds_text_new ();
  Plot plot = {.cr = cr, .theme = theme, .text = text};
  double em, notes;

  g_return_if_fail (cr != NULL && theme != NULL && rows != NULL);

  em = theme->font_size;
  cairo_save (cr);
  plot.axis = make_axis (rows);
  plot.top = em * HEAD;
  plot.bottom = em * (HEAD + ROW * rows->len);
  plot.left = widest (&plot, rows, FALSE, width * 0.3) + em;
  notes = widest (&plot, rows, TRUE, width * 0.25);
  plot.width = MAX (width - plot.left - (notes > 0 ? notes + em : em), em * 4);
  draw_axis (&plot);
  draw_sides (&plot);
  for (guint i = 0; i < rows->len; i++)
    {
      const LdsRatioRow *row = rows->pdata[i];
      double middle = plot.top + em * ROW * (i + 0.5);

      draw_words (&plot, row->label, theme->text, 0, middle, LDS_ALIGN_LEFT, width * 0.3);
      if (row->note != NULL)
        draw_words (&plot, row->note, theme->faint_text, width, middle, LDS_ALIGN_RIGHT,
                    width * 0.25);
      draw_claim (&plot, row, middle - em * 0.45);
      draw_measured (&plot, row, middle + em * 0.45);
    }
  cairo_restore (cr);
}
