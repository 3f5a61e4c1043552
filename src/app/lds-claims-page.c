/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page Claims. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-claims-page.h"

#include <glib/gi18n.h>

#include "lds-claims-json.h"
#include "lds-claims-pdf.h"
#include "lds-compat.h"
#include "lds-error.h"
#include "lds-file.h"
#include "lds-findings.h"
#include "lds-format.h"
#include "lds-json.h"
#include "lds-knowledge.h"
#include "lds-paper-view.h"
#include "lds-ratio-view.h"
#include "lds-wrap-layout.h"

#define PROGRESS_INTERVAL_MS 500

/* An article's part of the list. */
typedef struct
{
  const LdsClaimsArticle *article;
  GtkWidget *group;
  GtkListBox *list;
} Group;

struct _LdsClaimsPage
{
  GtkWidget parent_instance;

  GtkScrolledWindow *scroller;
  GtkLabel *problem;
  GtkLabel *summary;
  GtkLabel *notes;
  GtkBox *start;
  GtkCheckButton *thorough;
  GtkMenuButton *export_button;
  GtkLabel *time;
  GtkStack *views;
  GtkBox *filters;
  GtkSearchEntry *search;
  GtkDropDown *article;
  GtkDropDown *verdict;
  GtkBox *groups;
  AdwStatusPage *nothing;
  LdsRatioView *ratios;
  GtkBox *bar;
  GtkLabel *state;
  GtkProgressBar *progress;
  GtkButton *stop;

  LdsClaimsRun *run;
  LdsMeasurement *measurement;
  LdsAssessment *assessment;
  GArray *parts;      /* (element-type Group) */
  GPtrArray *rows;    /* (element-type LdsClaimRow), not owned: all of them */
  char *not_written;  /* (nullable): why the last export did not happen */
  GtkWidget *opened;  /* last, not owned */
  GtkWidget *starter; /* (nullable), not owned: where the focus was when the last test began */
  guint scroll_id;
  guint progress_id;
  gboolean wants_focus; /* once it can be seen */
};

enum
{
  EXPORTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsClaimsPage, lds_claims_page, GTK_TYPE_WIDGET)

/* --- What is known --------------------------------------------------------------------------- */

static gboolean
is_quick (LdsClaimsPage *self)
{
  return !gtk_check_button_get_active (self->thorough);
}

/* Returns: (transfer full) (nullable) (element-type LdsClaimFinding): of all claims, in their order; not before they are known */
static GPtrArray *
list_findings (LdsClaimsPage *self)
{
  GPtrArray *claims = lds_claim_list ();
  g_autoptr (GPtrArray) findings = g_ptr_array_new ();

  for (guint i = 0; i < claims->len; i++)
    {
      const LdsClaimRecord *record = lds_claims_run_get_record (self->run, claims->pdata[i]);

      if (record == NULL)
        return NULL;
      g_ptr_array_add (findings, (gpointer)record->finding);
    }
  return g_steal_pointer (&findings);
}

static void
show_ratios (LdsClaimsPage *self)
{
  g_autoptr (GPtrArray) findings = list_findings (self);
  GPtrArray *rows = lds_ratio_rows_new (lds_claim_list (), findings);

  if (self->assessment != NULL)
    {
      g_autoptr (LdsFindings) own =
          lds_findings_new (lds_assessment_get_answers (self->assessment),
                            lds_assessment_get_session (self->assessment));

      lds_ratio_rows_add_own (rows, own);
    }
  lds_ratio_view_take_rows (self->ratios, rows);
}

/* How many claims have come to what; before the first test, how many could be tested. */
static char *
dup_summary (LdsClaimsPage *self)
{
  guint counts[LDS_N_CLAIM_STATES] = {0};
  gboolean is_measured = FALSE;
  g_autoptr (GString) text = g_string_new (NULL);

  if (!lds_claims_run_is_ready (self->run))
    return g_strdup (_ ("Looking at what is here and what was measured before…"));
  for (guint i = 0; i < self->rows->len; i++)
    {
      LdsClaimRow *row = self->rows->pdata[i];

      counts[lds_claim_row_get_state (row)]++;
      is_measured |=
          lds_claims_run_get_record (self->run, lds_claim_row_get_claim (row))->sessions->len > 0;
    }
  if (!is_measured)
    g_string_append (text, _ ("No claim has been measured on this machine yet. "));
  /* Translators: a number */
  g_string_append_printf (text, ngettext ("Of %u claim:", "Of %u claims:", self->rows->len), self->rows->len);
  for (guint i = 0; i < LDS_N_CLAIM_STATES; i++)
    if (counts[i] > 0)
      /* Translators: a number, a verdict: “ 12 refuted” */
      g_string_append_printf (text, _ (" %u %s,"), counts[i], lds_claim_state_title ((LdsClaimState)i));
  text->str[text->len - 1] = '.';
  return g_strdup (text->str);
}

static void
show_notes (LdsClaimsPage *self)
{
  GPtrArray *notes = lds_claims_run_get_notes (self->run);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < notes->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", (char *)notes->pdata[i]);
  gtk_label_set_label (self->notes, text->str);
  gtk_widget_set_visible (GTK_WIDGET (self->notes), notes->len > 0);
}

static void
show_time (LdsClaimsPage *self)
{
  gint64 all_ms = lds_claims_run_estimate_ms (self->run, lds_claim_list (), is_quick (self));
  g_autofree char *duration = lds_format_duration (all_ms);
  g_autofree char *text = NULL;

  if (!lds_claims_run_is_ready (self->run))
    return;
  if (all_ms == 0)
    text = g_strdup (_ ("None of the claims can be tested here: no server that may decide one can be started."));
  else
    /* Translators: a duration */
    text = g_strdup_printf (_ ("Testing all that can be tested here takes about %s. Claims with the same workload and load share their runs."), duration);
  gtk_label_set_label (self->time, text);
}

/* --- What is shown --------------------------------------------------------------------------- */

static void
filter_changed_cb (LdsClaimsPage *self)
{
  g_autofree char *folded =
      g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);
  g_auto (GStrv) words = g_strsplit (folded, " ", -1);
  guint article = gtk_drop_down_get_selected (self->article);
  guint verdict = gtk_drop_down_get_selected (self->verdict);
  gboolean is_any = FALSE;

  /* The first choice of each is all of them. While they are filled none may be chosen. */
  for (guint g = 0; g < self->parts->len; g++)
    {
      Group *group = &g_array_index (self->parts, Group, g);
      gboolean is_shown = FALSE;
      GtkListBoxRow *row;

      for (int i = 0; (row = gtk_list_box_get_row_at_index (group->list, i)) != NULL; i++)
        {
          gboolean fits =
              (article == 0 || article == g + 1 || article == GTK_INVALID_LIST_POSITION) &&
              (verdict == 0 || verdict == GTK_INVALID_LIST_POSITION ||
               lds_claim_row_get_state (LDS_CLAIM_ROW (row)) == verdict - 1) &&
              lds_claim_row_matches (LDS_CLAIM_ROW (row), (const char *const *)words);

          gtk_widget_set_visible (GTK_WIDGET (row), fits);
          is_shown |= fits;
        }
      gtk_widget_set_visible (group->group, is_shown);
      is_any |= is_shown;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->nothing), !is_any);
}

static void
stop_search_cb (LdsClaimsPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
}

static void
length_changed_cb (LdsClaimsPage *self)
{
  show_time (self);
}

static void
judged_cb (LdsClaimsPage *self)
{
  g_autofree char *summary = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    lds_claim_row_update (self->rows->pdata[i]);
  summary = dup_summary (self);
  gtk_label_set_label (self->summary, summary);
  show_notes (self);
  show_time (self);
  show_ratios (self);
  filter_changed_cb (self);
}

/* --- State ----------------------------------------------------------------------------------- */

/* (nullable): why nothing can be tested now, where something else measures */
static const char *
get_obstacle (LdsClaimsPage *self)
{
  gpointer holder =
      self->measurement != NULL ? lds_measurement_get_holder (self->measurement) : NULL;

  if (self->measurement != NULL &&
      lds_measurement_get_state (self->measurement) != LDS_MEASUREMENT_IDLE)
    return _ ("A measurement is running. Claims can be tested when it has ended.");
  if (holder != NULL && holder != self->run)
    return _ ("A pitfall is running. Claims can be tested when it has ended.");
  return NULL;
}

static gboolean
progress_cb (gpointer user_data)
{
  LdsClaimsPage *self = user_data;
  LdsClaimsProgress progress;
  g_autofree char *text = NULL;

  if (!lds_claims_run_get_progress (self->run, &progress))
    return G_SOURCE_CONTINUE;
  if (lds_claims_run_is_stopping (self->run))
    text = g_strdup (_ ("Stopping…"));
  else
    {
      const LdsWorkload *workload = progress.plan->workloads->pdata[0];
      g_autofree char *left = lds_format_duration (progress.left_ms);
      g_autofree char *lane =
          progress.spec != NULL ? lds_lane_dup_label (progress.spec->lane) : NULL;

      if (lane != NULL)
        /* Translators: numbers of a session and a run, a lane, a workload, a duration:
         * “Session 2 of 5, run 3 of 10: Event loop (model), Hello; about 40 s left” */
        text = g_strdup_printf (_ ("Session %u of %u, run %u of %u: %s, %s; about %s left"),
                                progress.session + 1, progress.n_sessions, progress.run + 1,
                                progress.n_runs, lane, workload->title, left);
      else
        /* Translators: number of a session, of how many, a workload, a duration */
        text = g_strdup_printf (_ ("Session %u of %u: %s; about %s left"), progress.session + 1,
                                progress.n_sessions, workload->title, left);
    }
  gtk_label_set_label (self->state, text);
  gtk_progress_bar_set_fraction (self->progress, progress.fraction);
  return G_SOURCE_CONTINUE;
}

static void
update_state (LdsClaimsPage *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean is_running = lds_claims_run_is_running (self->run);
  GtkRoot *root = gtk_widget_get_root (widget);
  /* Stop is insensitive while what it stopped ends, and has no focus then. */
  gboolean had_focus = gtk_widget_has_focus (GTK_WIDGET (self->stop)) ||
                       (gtk_widget_get_mapped (widget) && gtk_root_get_focus (root) == NULL);
  const char *obstacle = get_obstacle (self);
  const char *problem = obstacle != NULL            ? obstacle
                        : self->not_written != NULL ? self->not_written
                                                    : lds_claims_run_get_error (self->run);
  gboolean may_test = lds_claims_run_is_ready (self->run) && !is_running && obstacle == NULL;

  gtk_widget_action_set_enabled (widget, "claims.test-all", may_test);
  gtk_widget_action_set_enabled (widget, "claims.test-article", may_test);
  gtk_widget_action_set_enabled (widget, "claims.test", may_test);
  gtk_widget_action_set_enabled (widget, "claims.export", lds_claims_run_is_ready (self->run));
  gtk_widget_action_set_enabled (widget, "claims.stop",
                                 is_running && !lds_claims_run_is_stopping (self->run));
  gtk_widget_set_sensitive (GTK_WIDGET (self->thorough), !is_running);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), is_running);
  gtk_label_set_label (self->problem, problem);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
  if (is_running && self->progress_id == 0)
    self->progress_id = g_timeout_add (PROGRESS_INTERVAL_MS, progress_cb, self);
  else if (!is_running)
    g_clear_handle_id (&self->progress_id, g_source_remove);
  progress_cb (self);
  if (had_focus && !is_running &&
      (self->starter == NULL || !gtk_widget_grab_focus (self->starter)))
    lds_claims_page_focus (self);
}

static void
changed_cb (LdsClaimsPage *self)
{
  if (self->measurement != NULL)
    {
      gboolean is_running = lds_claims_run_is_running (self->run);

      lds_measurement_set_held (self->measurement, self->run,
                                is_running ? _ ("Claims are being tested. Measure when that has ended, or stop it first.") : NULL);
    }
  update_state (self);
}

/* --- Testing --------------------------------------------------------------------------------- */

/* (nullable): where the focus is, or the row around it, whose inside is made anew when more is known */
static GtkWidget *
find_focus (LdsClaimsPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GtkWidget *row = focus != NULL ? gtk_widget_get_ancestor (focus, LDS_TYPE_CLAIM_ROW) : NULL;

  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    return NULL;
  return row != NULL ? row : focus;
}

static void
test (LdsClaimsPage *self,
      GPtrArray *claims)
{
  g_clear_pointer (&self->not_written, g_free);
  self->starter = find_focus (self);
  lds_claims_run_start (self->run, claims, is_quick (self));
  if (lds_claims_run_is_running (self->run))
    gtk_widget_grab_focus (GTK_WIDGET (self->stop));
}

static void
test_all_action (GtkWidget *widget,
                 const char *action_name,
                 GVariant *parameter)
{
  test (LDS_CLAIMS_PAGE (widget), lds_claim_list ());
}

static void
test_article_action (GtkWidget *widget,
                     const char *action_name,
                     GVariant *parameter)
{
  LdsClaimsPage *self = LDS_CLAIMS_PAGE (widget);
  const char *id = g_variant_get_string (parameter, NULL);

  for (guint i = 0; i < self->parts->len; i++)
    {
      const LdsClaimsArticle *article = g_array_index (self->parts, Group, i).article;

      if (g_str_equal (article->id, id))
        test (self, article->claims);
    }
}

static void
test_action (GtkWidget *widget,
             const char *action_name,
             GVariant *parameter)
{
  g_autoptr (GPtrArray) claims = g_ptr_array_new ();
  const LdsClaim *claim = lds_claim_find (g_variant_get_string (parameter, NULL), NULL);

  if (claim == NULL)
    return;
  g_ptr_array_add (claims, (gpointer)claim);
  test (LDS_CLAIMS_PAGE (widget), claims);
}

static void
stop_action (GtkWidget *widget,
             const char *action_name,
             GVariant *parameter)
{
  lds_claims_run_stop (LDS_CLAIMS_PAGE (widget)->run);
}

static void
find_action (GtkWidget *widget,
             const char *action_name,
             GVariant *parameter)
{
  LdsClaimsPage *self = LDS_CLAIMS_PAGE (widget);

  gtk_stack_set_visible_child_name (self->views, "claims");
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

/* --- Export ---------------------------------------------------------------------------------- */

typedef struct
{
  LdsClaimsPage *self;
  char *format;
} Export;

static void
chosen_cb (GObject *object,
           GAsyncResult *result,
           gpointer user_data)
{
  Export *export = user_data;
  g_autoptr (LdsClaimsPage) self = export->self;
  g_autofree char *format = export->format;
  g_autoptr (GFile) file = lds_compat_file_finish (result, NULL);

  g_free (export);
  if (file != NULL && self->run != NULL)
    lds_claims_page_export (self, format, file);
}

static void
export_action (GtkWidget *widget,
               const char *action_name,
               GVariant *parameter)
{
  const char *format = g_variant_get_string (parameter, NULL);
  GtkRoot *root = gtk_widget_get_root (widget);
  g_autofree char *name = g_strconcat ("loadstone-claims.", format, NULL);
  Export *export;

  if (!GTK_IS_WINDOW (root))
    return;
  export = g_new (Export, 1);
  export->self = g_object_ref (LDS_CLAIMS_PAGE (widget));
  export->format = g_strdup (format);
  lds_compat_save_file_async (GTK_WINDOW (root), _ ("Export Claims"),
                              g_str_equal (format, "pdf") ? _ ("Claims (PDF)") : _ ("Claims (JSON)"),
                              format, name, chosen_cb, export);
}

static gboolean
write_json (LdsClaimsPage *self,
            const char *path,
            GError **error)
{
  GPtrArray *claims = lds_claim_list ();
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < claims->len; i++)
    g_ptr_array_add (records, (gpointer)lds_claims_run_get_record (self->run, claims->pdata[i]));
  node = lds_claims_records_to_json (claims, records, lds_claims_run_get_notes (self->run));
  text = lds_json_to_text (node, TRUE);
  return lds_file_write (path, text, strlen (text), error);
}

gboolean
lds_claims_page_export (LdsClaimsPage *self,
                        const char *format,
                        GFile *file)
{
  const char *path = g_file_peek_path (file);
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (LDS_IS_CLAIMS_PAGE (self), FALSE);
  g_return_val_if_fail (lds_claims_run_is_ready (self->run), FALSE);

  findings = list_findings (self);
  if (path == NULL)
    {
      g_autofree char *uri = g_file_get_uri (file);

      g_set_error (&error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“%s” is not a folder of this machine. Choose one that is."), uri);
    }
  else if (g_str_equal (format, "json"))
    write_json (self, path, &error);
  else
    lds_claims_write_pdf (lds_claim_list (), findings, g_get_real_time (), path,
                          lds_paper_view_get_user_paper (), &error);
  g_free (self->not_written);
  self->not_written = error != NULL ? g_strdup (error->message) : NULL;
  update_state (self);
  if (error != NULL)
    return FALSE;
  g_signal_emit (self, signals[EXPORTED], 0, file);
  return TRUE;
}

/* --- The list -------------------------------------------------------------------------------- */

/* Brings as much of the row into sight as there is room for, its head first. */
static gboolean
scroll_cb (gpointer user_data)
{
  LdsClaimsPage *self = user_data;
  GtkAdjustment *place = gtk_scrolled_window_get_vadjustment (self->scroller);
  double top = gtk_adjustment_get_value (place), room = gtk_adjustment_get_page_size (place);
  graphene_rect_t bounds;

  self->scroll_id = 0;
  if (!gtk_widget_compute_bounds (self->opened, GTK_WIDGET (self->scroller), &bounds))
    return G_SOURCE_REMOVE;
  if (bounds.origin.y + bounds.size.height > room)
    gtk_adjustment_set_value (
        place, top + MIN (bounds.origin.y, bounds.origin.y + bounds.size.height - room));
  else if (bounds.origin.y < 0)
    gtk_adjustment_set_value (place, top + bounds.origin.y);
  return G_SOURCE_REMOVE;
}

static void
scroll_to (LdsClaimsPage *self,
           GtkWidget *row)
{
  self->opened = row;
  /* After the frame in which it gets its size. */
  if (self->scroll_id == 0)
    self->scroll_id = g_idle_add_full (G_PRIORITY_LOW, scroll_cb, self, NULL);
}

static void
row_activated_cb (LdsClaimsPage *self,
                  GtkListBoxRow *row)
{
  LdsClaimRow *claim_row = LDS_CLAIM_ROW (row);

  lds_claim_row_set_open (claim_row, !lds_claim_row_is_open (claim_row));
  if (lds_claim_row_is_open (claim_row))
    scroll_to (self, GTK_WIDGET (row));
}

static gboolean
is_any_testable (const LdsClaimsArticle *article)
{
  for (guint i = 0; i < article->claims->len; i++)
    if (((LdsClaim *)article->claims->pdata[i])->figures->len > 0)
      return TRUE;
  return FALSE;
}

static GtkWidget *
new_test_button (const LdsClaimsArticle *article)
{
  GtkWidget *button = gtk_button_new_with_label (_ ("Test"));
  /* Translators: an article's number */
  g_autofree char *name = g_strdup_printf (_ ("Test the claims of article %s"), article->id);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "claims.test-article");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", article->id);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return button;
}

static void
add_group (LdsClaimsPage *self,
           const LdsClaimsArticle *article)
{
  const LdsEntry *entry = lds_knowledge_find (lds_rule_pack_get_default (), article->id);
  Group group = {.article = article,
                 .group = adw_preferences_group_new (),
                 .list = GTK_LIST_BOX (gtk_list_box_new ())};
  /* Translators: an article's number */
  g_autofree char *number = g_strdup_printf (_ ("Article %s"), article->id);
  g_autofree char *description = entry != NULL ? g_markup_escape_text (entry->title, -1) : NULL;

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group.group), number);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group.group), description);
  if (is_any_testable (article))
    adw_preferences_group_set_header_suffix (ADW_PREFERENCES_GROUP (group.group),
                                             new_test_button (article));
  gtk_list_box_set_selection_mode (group.list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (group.list), "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (group.list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  number, -1);
  g_signal_connect_swapped (group.list, "row-activated", G_CALLBACK (row_activated_cb), self);
  for (guint i = 0; i < article->claims->len; i++)
    {
      GtkWidget *row = lds_claim_row_new (self->run, article->claims->pdata[i]);

      gtk_list_box_append (group.list, row);
      g_ptr_array_add (self->rows, row);
    }
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group.group), GTK_WIDGET (group.list));
  gtk_box_append (self->groups, group.group);
  g_array_append_val (self->parts, group);
}

static void
fill_filters (LdsClaimsPage *self)
{
  GtkStringList *articles = gtk_string_list_new ((const char *const[]){_ ("All articles"), NULL});
  GtkStringList *verdicts = gtk_string_list_new ((const char *const[]){_ ("All verdicts"), NULL});

  for (guint i = 0; i < self->parts->len; i++)
    {
      const LdsClaimsArticle *article = g_array_index (self->parts, Group, i).article;

      /* Translators: an article's number */
      gtk_string_list_take (articles, g_strdup_printf (_ ("Article %s"), article->id));
    }
  for (guint i = 0; i < LDS_N_CLAIM_STATES; i++)
    gtk_string_list_append (verdicts, lds_claim_state_title ((LdsClaimState)i));
  gtk_drop_down_set_model (self->article, G_LIST_MODEL (articles));
  gtk_drop_down_set_model (self->verdict, G_LIST_MODEL (verdicts));
  g_object_unref (articles);
  g_object_unref (verdicts);
}

/* Most who open the window look at other pages: nothing is made before this one is seen. */
static void
fill (LdsClaimsPage *self)
{
  GPtrArray *articles = lds_claims_run_get_articles (self->run);

  if (self->rows->len > 0)
    return;
  for (guint i = 0; i < articles->len; i++)
    add_group (self, articles->pdata[i]);
  fill_filters (self);
  judged_cb (self);
  lds_claims_run_prepare (self->run);
}

static void
lds_claims_page_map (GtkWidget *widget)
{
  LdsClaimsPage *self = LDS_CLAIMS_PAGE (widget);

  fill (self);
  GTK_WIDGET_CLASS (lds_claims_page_parent_class)->map (widget);
  if (self->wants_focus)
    lds_claims_page_focus (self);
}

static void
lds_claims_page_dispose (GObject *object)
{
  LdsClaimsPage *self = LDS_CLAIMS_PAGE (object);
  GtkWidget *child;

  g_clear_handle_id (&self->progress_id, g_source_remove);
  g_clear_handle_id (&self->scroll_id, g_source_remove);
  if (self->run != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->run, self);
      lds_claims_run_stop (self->run);
    }
  g_clear_object (&self->run);
  g_clear_object (&self->measurement);
  if (self->assessment != NULL)
    g_signal_handlers_disconnect_by_data (self->assessment, self);
  g_clear_object (&self->assessment);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->parts, g_array_unref);
  g_clear_pointer (&self->not_written, g_free);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lds_claims_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, problem);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, summary);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, notes);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, start);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, thorough);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, export_button);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, time);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, views);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, filters);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, search);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, article);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, verdict);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, groups);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, nothing);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, ratios);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, bar);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, state);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, progress);
  gtk_widget_class_bind_template_child (widget_class, LdsClaimsPage, stop);
  gtk_widget_class_bind_template_callback (widget_class, length_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, filter_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
}

static void
lds_claims_page_class_init (LdsClaimsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_claims_page_dispose;
  widget_class->map = lds_claims_page_map;

  signals[EXPORTED] = g_signal_new ("exported", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_FILE);

  g_type_ensure (LDS_TYPE_RATIO_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, LDS_RESOURCE_BASE "/lds-claims-page.ui");
  bind_children (widget_class);
  gtk_widget_class_install_action (widget_class, "claims.test-all", NULL, test_all_action);
  gtk_widget_class_install_action (widget_class, "claims.test-article", "s", test_article_action);
  gtk_widget_class_install_action (widget_class, "claims.test", "s", test_action);
  gtk_widget_class_install_action (widget_class, "claims.stop", NULL, stop_action);
  gtk_widget_class_install_action (widget_class, "claims.export", "s", export_action);
  gtk_widget_class_install_action (widget_class, "claims.find", NULL, find_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, "claims.find", NULL);
}

static void
lds_claims_page_init (LdsClaimsPage *self)
{
  self->parts = g_array_new (FALSE, FALSE, sizeof (Group));
  self->rows = g_ptr_array_new ();
  self->run = lds_claims_run_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (GTK_WIDGET (self->start), lds_wrap_layout_new (12));
  gtk_widget_set_layout_manager (GTK_WIDGET (self->filters), lds_wrap_layout_new (6));
  g_signal_connect_object (self->run, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "judged", G_CALLBACK (judged_cb), self, G_CONNECT_SWAPPED);
  update_state (self);
}

void
lds_claims_page_set_measurement (LdsClaimsPage *self,
                                 LdsMeasurement *measurement)
{
  g_return_if_fail (LDS_IS_CLAIMS_PAGE (self));
  g_return_if_fail (LDS_IS_MEASUREMENT (measurement));

  g_set_object (&self->measurement, measurement);
  g_signal_connect_object (measurement, "state-changed", G_CALLBACK (update_state), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (measurement, "held-changed", G_CALLBACK (update_state), self,
                           G_CONNECT_SWAPPED);
  update_state (self);
}

void
lds_claims_page_set_assessment (LdsClaimsPage *self,
                                LdsAssessment *assessment)
{
  g_return_if_fail (LDS_IS_CLAIMS_PAGE (self));
  g_return_if_fail (LDS_IS_ASSESSMENT (assessment));

  g_set_object (&self->assessment, assessment);
  g_signal_connect_object (assessment, "verdict-changed", G_CALLBACK (show_ratios), self,
                           G_CONNECT_SWAPPED);
}

LdsClaimsRun *
lds_claims_page_get_run (LdsClaimsPage *self)
{
  g_return_val_if_fail (LDS_IS_CLAIMS_PAGE (self), NULL);
  return self->run;
}

char *
lds_claims_page_dup_state (LdsClaimsPage *self)
{
  LdsClaimsProgress progress;

  g_return_val_if_fail (LDS_IS_CLAIMS_PAGE (self), NULL);

  if (!lds_claims_run_get_progress (self->run, &progress))
    return NULL;
  if (progress.n_sessions == 1)
    /* Translators: number of a run, of how many */
    return g_strdup_printf (_ ("Testing claims, run %u of %u"), progress.run + 1, progress.n_runs);
  /* Translators: number of a session, of how many */
  return g_strdup_printf (_ ("Testing claims, session %u of %u"), progress.session + 1, progress.n_sessions);
}

void
lds_claims_page_show (LdsClaimsPage *self,
                      const char *id)
{
  g_return_if_fail (LDS_IS_CLAIMS_PAGE (self));
  g_return_if_fail (id != NULL);

  fill (self);
  for (guint i = 0; i < self->rows->len; i++)
    {
      LdsClaimRow *row = self->rows->pdata[i];

      if (!g_str_equal (lds_claim_row_get_claim (row)->id, id))
        continue;
      gtk_stack_set_visible_child_name (self->views, "claims");
      gtk_drop_down_set_selected (self->article, 0);
      gtk_drop_down_set_selected (self->verdict, 0);
      gtk_editable_set_text (GTK_EDITABLE (self->search), "");
      filter_changed_cb (self);
      lds_claim_row_set_open (row, TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (row));
      scroll_to (self, GTK_WIDGET (row));
    }
}

void
lds_claims_page_focus (LdsClaimsPage *self)
{
  g_return_if_fail (LDS_IS_CLAIMS_PAGE (self));

  fill (self);
  self->wants_focus = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (self->wants_focus)
    return;
  if (lds_claims_run_is_running (self->run))
    {
      gtk_widget_grab_focus (GTK_WIDGET (self->stop));
      return;
    }
  for (guint i = 0; i < self->rows->len; i++)
    if (gtk_widget_get_visible (self->rows->pdata[i]) &&
        gtk_widget_grab_focus (self->rows->pdata[i]))
      return;
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}
