/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run: a fresh server process, a warm-up, one measured interval. The replicate of every
 * statistic. Plain values: what to do, what was sampled, what came out. */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "lds-histogram.h"
#include "lds-lane.h"
#include "lds-sampler.h"
#include "lds-workload.h"

G_BEGIN_DECLS

typedef enum
{
  LDS_PHASE_WARM_UP,
  LDS_PHASE_MEASURE,
  LDS_PHASE_DRAIN,
} LdsPhase;

/* One point of the run's common time axis, ten a second. */
typedef struct
{
  gint64 t_ns; /* since the measured interval began; negative while warming up */
  LdsPhase phase;
  double rate_hz; /* good responses a second; NaN when nothing was heard of the load */
  double error_rate_hz;
  double p50_ns; /* response time over this interval; NaN when nothing was answered */
  double p99_ns;
  double rss_bytes; /* sum over the server's processes; NaN when not known */
  double pss_bytes;
  double server_cpu_cores; /* 1.0 = one core busy */
  double client_cpu_cores;
  guint n_processes; /* of the server */
  guint n_threads;
  double loop_lag_p99_ns; /* of the server's event loop; NaN when it has none, or tells nothing */
  double gil_waiting;     /* threads waiting for a global lock, on average since the last telling; likewise */
  double queue_depth;     /* jobs waiting for a pool; likewise */
  double n_files;         /* open file descriptors of the server; NaN when not known */
  /* Context switches a second of the server's threads; NaN when not known. */
  double voluntary_switches_hz;   /* had to wait */
  double involuntary_switches_hz; /* had to make room for another */
  /* Of connections that stay open; NaN elsewhere. What of its messages an interval's deliveries are is not
   * known, for they may be of the one before: there is no reach of an interval. */
  double deliveries_hz;   /* messages received a second, by all members together */
  double delivery_p50_ns; /* from sending to a member, over this interval; NaN when nothing came */
  double delivery_p99_ns;
} LdsSample;

/* What a run is for. Only those that compare make the summaries of a session: the others have loads of
 * their own, and figures of different loads are not mixed. */
typedef enum
{
  LDS_PURPOSE_COMPARE,    /* "compare": a repeat of the plan's load */
  LDS_PURPOSE_PROBE,      /* "probe": how fast it may be, and how it answers at little load */
  LDS_PURPOSE_KNEE,       /* "knee": a step of the search for it */
  LDS_PURPOSE_HALF_KNEE,  /* "half-knee": latency below saturation */
  LDS_PURPOSE_EQUAL_RATE, /* "equal-rate": cost at one rate for all lanes */
  LDS_PURPOSE_SCALE,      /* "scale": a point of a series over connections or workers */
} LdsPurpose;

/* What to run. */
typedef struct
{
  const LdsLane *lane;
  const LdsWorkload *workload;
  LdsPurpose purpose;
  guint repeat;      /* 0-based */
  guint connections; /* 1 to 65535 */
  guint client_threads;
  double rate_hz;     /* offered rate; 0 = closed loop */
  gint64 duration_ms; /* measured interval */
  gint64 warm_up_ms;  /* thrown away */
  gint64 timeout_ms;  /* of one request */
  guint workers;      /* of a server that has workers; 0 = the model's default */
  guint seed;         /* of all that the load generator draws by lot */
} LdsRunSpec;

/* Why a run must not be believed. */
typedef struct
{
  char *code; /* "client-saturated": stable, for machines */
  char *text; /* one sentence for people: what, and what to do */
} LdsInvalidReason;

/* What came out. Immutable once the conductor has handed it over. Figures that are not known are
 * NaN, counts 0. */
typedef struct
{
  LdsRunSpec spec;
  gboolean valid;
  GPtrArray *reasons;    /* (element-type LdsInvalidReason), empty when valid */
  GPtrArray *warnings;   /* (element-type LdsInvalidReason): to be known, but no ground for refusal */
  char *engine;          /* "epoll" */
  GPtrArray *commits;    /* (element-type utf8): of the programs that made it; not in its JSON, */
  GPtrArray *libraries;  /* (element-type utf8): likewise, for the environment tells of all runs */
  double duration_s;     /* measured interval as it was */
  guint64 requests;      /* good responses in the measured interval */
  double target_rate_hz; /* 0 = closed loop */
  double achieved_rate_hz;
  guint64 errors;          /* all kinds */
  JsonObject *load_result; /* (nullable): the load generator's whole result */
  LdsHistogram *response;  /* from the intended send; (nullable) when the run failed */
  LdsHistogram *service;   /* from the actual send; (nullable) */
  LdsHistogram *delivery;  /* from the actual send to each member; (nullable) unless connections stay open */
  double client_cpu_s;
  double server_cpu_s;   /* over the measured interval */
  double base_rss_bytes; /* after ready, before load */
  double peak_rss_bytes; /* summed over the server's processes */
  double peak_pss_bytes;
  LdsHistogram *loop_lag; /* of the server's loops, measured interval; (nullable) */
  double gil_waiting;     /* threads that wait for a global lock, on average; NaN without one */
  double max_queue_depth; /* jobs that waited for a pool, the most that was seen; NaN = not told */
  double broad_pace_hz;   /* rounds a second of the work that a profile makes the server do; NaN when it told none */
  double narrow_pace_hz;  /* likewise of what ratios make */
  double start_up_ms;     /* spawn to ready line */
  double sampling_cpu_s;  /* that watching server and client took, over the whole run; NaN when not known */
  double other_cpu_cores; /* used by neither server nor client over the measured interval */
  int server_core;        /* the core that the server's processes were pinned to; -1 = none */
  int client_core;        /* likewise the load generator */
  GArray *samples;        /* (element-type LdsSample), in time order */
  GArray *processes;      /* (element-type LdsProcessUsage): the server's, as they were seen */
  gint64 started_at_us;   /* wall clock, µs since 1970 */
} LdsRun;

/** Returns: (transfer none): its name in JSON, as given above */
const char *lds_purpose_to_string (LdsPurpose purpose);

/**
 * lds_purpose_from_string:
 * @name: its name in JSON
 *
 * Returns %FALSE, with @purpose left as it is, when there is no such purpose
 */
gboolean lds_purpose_from_string (const char *name, LdsPurpose *purpose);

/** Returns whether it is a step on the way to a knee: that the server fails there is what it asks. */
gboolean lds_purpose_is_search (LdsPurpose purpose);

/** Returns: (transfer full): a run of @spec with nothing known yet, valid until said otherwise */
LdsRun *lds_run_new (const LdsRunSpec *spec);
void lds_run_free (LdsRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsRun, lds_run_free)

/**
 * lds_run_invalidate:
 * @code: stable, for machines: "server-died"
 * @text: one sentence for people
 *
 * Marks @run as one that must not be believed. A @code that it has already is not added again.
 */
void lds_run_invalidate (LdsRun *run, const char *code, const char *text);

/** Adds a warning to @run; a @code that it has already is not added again. */
void lds_run_warn (LdsRun *run, const char *code, const char *text);

/** Returns: (transfer none) (nullable): the first reason with @code */
const LdsInvalidReason *lds_run_find_reason (const LdsRun *run, const char *code);

/**
 * lds_run_was_held_up:
 *
 * Returns %TRUE when @run is INVALID for nothing but that the load generator was held up: what it was
 *   late for, or did not measure, says nothing of the server
 */
gboolean lds_run_was_held_up (const LdsRun *run);

/**
 * lds_run_lacks_connections:
 *
 * Returns %TRUE when all connections wait, and for what the workload itself waits: more of them would do more,
 *   so that the rate tells of their number and not of the server
 */
gboolean lds_run_lacks_connections (const LdsRun *run);

/**
 * lds_run_to_json:
 *
 * Members: those of LdsRunSpec ("lane" and "workload" by id), then those of LdsRun under the same
 * names, with these differences: "invalid_reasons" and "warnings" are lists of {"code", "text"};
 * "response_histogram", "service_histogram" and "delivery_histogram" are texts of
 * lds_histogram_encode(), or null; beside them "response_min_ns", "response_max_ns", "response_sum_ns"
 * and likewise "service_…" and "delivery_…"; "load_result" lacks the histograms that are given already; "samples" is one object of
 * columns, each a list as long as the others, named as the members of LdsSample ("phase" is 0
 * warm-up, 1 measure, 2 drain); "processes" is a list of objects with the members of LdsProcessUsage. A figure that is not known is null.
 *
 * Returns: (transfer full): the run as in data/schemas/report.schema.json
 */
JsonNode *lds_run_to_json (const LdsRun *run);

/** Returns: (transfer full): the run; or %NULL with LDS_ERROR_INPUT naming the wrong member */
LdsRun *lds_run_from_json (JsonObject *object, GError **error);

G_END_DECLS
