/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is measured for claims: for each figure the lanes that may decide it and are here, and plans that those
 * with the same workload under the same load share. */
#pragma once

#include "lds-claim.h"
#include "lds-plan.h"

G_BEGIN_DECLS

/* A figure and what it is measured on. */
typedef struct
{
  const LdsClaim *claim;
  const LdsClaimFigure *figure;
  const LdsLane *lane; /* (nullable): NULL where nothing that may decide it is here */
  const LdsLane *over; /* (nullable): of a ratio's denominator; of the same provenance as @lane */
  char *obstacle;      /* (nullable): why nothing is, a sentence, translated */
  char *label;         /* (nullable): the lanes as they were when stored runs were made; NULL: as they are now */
  guint plan;          /* index of its plan; of no meaning with an obstacle */
} LdsClaimTrial;

typedef struct
{
  GPtrArray *claims; /* (element-type LdsClaim), not owned */
  GPtrArray *trials; /* (element-type LdsClaimTrial): of all claims, in their order */
  GPtrArray *plans;  /* (element-type LdsPlan) */
} LdsClaimPlan;

/* Whether @lane can be measured: lds_lane_check(), save in tests. */
typedef gboolean (*LdsClaimLaneFunc) (const LdsLane *lane, GError **error);

/**
 * lds_claim_plan_new:
 * @claims: (element-type LdsClaim): copied; those that need no run, or cannot be tested, are fine
 * @check: asked once for each lane that is looked at
 * @quick: runs of 1 s after 1 s instead of 5 s after 2 s; as many of them
 *
 * Both sides of a ratio are of one provenance, real runtimes before twins before models: a twin says
 * nothing beside the real other side. Twins of one provenance are looked for in the order of the figure's list.
 *
 * Returns: (transfer full)
 */
LdsClaimPlan *lds_claim_plan_new (GPtrArray *claims, LdsClaimLaneFunc check, gboolean quick);
void lds_claim_plan_free (LdsClaimPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsClaimPlan, lds_claim_plan_free)

/** Returns the expected time in ms of the plans from @first on: lds_plan_estimate_ms(). */
gint64 lds_claim_plan_estimate_ms (const LdsClaimPlan *self, guint first);

/** Returns: (transfer full): what the plan at @index is for, as a session's title: “Claims C-000-1, C-000-8” */
char *lds_claim_plan_dup_title (const LdsClaimPlan *self, guint index);

/** Returns: (transfer full): “Node.js, node:http (real), version 20.20.2” */
char *lds_claim_lane_dup_label (const LdsLane *lane);

/** Returns: (transfer full): what a figure is measured on, of a ratio both; an en dash where nothing is here */
char *lds_claim_trial_dup_lanes (const LdsClaimTrial *trial);

G_END_DECLS
