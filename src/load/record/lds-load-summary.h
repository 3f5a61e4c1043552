/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a whole run came to, and whether it may be believed. */
#pragma once

#include <json-glib/json-glib.h>

#include "lds-load-plan.h"
#include "lds-load-recorder.h"

G_BEGIN_DECLS

/* Source of the limits: METHOD, the row "validity" of the marks. They are part of every result's
 * meaning: a change of one is a change of what "valid" says. Ours: lag counts from the second send that is late
 * on, for of fewer than 100 the p99 is a single one. */
#define LDS_LOAD_MIN_RATE_RATIO   0.99
#define LDS_LOAD_MAX_CPU_FRACTION 0.80
#define LDS_LOAD_MAX_ERROR_RATE   0.001
#define LDS_LOAD_MAX_LAG_P99_NS   1000000
/* Ours: a thread that was kept from beginning in time has not measured what was asked for. */
#define LDS_LOAD_MIN_DURATION_RATIO 0.9
/* Ours: of what was to reach each member of a stream. */
#define LDS_LOAD_MIN_REACH 0.99
/* Ours: connections that rest after failures count few errors, however long they rest. */
#define LDS_LOAD_MAX_LOST_FRACTION 0.01

/* What a thread used in the measured interval. */
typedef struct
{
  double cpu_s;
  double spun_s;       /* of cpu_s, polled in vain */
  double cpu_fraction; /* of its core, without what was polled in vain */
} LdsLoadThreadUsage;

typedef struct
{
  const LdsLoadPlan *plan;
  const char *client;
  const char *engine;
  const char *http_version;                   /* (nullable): of the answers */
  const LdsLoadTally *total;                  /* of the requests of the measured interval */
  const LdsHistogram *connect;                /* (nullable): of all connections of the run */
  const LdsLoadBackgroundFigures *background; /* (nullable): when there were such connections */
  const LdsLoadThreadUsage *threads;          /* (array length=n_threads) */
  guint n_threads;
  double duration_s; /* of the measured interval, as it was; 0 when it was not reached */
  guint n_lost;      /* connections that could not be made any more at the end of it */
  gboolean ended_early;
  guint n_members; /* of streams: connections that were open when the measured interval began */
  guint64 most;    /* of streams: messages of it that any connection has had */
} LdsLoadSummary;

/** Deliveries of messages of the measured interval, if each had reached every member that it was for. */
guint64 lds_load_summary_expected (const LdsLoadSummary *summary);

/** Deliveries by the expected ones; 0 when none were. */
double lds_load_summary_reach (const LdsLoadSummary *summary);

/** CPU time of all threads, what was polled in vain included. */
double lds_load_summary_cpu_s (const LdsLoadSummary *summary);

/** Of the busiest thread's core. */
double lds_load_summary_cpu_fraction (const LdsLoadSummary *summary);

/** Good answers a second. */
double lds_load_summary_achieved_rate (const LdsLoadSummary *summary);

/** Good answers by what the schedule had due; 1 in a closed loop. */
double lds_load_summary_rate_ratio (const LdsLoadSummary *summary);

/** Failures by all requests that ended. */
double lds_load_summary_error_rate (const LdsLoadSummary *summary);

/** One finding: a code for machines, a sentence for people. */
typedef struct
{
  const char *code;
  char *text;
} LdsLoadFinding;

/** Returns: (transfer full) (element-type LdsLoadFinding): why the run is invalid; empty when valid */
GPtrArray *lds_load_summary_invalid_reasons (const LdsLoadSummary *summary);

/** Returns: (transfer full) (element-type LdsLoadFinding): what is odd, though not invalid */
GPtrArray *lds_load_summary_warnings (const LdsLoadSummary *summary);

/** Returns: (transfer full): the "result" event of src/DESIGN.md */
JsonNode *lds_load_summary_to_json (const LdsLoadSummary *summary);

G_END_DECLS
