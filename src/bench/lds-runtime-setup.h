/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Setting up a runtime: its packages are installed, all of them or nothing. */
#pragma once

#include <gio/gio.h>

#include "lds-runtime.h"

G_BEGIN_DECLS

/**
 * LdsRuntimeSetupProgress:
 * @step: translated: what is done now: "node-express: installing 68 packages with npm"
 * @line: (nullable): what the installer says meanwhile, one line that is safe to show; %NULL when a step begins
 */
typedef void (*LdsRuntimeSetupProgress) (const char *step, const char *line, gpointer user_data);

/**
 * lds_runtime_setup_async:
 * @self: one that needs packages
 * @progress: (nullable): called on the thread-default main context, until @callback is
 * @progress_data: for @progress
 * @cancellable: (nullable): ends the installer with all processes of its group; nothing of it is left
 *
 * Installs beside what is there and puts it in its place when it is whole, with a stamp
 * (lds-runtime-packages.h), so that neither a failure nor the end of this process leaves half of it; what was set up
 * before stays until then. Whatever an earlier attempt could not clear away is cleared away.
 */
void lds_runtime_setup_async (const LdsRuntime *self,
                              LdsRuntimeSetupProgress progress,
                              gpointer progress_data,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

/** Returns %TRUE when it is set up; or %FALSE with G_IO_ERROR_CANCELLED, LDS_ERROR_FAILED (no network, no room, no
 * installer, …), or LDS_ERROR_INPUT for a lock file or a cache folder that cannot be used. */
gboolean lds_runtime_setup_finish (GAsyncResult *result, GError **error);

G_END_DECLS
