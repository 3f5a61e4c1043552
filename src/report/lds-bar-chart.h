/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars with whiskers, contribution bars and meters: figures that stand beside each other. Each is
 * one function from plain values to a drawing, and one that says how high it will be. */
#pragma once

#include <cairo.h>

#include "lds-format.h"
#include "lds-theme.h"

G_BEGIN_DECLS

/* One bar. Strings belong to the caller. */
typedef struct
{
  const char *label;
  LdsFamily family;
  LdsProvenance provenance;
  guint variant;
  double value;     /* in the unit's base; NaN: no bar, an en dash */
  double low, high; /* interval, drawn as a whisker; equal or NaN: none */
  gboolean invalid; /* hatched, its label and figure struck */
  const char *note; /* (nullable): after the figure: "5 runs", "INVALID: …" */
} LdsBar;

/** Height that lds_bar_chart_draw() needs for @n_bars, axis included. */
double lds_bar_chart_height (const LdsTheme *theme, guint n_bars);

/**
 * lds_bar_chart_draw:
 * @width: in user units, from the origin of @cr
 *
 * Draws horizontal bars from zero on one axis: label at the left, figure at the bar's end. How a
 * bar is filled says its provenance: full for real, dashed outline for twin, dotted for model; a
 * claim is a hollow diamond with its whisker.
 */
void lds_bar_chart_draw (cairo_t *cr,
                         const LdsTheme *theme,
                         const LdsBar *bars,
                         guint n_bars,
                         LdsUnit unit,
                         double width);

/**
 * lds_bar_draw_cell:
 * @largest: the value that fills @width
 *
 * Draws one bar with its whisker and nothing else, for the cell of a table, vertically centred in
 * @height.
 */
void lds_bar_draw_cell (cairo_t *cr,
                        const LdsTheme *theme,
                        const LdsBar *bar,
                        double largest,
                        double width,
                        double height);

/* What speaks for or against, in points. */
typedef struct
{
  const char *label;
  double points;    /* negative speaks against */
  const char *note; /* (nullable), below the label, wrapped */
} LdsContributionBar;

/* The points that the room for bars must hold. Lists that are compared share one, so that equal points
 * are equally long and zero lies in one place. */
typedef struct
{
  double least; /* 0 or negative */
  double most;  /* 0 or positive */
} LdsContributionRange;

/** Returns the smallest range that holds @range and @bars. Start with {0, 0}. */
LdsContributionRange lds_contribution_range_join (LdsContributionRange range,
                                                  const LdsContributionBar *bars,
                                                  guint n_bars);

/** Height that lds_contribution_bars_draw() needs at @width. */
double lds_contribution_bars_height (cairo_t *cr,
                                     const LdsTheme *theme,
                                     const LdsContributionBar *bars,
                                     guint n_bars,
                                     double width);

/**
 * lds_contribution_bars_draw:
 * @range: (nullable): %NULL for that of @bars alone
 *
 * Draws bars that diverge from one zero line, with their points and labels, from the origin of @cr.
 * Returns the height used.
 */
double lds_contribution_bars_draw (cairo_t *cr,
                                   const LdsTheme *theme,
                                   const LdsContributionBar *bars,
                                   guint n_bars,
                                   const LdsContributionRange *range,
                                   double width);

/**
 * lds_meter_draw:
 * @value, @raw, @cap: 0 to 100, @value <= @cap; @raw above @cap is drawn as a hollow end
 * @width, @height: in user units, from the origin of @cr
 *
 * Draws a certainty meter: @value filled, what the evidence cap takes away hollow, the range above
 * the cap hatched, the cap as a notch, faint marks at the bands' borders (35, 55, 75). No text.
 */
void lds_meter_draw (cairo_t *cr,
                     const LdsTheme *theme,
                     double value,
                     double raw,
                     double cap,
                     double width,
                     double height);

G_END_DECLS
