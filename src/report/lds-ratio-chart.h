/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ratios on one logarithmic axis: what articles claim, as hollow diamonds with whiskers, and what was measured of the
 * same, in its lane's line and hue, each with its interval. */
#pragma once

#include <cairo.h>

#include "lds-claim-verdict.h"
#include "lds-findings.h"
#include "lds-theme.h"

G_BEGIN_DECLS

/* One row. Above 1 is better for Node.js, whatever was measured. */
typedef struct
{
  char *label;         /* "C-000-1, Throughput" */
  double claimed_low;  /* NaN: the claim has no such limit */
  double claimed_high; /* likewise; both NaN: nothing is claimed */
  double value;        /* NaN: not measured */
  double low;          /* NaN: no interval */
  double high;
  LdsFamily family; /* of the lane on the side of Node.js */
  LdsProvenance provenance;
  char *note;          /* (nullable): the verdict, where there is one */
  const LdsLane *lane; /* (nullable): whose family and provenance those are */
} LdsRatioRow;

void lds_ratio_row_free (LdsRatioRow *row);

/**
 * lds_ratio_rows_new:
 * @claims: (element-type LdsClaim)
 * @findings: (nullable) (element-type LdsClaimFinding): what came of them, in the same order
 *
 * Returns: (transfer full) (element-type LdsRatioRow): one for each figure that is a ratio of Node.js and Python, those
 *   of one metric beside each other
 */
GPtrArray *lds_ratio_rows_new (GPtrArray *claims, GPtrArray *findings);

/**
 * lds_ratio_rows_add_own:
 * @rows: (element-type LdsRatioRow)
 * @findings: what a measurement of the user's own found
 *
 * Adds a row for each criterion that was measured, in which nothing is claimed.
 */
void lds_ratio_rows_add_own (GPtrArray *rows, const LdsFindings *findings);

/** Height that lds_ratio_chart_draw() needs for @n_rows, axis included. */
double lds_ratio_chart_height (const LdsTheme *theme, guint n_rows);

/**
 * lds_ratio_chart_draw:
 * @rows: (element-type LdsRatioRow)
 * @width: in user units, from the origin of @cr
 *
 * Labels at the left, verdicts at the right, a firm line at 1. A claim without an upper or lower limit has an arrow
 * there. What was measured stands below its claim in the same row.
 */
void
lds_ratio_chart_draw (cairo_t *cr, const LdsTheme *theme, GPtrArray *rows, double width);

G_END_DECLS
