/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan: which lanes, which workloads, how hard, how long, how often. An immutable value once
 * made; the runs follow from it in closed form. */
#pragma once

#include "lds-run.h"

G_BEGIN_DECLS

#define LDS_PLAN_MAX_CONNECTIONS    65535
#define LDS_PLAN_MAX_CLIENT_THREADS 64
#define LDS_PLAN_MAX_REPEATS        1000
#define LDS_PLAN_MAX_SEED           1000000000
#define LDS_PLAN_MAX_KNEE_RUNS      1000
#define LDS_PLAN_MAX_SCALE          32 /* points of a series */

/* What a search for a knee takes: a look at its closed loop, three at little load, and as many steps as searches of
 * simulated servers need on average (tests/bench/test-knee.c). */
#define LDS_PLAN_EXPECTED_KNEE_RUNS (1 + 3 + 18)

/* How hard one workload is driven, where it differs from the rest of the plan. */
typedef struct
{
  const LdsWorkload *workload;
  guint connections; /* 1 to LDS_PLAN_MAX_CONNECTIONS */
  double rate_hz;    /* 0 = closed loop */
} LdsPlanLoad;

typedef struct
{
  GPtrArray *lanes;     /* (element-type LdsLane), not owned */
  GPtrArray *workloads; /* (element-type LdsWorkload), not owned */
  guint connections;
  guint client_threads;
  double rate_hz; /* 0 = closed loop; with find_knee the highest rate to try, 0 = none */
  gint64 duration_ms;
  gint64 warm_up_ms;
  gint64 timeout_ms;
  guint repeats;
  guint workers;     /* 0 = each model's default */
  double slo_p99_ms; /* 0 = none */
  GArray *loads;     /* (element-type LdsPlanLoad): exceptions from connections and rate_hz */
  /* (element-type utf8), owned: hosts beside this machine that may be loaded */
  GPtrArray *allow_hosts;
  /* Instead of repeats of one load (lds-search.h): */
  gboolean find_knee;        /* search each lane's knee on each workload, then measure at and below it */
  double knee_accuracy;      /* largest width of the knee's interval, 0.02 to 0.5 of it */
  guint knee_max_runs;       /* of one search */
  GArray *scale_connections; /* (element-type guint): closed loops with so many; empty = no series */
  GArray *scale_workers;     /* (element-type guint): the same over workers, of lanes that have them */
  double demand_rate_hz;     /* load that is to be served in the end, for the capacity; 0 = not stated */
  guint demand_connections;  /* likewise open connections */
  guint seed;                /* of the first repeat, from 1; each further repeat has the next one */

  /* What a plan that was made for answers says of itself. */
  double connections_scale; /* connections in reality for each one here, from 1; of the first workload */
  double rate_scale;        /* requests likewise */
  char *scale_reason;       /* (nullable): one sentence, translated */
  GPtrArray *left_out;      /* (element-type LdsInvalidReason): id of a lane or workload, and why */
} LdsPlan;

/** Returns: (transfer full): no lanes, no workloads, 64 connections, 5 repeats of 5 s after 1 s */
LdsPlan *lds_plan_new (void);
LdsPlan *lds_plan_copy (const LdsPlan *plan);
void lds_plan_free (LdsPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsPlan, lds_plan_free)

/** Checks every figure of @plan; returns %FALSE with LDS_ERROR_INPUT naming the first wrong one. */
gboolean lds_plan_validate (const LdsPlan *plan, GError **error);

/**
 * lds_plan_check_series:
 *
 * What a plan that is made now must be besides valid, and one of a session that was measured need not:
 * returns %FALSE with LDS_ERROR_INPUT for a series over workers when no lane has any.
 */
gboolean lds_plan_check_series (const LdsPlan *plan, GError **error);

/** Drives @workload with @connections at @rate_hz (0 = closed loop), whatever the rest of the plan. */
void lds_plan_set_load (LdsPlan *plan,
                        const LdsWorkload *workload,
                        guint connections,
                        double rate_hz);

/** Returns how hard the plan drives @workload. */
LdsPlanLoad lds_plan_get_load (const LdsPlan *plan, const LdsWorkload *workload);

/** Allows a server of the user's own at @host to be loaded; once more means nothing. */
void lds_plan_allow_host (LdsPlan *plan, const char *host);

/**
 * lds_plan_apply_ceilings:
 *
 * Where a lane is not on this machine, lowers what all lanes get to what such a server may be given:
 * LDS_REMOTE_MAX_RATE_HZ, also instead of a closed loop, and LDS_REMOTE_MAX_DURATION_MS. All of them, for
 * lanes are compared under one load.
 */
void lds_plan_apply_ceilings (LdsPlan *plan);

/** Returns %TRUE when what is run next depends on what came out so far: lds-search.h. */
gboolean lds_plan_is_adaptive (const LdsPlan *plan);

/** Number of runs: workloads x repeats x lanes. Of an adaptive plan about so many. */
guint lds_plan_n_runs (const LdsPlan *plan);

/**
 * lds_plan_run_spec:
 * @index: 0 to lds_plan_n_runs() - 1
 *
 * Returns the run at @index of a plan that is not adaptive: all lanes of one repeat beside each other, in alternating direction
 * from repeat to repeat, so that a drift of the machine falls on every lane alike.
 */
LdsRunSpec lds_plan_run_spec (const LdsPlan *plan, guint index);

/** Returns a run of @lane on @workload as the plan drives it, the first of its purpose. */
LdsRunSpec lds_plan_make_spec (const LdsPlan *plan,
                               const LdsLane *lane,
                               const LdsWorkload *workload);

/**
 * lds_plan_estimate_ms:
 *
 * Expected time in ms of the whole plan: for each run its warm-up and measured interval, starting, checking
 * and stopping the server, connecting, and what is under way at the end of the interval. Follows from the
 * plan alone, whatever the machine. Source of the figures: runs of every lane on a machine of two cores.
 */
gint64 lds_plan_estimate_ms (const LdsPlan *plan);

/** Says in the plan that the lane or workload @id is not in it, and why in one sentence. */
void lds_plan_leave_out (LdsPlan *plan, const char *id, const char *reason);

/** Returns: (transfer full) (nullable): how much less than in the answers there is here, and why */
char *lds_plan_dup_scale_text (const LdsPlan *plan);

/** Leaves out the lanes that do not serve some workload of the plan. */
void lds_plan_leave_out_lanes (LdsPlan *plan);

/** Returns: (transfer full): as in data/schemas/plan.schema.json */
JsonNode *lds_plan_to_json (const LdsPlan *plan);
/**
 * lds_plan_from_json:
 *
 * Members that it does not know are passed over, for they may be a later version's; "estimated_ms" follows
 * from the rest. Returns %NULL with LDS_ERROR_INPUT that names the wrong member.
 */
LdsPlan *lds_plan_from_json (JsonObject *object, GError **error);

/** Reads a file that people write: its error names @path, and a member that no plan has is refused. */
LdsPlan *lds_plan_load (const char *path, GError **error);

G_END_DECLS
