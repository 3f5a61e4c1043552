/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The axis of all ratios as a widget. */
#pragma once

#include <adwaita.h>

#include "lds-ratio-chart.h"

G_BEGIN_DECLS

#define LDS_TYPE_RATIO_VIEW (lds_ratio_view_get_type ())
G_DECLARE_FINAL_TYPE (LdsRatioView, lds_ratio_view, LDS, RATIO_VIEW, GtkWidget)

/**
 * LdsRatioView:
 *
 * As high as its rows need; follows light, dark and high contrast. To a screen reader it is a picture that is
 * described by what each row says.
 */
GtkWidget *lds_ratio_view_new (void);

/** @rows: (transfer full) (element-type LdsRatioRow): as lds_ratio_rows_new() makes them */
void lds_ratio_view_take_rows (LdsRatioView *self, GPtrArray *rows);

/** Returns: (transfer none): what it says, row by row, as a screen reader hears it */
const char *lds_ratio_view_get_text (LdsRatioView *self);

G_END_DECLS
