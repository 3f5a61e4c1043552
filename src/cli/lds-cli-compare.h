/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What “compare” is made of. */
#pragma once

#include "lds-comparison.h"

G_BEGIN_DECLS

typedef struct
{
  const char *paths[2];     /* second one NULL when lanes of one file are compared */
  LdsSession *sessions[2];  /* second one NULL likewise */
  GPtrArray *workloads;     /* (element-type LdsWorkload): compared */
  GPtrArray *comparisons;   /* (element-type LdsComparison) */
  GPtrArray *metrics;       /* (nullable) (element-type LdsMetric): to show people; else the most telling */
  GPtrArray *caveats;       /* (element-type utf8) */
  gboolean names_workloads; /* the others are left out by who asked */
  gboolean any_invalid;     /* some lane that was asked for has no valid run */
} LdsCliCompare;

/** Prints a table a comparison, what to know beside it, and what follows in a sentence each. */
void lds_cli_compare_print (const LdsCliCompare *compare);

/** Returns whether some second side is worse in what its comparison comes down to. */
gboolean lds_cli_compare_is_worse (const LdsCliCompare *compare);

/** Returns: (transfer full): the same for scripts */
JsonNode *lds_cli_compare_to_json (const LdsCliCompare *compare);

G_END_DECLS
