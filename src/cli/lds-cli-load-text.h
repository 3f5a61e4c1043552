/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of a load run as people read it on a terminal. */
#pragma once

#include <json-glib/json-glib.h>
#include <stdio.h>

G_BEGIN_DECLS

/**
 * lds_cli_load_dup_live_line:
 * @frame: a "frame" event of src/DESIGN.md
 *
 * Returns: (transfer full): one line on what goes on, without newline
 */
char *lds_cli_load_dup_live_line (JsonObject *frame);

/**
 * lds_cli_load_print_result:
 * @result: a "result" event of src/DESIGN.md
 * @percentiles: with the table of percentiles
 *
 * Prints totals, rate and response time together, then whether they may be believed.
 */
void lds_cli_load_print_result (FILE *file, JsonObject *result, gboolean percentiles);

G_END_DECLS
