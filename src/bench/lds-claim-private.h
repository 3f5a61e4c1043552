/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units of claims; internal to bench/. */
#pragma once

#include "lds-format.h"

G_BEGIN_DECLS

/**
 * lds_claim_unit_find:
 * @name: "ms", "s", "MB", "KB", "per-s", "share", "cores", "count", "times"
 * @is_ratio: of two figures; its unit is "times"
 * @unit: what the metric is written in
 * @factor: (out): a value of @name by this is one in the metric's base
 *
 * MB and KB are 10^6 and 10^3 bytes.
 *
 * Returns %FALSE when @name is no unit of that
 */
gboolean lds_claim_unit_find (const char *name, gboolean is_ratio, LdsUnit unit, double *factor);

G_END_DECLS
