/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a session to evidence: which criterion was measured, by how much the two runtimes' lanes
 * differ, and what that did to the verdict. Which workload measures what, and which lanes may stand
 * for the runtimes, is data of the rule pack: see lds-yardstick.h. */
#pragma once

#include "lds-influence.h"
#include "lds-session.h"

G_BEGIN_DECLS

/* One criterion that can be measured. */
typedef struct
{
  const char *criterion; /* the rule pack's */
  const char *title;
  gboolean used;
  char *reason; /* (nullable): why it is not used: one sentence */
  char *basis;  /* (nullable): what it rests on when it is used: one sentence */

  /* Only when it is used. */
  const LdsLane *node;   /* which stands for Node.js */
  const LdsLane *python; /* which stands for Python; of the same provenance */
  const LdsWorkload *workload;
  const LdsMetric *metric;
  LdsEstimate node_figure, python_figure;
  double ratio;        /* Node.js / Python as measured, above 1 when Node.js is better */
  double low, high;    /* its 95 % interval */
  gboolean detectable; /* the interval does not hold 1; otherwise the model takes in 1 */
  LdsInfluence influence;
} LdsFinding;

typedef struct
{
  GPtrArray *rows;     /* (element-type LdsFinding): every criterion that can be measured, in order */
  LdsOverlay *overlay; /* of those that are used */
} LdsFindings;

/**
 * lds_findings_new:
 * @answers: decide which lanes stand for the runtimes, and what a measurement is worth
 * @session: (nullable): %NULL when nothing was measured
 *
 * A pair of lanes counts when both have at least LDS_SESSION_MIN_RUNS valid runs of the workload with
 * a figure above 0; runs that are INVALID never do. Real runtimes go before twins, twins before bare
 * models, and no lane is compared with one of another provenance. Servers of the user's own are no
 * evidence: nobody knows what runs there.
 *
 * Returns: (transfer full): what the session says; without rows that are used where there is none
 */
LdsFindings *lds_findings_new (LdsAnswers *answers, const LdsSession *session);
void lds_findings_free (LdsFindings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsFindings, lds_findings_free)

/** Returns the number of rows that are used. */
guint lds_findings_n_used (const LdsFindings *self);

/**
 * lds_findings_advise:
 * @evidence: what the session is worth as a whole; the overlay may show more
 * @grades: (nullable): what was tested here of the claims that opinions rest on
 *
 * Returns: (transfer full): the verdict with what was found
 */
LdsVerdict *lds_findings_advise (const LdsFindings *self,
                                 LdsAnswers *answers,
                                 LdsEvidence evidence,
                                 const LdsGrades *grades);

/**
 * lds_findings_explain:
 * @prior: the verdict from the answers alone
 * @final: the one of lds_findings_advise()
 *
 * Returns: (transfer full) (element-type utf8): sentences for people: what the measurements did to the
 *   verdict, which of them moved it most, and which ratio would turn it over; none when none is used
 */
GPtrArray *lds_findings_explain (const LdsFindings *self,
                                 const LdsVerdict *prior,
                                 const LdsVerdict *final);

G_END_DECLS
