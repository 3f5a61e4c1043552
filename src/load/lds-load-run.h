/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main thread's part of a run: starts the workers, listens for the end of its input, gathers
 * tallies, and says everything as lines of JSON. */
#pragma once

#include <stdio.h>

#include "lds-load-plan.h"

G_BEGIN_DECLS

/**
 * lds_load_run:
 * @plan: its expected body may be learnt
 * @input_fd: end of file there ends the run early, unless it is a regular file; as SIGINT and SIGTERM
 *   do, which stay blocked
 * @output: gets the events of src/DESIGN.md, from "started" to "result", a line each
 *
 * Returns %TRUE when a result was written, early or not; %FALSE with LDS_ERROR_FAILED when the run
 * could not begin: no server, no threads, no back end.
 */
gboolean lds_load_run (LdsLoadPlan *plan, int input_fd, FILE *output, GError **error);

/** Writes {"event":"error","message":…}. */
void lds_load_run_report_error (FILE *output, const char *message);

G_END_DECLS
