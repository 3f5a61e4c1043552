/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “claims”: what the articles claim in numbers, and testing it. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-claims.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lds-claims-json.h"
#include "lds-claims-pdf.h"
#include "lds-cli-measure.h"
#include "lds-cli-outputs.h"
#include "lds-cli.h"
#include "lds-history-claims.h"
#include "lds-json.h"

typedef struct
{
  gboolean quick;
  gboolean list;
  gboolean json;
  char *pdf;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->pdf);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* The claims of those ids, each once; all of them when there are none. */
static GPtrArray *
select_claims (GStrv ids,
               GError **error)
{
  g_autoptr (GPtrArray) claims = g_ptr_array_new ();

  if (ids[0] == NULL)
    g_ptr_array_extend (claims, lds_claim_list (), NULL, NULL);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      const LdsClaim *claim = lds_claim_find (ids[i], error);

      if (claim == NULL)
        return NULL;
      if (!g_ptr_array_find (claims, claim, NULL))
        g_ptr_array_add (claims, (gpointer)claim);
    }
  return g_steal_pointer (&claims);
}

/* @node: (transfer full) */
static void
print_node (JsonNode *node)
{
  g_autofree char *text = lds_json_to_text (node, TRUE);

  fputs (text, stdout);
  json_node_unref (node);
}

/* --- Measuring ------------------------------------------------------------------------------- */

static void
say_session (const LdsClaimPlan *plan,
             guint index)
{
  const LdsPlan *session = plan->plans->pdata[index];
  const LdsWorkload *workload = session->workloads->pdata[0];
  gint64 left_s = lds_claim_plan_estimate_ms (plan, index) / 1000;

  /* Translators: number of a session, of how many, a workload, a number of connections, minutes and seconds */
  fprintf (stderr, g_dngettext (GETTEXT_PACKAGE, "Session %u of %u: %s, %u connection; %d:%02d left in all.\n", "Session %u of %u: %s, %u connections; %d:%02d left in all.\n", session->connections),
           index + 1, plan->plans->len, workload->title, session->connections, (int)(left_s / 60),
           (int)(left_s % 60));
}

/* One session after the other, until one fails or is interrupted. Returns: (transfer full): those that are whole */
static GPtrArray *
measure_all (const LdsClaimPlan *plan,
             LdsCliRecord *record,
             GArray *ids,
             GError **error)
{
  GPtrArray *sessions = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_session_free);
  g_autofree char *title = g_strdup (record->title);

  for (guint i = 0; i < plan->plans->len; i++)
    {
      LdsSession *session;

      g_free (record->title);
      /* Each session says what it is for, in the history too, unless the user gave all of them one title. */
      record->title = title != NULL ? g_strdup (title) : lds_claim_plan_dup_title (plan, i);
      say_session (plan, i);
      session = lds_cli_measure (plan->plans->pdata[i], record, error);
      if (session == NULL)
        break;
      g_ptr_array_add (sessions, session);
      if (record->id != 0)
        g_array_append_val (ids, record->id);
    }
  return sessions;
}

/* Something was measured, and not one figure came of it. */
static gboolean
check_findings (const LdsClaimPlan *plan,
                GPtrArray *findings,
                GError **error)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const LdsClaimFinding *finding = findings->pdata[i];

      for (guint o = 0; o < finding->outcomes->len; o++)
        if (isfinite (((LdsClaimOutcome *)finding->outcomes->pdata[o])->low))
          return TRUE;
    }
  if (plan->plans->len == 0)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INVALID,
               _ ("The measurement is invalid: no figure has enough valid runs, for the reasons above."));
  return FALSE;
}

static gboolean
run (GPtrArray *claims,
     const Options *options,
     LdsCliRecord *record,
     GError **error)
{
  g_autoptr (LdsClaimPlan) plan = lds_claim_plan_new (claims, lds_lane_check, options->quick);
  g_autoptr (GPtrArray) sessions = NULL, findings = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GError) local = NULL;

  if (options->list)
    {
      if (options->json)
        print_node (lds_claims_to_json (claims, NULL, plan, NULL));
      else
        lds_cli_claims_print_plan (plan);
      return TRUE;
    }
  if (!lds_cli_check_output ("--pdf", options->pdf, record->database, error) ||
      (plan->plans->len > 0 && !lds_cli_record_open (record, error)))
    return FALSE;
  sessions = measure_all (plan, record, ids, &local);
  /* What was whole before an end that was not meant still says what it says. */
  if (local != NULL && sessions->len == 0)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  findings = lds_claim_judge (plan, sessions);
  if (options->json)
    print_node (lds_claims_to_json (claims, findings, plan, ids));
  else
    lds_cli_claims_print_findings (findings);
  if (options->pdf != NULL && !lds_claims_write_pdf (claims, findings, g_get_real_time (),
                                                     options->pdf, LDS_PAPER_A4, error))
    return FALSE;
  if (local == NULL)
    return check_findings (plan, findings, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* --- Commands -------------------------------------------------------------------------------- */

static gboolean
run_command (int argc,
             char **argv,
             GError **error)
{
  g_auto (Options) options = {0};
  g_auto (LdsCliRecord) record = {.kind = LDS_HISTORY_KIND_CLAIMS};
  const GOptionEntry entries[] = {
      {"quick", 'q', 0, G_OPTION_ARG_NONE, &options.quick, N_ ("Runs of 1 s instead of 5 s, as many of them"), NULL},
      {"list", 'l', 0, G_OPTION_ARG_NONE, &options.list, N_ ("Say what would be measured, on which lanes and how long it takes, and measure nothing"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON instead of the table"), NULL},
      {"pdf", 0, 0, G_OPTION_ARG_FILENAME, &options.pdf, N_ ("Write verdicts and the axis of all ratios to FILE, as PDF"), N_ ("FILE")},
      LDS_CLI_RECORD_ENTRIES (&record),
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) ids = NULL;
  g_autoptr (GPtrArray) claims = NULL;

  if (!lds_cli_parse (argc, argv, _ ("[ID…]"), entries, &ids, error))
    return FALSE;
  if (options.list && options.pdf != NULL)
    return lds_error_refuse (error, _ ("--list and --pdf exclude each other: without a measurement there is nothing to write. Leave one out."));
  claims = select_claims (ids, error);
  return claims != NULL && lds_cli_record_check_names (&record, error) &&
         run (claims, &options, &record, error);
}

static gboolean
list_command (int argc,
              char **argv,
              GError **error)
{
  gboolean json = FALSE;
  g_autofree char *database = NULL;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL},
      LDS_CLI_DATABASE_ENTRY (&database),
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) ids = NULL;
  g_autoptr (GPtrArray) claims = NULL;
  g_autoptr (LdsClaimEvidence) evidence = NULL;

  /* Translators: two ways to use a command; “run” stays */
  if (!lds_cli_parse (argc, argv, _ ("[ID…] | run [ID…]"), entries, &ids, error))
    return FALSE;
  claims = select_claims (ids, error);
  if (claims == NULL || !lds_cli_record_check_database (database, error))
    return FALSE;
  evidence = lds_history_judge_claims_at (database, claims, error);
  if (evidence == NULL)
    return FALSE;
  for (guint i = 0; i < evidence->notes->len; i++)
    fprintf (stderr, "%s\n", (char *)evidence->notes->pdata[i]);
  if (json)
    print_node (lds_claims_records_to_json (evidence->claims, evidence->records, evidence->notes));
  else
    lds_cli_claims_print_list (evidence);
  return TRUE;
}

gboolean
lds_cli_claims (int argc,
                char **argv,
                GError **error)
{
  if (argc >= 2 && strcmp (argv[1], "run") == 0)
    {
      g_autofree char *name = g_strconcat (g_get_prgname (), " run", NULL);

      g_set_prgname (name);
      lds_cli_set_summary (N_ ("Test claims: measure what can be measured here, work out what needs no run"));
      return run_command (argc - 1, argv + 1, error);
    }
  return list_command (argc, argv, error);
}
