/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims judged from what the history holds. */
#define G_LOG_DOMAIN "lds-history"

#include "config.h"
#include "lds-history-claims.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "lds-environment.h"
#include "lds-history-list.h"
#include "lds-history-record.h"

typedef struct
{
  LdsHistory *history;
  GPtrArray *notes; /* (element-type utf8) */
} Loader;

static void
note_damage (GPtrArray *notes,
             gint64 id,
             const GError *error)
{
  /* Translators: a number, a sentence with the reason */
  g_ptr_array_add (notes, g_strdup_printf (_ ("Session %" PRId64 " of claims is passed over: %s"), id, error->message));
}

static LdsSession *
load_cb (gint64 id,
         gpointer user_data)
{
  Loader *loader = user_data;
  g_autoptr (GError) error = NULL;
  LdsSession *session = lds_history_load_session (loader->history, id, &error);

  if (session == NULL)
    note_damage (loader->notes, id, error);
  return session;
}

/* Returns: (transfer full) (element-type LdsClaimSession): the newest first; or NULL with an error */
static GPtrArray *
list_sessions (Loader *loader,
               GError **error)
{
  const LdsHistoryFilter filter = {NULL};
  g_autoptr (GPtrArray) rows = lds_history_list_sessions (loader->history, &filter, error);
  GPtrArray *sessions = NULL;

  if (rows == NULL)
    return NULL;
  sessions = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_claim_session_free);
  for (guint i = 0; i < rows->len; i++)
    {
      const LdsHistorySession *row = rows->pdata[i];
      g_autoptr (GError) local = NULL;
      LdsSession *session;

      if (strcmp (row->kind, LDS_HISTORY_KIND_CLAIMS) != 0)
        continue;
      session = lds_history_load_outline (loader->history, row->id, &local);
      if (session != NULL)
        g_ptr_array_add (sessions, lds_claim_session_new (row->id, row->started_at_us, session));
      else
        note_damage (loader->notes, row->id, local);
    }
  return sessions;
}

LdsClaimEvidence *
lds_history_judge_claims (LdsHistory *self,
                          GPtrArray *claims,
                          GError **error)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  Loader loader = {self, notes};
  g_autoptr (GPtrArray) sessions = NULL;
  g_autoptr (JsonObject) environment = NULL;
  LdsClaimEvidence *evidence;

  g_return_val_if_fail (self != NULL && claims != NULL, NULL);

  sessions = list_sessions (&loader, error);
  if (sessions == NULL)
    return NULL;
  environment = lds_environment_read ();
  evidence = lds_claim_evidence_new (claims, sessions, environment, load_cb, &loader);
  g_ptr_array_extend_and_steal (evidence->notes, g_steal_pointer (&notes));
  return evidence;
}

static LdsSession *
load_nothing (gint64 id,
              gpointer user_data)
{
  return NULL;
}

LdsClaimEvidence *
lds_history_judge_claims_at (const char *path,
                             GPtrArray *claims,
                             GError **error)
{
  g_autofree char *usual = path == NULL ? lds_history_dup_default_path () : NULL;
  g_autoptr (LdsHistory) history = NULL;

  g_return_val_if_fail (claims != NULL, NULL);

  if (!g_file_test (path != NULL ? path : usual, G_FILE_TEST_EXISTS))
    {
      g_autoptr (GPtrArray) none = g_ptr_array_new ();
      g_autoptr (JsonObject) environment = json_object_new ();

      return lds_claim_evidence_new (claims, none, environment, load_nothing, NULL);
    }
  history = lds_history_open (path, LDS_HISTORY_USUAL, error);
  return history != NULL ? lds_history_judge_claims (history, claims, error) : NULL;
}
