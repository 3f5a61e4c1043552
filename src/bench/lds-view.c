/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people see of a workload first. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-view.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const LdsHistogram *
get_response_of_run (const LdsRun *run)
{
  return run->response;
}

static const LdsHistogram *
get_response_of_summary (const LdsSummary *summary)
{
  return summary->response;
}

static const LdsHistogram *
get_delivery_of_run (const LdsRun *run)
{
  return run->delivery;
}

static const LdsHistogram *
get_delivery_of_summary (const LdsSummary *summary)
{
  return summary->delivery;
}

enum
{
  REQUESTS,
  STREAMS,
  N_VIEWS
};

static const LdsView views[N_VIEWS] = {
    [REQUESTS] = {
        .columns = {"throughput", "p50", "p99", "cpu_per_request", "pss"},
        .p99_9 = "p99_9",
        .charts = {
            {N_ ("Throughput"), "throughput"},
            {N_ ("Response time: p99, and p50 finer"), "p99", "p50", N_ ("p99"), N_ ("p50")},
            {N_ ("Memory of all server processes, PSS"), "pss"},
            {N_ ("Server CPU"), "server_cpu"},
        },
        .spectrum_title = N_ ("Response time by percentile"),
        .spectrum_x_title = N_ ("Share of requests answered at least this fast"),
        .of_run = get_response_of_run,
        .of_summary = get_response_of_summary,
    },
    [STREAMS] = {
        .columns = {"deliveries", "delivery_p50", "delivery_p99", "reach", "pss"},
        .p99_9 = "delivery_p99_9",
        .charts = {
            {N_ ("Deliveries to members"), "deliveries"},
            {N_ ("Delivery time: p99, and p50 finer"), "delivery_p99", "delivery_p50", N_ ("p99"), N_ ("p50")},
            {N_ ("Memory of all server processes, PSS"), "pss"},
            {N_ ("Server CPU"), "server_cpu"},
        },
        .spectrum_title = N_ ("Delivery time by percentile"),
        .spectrum_x_title = N_ ("Share of deliveries made at least this fast"),
        .of_run = get_delivery_of_run,
        .of_summary = get_delivery_of_summary,
    },
};

const LdsView *
lds_view_list (guint *n_views)
{
  g_return_val_if_fail (n_views != NULL, NULL);

  *n_views = G_N_ELEMENTS (views);
  return views;
}

const LdsView *
lds_view_of (const LdsWorkload *workload)
{
  g_return_val_if_fail (workload != NULL, &views[REQUESTS]);

  return &views[workload->stream != NULL ? STREAMS : REQUESTS];
}

gint64
lds_view_get_point_ns (const LdsWorkload *workload,
                       gint64 duration_ns)
{
  gint64 wave_ns;

  g_return_val_if_fail (workload != NULL && duration_ns > 0, 0);

  wave_ns = MIN (workload->wave_ns, duration_ns);
  return MAX (wave_ns, MIN (2 * wave_ns, duration_ns / 5));
}

gboolean
lds_view_has_column (const LdsView *view,
                     const char *metric)
{
  g_return_val_if_fail (view != NULL && metric != NULL, FALSE);

  for (guint i = 0; i < LDS_VIEW_N_COLUMNS; i++)
    if (strcmp (view->columns[i], metric) == 0)
      return TRUE;
  return FALSE;
}

const LdsMetric *
lds_view_get_metric (const LdsView *view,
                     guint column)
{
  g_return_val_if_fail (view != NULL && column < LDS_VIEW_N_COLUMNS, NULL);

  return lds_metric_find (view->columns[column]);
}
