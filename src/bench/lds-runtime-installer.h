/* SPDX-License-Identifier: GPL-3.0-or-later */
/* npm, venv and pip: how they are called, and what it means when they fail. */
#pragma once

#include "lds-runtime.h"

G_BEGIN_DECLS

/* One command of an installation. */
typedef struct
{
  char *title; /* translated: "node-express: installing 68 packages with npm" */
  GStrv argv;  /* an absolute path, then arguments; both its outputs are on standard output */
} LdsRuntimeInstallerStep;

/**
 * lds_runtime_installer_plan:
 * @self: one that needs packages
 * @folder: where to install them; has copies of the lock files
 *
 * Nothing of a package is run while it is installed: no scripts of npm's, and of Python's only what is built already.
 *
 * Returns: (transfer full) (element-type LdsRuntimeInstallerStep): what to run, in this order; or %NULL with
 *   LDS_ERROR_FAILED when a program that does so is missing, saying what to install
 */
GPtrArray *lds_runtime_installer_plan (const LdsRuntime *self, const char *folder, GError **error);

/** Returns: (transfer full): the environment to run them in: with messages in English, for they are read, and
 * without variables that would install elsewhere */
GStrv lds_runtime_installer_make_environment (void);

/**
 * lds_runtime_installer_check:
 * @said: what a command has written
 * @succeeded: whether it ended with exit status 0, which is what npm also does when it could not write all files
 * @end: how it ended: "with exit status 1"
 *
 * Returns %TRUE when it did what it was to do; or %FALSE with LDS_ERROR_FAILED, one sentence: no network, no room, a part
 * of Python that is not installed, or what the installer itself says.
 */
gboolean lds_runtime_installer_check (const LdsRuntime *self,
                                      const char *said,
                                      gboolean succeeded,
                                      const char *end,
                                      GError **error);

G_END_DECLS
