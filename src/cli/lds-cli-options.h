/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words that options take: durations, lanes, workloads, loads, limits. */
#pragma once

#include "lds-plan.h"

G_BEGIN_DECLS

/**
 * lds_cli_parse_duration:
 * @option: "--duration", for the message
 * @text: (nullable): "5", "2.5s", "500ms", "2m" or "1h"; %NULL leaves @duration_ms as it is
 * @bare_ms: what 1 is without a unit, in ms
 * @duration_ms: (inout)
 *
 * Returns %FALSE with LDS_ERROR_INPUT when @text is no duration.
 */
gboolean lds_cli_parse_duration (
    const char *option, const char *text, double bare_ms, gint64 *duration_ms, GError **error);

/** Adds each name of a list such as "event-loop,prefork" or "all" to the plan; of lanes %NULL adds those
 * that a plan proposes, “all” are all models, “real” the real runtimes that are on this machine. “all” workloads are those whose requests every lane answers. */
gboolean lds_cli_add_lanes (LdsPlan *plan, const char *list, GError **error);
gboolean lds_cli_add_workloads (LdsPlan *plan, const char *list, GError **error);

/** Reads "p99=50ms" into the plan. */
gboolean lds_cli_parse_slo (LdsPlan *plan, const char *text, GError **error);

/** Reads "hello=64@2000" or "slow=64", of one of the plan's workloads, into its loads. */
gboolean lds_cli_parse_load (LdsPlan *plan, const char *text, GError **error);

/**
 * lds_cli_check_count:
 * @option: "--connections", for the message
 * @maximum: largest value allowed
 *
 * Returns %FALSE with LDS_ERROR_INPUT when @value is not from @minimum to @maximum.
 */
gboolean
lds_cli_check_count (const char *option, int value, int minimum, int maximum, GError **error);

/** Reads “connections:1,2,4” or “workers:1,2” into the plan's series. */
gboolean lds_cli_parse_scale (LdsPlan *plan, const char *text, GError **error);

/** Reads “RATE” or “CONNECTIONS@RATE”, the load that is to be served in the end, into the plan. */
gboolean lds_cli_parse_demand (LdsPlan *plan, const char *text, GError **error);

G_END_DECLS
