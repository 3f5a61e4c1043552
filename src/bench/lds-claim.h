/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the articles claim in numbers, and how each claim is tested: data/claims/, one file an article. The same
 * entries are the advice layer's knowledge, which reads their words; this reads what is to be measured.
 *
 *   <entry kind="claim" id="C-000-3" articles="000" grade="E-" related="W-000-15">
 *     <title>…</title>  <body>how plausible it is</body>  <how>how it is tested, or why it cannot be</how>
 *     <figure of="node" lanes="real:node-http" over="python" over-lanes="real:python-asyncio"
 *             on="slow?ms=50" connections="64" metric="throughput" unit="times" low="1.4" high="1.7"/>
 *     <total requests="10000" time-ms="212" rate-hz="47" connections="400"/>
 *     <users n="1000" rate-low-hz="11000" rate-high-hz="40000" latency-low-ms="7.8" latency-high-ms="52"/>
 *   </entry>
 *
 * A <figure> is measured; with "over" it is a ratio of two lanes. Lanes are listed in order of preference, those
 * that are not here are passed over. "low" or "high" may be missing: then the claim has no such limit. "tolerance" (0.1
 * where it is not said; source: C-000-36, where a tenth makes no difference) widens both limits. "needs" is what must
 * at least have been measured: a "model" shows an architecture, a claim about a runtime needs its "twin" or the "real"
 * one. travels="no" marks what belongs to the article's machine, such as a rate: another one cannot contradict it.
 * <total> and <users> are worked out without a run (lds-little.h). An entry without any of them is not testable,
 * and "how" says why. A new claim is one entry. */
#pragma once

#include "lds-lane.h"
#include "lds-little.h"
#include "lds-metric.h"
#include "lds-workload.h"

G_BEGIN_DECLS

/* Whom a figure is of. */
typedef enum
{
  LDS_CLAIM_NODE,
  LDS_CLAIM_PYTHON,
  LDS_CLAIM_SERVER, /* an architecture, of whatever runtime */
} LdsClaimRole;

/* Immutable, lives as long as its claim. */
typedef struct
{
  LdsClaimRole of;
  GStrv lanes; /* ids, the best first */
  LdsClaimRole over;
  GStrv over_lanes; /* (nullable): of a ratio's denominator */
  const LdsWorkload *workload;
  guint connections;
  double rate_hz;     /* 0 = closed loop */
  guint workers;      /* 0 = each lane's default */
  gint64 duration_ms; /* a run takes at least so long; 0 = whatever the plan says */
  const LdsMetric *metric;
  const char *unit; /* as the article has it: "MB", "ms", "per-s", "times" */
  double low;       /* in the metric's unit, or times; NaN = no such limit */
  double high;      /* likewise */
  double tolerance; /* 0.0 to 10.0: limits may be missed by this part of them */
  LdsProvenance needs;
  gboolean travels; /* another machine may contradict it */
} LdsClaimFigure;

/* Immutable, lives as long as the process, or as the list that lds_claim_read() gave. */
typedef struct
{
  const char *id;       /* "C-000-3" */
  const char *articles; /* "000" */
  const char *title;    /* translated: what is claimed */
  const char *body;     /* (nullable), translated: how plausible it is */
  const char *how;      /* translated */
  const char *grade;    /* (nullable) "E0" … "E3", "E-": before anything was measured here */
  const char *related;  /* (nullable) ids */
  GPtrArray *figures;   /* (element-type LdsClaimFigure) */
  GArray *totals;       /* (element-type LdsLittleTotal) */
  GArray *users;        /* (element-type LdsLittleUsers) */
} LdsClaim;

/** Returns: (transfer none) (element-type LdsClaim): every claim that is shipped, article by article */
GPtrArray *lds_claim_list (void);

/** Returns: (transfer none): the claim; or %NULL with LDS_ERROR_INPUT that names the nearest one */
const LdsClaim *lds_claim_find (const char *id, GError **error);

/**
 * lds_claim_read:
 * @text: an XML document as above
 * @name: what it is called in messages
 *
 * Returns: (transfer full) (element-type LdsClaim): its claims; or %NULL with LDS_ERROR_INPUT naming @name, line and
 *   reason. What it does not know is refused.
 */
GPtrArray *lds_claim_read (const char *text, gsize length, const char *name, GError **error);

/** Returns %TRUE when anything of @claim can be measured or worked out. */
gboolean lds_claim_is_testable (const LdsClaim *claim);

/**
 * lds_claim_figure_limits:
 * @low: (out): smallest value that agrees; -INFINITY where there is no limit
 * @high: (out): largest; INFINITY likewise
 *
 * A tolerance of 0.1 makes 1.1 times the upper limit and 1 / 1.1 of the lower one agree: on a scale of ratios both
 * are as far away.
 */
void lds_claim_figure_limits (const LdsClaimFigure *figure, double *low, double *high);

/**
 * lds_claim_figure_favours_node:
 * @low: (inout): a value of @figure; NaN stays
 * @high: (inout): one that is not smaller; likewise
 *
 * Turns a ratio of Node.js and Python so that above 1 is better for Node.js, whichever is on top and whether more is
 * better: then all of them fit on one axis.
 *
 * Returns %FALSE, with nothing changed, when @figure is no ratio of the two
 */
gboolean lds_claim_figure_favours_node (const LdsClaimFigure *figure, double *low, double *high);

/** Returns: (transfer none): "node", "python" or "server", as in JSON */
const char *lds_claim_role_to_string (LdsClaimRole role);

/** Returns: (transfer full): what is claimed: "1.4–1.7 times", "at most 100 ms" */
char *lds_claim_figure_dup_claimed (const LdsClaimFigure *figure);

/** Returns: (transfer full): a value of it for people: "1.52", "250 ms" */
char *lds_claim_figure_dup_value (const LdsClaimFigure *figure, double value);

G_END_DECLS
