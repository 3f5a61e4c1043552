/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of a calibration: which plan is measured next, with what twin, and in the end the profile and its file. No
 * processes here: a command measures the plans one after the other, a window does so while it goes on. */
#pragma once

#include <json-glib/json-glib.h>

#include "lds-calibration.h"

G_BEGIN_DECLS

typedef struct _LdsCalibrator LdsCalibrator;

/**
 * lds_calibrator_new:
 * @subject: a real runtime that is here, or a twin to try it with
 * @quick: shorter runs
 *
 * Reads the environment, asks the runtime for its version, and looks how fast the processor is: some 50 ms.
 */
LdsCalibrator *lds_calibrator_new (const LdsLane *subject, gboolean quick);
void lds_calibrator_free (LdsCalibrator *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsCalibrator, lds_calibrator_free)

/**
 * lds_calibrator_next:
 * @plan: (out) (transfer none): what to measure now; %NULL when all has been, until the next call
 *
 * Sessions of earlier plans must have been freed: their twin may be another from now on.
 *
 * Returns %FALSE with LDS_ERROR_FAILED when the twin cannot be written to a temporary folder
 */
gboolean lds_calibrator_next (LdsCalibrator *self, const LdsPlan **plan, GError **error);

/**
 * lds_calibrator_take:
 * @session: of the plan that lds_calibrator_next() gave, complete
 *
 * Returns %FALSE with LDS_ERROR_INVALID when what was measured tells no figures
 */
gboolean lds_calibrator_take (LdsCalibrator *self, const LdsSession *session, GError **error);

/** Returns which stage the plan is of that lds_calibrator_next() gave; LDS_CALIBRATION_N_STAGES after the last. */
guint lds_calibrator_get_stage (const LdsCalibrator *self);

/** Returns expected time in ms of all plans that have not been taken, as lds_plan_estimate_ms() has it. */
gint64 lds_calibrator_get_left_ms (const LdsCalibrator *self);

/** Returns: (transfer none) (nullable): the profile, after the last plan was taken */
JsonNode *lds_calibrator_get_profile (const LdsCalibrator *self);

/**
 * lds_calibrator_save:
 * @folder: it is made where it is not there; lds_twin_dup_own_folder() is where lanes find it
 *
 * Returns: (transfer full): the file that holds the profile, whole; or %NULL with LDS_ERROR_FAILED or LDS_ERROR_INPUT
 */
char *lds_calibrator_save (const LdsCalibrator *self, const char *folder, GError **error);

G_END_DECLS
