/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table on a terminal: columns as wide as their widest text. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * lds_cli_print_columns:
 * @rows: (element-type GStrv): as many texts each as @alignment has letters; the heading first
 * @alignment: one letter a column: l left, r right
 */
void lds_cli_print_columns (GPtrArray *rows, const char *alignment);

/**
 * lds_cli_print_table:
 * @rows: (element-type GStrv): the heading first, with at least one text; all with as many
 *
 * Prints @rows indented, the first column to the left and the others to the right.
 */
void lds_cli_print_table (GPtrArray *rows);

G_END_DECLS
