/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “bench”: a measured comparison of lanes. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "lds-cli-capacity.h"
#include "lds-cli-knee.h"
#include "lds-cli-measure.h"
#include "lds-clock.h"
#include "lds-cli-options.h"
#include "lds-file.h"
#include "lds-json.h"

/* Of the file that --output writes; readers refuse a newer one. */
#define SESSION_FORMAT  "loadstone-session"
#define SESSION_VERSION 1

typedef struct
{
  char *lanes;
  char *workloads;
  char *duration;
  char *warm_up;
  char *timeout;
  char *slo;
  char *output;
  char *demand;
  char **loads;
  char **scales;
  char **allow_hosts;
  int connections;
  int threads;
  int repeats;
  int workers;
  double rate_hz;
  gboolean closed;
  gboolean find_knee;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->lanes);
  g_free (options->workloads);
  g_free (options->duration);
  g_free (options->warm_up);
  g_free (options->timeout);
  g_free (options->slo);
  g_free (options->output);
  g_free (options->demand);
  g_strfreev (options->loads);
  g_strfreev (options->scales);
  g_strfreev (options->allow_hosts);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_loads (LdsPlan *plan,
             char **loads,
             GError **error)
{
  for (guint i = 0; loads != NULL && loads[i] != NULL; i++)
    if (!lds_cli_parse_load (plan, loads[i], error))
      return FALSE;
  return TRUE;
}

/* What makes a plan adaptive. */
static gboolean
parse_adaptive (LdsPlan *plan,
                const Options *options,
                GError **error)
{
  if (options->closed && (options->find_knee || options->demand != NULL))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("--closed and --find-knee exclude each other: a closed loop has no rate to search. Leave one out."));
      return FALSE;
    }
  plan->find_knee = options->find_knee || options->demand != NULL;
  for (guint i = 0; options->scales != NULL && options->scales[i] != NULL; i++)
    if (!lds_cli_parse_scale (plan, options->scales[i], error))
      return FALSE;
  return options->demand == NULL || lds_cli_parse_demand (plan, options->demand, error);
}

static LdsPlan *
make_plan (const Options *options,
           GError **error)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();

  if (options->closed && options->rate_hz > 0)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("--closed and --rate exclude each other: a closed loop has no rate. Leave one out."));
      return NULL;
    }
  if (!lds_cli_check_count ("--connections", options->connections, 1, LDS_PLAN_MAX_CONNECTIONS, error) ||
      !lds_cli_check_count ("--threads", options->threads, 1, LDS_PLAN_MAX_CLIENT_THREADS, error) ||
      !lds_cli_check_count ("--repeats", options->repeats, 1, LDS_PLAN_MAX_REPEATS, error) ||
      !lds_cli_check_count ("--workers", options->workers, 0, LDS_LANE_MAX_WORKERS, error))
    return NULL;
  plan->connections = (guint)options->connections;
  plan->client_threads = (guint)options->threads;
  plan->repeats = (guint)options->repeats;
  plan->workers = (guint)options->workers;
  plan->rate_hz = options->rate_hz;
  for (guint i = 0; options->allow_hosts != NULL && options->allow_hosts[i] != NULL; i++)
    lds_plan_allow_host (plan, options->allow_hosts[i]);
  if (!lds_cli_add_lanes (plan, options->lanes, error) ||
      !lds_cli_add_workloads (plan, options->workloads != NULL ? options->workloads : "hello",
                              error) ||
      !lds_cli_parse_duration ("--duration", options->duration, 1e3, &plan->duration_ms, error) ||
      !lds_cli_parse_duration ("--warm-up", options->warm_up, 1e3, &plan->warm_up_ms, error) ||
      !lds_cli_parse_duration ("--timeout", options->timeout, 1e3, &plan->timeout_ms, error) ||
      !parse_loads (plan, options->loads, error) || !parse_adaptive (plan, options, error) ||
      (options->slo != NULL && !lds_cli_parse_slo (plan, options->slo, error)) ||
      !lds_plan_validate (plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}

/* What cannot be written is refused before minutes are spent on it. */
static gboolean
check_output (const char *path,
              GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("--output is “%s”, which is a folder; name a file in it."), path);
      return FALSE;
    }
  return lds_file_ensure_directory (folder, error);
}

/* Returns: (transfer full): the session with what a reader must know to read it */
static JsonNode *
wrap_session (const LdsSession *session)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "format", SESSION_FORMAT);
  json_object_set_int_member (object, "version", SESSION_VERSION);
  json_object_set_member (object, "session", lds_session_to_json (session));
  json_node_take_object (node, object);
  return node;
}

/* Whoever names lanes and a limit wants to know of any lane above it. */
static gboolean
check_slo (const LdsSession *session,
           GError **error)
{
  g_autofree char *limit = NULL;

  if (!lds_session_misses_slo (session))
    return TRUE;
  limit =
      lds_format_value (session->plan->slo_p99_ms * (double)LDS_NS_PER_MS, LDS_UNIT_DURATION_NS);
  g_set_error (error, LDS_ERROR, LDS_ERROR_THRESHOLD,
               /* Translators: a time */
               _ ("Some lane's p99 is above the limit of %s."), limit);
  return FALSE;
}

gboolean
lds_cli_bench (int argc,
               char **argv,
               GError **error)
{
  g_auto (Options) options = {
      .connections = 64,
      .threads = 1,
      .repeats = 5,
  };
  const GOptionEntry entries[] = {
      {"lanes", 'l', 0, G_OPTION_ARG_STRING, &options.lanes, N_ ("Lanes to compare, or “all” (those that a plan proposes); url:http://127.0.0.1:8080 is a server of your own"), N_ ("A,B")},
      {"workloads", 'x', 0, G_OPTION_ARG_STRING, &options.workloads, N_ ("Workloads, or “all” (hello)"), N_ ("X,Y")},
      {"connections", 'c', 0, G_OPTION_ARG_INT, &options.connections, N_ ("Open N connections (64)"), N_ ("N")},
      {"threads", 't', 0, G_OPTION_ARG_INT, &options.threads, N_ ("Use N client threads (1)"), N_ ("N")},
      {"rate", 'R', 0, G_OPTION_ARG_DOUBLE, &options.rate_hz, N_ ("Send this many requests a second whatever comes back (open loop)"), N_ ("RATE")},
      {"closed", 0, 0, G_OPTION_ARG_NONE, &options.closed, N_ ("Send the next request when the last is answered (the default)"), NULL},
      {"find-knee", 0, 0, G_OPTION_ARG_NONE, &options.find_knee, N_ ("Search the highest rate that each lane keeps, within the limit of --slo and up to that of --rate; then measure its latency at half of it, and all lanes' cost at one rate"), NULL},
      {"scale", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.scales, N_ ("Measure closed loops over a series of connections or workers, and fit the scalability law: connections:1,2,4,8 or workers:1,2,4; may be repeated"), N_ ("WHAT:N,N…")},
      {"for", 0, 0, G_OPTION_ARG_STRING, &options.demand, N_ ("Find knees, and say what a load of so many requests a second, on so many connections, takes of each lane"), N_ ("[N@]RATE")},
      {"load", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.loads, N_ ("Connections, and a rate for an open loop, of one workload; may be repeated"), N_ ("X=N@RATE")},
      {"allow-host", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.allow_hosts, N_ ("Load a url: lane on this host, which is not this machine: at most 100 requests a second, in runs of at most 60 s with their warm-up; may be repeated"), N_ ("NAME")},
      {"duration", 'd', 0, G_OPTION_ARG_STRING, &options.duration, N_ ("Measure each run for this long (5 s)"), N_ ("S")},
      {"warm-up", 'w', 0, G_OPTION_ARG_STRING, &options.warm_up, N_ ("Load this long before, and throw it away (1 s)"), N_ ("S")},
      {"timeout", 0, 0, G_OPTION_ARG_STRING, &options.timeout, N_ ("Give a request up after this long (10 s)"), N_ ("S")},
      {"repeats", 'r', 0, G_OPTION_ARG_INT, &options.repeats, N_ ("Runs of each lane and workload (5)"), N_ ("N")},
      {"workers", 0, 0, G_OPTION_ARG_INT, &options.workers, N_ ("Worker processes of lanes that have them (the model's default)"), N_ ("N")},
      {"slo", 0, 0, G_OPTION_ARG_STRING, &options.slo, N_ ("Exit with 3 when some lane's median p99 is above this; the limit of --find-knee"), N_ ("p99=50ms")},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_ ("Write everything measured to FILE, as JSON"), N_ ("FILE")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON instead of the table"), NULL},
      G_OPTION_ENTRY_NULL};
  g_autoptr (LdsPlan) plan = NULL;
  g_autoptr (LdsSession) session = NULL;
  g_autoptr (JsonNode) json = NULL;
  g_autofree char *text = NULL;

  if (!lds_cli_parse (argc, argv, "", entries, NULL, error))
    return FALSE;
  plan = make_plan (&options, error);
  if (plan == NULL || (options.output != NULL && !check_output (options.output, error)))
    return FALSE;
  session = lds_cli_measure (plan, error);
  if (session == NULL)
    return FALSE;
  json = wrap_session (session);
  text = lds_json_to_text (json, TRUE);
  if (options.json)
    fputs (text, stdout);
  else if (lds_plan_is_adaptive (plan))
    {
      lds_cli_print_knees (session);
      lds_cli_print_capacity (session);
    }
  else
    lds_cli_print_session (session);
  if (options.output != NULL && !lds_file_write (options.output, text, strlen (text), error))
    return FALSE;
  if (lds_plan_is_adaptive (plan))
    return lds_cli_check_knees (session, error);
  return lds_cli_check_session (session, error) && check_slo (session, error);
}
