/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an adaptive plan runs next, and what its runs say about each lane's knee. Both follow from the runs
 * alone, so that a session may be stopped and taken up again.
 *
 * For each workload, lanes in turn:
 *   1. "probe": a closed loop (with a rate in the plan: that rate) shows how fast the lane may be; without
 *      an SLO three runs at a tenth of it show how it answers at little load.
 *   2. "knee": the search of lds-knee.h, begun at four fifths of it. A machine may be faster or slower some minutes
 *      later, so a run counts for LDS_SEARCH_MEMORY rounds of all lanes' searches, and after that only shows where
 *      to look: what was found early is found again while others search, and all knees of a workload are of one time.
 *   3. "half-knee": latency at half of the lane's own knee, and "equal-rate": cost at one rate for all lanes, half
 *      of the lowest knee among them; the plan's repeats each.
 *   4. "scale": the plan's series.
 *
 * The limit of a good run is the plan's SLO for the p99. Without one it is ten times the p99 at little load,
 * and at least 10 ms. In a queue with exponential times response times grow by 1 / (1 - utilisation), all
 * quantiles alike, so that ten times is a server busy to nine tenths (Jain, "The Art of Computer Systems Performance
 * Analysis", 1991, section 31.2, M/M/1). Below 10 ms a p99 tells of what else the machine does; and what a
 * server owes at the end of a run that asks 1 % too much is that long after one second. */
#pragma once

#include "lds-knee.h"
#include "lds-plan.h"
#include "lds-stats.h"

G_BEGIN_DECLS

/* So many runs without a meaning after each other end the search of a lane. */
#define LDS_SEARCH_MAX_VOID 5

/* Ours: half a minute of two lanes with a second a run. Both ends of a bracket take six runs at least. */
#define LDS_SEARCH_MEMORY 12

/* What is known of one lane on one workload. Figures that are not known are NaN, estimates have n 0. */
typedef struct
{
  const LdsLane *lane;
  const LdsWorkload *workload;
  LdsKnee knee;
  gboolean is_given_up;  /* too many runs that mean nothing */
  guint n_void;          /* runs that said nothing of the server, as on a busy machine */
  const char *void_text; /* (nullable): why the last of them did, a sentence of its run */
  double probe_rate_hz;  /* of the closed loop */
  double limit_ns;       /* of the p99 */
  gboolean is_default_limit;
  /* (nullable): code of what the upper end is due to, where that is not the server: "client-saturated",
   * "schedule-lag", "connections" (all are waiting, as long as the workload says) or "rate" (the plan's) */
  const char *limited_by;
  LdsEstimate throughput; /* at the knee: answered in the good runs at knee.low_hz */
  double half_rate_hz;    /* half of the knee */
  LdsEstimate half_p50, half_p99, half_p99_9;
  double equal_rate_hz; /* one for all lanes of the workload */
  LdsEstimate cpu_per_request;
  LdsEstimate equal_rss_bytes; /* peak at that rate */
} LdsKneeSummary;

void lds_knee_summary_free (LdsKneeSummary *summary);

/**
 * lds_search_next:
 * @runs: (element-type LdsRun): of the plan so far, in any order
 *
 * Returns %FALSE when there is nothing left to run; otherwise @spec is next.
 */
gboolean lds_search_next (const LdsPlan *plan, GPtrArray *runs, LdsRunSpec *spec);

/** Returns about how many runs are left. */
guint lds_search_count_left (const LdsPlan *plan, GPtrArray *runs);

/**
 * lds_search_summarize:
 *
 * Returns: (transfer full) (element-type LdsKneeSummary): one a lane and workload, in plan order; empty
 *   unless the plan finds knees
 */
GPtrArray *lds_search_summarize (const LdsPlan *plan, GPtrArray *runs);

/**
 * lds_search_read_step:
 * @run: any run
 * @limit_ns: of the p99, as in the summary of its lane and workload
 * @vote: (out): what it says of the rate that it was offered
 * @p99_ns: (out): of however many answers it has; NaN when there are none
 *
 * Returns %FALSE when @run is no step of a search, or one that says nothing of the server.
 */
gboolean
lds_search_read_step (const LdsRun *run, double limit_ns, LdsKneeVote *vote, double *p99_ns);

/** Returns: (transfer full): the knees as in data/schemas/report.schema.json, a list */
JsonNode *lds_search_to_json (GPtrArray *summaries);

/** Returns: (transfer none): the state's name in JSON: "found", "at-least", "below", "unsettled",
 * "searching" or "given-up" */
const char *lds_knee_summary_get_state (const LdsKneeSummary *summary);

/* --- In words -------------------------------------------------------------------------------- */

/** Returns: (transfer full): “4.89 k/s”, “at least 9.98 k/s”, “not even 3/s”, “unsettled”, “INVALID” … */
char *lds_knee_summary_dup_rate (const LdsKneeSummary *summary);

/** Returns: (transfer full) (nullable): “4.81–4.97 k/s” where both ends of the interval are known */
char *lds_knee_summary_dup_interval (const LdsKneeSummary *summary);

/** Returns: (transfer full): how the search ended, as in “found, sure to 96 %” */
char *lds_knee_summary_dup_state (const LdsKneeSummary *summary);

/**
 * lds_knee_summary_dup_refusal:
 * @runs: (element-type LdsRun): those that @summary was made of
 *
 * Returns: (transfer full) (nullable): what is INVALID, and why, in sentences: the search, where it was given
 *   up, or runs below the knee, one reason of each kind
 */
char *lds_knee_summary_dup_refusal (const LdsKneeSummary *summary, GPtrArray *runs);

/** Returns: (transfer full) (element-type utf8): what to know before deciding by it, a sentence each */
GPtrArray *lds_knee_summary_list_notes (const LdsKneeSummary *summary);

G_END_DECLS
