/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions in files: what “bench --output” writes, and what is read of it and of reports. */
#pragma once

#include "lds-session.h"

G_BEGIN_DECLS

/** Returns: (transfer full): the session with what a reader must know to read it: "format", "version" */
JsonNode *lds_cli_session_to_json (const LdsSession *session);

/**
 * lds_cli_session_read:
 * @object: what “bench --output” writes, or a report's JSON
 *
 * Returns: (transfer full): the session in it; or %NULL with LDS_ERROR_INPUT and the reason
 */
LdsSession *lds_cli_session_read (JsonObject *object, GError **error);

/**
 * lds_cli_session_load:
 * @path: a file of “bench --output”, or a report's JSON
 *
 * Returns: (transfer full): the session in it, to be compared, which an adaptive plan's is not; or %NULL with
 *   LDS_ERROR_INPUT naming @path and the reason
 */
LdsSession *lds_cli_session_load (const char *path, GError **error);

G_END_DECLS
