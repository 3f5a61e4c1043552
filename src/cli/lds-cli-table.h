/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables on a terminal. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * lds_cli_print_table:
 * @rows: (element-type GStrv): the heading first; all with as many cells
 *
 * Prints @rows to standard output, the first column to the left and the others to the right.
 */
void lds_cli_print_table (GPtrArray *rows);

G_END_DECLS
