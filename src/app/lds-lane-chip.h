/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lane by its hue, line and name: a button that hides and shows it in the charts. */
#pragma once

#include <adwaita.h>

#include "lds-lane.h"

G_BEGIN_DECLS

/** Returns: (transfer floating): a toggle button, active while the lane is shown */
GtkWidget *lds_lane_chip_new (const LdsLane *lane);

/** Says what the lane is called now, after lds_lane_renew_twin(), and that no run of it was refused. */
void lds_lane_chip_renew (GtkWidget *chip);

/**
 * lds_lane_chip_set_refused:
 * @struck: whether no run of the lane counts: its name is struck
 * @remark: (nullable): the runs that were refused and why, for the tooltip and screen readers
 */
void lds_lane_chip_set_refused (GtkWidget *chip, gboolean struck, const char *remark);

/** Returns: (transfer floating): a short piece of the lane's line; decorative */
GtkWidget *lds_lane_swatch_new (void);
void lds_lane_swatch_set_lane (GtkWidget *swatch, const LdsLane *lane);

G_END_DECLS
