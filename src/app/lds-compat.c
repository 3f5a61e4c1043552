/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few calls that newer GTK and libadwaita replace, in one place. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-compat.h"

#include <glib/gi18n.h>

typedef struct
{
  GCallback accepted;
  gpointer user_data;
} Ask;

static void
ask_response_cb (AdwMessageDialog *dialog,
                 const char *response,
                 gpointer user_data)
{
  Ask *ask = user_data;

  if (g_strcmp0 (response, "accept") == 0)
    ((void (*) (gpointer))ask->accepted) (ask->user_data);
}

static void
ask_free (gpointer data,
          GClosure *closure)
{
  g_free (data);
}

/* When the buttons do not fit side by side others take their place, and the focus falls on the first of
 * them, whatever that does. */
static void
default_changed_cb (GtkWindow *dialog)
{
  gtk_window_set_focus (dialog, gtk_window_get_default_widget (dialog));
}

void
lds_compat_ask (GtkWindow *parent,
                const char *heading,
                const char *body,
                const char *accept_label,
                gboolean destructive,
                GCallback accepted,
                gpointer user_data)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, heading, body);
  Ask *ask = g_new (Ask, 1);

  ask->accepted = accepted;
  ask->user_data = user_data;
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "accept", accept_label);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "accept",
                                              destructive ? ADW_RESPONSE_DESTRUCTIVE
                                                          : ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), destructive ? "cancel" : "accept");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (ask_response_cb), ask, ask_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  g_signal_connect (dialog, "notify::default-widget", G_CALLBACK (default_changed_cb), NULL);
}

void
lds_compat_show_about (GtkWindow *parent,
                       const char *debug_info)
{
  GtkWidget *about = adw_about_window_new ();

  gtk_window_set_transient_for (GTK_WINDOW (about), parent);
  g_object_set (about,
                "application-name", _ ("Loadstone"),
                "application-icon", LDS_APPLICATION_ID,
                "version", LDS_VERSION,
                "developer-name", _ ("The Loadstone developers"),
                "license-type", GTK_LICENSE_GPL_3_0,
                "comments", _ ("Choose between Node.js, Python and both for a backend: by questions, and by measuring on this very machine."),
                "debug-info", debug_info,
                "debug-info-filename", "loadstone-debug-info.txt",
                NULL);
  gtk_window_present (GTK_WINDOW (about));
}

static void
chooser_response_cb (GtkNativeDialog *dialog,
                     int response,
                     gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  if (response == GTK_RESPONSE_ACCEPT)
    g_task_return_pointer (task, gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)),
                           g_object_unref);
  else
    g_task_return_pointer (task, NULL, NULL);
  g_object_unref (dialog);
}

static void
choose_file (GtkWindow *parent,
             GtkFileChooserAction action,
             const char *title,
             const char *filter_name,
             const char *suffix,
             const char *suggested_name,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  /* The dialog holds itself until it is answered. */
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, parent, action, NULL, NULL);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  gtk_file_filter_set_name (filter, filter_name);
  gtk_file_filter_add_suffix (filter, suffix);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  if (suggested_name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), suggested_name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (chooser_response_cb), task);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
lds_compat_save_file_async (GtkWindow *parent,
                            const char *title,
                            const char *filter_name,
                            const char *suffix,
                            const char *suggested_name,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  choose_file (parent, GTK_FILE_CHOOSER_ACTION_SAVE, title, filter_name, suffix, suggested_name,
               callback, user_data);
}

void
lds_compat_open_file_async (GtkWindow *parent,
                            const char *title,
                            const char *filter_name,
                            const char *suffix,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  choose_file (parent, GTK_FILE_CHOOSER_ACTION_OPEN, title, filter_name, suffix, NULL, callback,
               user_data);
}

GFile *
lds_compat_file_finish (GAsyncResult *result,
                        GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
launched_cb (GObject *object,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_app_info_launch_default_for_uri_finish (result, &error))
    g_warning ("The folder cannot be shown: %s", error->message);
}

void
lds_compat_open_folder (GtkWindow *parent,
                        GFile *file)
{
  g_autoptr (GFile) folder = g_file_get_parent (file);
  g_autofree char *uri = g_file_get_uri (folder != NULL ? folder : file);
  g_autoptr (GdkAppLaunchContext) context =
      gdk_display_get_app_launch_context (gtk_widget_get_display (GTK_WIDGET (parent)));

  g_app_info_launch_default_for_uri_async (uri, G_APP_LAUNCH_CONTEXT (context), NULL, launched_cb,
                                           NULL);
}

void
lds_compat_get_color (GtkWidget *widget,
                      GdkRGBA *color)
{
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), color);
}
