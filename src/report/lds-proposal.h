/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From answers to a plan: what to measure for this very project. */
#pragma once

#include "lds-questionnaire.h"
#include "lds-session.h"

G_BEGIN_DECLS

/**
 * lds_proposal_new_plan:
 * @quick: two workloads, in short runs, to end within a minute; as many runs as a verdict needs
 * @scale: (out) (optional): connections in reality, at the top of the answered range, for each one
 *   that is opened here; at least 1
 *
 * The lanes marked for it, and where none of them stands for Python in these answers (see
 * lds-yardstick.h) one that does; "hello" and "json" at one rate for all (what a request costs, below saturation), "slow"
 * in a closed loop at the answered connections scaled down, and "compute" where the answers say that
 * requests compute ("mix" balanced or plain, "plaincpu" per-request or occasional, "cpu" of 20 % or
 * more). A quick plan leaves out "json", and "hello" where there is "compute". The SLO is the answer to "lat". Server workers are twice the processors and one.
 *
 *   conns            stands for   opened here
 *   lt100, unknown          100            50
 *   100-1k                1,000            64
 *   1k-10k               10,000            64
 *   10k-50k              50,000           100
 *   gt50k               100,000           100
 *
 * Fewer than are answered: a model of five workers that wait 200 ms each would take minutes to serve
 * thousands once. More than the 40 threads of the threads' lane, so that their limit shows. A quick plan opens 50 at the most.
 *
 * Returns: (transfer full): a valid plan
 */
LdsPlan *lds_proposal_new_plan (LdsAnswers *answers, gboolean quick, double *scale);

/**
 * lds_proposal_evidence:
 *
 * Returns what a session is worth to the verdict: LDS_EVIDENCE_MODEL when every lane and workload
 * has at least LDS_SESSION_MIN_RUNS valid runs, else LDS_EVIDENCE_NONE. Servers of the user's own
 * neither help nor hinder.
 */
LdsEvidence lds_proposal_evidence (const LdsSession *session);

G_END_DECLS
