/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands that measure share. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-measure.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lds-cli-capacity.h"
#include "lds-cli-columns.h"
#include "lds-cli-knee.h"
#include "lds-cli-self-test.h"
#include "lds-clock.h"
#include "lds-comparison.h"
#include "lds-conductor.h"
#include "lds-error.h"
#include "lds-history-list.h"
#include "lds-json.h"
#include "lds-search.h"
#include "lds-turn.h"
#include "lds-view.h"

/* --- Measuring ------------------------------------------------------------------------------- */

typedef struct
{
  GMainLoop *loop;
  GCancellable *cancellable;
  const LdsPlan *plan;
  LdsSession *session;
  GError *error;
  gboolean is_terminal;
  gint64 started_ns;
  LdsRunSpec spec;   /* of the run that is going on */
  gboolean is_again; /* the one before was the same, and said nothing */
  GPtrArray *runs;   /* (element-type LdsRun): finished, those of before too; the conductor's */
  guint n_finished;
  guint n_left; /* reckoned between runs: it takes time that is not to be taken from a run */
  guint interrupt_ids[3];
} Progress;

/* What a run does beside the plan's load. */
static char *
describe_purpose (const LdsRunSpec *spec)
{
  g_autofree char *rate = lds_format_value (spec->rate_hz, LDS_UNIT_RATE_HZ);

  switch (spec->purpose)
    {
    case LDS_PURPOSE_PROBE:
      /* Translators: a rate */
      return spec->rate_hz > 0 ? g_strdup_printf (_ ("a look at %s"), rate) : g_strdup (_ ("a look at its closed loop"));
    case LDS_PURPOSE_KNEE:
      /* Translators: a rate */
      return g_strdup_printf (_ ("searching at %s"), rate);
    case LDS_PURPOSE_HALF_KNEE:
      /* Translators: a rate */
      return g_strdup_printf (_ ("half of its knee, %s"), rate);
    case LDS_PURPOSE_EQUAL_RATE:
      /* Translators: a rate */
      return g_strdup_printf (_ ("the rate of all lanes, %s"), rate);
    case LDS_PURPOSE_SCALE:
      if (spec->workers == 0)
        /* Translators: a number of connections */
        return g_strdup_printf (_ ("series, connections %u"), spec->connections);
      /* Translators: two numbers */
      return g_strdup_printf (_ ("series, connections %u, workers %u"), spec->connections, spec->workers);
    case LDS_PURPOSE_COMPARE:
    default:
      return NULL;
    }
}

static char *
describe_run (const LdsRunSpec *spec)
{
  g_autofree char *lane = lds_lane_dup_label (spec->lane);
  g_autofree char *purpose = describe_purpose (spec);

  if (purpose != NULL)
    /* Translators: a lane, a workload, then what is done */
    return g_strdup_printf (_ ("%s, %s, %s"), lane, spec->workload->title, purpose);
  /* Translators: a lane, then a workload: “Event loop (model), Waiting 200 ms” */
  return g_strdup_printf (_ ("%s, %s"), lane, spec->workload->title);
}

static guint
count_done (const LdsPlan *plan,
            GPtrArray *runs)
{
  return lds_plan_is_adaptive (plan) ? runs->len : lds_turn_count_done (runs);
}

static void
count_left (Progress *progress)
{
  guint n_runs = lds_plan_n_runs (progress->plan);

  if (lds_plan_is_adaptive (progress->plan))
    progress->n_left = lds_search_count_left (progress->plan, progress->runs);
  else
    progress->n_left = n_runs > progress->n_finished ? n_runs - progress->n_finished : 0;
}

/* “3 of 40”, or of about so many where that depends on what comes out. */
static char *
describe_position (const Progress *progress,
                   guint index)
{
  guint n_runs = MAX (progress->n_finished + progress->n_left, index + 1);

  if (lds_plan_is_adaptive (progress->plan))
    /* Translators: number of a run, of about how many */
    return g_strdup_printf (_ ("Run %u of about %u"), index + 1, n_runs);
  if (progress->is_again)
    /* Translators: number of a run that is made a second time, of how many */
    return g_strdup_printf (_ ("Run %u of %u, again"), index + 1, n_runs);
  /* Translators: number of a run, of how many */
  return g_strdup_printf (_ ("Run %u of %u"), index + 1, n_runs);
}

static gint64
estimate_left_s (const Progress *progress)
{
  gint64 elapsed_ns = lds_clock_now_ns () - progress->started_ns;
  gint64 run_ns = lds_plan_estimate_ms (progress->plan) * LDS_NS_PER_MS /
                  MAX (lds_plan_n_runs (progress->plan), 1);
  gint64 left_ns = run_ns * progress->n_left;

  return MAX (left_ns - (progress->n_finished == 0 ? elapsed_ns : 0), 0) / LDS_NS_PER_S;
}

static void
show_progress (const Progress *progress,
               const LdsSample *sample)
{
  g_autofree char *position = describe_position (progress, progress->n_finished);
  g_autofree char *what = describe_run (&progress->spec);
  const LdsMetric *metric =
      lds_view_get_metric (lds_view_of (progress->spec.workload), LDS_VIEW_RATE);
  g_autofree char *rate =
      lds_format_value (sample != NULL ? metric->of_sample (sample) : NAN, metric->unit);
  gint64 left_s = estimate_left_s (progress);

  fputs ("\r\033[K", stderr);
  /* Translators: “Run 3 of 40”, what runs, a rate, minutes and seconds */
  fprintf (stderr, _ ("%s: %s, %s, %d:%02d left"), position, what, rate, (int)(left_s / 60), (int)(left_s % 60));
  fflush (stderr);
}

static void
run_started_cb (LdsConductor *conductor,
                guint index,
                const LdsRunSpec *spec,
                Progress *progress)
{
  progress->spec = *spec;
  progress->is_again = !lds_plan_is_adaptive (progress->plan) && index < progress->n_finished;
  if (progress->is_terminal)
    show_progress (progress, NULL);
}

static void
sample_cb (LdsConductor *conductor,
           guint index,
           const LdsSample *sample,
           Progress *progress)
{
  if (progress->is_terminal)
    show_progress (progress, sample);
}

static char *
format_figure (const LdsRun *run,
               const LdsMetric *metric)
{
  return lds_format_value (metric->of_run (run), metric->unit);
}

static void
run_finished_cb (LdsConductor *conductor,
                 guint index,
                 const LdsRun *run,
                 Progress *progress)
{
  /* A search goes where servers fail: that is no news. */
  gboolean is_news = !run->valid && run->spec.purpose != LDS_PURPOSE_KNEE;
  g_autofree char *what = describe_run (&run->spec);
  const LdsView *view = lds_view_of (run->spec.workload);
  g_autofree char *rate = format_figure (run, lds_view_get_metric (view, LDS_VIEW_RATE));
  g_autofree char *p99 = format_figure (run, lds_view_get_metric (view, LDS_VIEW_P99));
  g_autofree char *position = NULL;

  g_ptr_array_add (progress->runs, (gpointer)run);
  progress->n_finished = index + 1;
  count_left (progress);
  position = describe_position (progress, index);
  if (progress->is_terminal && !is_news)
    return;
  if (progress->is_terminal)
    fputs ("\r\033[K", stderr);
  if (run->valid)
    /* Translators: “Run 3 of 40”, what ran, a rate, a time */
    fprintf (stderr, _ ("%s: %s: %s, p99 %s\n"), position, what, rate, p99);
  else
    /* Translators: “Run 3 of 40”, what ran, the reason in a sentence */
    fprintf (stderr, _ ("%s: %s: INVALID: %s\n"), position, what, ((LdsInvalidReason *)run->reasons->pdata[0])->text);
}

static void
finished_cb (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  Progress *progress = user_data;

  progress->session = lds_conductor_run_finish (LDS_CONDUCTOR (source), result, &progress->error);
  g_main_loop_quit (progress->loop);
}

static gboolean
interrupt_cb (gpointer user_data)
{
  Progress *progress = user_data;

  g_cancellable_cancel (progress->cancellable);
  return G_SOURCE_CONTINUE;
}

static void
set_interrupted (const Progress *progress,
                 const LdsCliRecord *record,
                 GError **error)
{
  GPtrArray *runs = progress->session->runs;
  guint n_runs = count_done (progress->plan, runs);
  guint n_planned = lds_plan_n_runs (progress->plan);
  gboolean is_adaptive = lds_plan_is_adaptive (progress->plan);

  if (is_adaptive)
    n_planned = n_runs + lds_search_count_left (progress->plan, runs);
  if (g_strcmp0 (record->kind, LDS_CLI_SELF_TEST_KIND) == 0)
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: two numbers of runs */
                 _ ("The self-test was interrupted after %u of %u runs, so nothing of it counts."),
                 n_runs, n_planned);
  else if (record->id != 0)
    {
      g_autofree char *command = lds_cli_record_dup_resume_command (record->database, record->id);

      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   is_adaptive
                       /* Translators: two numbers of runs, then a command */
                       ? _ ("Interrupted after %u of about %u runs; “%s” goes on.")
                       /* Translators: two numbers of runs, then a command */
                       : _ ("Interrupted after %u of %u runs; “%s” goes on."),
                   n_runs, n_planned, command);
    }
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: two numbers of runs */
                 _ ("Interrupted after %u of %u runs; nothing was written."), n_runs, n_planned);
}

/* @session: (transfer full) (nullable): what to go on with; NULL begins with @plan */
static LdsSession *
measure (const LdsPlan *plan,
         LdsSession *session,
         LdsCliRecord *record,
         GError **error)
{
  static const int interrupts[] = {SIGINT, SIGTERM, SIGHUP};
  g_autoptr (LdsConductor) conductor = lds_conductor_new ();
  Progress progress = {
      .loop = g_main_loop_new (NULL, FALSE),
      .cancellable = g_cancellable_new (),
      .plan = plan,
      .runs = g_ptr_array_new (),
      .is_terminal = isatty (STDERR_FILENO),
      .n_finished = session != NULL ? count_done (plan, session->runs) : 0,
      .started_ns = lds_clock_now_ns ()};
  gboolean interrupted;

  for (guint i = 0; session != NULL && i < session->runs->len; i++)
    g_ptr_array_add (progress.runs, session->runs->pdata[i]);
  count_left (&progress);
  for (guint i = 0; i < G_N_ELEMENTS (interrupts); i++)
    progress.interrupt_ids[i] = g_unix_signal_add (interrupts[i], interrupt_cb, &progress);
  g_signal_connect (conductor, "run-started", G_CALLBACK (run_started_cb), &progress);
  g_signal_connect (conductor, "sample", G_CALLBACK (sample_cb), &progress);
  g_signal_connect (conductor, "run-finished", G_CALLBACK (run_finished_cb), &progress);
  lds_cli_record_follow (record, conductor);
  if (session != NULL)
    lds_conductor_resume_async (conductor, session, progress.cancellable, finished_cb, &progress);
  else
    lds_conductor_run_async (conductor, plan, progress.cancellable, finished_cb, &progress);
  g_main_loop_run (progress.loop);

  for (guint i = 0; i < G_N_ELEMENTS (interrupts); i++)
    g_source_remove (progress.interrupt_ids[i]);
  if (progress.is_terminal)
    fputs ("\r\033[K", stderr);
  interrupted = g_cancellable_is_cancelled (progress.cancellable);
  g_main_loop_unref (progress.loop);
  g_ptr_array_unref (progress.runs);
  g_object_unref (progress.cancellable);
  if (progress.session == NULL)
    {
      g_propagate_error (error, progress.error);
      return NULL;
    }
  lds_cli_record_finish (record, progress.session);
  if (interrupted)
    {
      set_interrupted (&progress, record, error);
      g_clear_pointer (&progress.session, lds_session_free);
    }
  else if (progress.is_terminal && record->id != 0 && !record->warned)
    /* Translators: the number of a session */
    fprintf (stderr, _ ("Kept in the history as session %" PRId64 ".\n"), record->id);
  return progress.session;
}

LdsSession *
lds_cli_measure (const LdsPlan *plan,
                 LdsCliRecord *record,
                 GError **error)
{
  record->id = 0;
  return measure (plan, NULL, record, error);
}

LdsSession *
lds_cli_resume (const char *id,
                gboolean or_complete,
                LdsCliRecord *record,
                GError **error)
{
  g_autoptr (LdsHistorySession) row = NULL;
  g_autoptr (LdsPlan) plan = NULL;
  LdsSession *session;

  if (record->off)
    {
      lds_error_refuse (error, _ ("--resume and --no-history exclude each other. Leave one out."));
      return NULL;
    }
  if (!lds_cli_record_check_database (record->database, error))
    return NULL;
  record->history = lds_history_open (record->database, LDS_HISTORY_USUAL, error);
  if (record->history == NULL)
    return NULL;
  record->id = lds_cli_record_parse_id (record->history, id, error);
  row = record->id != 0 ? lds_history_find_session (record->history, record->id, error) : NULL;
  if (row == NULL)
    return NULL;
  g_free (record->title);
  record->title = g_strdup (row->title);
  if (or_complete && row->state == LDS_HISTORY_COMPLETE)
    return lds_history_load_session (record->history, record->id, error);
  session = lds_history_record_resume (record->history, record->id, error);
  if (session == NULL)
    return NULL;
  plan = lds_plan_copy (session->plan);
  return measure (plan, session, record, error);
}

/* --- The table ------------------------------------------------------------------------------- */

char *
lds_cli_format_estimate (const LdsEstimate *estimate,
                         LdsUnit unit)
{
  g_autofree char *median = lds_format_value (estimate->median, unit);
  g_autofree char *range = NULL;

  if (estimate->n < LDS_ESTIMATE_MIN_RUNS)
    return g_steal_pointer (&median);
  range = lds_format_range (estimate->low, estimate->high, estimate->median, unit);
  /* Translators: a figure and its confidence interval: “12.4 ms (11.8–13.1 ms)” */
  return g_strdup_printf (_ ("%s (%s)"), median, range);
}

static void
add_row (GPtrArray *rows,
         const LdsSummary *summary)
{
  char **row = g_new0 (char *, LDS_VIEW_N_COLUMNS + 3);
  guint n_metrics;
  const LdsMetric *metrics = lds_metric_list (&n_metrics);
  const LdsView *view = lds_view_of (summary->workload);

  row[0] = lds_lane_dup_label (summary->lane);
  for (guint i = 0; i < LDS_VIEW_N_COLUMNS; i++)
    {
      const LdsMetric *metric = lds_view_get_metric (view, i);

      row[i + 1] =
          summary->n_valid > 0
              ? lds_cli_format_estimate (&summary->estimates[metric - metrics], metric->unit)
              : g_strdup (i == 0 ? _ ("INVALID") : "–");
    }
  row[LDS_VIEW_N_COLUMNS + 1] =
      summary->n_invalid == 0
          ? g_strdup_printf ("%u", summary->n_valid)
          /* Translators: numbers of runs: “3, 2 invalid” */
          : g_strdup_printf (_ ("%u, %u invalid"), summary->n_valid, summary->n_invalid);
  g_ptr_array_add (rows, row);
}

static char **
new_heading (const LdsWorkload *workload)
{
  const LdsView *view = lds_view_of (workload);
  char **row = g_new0 (char *, LDS_VIEW_N_COLUMNS + 3);

  row[0] = g_strdup (_ ("Lane"));
  for (guint i = 0; i < LDS_VIEW_N_COLUMNS; i++)
    row[i + 1] = g_strdup (_ (lds_view_get_metric (view, i)->short_title));
  row[LDS_VIEW_N_COLUMNS + 1] = g_strdup (_ ("Runs"));
  return row;
}

/* The title of a workload's table: what it is and how hard it was driven. */
static void
print_title (const LdsPlan *plan,
             const LdsWorkload *workload)
{
  LdsPlanLoad load = lds_plan_get_load (plan, workload);
  g_autofree char *rate = lds_format_value (load.rate_hz, LDS_UNIT_RATE_HZ);

  printf ("\n%s (%s %s), ", workload->title, workload->method, workload->path);
  /* Translators: a number of connections */
  printf (g_dngettext (GETTEXT_PACKAGE, "%u connection, ", "%u connections, ", load.connections),
          load.connections);
  if (g_strcmp0 (workload->stream, "listen") == 0)
    printf ("%s", _ ("listening"));
  else if (load.rate_hz > 0)
    /* Translators: a rate */
    printf (_ ("open loop at %s"), rate);
  else
    printf ("%s", _ ("closed loop"));
  putchar ('\n');
}

void
lds_cli_print_plan (const LdsPlan *plan)
{
  g_autoptr (JsonNode) node = lds_plan_to_json (plan);
  g_autofree char *text = lds_json_to_text (node, TRUE);

  fputs (text, stdout);
}

void
lds_cli_print_left_out (const LdsPlan *plan)
{
  for (guint i = 0; i < plan->left_out->len; i++)
    {
      const LdsInvalidReason *left_out = plan->left_out->pdata[i];

      /* Translators: a lane or a workload, then the reason in a sentence */
      fprintf (stderr, _ ("Left out: %s. %s\n"), left_out->code, left_out->text);
    }
}

static void
print_ranking (const LdsSession *session,
               const LdsWorkload *workload)
{
  g_autofree char *ranking = lds_comparison_dup_ranking (session, workload);

  if (ranking != NULL)
    printf ("  %s\n", ranking);
}

static void
print_plan (const LdsPlan *plan)
{
  /* Translators: seconds, seconds, number of runs */
  printf (g_dngettext (GETTEXT_PACKAGE,
                       "%g s after %g s of warm-up, %u run each; medians with 95 %% intervals.\n",
                       "%g s after %g s of warm-up, %u runs each; medians with 95 %% intervals.\n",
                       plan->repeats),
          (double)plan->duration_ms / 1e3, (double)plan->warm_up_ms / 1e3, plan->repeats);
}

static void
print_comparison (const LdsSession *session)
{
  g_autoptr (GPtrArray) summaries = lds_session_summarize (session);
  const LdsPlan *plan = session->plan;

  print_plan (plan);
  for (guint w = 0; w < plan->workloads->len; w++)
    {
      const LdsWorkload *workload = plan->workloads->pdata[w];
      g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);

      print_title (plan, workload);
      g_ptr_array_add (rows, new_heading (workload));
      for (guint i = 0; i < summaries->len; i++)
        if (((LdsSummary *)summaries->pdata[i])->workload == workload)
          add_row (rows, summaries->pdata[i]);
      lds_cli_print_table (rows);
      print_ranking (session, workload);
      for (guint i = 0; i < summaries->len; i++)
        {
          const LdsSummary *summary = summaries->pdata[i];
          g_autofree char *label = lds_lane_dup_label (summary->lane);

          if (summary->workload != workload)
            continue;
          for (guint r = 0; r < summary->reasons->len; r++)
            /* Translators: a lane, then the reason in a sentence */
            printf (_ ("  %s: INVALID: %s\n"), label, (char *)summary->reasons->pdata[r]);
          for (guint r = 0; r < summary->notes->len; r++)
            /* Translators: a lane, then a sentence */
            printf (_ ("  %s: note: %s\n"), label, (char *)summary->notes->pdata[r]);
        }
    }
}

void
lds_cli_print_session (const LdsSession *session)
{
  if (lds_plan_is_adaptive (session->plan))
    {
      lds_cli_print_knees (session);
      lds_cli_print_capacity (session);
    }
  else
    print_comparison (session);
  for (guint i = 0; i < session->warnings->len; i++)
    printf ("\n%s\n", ((LdsInvalidReason *)session->warnings->pdata[i])->text);
}

gboolean
lds_cli_check_session (const LdsSession *session,
                       GError **error)
{
  if (lds_plan_is_adaptive (session->plan))
    return lds_cli_check_knees (session, error);
  if (!lds_session_has_gaps (session))
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INVALID,
               _ ("The measurement is invalid: some lane has no valid run, for the reasons above."));
  return FALSE;
}
