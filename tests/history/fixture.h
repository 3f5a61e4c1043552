/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions that nobody measured, and histories in a folder of their own. */
#pragma once

#include "lds-history-record.h"

/* Returns: (transfer full): a plan of two lanes and “hello” */
LdsPlan *fixture_plan (guint repeats);
/* Returns: (transfer full): the run at @index of @plan, which began @second after some day */
LdsRun *fixture_run (const LdsPlan *plan, guint index, guint second);
/* Returns: (transfer full): a session with its first @n_runs runs, begun at @second */
LdsSession *fixture_session (guint repeats, guint n_runs, guint second);

/* Returns: (transfer full): the path of a database in a new folder */
char *fixture_path (void);
/* Removes the folder of @path with all that is in it. */
void fixture_remove (const char *path);

/* Opens, which must go well. */
LdsHistory *fixture_open (const char *path);
/* Records a whole session as the command line does; returns its number. */
gint64 fixture_record (LdsHistory *history, const char *title, const LdsSession *session);
