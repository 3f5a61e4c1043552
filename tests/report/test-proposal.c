/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From answers to a plan, and from a session to what it is worth. */
#include "lds-proposal.h"

static LdsAnswers *
new_answers (const char *question,
             const char *value)
{
  LdsAnswers *answers = lds_answers_new (lds_rule_pack_get_default ());
  g_autoptr (GError) error = NULL;

  if (question != NULL)
    lds_answers_set (answers, question, value, &error);
  g_assert_no_error (error);
  return answers;
}

static gboolean
has_workload (const LdsPlan *plan,
              const char *id)
{
  return g_ptr_array_find (plan->workloads, lds_workload_find (id, NULL), NULL);
}

static void
check_computing (const char *question,
                 const char *value,
                 gboolean expected)
{
  g_autoptr (LdsAnswers) answers = new_answers (question, value);
  g_autoptr (LdsPlan) plan = lds_proposal_new_plan (answers, FALSE, NULL);
  g_autoptr (GError) error = NULL;

  lds_plan_validate (plan, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plan->lanes->len, ==, 4);
  g_assert_true (has_workload (plan, "hello") && has_workload (plan, "json") && has_workload (plan, "slow"));
  g_assert_cmpint (has_workload (plan, "compute"), ==, expected);
  g_assert_cmpuint (plan->repeats, >=, LDS_SESSION_MIN_RUNS);
}

static void
test_workloads (void)
{
  check_computing (NULL, NULL, FALSE);
  check_computing ("mix", "io", FALSE);
  check_computing ("mix", "balanced", TRUE);
  check_computing ("mix", "plain", TRUE);
  check_computing ("mix", "unknown", FALSE);
  check_computing ("plaincpu", "per-request", TRUE);
  check_computing ("cpu", "19", FALSE);
  check_computing ("cpu", "20", TRUE);
}

static void
test_scale (void)
{
  g_autoptr (LdsAnswers) answers = new_answers ("conns", "10k-50k");
  g_autoptr (LdsPlan) plan = NULL;
  double scale;

  lds_answers_set (answers, "lat", "100", NULL);
  plan = lds_proposal_new_plan (answers, FALSE, &scale);
  g_assert_cmpfloat (scale * plan->connections, ==, 50000);
  g_assert_cmpuint (lds_plan_get_load (plan, lds_workload_find ("slow", NULL)).connections, ==,
                    plan->connections);
  /* One rate for all lanes, below what any of them can do. */
  g_assert_cmpfloat (lds_plan_get_load (plan, lds_workload_find ("json", NULL)).rate_hz, >, 0);
  g_assert_cmpfloat (plan->slo_p99_ms, ==, 100);
  lds_answers_set (answers, "lat", "unknown", NULL);
  g_clear_pointer (&plan, lds_plan_free);
  plan = lds_proposal_new_plan (answers, FALSE, NULL);
  g_assert_cmpfloat (plan->slo_p99_ms, ==, 0);
}

/* The plan of a minute fits into one, and still has the runs that a verdict needs. */
static void
check_quick (const char *question,
             const char *value,
             const char *workload)
{
  g_autoptr (LdsAnswers) answers = new_answers (question, value);
  g_autoptr (LdsPlan) plan = lds_proposal_new_plan (answers, TRUE, NULL);
  g_autoptr (LdsPlan) full = lds_proposal_new_plan (answers, FALSE, NULL);

  g_assert_cmpint (lds_plan_estimate_ms (plan), <, 60000);
  g_assert_cmpuint (plan->repeats, >=, LDS_SESSION_MIN_RUNS);
  g_assert_true (has_workload (plan, "slow") && has_workload (plan, workload));
  g_assert_cmpint (lds_plan_estimate_ms (full), <, 360000);
}

static void
test_quick (void)
{
  check_quick (NULL, NULL, "hello");
  check_quick ("conns", "gt50k", "hello");
  check_quick ("mix", "plain", "compute");
}

static void
test_evidence (void)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  g_autoptr (LdsSession) session = NULL;

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  session = lds_session_new (plan);
  for (guint i = 0; i < 5; i++)
    {
      LdsRunSpec spec = lds_plan_run_spec (plan, i);

      g_assert_cmpint (lds_proposal_evidence (session), ==, LDS_EVIDENCE_NONE);
      g_ptr_array_add (session->runs, lds_run_new (&spec));
    }
  g_assert_cmpint (lds_proposal_evidence (session), ==, LDS_EVIDENCE_MODEL);
  lds_run_invalidate (session->runs->pdata[2], "server-died", "It died.");
  g_assert_cmpint (lds_proposal_evidence (session), ==, LDS_EVIDENCE_NONE);
}

/* Nobody knows what architecture a server of the user's own has. */
static void
test_evidence_own (void)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  g_autoptr (LdsSession) alone = NULL, beside = NULL;

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("url:http://127.0.0.1:8080", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  alone = lds_session_new (plan);
  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  beside = lds_session_new (plan);
  for (guint i = 0; i < 5; i++)
    {
      LdsRunSpec own = lds_plan_run_spec (alone->plan, i), model;

      for (guint j = 0; j < 2; j++)
        {
          model = lds_plan_run_spec (beside->plan, 2 * i + j);
          if (model.lane->address == NULL)
            g_ptr_array_add (beside->runs, lds_run_new (&model));
        }
      g_ptr_array_add (alone->runs, lds_run_new (&own));
    }
  g_assert_cmpint (lds_proposal_evidence (alone), ==, LDS_EVIDENCE_NONE);
  g_assert_cmpint (lds_proposal_evidence (beside), ==, LDS_EVIDENCE_MODEL);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/proposal/workloads", test_workloads);
  g_test_add_func ("/report/proposal/scale", test_scale);
  g_test_add_func ("/report/proposal/quick", test_quick);
  g_test_add_func ("/report/proposal/evidence", test_evidence);
  g_test_add_func ("/report/proposal/evidence-own", test_evidence_own);
  return g_test_run ();
}
