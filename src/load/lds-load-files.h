/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many files, and so connections, this process may have open. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * lds_load_files_allow:
 * @member: of the plan, for the message: what asks for the connections
 * @n_others: files that are open beside them
 *
 * Raises the limit of open files to what @n_connections need: the soft limit, or the hard one as well
 * where this process may.
 *
 * Returns %FALSE with LDS_ERROR_INPUT, which says how many connections are possible, when it may not.
 */
gboolean
lds_load_files_allow (const char *member, guint n_connections, guint n_others, GError **error);

G_END_DECLS
