/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody who mistyped an identifier probably meant. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * lds_nearest:
 * @text: what was typed, of any length
 * @known: (array zero-terminated=1): the identifiers there are
 *
 * Returns: (transfer none) (nullable): the one of @known with the smallest edit distance to @text,
 *   or %NULL when every one differs by more than half of its length
 */
const char *lds_nearest (const char *text, const char *const *known);

G_END_DECLS
