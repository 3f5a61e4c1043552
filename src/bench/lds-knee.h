/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search for the knee: the highest offered rate whose run is valid and keeps the limit of its
 * response time. A function of the outcomes so far, without processes or clocks.
 *
 * A single run is not trusted, but most rates are far from the knee, and one run says enough there.
 * So the search walks by single runs, halving the bracket of the best guess, and repeats only at the two
 * ends of what is left. Source: Shivam et al., "Cutting Corners: Workbench Automation for Server
 * Benchmarking", USENIX ATC 2008, which spends its runs in the same way.
 *
 * How sure an end is: Wald's sequential probability ratio test ("Sequential Tests of Statistical
 * Hypotheses", Annals of Mathematical Statistics 16, 1945) between "a run here is good with
 * probability 0.8" and "… 0.2". d more good runs than bad ones make the first 4^d times as likely, so that at d = 3
 * the decision is wrong in 1 of 65 cases, and a bracket with both ends so decided in at most 3.1 %.
 * Between 0.2 and 0.8 lies the knee itself. A rate there would be repeated for ever: after
 * LDS_KNEE_MAX_REPEATS it is called undecided, and the bracket reaches from below to above it. And since an
 * end may have been decided there by chance, brackets are halved to half the accuracy and the interval is given at
 * the whole: simulations of noisy servers hold it to 95 % (tests/bench/test-knee.c). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* So many more runs that say the same decide about a rate. */
#define LDS_KNEE_DECISIVE    3
#define LDS_KNEE_MAX_REPEATS 9

/* What one run at a rate says. What says nothing, as a server that did not start, is left out. */
typedef enum
{
  LDS_KNEE_GOOD,   /* valid, and within the limit */
  LDS_KNEE_BAD,    /* the server did not keep up */
  LDS_KNEE_CLIENT, /* the load generator did not: of the server nothing is known */
} LdsKneeVote;

typedef struct
{
  double rate_hz; /* as lds_knee_search() asked for it */
  LdsKneeVote vote;
  /* Of an earlier time, when the machine may have been faster or slower: shows where to look, and decides nothing.
   * What is known of a rate since then takes its place. */
  gboolean is_old;
} LdsKneeOutcome;

typedef struct
{
  double first_hz; /* where to begin: min_hz to max_hz */
  double min_hz;   /* above 0; below it nothing is tried */
  double max_hz;   /* above it neither */
  double accuracy; /* largest high / low - 1 of a bracket that is good enough: 0.02 to 0.5 */
  guint max_runs;  /* of the whole search, at least 1 */
} LdsKneeLimits;

typedef enum
{
  LDS_KNEE_SEARCHING, /* next_hz is to be tried */
  LDS_KNEE_FOUND,     /* the knee lies between low_hz and high_hz */
  LDS_KNEE_AT_LEAST,  /* low_hz is good; above it the load generator, or max_hz, is the limit */
  LDS_KNEE_BELOW,     /* not even high_hz, which is min_hz */
  LDS_KNEE_UNSETTLED, /* out of runs: the bracket, or its confidence, is worse than asked for */
} LdsKneeState;

typedef struct
{
  LdsKneeState state;
  double next_hz;     /* while searching; four significant digits */
  double low_hz;      /* highest rate found good; 0 = none */
  double high_hz;     /* lowest rate found too high; INFINITY = none */
  double estimate_hz; /* their geometric mean; low_hz, or high_hz, where the other is missing; NaN */
  double from_hz;     /* interval of the knee: low_hz to high_hz, and at least the accuracy wide; */
  double to_hz;       /* INFINITY where only a lower bound is known, 0 for from_hz likewise */
  double confidence;  /* at least so sure is it: 0 to 1 */
  guint n_runs;
} LdsKnee;

/**
 * lds_knee_search:
 * @outcomes: (array length=n): of all runs so far, in any order
 *
 * Returns what is to be tried next, or what was found. The same outcomes always give the same
 * answer, so that a search can be taken up where it was left.
 */
LdsKnee lds_knee_search (const LdsKneeLimits *limits, const LdsKneeOutcome *outcomes, guint n);

/** Returns @rate_hz with four significant digits, so that the same rate is met again. */
double lds_knee_round_hz (double rate_hz);

G_END_DECLS
