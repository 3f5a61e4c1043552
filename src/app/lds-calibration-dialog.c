/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dialog that calibrates one runtime. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-calibration-dialog.h"

#include <glib/gi18n.h>

#include "lds-adaptive-bin.h"
#include "lds-calibration-text.h"
#include "lds-format.h"

#define PROGRESS_INTERVAL_MS 250

struct _LdsCalibrationDialog
{
  AdwWindow parent_instance;

  AdwWindowTitle *title;
  LdsAdaptiveBin *bin;
  GtkStack *pages;
  GtkLabel *explanation;
  GtkDropDown *length;
  GtkLabel *problem;
  GtkButton *start;
  GtkLabel *part;
  GtkLabel *state;
  GtkProgressBar *progress;
  GtkButton *stop;
  GtkLabel *result;
  GtkGrid *figures;
  GtkGrid *residuals;
  GtkButton *close;

  const LdsLane *subject;
  LdsCalibrationRun *run;
  LdsMeasurement *measurement;
  JsonNode *profile; /* (nullable): that is shown */
  guint progress_id;
  gboolean running; /* as it was when it was last looked at */
};

enum
{
  CALIBRATED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsCalibrationDialog, lds_calibration_dialog, ADW_TYPE_WINDOW)

/* --- Tables ---------------------------------------------------------------------------------- */

static void
clear_table (GtkGrid *grid)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (grid))) != NULL)
    gtk_grid_remove (grid, child);
}

static void
add_cell (GtkGrid *grid,
          const char *text,
          gboolean is_heading,
          int column,
          int row,
          int n_columns)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, is_heading ? "heading" : "numeric");
  gtk_grid_attach (grid, label, column, row, n_columns, 1);
}

/* @rows: (element-type GStrv): the first has the headings; the first of each row is a name, the others are figures. Where it
 * is narrow these are below the name. */
static void
fill_table (GtkGrid *grid,
            GPtrArray *rows,
            gboolean narrow)
{
  clear_table (grid);
  for (guint r = 0; r < rows->len; r++)
    {
      char **row = rows->pdata[r];
      int n = (int)g_strv_length (row);
      int line = narrow ? 2 * (int)r : (int)r;

      add_cell (grid, row[0], r == 0, 0, line, narrow ? n - 1 : 1);
      for (int i = 1; i < n; i++)
        if (narrow)
          add_cell (grid, row[i], r == 0, i - 1, line + 1, 1);
        else
          add_cell (grid, row[i], r == 0, i, line, 1);
    }
}

static void
fill_tables (LdsCalibrationDialog *self)
{
  gboolean narrow = lds_adaptive_bin_get_width_class (self->bin) == LDS_WIDTH_NARROW;
  g_autoptr (GPtrArray) figures = NULL, residuals = NULL;

  if (self->profile == NULL)
    return;
  figures = lds_calibration_text_list_figures (self->profile);
  residuals = lds_calibration_text_list_residuals (self->profile);
  fill_table (self->figures, figures, narrow);
  fill_table (self->residuals, residuals, narrow);
}

void
lds_calibration_dialog_show_result (LdsCalibrationDialog *self,
                                    JsonNode *profile,
                                    const LdsLane *twin)
{
  g_autofree char *label = NULL, *text = NULL;

  g_return_if_fail (LDS_IS_CALIBRATION_DIALOG (self));
  g_return_if_fail (profile != NULL && twin != NULL);

  label = lds_lane_dup_label (twin);
  /* Translators: a lane: “Node.js 20, node:http (twin)” */
  text = g_strdup_printf (_ ("“%s” now costs what was measured here. It is among the servers to measure."), label);
  gtk_label_set_label (self->result, text);
  json_node_ref (profile);
  g_clear_pointer (&self->profile, json_node_unref);
  self->profile = profile;
  fill_tables (self);
  gtk_stack_set_visible_child_name (self->pages, "result");
  gtk_window_set_default_widget (GTK_WINDOW (self), GTK_WIDGET (self->close));
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->close));
}

/* --- What goes on ---------------------------------------------------------------------------- */

/* (nullable): why nothing can be calibrated now */
static const char *
get_obstacle (LdsCalibrationDialog *self)
{
  gpointer holder = lds_measurement_get_holder (self->measurement);

  if (lds_measurement_get_state (self->measurement) != LDS_MEASUREMENT_IDLE ||
      (holder != NULL && holder != self->run))
    return _ ("Something else is being measured. Calibrate when that has ended, or stop it first.");
  return NULL;
}

static gboolean
progress_cb (gpointer user_data)
{
  LdsCalibrationDialog *self = user_data;
  gint64 total_ms, left_ms = lds_calibration_run_get_left_ms (self->run, &total_ms);
  g_autofree char *left = lds_format_duration (left_ms);
  g_autofree char *part = NULL, *state = NULL;
  guint stage;
  LdsRunSpec spec;

  if (lds_calibration_run_is_stopping (self->run))
    state = g_strdup (_ ("Stopping…"));
  else if (lds_calibration_run_get_current (self->run, &stage, &spec))
    {
      g_autofree char *lane = lds_lane_dup_label (spec.lane);

      /* Translators: two numbers: “Part 2 of 3” */
      part = g_strdup_printf (_ ("Part %u of %u"), stage + 1, LDS_CALIBRATION_N_STAGES);
      gtk_label_set_label (self->part, part);
      /* Translators: a lane, a workload, a time: “Node.js, node:http (real), Hello; about 3 min left” */
      state = g_strdup_printf (_ ("%s, %s; about %s left"), lane, spec.workload->title, left);
    }
  if (state != NULL)
    gtk_label_set_label (self->state, state);
  gtk_progress_bar_set_fraction (self->progress, 1 - (double)left_ms / (double)MAX (total_ms, 1));
  return G_SOURCE_CONTINUE;
}

static void
update_actions (LdsCalibrationDialog *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean running = lds_calibration_run_is_running (self->run);

  gtk_widget_action_set_enabled (widget, "calibration.start", !running && get_obstacle (self) == NULL);
  gtk_widget_action_set_enabled (widget, "calibration.stop",
                                 running && !lds_calibration_run_is_stopping (self->run));
  /* Escape is no way to lose minutes. */
  gtk_widget_action_set_enabled (widget, "calibration.close", !running);
}

static void
show_begin (LdsCalibrationDialog *self)
{
  const char *problem = get_obstacle (self);

  if (problem == NULL)
    problem = lds_calibration_run_get_error (self->run);
  gtk_label_set_label (self->problem, problem);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
  gtk_stack_set_visible_child_name (self->pages, "begin");
  gtk_window_set_default_widget (GTK_WINDOW (self), GTK_WIDGET (self->start));
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->start));
}

static void
begun (LdsCalibrationDialog *self)
{
  GApplication *application = g_application_get_default ();

  /* What was begun is ended, even when the last window is closed. */
  if (application != NULL)
    g_application_hold (application);
  gtk_label_set_label (self->part, _ ("Starting…"));
  gtk_label_set_label (self->state, "");
  gtk_stack_set_visible_child_name (self->pages, "running");
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->stop));
  self->progress_id = g_timeout_add (PROGRESS_INTERVAL_MS, progress_cb, self);
}

static void
ended (LdsCalibrationDialog *self)
{
  const LdsLane *twin = lds_calibration_run_get_lane (self->run);

  g_clear_handle_id (&self->progress_id, g_source_remove);
  if (twin == NULL)
    {
      show_begin (self);
      return;
    }
  lds_calibration_dialog_show_result (self, lds_calibration_run_get_profile (self->run), twin);
  g_signal_emit (self, signals[CALIBRATED], 0, twin);
}

static void
changed_cb (LdsCalibrationDialog *self)
{
  gboolean running = lds_calibration_run_is_running (self->run);
  gboolean was_running = self->running;

  self->running = running;
  if (running)
    lds_measurement_set_held (self->measurement, self->run,
                              _ ("A runtime is being calibrated. Measure when that has ended, or stop it first."));
  update_actions (self);
  if (running && !was_running)
    begun (self);
  else if (!running && was_running)
    ended (self);
  if (running)
    progress_cb (self);
}

/* Lives as long as the run, which may end after the dialog has gone. */
static void
let_go_cb (LdsMeasurement *measurement,
           LdsCalibrationRun *run)
{
  GApplication *application = g_application_get_default ();

  if (lds_calibration_run_is_running (run) || lds_measurement_get_holder (measurement) != run)
    return;
  lds_measurement_set_held (measurement, run, NULL);
  if (application != NULL)
    g_application_release (application);
}

static void
start_action (GtkWidget *widget,
              const char *action_name,
              GVariant *parameter)
{
  LdsCalibrationDialog *self = LDS_CALIBRATION_DIALOG (widget);

  if (get_obstacle (self) == NULL)
    lds_calibration_run_start (self->run, gtk_drop_down_get_selected (self->length) == 0);
}

static void
stop_action (GtkWidget *widget,
             const char *action_name,
             GVariant *parameter)
{
  lds_calibration_run_stop (LDS_CALIBRATION_DIALOG (widget)->run);
}

static void
close_action (GtkWidget *widget,
              const char *action_name,
              GVariant *parameter)
{
  gtk_window_close (GTK_WINDOW (widget));
}

static void
lds_calibration_dialog_dispose (GObject *object)
{
  LdsCalibrationDialog *self = LDS_CALIBRATION_DIALOG (object);

  g_clear_handle_id (&self->progress_id, g_source_remove);
  if (self->run != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->run, self);
      lds_calibration_run_stop (self->run);
    }
  g_clear_object (&self->run);
  g_clear_object (&self->measurement);
  g_clear_pointer (&self->profile, json_node_unref);
  G_OBJECT_CLASS (lds_calibration_dialog_parent_class)->dispose (object);
}

static void
lds_calibration_dialog_class_init (LdsCalibrationDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_calibration_dialog_dispose;

  signals[CALIBRATED] = g_signal_new ("calibrated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);

  g_type_ensure (LDS_TYPE_ADAPTIVE_BIN);
  gtk_widget_class_set_template_from_resource (widget_class, LDS_RESOURCE_BASE "/lds-calibration-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, title);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, bin);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, pages);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, explanation);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, length);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, problem);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, start);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, part);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, state);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, progress);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, stop);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, result);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, figures);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, residuals);
  gtk_widget_class_bind_template_child (widget_class, LdsCalibrationDialog, close);
  gtk_widget_class_bind_template_callback (widget_class, fill_tables);
  gtk_widget_class_install_action (widget_class, "calibration.start", NULL, start_action);
  gtk_widget_class_install_action (widget_class, "calibration.stop", NULL, stop_action);
  gtk_widget_class_install_action (widget_class, "calibration.close", NULL, close_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "calibration.close", NULL);
}

static void
lds_calibration_dialog_init (LdsCalibrationDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* How long each length takes. */
static void
fill_lengths (LdsCalibrationDialog *self)
{
  g_autoptr (GtkStringList) lengths = gtk_string_list_new (NULL);
  g_autofree char *quick = lds_format_duration (lds_calibration_run_estimate_ms (self->run, TRUE));
  g_autofree char *thorough =
      lds_format_duration (lds_calibration_run_estimate_ms (self->run, FALSE));

  /* Translators: a time */
  gtk_string_list_take (lengths, g_strdup_printf (_ ("Quick: about %s"), quick));
  /* Translators: a time */
  gtk_string_list_take (lengths, g_strdup_printf (_ ("Thorough: about %s"), thorough));
  gtk_drop_down_set_model (self->length, G_LIST_MODEL (lengths));
}

LdsCalibrationDialog *
lds_calibration_dialog_new (GtkWindow *parent,
                            const LdsLane *subject,
                            LdsMeasurement *measurement)
{
  LdsCalibrationDialog *self =
      g_object_new (LDS_TYPE_CALIBRATION_DIALOG, "transient-for", parent, NULL);
  g_autofree char *label = lds_lane_dup_label (subject);
  g_autofree char *explanation = NULL;

  self->subject = subject;
  self->measurement = g_object_ref (measurement);
  self->run = lds_calibration_run_new (subject);
  adw_window_title_set_subtitle (self->title, label);
  /* Translators: a lane: “Node.js, node:http (real)” */
  explanation = g_strdup_printf (_ ("%s is measured under some workloads, and what its requests cost here is worked out from that. Its twin, which needs nothing installed, then spends as much, and is measured beside it to show how close it comes. Leave the machine alone meanwhile."),
                                 label);
  gtk_label_set_label (self->explanation, explanation);
  fill_lengths (self);
  g_signal_connect_object (self->run, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "changed", G_CALLBACK (let_go_cb), measurement, G_CONNECT_SWAPPED);
  g_signal_connect_object (measurement, "held-changed", G_CALLBACK (update_actions), self, G_CONNECT_SWAPPED);
  update_actions (self);
  show_begin (self);
  return self;
}

LdsCalibrationRun *
lds_calibration_dialog_get_run (LdsCalibrationDialog *self)
{
  g_return_val_if_fail (LDS_IS_CALIBRATION_DIALOG (self), NULL);
  return self->run;
}
