/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few calls that newer GTK and libadwaita replace, in one place. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * lds_compat_ask:
 * @heading: a question
 * @accept_label: a verb, with a mnemonic
 * @destructive: whether accepting throws something away or may do harm; Enter then cancels
 * @accepted: called on the main thread only when the user accepts; @user_data must live as long as @parent
 */
void lds_compat_ask (GtkWindow *parent,
                     const char *heading,
                     const char *body,
                     const char *accept_label,
                     gboolean destructive,
                     GCallback accepted,
                     gpointer user_data);

/** Shows the About window over @parent. @debug_info: text for bug reports. */
void lds_compat_show_about (GtkWindow *parent, const char *debug_info);

/**
 * lds_compat_save_file_async:
 * @suffix: "pdf", without the dot
 * @suggested_name: "checkout-service.pdf"
 *
 * Asks where to save, through the file chooser portal where there is one.
 */
void lds_compat_save_file_async (GtkWindow *parent,
                                 const char *title,
                                 const char *filter_name,
                                 const char *suffix,
                                 const char *suggested_name,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/** As lds_compat_save_file_async(), for a file that is there. */
void lds_compat_open_file_async (GtkWindow *parent,
                                 const char *title,
                                 const char *filter_name,
                                 const char *suffix,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/** Returns: (transfer full) (nullable): the file; %NULL without an error when the user cancelled */
GFile *lds_compat_file_finish (GAsyncResult *result, GError **error);

/** Shows the folder that holds @file in the file manager; a failure is logged. */
void lds_compat_open_folder (GtkWindow *parent, GFile *file);

/** The colour in which @widget writes its text. */
void lds_compat_get_color (GtkWidget *widget, GdkRGBA *color);

G_END_DECLS
