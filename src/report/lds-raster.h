/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dense lines drawn column by column into pixels. Stroking a noisy line of thousands of segments
 * takes cairo tens of milliseconds; what one sees of it is, in each column of pixels, a span from
 * the lowest to the highest point, and that is what this draws. */
#pragma once

#include <cairo.h>

#include "lds-theme.h"

G_BEGIN_DECLS

typedef struct _LdsRaster LdsRaster;

LdsRaster *lds_raster_new (void);
void lds_raster_free (LdsRaster *self);

/**
 * lds_raster_begin:
 * @width, @height: in user units
 * @scale: device pixels per user unit
 *
 * Returns %FALSE (and nothing may be drawn) when the area is empty or absurdly large.
 */
gboolean lds_raster_begin (LdsRaster *self, double width, double height, double scale);

/** Starts a line at @x, @y (user units from the area's top left); a new one after every gap. */
void lds_raster_move_to (LdsRaster *self, double x, double y);
/** Goes on to @x, not left of where the line is. */
void lds_raster_line_to (LdsRaster *self, double x, double y);

/**
 * lds_raster_stroke:
 * @dashes: as lds_theme_dash() gives them, measured along x
 *
 * Draws what was traced since the last stroke.
 */
void lds_raster_stroke (
    LdsRaster *self, LdsColor color, double line_width, const double dashes[2], int n_dashes);

/** Paints everything drawn since lds_raster_begin() with its top left at @x, @y. */
void lds_raster_paint (LdsRaster *self, cairo_t *cr, double x, double y);

G_END_DECLS
