/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the search for evidence and what is made of it. */
#pragma once

#include "lds-findings.h"
#include "lds-search.h"
#include "lds-yardstick.h"

G_BEGIN_DECLS

/**
 * lds_findings_search:
 * @finding: empty; filled with what @yardstick finds, or with the reason why it finds nothing
 * @comparisons: (element-type LdsComparison): pairs of models that may be compared, the best first
 * @knees: (element-type LdsKneeSummary): of @session; empty unless it searched them
 */
void lds_findings_search (LdsFinding *finding,
                          const LdsYardstick *yardstick,
                          GArray *comparisons,
                          const LdsSession *session,
                          GPtrArray *knees);

G_END_DECLS
