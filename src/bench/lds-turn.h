/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which run of a plan that is not adaptive is next: a function of the plan and of the runs so far, so that a
 * session may be stopped and taken up again.
 *
 * A run that says nothing of its server, for the load generator itself was held up, is made once again, at
 * once: so it keeps its place beside the other lanes of its repeat. The refused one stays in the session. */
#pragma once

#include "lds-plan.h"

G_BEGIN_DECLS

/**
 * lds_turn_n_spare:
 *
 * Returns how many runs may be made again: a twelfth of the plan's. Ours: a quick assessment has room for so
 * many in its minute, and a machine that holds up more than that is no place to measure on
 */
guint lds_turn_n_spare (const LdsPlan *plan);

/**
 * lds_turn_next:
 * @runs: (element-type LdsRun): of the plan so far, in any order
 * @index: (inout): from where to look, 0 in the beginning; then the place of the next run in the plan
 *
 * Returns %FALSE when nothing is left to run; otherwise @spec is next.
 */
gboolean lds_turn_next (const LdsPlan *plan, GPtrArray *runs, guint *index, LdsRunSpec *spec);

/** Returns how many of the plan's runs there are in @runs, those that were made again counted once. */
guint lds_turn_count_done (GPtrArray *runs);

G_END_DECLS
