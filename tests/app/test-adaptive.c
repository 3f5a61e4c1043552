/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report of searches and series in the window: every stage shows it, and nothing there starts such a plan. */
#include <adwaita.h>
#include <glib/gstdio.h>
#include <string.h>

#include "config.h"

#include "fixture.h"
#include "lds-advise-page.h"
#include "lds-application.h"
#include "lds-measure-page.h"
#include "lds-measurement.h"
#include "lds-report-page.h"

/* Returns: (transfer full): the assessment that opening the report's file gives */
static LdsAssessment *
open_report (FixtureFlags flags)
{
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "report.json", NULL);
  g_autoptr (LdsReport) report = fixture_report (flags);
  g_autoptr (GError) error = NULL;
  LdsAssessment *assessment;

  g_assert_true (lds_report_write_json (report, path, LDS_PAPER_A4, &error));
  assessment = lds_assessment_new_from_file (path, &error);
  g_assert_no_error (error);
  g_unlink (path);
  g_rmdir (folder);
  return assessment;
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

static void
wait_for_frame (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gint64 counter = gdk_frame_clock_get_frame_counter (clock);

  while (gdk_frame_clock_get_frame_counter (clock) <= counter + 1)
    {
      gtk_widget_queue_draw (widget);
      g_main_context_iteration (NULL, TRUE);
    }
}

/* Shows @page, which must say @text. */
static void
check_page (GtkWidget *page,
            const char *text)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 700);
  gtk_window_set_child (GTK_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));
  wait_for_frame (window);
  g_assert_nonnull (find_label (page, text));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_opened (gconstpointer data)
{
  FixtureFlags flags = (FixtureFlags)GPOINTER_TO_UINT (data);
  g_autoptr (LdsAssessment) assessment = open_report (flags);
  g_autoptr (LdsReport) report = lds_assessment_dup_report (assessment);
  g_autofree char *pages = NULL;
  GtkWidget *page;

  g_assert_true (lds_plan_is_adaptive (lds_assessment_get_session (assessment)->plan));
  /* That a search met what a server does not keep is no refusal. */
  g_assert_cmpuint (lds_assessment_count_refused (assessment), ==,
                    lds_session_count_refused (lds_assessment_get_session (assessment)));
  page = g_object_new (LDS_TYPE_ADVISE_PAGE, NULL);
  lds_advise_page_set_assessment (LDS_ADVISE_PAGE (page), assessment);
  check_page (page, "Some server’s knee was not found");
  page = g_object_new (LDS_TYPE_MEASURE_PAGE, NULL);
  lds_measure_page_set_assessment (LDS_MEASURE_PAGE (page), assessment);
  check_page (page, "Knees and series were measured: the report shows them");
  page = g_object_new (LDS_TYPE_REPORT_PAGE, NULL);
  lds_report_page_set_assessment (LDS_REPORT_PAGE (page), assessment);
  pages = g_strdup_printf ("%u pages", lds_report_n_pages (report, LDS_PAPER_A4));
  check_page (page, pages);
}

/* The preview's pages are those of the PDF: the section's are not white. */
static void
test_preview (void)
{
  g_autoptr (LdsAssessment) assessment = open_report (FIXTURE_KNEES);
  g_autoptr (LdsReport) report = lds_assessment_dup_report (assessment);
  guint n_pages = lds_report_n_pages (report, LDS_PAPER_A4);

  for (guint i = 0; i < n_pages; i++)
    {
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 300, 420);
      cairo_t *cr = cairo_create (surface);
      const guchar *bytes;
      guint n_dark = 0;

      cairo_scale (cr, 0.5, 0.5);
      lds_report_draw_page (report, LDS_PAPER_A4, i, cr);
      cairo_surface_flush (surface);
      bytes = cairo_image_surface_get_data (surface);
      for (gsize j = 0; j < 420 * (gsize)cairo_image_surface_get_stride (surface); j += 4)
        n_dark += bytes[j] < 200;
      g_assert_cmpuint (n_dark, >, 500);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
}

/* Whatever its session was, the window proposes plans whose runs are known; another one it does not start. */
static void
test_not_started (void)
{
  g_autoptr (LdsAssessment) assessment = open_report (FIXTURE_KNEES);
  g_autoptr (LdsMeasurement) measurement = lds_measurement_new (assessment);

  for (guint length = 0; length < LDS_N_LENGTHS; length++)
    {
      g_autoptr (LdsPlan) plan = lds_measurement_propose (assessment, (LdsLength)length);

      g_assert_false (lds_plan_is_adaptive (plan));
    }
  g_test_expect_message ("loadstone-app", G_LOG_LEVEL_CRITICAL, "*!lds_plan_is_adaptive*");
  lds_measurement_start (measurement, lds_assessment_get_session (assessment)->plan);
  g_test_assert_expected_messages ();
  g_assert_cmpint (lds_measurement_get_state (measurement), ==, LDS_MEASUREMENT_IDLE);
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
  g_test_add_data_func ("/app/adaptive/opened", GUINT_TO_POINTER (FIXTURE_KNEES), test_opened);
  g_test_add_data_func ("/app/adaptive/opened-stopped",
                        GUINT_TO_POINTER (FIXTURE_KNEES | FIXTURE_STOPPED), test_opened);
  g_test_add_func ("/app/adaptive/preview", test_preview);
  g_test_add_func ("/app/adaptive/not-started", test_not_started);
  return g_test_run ();
}
