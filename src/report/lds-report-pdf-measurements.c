/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was measured: for each workload a table, charts over time, and the spectrum of its times, all
 * lanes beside each other; then every run that was refused. What is shown of it says lds-view.h. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-pdf-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-comparison.h"
#include "lds-report-series.h"
#include "lds-view.h"

#define CHART_HEIGHT    122.0
#define SPECTRUM_HEIGHT 150.0
#define CAPTION_HEIGHT  34.0
/* Charts shrink and grow so much, at most, to end with their page. */
#define MIN_FIT 0.7
#define MAX_FIT 1.12

static guint
metric_index (const LdsMetric *metric)
{
  guint n_metrics;

  return (guint)(metric - lds_metric_list (&n_metrics));
}

static LdsEstimate
find_estimate (LdsReport *self,
               const LdsSummary *summary,
               const LdsMetric *metric)
{
  if (summary->n_valid > 0)
    return summary->estimates[metric_index (metric)];
  return lds_report_estimate_invalid (self, summary, metric);
}

/* Keeps @text as long as the table needs it. */
static const char *
keep (GPtrArray *texts,
      char *text)
{
  g_ptr_array_add (texts, text);
  return text;
}

static void
fill_cell (LdsCell *cell,
           const LdsSummary *summary,
           const LdsMetric *metric,
           LdsEstimate estimate,
           GPtrArray *texts)
{
  cell->text = keep (texts, lds_format_value (estimate.median, metric->unit));
  if (summary->n_valid == 0)
    cell->style = isfinite (estimate.median) ? LDS_TEXT_STRUCK : LDS_TEXT_PLAIN;
  if (estimate.n >= LDS_ESTIMATE_MIN_RUNS && estimate.high > estimate.low)
    cell->note =
        keep (texts, lds_format_range (estimate.low, estimate.high, estimate.median, metric->unit));
}

static char *
join (GPtrArray *texts)
{
  GString *joined = g_string_new (NULL);

  for (guint i = 0; i < texts->len; i++)
    g_string_append_printf (joined, "%s%s", i > 0 ? " " : "", (const char *)texts->pdata[i]);
  return g_string_free (joined, FALSE);
}

/* One sentence a kind, however many runs say it with other figures: all of them are in the list of
 * refused runs, or in the JSON. */
static void
add_kinds (LdsReport *self,
           const LdsSummary *summary,
           gboolean reasons,
           GPtrArray *texts)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->session->runs->len; i++)
    {
      const LdsRun *run = g_ptr_array_index (self->session->runs, i);
      GPtrArray *found = reasons ? run->reasons : run->warnings;

      if (run->spec.lane != summary->lane || run->spec.workload != summary->workload ||
          run->spec.purpose != LDS_PURPOSE_COMPARE)
        continue;
      for (guint j = 0; j < found->len; j++)
        {
          LdsInvalidReason *reason = g_ptr_array_index (found, j);

          if (g_hash_table_add (seen, reason->code))
            g_ptr_array_add (texts, reason->text);
        }
    }
}

static gboolean
is_of_a_run (LdsReport *self,
             const LdsSummary *summary,
             const char *text)
{
  for (guint i = 0; i < self->session->runs->len; i++)
    {
      const LdsRun *run = g_ptr_array_index (self->session->runs, i);

      if (run->spec.lane != summary->lane || run->spec.workload != summary->workload ||
          run->spec.purpose != LDS_PURPOSE_COMPARE)
        continue;
      for (guint j = 0; j < run->warnings->len; j++)
        if (strcmp (((LdsInvalidReason *)run->warnings->pdata[j])->text, text) == 0)
          return TRUE;
    }
  return FALSE;
}

static char *
make_remark (LdsReport *self,
             const LdsSummary *summary)
{
  g_autoptr (GPtrArray) reasons = g_ptr_array_new (), notes = g_ptr_array_new ();
  g_autofree char *reason = NULL, *note = NULL;

  for (guint i = 0; i < summary->notes->len; i++)
    if (!is_of_a_run (self, summary, summary->notes->pdata[i]))
      g_ptr_array_add (notes, summary->notes->pdata[i]);
  add_kinds (self, summary, FALSE, notes);
  add_kinds (self, summary, TRUE, reasons);
  reason = join (reasons);
  note = join (notes);
  if (summary->n_invalid > 0)
    /* Translators: refused runs, all runs, reasons as whole sentences, other remarks */
    return g_strdup_printf (_ ("INVALID, %u of %u runs: %s %s"), summary->n_invalid,
                            summary->n_invalid + summary->n_valid, reason, note);
  return notes->len > 0 ? g_steal_pointer (&note) : NULL;
}

static double
largest_rate (LdsReport *self,
              const LdsWorkload *workload)
{
  const LdsMetric *metric = lds_view_get_metric (lds_view_of (workload), LDS_VIEW_RATE);
  double largest = 0;

  for (guint i = 0; i < self->summaries->len; i++)
    {
      const LdsSummary *summary = g_ptr_array_index (self->summaries, i);
      LdsEstimate estimate;

      if (summary->workload != workload)
        continue;
      estimate = find_estimate (self, summary, metric);
      largest = fmax (largest, fmax (estimate.median, estimate.high));
    }
  return largest;
}

static void
fill_row (LdsReport *self,
          const LdsSummary *summary,
          double largest,
          LdsCell *cells,
          GPtrArray *texts)
{
  const LdsView *view = lds_view_of (summary->workload);
  guint n_runs = summary->n_valid + summary->n_invalid;

  cells[0] =
      (LdsCell){.text = keep (texts, lds_lane_dup_label (summary->lane)),
                .lane = summary->lane,
                .swatch = TRUE,
                .variant = lds_report_lane_variant (self, summary->lane),
                .style = summary->n_valid == 0 && n_runs > 0 ? LDS_TEXT_STRUCK : LDS_TEXT_BOLD};
  for (guint i = 0; i < LDS_VIEW_N_COLUMNS; i++)
    {
      const LdsMetric *metric = lds_view_get_metric (view, i);
      LdsEstimate estimate = find_estimate (self, summary, metric);
      LdsCell *cell = &cells[i + 1];

      fill_cell (cell, summary, metric, estimate, texts);
      if (i != LDS_VIEW_RATE || !(largest > 0) || !isfinite (estimate.median))
        continue;
      cell->lane = summary->lane;
      cell->variant = cells[0].variant;
      cell->bar = estimate.median / largest;
      cell->bar_low = estimate.low / largest;
      cell->bar_high = estimate.high / largest;
      cell->bar_invalid = summary->n_valid == 0;
    }
  cells[LDS_VIEW_N_COLUMNS + 1] = (LdsCell){
      .text = summary->n_invalid == 0
                  ? keep (texts, g_strdup_printf ("%u", n_runs))
                  /* Translators: valid runs of all: "3 / 5" */
                  : keep (texts, g_strdup_printf (_ ("%u\u00a0/\u00a0%u"), summary->n_valid, n_runs)),
  };
}

static void
draw_table (LdsReport *self,
            LdsPages *pages,
            const LdsWorkload *workload)
{
  const guint n_columns = LDS_VIEW_N_COLUMNS + 2;
  LdsColumn columns[LDS_VIEW_N_COLUMNS + 2];
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autofree LdsRow *rows = g_new0 (LdsRow, self->summaries->len + 1);
  g_autofree LdsCell *cells = g_new0 (LdsCell, (self->summaries->len + 1) * n_columns);
  double largest = largest_rate (self, workload);
  guint n_rows = 0;

  columns[0] = (LdsColumn){_ ("Lane"), 41, LDS_ALIGN_LEFT};
  for (guint i = 0; i < LDS_VIEW_N_COLUMNS; i++)
    {
      const char *title = lds_view_get_metric (lds_view_of (workload), i)->short_title;

      columns[i + 1] = (LdsColumn){_ (title), i == LDS_VIEW_RATE ? 20 : 15,
                                   i == LDS_VIEW_RATE ? LDS_ALIGN_LEFT : LDS_ALIGN_RIGHT};
    }
  columns[n_columns - 1] = (LdsColumn){_ ("Runs"), 11, LDS_ALIGN_RIGHT};
  for (guint i = 0; i < self->summaries->len; i++)
    {
      const LdsSummary *summary = g_ptr_array_index (self->summaries, i);
      char *remark;

      if (summary->workload != workload)
        continue;
      rows[n_rows].cells = &cells[n_rows * n_columns];
      fill_row (self, summary, largest, rows[n_rows].cells, texts);
      remark = make_remark (self, summary);
      if (remark != NULL)
        rows[n_rows].remark = keep (texts, remark);
      rows[n_rows].remark_is_alert = summary->n_invalid > 0;
      n_rows++;
    }
  lds_pages_table (pages, columns, n_columns, rows, n_rows);
}

static void
add_lane_lines (LdsReport *self,
                LdsChart *chart,
                const LdsSummary *summary,
                const LdsMetric *metric,
                gboolean companion,
                const char *name)
{
  g_autofree char *lane = lds_lane_dup_label (summary->lane), *label = NULL;
  LdsSeries *series;

  if (name != NULL)
    /* Translators: a lane and a percentile: “Event loop (model), p99” */
    label = g_strdup_printf (_ ("%s, %s"), lane, _ (name));
  series = lds_chart_add_series (chart, label != NULL ? label : lane, summary->lane->family,
                                 summary->lane->provenance);
  series->variant = lds_report_lane_variant (self, summary->lane);
  series->weight = companion ? 0.6 : 1;
  series->invalid = summary->n_valid == 0 && summary->n_invalid > 0;
  lds_report_fill_series (self, series, summary, metric);
  /* On paper nothing is still to come: what has no line has no name either. */
  series->hidden = !lds_series_has_figures (series);
}

static LdsChart *
new_time_chart (LdsReport *self,
                const LdsWorkload *workload,
                guint nth,
                const LdsTheme *theme)
{
  const LdsViewChart *shown = &lds_view_of (workload)->charts[nth];
  const LdsMetric *main_metric = lds_metric_find (shown->metric);
  LdsChart *chart = lds_chart_new (_ (shown->title), main_metric->unit, LDS_SCALE_TIME,
                                   main_metric->log_axis ? LDS_SCALE_LOG : LDS_SCALE_LINEAR);

  lds_chart_set_theme (chart, theme);
  lds_chart_set_x_range (chart, 0, (double)self->session->plan->duration_ms / 1000);
  lds_chart_set_placeholder (chart, _ ("No run gave a figure"));
  for (guint i = 0; i < self->summaries->len; i++)
    {
      const LdsSummary *summary = g_ptr_array_index (self->summaries, i);

      if (summary->workload != workload)
        continue;
      add_lane_lines (self, chart, summary, main_metric, FALSE, shown->name);
      if (shown->companion != NULL)
        add_lane_lines (self, chart, summary, lds_metric_find (shown->companion), TRUE,
                        shown->companion_name);
    }
  return chart;
}

static LdsChart *
new_spectrum (LdsReport *self,
              const LdsWorkload *workload,
              const LdsTheme *theme)
{
  const LdsView *view = lds_view_of (workload);
  LdsChart *chart = lds_chart_new (_ (view->spectrum_title), LDS_UNIT_DURATION_NS,
                                   LDS_SCALE_PERCENTILE, LDS_SCALE_LOG);
  double slo_ms = self->session->plan->slo_p99_ms;

  lds_chart_set_theme (chart, theme);
  lds_chart_set_x_title (chart, _ (view->spectrum_x_title));
  lds_chart_set_placeholder (chart, _ ("No run gave a figure"));
  if (slo_ms * 1e6 > (double)workload->min_service_ns)
    {
      g_autofree char *figure = lds_format_value (slo_ms * 1e6, LDS_UNIT_DURATION_NS);
      /* Translators: a service level objective: a time */
      g_autofree char *label = g_strdup_printf (_ ("Objective for p99: %s"), figure);

      lds_chart_set_threshold (chart, slo_ms * 1e6, label);
    }
  for (guint i = 0; i < self->summaries->len; i++)
    {
      const LdsSummary *summary = g_ptr_array_index (self->summaries, i);
      g_autofree char *label = NULL;
      LdsSeries *series;

      if (summary->workload != workload)
        continue;
      label = lds_lane_dup_label (summary->lane);
      series =
          lds_chart_add_series (chart, label, summary->lane->family, summary->lane->provenance);
      series->variant = lds_report_lane_variant (self, summary->lane);
      series->invalid = summary->n_valid == 0 && summary->n_invalid > 0;
      lds_report_fill_spectrum (self, series, summary);
      series->hidden = !lds_series_has_figures (series);
    }
  return chart;
}

static void
put_chart (LdsPages *pages,
           LdsChart *chart,
           double height)
{
  lds_pages_reserve (pages, height);
  lds_pages_begin_tag (pages, "Figure");
  cairo_save (pages->cr);
  cairo_translate (pages->cr, pages->left, pages->y);
  lds_chart_draw (chart, pages->cr, pages->width, height - 8);
  cairo_restore (pages->cr);
  lds_pages_end_tag (pages, "Figure");
  pages->y += height;
}

static void
draw_charts (LdsReport *self,
             LdsPages *pages,
             const LdsWorkload *workload)
{
  GPtrArray *drawn = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_chart_free);
  double left = 0, right = 0, fit;

  for (guint i = 0; i < LDS_VIEW_N_PAPER_CHARTS; i++)
    g_ptr_array_add (drawn, new_time_chart (self, workload, i, &pages->theme));
  g_ptr_array_add (drawn, new_spectrum (self, workload, &pages->theme));
  /* All above each other on one time axis. */
  for (guint i = 0; i < drawn->len; i++)
    {
      double its_left, its_right;

      lds_chart_measure_insets (drawn->pdata[i], pages->cr, pages->width, CHART_HEIGHT, &its_left,
                                &its_right);
      left = MAX (left, its_left);
      right = MAX (right, its_right);
    }
  lds_pages_skip (pages, 6);
  fit = (pages->bottom - pages->y - CAPTION_HEIGHT) /
        (LDS_VIEW_N_PAPER_CHARTS * CHART_HEIGHT + SPECTRUM_HEIGHT);
  fit = fit < MIN_FIT ? 1 : MIN (fit, MAX_FIT);
  for (guint i = 0; i < drawn->len; i++)
    {
      lds_chart_set_insets (drawn->pdata[i], left, right);
      put_chart (pages, drawn->pdata[i],
                 floor (fit * (i + 1 < drawn->len ? CHART_HEIGHT : SPECTRUM_HEIGHT)));
    }
  g_ptr_array_unref (drawn);
  lds_pages_paragraph (pages, LDS_STYLE_CAPTION,
                       _ ("Lines over time are the median over valid runs, bands reach from the lowest run to the highest; a line without a band is a single run. Dotted: model. Dashed: twin. Solid: the real thing. Percentiles with fewer than ten values beyond them are not drawn."));
}

static gboolean
has_runs (LdsReport *self,
          const LdsWorkload *workload)
{
  for (guint i = 0; i < self->summaries->len; i++)
    {
      const LdsSummary *summary = g_ptr_array_index (self->summaries, i);

      if (summary->workload == workload && summary->n_valid + summary->n_invalid > 0)
        return TRUE;
    }
  return FALSE;
}

/* Which lanes the table may be said to tell apart. */
static void
draw_ranking (LdsReport *self,
              LdsPages *pages,
              const LdsWorkload *workload)
{
  g_autofree char *ranking = lds_comparison_dup_ranking (self->session, workload);

  if (ranking == NULL)
    return;
  lds_pages_skip (pages, 4);
  lds_pages_paragraph (pages, LDS_STYLE_BODY, ranking);
}

static void
draw_workload (LdsReport *self,
               LdsPages *pages,
               const LdsWorkload *workload)
{
  /* Translators: what a workload is, its code, method and path, the articles it comes from */
  g_autofree char *lead =
      g_strdup_printf (_ ("%s %s, %s %s, after article %s."), workload->description, workload->code,
                       workload->method, workload->path, workload->source);

  lds_pages_begin_section (pages, workload->title, has_runs (self, workload));
  lds_pages_paragraph (pages, LDS_STYLE_LEAD, lead);
  if (!has_runs (self, workload))
    {
      lds_pages_paragraph (pages, LDS_STYLE_BODY,
                           _ ("Not measured: the session was stopped before its first run of this workload."));
      return;
    }
  draw_table (self, pages, workload);
  draw_ranking (self, pages, workload);
  draw_charts (self, pages, workload);
}

/* The figure of that column of what is shown of its workload. */
static LdsCell
refuse_figure (const LdsRun *run,
               guint column,
               GPtrArray *texts)
{
  const LdsMetric *metric = lds_view_get_metric (lds_view_of (run->spec.workload), column);

  return (LdsCell){.text = keep (texts, lds_format_value (metric->of_run (run), metric->unit)),
                   .style = LDS_TEXT_STRUCK};
}

static void
draw_refused (LdsReport *self,
              LdsPages *pages)
{
  const LdsColumn columns[] = {
      {_ ("Run"), 8, LDS_ALIGN_LEFT},
      {_ ("Lane"), 32, LDS_ALIGN_LEFT},
      {_ ("Workload"), 24, LDS_ALIGN_LEFT},
      {_ ("Rate"), 16, LDS_ALIGN_RIGHT},
      {_ ("p99"), 16, LDS_ALIGN_RIGHT},
  };
  const guint n_columns = G_N_ELEMENTS (columns);
  GPtrArray *runs = self->session->runs;
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autofree LdsRow *rows = g_new0 (LdsRow, runs->len + 1);
  g_autofree LdsCell *cells = g_new0 (LdsCell, (runs->len + 1) * n_columns);
  guint n_rows = 0;

  for (guint i = 0; i < runs->len; i++)
    {
      const LdsRun *run = g_ptr_array_index (runs, i);
      g_autoptr (GPtrArray) reasons = g_ptr_array_new ();
      LdsCell *row = &cells[n_rows * n_columns];

      if (run->valid || run->spec.purpose != LDS_PURPOSE_COMPARE)
        continue;
      for (guint j = 0; j < run->reasons->len; j++)
        g_ptr_array_add (reasons, ((LdsInvalidReason *)run->reasons->pdata[j])->text);
      row[0].text = keep (texts, g_strdup_printf ("%u", i + 1));
      row[1] = (LdsCell){.text = keep (texts, lds_lane_dup_label (run->spec.lane)),
                         .lane = run->spec.lane,
                         .swatch = TRUE,
                         .variant = lds_report_lane_variant (self, run->spec.lane)};
      row[2].text = run->spec.workload->title;
      row[3] = refuse_figure (run, LDS_VIEW_RATE, texts);
      row[4] = refuse_figure (run, LDS_VIEW_P99, texts);
      rows[n_rows].cells = row;
      rows[n_rows].remark = keep (texts, join (reasons));
      rows[n_rows].remark_is_alert = TRUE;
      n_rows++;
    }
  if (n_rows == 0)
    return;
  lds_pages_begin_section (pages, _ ("Refused runs"), FALSE);
  lds_pages_paragraph (pages, LDS_STYLE_LEAD,
                       _ ("These runs are INVALID. They are listed and drawn struck, and count in no figure."));
  lds_pages_table (pages, columns, n_columns, rows, n_rows);
}

void
lds_report_draw_measurements (LdsReport *self,
                              LdsPages *pages)
{
  if (self->session == NULL)
    return;
  for (guint i = 0; i < self->session->plan->workloads->len; i++)
    draw_workload (self, pages, g_ptr_array_index (self->session->plan->workloads, i));
  draw_refused (self, pages);
}
