/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conductor: from a plan, or from a session that was interrupted, to a session. Starts, watches, samples and stops the server and the
 * load generator of each run, and says what it hears while it goes. */
#pragma once

#include "lds-session.h"

G_BEGIN_DECLS

#define LDS_TYPE_CONDUCTOR (lds_conductor_get_type ())
G_DECLARE_FINAL_TYPE (LdsConductor, lds_conductor, LDS, CONDUCTOR, GObject)

/**
 * LdsConductor:
 *
 * Lives on the thread-default main context of the thread that starts it; every signal and callback
 * comes there.
 *
 * Signals:
 *   "session-started" (const LdsSession *session): with its plan and environment, and the runs that
 *     it has already when it is gone on with; before the first server is started
 *   "run-started" (guint index, const LdsRunSpec *spec): a server is being started
 *   "sample" (guint index, const LdsSample *sample): ten times a second while load is on
 *   "run-finished" (guint index, const LdsRun *run): valid, invalid or failed; the run lives on in
 *     the session
 */
LdsConductor *lds_conductor_new (void);

/**
 * lds_conductor_set_max_server_bytes:
 * @max_server_bytes: RSS of all processes of a server; 0, the default, is half of what the machine has
 *   available when the session begins
 *
 * A server that comes to more is ended, and its run is INVALID: a leak must not take the machine down.
 */
void lds_conductor_set_max_server_bytes (LdsConductor *self, double max_server_bytes);

/**
 * lds_conductor_run_async:
 * @plan: copied
 * @cancellable: (nullable): stops the run that is going on within 0.5 s and ends both children
 *
 * A run that fails becomes an INVALID run of the session, and the next one starts, or the same again where
 * nothing is known of the server (lds-turn.h): then it has the same index. Only a wrong
 * plan or a missing program ends the whole session with an error.
 */
void lds_conductor_run_async (LdsConductor *self,
                              const LdsPlan *plan,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

/**
 * lds_conductor_resume_async:
 * @session: (transfer full): what was measured before of its own plan
 *
 * Like lds_conductor_run_async(), but of the plan only those runs that the session lacks, by lane,
 * workload and repeat; an INVALID run is one that it has, or one that may be made again (lds-turn.h). The environment stays that of the
 * beginning, with "resumed_at" added; where the machine is another now the session gets the warning
 * "machine-changed". Ends with lds_conductor_run_finish().
 */
void lds_conductor_resume_async (LdsConductor *self,
                                 LdsSession *session,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

/**
 * lds_conductor_run_finish:
 *
 * Returns: (transfer full): the session. After cancellation it holds the finished runs, its
 *   complete flag is %FALSE, and no error is set; %NULL with an error only as said above
 */
LdsSession *lds_conductor_run_finish (LdsConductor *self, GAsyncResult *result, GError **error);

G_END_DECLS
