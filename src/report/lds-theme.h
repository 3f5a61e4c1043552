/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of the pictures: hue says architecture, line says provenance. One palette each for
 * light and dark windows and for paper. */
#pragma once

#include <cairo.h>
#include <glib.h>

#include "lds-lane.h"

G_BEGIN_DECLS

/* sRGB, each part 0.0 to 1.0, not premultiplied. */
typedef struct
{
  double red, green, blue, alpha;
} LdsColor;

typedef enum
{
  LDS_THEME_LIGHT,
  LDS_THEME_DARK,
  LDS_THEME_PRINT, /* also makes painters draw vectors only */
} LdsThemeKind;

/* Everything that a painter needs to know of its surroundings. A plain value: take one from
 * lds_theme_get(), overwrite what the surroundings say otherwise (a widget's own background, the
 * desktop's font), hand it to painters, which copy it. */
typedef struct
{
  LdsThemeKind kind;
  gboolean high_contrast;
  LdsColor background; /* behind the chart: fills hollow markers, edges labels; never painted whole */
  LdsColor text;
  LdsColor faint_text; /* tick labels, notes */
  LdsColor axis;
  LdsColor grid;
  LdsColor positive; /* what speaks for, in contribution bars */
  LdsColor negative;
  LdsColor alert; /* INVALID */
  LdsColor families[LDS_N_FAMILIES];
  const char *font;    /* family names by preference, comma-separated; static or outliving the painter */
  double font_size;    /* of chart text in user units (px on screen, pt on paper), > 0 */
  double line_width;   /* of a series, in user units */
  double device_scale; /* device pixels per user unit: 1.0, 2.0 on a HiDPI screen */
} LdsTheme;

/** lds_theme_get: Returns the theme of that kind, at scale 1 */
LdsTheme lds_theme_get (LdsThemeKind kind, gboolean high_contrast);

/**
 * lds_theme_family_color:
 * @variant: 0 for the first lane of its family and provenance, 1 for the second …: each is told
 *   from the one before by its lightness
 */
LdsColor lds_theme_family_color (const LdsTheme *theme, LdsFamily family, guint variant);

/** Returns @color at @alpha times its own alpha. */
LdsColor lds_color_fade (LdsColor color, double alpha);
/** Returns @color moved by @amount (0.0 to 1.0) towards @other. */
LdsColor lds_color_mix (LdsColor color, LdsColor other, double amount);

void lds_color_set_source (const LdsColor *color, cairo_t *cr);

/**
 * lds_theme_dash:
 * @line_width: in user units
 * @dashes: (out) (array fixed-size=2): on and off lengths in user units
 *
 * Returns the number of @dashes set: 0 for a solid line (real runtime, a server of the user's own),
 * 2 for dashed (twin) and dotted (model).
 */
int lds_theme_dash (LdsProvenance provenance, double line_width, double dashes[2]);

/** Sets line width, dash, cap and join of @cr for a line of that provenance. */
void lds_theme_set_line (cairo_t *cr, LdsProvenance provenance, double line_width);

/**
 * lds_theme_draw_marker:
 * @x, @y: its middle
 * @size: its height in user units
 *
 * Draws the family's shape: filled for a real runtime, hollow for a model or twin, a hollow diamond
 * for a claim. So a lane is known in greyscale too.
 */
void lds_theme_draw_marker (cairo_t *cr,
                            const LdsTheme *theme,
                            LdsFamily family,
                            LdsProvenance provenance,
                            guint variant,
                            double x,
                            double y,
                            double size);

/**
 * lds_theme_draw_swatch:
 *
 * Draws a short piece of a lane's line with its marker in the middle, from @x to @x + @width at
 * height @y: what stands before a lane's name in chips, legends and tables.
 */
void lds_theme_draw_swatch (cairo_t *cr,
                            const LdsTheme *theme,
                            LdsFamily family,
                            LdsProvenance provenance,
                            guint variant,
                            double x,
                            double y,
                            double width);

/** Fills the rectangle with the hatching that marks INVALID. */
void lds_theme_draw_hatch (cairo_t *cr,
                           const LdsTheme *theme,
                           LdsColor color,
                           double x,
                           double y,
                           double width,
                           double height);

G_END_DECLS
