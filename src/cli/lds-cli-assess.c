/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “assess”: the main job without a window: advise, measure, advise again, report. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>

#include "lds-claim-grades.h"
#include "lds-cli-evidence.h"
#include "lds-cli-measure.h"
#include "lds-cli-options.h"
#include "lds-cli-recall.h"
#include "lds-cli-self-test.h"
#include "lds-clock.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-proposal.h"
#include "lds-report.h"

#define DEFAULT_FOLDER "loadstone-report"

/* The forms that are written, by the report writers' ids. */
static const char *const forms[] = {"pdf", "json"};

static void
print_before (const LdsVerdict *prior,
              const LdsPlan *plan)
{
  g_autofree char *scale = lds_plan_dup_scale_text (plan);

  /* Translators: the verdict in a sentence */
  fprintf (stderr, _ ("From the answers: %s\n"), prior->headline);
  fprintf (stderr,
           lds_plan_is_adaptive (plan)
               /* Translators: number of runs, then seconds */
               ? _ ("Measuring: about %u runs, about %d s.\n")
               /* Translators: number of runs, then seconds */
               : _ ("Measuring: %u runs, about %d s.\n"),
           lds_plan_n_runs (plan), (int)((lds_plan_estimate_ms (plan) + 999) / 1000));
  if (scale != NULL)
    fprintf (stderr, "%s\n", scale);
  lds_cli_print_left_out (plan);
}

static void
print_after (const LdsVerdict *prior,
             const LdsVerdict *final,
             const LdsFindings *findings,
             const LdsSession *session)
{
  printf ("%s\n", final->headline);
  /* Translators: a band such as “High”, then a figure of 100 and its cap */
  printf (_ ("Certainty: %s, %.0f of at most %.0f.\n"), lds_band_title (final->band),
          final->confidence, final->cap);
  if (final->evidence == LDS_EVIDENCE_NONE && session->plan->find_knee)
    /* Translators: a number of runs */
    printf (_ ("What was measured does not count towards it: a verdict needs the knee of every lane and workload, and %d valid runs at either rate below it.\n"),
            LDS_SESSION_MIN_RUNS);
  else if (final->evidence == LDS_EVIDENCE_NONE && lds_plan_is_adaptive (session->plan))
    printf ("%s\n", _ ("What was measured does not count towards it: series replace no opinion."));
  else if (final->evidence == LDS_EVIDENCE_NONE)
    /* Translators: a number of runs */
    printf (
        _ ("What was measured does not count towards it: a verdict needs %d valid runs of every lane and workload.\n"),
        LDS_SESSION_MIN_RUNS);
  /* Of series alone all criteria say the same, which has been said. */
  if (!lds_plan_is_adaptive (session->plan) || session->plan->find_knee)
    lds_cli_print_evidence (findings, prior, final);
  putchar ('\n');
  lds_cli_print_session (session);
}

static void
print_json (LdsReport *report)
{
  g_autoptr (JsonNode) node = lds_report_to_json (report);
  g_autofree char *text = lds_json_to_text (node, TRUE);

  fputs (text, stdout);
}

/* Writes all forms and says to @file where they are. Leaves none of this call when one fails. */
static gboolean
write_forms (LdsReport *report,
             const char *folder,
             FILE *file,
             GError **error)
{
  g_autoptr (GPtrArray) written = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      const LdsReportWriter *writer = lds_report_writer_find (forms[i]);
      g_autofree char *name = g_strconcat ("report", writer->extension, NULL);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!writer->write (report, path, LDS_PAPER_A4, error))
        {
          for (guint j = 0; j < written->len; j++)
            g_unlink (written->pdata[j]);
          return FALSE;
        }
      g_ptr_array_add (written, g_steal_pointer (&path));
    }
  fputc ('\n', file);
  for (guint i = 0; i < written->len; i++)
    fprintf (file, "%s\n", (char *)written->pdata[i]);
  return TRUE;
}

/* Lanes are there to differ: the answers' target is missed when none of them keeps it. */
static gboolean
check_slo (const LdsSession *session,
           GError **error)
{
  const LdsWorkload *workload = lds_session_find_beyond_slo (session);
  g_autofree char *limit = NULL;

  if (workload == NULL)
    return TRUE;
  limit =
      lds_format_value (session->plan->slo_p99_ms * (double)LDS_NS_PER_MS, LDS_UNIT_DURATION_NS);
  g_set_error (error, LDS_ERROR, LDS_ERROR_THRESHOLD,
               /* Translators: a time, a workload */
               _ ("No lane keeps its p99 within the answered %s on “%s”."), limit, workload->title);
  return FALSE;
}

/* The answers as the history keeps them. */
static JsonObject *
keep_answers (LdsAnswers *answers)
{
  g_autoptr (JsonNode) node = lds_answers_to_json (answers);

  return json_object_ref (json_node_get_object (node));
}

/* Returns: (transfer full): the answers of a session of the history; or NULL with an error */
static LdsAnswers *
recall_answers (LdsCliRecord *record,
                const char *resume,
                GError **error)
{
  g_autoptr (LdsHistory) history =
      lds_cli_record_check_database (record->database, error)
          ? lds_history_open (record->database, LDS_HISTORY_USUAL, error)
          : NULL;
  g_autoptr (JsonObject) answers = NULL, document = json_object_new ();
  g_autoptr (GError) local = NULL;
  gint64 id = history != NULL ? lds_cli_record_parse_id (history, resume, error) : 0;

  if (id == 0)
    return NULL;
  answers = lds_history_load_object (history, id, "answers", &local);
  if (answers == NULL)
    {
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else
        lds_error_refuse (error, _ ("Session %s has no answers: “loadstone-cli bench --resume %s” goes on with it."), resume, resume);
      return NULL;
    }
  json_object_set_object_member (document, "answers", json_object_ref (answers));
  return lds_answers_from_json (lds_rule_pack_get_default (), document, error);
}

/* Lanes that were named instead of those that the answers call for; what is said of those falls with them. */
static gboolean
take_lanes (LdsPlan *plan,
            const char *lanes,
            GError **error)
{
  for (guint i = plan->left_out->len; i > 0; i--)
    if (lds_lane_find (((const LdsInvalidReason *)plan->left_out->pdata[i - 1])->code, NULL) !=
        NULL)
      g_ptr_array_remove_index (plan->left_out, i - 1);
  g_ptr_array_set_size (plan->lanes, 0);
  return lds_cli_add_lanes (plan, lanes, error) && lds_plan_validate (plan, error);
}

gboolean
lds_cli_assess (int argc,
                char **argv,
                GError **error)
{
  g_autofree char *path = NULL, *output = NULL, *resume = NULL, *plan_path = NULL, *lanes = NULL;
  g_auto (GStrv) pairs = NULL;
  gboolean quick = FALSE, json = FALSE, print_plan = FALSE, find_knee = FALSE;
  g_auto (LdsCliRecord) record = {.kind = "assess"};
  LdsCliSessionTest self_test = LDS_CLI_SESSION_TEST_INIT;
  const GOptionEntry entries[] = {
      {"answers", 'a', 0, G_OPTION_ARG_FILENAME, &path,
       N_ ("Read the answers from this JSON file (the sample's)"), N_ ("FILE")},
      {"set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &pairs,
       N_ ("Answer one question; also ID=unknown and ID=n/a:REASON"), N_ ("ID=VALUE")},
      {"quick", 'q', 0, G_OPTION_ARG_NONE, &quick, N_ ("Be rough, and done within a minute"), NULL},
      {"find-knee", 0, 0, G_OPTION_ARG_NONE, &find_knee,
       N_ ("Search the highest rate that each lane keeps, and what the answered load takes, in some five minutes"), NULL},
      {"plan", 'p', 0, G_OPTION_ARG_FILENAME, &plan_path,
       N_ ("Measure what this JSON file says instead of what follows from the answers"), N_ ("FILE")},
      {"lanes", 'l', 0, G_OPTION_ARG_STRING, &lanes,
       N_ ("Measure these lanes, as “bench” takes them, instead of those that follow from the answers"), N_ ("A,B")},
      {"print-plan", 0, 0, G_OPTION_ARG_NONE, &print_plan,
       N_ ("Print the plan as JSON, to be saved and edited, and measure nothing"), NULL},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
       N_ ("Write report.pdf and report.json into this folder (loadstone-report)"), N_ ("DIR")},
      LDS_CLI_SESSION_TEST_ENTRIES (&self_test),
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print the report as JSON instead of the table"),
       NULL},
      {"resume", 0, 0, G_OPTION_ARG_STRING, &resume,
       N_ ("Go on with a session of the history, and report it"), N_ ("ID")},
      LDS_CLI_RECORD_ENTRIES (&record),
      G_OPTION_ENTRY_NULL};
  g_autoptr (LdsAnswers) answers = NULL;
  g_autoptr (LdsClaimEvidence) claims = NULL;
  g_autoptr (LdsGrades) grades = NULL;
  g_autoptr (LdsVerdict) prior = NULL, final = NULL;
  g_autoptr (LdsPlan) plan = NULL;
  g_autoptr (LdsSession) session = NULL;
  g_autoptr (LdsFindings) findings = NULL;
  g_autoptr (LdsReport) report = NULL;
  g_autoptr (JsonNode) verdict = NULL;
  g_autoptr (GError) test_error = NULL;
  const char *folder;

  if (!lds_cli_parse (argc, argv, _ ("[--answers FILE] [--set ID=VALUE]… [--quick|--find-knee] [--plan FILE] [--lanes A,B] [--output DIR] [--json]"),
                      entries, NULL, error))
    return FALSE;
  if (!lds_cli_session_test_check (&self_test, error))
    return FALSE;
  folder = output != NULL ? output : DEFAULT_FOLDER;
  if (resume != NULL &&
      (path != NULL || pairs != NULL || quick || find_knee || plan_path != NULL || lanes != NULL ||
       print_plan || record.title != NULL || record.tags != NULL))
    return lds_error_refuse (error, _ ("--resume takes all from the session; leave out --answers, --set, --quick, --find-knee, --plan, --lanes, --print-plan, --title and --tag."));
  if (resume != NULL && record.off)
    return lds_error_refuse (error, _ ("--resume and --no-history exclude each other. Leave one out."));
  if (find_knee && (quick || plan_path != NULL))
    return lds_error_refuse (error, _ ("--find-knee is a plan of its own, which --quick and --plan are as well. Leave it or them out."));
  if (quick && plan_path != NULL)
    return lds_error_refuse (error, _ ("--quick and --plan exclude each other: a plan says itself how long it takes. Leave one out."));
  if (!lds_cli_record_check_names (&record, error))
    return FALSE;
  answers = resume != NULL ? recall_answers (&record, resume, error)
                           : lds_cli_read_answers (path, pairs, path == NULL, error);
  if (answers == NULL)
    return FALSE;
  if (resume == NULL)
    {
      plan = plan_path != NULL ? lds_plan_load (plan_path, error)
             : find_knee       ? lds_proposal_new_search (answers, lanes == NULL)
                               : lds_proposal_new_plan (answers, quick, lanes == NULL);
      if (plan == NULL || (lanes != NULL && !take_lanes (plan, lanes, error)) ||
          !lds_plan_check_series (plan, error))
        return FALSE;
    }
  if (print_plan)
    {
      lds_cli_print_plan (plan);
      return TRUE;
    }
  if (!lds_file_ensure_directory (folder, error))
    return FALSE;
  if (path == NULL && resume == NULL)
    fprintf (stderr, "%s",
             _ ("No --answers: these are the answers of the sample, a chat start-up.\n"));
  claims = lds_cli_recall_claims (record.database);
  grades = lds_claim_grades_new (claims);
  prior = lds_advise_with (answers, &(LdsAdviceOptions){.grades = grades}, NULL);
  if (resume != NULL)
    session = lds_cli_resume (resume, TRUE, &record, error);
  else
    {
      record.answers = keep_answers (answers);
      if (!lds_cli_record_open (&record, error))
        return FALSE;
      print_before (prior, plan);
      session = lds_cli_measure (plan, &record, error);
    }
  if (session == NULL)
    return FALSE;
  /* Who ends the self-test has measured all else, and gets its report. */
  lds_cli_session_test_run (&self_test, session, &record, &test_error);
  findings = lds_findings_new (answers, session);
  final = lds_findings_advise (findings, answers, lds_proposal_evidence (session), grades);
  verdict = lds_verdict_to_json (final);
  lds_cli_record_verdict (&record, verdict);
  report =
      lds_report_new (record.title, answers, prior, final, session, claims, g_get_real_time ());
  if (json)
    print_json (report);
  else
    print_after (prior, final, findings, session);
  if (!json && self_test.wanted)
    lds_cli_print_self_tests (session);
  if (test_error != NULL)
    {
      if (write_forms (report, folder, json ? stderr : stdout, error))
        g_propagate_error (error, g_steal_pointer (&test_error));
      return FALSE;
    }
  return write_forms (report, folder, json ? stderr : stdout, error) &&
         lds_cli_check_session (session, error) && check_slo (session, error);
}
