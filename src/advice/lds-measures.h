/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rules say should be measured for answers: names and figures only, for what they name is not
 * known here. */
#pragma once

#include "lds-questionnaire.h"

G_BEGIN_DECLS

/* One workload, and how hard to drive it. Immutable, lives as long as its pack. */
typedef struct
{
  const char *plan;     /* what it is part of: "chat" */
  const char *workload; /* "mix?cpu={cpu}": for lds_measures_dup_workload() */
  const char *quick;    /* (nullable): instead of it where runs take less than a second */
  const char *uses;     /* (nullable): further workloads of the domain that it stands for: "W-001-1" */
  const char *sources;
  const char *connections; /* a number, or a question: for lds_measures_amount() */
  const char *rate;        /* (nullable) likewise, requests a second; NULL = a closed loop */
  double most_connections; /* what a lane with few workers still serves; G_MAXDOUBLE = all */
  double most_rate;        /* what no lane misses on one core, requests a second */
  double most_deliveries;  /* messages a second to all members together */
} LdsMeasure;

/** Returns: (transfer container) (element-type LdsMeasure): what holds, the most telling first */
GPtrArray *lds_measures_list (LdsAnswers *answers);

/** Returns: (transfer container) (element-type utf8): lanes' ids likewise */
GPtrArray *lds_measures_list_lanes (LdsAnswers *answers);

/** Returns: (transfer full): @workload with the answer to each question whose id stands in braces */
char *lds_measures_dup_workload (LdsAnswers *answers, const char *workload);

/**
 * lds_measures_amount:
 * @amount: "64", or a question whose values stand for numbers: "conns"
 *
 * Returns the number; of a question the one that its answer stands for, or what the model assumes
 *   instead; NaN where there is none
 */
double lds_measures_amount (LdsAnswers *answers, const char *amount);

G_END_DECLS
