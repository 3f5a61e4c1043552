/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “lanes” (but for “lanes setup”), “workloads” and “models”: what there is to choose from. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#include "lds-json.h"
#include "lds-lane.h"
#include "lds-paths.h"
#include "lds-runtime.h"
#include "lds-workload.h"

static gboolean
parse_list_options (int argc,
                    char **argv,
                    const char *usage,
                    gboolean *json,
                    GError **error)
{
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, json, N_ ("Print JSON"), NULL},
      G_OPTION_ENTRY_NULL};

  return lds_cli_parse (argc, argv, usage, entries, NULL, error);
}

static void
print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = lds_json_to_text (root, TRUE);

  fputs (text, stdout);
}

/* Whether the program that serves a lane is here; for people, and as JSON's "available". */
static gboolean
is_server_there (void)
{
  g_autofree char *program = lds_paths_find_program ("loadstone-server", NULL);

  return program != NULL;
}

/* Returns: (transfer full) (nullable): why @lane cannot be measured here; @version: (out) (nullable): of a runtime */
static char *
dup_obstacle (const LdsLane *lane,
              char **version)
{
  g_autoptr (GError) error = NULL;

  *version = NULL;
  if (lane->runtime == NULL)
    return is_server_there () ? NULL : g_strdup (_ ("loadstone-server is missing"));
  *version = lds_runtime_read_version (lane->runtime, &error);
  return *version != NULL ? NULL : g_strdup (error->message);
}

static void
print_lane (const LdsLane *lane,
            const char *version,
            const char *obstacle)
{
  g_autofree char *label = lds_lane_dup_label (lane);

  printf ("%-26s %-4s %s", lane->id, lane->model_code != NULL ? lane->model_code : "", label);
  if (version != NULL)
    /* Translators: the version of a runtime, after its name */
    printf (_ (", version %s"), version);
  printf ("\n    %s\n", _ (lane->description));
  if (obstacle != NULL)
    /* Translators: why, in a sentence */
    printf (_ ("    Not available: %s\n"), obstacle);
}

gboolean
lds_cli_lanes (int argc,
               char **argv,
               GError **error)
{
  gboolean json = FALSE;
  guint n_lanes;
  const LdsLane *lanes = lds_lane_list (&n_lanes);
  GPtrArray *faults[] = {lds_twin_list_faults (), lds_runtime_list_faults ()};
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (argc >= 2 && strcmp (argv[1], "setup") == 0)
    {
      g_set_prgname ("loadstone-cli lanes setup");
      lds_cli_set_summary (N_ ("Install the packages that real runtimes need, into your cache folder"));
      return lds_cli_lanes_setup (argc - 1, argv + 1, error);
    }
  if (!parse_list_options (argc, argv, _ ("[setup [ID…]]"), &json, error))
    return FALSE;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "lanes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n_lanes; i++)
    {
      g_autofree char *label = lds_lane_dup_label (&lanes[i]);
      g_autofree char *version = NULL;
      g_autofree char *obstacle = dup_obstacle (&lanes[i], &version);

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "id", lanes[i].id);
      lds_json_add_string (builder, "label", label);
      lds_json_add_string (builder, "description", _ (lanes[i].description));
      lds_json_add_string (builder, "model", lanes[i].model_id);
      lds_json_add_string (builder, "model_code", lanes[i].model_code);
      lds_json_add_string (builder, "provenance", lds_provenance_to_string (lanes[i].provenance));
      json_builder_set_member_name (builder, "profile_scale");
      if (lanes[i].twin != NULL)
        json_builder_add_double_value (builder, lds_twin_get_scale (lanes[i].twin));
      else
        json_builder_add_null_value (builder);
      lds_json_add_string (builder, "profile", lanes[i].twin != NULL ? lanes[i].twin->id : NULL);
      lds_json_add_boolean (builder, "available", obstacle == NULL);
      lds_json_add_string (builder, "version", version);
      lds_json_add_string (builder, "obstacle", obstacle);
      json_builder_end_object (builder);
      if (!json)
        print_lane (&lanes[i], version, obstacle);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (json)
    print_json (builder);
  for (guint f = 0; f < G_N_ELEMENTS (faults); f++)
    for (guint i = 0; i < faults[f]->len; i++)
      fprintf (stderr, "%s: %s\n", g_get_prgname (), (const char *)faults[f]->pdata[i]);
  return TRUE;
}

gboolean
lds_cli_workloads (int argc,
                   char **argv,
                   GError **error)
{
  static const char *const kinds[] = {
      [LDS_WORKLOAD_REQUESTS] = "requests",
      [LDS_WORKLOAD_WEBSOCKET] = "websocket",
      [LDS_WORKLOAD_EVENTS] = "events",
  };
  gboolean json = FALSE;
  guint n_workloads;
  const LdsWorkload *workloads = lds_workload_list (&n_workloads);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!parse_list_options (argc, argv, "", &json, error))
    return FALSE;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "workloads");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n_workloads; i++)
    {
      const LdsWorkloadBeside *beside = &workloads[i].beside;
      g_autofree char *asked =
          beside->connections > 0 ? g_strdup_printf ("%s %s", beside->method, beside->path) : NULL;

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "id", workloads[i].id);
      lds_json_add_string (builder, "code", workloads[i].code);
      lds_json_add_string (builder, "title", workloads[i].title);
      lds_json_add_string (builder, "description", workloads[i].description);
      lds_json_add_string (builder, "method", workloads[i].method);
      lds_json_add_string (builder, "path", workloads[i].path);
      lds_json_add_string (builder, "kind", kinds[workloads[i].kind]);
      lds_json_add_string (builder, "beside", asked);
      lds_json_add_string (builder, "parameters", workloads[i].parameters);
      lds_json_add_string (builder, "source", workloads[i].source);
      json_builder_end_object (builder);
      if (!json)
        {
          printf ("%-12s %-9s %s %s\n    %s: %s", workloads[i].id, workloads[i].code, workloads[i].method,
                  workloads[i].path, workloads[i].title, workloads[i].description);
          /* Translators: the id of an article, "002" */
          printf (_ (" (article %s)"), workloads[i].source);
          putchar ('\n');
          if (asked != NULL)
            /* Translators: what other clients ask for meanwhile, “GET /compute?n=20000000” */
            printf (_ ("    Beside: %s\n"), asked);
          if (workloads[i].parameters != NULL)
            /* Translators: parameters with their values, “ms=200” */
            printf (_ ("    Parameters: %s\n"), workloads[i].parameters);
        }
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (json)
    print_json (builder);
  return TRUE;
}

gboolean
lds_cli_models (int argc,
                char **argv,
                GError **error)
{
  gboolean json = FALSE;
  guint n_lanes;
  const LdsLane *lanes = lds_lane_list (&n_lanes);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!parse_list_options (argc, argv, "", &json, error))
    return FALSE;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "models");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n_lanes; i++)
    {
      if (lanes[i].provenance != LDS_PROVENANCE_MODEL)
        continue;
      json_builder_begin_object (builder);
      lds_json_add_string (builder, "id", lanes[i].model_id);
      lds_json_add_string (builder, "code", lanes[i].model_code);
      lds_json_add_string (builder, "title", _ (lanes[i].title));
      lds_json_add_string (builder, "description", _ (lanes[i].description));
      json_builder_end_object (builder);
      if (!json)
        printf ("%-19s %-4s %s: %s\n", lanes[i].model_id, lanes[i].model_code, _ (lanes[i].title),
                _ (lanes[i].description));
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (json)
    print_json (builder);
  return TRUE;
}
