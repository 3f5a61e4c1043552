/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page Pitfalls: what is better not done, each run beside its remedy, with two live charts. */
#pragma once

#include <adwaita.h>

#include "lds-adaptive-bin.h"
#include "lds-measurement.h"
#include "lds-pitfall-run.h"

G_BEGIN_DECLS

#define LDS_TYPE_PITFALLS_PAGE (lds_pitfalls_page_get_type ())
G_DECLARE_FINAL_TYPE (LdsPitfallsPage, lds_pitfalls_page, LDS, PITFALLS_PAGE, GtkWidget)

/**
 * LdsPitfallsPage:
 *
 * Actions: "pitfalls.run" with a pitfall's id, "pitfalls.stop".
 */

/** @measurement: what else may measure in this window; one of the two at a time. Referenced */
void lds_pitfalls_page_set_measurement (LdsPitfallsPage *self, LdsMeasurement *measurement);
/** Returns: (transfer none): what runs here, or would */
LdsPitfallRun *lds_pitfalls_page_get_run (LdsPitfallsPage *self);
/** Puts what runs beside the list or beneath it, and the charts beside each other where they have room. */
void lds_pitfalls_page_set_width_class (LdsPitfallsPage *self, LdsWidthClass width_class);
/** Shows the pitfall of that id; does nothing for another. */
void lds_pitfalls_page_show (LdsPitfallsPage *self, const char *id);
/** Moves the focus to the list, or to Stop while one runs. */
void lds_pitfalls_page_focus (LdsPitfallsPage *self);

G_END_DECLS
