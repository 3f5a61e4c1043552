/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What measures a criterion, and which lanes may be compared for it: the rules by which a measurement
 * replaces an opinion. Data of the rule pack: <measure> of a criterion, and <comparison>. */
#pragma once

#include "lds-questionnaire.h"

G_BEGIN_DECLS

/* How one criterion is measured. Texts belong to the rule pack. */
typedef struct
{
  const char *criterion;
  const char *title;     /* translated */
  const char *workloads; /* codes, the first that was measured counts: "W-002-7, W-000-2" */
  const char *metric;    /* "throughput" */
  const char *instead;   /* (nullable): another where that one cannot tell: "cpu_per_request" */
  gboolean any;          /* every run measures it: without any of @workloads another will do */
  LdsEvidence needs;     /* the least that both lanes must be */
  gboolean bare;         /* models without the costs of a runtime will do */
} LdsYardstick;

/* Two server models that may stand for the two runtimes. */
typedef struct
{
  const char *node;   /* "event-loop" */
  const char *python; /* "asyncio" */
  const char *sources;
} LdsComparison;

/** Returns: (transfer full) (element-type LdsYardstick): of all that can be measured, in the criteria's order */
GArray *lds_yardstick_list (LdsRulePack *pack);

/**
 * lds_comparison_list:
 *
 * Returns: (transfer full) (element-type LdsComparison): the pairs that may be compared for who gave
 *   these answers, what they would put into production first
 */
GArray *lds_comparison_list (LdsAnswers *answers);

G_END_DECLS
