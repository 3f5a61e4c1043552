/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that is known of one claim. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-claim-detail.h"

#include <glib/gi18n.h>
#include <math.h>

#include "lds-claim-cards.h"
#include "lds-format.h"
#include "lds-lane-chip.h"
#include "lds-ratio-view.h"

static GtkWidget *
new_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (label, TRUE);
  return label;
}

static void
add_text (GtkBox *box,
          const char *text)
{
  gtk_box_append (box, new_label (text));
}

static void
add_faint (GtkBox *box,
           const char *text)
{
  GtkWidget *label = new_label (text);

  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (box, label);
}

static void
add_heading (GtkBox *box,
             const char *text)
{
  GtkWidget *label = new_label (text);

  gtk_widget_add_css_class (label, "caption-heading");
  gtk_box_append (box, label);
}

static GtkBox *
add_part (GtkBox *box,
          const char *heading)
{
  GtkBox *part = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 3));

  if (heading != NULL)
    add_heading (part, heading);
  gtk_box_append (box, GTK_WIDGET (part));
  return part;
}

/* --- Figures --------------------------------------------------------------------------------- */

/* Line, hue and words say what a lane is: nobody may take a model for a runtime. */
static void
add_lanes (GtkBox *box,
           const LdsClaimTrial *trial)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  const LdsLane *const lanes[] = {trial->lane, trial->over};
  g_autofree char *text = lds_claim_trial_dup_lanes (trial);

  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    if (lanes[i] != NULL)
      {
        GtkWidget *swatch = lds_lane_swatch_new ();

        lds_lane_swatch_set_lane (swatch, lanes[i]);
        gtk_box_append (GTK_BOX (line), swatch);
      }
  gtk_box_append (GTK_BOX (line), new_label (text));
  gtk_box_append (box, line);
}

/* “A user at once, 1000 connections, closed loop” */
static char *
dup_load (const LdsClaimFigure *figure)
{
  g_autofree char *connections = g_strdup_printf (
      ngettext ("%u connection", "%u connections", figure->connections), figure->connections);
  g_autofree char *rate = lds_format_value (figure->rate_hz, LDS_UNIT_RATE_HZ);
  g_autofree char *load = NULL;

  if (figure->rate_hz > 0)
    /* Translators: a workload, “64 connections”, a rate */
    load = g_strdup_printf (_ ("%s, %s, open loop at %s"), figure->workload->title, connections, rate);
  else
    /* Translators: a workload, “64 connections” */
    load = g_strdup_printf (_ ("%s, %s, closed loop"), figure->workload->title, connections);
  if (figure->workers == 0)
    return g_steal_pointer (&load);
  /* Translators: a workload with its load, a number of worker processes or threads */
  return g_strdup_printf (ngettext ("%s, %u worker", "%s, %u workers", figure->workers), load, figure->workers);
}

/* “Measured: 0.96 (0.95 to 0.98), 5 and 5 runs: refuted” */
static char *
dup_measured (const LdsClaimOutcome *outcome)
{
  const char *verdict = lds_claim_verdict_title (outcome->verdict);
  g_autofree char *measured = lds_claim_outcome_dup_measured (outcome);

  if (outcome->trial->over != NULL)
    /* Translators: a ratio with its interval, numbers of runs on both sides, the verdict */
    return g_strdup_printf (_ ("Measured: %s, %u and %u runs: %s"), measured, outcome->n, outcome->n_over, verdict);
  /* Translators: a figure with its interval, a number of runs, the verdict */
  return g_strdup_printf (ngettext ("Measured: %s, %u run: %s", "Measured: %s, %u runs: %s", outcome->n), measured, outcome->n, verdict);
}

static void
add_figure (GtkBox *box,
            LdsClaimsRun *run,
            const LdsClaimOutcome *outcome)
{
  const LdsClaimFigure *figure = outcome->trial->figure;
  const LdsClaimTrial *here = lds_claims_run_get_trial (run, figure);
  gboolean is_measured = outcome->trial->lane != NULL;
  GtkBox *part = add_part (box, _ (figure->metric->title));
  g_autofree char *number = lds_claim_figure_dup_claimed (figure);
  /* Translators: a figure */
  g_autofree char *claimed = g_strdup_printf (_ ("Claimed: %s"), number);
  g_autofree char *measured = is_measured ? dup_measured (outcome) : NULL;
  g_autofree char *load = dup_load (figure);

  add_text (part, claimed);
  if (is_measured)
    {
      add_text (part, measured);
      add_lanes (part, outcome->trial);
      if (outcome->reason != NULL)
        add_text (part, outcome->reason);
    }
  else if (here != NULL && here->obstacle != NULL)
    add_text (part, here->obstacle);
  else if (here != NULL)
    {
      add_text (part, _ ("Not measured yet. It would be on:"));
      add_lanes (part, here);
    }
  add_faint (part, load);
}

/* Its own rows of the axis of all ratios. */
static void
add_ratios (GtkBox *box,
            const LdsClaim *claim,
            const LdsClaimFinding *finding)
{
  g_autoptr (GPtrArray) claims = g_ptr_array_new (), findings = g_ptr_array_new ();
  GPtrArray *rows;
  GtkWidget *view;

  g_ptr_array_add (claims, (gpointer)claim);
  g_ptr_array_add (findings, (gpointer)finding);
  rows = lds_ratio_rows_new (claims, findings);
  if (rows->len == 0)
    {
      g_ptr_array_unref (rows);
      return;
    }
  view = lds_ratio_view_new ();
  lds_ratio_view_take_rows (LDS_RATIO_VIEW (view), rows);
  gtk_box_append (box, view);
}

/* --- Beside it ------------------------------------------------------------------------------- */

static void
add_cards (GtkBox *box,
           const LdsClaim *claim)
{
  g_autoptr (GPtrArray) cards = lds_claim_cards_new (claim);

  for (guint i = 0; i < cards->len; i++)
    {
      const LdsEntry *card = cards->pdata[i];
      /* Translators: an id, a title: “CON-5: Python threads and waiting” */
      g_autofree char *heading = g_strdup_printf (_ ("%s: %s"), card->id, card->title);
      GtkBox *part = add_part (box, heading);

      gtk_widget_add_css_class (GTK_WIDGET (part), "card");
      gtk_widget_add_css_class (GTK_WIDGET (part), "note");
      if (card->body != NULL)
        add_text (part, card->body);
    }
}

/* When it was measured and where the runs are. */
static char *
dup_source (const LdsClaimRecord *record)
{
  g_autoptr (GString) ids = g_string_new (NULL);
  g_autoptr (GDateTime) when = NULL;
  g_autofree char *time = NULL;

  if (record->measured_at_us == 0)
    return NULL;
  for (guint i = 0; i < record->sessions->len; i++)
    g_string_append_printf (ids, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "",
                            g_array_index (record->sessions, gint64, i));
  when = g_date_time_new_from_unix_local (record->measured_at_us / G_USEC_PER_SEC);
  time = g_date_time_format (when, "%x, %H:%M");
  /* Translators: date and time, numbers of sessions */
  return g_strdup_printf (ngettext ("Measured on %s; session %s of the history.", "Measured on %s; sessions %s of the history.", record->sessions->len), time, ids->str);
}

static void
add_foot (GtkBox *box,
          LdsClaimsRun *run,
          const LdsClaim *claim,
          const LdsClaimRecord *record)
{
  g_autofree char *source = dup_source (record);
  GtkWidget *button;
  /* Translators: a claim's title */
  g_autofree char *name = g_strdup_printf (_ ("Test: %s"), claim->title);

  if (source != NULL)
    add_faint (box, source);
  if (record->caveat != NULL)
    add_text (box, record->caveat);
  if (!lds_claims_run_can_test (run, claim))
    return;
  button = gtk_button_new_with_mnemonic (_ ("_Test This Claim"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "claims.test");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", claim->id);
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_box_append (box, button);
}

GtkWidget *
lds_claim_detail_new (LdsClaimsRun *run,
                      const LdsClaim *claim)
{
  GtkBox *box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  const LdsClaimRecord *record;
  const LdsClaimFinding *finding;

  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (run), NULL);
  g_return_val_if_fail (claim != NULL, NULL);

  gtk_widget_add_css_class (GTK_WIDGET (box), "claim-detail");
  if (claim->body != NULL)
    add_text (add_part (box, _ ("How plausible it is")), claim->body);
  add_text (add_part (box, _ ("How it is tested")), claim->how);
  record = lds_claims_run_get_record (run, claim);
  if (record == NULL)
    return GTK_WIDGET (box);
  finding = record->finding;
  if (finding->texts->len > 0)
    {
      GtkBox *part = add_part (box, _ ("Worked out without a run, by Little’s law"));

      for (guint i = 0; i < finding->texts->len; i++)
        add_text (part, finding->texts->pdata[i]);
    }
  for (guint i = 0; i < finding->outcomes->len; i++)
    add_figure (box, run, finding->outcomes->pdata[i]);
  add_ratios (box, claim, finding);
  add_cards (box, claim);
  add_foot (box, run, claim, record);
  return GTK_WIDGET (box);
}
