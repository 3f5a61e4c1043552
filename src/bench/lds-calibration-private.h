/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the calibration share. */
#pragma once

#include "lds-calibration.h"

G_BEGIN_DECLS

/* A workload at a number of connections. */
typedef enum
{
  HELLO,
  JSON,
  ECHO_FEW,
  ECHO_MANY,
  TIMER,
  PRODUCT,
  MESSAGE,
  MEMBERS_FEW,
  HELLO_ALONE,
  ROOTS,
  IMAGE_SMALL,
  IMAGE,
  PARSE,
  MEMBERS_MANY,
  N_POINTS,
} Point;

/* What is measured. */
typedef enum
{
  SUBJECT,
  REFERENCE,
  TWIN,
  N_SIDES,
} Side;

typedef enum
{
  REQUEST,
  BYTE,
  JSON_BYTE,
  BODY,
  TURN,
  TIMER_COST,
  DATABASE,
  MESSAGE_COST,
  COMPUTE_RATIO,
  INTEGER_RATIO,
  NATIVE_RATIO,
  DISPATCH,
  PAUSE,
  PAUSE_REQUESTS,
  BASE_RSS,
  LOADED_RSS,
  LOADED_REQUESTS,
  CONNECTION,
  STARTUP_CPU,
  BROAD_PACE,
  NARROW_PACE,
  N_FIGURES,
} Figure;

/* Of one run; NaN or 0 where it does not say. */
typedef struct
{
  guint repeat;
  guint n_processes;
  double cpu_ns; /* of all processes, by answer */
  double start_up_ns;
  double base_rss_bytes;
  double peak_rss_bytes;
  double p99_ns;
  double growth_requests;
  double n_answers, n_pauses, paused_ns;
  double broad_pace_hz, narrow_pace_hz; /* of a twin */
} Observation;

struct _LdsCalibration
{
  const LdsLane *subject;
  const LdsLane *reference; /* the bare model that it is an instance of */
  gboolean quick;
  GArray *observations[LDS_CALIBRATION_N_STAGES][N_SIDES][N_POINTS]; /* (element-type Observation) */
  LdsEstimate figures[N_FIGURES];
  double spent[LDS_CALIBRATION_N_STAGES][N_FIGURES]; /* by the twin of that stage */
};

typedef struct
{
  const char *members[2]; /* of the profile, with their section; the second (nullable) has the same figure */
  gboolean multiplies;    /* a factor, or as good as one, rather than a sum */
  double minimum, maximum;
  gboolean whole;
  const char *how; /* it was found, for the profile's note; untranslated, as all of that */
} LdsCalibrationMember;

/* By figure. */
extern const LdsCalibrationMember lds_calibration_members[N_FIGURES];

/* Median of the double at @offset in Observation; NaN when there is none. */
double lds_calibration_median (const LdsCalibration *self,
                               LdsCalibrationStage stage,
                               guint side,
                               guint point,
                               gsize offset);
const char *lds_calibration_workload_of (guint point, guint *connections);
guint lds_calibration_count_repeats (const LdsCalibration *self, LdsCalibrationStage stage);

G_END_DECLS
