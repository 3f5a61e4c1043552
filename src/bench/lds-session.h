/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session: a plan, the machine it ran on, its runs, and the summary that follows from them. */
#pragma once

#include "lds-metric.h"
#include "lds-plan.h"
#include "lds-stats.h"

G_BEGIN_DECLS

typedef struct
{
  LdsPlan *plan;
  JsonObject *environment; /* machine, kernel, versions, load before and after: name -> text or number */
  GPtrArray *runs;         /* (element-type LdsRun), in the order they ran; cancelled ones absent */
  gboolean complete;       /* every run of the plan is there */
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
  GPtrArray *reasons;     /* (element-type utf8): distinct reasons of the invalid runs */
} LdsSummary;

void lds_summary_free (LdsSummary *summary);

/** Returns: (transfer full) (element-type LdsSummary): one a lane and workload, in plan order */
GPtrArray *lds_session_summarize (const LdsSession *session);

/** Returns: (transfer full): plan, environment, runs and summary, as in data/schemas/report.schema.json */
JsonNode *lds_session_to_json (const LdsSession *session);
LdsSession *lds_session_from_json (JsonObject *object, GError **error);

G_END_DECLS
