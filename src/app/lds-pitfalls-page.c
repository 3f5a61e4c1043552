/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page Pitfalls. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-pitfalls-page.h"

#include <glib/gi18n.h>
#include <math.h>

#include "lds-chart-view.h"
#include "lds-clock.h"
#include "lds-knowledge.h"

#define CHART_HEIGHT 240
/* Beyond what was measured so far, so that the highest line does not run along the edge. */
#define HEADROOM 1.15

/* One of the two charts, with what stands above and beneath it. */
typedef struct
{
  LdsChartView *view;
  LdsSeries *series;   /* owned by the chart */
  GtkLabel *title;     /* "Computed on the loop" */
  GtkLabel *subtitle;  /* "Event loop (model)" */
  GtkLabel *figure;    /* "48.7 ms (48.1–49.4 ms)" */
  gboolean is_refused; /* nothing but refused runs */
} Side;

struct _LdsPitfallsPage
{
  GtkWidget parent_instance;

  GtkScrolledWindow *scroller;
  GtkBox *panes;
  GtkListBox *list;
  GtkCheckButton *thorough;
  GtkBox *detail;
  GtkLabel *title;
  GtkLabel *evidence;
  GtkLabel *see;
  GtkBox *charts;
  GtkLabel *finding;
  GtkLabel *problem;
  GtkBox *bar;
  GtkLabel *state;
  GtkProgressBar *progress;
  GtkButton *stop;

  LdsMeasurement *measurement;
  LdsPitfallRun *run;
  const LdsPitfall *shown;
  Side sides[LDS_PITFALL_N_SIDES];
};

G_DEFINE_FINAL_TYPE (LdsPitfallsPage, lds_pitfalls_page, GTK_TYPE_WIDGET)

/* --- Charts ---------------------------------------------------------------------------------- */

/* Both charts have the time of a run, and the range of both lines together: what is to be compared has one
 * scale. */
static void
share_scale (LdsPitfallsPage *self)
{
  const LdsPlan *plan = lds_pitfall_run_get_plan (self->run, self->shown);
  double low = NAN, high = NAN;

  for (guint i = 0; i < LDS_PITFALL_N_SIDES; i++)
    {
      const GArray *y = self->sides[i].series->y;

      for (guint n = 0; n < y->len; n++)
        {
          low = fmin (low, g_array_index (y, double, n));
          high = fmax (high, g_array_index (y, double, n));
        }
    }
  if (self->shown->metric->log_axis)
    low /= HEADROOM;
  else
    low = 0;
  for (guint i = 0; i < LDS_PITFALL_N_SIDES; i++)
    {
      LdsChart *chart = lds_chart_view_get_chart (self->sides[i].view);

      lds_chart_set_x_range (chart, plan != NULL ? -(double)plan->warm_up_ms / 1000 : NAN,
                             plan != NULL ? (double)plan->duration_ms / 1000 : NAN);
      lds_chart_set_y_range (chart, isnan (high) ? NAN : low, high * HEADROOM);
      lds_chart_view_data_changed (self->sides[i].view);
    }
}

static void
fill_chart (LdsPitfallsPage *self,
            LdsPitfallSideId id)
{
  Side *side = &self->sides[id];
  GArray *samples = lds_pitfall_run_get_samples (self->run, self->shown, id);

  lds_series_clear (side->series);
  side->series->invalid = side->is_refused;
  for (guint i = 0; samples != NULL && i < samples->len; i++)
    {
      const LdsSample *sample = &g_array_index (samples, LdsSample, i);

      /* Behind the measured interval nothing is asked for any more: its figures are no figures. */
      if (sample->phase != LDS_PHASE_DRAIN)
        lds_series_append (side->series, (double)sample->t_ns / (double)LDS_NS_PER_S,
                           self->shown->metric->of_sample (sample));
    }
}

static void
fill_charts (LdsPitfallsPage *self)
{
  for (int i = 0; i < LDS_PITFALL_N_SIDES; i++)
    fill_chart (self, (LdsPitfallSideId)i);
  share_scale (self);
}

/* Charts of the pitfall's metric, each with the line of one side. */
static void
renew_charts (LdsPitfallsPage *self)
{
  for (guint i = 0; i < LDS_PITFALL_N_SIDES; i++)
    {
      const LdsPitfallSide *pitfall_side = &self->shown->sides[i];
      LdsChart *chart = lds_chart_new_for_metric (self->shown->metric);
      g_autofree char *label = lds_pitfall_side_dup_label (pitfall_side);
      g_autofree char *lane = lds_lane_dup_label (pitfall_side->lane);
      Side *side = &self->sides[i];

      gtk_label_set_label (side->title, pitfall_side->title);
      gtk_label_set_label (side->subtitle, lane);
      side->series = lds_chart_add_lane (chart, pitfall_side->lane);
      g_free (side->series->label);
      side->series->label = g_strdup (lane);
      lds_chart_set_labels (chart, FALSE);
      lds_chart_set_placeholder (chart, _ ("Not run yet"));
      lds_chart_view_take_chart (side->view, chart, label);
    }
}

static GtkLabel *
add_label (GtkBox *box,
           const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, css_class);
  gtk_box_append (box, label);
  return GTK_LABEL (label);
}

static void
add_side (LdsPitfallsPage *self,
          Side *side)
{
  GtkBox *box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 3));

  side->title = add_label (box, "heading");
  side->subtitle = add_label (box, "dim-label");
  side->view = LDS_CHART_VIEW (lds_chart_view_new ());
  gtk_widget_set_size_request (GTK_WIDGET (side->view), -1, CHART_HEIGHT);
  gtk_box_append (box, GTK_WIDGET (side->view));
  side->figure = add_label (box, "numeric");
  gtk_box_append (self->charts, GTK_WIDGET (box));
}

/* --- What is known --------------------------------------------------------------------------- */

static void
show_figures (LdsPitfallsPage *self,
              const LdsSession *session)
{
  LdsPitfallVerdict verdict = lds_pitfall_judge (self->shown, session);
  g_autofree char *text = lds_pitfall_verdict_dup_text (&verdict, self->shown);

  for (int i = 0; i < LDS_PITFALL_N_SIDES; i++)
    {
      const LdsEstimate *estimate = &verdict.estimates[i];
      LdsUnit unit = self->shown->metric->unit;
      g_autofree char *median = lds_format_value (estimate->median, unit);
      g_autofree char *range =
          lds_format_range (estimate->low, estimate->high, estimate->median, unit);
      g_autofree char *refusals =
          lds_pitfall_dup_refusals (self->shown, (LdsPitfallSideId)i, session);
      g_autofree char *figure = NULL;

      self->sides[i].is_refused = verdict.n_valid[i] == 0;
      if (verdict.n_valid[i] > 0)
        figure = g_strdup_printf (
            /* Translators: a figure, its confidence interval, a number of runs: “12.4 ms (11.8–13.1 ms, 5 runs)” */
            ngettext ("%s (%s, %u run)", "%s (%s, %u runs)", verdict.n_valid[i]), median, range,
            verdict.n_valid[i]);
      else if (refusals != NULL)
        /* Translators: the reasons, a sentence each */
        figure = g_strdup_printf (_ ("Invalid: %s"), refusals);
      gtk_label_set_label (self->sides[i].figure, figure);
    }
  gtk_label_set_label (self->finding, text);
}

static void
show_shown (LdsPitfallsPage *self)
{
  const LdsSession *session = lds_pitfall_run_get_session (self->run, self->shown);

  if (session != NULL)
    show_figures (self, session);
  else
    {
      for (guint i = 0; i < LDS_PITFALL_N_SIDES; i++)
        {
          self->sides[i].is_refused = FALSE;
          gtk_label_set_label (self->sides[i].figure, NULL);
        }
      gtk_label_set_label (self->finding, NULL);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->finding), session != NULL);
  fill_charts (self);
}

static void
set_shown (LdsPitfallsPage *self,
           const LdsPitfall *pitfall)
{
  const LdsEntry *entry = lds_knowledge_find (lds_rule_pack_get_default (), pitfall->id);
  g_autofree char *evidence = NULL;

  if (pitfall == self->shown)
    return;
  self->shown = pitfall;
  gtk_label_set_label (self->title, pitfall->title);
  gtk_label_set_label (self->see, pitfall->see);
  if (entry != NULL && entry->grade != NULL)
    /* Translators: an identifier, article numbers, the grade of the evidence: “X-01 · articles 000, 001 · evidence E1” */
    evidence = g_strdup_printf (_ ("%s · articles %s · evidence %s"), pitfall->id, entry->articles,
                                entry->grade);
  gtk_label_set_label (self->evidence, evidence);
  renew_charts (self);
  show_shown (self);
}

/* (nullable): why no pitfall can be run now, where something else measures */
static const char *
get_obstacle (LdsPitfallsPage *self)
{
  gpointer holder =
      self->measurement != NULL ? lds_measurement_get_holder (self->measurement) : NULL;

  if (self->measurement != NULL &&
      lds_measurement_get_state (self->measurement) != LDS_MEASUREMENT_IDLE)
    return _ ("A measurement is running. Pitfalls can be run when it has ended.");
  if (holder != NULL && holder != self->run)
    return _ ("Something else is being measured. Pitfalls can be run when that has ended.");
  return NULL;
}

static void
update_state (LdsPitfallsPage *self)
{
  const LdsPitfall *running = lds_pitfall_run_get_running (self->run);
  const char *error = lds_pitfall_run_get_error (self->run);
  const char *obstacle = get_obstacle (self);
  gboolean had_focus = gtk_widget_has_focus (GTK_WIDGET (self->stop));
  g_autofree char *text = NULL;
  guint n_runs;
  guint index = lds_pitfall_run_get_index (self->run, &n_runs);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "pitfalls.run",
                                 running == NULL && obstacle == NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "pitfalls.stop",
                                 running != NULL && !lds_pitfall_run_is_stopping (self->run));
  gtk_widget_set_sensitive (GTK_WIDGET (self->thorough), running == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), running != NULL);
  if (obstacle != NULL)
    error = obstacle;
  gtk_label_set_label (self->problem, error);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), error != NULL);
  if (running != NULL && lds_pitfall_run_is_stopping (self->run))
    text = g_strdup (_ ("Stopping…"));
  else if (running != NULL)
    /* Translators: "Run 3 of 8: Blocking the loop" */
    text = g_strdup_printf (_ ("Run %u of %u: %s"), index + 1, n_runs, running->title);
  gtk_label_set_label (self->state, text);
  gtk_progress_bar_set_fraction (self->progress, n_runs > 0 ? (double)index / n_runs : 0);
  if (had_focus && running == NULL)
    lds_pitfalls_page_focus (self);
}

static void
changed_cb (LdsPitfallsPage *self)
{
  if (self->measurement != NULL)
    lds_measurement_set_held (self->measurement, self->run,
                              lds_pitfall_run_get_running (self->run) != NULL
                                  ? _ ("A pitfall is running. Measure when it has ended, or stop it first.")
                                  : NULL);
  update_state (self);
  show_shown (self);
}

static void
sample_cb (LdsPitfallsPage *self)
{
  if (lds_pitfall_run_get_running (self->run) == self->shown)
    fill_charts (self);
}

/* --- The list -------------------------------------------------------------------------------- */

static const LdsPitfall *
pitfall_of (GtkListBoxRow *row)
{
  return g_object_get_data (G_OBJECT (row), "pitfall");
}

static void
row_selected_cb (LdsPitfallsPage *self,
                 GtkListBoxRow *row)
{
  if (row != NULL)
    set_shown (self, pitfall_of (row));
}

/* Brings the charts into sight where they are beneath the list. */
static void
scroll_to_detail (LdsPitfallsPage *self)
{
  graphene_point_t top;

  if (gtk_widget_compute_point (GTK_WIDGET (self->detail), GTK_WIDGET (self->panes),
                                &GRAPHENE_POINT_INIT (0, 0), &top))
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), top.y);
}

static void
row_activated_cb (LdsPitfallsPage *self)
{
  scroll_to_detail (self);
}

static void
add_row (LdsPitfallsPage *self,
         const LdsPitfall *pitfall)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_label (_ ("Run"));
  /* Translators: a pitfall */
  g_autofree char *name = g_strdup_printf (_ ("Run: %s"), pitfall->title);
  /* Translators: what to do instead */
  g_autofree char *remedy =
      g_strdup_printf (_ ("Remedy: %s"), pitfall->sides[LDS_PITFALL_REMEDY].title);

  g_object_set_data (G_OBJECT (row), "pitfall", (gpointer)pitfall);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), pitfall->title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), remedy);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "pitfalls.run");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", pitfall->id);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  gtk_list_box_append (self->list, row);
}

static void
run_action (GtkWidget *widget,
            const char *action_name,
            GVariant *parameter)
{
  LdsPitfallsPage *self = LDS_PITFALLS_PAGE (widget);
  const LdsPitfall *pitfall = lds_pitfall_find (g_variant_get_string (parameter, NULL), NULL);

  if (pitfall == NULL || get_obstacle (self) != NULL)
    return;
  lds_pitfalls_page_show (self, pitfall->id);
  lds_pitfall_run_start (self->run, pitfall, !gtk_check_button_get_active (self->thorough));
  scroll_to_detail (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->stop));
}

static void
stop_action (GtkWidget *widget,
             const char *action_name,
             GVariant *parameter)
{
  lds_pitfall_run_stop (LDS_PITFALLS_PAGE (widget)->run);
}

static void
lds_pitfalls_page_dispose (GObject *object)
{
  LdsPitfallsPage *self = LDS_PITFALLS_PAGE (object);
  GtkWidget *child;

  if (self->run != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->run, self);
      lds_pitfall_run_stop (self->run);
    }
  g_clear_object (&self->run);
  g_clear_object (&self->measurement);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lds_pitfalls_page_parent_class)->dispose (object);
}

static void
lds_pitfalls_page_class_init (LdsPitfallsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_pitfalls_page_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, LDS_RESOURCE_BASE "/lds-pitfalls-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, panes);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, list);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, thorough);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, detail);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, title);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, evidence);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, see);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, charts);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, finding);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, problem);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, bar);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, state);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, progress);
  gtk_widget_class_bind_template_child (widget_class, LdsPitfallsPage, stop);
  gtk_widget_class_bind_template_callback (widget_class, row_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_install_action (widget_class, "pitfalls.run", "s", run_action);
  gtk_widget_class_install_action (widget_class, "pitfalls.stop", NULL, stop_action);
}

static void
lds_pitfalls_page_init (LdsPitfallsPage *self)
{
  guint n_pitfalls;
  const LdsPitfall *pitfalls = lds_pitfall_list (&n_pitfalls);

  gtk_widget_init_template (GTK_WIDGET (self));
  self->run = lds_pitfall_run_new ();
  for (guint i = 0; i < LDS_PITFALL_N_SIDES; i++)
    add_side (self, &self->sides[i]);
  lds_chart_view_align ((LdsChartView *[]){self->sides[LDS_PITFALL_WRONG].view,
                                           self->sides[LDS_PITFALL_REMEDY].view},
                        LDS_PITFALL_N_SIDES);
  for (guint i = 0; i < n_pitfalls; i++)
    add_row (self, &pitfalls[i]);
  gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, 0));
  g_signal_connect_object (self->run, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "sample", G_CALLBACK (sample_cb), self, G_CONNECT_SWAPPED);
  update_state (self);
}

void
lds_pitfalls_page_set_measurement (LdsPitfallsPage *self,
                                   LdsMeasurement *measurement)
{
  g_return_if_fail (LDS_IS_PITFALLS_PAGE (self));
  g_return_if_fail (LDS_IS_MEASUREMENT (measurement));

  g_set_object (&self->measurement, measurement);
  g_signal_connect_object (measurement, "state-changed", G_CALLBACK (update_state), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (measurement, "held-changed", G_CALLBACK (update_state), self,
                           G_CONNECT_SWAPPED);
  update_state (self);
}

LdsPitfallRun *
lds_pitfalls_page_get_run (LdsPitfallsPage *self)
{
  g_return_val_if_fail (LDS_IS_PITFALLS_PAGE (self), NULL);
  return self->run;
}

void
lds_pitfalls_page_set_width_class (LdsPitfallsPage *self,
                                   LdsWidthClass width_class)
{
  g_return_if_fail (LDS_IS_PITFALLS_PAGE (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->panes),
                                  width_class == LDS_WIDTH_WIDE ? GTK_ORIENTATION_HORIZONTAL
                                                                : GTK_ORIENTATION_VERTICAL);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->charts),
                                  width_class == LDS_WIDTH_NARROW ? GTK_ORIENTATION_VERTICAL
                                                                  : GTK_ORIENTATION_HORIZONTAL);
}

void
lds_pitfalls_page_show (LdsPitfallsPage *self,
                        const char *id)
{
  GtkListBoxRow *row;

  g_return_if_fail (LDS_IS_PITFALLS_PAGE (self));
  g_return_if_fail (id != NULL);

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (g_str_equal (pitfall_of (row)->id, id))
      gtk_list_box_select_row (self->list, row);
}

void
lds_pitfalls_page_focus (LdsPitfallsPage *self)
{
  GtkListBoxRow *row;

  g_return_if_fail (LDS_IS_PITFALLS_PAGE (self));

  row = gtk_list_box_get_selected_row (self->list);
  if (lds_pitfall_run_get_running (self->run) != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->stop));
  else if (row != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}
