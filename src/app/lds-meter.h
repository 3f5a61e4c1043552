/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thin bar: how much of a whole, with an optional mark beyond which it cannot go now. */
#pragma once

#include <adwaita.h>

#include "lds-verdict.h"

G_BEGIN_DECLS

#define LDS_TYPE_METER (lds_meter_get_type ())
G_DECLARE_FINAL_TYPE (LdsMeter, lds_meter, LDS, METER, GtkWidget)

/** Grows with the width it is given; 8 px high. */
GtkWidget *lds_meter_new (void);

/**
 * lds_meter_set:
 * @value: -1.0 to 1.0; a negative value grows from the right end and is drawn hatched
 * @mark: 0.0 to 1.0, or NaN for none: the part beyond it is drawn as out of reach
 * @hue: whose colour it is drawn in; LDS_OPTION_ABSTAIN for the colour of text
 */
void lds_meter_set (LdsMeter *self, double value, double mark, LdsOption hue);

G_END_DECLS
