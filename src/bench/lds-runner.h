/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run from the first process to the last: the state machine below the conductor. For a server of the
 * user's own it begins with checking: that server is neither started, stopped nor sampled.
 *
 *   starting --ready line--> checking --good answer--> loading --result--> stopping --> finished
 *       \____________________________\____________________\___any fault___/
 *
 * Whatever goes wrong makes the run INVALID and leads to stopping; both children are always reaped
 * before the run is finished. */
#pragma once

#include "lds-run.h"

G_BEGIN_DECLS

typedef struct
{
  const char *server_path; /* of loadstone-server */
  const char *load_path;   /* of loadstone-load */
  int server_core;         /* -1 = any */
  GArray *client_cores;    /* (nullable) (element-type int) */
  GArray *companion_cores; /* (nullable) (element-type int): for what the server needs beside itself */
  double max_server_bytes; /* RSS at which it is ended; NaN = none */
  guint ready_timeout_ms;  /* spawn to ready line */
  guint stop_grace_ms;     /* from asking a child to end to killing it */
} LdsRunnerSetup;

typedef struct _LdsRunner LdsRunner;

/* Called on the thread-default main context of the thread that started the run, never from within
 * a function of this header. */
typedef struct
{
  void (*sample) (const LdsSample *sample, gpointer user_data);
  /* Comes once, last; lds_runner_free() may be called from within. */
  void (*finished) (gpointer user_data);
} LdsRunnerEvents;

/** Starts the run. @setup and @events live as long as the runner. */
LdsRunner *lds_runner_start (const LdsRunSpec *spec,
                             const LdsRunnerSetup *setup,
                             const LdsRunnerEvents *events,
                             gpointer user_data);

/** Kills both children at once; “finished” comes when they are reaped. */
void lds_runner_cancel (LdsRunner *self);

/** Returns: (transfer full) (nullable): the run, once it is finished; %NULL when it was cancelled */
LdsRun *lds_runner_steal_run (LdsRunner *self);

/** To be called once it is finished. NULL is allowed. */
void lds_runner_free (LdsRunner *self);

G_END_DECLS
