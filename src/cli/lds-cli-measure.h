/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands that measure share: the options' words, progress, interruption, the table. */
#pragma once

#include "lds-session.h"

G_BEGIN_DECLS

/**
 * lds_cli_parse_seconds:
 * @option: "--duration", for the message
 * @text: "5", "2.5s", "500ms", "2m"
 * @milliseconds: (out)
 */
gboolean lds_cli_parse_seconds (const char *option,
                                const char *text,
                                gint64 *milliseconds,
                                GError **error);

/** Adds each name of a list such as "event-loop,prefork" or "all" to the plan. */
gboolean lds_cli_add_lanes (LdsPlan *plan, const char *list, GError **error);
gboolean lds_cli_add_workloads (LdsPlan *plan, const char *list, GError **error);

/** Reads "p99=50ms" into the plan. */
gboolean lds_cli_parse_slo (LdsPlan *plan, const char *text, GError **error);

/** Reads "hello=64@2000" or "slow=64" into the plan's loads. */
gboolean lds_cli_parse_load (LdsPlan *plan, const char *text, GError **error);

/**
 * lds_cli_measure:
 *
 * Runs @plan with progress on standard error: one line that changes with time left on a terminal,
 * one line a run otherwise. SIGINT, SIGTERM and SIGHUP end it.
 *
 * Returns: (transfer full): the session; or %NULL with an error, LDS_ERROR_FAILED when interrupted
 */
LdsSession *lds_cli_measure (const LdsPlan *plan, GError **error);

/** Prints the plan in a sentence, a table a workload, and the reasons of what is INVALID. */
void lds_cli_print_session (const LdsSession *session);

/**
 * lds_cli_check_session:
 *
 * Returns %FALSE with LDS_ERROR_INVALID when some lane has no valid run on some workload, for then
 * there is no comparison; else with LDS_ERROR_THRESHOLD when the SLO is missed.
 */
gboolean lds_cli_check_session (const LdsSession *session, GError **error);

G_END_DECLS
