/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From answers to a plan: what to measure for this very project. */
#pragma once

#include "lds-headroom.h"
#include "lds-questionnaire.h"
#include "lds-session.h"

G_BEGIN_DECLS

/**
 * lds_proposal_new_plan_within:
 * @quick: runs of less than a second, to end within a minute; else within six
 * @capacity: what the machine holds
 * @real: (element-type LdsLane): real lanes that are here, as lds_lane_list_real() has them
 *
 * What data/decision/plan.xml calls for: its workloads at the connections and rates that the answers say, or
 * as many as every lane, the machine and the time allow; its lanes; the SLO is the answer to "lat". Server
 * workers are twice the processors and one. "scale" in the plan is of its first workload: what the answers
 * stand for by what is opened and sent here. A lane that cannot hold connections open is left out where some
 * workload needs that.
 *
 * A plan that takes too long loses, until it fits, in this order: lanes beyond five; workloads beyond two; lanes beyond three; the second workload; the third lane. The last one goes
 * first, and "left_out" says so. Repeats stay.
 *
 * Then real lanes come in. For a lane stands the first of @real that is of its model and serves every workload of the
 * plan. Where that makes both sides of some comparison (lds-yardstick.h) real, real lanes take the places of the models
 * that they stand for, for what they say weighs more; workloads are dropped for that as above, but none that the time
 * has room for after all; and the models follow as far as the same time allows. Where it does
 * not, for no lane is compared with one of another provenance, they follow the models as far as time allows. Plans
 * with real lanes warm up for 0.6 s at least.
 *
 * Returns: (transfer full): a valid plan
 */
LdsPlan *lds_proposal_new_plan_within (LdsAnswers *answers,
                                       gboolean quick,
                                       const LdsHeadroom *capacity,
                                       GPtrArray *real);

/** The same for this machine; with @ask runtimes are waited for, as lds_lane_list_real() says. */
LdsPlan *lds_proposal_new_plan (LdsAnswers *answers, gboolean quick, gboolean ask);

/**
 * lds_proposal_new_search_within:
 *
 * Instead of one load the knee of each lane (lds-search.h): on the first two of the workloads that have one, over at
 * most 1,000 connections, of the first three lanes, in runs of a second. The answered load is the demand whose
 * capacity is reckoned. Real lanes come in likewise, at most three lanes together.
 *
 * Returns: (transfer full): a valid plan
 */
LdsPlan *lds_proposal_new_search_within (LdsAnswers *answers,
                                         const LdsHeadroom *capacity,
                                         GPtrArray *real);

/** The same for this machine, as lds_proposal_new_plan(). */
LdsPlan *lds_proposal_new_search (LdsAnswers *answers, gboolean ask);

/**
 * lds_proposal_evidence:
 *
 * Returns what a session is worth to the verdict: LDS_EVIDENCE_MODEL when every lane and workload
 * has at least LDS_SESSION_MIN_RUNS valid runs, else LDS_EVIDENCE_NONE; where knees were searched, when each
 * search came to its end and has as many valid runs at either rate below its knee. Servers of the user's own
 * neither help nor hinder.
 */
LdsEvidence lds_proposal_evidence (const LdsSession *session);

G_END_DECLS
