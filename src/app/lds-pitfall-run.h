/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pitfall that runs beside its remedy, as a window sees it: what runs now, what came of those before.
 * Drives the conductor; knows no widget. */
#pragma once

#include "lds-conductor.h"
#include "lds-pitfall-verdict.h"

G_BEGIN_DECLS

#define LDS_TYPE_PITFALL_RUN (lds_pitfall_run_get_type ())
G_DECLARE_FINAL_TYPE (LdsPitfallRun, lds_pitfall_run, LDS, PITFALL_RUN, GObject)

/**
 * LdsPitfallRun:
 *
 * Main thread only. Signals: "changed" (it began, a run of it began or ended, it is being stopped, it ended);
 * "sample" (there is one more).
 */
LdsPitfallRun *lds_pitfall_run_new (void);

/** Runs @pitfall, unless one runs. What was known of it before is dropped. */
void lds_pitfall_run_start (LdsPitfallRun *self, const LdsPitfall *pitfall, gboolean quick);

/** Stops within half a second; what was measured is kept. */
void lds_pitfall_run_stop (LdsPitfallRun *self);

/** Returns: (transfer none) (nullable): the one that runs, or is being stopped */
const LdsPitfall *lds_pitfall_run_get_running (LdsPitfallRun *self);
/** Whether it is being stopped. */
gboolean lds_pitfall_run_is_stopping (LdsPitfallRun *self);
/** Returns: (transfer none) (nullable): how @pitfall runs, or ran last */
const LdsPlan *lds_pitfall_run_get_plan (LdsPitfallRun *self, const LdsPitfall *pitfall);
/** Index of the run that is going on, 0-based; @n_runs: (out): of how many. */
guint lds_pitfall_run_get_index (LdsPitfallRun *self, guint *n_runs);
/** Returns: (transfer none) (nullable): why the last one did not happen, one sentence */
const char *lds_pitfall_run_get_error (LdsPitfallRun *self);

/** Returns: (transfer none) (nullable): what came of @pitfall, once it has ended */
const LdsSession *lds_pitfall_run_get_session (LdsPitfallRun *self, const LdsPitfall *pitfall);

/**
 * lds_pitfall_run_get_samples:
 *
 * Returns: (transfer none) (nullable) (element-type LdsSample): of the run of that side that is going on, else
 *   of its last valid one, else of its last; until the next signal
 */
GArray *lds_pitfall_run_get_samples (LdsPitfallRun *self,
                                     const LdsPitfall *pitfall,
                                     LdsPitfallSideId side);

G_END_DECLS
