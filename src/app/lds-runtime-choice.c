/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A check button that stands for a real runtime. */
#define G_LOG_DOMAIN "loadstone"

#include "config.h"
#include "lds-runtime-choice.h"

#include <glib/gi18n.h>

#include "lds-runtime.h"

static void
ask (GTask *task,
     gpointer source,
     gpointer task_data,
     GCancellable *cancellable)
{
  const LdsLane *lane = task_data;
  GError *error = NULL;
  char *version = lds_runtime_read_version (lane->runtime, &error);

  if (version != NULL)
    g_task_return_pointer (task, version, g_free);
  else
    g_task_return_error (task, error);
}

static void
answered_cb (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  GtkCheckButton *button = GTK_CHECK_BUTTON (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *version = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *label = NULL;

  if (version == NULL)
    {
      gtk_check_button_set_active (button, FALSE);
      gtk_widget_set_sensitive (GTK_WIDGET (button), FALSE);
      gtk_widget_set_tooltip_text (GTK_WIDGET (button), error->message);
      return;
    }
  /* Translators: a runtime, then its version: “Node.js, node:http (real), 20.20.2” */
  label = g_strdup_printf (_ ("%s, %s"), gtk_check_button_get_label (button), version);
  gtk_check_button_set_label (button, label);
}

void
lds_runtime_choice_bind (GtkCheckButton *button,
                         const LdsLane *lane)
{
  g_autoptr (GTask) task = g_task_new (button, NULL, answered_cb, NULL);

  g_return_if_fail (GTK_IS_CHECK_BUTTON (button));
  g_return_if_fail (lane->runtime != NULL);

  g_task_set_task_data (task, (gpointer)lane, NULL);
  g_task_run_in_thread (task, ask);
}
