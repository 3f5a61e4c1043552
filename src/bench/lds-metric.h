/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one table of metrics: tiles, charts, result tables, JSON and PDF iterate it. */
#pragma once

#include "lds-format.h"
#include "lds-run.h"

G_BEGIN_DECLS

/* A run of fewer answers has no p99: at least one must lie beyond, or it is the largest value under
 * another name. Ten, as METHOD's rule 17 has it for p99.9 and p99.99, would be too many to ask: a
 * quick closed loop of requests that wait has a few hundred answers. */
#define LDS_METRIC_MIN_SAMPLES_P99 100
/* From here on ten lie beyond; a p99 of fewer is noted as rough. */
#define LDS_METRIC_FIRM_SAMPLES_P99 1000

typedef struct
{
  const char *id;          /* "p99" */
  const char *json_key;    /* "p99_ns": the id and the unit's suffix */
  const char *title;       /* untranslated: "Response time, p99" */
  const char *short_title; /* untranslated, for columns: "p99" */
  LdsUnit unit;
  gboolean lower_is_better;
  gboolean log_axis;
  /* (nullable): the metric along a run; NaN where there is no figure */
  double (*of_sample) (const LdsSample *sample);
  /* (nullable): the metric of a whole run; NaN where there is no figure */
  double (*of_run) (const LdsRun *run);
} LdsMetric;

/** Returns: (array length=n_metrics) (transfer none): every metric, in the order to show them */
const LdsMetric *lds_metric_list (guint *n_metrics);

/** Returns: (transfer none) (nullable): the metric of that id */
const LdsMetric *lds_metric_find (const char *id);

/**
 * lds_metric_slo_p99_ns:
 *
 * What an objective for the p99 is held against, however few answers there are: the response time, from the
 * intended send. Where connections stay open it is the delivery to all members (DOMAIN, U-000-1: "<100 ms
 * delivery"), unless the sender's own answer takes longer: a delivery counts from the actual send, which
 * may have had to wait (METHOD, on coordinated omission).
 *
 * Returns: in ns; NaN when nothing was recorded
 */
double lds_metric_slo_p99_ns (const LdsRun *run);

G_END_DECLS
