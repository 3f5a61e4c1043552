/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a calibration found, for people. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-calibration-text.h"

#include <glib/gi18n-lib.h>

#include "lds-format.h"

static char *
format_number (double value)
{
  return value < 100 ? g_strdup_printf ("%.2f", value) : g_strdup_printf ("%.0f", value);
}

static JsonObject *
get_calibration (JsonNode *profile)
{
  return json_object_get_object_member (json_node_get_object (profile), "calibration");
}

/* Takes the @n texts of @row. */
static void
add_row (GPtrArray *rows,
         guint n,
         char *const *row)
{
  char **copy = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    copy[i] = row[i];
  g_ptr_array_add (rows, copy);
}

GPtrArray *
lds_calibration_text_list_figures (JsonNode *profile)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  char *const heading[] = {g_strdup (_ ("Figure")), g_strdup (_ ("Value")),
                           g_strdup (_ ("95 % interval"))};
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  add_row (rows, G_N_ELEMENTS (heading), heading);
  json_object_iter_init_ordered (
      &iter, json_object_get_object_member (get_calibration (profile), "figures"));
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonObject *figure = json_node_get_object (node);
      g_autofree char *low = format_number (json_object_get_double_member (figure, "low"));
      g_autofree char *high = format_number (json_object_get_double_member (figure, "high"));
      char *const row[] = {g_strdup (name),
                           format_number (json_object_get_double_member (figure, "value")),
                           g_strdup_printf ("%s – %s", low, high)};

      add_row (rows, G_N_ELEMENTS (row), row);
    }
  return rows;
}

GPtrArray *
lds_calibration_text_list_residuals (JsonNode *profile)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  JsonArray *residuals = json_object_get_array_member (get_calibration (profile), "residuals");
  char *const heading[] = {g_strdup (_ ("Workload, connections, figure")), g_strdup (_ ("Runtime")),
                           g_strdup (_ ("Twin")), g_strdup (_ ("Difference"))};

  add_row (rows, G_N_ELEMENTS (heading), heading);
  for (guint i = 0; i < json_array_get_length (residuals); i++)
    {
      JsonObject *entry = json_array_get_object_element (residuals, i);
      const char *figure = json_object_get_string_member (entry, "figure");
      LdsUnit unit = g_str_has_suffix (figure, "rss") ? LDS_UNIT_BYTES : LDS_UNIT_DURATION_NS;
      double real = json_object_get_double_member (entry, "real");
      double twin = json_object_get_double_member (entry, "twin");
      char *const row[] = {
          g_strdup_printf ("%s, %" G_GINT64_FORMAT ", %s", json_object_get_string_member (entry, "workload"),
                           json_object_get_int_member (entry, "connections"), figure),
          lds_format_value (real, unit), lds_format_value (twin, unit),
          g_strdup_printf ("%+.1f %%", (twin / real - 1) * 100)};

      add_row (rows, G_N_ELEMENTS (row), row);
    }
  return rows;
}
