/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who records a session: a process, told from a later one that got the same number. Internal to
 * history/. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Returns: (transfer full): this process: boot, process id and start time in one text */
char *lds_history_owner_new (void);

/** Returns whether the process of @owner still runs; %FALSE for %NULL and for what is no owner. */
gboolean lds_history_owner_is_alive (const char *owner);

G_END_DECLS
