/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine that becomes slower, and lanes that do so by themselves. */
#include <math.h>

#include "lds-drift.h"

/* A session of two lanes whose runs cost so much, in µs a request; negative = INVALID. */
static LdsSession *
new_session (const double *costs_a,
             const double *costs_b,
             guint n)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  LdsSession *session;

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  plan->repeats = n;
  session = lds_session_new (plan);
  for (guint i = 0; i < 2 * n; i++)
    {
      LdsRunSpec spec = lds_plan_run_spec (session->plan, i);
      double cost_us =
          (spec.lane == session->plan->lanes->pdata[0] ? costs_a : costs_b)[spec.repeat];
      LdsRun *run = lds_run_new (&spec);

      run->requests = 1000000;
      run->server_cpu_s = fabs (cost_us);
      if (cost_us < 0)
        lds_run_invalidate (run, "errors", "Too many.");
      g_ptr_array_add (session->runs, run);
    }
  return session;
}

static void
check (const double *costs_a,
       const double *costs_b,
       guint n,
       double drift,
       guint n_warnings)
{
  g_autoptr (LdsSession) session = new_session (costs_a, costs_b, n);
  const LdsWorkload *workload;
  double found = lds_drift_find (session, &workload);

  if (isnan (drift))
    {
      g_assert_true (isnan (found));
      g_assert_null (workload);
    }
  else
    {
      g_assert_cmpfloat_with_epsilon (found, drift, 1e-9);
      g_assert_cmpstr (workload->id, ==, "hello");
    }
  lds_drift_warn (session);
  g_assert_cmpuint (session->warnings->len, ==, n_warnings);
  /* Once, however often a session is gone on with. */
  lds_drift_warn (session);
  g_assert_cmpuint (session->warnings->len, ==, n_warnings);
}

static void
test_common (void)
{
  const double a[] = {10, 10, 10, 12, 12}, b[] = {20, 20, 20, 24, 24};

  check (a, b, 5, 1.2, 1);
}

/* What one lane does by itself is its own affair. */
static void
test_own (void)
{
  const double a[] = {10, 10, 10, 11, 11}, b[] = {20, 20, 20, 20, 20};
  const double up[] = {10, 10, 10, 12, 12}, down[] = {24, 24, 24, 20, 20};

  check (a, b, 5, sqrt (1.1), 0);
  check (up, down, 5, 1, 0);
}

/* INVALID runs count for nothing, and without five whole rounds nothing is said. */
static void
test_few (void)
{
  const double a[] = {10, 10, 10, 10, 10, -30}, b[] = {20, 20, 20, 20, 20, 60};
  const double four[] = {10, -10, 12, 12, 12};

  check (a, b, 6, 1, 0);
  check (four, b, 5, NAN, 0);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/drift/common", test_common);
  g_test_add_func ("/bench/drift/own", test_own);
  g_test_add_func ("/bench/drift/few", test_few);
  return g_test_run ();
}
