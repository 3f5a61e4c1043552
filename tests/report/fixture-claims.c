/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims as if some of them had been tested here. */
#include "fixture.h"

#include <string.h>

/* Node.js starts in twice the time, so that C-002-15 is refuted; at 1.5 times as much as Python C-000-1 is confirmed.
 * C-001-10 and others are left for who reads the report. */
static const char *const tested[] = {"C-000-1", "C-000-7", "C-001-5", "C-002-6", "C-002-15", "C-003-14"};

static gboolean
is_made_up (const LdsLane *lane,
            GError **error)
{
  return lane->provenance == LDS_PROVENANCE_MODEL || strcmp (lane->id, "real:node-http") == 0 ||
         strcmp (lane->id, "real:python-asyncio") == 0;
}

typedef struct
{
  GPtrArray *plans;
  double times;
} MadeUp;

static LdsRun *
new_run (const LdsPlan *plan,
         guint index,
         double times)
{
  LdsRunSpec spec = lds_plan_run_spec (plan, index);
  LdsRun *run = lds_run_new (&spec);
  gboolean is_node = strcmp (spec.lane->id, "real:node-http") == 0;

  run->engine = g_strdup ("io_uring");
  run->response = lds_histogram_new ();
  lds_histogram_record (run->response, 5000000);
  run->loop_lag = lds_histogram_new ();
  lds_histogram_record (run->loop_lag, 40000000 + (gint64)spec.repeat * 100000);
  run->duration_s = 5;
  run->requests = 100000;
  run->achieved_rate_hz = (is_node ? times : 1) * 20000 * (1 + 0.004 * spec.repeat);
  run->server_cpu_s = 5;
  run->start_up_ms = (is_node ? 140 : 70) + spec.repeat;
  run->started_at_us = FIXTURE_CREATED_AT_US - G_TIME_SPAN_DAY + (gint64)index * G_USEC_PER_SEC;
  return run;
}

static LdsSession *
new_session (const LdsPlan *plan,
             double times)
{
  LdsSession *session = lds_session_new (plan);
  JsonArray *runtimes = json_array_new ();

  for (guint i = 0; i < lds_plan_n_runs (plan); i++)
    g_ptr_array_add (session->runs, new_run (plan, i, times));
  json_array_add_string_element (runtimes, "node-http 20.20.2");
  json_array_add_string_element (runtimes, "python-asyncio 3.11.7");
  json_object_set_array_member (session->environment, "runtimes", runtimes);
  json_object_set_string_member (session->environment, "commit", "another one");
  session->complete = TRUE;
  return session;
}

/* Each is asked for once. */
static LdsSession *
load_cb (gint64 id,
         gpointer user_data)
{
  const MadeUp *made_up = user_data;

  return new_session (made_up->plans->pdata[id - 1], made_up->times);
}

LdsClaimEvidence *
fixture_claims (double times)
{
  g_autoptr (GPtrArray) claims = g_ptr_array_new ();
  g_autoptr (GPtrArray) sessions =
      g_ptr_array_new_with_free_func ((GDestroyNotify)lds_claim_session_free);
  g_autoptr (JsonObject) environment = json_object_new ();
  g_autoptr (LdsClaimPlan) plan = NULL;
  MadeUp made_up;

  for (guint i = 0; i < G_N_ELEMENTS (tested); i++)
    g_ptr_array_add (claims, (gpointer)lds_claim_find (tested[i], NULL));
  plan = lds_claim_plan_new (claims, is_made_up, FALSE);
  json_object_set_string_member (environment, "commit", "this one");
  for (guint i = 0; i < plan->plans->len; i++)
    g_ptr_array_add (sessions,
                     lds_claim_session_new (i + 1, FIXTURE_CREATED_AT_US - G_TIME_SPAN_DAY,
                                            new_session (plan->plans->pdata[i], times)));
  made_up = (MadeUp){plan->plans, times};
  return lds_claim_evidence_new (lds_claim_list (), sessions, environment, load_cb, &made_up);
}
