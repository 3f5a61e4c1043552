/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of “history” share. */
#pragma once

#include <json-glib/json-glib.h>

#include "lds-cli.h"
#include "lds-history-list.h"

G_BEGIN_DECLS

/**
 * lds_cli_history_open:
 * @database: (nullable): as --database names it
 *
 * Returns: (transfer full): the history, which is there when it is named; or %NULL with an error
 */
LdsHistory *lds_cli_history_open (const char *database, GError **error);

/** Prints what @builder has built. */
void lds_cli_history_print_json (JsonBuilder *builder);

/** Adds a time as text in ISO 8601, UTC; null for 0. */
void lds_cli_history_add_time (JsonBuilder *builder, const char *member, gint64 time_us);
/** Returns: (transfer full): a time as people of this place write it, to the minute */
char *lds_cli_history_format_time (gint64 time_us);

/** Adds what is known of a session without its runs, as members. */
void lds_cli_history_add_session (JsonBuilder *builder, const LdsHistorySession *session);

/* The subcommands; those of one file stand together. */
gboolean lds_cli_history_show (int argc, char **argv, GError **error);
gboolean lds_cli_history_export (int argc, char **argv, GError **error);
gboolean lds_cli_history_import (int argc, char **argv, GError **error);
gboolean lds_cli_history_resume (int argc, char **argv, GError **error);

gboolean lds_cli_history_rename (int argc, char **argv, GError **error);
gboolean lds_cli_history_tag (int argc, char **argv, GError **error);
gboolean lds_cli_history_untag (int argc, char **argv, GError **error);
gboolean lds_cli_history_delete (int argc, char **argv, GError **error);
gboolean lds_cli_history_undo (int argc, char **argv, GError **error);
gboolean lds_cli_history_purge (int argc, char **argv, GError **error);
gboolean lds_cli_history_check (int argc, char **argv, GError **error);

gboolean lds_cli_history_assessments (int argc, char **argv, GError **error);
gboolean lds_cli_history_milestone (int argc, char **argv, GError **error);
gboolean lds_cli_history_diff (int argc, char **argv, GError **error);

G_END_DECLS
