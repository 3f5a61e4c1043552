/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Children in lines, as words are: what AdwWrapBox does from libadwaita 1.7 on. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define LDS_TYPE_WRAP_LAYOUT (lds_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (LdsWrapLayout, lds_wrap_layout, LDS, WRAP_LAYOUT, GtkLayoutManager)

/**
 * LdsWrapLayout:
 *
 * Each child has its natural width, or the whole width where that is less, with one gap beside and
 * between lines. Property: "spacing" (uint, px, 0 to 100).
 */
GtkLayoutManager *lds_wrap_layout_new (guint spacing);

G_END_DECLS
