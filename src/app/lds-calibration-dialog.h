/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dialog that calibrates one runtime: how long, how far, and what came of it. */
#pragma once

#include <adwaita.h>

#include "lds-calibration-run.h"
#include "lds-measurement.h"

G_BEGIN_DECLS

#define LDS_TYPE_CALIBRATION_DIALOG (lds_calibration_dialog_get_type ())
G_DECLARE_FINAL_TYPE (
    LdsCalibrationDialog, lds_calibration_dialog, LDS, CALIBRATION_DIALOG, AdwWindow)

/**
 * lds_calibration_dialog_new:
 * @parent: over which it is shown, and nothing else can be done meanwhile
 * @subject: a real runtime that is here
 * @measurement: held while the runtime is calibrated; while another holds it, or it runs, nothing is calibrated
 *
 * Actions: "calibration.start", "calibration.stop", "calibration.close". Closing it stops what runs. Signal:
 * "calibrated" (const LdsLane *twin): that lane costs something else from now on, and may be new.
 *
 * Returns: (transfer none): to be shown with gtk_window_present()
 */
LdsCalibrationDialog *lds_calibration_dialog_new (GtkWindow *parent,
                                                  const LdsLane *subject,
                                                  LdsMeasurement *measurement);

/** Returns: (transfer none): what runs here, or would */
LdsCalibrationRun *lds_calibration_dialog_get_run (LdsCalibrationDialog *self);

/** Shows what was found: @profile as lds_calibrator_get_profile() has it, and @twin which spends it. */
void lds_calibration_dialog_show_result (LdsCalibrationDialog *self,
                                         JsonNode *profile,
                                         const LdsLane *twin);

G_END_DECLS
