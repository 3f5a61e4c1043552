/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “bench”: a measured comparison of lanes. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "lds-cli-measure.h"
#include "lds-clock.h"
#include "lds-cli-options.h"
#include "lds-cli-outputs.h"
#include "lds-cli-self-test.h"
#include "lds-cli-session.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-junit.h"

/* Of a number among the options, where none is negative unless that is wrong. */
#define NOT_GIVEN G_MININT

typedef struct
{
  char *lanes;
  char *workloads;
  char *duration;
  char *warm_up;
  char *timeout;
  char *slo;
  char *output;
  char *junit;
  char *resume;
  char *plan;
  char *demand;
  char **loads;
  char **scales;
  char **allow_hosts;
  int connections;
  int threads;
  int repeats;
  int workers;
  int seed;
  double rate_hz;
  gboolean closed;
  LdsCliSessionTest self_test;
  gboolean find_knee;
  gboolean json;
  gboolean print_plan;
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
  g_free (options->junit);
  g_free (options->resume);
  g_free (options->plan);
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

/* Numbers that were given; @given is negative where none was. */
static gboolean
take_count (const char *option,
            int given,
            int minimum,
            int maximum,
            guint *count,
            GError **error)
{
  if (given == NOT_GIVEN)
    return TRUE;
  if (!lds_cli_check_count (option, given, minimum, maximum, error))
    return FALSE;
  *count = (guint)given;
  return TRUE;
}

/* One load for all workloads, so what the plan said of single ones is over. */
static void
take_load (LdsPlan *plan,
           const Options *options)
{
  for (guint i = 0; i < plan->loads->len; i++)
    {
      LdsPlanLoad *load = &g_array_index (plan->loads, LdsPlanLoad, i);

      if (options->connections != NOT_GIVEN)
        load->connections = plan->connections;
      if (options->closed)
        load->rate_hz = 0;
      else if (options->rate_hz > 0 && g_strcmp0 (load->workload->stream, "listen") != 0)
        load->rate_hz = options->rate_hz;
    }
  if (options->closed)
    plan->rate_hz = 0;
  else if (options->rate_hz != 0)
    plan->rate_hz = options->rate_hz;
}

/* Lists that are given stand for the whole list of the plan. */
static gboolean
take_lists (LdsPlan *plan,
            const Options *options,
            GError **error)
{
  if (options->plan == NULL || options->lanes != NULL)
    {
      g_ptr_array_set_size (plan->lanes, 0);
      if (!lds_cli_add_lanes (plan, options->lanes, error))
        return FALSE;
    }
  if (options->plan != NULL && options->workloads == NULL)
    return TRUE;
  g_ptr_array_set_size (plan->workloads, 0);
  return lds_cli_add_workloads (plan, options->workloads != NULL ? options->workloads : "hello", error);
}

/* A lane that was not named is not insisted on. */
static void
leave_out_lanes (LdsPlan *plan,
                 const Options *options)
{
  if (options->lanes != NULL ? strcmp (options->lanes, "all") != 0 : options->plan != NULL)
    return;
  lds_plan_leave_out_lanes (plan);
  lds_cli_print_left_out (plan);
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
  plan->find_knee |= options->find_knee || options->demand != NULL;
  for (guint i = 0; options->scales != NULL && options->scales[i] != NULL; i++)
    if (!lds_cli_parse_scale (plan, options->scales[i], error))
      return FALSE;
  return options->demand == NULL || lds_cli_parse_demand (plan, options->demand, error);
}

/* The file's plan, or the shipped figures, with the options over it. */
static LdsPlan *
make_plan (const Options *options,
           GError **error)
{
  g_autoptr (LdsPlan) plan = NULL;

  if (options->closed && options->rate_hz > 0)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("--closed and --rate exclude each other: a closed loop has no rate. Leave one out."));
      return NULL;
    }
  plan = options->plan != NULL ? lds_plan_load (options->plan, error) : lds_plan_new ();
  if (plan == NULL ||
      !take_count ("--connections", options->connections, 1, LDS_PLAN_MAX_CONNECTIONS,
                   &plan->connections, error) ||
      !take_count ("--threads", options->threads, 1, LDS_PLAN_MAX_CLIENT_THREADS,
                   &plan->client_threads, error) ||
      !take_count ("--repeats", options->repeats, 1, LDS_PLAN_MAX_REPEATS, &plan->repeats, error) ||
      !take_count ("--workers", options->workers, 0, LDS_LANE_MAX_WORKERS, &plan->workers, error) ||
      !take_count ("--seed", options->seed, 1, LDS_PLAN_MAX_SEED, &plan->seed, error))
    return NULL;
  take_load (plan, options);
  for (guint i = 0; options->allow_hosts != NULL && options->allow_hosts[i] != NULL; i++)
    lds_plan_allow_host (plan, options->allow_hosts[i]);
  if (!take_lists (plan, options, error))
    return NULL;
  leave_out_lanes (plan, options);
  if (!lds_cli_parse_duration ("--duration", options->duration, 1e3, &plan->duration_ms, error) ||
      !lds_cli_parse_duration ("--warm-up", options->warm_up, 1e3, &plan->warm_up_ms, error) ||
      !lds_cli_parse_duration ("--timeout", options->timeout, 1e3, &plan->timeout_ms, error) ||
      !parse_loads (plan, options->loads, error) || !parse_adaptive (plan, options, error) ||
      (options->slo != NULL && !lds_cli_parse_slo (plan, options->slo, error)) ||
      !lds_plan_validate (plan, error) || !lds_plan_check_series (plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}

/* Whether an option says what is measured: a session that is gone on with says that itself. */
static gboolean
has_plan (const Options *options)
{
  return options->lanes != NULL || options->workloads != NULL || options->duration != NULL ||
         options->warm_up != NULL || options->timeout != NULL || options->slo != NULL ||
         options->loads != NULL || options->allow_hosts != NULL || options->plan != NULL ||
         options->print_plan || options->find_knee || options->scales != NULL ||
         options->demand != NULL || options->closed || options->rate_hz > 0 ||
         options->connections != NOT_GIVEN || options->threads != NOT_GIVEN ||
         options->repeats != NOT_GIVEN || options->workers != NOT_GIVEN ||
         options->seed != NOT_GIVEN;
}

static LdsSession *
resume (const Options *options,
        LdsCliRecord *record,
        GError **error)
{
  if (has_plan (options) || record->title != NULL || record->tags != NULL)
    {
      lds_error_refuse (error, _ ("--resume takes the plan from the session; leave out what says what to measure."));
      return NULL;
    }
  return lds_cli_resume (options->resume, FALSE, record, error);
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
               lds_plan_is_adaptive (session->plan)
                   /* Translators: a time */
                   ? _ ("Some lane's p99 is above the limit of %s at any rate.")
                   /* Translators: a time */
                   : _ ("Some lane's p99 is above the limit of %s."),
               limit);
  return FALSE;
}

static gboolean
write_junit (const LdsSession *session,
             const char *path,
             GError **error)
{
  g_autofree char *xml = lds_junit_from_session (session);

  return lds_file_write (path, xml, strlen (xml), error);
}

static gboolean
check_outputs (const Options *options,
               const char *database,
               GError **error)
{
  return lds_cli_check_output ("--output", options->output, database, error) &&
         lds_cli_check_output ("--junit", options->junit, database, error) &&
         lds_cli_check_apart ("--output", options->output, "--junit", options->junit, error) &&
         lds_cli_check_apart ("--output", options->output, NULL, options->plan, error) &&
         lds_cli_check_apart ("--junit", options->junit, NULL, options->plan, error);
}

gboolean
lds_cli_bench (int argc,
               char **argv,
               GError **error)
{
  g_auto (Options) options = {
      .connections = NOT_GIVEN,
      .threads = NOT_GIVEN,
      .repeats = NOT_GIVEN,
      .workers = NOT_GIVEN,
      .seed = NOT_GIVEN,
      .self_test = LDS_CLI_SESSION_TEST_INIT,
  };
  g_auto (LdsCliRecord) record = {.kind = "bench"};
  const GOptionEntry entries[] = {
      {"lanes", 'l', 0, G_OPTION_ARG_STRING, &options.lanes, N_ ("Lanes to compare, “all” models, “twin” for every runtime whose costs are known, the “real” runtimes that are here (those that a plan proposes); url:http://127.0.0.1:8080 is a server of your own"), N_ ("A,B")},
      {"workloads", 'x', 0, G_OPTION_ARG_STRING, &options.workloads, N_ ("Workloads, or “all” (hello)"), N_ ("X,Y")},
      {"plan", 'p', 0, G_OPTION_ARG_FILENAME, &options.plan, N_ ("Measure what this JSON file says; other options go over it"), N_ ("FILE")},
      {"print-plan", 0, 0, G_OPTION_ARG_NONE, &options.print_plan, N_ ("Print the plan as JSON, with how long it will take, and measure nothing"), NULL},
      {"connections", 'c', 0, G_OPTION_ARG_INT, &options.connections, N_ ("Open N connections (64)"), N_ ("N")},
      {"threads", 't', 0, G_OPTION_ARG_INT, &options.threads, N_ ("Use N client threads (1)"), N_ ("N")},
      {"rate", 'R', 0, G_OPTION_ARG_DOUBLE, &options.rate_hz, N_ ("Send this many requests a second whatever comes back (open loop)"), N_ ("RATE")},
      {"closed", 0, 0, G_OPTION_ARG_NONE, &options.closed, N_ ("Send the next request when the last is answered (the default)"), NULL},
      {"find-knee", 0, 0, G_OPTION_ARG_NONE, &options.find_knee, N_ ("Search the highest rate that each lane keeps, within the limit of --slo and up to that of --rate; then measure its latency at half of it, and all lanes' cost at one rate"), NULL},
      {"scale", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.scales, N_ ("Measure closed loops over a series of connections or workers, and fit the scalability law: connections:1,2,4,8 or workers:1,2,4; may be repeated"), N_ ("WHAT:N,N…")},
      {"for", 0, 0, G_OPTION_ARG_STRING, &options.demand, N_ ("Find knees, and say what a load of so many requests a second, on so many connections, takes of each lane"), N_ ("[N@]RATE")},
      {"load", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.loads, N_ ("Connections, and a rate for an open loop, of one workload; may be repeated"), N_ ("X=N@RATE")},
      {"allow-host", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.allow_hosts, N_ ("Load a url: lane on this host, which is not this machine: at most 100 requests a second, in runs of at most 60 s with their warm-up; may be repeated"), N_ ("NAME")},
      {"duration", 'd', 0, G_OPTION_ARG_STRING, &options.duration, N_ ("Measure each run for this long: 10, 10s, 500ms, 2m (5 s)"), N_ ("T")},
      {"warm-up", 'w', 0, G_OPTION_ARG_STRING, &options.warm_up, N_ ("Load this long before, and throw it away (1 s)"), N_ ("T")},
      {"timeout", 0, 0, G_OPTION_ARG_STRING, &options.timeout, N_ ("Give a request up after this long (10 s)"), N_ ("T")},
      {"repeats", 'r', 0, G_OPTION_ARG_INT, &options.repeats, N_ ("Runs of each lane and workload (5)"), N_ ("N")},
      {"workers", 0, 0, G_OPTION_ARG_INT, &options.workers, N_ ("Worker processes of lanes that have them (the model's default)"), N_ ("N")},
      {"seed", 0, 0, G_OPTION_ARG_INT, &options.seed, N_ ("Seed of what the load generator draws by lot (1)"), N_ ("N")},
      {"slo", 0, 0, G_OPTION_ARG_STRING, &options.slo, N_ ("Exit with 3 when some lane's median p99 is above this; the limit of --find-knee"), N_ ("p99=50ms")},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_ ("Write everything measured to FILE, as JSON"), N_ ("FILE")},
      {"junit", 0, 0, G_OPTION_ARG_FILENAME, &options.junit, N_ ("Write a JUnit report to FILE, for CI: INVALID and a missed --slo are failures"), N_ ("FILE")},
      LDS_CLI_SESSION_TEST_ENTRIES (&options.self_test),
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON instead of the table"), NULL},
      {"resume", 0, 0, G_OPTION_ARG_STRING, &options.resume, N_ ("Go on with an interrupted session of the history"), N_ ("ID")},
      LDS_CLI_RECORD_ENTRIES (&record),
      G_OPTION_ENTRY_NULL};
  g_autoptr (LdsPlan) plan = NULL;
  g_autoptr (LdsSession) session = NULL;
  g_autoptr (JsonNode) json = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) test_error = NULL;

  if (!lds_cli_parse (argc, argv, "", entries, NULL, error))
    return FALSE;
  if (!lds_cli_session_test_check (&options.self_test, error))
    return FALSE;
  plan = options.resume == NULL ? make_plan (&options, error) : NULL;
  if ((options.resume == NULL && plan == NULL) || !lds_cli_record_check_names (&record, error))
    return FALSE;
  if (plan != NULL && options.print_plan)
    {
      lds_cli_print_plan (plan);
      return TRUE;
    }
  /* This makes folders, so what is wrong is refused before. */
  if (!check_outputs (&options, record.database, error))
    return FALSE;
  if (plan == NULL)
    session = resume (&options, &record, error);
  else if (lds_cli_record_open (&record, error))
    session = lds_cli_measure (plan, &record, error);
  if (session == NULL)
    return FALSE;
  /* Who ends the self-test has measured all else, and gets what came of that. */
  lds_cli_session_test_run (&options.self_test, session, &record, &test_error);
  json = lds_cli_session_to_json (session);
  text = lds_json_to_text (json, TRUE);
  if (options.json)
    fputs (text, stdout);
  else
    lds_cli_print_session (session);
  if (!options.json && options.self_test.wanted)
    lds_cli_print_self_tests (session);
  if (options.output != NULL && !lds_file_write (options.output, text, strlen (text), error))
    return FALSE;
  if (options.junit != NULL && !write_junit (session, options.junit, error))
    return FALSE;
  if (test_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&test_error));
      return FALSE;
    }
  return lds_cli_check_session (session, error) && check_slo (session, error);
}
