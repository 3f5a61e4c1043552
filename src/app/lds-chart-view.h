/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart of the report layer's painter as a widget. */
#pragma once

#include <adwaita.h>

#include "lds-chart.h"

G_BEGIN_DECLS

#define LDS_TYPE_CHART_VIEW (lds_chart_view_get_type ())
G_DECLARE_FINAL_TYPE (LdsChartView, lds_chart_view, LDS, CHART_VIEW, GtkWidget)

/**
 * LdsChartView:
 *
 * Drawn at most ten times a second and only while it can be seen; follows light, dark and high
 * contrast. To a screen reader it is a picture named by its title and described by the chart in
 * words, anew every few seconds at most. Signal "cursor-moved" (double x): the pointer is at @x of
 * the x axis, or has left (NaN).
 */
GtkWidget *lds_chart_view_new (void);

/** @chart: (transfer full) */
void lds_chart_view_take_chart (LdsChartView *self, LdsChart *chart, const char *title);
/** Names the chart anew, for eyes and for screen readers. */
void lds_chart_view_set_title (LdsChartView *self, const char *title);
/** Returns: (transfer none): to write to; call lds_chart_view_data_changed() afterwards */
LdsChart *lds_chart_view_get_chart (LdsChartView *self);
/**
 * lds_chart_view_align:
 * @views: (array length=n_views): not aligned before, to be redrawn together from here on
 *
 * Lets the plots of @views begin equally far from their start, as the widest of their labels needs.
 */
void lds_chart_view_align (LdsChartView *const *views, guint n_views);
/** Redraws soon; cheap to call with each sample. */
void lds_chart_view_data_changed (LdsChartView *self);
/** Shows the values at @x, NaN for none. */
void lds_chart_view_set_cursor (LdsChartView *self, double x);

/** The theme that fits the surroundings of @widget: light or dark, contrast, font, scale. */
LdsTheme lds_chart_view_theme_for (GtkWidget *widget);

G_END_DECLS
