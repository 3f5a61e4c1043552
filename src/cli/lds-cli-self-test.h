/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “--self-test” of what measures and compares. */
#pragma once

#include "lds-cli-record.h"

G_BEGIN_DECLS

/* LdsCliRecord.kind of runs that are for a self-test. */
#define LDS_CLI_SELF_TEST_KIND "self-test"

/** The self-test that goes with a session. */
typedef struct
{
  gboolean wanted;
  int n_measured; /* comparisons; G_MININT = not given */
} LdsCliSessionTest;

#define LDS_CLI_SESSION_TEST_INIT \
  {                               \
    FALSE, G_MININT               \
  }

#define LDS_CLI_SELF_TEST_HELP \
  N_ ("Then compare a lane with itself, simulated and measured, and report how often a difference is found that is not there (takes two minutes)")
#define LDS_CLI_SELF_TEST_REAL_HELP \
  N_ ("The same with N measured comparisons (20), each of 10 short runs")

/* Entries for the options of a command. */
#define LDS_CLI_SESSION_TEST_ENTRIES(self)                                               \
  {"self-test", 0, 0, G_OPTION_ARG_NONE, &(self)->wanted, LDS_CLI_SELF_TEST_HELP, NULL}, \
  {                                                                                      \
    "self-test-real", 0, 0, G_OPTION_ARG_INT, &(self)->n_measured,                       \
        LDS_CLI_SELF_TEST_REAL_HELP, N_ ("N")                                            \
  }

/** Completes what the options say. Returns %FALSE with LDS_ERROR_INPUT when a number is none. */
gboolean lds_cli_session_test_check (LdsCliSessionTest *self, GError **error);

/**
 * lds_cli_session_test_run:
 * @session: gets the tests
 * @record: of @session; it keeps them
 *
 * Does nothing unless it is wanted. Measures with progress; SIGINT, SIGTERM and SIGHUP end it.
 *
 * Returns %FALSE with an error, LDS_ERROR_FAILED when interrupted; @session has simulated tests then
 */
gboolean lds_cli_session_test_run (const LdsCliSessionTest *self,
                                   LdsSession *session,
                                   LdsCliRecord *record,
                                   GError **error);

/** Prints what the tests of @session say, a sentence each. */
void lds_cli_print_self_tests (const LdsSession *session);

/** The self-test of “compare”, which is done without a session. */
typedef struct
{
  gboolean simulates;
  gboolean measures;
  guint n_simulated; /* comparisons */
  guint n_measured;
  gboolean json;
  const char *output; /* (nullable) */
} LdsCliSelfTest;

/**
 * lds_cli_run_self_test:
 *
 * Prints what came out and writes it to @options' output. Returns %FALSE with LDS_ERROR_THRESHOLD when a
 * rate is not what it should be, with LDS_ERROR_INVALID when nothing valid was measured.
 */
gboolean lds_cli_run_self_test (const LdsCliSelfTest *options, GError **error);

G_END_DECLS
