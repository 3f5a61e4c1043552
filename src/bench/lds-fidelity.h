/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How true a twin is: beside the real runtime, on workloads and loads that its calibration did not use.
 *
 * Two sessions a runtime. In the first both are driven in a closed loop: throughput at saturation. It stands for the
 * knee, whose interval is as wide as METHOD's mark for the error of a twin is narrow (10 % and 5 %). In the second both
 * get one rate, half of what the slower of them could: response times, memory, start-up. Runs alternate, and each
 * figure is the median of the twin's by the real one's, run beside run. */
#pragma once

#include "lds-session.h"
#include "lds-stats-ratio.h"

G_BEGIN_DECLS

/* METHOD, section 5: of all cases the median and the worst error. */
#define LDS_FIDELITY_MARK_THROUGHPUT       0.05
#define LDS_FIDELITY_MARK_THROUGHPUT_WORST 0.12
#define LDS_FIDELITY_MARK_P50              0.10
#define LDS_FIDELITY_MARK_P99              0.20
/* Two lanes are in an order when they differ by more. */
#define LDS_FIDELITY_MIN_ORDER 1.10

typedef enum
{
  LDS_FIDELITY_THROUGHPUT,
  LDS_FIDELITY_P50,
  LDS_FIDELITY_P99,
  LDS_FIDELITY_RSS,
  LDS_FIDELITY_START_UP,
  LDS_FIDELITY_N_FIGURES,
} LdsFidelityFigure;

/* One figure of both; NaN and n 0 where a side has none. */
typedef struct
{
  guint n; /* pairs of runs */
  double real;
  double twin;    /* medians, in the unit of the metric */
  LdsRatio ratio; /* twin by real */
} LdsFidelityValue;

/* One case. */
typedef struct
{
  const LdsLane *real;
  const LdsLane *twin;
  const LdsWorkload *workload;
  guint connections;
  double rate_hz; /* of the second session; 0 = not run */
  guint n_invalid;
  LdsFidelityValue values[LDS_FIDELITY_N_FIGURES];
} LdsFidelityRow;

/* Errors are fractions: of a ratio its distance from 1. NaN where nothing is known. */
typedef struct
{
  guint n_rows; /* with a throughput */
  double median[LDS_FIDELITY_N_FIGURES];
  double worst[LDS_FIDELITY_N_FIGURES];
  guint n_ordered;       /* pairs of real lanes that differ on a case by more than LDS_FIDELITY_MIN_ORDER */
  guint n_ordered_right; /* of them those whose twins differ in the same direction */
} LdsFidelitySummary;

/**
 * lds_fidelity_list_pairs:
 * @twins: (out) (transfer full) (element-type LdsLane): a twin for each of the lanes that are returned
 *
 * Returns: (transfer full) (element-type LdsLane): the real lanes that are on this machine and have a twin, by id
 */
GPtrArray *lds_fidelity_list_pairs (GPtrArray **twins);

/**
 * lds_fidelity_new_plan:
 * @is_quick: fewer cases, and shorter and fewer runs
 *
 * Returns: (transfer full) (nullable): closed loops of the cases that both lanes serve; %NULL when there is none
 */
LdsPlan *lds_fidelity_new_plan (const LdsLane *real, const LdsLane *twin, gboolean is_quick);

/**
 * lds_fidelity_new_half_plan:
 * @closed: what came of lds_fidelity_new_plan()
 *
 * Returns: (transfer full) (nullable): both lanes at half of the lower throughput, each case; %NULL when no case has
 *   valid runs of both
 */
LdsPlan *lds_fidelity_new_half_plan (const LdsSession *closed);

/**
 * lds_fidelity_add_rows:
 * @rows: (element-type LdsFidelityRow): where a row a case is appended
 * @closed: with the real lane first
 * @half: (nullable): what came of lds_fidelity_new_half_plan()
 */
void lds_fidelity_add_rows (GArray *rows, const LdsSession *closed, const LdsSession *half);

LdsFidelitySummary lds_fidelity_summarize (GArray *rows);

/** Returns whether METHOD's marks are kept, those of which nothing is known among them. */
gboolean lds_fidelity_keeps_marks (const LdsFidelitySummary *summary);

/** Returns: (transfer none): a figure's title, untranslated */
const char *lds_fidelity_get_title (LdsFidelityFigure figure);

/**
 * lds_fidelity_save:
 * @rows: of one twin
 * @environment: of its session
 *
 * Leaves what was found where the twin's label and the next Loadstone find it: lds_twin_dup_fidelity_path().
 */
gboolean lds_fidelity_save (GArray *rows, JsonObject *environment, GError **error);

/** Returns: (transfer full): data/schemas/fidelity.schema.json */
JsonNode *lds_fidelity_to_json (GArray *rows, JsonObject *environment, gboolean is_quick);

G_END_DECLS
