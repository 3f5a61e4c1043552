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
#include "lds-twin.h"

#define SUFFIX ".json"

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

static void
print_profile (const LdsTwin *profile)
{
  g_autofree char *models = g_strjoinv (", ", profile->model_codes);

  printf ("%-22s %s\n    ", profile->id, profile->title);
  /* Translators: codes of server models; then where the figures come from: "derived", "DOMAIN C.0", a date */
  printf (_ ("for models %s; %s: %s, %s"), models, profile->kind, profile->source, profile->date);
  putchar ('\n');
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
  GPtrArray *profiles = lds_twin_list (), *faults = lds_twin_list_faults ();
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!lds_cli_parse (argc, argv, "", entries, NULL, error))
    return FALSE;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "profiles");
  json_builder_begin_array (builder);
  for (guint i = 0; i < profiles->len; i++)
    {
      const LdsTwin *profile = profiles->pdata[i];
      g_autoptr (JsonNode) root = NULL;

      if (!json)
        {
          print_profile (profile);
          continue;
        }
      root = lds_json_read (profile->path, LDS_TWIN_MAX_FILE_BYTES, error);
      if (root == NULL)
        return FALSE;
      json_builder_add_value (builder, g_steal_pointer (&root));
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (json)
    {
      g_autoptr (JsonNode) root = json_builder_get_root (builder);
      g_autofree char *text = lds_json_to_text (root, TRUE);

      fputs (text, stdout);
    }
  for (guint i = 0; i < faults->len; i++)
    fprintf (stderr, "%s: %s\n", g_get_prgname (), (const char *)faults->pdata[i]);
  return TRUE;
}

char *
lds_cli_find_profile (const char *name,
                      const LdsLane *lane,
                      GError **error)
{
  g_autofree char *models = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) codes = NULL;

  if (strchr (name, G_DIR_SEPARATOR) == NULL && !g_str_has_suffix (name, SUFFIX))
    {
      const LdsTwin *twin = lds_twin_find (name, error);

      return twin != NULL && lds_twin_check_model (twin, lane->model_id, lane->model_code, error)
                 ? g_strdup (twin->path)
                 : NULL;
    }
  root = lds_json_read (name, LDS_TWIN_MAX_FILE_BYTES, error);
  if (root == NULL)
    return NULL;
  /* All else is looked at by the server. */
  models = dup_models (json_node_get_object (root), &local);
  codes = g_strsplit (models, ", ", -1);
  if (local == NULL && !g_strv_contains ((const char *const *)codes, lane->model_code))
    {
      lds_error_refuse (error,
                        /* Translators: a profile, codes of models, a model and its code */
                        _ ("The profile “%s” is for the models %s, not for %s (%s); choose another profile or another model."),
                        name, models, lane->model_id, lane->model_code);
      return NULL;
    }
  return g_strdup (name);
}
