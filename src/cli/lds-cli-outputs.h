/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where commands write: that they can, and that nothing is lost by it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * lds_cli_check_output:
 * @option: "--output", for the message
 * @path: (nullable): where something is to be written; NULL is fine, "-" is not
 * @database: (nullable): the history, as --database names it; NULL is the user's
 *
 * What cannot be written is refused before minutes are spent on it, and so is the history, which is
 * not to be written over. Makes the folder if it is missing.
 *
 * Returns %FALSE with LDS_ERROR_INPUT.
 */
gboolean lds_cli_check_output (const char *option,
                               const char *path,
                               const char *database,
                               GError **error);

/**
 * lds_cli_check_apart:
 * @option: "--output", for the message
 * @path: (nullable): where something is to be written; NULL is apart from everything
 * @other_option: (nullable): "--junit"; NULL when @other is not written but read
 * @other: (nullable): another file of the command
 *
 * Returns %FALSE with LDS_ERROR_INPUT when both are one file, or both are standard output. A device
 * holds nothing that could be lost.
 */
gboolean lds_cli_check_apart (const char *option,
                              const char *path,
                              const char *other_option,
                              const char *other,
                              GError **error);

G_END_DECLS
