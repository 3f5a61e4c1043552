/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line's frame: one function a command, one table of them all, one way to fail. */
#pragma once

#include <glib.h>

#include "lds-error.h"
#include "lds-questionnaire.h"

G_BEGIN_DECLS

/* A command: returns %TRUE when done. On failure sets @error, whose kind is the exit code; an error
 * of LDS_ERROR_THRESHOLD or LDS_ERROR_INVALID is set after the data has been printed. */
typedef gboolean (*LdsCliFunc) (int argc, char **argv, GError **error);

typedef struct
{
  const char *name;
  const char *summary; /* untranslated */
  LdsCliFunc run;
} LdsCliCommand;

/**
 * lds_cli_parse:
 * @usage: what follows the command's name in its help: "[--json]"
 * @entries: the options, ended by an empty entry
 * @rest: (out) (optional) (transfer full): what is left over; when %NULL, anything left over is refused
 *
 * Parses the options of one command. Data goes to standard output, everything else to standard error.
 */
gboolean lds_cli_parse (int argc,
                        char **argv,
                        const char *usage,
                        const GOptionEntry *entries,
                        GStrv *rest,
                        GError **error);

/** Sets what the help of the command that is run says it is for: @text is untranslated and stays. */
void lds_cli_set_summary (const char *text);

/**
 * lds_cli_read_answers:
 * @path: (nullable): a file of answers
 * @pairs: (nullable): "id=value", "id=unknown", "id=n/a:reason": over those of the file
 * @with_sample: begin with the sample's answers when @path is %NULL, else with none
 *
 * Returns: (transfer full): the answers; or %NULL with LDS_ERROR_INPUT
 */
LdsAnswers *lds_cli_read_answers (const char *path,
                                  char **pairs,
                                  gboolean with_sample,
                                  GError **error);

/* The commands, one file each (lds-cli-NAME.c) or a few that belong together. */
gboolean lds_cli_advise (int argc, char **argv, GError **error);
gboolean lds_cli_questions (int argc, char **argv, GError **error);
gboolean lds_cli_explain (int argc, char **argv, GError **error);
gboolean lds_cli_load (int argc, char **argv, GError **error);
gboolean lds_cli_assess (int argc, char **argv, GError **error);
gboolean lds_cli_serve (int argc, char **argv, GError **error);
gboolean lds_cli_bench (int argc, char **argv, GError **error);
gboolean lds_cli_compare (int argc, char **argv, GError **error);
gboolean lds_cli_claims (int argc, char **argv, GError **error);
gboolean lds_cli_lanes (int argc, char **argv, GError **error);
gboolean lds_cli_lanes_setup (int argc, char **argv, GError **error);
gboolean lds_cli_workloads (int argc, char **argv, GError **error);
gboolean lds_cli_models (int argc, char **argv, GError **error);
gboolean lds_cli_pitfalls (int argc, char **argv, GError **error);
gboolean lds_cli_profiles (int argc, char **argv, GError **error);
gboolean lds_cli_fidelity (int argc, char **argv, GError **error);
gboolean lds_cli_calibrate (int argc, char **argv, GError **error);
gboolean lds_cli_history (int argc, char **argv, GError **error);
gboolean lds_cli_report (int argc, char **argv, GError **error);

G_END_DECLS
