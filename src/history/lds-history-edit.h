/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting the history in order: titles, tags, deleting and taking that back. */
#pragma once

#include "lds-history.h"

G_BEGIN_DECLS

/* Bytes of a title, a tag or a name. */
#define LDS_HISTORY_MAX_NAME_BYTES 200

/**
 * lds_history_dup_name:
 * @what: "The title", "The tag": for the message, translated
 *
 * Returns: (transfer full): @text without space around it; or %NULL with LDS_ERROR_INPUT when it is
 *   empty, longer than LDS_HISTORY_MAX_NAME_BYTES, no UTF-8 or not one line
 */
char *lds_history_dup_name (const char *what, const char *text, GError **error);

gboolean lds_history_rename (LdsHistory *self, gint64 id, const char *title, GError **error);

/** Adds a tag; once more means nothing. */
gboolean lds_history_tag (LdsHistory *self, gint64 id, const char *tag, GError **error);
/** Takes a tag away; LDS_ERROR_INPUT when the session does not have it. */
gboolean lds_history_untag (LdsHistory *self, gint64 id, const char *tag, GError **error);

/**
 * lds_history_delete:
 * @ids: (array length=n_ids): sessions, all of which are there, else none is deleted
 *
 * Marks them as deleted, as one step of lds_history_undo(). One that is being measured is refused.
 */
gboolean lds_history_delete (LdsHistory *self, const gint64 *ids, guint n_ids, GError **error);

/**
 * lds_history_rename_assessment:
 * @name: an assessment that is there
 * @new_name: what none is called yet; checked by lds_history_dup_name()
 */
gboolean lds_history_rename_assessment (LdsHistory *self,
                                        const char *name,
                                        const char *new_name,
                                        GError **error);

/** Deletes an assessment with its milestones, as one step of lds_history_undo(). */
gboolean lds_history_delete_assessment (LdsHistory *self, const char *name, GError **error);

/**
 * lds_history_undo:
 *
 * Takes the last deletion back.
 *
 * Returns: how many sessions and assessments are there again, at least 1; or 0 with LDS_ERROR_INPUT
 *   when nothing is deleted
 */
guint lds_history_undo (LdsHistory *self, GError **error);

/**
 * lds_history_purge:
 * @n_purged: (out): sessions and assessments
 *
 * Removes for good what is deleted, and gives its space back to the disk: the whole file is written
 * anew, which may take seconds.
 */
gboolean lds_history_purge (LdsHistory *self, guint *n_purged, GError **error);

G_END_DECLS
