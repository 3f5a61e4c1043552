/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration: from measurements of a runtime to its profile, so that its twin costs what it costs.
 *
 * What is measured is CPU time of all the server's processes by good answers, never time on the clock: on a shared core
 * that would measure the neighbours. A figure follows from a few workloads of a fixed set: “a body costs what an echo
 * costs more than hello”. As a twin's threads use something besides what the profile says, the figures are not taken
 * as they are: a twin that spends them is measured beside the runtime, the same figures are taken from it, and what lies
 * between the two is added, pair by pair. A second twin shows what is left, and its pairs count as well. A twin also tells how fast the
 * machine is while it serves (lds-work.h), so that what was measured at different speeds is taken to that of the median.
 *
 * No processes here: stages are plans for others to run, and what came out is taken run by run. Not used, so that what
 * twins are worth can be tried on them: mix, report, tasks, users, and other loads of the rest. */
#pragma once

#include "lds-session.h"

G_BEGIN_DECLS

typedef enum
{
  LDS_CALIBRATION_FIT,     /* the runtime, and the bare model, which computes in C */
  LDS_CALIBRATION_CORRECT, /* the runtime and its twin */
  LDS_CALIBRATION_CHECK,   /* the same with the corrected figures: what is left */
  LDS_CALIBRATION_N_STAGES,
} LdsCalibrationStage;

typedef struct _LdsCalibration LdsCalibration;

/**
 * lds_calibration_new:
 * @subject: a real runtime, or a twin to try it with
 * @quick: shorter runs
 */
LdsCalibration *lds_calibration_new (const LdsLane *subject, gboolean quick);
void lds_calibration_free (LdsCalibration *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsCalibration, lds_calibration_free)

/**
 * lds_calibration_make_plans:
 * @twin: (nullable): what spends the figures so far; none to fit
 *
 * Returns: (transfer full) (element-type LdsPlan): what to measure in @stage, one plan for each number of connections
 */
GPtrArray *lds_calibration_make_plans (const LdsCalibration *self,
                                       LdsCalibrationStage stage,
                                       const LdsLane *twin);

/** Takes the figures of a run of @stage. One without answers, or with wrong ones, says nothing. */
void lds_calibration_take (LdsCalibration *self, LdsCalibrationStage stage, const LdsRun *run);

/**
 * lds_calibration_fit:
 *
 * Works the figures out, or corrects them, when all runs of @stage have been taken. Returns %FALSE with
 * LDS_ERROR_INVALID when there are too few of plain requests.
 */
gboolean lds_calibration_fit (LdsCalibration *self, LdsCalibrationStage stage, GError **error);

/**
 * lds_calibration_get:
 * @member: of a profile, with its section: “cost.timer_ns”
 *
 * Returns the figure with the interval of the last stage; n is 0 when it was not found
 */
LdsEstimate lds_calibration_get (const LdsCalibration *self, const char *member);

/**
 * lds_calibration_to_json:
 * @environment: of the session, as lds_environment_read() has it
 * @version: (nullable): of the runtime
 * @cpu_work_ns: lds_cpu_work_measure_ns() of this machine
 *
 * Returns: (transfer full): the profile, as in data/schemas/profile.schema.json
 */
JsonNode *lds_calibration_to_json (const LdsCalibration *self,
                                   JsonObject *environment,
                                   const char *version,
                                   double cpu_work_ns);

G_END_DECLS
