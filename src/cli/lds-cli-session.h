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
 * Returns: (transfer full): the session in it; or %NULL with LDS_ERROR_INPUT naming @path and the reason
 */
LdsSession *lds_cli_session_load (const char *path, GError **error);

/** Adds simulated self-tests with as many runs as @session's plan repeats to @session. */
void lds_cli_add_self_tests (LdsSession *session);

/** The self-test of “compare”, which is done without a session. */
typedef struct
{
  gboolean simulates;
  gboolean measures;
  guint n_simulated; /* comparisons */
  guint n_measured;
  gboolean json;
  const char *output; /* (nullable) */
} LdsCliSelfTest;

/**
 * lds_cli_run_self_test:
 *
 * Prints what came out and writes it to @options' output. Returns %FALSE with LDS_ERROR_THRESHOLD when a
 * rate is not what it should be, with LDS_ERROR_INVALID when nothing valid was measured.
 */
gboolean lds_cli_run_self_test (const LdsCliSelfTest *options, GError **error);

G_END_DECLS
