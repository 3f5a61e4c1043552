/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions in files. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-session.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "lds-error.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-report.h"

/* Readers refuse a newer one. */
#define FORMAT  "loadstone-session"
#define VERSION 1

JsonNode *
lds_cli_session_to_json (const LdsSession *session)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "format", FORMAT);
  json_object_set_int_member (object, "version", VERSION);
  json_object_set_member (object, "session", lds_session_to_json (session));
  json_node_take_object (node, object);
  return node;
}

LdsSession *
lds_cli_session_read (JsonObject *object,
                      GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *format = lds_json_get_string (object, "format", "", &local);
  gint64 version = lds_json_get_int (object, "version", VERSION, &local);
  JsonObject *session = lds_json_get_object (object, "session", &local);
  g_autoptr (LdsReport) report = NULL;

  if (local == NULL && strcmp (format, FORMAT) == 0 && version > VERSION)
    g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: two versions of a file's form */
                 _ ("a newer Loadstone wrote it (form %" PRId64 ", this one reads up to %d); update Loadstone."),
                 version, VERSION);
  else if (local == NULL && strcmp (format, "loadstone-report") == 0)
    report = lds_report_from_json (object, &local); /* for its version, and all else that is wrong */
  else if (local == NULL && strcmp (format, FORMAT) != 0)
    g_set_error_literal (&local, LDS_ERROR, LDS_ERROR_INPUT,
                         _ ("it is neither what “bench --output” writes nor a report’s JSON."));
  if (local == NULL && session == NULL)
    g_set_error_literal (&local, LDS_ERROR, LDS_ERROR_INPUT, _ ("nothing was measured for it."));
  if (local == NULL)
    return lds_session_from_json (session, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

LdsSession *
lds_cli_session_load (const char *path,
                      GError **error)
{
  g_autoptr (JsonNode) root = lds_json_read (path, LDS_FILE_MAX_REPORT_BYTES, error);
  LdsSession *session;

  if (root == NULL)
    return NULL;
  session = lds_cli_session_read (json_node_get_object (root), error);
  if (session != NULL && lds_plan_is_adaptive (session->plan))
    {
      g_clear_pointer (&session, lds_session_free);
      g_set_error_literal (error, LDS_ERROR, LDS_ERROR_INPUT,
                           _ ("its plan searched knees or ran series; only runs under one load are compared. “loadstone-cli report” shows what was found."));
    }
  if (session == NULL)
    /* Translators: a file name; a sentence with the reason follows */
    g_prefix_error (error, _ ("Cannot compare “%s”: "), path);
  return session;
}
