/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of results: figures, sorting, and invalid runs that stay visible with their reason. */
#include <adwaita.h>
#include <math.h>

#include "lds-measurement.h"
#include "lds-results-table.h"

static void
add_run (LdsSession *session,
         guint index,
         double rate_hz,
         const char *reason)
{
  LdsRunSpec spec = lds_plan_run_spec (session->plan, index);
  LdsRun *run = lds_run_new (&spec);

  run->engine = g_strdup ("epoll");
  run->duration_s = 1;
  run->requests = (guint64)rate_hz;
  run->achieved_rate_hz = rate_hz;
  run->response = lds_histogram_new ();
  for (guint i = 0; i < run->requests; i++)
    lds_histogram_record (run->response, 2000000);
  if (reason != NULL)
    {
      LdsInvalidReason *invalid = g_new0 (LdsInvalidReason, 1);

      invalid->code = g_strdup ("client-saturated");
      invalid->text = g_strdup (reason);
      g_ptr_array_add (run->reasons, invalid);
      run->valid = FALSE;
    }
  else
    run->valid = TRUE;
  g_ptr_array_add (session->runs, run);
}

/* Three lanes on one workload, once each: 300/s, invalid at 100/s, 200/s. */
static LdsSession *
new_session (void)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  LdsSession *session;
  guint n_lanes;
  const LdsLane *lanes = lds_lane_list (&n_lanes);

  g_assert_cmpuint (n_lanes, >=, 3);
  for (guint i = 0; i < 3; i++)
    g_ptr_array_add (plan->lanes, (gpointer)&lanes[i]);
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  plan->repeats = 1;
  session = lds_session_new (plan);
  add_run (session, 0, 300, NULL);
  add_run (session, 1, 100, "The load generator used 93 % of its core.");
  add_run (session, 2, 200, NULL);
  return session;
}

/* What a chart draws is a run that counts, if there is one. */
static void
test_refused (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  g_autoptr (LdsMeasurement) measurement = lds_measurement_new (assessment);
  const LdsWorkload *hello = lds_workload_find ("hello", NULL);
  LdsSession *session = new_session ();
  guint n_lanes;
  const LdsLane *lanes = lds_lane_list (&n_lanes);

  g_assert_cmpuint (lds_assessment_count_refused (assessment), ==, 0);
  g_assert_null (lds_measurement_get_samples (measurement, &lanes[0], hello));
  add_run (session, 0, 10, "The load generator used 99 % of its core.");
  add_run (session, 1, 10, "The load generator used 99 % of its core.");
  lds_assessment_take_session (assessment, session);
  g_assert_cmpuint (lds_assessment_count_refused (assessment), ==, 3);
  g_assert_true (lds_measurement_get_samples (measurement, &lanes[0], hello) ==
                 ((LdsRun *)session->runs->pdata[0])->samples);
  g_assert_true (lds_measurement_get_samples (measurement, &lanes[1], hello) ==
                 ((LdsRun *)session->runs->pdata[4])->samples);
  g_assert_false (lds_measurement_is_running (measurement, &lanes[0], hello));
}

static double
get_rate (GListModel *rows,
          guint position)
{
  g_autoptr (LdsResult) result = g_list_model_get_item (rows, position);

  return lds_result_get_estimate (result, "throughput").median;
}

static void
test_figures (void)
{
  g_autoptr (LdsSession) session = new_session ();
  g_autoptr (GPtrArray) summaries = lds_session_summarize (session);
  g_autoptr (LdsResult) valid = lds_result_new (summaries->pdata[0], session->runs);
  g_autoptr (LdsResult) invalid = lds_result_new (summaries->pdata[1], session->runs);
  g_autofree char *figure = lds_result_dup_figure (valid, "p99");
  g_autofree char *interval = lds_result_dup_interval (valid, "p99");

  g_assert_true (lds_result_is_valid (valid));
  g_assert_cmpstr (figure, ==, "2.00\u00a0ms");
  /* One run has no interval. */
  g_assert_null (interval);
  g_assert_cmpstr (lds_result_get_remark (valid), ==, "1 valid run");

  /* Never hidden: the figures stay, with the reason in words. */
  g_assert_false (lds_result_is_valid (invalid));
  g_assert_cmpfloat (lds_result_get_estimate (invalid, "throughput").median, ==, 100);
  g_assert_nonnull (strstr (lds_result_get_remark (invalid), "93 % of its core"));
}

static void
test_sort (void)
{
  GtkWidget *table = g_object_ref_sink (lds_results_table_new ());
  g_autoptr (LdsSession) session = new_session ();
  g_autoptr (GPtrArray) summaries = lds_session_summarize (session);
  GListModel *rows = lds_results_table_get_rows (
      LDS_RESULTS_TABLE (table), lds_view_of (lds_workload_find ("hello", NULL)));

  g_assert_false (gtk_widget_get_visible (table));
  lds_results_table_show (LDS_RESULTS_TABLE (table), summaries, session->runs);
  g_assert_true (gtk_widget_get_visible (table));
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 3);
  /* At first as planned. */
  g_assert_cmpfloat (get_rate (rows, 0), ==, 300);
  g_assert_cmpfloat (get_rate (rows, 1), ==, 100);

  lds_results_table_sort_by (LDS_RESULTS_TABLE (table), "throughput", GTK_SORT_ASCENDING);
  g_assert_cmpfloat (get_rate (rows, 0), ==, 100);
  g_assert_cmpfloat (get_rate (rows, 1), ==, 200);
  g_assert_cmpfloat (get_rate (rows, 2), ==, 300);
  lds_results_table_sort_by (LDS_RESULTS_TABLE (table), "throughput", GTK_SORT_DESCENDING);
  g_assert_cmpfloat (get_rate (rows, 0), ==, 300);
  g_assert_cmpfloat (get_rate (rows, 2), ==, 100);

  lds_results_table_show (LDS_RESULTS_TABLE (table), NULL, NULL);
  g_assert_false (gtk_widget_get_visible (table));
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 0);
  g_object_unref (table);
}

/* What is delivered stands in a table of its own, by its own figures. */
static void
test_streams (void)
{
  GtkWidget *table = g_object_ref_sink (lds_results_table_new ());
  g_autoptr (LdsSession) session = new_session ();
  g_autoptr (GPtrArray) summaries = NULL;
  const LdsWorkload *chat = lds_workload_find ("chat", NULL);
  GListModel *requests = lds_results_table_get_rows (
      LDS_RESULTS_TABLE (table), lds_view_of (lds_workload_find ("hello", NULL)));
  GListModel *streams = lds_results_table_get_rows (LDS_RESULTS_TABLE (table), lds_view_of (chat));
  g_autoptr (LdsResult) first = NULL;
  g_autofree char *figure = NULL;

  g_ptr_array_add (session->plan->workloads, (gpointer)chat);
  for (guint i = 0; i < 2; i++)
    {
      LdsRun *run;

      add_run (session, i, 200, NULL);
      run = session->runs->pdata[session->runs->len - 1];
      run->spec.workload = chat;
      run->delivery = lds_histogram_new ();
      for (guint j = 0; j < 1000; j++)
        lds_histogram_record (run->delivery, i == 0 ? 9000000 : 4000000);
    }
  summaries = lds_session_summarize (session);
  lds_results_table_show (LDS_RESULTS_TABLE (table), summaries, session->runs);
  g_assert_cmpuint (g_list_model_get_n_items (requests), ==, 3);
  g_assert_cmpuint (g_list_model_get_n_items (streams), ==, 2);
  lds_results_table_sort_by (LDS_RESULTS_TABLE (table), "delivery_p99", GTK_SORT_ASCENDING);
  first = g_list_model_get_item (streams, 0);
  figure = lds_result_dup_figure (first, "delivery_p99");
  g_assert_cmpstr (figure, ==, "4.00\u00a0ms");
  /* The other table stays as planned. */
  g_assert_cmpfloat (get_rate (requests, 0), ==, 300);

  /* Nothing but streams: the table of requests is not there. */
  for (guint i = 0; i < 3; i++)
    g_ptr_array_remove_index (session->runs, 0);
  g_clear_pointer (&summaries, g_ptr_array_unref);
  summaries = lds_session_summarize (session);
  lds_results_table_show (LDS_RESULTS_TABLE (table), summaries, session->runs);
  g_assert_true (gtk_widget_get_visible (table));
  g_assert_cmpuint (g_list_model_get_n_items (requests), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (streams), ==, 2);
  g_object_unref (table);
}

static void
test_order (void)
{
  g_autoptr (LdsSession) session = new_session ();
  g_autoptr (GPtrArray) summaries = lds_session_summarize (session);
  g_autoptr (LdsResult) first = lds_result_new (summaries->pdata[0], session->runs);
  g_autoptr (LdsResult) second = lds_result_new (summaries->pdata[1], session->runs);

  g_assert_cmpint (lds_result_compare (first, second, "throughput"), >, 0);
  g_assert_cmpint (lds_result_compare (second, first, "throughput"), <, 0);
  g_assert_cmpint (lds_result_compare (first, first, "throughput"), ==, 0);
  /* Too few answers for it: no figure on either side. */
  g_assert_true (isnan (lds_result_get_estimate (first, "p99_9").median));
  g_assert_cmpint (lds_result_compare (first, second, "p99_9"), ==, 0);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/app/results/figures", test_figures);
  g_test_add_func ("/app/results/refused", test_refused);
  g_test_add_func ("/app/results/sort", test_sort);
  g_test_add_func ("/app/results/streams", test_streams);
  g_test_add_func ("/app/results/order", test_order);
  return g_test_run ();
}
