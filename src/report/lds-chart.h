/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line chart of many series: the one painter of the window's live charts and the report's pages.
 * Pure cairo and Pango; no widget, no clock, no signal. */
#pragma once

#include <cairo.h>

#include "lds-axis.h"
#include "lds-metric.h"
#include "lds-theme.h"

G_BEGIN_DECLS

typedef enum
{
  LDS_SERIES_LINE,   /* with markers along it */
  LDS_SERIES_CURVE,  /* a line without markers: what a law says, not what was measured */
  LDS_SERIES_POINTS, /* each by itself, none left out */
} LdsSeriesStyle;

/* What a point of LDS_SERIES_POINTS is drawn as. */
typedef enum
{
  LDS_MARK_LANE,     /* the lane's own marker */
  LDS_MARK_CROSS,    /* in the colour of INVALID */
  LDS_MARK_TRIANGLE, /* hollow and faint */
} LdsMark;

/* One line. Owned by its chart; the fields marked "free to set" may be written between draws. */
typedef struct
{
  char *label; /* "Event loop (model)"; "": not named */
  LdsFamily family;
  LdsProvenance provenance;
  guint variant;        /* free to set: see lds_theme_family_color() */
  double weight;        /* free to set: 1.0 a main line, 0.6 its companion (p50 beside p99) */
  gboolean hidden;      /* free to set: not drawn, not labelled, does not count for the axes */
  gboolean invalid;     /* free to set: drawn faint, its label struck */
  LdsSeriesStyle style; /* free to set */
  LdsMark mark;         /* free to set */
  GArray *x;            /* (element-type double): ascending */
  GArray *y;            /* (element-type double): NaN is a gap; same length as x */
  GArray *low;          /* (element-type double): same length as x, NaN where there is no interval */
  GArray *high;
} LdsSeries;

typedef struct _LdsChart LdsChart;

/**
 * lds_chart_new:
 * @title: (nullable): above the plot, at its start; UTF-8
 * @unit: of the y values
 * @x_scale: LDS_SCALE_TIME for seconds, LDS_SCALE_PERCENTILE for spectra …
 * @y_scale: LDS_SCALE_LINEAR (from zero) or LDS_SCALE_LOG
 *
 * A chart belongs to one thread.
 */
LdsChart *lds_chart_new (const char *title, LdsUnit unit, LdsScale x_scale, LdsScale y_scale);

/** A chart over time of @metric: its translated title, unit, and log or linear axis. */
LdsChart *lds_chart_new_for_metric (const LdsMetric *metric);

void lds_chart_free (LdsChart *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsChart, lds_chart_free)

/** Copies @theme; light at first. */
void lds_chart_set_theme (LdsChart *self, const LdsTheme *theme);
void lds_chart_set_title (LdsChart *self, const char *title);

/**
 * lds_chart_set_x_range:
 * @low, @high: NaN = from the data (the default)
 *
 * Gives charts one common time axis, zooms and pans.
 */
void lds_chart_set_x_range (LdsChart *self, double low, double high);
/** @low, @high: NaN = from the visible data (the default). */
void lds_chart_set_y_range (LdsChart *self, double low, double high);

/** Draws a hairline at @x with every series' value there; NaN takes it away. */
void lds_chart_set_cursor (LdsChart *self, double x);

/** Shows @message in the middle of the plot, in place of a y axis, while no series has a value that
 * could be drawn, e.g. "No data yet". */
void lds_chart_set_placeholder (LdsChart *self, const char *message);

/** Whether lines are named at all, at their ends or, where that is too narrow, above; on at first. */
void lds_chart_set_labels (LdsChart *self, gboolean labels);

/** A unit or name beneath the x axis; (nullable). */
void lds_chart_set_x_title (LdsChart *self, const char *title);

/** Unit of the x values; none at first. */
void lds_chart_set_x_unit (LdsChart *self, LdsUnit unit);

/**
 * lds_chart_set_span:
 * @low, @high: NaN for either takes it away
 * @hatched: as where nothing was measured; otherwise shaded
 * @label: (nullable): at its bottom
 *
 * Sets a part of the x axis apart, behind all lines.
 */
void lds_chart_set_span (
    LdsChart *self, double low, double high, gboolean hatched, const char *label);

/** A faint labelled line across the plot at @y, e.g. an SLO; NaN takes it away. */
void lds_chart_set_threshold (LdsChart *self, double y, const char *label);

/**
 * lds_chart_set_insets:
 * @left, @right: room beside the plot in user units; negative = as the labels need (the default)
 *
 * Lets charts above each other share their time axis: draw or measure each, take the largest.
 */
void lds_chart_set_insets (LdsChart *self, double left, double right);

/** Room that the labels of the chart need beside the plot at that size; changes nothing of the chart. */
void lds_chart_measure_insets (
    LdsChart *self, cairo_t *cr, double width, double height, double *left, double *right);

/**
 * lds_chart_add_series:
 *
 * Returns: (transfer none): an empty series, valid until lds_chart_clear() or lds_chart_free()
 */
LdsSeries *lds_chart_add_series (LdsChart *self,
                                 const char *label,
                                 LdsFamily family,
                                 LdsProvenance provenance);

/** As above, of a lane: its label, family and provenance; the variant is chosen apart from its like. */
LdsSeries *lds_chart_add_lane (LdsChart *self, const LdsLane *lane);

/** Returns: (transfer none) (element-type LdsSeries): in the order they were added */
GPtrArray *lds_chart_get_series (LdsChart *self);

/** Drops every series. */
void lds_chart_clear (LdsChart *self);

/** Appends a point: @x not below the last; @y NaN for a gap. O(1). */
void lds_series_append (LdsSeries *self, double x, double y);
/** Appends a point with its interval, drawn as a band. */
void lds_series_append_interval (LdsSeries *self, double x, double y, double low, double high);
/** Drops every point. */
void lds_series_clear (LdsSeries *self);

/** Returns the value at the point nearest to @x and not further from it than the points lie apart;
 * NaN when there is none. */
double lds_series_value_at (const LdsSeries *self, double x);

/** Whether any point has a figure. */
gboolean lds_series_has_figures (const LdsSeries *self);

/**
 * lds_series_decimate:
 * @low, @high: the part of the x axis that is drawn
 * @n_columns: at least 1
 *
 * Returns: (transfer full) (element-type guint): ascending indices of the points that matter: for
 *   each column the first, lowest, highest and last, for each gap one of its points, and one point
 *   beyond either end. A line through these covers the same columns as a line through all.
 *   Source: U. Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", PVLDB 7
 *   (2014).
 */
GArray *lds_series_decimate (const LdsSeries *self, double low, double high, guint n_columns);

/**
 * lds_chart_draw:
 * @width, @height: in user units; the chart fills them from the origin of @cr
 *
 * Draws the chart. Many points are drawn in time proportional to the width.
 */
void lds_chart_draw (LdsChart *self, cairo_t *cr, double width, double height);

/** Draws a point as @series does, @size user units high, with its middle at @x, @y: for a key. */
void lds_chart_draw_mark (
    const LdsTheme *theme, cairo_t *cr, const LdsSeries *series, double x, double y, double size);

/** Returns the x value at @px user units from the chart's left, as last drawn; NaN outside the plot. */
double lds_chart_x_at (LdsChart *self, double px);

/**
 * lds_chart_describe:
 *
 * Returns: (transfer full): the chart in words, for screen readers: each line's name with its
 *   last, smallest and largest value
 */
char *lds_chart_describe (LdsChart *self);

G_END_DECLS
