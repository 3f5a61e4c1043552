/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers of the user's own: added by their address, removed again, kept with the assessment; and none
 * that is not this machine's is loaded before the user has said so. */
#include "config.h"

#include <adwaita.h>
#include <glib/gstdio.h>

#include "lds-measure-page.h"
#include "lds-own-servers.h"

typedef struct
{
  GtkWidget *window;
  GtkWidget *servers;
  GtkWidget *entry;
  LdsAssessment *assessment;
} Fixture;

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* (transfer none) (nullable): the @n-th widget of @type below @widget, from 0 */
static GtkWidget *
find_widget (GtkWidget *widget,
             GType type,
             guint *n)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) && (*n)-- == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type, n);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static GtkWidget *
nth_widget (GtkWidget *widget,
            GType type,
            guint n)
{
  return find_widget (widget, type, &n);
}

static void
check_nth (GtkWidget *servers,
           guint n,
           gboolean active)
{
  GtkWidget *check = nth_widget (servers, GTK_TYPE_CHECK_BUTTON, n);

  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), active);
}

static void
fixture_set_up (Fixture *f,
                gconstpointer data)
{
  f->assessment = lds_assessment_new ();
  f->servers = g_object_new (LDS_TYPE_OWN_SERVERS, NULL);
  lds_own_servers_set_assessment (LDS_OWN_SERVERS (f->servers), f->assessment);
  f->entry = nth_widget (f->servers, GTK_TYPE_ENTRY, 0);
  f->window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (f->window), f->servers);
  gtk_window_present (GTK_WINDOW (f->window));
}

static void
fixture_tear_down (Fixture *f,
                   gconstpointer data)
{
  gpointer weak = f->servers;

  g_object_add_weak_pointer (G_OBJECT (f->servers), &weak);
  gtk_window_destroy (GTK_WINDOW (f->window));
  settle ();
  g_assert_null (weak);
  g_assert_finalize_object (f->assessment);
}

/* As typed, with the Enter key behind it. */
static void
enter (Fixture *f,
       const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (f->entry), text);
  g_signal_emit_by_name (f->entry, "activate");
  settle ();
}

/* Returns: (transfer none): the servers to be measured, and whose hosts are allowed, as text */
static const char *
chosen (Fixture *f)
{
  static char *text;
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  GString *all = g_string_new (NULL);

  lds_own_servers_fill_plan (LDS_OWN_SERVERS (f->servers), plan);
  for (guint i = 0; i < plan->lanes->len; i++)
    g_string_append_printf (all, "%s ", ((const LdsLane *)plan->lanes->pdata[i])->title);
  for (guint i = 0; i < plan->allow_hosts->len; i++)
    g_string_append_printf (all, "+%s ", (const char *)plan->allow_hosts->pdata[i]);
  g_free (text);
  text = g_string_free (all, FALSE);
  return text;
}

/* (transfer none) (nullable): the question that is asked */
static AdwMessageDialog *
find_question (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GObject) window = g_list_model_get_item (windows, i);

      if (ADW_IS_MESSAGE_DIALOG (window) && gtk_widget_get_visible (GTK_WIDGET (window)))
        return ADW_MESSAGE_DIALOG (window);
    }
  return NULL;
}

static void
answer (const char *response)
{
  AdwMessageDialog *question = find_question ();

  g_assert_nonnull (question);
  adw_message_dialog_response (question, response);
  gtk_window_destroy (GTK_WINDOW (question));
  settle ();
  g_assert_null (find_question ());
}

static void
test_loopback (Fixture *f,
               gconstpointer data)
{
  GtkWidget *add = nth_widget (f->servers, GTK_TYPE_BUTTON, 0);

  g_assert_false (gtk_widget_get_sensitive (add));
  enter (f, "http://127.0.0.1:8080");
  g_assert_null (find_question ());
  g_assert_cmpstr (chosen (f), ==, "http://127.0.0.1:8080 ");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (f->entry)), ==, "");
  /* The same one again, and one without its scheme. */
  enter (f, " http://127.0.0.1:8080 ");
  enter (f, "[::1]:3000");
  g_assert_cmpstr (chosen (f), ==, "http://127.0.0.1:8080 http://[::1]:3000 ");
  check_nth (f->servers, 0, FALSE);
  g_assert_cmpstr (chosen (f), ==, "http://[::1]:3000 ");
  g_assert_cmpuint (lds_assessment_get_servers (f->assessment)->len, ==, 2);
  /* The first row's button removes it. */
  g_signal_emit_by_name (nth_widget (f->servers, GTK_TYPE_BUTTON, 0), "clicked");
  g_assert_cmpuint (lds_assessment_get_servers (f->assessment)->len, ==, 1);
  g_assert_cmpstr (chosen (f), ==, "http://[::1]:3000 ");
  lds_assessment_clear (f->assessment);
  g_assert_cmpstr (chosen (f), ==, "");
}

static void
test_wrong (Fixture *f,
            gconstpointer data)
{
  static const char *const wrong[] = {"https://127.0.0.1", "http://127.0.0.1:99999", "a b", "http://", "127.0.0.1/?x"};
  GtkWidget *add = nth_widget (f->servers, GTK_TYPE_BUTTON, 0);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      enter (f, wrong[i]);
      g_assert_null (find_question ());
      g_assert_false (gtk_widget_get_sensitive (add));
      g_assert_true (gtk_widget_has_css_class (f->entry, "error"));
      g_assert_cmpstr (chosen (f), ==, "");
      gtk_test_accessible_assert_state (f->entry, GTK_ACCESSIBLE_STATE_INVALID,
                                        GTK_ACCESSIBLE_INVALID_TRUE);
    }
  enter (f, "");
  g_assert_false (gtk_widget_has_css_class (f->entry, "error"));
  g_assert_false (gtk_widget_get_sensitive (add));
}

static void
test_elsewhere (Fixture *f,
                gconstpointer data)
{
  const char *body;

  enter (f, "http://server.example:8080");
  body = adw_message_dialog_get_body (find_question ());
  g_assert_nonnull (strstr (adw_message_dialog_get_heading (find_question ()), "server.example"));
  g_assert_nonnull (strstr (body, "100 requests a second"));
  g_assert_nonnull (strstr (body, "60 s"));
  answer ("cancel");
  g_assert_cmpstr (chosen (f), ==, "");
  g_assert_cmpuint (lds_assessment_get_servers (f->assessment)->len, ==, 0);
  /* What was typed is still there, to be corrected. */
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (f->entry)), ==, "http://server.example:8080");

  enter (f, "http://server.example:8080");
  answer ("accept");
  g_assert_cmpstr (chosen (f), ==, "http://server.example:8080 +server.example ");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (f->entry)), ==, "");
  /* Removed and added again it is asked for again. */
  lds_assessment_remove_server (f->assessment, lds_lane_find ("url:http://server.example:8080", NULL));
  g_assert_cmpstr (chosen (f), ==, "");
}

/* Where text is so large that the buttons stand one above the other, the Enter key loads nothing either. */
static void
test_large_text (Fixture *f,
                 gconstpointer data)
{
  g_autofree char *font = NULL;
  GtkWindow *question;

  g_object_get (gtk_settings_get_default (), "gtk-font-name", &font, NULL);
  g_object_set (gtk_settings_get_default (), "gtk-font-name", "Sans 40", NULL);
  enter (f, "http://server.example:8080");
  question = GTK_WINDOW (find_question ());
  g_assert_nonnull (question);
  while (!gtk_widget_get_mapped (gtk_window_get_default_widget (question)))
    g_main_context_iteration (NULL, TRUE);
  settle ();
  g_assert_true (gtk_window_get_focus (question) == gtk_window_get_default_widget (question));
  g_assert_true (gtk_widget_activate (gtk_window_get_focus (question)));
  settle ();
  g_assert_cmpstr (chosen (f), ==, "");
  g_object_set (gtk_settings_get_default (), "gtk-font-name", font, NULL);
}

/* A file that was opened offers a server elsewhere, but confirms nothing. */
static void
test_kept (void)
{
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "assessment.json", NULL);
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (GError) error = NULL;
  Fixture f = {0};

  lds_assessment_keep (assessment, path);
  lds_assessment_add_server (assessment, lds_lane_find ("url:http://127.0.0.1:8080", NULL));
  lds_assessment_add_server (assessment, lds_lane_find ("url:http://server.example", NULL));
  g_assert_true (lds_assessment_flush (assessment, &error));
  f.assessment = lds_assessment_new_from_file (path, &error);
  g_assert_no_error (error);
  f.servers = g_object_new (LDS_TYPE_OWN_SERVERS, NULL);
  f.window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (f.window), f.servers);
  lds_own_servers_set_assessment (LDS_OWN_SERVERS (f.servers), f.assessment);
  gtk_window_present (GTK_WINDOW (f.window));
  g_assert_cmpstr (chosen (&f), ==, "http://127.0.0.1:8080 ");

  check_nth (f.servers, 1, TRUE);
  settle ();
  g_assert_cmpstr (chosen (&f), ==, "http://127.0.0.1:8080 ");
  answer ("accept");
  g_assert_cmpstr (chosen (&f), ==, "http://127.0.0.1:8080 http://server.example +server.example ");
  gtk_window_destroy (GTK_WINDOW (f.window));
  settle ();
  g_assert_finalize_object (f.assessment);

  g_assert_true (g_file_set_contents (path, "{\"format\": \"loadstone-assessment\", \"version\": 1, \"answers\": {}, \"servers\": [\"model:prefork\"]}", -1, NULL));
  g_assert_null (lds_assessment_new_from_file (path, &error));
  g_assert_nonnull (strstr (error->message, "servers"));
  g_remove (path);
  g_rmdir (folder);
}

/* Whether a label below @widget has @text in it. */
static gboolean
says (GtkWidget *widget,
      const char *text)
{
  GtkWidget *label;

  for (guint n = 0; (label = nth_widget (widget, GTK_TYPE_LABEL, n)) != NULL; n++)
    if (strstr (gtk_label_get_text (GTK_LABEL (label)), text) != NULL)
      return TRUE;
  return FALSE;
}

/* The page shows a chip for an own server and measures it with the others; one that is elsewhere lowers
 * the load of all. */
static void
test_page (void)
{
  Fixture f = {0};
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  const LdsLane *lane = lds_lane_find ("url:http://127.0.0.1:1", NULL);
  GtkWidget *window = gtk_window_new ();
  GtkWidget *page = g_object_new (LDS_TYPE_MEASURE_PAGE, NULL);
  LdsMeasurement *measurement;
  const LdsPlan *plan;
  gboolean seen = FALSE;

  lds_measure_page_set_assessment (LDS_MEASURE_PAGE (page), assessment);
  gtk_window_set_child (GTK_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));
  lds_assessment_add_server (assessment, lane);
  for (guint n = 0;; n++)
    {
      GtkWidget *chip = nth_widget (page, GTK_TYPE_TOGGLE_BUTTON, n);

      if (chip == NULL)
        break;
      if (g_object_get_data (G_OBJECT (chip), "lane") == lane)
        seen = gtk_widget_get_visible (chip);
    }
  g_assert_true (seen);
  g_assert_true (says (page, "Hello: 2000/s over"));
  f.servers = nth_widget (page, LDS_TYPE_OWN_SERVERS, 0);
  f.entry = nth_widget (f.servers, GTK_TYPE_ENTRY, 0);
  enter (&f, "http://server.example");
  answer ("accept");
  g_assert_true (says (page, "Hello: 100/s over"));
  check_nth (f.servers, 1, FALSE);
  g_assert_true (says (page, "Hello: 2000/s over"));

  /* What is said of a workload goes with it. */
  g_assert_true (says (page, "Scaled down"));
  for (guint n = 0;; n++)
    {
      GtkWidget *choice = nth_widget (page, GTK_TYPE_CHECK_BUTTON, n);

      g_assert_nonnull (choice);
      if (g_strcmp0 (gtk_check_button_get_label (GTK_CHECK_BUTTON (choice)), "Waiting 200 ms") != 0)
        continue;
      gtk_check_button_set_active (GTK_CHECK_BUTTON (choice), FALSE);
      break;
    }
  g_assert_false (says (page, "Scaled down"));

  measurement = lds_measure_page_get_measurement (LDS_MEASURE_PAGE (page));
  gtk_widget_activate_action (page, "measure.run", NULL);
  plan = lds_measurement_get_plan (measurement);
  g_assert_true (g_ptr_array_find (plan->lanes, lane, NULL));
  lds_measurement_stop (measurement);
  while (lds_measurement_get_state (measurement) != LDS_MEASUREMENT_IDLE)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (window));
  settle ();
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
#define ADD(path, func) \
  g_test_add ("/app/own-servers/" path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("loopback", test_loopback);
  ADD ("wrong", test_wrong);
  ADD ("elsewhere", test_elsewhere);
  ADD ("large-text", test_large_text);
  g_test_add_func ("/app/own-servers/kept", test_kept);
  g_test_add_func ("/app/own-servers/page", test_page);
  return g_test_run ();
}
