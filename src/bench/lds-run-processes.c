/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processes of a run's server, in JSON. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-run-processes.h"

#include <glib/gi18n-lib.h>

#include "lds-bench-json.h"
#include "lds-error.h"
#include "lds-json.h"

#define MAX_PROCESSES 4096

void
lds_run_processes_set (JsonBuilder *builder,
                       const GArray *processes)
{
  json_builder_set_member_name (builder, "processes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < processes->len; i++)
    {
      const LdsProcessUsage *usage = &g_array_index (processes, LdsProcessUsage, i);

      json_builder_begin_object (builder);
      lds_json_add_int (builder, "pid", usage->pid);
      lds_json_add_string (builder, "name", usage->name);
      lds_bench_json_set_number (builder, "cpu_s", usage->cpu_s);
      lds_bench_json_set_number (builder, "peak_rss_bytes", usage->peak_rss_bytes);
      lds_bench_json_set_number (builder, "peak_pss_bytes", usage->peak_pss_bytes);
      lds_json_add_int (builder, "peak_threads", usage->peak_threads);
      lds_bench_json_set_number (builder, "peak_files", usage->peak_files);
      lds_bench_json_set_number (builder, "voluntary_switches", usage->voluntary_switches);
      lds_bench_json_set_number (builder, "involuntary_switches", usage->involuntary_switches);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static LdsProcessUsage
read_usage (JsonObject *object,
            GError **error)
{
  LdsProcessUsage usage = {
      .pid = (int)lds_json_get_int_between (object, "pid", 0, 0, G_MAXINT, error),
      .cpu_s = lds_bench_json_get_number (object, "cpu_s", error),
      .peak_rss_bytes = lds_bench_json_get_number (object, "peak_rss_bytes", error),
      .peak_pss_bytes = lds_bench_json_get_number (object, "peak_pss_bytes", error),
      .peak_threads =
          (guint)lds_json_get_int_between (object, "peak_threads", 0, 0, G_MAXINT, error),
      .peak_files = lds_bench_json_get_number (object, "peak_files", error),
      .voluntary_switches = lds_bench_json_get_number (object, "voluntary_switches", error),
      .involuntary_switches = lds_bench_json_get_number (object, "involuntary_switches", error),
  };

  const char *name = lds_json_get_string (object, "name", "", error);

  /* What is no ASCII could be cut within a character. */
  g_strlcpy (usage.name, g_str_is_ascii (name) ? name : "?", sizeof usage.name);
  return usage;
}

void
lds_run_processes_get (JsonObject *object,
                       GArray *processes,
                       GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonArray *array = lds_json_get_array (object, "processes", &local);

  for (guint i = 0; array != NULL && local == NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      LdsProcessUsage usage;

      if (!JSON_NODE_HOLDS_OBJECT (node) || i >= MAX_PROCESSES)
        {
          g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT,
                       /* Translators: a member of JSON, then a number */
                       _ ("“%s” must be a list of objects, at most %d of them."), "processes", MAX_PROCESSES);
          break;
        }
      usage = read_usage (json_node_get_object (node), &local);
      if (local == NULL)
        g_array_append_val (processes, usage);
    }
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
}
