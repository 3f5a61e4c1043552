/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bin that says how wide it is in classes, so that a window can rearrange itself. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Limits in px at normal text size; they grow with the user's text scale. */
typedef enum
{
  LDS_WIDTH_NARROW, /* below 680: a telephone, a quarter of a screen */
  LDS_WIDTH_MEDIUM, /* below 900 */
  LDS_WIDTH_WIDE,
} LdsWidthClass;

#define LDS_TYPE_ADAPTIVE_BIN (lds_adaptive_bin_get_type ())
G_DECLARE_FINAL_TYPE (LdsAdaptiveBin, lds_adaptive_bin, LDS, ADAPTIVE_BIN, GtkWidget)

/**
 * LdsAdaptiveBin:
 *
 * May be made narrower than its child's present minimum, so that the child gets the chance to take
 * a narrower shape. Properties: "child" (GtkWidget), "width-class" (uint, LdsWidthClass, read-only,
 * notified before the next frame).
 */
LdsWidthClass lds_adaptive_bin_get_width_class (LdsAdaptiveBin *self);

G_END_DECLS
