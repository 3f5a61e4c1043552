/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window: one assessment, its stages. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-window.h"

#include <glib/gi18n.h>

#include "lds-adaptive-bin.h"
#include "lds-advise-page.h"
#include "lds-ask-page.h"
#include "lds-claims-page.h"
#include "lds-compat.h"
#include "lds-history-claims.h"
#include "lds-measure-page.h"
#include "lds-pitfalls-page.h"
#include "lds-report-page.h"

#define SETTINGS_SCHEMA "io.github.loadstone.Loadstone"

struct _LdsWindow
{
  AdwApplicationWindow parent_instance;

  LdsAdaptiveBin *adaptive;
  AdwHeaderBar *header;
  GtkStack *title_stack;
  AdwWindowTitle *title;
  GtkRevealer *notice_revealer;
  GtkLabel *notice;
  AdwToastOverlay *toasts;
  GtkStack *content;
  AdwViewStack *stages;
  AdwStatusPage *broken;
  GtkButton *open_another;
  AdwViewSwitcherBar *switcher_bar;
  LdsAskPage *ask_page;
  LdsAdvisePage *advise_page;
  LdsMeasurePage *measure_page;
  LdsReportPage *report_page;
  LdsPitfallsPage *pitfalls_page;
  LdsClaimsPage *claims_page;

  LdsAssessment *assessment;
  guint recall_id;
  GFile *exported;     /* (nullable): the last export */
  GSettings *settings; /* (nullable): the schema may not be installed */
  guint closing : 1;   /* once what runs has ended */
  guint testing : 1;   /* claims */
};

G_DEFINE_FINAL_TYPE (LdsWindow, lds_window, ADW_TYPE_APPLICATION_WINDOW)

static gboolean
is_broken (LdsWindow *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->content), "broken") == 0;
}

static void
update_title (LdsWindow *self)
{
  AdwViewStackPage *page;
  g_autofree char *plain = NULL;
  g_autofree char *title = NULL;
  GtkWidget *child = adw_view_stack_get_visible_child (self->stages);

  if (child == NULL || is_broken (self))
    {
      adw_window_title_set_subtitle (self->title, NULL);
      gtk_window_set_title (GTK_WINDOW (self), _ ("Loadstone"));
      return;
    }
  /* What goes on matters more than what is looked at. */
  plain = lds_measure_page_dup_state (self->measure_page);
  if (plain == NULL)
    plain = lds_claims_page_dup_state (self->claims_page);
  page = adw_view_stack_get_page (self->stages, child);
  if (plain == NULL)
    {
      char *underline;

      plain = g_strdup (adw_view_stack_page_get_title (page));
      underline = strchr (plain, '_');
      if (underline != NULL)
        memmove (underline, underline + 1, strlen (underline));
    }
  adw_window_title_set_subtitle (self->title, plain);
  /* Translators: title of the window: a stage, then the program: "Ask – Loadstone" */
  title = g_strdup_printf (_ ("%s – Loadstone"), plain);
  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
update_shape (LdsWindow *self)
{
  LdsWidthClass width_class = lds_adaptive_bin_get_width_class (self->adaptive);
  gboolean broken = is_broken (self);
  /* Six stages fit beside the window's buttons only where it is wide. */
  gboolean has_switcher = width_class == LDS_WIDTH_WIDE && !broken;

  gtk_stack_set_visible_child_name (self->title_stack, has_switcher ? "switcher" : "title");
  /* Centred strictly, what is beside many window buttons would need their room twice. */
  adw_header_bar_set_centering_policy (self->header, width_class == LDS_WIDTH_WIDE
                                                         ? ADW_CENTERING_POLICY_STRICT
                                                         : ADW_CENTERING_POLICY_LOOSE);
  adw_view_switcher_bar_set_reveal (self->switcher_bar, !has_switcher && !broken);
  lds_ask_page_set_wide (self->ask_page, width_class == LDS_WIDTH_WIDE);
  lds_pitfalls_page_set_width_class (self->pitfalls_page, width_class);
}

static void
width_class_cb (LdsWindow *self)
{
  update_shape (self);
}

static void
stage_changed_cb (LdsWindow *self)
{
  const char *stage = lds_window_get_stage (self);

  if (stage == NULL || self->assessment == NULL)
    return;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.back", TRUE);
  update_title (self);
  if (g_str_equal (stage, "ask"))
    lds_ask_page_focus (self->ask_page);
  else if (g_str_equal (stage, "advise"))
    lds_advise_page_focus (self->advise_page);
  else if (g_str_equal (stage, "measure"))
    lds_measure_page_focus (self->measure_page);
  else if (g_str_equal (stage, "report"))
    lds_report_page_focus (self->report_page);
  else if (g_str_equal (stage, "pitfalls"))
    lds_pitfalls_page_focus (self->pitfalls_page);
  else if (g_str_equal (stage, "claims"))
    lds_claims_page_focus (self->claims_page);
}

static void
ask_finished_cb (LdsWindow *self)
{
  lds_window_set_stage (self, "advise");
}

static void
exported_cb (LdsWindow *self,
             GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *text = NULL;

  g_set_object (&self->exported, file);
  /* Translators: a file's name */
  text = g_strdup_printf (_ ("Exported “%s”"), name);
  lds_window_add_toast (self, text, _ ("_Open Folder"), "win.open-folder");
}

static void
open_folder_action (GtkWidget *widget,
                    const char *action_name,
                    GVariant *parameter)
{
  LdsWindow *self = LDS_WINDOW (widget);

  if (self->exported != NULL)
    lds_compat_open_folder (GTK_WINDOW (self), self->exported);
}

static void
export_action (GtkWidget *widget,
               const char *action_name,
               GVariant *parameter)
{
  LdsWindow *self = LDS_WINDOW (widget);

  if (!is_broken (self) && lds_window_set_stage (self, "report"))
    gtk_widget_activate_action (GTK_WIDGET (self->report_page), "report.export", "s", "pdf");
}

static void
dismiss_notice_cb (LdsWindow *self)
{
  gtk_revealer_set_reveal_child (self->notice_revealer, FALSE);
}

static void
stage_action (GtkWidget *widget,
              const char *action_name,
              GVariant *parameter)
{
  lds_window_set_stage (LDS_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
question_action (GtkWidget *widget,
                 const char *action_name,
                 GVariant *parameter)
{
  LdsWindow *self = LDS_WINDOW (widget);

  lds_window_set_stage (self, "ask");
  gtk_widget_activate_action_variant (GTK_WIDGET (self->ask_page), "ask.go-to", parameter);
}

static void
run_action (GtkWidget *widget,
            const char *action_name,
            GVariant *parameter)
{
  LdsWindow *self = LDS_WINDOW (widget);

  if (!is_broken (self) && lds_window_set_stage (self, "measure"))
    gtk_widget_activate_action (GTK_WIDGET (self->measure_page), "measure.run", NULL);
}

/* One step back: what runs stops, or the question before, then the stage before. */
static void
back_action (GtkWidget *widget,
             const char *action_name,
             GVariant *parameter)
{
  LdsWindow *self = LDS_WINDOW (widget);
  g_autoptr (GtkSelectionModel) pages = adw_view_stack_get_pages (self->stages);
  const char *stage = lds_window_get_stage (self);
  const char *before = NULL;

  if (lds_measurement_get_state (lds_measure_page_get_measurement (self->measure_page)) !=
          LDS_MEASUREMENT_IDLE &&
      g_strcmp0 (stage, "measure") == 0)
    {
      gtk_widget_activate_action (GTK_WIDGET (self->measure_page), "measure.stop", NULL);
      return;
    }
  if (g_strcmp0 (stage, "pitfalls") == 0 &&
      lds_pitfall_run_get_running (lds_pitfalls_page_get_run (self->pitfalls_page)) != NULL)
    {
      gtk_widget_activate_action (GTK_WIDGET (self->pitfalls_page), "pitfalls.stop", NULL);
      return;
    }
  if (g_strcmp0 (stage, "claims") == 0 &&
      lds_claims_run_is_running (lds_claims_page_get_run (self->claims_page)))
    {
      gtk_widget_activate_action (GTK_WIDGET (self->claims_page), "claims.stop", NULL);
      return;
    }
  if (is_broken (self) || stage == NULL ||
      (g_str_equal (stage, "ask") && lds_ask_page_go_back (self->ask_page)))
    return;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (pages)); i++)
    {
      g_autoptr (AdwViewStackPage) page = g_list_model_get_item (G_LIST_MODEL (pages), i);
      const char *name = adw_view_stack_page_get_name (page);

      if (g_str_equal (name, stage))
        break;
      before = name;
    }
  if (before != NULL)
    lds_window_set_stage (self, before);
}

static void
opened_cb (GObject *object,
           GAsyncResult *result,
           gpointer user_data)
{
  g_autoptr (LdsWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = lds_compat_file_finish (result, &error);
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  if (file != NULL && application != NULL)
    g_application_open (G_APPLICATION (application), &file, 1, "");
}

static void
open_action (GtkWidget *widget,
             const char *action_name,
             GVariant *parameter)
{
  lds_compat_open_file_async (GTK_WINDOW (widget), _ ("Open Report or Answers"), _ ("Reports and answers (JSON)"),
                              "json", opened_cb, g_object_ref (widget));
}

static void
start_over_cb (gpointer user_data)
{
  LdsWindow *self = user_data;

  lds_assessment_clear (self->assessment);
  lds_ask_page_set_assessment (self->ask_page, self->assessment);
  lds_window_set_stage (self, "ask");
}

static void
start_over_action (GtkWidget *widget,
                   const char *action_name,
                   GVariant *parameter)
{
  lds_compat_ask (GTK_WINDOW (widget), _ ("Start Over?"),
                  _ ("All answers and measurements of this assessment are taken back. Exported reports stay."),
                  _ ("_Start Over"), TRUE, G_CALLBACK (start_over_cb), widget);
}

static void
leave_broken_action (GtkWidget *widget,
                     const char *action_name,
                     GVariant *parameter)
{
  LdsWindow *self = LDS_WINDOW (widget);

  gtk_stack_set_visible_child_name (self->content, "stages");
  gtk_widget_action_set_enabled (widget, "win.leave-broken", FALSE);
  update_shape (self);
  update_title (self);
  lds_ask_page_focus (self->ask_page);
}

static GSettings *
new_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, SETTINGS_SCHEMA, TRUE);
  if (schema == NULL)
    {
      g_debug ("No settings schema %s: the window's state is not kept", SETTINGS_SCHEMA);
      return NULL;
    }
  return g_settings_new_full (schema, NULL, NULL);
}

static void
restore_state (LdsWindow *self)
{
  if (self->settings == NULL)
    return;
  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (self->settings, "window-width"),
                               g_settings_get_int (self->settings, "window-height"));
  if (g_settings_get_boolean (self->settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
}

static void
keep_state (LdsWindow *self)
{
  gboolean maximized = gtk_window_is_maximized (GTK_WINDOW (self));

  if (self->settings == NULL)
    return;
  g_settings_set_boolean (self->settings, "window-maximized", maximized);
  if (!maximized)
    {
      int width;
      int height;

      gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
      /* Refused, and so left as it was, where it is out of the schema's range. */
      g_settings_set_int (self->settings, "window-width", width);
      g_settings_set_int (self->settings, "window-height", height);
    }
  if (lds_window_get_stage (self) != NULL)
    g_settings_set_string (self->settings, "last-stage", lds_window_get_stage (self));
}

/* A finished measurement is news; the window that waited for one to end goes now. */
static void
measurement_changed_cb (LdsWindow *self,
                        LdsMeasurement *measurement)
{
  const LdsSession *session = lds_assessment_get_session (self->assessment);

  update_title (self);
  if (lds_measurement_get_state (measurement) != LDS_MEASUREMENT_IDLE)
    return;
  if (self->closing)
    gtk_window_close (GTK_WINDOW (self));
  else if (lds_measurement_get_error (measurement) == NULL && session != NULL && session->complete)
    {
      const LdsVerdict *verdict = lds_assessment_get_verdict (self->assessment);

      lds_window_add_toast (self,
                            verdict->evidence != LDS_EVIDENCE_NONE
                                ? _ ("Measured: the advice now counts it")
                                : _ ("Measured, but too few runs of a server are valid for the advice to count it"),
                            _ ("_See Advice"), "win.stage::advise");
    }
}

static void
pitfalls_changed_cb (LdsWindow *self,
                     LdsPitfallRun *run)
{
  if (self->closing && lds_pitfall_run_get_running (run) == NULL)
    gtk_window_close (GTK_WINDOW (self));
}

static void
claims_changed_cb (LdsWindow *self,
                   LdsClaimsRun *run)
{
  gboolean was_testing = self->testing;

  self->testing = lds_claims_run_is_running (run);
  update_title (self);
  if (!was_testing || self->testing)
    return;
  if (self->closing)
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  /* Not while it goes on: reading the history would disturb what is measured. */
  lds_window_recall_claims (self);
  if (g_strcmp0 (lds_window_get_stage (self), "claims") != 0)
    lds_window_add_toast (self, _ ("The test of claims has ended"), _ ("_See Claims"), "win.stage::claims");
}

static gboolean
lds_window_close_request (GtkWindow *window)
{
  LdsWindow *self = LDS_WINDOW (window);
  LdsMeasurement *measurement = lds_measure_page_get_measurement (self->measure_page);
  LdsPitfallRun *pitfalls = lds_pitfalls_page_get_run (self->pitfalls_page);
  LdsClaimsRun *claims = lds_claims_page_get_run (self->claims_page);
  g_autoptr (GError) error = NULL;

  keep_state (self);
  /* First the children end, then the window. */
  if (lds_measurement_get_state (measurement) != LDS_MEASUREMENT_IDLE)
    {
      self->closing = TRUE;
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
      lds_measurement_stop (measurement);
      return GDK_EVENT_STOP;
    }
  if (lds_pitfall_run_get_running (pitfalls) != NULL)
    {
      self->closing = TRUE;
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
      lds_pitfall_run_stop (pitfalls);
      return GDK_EVENT_STOP;
    }
  if (lds_claims_run_is_running (claims))
    {
      self->closing = TRUE;
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
      lds_claims_run_stop (claims);
      return GDK_EVENT_STOP;
    }
  if (!lds_assessment_flush (self->assessment, &error))
    g_warning ("The assessment could not be kept: %s", error->message);
  return GTK_WINDOW_CLASS (lds_window_parent_class)->close_request (window);
}

/* Advice is worth more than what was tested before: without it grades are as shipped. */
static gboolean
recall_claims_cb (gpointer user_data)
{
  LdsWindow *self = user_data;
  g_autoptr (GError) error = NULL;
  LdsClaimEvidence *claims = lds_history_judge_claims_at (NULL, lds_claim_list (), &error);

  self->recall_id = 0;
  if (claims != NULL)
    lds_assessment_take_claims (self->assessment, claims);
  else
    g_message ("What was tested of claims does not count: %s", error->message);
  return G_SOURCE_REMOVE;
}

void
lds_window_recall_claims (LdsWindow *self)
{
  g_return_if_fail (LDS_IS_WINDOW (self));

  /* Reading the history takes as long as some frames, and nobody waits for it. */
  if (self->recall_id == 0)
    self->recall_id = g_idle_add_full (G_PRIORITY_LOW, recall_claims_cb, self, NULL);
}

static void
lds_window_dispose (GObject *object)
{
  LdsWindow *self = LDS_WINDOW (object);

  g_clear_handle_id (&self->recall_id, g_source_remove);
  if (self->assessment != NULL)
    g_signal_handlers_disconnect_by_data (self->assessment, self);
  g_clear_object (&self->assessment);
  g_clear_object (&self->settings);
  g_clear_object (&self->exported);
  G_OBJECT_CLASS (lds_window_parent_class)->dispose (object);
}

static void
lds_window_class_init (LdsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = lds_window_close_request;

  g_type_ensure (LDS_TYPE_ADAPTIVE_BIN);
  g_type_ensure (LDS_TYPE_ADVISE_PAGE);
  g_type_ensure (LDS_TYPE_ASK_PAGE);
  g_type_ensure (LDS_TYPE_CLAIMS_PAGE);
  g_type_ensure (LDS_TYPE_MEASURE_PAGE);
  g_type_ensure (LDS_TYPE_PITFALLS_PAGE);
  g_type_ensure (LDS_TYPE_REPORT_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, LDS_RESOURCE_BASE "/lds-window.ui");
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, adaptive);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, header);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, title_stack);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, title);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, notice_revealer);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, notice);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, content);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, stages);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, broken);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, open_another);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, switcher_bar);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, ask_page);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, advise_page);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, measure_page);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, report_page);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, pitfalls_page);
  gtk_widget_class_bind_template_child (widget_class, LdsWindow, claims_page);
  gtk_widget_class_bind_template_callback (widget_class, width_class_cb);
  gtk_widget_class_bind_template_callback (widget_class, stage_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, ask_finished_cb);
  gtk_widget_class_bind_template_callback (widget_class, exported_cb);
  gtk_widget_class_bind_template_callback (widget_class, dismiss_notice_cb);

  gtk_widget_class_install_action (widget_class, "win.stage", "s", stage_action);
  gtk_widget_class_install_action (widget_class, "win.question", "s", question_action);
  gtk_widget_class_install_action (widget_class, "win.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "win.run", NULL, run_action);
  gtk_widget_class_install_action (widget_class, "win.export-pdf", NULL, export_action);
  gtk_widget_class_install_action (widget_class, "win.open-folder", NULL, open_folder_action);
  gtk_widget_class_install_action (widget_class, "win.open", NULL, open_action);
  gtk_widget_class_install_action (widget_class, "win.start-over", NULL, start_over_action);
  gtk_widget_class_install_action (widget_class, "win.leave-broken", NULL, leave_broken_action);

  /* Class bindings, so that a popover or an entry that has a use for the key comes first. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.back", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "win.back", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1, GDK_ALT_MASK, "win.stage", "s", "ask");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_2, GDK_ALT_MASK, "win.stage", "s", "advise");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_3, GDK_ALT_MASK, "win.stage", "s", "measure");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_4, GDK_ALT_MASK, "win.stage", "s", "report");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_ALT_MASK, "win.stage", "s", "claims");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_r, GDK_CONTROL_MASK, "win.run", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F5, 0, "win.run", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_e, GDK_CONTROL_MASK, "win.export-pdf", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_o, GDK_CONTROL_MASK, "win.open", NULL);
}

static void
lds_window_init (LdsWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
#if LDS_DEVELOPMENT
  gtk_widget_add_css_class (GTK_WIDGET (self), "devel");
#endif
  self->settings = new_settings ();
  restore_state (self);
}

LdsWindow *
lds_window_new (GtkApplication *application,
                LdsAssessment *assessment)
{
  LdsWindow *self = g_object_new (LDS_TYPE_WINDOW, "application", application, NULL);
  LdsMeasurement *measurement;

  self->assessment = g_object_ref (assessment);
  g_signal_connect_object (assessment, "failed", G_CALLBACK (lds_window_show_notice), self,
                           G_CONNECT_SWAPPED);
  lds_ask_page_set_assessment (self->ask_page, assessment);
  lds_advise_page_set_assessment (self->advise_page, assessment);
  lds_measure_page_set_assessment (self->measure_page, assessment);
  lds_report_page_set_assessment (self->report_page, assessment);
  measurement = lds_measure_page_get_measurement (self->measure_page);
  g_signal_connect_object (measurement, "state-changed", G_CALLBACK (measurement_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (measurement, "run-started", G_CALLBACK (update_title), self, G_CONNECT_SWAPPED);
  lds_pitfalls_page_set_measurement (self->pitfalls_page, measurement);
  g_signal_connect_object (lds_pitfalls_page_get_run (self->pitfalls_page), "changed",
                           G_CALLBACK (pitfalls_changed_cb), self, G_CONNECT_SWAPPED);
  lds_claims_page_set_assessment (self->claims_page, assessment);
  lds_claims_page_set_measurement (self->claims_page, measurement);
  g_signal_connect_object (lds_claims_page_get_run (self->claims_page), "changed",
                           G_CALLBACK (claims_changed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.leave-broken", FALSE);
  update_shape (self);
  update_title (self);
  lds_window_recall_claims (self);
  return self;
}

void
lds_window_show_broken_file (LdsWindow *self,
                             const char *message)
{
  g_autofree char *escaped = NULL;

  g_return_if_fail (LDS_IS_WINDOW (self));
  g_return_if_fail (message != NULL);

  escaped = g_markup_escape_text (message, -1);
  adw_status_page_set_description (self->broken, escaped);
  gtk_stack_set_visible_child_name (self->content, "broken");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.leave-broken", TRUE);
  update_shape (self);
  update_title (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->open_another));
}

void
lds_window_show_notice (LdsWindow *self,
                        const char *message)
{
  g_return_if_fail (LDS_IS_WINDOW (self));
  g_return_if_fail (message != NULL);

  gtk_label_set_label (self->notice, message);
  gtk_revealer_set_reveal_child (self->notice_revealer, TRUE);
}

void
lds_window_add_toast (LdsWindow *self,
                      const char *text,
                      const char *action_label,
                      const char *action_name)
{
  AdwToast *toast;

  g_return_if_fail (LDS_IS_WINDOW (self));

  toast = adw_toast_new (text);
  if (action_label != NULL)
    {
      adw_toast_set_button_label (toast, action_label);
      adw_toast_set_action_name (toast, action_name);
    }
  adw_toast_overlay_add_toast (self->toasts, toast);
}

LdsAssessment *
lds_window_get_assessment (LdsWindow *self)
{
  g_return_val_if_fail (LDS_IS_WINDOW (self), NULL);
  return self->assessment;
}

gboolean
lds_window_set_stage (LdsWindow *self,
                      const char *stage)
{
  g_return_val_if_fail (LDS_IS_WINDOW (self), FALSE);

  if (adw_view_stack_get_child_by_name (self->stages, stage) == NULL)
    return FALSE;
  adw_view_stack_set_visible_child_name (self->stages, stage);
  return TRUE;
}

const char *
lds_window_get_stage (LdsWindow *self)
{
  g_return_val_if_fail (LDS_IS_WINDOW (self), NULL);
  return adw_view_stack_get_visible_child_name (self->stages);
}
