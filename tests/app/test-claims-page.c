/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page Claims: what is known without a run, finding and opening claims, a test on a model that is measured for
 * real, what stays of it, exports. Runtimes and twins are left out, so that every machine has the same lanes. */
#include "config.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>

#include "lds-claims-page.h"
#include "lds-history-list.h"
#include "lds-pitfalls-page.h"
#include "lds-ratio-view.h"

/* Threads behind one lock wait beside each other: the model refutes it on any machine, in a dozen seconds. */
#define TESTED     "C-000-5"
#define N_ATTEMPTS 3

static const LdsClaim *
claim_of (const char *id)
{
  const LdsClaim *claim = lds_claim_find (id, NULL);

  g_assert_nonnull (claim);
  return claim;
}

static void
wait_ready (LdsClaimsRun *run)
{
  lds_claims_run_prepare (run);
  while (!lds_claims_run_is_ready (run))
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_idle (LdsClaimsRun *run)
{
  while (lds_claims_run_is_running (run))
    g_main_context_iteration (NULL, TRUE);
}

/* Measures the claim until all of its runs are valid: a machine that is busy otherwise spoils some. */
static const LdsClaimOutcome *
measure_whole (LdsClaimsRun *run)
{
  g_autoptr (GPtrArray) claims = g_ptr_array_new ();
  const LdsClaimOutcome *outcome = NULL;

  g_ptr_array_add (claims, (gpointer)claim_of (TESTED));
  for (guint i = 0; i < N_ATTEMPTS && (outcome == NULL || outcome->n < 5); i++)
    {
      lds_claims_run_start (run, claims, TRUE);
      wait_idle (run);
      outcome = lds_claims_run_get_record (run, claim_of (TESTED))->finding->outcomes->pdata[0];
    }
  return outcome;
}

/* (transfer none) (nullable): the first label below @widget that is shown and holds @text */
static GtkWidget *
find_label (GtkWidget *widget,
            const char *text)
{
  if (!gtk_widget_get_visible (widget))
    return NULL;
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

/* (transfer none): the @index-th widget of that type below @widget, which there is */
static GtkWidget *
find_widget (GtkWidget *widget,
             GType type,
             guint *index)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) && (*index)-- == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type, index);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static GtkWidget *
get_widget (LdsClaimsPage *page,
            GType type,
            guint index)
{
  GtkWidget *widget = find_widget (GTK_WIDGET (page), type, &index);

  g_assert_nonnull (widget);
  return widget;
}

static guint
count_shown (LdsClaimsPage *page)
{
  guint n = 0;

  for (guint i = 0; i < lds_claim_list ()->len; i++)
    {
      GtkWidget *row = get_widget (page, LDS_TYPE_CLAIM_ROW, i);

      n += gtk_widget_get_visible (row);
    }
  return n;
}

/* (transfer full): a window with a page in it that is ready */
static GtkWidget *
new_window (LdsClaimsPage **page)
{
  GtkWidget *window = gtk_window_new ();

  *page = g_object_new (LDS_TYPE_CLAIMS_PAGE, NULL);
  gtk_window_set_default_size (GTK_WINDOW (window), 800, 600);
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (*page));
  gtk_window_present (GTK_WINDOW (window));
  while (!lds_claims_run_is_ready (lds_claims_page_get_run (*page)))
    g_main_context_iteration (NULL, TRUE);
  return window;
}

static void
close_window (GtkWidget *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Every claim stands under one article; arithmetic needs no run, what no server here may decide is said to be so. */
static void
test_known (void)
{
  g_autoptr (LdsClaimsRun) run = lds_claims_run_new ();
  GPtrArray *articles = lds_claims_run_get_articles (run);
  const LdsClaimTrial *trial;
  guint n = 0;

  g_assert_null (lds_claims_run_get_record (run, claim_of (TESTED)));
  wait_ready (run);
  for (guint i = 0; i < articles->len; i++)
    n += ((LdsClaimsArticle *)articles->pdata[i])->claims->len;
  g_assert_cmpuint (articles->len, ==, 5);
  g_assert_cmpuint (n, ==, lds_claim_list ()->len);

  g_assert_cmpint (lds_claims_run_get_record (run, claim_of ("C-004-1"))->finding->verdict, ==,
                   LDS_CLAIM_REFUTED);
  g_assert_cmpint (lds_claims_run_get_record (run, claim_of ("C-000-12"))->finding->verdict, ==,
                   LDS_CLAIM_REFUTED);
  g_assert_false (lds_claims_run_can_test (run, claim_of ("C-000-12")));
  g_assert_false (lds_claims_run_get_record (run, claim_of (TESTED))->is_known);
  g_assert_true (lds_claims_run_can_test (run, claim_of (TESTED)));
  trial = lds_claims_run_get_trial (run, claim_of (TESTED)->figures->pdata[0]);
  g_assert_cmpstr (trial->lane->id, ==, "model:gil-threads");
  /* Real frameworks are asked for, and there are none. */
  g_assert_false (lds_claims_run_can_test (run, claim_of ("C-000-2")));
  trial = lds_claims_run_get_trial (run, claim_of ("C-000-2")->figures->pdata[0]);
  g_assert_nonnull (strstr (trial->obstacle, "real runtime"));
  g_assert_cmpint (lds_claims_run_estimate_ms (run, lds_claim_list (), FALSE), >,
                   lds_claims_run_estimate_ms (run, lds_claim_list (), TRUE));
  g_assert_cmpuint (lds_claims_run_get_notes (run)->len, ==, 0);
}

static void
test_page (void)
{
  LdsClaimsPage *page;
  GtkWidget *window = new_window (&page);
  GtkEditable *search = GTK_EDITABLE (get_widget (page, GTK_TYPE_SEARCH_ENTRY, 0));
  GtkDropDown *article = GTK_DROP_DOWN (get_widget (page, GTK_TYPE_DROP_DOWN, 0));
  GtkDropDown *verdict = GTK_DROP_DOWN (get_widget (page, GTK_TYPE_DROP_DOWN, 1));
  LdsRatioView *ratios;

  g_assert_nonnull (find_label (GTK_WIDGET (page), "No claim has been measured on this machine yet."));
  g_assert_cmpuint (count_shown (page), ==, lds_claim_list ()->len);
  g_assert_nonnull (find_label (GTK_WIDGET (page), "C-000-12 · refuted · evidence E-"));
  g_assert_nonnull (find_label (GTK_WIDGET (page), "C-000-5 · not tested yet · evidence E-"));
  g_assert_nonnull (find_label (GTK_WIDGET (page), "C-000-2 · not reproducible here · evidence E0"));
  g_assert_nonnull (find_label (GTK_WIDGET (page), "C-000-14 · not testable · evidence E0"));
  ratios = LDS_RATIO_VIEW (get_widget (page, LDS_TYPE_RATIO_VIEW, 0));
  g_assert_nonnull (strstr (lds_ratio_view_get_text (ratios),
                            "C-000-1, Throughput: claimed 1.40 to 1.70, not measured."));

  gtk_drop_down_set_selected (article, 5);
  g_assert_cmpuint (count_shown (page), ==, 10);
  g_assert_null (find_label (GTK_WIDGET (page), "C-000-12 ·"));
  gtk_drop_down_set_selected (verdict, 1 + LDS_CLAIM_STATE_REFUTED);
  g_assert_cmpuint (count_shown (page), ==, 3);
  gtk_editable_set_text (search, "sqlite QUERY");
  g_signal_emit_by_name (search, "search-changed");
  g_assert_cmpuint (count_shown (page), ==, 1);
  gtk_editable_set_text (search, "sqlite cobol");
  g_signal_emit_by_name (search, "search-changed");
  g_assert_cmpuint (count_shown (page), ==, 0);
  g_assert_nonnull (find_label (GTK_WIDGET (page), "No Such Claim"));

  /* Showing one claim takes the filters back. */
  lds_claims_page_show (page, TESTED);
  g_assert_cmpuint (count_shown (page), ==, lds_claim_list ()->len);
  g_assert_nonnull (find_label (GTK_WIDGET (page), "False: waiting releases the lock."));
  g_assert_nonnull (find_label (GTK_WIDGET (page), "Threads with one lock (model)"));
  g_assert_nonnull (find_label (GTK_WIDGET (page), "CON-5: "));
  lds_claims_page_show (page, "C-000-12");
  g_assert_nonnull (find_label (GTK_WIDGET (page), "1000 users who always wait"));
  close_window (window);
}

/* A test holds everything else back until it has been stopped. */
static void
test_stop (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (LdsMeasurement) measurement = lds_measurement_new (assessment);
  g_autoptr (LdsPlan) plan = lds_measurement_propose (assessment, LDS_LENGTH_QUICK);
  g_autoptr (LdsPitfallsPage) pitfalls =
      g_object_ref_sink (g_object_new (LDS_TYPE_PITFALLS_PAGE, NULL));
  g_autofree char *state = NULL;
  LdsClaimsPage *page;
  GtkWidget *window = new_window (&page);
  LdsClaimsRun *run = lds_claims_page_get_run (page);

  lds_claims_page_set_measurement (page, measurement);
  lds_pitfalls_page_set_measurement (pitfalls, measurement);
  g_assert_null (lds_claims_page_dup_state (page));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (page), "claims.test", "s", TESTED));
  g_assert_true (lds_claims_run_is_running (run));
  state = lds_claims_page_dup_state (page);
  g_assert_cmpstr (state, ==, "Testing claims, run 1 of 5");
  g_assert_nonnull (find_label (GTK_WIDGET (page), "Session 1 of 1"));
  lds_measurement_start (measurement, plan);
  g_assert_cmpint (lds_measurement_get_state (measurement), ==, LDS_MEASUREMENT_IDLE);
  g_assert_nonnull (strstr (lds_measurement_get_error (measurement), "Claims are being tested."));
  gtk_widget_activate_action (GTK_WIDGET (pitfalls), "pitfalls.run", "s", "X-04");
  g_assert_null (lds_pitfall_run_get_running (lds_pitfalls_page_get_run (pitfalls)));
  g_assert_nonnull (find_label (GTK_WIDGET (pitfalls), "Something else is being measured."));

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (page), "claims.stop", NULL));
  g_assert_true (lds_claims_run_is_stopping (run));
  wait_idle (run);
  g_assert_null (lds_measurement_get_holder (measurement));
  g_assert_false (lds_claims_run_get_record (run, claim_of (TESTED))->is_known);

  /* And the other way round. */
  gtk_widget_activate_action (GTK_WIDGET (pitfalls), "pitfalls.run", "s", "X-04");
  g_assert_nonnull (find_label (GTK_WIDGET (page), "A pitfall is running. Claims can be tested when it has ended."));
  gtk_widget_activate_action (GTK_WIDGET (page), "claims.test", "s", TESTED);
  g_assert_false (lds_claims_run_is_running (run));
  lds_pitfall_run_stop (lds_pitfalls_page_get_run (pitfalls));
  while (lds_pitfall_run_get_running (lds_pitfalls_page_get_run (pitfalls)) != NULL)
    g_main_context_iteration (NULL, TRUE);
  close_window (window);
}

static void
check_export (LdsClaimsPage *page)
{
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *json = g_build_filename (folder, "claims.json", NULL);
  g_autofree char *pdf = g_build_filename (folder, "claims.pdf", NULL);
  g_autofree char *nowhere = g_build_filename (folder, "missing", "claims.pdf", NULL);
  g_autoptr (GFile) json_file = g_file_new_for_path (json);
  g_autoptr (GFile) pdf_file = g_file_new_for_path (pdf);
  g_autoptr (GFile) nowhere_file = g_file_new_for_path (nowhere);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *head = NULL;
  JsonObject *root, *claim;
  JsonArray *claims;

  g_assert_true (lds_claims_page_export (page, "pdf", pdf_file));
  g_assert_true (g_file_get_contents (pdf, &head, NULL, NULL));
  g_assert_true (g_str_has_prefix (head, "%PDF-"));
  g_assert_false (lds_claims_page_export (page, "pdf", nowhere_file));
  g_assert_nonnull (find_label (GTK_WIDGET (page), nowhere));
  g_assert_true (lds_claims_page_export (page, "json", json_file));
  g_assert_null (find_label (GTK_WIDGET (page), nowhere));
  g_assert_true (json_parser_load_from_file (parser, json, NULL));
  root = json_node_get_object (json_parser_get_root (parser));
  claims = json_object_get_array_member (root, "claims");
  g_assert_cmpstr (json_object_get_string_member (root, "format"), ==, "loadstone-claims");
  g_assert_cmpuint (json_array_get_length (claims), ==, lds_claim_list ()->len);
  claim = json_array_get_object_element (claims, 4);
  g_assert_cmpstr (json_object_get_string_member (claim, "id"), ==, TESTED);
  g_assert_cmpstr (json_object_get_string_member (claim, "verdict"), ==, "refuted");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (claim, "sessions")), ==, 1);
  claim = json_array_get_object_element (json_object_get_array_member (claim, "figures"), 0);
  g_assert_cmpstr (json_object_get_string_member (claim, "lane"), ==, "model:gil-threads");
  g_unlink (json);
  g_unlink (pdf);
  g_rmdir (folder);
}

/* What was measured is in the history as the command would have put it, and there again in another window. */
static void
test_measured (void)
{
  const LdsHistoryFilter filter = {0};
  g_autoptr (LdsHistory) history = NULL;
  g_autoptr (GPtrArray) sessions = NULL;
  const LdsHistorySession *session;
  const LdsClaimRecord *record;
  const LdsClaimOutcome *outcome;
  LdsClaimsPage *page, *another;
  GtkWidget *window = new_window (&page), *second;
  LdsClaimsRun *run = lds_claims_page_get_run (page);

  outcome = measure_whole (run);
  g_assert_cmpstr (lds_claims_run_get_error (run), ==, NULL);
  record = lds_claims_run_get_record (run, claim_of (TESTED));
  g_assert_cmpint (record->finding->verdict, ==, LDS_CLAIM_REFUTED);
  g_assert_cmpuint (outcome->n, ==, 5);
  g_assert_true (outcome->low <= outcome->value && outcome->value <= outcome->high);
  g_assert_nonnull (find_label (GTK_WIDGET (page), "C-000-5 · refuted · evidence E-"));
  g_assert_nonnull (find_label (GTK_WIDGET (page), ", model"));
  g_assert_null (find_label (GTK_WIDGET (page), "No claim has been measured on this machine yet."));

  history = lds_history_open (NULL, LDS_HISTORY_USUAL, NULL);
  sessions = lds_history_list_sessions (history, &filter, NULL);
  session = sessions->pdata[0];
  g_assert_cmpstr (session->kind, ==, LDS_HISTORY_KIND_CLAIMS);
  g_assert_cmpstr (session->title, ==, "Claims C-000-5");
  g_assert_cmpint (session->state, ==, LDS_HISTORY_COMPLETE);
  g_assert_cmpint (session->id, ==, g_array_index (record->sessions, gint64, 0));
  check_export (page);
  close_window (window);

  second = new_window (&another);
  g_assert_nonnull (find_label (GTK_WIDGET (another), "C-000-5 · refuted · evidence E-"));
  lds_claims_page_show (another, TESTED);
  g_assert_nonnull (find_label (GTK_WIDGET (another), "of the history."));
  close_window (second);
}

/* A folder is no history: what is measured is judged all the same, and that it is not kept is said. */
static void
test_without_history (void)
{
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *usual = g_strdup (g_getenv ("LOADSTONE_HISTORY"));
  g_autoptr (LdsClaimsRun) run = lds_claims_run_new ();
  const LdsClaimRecord *record;

  g_setenv ("LOADSTONE_HISTORY", folder, TRUE);
  wait_ready (run);
  g_assert_cmpuint (lds_claims_run_get_notes (run)->len, ==, 1);
  g_assert_nonnull (strstr (lds_claims_run_get_notes (run)->pdata[0], folder));
  g_assert_cmpint (lds_claims_run_get_record (run, claim_of ("C-004-1"))->finding->verdict, ==,
                   LDS_CLAIM_REFUTED);
  measure_whole (run);
  record = lds_claims_run_get_record (run, claim_of (TESTED));
  g_assert_cmpint (record->finding->verdict, ==, LDS_CLAIM_REFUTED);
  g_assert_true (record->is_known);
  g_assert_nonnull (strstr (lds_claims_run_get_error (run), folder));
  g_setenv ("LOADSTONE_HISTORY", usual, TRUE);
  g_rmdir (folder);
}

int
main (int argc,
      char *argv[])
{
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);
  g_autofree char *history = g_build_filename (folder, "history.sqlite", NULL);
  int result;

  g_setenv ("LOADSTONE_RUNTIMES", folder, TRUE);
  g_setenv ("LOADSTONE_PROFILES", folder, TRUE);
  g_setenv ("LOADSTONE_HISTORY", history, TRUE);
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                    LDS_RESOURCE_BASE "/icons");
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  g_test_add_func ("/app/claims/known", test_known);
  g_test_add_func ("/app/claims/page", test_page);
  g_test_add_func ("/app/claims/stop", test_stop);
  g_test_add_func ("/app/claims/measured", test_measured);
  g_test_add_func ("/app/claims/without-history", test_without_history);
  result = g_test_run ();
  g_unlink (history);
  g_rmdir (folder);
  return result;
}
