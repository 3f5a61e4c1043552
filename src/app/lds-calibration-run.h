/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calibration of one runtime as a window sees it: which part is going on, how long it will take, what came of it.
 * Drives the conductor; knows no widget. */
#pragma once

#include <json-glib/json-glib.h>

#include "lds-calibrator.h"
#include "lds-conductor.h"

G_BEGIN_DECLS

#define LDS_TYPE_CALIBRATION_RUN (lds_calibration_run_get_type ())
G_DECLARE_FINAL_TYPE (LdsCalibrationRun, lds_calibration_run, LDS, CALIBRATION_RUN, GObject)

/**
 * LdsCalibrationRun:
 *
 * Main thread only. Signal: "changed" (it began, a run of it began, it is being stopped, it ended).
 */
LdsCalibrationRun *lds_calibration_run_new (const LdsLane *subject);

/** Returns about how long it takes, in ms. */
gint64 lds_calibration_run_estimate_ms (LdsCalibrationRun *self, gboolean quick);

/** Calibrates, unless it does so already. What it found is saved among the user's own profiles, and lanes spend it. */
void lds_calibration_run_start (LdsCalibrationRun *self, gboolean quick);

/** Stops within half a second; nothing is kept. */
void lds_calibration_run_stop (LdsCalibrationRun *self);

gboolean lds_calibration_run_is_running (LdsCalibrationRun *self);
/** Whether it is being stopped. */
gboolean lds_calibration_run_is_stopping (LdsCalibrationRun *self);

/**
 * lds_calibration_run_get_current:
 * @stage: (out): 0 to LDS_CALIBRATION_N_STAGES - 1
 * @spec: (out): of the run that is going on
 *
 * Returns %FALSE when none is
 */
gboolean
lds_calibration_run_get_current (LdsCalibrationRun *self, guint *stage, LdsRunSpec *spec);

/** Expected time left in ms; 0 when it does not run. @total_ms: (out): of all of it. */
gint64 lds_calibration_run_get_left_ms (LdsCalibrationRun *self, gint64 *total_ms);

/** Returns: (transfer none) (nullable): why the last one came to nothing, one sentence; %NULL when it was stopped */
const char *lds_calibration_run_get_error (LdsCalibrationRun *self);
/** Returns: (transfer none) (nullable): the profile, once there is one */
JsonNode *lds_calibration_run_get_profile (LdsCalibrationRun *self);
/** Returns: (transfer none) (nullable): the twin that spends it */
const LdsLane *lds_calibration_run_get_lane (LdsCalibrationRun *self);

G_END_DECLS
