/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan of one load run, as it came in: checked, with the address and the bytes of its requests
 * worked out. Immutable but for what is learnt of expected bodies. */
#pragma once

#include <json-glib/json-glib.h>

#include "lds-load-background.h"
#include "lds-load-pacer.h"
#include "lds-load-request.h"
#include "lds-load-schedule.h"
#include "lds-load-stream.h"
#include "lds-load-target.h"
#include "lds-load-transport.h"

G_BEGIN_DECLS

#define LDS_LOAD_MAX_CONNECTIONS 65535
#define LDS_LOAD_MAX_THREADS     256
#define LDS_LOAD_MAX_PIPELINE    64
#define LDS_LOAD_MAX_REQUESTS    32 /* of a mix */
#define LDS_LOAD_MAX_TIMEOUT_MS  (10 * 60 * 1000)
#define LDS_LOAD_MAX_COUNT       (INT64_C (1) << 40)

typedef struct
{
  LdsLoadTarget target;
  LdsLoadTransport transport;
  LdsLoadRequest *requests; /* one, or a mix */
  guint n_requests;
  LdsLoadStream stream;
  guint connections;
  guint threads;
  guint pipeline;                /* requests in flight on a connection */
  guint requests_per_connection; /* before it is made anew; 0 = no limit */
  LdsLoadSchedule *schedule;     /* NULL = closed loop */
  double rate_hz;                /* of the schedule, in the mean; 0 = closed loop */
  LdsArrivals arrivals;
  guint64 seed;
  guint64 count; /* of requests in the measured interval, which ends with them; 0 = by time */
  gint64 duration_ns;
  gint64 warm_up_ns;
  gint64 timeout_ns; /* from the moment a connection takes the request up */
  gint64 think_ns;   /* closed loop: between an answer and the next request; a mean if random */
  gboolean think_is_random;
  gint64 busy_poll_ns; /* polled before a send that is due and for an answer, rather than slept */
  gint64 frame_interval_ns;
  LdsLoadBackgroundOptions background;
  LdsLoadRequest *background_request; /* (nullable): what it sends; NULL = the first of requests */
  char *engine;                       /* "auto" or a back end's name */
  GArray *cpus;                       /* (element-type gint): thread i runs on cpus[i % len]; empty = anywhere */
} LdsLoadPlan;

/**
 * lds_load_plan_from_json:
 * @object: as in src/DESIGN.md
 *
 * Returns: (transfer full): the plan; or %NULL with LDS_ERROR_INPUT naming the member
 */
LdsLoadPlan *lds_load_plan_from_json (JsonObject *object, GError **error);
void lds_load_plan_free (LdsLoadPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsLoadPlan, lds_load_plan_free)

/** @u: from 0, which can be, to 1, which cannot. Returns which of the mix's requests it falls on. */
static inline guint
lds_load_plan_choose (const LdsLoadPlan *plan,
                      double u)
{
  guint i = 0;

  while (i + 1 < plan->n_requests && u >= plan->requests[i].share_end)
    i++;
  return i;
}

/* Results tell parts of the requests apart: first each request of a mix, then each step of a schedule;
 * where there is one only, it is no part. */
static inline guint
lds_load_plan_count_mix_parts (const LdsLoadPlan *plan)
{
  return plan->n_requests > 1 ? plan->n_requests : 0;
}

static inline guint
lds_load_plan_count_step_parts (const LdsLoadPlan *plan)
{
  guint n = plan->schedule != NULL ? lds_load_schedule_get_n_segments (plan->schedule) : 0;

  return n > 1 ? n : 0;
}

static inline guint
lds_load_plan_count_parts (const LdsLoadPlan *plan)
{
  return lds_load_plan_count_mix_parts (plan) + lds_load_plan_count_step_parts (plan);
}

G_END_DECLS
