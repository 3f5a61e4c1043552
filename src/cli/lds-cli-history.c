/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “history”: its subcommands, and those that list. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-history.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lds-cli-options.h"
#include "lds-cli-record.h"
#include "lds-cli-columns.h"
#include "lds-json.h"

/* --- Shared ---------------------------------------------------------------------------------- */

LdsHistory *
lds_cli_history_open (const char *database,
                      GError **error)
{
  return lds_cli_record_check_database (database, error)
             ? lds_history_open (database, LDS_HISTORY_USUAL, error)
             : NULL;
}

void
lds_cli_history_print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = lds_json_to_text (root, TRUE);

  fputs (text, stdout);
}

void
lds_cli_history_add_time (JsonBuilder *builder,
                          const char *member,
                          gint64 time_us)
{
  g_autoptr (GDateTime) time =
      time_us > 0 ? g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC) : NULL;
  g_autofree char *text = time != NULL ? g_date_time_format_iso8601 (time) : NULL;

  lds_json_add_string (builder, member, text);
}

char *
lds_cli_history_format_time (gint64 time_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (time_us / G_USEC_PER_SEC);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M") : g_strdup ("–");
}

static void
add_words (JsonBuilder *builder,
           const char *member,
           char **words)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; words[i] != NULL; i++)
    json_builder_add_string_value (builder, words[i]);
  json_builder_end_array (builder);
}

void
lds_cli_history_add_session (JsonBuilder *builder,
                             const LdsHistorySession *session)
{
  g_auto (GStrv) lanes = g_strsplit (session->lanes, " ", -1);
  g_auto (GStrv) workloads = g_strsplit (session->workloads, " ", -1);

  lds_json_add_int (builder, "id", session->id);
  lds_json_add_string (builder, "kind", session->kind);
  lds_json_add_string (builder, "title", session->title);
  lds_json_add_string (builder, "state", lds_history_state_to_string (session->state));
  lds_cli_history_add_time (builder, "started_at", session->started_at_us);
  lds_cli_history_add_time (builder, "finished_at", session->finished_at_us);
  lds_cli_history_add_time (builder, "deleted_at", session->deleted_at_us);
  lds_json_add_int (builder, "runs_planned", session->n_planned);
  lds_json_add_int (builder, "runs_measured", session->n_runs);
  lds_json_add_int (builder, "runs_valid", session->n_valid);
  lds_json_add_int (builder, "runs_searching", session->n_search);
  lds_json_add_int (builder, "runs_searching_valid", session->n_search_valid);
  add_words (builder, "lanes", lanes);
  add_words (builder, "workloads", workloads);
  add_words (builder, "tags", session->tags);
}

/* --- list and search ------------------------------------------------------------------------- */

typedef struct
{
  char *database, *tag, *lane, *workload, *purpose, *since, *until, *max_p99;
  double min_rate_hz;
  int limit;
  gboolean valid, deleted, runs, json;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->database);
  g_free (options->tag);
  g_free (options->lane);
  g_free (options->workload);
  g_free (options->purpose);
  g_free (options->since);
  g_free (options->until);
  g_free (options->max_p99);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* Reads a day of the calendar, as it begins here, or a point in time of ISO 8601. */
static gboolean
parse_time (const char *option,
            const char *text,
            gint64 *time_us,
            GError **error)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *day = NULL;

  if (text == NULL)
    return TRUE;
  day = strchr (text, 'T') == NULL ? g_strconcat (text, "T00:00:00", NULL) : g_strdup (text);
  time = g_date_time_new_from_iso8601 (day, zone);
  if (time == NULL)
    return lds_error_refuse (error, _ ("%s is “%s”, which is no day: write 2026-03-31."), option, text);
  *time_us = g_date_time_to_unix (time) * G_USEC_PER_SEC;
  return TRUE;
}

/* Lane and workload by any of their names; the strings live as long as the process. */
static gboolean
make_filter (const Options *options,
             LdsHistoryFilter *filter,
             GError **error)
{
  gint64 max_p99_ms = 0;
  LdsPurpose purpose;

  if (!(options->min_rate_hz >= 0 && isfinite (options->min_rate_hz))) /* NaN is neither */
    /* Translators: a number */
    return lds_error_refuse (error, _ ("--min-rate is %g; write a rate from 0, as in --min-rate 5000."), options->min_rate_hz);
  if (options->lane != NULL)
    {
      const LdsLane *lane = lds_lane_find (options->lane, error);

      if (lane == NULL)
        return FALSE;
      filter->lane = lane->id;
    }
  if (options->workload != NULL)
    {
      const LdsWorkload *workload = lds_workload_find (options->workload, error);

      if (workload == NULL)
        return FALSE;
      filter->workload = workload->id;
    }
  if (options->purpose != NULL && !lds_purpose_from_string (options->purpose, &purpose))
    return lds_error_refuse (error, _ ("--purpose is “%s”, which is none: write compare, probe, knee, half-knee, equal-rate or scale."), options->purpose);
  filter->purpose = options->purpose;
  filter->tag = options->tag;
  filter->only_valid = options->valid;
  filter->deleted = options->deleted;
  filter->min_throughput_hz = options->min_rate_hz;
  filter->limit = (guint)options->limit;
  if (!lds_cli_parse_duration ("--max-p99", options->max_p99, 1e3, &max_p99_ms, error))
    return FALSE;
  filter->max_p99_ns = (double)max_p99_ms * 1e6;
  if (!lds_cli_check_count ("--limit", options->limit, 0, G_MAXINT, error) ||
      !parse_time ("--since", options->since, &filter->since_us, error) ||
      !parse_time ("--until", options->until, &filter->until_us, error))
    return FALSE;
  if (options->since == NULL || options->until == NULL || filter->since_us < filter->until_us)
    return TRUE;
  /* Translators: two days */
  return lds_error_refuse (error, _ ("No time is from %s on and before %s; give --since a day before that of --until."), options->since, options->until);
}

static char **
new_row (const char *first,
         ...)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  va_list args;

  va_start (args, first);
  for (const char *text = first; text != NULL; text = va_arg (args, const char *))
    g_strv_builder_add (builder, text);
  va_end (args);
  return g_strv_builder_end (builder);
}

static const char *
get_state_title (LdsHistoryState state)
{
  switch (state)
    {
    case LDS_HISTORY_RUNNING:
      return _ ("running");
    case LDS_HISTORY_INTERRUPTED:
      return _ ("interrupted");
    case LDS_HISTORY_COMPLETE:
    default:
      return _ ("complete");
    }
}

/* Valid runs of those measured, without the steps of a search, of which it is no news that some are invalid. */
static char *
describe_runs (const LdsHistorySession *session)
{
  guint n_runs = session->n_runs - session->n_search;
  guint n_valid = session->n_valid - session->n_search_valid;

  /* More than planned: some were made again. */
  if (session->n_runs >= session->n_planned || session->is_adaptive)
    return g_strdup_printf ("%u/%u", n_valid, n_runs);
  /* Translators: valid runs, measured runs, planned runs */
  return g_strdup_printf (_ ("%u/%u of %u"), n_valid, n_runs, session->n_planned);
}

static char *
describe_state (const LdsHistorySession *session)
{
  const char *title = get_state_title (session->state);

  if (session->state == LDS_HISTORY_COMPLETE || !session->is_adaptive)
    return g_strdup (title);
  /* Translators: “running” or “interrupted”, measured runs, about how many there will be */
  return g_strdup_printf (_ ("%s, %u of about %u"), title, session->n_runs, session->n_planned);
}

static char **
describe_session (const LdsHistorySession *session)
{
  g_autofree char *id = g_strdup_printf ("%" PRId64, session->id);
  g_autofree char *when = lds_cli_history_format_time (session->started_at_us);
  g_autofree char *tags = g_strjoinv (", ", session->tags);
  g_autofree char *search =
      session->n_search > 0 ? g_strdup_printf ("%u", session->n_search) : g_strdup ("");
  g_autofree char *runs = describe_runs (session);
  g_autofree char *state = describe_state (session);

  return new_row (id, when, session->title, session->lanes, runs, search, state, tags, NULL);
}

static void
print_sessions (GPtrArray *sessions)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);

  g_ptr_array_add (rows, new_row (_ ("ID"), _ ("When"), _ ("Title"), _ ("Lanes"), _ ("Valid runs"),
                                  _ ("Search"), _ ("State"), _ ("Tags"), NULL));
  for (guint i = 0; i < sessions->len; i++)
    g_ptr_array_add (rows, describe_session (sessions->pdata[i]));
  lds_cli_print_columns (rows, "rlllrrll");
}

static void
print_sessions_json (GPtrArray *sessions)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "sessions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < sessions->len; i++)
    {
      json_builder_begin_object (builder);
      lds_cli_history_add_session (builder, sessions->pdata[i]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  lds_cli_history_print_json (builder);
}

/* “64” connections in a closed loop, “64 at 2.00 k/s” in an open one. */
static char *
describe_load (const LdsHistoryRun *run)
{
  g_autofree char *rate = lds_format_value (run->rate_hz, LDS_UNIT_RATE_HZ);

  return run->rate_hz > 0
             /* Translators: a number of connections, a rate */
             ? g_strdup_printf (_ ("%u at %s"), run->connections, rate)
             : g_strdup_printf ("%u", run->connections);
}

static void
print_runs (GPtrArray *runs)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);

  g_ptr_array_add (rows, new_row (_ ("Session"), _ ("When"), _ ("Lane"), _ ("Workload"), _ ("Purpose"), _ ("Run"),
                                  _ ("Load"), _ ("Rate"), _ ("p50"), _ ("p99"), _ ("Validity"), NULL));
  for (guint i = 0; i < runs->len; i++)
    {
      const LdsHistoryRun *run = runs->pdata[i];
      g_autofree char *id = g_strdup_printf ("%" PRId64, run->session_id);
      g_autofree char *when = lds_cli_history_format_time (run->started_at_us);
      g_autofree char *number = g_strdup_printf ("%u", run->repeat + 1);
      g_autofree char *load = describe_load (run);
      g_autofree char *rate = lds_format_value (run->throughput_hz, LDS_UNIT_RATE_HZ);
      g_autofree char *p50 = lds_format_value (run->p50_ns, LDS_UNIT_DURATION_NS);
      g_autofree char *p99 = lds_format_value (run->p99_ns, LDS_UNIT_DURATION_NS);

      g_ptr_array_add (rows,
                       new_row (id, when, run->lane, run->workload, run->purpose, number, load,
                                rate, p50, p99, run->valid ? _ ("valid") : _ ("INVALID"), NULL));
    }
  lds_cli_print_columns (rows, "rllllrrrrrl");
}

static void
print_runs_json (GPtrArray *runs)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "runs");
  json_builder_begin_array (builder);
  for (guint i = 0; i < runs->len; i++)
    {
      const LdsHistoryRun *run = runs->pdata[i];

      json_builder_begin_object (builder);
      lds_json_add_int (builder, "session", run->session_id);
      lds_json_add_string (builder, "lane", run->lane);
      lds_json_add_string (builder, "workload", run->workload);
      lds_json_add_string (builder, "purpose", run->purpose);
      lds_json_add_int (builder, "repeat", run->repeat);
      lds_json_add_int (builder, "connections", run->connections);
      lds_json_add_number (builder, "rate_hz", run->rate_hz);
      lds_cli_history_add_time (builder, "started_at", run->started_at_us);
      lds_json_add_boolean (builder, "valid", run->valid);
      lds_json_add_int (builder, "requests", (gint64)run->requests);
      lds_json_add_int (builder, "errors", (gint64)run->errors);
      lds_json_add_number (builder, "throughput_hz", run->throughput_hz);
      lds_json_add_number (builder, "p50_ns", run->p50_ns);
      lds_json_add_number (builder, "p99_ns", run->p99_ns);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  lds_cli_history_print_json (builder);
}

/* @text: (nullable): words to search for */
static gboolean
list (const Options *options,
      const char *text,
      GError **error)
{
  LdsHistoryFilter filter = {.text = text};
  g_autoptr (LdsHistory) history = NULL;
  g_autoptr (GPtrArray) found = NULL;

  if (!make_filter (options, &filter, error))
    return FALSE;
  history = lds_cli_history_open (options->database, error);
  if (history == NULL)
    return FALSE;
  found = options->runs ? lds_history_list_runs (history, &filter, error)
                        : lds_history_list_sessions (history, &filter, error);
  if (found == NULL)
    return FALSE;
  if (options->json)
    (options->runs ? print_runs_json : print_sessions_json) (found);
  else if (found->len == 0)
    fputs (_ ("The history holds nothing of that kind.\n"), stderr);
  else
    (options->runs ? print_runs : print_sessions) (found);
  return TRUE;
}

static gboolean
list_or_search (int argc,
                char **argv,
                gboolean is_search,
                GError **error)
{
  g_auto (Options) options = {0};
  const GOptionEntry entries[] = {
      {"tag", 0, 0, G_OPTION_ARG_STRING, &options.tag, N_ ("Only sessions with this tag"), N_ ("TAG")},
      {"lane", 'l', 0, G_OPTION_ARG_STRING, &options.lane, N_ ("Only what measured this lane"), N_ ("LANE")},
      {"workload", 'x', 0, G_OPTION_ARG_STRING, &options.workload, N_ ("Only what measured this workload"), N_ ("WORKLOAD")},
      {"purpose", 0, 0, G_OPTION_ARG_STRING, &options.purpose, N_ ("Only runs for this: compare, probe, knee, half-knee, equal-rate or scale"), N_ ("PURPOSE")},
      {"since", 0, 0, G_OPTION_ARG_STRING, &options.since, N_ ("Only what began on this day or later"), N_ ("DAY")},
      {"until", 0, 0, G_OPTION_ARG_STRING, &options.until, N_ ("Only what began before this day"), N_ ("DAY")},
      {"valid", 0, 0, G_OPTION_ARG_NONE, &options.valid, N_ ("Only valid runs, and sessions that have one"), NULL},
      {"min-rate", 0, 0, G_OPTION_ARG_DOUBLE, &options.min_rate_hz, N_ ("Only runs with this throughput or more"), N_ ("RATE")},
      {"max-p99", 0, 0, G_OPTION_ARG_STRING, &options.max_p99, N_ ("Only runs whose p99 is at most this"), N_ ("50ms")},
      {"limit", 'n', 0, G_OPTION_ARG_INT, &options.limit, N_ ("Only the newest N (0 for all)"), N_ ("N")},
      {"deleted", 0, 0, G_OPTION_ARG_NONE, &options.deleted, N_ ("What is deleted instead"), NULL},
      {"runs", 0, 0, G_OPTION_ARG_NONE, &options.runs, N_ ("List runs instead of sessions"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON instead of the table"), NULL},
      LDS_CLI_DATABASE_ENTRY (&options.database),
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) words = NULL;
  g_autofree char *text = NULL;

  if (!lds_cli_parse (argc, argv, is_search ? _ ("WORD…") : "", entries, is_search ? &words : NULL,
                      error))
    return FALSE;
  if (is_search && (*words == NULL || g_strv_contains ((const char *const *)words, "")))
    return lds_error_refuse (error, _ ("Name a word to search for, as in “loadstone-cli history search baseline”."));
  text = is_search ? g_strjoinv (" ", words) : NULL;
  return list (&options, text, error);
}

static gboolean
list_cb (int argc,
         char **argv,
         GError **error)
{
  return list_or_search (argc, argv, FALSE, error);
}

static gboolean
search_cb (int argc,
           char **argv,
           GError **error)
{
  return list_or_search (argc, argv, TRUE, error);
}

/* --- The table ------------------------------------------------------------------------------- */

static const LdsCliCommand subcommands[] = {
    {"list", N_ ("List the sessions, the newest first"), list_cb},
    {"search", N_ ("List the sessions whose title, lanes, workloads, tags or machine have all WORDs"), search_cb},
    {"show", N_ ("Show one session with its figures"), lds_cli_history_show},
    {"resume", N_ ("Go on with an interrupted session: only the runs that are missing"), lds_cli_history_resume},
    {"rename", N_ ("Give a session another title, or an assessment another name"), lds_cli_history_rename},
    {"tag", N_ ("Give a session tags"), lds_cli_history_tag},
    {"untag", N_ ("Take tags away from a session"), lds_cli_history_untag},
    {"delete", N_ ("Delete sessions, or an assessment with its milestones"), lds_cli_history_delete},
    {"undo", N_ ("Take the last deletion back"), lds_cli_history_undo},
    {"purge", N_ ("Remove for good what is deleted"), lds_cli_history_purge},
    {"export", N_ ("Write a session as “bench --output” does"), lds_cli_history_export},
    {"import", N_ ("Read a session that “export” or “bench --output” wrote, or that of a report"), lds_cli_history_import},
    {"assessments", N_ ("List the assessments and their milestones"), lds_cli_history_assessments},
    {"milestone", N_ ("Keep answers, verdict and measurements of sessions as they are now, under a name"), lds_cli_history_milestone},
    {"diff", N_ ("Tell two milestones of an assessment apart"), lds_cli_history_diff},
    {"check", N_ ("Check the whole database; set a damaged one aside"), lds_cli_history_check},
};

static void
print_help (FILE *file)
{
  fprintf (file, _ ("Usage: %s SUBCOMMAND [OPTION…]\n\nSubcommands:\n"), "loadstone-cli history");
  for (guint i = 0; i < G_N_ELEMENTS (subcommands); i++)
    fprintf (file, "  %-12s %s\n", subcommands[i].name, _ (subcommands[i].summary));
  fprintf (file, _ ("\nID is a session's number, as “list” shows it, or “last”.\n"
                    "“%s SUBCOMMAND --help” describes each.\n"),
           "loadstone-cli history");
}

gboolean
lds_cli_history (int argc,
                 char **argv,
                 GError **error)
{
  if (argc >= 2 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0))
    {
      print_help (stdout);
      return TRUE;
    }
  for (guint i = 0; argc >= 2 && i < G_N_ELEMENTS (subcommands); i++)
    if (strcmp (argv[1], subcommands[i].name) == 0)
      {
        g_autofree char *name = g_strconcat (g_get_prgname (), " ", argv[1], NULL);

        g_set_prgname (name);
        lds_cli_set_summary (subcommands[i].summary);
        return subcommands[i].run (argc - 1, argv + 1, error);
      }
  if (argc < 2)
    return lds_error_refuse (error, _ ("Name a subcommand, as in “loadstone-cli history list”; “loadstone-cli history --help” lists them."));
  return lds_error_refuse (error, _ ("There is no subcommand “%s”. “loadstone-cli history --help” lists them."), argv[1]);
}
