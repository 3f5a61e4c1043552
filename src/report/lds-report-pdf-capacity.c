/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How lanes scale, and what a stated load takes of each: what was measured, and what follows from it at some
 * distance, told apart. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-pdf-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "lds-chart.h"

#define CHART_HEIGHT 176.0
/* Curves go on to so many times the largest N measured at least, where the axis has a round value. */
#define BEYOND 2.0
/* A row of a table, roughly. */
#define ROW_HEIGHT 30.0
/* Points that a curve is drawn through. */
#define N_CURVE          96
#define N_LAW_COLUMNS    8
#define N_DEMAND_COLUMNS 5

static const char *
keep (GPtrArray *texts,
      char *text)
{
  if (text != NULL)
    g_ptr_array_add (texts, text);
  return text;
}

static LdsCell
make_lane_cell (LdsReport *self,
                const LdsLane *lane,
                GPtrArray *texts)
{
  return (LdsCell){.text = keep (texts, lds_lane_dup_label (lane)),
                   .lane = lane,
                   .swatch = TRUE,
                   .variant = lds_report_lane_variant (self, lane),
                   .style = LDS_TEXT_BOLD};
}

static char *
join (GPtrArray *texts)
{
  GString *joined = g_string_new (NULL);

  for (guint i = 0; i < texts->len; i++)
    g_string_append_printf (joined, "%s%s", i > 0 ? " " : "", (const char *)texts->pdata[i]);
  return g_string_free (joined, FALSE);
}

/* --- The law --------------------------------------------------------------------------------- */

static LdsCell
make_parameter (const LdsUslFigure *figure,
                GPtrArray *texts)
{
  return (LdsCell){.text = keep (texts, lds_capacity_dup_figure (figure)),
                   .note = keep (texts, lds_capacity_dup_interval (figure))};
}

static void
fill_law (LdsReport *self,
          const LdsScaling *scaling,
          LdsRow *row,
          GPtrArray *texts)
{
  const LdsUsl *usl = scaling->usl;
  g_autoptr (GPtrArray) notes = lds_scaling_list_notes (scaling);
  LdsCell *cells = row->cells;

  cells[0] = make_lane_cell (self, scaling->lane, texts);
  row->remark = notes->len > 0 ? keep (texts, join (notes)) : NULL;
  cells[7].text = keep (texts, g_strdup_printf ("%u", scaling->points->len));
  for (guint i = 1; usl == NULL && i < 7; i++)
    cells[i].text = "–";
  if (usl == NULL)
    return;
  cells[1] = (LdsCell){
      .text = keep (texts, lds_format_value (usl->lambda_hz.value, LDS_UNIT_RATE_HZ)),
      .note = isnan (usl->lambda_hz.low)
                  ? NULL
                  : keep (texts, lds_format_range (usl->lambda_hz.low, usl->lambda_hz.high,
                                                   usl->lambda_hz.value, LDS_UNIT_RATE_HZ))};
  cells[2] = make_parameter (&usl->alpha, texts);
  cells[3] = make_parameter (&usl->beta, texts);
  cells[4] = make_parameter (&usl->n_max, texts);
  cells[5].text = isnan (usl->r_squared) ? "–" : keep (texts, g_strdup_printf ("%.3f", usl->r_squared));
  cells[6].text = keep (texts, lds_format_value (usl->max_residual, LDS_UNIT_FRACTION));
}

static void
draw_laws (LdsReport *self,
           LdsPages *pages,
           GPtrArray *scalings)
{
  const LdsColumn columns[N_LAW_COLUMNS] = {
      {_ ("Lane"), 32, LDS_ALIGN_LEFT},
      {_ ("One alone"), 20, LDS_ALIGN_RIGHT},
      {_ ("Contention"), 19, LDS_ALIGN_RIGHT},
      {_ ("Coherence"), 22, LDS_ALIGN_RIGHT},
      {_ ("Most at"), 16, LDS_ALIGN_RIGHT},
      {_ ("R²"), 10, LDS_ALIGN_RIGHT},
      {_ ("Largest residual"), 14, LDS_ALIGN_RIGHT},
      {_ ("Runs"), 9, LDS_ALIGN_RIGHT},
  };
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autofree LdsRow *rows = g_new0 (LdsRow, scalings->len + 1);
  g_autofree LdsCell *cells = g_new0 (LdsCell, (scalings->len + 1) * N_LAW_COLUMNS);

  for (guint i = 0; i < scalings->len; i++)
    {
      rows[i].cells = &cells[i * N_LAW_COLUMNS];
      fill_law (self, g_ptr_array_index (scalings, i), &rows[i], texts);
    }
  lds_pages_table (pages, columns, N_LAW_COLUMNS, rows, scalings->len);
}

/* --- The curves ------------------------------------------------------------------------------ */

static LdsSeries *
add_series (LdsReport *self,
            LdsChart *chart,
            const LdsScaling *scaling,
            const char *label,
            LdsSeriesStyle style)
{
  LdsSeries *series =
      lds_chart_add_series (chart, label, scaling->lane->family, scaling->lane->provenance);

  series->variant = lds_report_lane_variant (self, scaling->lane);
  series->style = style;
  return series;
}

/* The law from @from to @to, evenly on a logarithmic axis. */
static void
add_curve (LdsReport *self,
           LdsChart *chart,
           const LdsScaling *scaling,
           double from,
           double to,
           gboolean is_extrapolated)
{
  g_autofree char *label = is_extrapolated ? lds_lane_dup_label (scaling->lane) : g_strdup ("");
  LdsSeries *series = add_series (self, chart, scaling, label, LDS_SERIES_CURVE);

  series->weight = is_extrapolated ? 0.6 : 1;
  for (guint i = 0; i <= N_CURVE; i++)
    {
      double n = from * pow (to / from, (double)i / N_CURVE);
      LdsUslFigure figure = lds_usl_predict (scaling->usl, n);

      lds_series_append_interval (series, n, figure.value, figure.low, figure.high);
    }
}

static void
add_points (LdsReport *self,
            LdsChart *chart,
            const LdsScaling *scaling)
{
  /* Without a law the points have the lane's name. */
  g_autofree char *label =
      scaling->usl == NULL ? lds_lane_dup_label (scaling->lane) : g_strdup ("");
  LdsSeries *series = add_series (self, chart, scaling, label, LDS_SERIES_POINTS);

  for (guint i = 0; i < scaling->points->len; i++)
    {
      const LdsUslPoint *point = &g_array_index (scaling->points, LdsUslPoint, i);

      lds_series_append (series, point->n, point->throughput_hz);
    }
  series->hidden = scaling->points->len == 0;
}

static gboolean
has_points (GPtrArray *scalings)
{
  for (guint i = 0; i < scalings->len; i++)
    if (((const LdsScaling *)scalings->pdata[i])->points->len > 0)
      return TRUE;
  return FALSE;
}

static void
draw_curves (LdsReport *self,
             LdsPages *pages,
             GPtrArray *scalings,
             gboolean is_over_workers)
{
  g_autoptr (LdsChart) chart =
      lds_chart_new (_ ("Throughput"), LDS_UNIT_RATE_HZ, LDS_SCALE_LOG, LDS_SCALE_LINEAR);
  double max_n = 0, end;

  lds_chart_set_theme (chart, &pages->theme);
  lds_chart_set_x_title (chart, is_over_workers ? _ ("Workers") : _ ("Connections"));
  for (guint i = 0; i < scalings->len; i++)
    {
      const LdsScaling *scaling = g_ptr_array_index (scalings, i);

      if (scaling->usl != NULL)
        max_n = fmax (max_n, scaling->usl->max_n);
    }
  end = lds_axis_make (LDS_SCALE_LOG, LDS_UNIT_NONE, 1, max_n * BEYOND).high;
  for (guint i = 0; i < scalings->len; i++)
    {
      const LdsScaling *scaling = g_ptr_array_index (scalings, i);

      if (scaling->usl == NULL)
        continue;
      add_curve (self, chart, scaling, 1, scaling->usl->max_n, FALSE);
      add_curve (self, chart, scaling, scaling->usl->max_n, end, TRUE);
    }
  for (guint i = 0; i < scalings->len; i++)
    add_points (self, chart, g_ptr_array_index (scalings, i));
  if (max_n > 0)
    {
      lds_chart_set_x_range (chart, 1, end);
      lds_chart_set_span (chart, max_n, end, TRUE, _ ("extrapolated"));
    }
  lds_pages_reserve (pages, CHART_HEIGHT);
  lds_pages_begin_tag (pages, "Figure");
  cairo_save (pages->cr);
  cairo_translate (pages->cr, pages->left, pages->y);
  lds_chart_draw (chart, pages->cr, pages->width, CHART_HEIGHT - 8);
  cairo_restore (pages->cr);
  lds_pages_end_tag (pages, "Figure");
  pages->y += CHART_HEIGHT;
  lds_pages_paragraph (pages, LDS_STYLE_CAPTION,
                       _ ("Each mark is one run, each line the fitted law with its 95 % band. Up to the hatched ground it was measured; there the thinner lines go on as the law says, which is extrapolated, not measured."));
}

static void
draw_series (LdsReport *self,
             LdsPages *pages,
             GPtrArray *scalings,
             gboolean is_over_workers,
             gboolean is_first)
{
  double keep = 70 + ROW_HEIGHT * scalings->len + (has_points (scalings) ? CHART_HEIGHT : 0);

  lds_pages_heading (pages, is_over_workers ? _ ("How throughput grows with workers") : _ ("How throughput grows with connections"),
                     MIN (keep, (pages->bottom - pages->top) / 2));
  if (is_first)
    lds_pages_paragraph (pages, LDS_STYLE_BODY, _ ("Closed loops, fitted with the universal scalability law X(N) = λN / (1 + α(N − 1) + βN(N − 1)): λ is what one alone does, α the contention for what only one may use at a time, β the coherence, what it costs to keep in step. The fit is as good as its residuals are small: they say how far the runs are from the law."));
  if (is_over_workers)
    lds_pages_paragraph (pages, LDS_STYLE_BODY, _ ("All workers of a server share the one core that it is kept on, so that more of them cannot compute more here."));
  draw_laws (self, pages, scalings);
  if (has_points (scalings))
    draw_curves (self, pages, scalings, is_over_workers);
}

void
lds_report_draw_scaling (LdsReport *self,
                         LdsPages *pages,
                         const LdsWorkload *workload)
{
  gboolean is_first = TRUE;

  for (int is_over_workers = 0; is_over_workers < 2; is_over_workers++)
    {
      g_autoptr (GPtrArray) scalings = g_ptr_array_new ();

      for (guint i = 0; i < self->scalings->len; i++)
        {
          LdsScaling *scaling = g_ptr_array_index (self->scalings, i);

          if (scaling->workload == workload && scaling->is_over_workers == is_over_workers)
            g_ptr_array_add (scalings, scaling);
        }
      if (scalings->len == 0)
        continue;
      draw_series (self, pages, scalings, is_over_workers == 1, is_first);
      is_first = FALSE;
    }
}

/* --- What a load takes ----------------------------------------------------------------------- */

static LdsCell
make_range (LdsCapacityRange range,
            LdsUnit unit,
            double factor,
            GPtrArray *texts)
{
  /* Within reach of what was measured, but this was not. */
  gboolean is_unknown = isnan (range.low) && factor <= LDS_CAPACITY_MAX_FACTOR;

  return (LdsCell){.text = keep (texts, lds_capacity_range_dup_text (range, unit)),
                   .note = keep (texts, lds_capacity_dup_basis (is_unknown ? NAN : factor))};
}

/* Why a row has no figures, where the measurement lies too far below the demand. */
static char *
make_demand_remark (const LdsCapacity *capacity)
{
  if (capacity->rate_factor > LDS_CAPACITY_MAX_FACTOR)
    /* Translators: two factors */
    return g_strdup_printf (_ ("The rate is %.3g times this lane’s knee: beyond %g times nothing is said."), capacity->rate_factor,
                            LDS_CAPACITY_MAX_FACTOR);
  if (capacity->connections_factor > LDS_CAPACITY_MAX_FACTOR)
    /* Translators: two factors */
    return g_strdup_printf (_ ("The connections are %.3g times as many as were measured: of memory nothing is said beyond %g times."),
                            capacity->connections_factor, LDS_CAPACITY_MAX_FACTOR);
  return NULL;
}

static void
fill_demand (LdsReport *self,
             const LdsCapacity *capacity,
             LdsRow *row,
             GPtrArray *texts)
{
  double rate_factor = capacity->rate_factor;
  double memory_factor = fmax (rate_factor, capacity->connections_factor);

  row->cells[0] = make_lane_cell (self, capacity->lane, texts);
  row->cells[1] = make_range (capacity->instances, LDS_UNIT_COUNT, rate_factor, texts);
  row->cells[2] = make_range (capacity->processes, LDS_UNIT_COUNT, rate_factor, texts);
  row->cells[3] = make_range (capacity->cores, LDS_UNIT_CORES, rate_factor, texts);
  row->cells[4] = make_range (capacity->memory_bytes, LDS_UNIT_BYTES,
                              isnan (rate_factor) ? NAN : memory_factor, texts);
  row->remark = keep (texts, make_demand_remark (capacity));
}

void
lds_report_draw_capacity (LdsReport *self,
                          LdsPages *pages,
                          const LdsWorkload *workload)
{
  const LdsColumn columns[N_DEMAND_COLUMNS] = {
      {_ ("Lane"), 34, LDS_ALIGN_LEFT},
      {_ ("Instances"), 22, LDS_ALIGN_RIGHT},
      {_ ("Processes"), 22, LDS_ALIGN_RIGHT},
      {_ ("CPU"), 24, LDS_ALIGN_RIGHT},
      {_ ("Memory, RSS"), 26, LDS_ALIGN_RIGHT},
  };
  const LdsPlan *plan = self->session->plan;
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autofree LdsRow *rows = g_new0 (LdsRow, self->capacities->len + 1);
  g_autofree LdsCell *cells = g_new0 (LdsCell, (self->capacities->len + 1) * N_DEMAND_COLUMNS);
  g_autofree char *rate = lds_format_value (plan->demand_rate_hz, LDS_UNIT_RATE_HZ);
  g_autofree char *heading = NULL, *text = NULL;
  gboolean is_known = FALSE;
  guint n_rows = 0;

  for (guint i = 0; i < self->capacities->len; i++)
    {
      const LdsCapacity *capacity = g_ptr_array_index (self->capacities, i);

      if (capacity->workload != workload)
        continue;
      is_known |= !isnan (capacity->rate_factor);
      rows[n_rows].cells = &cells[n_rows * N_DEMAND_COLUMNS];
      fill_demand (self, capacity, &rows[n_rows], texts);
      n_rows++;
    }
  if (n_rows == 0)
    return;
  heading = plan->demand_connections > 0
                /* Translators: a rate, a number of connections */
                ? g_strdup_printf (_ ("What %s on %u connections take"), rate, plan->demand_connections)
                /* Translators: a rate */
                : g_strdup_printf (_ ("What %s take"), rate);
  lds_pages_heading (pages, heading,
                     is_known ? MIN (90 + ROW_HEIGHT * n_rows, (pages->bottom - pages->top) / 2)
                              : 30);
  if (!is_known)
    {
      lds_pages_paragraph (pages, LDS_STYLE_BODY, _ ("Not known: it follows from the knees, and none was found."));
      return;
    }
  /* Translators: a factor */
  text = g_strdup_printf (_ ("From every instance at its knee (the low end) to every one at half of it, where response times were measured (the high end), with the intervals of both. An instance is the server as it was measured, on one core; that instances add up is assumed. “Measured” is what one instance was seen to do; “extrapolated” is multiplied from it by the factor given, and beyond %g times nothing is said."),
                          LDS_CAPACITY_MAX_FACTOR);
  lds_pages_paragraph (pages, LDS_STYLE_BODY, text);
  lds_pages_table (pages, columns, N_DEMAND_COLUMNS, rows, n_rows);
}
