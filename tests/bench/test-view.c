/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people see of a workload: every figure there is, and the same axes whatever is shown. */
#include <math.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-view.h"

static void
test_of_workloads (void)
{
  guint n_workloads, n_views;
  const LdsWorkload *workloads = lds_workload_list (&n_workloads);
  const LdsView *views = lds_view_list (&n_views);

  g_assert_cmpuint (n_views, ==, 2);
  for (guint i = 0; i < n_workloads; i++)
    g_assert_true (lds_view_of (&workloads[i]) ==
                   &views[workloads[i].kind != LDS_WORKLOAD_REQUESTS]);
  g_assert_cmpstr (lds_view_of (lds_workload_find ("slow?ms=50", NULL))->columns[LDS_VIEW_P99], ==, "p99");
  g_assert_cmpstr (lds_view_of (lds_workload_find ("live?hz=5", NULL))->columns[LDS_VIEW_P99], ==, "delivery_p99");
}

/* A table has a figure of each run, a chart one of each sample, in the units that their places promise. */
static void
test_metrics (void)
{
  static const LdsUnit units[] = {LDS_UNIT_RATE_HZ, LDS_UNIT_DURATION_NS, LDS_UNIT_DURATION_NS};
  guint n_views;
  const LdsView *views = lds_view_list (&n_views);

  for (guint v = 0; v < n_views; v++)
    {
      for (guint i = 0; i < LDS_VIEW_N_COLUMNS; i++)
        {
          const LdsMetric *metric = lds_view_get_metric (&views[v], i);

          g_assert_nonnull (metric);
          g_assert_nonnull (metric->of_run);
          if (i == LDS_VIEW_RATE)
            g_assert_nonnull (metric->of_sample);
          if (i < G_N_ELEMENTS (units))
            g_assert_cmpint (metric->unit, ==, units[i]);
        }
      g_assert_nonnull (lds_metric_find (views[v].p99_9)->of_run);
      for (guint i = 0; i < LDS_VIEW_N_CHARTS; i++)
        {
          const LdsViewChart *chart = &views[v].charts[i], *first = &views[0].charts[i];
          const LdsMetric *metric = lds_metric_find (chart->metric);

          g_assert_nonnull (metric->of_sample);
          g_assert_cmpint (metric->unit, ==, lds_metric_find (first->metric)->unit);
          g_assert_cmpint (metric->log_axis, ==, lds_metric_find (first->metric)->log_axis);
          g_assert_true ((chart->companion == NULL) == (first->companion == NULL));
          g_assert_true ((chart->companion == NULL) == (chart->name == NULL));
          g_assert_true ((chart->companion == NULL) == (chart->companion_name == NULL));
          if (chart->companion == NULL)
            continue;
          g_assert_nonnull (lds_metric_find (chart->companion)->of_sample);
          g_assert_cmpint (lds_metric_find (chart->companion)->unit, ==, metric->unit);
        }
    }
}

/* Nothing of requests is shown of a stream, and the other way round; but for what a server uses. */
static void
test_apart (void)
{
  LdsRunSpec spec = {.lane = lds_lane_find ("event-loop", NULL), .workload = lds_workload_find ("chat", NULL)};
  g_autoptr (LdsRun) run = lds_run_new (&spec);
  const LdsView *stream = lds_view_of (spec.workload);
  const LdsView *requests = lds_view_of (lds_workload_find ("hello", NULL));

  run->response = lds_histogram_new ();
  run->delivery = lds_histogram_new ();
  for (guint i = 0; i < 1000; i++)
    {
      lds_histogram_record (run->response, 1000000);
      lds_histogram_record (run->delivery, 5000000);
    }
  g_assert_true (stream->of_run (run) == run->delivery);
  g_assert_true (requests->of_run (run) == run->response);
  g_assert_cmpfloat_with_epsilon (lds_view_get_metric (stream, LDS_VIEW_P50)->of_run (run), 5e6,
                                  5e3);
  g_assert_cmpfloat_with_epsilon (lds_view_get_metric (stream, LDS_VIEW_P99)->of_run (run), 5e6,
                                  5e3);
  g_assert_cmpfloat_with_epsilon (lds_view_get_metric (requests, LDS_VIEW_P99)->of_run (run), 1e6,
                                  1e3);
  for (guint i = 0; i < LDS_VIEW_MEMORY; i++)
    g_assert_cmpstr (stream->columns[i], !=, requests->columns[i]);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpstr (stream->charts[i].metric, !=, requests->charts[i].metric);
}

/* A point holds whole waves, and there are several of them where there is time. */
static void
test_points (void)
{
  const LdsWorkload *live = lds_workload_find ("live", NULL), *slow = lds_workload_find ("slow", NULL);
  const gint64 s = LDS_NS_PER_S;

  g_assert_cmpint (lds_view_get_point_ns (lds_workload_find ("hello", NULL), 5 * s), ==, 0);
  g_assert_cmpint (lds_view_get_point_ns (lds_workload_find ("chat", NULL), 5 * s), ==, 0);
  g_assert_cmpint (lds_view_get_point_ns (slow, 5 * s), ==, 2 * s / 5);
  g_assert_cmpint (lds_view_get_point_ns (live, 10 * s), ==, 2 * s);
  g_assert_cmpint (lds_view_get_point_ns (live, 7 * s), ==, 7 * s / 5);
  g_assert_cmpint (lds_view_get_point_ns (live, 3 * s), ==, s);
  g_assert_cmpint (lds_view_get_point_ns (live, s / 2), ==, s / 2);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/view/of-workloads", test_of_workloads);
  g_test_add_func ("/bench/view/metrics", test_metrics);
  g_test_add_func ("/bench/view/apart", test_apart);
  g_test_add_func ("/bench/view/points", test_points);
  return g_test_run ();
}
