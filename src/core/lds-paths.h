/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the other programs of this very build or installation are. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * lds_paths_find_program:
 * @name: "loadstone-server", "loadstone-load" …
 *
 * Looks, in this order, in the environment variable of that name in capitals (LOADSTONE_SERVER …,
 * set by `meson devenv` and tests), beside the running program, and in the installation's folder.
 *
 * Returns: (transfer full): an absolute path to an executable; or %NULL with LDS_ERROR_FAILED
 */
char *lds_paths_find_program (const char *name, GError **error);

G_END_DECLS
