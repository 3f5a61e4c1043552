/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes and plans for claims. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-claim-plan.h"

#include <glib/gi18n-lib.h>

#include "lds-claim-private.h"
#include "lds-runtime.h"

/* A runtime that compiles while it runs needs longer to warm up than a model does: node:http makes half as many
 * requests in its first second as later. */
#define DURATION_MS       5000
#define WARM_UP_MS        2000
#define QUICK_DURATION_MS 1000
#define QUICK_WARM_UP_MS  1000

/* What is known of lanes while a plan is made. */
typedef struct
{
  LdsClaimLaneFunc check;
  GHashTable *checked; /* lane -> whether it is here */
} Chooser;

void
lds_claim_trial_free (LdsClaimTrial *trial)
{
  if (trial == NULL)
    return;
  g_free (trial->obstacle);
  g_free (trial->label);
  g_free (trial);
}

/* Asked once: a runtime is started for it. */
static gboolean
is_here (Chooser *self,
         const LdsLane *lane)
{
  gpointer known;

  if (!g_hash_table_lookup_extended (self->checked, lane, NULL, &known))
    {
      known = GINT_TO_POINTER (self->check (lane, NULL));
      g_hash_table_insert (self->checked, (gpointer)lane, known);
    }
  return GPOINTER_TO_INT (known);
}

/* The first lane of the list that is of that provenance, here, and serves the workload. */
static const LdsLane *
choose (Chooser *self,
        GStrv ids,
        LdsProvenance provenance,
        const LdsWorkload *workload)
{
  for (guint i = 0; ids[i] != NULL; i++)
    {
      const LdsLane *lane = lds_lane_find (ids[i], NULL);

      if (lane != NULL && lane->provenance == provenance && lds_lane_serves (lane, workload) &&
          is_here (self, lane))
        return lane;
    }
  return NULL;
}

static char *
dup_obstacle (const LdsClaimFigure *figure)
{
  switch (figure->needs)
    {
    case LDS_PROVENANCE_REAL:
      /* Translators: a workload */
      return g_strdup_printf (_ ("It takes the real runtime, and none of those that may decide it is here and serves “%s”."), figure->workload->title);
    case LDS_PROVENANCE_TWIN:
      /* Translators: a workload */
      return g_strdup_printf (_ ("It takes the real runtime or its twin, and none of those that may decide it is here and serves “%s”."), figure->workload->title);
    case LDS_PROVENANCE_MODEL:
    case LDS_PROVENANCE_URL:
    case LDS_PROVENANCE_CLAIM:
    default:
      /* Translators: a workload */
      return g_strdup_printf (_ ("None of the lanes that may decide it is here and serves “%s”."), figure->workload->title);
    }
}

static LdsClaimTrial *
new_trial (Chooser *self,
           const LdsClaim *claim,
           const LdsClaimFigure *figure)
{
  static const LdsProvenance best_first[] = {LDS_PROVENANCE_REAL, LDS_PROVENANCE_TWIN,
                                             LDS_PROVENANCE_MODEL};
  LdsClaimTrial *trial = g_new0 (LdsClaimTrial, 1);

  trial->claim = claim;
  trial->figure = figure;
  for (guint i = 0; i < G_N_ELEMENTS (best_first) && trial->lane == NULL; i++)
    {
      const LdsLane *lane = choose (self, figure->lanes, best_first[i], figure->workload);
      const LdsLane *over = NULL;

      if (lane != NULL && figure->over_lanes != NULL)
        over = choose (self, figure->over_lanes, best_first[i], figure->workload);
      if (lane == NULL || (figure->over_lanes != NULL && over == NULL))
        continue;
      trial->lane = lane;
      trial->over = over;
    }
  if (trial->lane == NULL)
    trial->obstacle = dup_obstacle (figure);
  return trial;
}

static gboolean
shares (const LdsPlan *plan,
        const LdsClaimFigure *figure)
{
  return plan->workloads->pdata[0] == figure->workload &&
         plan->connections == figure->connections && plan->rate_hz == figure->rate_hz &&
         plan->workers == figure->workers;
}

static LdsPlan *
new_plan (const LdsClaimFigure *figure,
          gboolean quick)
{
  LdsPlan *plan = lds_plan_new ();

  g_ptr_array_add (plan->workloads, (gpointer)figure->workload);
  plan->connections = figure->connections;
  plan->rate_hz = figure->rate_hz;
  plan->workers = figure->workers;
  plan->duration_ms = quick ? QUICK_DURATION_MS : DURATION_MS;
  plan->warm_up_ms = quick ? QUICK_WARM_UP_MS : WARM_UP_MS;
  return plan;
}

static void
add_lane (LdsPlan *plan,
          const LdsLane *lane)
{
  if (lane != NULL && !g_ptr_array_find (plan->lanes, lane, NULL))
    g_ptr_array_add (plan->lanes, (gpointer)lane);
}

/* Puts the trial into the plan that it shares, or a new one. */
static void
place (LdsClaimPlan *self,
       LdsClaimTrial *trial,
       gboolean quick)
{
  LdsPlan *plan;
  guint i = 0;

  while (i < self->plans->len && !shares (self->plans->pdata[i], trial->figure))
    i++;
  if (i == self->plans->len)
    g_ptr_array_add (self->plans, new_plan (trial->figure, quick));
  plan = self->plans->pdata[i];
  plan->duration_ms = MAX (plan->duration_ms, trial->figure->duration_ms);
  add_lane (plan, trial->lane);
  add_lane (plan, trial->over);
  trial->plan = i;
}

LdsClaimPlan *
lds_claim_plan_new (GPtrArray *claims,
                    LdsClaimLaneFunc check,
                    gboolean quick)
{
  LdsClaimPlan *self;
  g_autoptr (GHashTable) checked = g_hash_table_new (NULL, NULL);
  Chooser chooser = {check, checked};

  g_return_val_if_fail (claims != NULL && check != NULL, NULL);

  self = g_new0 (LdsClaimPlan, 1);
  /* A copy would free them. */
  self->claims = g_ptr_array_new ();
  g_ptr_array_extend (self->claims, claims, NULL, NULL);
  self->trials = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_claim_trial_free);
  self->plans = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_plan_free);
  for (guint c = 0; c < claims->len; c++)
    {
      const LdsClaim *claim = claims->pdata[c];

      for (guint f = 0; f < claim->figures->len; f++)
        {
          LdsClaimTrial *trial = new_trial (&chooser, claim, claim->figures->pdata[f]);

          g_ptr_array_add (self->trials, trial);
          if (trial->obstacle == NULL)
            place (self, trial, quick);
        }
    }
  return self;
}

void
lds_claim_plan_free (LdsClaimPlan *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->claims);
  g_ptr_array_unref (self->trials);
  g_ptr_array_unref (self->plans);
  g_free (self);
}

gint64
lds_claim_plan_estimate_ms (const LdsClaimPlan *self,
                            guint first)
{
  gint64 estimate_ms = 0;

  g_return_val_if_fail (self != NULL, 0);

  for (guint i = first; i < self->plans->len; i++)
    estimate_ms += lds_plan_estimate_ms (self->plans->pdata[i]);
  return estimate_ms;
}

char *
lds_claim_plan_dup_title (const LdsClaimPlan *self,
                          guint index)
{
  g_autoptr (GString) ids = g_string_new (NULL);
  const LdsClaim *last = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; i < self->trials->len; i++)
    {
      const LdsClaimTrial *trial = self->trials->pdata[i];

      if (trial->obstacle != NULL || trial->plan != index || trial->claim == last)
        continue;
      g_string_append_printf (ids, "%s%s", ids->len > 0 ? ", " : "", trial->claim->id);
      last = trial->claim;
    }
  /* Translators: ids of claims */
  return g_strdup_printf (_ ("Claims %s"), ids->str);
}

char *
lds_claim_lane_dup_label (const LdsLane *lane)
{
  g_autofree char *label = lds_lane_dup_label (lane);
  g_autofree char *version =
      lane->runtime != NULL ? lds_runtime_read_version (lane->runtime, NULL) : NULL;

  if (version == NULL)
    return g_steal_pointer (&label);
  /* Translators: a lane, then the version of its runtime */
  return g_strdup_printf (_ ("%s, version %s"), label, version);
}

char *
lds_claim_trial_dup_lanes (const LdsClaimTrial *trial)
{
  g_autofree char *lane = NULL, *over = NULL;

  g_return_val_if_fail (trial != NULL, NULL);

  if (trial->lane == NULL)
    return g_strdup ("–");
  if (trial->label != NULL)
    return g_strdup (trial->label);
  lane = lds_claim_lane_dup_label (trial->lane);
  if (trial->over == NULL)
    return g_steal_pointer (&lane);
  over = lds_claim_lane_dup_label (trial->over);
  /* Translators: the two lanes of a ratio, numerator first */
  return g_strdup_printf (_ ("%s, by %s"), lane, over);
}
