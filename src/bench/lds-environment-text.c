/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The environment of a session for people. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-environment-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-format.h"

static char *format_member (const char *name, JsonNode *node);

/* Lists, such as of processors, with commas. */
static char *
format_list (const char *name,
             JsonArray *array)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      g_autofree char *item = JSON_NODE_HOLDS_VALUE (node) ? format_member (name, node) : NULL;

      if (item != NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", item);
    }
  if (text->len == 0)
    g_string_assign (text, _ ("none"));
  return g_string_free (text, FALSE);
}

/* A member of the environment for people. */
static char *
format_member (const char *name,
               JsonNode *node)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (JSON_NODE_HOLDS_ARRAY (node))
    return format_list (name, json_node_get_array (node));
  if (type == G_TYPE_STRING)
    return json_node_dup_string (node);
  if (type == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? _ ("yes") : _ ("no"));
  if (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE)
    return lds_format_value (json_node_get_double (node), g_str_has_suffix (name, "_bytes")
                                                              ? LDS_UNIT_BYTES
                                                          : type == G_TYPE_INT64 ? LDS_UNIT_COUNT
                                                                                 : LDS_UNIT_NONE);
  return NULL;
}

/* Names of the environment's members for people. */
static const struct
{
  const char *name, *title;
} member_titles[] = {
    {"loadstone_version", N_ ("Loadstone")},
    {"commit", N_ ("Commit")},
    {"compiler", N_ ("Compiler")},
    {"build_type", N_ ("Build type")},
    {"build_flags", N_ ("Compiler flags")},
    {"optimised", N_ ("Optimised")},
    {"sanitizers", N_ ("Sanitizers")},
    {"libraries", N_ ("Libraries")},
    {"runtimes", N_ ("Real runtimes")},
    {"profiles", N_ ("Profiles of twins")},
    {"started_at", N_ ("Started")},
    {"finished_at", N_ ("Finished")},
    {"cpu_model", N_ ("Processor")},
    {"cpus", N_ ("Cores")},
    {"pinning_possible", N_ ("Pinning to cores possible")},
    {"server_core", N_ ("Processor of the server")},
    {"client_cores", N_ ("Processors of the load generator")},
    {"engine", N_ ("Load generator’s engine")},
    {"governor", N_ ("Frequency governor")},
    {"memory_bytes", N_ ("Memory")},
    {"kernel", N_ ("Kernel")},
    {"architecture", N_ ("Architecture")},
    {"load_average_before", N_ ("Load average before")},
    {"load_average_after", N_ ("Load average after")},
    {"flatpak", N_ ("Inside Flatpak")},
};

/* A member that is not in the table is shown under its own name, with spaces. */
static char *
dup_member_title (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (member_titles); i++)
    if (strcmp (member_titles[i].name, name) == 0)
      return g_strdup (_ (member_titles[i].title));
  return g_strdelimit (g_strdup (name), "_", ' ');
}

static void
text_free (LdsEnvironmentText *line)
{
  g_free (line->title);
  g_free (line->text);
  g_free (line);
}

GPtrArray *
lds_environment_list_text (JsonObject *environment)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func ((GDestroyNotify)text_free);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  g_return_val_if_fail (environment != NULL, lines);

  json_object_iter_init_ordered (&iter, environment);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      char *text = format_member (name, node);
      LdsEnvironmentText *line;

      if (text == NULL)
        continue;
      line = g_new (LdsEnvironmentText, 1);
      line->title = dup_member_title (name);
      line->text = text;
      g_ptr_array_add (lines, line);
    }
  return lines;
}
