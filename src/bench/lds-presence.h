/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who else of this user measures on this machine: two at once would measure each other. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _LdsPresence LdsPresence;

/**
 * lds_presence_new:
 *
 * From now on this process is seen by others, until it ends or lds_presence_free(). The sign is a shared lock on
 * a file of the user's runtime folder, or on the one that LOADSTONE_LOCK names; "" means none.
 *
 * Returns: (transfer full): also where no lock can be had, which is then as if nobody else was there
 */
LdsPresence *lds_presence_new (void);
void lds_presence_free (LdsPresence *self);

/** Returns whether another process has shown itself and is still there. Any thread. */
gboolean lds_presence_has_others (LdsPresence *self);

G_END_DECLS
