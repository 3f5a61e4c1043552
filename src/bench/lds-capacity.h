/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a stated load takes of each lane, and how each scales: what was measured, and what follows from it at
 * some distance, kept apart. */
#pragma once

#include "lds-format.h"
#include "lds-plan.h"
#include "lds-usl.h"

G_BEGIN_DECLS

/* Nothing is said of loads this many times what was measured: at such a distance other things decide. */
#define LDS_CAPACITY_MAX_FACTOR 20.0

/* How one lane's throughput follows from connections or workers. */
typedef struct
{
  const LdsLane *lane;
  const LdsWorkload *workload;
  gboolean is_over_workers;
  guint n_invalid; /* runs left out: as when the load generator was the limit */
  GArray *points;  /* (element-type LdsUslPoint): the runs that count, by ascending n */
  LdsUsl *usl;     /* (nullable) */
  char *why_not;   /* (nullable): a sentence, where there is no @usl */
} LdsScaling;

typedef struct
{
  double low; /* NaN where nothing can be said */
  double high;
} LdsCapacityRange;

/* What one lane needs for the plan's demand on one workload. The low end runs every instance at its knee, the
 * high end at half of it, where latency was measured; both with the intervals of what they follow from. An instance is
 * the server as it was measured, on its one core. That instances add up is an assumption: they share nothing here. */
typedef struct
{
  const LdsLane *lane;
  const LdsWorkload *workload;
  LdsCapacityRange instances;
  LdsCapacityRange processes;
  LdsCapacityRange cores;        /* CPU time: demand times CPU per request at the rate of all lanes */
  LdsCapacityRange memory_bytes; /* RSS: base of each instance, and what each connection adds */
  double rate_factor;            /* demand by the knee of one instance: up to 1 is measured */
  double connections_factor;     /* connections by the most that were measured */
} LdsCapacity;

void lds_scaling_free (LdsScaling *scaling);

/** Returns: (transfer full) (element-type LdsScaling): one a lane, workload and series of the plan; of workers only for
 * lanes that have them */
GPtrArray *lds_capacity_list_scaling (const LdsPlan *plan, GPtrArray *runs);

/** Returns: (transfer full) (element-type LdsCapacity): one a lane and workload; empty unless the plan has a demand */
GPtrArray *lds_capacity_list (const LdsPlan *plan, GPtrArray *runs);

/** Returns how far @point is from the law, as a part of it: negative below; NaN without a law. */
double lds_scaling_get_residual (const LdsScaling *scaling, const LdsUslPoint *point);

/** Returns: (transfer full): as in data/schemas/report.schema.json */
JsonNode *lds_capacity_scaling_to_json (GPtrArray *scalings);
JsonNode *lds_capacity_to_json (const LdsPlan *plan, GPtrArray *capacities);

/* --- In words -------------------------------------------------------------------------------- */

/** Returns: (transfer full): a parameter of the law, which has no unit and may be very small; “none” when
 * it is not finite */
char *lds_capacity_dup_figure (const LdsUslFigure *figure);
/** Returns: (transfer full) (nullable): its confidence interval: “0.0123–0.0145” */
char *lds_capacity_dup_interval (const LdsUslFigure *figure);

/** Returns: (transfer full) (element-type utf8): what to know of the law, a sentence each */
GPtrArray *lds_scaling_list_notes (const LdsScaling *scaling);

/** Returns: (transfer full): “3–6”; an en dash where nothing can be said */
char *lds_capacity_range_dup_text (LdsCapacityRange range, LdsUnit unit);

/**
 * lds_capacity_dup_basis:
 * @factor: how many times what was measured, above 0; NaN = not known
 *
 * Returns: (transfer full): “measured”, “extrapolated, × 3.2”, “refused, × 25” or “not known”
 */
char *lds_capacity_dup_basis (double factor);

G_END_DECLS
