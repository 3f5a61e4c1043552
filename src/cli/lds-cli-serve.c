/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “serve”: one embedded server by itself, until interrupted. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "lds-child-process.h"
#include "lds-cli-options.h"
#include "lds-cli-profiles.h"
#include "lds-json.h"
#include "lds-lane.h"
#include "lds-paths.h"
#include "lds-workload.h"

#define STOP_GRACE_MS 1000

typedef struct
{
  GMainLoop *loop;
  LdsChildProcess *child;
  const LdsLane *lane;
  gboolean json;
  gboolean ready;
  gboolean stopped; /* by us */
  char *message;    /* (nullable): what the server said when it could not start */
} Service;

static void
print_ready_json (gint64 port,
                  const char *model)
{
  guint n_workloads;
  const LdsWorkload *workloads = lds_workload_list (&n_workloads);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  lds_json_add_string (builder, "model", model);
  lds_json_add_int (builder, "port", port);
  json_builder_set_member_name (builder, "workloads");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n_workloads; i++)
    {
      g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%" G_GINT64_FORMAT "%s", port, workloads[i].path);

      /* What other clients do beside is not the server's: it is the same address again. */
      if (workloads[i].beside.connections > 0)
        continue;
      json_builder_begin_object (builder);
      lds_json_add_string (builder, "id", workloads[i].id);
      lds_json_add_string (builder, "url", url);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  /* One line, for the command goes on: who reads a line has it all. */
  text = lds_json_to_text (root, FALSE);
  puts (text);
}

static void
print_ready (gint64 port)
{
  guint n_workloads;
  const LdsWorkload *workloads = lds_workload_list (&n_workloads);

  for (guint i = 0; i < n_workloads; i++)
    if (workloads[i].beside.connections == 0)
      printf ("http://127.0.0.1:%" G_GINT64_FORMAT "%s\t%s\n", port, workloads[i].path,
              workloads[i].title);
}

static void
line_cb (const char *line,
         gsize length,
         gpointer user_data)
{
  Service *service = user_data;
  g_autoptr (JsonNode) root = lds_json_parse (line, length, "loadstone-server", NULL);
  JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;
  const char *event = object != NULL ? lds_json_get_string (object, "event", "", NULL) : "";

  if (strcmp (event, "ready") == 0 && !service->ready)
    {
      gint64 port = lds_json_get_int (object, "port", 0, NULL);

      service->ready = TRUE;
      if (service->json)
        print_ready_json (port, service->lane->model_id);
      else
        print_ready (port);
      fflush (stdout);
      fprintf (stderr, "%s", _ ("Serving on this machine only; press Ctrl+C to stop.\n"));
    }
  else if (strcmp (event, "error") == 0)
    {
      g_free (service->message);
      service->message =
          lds_child_process_sanitize (lds_json_get_string (object, "message", "", NULL), -1);
    }
}

static void
flood_cb (gpointer user_data)
{
  Service *service = user_data;

  lds_child_process_stop (service->child, 0);
}

static void
ended_cb (gpointer user_data)
{
  Service *service = user_data;

  g_main_loop_quit (service->loop);
}

static gboolean
interrupt_cb (gpointer user_data)
{
  Service *service = user_data;

  service->stopped = TRUE;
  lds_child_process_stop (service->child, STOP_GRACE_MS);
  return G_SOURCE_CONTINUE;
}

/* Says why a server ended that nobody stopped. */
static void
set_end_error (Service *service,
               GError **error)
{
  g_autofree char *end = lds_child_process_describe_end (service->child);
  g_autofree char *diagnostics = lds_child_process_dup_diagnostics (service->child);

  if (service->message != NULL)
    g_set_error_literal (error, LDS_ERROR, LDS_ERROR_FAILED, service->message);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: “with exit status 3”, then what it said */
                 _ ("The server ended %s: “%s”."), end, diagnostics);
}

gboolean
lds_cli_serve (int argc,
               char **argv,
               GError **error)
{
  static const int interrupts[] = {SIGINT, SIGTERM, SIGHUP};
  static const LdsChildProcessEvents events = {line_cb, flood_cb, ended_cb};
  g_autofree char *model = NULL, *program = NULL, *port_text = NULL, *workers_text = NULL,
                  *profile = NULL, *profile_path = NULL;
  int port = 0, workers = 0;
  Service service = {0};
  const GOptionEntry entries[] = {
      {"model", 'm', 0, G_OPTION_ARG_STRING, &model, N_ ("What to be; “loadstone-cli models” lists them, “loadstone-cli lanes” their twins"), N_ ("ID")},
      {"profile", 0, 0, G_OPTION_ARG_FILENAME, &profile, N_ ("Spend what a runtime costs as well; “loadstone-cli profiles” lists them"), N_ ("ID|FILE")},
      {"port", 'p', 0, G_OPTION_ARG_INT, &port, N_ ("Port of 127.0.0.1 (any free one)"), N_ ("N")},
      {"workers", 0, 0, G_OPTION_ARG_INT, &workers, N_ ("Worker processes, for models that have them"), N_ ("N")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &service.json, N_ ("Print port and addresses as one line of JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  guint ids[G_N_ELEMENTS (interrupts)];
  gboolean done;

  if (!lds_cli_parse (argc, argv, "", entries, NULL, error))
    return FALSE;
  if (model == NULL)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("Name a model with --model; “loadstone-cli models” lists them."));
      return FALSE;
    }
  if (!lds_cli_check_count ("--port", port, 0, G_MAXUINT16, error) ||
      !lds_cli_check_count ("--workers", workers, 0, LDS_LANE_MAX_WORKERS, error))
    return FALSE;
  service.lane = lds_lane_find (model, error);
  if (service.lane == NULL)
    return FALSE;
  if (service.lane->provenance != LDS_PROVENANCE_MODEL &&
      service.lane->provenance != LDS_PROVENANCE_TWIN)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: “loadstone-cli models” is a command */
                   _ ("--model is “%s”, which is no model; “loadstone-cli models” lists them."), model);
      return FALSE;
    }
  if (!lds_lane_check (service.lane, error))
    return FALSE;
  if (workers > 0 && !service.lane->has_workers)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a model */
                   _ ("--workers means nothing to the model “%s”; leave it out."), service.lane->model_id);
      return FALSE;
    }
  if (service.lane->twin != NULL)
    profile_path = g_strdup (service.lane->twin->path);
  if (profile != NULL)
    {
      g_clear_pointer (&profile_path, g_free);
      profile_path = lds_cli_find_profile (profile, service.lane, error);
      if (profile_path == NULL)
        return FALSE;
    }
  program = lds_paths_find_program ("loadstone-server", error);
  if (program == NULL)
    return FALSE;
  port_text = g_strdup_printf ("%d", port);
  workers_text = g_strdup_printf ("%d", workers);
  {
    const char *arguments[10] = {program, "--model", service.lane->model_id, "--port", port_text};
    guint n = 5;

    if (workers > 0)
      {
        arguments[n++] = "--workers";
        arguments[n++] = workers_text;
      }
    if (profile_path != NULL)
      {
        arguments[n++] = "--profile";
        arguments[n++] = profile_path;
      }
    service.loop = g_main_loop_new (NULL, FALSE);
    service.child = lds_child_process_spawn (arguments, NULL, NULL, &events, &service, error);
  }
  if (service.child == NULL)
    {
      g_main_loop_unref (service.loop);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (interrupts); i++)
    ids[i] = g_unix_signal_add (interrupts[i], interrupt_cb, &service);
  g_main_loop_run (service.loop);
  for (guint i = 0; i < G_N_ELEMENTS (interrupts); i++)
    g_source_remove (ids[i]);
  done = service.stopped;
  if (!done)
    set_end_error (&service, error);
  lds_child_process_free (service.child);
  g_main_loop_unref (service.loop);
  g_free (service.message);
  return done;
}
