/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan of one load run, as it came in: checked, with the address and the bytes of the request
 * worked out. Immutable but for what is learnt of the expected body. */
#pragma once

#include <json-glib/json-glib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "lds-load-body.h"
#include "lds-load-pacer.h"

G_BEGIN_DECLS

#define LDS_LOAD_MAX_CONNECTIONS 65535
#define LDS_LOAD_MAX_THREADS     256
#define LDS_LOAD_MAX_RATE_HZ     1e7
#define LDS_LOAD_MAX_DURATION_MS (24 * 3600 * 1000)
#define LDS_LOAD_MAX_TIMEOUT_MS  (10 * 60 * 1000)

typedef struct
{
  char *url;
  struct sockaddr_storage address;
  socklen_t address_size;
  char *request; /* head and body, as sent */
  size_t request_size;
  bool is_head;    /* answers have no body */
  bool may_resend; /* the method is idempotent: RFC 9110, section 9.2.2 */
  guint connections;
  guint threads;
  double rate_hz; /* 0 = closed loop */
  LdsArrivals arrivals;
  guint64 seed;
  gint64 duration_ns;
  gint64 warm_up_ns;
  gint64 timeout_ns; /* from the moment a connection takes the request up */
  gint64 frame_interval_ns;
  char *engine; /* "auto" or a back end's name */
  GArray *cpus; /* (element-type gint): thread i runs on cpus[i % len]; empty = anywhere */
  LdsLoadExpectation expectation;
} LdsLoadPlan;

/**
 * lds_load_plan_from_json:
 * @object: as in src/DESIGN.md
 *
 * Returns: (transfer full): the plan; or %NULL with LDS_ERROR_INPUT naming the member. Only
 *   http:// and only this machine's loopback addresses are accepted.
 */
LdsLoadPlan *lds_load_plan_from_json (JsonObject *object, GError **error);
void lds_load_plan_free (LdsLoadPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsLoadPlan, lds_load_plan_free)

G_END_DECLS
