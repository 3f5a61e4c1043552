/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “profiles”: what runtimes and frameworks cost, where that is known from; and the one for “serve”. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-profiles.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "lds-cli.h"
#include "lds-json.h"
#include "lds-nearest.h"

/* As in the server, which refuses larger ones. */
#define MAX_FILE_BYTES (64 * 1024)
#define SUFFIX         ".json"

/* The server looks in the same place. */
static const char *
profiles_folder (void)
{
  const char *folder = g_getenv ("LOADSTONE_PROFILES");

  return folder != NULL ? folder : LDS_PKGDATADIR "/profiles";
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Returns: (transfer full): the ids of the shipped profiles, in order; none when there is no folder */
static GPtrArray *
list_ids (void)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) folder = g_dir_open (profiles_folder (), 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    if (g_str_has_suffix (name, SUFFIX) && name[0] != '.')
      g_ptr_array_add (ids, g_strndup (name, strlen (name) - strlen (SUFFIX)));
  g_ptr_array_sort (ids, compare_names);
  return ids;
}

static char *
path_of_id (const char *id)
{
  g_autofree char *name = g_strconcat (id, SUFFIX, NULL);

  return g_build_filename (profiles_folder (), name, NULL);
}

/* Returns: (transfer full): "M1, M2" */
static char *
dup_models (JsonObject *profile,
            GError **error)
{
  JsonArray *models = lds_json_get_array (profile, "models", error);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; models != NULL && i < json_array_get_length (models); i++)
    {
      JsonNode *node = json_array_get_element (models, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING)
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", json_node_get_string (node));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
print_profile (JsonObject *profile,
               GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *provenance = lds_json_get_object (profile, "provenance", &local);
  g_autofree char *models = dup_models (profile, &local);
  const char *id = lds_json_get_string (profile, "id", "", &local),
             *title = lds_json_get_string (profile, "title", "", &local),
             *kind = "", *source = "", *date = "";

  if (provenance != NULL)
    {
      kind = lds_json_get_string (provenance, "kind", "", &local);
      source = lds_json_get_string (provenance, "source", "", &local);
      date = lds_json_get_string (provenance, "date", "", &local);
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  printf ("%-22s %s\n    ", id, title);
  /* Translators: codes of server models; then where the figures come from: "derived", "DOMAIN C.0", a date */
  printf (_ ("for models %s; %s: %s, %s"), models, kind, source, date);
  putchar ('\n');
  return TRUE;
}

gboolean
lds_cli_profiles (int argc,
                  char **argv,
                  GError **error)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!lds_cli_parse (argc, argv, "", entries, NULL, error))
    return FALSE;
  ids = list_ids ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "profiles");
  json_builder_begin_array (builder);
  for (guint i = 0; i < ids->len; i++)
    {
      g_autofree char *path = path_of_id (ids->pdata[i]);
      g_autoptr (JsonNode) root = lds_json_read (path, MAX_FILE_BYTES, error);

      if (root == NULL)
        return FALSE;
      if (json)
        json_builder_add_value (builder, g_steal_pointer (&root));
      else if (!print_profile (json_node_get_object (root), error))
        {
          g_prefix_error (error, "%s: ", path);
          return FALSE;
        }
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (json)
    {
      g_autoptr (JsonNode) root = json_builder_get_root (builder);
      g_autofree char *text = lds_json_to_text (root, TRUE);

      fputs (text, stdout);
    }
  return TRUE;
}

/* Says that there is no profile @id, and which one may have been meant. */
static void
set_unknown_error (const char *id,
                   GError **error)
{
  g_autoptr (GPtrArray) ids = list_ids ();
  const char *nearest;

  g_ptr_array_add (ids, NULL);
  nearest = lds_nearest (id, (const char *const *)ids->pdata);
  if (nearest != NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: what was typed, then the identifier that comes nearest to it */
                 _ ("There is no profile “%s”; did you mean “%s”?"), id, nearest);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: “loadstone-cli profiles” is a command */
                 _ ("There is no profile “%s”; “loadstone-cli profiles” lists them."), id);
}

char *
lds_cli_find_profile (const char *name,
                      const LdsLane *lane,
                      GError **error)
{
  gboolean is_file = strchr (name, G_DIR_SEPARATOR) != NULL || g_str_has_suffix (name, SUFFIX);
  g_autofree char *path = is_file ? g_strdup (name) : path_of_id (name), *models = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) codes = NULL;

  if (!is_file && !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      set_unknown_error (name, error);
      return NULL;
    }
  root = lds_json_read (path, MAX_FILE_BYTES, error);
  if (root == NULL)
    return NULL;
  /* All else is looked at by the server. */
  models = dup_models (json_node_get_object (root), &local);
  codes = g_strsplit (models, ", ", -1);
  if (local == NULL && !g_strv_contains ((const char *const *)codes, lane->model_code))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a profile, codes of models, a model and its code */
                   _ ("The profile “%s” is for the models %s, not for %s (%s); choose another profile or another model."),
                   name, models, lane->model_id, lane->model_code);
      return NULL;
    }
  return g_steal_pointer (&path);
}
