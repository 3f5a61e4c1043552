/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The charts of the measuring page: what they show of requests, and what of streams. */
#include <adwaita.h>
#include <math.h>

#include "lds-chart-view.h"
#include "lds-clock.h"
#include "lds-measure-page.h"
#include "lds-view.h"

#define WAVE_NS (LDS_NS_PER_S / 5)

/* A run of 2 s. Every second sample has a tick to 100 members in it: 2000 a second, 1000 on average. */
static LdsRun *
new_run (const LdsPlan *plan)
{
  LdsRunSpec spec = lds_plan_run_spec (plan, 0);
  LdsRun *run = lds_run_new (&spec);
  gboolean is_stream = spec.workload->stream != NULL;

  for (guint i = 0; i < 20; i++)
    {
      gboolean has_tick = is_stream && i % 2 == 1;
      LdsSample sample = {.t_ns = i * LDS_NS_PER_S / 10,
                          .phase = LDS_PHASE_MEASURE,
                          .rate_hz = is_stream ? 7 : 300,
                          .p50_ns = is_stream ? NAN : 1e6,
                          .p99_ns = is_stream ? NAN : 2e6,
                          .pss_bytes = 1 << 20,
                          .server_cpu_cores = 0.5,
                          .deliveries_hz = is_stream ? (has_tick ? 2000 : 0) : NAN,
                          .delivery_p50_ns = has_tick ? 3e6 : NAN,
                          .delivery_p99_ns = has_tick ? 4e6 : NAN};

      g_array_append_val (run->samples, sample);
    }
  run->started_at_us = G_GINT64_CONSTANT (1795000000000000);
  return run;
}

/* (transfer full): one run of one lane */
static LdsSession *
new_session (const char *workload)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  LdsSession *session;

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find (workload, NULL));
  plan->repeats = 1;
  plan->duration_ms = 2000;
  session = lds_session_new (plan);
  g_ptr_array_add (session->runs, new_run (session->plan));
  session->complete = TRUE;
  return session;
}

static void
collect_charts (GtkWidget *widget,
                GPtrArray *views)
{
  if (LDS_IS_CHART_VIEW (widget))
    g_ptr_array_add (views, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect_charts (child, views);
}

/* The lines with figures, which are those of the lane that was measured. */
static GPtrArray *
list_lines (LdsChartView *view)
{
  GPtrArray *all = lds_chart_get_series (lds_chart_view_get_chart (view));
  GPtrArray *lines = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    if (lds_series_has_figures (all->pdata[i]))
      g_ptr_array_add (lines, all->pdata[i]);
  return lines;
}

static void
assert_line (const LdsSeries *line,
             guint n_points,
             double value)
{
  g_assert_cmpuint (line->y->len, ==, n_points);
  /* The first points have no whole wave behind them. */
  for (guint i = 4; i < n_points; i++)
    g_assert_cmpfloat_with_epsilon (g_array_index (line->y, double, i), value, value * 1e-9);
}

/* What each chart is called and draws once @workload was measured. */
static void
check_charts (LdsAssessment *assessment,
              GPtrArray *charts,
              const char *workload)
{
  const LdsView *view = lds_view_of (lds_workload_find (workload, NULL));
  gboolean is_stream = lds_workload_find (workload, NULL)->stream != NULL;

  lds_assessment_take_session (assessment, new_session (workload));
  for (guint i = 0; i < LDS_VIEW_N_CHARTS; i++)
    {
      g_autoptr (GPtrArray) lines = list_lines (charts->pdata[i]);

      gtk_test_accessible_assert_property (charts->pdata[i], GTK_ACCESSIBLE_PROPERTY_LABEL,
                                           view->charts[i].title);
      g_assert_cmpuint (lines->len, ==, view->charts[i].companion != NULL ? 2 : 1);
      if (i == 0)
        assert_line (lines->pdata[0], 20, is_stream ? 1000 : 300);
      if (i != 1)
        continue;
      /* Between two ticks there is no gap in a line, but the way to the next point. */
      assert_line (lines->pdata[0], is_stream ? 10 : 20, is_stream ? 4e6 : 2e6);
      assert_line (lines->pdata[1], is_stream ? 10 : 20, is_stream ? 3e6 : 1e6);
      g_assert_true (g_str_has_suffix (((LdsSeries *)lines->pdata[1])->label, ", p50"));
      g_assert_cmpuint (((LdsSeries *)lines->pdata[0])->variant, ==,
                        ((LdsSeries *)lines->pdata[1])->variant);
    }
}

static void
test_views (void)
{
  g_autoptr (LdsAssessment) assessment = lds_assessment_new ();
  GtkWidget *page = g_object_ref_sink (g_object_new (LDS_TYPE_MEASURE_PAGE, NULL));
  g_autoptr (GPtrArray) charts = g_ptr_array_new ();

  g_assert_cmpint (lds_workload_find ("live?hz=5", NULL)->wave_ns, ==, WAVE_NS);
  collect_charts (page, charts);
  g_assert_cmpuint (charts->len, ==, LDS_VIEW_N_CHARTS);
  lds_measure_page_set_assessment (LDS_MEASURE_PAGE (page), assessment);
  check_charts (assessment, charts, "hello");
  check_charts (assessment, charts, "live?hz=5");
  check_charts (assessment, charts, "hello");
  g_object_unref (page);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/app/charts/views", test_views);
  return g_test_run ();
}
