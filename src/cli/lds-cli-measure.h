/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands that measure share: progress, interruption, the table. */
#pragma once

#include "lds-cli-record.h"

G_BEGIN_DECLS

/* Of the file that --output writes; readers refuse a newer one. */

/**
 * lds_cli_measure:
 * @record: what it does for the history; open. Each call is a session of its own there
 *
 * Runs @plan with progress on standard error: one line that changes with time left on a terminal,
 * one line a run otherwise. SIGINT, SIGTERM and SIGHUP end it.
 *
 * Returns: (transfer full): the session; or %NULL with an error, LDS_ERROR_FAILED when interrupted
 */
LdsSession *lds_cli_measure (const LdsPlan *plan, LdsCliRecord *record, GError **error);

/**
 * lds_cli_resume:
 * @id: a session's number, or "last"
 * @record: not open yet
 *
 * Like lds_cli_measure() for the runs that an interrupted session lacks. One that is complete is
 * given as it is when @or_complete, else refused. @record gets its title.
 */
LdsSession *
lds_cli_resume (const char *id, gboolean or_complete, LdsCliRecord *record, GError **error);

/** Prints @plan as JSON, as lds_plan_load() reads it. */
void lds_cli_print_plan (const LdsPlan *plan);

/** Says on standard error what is not in the plan, and why. */
void lds_cli_print_left_out (const LdsPlan *plan);

/** Returns: (transfer full): a median and, from three runs on, its interval: “12.4 ms (11.8–13.1 ms)” */
char *lds_cli_format_estimate (const LdsEstimate *estimate, LdsUnit unit);

/**
 * lds_cli_print_session:
 *
 * Prints the plan in a sentence, a table a workload, and the reasons of what is INVALID; of an adaptive plan
 * the knees, the series and what its demand takes.
 */
void lds_cli_print_session (const LdsSession *session);

/**
 * lds_cli_check_session:
 *
 * Returns %FALSE with LDS_ERROR_INVALID when some lane has no valid run on some workload, for then
 * there is no comparison; of an adaptive plan when the search or the series of some lane came to nothing.
 */
gboolean lds_cli_check_session (const LdsSession *session, GError **error);

G_END_DECLS
