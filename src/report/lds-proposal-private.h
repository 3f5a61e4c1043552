/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the proposal say to each other. */
#pragma once

#include "lds-proposal.h"

G_BEGIN_DECLS

/** Lanes of a plan: more are hard to tell apart in a chart. */
#define LDS_PROPOSAL_MAX_LANES 5

/**
 * lds_proposal_fit:
 *
 * Drops lanes and workloads of @plan until it takes @budget_ms, in the order that lds-proposal.h gives.
 */
void lds_proposal_fit (LdsPlan *plan, gint64 budget_ms);

/**
 * lds_proposal_take_real:
 * @plan: of models
 * @real: (element-type LdsLane): real lanes that are here, the first to take first
 * @max_lanes: of the plan
 * @budget_ms: of all its runs
 *
 * Puts real lanes in the place of the models that they are instances of, or beside them: see lds-proposal.h.
 */
void lds_proposal_take_real (LdsPlan *plan,
                             LdsAnswers *answers,
                             GPtrArray *real,
                             guint max_lanes,
                             gint64 budget_ms);

G_END_DECLS
