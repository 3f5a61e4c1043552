/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session says of a pitfall: whether it shows here, and by how much. */
#pragma once

#include "lds-pitfall.h"
#include "lds-session.h"
#include "lds-stats.h"

G_BEGIN_DECLS

/* Less is no reason to write a program in another way. Ours. */
#define LDS_PITFALL_MIN_FACTOR 1.2

typedef enum
{
  LDS_PITFALL_UNKNOWN,   /* too few valid runs */
  LDS_PITFALL_SHOWN,     /* the pitfall is worse, by LDS_PITFALL_MIN_FACTOR or more */
  LDS_PITFALL_NOT_SHOWN, /* no detectable difference, or a smaller or the opposite one */
} LdsPitfallFinding;

typedef struct
{
  LdsPitfallFinding finding;
  /* How many times as bad the pitfall is in its metric, above 1 for worse, with its 95 % interval
   * (lds-stats-compare.h); NaN where it is not known. */
  double factor;
  double low;
  double high;
  LdsEstimate estimates[LDS_PITFALL_N_SIDES]; /* of the metric, over valid runs */
  guint n_valid[LDS_PITFALL_N_SIDES];
  guint n_invalid[LDS_PITFALL_N_SIDES];
} LdsPitfallVerdict;

/**
 * lds_pitfall_judge:
 * @session: of lds_pitfall_new_plan(), complete or not
 *
 * Returns: what its valid runs say
 */
LdsPitfallVerdict lds_pitfall_judge (const LdsPitfall *pitfall, const LdsSession *session);

/**
 * lds_pitfall_verdict_dup_text:
 *
 * Returns: (transfer full): "Shown here: Response time, p99 is 22.3 times as much (18.1–25.0)."
 */
char *lds_pitfall_verdict_dup_text (const LdsPitfallVerdict *verdict, const LdsPitfall *pitfall);

/** Returns: (transfer full) (nullable): why runs of @side were refused, a sentence each; %NULL when none was */
char *lds_pitfall_dup_refusals (const LdsPitfall *pitfall,
                                LdsPitfallSideId side,
                                const LdsSession *session);

/** "shown", "not-shown", "unknown": as in JSON. */
const char *lds_pitfall_finding_to_string (LdsPitfallFinding finding);

/**
 * lds_pitfall_to_json:
 * @session: (nullable): of its plan; without one there are no figures and no finding
 *
 * Returns: (transfer full): an entry of “pitfalls” in data/schemas/pitfalls.schema.json, but for "grade"
 */
JsonNode *lds_pitfall_to_json (const LdsPitfall *pitfall, const LdsSession *session);

G_END_DECLS
