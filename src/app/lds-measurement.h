/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One measurement as a window sees it: what is planned, what runs now, and all that was heard so
 * far. Drives the conductor; knows no widget. */
#pragma once

#include "lds-assessment.h"
#include "lds-conductor.h"

G_BEGIN_DECLS

typedef enum
{
  LDS_MEASUREMENT_IDLE,
  LDS_MEASUREMENT_RUNNING,
  LDS_MEASUREMENT_STOPPING, /* cancelled, the children are ending */
} LdsMeasurementState;

/* How thorough a plan is. */
typedef enum
{
  LDS_LENGTH_QUICK,    /* a first look, within a minute */
  LDS_LENGTH_STANDARD, /* as many runs as a verdict may rest on */
  LDS_LENGTH_THOROUGH,
  LDS_N_LENGTHS,
} LdsLength;

#define LDS_TYPE_MEASUREMENT (lds_measurement_get_type ())
G_DECLARE_FINAL_TYPE (LdsMeasurement, lds_measurement, LDS, MEASUREMENT, GObject)

/**
 * LdsMeasurement:
 *
 * Main thread only. Signals: "state-changed"; "held-changed"; "sample" (guint index, LdsSample *sample);
 * "run-started" (guint index); "run-finished" (guint index).
 */
LdsMeasurement *lds_measurement_new (LdsAssessment *assessment);

/** Returns: (transfer full): the plan that the answers call for, of that length; of real runtimes those that have been asked
 * for their version. Never waits. */
LdsPlan *lds_measurement_propose (LdsAssessment *assessment, LdsLength length);

/**
 * lds_measurement_start:
 * @plan: copied
 *
 * Does nothing while a measurement runs. What comes out of it goes to the assessment.
 */
void lds_measurement_start (LdsMeasurement *self, const LdsPlan *plan);

/**
 * lds_measurement_set_held:
 * @holder: what runs on this machine's servers meanwhile, or does so no longer
 * @reason: (nullable): why, a sentence for people; %NULL lets go, if @holder held it
 *
 * While it is held lds_measurement_start() does nothing but say why: two at once would measure each other.
 */
void lds_measurement_set_held (LdsMeasurement *self, gpointer holder, const char *reason);
/** Returns: (transfer none) (nullable): who holds it, to be compared alone */
gpointer lds_measurement_get_holder (LdsMeasurement *self);

/** Stops within half a second; finished runs are kept. */
void lds_measurement_stop (LdsMeasurement *self);

LdsMeasurementState lds_measurement_get_state (LdsMeasurement *self);
/** Returns: (transfer none) (nullable): of the measurement that is going on or was the last */
const LdsPlan *lds_measurement_get_plan (LdsMeasurement *self);
/** Index of the run that is going on, 0-based. */
guint lds_measurement_get_index (LdsMeasurement *self);
/** Time in ms since the measurement began; 0 when idle. */
gint64 lds_measurement_get_elapsed_ms (LdsMeasurement *self);
/** Expected time left in ms; 0 when idle. */
gint64 lds_measurement_get_remaining_ms (LdsMeasurement *self);
/** Returns: (transfer none) (nullable): why the last measurement did not happen, one sentence */
const char *lds_measurement_get_error (LdsMeasurement *self);

/** Whether a run of that lane on that workload is going on at this moment. */
gboolean lds_measurement_is_running (LdsMeasurement *self,
                                     const LdsLane *lane,
                                     const LdsWorkload *workload);

/**
 * lds_measurement_get_samples:
 *
 * Returns: (transfer none) (nullable) (element-type LdsSample): of the run of that lane on that
 *   workload that is going on, else of the last valid one, else of the last that was refused; until
 *   the next signal
 */
GArray *lds_measurement_get_samples (LdsMeasurement *self,
                                     const LdsLane *lane,
                                     const LdsWorkload *workload);

/**
 * lds_measurement_summarize:
 *
 * Returns: (transfer full) (nullable) (element-type LdsSummary): of the runs finished so far, or of
 *   the assessment's session when nothing was started in this window
 */
GPtrArray *lds_measurement_summarize (LdsMeasurement *self);
/** Returns: (transfer none) (nullable) (element-type LdsRun): behind that summary */
GPtrArray *lds_measurement_get_runs (LdsMeasurement *self);

G_END_DECLS
