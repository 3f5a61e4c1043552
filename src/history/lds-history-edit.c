/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting the history in order. */
#define G_LOG_DOMAIN "lds-history"

#include "config.h"
#include "lds-history-edit.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "lds-error.h"
#include "lds-history-list-private.h"
#include "lds-history-owner.h"

char *
lds_history_dup_name (const char *what,
                      const char *text,
                      GError **error)
{
  g_autofree char *name = NULL;

  g_return_val_if_fail (what != NULL && text != NULL, NULL);

  name = g_strstrip (g_strdup (text));
  if (*name == '\0' || strlen (name) > LDS_HISTORY_MAX_NAME_BYTES ||
      !g_utf8_validate (name, -1, NULL))
    {
      /* Translators: “The title”, “The tag” or “The name”, then a number of bytes */
      lds_error_refuse (error, _ ("%s must be UTF-8 text of 1 to %d bytes."), what, LDS_HISTORY_MAX_NAME_BYTES);
      return NULL;
    }
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      {
        lds_error_refuse (error, _ ("%s must be one line without control characters."), what);
        return NULL;
      }
  return g_steal_pointer (&name);
}

static gboolean
is_session (LdsHistory *self,
            gint64 id,
            GError **error)
{
  g_autoptr (LdsHistorySession) session = lds_history_find_session (self, id, error);

  return session != NULL;
}

gboolean
lds_history_rename (LdsHistory *self,
                    gint64 id,
                    const char *title,
                    GError **error)
{
  g_autofree char *name = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  name = lds_history_dup_name (_ ("The title"), title, error);
  return name != NULL && is_session (self, id, error) &&
         lds_history_execute (self, error, "UPDATE session SET title = ?2 WHERE id = ?1", "it", id,
                              name);
}

gboolean
lds_history_tag (LdsHistory *self,
                 gint64 id,
                 const char *tag,
                 GError **error)
{
  g_autofree char *name = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  name = lds_history_dup_name (_ ("The tag"), tag, error);
  return name != NULL && is_session (self, id, error) &&
         lds_history_execute (self, error,
                              "INSERT INTO session_tag (session_id, tag) VALUES (?1, ?2)"
                              " ON CONFLICT DO NOTHING",
                              "it", id, name);
}

gboolean
lds_history_untag (LdsHistory *self,
                   gint64 id,
                   const char *tag,
                   GError **error)
{
  g_return_val_if_fail (self != NULL && tag != NULL, FALSE);

  if (!is_session (self, id, error) ||
      !lds_history_execute (self, error,
                            "DELETE FROM session_tag WHERE session_id = ?1 AND tag = ?2", "it", id,
                            tag))
    return FALSE;
  return sqlite3_changes (self->db) > 0 ||
         lds_error_refuse (error, _ ("Session %" PRId64 " has no tag “%s”."), id, tag);
}

/* A time that no deletion has yet: what has one time is taken back in one step. In a transaction. */
static gint64
new_deletion (LdsHistory *self,
              GError **error)
{
  g_autoptr (sqlite3_stmt) statement = lds_history_query (
      self, error,
      "SELECT max (?1, 1 + (SELECT ifnull (max (deleted_at_us), 0) FROM session),"
      " 1 + (SELECT ifnull (max (deleted_at_us), 0) FROM assessment))",
      "i", g_get_real_time ());

  if (statement == NULL || !lds_history_step (self, statement, error))
    return 0;
  return sqlite3_column_int64 (statement, 0);
}

static gboolean
delete_sessions (LdsHistory *self,
                 const gint64 *ids,
                 guint n_ids,
                 GError **error)
{
  gint64 now_us = new_deletion (self, error);

  for (guint i = 0; now_us != 0 && i < n_ids; i++)
    {
      g_autoptr (LdsHistorySession) session = NULL;

      /* The second time it would be gone already. */
      for (guint j = 0; j < i; j++)
        if (ids[j] == ids[i])
          return lds_error_refuse (error, _ ("Session %" PRId64 " is named twice."), ids[i]);
      session = lds_history_find_session (self, ids[i], error);
      if (session == NULL)
        return FALSE;
      if (session->state == LDS_HISTORY_RUNNING)
        return lds_error_refuse (error, _ ("Session %" PRId64 " is being measured; end that first."), ids[i]);
      if (!lds_history_execute (self, error, "UPDATE session SET deleted_at_us = ?2 WHERE id = ?1",
                                "ii", ids[i], now_us))
        return FALSE;
    }
  return now_us != 0;
}

gboolean
lds_history_delete (LdsHistory *self,
                    const gint64 *ids,
                    guint n_ids,
                    GError **error)
{
  g_return_val_if_fail (self != NULL && (ids != NULL || n_ids == 0), FALSE);

  return lds_history_begin (self, error) &&
         lds_history_end (self, delete_sessions (self, ids, n_ids, error), error);
}

static gboolean
refuse_unknown (const char *name,
                GError **error)
{
  return lds_error_refuse (error, _ ("There is no assessment “%s” in the history; “loadstone-cli history assessments” lists those that are."), name);
}

/* In a transaction. */
static gboolean
rename_assessment (LdsHistory *self,
                   const char *name,
                   const char *new_name,
                   GError **error)
{
  g_autoptr (sqlite3_stmt) taken = lds_history_query (
      self, error, "SELECT 1 FROM assessment WHERE name = ?1 AND deleted_at_us IS NULL", "t", new_name);

  if (taken == NULL)
    return FALSE;
  if (lds_history_step (self, taken, NULL))
    return lds_error_refuse (error, _ ("There is an assessment “%s” already; take another name."), new_name);
  if (!lds_history_execute (self, error,
                            "UPDATE assessment SET name = ?2 WHERE name = ?1 AND deleted_at_us IS NULL",
                            "tt", name, new_name))
    return FALSE;
  return sqlite3_changes (self->db) > 0 || refuse_unknown (name, error);
}

gboolean
lds_history_rename_assessment (LdsHistory *self,
                               const char *name,
                               const char *new_name,
                               GError **error)
{
  g_autofree char *checked = NULL;

  g_return_val_if_fail (self != NULL && name != NULL && new_name != NULL, FALSE);

  checked = lds_history_dup_name (_ ("The assessment's name"), new_name, error);
  return checked != NULL && lds_history_begin (self, error) &&
         lds_history_end (self, rename_assessment (self, name, checked, error), error);
}

static gboolean
delete_assessment (LdsHistory *self,
                   const char *name,
                   GError **error)
{
  gint64 now_us = new_deletion (self, error);

  if (now_us == 0 ||
      !lds_history_execute (self, error,
                            "UPDATE assessment SET deleted_at_us = ?2"
                            " WHERE name = ?1 AND deleted_at_us IS NULL",
                            "ti", name, now_us))
    return FALSE;
  return sqlite3_changes (self->db) > 0 || refuse_unknown (name, error);
}

gboolean
lds_history_delete_assessment (LdsHistory *self,
                               const char *name,
                               GError **error)
{
  g_return_val_if_fail (self != NULL && name != NULL, FALSE);

  return lds_history_begin (self, error) &&
         lds_history_end (self, delete_assessment (self, name, error), error);
}

/* In a transaction. Returns how many are there again, 0 with an error. */
static guint
undo (LdsHistory *self,
      GError **error)
{
  g_autoptr (sqlite3_stmt) last = lds_history_query (
      self, error,
      "SELECT max (deleted_at_us) FROM (SELECT deleted_at_us FROM session"
      " UNION ALL SELECT deleted_at_us FROM assessment)",
      "");
  g_autoptr (sqlite3_stmt) taken = NULL;
  gint64 at_us;
  guint n = 0;

  if (last == NULL || !lds_history_step (self, last, error))
    return 0;
  at_us = sqlite3_column_int64 (last, 0);
  if (at_us == 0)
    {
      lds_error_refuse (error, _ ("Nothing is deleted, so there is nothing to take back."));
      return 0;
    }
  taken = lds_history_query (self, error,
                             "SELECT name FROM assessment AS a WHERE deleted_at_us = ?1 AND EXISTS"
                             " (SELECT 1 FROM assessment WHERE name = a.name AND deleted_at_us IS NULL)",
                             "i", at_us);
  if (taken == NULL)
    return 0;
  if (lds_history_step (self, taken, NULL))
    {
      g_autofree char *name = lds_history_dup_line (taken, 0);

      lds_error_refuse (error, _ ("The deleted assessment “%s” cannot be taken back while another one has that name; give that one another (loadstone-cli history rename --assessment NAME NEW-NAME)."), name);
      return 0;
    }
  if (!lds_history_execute (self, error,
                            "UPDATE session SET deleted_at_us = NULL WHERE deleted_at_us = ?1",
                            "i", at_us))
    return 0;
  n += (guint)sqlite3_changes (self->db);
  if (!lds_history_execute (self, error,
                            "UPDATE assessment SET deleted_at_us = NULL WHERE deleted_at_us = ?1",
                            "i", at_us))
    return 0;
  return n + (guint)sqlite3_changes (self->db);
}

guint
lds_history_undo (LdsHistory *self,
                  GError **error)
{
  guint n;

  g_return_val_if_fail (self != NULL, 0);

  if (!lds_history_begin (self, error))
    return 0;
  n = undo (self, error);
  return lds_history_end (self, n > 0, error) ? n : 0;
}

static gboolean
purge (LdsHistory *self,
       guint *n_purged,
       GError **error)
{
  if (!lds_history_execute (self, error, "DELETE FROM session WHERE deleted_at_us IS NOT NULL", ""))
    return FALSE;
  *n_purged = (guint)sqlite3_changes (self->db);
  if (!lds_history_execute (self, error, "DELETE FROM assessment WHERE deleted_at_us IS NOT NULL", ""))
    return FALSE;
  *n_purged += (guint)sqlite3_changes (self->db);
  return TRUE;
}

gboolean
lds_history_purge (LdsHistory *self,
                   guint *n_purged,
                   GError **error)
{
  g_return_val_if_fail (self != NULL && n_purged != NULL, FALSE);

  *n_purged = 0;
  return lds_history_begin (self, error) &&
         lds_history_end (self, purge (self, n_purged, error), error) &&
         lds_history_execute (self, error, "VACUUM", "");
}
