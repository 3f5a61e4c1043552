/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pitfalls that run, each against its remedy: data/pitfalls/. */
#pragma once

#include "lds-metric.h"
#include "lds-plan.h"

G_BEGIN_DECLS

typedef enum
{
  LDS_PITFALL_WRONG,
  LDS_PITFALL_REMEDY,
  LDS_PITFALL_N_SIDES,
} LdsPitfallSideId;

typedef struct
{
  const char *title; /* translated: "Computed on the loop" */
  const LdsLane *lane;
  const LdsWorkload *workload;
  double rate_hz; /* 0 = closed loop */
} LdsPitfallSide;

/* Immutable, lives as long as the process. The sides differ either in their lane or in their workload. */
typedef struct
{
  const char *id;          /* of the pitfall's entry in the rule pack: "X-01" */
  const char *title;       /* translated: "Blocking the loop" */
  const char *see;         /* translated: what to see, and why, in a few sentences */
  const LdsMetric *metric; /* the one that shows it; has a figure along a run */
  guint connections;
  LdsPitfallSide sides[LDS_PITFALL_N_SIDES];
} LdsPitfall;

/** Returns: (array length=n_pitfalls) (transfer none): every pitfall that runs, in the order to show them */
const LdsPitfall *lds_pitfall_list (guint *n_pitfalls);

/**
 * lds_pitfall_find:
 * @id: "X-01"; the case of letters does not matter
 *
 * Returns: (transfer none): the pitfall; or %NULL with LDS_ERROR_INPUT that says which there are
 */
const LdsPitfall *lds_pitfall_find (const char *id, GError **error);

/**
 * lds_pitfall_new_plan:
 * @quick: as few and as short runs as can tell anything, for a first look; else as many as a verdict may rest on
 *
 * Returns: (transfer full): both sides under their load
 */
LdsPlan *lds_pitfall_new_plan (const LdsPitfall *pitfall, gboolean quick);

/** Returns: (transfer full): what a side is in full: "Computed on the loop: Event loop (model)" */
char *lds_pitfall_side_dup_label (const LdsPitfallSide *side);

/** Returns which side a run of @lane on @workload is of; LDS_PITFALL_N_SIDES for none. */
LdsPitfallSideId lds_pitfall_find_side (const LdsPitfall *pitfall,
                                        const LdsLane *lane,
                                        const LdsWorkload *workload);

/** "wrong", "remedy": as in the file and in JSON. */
const char *lds_pitfall_side_to_string (LdsPitfallSideId side);

G_END_DECLS
