/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much the machine itself became faster or slower while a session measured: what changed for all lanes alike.
 * A neighbour on a shared host, heat and power saving do that, and no figure of the system says so. */
#pragma once

#include "lds-session.h"

G_BEGIN_DECLS

/**
 * lds_drift_find:
 * @workload: (out) (nullable) (transfer none): the one with the largest
 *
 * CPU time a request, of each round of the lanes (the same repeat, run beside each other) by the lane's own median,
 * averaged over the lanes on the log scale: the largest round by the smallest. What a single lane does by itself
 * is divided by the number of lanes so.
 *
 * Returns the ratio, at least 1; NaN when no workload has two lanes with LDS_SESSION_MIN_RUNS whole rounds
 */
double lds_drift_find (const LdsSession *session, const LdsWorkload **workload);

/** Warns in @session of a drift that is worth knowing of. */
void lds_drift_warn (LdsSession *session);

G_END_DECLS
