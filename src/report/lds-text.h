/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text on a cairo surface: Pango only, one reused layout, absolute sizes, any script. */
#pragma once

#include <pango/pangocairo.h>

#include "lds-theme.h"

G_BEGIN_DECLS

typedef enum
{
  LDS_TEXT_PLAIN = 0,
  LDS_TEXT_BOLD = 1 << 0,
  LDS_TEXT_STRUCK = 1 << 1,
  LDS_TEXT_ITALIC = 1 << 2,
  LDS_TEXT_MONO = 1 << 3,
  LDS_TEXT_SINGLE_LINE = 1 << 4, /* cut with an ellipsis instead of wrapping */
} LdsTextStyle;

typedef enum
{
  LDS_ALIGN_LEFT,
  LDS_ALIGN_CENTER,
  LDS_ALIGN_RIGHT,
} LdsAlign;

/* One piece of text at a time. Digits are always tabular. Belongs to one thread. */
typedef struct _LdsText LdsText;

LdsText *lds_text_new (void);
void lds_text_free (LdsText *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsText, lds_text_free)

/**
 * lds_text_set:
 * @theme: for font family and kind; size and colours are the caller's
 * @text: UTF-8; a bad sequence is shown as replacement characters
 * @size: in user units
 * @max_width: in user units: wraps (or, with LDS_TEXT_SINGLE_LINE, is cut) at this width; 0 = never
 *
 * Lays @text out for the surface of @cr.
 */
void lds_text_set (LdsText *self,
                   cairo_t *cr,
                   const LdsTheme *theme,
                   const char *text,
                   double size,
                   LdsTextStyle style,
                   double max_width);

/** Width and height of what was set, in user units. */
void lds_text_measure (LdsText *self, double *width, double *height);

/** Distance from the top of what was set to the baseline of its first line. */
double lds_text_baseline (LdsText *self);

/** The layout of what was set, for line-by-line work. Returns: (transfer none) */
PangoLayout *lds_text_layout (LdsText *self);

/**
 * lds_text_draw:
 * @x: left edge, middle or right edge, as @align says
 * @y: top
 */
void lds_text_draw (LdsText *self, cairo_t *cr, LdsColor color, double x, double y, LdsAlign align);

G_END_DECLS
