/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only the chart does with its lines. */
#pragma once

#include "lds-chart.h"

G_BEGIN_DECLS

LdsSeries *lds_series_new (const char *label, LdsFamily family, LdsProvenance provenance);
void lds_series_free (LdsSeries *self);

/** Index of the first point at or after @x; the number of points when there is none. */
guint lds_series_lower_bound (const LdsSeries *self, double x);

G_END_DECLS
