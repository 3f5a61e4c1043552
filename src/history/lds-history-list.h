/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking through the history: sessions and runs, filtered; reads rows only, not what was measured
 * in full. */
#pragma once

#include "lds-history.h"

G_BEGIN_DECLS

/* What to list; all zero lists all that is not deleted. The conditions from lane on are those of a
 * run: a session is listed when it has one such run. */
typedef struct
{
  const char *text;     /* (nullable): words that all stand in title, lanes, workloads, tags or machine */
  const char *tag;      /* (nullable) */
  gint64 since_us;      /* began then or later, µs since 1970; 0 = whenever */
  gint64 until_us;      /* began before; 0 = whenever */
  gboolean deleted;     /* those that are deleted instead */
  const char *lane;     /* (nullable): id */
  const char *workload; /* (nullable): id */
  const char *purpose;  /* (nullable): as lds_purpose_to_string() has it */
  gboolean only_valid;
  double min_throughput_hz; /* 0 = any */
  double max_p99_ns;        /* 0 = any */
  guint limit;              /* the newest so many; 0 = all */
} LdsHistoryFilter;

typedef enum
{
  LDS_HISTORY_COMPLETE,    /* every run of the plan is there */
  LDS_HISTORY_RUNNING,     /* its process measures */
  LDS_HISTORY_INTERRUPTED, /* runs are missing and nobody measures them */
} LdsHistoryState;

typedef struct
{
  gint64 id;
  char *kind;
  char *title;
  char *lanes; /* ids, with a space between */
  char *workloads;
  gint64 started_at_us;
  gint64 finished_at_us; /* 0 = not yet */
  gint64 deleted_at_us;  /* 0 = not deleted */
  guint n_planned;       /* of an adaptive plan about so many, until it is complete */
  guint n_runs;
  guint n_valid;
  guint n_search; /* of the runs: steps of a search, which may be invalid as they please */
  guint n_search_valid;
  gboolean is_adaptive; /* some run does not compare */
  LdsHistoryState state;
  GStrv tags; /* in alphabetical order */
} LdsHistorySession;

void lds_history_session_free (LdsHistorySession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsHistorySession, lds_history_session_free)

typedef struct
{
  gint64 session_id;
  char *lane;
  char *workload;
  char *purpose; /* as lds_purpose_to_string() has it */
  guint repeat;  /* 0-based, of its purpose */
  guint connections;
  double rate_hz; /* offered; 0 = closed loop */
  gint64 started_at_us;
  gboolean valid;
  guint64 requests;
  guint64 errors;
  double throughput_hz; /* NaN = not known; as the two below, of deliveries where connections stay open */
  double p50_ns;
  double p99_ns;
} LdsHistoryRun;

void lds_history_run_free (LdsHistoryRun *run);

/** Returns: (transfer full) (element-type LdsHistorySession): newest first; or %NULL with an error */
GPtrArray *
lds_history_list_sessions (LdsHistory *self, const LdsHistoryFilter *filter, GError **error);

/** Returns: (transfer full) (element-type LdsHistoryRun): newest first; or %NULL with an error */
GPtrArray *
lds_history_list_runs (LdsHistory *self, const LdsHistoryFilter *filter, GError **error);

/** Returns: (transfer full): that session; or %NULL with an error when there is none, or it is deleted */
LdsHistorySession *lds_history_find_session (LdsHistory *self, gint64 id, GError **error);

/** Returns the number of the session that began last; or 0 with an error when there is none. */
gint64 lds_history_find_last (LdsHistory *self, GError **error);

/** "complete", "running", "interrupted": as in JSON. */
const char *lds_history_state_to_string (LdsHistoryState state);

G_END_DECLS
