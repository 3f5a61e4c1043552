/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stage Report: the pages as they will print, and their export. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-report-page.h"

#include <glib/gi18n.h>

#include "lds-compat.h"
#include "lds-paper-view.h"

struct _LdsReportPage
{
  GtkWidget parent_instance;

  GtkScrolledWindow *scroller;
  GtkBox *pages;
  GtkLabel *problem;
  GtkLabel *state;
  GtkButton *export_json;
  GtkButton *export_pdf;

  LdsAssessment *assessment;
  LdsReport *report; /* (nullable): what the pages show */
  guint stale : 1;
};

enum
{
  EXPORTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsReportPage, lds_report_page, GTK_TYPE_WIDGET)

static void
rebuild (LdsReportPage *self)
{
  LdsPaper paper = lds_paper_view_get_user_paper ();
  g_autofree char *state = NULL;
  GtkWidget *child;
  guint n_pages;

  self->stale = FALSE;
  g_clear_pointer (&self->report, lds_report_unref);
  self->report = lds_assessment_dup_report (self->assessment);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->pages))) != NULL)
    gtk_box_remove (self->pages, child);
  n_pages = lds_report_n_pages (self->report, paper);
  for (guint i = 0; i < n_pages; i++)
    gtk_box_append (self->pages, lds_paper_view_new (self->report, paper, i));
  state = g_strdup_printf (ngettext ("%u page", "%u pages", n_pages), n_pages);
  gtk_label_set_label (self->state, state);
}

/* The pages are drawn when they are looked at, not with each answer. */
static void
changed_cb (LdsReportPage *self)
{
  self->stale = TRUE;
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    rebuild (self);
}

static void
lds_report_page_map (GtkWidget *widget)
{
  LdsReportPage *self = LDS_REPORT_PAGE (widget);

  if (self->stale)
    rebuild (self);
  GTK_WIDGET_CLASS (lds_report_page_parent_class)->map (widget);
}

typedef struct
{
  LdsReportPage *self;
  char *writer;
} Export;

static void
chosen_cb (GObject *object,
           GAsyncResult *result,
           gpointer user_data)
{
  Export *export = user_data;
  g_autoptr (LdsReportPage) self = export->self;
  g_autofree char *writer = export->writer;
  g_autoptr (GFile) file = lds_compat_file_finish (result, NULL);

  g_free (export);
  if (file != NULL && self->assessment != NULL)
    lds_report_page_export (self, writer, file);
}

static void
export_action (GtkWidget *widget,
               const char *action_name,
               GVariant *parameter)
{
  LdsReportPage *self = LDS_REPORT_PAGE (widget);
  const LdsReportWriter *writer = lds_report_writer_find (g_variant_get_string (parameter, NULL));
  GtkRoot *root = gtk_widget_get_root (widget);
  g_autofree char *name = NULL;
  Export *export;

  if (writer == NULL || !GTK_IS_WINDOW (root))
    return;
  export = g_new (Export, 1);
  export->self = g_object_ref (self);
  export->writer = g_strdup (writer->id);
  name = g_strconcat ("loadstone-report", writer->extension, NULL);
  lds_compat_save_file_async (GTK_WINDOW (root), _ ("Export Report"), gettext (writer->title),
                              writer->extension + 1, name, chosen_cb, export);
}

static void
lds_report_page_dispose (GObject *object)
{
  LdsReportPage *self = LDS_REPORT_PAGE (object);
  GtkWidget *child;

  if (self->assessment != NULL)
    g_signal_handlers_disconnect_by_data (self->assessment, self);
  g_clear_object (&self->assessment);
  g_clear_pointer (&self->report, lds_report_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lds_report_page_parent_class)->dispose (object);
}

static void
lds_report_page_class_init (LdsReportPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_report_page_dispose;
  widget_class->map = lds_report_page_map;

  signals[EXPORTED] = g_signal_new ("exported", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_FILE);

  gtk_widget_class_set_template_from_resource (widget_class, LDS_RESOURCE_BASE "/lds-report-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LdsReportPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, LdsReportPage, pages);
  gtk_widget_class_bind_template_child (widget_class, LdsReportPage, problem);
  gtk_widget_class_bind_template_child (widget_class, LdsReportPage, state);
  gtk_widget_class_bind_template_child (widget_class, LdsReportPage, export_json);
  gtk_widget_class_bind_template_child (widget_class, LdsReportPage, export_pdf);
  gtk_widget_class_install_action (widget_class, "report.export", "s", export_action);
}

static void
lds_report_page_init (LdsReportPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
lds_report_page_set_assessment (LdsReportPage *self,
                                LdsAssessment *assessment)
{
  g_return_if_fail (LDS_IS_REPORT_PAGE (self));
  g_return_if_fail (LDS_IS_ASSESSMENT (assessment));

  if (self->assessment != NULL)
    g_signal_handlers_disconnect_by_data (self->assessment, self);
  g_set_object (&self->assessment, assessment);
  /* A new session changes the verdict too. */
  g_signal_connect_object (assessment, "verdict-changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  changed_cb (self);
}

void
lds_report_page_focus (LdsReportPage *self)
{
  g_return_if_fail (LDS_IS_REPORT_PAGE (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->export_pdf));
}

gboolean
lds_report_page_export (LdsReportPage *self,
                        const char *writer,
                        GFile *file)
{
  const LdsReportWriter *form;
  const char *path = g_file_peek_path (file);
  g_autoptr (LdsReport) report = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (LDS_IS_REPORT_PAGE (self), FALSE);

  form = lds_report_writer_find (writer);
  g_return_val_if_fail (form != NULL, FALSE);

  report = lds_assessment_dup_report (self->assessment);
  if (path == NULL)
    {
      g_autofree char *uri = g_file_get_uri (file);

      g_set_error (&error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _ ("“%s” is not a folder of this machine. Choose one that is."), uri);
    }
  else
    form->write (report, path, lds_paper_view_get_user_paper (), &error);
  gtk_label_set_label (self->problem, error != NULL ? error->message : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), error != NULL);
  if (error != NULL)
    return FALSE;
  g_signal_emit (self, signals[EXPORTED], 0, file);
  return TRUE;
}
