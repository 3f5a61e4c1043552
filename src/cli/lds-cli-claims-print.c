/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims on a terminal. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-claims.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "lds-cli-columns.h"
#include "lds-claim-cards.h"

void
lds_cli_claims_print_list (const LdsClaimEvidence *evidence)
{
  for (guint i = 0; i < evidence->claims->len; i++)
    {
      const LdsClaim *claim = evidence->claims->pdata[i];
      const LdsClaimRecord *record = evidence->records->pdata[i];
      const char *grade = record->finding->grade;
      g_autofree char *status = lds_claim_record_dup_status (record);

      printf ("%-9s %-3s %s\n    %s\n", claim->id, grade != NULL ? grade : "–", claim->title, claim->how);
      if (record->is_known && record->finding->verdict != LDS_CLAIM_NOT_TESTABLE)
        printf ("    %s\n", status);
      if (record->caveat != NULL)
        printf ("    %s\n", record->caveat);
    }
}

static void
add_row (GPtrArray *rows,
         ...)
{
  va_list args;
  g_autoptr (GPtrArray) row = g_ptr_array_new ();
  const char *text;

  va_start (args, rows);
  while ((text = va_arg (args, const char *)) != NULL)
    g_ptr_array_add (row, g_strdup (text));
  va_end (args);
  g_ptr_array_add (row, NULL);
  g_ptr_array_add (rows, g_ptr_array_free (g_steal_pointer (&row), FALSE));
}

static void
print_obstacles (const LdsClaimPlan *plan)
{
  for (guint i = 0; i < plan->trials->len; i++)
    {
      const LdsClaimTrial *trial = plan->trials->pdata[i];

      if (trial->obstacle != NULL)
        /* Translators: a claim's id, then the reason in a sentence */
        printf (_ ("%s: not measured: %s\n"), trial->claim->id, trial->obstacle);
    }
}

void
lds_cli_claims_print_plan (const LdsClaimPlan *plan)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  gint64 all_s = (lds_claim_plan_estimate_ms (plan, 0) + 500) / 1000;

  add_row (rows, _ ("Workload"), _ ("Connections"), _ ("Runs"), _ ("Lanes"), NULL);
  for (guint i = 0; i < plan->plans->len; i++)
    {
      const LdsPlan *session = plan->plans->pdata[i];
      g_autofree char *connections = g_strdup_printf ("%u", session->connections);
      g_autofree char *runs = g_strdup_printf ("%u", lds_plan_n_runs (session));
      g_autoptr (GString) lanes = g_string_new (NULL);

      for (guint l = 0; l < session->lanes->len; l++)
        {
          g_autofree char *label = lds_claim_lane_dup_label (session->lanes->pdata[l]);

          g_string_append_printf (lanes, "%s%s", l > 0 ? "; " : "", label);
        }
      add_row (rows, ((LdsWorkload *)session->workloads->pdata[0])->title, connections, runs,
               lanes->str, NULL);
    }
  if (plan->plans->len > 0)
    lds_cli_print_columns (rows, "lrrl");
  print_obstacles (plan);
  /* Translators: minutes and seconds */
  printf (_ ("It would take about %d:%02d.\n"), (int)(all_s / 60), (int)(all_s % 60));
}

static void
add_finding (GPtrArray *rows,
             const LdsClaimFinding *finding)
{
  const LdsClaim *claim = finding->claim;
  const char *grade = finding->grade != NULL ? finding->grade : "–";

  if (finding->outcomes->len == 0)
    add_row (rows, claim->id, "–", "–", "–", lds_claim_verdict_title (finding->verdict), grade, "–",
             NULL);
  for (guint i = 0; i < finding->outcomes->len; i++)
    {
      const LdsClaimOutcome *outcome = finding->outcomes->pdata[i];
      g_autofree char *claimed = lds_claim_figure_dup_claimed (outcome->trial->figure);
      g_autofree char *measured = lds_claim_outcome_dup_measured (outcome);
      g_autofree char *lanes = lds_claim_trial_dup_lanes (outcome->trial);

      add_row (rows, claim->id, _ (outcome->trial->figure->metric->short_title), claimed, measured,
               lds_claim_verdict_title (outcome->verdict), grade, lanes, NULL);
    }
}

static void
print_notes (const LdsClaimFinding *finding)
{
  const LdsClaim *claim = finding->claim;
  g_autoptr (GPtrArray) cards = lds_claim_cards_new (claim);

  /* Translators: a claim's id, what it says, the verdict */
  printf (_ ("%s, “%s”: %s\n"), claim->id, claim->title, lds_claim_verdict_title (finding->verdict));
  printf ("    %s\n", claim->how);
  for (guint i = 0; i < finding->texts->len; i++)
    printf ("    %s\n", (char *)finding->texts->pdata[i]);
  for (guint i = 0; i < finding->outcomes->len; i++)
    {
      const LdsClaimOutcome *outcome = finding->outcomes->pdata[i];

      if (outcome->reason != NULL)
        printf ("    %s: %s\n", _ (outcome->trial->figure->metric->short_title), outcome->reason);
    }
  for (guint i = 0; i < cards->len; i++)
    {
      g_autofree char *text = lds_claim_card_dup_text (cards->pdata[i]);

      printf ("    %s\n", text);
    }
}

void
lds_cli_claims_print_findings (GPtrArray *findings)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);

  add_row (rows, _ ("Claim"), _ ("Figure"), _ ("Claimed"), _ ("Measured, with 95 % interval"), _ ("Verdict"), _ ("Evidence"), _ ("Lanes"), NULL);
  for (guint i = 0; i < findings->len; i++)
    add_finding (rows, findings->pdata[i]);
  lds_cli_print_columns (rows, "lllllll");
  putchar ('\n');
  for (guint i = 0; i < findings->len; i++)
    print_notes (findings->pdata[i]);
}
