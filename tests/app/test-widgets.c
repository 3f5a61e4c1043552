/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each widget is made, shown and goes away again; answering moves the lean; the window's stages. */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>

#include "lds-adaptive-bin.h"
#include "lds-advise-page.h"
#include "lds-application.h"
#include "lds-ask-page.h"
#include "lds-chart-view.h"
#include "lds-lane-chip.h"
#include "lds-lean-bar.h"
#include "lds-measure-page.h"
#include "lds-meter.h"
#include "lds-pitfalls-page.h"
#include "lds-question-view.h"
#include "lds-report-page.h"
#include "lds-results-table.h"
#include "lds-tree-view.h"
#include "lds-window.h"
#include "lds-wrap-layout.h"

/* Everything that a frame draws has run. */
static void
wait_for_frame (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gint64 counter = gdk_frame_clock_get_frame_counter (clock);

  gtk_widget_queue_draw (widget);
  while (gdk_frame_clock_get_frame_counter (clock) <= counter + 1)
    {
      gtk_widget_queue_draw (widget);
      g_main_context_iteration (NULL, TRUE);
    }
}

/* (transfer floating) */
static void
show_and_finalize (GtkWidget *widget)
{
  GtkWidget *window = gtk_window_new ();
  gpointer weak = widget;

  g_object_add_weak_pointer (G_OBJECT (widget), &weak);
  gtk_window_set_default_size (GTK_WINDOW (window), 800, 600);
  gtk_window_set_child (GTK_WINDOW (window), widget);
  gtk_window_present (GTK_WINDOW (window));
  wait_for_frame (window);
  g_assert_true (gtk_widget_get_mapped (widget));
  gtk_window_destroy (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (weak);
}

static void
test_small_widgets (void)
{
  GtkWidget *meter = lds_meter_new ();
  GtkWidget *bin = g_object_new (LDS_TYPE_ADAPTIVE_BIN, "child", gtk_label_new ("wide"), NULL);
  GtkWidget *chart = lds_chart_view_new ();
  GtkWidget *chip = lds_lane_chip_new (lds_lane_find ("event-loop", NULL));

  lds_meter_set (LDS_METER (meter), -0.5, 0.74, LDS_OPTION_PYTHON);
  show_and_finalize (meter);
  show_and_finalize (bin);
  lds_chart_view_take_chart (LDS_CHART_VIEW (chart),
                             lds_chart_new_for_metric (lds_metric_find ("throughput")), "Throughput");
  lds_chart_view_set_cursor (LDS_CHART_VIEW (chart), NAN);
  lds_chart_view_align ((LdsChartView *[]){LDS_CHART_VIEW (chart)}, 1);
  show_and_finalize (chart);
  lds_lane_chip_set_refused (chip, TRUE, "Hello: 5 of 5 runs were refused.");
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (chip), "5 of 5 runs"));
  lds_lane_chip_set_refused (chip, FALSE, NULL);
  g_assert_null (strstr (gtk_widget_get_tooltip_text (chip), "5 of 5 runs"));
  show_and_finalize (chip);
}

/* Three children of 100 px, 6 px apart: side by side where there is room, else below each other. */
static void
test_wrap (void)
{
  g_autoptr (GtkWidget) box = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0));
  GtkWidget *last = NULL;
  int minimum, natural;

  gtk_widget_set_layout_manager (box, lds_wrap_layout_new (6));
  for (guint i = 0; i < 3; i++)
    {
      last = gtk_drawing_area_new ();
      gtk_widget_set_size_request (last, 100, 20);
      gtk_box_append (GTK_BOX (box), last);
    }
  gtk_widget_measure (box, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  g_assert_cmpint (minimum, ==, 100);
  g_assert_cmpint (natural, ==, 312);
  gtk_widget_measure (box, GTK_ORIENTATION_VERTICAL, 312, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, ==, 20);
  gtk_widget_measure (box, GTK_ORIENTATION_VERTICAL, 311, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, ==, 46);
  gtk_widget_measure (box, GTK_ORIENTATION_VERTICAL, 100, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, ==, 72);
  gtk_widget_set_visible (last, FALSE);
  gtk_widget_measure (box, GTK_ORIENTATION_VERTICAL, 206, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, ==, 20);
}

static void
test_pages (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (GPtrArray) trees = lds_trees_walk (lds_assessment_get_answers (assessment));
  GtkWidget *lean = g_object_new (LDS_TYPE_LEAN_BAR, NULL);
  GtkWidget *ask = g_object_new (LDS_TYPE_ASK_PAGE, NULL);
  GtkWidget *advise = g_object_new (LDS_TYPE_ADVISE_PAGE, NULL);
  GtkWidget *measure = g_object_new (LDS_TYPE_MEASURE_PAGE, NULL);
  GtkWidget *report = g_object_new (LDS_TYPE_REPORT_PAGE, NULL);

  lds_lean_bar_set_assessment (LDS_LEAN_BAR (lean), assessment);
  show_and_finalize (lean);
  lds_ask_page_set_assessment (LDS_ASK_PAGE (ask), assessment);
  lds_ask_page_set_wide (LDS_ASK_PAGE (ask), TRUE);
  show_and_finalize (ask);
  lds_advise_page_set_assessment (LDS_ADVISE_PAGE (advise), assessment);
  show_and_finalize (advise);
  lds_measure_page_set_assessment (LDS_MEASURE_PAGE (measure), assessment);
  show_and_finalize (measure);
  lds_report_page_set_assessment (LDS_REPORT_PAGE (report), assessment);
  show_and_finalize (report);
  for (guint i = 0; i < trees->len; i++)
    show_and_finalize (lds_tree_view_new (trees->pdata[i]));
}

/* Each question of the pack has a page whose first answer can be picked and is what is kept. */
static void
test_questions (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  LdsAnswers *answers = lds_assessment_get_answers (assessment);
  GPtrArray *questions = lds_rule_pack_get_questions (lds_assessment_get_pack (assessment));

  g_assert_cmpuint (questions->len, >=, 8);
  for (guint i = 0; i < questions->len; i++)
    {
      const LdsQuestion *question = questions->pdata[i];
      GtkWidget *view = lds_question_view_new (assessment, question);

      g_assert_null (lds_answers_get (answers, question->id));
      if (question->type == LDS_QUESTION_CHOICE)
        {
          const LdsChoice *choice = question->choices->pdata[0];

          g_assert_true (lds_question_view_pick (LDS_QUESTION_VIEW (view), 1));
          g_assert_cmpstr (lds_answers_get (answers, question->id), ==, choice->id);
          g_assert_false (lds_question_view_pick (LDS_QUESTION_VIEW (view), 0));
        }
      else if (question->maximum <= 9)
        {
          g_assert_true (lds_question_view_pick (LDS_QUESTION_VIEW (view), 2));
          g_assert_cmpstr (lds_answers_get (answers, question->id), ==, "2");
        }
      show_and_finalize (view);
    }
}

static void
test_lean (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  LdsAnswers *answers = lds_assessment_get_answers (assessment);
  g_autoptr (LdsLeanBar) lean = g_object_ref_sink (g_object_new (LDS_TYPE_LEAN_BAR, NULL));
  static const char *const pairs[][2] = {
      {"usecase", "chat"}, {"mix", "io"}, {"conns", "10k-50k"}, {"rt", "essential"}, {"ml", "none"}, {"data", "none"}, {"js", "4"}, {"py", "1"}, {"share", "important"}};

  lds_lean_bar_set_assessment (lean, assessment);
  g_assert_cmpstr (lds_lean_bar_get_text (lean), ==, "Too early to say");
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    g_assert_true (lds_answers_set (answers, pairs[i][0], pairs[i][1], NULL));
  while (g_str_equal (lds_lean_bar_get_text (lean), "Too early to say"))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (lds_lean_bar_get_text (lean), ==, "Leans clearly to Node.js");
}

static void
test_window (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  LdsWindow *window = lds_window_new (NULL, assessment);
  gpointer weak = window;
  static const char *const stages[] = {"ask", "advise", "measure", "pitfalls", "claims", "report"};

  g_object_add_weak_pointer (G_OBJECT (window), &weak);
  gtk_window_present (GTK_WINDOW (window));
  wait_for_frame (GTK_WIDGET (window));
  g_assert_cmpstr (lds_window_get_stage (window), ==, "ask");
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), "win.stage", "s", stages[i]));
      g_assert_cmpstr (lds_window_get_stage (window), ==, stages[i]);
      wait_for_frame (GTK_WIDGET (window));
      /* Each stage puts the focus somewhere within. */
      g_assert_nonnull (gtk_root_get_focus (GTK_ROOT (window)));
    }
  g_assert_false (lds_window_set_stage (window, "nowhere"));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.back", NULL);
  g_assert_cmpstr (lds_window_get_stage (window), ==, "measure");
  gtk_widget_activate_action (GTK_WIDGET (window), "win.question", "s", "rt");
  g_assert_cmpstr (lds_window_get_stage (window), ==, "ask");
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (window)), ==, "Ask – Loadstone");

  gtk_window_close (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (weak);
}

/* (transfer none) (nullable): the first label below @widget that holds @text */
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

/* A pitfall that runs holds measurements back, which say so, until it has been stopped. */
static void
test_pitfalls (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (LdsMeasurement) measurement = lds_measurement_new (assessment);
  g_autoptr (LdsPlan) plan = lds_measurement_propose (assessment, LDS_LENGTH_QUICK);
  LdsPitfallsPage *page = g_object_new (LDS_TYPE_PITFALLS_PAGE, NULL);
  GtkWidget *window = gtk_window_new ();
  LdsPitfallRun *run = lds_pitfalls_page_get_run (page);

  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (page));
  gtk_window_present (GTK_WINDOW (window));
  lds_pitfalls_page_set_measurement (page, measurement);
  for (guint i = LDS_WIDTH_NARROW; i <= LDS_WIDTH_WIDE; i++)
    {
      lds_pitfalls_page_set_width_class (page, (LdsWidthClass)i);
      wait_for_frame (window);
    }
  g_assert_nonnull (find_label (GTK_WIDGET (page), "Event loop with worker threads (model)"));
  g_assert_nonnull (find_label (GTK_WIDGET (page), "X-01 · articles 000, 001, 002, 004 · evidence E1"));

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (page), "pitfalls.run", "s", "X-04"));
  g_assert_cmpstr (lds_pitfall_run_get_running (run)->id, ==, "X-04");
  g_assert_nonnull (find_label (GTK_WIDGET (page), "The last hundred are kept"));
  g_assert_nonnull (find_label (GTK_WIDGET (page), "Run 1 of 8: A cache without a bound"));
  gtk_widget_activate_action (GTK_WIDGET (page), "pitfalls.run", "s", "X-02");
  g_assert_cmpstr (lds_pitfall_run_get_running (run)->id, ==, "X-04");
  lds_measurement_start (measurement, plan);
  g_assert_cmpint (lds_measurement_get_state (measurement), ==, LDS_MEASUREMENT_IDLE);
  g_assert_nonnull (strstr (lds_measurement_get_error (measurement), "A pitfall is running."));

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (page), "pitfalls.stop", NULL));
  while (lds_pitfall_run_get_running (run) != NULL)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* What is exported can be opened again and is the same; a folder that is not there is said in place. */
static void
test_export (void)
{
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *json = g_build_filename (folder, "report.json", NULL);
  g_autofree char *pdf = g_build_filename (folder, "report.pdf", NULL);
  g_autofree char *again = g_build_filename (folder, "again.json", NULL);
  g_autofree char *nowhere = g_build_filename (folder, "missing", "report.pdf", NULL);
  g_autoptr (GFile) json_file = g_file_new_for_path (json);
  g_autoptr (GFile) pdf_file = g_file_new_for_path (pdf);
  g_autoptr (GFile) nowhere_file = g_file_new_for_path (nowhere);
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (LdsAssessment) opened = NULL;
  g_autoptr (LdsReport) report = NULL;
  g_autoptr (LdsReportPage) page = g_object_ref_sink (g_object_new (LDS_TYPE_REPORT_PAGE, NULL));
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *head = NULL;
  GtkWidget *problem;

  g_assert_true (lds_answers_set (lds_assessment_get_answers (assessment), "conns", "10k-50k", NULL));
  g_assert_true (lds_answers_set_not_applicable (lds_assessment_get_answers (assessment), "lat",
                                                 "batch only", NULL));
  lds_report_page_set_assessment (page, assessment);
  g_assert_true (lds_report_page_export (page, "json", json_file));
  g_assert_true (lds_report_page_export (page, "pdf", pdf_file));
  g_assert_true (g_file_get_contents (pdf, &head, NULL, NULL));
  g_assert_true (g_str_has_prefix (head, "%PDF-"));

  opened = lds_assessment_new_from_file (json, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lds_answers_get (lds_assessment_get_answers (opened), "conns"), ==, "10k-50k");
  g_assert_cmpstr (lds_answers_get_not_applicable (lds_assessment_get_answers (opened), "lat"), ==,
                   "batch only");
  report = lds_assessment_dup_report (opened);
  g_assert_true (lds_report_write_json (report, again, LDS_PAPER_A4, NULL));
  g_assert_true (g_file_get_contents (json, &first, NULL, NULL));
  g_assert_true (g_file_get_contents (again, &second, NULL, NULL));
  g_assert_cmpstr (first, ==, second);

  g_assert_false (lds_report_page_export (page, "pdf", nowhere_file));
  problem = find_label (GTK_WIDGET (page), nowhere);
  g_assert_nonnull (problem);
  g_assert_true (gtk_widget_get_visible (problem));

  g_unlink (json);
  g_unlink (pdf);
  g_unlink (again);
  g_rmdir (folder);
}

static void
test_broken_file (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  LdsWindow *window = lds_window_new (NULL, assessment);
  GtkWidget *label;

  gtk_window_present (GTK_WINDOW (window));
  lds_window_show_broken_file (window, "“a & b.json” ends in the middle, at line 3.");
  wait_for_frame (GTK_WIDGET (window));
  label = find_label (GTK_WIDGET (window), "“a & b.json” ends in the middle, at line 3.");
  g_assert_nonnull (label);
  g_assert_true (gtk_widget_get_mapped (label));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.leave-broken", NULL);
  wait_for_frame (GTK_WIDGET (window));
  g_assert_false (gtk_widget_get_mapped (label));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                    LDS_RESOURCE_BASE "/icons");
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  g_test_add_func ("/app/widgets/small", test_small_widgets);
  g_test_add_func ("/app/widgets/wrap", test_wrap);
  g_test_add_func ("/app/widgets/pages", test_pages);
  g_test_add_func ("/app/widgets/questions", test_questions);
  g_test_add_func ("/app/widgets/lean", test_lean);
  g_test_add_func ("/app/widgets/window", test_window);
  g_test_add_func ("/app/widgets/pitfalls", test_pitfalls);
  g_test_add_func ("/app/widgets/export", test_export);
  g_test_add_func ("/app/widgets/broken-file", test_broken_file);
  return g_test_run ();
}
