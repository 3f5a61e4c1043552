/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stage Measure: the plan in a sentence, Run and Stop, live charts, the table of results. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-measure-page.h"

#include <glib/gi18n.h>
#include <math.h>

#include "lds-calibration-dialog.h"
#include "lds-chart-view.h"
#include "lds-clock.h"
#include "lds-format.h"
#include "lds-lane-chip.h"
#include "lds-own-servers.h"
#include "lds-results-table.h"
#include "lds-runtime-choice.h"
#include "lds-turn.h"
#include "lds-view.h"
#include "lds-wrap-layout.h"

#define PROGRESS_INTERVAL_MS 250
/* Samples come ten a second, give or take. */
#define HALF_SAMPLE_NS (LDS_NS_PER_S / 20)
/* A median beside its p99 is drawn finer. */
#define COMPANION_WEIGHT 0.6

#define N_CHARTS LDS_VIEW_N_CHARTS

/* The lines of one lane in one chart. Owned by the chart. */
typedef struct
{
  LdsSeries *main;
  LdsSeries *companion; /* (nullable) */
} Lines;

/* What is shown of one lane. */
typedef struct
{
  const LdsLane *lane;
  GtkWidget *chip; /* a GtkToggleButton, not owned */
  Lines lines[N_CHARTS];
} LaneView;

struct _LdsMeasurePage
{
  GtkWidget parent_instance;

  GtkLabel *plan_text;
  GtkLabel *loads_text;
  GtkMenuButton *edit;
  GtkDropDown *length;
  GtkBox *lane_choices;
  LdsOwnServers *own_servers;
  GtkBox *workload_choices;
  GtkLabel *problem;
  GtkBox *shown_session;
  GtkLabel *shown_title;
  GtkLabel *shown_text;
  GtkBox *chips;
  GtkDropDown *shown;
  GtkFlowBox *charts;
  LdsResultsTable *results;
  GtkLabel *state;
  GtkProgressBar *progress;
  GtkStack *buttons;
  GtkButton *run;
  GtkButton *stop;

  LdsAssessment *assessment;
  LdsMeasurement *measurement;
  LdsPlan *plan;
  GPtrArray *shown_workloads; /* (element-type LdsWorkload): those of "shown", in its order */
  GPtrArray *lane_views;      /* (element-type LaneView): of the lanes there are, then of the user's own servers */
  LdsChartView *views[N_CHARTS];
  const LdsView *view; /* what the charts show: that of the workload shown */
  guint progress_id;
  guint filling : 1;
  guint edited : 1; /* the user has chosen workloads; the answers no longer do */
};

G_DEFINE_FINAL_TYPE (LdsMeasurePage, lds_measure_page, GTK_TYPE_WIDGET)

static const LdsWorkload *
shown_workload (LdsMeasurePage *self)
{
  guint selected = gtk_drop_down_get_selected (self->shown);

  return selected < self->shown_workloads->len ? self->shown_workloads->pdata[selected] : NULL;
}

/* Returns the place of @workload in "shown", where it is from now on. */
static guint
ensure_shown (LdsMeasurePage *self,
              const LdsWorkload *workload)
{
  GtkStringList *titles = GTK_STRING_LIST (gtk_drop_down_get_model (self->shown));
  guint index;

  if (g_ptr_array_find (self->shown_workloads, workload, &index))
    return index;
  g_ptr_array_add (self->shown_workloads, (gpointer)workload);
  gtk_string_list_append (titles, workload->title);
  return self->shown_workloads->len - 1;
}

static void
show_workload (LdsMeasurePage *self,
               const LdsWorkload *workload)
{
  gtk_drop_down_set_selected (self->shown, ensure_shown (self, workload));
}

/* Where answers or ticks come in waves, most samples hold none: that is no gap in the line, but the time
 * between two of its points. */
static void
append_value (LdsMeasurePage *self,
              LdsSeries *series,
              double t_s,
              double value)
{
  const LdsWorkload *workload = shown_workload (self);

  if (isnan (value) && workload != NULL && workload->wave_ns > 0)
    return;
  lds_series_append (series, t_s, value);
}

/* What the sample at @index shows of @metric: of a rate that comes in waves the mean since two of them, which
 * would else be a fence of pickets. */
static double
value_of (LdsMeasurePage *self,
          GArray *samples,
          guint index,
          const char *metric_id)
{
  const LdsMetric *metric = lds_metric_find (metric_id);
  const LdsWorkload *workload = shown_workload (self);
  const LdsPlan *plan = lds_measurement_get_plan (self->measurement);
  gint64 t_ns = g_array_index (samples, LdsSample, index).t_ns, point_ns = 0;
  double sum = 0;
  guint n = 0;

  if (metric->unit == LDS_UNIT_RATE_HZ && workload != NULL && plan != NULL)
    point_ns = lds_view_get_point_ns (workload, plan->duration_ms * LDS_NS_PER_MS);
  if (point_ns == 0)
    return metric->of_sample (&g_array_index (samples, LdsSample, index));
  for (guint i = index + 1; i > 0; i--)
    {
      const LdsSample *sample = &g_array_index (samples, LdsSample, i - 1);
      double value = metric->of_sample (sample);

      if (t_ns - sample->t_ns >= point_ns - HALF_SAMPLE_NS)
        break;
      if (!isfinite (value))
        continue;
      sum += value;
      n++;
    }
  return n > 0 ? sum / n : NAN;
}

/* Appends to the lines of a lane what @samples, all there are so far, have at @index. */
static void
append_sample (LdsMeasurePage *self,
               LaneView *view,
               GArray *samples,
               guint index)
{
  const LdsSample *sample = &g_array_index (samples, LdsSample, index);
  double t_s = (double)sample->t_ns / (double)LDS_NS_PER_S;

  /* Behind the measured interval nothing is asked for any more: its figures are no figures. */
  if (sample->phase == LDS_PHASE_DRAIN)
    return;
  for (guint i = 0; i < N_CHARTS; i++)
    {
      Lines *lines = &view->lines[i];
      const LdsViewChart *chart = &self->view->charts[i];

      append_value (self, lines->main, t_s, value_of (self, samples, index, chart->metric));
      if (chart->companion != NULL)
        append_value (self, lines->companion, t_s,
                      value_of (self, samples, index, chart->companion));
    }
}

static void
charts_changed (LdsMeasurePage *self)
{
  for (guint i = 0; i < N_CHARTS; i++)
    lds_chart_view_data_changed (self->views[i]);
}

/* All charts share the time of a run: its warm-up, then the measured interval. */
static void
set_time_axis (LdsMeasurePage *self)
{
  const LdsPlan *plan = lds_measurement_get_plan (self->measurement);
  double low = NAN;
  double high = NAN;

  if (plan != NULL)
    {
      low = -(double)plan->warm_up_ms / 1000;
      high = (double)plan->duration_ms / 1000;
    }
  for (guint i = 0; i < N_CHARTS; i++)
    lds_chart_set_x_range (lds_chart_view_get_chart (self->views[i]), low, high);
}

/* "5 of 5 runs refused" and why; NULL when none were. */
static char *
dup_refusal (const LdsSummary *summary)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_runs = summary->n_valid + summary->n_invalid;

  if (summary->n_invalid == 0)
    return NULL;
  /* Translators: a workload, two numbers: "Hello: 3 of 5 runs were refused." */
  g_string_append_printf (text, ngettext ("%s: %u of %u runs was refused.", "%s: %u of %u runs were refused.", summary->n_invalid),
                          summary->workload->title, summary->n_invalid, n_runs);
  for (guint i = 0; i < summary->reasons->len; i++)
    g_string_append_printf (text, "\n%s", (const char *)summary->reasons->pdata[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Strikes the lanes that have nothing but refused runs of the workload shown. */
static void
strike_refused (LdsMeasurePage *self)
{
  g_autoptr (GPtrArray) summaries = lds_measurement_summarize (self->measurement);
  const LdsWorkload *workload = shown_workload (self);

  for (guint lane = 0; lane < self->lane_views->len; lane++)
    {
      LaneView *view = self->lane_views->pdata[lane];
      const LdsSummary *summary = NULL;
      g_autofree char *refusal = NULL;
      gboolean struck;

      for (guint i = 0; summaries != NULL && i < summaries->len; i++)
        {
          const LdsSummary *candidate = summaries->pdata[i];

          if (candidate->lane == view->lane && candidate->workload == workload)
            summary = candidate;
        }
      /* What is going on is not judged yet. */
      struck = summary != NULL && summary->n_valid == 0 && summary->n_invalid > 0 &&
               !lds_measurement_is_running (self->measurement, view->lane, workload);
      refusal = summary != NULL ? dup_refusal (summary) : NULL;
      lds_lane_chip_set_refused (view->chip, struck, refusal);
      for (guint i = 0; i < N_CHARTS; i++)
        {
          Lines *lines = &view->lines[i];

          lines->main->invalid = struck;
          if (lines->companion != NULL)
            lines->companion->invalid = struck;
        }
    }
}

/* "Event loop (model), p50" */
static void
label_companion (LdsSeries *series,
                 const LdsLane *lane,
                 const LdsViewChart *chart)
{
  g_autofree char *name = lds_lane_dup_label (lane);

  g_free (series->label);
  series->label = g_strdup_printf ("%s, %s", name, gettext (chart->companion_name));
}

/* The charts show what there is to be seen of such a workload. */
static void
set_view (LdsMeasurePage *self,
          const LdsView *view)
{
  if (view == self->view)
    return;
  self->view = view;
  for (guint i = 0; i < N_CHARTS; i++)
    {
      const LdsViewChart *chart = &view->charts[i];

      lds_chart_view_set_title (self->views[i], gettext (chart->title));
      for (guint lane = 0; chart->companion != NULL && lane < self->lane_views->len; lane++)
        {
          LaneView *lane_view = self->lane_views->pdata[lane];

          label_companion (lane_view->lines[i].companion, lane_view->lane, chart);
        }
    }
}

/* Draws the workload that is shown from the beginning. */
static void
refill_charts (LdsMeasurePage *self)
{
  const LdsWorkload *workload = shown_workload (self);

  if (self->measurement == NULL || workload == NULL)
    return;
  set_view (self, lds_view_of (workload));
  set_time_axis (self);
  for (guint lane = 0; lane < self->lane_views->len; lane++)
    {
      LaneView *view = self->lane_views->pdata[lane];
      GArray *samples = lds_measurement_get_samples (self->measurement, view->lane, workload);

      for (guint i = 0; i < N_CHARTS; i++)
        {
          Lines *lines = &view->lines[i];

          lds_series_clear (lines->main);
          if (lines->companion != NULL)
            lds_series_clear (lines->companion);
        }
      for (guint i = 0; samples != NULL && i < samples->len; i++)
        append_sample (self, view, samples, i);
    }
  strike_refused (self);
  charts_changed (self);
}

static void
shown_changed_cb (LdsMeasurePage *self)
{
  refill_charts (self);
}

static gboolean
is_pressed (LaneView *view)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (view->chip));
}

/* Hides the lanes whose chip is not pressed. */
static void
chip_toggled_cb (LdsMeasurePage *self)
{
  gboolean all_hidden = TRUE;

  for (guint lane = 0; lane < self->lane_views->len; lane++)
    all_hidden &= !is_pressed (self->lane_views->pdata[lane]);
  for (guint i = 0; i < N_CHARTS; i++)
    lds_chart_set_placeholder (lds_chart_view_get_chart (self->views[i]),
                               all_hidden ? _ ("Every server is hidden") : _ ("No data yet"));
  for (guint lane = 0; lane < self->lane_views->len; lane++)
    for (guint i = 0; i < N_CHARTS; i++)
      {
        LaneView *view = self->lane_views->pdata[lane];
        Lines *lines = &view->lines[i];
        gboolean hidden = !is_pressed (view);

        lines->main->hidden = hidden;
        if (lines->companion != NULL)
          lines->companion->hidden = hidden;
      }
  charts_changed (self);
}

static void
cursor_moved_cb (LdsMeasurePage *self,
                 double x,
                 LdsChartView *view)
{
  for (guint i = 0; i < N_CHARTS; i++)
    lds_chart_view_set_cursor (self->views[i], x);
}

/* What @plan does, without how long it takes. */
static char *
dup_plan_contents (const LdsPlan *plan)
{
  g_autofree char *servers = NULL;
  g_autofree char *workloads = NULL;
  g_autofree char *runs = NULL;

  servers = g_strdup_printf (ngettext ("%u server", "%u servers", plan->lanes->len), plan->lanes->len);
  workloads = g_strdup_printf (ngettext ("%u workload", "%u workloads", plan->workloads->len), plan->workloads->len);
  if (lds_plan_is_adaptive (plan))
    /* Translators: "3 servers under 4 workloads, knees and series by runs of 3 s after 1 s of warm-up" */
    return g_strdup_printf (
        _ ("%s under %s, knees and series by runs of %.3g s after %.3g s of warm-up"), servers,
        workloads, (double)plan->duration_ms / 1000, (double)plan->warm_up_ms / 1000);
  runs = g_strdup_printf (ngettext ("%u run", "%u runs", plan->repeats), plan->repeats);
  /* Translators: "3 servers under 4 workloads, 5 runs each of 3 s after 1 s of warm-up" */
  return g_strdup_printf (_ ("%s under %s, %s each of %.3g s after %.3g s of warm-up"), servers,
                          workloads, runs, (double)plan->duration_ms / 1000,
                          (double)plan->warm_up_ms / 1000);
}

/* What Run would do, or what runs. */
static char *
dup_plan_sentence (LdsMeasurePage *self)
{
  gboolean again = lds_measurement_get_state (self->measurement) == LDS_MEASUREMENT_IDLE &&
                   lds_assessment_get_session (self->assessment) != NULL;
  g_autofree char *contents = NULL;
  g_autofree char *time = NULL;

  if (self->plan->lanes->len == 0 || self->plan->workloads->len == 0)
    return g_strdup (_ ("Nothing is chosen to be measured. Choose at least one server and one workload."));
  contents = dup_plan_contents (self->plan);
  time = lds_format_duration (lds_plan_estimate_ms (self->plan));
  if (again)
    /* Translators: what would be measured next, then a duration: "…; about 5 min" */
    return g_strdup_printf (_ ("Next run: %s; about %s"), contents, time);
  /* Translators: what is measured, then a duration: "…; about 5 min" */
  return g_strdup_printf (_ ("%s; about %s"), contents, time);
}

/* What the charts and the table show, where that is not what would run next. */
static void
show_session (LdsMeasurePage *self)
{
  const LdsSession *session = lds_assessment_get_session (self->assessment);
  gboolean visible = lds_measurement_get_state (self->measurement) == LDS_MEASUREMENT_IDLE &&
                     session != NULL && session->runs->len > 0;
  g_autoptr (GDateTime) when = NULL;
  g_autofree char *date = NULL;
  g_autofree char *title = NULL;
  g_autofree char *contents = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->shown_session), visible);
  if (!visible)
    return;
  when = g_date_time_new_from_unix_local (((const LdsRun *)session->runs->pdata[0])->started_at_us /
                                          G_USEC_PER_SEC);
  /* Translators: a date and time for g_date_time_format(): "21 November 2026, 12:43" */
  date = when != NULL ? g_date_time_format (when, _ ("%-d %B %Y, %H:%M")) : NULL;
  if (date != NULL)
    /* Translators: a date and time */
    title = g_strdup_printf (_ ("Shown: measured on %s"), date);
  else
    title = g_strdup (_ ("Shown: measured earlier"));
  contents = dup_plan_contents (session->plan);
  gtk_label_set_label (self->shown_title, title);
  gtk_label_set_label (self->shown_text, contents);
}

/* How hard each workload is driven, one beside the other. */
static char *
dup_loads (const LdsPlan *plan)
{
  g_autofree char *loads = NULL;
  g_autofree char *scale = NULL;
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < plan->workloads->len; i++)
    {
      const LdsWorkload *workload = plan->workloads->pdata[i];
      LdsPlanLoad load = lds_plan_get_load (plan, workload);
      g_autofree char *rate = lds_format_value (load.rate_hz, LDS_UNIT_RATE_HZ);

      if (g_strcmp0 (workload->stream, "listen") == 0)
        /* Translators: a workload, a number: connections that only listen */
        g_ptr_array_add (parts, g_strdup_printf (_ ("%s: %u connections listen"), workload->title, load.connections));
      else if (load.rate_hz > 0)
        /* Translators: a workload, a rate, a number: "Hello: 2.00 k/s over 64 connections" */
        g_ptr_array_add (parts, g_strdup_printf (_ ("%s: %s over %u connections"), workload->title, rate,
                                                 load.connections));
      else
        /* Translators: a workload, a number: each connection sends its next request after the answer */
        g_ptr_array_add (parts, g_strdup_printf (_ ("%s: as fast as %u connections go"), workload->title,
                                                 load.connections));
    }
  g_ptr_array_add (parts, NULL);
  loads = g_strjoinv ("  ·  ", (char **)parts->pdata);
  scale = lds_plan_dup_scale_text (plan);
  return g_strjoin (scale != NULL ? "\n" : NULL, loads, scale, NULL);
}

/* The check button of a row of choices, which may have another button behind it. */
static GtkCheckButton *
choice_of (GtkWidget *row)
{
  return GTK_CHECK_BUTTON (GTK_IS_CHECK_BUTTON (row) ? row : gtk_widget_get_first_child (row));
}

static gpointer
item_of (GtkWidget *row)
{
  return g_object_get_data (G_OBJECT (choice_of (row)), "item");
}

static void
collect_choices (GtkBox *box,
                 GPtrArray *chosen)
{
  g_ptr_array_set_size (chosen, 0);
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (box)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_check_button_get_active (choice_of (child)))
      g_ptr_array_add (chosen, item_of (child));
}

static gboolean
has_choice (GPtrArray *items,
            gconstpointer item)
{
  for (guint i = 0; i < items->len; i++)
    if (items->pdata[i] == item)
      return TRUE;
  return FALSE;
}

/* Whether the plan has @workload, or that with other values. */
static gboolean
has_workload (const LdsPlan *plan,
              const LdsWorkload *workload)
{
  for (guint i = 0; i < plan->workloads->len; i++)
    {
      const LdsWorkload *other = plan->workloads->pdata[i];

      if (other == workload || other->base == workload)
        return TRUE;
    }
  return FALSE;
}

/* What the answers call for stays as it is, in its order and with its values; the rest follows as shipped. */
static void
choose_workloads (LdsMeasurePage *self)
{
  g_autoptr (GPtrArray) checked = g_ptr_array_new ();
  g_autoptr (GPtrArray) proposed = g_ptr_array_copy (self->plan->workloads, NULL, NULL);
  g_autoptr (LdsPlan) before = lds_plan_copy (self->plan);
  gconstpointer first = proposed->len > 0 ? proposed->pdata[0] : NULL;

  collect_choices (self->workload_choices, checked);
  g_ptr_array_set_size (self->plan->workloads, 0);
  for (guint i = 0; i < proposed->len; i++)
    {
      const LdsWorkload *workload = proposed->pdata[i];

      if (has_choice (checked, workload) || has_choice (checked, workload->base))
        g_ptr_array_add (self->plan->workloads, (gpointer)workload);
    }
  for (guint i = 0; i < checked->len; i++)
    if (!has_workload (before, checked->pdata[i]))
      g_ptr_array_add (self->plan->workloads, checked->pdata[i]);
  /* How much less there is here than in the answers is said of the first that they call for. */
  if (!g_ptr_array_find (self->plan->workloads, first, NULL))
    {
      self->plan->connections_scale = self->plan->rate_scale = 1;
      g_clear_pointer (&self->plan->scale_reason, g_free);
    }
}

/* Checks the lanes and workloads that the plan has. */
static void
show_choices (LdsMeasurePage *self)
{
  self->filling = TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->lane_choices));
       child != NULL; child = gtk_widget_get_next_sibling (child))
    gtk_check_button_set_active (choice_of (child),
                                 has_choice (self->plan->lanes, item_of (child)));
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->workload_choices));
       child != NULL; child = gtk_widget_get_next_sibling (child))
    gtk_check_button_set_active (choice_of (child), has_workload (self->plan, item_of (child)));
  self->filling = FALSE;
}

/* How the measurement that is shown came out. */
static char *
dup_outcome (LdsMeasurePage *self)
{
  const LdsSession *session = lds_assessment_get_session (self->assessment);
  guint n_refused = lds_assessment_count_refused (self->assessment);
  g_autofree char *how = NULL;
  g_autofree char *refused = NULL;

  if (session == NULL)
    return g_strdup (_ ("Not measured yet"));
  if (lds_plan_is_adaptive (session->plan))
    how = g_strdup (_ ("Knees and series were measured: the report shows them"));
  else if (session->complete)
    how = g_strdup (_ ("Measured"));
  else
    how = g_strdup_printf (_ ("Stopped after %u of %u runs"), lds_turn_count_done (session->runs),
                           lds_plan_n_runs (session->plan));
  if (n_refused == 0)
    return g_steal_pointer (&how);
  refused = g_strdup_printf (ngettext ("%u of %u runs was refused", "%u of %u runs were refused", n_refused),
                             n_refused, session->runs->len);
  /* Translators: "Measured" or "Stopped after 7 of 30 runs", then "5 of 7 runs were refused" */
  return g_strdup_printf (_ ("%s; %s and count in no figure"), how, refused);
}

/* A chip and, in each chart, its lines. */
static LaneView *
add_lane_view (LdsMeasurePage *self,
               const LdsLane *lane)
{
  LaneView *view = g_new0 (LaneView, 1);

  view->lane = lane;
  view->chip = lds_lane_chip_new (lane);
  g_signal_connect_object (view->chip, "toggled", G_CALLBACK (chip_toggled_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (self->chips, view->chip);
  for (guint i = 0; i < N_CHARTS; i++)
    {
      LdsChart *chart = lds_chart_view_get_chart (self->views[i]);
      Lines *lines = &view->lines[i];

      lines->main = lds_chart_add_lane (chart, lane);
      /* One colour in all charts, whatever companions its like have in this one. */
      lines->main->variant = view->lines[0].main->variant;
      if (self->view->charts[i].companion == NULL)
        continue;
      lines->companion = lds_chart_add_lane (chart, lane);
      lines->companion->weight = COMPANION_WEIGHT;
      label_companion (lines->companion, lane, &self->view->charts[i]);
      /* Two lines of one lane share its colour. */
      lines->companion->variant = lines->main->variant;
    }
  g_ptr_array_add (self->lane_views, view);
  return view;
}

/* Returns: (transfer none): what is shown of @lane, from now on */
static LaneView *
ensure_lane_view (LdsMeasurePage *self,
                  const LdsLane *lane)
{
  for (guint i = 0; i < self->lane_views->len; i++)
    if (((LaneView *)self->lane_views->pdata[i])->lane == lane)
      return self->lane_views->pdata[i];
  return add_lane_view (self, lane);
}

/* Shows the chips of the lanes that are to be measured, or have been. */
static void
show_chips (LdsMeasurePage *self)
{
  const LdsSession *session = lds_assessment_get_session (self->assessment);

  for (guint i = 0; i < self->plan->lanes->len; i++)
    ensure_lane_view (self, self->plan->lanes->pdata[i]);
  for (guint i = 0; session != NULL && i < session->plan->lanes->len; i++)
    ensure_lane_view (self, session->plan->lanes->pdata[i]);
  for (guint i = 0; i < self->lane_views->len; i++)
    {
      LaneView *view = self->lane_views->pdata[i];

      gtk_widget_set_visible (
          view->chip,
          g_ptr_array_find (self->plan->lanes, view->lane, NULL) ||
              (session != NULL && g_ptr_array_find (session->plan->lanes, view->lane, NULL)));
    }
}

static void
update_state (LdsMeasurePage *self)
{
  LdsMeasurementState state = lds_measurement_get_state (self->measurement);
  const char *error = lds_measurement_get_error (self->measurement);
  gboolean idle = state == LDS_MEASUREMENT_IDLE;
  gboolean ready = self->plan->lanes->len > 0 && self->plan->workloads->len > 0;
  g_autofree char *sentence = dup_plan_sentence (self);

  gtk_label_set_label (self->plan_text, sentence);
  show_chips (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "measure.run", idle && ready);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "measure.stop", state == LDS_MEASUREMENT_RUNNING);
  gtk_stack_set_visible_child_name (self->buttons, idle ? "run" : "stop");
  gtk_widget_set_sensitive (GTK_WIDGET (self->edit), idle);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), !idle);
  gtk_label_set_label (self->problem, error);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), error != NULL);
  show_session (self);
  if (idle)
    {
      g_autofree char *outcome = dup_outcome (self);

      gtk_label_set_label (self->state, outcome);
    }
}

/* The plan is what the answers call for, less what the user has unchecked. */
static void
plan_edited_cb (LdsMeasurePage *self)
{
  g_autofree char *loads = NULL;
  guint selected;

  if (self->filling || self->assessment == NULL)
    return;
  selected = gtk_drop_down_get_selected (self->length);
  g_clear_pointer (&self->plan, lds_plan_free);
  self->plan = lds_measurement_propose (
      self->assessment, selected < LDS_N_LENGTHS ? (LdsLength)selected : LDS_LENGTH_STANDARD);
  if (!self->edited)
    show_choices (self);
  collect_choices (self->lane_choices, self->plan->lanes);
  lds_own_servers_fill_plan (self->own_servers, self->plan);
  choose_workloads (self);
  for (guint i = self->plan->loads->len; i > 0; i--)
    if (!g_ptr_array_find (self->plan->workloads,
                           g_array_index (self->plan->loads, LdsPlanLoad, i - 1).workload, NULL))
      g_array_remove_index (self->plan->loads, i - 1);
  lds_plan_apply_ceilings (self->plan);
  loads = dup_loads (self->plan);
  gtk_label_set_label (self->loads_text, loads);
  gtk_widget_set_visible (GTK_WIDGET (self->loads_text), *loads != '\0');
  update_state (self);
}

static void
choice_toggled_cb (LdsMeasurePage *self)
{
  if (self->filling)
    return;
  self->edited = TRUE;
  plan_edited_cb (self);
}

/* New answers, new plan; not while one runs. */
static void
verdict_changed_cb (LdsMeasurePage *self)
{
  if (lds_measurement_get_state (self->measurement) == LDS_MEASUREMENT_IDLE)
    plan_edited_cb (self);
}

/* Of one runtime more it is known whether it is here: the plan may call for it, and it can be calibrated. */
static void
runtime_answered_cb (LdsMeasurePage *self,
                     GParamSpec *property,
                     GtkWidget *choice)
{
  gtk_widget_set_visible (gtk_widget_get_next_sibling (choice), gtk_widget_get_sensitive (choice));
  if (self->measurement != NULL)
    verdict_changed_cb (self);
}

/* Returns: (transfer none): a check button in @row, which may be a list or a row of it */
static GtkCheckButton *
add_choice (LdsMeasurePage *self,
            GtkBox *row,
            gconstpointer item,
            const char *label,
            const char *tooltip,
            gboolean active)
{
  GtkWidget *button = gtk_check_button_new_with_label (label);

  g_object_set_data (G_OBJECT (button), "item", (gpointer)item);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (button), active);
  gtk_widget_set_tooltip_text (button, tooltip);
  g_signal_connect_object (button, "toggled", G_CALLBACK (choice_toggled_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (row, button);
  return GTK_CHECK_BUTTON (button);
}

/* A real runtime, and a button to calibrate it where it is here. */
static void
add_runtime_choice (LdsMeasurePage *self,
                    const LdsLane *lane)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *button = gtk_button_new_with_label (_ ("Calibrate…"));
  g_autofree char *name = lds_lane_dup_label (lane), *tooltip = NULL;
  GtkCheckButton *choice =
      add_choice (self, GTK_BOX (row), lane, name, gettext (lane->description), lane->proposed);

  /* Translators: a lane: “Node.js, node:http (real)” */
  tooltip = g_strdup_printf (_ ("Find out what %s costs here, so that its twin costs the same"), name);
  gtk_widget_set_hexpand (GTK_WIDGET (choice), TRUE);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (button, FALSE);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  tooltip, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "measure.calibrate");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", lane->id);
  gtk_box_append (GTK_BOX (row), button);
  gtk_box_append (self->lane_choices, row);
  lds_runtime_choice_bind (choice, lane);
  g_signal_connect_object (choice, "notify::label", G_CALLBACK (runtime_answered_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (choice, "notify::sensitive", G_CALLBACK (runtime_answered_cb), self, G_CONNECT_SWAPPED);
}

static void
add_choices (LdsMeasurePage *self)
{
  guint n_lanes;
  guint n_workloads;
  const LdsLane *lanes = lds_lane_list (&n_lanes);
  const LdsWorkload *workloads = lds_workload_list (&n_workloads);
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);

  self->filling = TRUE;
  for (guint i = 0; i < n_lanes; i++)
    {
      g_autofree char *name = lds_lane_dup_label (&lanes[i]);

      if (lanes[i].runtime != NULL)
        add_runtime_choice (self, &lanes[i]);
      else
        add_choice (self, self->lane_choices, &lanes[i], name, gettext (lanes[i].description),
                    lanes[i].proposed);
    }
  for (guint i = 0; i < n_workloads; i++)
    {
      add_choice (self, self->workload_choices, &workloads[i], workloads[i].title,
                  workloads[i].description, workloads[i].chosen);
    }
  gtk_drop_down_set_model (self->shown, G_LIST_MODEL (titles));
  for (guint i = 0; i < n_workloads; i++)
    ensure_shown (self, &workloads[i]);
  self->filling = FALSE;
}

static void
add_charts (LdsMeasurePage *self)
{
  guint n_lanes;
  const LdsLane *lanes = lds_lane_list (&n_lanes);

  for (guint i = 0; i < N_CHARTS; i++)
    {
      const LdsViewChart *shown = &self->view->charts[i];
      LdsChart *chart = lds_chart_new_for_metric (lds_metric_find (shown->metric));
      GtkWidget *view = lds_chart_view_new ();
      GtkWidget *child = gtk_flow_box_child_new ();

      lds_chart_set_title (chart, gettext (shown->title));
      /* The chips above name the lines. */
      lds_chart_set_labels (chart, FALSE);
      lds_chart_set_placeholder (chart, _ ("No data yet"));
      self->views[i] = LDS_CHART_VIEW (view);
      lds_chart_view_take_chart (self->views[i], chart, gettext (shown->title));
      g_signal_connect_object (view, "cursor-moved", G_CALLBACK (cursor_moved_cb), self, G_CONNECT_SWAPPED);
      gtk_widget_add_css_class (view, "card");
      gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), view);
      gtk_widget_set_focusable (child, FALSE);
      gtk_flow_box_append (self->charts, child);
    }
  lds_chart_view_align (self->views, N_CHARTS);
  for (guint lane = 0; lane < n_lanes; lane++)
    add_lane_view (self, &lanes[lane]);
}

static gboolean
progress_cb (gpointer user_data)
{
  LdsMeasurePage *self = user_data;
  const LdsPlan *plan = lds_measurement_get_plan (self->measurement);
  guint index = lds_measurement_get_index (self->measurement);
  guint n_runs = lds_plan_n_runs (plan);
  LdsRunSpec spec = lds_plan_run_spec (plan, MIN (index, n_runs - 1));
  gint64 left_ms = lds_measurement_get_remaining_ms (self->measurement);
  g_autofree char *lane = lds_lane_dup_label (spec.lane);
  g_autofree char *left = lds_format_duration (left_ms);
  g_autofree char *text = NULL;
  double done_ms = (double)lds_measurement_get_elapsed_ms (self->measurement);

  if (lds_measurement_get_state (self->measurement) == LDS_MEASUREMENT_STOPPING)
    text = g_strdup (_ ("Stopping…"));
  else
    /* Translators: "Run 7 of 30: Event loop (model), Hello; about 2 min left" */
    text = g_strdup_printf (_ ("Run %u of %u: %s, %s; about %s left"), index + 1, n_runs, lane, spec.workload->title, left);
  gtk_label_set_label (self->state, text);
  gtk_progress_bar_set_fraction (
      self->progress, done_ms / MAX (done_ms + (double)left_ms, 1));
  return G_SOURCE_CONTINUE;
}

static void
show_results (LdsMeasurePage *self)
{
  g_autoptr (GPtrArray) summaries = lds_measurement_summarize (self->measurement);

  lds_results_table_show (self->results, summaries, lds_measurement_get_runs (self->measurement));
}

static void
run_finished_cb (LdsMeasurePage *self)
{
  show_results (self);
  strike_refused (self);
  charts_changed (self);
}

static void
state_changed_cb (LdsMeasurePage *self)
{
  gboolean idle = lds_measurement_get_state (self->measurement) == LDS_MEASUREMENT_IDLE;
  gboolean had_focus = gtk_widget_has_focus (GTK_WIDGET (self->run)) ||
                       gtk_widget_has_focus (GTK_WIDGET (self->stop));

  if (idle)
    {
      g_clear_handle_id (&self->progress_id, g_source_remove);
      refill_charts (self);
      show_results (self);
    }
  else if (self->progress_id == 0)
    {
      refill_charts (self);
      show_results (self);
      self->progress_id = g_timeout_add (PROGRESS_INTERVAL_MS, progress_cb, self);
    }
  update_state (self);
  if (!idle)
    progress_cb (self);
  if (had_focus)
    lds_measure_page_focus (self);
}

static void
run_started_cb (LdsMeasurePage *self,
                guint index,
                LdsMeasurement *measurement)
{
  LdsRunSpec spec = lds_plan_run_spec (lds_measurement_get_plan (measurement), index);

  /* The charts follow what runs. */
  show_workload (self, spec.workload);
  refill_charts (self);
  progress_cb (self);
}

static void
sample_cb (LdsMeasurePage *self,
           guint index,
           const LdsSample *sample,
           LdsMeasurement *measurement)
{
  LdsRunSpec spec = lds_plan_run_spec (lds_measurement_get_plan (measurement), index);
  GArray *samples;

  if (spec.workload != shown_workload (self))
    return;
  samples = lds_measurement_get_samples (measurement, spec.lane, spec.workload);
  append_sample (self, ensure_lane_view (self, spec.lane), samples, samples->len - 1);
  charts_changed (self);
}

static void
run_action (GtkWidget *widget,
            const char *action_name,
            GVariant *parameter)
{
  LdsMeasurePage *self = LDS_MEASURE_PAGE (widget);

  lds_measurement_start (self->measurement, self->plan);
}

static void
stop_action (GtkWidget *widget,
             const char *action_name,
             GVariant *parameter)
{
  lds_measurement_stop (LDS_MEASURE_PAGE (widget)->measurement);
}

/* The lane is what it was, with another name, or there is one more. */
static void
calibrated_cb (LdsMeasurePage *self,
               const LdsLane *twin)
{
  g_autofree char *name = lds_lane_dup_label (twin);
  LaneView *view = ensure_lane_view (self, twin);
  GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->lane_choices));

  while (row != NULL && item_of (row) != twin)
    row = gtk_widget_get_next_sibling (row);
  if (row != NULL)
    gtk_check_button_set_label (choice_of (row), name);
  else
    add_choice (self, self->lane_choices, twin, name, gettext (twin->description), FALSE);
  lds_lane_chip_renew (view->chip);
  for (guint i = 0; i < N_CHARTS; i++)
    {
      Lines *lines = &view->lines[i];

      g_free (lines->main->label);
      lines->main->label = g_strdup (name);
      if (lines->companion != NULL)
        label_companion (lines->companion, twin, &self->view->charts[i]);
    }
  strike_refused (self);
  show_results (self);
  update_state (self);
}

static void
calibrate_action (GtkWidget *widget,
                  const char *action_name,
                  GVariant *parameter)
{
  LdsMeasurePage *self = LDS_MEASURE_PAGE (widget);
  const LdsLane *lane = lds_lane_find (g_variant_get_string (parameter, NULL), NULL);
  LdsCalibrationDialog *dialog;

  if (lane == NULL || lane->runtime == NULL || self->measurement == NULL)
    return;
  gtk_menu_button_popdown (self->edit);
  dialog = lds_calibration_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)), lane,
                                       self->measurement);
  g_signal_connect_object (dialog, "calibrated", G_CALLBACK (calibrated_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
session_changed_cb (LdsMeasurePage *self)
{
  const LdsSession *session = lds_assessment_get_session (self->assessment);

  /* While one runs, the table shows what runs. */
  if (lds_measurement_get_state (self->measurement) == LDS_MEASUREMENT_IDLE)
    {
      update_state (self);
      /* A session that was opened may lack the workload shown: then its first. */
      if (session != NULL && session->plan->workloads->len > 0 &&
          !g_ptr_array_find (session->plan->workloads, shown_workload (self), NULL))
        show_workload (self, session->plan->workloads->pdata[0]);
    }
  show_results (self);
  refill_charts (self);
}

static void
lds_measure_page_dispose (GObject *object)
{
  LdsMeasurePage *self = LDS_MEASURE_PAGE (object);
  GtkWidget *child;

  g_clear_handle_id (&self->progress_id, g_source_remove);
  if (self->measurement != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->measurement, self);
      lds_measurement_stop (self->measurement);
    }
  if (self->assessment != NULL)
    g_signal_handlers_disconnect_by_data (self->assessment, self);
  g_clear_object (&self->measurement);
  g_clear_object (&self->assessment);
  g_clear_pointer (&self->plan, lds_plan_free);
  g_clear_pointer (&self->lane_views, g_ptr_array_unref);
  g_clear_pointer (&self->shown_workloads, g_ptr_array_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lds_measure_page_parent_class)->dispose (object);
}

static void
lds_measure_page_class_init (LdsMeasurePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_measure_page_dispose;

  g_type_ensure (LDS_TYPE_OWN_SERVERS);
  g_type_ensure (LDS_TYPE_RESULTS_TABLE);
  g_type_ensure (LDS_TYPE_WRAP_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, LDS_RESOURCE_BASE "/lds-measure-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, plan_text);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, loads_text);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, edit);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, length);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, lane_choices);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, own_servers);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, workload_choices);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, problem);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, shown_session);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, shown_title);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, shown_text);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, chips);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, shown);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, charts);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, results);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, state);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, progress);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, buttons);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, run);
  gtk_widget_class_bind_template_child (widget_class, LdsMeasurePage, stop);
  gtk_widget_class_bind_template_callback (widget_class, plan_edited_cb);
  gtk_widget_class_bind_template_callback (widget_class, shown_changed_cb);
  gtk_widget_class_install_action (widget_class, "measure.run", NULL, run_action);
  gtk_widget_class_install_action (widget_class, "measure.stop", NULL, stop_action);
  gtk_widget_class_install_action (widget_class, "measure.calibrate", "s", calibrate_action);
}

static void
lds_measure_page_init (LdsMeasurePage *self)
{
  guint n_views;

  self->lane_views = g_ptr_array_new_with_free_func (g_free);
  self->shown_workloads = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  self->view = lds_view_list (&n_views);
  add_choices (self);
  add_charts (self);
}

void
lds_measure_page_set_assessment (LdsMeasurePage *self,
                                 LdsAssessment *assessment)
{
  g_return_if_fail (LDS_IS_MEASURE_PAGE (self));
  g_return_if_fail (LDS_IS_ASSESSMENT (assessment));
  g_return_if_fail (self->assessment == NULL);

  self->assessment = g_object_ref (assessment);
  self->measurement = lds_measurement_new (assessment);
  g_signal_connect_object (assessment, "verdict-changed", G_CALLBACK (verdict_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (assessment, "session-changed", G_CALLBACK (session_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->measurement, "state-changed", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->measurement, "run-started", G_CALLBACK (run_started_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->measurement, "sample", G_CALLBACK (sample_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->measurement, "run-finished", G_CALLBACK (run_finished_cb), self,
                           G_CONNECT_SWAPPED);
  lds_own_servers_set_assessment (self->own_servers, assessment);
  session_changed_cb (self);
}

LdsMeasurement *
lds_measure_page_get_measurement (LdsMeasurePage *self)
{
  g_return_val_if_fail (LDS_IS_MEASURE_PAGE (self), NULL);
  return self->measurement;
}

void
lds_measure_page_focus (LdsMeasurePage *self)
{
  g_return_if_fail (LDS_IS_MEASURE_PAGE (self));

  if (lds_measurement_get_state (self->measurement) == LDS_MEASUREMENT_IDLE)
    gtk_widget_grab_focus (GTK_WIDGET (self->run));
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->stop));
}

char *
lds_measure_page_dup_state (LdsMeasurePage *self)
{
  g_return_val_if_fail (LDS_IS_MEASURE_PAGE (self), NULL);

  if (lds_measurement_get_state (self->measurement) == LDS_MEASUREMENT_IDLE)
    return NULL;
  /* Translators: in the window's title: "Measuring, run 7 of 30" */
  return g_strdup_printf (_ ("Measuring, run %u of %u"), lds_measurement_get_index (self->measurement) + 1,
                          lds_plan_n_runs (lds_measurement_get_plan (self->measurement)));
}
