/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions on their way into the history and out of it again: begun, run for run, finished, gone on
 * with, loaded, imported. */
#pragma once

#include "lds-history.h"
#include "lds-session.h"

G_BEGIN_DECLS

/* What is known of a session besides its plan and its runs. */
typedef struct
{
  const char *kind;    /* "bench", "assess": the command that measures */
  const char *title;   /* (nullable): one line for people; %NULL names the workloads */
  JsonObject *answers; /* (nullable): what was answered, where that led to the plan */
  JsonObject *verdict; /* (nullable): what followed, where that is known already */
} LdsHistoryAbout;

/**
 * lds_history_record_begin:
 * @session: as the conductor begins it: plan, environment, no runs
 *
 * The session is this process's until lds_history_record_finish(); when the process ends before,
 * the session counts as interrupted.
 *
 * Returns: its number, from 1; or 0 with an error
 */
gint64 lds_history_record_begin (LdsHistory *self,
                                 const LdsHistoryAbout *about,
                                 const LdsSession *session,
                                 GError **error);

/** Adds a run in one transaction; one that is there already stays as it is. Refused, as the next one is,
 * when the session is not this process's. */
gboolean
lds_history_record_run (LdsHistory *self, gint64 id, const LdsRun *run, GError **error);

/** Adds runs that are missing, what is known at the end, and whether the session is complete. */
gboolean lds_history_record_finish (LdsHistory *self,
                                    gint64 id,
                                    const LdsSession *session,
                                    GError **error);

/** Keeps the self-tests of a session that is finished, which come after it, and its warnings. */
gboolean lds_history_record_self_tests (LdsHistory *self,
                                        gint64 id,
                                        const LdsSession *session,
                                        GError **error);

/** Keeps the verdict that followed from the answers and the session. */
gboolean lds_history_record_verdict (LdsHistory *self,
                                     gint64 id,
                                     JsonObject *verdict,
                                     GError **error);

/**
 * lds_history_record_resume:
 *
 * Makes an interrupted session this process's. Refuses one that is complete or is being measured.
 *
 * Returns: (transfer full): the session with the runs that it has; or %NULL with an error
 */
LdsSession *lds_history_record_resume (LdsHistory *self, gint64 id, GError **error);

/** Returns: (transfer full): a session with all its runs; or %NULL with an error */
LdsSession *lds_history_load_session (LdsHistory *self, gint64 id, GError **error);

/** Returns: (transfer full): a session with plan and environment and without its runs; or %NULL with an error */
LdsSession *lds_history_load_outline (LdsHistory *self, gint64 id, GError **error);

/**
 * lds_history_load_object:
 * @member: "answers" or "verdict"
 *
 * Returns: (transfer full) (nullable): that of the session; %NULL when it has none, or with an error
 */
JsonObject *lds_history_load_object (LdsHistory *self,
                                     gint64 id,
                                     const char *member,
                                     GError **error);

/**
 * lds_history_import:
 *
 * Adds a session that was measured before. Refuses one whose runs are in the history already.
 *
 * Returns: its number, from 1; or 0 with an error
 */
gint64 lds_history_import (LdsHistory *self,
                           const LdsHistoryAbout *about,
                           const LdsSession *session,
                           GError **error);

G_END_DECLS
