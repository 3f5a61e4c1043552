/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From answers to a plan. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-proposal.h"

#include <stdlib.h>
#include <string.h>

#include "lds-yardstick.h"

/* Far below what any lane can do, so that all are compared at one rate that none misses. */
#define EQUAL_RATE_HZ     2000.0
#define EQUAL_CONNECTIONS 64
/* A computation takes about 50 ms: more connections only queue. */
#define COMPUTE_CONNECTIONS 8
/* From this share on, requests compute. Source: DOMAIN, Q-002-13: "below a fifth". */
#define MIN_CPU_SHARE_PERCENT 20

/* Still more than the 40 threads of the threads' lane, so that their limit shows. */
#define QUICK_CONNECTIONS 50

static const struct
{
  const char *answer;
  guint stands_for;
  guint connections;
} scales[] = {
    {"lt100", 100, 50},
    {"100-1k", 1000, 64},
    {"1k-10k", 10000, 64},
    {"10k-50k", 50000, 100},
    {"gt50k", 100000, 100},
};

static gboolean
is_answer (LdsAnswers *answers,
           const char *question,
           const char *value)
{
  return g_strcmp0 (lds_answers_get (answers, question), value) == 0;
}

static gboolean
has_computing (LdsAnswers *answers)
{
  const char *share = lds_answers_get (answers, "cpu");

  return is_answer (answers, "mix", "balanced") || is_answer (answers, "mix", "plain") ||
         is_answer (answers, "plaincpu", "per-request") ||
         is_answer (answers, "plaincpu", "occasional") ||
         (share != NULL && g_ascii_strtod (share, NULL) >= MIN_CPU_SHARE_PERCENT);
}

static void
add_workload (LdsPlan *plan,
              const char *id,
              guint connections,
              double rate_hz)
{
  const LdsWorkload *workload = lds_workload_find (id, NULL);

  g_ptr_array_add (plan->workloads, (gpointer)workload);
  lds_plan_set_load (plan, workload, connections, rate_hz);
}

static void
add_lane (LdsPlan *plan,
          const char *model)
{
  const LdsLane *lane = lds_lane_find (model, NULL);

  if (lane != NULL && !g_ptr_array_find (plan->lanes, lane, NULL))
    g_ptr_array_add (plan->lanes, (gpointer)lane);
}

static gboolean
has_lane (const LdsPlan *plan,
          const char *model)
{
  return g_ptr_array_find (plan->lanes, lds_lane_find (model, NULL), NULL);
}

/* Evidence compares two lanes that stand for the runtimes in these answers: at least one such pair is
 * measured. The last one listed has the fewest processes, which all share this machine. */
static void
add_stand_ins (LdsPlan *plan,
               LdsAnswers *answers)
{
  g_autoptr (GArray) comparisons = lds_comparison_list (answers);
  const LdsComparison *last = NULL;

  for (guint i = 0; i < comparisons->len; i++)
    {
      last = &g_array_index (comparisons, LdsComparison, i);
      if (has_lane (plan, last->node) && has_lane (plan, last->python))
        return;
    }
  if (last == NULL)
    return;
  add_lane (plan, last->node);
  add_lane (plan, last->python);
}

LdsPlan *
lds_proposal_new_plan (LdsAnswers *answers,
                       gboolean quick,
                       double *scale)
{
  LdsPlan *plan = lds_plan_new ();
  const char *target = lds_answers_get (answers, "lat");
  guint n_lanes, chosen = 0;
  gboolean computes;
  const LdsLane *lanes = lds_lane_list (&n_lanes);

  for (guint i = 0; i < n_lanes; i++)
    if (lanes[i].proposed)
      g_ptr_array_add (plan->lanes, (gpointer)&lanes[i]);
  add_stand_ins (plan, answers);
  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    if (is_answer (answers, "conns", scales[i].answer))
      chosen = i;
  plan->connections = scales[chosen].connections;
  if (quick)
    plan->connections = MIN (plan->connections, QUICK_CONNECTIONS);
  if (scale != NULL)
    *scale = (double)scales[chosen].stands_for / plan->connections;
  computes = has_computing (answers);
  /* A verdict rests on repeats, not on many workloads: a quick plan drops workloads first. */
  if (!quick || !computes)
    add_workload (plan, "hello", EQUAL_CONNECTIONS, EQUAL_RATE_HZ);
  if (!quick)
    add_workload (plan, "json", EQUAL_CONNECTIONS, EQUAL_RATE_HZ);
  add_workload (plan, "slow", plan->connections, 0);
  if (computes)
    add_workload (plan, "compute", COMPUTE_CONNECTIONS, 0);

  /* Source: Gunicorn documentation, "Design", How Many Workers: (2 x num_cores) + 1. */
  plan->workers = MIN (2 * g_get_num_processors () + 1, 64);
  if (target != NULL)
    plan->slo_p99_ms = g_ascii_strtod (target, NULL); /* 0 for "none" and "unknown" */
  plan->duration_ms = quick ? 800 : 3000;
  plan->warm_up_ms = quick ? 200 : 1000;
  return plan;
}

LdsEvidence
lds_proposal_evidence (const LdsSession *session)
{
  g_autoptr (GPtrArray) summaries = lds_session_summarize (session);
  gboolean any = FALSE;

  for (guint i = 0; i < summaries->len; i++)
    {
      const LdsSummary *summary = summaries->pdata[i];

      /* What architecture a server of the user's own has, nobody knows. */
      if (summary->lane->provenance == LDS_PROVENANCE_URL)
        continue;
      if (summary->n_valid < LDS_SESSION_MIN_RUNS)
        return LDS_EVIDENCE_NONE;
      any = TRUE;
    }
  return any ? LDS_EVIDENCE_MODEL : LDS_EVIDENCE_NONE;
}
