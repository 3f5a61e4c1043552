/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From answers to a plan. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-proposal-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "lds-measures.h"
#include "lds-search.h"

/* Of the runs together, with room below what is promised: a minute, and six. */
#define QUICK_BUDGET_MS    53500
#define STANDARD_BUDGET_MS 320000

/* Opening more takes longer than a quick run lasts. */
#define QUICK_CONNECTIONS 1000

/* What a comparison is kept to as long as there is time for it. */
#define MIN_WORKLOADS 2
#define MIN_LANES     3

/* Of a search for knees, each of which is some 30 runs. */
#define SEARCH_WORKLOADS 2
#define SEARCH_LANES     3

/* What is assumed where no answer and no rule says a number. */
#define DEFAULT_CONNECTIONS 64

/* A plan on its way. */
typedef struct
{
  LdsAnswers *answers;
  const LdsHeadroom *capacity;
  gboolean quick;
  LdsPlan *plan;
} Maker;

/* --- Workloads ------------------------------------------------------------------------------- */

/* Why fewer connections or requests than answered: the machine, the length, or what lanes bear. */
static void
explain_scale (Maker *self,
               const LdsMeasure *measure,
               const LdsWorkload *workload,
               double wanted,
               guint connections)
{
  LdsPlan *plan = self->plan;

  g_clear_pointer (&plan->scale_reason, g_free);
  if (connections >= wanted)
    plan->scale_reason =
        /* Translators: a workload */
        g_strdup_printf (_ ("“%s” is measured at a rate that one core bears on every lane, so that all are compared at the same one."),
                         workload->title);
  else if (connections >= measure->most_connections)
    plan->scale_reason =
        /* Translators: a workload, a number */
        g_strdup_printf (_ ("“%s” is measured over %u connections, for lanes with few workers would take minutes to serve more once."),
                         workload->title, connections);
  else if (self->quick && connections >= QUICK_CONNECTIONS)
    plan->scale_reason =
        /* Translators: a number */
        g_strdup_printf (_ ("A quick measurement opens %u connections at most."), QUICK_CONNECTIONS);
  else
    plan->scale_reason = g_strdup (self->capacity->reason);
}

static void
add_measure (Maker *self,
             const LdsMeasure *measure)
{
  LdsPlan *plan = self->plan;
  const char *name = self->quick && measure->quick != NULL ? measure->quick : measure->workload;
  g_autofree char *id = lds_measures_dup_workload (self->answers, name);
  g_autoptr (GError) error = NULL;
  const LdsWorkload *workload = lds_workload_find (id, &error);
  double wanted = lds_measures_amount (self->answers, measure->connections);
  double wanted_hz = 0, rate_hz;
  guint connections;

  if (workload == NULL)
    {
      /* The rules are tested with every use case: that they name what is not there is our fault. */
      g_warning ("%s: %s", measure->plan, error->message);
      return;
    }
  if (g_ptr_array_find (plan->workloads, workload, NULL))
    return;
  wanted = isnan (wanted) ? DEFAULT_CONNECTIONS : wanted;
  connections = (guint)fmin (fmin (wanted, measure->most_connections),
                             self->quick ? QUICK_CONNECTIONS : LDS_PLAN_MAX_CONNECTIONS);
  connections = MAX (MIN (connections, self->capacity->connections), 1);
  if (measure->rate != NULL)
    wanted_hz = lds_measures_amount (self->answers, measure->rate);
  rate_hz = isnan (wanted_hz) ? measure->most_rate : fmin (wanted_hz, measure->most_rate);
  if (measure->rate != NULL && measure->most_deliveries / connections < rate_hz)
    rate_hz = measure->most_deliveries / connections;
  g_ptr_array_add (plan->workloads, (gpointer)workload);
  lds_plan_set_load (plan, workload, connections, rate_hz);
  if (plan->workloads->len > 1)
    return;
  plan->connections_scale = fmax (wanted / connections, 1);
  plan->rate_scale = rate_hz > 0 && wanted_hz > rate_hz ? wanted_hz / rate_hz : 1;
  if (plan->connections_scale > 1 || plan->rate_scale > 1)
    explain_scale (self, measure, workload, wanted, connections);
}

static void
add_workloads (Maker *self)
{
  g_autoptr (GPtrArray) measures = lds_measures_list (self->answers);

  for (guint i = 0; i < measures->len; i++)
    add_measure (self, measures->pdata[i]);
}

/* --- Lanes ----------------------------------------------------------------------------------- */

static void
add_lanes (Maker *self)
{
  g_autoptr (GPtrArray) ids = lds_measures_list_lanes (self->answers);

  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr (GError) error = NULL;
      const LdsLane *lane = lds_lane_find (ids->pdata[i], &error);

      if (lane == NULL)
        g_warning ("%s", error->message);
      else if (!g_ptr_array_find (self->plan->lanes, lane, NULL))
        g_ptr_array_add (self->plan->lanes, (gpointer)lane);
    }
}

/* --- Time ------------------------------------------------------------------------------------ */

static void
remove_workload (LdsPlan *plan,
                 guint index)
{
  const LdsWorkload *workload = plan->workloads->pdata[index];

  for (guint i = plan->loads->len; i > 0; i--)
    if (g_array_index (plan->loads, LdsPlanLoad, i - 1).workload == workload)
      g_array_remove_index (plan->loads, i - 1);
  g_ptr_array_remove_index (plan->workloads, index);
}

static void
drop_workload (LdsPlan *plan)
{
  const LdsWorkload *last = plan->workloads->pdata[plan->workloads->len - 1];

  lds_plan_leave_out (plan, last->id, _ ("There is no time for it in a measurement of this length."));
  remove_workload (plan, plan->workloads->len - 1);
}

static void
drop_lane (LdsPlan *plan)
{
  const LdsLane *last = plan->lanes->pdata[plan->lanes->len - 1];

  lds_plan_leave_out (plan, last->id, _ ("There is no time for it in a measurement of this length."));
  g_ptr_array_remove_index (plan->lanes, plan->lanes->len - 1);
}

/* A verdict rests on repeats, so these stay; the order is that of the header. */
void
lds_proposal_fit (LdsPlan *plan,
                  gint64 budget_ms)
{
  while (lds_plan_estimate_ms (plan) > budget_ms)
    if (plan->lanes->len > LDS_PROPOSAL_MAX_LANES)
      drop_lane (plan);
    else if (plan->workloads->len > MIN_WORKLOADS)
      drop_workload (plan);
    else if (plan->lanes->len > MIN_LANES)
      drop_lane (plan);
    else if (plan->workloads->len > 1)
      drop_workload (plan);
    else if (plan->lanes->len > 2)
      drop_lane (plan);
    else
      break;
}

/* --- The plan -------------------------------------------------------------------------------- */

static LdsPlan *
make_plan (LdsAnswers *answers,
           gboolean quick,
           const LdsHeadroom *capacity)
{
  Maker maker = {answers, capacity, quick, lds_plan_new ()};
  LdsPlan *plan = maker.plan;
  const char *target = lds_answers_get (answers, "lat");

  /* Source: Gunicorn documentation, "Design", How Many Workers: (2 x num_cores) + 1. */
  plan->workers = MIN (2 * g_get_num_processors () + 1, 64);
  if (target != NULL)
    plan->slo_p99_ms = g_ascii_strtod (target, NULL); /* 0 for "none" and "unknown" */
  plan->duration_ms = quick ? 800 : 3000;
  plan->warm_up_ms = quick ? 200 : 1000;
  add_workloads (&maker);
  add_lanes (&maker);
  lds_plan_leave_out_lanes (plan);
  return plan;
}

LdsPlan *
lds_proposal_new_plan_within (LdsAnswers *answers,
                              gboolean quick,
                              const LdsHeadroom *capacity,
                              GPtrArray *real)
{
  LdsPlan *plan = make_plan (answers, quick, capacity);
  gint64 budget_ms = quick ? QUICK_BUDGET_MS : STANDARD_BUDGET_MS;

  lds_proposal_fit (plan, budget_ms);
  lds_proposal_take_real (plan, answers, real, LDS_PROPOSAL_MAX_LANES, budget_ms);
  return plan;
}

/* What a search of @workload would find, or rather not; NULL when it finds a knee. */
static const char *
find_obstacle (const LdsPlan *plan,
               const LdsWorkload *workload)
{
  if (g_strcmp0 (workload->stream, "listen") == 0)
    return _ ("It is only listened to, so there is no rate to search.");
  /* More connections would do more, whatever the server. */
  if (workload->min_service_ns > 0 && lds_plan_get_load (plan, workload).rate_hz <= 0)
    return _ ("It only waits, so its connections are the limit and not the server.");
  return NULL;
}

static void
keep_what_has_knees (LdsPlan *plan)
{
  guint n_kept = 0;

  for (guint i = 0; i < plan->workloads->len;)
    {
      const LdsWorkload *workload = plan->workloads->pdata[i];
      const char *obstacle = find_obstacle (plan, workload);

      if (obstacle == NULL && n_kept >= SEARCH_WORKLOADS)
        obstacle = _ ("There is no time for it in a measurement of this length.");
      /* Something must be left. */
      if (obstacle == NULL || plan->workloads->len == 1)
        {
          n_kept++;
          i++;
          continue;
        }
      lds_plan_leave_out (plan, workload->id, obstacle);
      remove_workload (plan, i);
    }
}

LdsPlan *
lds_proposal_new_search_within (LdsAnswers *answers,
                                const LdsHeadroom *capacity,
                                GPtrArray *real)
{
  LdsPlan *plan = make_plan (answers, TRUE, capacity);
  const LdsPlanLoad *loads = (const LdsPlanLoad *)(gconstpointer)plan->loads->data;
  double rate_hz = lds_measures_amount (answers, "rps");
  double connections = lds_measures_amount (answers, "conns");

  keep_what_has_knees (plan);
  while (plan->lanes->len > SEARCH_LANES)
    drop_lane (plan);
  /* A search ends when it has found: its lanes are counted, not their time. */
  lds_proposal_take_real (plan, answers, real, SEARCH_LANES, G_MAXINT64);
  for (guint i = 0; i < plan->loads->len; i++)
    lds_plan_set_load (plan, loads[i].workload, loads[i].connections, 0);
  plan->find_knee = TRUE;
  plan->duration_ms = 1000;
  plan->warm_up_ms = MAX (300, plan->warm_up_ms);
  if (lds_answers_get (answers, "rps") != NULL && rate_hz > 0)
    plan->demand_rate_hz = rate_hz;
  if (plan->demand_rate_hz > 0 && lds_answers_get (answers, "conns") != NULL && connections > 0)
    plan->demand_connections = (guint)connections;
  /* The rate that is scaled is not sent: it is searched. */
  plan->rate_scale = 1;
  return plan;
}

LdsPlan *
lds_proposal_new_search (LdsAnswers *answers,
                         gboolean ask)
{
  g_auto (LdsHeadroom) capacity = {0};
  g_autoptr (GPtrArray) real = lds_lane_list_real (ask);

  lds_headroom_read (&capacity);
  return lds_proposal_new_search_within (answers, &capacity, real);
}

LdsPlan *
lds_proposal_new_plan (LdsAnswers *answers,
                       gboolean quick,
                       gboolean ask)
{
  g_auto (LdsHeadroom) capacity = {0};
  g_autoptr (GPtrArray) real = lds_lane_list_real (ask);

  lds_headroom_read (&capacity);
  return lds_proposal_new_plan_within (answers, quick, &capacity, real);
}

/* Whether a search came to its end, and what was to be measured below the knee was. */
static gboolean
is_settled (const LdsKneeSummary *knee)
{
  switch (knee->knee.state)
    {
    case LDS_KNEE_FOUND:
    case LDS_KNEE_AT_LEAST:
      return knee->half_p50.n >= LDS_SESSION_MIN_RUNS &&
             (knee->workload->stream != NULL || knee->cpu_per_request.n >= LDS_SESSION_MIN_RUNS);
    case LDS_KNEE_BELOW:
      return TRUE;
    case LDS_KNEE_UNSETTLED:
    case LDS_KNEE_SEARCHING:
    default:
      return FALSE;
    }
}

static LdsEvidence
judge_knees (const LdsSession *session)
{
  g_autoptr (GPtrArray) knees = lds_search_summarize (session->plan, session->runs);
  gboolean any = FALSE;

  for (guint i = 0; i < knees->len; i++)
    {
      const LdsKneeSummary *knee = knees->pdata[i];

      if (knee->lane->provenance == LDS_PROVENANCE_URL)
        continue;
      if (!is_settled (knee))
        return LDS_EVIDENCE_NONE;
      any = TRUE;
    }
  return any ? LDS_EVIDENCE_MODEL : LDS_EVIDENCE_NONE;
}

LdsEvidence
lds_proposal_evidence (const LdsSession *session)
{
  g_autoptr (GPtrArray) summaries = NULL;
  gboolean any = FALSE;

  g_return_val_if_fail (session != NULL, LDS_EVIDENCE_NONE);

  if (session->plan->find_knee)
    return judge_knees (session);
  summaries = lds_session_summarize (session);
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
