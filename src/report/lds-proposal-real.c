/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real lanes of a plan that follows from answers: where the runtimes themselves are here. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-proposal-private.h"

#include <glib/gi18n-lib.h>

#include "lds-yardstick.h"

/* Node.js compiles while it runs and is slow before: src/bench/lds-claim-plan.c has the figure. */
#define MIN_WARM_UP_MS 600

/* A lane of the plan, and the runtime itself. */
typedef struct
{
  const LdsLane *model;
  const LdsLane *real; /* (nullable): none is here that serves all */
} Stand;

static gboolean
serves_all (const LdsLane *lane,
            const LdsPlan *plan)
{
  for (guint i = 0; i < plan->workloads->len; i++)
    if (!lds_lane_serves (lane, plan->workloads->pdata[i]))
      return FALSE;
  return TRUE;
}

/* What stands for @model. Where none does the first one that is here is left out, for it does not serve all. */
static Stand
find_stand (LdsPlan *plan,
            const LdsLane *model,
            GPtrArray *real)
{
  Stand stand = {.model = model};
  const LdsLane *first = NULL;

  for (guint i = 0; i < real->len && stand.real == NULL; i++)
    {
      const LdsLane *lane = real->pdata[i];

      if (g_strcmp0 (lane->model_id, model->model_id) != 0)
        continue;
      if (first == NULL)
        first = lane;
      if (serves_all (lane, plan))
        stand.real = lane;
    }
  if (stand.real == NULL && first != NULL)
    {
      /* What leaves lanes out says why. */
      g_ptr_array_add (plan->lanes, (gpointer)first);
      lds_plan_leave_out_lanes (plan);
    }
  return stand;
}

/* Of type Stand: of each lane of the plan. */
static GArray *
find_stands (LdsPlan *plan,
             GPtrArray *real)
{
  g_autoptr (GPtrArray) models = g_ptr_array_copy (plan->lanes, NULL, NULL);
  GArray *stands = g_array_new (FALSE, FALSE, sizeof (Stand));

  for (guint i = 0; i < models->len; i++)
    {
      Stand stand = find_stand (plan, models->pdata[i], real);

      g_array_append_val (stands, stand);
    }
  return stands;
}

static gboolean
has_real (GArray *stands,
          const char *model_id)
{
  for (guint i = 0; i < stands->len; i++)
    {
      const Stand *stand = &g_array_index (stands, Stand, i);

      if (stand->real != NULL && g_strcmp0 (stand->model->model_id, model_id) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Whether both sides of some comparison would be real: a real lane is compared with no model. */
static gboolean
has_pair (LdsAnswers *answers,
          GArray *stands)
{
  g_autoptr (GArray) comparisons = lds_comparison_list (answers);

  for (guint i = 0; i < comparisons->len; i++)
    {
      const LdsComparison *comparison = &g_array_index (comparisons, LdsComparison, i);

      if (has_real (stands, comparison->node) && has_real (stands, comparison->python))
        return TRUE;
    }
  return FALSE;
}

/* Adds @lane, or says that there is no time for it with @reason. */
static gboolean
add_beside (LdsPlan *plan,
            const LdsLane *lane,
            const char *reason,
            guint max_lanes,
            gint64 budget_ms)
{
  g_ptr_array_add (plan->lanes, (gpointer)lane);
  if (plan->lanes->len <= max_lanes && lds_plan_estimate_ms (plan) <= budget_ms)
    return TRUE;
  g_ptr_array_remove_index (plan->lanes, plan->lanes->len - 1);
  lds_plan_leave_out (plan, lane->id, reason);
  return FALSE;
}

/* What was dropped for its time, but takes less than is left. */
static void
take_back (LdsPlan *plan,
           const LdsPlan *before,
           gint64 budget_ms)
{
  for (guint i = 0; i < before->workloads->len; i++)
    {
      const LdsWorkload *workload = before->workloads->pdata[i];
      LdsPlanLoad load = lds_plan_get_load (before, workload);

      if (g_ptr_array_find (plan->workloads, workload, NULL))
        continue;
      g_ptr_array_add (plan->workloads, (gpointer)workload);
      lds_plan_set_load (plan, workload, load.connections, load.rate_hz);
      if (lds_plan_estimate_ms (plan) > budget_ms)
        {
          g_ptr_array_remove_index (plan->workloads, plan->workloads->len - 1);
          g_array_remove_index (plan->loads, plan->loads->len - 1);
          continue;
        }
      for (guint j = plan->left_out->len; j > 0; j--)
        if (g_strcmp0 (((const LdsInvalidReason *)plan->left_out->pdata[j - 1])->code,
                       workload->id) == 0)
          g_ptr_array_remove_index (plan->left_out, j - 1);
    }
}

/* Real lanes first, and the models that they stand for as far as there is time. */
static void
take_pair (LdsPlan *plan,
           GArray *stands,
           guint max_lanes,
           gint64 budget_ms)
{
  g_autoptr (LdsPlan) before = lds_plan_copy (plan);

  plan->warm_up_ms = MAX (plan->warm_up_ms, MIN_WARM_UP_MS);
  for (guint i = 0; i < stands->len; i++)
    if (g_array_index (stands, Stand, i).real != NULL)
      plan->lanes->pdata[i] = (gpointer)g_array_index (stands, Stand, i).real;
  lds_proposal_fit (plan, budget_ms);
  take_back (plan, before, budget_ms);
  for (guint i = 0; i < stands->len; i++)
    {
      const Stand *stand = &g_array_index (stands, Stand, i);
      g_autofree char *label = NULL, *reason = NULL;

      if (stand->real == NULL || !g_ptr_array_find (plan->lanes, stand->real, NULL))
        continue;
      label = lds_lane_dup_label (stand->real);
      /* Translators: a lane: “Node.js, node:http (real)” */
      reason = g_strdup_printf (_ ("%s is measured in its place: there is no time for both."), label);
      add_beside (plan, stand->model, reason, max_lanes, budget_ms);
    }
}

/* What is here of one side alone is no evidence, so that nothing goes for it. */
static void
take_beside (LdsPlan *plan,
             GArray *stands,
             guint max_lanes,
             gint64 budget_ms)
{
  gint64 warm_up_ms = plan->warm_up_ms;
  gboolean any = FALSE;

  plan->warm_up_ms = MAX (plan->warm_up_ms, MIN_WARM_UP_MS);
  for (guint i = 0; i < stands->len; i++)
    {
      const LdsLane *real = g_array_index (stands, Stand, i).real;

      if (real != NULL)
        any |= add_beside (plan, real, _ ("There is no time for it in a measurement of this length."),
                           max_lanes, budget_ms);
    }
  if (!any)
    plan->warm_up_ms = warm_up_ms;
}

void
lds_proposal_take_real (LdsPlan *plan,
                        LdsAnswers *answers,
                        GPtrArray *real,
                        guint max_lanes,
                        gint64 budget_ms)
{
  g_autoptr (GArray) stands = find_stands (plan, real);

  if (has_pair (answers, stands))
    take_pair (plan, stands, max_lanes, budget_ms);
  else
    take_beside (plan, stands, max_lanes, budget_ms);
}
