/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the programs that measure say of themselves. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-program.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-bench-json.h"
#include "lds-child-process.h"
#include "lds-error.h"
#include "lds-json.h"

/* More than any program of ours has; a broken one could have millions. */
#define MAX_LIBRARIES 32

gboolean
lds_program_take (LdsRun *run,
                  JsonObject *line,
                  GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *commit;
  JsonArray *libraries;

  g_return_val_if_fail (run != NULL && line != NULL, FALSE);

  commit = lds_json_get_string (line, "commit", NULL, &local);
  libraries = lds_json_get_array (line, "libraries", &local);
  if (commit != NULL)
    g_ptr_array_add (run->commits, lds_child_process_sanitize (commit, -1));
  for (guint i = 0; local == NULL && libraries != NULL && i < json_array_get_length (libraries);
       i++)
    {
      JsonNode *node = json_array_get_element (libraries, i);

      if (i < MAX_LIBRARIES && JSON_NODE_HOLDS_VALUE (node) &&
          json_node_get_value_type (node) == G_TYPE_STRING)
        g_ptr_array_add (run->libraries,
                         lds_child_process_sanitize (json_node_get_string (node), -1));
      else
        g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT,
                     _ ("“%s” must be a list of at most %d texts."), "libraries", MAX_LIBRARIES);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Whether both are "NAME VERSION" of one name. */
static gboolean
is_same_library (const char *a,
                 const char *b)
{
  gsize length = strcspn (a, " ");

  return length == strcspn (b, " ") && strncmp (a, b, length) == 0;
}

static void
add_library (LdsSession *session,
             JsonArray *known,
             const char *library)
{
  for (guint i = 0; i < json_array_get_length (known); i++)
    {
      const char *other = json_array_get_string_element (known, i);
      g_autofree char *text = NULL;

      if (g_strcmp0 (other, library) == 0)
        return;
      if (!is_same_library (other, library))
        continue;
      /* Translators: two times a library and its version */
      text = g_strdup_printf (_ ("Some runs were made with %s and some with %s; measure again to compare all runs with each other."),
                              other, library);
      lds_invalid_reasons_add (session->warnings, "library-changed", text);
    }
  json_array_add_string_element (known, library);
}

/* What was parsed cannot be changed: the list is always a new one. */
static JsonArray *
copy_libraries (JsonObject *environment)
{
  JsonArray *copy = json_array_new (), *libraries = NULL;

  libraries = lds_json_get_array (environment, "libraries", NULL);
  for (guint i = 0; libraries != NULL && i < json_array_get_length (libraries); i++)
    {
      JsonNode *node = json_array_get_element (libraries, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        json_array_add_string_element (copy, json_node_get_string (node));
    }
  return copy;
}

void
lds_program_tell (LdsSession *session,
                  const LdsRun *run)
{
  const char *ours = lds_build_get ()->commit;
  JsonArray *libraries;

  g_return_if_fail (session != NULL && run != NULL);

  for (guint i = 0; i < run->commits->len; i++)
    {
      const char *commit = run->commits->pdata[i];
      g_autofree char *text = NULL;

      if (strcmp (commit, ours) == 0)
        continue;
      /* Translators: two commits, such as “7615f4c8e85d” */
      text = g_strdup_printf (_ ("A server or load generator of another build (commit %s) was measured with than this program's (%s); build all of Loadstone anew, or correct LOADSTONE_SERVER and LOADSTONE_LOAD."),
                              commit, ours);
      lds_invalid_reasons_add (session->warnings, "other-build", text);
      break;
    }
  if (run->libraries->len == 0)
    return;
  libraries = copy_libraries (session->environment);
  for (guint i = 0; i < run->libraries->len; i++)
    add_library (session, libraries, run->libraries->pdata[i]);
  json_object_set_array_member (session->environment, "libraries", libraries);
}

void
lds_program_warn_of_build (LdsSession *session,
                           const LdsBuild *build)
{
  g_autofree char *text = NULL;

  g_return_if_fail (session != NULL && build != NULL);

  if (!lds_build_is_slow (build))
    return;
  if (*build->sanitizers != '\0')
    /* Translators: names of sanitizers: “address,undefined” */
    text = g_strdup_printf (_ ("This Loadstone was built with sanitizers (%s), which make server and load generator several times slower: its figures say nothing of others. Build it without them and measure again."),
                            build->sanitizers);
  else
    /* Translators: flags of a compiler: “-O0 -g” */
    text = g_strdup_printf (_ ("This Loadstone was built without optimisation (%s), which makes server and load generator slower: its figures say nothing of others. Build it as a release and measure again."),
                            build->flags);
  lds_invalid_reasons_add (session->warnings, "slow-build", text);
}
