/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one table of metrics: tiles, charts, result tables, JSON and PDF iterate it. */
#pragma once

#include "lds-format.h"
#include "lds-run.h"

G_BEGIN_DECLS

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

G_END_DECLS
