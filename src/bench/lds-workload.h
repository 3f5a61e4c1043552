/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads as the conductor knows them: data/workloads/, one XML file each. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a client does; only requests can be measured yet. */
typedef enum
{
  LDS_WORKLOAD_REQUESTS,  /* asks, and gets an answer, one after the other */
  LDS_WORKLOAD_WEBSOCKET, /* opens a WebSocket with its request */
  LDS_WORKLOAD_EVENTS,    /* asks once, for server-sent events without end */
} LdsWorkloadKind;

/* Immutable, lives as long as the process. */
typedef struct
{
  const char *id;          /* "slow" */
  const char *code;        /* "W-002-2" */
  const char *title;       /* translated: "Waiting 200 ms" */
  const char *description; /* translated, one sentence */
  const char *method;      /* "GET" */
  const char *path;        /* "/slow?ms=200" */
  const char *body;        /* of the request; "" for none */
  const char *type;        /* (nullable): Content-Type of @body */
  LdsWorkloadKind kind;
  const char *expect;    /* what a right answer's body contains; "" unless @kind is REQUESTS */
  gboolean varies;       /* right answers differ in their bytes, as with new ids: only the first is read */
  gint64 min_service_ns; /* time that any server needs at least, e.g. 200 ms; else 0 */
  const char *source;    /* article ids that it comes from: "002" */
  /* (nullable) (array zero-terminated=1): what the server needs on its command line besides, e.g.
   * "--upstreams", "20" */
  const char *const *server_arguments;
  gboolean chosen; /* part of a measurement unless the user takes it out */
} LdsWorkload;

/** Returns: (array length=n_workloads) (transfer none): every workload that can be measured, in the
 * order to show them */
const LdsWorkload *lds_workload_list (guint *n_workloads);

/** Returns: (array length=n_workloads) (transfer none): the same, and behind them those that servers
 * have but that cannot be measured yet */
const LdsWorkload *lds_workload_list_all (guint *n_workloads);

/** Returns: (transfer none): the workload, to be measured; or %NULL with LDS_ERROR_INPUT that names the
 * nearest one, or says that it cannot be measured */
const LdsWorkload *lds_workload_find (const char *id, GError **error);

G_END_DECLS
