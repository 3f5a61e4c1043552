/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server tells of itself while it runs, as src/DESIGN.md has it: gathered over the measured
 * interval. All of it is checked: the server may be broken. */
#pragma once

#include "lds-run.h"

G_BEGIN_DECLS

/* How often a server is asked to tell. */
#define LDS_SERVER_STATS_INTERVAL_MS 100

typedef struct _LdsServerStats LdsServerStats;

LdsServerStats *lds_server_stats_new (void);
void lds_server_stats_free (LdsServerStats *self);

/**
 * lds_server_stats_take:
 * @object: an event "stats"; what it has that is not known is passed over
 *
 * Keeps it until the next one comes: when the measured interval begins and ends is heard from
 * another process, and may be heard a little later.
 *
 * Returns %FALSE with LDS_ERROR_INPUT when it is malformed; nothing of it is kept then.
 */
gboolean lds_server_stats_take (LdsServerStats *self, JsonObject *object, GError **error);

/** The measured interval began, or ended, at @t_ns of CLOCK_MONOTONIC. */
void lds_server_stats_begin (LdsServerStats *self, gint64 t_ns);
void lds_server_stats_end (LdsServerStats *self, gint64 t_ns);

/** Returns the p99 of the loop's lag that the last event tells, ns, or how late a loop is already that
 * has not come round; NaN when it tells none. */
double lds_server_stats_get_lag_p99_ns (LdsServerStats *self);

/** Returns how many threads waited for the lock on average between the last two events; NaN when there is
 * none. */
double lds_server_stats_get_gil_waiting (LdsServerStats *self);

/** Returns how many jobs waited for a pool as of the last event; NaN before the first. */
double lds_server_stats_get_queue_depth (LdsServerStats *self);

/** Nothing more comes: gives @run its loop_lag, gil_waiting, max_queue_depth and paces. */
void lds_server_stats_apply (LdsServerStats *self, LdsRun *run);

G_END_DECLS
