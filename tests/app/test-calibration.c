/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog that calibrates: it says how long that takes, holds measurements back while it goes on, stops with nothing
 * left behind, and shows what was found. What it runs is started for real; tests/bench/test-calibrator.c has what comes of it. */
#include "config.h"
#include "lds-calibration-dialog.h"

#include <glib/gstdio.h>
#include <string.h>

#include "lds-measure-page.h"

/* Returns: (nullable): a label of @widget with @text in it */
static GtkWidget *
find_label (GtkWidget *widget,
            const char *text)
{
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_label (child, text);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
is_shown (LdsCalibrationDialog *dialog,
          const char *text)
{
  GtkWidget *label = find_label (GTK_WIDGET (dialog), text);

  return label != NULL && gtk_widget_get_child_visible (label) && gtk_widget_get_mapped (label);
}

/* Has all happen that is waiting. */
static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static LdsCalibrationDialog *
open_dialog (LdsMeasurement *measurement)
{
  LdsCalibrationDialog *dialog =
      lds_calibration_dialog_new (NULL, lds_lane_find ("twin:node-http", NULL), measurement);

  gtk_window_present (GTK_WINDOW (dialog));
  while (!gtk_widget_get_mapped (GTK_WIDGET (dialog)))
    g_main_context_iteration (NULL, TRUE);
  settle ();
  return dialog;
}

static gboolean
activate (LdsCalibrationDialog *dialog,
          const char *action)
{
  return gtk_widget_activate_action (GTK_WIDGET (dialog), action, NULL);
}

static void
wait_until_ended (LdsCalibrationRun *run)
{
  while (lds_calibration_run_is_running (run))
    g_main_context_iteration (NULL, TRUE);
}

static void
test_stopped (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (LdsMeasurement) measurement = lds_measurement_new (assessment);
  LdsCalibrationDialog *dialog = open_dialog (measurement);
  LdsCalibrationRun *run = lds_calibration_dialog_get_run (dialog);
  g_autoptr (LdsPlan) plan = lds_measurement_propose (assessment, LDS_LENGTH_QUICK);
  gint64 left_ms, total_ms;
  guint stage = 9;
  LdsRunSpec spec;

  g_assert_true (is_shown (dialog, "(twin"));
  g_assert_true (is_shown (dialog, "Quick: about"));
  g_assert_cmpint (lds_calibration_run_estimate_ms (run, TRUE), <,
                   lds_calibration_run_estimate_ms (run, FALSE));
  g_assert_false (lds_calibration_run_get_current (run, &stage, &spec));

  activate (dialog, "calibration.start");
  g_assert_true (lds_calibration_run_is_running (run));
  while (!lds_calibration_run_get_current (run, &stage, &spec))
    g_main_context_iteration (NULL, TRUE);
  settle ();
  g_assert_cmpuint (stage, ==, 0);
  g_assert_nonnull (spec.workload);
  g_assert_true (is_shown (dialog, "Part 1 of 3"));
  g_assert_true (is_shown (dialog, "left"));
  left_ms = lds_calibration_run_get_left_ms (run, &total_ms);
  g_assert_cmpint (left_ms, >, 0);
  g_assert_cmpint (left_ms, <=, total_ms);

  /* Nothing else measures meanwhile. */
  g_assert_true (lds_measurement_get_holder (measurement) == run);
  lds_measurement_start (measurement, plan);
  g_assert_cmpint (lds_measurement_get_state (measurement), ==, LDS_MEASUREMENT_IDLE);
  g_assert_nonnull (strstr (lds_measurement_get_error (measurement), "being calibrated"));

  activate (dialog, "calibration.stop");
  g_assert_true (lds_calibration_run_is_stopping (run));
  wait_until_ended (run);
  settle ();
  g_assert_null (lds_measurement_get_holder (measurement));
  g_assert_null (lds_calibration_run_get_profile (run));
  g_assert_null (lds_calibration_run_get_error (run));
  g_assert_true (is_shown (dialog, "Quick: about"));
  gtk_window_destroy (GTK_WINDOW (dialog));
}

/* Who closes it has not to wait for it, and it lets go all the same. */
static void
test_closed (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (LdsMeasurement) measurement = lds_measurement_new (assessment);
  LdsCalibrationDialog *dialog = open_dialog (measurement);
  g_autoptr (LdsCalibrationRun) run = g_object_ref (lds_calibration_dialog_get_run (dialog));
  gpointer weak = dialog;
  guint stage;
  LdsRunSpec spec;

  g_object_add_weak_pointer (G_OBJECT (dialog), &weak);
  activate (dialog, "calibration.start");
  while (!lds_calibration_run_get_current (run, &stage, &spec))
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (dialog));
  settle ();
  g_assert_null (weak);
  wait_until_ended (run);
  g_assert_null (lds_measurement_get_holder (measurement));
}

/* While something else runs, it says so. */
static void
test_held (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (LdsMeasurement) measurement = lds_measurement_new (assessment);
  LdsCalibrationDialog *dialog;

  lds_measurement_set_held (measurement, assessment, "A test holds it.");
  dialog = open_dialog (measurement);
  g_assert_true (is_shown (dialog, "Something else is being measured"));
  activate (dialog, "calibration.start");
  g_assert_false (lds_calibration_run_is_running (lds_calibration_dialog_get_run (dialog)));
  gtk_window_destroy (GTK_WINDOW (dialog));
}

#define PROFILE                                                                                    \
  "{\"calibration\": {\"figures\": {\"cost.timer_ns\": {\"value\": 12000, \"low\": 11000, "        \
  "\"high\": 13000}}, \"residuals\": [{\"workload\": \"hello\", \"connections\": 64, \"figure\": " \
  "\"cpu_per_request\", \"real\": 40000, \"twin\": 41000}]}}"

static void
test_result (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (LdsMeasurement) measurement = lds_measurement_new (assessment);
  LdsCalibrationDialog *dialog = open_dialog (measurement);
  g_autoptr (JsonNode) profile = json_from_string (PROFILE, NULL);
  static const char *const texts[] = {"now costs what was measured here", "cost.timer_ns", "12000",
                                      "11000 – 13000", "hello, 64, cpu_per_request", "+2.5 %"};

  lds_calibration_dialog_show_result (dialog, profile, lds_lane_find ("twin:node-http", NULL));
  settle ();
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_true (is_shown (dialog, texts[i]));
  activate (dialog, "calibration.close");
  settle ();
}

static LdsCalibrationDialog *
find_dialog (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *window = windows; window != NULL; window = window->next)
    if (LDS_IS_CALIBRATION_DIALOG (window->data))
      return window->data;
  return NULL;
}

/* The button is where a runtime is here; what it found is among the servers from then on, under its name. */
static void
test_page (void)
{
  static const char profile[] =
      "{\"version\": 1, \"id\": \"node-workers\", \"title\": \"Calibrated workers\", \"runtime\": \"R\", "
      "\"framework\": \"none\", \"models\": [\"M3\"], \"provenance\": {\"source\": \"me\", "
      "\"machine\": \"mine\", \"date\": \"2026-11-28\", \"kind\": \"measured\", \"note\": \"-\"}, "
      "\"cost\": {}}";
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "node-workers.json", NULL);
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  GtkWidget *window = gtk_window_new ();
  LdsMeasurePage *page = g_object_new (LDS_TYPE_MEASURE_PAGE, NULL);
  LdsCalibrationDialog *dialog;
  const LdsLane *twin;
  g_autoptr (GError) error = NULL;

  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (page));
  lds_measure_page_set_assessment (page, assessment);
  gtk_window_present (GTK_WINDOW (window));
  settle ();
  gtk_widget_activate_action (GTK_WIDGET (page), "measure.calibrate", "s", "model:event-loop");
  g_assert_null (find_dialog ());
  gtk_widget_activate_action (GTK_WIDGET (page), "measure.calibrate", "s", "real:node-workers");
  dialog = find_dialog ();
  g_assert_nonnull (dialog);

  g_assert_true (g_file_set_contents (path, profile, -1, NULL));
  twin = lds_lane_renew_twin (path, &error);
  g_assert_no_error (error);
  g_assert_null (find_label (GTK_WIDGET (page), "Calibrated workers (twin)"));
  g_signal_emit_by_name (dialog, "calibrated", twin);
  g_assert_nonnull (find_label (GTK_WIDGET (page), "Calibrated workers (twin)"));
  gtk_window_destroy (GTK_WINDOW (dialog));
  gtk_window_destroy (GTK_WINDOW (window));
  settle ();
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  g_test_add_func ("/app/calibration/stopped", test_stopped);
  g_test_add_func ("/app/calibration/closed", test_closed);
  g_test_add_func ("/app/calibration/held", test_held);
  g_test_add_func ("/app/calibration/result", test_result);
  g_test_add_func ("/app/calibration/page", test_page);
  return g_test_run ();
}
