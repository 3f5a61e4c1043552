/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an adaptive plan found: for each workload the knees with what they cost, how each was searched, then what
 * the plan's demand takes, and the series. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-pdf-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-chart.h"

#define PANEL_HEIGHT  128.0
#define PANEL_GAP     16.0
#define PANELS_A_LINE 2
#define KEY_HEIGHT    18.0
#define MARK_SIZE     5.5
/* Rates further apart than this factor are on a logarithmic axis. */
#define MAX_SPREAD 4.0
/* The table's columns. */
#define N_COLUMNS 8

/* What a step said, in the order of the key. */
static const struct
{
  LdsKneeVote vote;
  LdsMark mark;
  const char *title;
} votes[] = {
    {LDS_KNEE_GOOD, LDS_MARK_LANE, N_ ("kept, in the lane’s mark")},
    {LDS_KNEE_BAD, LDS_MARK_CROSS, N_ ("not kept")},
    {LDS_KNEE_CLIENT, LDS_MARK_TRIANGLE, N_ ("the load generator was the limit")},
};

/* Keeps @text as long as the table needs it. */
static const char *
keep (GPtrArray *texts,
      char *text)
{
  g_ptr_array_add (texts, text);
  return text;
}

/* --- The table ------------------------------------------------------------------------------- */

static LdsCell
make_figure (const LdsEstimate *estimate,
             LdsUnit unit,
             GPtrArray *texts)
{
  LdsCell cell = {.text = "–"};

  if (estimate->n == 0)
    return cell;
  cell.text = keep (texts, lds_format_value (estimate->median, unit));
  if (estimate->n >= LDS_ESTIMATE_MIN_RUNS && estimate->high > estimate->low)
    cell.note =
        keep (texts, lds_format_range (estimate->low, estimate->high, estimate->median, unit));
  return cell;
}

static LdsCell
make_knee (LdsReport *self,
           const LdsKneeSummary *summary,
           double largest_hz,
           GPtrArray *texts)
{
  const LdsKnee *knee = &summary->knee;
  const char *interval = NULL, *state = keep (texts, lds_knee_summary_dup_state (summary));
  char *range = lds_knee_summary_dup_interval (summary);
  LdsCell cell = {.text = keep (texts, lds_knee_summary_dup_rate (summary)), .note = state};

  if (range != NULL)
    {
      interval = keep (texts, range);
      cell.note = keep (texts, g_strconcat (interval, "\n", state, NULL));
    }
  if (!(largest_hz > 0) || !(knee->low_hz > 0) || knee->state == LDS_KNEE_SEARCHING)
    return cell;
  cell.lane = summary->lane;
  cell.variant = lds_report_lane_variant (self, summary->lane);
  cell.bar = knee->estimate_hz / largest_hz;
  cell.bar_low = interval != NULL ? knee->from_hz / largest_hz : NAN;
  cell.bar_high = interval != NULL ? knee->to_hz / largest_hz : NAN;
  return cell;
}

static char *
join (GPtrArray *texts)
{
  GString *joined = g_string_new (NULL);

  for (guint i = 0; i < texts->len; i++)
    g_string_append_printf (joined, "%s%s", i > 0 ? " " : "", (const char *)texts->pdata[i]);
  return g_string_free (joined, FALSE);
}

/* What is INVALID of the row, and apart from that what to know of it. */
static void
set_remarks (LdsReport *self,
             const LdsKneeSummary *summary,
             LdsRow *row,
             GPtrArray *texts)
{
  g_autofree char *refusal = lds_knee_summary_dup_refusal (summary, self->session->runs);
  g_autoptr (GPtrArray) notes = lds_knee_summary_list_notes (summary);

  row->remark_is_alert = refusal != NULL;
  if (refusal != NULL)
    /* Translators: the reason in sentences */
    row->remark = keep (texts, g_strdup_printf (_ ("INVALID: %s"), refusal));
  if (notes->len > 0)
    row->aside = keep (texts, join (notes));
}

static double
find_largest (LdsReport *self,
              const LdsWorkload *workload)
{
  double largest_hz = 0;

  for (guint i = 0; i < self->knees->len; i++)
    {
      const LdsKneeSummary *summary = g_ptr_array_index (self->knees, i);

      if (summary->workload != workload || !(summary->knee.low_hz > 0))
        continue;
      largest_hz = fmax (largest_hz, summary->knee.estimate_hz);
      if (isfinite (summary->knee.to_hz))
        largest_hz = fmax (largest_hz, summary->knee.to_hz);
    }
  return largest_hz;
}

static double
find_equal_rate (LdsReport *self,
                 const LdsWorkload *workload)
{
  for (guint i = 0; i < self->knees->len; i++)
    {
      const LdsKneeSummary *summary = g_ptr_array_index (self->knees, i);

      if (summary->workload == workload && !isnan (summary->equal_rate_hz))
        return summary->equal_rate_hz;
    }
  return NAN;
}

static void
fill_row (LdsReport *self,
          const LdsKneeSummary *summary,
          double largest_hz,
          LdsRow *row,
          GPtrArray *texts)
{
  LdsCell *cells = row->cells;

  cells[0] = (LdsCell){.text = keep (texts, lds_lane_dup_label (summary->lane)),
                       .lane = summary->lane,
                       .swatch = TRUE,
                       .variant = lds_report_lane_variant (self, summary->lane),
                       .style = summary->is_given_up ? LDS_TEXT_STRUCK : LDS_TEXT_BOLD};
  cells[1] = make_knee (self, summary, largest_hz, texts);
  cells[2] = make_figure (&summary->throughput, LDS_UNIT_RATE_HZ, texts);
  cells[3] = make_figure (&summary->half_p50, LDS_UNIT_DURATION_NS, texts);
  cells[4] = make_figure (&summary->half_p99, LDS_UNIT_DURATION_NS, texts);
  cells[5] = make_figure (&summary->cpu_per_request, LDS_UNIT_DURATION_NS, texts);
  cells[6] = make_figure (&summary->equal_rss_bytes, LDS_UNIT_BYTES, texts);
  cells[7] = (LdsCell){.text = keep (texts, g_strdup_printf ("%u", summary->knee.n_runs))};
  set_remarks (self, summary, row, texts);
}

static void
draw_table (LdsReport *self,
            LdsPages *pages,
            const LdsWorkload *workload)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autofree LdsRow *rows = g_new0 (LdsRow, self->knees->len + 1);
  g_autofree LdsCell *cells = g_new0 (LdsCell, (self->knees->len + 1) * N_COLUMNS);
  double equal_rate_hz = find_equal_rate (self, workload);
  g_autofree char *rate = lds_format_value (equal_rate_hz, LDS_UNIT_RATE_HZ);
  g_autofree char *cpu = isnan (equal_rate_hz)
                             ? g_strdup (_ ("CPU a request"))
                             /* Translators: a rate */
                             : g_strdup_printf (_ ("CPU a request\nat %s"), rate);
  g_autofree char *memory = isnan (equal_rate_hz)
                                ? g_strdup (_ ("RSS"))
                                /* Translators: a rate */
                                : g_strdup_printf (_ ("RSS\nat %s"), rate);
  const LdsColumn columns[N_COLUMNS] = {
      {_ ("Lane"), 31, LDS_ALIGN_LEFT},
      {_ ("Knee"), 27, LDS_ALIGN_LEFT},
      {_ ("Throughput\nat the knee"), 18, LDS_ALIGN_RIGHT},
      {_ ("p50 at\nhalf of it"), 17, LDS_ALIGN_RIGHT},
      {_ ("p99 at\nhalf of it"), 17, LDS_ALIGN_RIGHT},
      {cpu, 19, LDS_ALIGN_RIGHT},
      {memory, 18, LDS_ALIGN_RIGHT},
      {_ ("Steps"), 11, LDS_ALIGN_RIGHT},
  };
  double largest_hz = find_largest (self, workload);
  guint n_rows = 0;

  for (guint i = 0; i < self->knees->len; i++)
    {
      const LdsKneeSummary *summary = g_ptr_array_index (self->knees, i);

      if (summary->workload != workload)
        continue;
      rows[n_rows].cells = &cells[n_rows * N_COLUMNS];
      fill_row (self, summary, largest_hz, &rows[n_rows], texts);
      n_rows++;
    }
  lds_pages_table (pages, columns, N_COLUMNS, rows, n_rows);
}

/* --- The search ------------------------------------------------------------------------------ */

typedef struct
{
  double rate_hz;
  double p99_ns;
} Step;

static int
compare_steps (gconstpointer a,
               gconstpointer b)
{
  const Step *x = a, *y = b;

  return x->rate_hz < y->rate_hz ? -1 : x->rate_hz > y->rate_hz;
}

/* Returns: (transfer full) (element-type Step): those of @summary's search that said @wanted, by rate */
static GArray *
collect_steps (LdsReport *self,
               const LdsKneeSummary *summary,
               LdsKneeVote wanted)
{
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (Step));

  for (guint i = 0; i < self->session->runs->len; i++)
    {
      const LdsRun *run = g_ptr_array_index (self->session->runs, i);
      Step step = {.rate_hz = run->spec.rate_hz};
      LdsKneeVote vote;

      if (run->spec.lane == summary->lane && run->spec.workload == summary->workload &&
          lds_search_read_step (run, summary->limit_ns, &vote, &step.p99_ns) && vote == wanted &&
          isfinite (step.p99_ns))
        g_array_append_val (steps, step);
    }
  g_array_sort (steps, compare_steps);
  return steps;
}

/* Rates that lie close together are spread; a search that goes down from rate to rate takes orders of size. */
static LdsScale
choose_scale (LdsReport *self,
              const LdsKneeSummary *summary)
{
  double low_hz = INFINITY, high_hz = 0;

  for (guint v = 0; v < G_N_ELEMENTS (votes); v++)
    {
      g_autoptr (GArray) steps = collect_steps (self, summary, votes[v].vote);

      if (steps->len == 0)
        continue;
      low_hz = fmin (low_hz, g_array_index (steps, Step, 0).rate_hz);
      high_hz = fmax (high_hz, g_array_index (steps, Step, steps->len - 1).rate_hz);
    }
  return high_hz > low_hz * MAX_SPREAD ? LDS_SCALE_LOG : LDS_SCALE_INTERVAL;
}

static LdsChart *
new_panel (LdsReport *self,
           const LdsKneeSummary *summary,
           const LdsTheme *theme)
{
  const LdsLane *lane = summary->lane;
  g_autofree char *label = lds_lane_dup_label (lane);
  g_autofree char *limit = lds_format_value (summary->limit_ns, LDS_UNIT_DURATION_NS);
  /* Translators: the largest p99 of a rate that is kept */
  g_autofree char *limit_text = g_strdup_printf (_ ("Limit: %s"), limit);
  LdsChart *chart =
      lds_chart_new (label, LDS_UNIT_DURATION_NS, choose_scale (self, summary), LDS_SCALE_LOG);

  lds_chart_set_theme (chart, theme);
  lds_chart_set_labels (chart, FALSE);
  lds_chart_set_x_unit (chart, LDS_UNIT_RATE_HZ);
  lds_chart_set_x_title (chart, _ ("Offered rate"));
  if (isfinite (summary->limit_ns))
    lds_chart_set_threshold (chart, summary->limit_ns, limit_text);
  if (summary->knee.state == LDS_KNEE_FOUND || summary->knee.state == LDS_KNEE_UNSETTLED)
    lds_chart_set_span (chart, summary->knee.from_hz, summary->knee.to_hz, FALSE, NULL);
  for (guint v = 0; v < G_N_ELEMENTS (votes); v++)
    {
      g_autoptr (GArray) steps = collect_steps (self, summary, votes[v].vote);
      LdsSeries *series =
          lds_chart_add_series (chart, _ (votes[v].title), lane->family, lane->provenance);

      series->variant = lds_report_lane_variant (self, lane);
      series->style = LDS_SERIES_POINTS;
      series->mark = votes[v].mark;
      for (guint i = 0; i < steps->len; i++)
        {
          const Step *step = &g_array_index (steps, Step, i);

          lds_series_append (series, step->rate_hz, step->p99_ns);
        }
    }
  return chart;
}

/* Marks and what they mean, in one line. */
static void
draw_key (LdsReport *self,
          LdsPages *pages)
{
  const LdsLane *lane = g_ptr_array_index (self->session->plan->lanes, 0);
  double x = pages->left, size = lds_style_size (LDS_STYLE_CAPTION);
  double middle = pages->y + size * 0.65, band = MARK_SIZE * 2.2;
  LdsColor shade = lds_color_fade (pages->theme.axis, 0.2);

  for (guint v = 0; v <= G_N_ELEMENTS (votes); v++)
    {
      gboolean is_band = v == G_N_ELEMENTS (votes);
      const char *title = is_band ? _ ("interval of the knee") : _ (votes[v].title);
      double width;

      if (is_band)
        {
          lds_color_set_source (&shade, pages->cr);
          cairo_rectangle (pages->cr, x, middle - size * 0.5, band, size);
          cairo_fill (pages->cr);
          x += band - MARK_SIZE;
        }
      else
        {
          LdsSeries series = {
              .family = lane->family, .provenance = lane->provenance, .mark = votes[v].mark};

          lds_chart_draw_mark (&pages->theme, pages->cr, &series, x + MARK_SIZE / 2, middle,
                               MARK_SIZE);
        }
      x += MARK_SIZE + 4;
      lds_pages_put_text (pages, LDS_STYLE_CAPTION, title, pages->theme.faint_text, x, pages->y,
                          pages->left + pages->width - x, LDS_ALIGN_LEFT);
      lds_text_measure (pages->text, &width, NULL);
      x += width + 16;
    }
  pages->y += KEY_HEIGHT;
}

static void
draw_searches (LdsReport *self,
               LdsPages *pages,
               const LdsWorkload *workload)
{
  double width = (pages->width - PANEL_GAP * (PANELS_A_LINE - 1)) / PANELS_A_LINE;
  guint nth = 0, n_searched = 0;

  for (guint i = 0; i < self->knees->len; i++)
    {
      const LdsKneeSummary *summary = g_ptr_array_index (self->knees, i);

      n_searched += summary->workload == workload && summary->knee.n_runs > 0;
    }
  if (n_searched == 0)
    return;
  lds_pages_heading (pages, _ ("How the knees were searched"), PANEL_HEIGHT + KEY_HEIGHT);
  draw_key (self, pages);
  for (guint i = 0; i < self->knees->len; i++)
    {
      const LdsKneeSummary *summary = g_ptr_array_index (self->knees, i);
      g_autoptr (LdsChart) chart = NULL;

      if (summary->workload != workload || summary->knee.n_runs == 0)
        continue;
      if (nth % PANELS_A_LINE == 0 && nth > 0)
        pages->y += PANEL_HEIGHT;
      if (nth % PANELS_A_LINE == 0)
        lds_pages_reserve (pages, PANEL_HEIGHT);
      chart = new_panel (self, summary, &pages->theme);
      lds_pages_begin_tag (pages, "Figure");
      cairo_save (pages->cr);
      cairo_translate (pages->cr, pages->left + (nth % PANELS_A_LINE) * (width + PANEL_GAP),
                       pages->y);
      lds_chart_draw (chart, pages->cr, width, PANEL_HEIGHT - 8);
      cairo_restore (pages->cr);
      lds_pages_end_tag (pages, "Figure");
      nth++;
    }
  pages->y += PANEL_HEIGHT;
  lds_pages_paragraph (pages, LDS_STYLE_CAPTION,
                       _ ("Each mark is one run: across, the rate that it was offered; upwards, the p99 of what was answered. A run above the limit is not kept, nor is one below it whose requests were not all answered in time. Runs that said nothing of the server are not drawn."));
}

/* --- The section ----------------------------------------------------------------------------- */

static void
draw_knees (LdsReport *self,
            LdsPages *pages,
            const LdsWorkload *workload)
{
  const LdsPlan *plan = self->session->plan;
  g_autofree char *limit = lds_format_value (plan->slo_p99_ms * 1e6, LDS_UNIT_DURATION_NS);
  g_autofree char *text = NULL;

  if (plan->slo_p99_ms > 0)
    /* Translators: a time, then a percentage */
    text = g_strdup_printf (_ ("The knee is the highest rate that a lane keeps: all of it is answered, with a p99 within %s. Single runs lead to it, repeats decide both ends of its interval, which is at most %g\u00a0%% wide when the search is done. Below the knee: response times at half of it, and what all lanes cost at one rate, half of the lowest knee."),
                            limit, plan->knee_accuracy * 100);
  else
    /* Translators: a percentage */
    text = g_strdup_printf (_ ("The knee is the highest rate that a lane keeps: all of it is answered, with a p99 within ten times that of little load and 10\u00a0ms at least. Single runs lead to it, repeats decide both ends of its interval, which is at most %g\u00a0%% wide when the search is done. Below the knee: response times at half of it, and what all lanes cost at one rate, half of the lowest knee."),
                            plan->knee_accuracy * 100);
  lds_pages_paragraph (pages, LDS_STYLE_BODY, text);
  draw_table (self, pages, workload);
  draw_searches (self, pages, workload);
}

static gboolean
has_runs (LdsReport *self,
          const LdsWorkload *workload)
{
  for (guint i = 0; i < self->session->runs->len; i++)
    if (((const LdsRun *)self->session->runs->pdata[i])->spec.workload == workload)
      return TRUE;
  return FALSE;
}

void
lds_report_draw_knees (LdsReport *self,
                       LdsPages *pages)
{
  const LdsPlan *plan = self->session->plan;

  for (guint i = 0; i < plan->workloads->len; i++)
    {
      const LdsWorkload *workload = g_ptr_array_index (plan->workloads, i);
      /* Translators: what a workload is, its code, method and path, the articles it comes from */
      g_autofree char *lead =
          g_strdup_printf (_ ("%s %s, %s %s, after article %s."), workload->description,
                           workload->code, workload->method, workload->path, workload->source);

      lds_pages_begin_section (pages, workload->title, has_runs (self, workload));
      lds_pages_paragraph (pages, LDS_STYLE_LEAD, lead);
      if (!has_runs (self, workload))
        {
          lds_pages_paragraph (pages, LDS_STYLE_BODY,
                               _ ("Not measured: the session was stopped before its first run of this workload."));
          continue;
        }
      if (plan->find_knee)
        draw_knees (self, pages, workload);
      lds_report_draw_capacity (self, pages, workload);
      lds_report_draw_scaling (self, pages, workload);
    }
}
