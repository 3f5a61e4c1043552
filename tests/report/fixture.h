/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made-up sessions and reports for the tests of this folder. Nothing here was measured. */
#pragma once

#include "lds-report.h"

typedef enum
{
  FIXTURE_PLAIN = 0,
  FIXTURE_NO_SESSION = 1 << 0,
  FIXTURE_ONE_RUN = 1 << 1,      /* of each lane: no interval */
  FIXTURE_INVALID = 1 << 2,      /* one lane has refused runs, another has nothing else */
  FIXTURE_LONG = 1 << 3,         /* words of German length and beyond, right-to-left among them */
  FIXTURE_STOPPED = 1 << 4,      /* the session ended before its plan: lanes without any run */
  FIXTURE_MANY_RUNS = 1 << 5,    /* tables that do not fit a page */
  FIXTURE_THIS_MACHINE = 1 << 6, /* with the environment as it is read, and self-tests */
  FIXTURE_OWN_SERVER = 1 << 7,   /* beside the models a server elsewhere, of which nothing is known */
  FIXTURE_EVIDENCE = 1 << 8,     /* with a lane and a workload that replace opinions */
  FIXTURE_STREAM = 1 << 9,       /* with a workload whose connections stay open */
  FIXTURE_SIMULATED = 1 << 10,   /* with simulated self-tests only */
  FIXTURE_KNEES = 1 << 11,       /* of an adaptive plan: searches, series and a demand */
  FIXTURE_CLAIMS = 1 << 12,      /* claims of the articles were tested before */
} FixtureFlags;

#define FIXTURE_CREATED_AT_US G_GINT64_CONSTANT (1795260300123456)
/* What a shell must not read. */
#define FIXTURE_OWN_LANE      "url:http://server.example:8080/$(id)'"
#define FIXTURE_REASON_CLIENT "The load generator used 93 % of its core, so the server was not the limit. Use more client threads or a lower rate."
#define FIXTURE_REASON_DIED   "The server died in mid-run with signal 11; see its last words in the log."

LdsSession *fixture_session (FixtureFlags flags);
LdsReport *fixture_report (FixtureFlags flags);

/* Returns: (transfer full): some claims tested, Node.js so many times as fast as Python, by real runtimes and models; others
 * not */
LdsClaimEvidence *fixture_claims (double times);

/* Gives @plan a search, two series and a demand. */
void fixture_make_adaptive (LdsPlan *plan);
/* Runs the adaptive plan of @session on made-up servers, to its end unless it is to be stopped. */
void fixture_search (LdsSession *session, FixtureFlags flags, GRand *rand);
