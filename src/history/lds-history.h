/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history: one SQLite database in which every session is kept. Opened, checked, brought up to
 * date and closed here; the neighbours write and read. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LdsHistory:
 *
 * A connection of one thread, meant for the main one: each call is a few statements and takes
 * milliseconds. Several programs may have the same database open: readers never wait, and a writer
 * waits for another one for two seconds at most before its call fails.
 *
 * All functions set LDS_ERROR_INPUT where the caller named what is not there or may not be, and
 * LDS_ERROR_FAILED where the database refuses: a full disk, another writer, damage. Either way
 * nothing was changed.
 */
typedef struct _LdsHistory LdsHistory;

/**
 * LdsHistoryFlags:
 * @LDS_HISTORY_CHECK_ALL: read every page and compare every index with its table, which takes about
 *   as long as reading the file; otherwise what opening always checks: all but the measured
 *   documents, which are checked as they are read
 * @LDS_HISTORY_SET_ASIDE: when the database is damaged, keep it under another name beside, and begin
 *   a new one
 */
typedef enum
{
  LDS_HISTORY_USUAL = 0,
  LDS_HISTORY_CHECK_ALL = 1 << 0,
  LDS_HISTORY_SET_ASIDE = 1 << 1,
} LdsHistoryFlags;

/**
 * lds_history_dup_default_path:
 *
 * Returns: (transfer full): what the environment variable LOADSTONE_HISTORY names, or
 *   loadstone/history.sqlite in the user's data folder
 */
char *lds_history_dup_default_path (void);

/**
 * lds_history_open:
 * @path: (nullable): the database, made with its folder when missing; %NULL is the default one
 *
 * Refuses what is damaged, what a newer Loadstone wrote and what is not a history, and leaves it as
 * it is; an older one is brought up to date in one transaction.
 *
 * Returns: (transfer full): to be closed with lds_history_close(); or %NULL with LDS_ERROR_FAILED
 */
LdsHistory *lds_history_open (const char *path, LdsHistoryFlags flags, GError **error);
/** @self: (transfer full) (nullable) */
void lds_history_close (LdsHistory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsHistory, lds_history_close)

const char *lds_history_get_path (LdsHistory *self);
/** Returns: (transfer none) (nullable): under what name a damaged one was kept when this was opened */
const char *lds_history_get_set_aside (LdsHistory *self);

G_END_DECLS
