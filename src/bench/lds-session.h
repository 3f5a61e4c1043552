/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session: a plan, the machine it ran on, its runs, and the summary that follows from them. */
#pragma once

#include "lds-metric.h"
#include "lds-plan.h"
#include "lds-stats.h"

G_BEGIN_DECLS

/* A verdict may rest on a lane with at least this many valid runs. Source: METHOD, validity mark. */
#define LDS_SESSION_MIN_RUNS 5

typedef struct
{
  LdsPlan *plan;
  JsonObject *environment; /* machine, kernel, versions, load before and after: name -> text or number */
  GPtrArray *runs;         /* (element-type LdsRun), in the order they ran; cancelled ones absent */
  GPtrArray *warnings;     /* (element-type LdsInvalidReason): about the machine, "machine-busy" */
  gboolean complete;       /* every run of the plan is there */
  /* (element-type LdsSelfTest): how often its comparisons find what is not there, where that was tried */
  GArray *self_tests;
} LdsSession;

LdsSession *lds_session_new (const LdsPlan *plan);
void lds_session_free (LdsSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsSession, lds_session_free)

/* What one lane did on one workload, over its runs. */
typedef struct
{
  const LdsLane *lane;
  const LdsWorkload *workload;
  guint n_valid;
  guint n_invalid;
  LdsEstimate *estimates; /* (array length=n_metrics), in the metric table's order, valid runs only */
  LdsHistogram *response; /* merged over valid runs; (nullable) when there are none */
  LdsHistogram *delivery; /* likewise; (nullable) unless connections stay open */
  double slo_p99_ns;      /* median of lds_metric_slo_p99_ns() over the valid runs. NaN when there are none */
  GPtrArray *reasons;     /* (element-type utf8): reasons of the invalid runs, one of each code */
  GPtrArray *notes;       /* (element-type utf8): what to know before deciding by these figures, such
                           * as fewer than LDS_SESSION_MIN_RUNS runs, or warnings of the runs */
} LdsSummary;

void lds_summary_free (LdsSummary *summary);

/** Returns: (transfer full) (element-type LdsSummary): one a lane and workload, in plan order. Runs of
 * other purposes than to compare are left out: their loads differ (lds-search.h) */
GPtrArray *lds_session_summarize (const LdsSession *session);

/** Returns %TRUE when @plan has an SLO and the median p99 of @summary's valid runs is above it. */
gboolean lds_summary_misses_slo (const LdsSummary *summary, const LdsPlan *plan);

/** Returns %TRUE when some lane and workload misses the plan's SLO; where knees are searched, at any rate. */
gboolean lds_session_misses_slo (const LdsSession *session);

/**
 * lds_session_find_beyond_slo:
 *
 * Returns: (transfer none) (nullable): the first workload on which no lane with valid runs keeps the
 *   plan's SLO, at any rate where knees are searched. A workload that itself waits as long as the SLO is
 *   passed over: no server could
 */
const LdsWorkload *lds_session_find_beyond_slo (const LdsSession *session);

/** Returns how many runs are invalid though they should not be: a search goes where servers fail. */
guint lds_session_count_refused (const LdsSession *session);

/** Returns %TRUE when some lane and workload of the plan has no valid run: nothing to compare. */
gboolean lds_session_has_gaps (const LdsSession *session);

/**
 * lds_session_to_json:
 *
 * {"plan": lds_plan_to_json(), "environment": {…}, "complete": true, "warnings": [{"code", "text"}],
 *  "summary": […], "comparisons": [lds_comparison_to_json() of each lane against the best of its
 * workload], "self_test": lds_self_test_list_to_json(), if any, "runs": [lds_run_to_json()]}. An entry of "summary" is {"lane", "workload",
 * "n_valid", "n_invalid", "metrics": {json_key: {"n", "median", "low", "high"}},
 * "response_histogram" and "delivery_histogram" with their companions as in a run (or null), "invalid_reasons": [text], "notes": [text]}; metrics without a
 * figure are absent. With a plan that finds knees there is "knees", of lds_search_to_json(); with
 * series "scaling", and with a demand "capacity", of lds-capacity.h.
 *
 * Returns: (transfer full): as in data/schemas/report.schema.json
 */
JsonNode *lds_session_to_json (const LdsSession *session);
/** Reads it back; the summary follows from the runs again. LDS_ERROR_INPUT names the wrong member. */
LdsSession *lds_session_from_json (JsonObject *object, GError **error);

G_END_DECLS
