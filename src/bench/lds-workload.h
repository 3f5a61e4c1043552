/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads as the conductor knows them: data/workloads/, one XML file each. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

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
  const char *expect;      /* what a right answer's body contains */
  gint64 min_service_ns;   /* time that any server needs at least, e.g. 200 ms; else 0 */
  const char *source;      /* article ids that it comes from: "002" */
  /* (nullable) (array zero-terminated=1): what the server needs on its command line besides, e.g.
   * "--upstreams", "20" */
  const char *const *server_arguments;
  gboolean chosen; /* part of a measurement unless the user takes it out */
} LdsWorkload;

/** Returns: (array length=n_workloads) (transfer none): every workload, in the order to show them */
const LdsWorkload *lds_workload_list (guint *n_workloads);

/** Returns: (transfer none): the workload; or %NULL with LDS_ERROR_INPUT that names the nearest one */
const LdsWorkload *lds_workload_find (const char *id, GError **error);

G_END_DECLS
