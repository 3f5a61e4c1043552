/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this machine can hold: connections that one server and one load generator keep open. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint connections; /* at least 1 */
  char *reason;      /* translated sentence: why no more */
} LdsHeadroom;

/**
 * lds_headroom_read:
 * @capacity: (out): to be cleared with lds_headroom_clear()
 *
 * The least of: the hard limit of open files, of which each side needs one a connection; ports that one
 * address may use towards one server; a quarter of the memory that is free, at 64 KiB a connection for both
 * sides and the kernel (Source: DOMAIN C-000-31 and C-001-9, 8 to 21 KB in the server alone, and as much again
 * for the client and for buffers); and LDS_PLAN_MAX_CONNECTIONS. What cannot be read sets no limit.
 */
void lds_headroom_read (LdsHeadroom *capacity);
void lds_headroom_clear (LdsHeadroom *capacity);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LdsHeadroom, lds_headroom_clear)

G_END_DECLS
