/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One claim in a list: the line that is always there, opening it, finding it. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-claim-row.h"

#include <glib/gi18n.h>
#include <string.h>

#include "lds-claim-cards.h"
#include "lds-claim-detail.h"

struct _LdsClaimRow
{
  GtkListBoxRow parent_instance;

  LdsClaimsRun *run;
  const LdsClaim *claim;
  GtkImage *icon;
  GtkLabel *line;    /* "C-000-5 · refuted · evidence E-" */
  GtkLabel *figures; /* "Response time, p50: claimed 750 ms, measured 251 ms (250 ms to 252 ms)" */
  GtkImage *arrow;
  GtkBox *all;
  GtkWidget *detail; /* (nullable): while it is open */
  char *haystack;
  LdsClaimState state;
  gboolean is_open;
};

G_DEFINE_FINAL_TYPE (LdsClaimRow, lds_claim_row, GTK_TYPE_LIST_BOX_ROW)

/* Shapes that differ, for a colour alone would say nothing to some. */
static const char *const icons[LDS_N_CLAIM_STATES] = {
    [LDS_CLAIM_STATE_CONFIRMED] = "lds-confirmed-symbolic",
    [LDS_CLAIM_STATE_WITHIN_RANGE] = "lds-within-range-symbolic",
    [LDS_CLAIM_STATE_REFUTED] = "lds-refuted-symbolic",
    [LDS_CLAIM_STATE_NOT_REPRODUCIBLE] = "lds-not-reproducible-symbolic",
    [LDS_CLAIM_STATE_NOT_TESTABLE] = "lds-not-testable-symbolic",
    [LDS_CLAIM_STATE_NOT_TESTED] = "lds-not-tested-symbolic",
};

static const LdsClaimVerdict verdicts[] = {
    [LDS_CLAIM_STATE_CONFIRMED] = LDS_CLAIM_CONFIRMED,
    [LDS_CLAIM_STATE_WITHIN_RANGE] = LDS_CLAIM_WITHIN_RANGE,
    [LDS_CLAIM_STATE_REFUTED] = LDS_CLAIM_REFUTED,
    [LDS_CLAIM_STATE_NOT_REPRODUCIBLE] = LDS_CLAIM_NOT_REPRODUCIBLE,
    [LDS_CLAIM_STATE_NOT_TESTABLE] = LDS_CLAIM_NOT_TESTABLE,
};

const char *
lds_claim_state_title (LdsClaimState state)
{
  g_return_val_if_fail (state < LDS_N_CLAIM_STATES, "");

  return state == LDS_CLAIM_STATE_NOT_TESTED ? _ ("not tested yet")
                                             : lds_claim_verdict_title (verdicts[state]);
}

/* What was not measured is either still to be tested, or cannot be with what is here. */
static LdsClaimState
find_state (LdsClaimRow *self)
{
  const LdsClaimRecord *record = lds_claims_run_get_record (self->run, self->claim);

  if (record == NULL)
    return LDS_CLAIM_STATE_NOT_TESTED;
  if (!record->is_known)
    return lds_claims_run_can_test (self->run, self->claim) ? LDS_CLAIM_STATE_NOT_TESTED
                                                            : LDS_CLAIM_STATE_NOT_REPRODUCIBLE;
  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++)
    if (verdicts[i] == record->finding->verdict)
      return (LdsClaimState)i;
  return LDS_CLAIM_STATE_NOT_TESTED;
}

static char *
dup_line (LdsClaimRow *self)
{
  const LdsClaimRecord *record = lds_claims_run_get_record (self->run, self->claim);
  const char *grade = record != NULL ? record->finding->grade : self->claim->grade;

  if (record == NULL)
    return g_strdup (self->claim->id);
  if (grade == NULL)
    /* Translators: a claim's id, its verdict */
    return g_strdup_printf (_ ("%s · %s"), self->claim->id, lds_claim_state_title (self->state));
  /* Translators: a claim's id, its verdict, a grade: “C-000-5 · refuted · evidence E-” */
  return g_strdup_printf (_ ("%s · %s · evidence %s"), self->claim->id, lds_claim_state_title (self->state), grade);
}

/* “130 MB for Node.js”: of whom it is claimed, where it is of one of the two. */
static char *
dup_claimed (const LdsClaimFigure *figure)
{
  g_autofree char *claimed = lds_claim_figure_dup_claimed (figure);

  if (figure->over_lanes != NULL || figure->of == LDS_CLAIM_SERVER)
    return g_steal_pointer (&claimed);
  if (figure->of == LDS_CLAIM_NODE)
    /* Translators: a figure */
    return g_strdup_printf (_ ("%s for Node.js"), claimed);
  /* Translators: a figure */
  return g_strdup_printf (_ ("%s for Python"), claimed);
}

/* (nullable): “48 MB (47 MB to 49 MB), twin” */
static char *
dup_measured (const LdsClaimOutcome *outcome)
{
  g_autofree char *measured = NULL;

  if (outcome == NULL || outcome->n == 0)
    return NULL;
  measured = lds_claim_outcome_dup_measured (outcome);
  switch (outcome->trial->lane->provenance)
    {
    case LDS_PROVENANCE_REAL:
      /* Translators: a figure with its interval */
      return g_strdup_printf (_ ("%s, real runtime"), measured);
    case LDS_PROVENANCE_TWIN:
      /* Translators: a figure with its interval */
      return g_strdup_printf (_ ("%s, twin"), measured);
    case LDS_PROVENANCE_MODEL:
      /* Translators: a figure with its interval */
      return g_strdup_printf (_ ("%s, model"), measured);
    case LDS_PROVENANCE_URL:
    case LDS_PROVENANCE_CLAIM:
    default:
      return g_steal_pointer (&measured);
    }
}

/* “Throughput”; with the workload where there are several to tell apart. */
static char *
dup_title (const LdsClaim *claim,
           const LdsClaimFigure *figure)
{
  const char *title = _ (figure->metric->short_title);

  if (claim->figures->len == 1)
    return g_strdup (title);
  /* Translators: a metric, a workload: “Throughput, Hello” */
  return g_strdup_printf (_ ("%s, %s"), title, figure->workload->title);
}

/* One line a figure; nothing where there is none. */
static char *
dup_figures (LdsClaimRow *self)
{
  const LdsClaimRecord *record = lds_claims_run_get_record (self->run, self->claim);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->claim->figures->len; i++)
    {
      const LdsClaimFigure *figure = self->claim->figures->pdata[i];
      g_autofree char *title = dup_title (self->claim, figure);
      g_autofree char *claimed = dup_claimed (figure);
      g_autofree char *measured =
          dup_measured (record != NULL ? record->finding->outcomes->pdata[i] : NULL);

      if (i > 0)
        g_string_append_c (text, '\n');
      if (measured != NULL)
        /* Translators: a metric, what is claimed, what was measured with its interval */
        g_string_append_printf (text, _ ("%s: claimed %s; measured %s"), title, claimed, measured);
      else
        /* Translators: a metric, what is claimed */
        g_string_append_printf (text, _ ("%s: claimed %s"), title, claimed);
    }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

gboolean
lds_claim_row_is_open (LdsClaimRow *self)
{
  g_return_val_if_fail (LDS_IS_CLAIM_ROW (self), FALSE);
  return self->is_open;
}

static void
describe (LdsClaimRow *self,
          const char *line,
          const char *figures)
{
  g_autofree char *description =
      figures != NULL ? g_strdup_printf ("%s\n%s", line, figures) : g_strdup (line);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->claim->title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  description, -1);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_EXPANDED,
                               lds_claim_row_is_open (self), -1);
}

static void
hide_detail (LdsClaimRow *self)
{
  if (self->detail != NULL)
    gtk_box_remove (self->all, self->detail);
  self->detail = NULL;
}

static void
show_detail (LdsClaimRow *self)
{
  hide_detail (self);
  self->detail = lds_claim_detail_new (self->run, self->claim);
  gtk_box_append (self->all, self->detail);
}

void
lds_claim_row_update (LdsClaimRow *self)
{
  g_autofree char *line = NULL, *figures = NULL;

  g_return_if_fail (LDS_IS_CLAIM_ROW (self));

  self->state = find_state (self);
  line = dup_line (self);
  figures = dup_figures (self);
  gtk_image_set_from_icon_name (self->icon, icons[self->state]);
  gtk_label_set_label (self->line, line);
  gtk_label_set_label (self->figures, figures);
  gtk_widget_set_visible (GTK_WIDGET (self->figures), figures != NULL);
  if (lds_claim_row_is_open (self))
    show_detail (self);
  describe (self, line, figures);
}

void
lds_claim_row_set_open (LdsClaimRow *self,
                        gboolean open)
{
  g_return_if_fail (LDS_IS_CLAIM_ROW (self));

  if (open == lds_claim_row_is_open (self))
    return;
  self->is_open = open;
  /* What is closed needs no widgets. */
  if (!open)
    hide_detail (self);
  gtk_image_set_from_icon_name (self->arrow, open ? "pan-up-symbolic" : "pan-down-symbolic");
  lds_claim_row_update (self);
}

static void
add_cards (GString *text,
           const LdsClaim *claim)
{
  g_autoptr (GPtrArray) cards = lds_claim_cards_new (claim);

  for (guint i = 0; i < cards->len; i++)
    {
      g_autofree char *card = lds_claim_card_dup_text (cards->pdata[i]);

      g_string_append_printf (text, "\n%s", card);
    }
}

static char *
dup_haystack (const LdsClaim *claim)
{
  g_autoptr (GString) text = g_string_new (claim->id);

  g_string_append_printf (text, "\n%s\n%s\n%s", claim->title, claim->how,
                          claim->body != NULL ? claim->body : "");
  for (guint i = 0; i < claim->figures->len; i++)
    {
      const LdsClaimFigure *figure = claim->figures->pdata[i];

      g_string_append_printf (text, "\n%s\n%s", _ (figure->metric->title), figure->workload->title);
    }
  add_cards (text, claim);
  return g_utf8_casefold (text->str, -1);
}

gboolean
lds_claim_row_matches (LdsClaimRow *self,
                       const char *const *words)
{
  g_return_val_if_fail (LDS_IS_CLAIM_ROW (self), FALSE);
  g_return_val_if_fail (words != NULL, FALSE);

  for (guint i = 0; words[i] != NULL; i++)
    if (strstr (self->haystack, words[i]) == NULL)
      return FALSE;
  return TRUE;
}

static void
lds_claim_row_dispose (GObject *object)
{
  LdsClaimRow *self = LDS_CLAIM_ROW (object);

  g_clear_object (&self->run);
  g_clear_pointer (&self->haystack, g_free);
  G_OBJECT_CLASS (lds_claim_row_parent_class)->dispose (object);
}

static void
lds_claim_row_class_init (LdsClaimRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lds_claim_row_dispose;
}

static GtkLabel *
add_label (GtkBox *box)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_box_append (box, label);
  return GTK_LABEL (label);
}

static void
lds_claim_row_init (LdsClaimRow *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->all = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  self->icon = GTK_IMAGE (gtk_image_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->icon), GTK_ALIGN_START);
  gtk_widget_set_margin_top (GTK_WIDGET (self->icon), 2);
  self->arrow = GTK_IMAGE (gtk_image_new_from_icon_name ("pan-down-symbolic"));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->icon));
  gtk_widget_add_css_class (head, "claim");
  gtk_box_append (self->all, head);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), GTK_WIDGET (self->all));
}

GtkWidget *
lds_claim_row_new (LdsClaimsRun *run,
                   const LdsClaim *claim)
{
  LdsClaimRow *self = g_object_new (LDS_TYPE_CLAIM_ROW, NULL);
  GtkWidget *head = gtk_widget_get_parent (GTK_WIDGET (self->icon));
  GtkBox *texts = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 3));

  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (run), NULL);
  g_return_val_if_fail (claim != NULL, NULL);

  self->run = g_object_ref (run);
  self->claim = claim;
  self->haystack = dup_haystack (claim);
  gtk_widget_set_hexpand (GTK_WIDGET (texts), TRUE);
  gtk_label_set_label (add_label (texts), claim->title);
  self->line = add_label (texts);
  gtk_widget_add_css_class (GTK_WIDGET (self->line), "caption-heading");
  self->figures = add_label (texts);
  gtk_widget_add_css_class (GTK_WIDGET (self->figures), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->figures), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->figures), "numeric");
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (texts));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->arrow));
  lds_claim_row_update (self);
  return GTK_WIDGET (self);
}

const LdsClaim *
lds_claim_row_get_claim (LdsClaimRow *self)
{
  g_return_val_if_fail (LDS_IS_CLAIM_ROW (self), NULL);
  return self->claim;
}

LdsClaimState
lds_claim_row_get_state (LdsClaimRow *self)
{
  g_return_val_if_fail (LDS_IS_CLAIM_ROW (self), LDS_CLAIM_STATE_NOT_TESTED);
  return self->state;
}
