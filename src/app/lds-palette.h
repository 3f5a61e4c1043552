/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The colours that mean something: hue says which option. Okabe-Ito, lightened on dark ground. */
#pragma once

#include <adwaita.h>

#include "lds-verdict.h"

G_BEGIN_DECLS

/** Whether @widget is drawn on dark ground. */
gboolean lds_palette_is_dark (GtkWidget *widget);
/** The colour of @option on the ground that @widget is drawn on; text colour for an abstention. */
void lds_palette_option (GtkWidget *widget, LdsOption option, GdkRGBA *color);

G_END_DECLS
