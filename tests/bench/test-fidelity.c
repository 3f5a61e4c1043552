/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How true a twin is, from runs that never were. */
#include <math.h>
#include <string.h>

#include "lds-fidelity.h"

static const LdsLane *
find (const char *id)
{
  g_autoptr (GError) error = NULL;
  const LdsLane *lane = lds_lane_find (id, &error);

  g_assert_no_error (error);
  return lane;
}

/* Fills in all runs of @plan: the real lane answers @real_hz, the twin as much by @factor; so are times. */
static LdsSession *
fill (const LdsPlan *plan,
      double real_hz,
      double factor)
{
  LdsSession *session = lds_session_new (plan);

  for (guint i = 0; i < lds_plan_n_runs (session->plan); i++)
    {
      LdsRunSpec spec = lds_plan_run_spec (session->plan, i);
      LdsRun *run = lds_run_new (&spec);
      gboolean is_twin = spec.lane->provenance == LDS_PROVENANCE_TWIN;
      /* A machine that becomes slower from repeat to repeat, which is no error of a twin. */
      double hz = real_hz * (is_twin ? factor : 1) * pow (0.9, spec.repeat);

      run->achieved_rate_hz = hz;
      run->requests = 1000;
      run->duration_s = 1;
      run->response = lds_histogram_new ();
      for (guint n = 0; n < 1000; n++)
        lds_histogram_record (run->response, (gint64)(1e9 / hz));
      g_ptr_array_add (session->runs, run);
    }
  session->complete = TRUE;
  return session;
}

static void
test_plans (void)
{
  const LdsLane *real = find ("real:node-http"), *twin = find ("twin:node-http");
  g_autoptr (LdsPlan) plan = lds_fidelity_new_plan (real, twin, FALSE), half = NULL;
  g_autoptr (LdsPlan) quick = lds_fidelity_new_plan (real, twin, TRUE);
  g_autoptr (LdsSession) session = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (lds_plan_validate (plan, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (quick->workloads->len, <, plan->workloads->len);
  g_assert_cmpuint (quick->workloads->len, >=, 2);
  g_assert_cmpint (lds_plan_estimate_ms (quick), <, 25000);
  for (guint i = 0; i < plan->workloads->len; i++)
    {
      const LdsWorkload *workload = plan->workloads->pdata[i];

      /* node:http has no WebSocket. */
      g_assert_cmpint (workload->kind, ==, LDS_WORKLOAD_REQUESTS);
      g_assert_cmpfloat (lds_plan_get_load (plan, workload).rate_hz, ==, 0);
    }
  session = fill (plan, 1000, 0.8);
  half = lds_fidelity_new_half_plan (session);
  for (guint i = 0; i < half->workloads->len; i++)
    {
      LdsPlanLoad load = lds_plan_get_load (half, half->workloads->pdata[i]);

      /* Half of the twin's median, which is the lower one. */
      g_assert_cmpfloat (load.rate_hz, ==, ceil (1000 * 0.8 * 0.9 * 0.9 / 2));
      g_assert_cmpuint (load.connections, ==,
                        lds_plan_get_load (plan, half->workloads->pdata[i]).connections);
    }
}

static void
test_errors (void)
{
  g_autoptr (LdsPlan) plan =
      lds_fidelity_new_plan (find ("real:node-http"), find ("twin:node-http"), TRUE);
  g_autoptr (LdsSession) closed = fill (plan, 1000, 0.8), half = NULL;
  g_autoptr (LdsPlan) half_plan = lds_fidelity_new_half_plan (closed);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (LdsFidelityRow));
  const LdsFidelityRow *row;
  LdsFidelitySummary summary;

  half = fill (half_plan, 500, 1.25);
  lds_run_invalidate (half->runs->pdata[0], "errors", "Too many.");
  lds_fidelity_add_rows (rows, closed, half);
  g_assert_cmpuint (rows->len, ==, plan->workloads->len);
  row = &g_array_index (rows, LdsFidelityRow, 0);
  g_assert_cmpuint (row->n_invalid, ==, 1);
  g_assert_cmpuint (row->values[LDS_FIDELITY_THROUGHPUT].n, ==, 3);
  g_assert_cmpuint (row->values[LDS_FIDELITY_P50].n, ==, 2); /* its partner says nothing alone */
  g_assert_cmpfloat_with_epsilon (row->values[LDS_FIDELITY_THROUGHPUT].ratio.ratio, 0.8, 1e-9);
  g_assert_cmpfloat_with_epsilon (row->values[LDS_FIDELITY_P50].ratio.ratio, 0.8, 0.01);
  g_assert_cmpuint (row->values[LDS_FIDELITY_RSS].n, ==, 0);
  summary = lds_fidelity_summarize (rows);
  g_assert_cmpuint (summary.n_rows, ==, plan->workloads->len);
  g_assert_cmpfloat_with_epsilon (summary.median[LDS_FIDELITY_THROUGHPUT], 0.2, 1e-9);
  g_assert_true (isnan (summary.worst[LDS_FIDELITY_START_UP]));
  g_assert_false (lds_fidelity_keeps_marks (&summary));
}

/* Three runtimes, of which two are all but equal: an order is right, wrong, or none. */
static void
test_order (void)
{
  static const struct
  {
    double python_hz;
    double python_factor;
    guint n_ordered;
    guint n_right;
  } worlds[] = {
      {500, 1, 1, 1},
      {500, 2.5, 1, 0}, /* the twins stand the other way round */
      {950, 1.5, 0, 0},
  };

  for (guint i = 0; i < G_N_ELEMENTS (worlds); i++)
    {
      g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (LdsFidelityRow));
      g_autoptr (LdsPlan) node =
          lds_fidelity_new_plan (find ("real:node-http"), find ("twin:node-http"), TRUE);
      g_autoptr (LdsPlan) python =
          lds_fidelity_new_plan (find ("real:python-asyncio"), find ("twin:python-uvicorn"), TRUE);
      g_autoptr (LdsSession) one = fill (node, 1000, 1);
      g_autoptr (LdsSession) other = fill (python, worlds[i].python_hz, worlds[i].python_factor);
      LdsFidelitySummary summary;

      lds_fidelity_add_rows (rows, one, NULL);
      lds_fidelity_add_rows (rows, other, NULL);
      summary = lds_fidelity_summarize (rows);
      g_assert_cmpuint (summary.n_ordered, ==, worlds[i].n_ordered * node->workloads->len);
      g_assert_cmpuint (summary.n_ordered_right, ==, worlds[i].n_right * node->workloads->len);
    }
}

/* What is measured without a valid run says nothing, and is no praise. */
static void
test_nothing (void)
{
  g_autoptr (LdsPlan) plan =
      lds_fidelity_new_plan (find ("real:node-http"), find ("twin:node-http"), TRUE);
  g_autoptr (LdsSession) closed = fill (plan, 1000, 1);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (LdsFidelityRow));
  LdsFidelitySummary summary;

  for (guint i = 0; i < closed->runs->len; i++)
    lds_run_invalidate (closed->runs->pdata[i], "errors", "Too many.");
  g_assert_null (lds_fidelity_new_half_plan (closed));
  lds_fidelity_add_rows (rows, closed, NULL);
  summary = lds_fidelity_summarize (rows);
  g_assert_cmpuint (summary.n_rows, ==, 0);
  g_assert_false (lds_fidelity_keeps_marks (&summary));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/fidelity/plans", test_plans);
  g_test_add_func ("/bench/fidelity/errors", test_errors);
  g_test_add_func ("/bench/fidelity/order", test_order);
  g_test_add_func ("/bench/fidelity/nothing", test_nothing);
  return g_test_run ();
}
