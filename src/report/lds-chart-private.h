/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chart's inside, shared by its three files. */
#pragma once

#include "lds-raster.h"
#include "lds-series-private.h"
#include "lds-text.h"

G_BEGIN_DECLS

/* From label to label at the ends of lines, of the font size. */
#define LDS_CHART_LABEL_LEADING 1.22

typedef struct
{
  double x, y, width, height;
} LdsPlot;

struct _LdsChart
{
  char *title, *x_title, *placeholder, *threshold_label, *span_label; /* (nullable) */
  LdsUnit unit, x_unit;
  LdsScale x_scale, y_scale;
  LdsTheme theme;
  double x_low, x_high, y_low, y_high; /* NaN: from the data */
  double cursor, threshold;            /* NaN: none */
  double span_low, span_high;          /* likewise */
  gboolean span_hatched;
  double inset_left, inset_right; /* negative: as needed */
  gboolean labels;
  GPtrArray *series; /* (element-type LdsSeries) */
  LdsText *text;
  LdsRaster *raster;

  /* As last laid out. */
  LdsAxis x_axis, y_axis;
  LdsPlot plot;
  gboolean labels_at_ends;
  GArray *x_ticks, *y_ticks; /* while drawing only */
};

/** Where a value lies, in user units; NaN where it has no place. */
double lds_chart_place_x (const LdsChart *self, double value);
double lds_chart_place_y (const LdsChart *self, double value);

void lds_chart_draw_span (LdsChart *self, cairo_t *cr);
void lds_chart_draw_points (LdsChart *self, cairo_t *cr, const LdsSeries *series);
void lds_chart_draw_lines (LdsChart *self, cairo_t *cr);

/** Whether @series stands among the names. */
gboolean lds_series_is_named (const LdsSeries *series);
/** Number of series that are named, and the room that their names need beside the plot. */
guint lds_chart_n_labels (const LdsChart *self);
double lds_chart_labels_width (LdsChart *self, cairo_t *cr);
void lds_chart_draw_end_labels (LdsChart *self, cairo_t *cr, double width);
/** Draws (or, when not @draw, only measures) the names in rows; returns the height they take. */
double lds_chart_draw_legend (
    LdsChart *self, cairo_t *cr, double x, double y, double width, gboolean draw);
void lds_chart_draw_cursor (LdsChart *self, cairo_t *cr);

G_END_DECLS
