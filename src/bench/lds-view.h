/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people see of a workload first, wherever they look: on a terminal, on paper, in the window. Requests
 * have response times; where connections stay open, messages are delivered. */
#pragma once

#include "lds-session.h"

G_BEGIN_DECLS

/* The columns of a table of results. */
enum
{
  LDS_VIEW_RATE, /* what was done a second; along a run, too */
  LDS_VIEW_P50,  /* how fast */
  LDS_VIEW_P99,
  LDS_VIEW_SHARE, /* what one of them cost, or how many there were of those that were to be */
  LDS_VIEW_MEMORY,
  LDS_VIEW_N_COLUMNS,
};

#define LDS_VIEW_N_CHARTS 4
/* A page has room for so many of them, the first ones. */
#define LDS_VIEW_N_PAPER_CHARTS 3

/* A chart over time. At the same place all views have the same unit, the same scale, and a companion or none. */
typedef struct
{
  const char *title;     /* untranslated */
  const char *metric;    /* id; has a figure along a run */
  const char *companion; /* (nullable): likewise, drawn finer on the same axes */
  /* (nullable): what tells the lines of the two apart, untranslated: "p99", "p50" */
  const char *name;
  const char *companion_name;
} LdsViewChart;

typedef struct
{
  const char *columns[LDS_VIEW_N_COLUMNS]; /* ids of metrics */
  const char *p99_9;                       /* id: how fast, where there is room for more */
  LdsViewChart charts[LDS_VIEW_N_CHARTS];
  /* All times by percentile. */
  const char *spectrum_title;                                    /* untranslated */
  const char *spectrum_x_title;                                  /* untranslated: what a share of them is */
  const LdsHistogram *(*of_run) (const LdsRun *run);             /* (nullable) */
  const LdsHistogram *(*of_summary) (const LdsSummary *summary); /* (nullable) */
} LdsView;

/** Returns: (array length=n_views) (transfer none): every view there is */
const LdsView *lds_view_list (guint *n_views);

/** Returns: (transfer none): what is to be shown of @workload */
const LdsView *lds_view_of (const LdsWorkload *workload);

/**
 * lds_view_get_point_ns:
 * @duration_ns: of the measured interval, above 0
 *
 * Returns: over how much time a point of a chart has to be the mean so that it shows no waves (lds-workload.h), in
 *   ns: two of them where @duration_ns leaves room for five such points, else one; 0 where there are none
 */
gint64 lds_view_get_point_ns (const LdsWorkload *workload, gint64 duration_ns);

/** Returns whether a column of @view is the metric of that id. */
gboolean lds_view_has_column (const LdsView *view, const char *metric);

/** Returns: (transfer none): the metric of a column of @view, 0 to LDS_VIEW_N_COLUMNS - 1 */
const LdsMetric *lds_view_get_metric (const LdsView *view, guint column);

G_END_DECLS
