/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands that measure share: progress, interruption, the table. */
#pragma once

#include "lds-session.h"

G_BEGIN_DECLS

/**
 * lds_cli_measure:
 *
 * Runs @plan with progress on standard error: one line that changes with time left on a terminal,
 * one line a run otherwise. SIGINT, SIGTERM and SIGHUP end it.
 *
 * Returns: (transfer full): the session; or %NULL with an error, LDS_ERROR_FAILED when interrupted
 */
LdsSession *lds_cli_measure (const LdsPlan *plan, GError **error);

/** Returns: (transfer full): a median and, from three runs on, its interval: “12.4 ms (11.8–13.1 ms)” */
char *lds_cli_format_estimate (const LdsEstimate *estimate, LdsUnit unit);

/** Prints the plan in a sentence, a table a workload, and the reasons of what is INVALID. */
void lds_cli_print_session (const LdsSession *session);

/**
 * lds_cli_check_session:
 *
 * Returns %FALSE with LDS_ERROR_INVALID when some lane has no valid run on some workload, for then
 * there is no comparison.
 */
gboolean lds_cli_check_session (const LdsSession *session, GError **error);

G_END_DECLS
