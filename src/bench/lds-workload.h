/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads as the conductor knows them: data/workloads/, one XML file each. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a client does. */
typedef enum
{
  LDS_WORKLOAD_REQUESTS,  /* asks, and gets an answer, one after the other */
  LDS_WORKLOAD_WEBSOCKET, /* opens a WebSocket with its request */
  LDS_WORKLOAD_EVENTS,    /* asks once, for server-sent events without end */
} LdsWorkloadKind;

/* What other clients ask the same server for meanwhile. They are not measured: what they do to those that are is. */
typedef struct
{
  guint connections; /* 0 = there are none */
  guint interval_ms; /* of each, from request to request */
  const char *method;
  const char *path;
  const char *body;
  const char *type; /* (nullable): Content-Type of @body */
} LdsWorkloadBeside;

/* Immutable, lives as long as the process. */
typedef struct _LdsWorkload LdsWorkload;

struct _LdsWorkload
{
  const char *id;          /* "slow"; with other values than the shipped ones "slow?ms=50" */
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
  gint64 wave_ns;        /* what comes comes in waves so far apart: @min_service_ns, or from tick to tick; else 0 */
  const char *source;    /* article ids that it comes from: "002" */
  /* (nullable) (array zero-terminated=1): what the server needs on its command line besides, e.g.
   * "--upstreams", "20" */
  const char *const *server_arguments;
  gboolean chosen;     /* part of a measurement unless the user takes it out */
  const char *stream;  /* (nullable): what is done on open connections: "echo", "broadcast", "listen" */
  guint payload_bytes; /* of a message sent on one; 0 = nothing is sent */
  LdsWorkloadBeside beside;
  const char *parameters;  /* (nullable): what its id may set, with their values: "ms=200" */
  const LdsWorkload *base; /* (nullable): the shipped one that this is with other values */
};

/** Returns: (array length=n_workloads) (transfer none): every workload as it is shipped, in the order to
 * show them; those whose connections stay open last */
const LdsWorkload *lds_workload_list (guint *n_workloads);

/**
 * lds_workload_find:
 * @id: "slow", or with parameters "slow?ms=50" and "mix?cpu=80&total_ms=20"
 *
 * Returns: (transfer none): the workload, the same one for the same values in whatever order; or %NULL with
 *   LDS_ERROR_INPUT that names the nearest one, or the parameter that is wrong
 */
const LdsWorkload *lds_workload_find (const char *id, GError **error);

G_END_DECLS
