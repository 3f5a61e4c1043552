/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stage Advise: the verdict in one sentence, how sure it is, why, who disagrees, and what would
 * change it. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-advise-page.h"

#include <glib/gi18n.h>
#include <math.h>

#include "lds-meter.h"
#include "lds-turn.h"

/* Rows shown at once; the rest is behind one more. */
#define N_REASONS 3
#define N_FLIPS   6

/* The caps of certainty by evidence, as a share of certainty: what measuring would lift it to. */
#define CAP_OF_MODELS 84.0
#define CAP_OF_REAL   95.0

struct _LdsAdvisePage
{
  GtkWidget parent_instance;

  GtkScrolledWindow *scroller;
  GtkLabel *hero;
  GtkLabel *headline;
  GtkLabel *certainty;
  LdsMeter *certainty_meter;
  GtkLabel *certainty_note;
  GtkLabel *strength;
  GtkGrid *scores;
  GtkButton *measure;
  GtkBox *sections;

  LdsAssessment *assessment;
  guint stale : 1;
};

G_DEFINE_FINAL_TYPE (LdsAdvisePage, lds_advise_page, GTK_TYPE_WIDGET)

static AdwPreferencesGroup *
add_section (LdsAdvisePage *self,
             const char *title,
             const char *description)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), description);
  gtk_box_append (self->sections, group);
  return ADW_PREFERENCES_GROUP (group);
}

/* A row of plain words below an expander. */
static void
add_note (AdwExpanderRow *row,
          const char *text)
{
  GtkWidget *label = gtk_label_new (text);
  GtkWidget *list_row = gtk_list_box_row_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, "note");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (list_row), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (list_row), FALSE);
  adw_expander_row_add_row (row, list_row);
}

static GtkWidget *
new_expander (const char *title,
              const char *subtitle)
{
  GtkWidget *row = adw_expander_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (subtitle != NULL)
    {
      /* Subtitles follow the row's markup setting only from libadwaita 1.2 on; ids hold no markup. */
      g_autofree char *escaped = g_markup_escape_text (subtitle, -1);

      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), escaped);
    }
  return row;
}

/* A bar and its figure, ahead of a row's title. */
static void
add_points (AdwExpanderRow *row,
            double points,
            double largest,
            LdsOption hue)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *meter = lds_meter_new ();
  /* With the minus sign of text, as wide as the plus. */
  g_autofree char *text = g_strdup_printf ("%s%.1f", points < 0 ? "\u2212" : "+", fabs (points));
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_set_size_request (meter, 56, -1);
  lds_meter_set (LDS_METER (meter), largest > 0 ? points / largest : 0, NAN, hue);
  gtk_accessible_update_property (GTK_ACCESSIBLE (meter), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_label_set_width_chars (GTK_LABEL (label), 5);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_widget_add_css_class (label, "numeric");
  gtk_box_append (GTK_BOX (box), meter);
  gtk_box_append (GTK_BOX (box), label);
  adw_expander_row_add_prefix (row, box);
}

static GtkWidget *
new_contribution_row (const LdsContribution *contribution,
                      double points,
                      double largest,
                      LdsOption hue)
{
  GtkWidget *row = new_expander (contribution->title, NULL);
  g_autofree char *weight = g_strdup_printf (_ ("Weight %.0f of 10, from your answers."), contribution->weight);
  /* Translators: how well each option does on one criterion, 0 to 100 */
  g_autofree char *cells = g_strdup_printf (
      _ ("Rated %.0f for %s, %.0f for %s, %.0f for %s, of 100."),
      contribution->cells[LDS_OPTION_NODE], lds_option_title (LDS_OPTION_NODE),
      contribution->cells[LDS_OPTION_PYTHON], lds_option_title (LDS_OPTION_PYTHON),
      contribution->cells[LDS_OPTION_POLYGLOT], lds_option_title (LDS_OPTION_POLYGLOT));
  g_autofree char *grade = lds_grades_dup_text (contribution->grade, contribution->graded_by);
  /* Translators: rule ids, and the grade of evidence: "E0" */
  g_autofree char *sources =
      g_strdup_printf (_ ("Sources: %s. Evidence: %s."), contribution->sources, grade);

  add_points (ADW_EXPANDER_ROW (row), points, largest, hue);
  add_note (ADW_EXPANDER_ROW (row), weight);
  add_note (ADW_EXPANDER_ROW (row), cells);
  if (!isnan (contribution->ratio))
    {
      g_autofree char *measured = g_strdup_printf (
          contribution->evidence == LDS_EVIDENCE_REAL
              /* Translators: a ratio */
              ? _ ("Measured on this machine: Node.js (real) counts as %.2f times Python (real).")
              /* Translators: a ratio */
              : _ ("Measured on this machine: Node.js (model or twin) counts as %.2f times Python (model or twin)."),
          contribution->ratio);

      add_note (ADW_EXPANDER_ROW (row), measured);
    }
  add_note (ADW_EXPANDER_ROW (row), sources);
  return row;
}

static void
add_none (AdwPreferencesGroup *group,
          const char *text)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), text);
  gtk_widget_add_css_class (row, "dim-label");
  adw_preferences_group_add (group, row);
}

static void
add_reasons (LdsAdvisePage *self,
             const LdsVerdict *verdict)
{
  AdwPreferencesGroup *because = add_section (self, _ ("Because"), NULL);
  AdwPreferencesGroup *against = add_section (self, _ ("Against It"), NULL);
  GtkWidget *more = NULL;
  double largest = 0;
  guint n_for = 0;
  guint n_against = 0;

  for (guint i = 0; i < verdict->contributions->len; i++)
    largest =
        MAX (largest, fabs (((const LdsContribution *)verdict->contributions->pdata[i])->points));
  for (guint i = 0; i < verdict->contributions->len; i++)
    {
      const LdsContribution *contribution = verdict->contributions->pdata[i];
      GtkWidget *row;

      if (contribution->points < 0.05)
        continue;
      row = new_contribution_row (contribution, contribution->points, largest, verdict->winner);
      if (n_for++ < N_REASONS)
        adw_preferences_group_add (because, row);
      else
        {
          if (more == NULL)
            {
              more = new_expander (_ ("More Reasons"), NULL);
              adw_preferences_group_add (because, more);
            }
          adw_expander_row_add_row (ADW_EXPANDER_ROW (more), row);
        }
    }
  for (guint i = verdict->contributions->len; i > 0 && n_against < N_REASONS; i--)
    {
      const LdsContribution *contribution = verdict->contributions->pdata[i - 1];

      if (contribution->points > -0.05)
        break;
      adw_preferences_group_add (against, new_contribution_row (contribution, contribution->points,
                                                                largest, verdict->second));
      n_against++;
    }
  if (n_for == 0)
    add_none (because, _ ("No answer yet speaks for one side."));
  if (n_against == 0)
    add_none (against, _ ("No criterion speaks against it."));
}

static void
add_finding (AdwPreferencesGroup *group,
             const LdsFinding *finding,
             double largest,
             const LdsVerdict *verdict)
{
  const LdsInfluence *influence = &finding->influence;
  g_autofree char *node = lds_lane_dup_label (finding->node);
  g_autofree char *python = lds_lane_dup_label (finding->python);
  g_autofree char *change = NULL, *ratio = NULL;
  GtkWidget *row;

  /* Translators: how Node.js and Python do on a criterion of 100, by opinion and by what was measured */
  change = g_strdup_printf (_ ("Node.js and Python: %.0f and %.0f by opinion; %.0f and %.0f by what stands for them"),
                            influence->prior_cells[LDS_OPTION_NODE],
                            influence->prior_cells[LDS_OPTION_PYTHON],
                            influence->cells[LDS_OPTION_NODE], influence->cells[LDS_OPTION_PYTHON]);
  if (finding->detectable)
    /* Translators: a lane, a ratio, a lane, the ratio's interval */
    ratio = g_strdup_printf (_ ("%s is %.2f times %s (%.2f to %.2f)."), node, finding->ratio, python,
                             finding->low, finding->high);
  else
    /* Translators: the interval of a ratio */
    ratio = g_strdup_printf (_ ("No detectable difference: the ratio is within %.2f to %.2f."), finding->low, finding->high);
  row = new_expander (finding->title, change);
  add_points (ADW_EXPANDER_ROW (row), influence->effect, largest,
              influence->effect < 0 && verdict->second != LDS_OPTION_ABSTAIN ? verdict->second
                                                                             : verdict->winner);
  add_note (ADW_EXPANDER_ROW (row), ratio);
  add_note (ADW_EXPANDER_ROW (row), finding->basis);
  adw_preferences_group_add (group, row);
}

/* Prior, evidence and verdict side by side; nothing without a measurement. */
static void
add_evidence (LdsAdvisePage *self,
              const LdsVerdict *verdict)
{
  const LdsFindings *findings = lds_assessment_get_findings (self->assessment);
  g_autoptr (LdsVerdict) prior = NULL;
  g_autoptr (GPtrArray) moved = NULL;
  g_autofree char *description = NULL;
  AdwPreferencesGroup *group;
  GtkWidget *unused = NULL;
  double largest = 0;

  if (findings->rows->len == 0)
    return;
  prior = lds_assessment_dup_prior (self->assessment);
  moved = lds_findings_explain (findings, prior, verdict);
  g_ptr_array_add (moved, NULL);
  description = g_strjoinv (" ", (GStrv)moved->pdata);
  group = add_section (self, _ ("What the Measurements Moved"), *description != '\0' ? description : NULL);
  for (guint i = 0; i < findings->rows->len; i++)
    largest =
        MAX (largest, fabs (((const LdsFinding *)findings->rows->pdata[i])->influence.effect));
  for (guint i = 0; i < findings->rows->len; i++)
    {
      const LdsFinding *finding = findings->rows->pdata[i];
      g_autofree char *text = NULL;

      if (finding->used)
        {
          add_finding (group, finding, largest, verdict);
          continue;
        }
      if (unused == NULL)
        unused = new_expander (_ ("Still the Articles’ Opinion"), NULL);
      /* Translators: a criterion, why no measurement replaces its opinion */
      text = g_strdup_printf (_ ("%s: %s"), finding->title, finding->reason);
      add_note (ADW_EXPANDER_ROW (unused), text);
    }
  if (unused != NULL)
    adw_preferences_group_add (group, unused);
}

static int
compare_deficits (gconstpointer a,
                  gconstpointer b,
                  gpointer user_data)
{
  const LdsContribution *first = *(LdsContribution *const *)a;
  const LdsContribution *second = *(LdsContribution *const *)b;
  const int *options = user_data;
  double x = first->weight * (first->cells[options[0]] - first->cells[options[1]]);
  double y = second->weight * (second->cells[options[0]] - second->cells[options[1]]);

  return (x < y) - (x > y);
}

static void
add_why_not (LdsAdvisePage *self,
             const LdsVerdict *verdict)
{
  AdwPreferencesGroup *group = add_section (self, _ ("Why Not the Others"), NULL);
  double total_weight = 0;

  for (guint i = 0; i < verdict->contributions->len; i++)
    total_weight += ((const LdsContribution *)verdict->contributions->pdata[i])->weight;
  for (int option = 0; option < LDS_N_OPTIONS; option++)
    {
      int options[2] = {(int)verdict->winner, option};
      g_autoptr (GPtrArray) sorted = NULL;
      g_autofree char *subtitle = NULL;
      GtkWidget *row;

      if (option == (int)verdict->winner || verdict->winner == LDS_OPTION_ABSTAIN)
        continue;
      if (verdict->gates[option] != NULL)
        {
          row = new_expander (lds_option_title (option), _ ("Ruled out"));
          add_note (ADW_EXPANDER_ROW (row), verdict->gates[option]);
          adw_preferences_group_add (group, row);
          continue;
        }
      /* Translators: two scores of 100 */
      subtitle = g_strdup_printf (_ ("Scores %.1f against %.1f"), verdict->scores[option],
                                  verdict->scores[verdict->winner]);
      row = new_expander (lds_option_title (option), subtitle);
      sorted = g_ptr_array_new (); /* a copy would free what it does not own */
      g_ptr_array_extend (sorted, verdict->contributions, NULL, NULL);
      g_ptr_array_sort_with_data (sorted, compare_deficits, options);
      for (guint i = 0; i < MIN (sorted->len, N_REASONS); i++)
        {
          const LdsContribution *contribution = sorted->pdata[i];
          double points =
              total_weight > 0
                  ? contribution->weight *
                        (contribution->cells[verdict->winner] - contribution->cells[option]) /
                        total_weight
                  : 0;
          g_autofree char *text = NULL;

          if (points < 0.05)
            break;
          /* Translators: a criterion, points lost, ids of rules and articles */
          text = g_strdup_printf (_ ("%s: %.1f points behind (%s)"), contribution->title, points, contribution->sources);
          add_note (ADW_EXPANDER_ROW (row), text);
        }
      adw_preferences_group_add (group, row);
    }
}

static void
add_advisor (AdwPreferencesGroup *group,
             const LdsAdvice *advice,
             gboolean dissents)
{
  g_autofree char *subtitle = NULL;
  GtkWidget *row;

  if (advice->vote == LDS_OPTION_ABSTAIN)
    subtitle = g_strdup (_ ("Does not decide"));
  else if (dissents)
    /* Translators: "Python" or another option */
    subtitle = g_strdup_printf (_ ("Says %s instead"), lds_option_title (advice->vote));
  else
    /* Translators: "Python" or another option */
    subtitle = g_strdup_printf (_ ("Says %s too"), lds_option_title (advice->vote));
  row = new_expander (advice->title, subtitle);
  for (guint i = 0; advice->path != NULL && advice->path[i] != NULL; i++)
    add_note (ADW_EXPANDER_ROW (row), advice->path[i]);
  adw_preferences_group_add (group, row);
}

static void
add_advisors (LdsAdvisePage *self,
              const LdsVerdict *verdict)
{
  AdwPreferencesGroup *group;
  guint n_voices = 0;
  guint n_dissent = 0;
  g_autofree char *description = NULL;

  for (guint i = 0; i < verdict->advisors->len; i++)
    {
      const LdsAdvice *advice = verdict->advisors->pdata[i];

      n_voices += advice->vote != LDS_OPTION_ABSTAIN;
      n_dissent += advice->vote != LDS_OPTION_ABSTAIN && advice->vote != verdict->winner;
    }
  if (n_voices == 0)
    description = g_strdup (_ ("None of the articles’ decision paths decides on these answers."));
  else if (n_dissent == 0)
    description = g_strdup (_ ("All that decide on these answers agree."));
  else
    description = g_strdup_printf (ngettext ("%u of the %u that decide says otherwise.",
                                             "%u of the %u that decide say otherwise.", n_dissent),
                                   n_dissent, n_voices);
  group = add_section (self, _ ("What the Articles’ Own Paths Say"), description);
  /* Dissenters first, then those who agree, then the silent. */
  for (int pass = 0; pass < 3; pass++)
    for (guint i = 0; i < verdict->advisors->len; i++)
      {
        const LdsAdvice *advice = verdict->advisors->pdata[i];
        gboolean silent = advice->vote == LDS_OPTION_ABSTAIN;
        gboolean agrees = advice->vote == verdict->winner;

        if ((pass == 0 && !silent && !agrees) || (pass == 1 && agrees && !silent) ||
            (pass == 2 && silent))
          add_advisor (group, advice, pass == 0);
      }
}

/* (transfer full): the value as the question words it */
static char *
dup_value_label (const LdsQuestion *question,
                 const char *value)
{
  if (value == NULL || g_str_equal (value, "unknown"))
    return g_strdup (_ ("unknown"));
  for (guint i = 0; question->choices != NULL && i < question->choices->len; i++)
    {
      const LdsChoice *choice = question->choices->pdata[i];

      if (g_str_equal (choice->id, value))
        return g_strdup (choice->label);
    }
  return question->unit != NULL ? g_strdup_printf ("%s %s", value, question->unit) : g_strdup (value);
}

static void
add_flips (LdsAdvisePage *self,
           const LdsVerdict *verdict)
{
  AdwPreferencesGroup *group = add_section (self, _ ("What Would Change the Answer"),
                                            verdict->flips->len > 0 ? _ ("One answer, changed by itself.") : NULL);
  LdsRulePack *pack = lds_assessment_get_pack (self->assessment);

  if (verdict->flips->len == 0)
    add_none (group, _ ("No single answer would change it."));
  for (guint i = 0; i < MIN (verdict->flips->len, N_FLIPS); i++)
    {
      const LdsFlip *flip = verdict->flips->pdata[i];
      const LdsQuestion *question = lds_rule_pack_find_question (pack, flip->question);
      g_autofree char *from = NULL;
      g_autofree char *to = NULL;
      g_autofree char *title = NULL;
      g_autofree char *subtitle = NULL;
      g_autofree char *escaped = NULL;
      GtkWidget *row;

      if (question == NULL)
        continue;
      from = dup_value_label (question, flip->from);
      to = dup_value_label (question, flip->to);
      /* Translators: "Python, if “10,000 to 50,000” instead of “1,000 to 10,000”" */
      title = g_strdup_printf (_ ("%s, if “%s” instead of “%s”"), lds_option_title (flip->winner), to, from);
      row = adw_action_row_new ();
      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
      escaped = g_markup_escape_text (question->text, -1);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), escaped);
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);

      subtitle = g_strdup_printf ("win.question::%s", flip->question);
      gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (row), subtitle);
      gtk_widget_set_tooltip_text (row, _ ("Go to This Question"));
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name ("go-next-symbolic"));
      adw_preferences_group_add (group, row);
    }
}

static void
show_scores (LdsAdvisePage *self,
             const LdsVerdict *verdict)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->scores))) != NULL)
    gtk_grid_remove (self->scores, child);
  for (int option = 0; option < LDS_N_OPTIONS; option++)
    {
      gboolean gated = verdict->gates[option] != NULL;
      g_autofree char *text =
          gated ? g_strdup (_ ("ruled out")) : g_strdup_printf ("%.1f", verdict->scores[option]);
      GtkWidget *name = gtk_label_new (lds_option_title (option));
      GtkWidget *meter = lds_meter_new ();
      GtkWidget *value = gtk_label_new (text);

      gtk_label_set_xalign (GTK_LABEL (name), 0);
      gtk_widget_add_css_class (name, "caption");
      gtk_label_set_xalign (GTK_LABEL (value), 1);
      gtk_widget_add_css_class (value, "caption");
      gtk_widget_add_css_class (value, "numeric");
      gtk_widget_set_hexpand (meter, TRUE);
      lds_meter_set (LDS_METER (meter), gated ? 0 : verdict->scores[option] / 100, NAN,
                     (LdsOption)option);
      gtk_accessible_update_relation (GTK_ACCESSIBLE (meter), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                      name, NULL, -1);
      gtk_grid_attach (self->scores, name, 0, option, 1, 1);
      gtk_grid_attach (self->scores, meter, 1, option, 1, 1);
      gtk_grid_attach (self->scores, value, 2, option, 1, 1);
    }
}

/* Why a session that is there does not count. */
static char *
dup_shortfall (LdsAdvisePage *self,
               const LdsSession *session)
{
  guint n_refused = lds_assessment_count_refused (self->assessment);
  guint n_runs = session->runs->len;
  guint n_planned = lds_plan_n_runs (session->plan);

  if (n_refused > 0)
    return g_strdup_printf (ngettext ("%u of %u runs was refused", "%u of %u runs were refused", n_refused),
                            n_refused, n_runs);
  if (!session->complete)
    return g_strdup_printf (ngettext ("it was stopped after %u of %u runs", "it was stopped after %u of %u runs", n_runs),
                            lds_turn_count_done (session->runs), n_planned);
  return g_strdup_printf (ngettext ("it has %u run of each", "it has %u runs of each", session->plan->repeats),
                          session->plan->repeats);
}

static char *
dup_note_without_evidence (LdsAdvisePage *self,
                           const LdsVerdict *verdict)
{
  const LdsSession *session = lds_assessment_get_session (self->assessment);
  g_autofree char *shortfall = NULL;

  if (session == NULL)
    return g_strdup_printf (_ ("Nothing is measured yet, so it cannot pass %.0f. Measuring on this machine lifts that to %.0f."),
                            verdict->cap, CAP_OF_MODELS);
  if (session->plan->find_knee)
    /* Translators: two certainties of 100 */
    return g_strdup_printf (_ ("Some server’s knee was not found, or too few runs below it were valid, so it cannot pass %.0f. Close other programs and measure again: that lifts it to %.0f."),
                            verdict->cap, CAP_OF_MODELS);
  if (lds_plan_is_adaptive (session->plan))
    /* Translators: two certainties of 100 */
    return g_strdup_printf (_ ("Only series were measured, which replace no opinion, so it cannot pass %.0f. Measuring the servers under one load lifts that to %.0f."),
                            verdict->cap, CAP_OF_MODELS);
  shortfall = dup_shortfall (self, session);
  /* Translators: why ("5 of 30 runs were refused"), a number of runs, two certainties of 100 */
  return g_strdup_printf (_ ("The measurement does not count yet: %s, and each server needs %d valid runs of each workload. Until then it cannot pass %.0f. Close other programs and measure again: that lifts it to %.0f."),
                          shortfall, LDS_SESSION_MIN_RUNS, verdict->cap, CAP_OF_MODELS);
}

static void
show_figures (LdsAdvisePage *self,
              const LdsVerdict *verdict)
{
  g_autofree char *certainty = NULL;
  g_autofree char *note = NULL;
  g_autofree char *strength = NULL;

  /* Translators: "Moderate, 62 of 100" */
  certainty = g_strdup_printf (_ ("%s, %.0f of 100"), lds_band_title (verdict->band), verdict->confidence);
  if (verdict->contested)
    note = g_strdup (_ ("Contested: most of the articles’ own paths say otherwise, which caps it at 50."));
  else if (verdict->evidence == LDS_EVIDENCE_NONE)
    note = dup_note_without_evidence (self, verdict);
  else if (verdict->evidence == LDS_EVIDENCE_MODEL)
    note = g_strdup_printf (_ ("Models were measured, so it cannot pass %.0f. Measuring the real runtimes lifts that to %.0f."),
                            verdict->cap, CAP_OF_REAL);
  else
    note = g_strdup_printf (_ ("The real runtimes were measured; it cannot pass %.0f."), verdict->cap);
  strength = g_strdup (verdict->strength == LDS_STRENGTH_STRONG ? _ ("Strong") : _ ("Conditional"));
  gtk_label_set_label (self->certainty, certainty);
  gtk_label_set_label (self->certainty_note, note);
  lds_meter_set (self->certainty_meter, verdict->confidence / 100, verdict->cap / 100,
                 verdict->winner);
  gtk_label_set_label (self->strength, strength);
  show_scores (self, verdict);
}

/* The advice as one would say it. */
static char *
dup_hero (const LdsVerdict *verdict)
{
  if (verdict->band == LDS_BAND_TOO_CLOSE || verdict->winner == LDS_OPTION_ABSTAIN)
    return g_strdup (_ ("No recommendation yet"));
  if (verdict->strength == LDS_STRENGTH_STRONG || verdict->second == LDS_OPTION_ABSTAIN)
    /* Translators: "Node.js", "Python" or "Node.js and Python" */
    return g_strdup_printf (_ ("Choose %s"), lds_option_title (verdict->winner));
  /* Translators: two of "Node.js", "Python" and "Node.js and Python" */
  return g_strdup_printf (_ ("Rather %s than %s"), lds_option_title (verdict->winner),
                          lds_option_title (verdict->second));
}

static void
rebuild (LdsAdvisePage *self)
{
  const LdsVerdict *verdict = lds_assessment_get_verdict (self->assessment);
  g_autofree char *hero = NULL;
  GtkWidget *child;

  self->stale = FALSE;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->sections))) != NULL)
    gtk_box_remove (self->sections, child);
  hero = dup_hero (verdict);
  gtk_label_set_label (self->hero, hero);
  gtk_label_set_label (self->headline, verdict->headline);
  show_figures (self, verdict);
  if (lds_assessment_get_session (self->assessment) != NULL)
    gtk_button_set_label (self->measure, _ ("_Measure Again"));
  else
    gtk_button_set_label (self->measure, _ ("_Measure on This Machine"));
  add_evidence (self, verdict);
  add_reasons (self, verdict);
  add_why_not (self, verdict);
  add_advisors (self, verdict);
  add_flips (self, verdict);
}

/* The page is many widgets: it is built when it is looked at, not with each answer. */
static void
verdict_changed_cb (LdsAdvisePage *self)
{
  self->stale = TRUE;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    rebuild (self);
}

static void
lds_advise_page_map (GtkWidget *widget)
{
  LdsAdvisePage *self = LDS_ADVISE_PAGE (widget);

  if (self->stale)
    rebuild (self);
  GTK_WIDGET_CLASS (lds_advise_page_parent_class)->map (widget);
}

static void
lds_advise_page_dispose (GObject *object)
{
  LdsAdvisePage *self = LDS_ADVISE_PAGE (object);
  GtkWidget *child;

  if (self->assessment != NULL)
    g_signal_handlers_disconnect_by_data (self->assessment, self);
  g_clear_object (&self->assessment);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lds_advise_page_parent_class)->dispose (object);
}

static void
lds_advise_page_class_init (LdsAdvisePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_advise_page_dispose;
  widget_class->map = lds_advise_page_map;

  g_type_ensure (LDS_TYPE_METER);
  gtk_widget_class_set_template_from_resource (widget_class, LDS_RESOURCE_BASE "/lds-advise-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LdsAdvisePage, scroller);
  gtk_widget_class_bind_template_child (widget_class, LdsAdvisePage, hero);
  gtk_widget_class_bind_template_child (widget_class, LdsAdvisePage, headline);
  gtk_widget_class_bind_template_child (widget_class, LdsAdvisePage, certainty);
  gtk_widget_class_bind_template_child (widget_class, LdsAdvisePage, certainty_meter);
  gtk_widget_class_bind_template_child (widget_class, LdsAdvisePage, certainty_note);
  gtk_widget_class_bind_template_child (widget_class, LdsAdvisePage, strength);
  gtk_widget_class_bind_template_child (widget_class, LdsAdvisePage, scores);
  gtk_widget_class_bind_template_child (widget_class, LdsAdvisePage, measure);
  gtk_widget_class_bind_template_child (widget_class, LdsAdvisePage, sections);
}

static void
lds_advise_page_init (LdsAdvisePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
lds_advise_page_set_assessment (LdsAdvisePage *self,
                                LdsAssessment *assessment)
{
  g_return_if_fail (LDS_IS_ADVISE_PAGE (self));
  g_return_if_fail (LDS_IS_ASSESSMENT (assessment));

  if (self->assessment != NULL)
    g_signal_handlers_disconnect_by_data (self->assessment, self);
  g_set_object (&self->assessment, assessment);
  g_signal_connect_object (assessment, "verdict-changed", G_CALLBACK (verdict_changed_cb), self,
                           G_CONNECT_SWAPPED);
  verdict_changed_cb (self);
}

void
lds_advise_page_focus (LdsAdvisePage *self)
{
  g_return_if_fail (LDS_IS_ADVISE_PAGE (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->measure));
}
