/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two samples of runs compared: by how much they differ, and whether that could be chance.
 *
 * There are two tests, and how the runs were made says which one is right, never how they came out:
 *
 * - Pairs: both lanes ran beside each other, repeat after repeat, in alternating order. What the
 *   machine does slowly falls on both runs of a pair and goes out with their ratio. Student's test
 *   of the pairs' log ratios.
 * - Ranks: nothing joins a run of the one with a run of the other, as with two sessions. The exact
 *   Mann-Whitney test, with the interval and the estimate that belong to it.
 *
 * Why not ranks alone, which assume less: where a machine drifts, all of the drift is noise to them.
 * Simulated, 5 runs against 5 with a noise of 2 % (tests/reference/compare.py, 4000 trials a cell,
 * p < 5 %; A/A is how often the same thing differs from itself, 4 % how often such a shift is found):
 *
 *     noise                     Mann-Whitney       pairs, Student     pairs, signed ranks
 *                               A/A     4 %        A/A     4 %        A/A     4 %
 *     plain                     3.4 %   69 %       5.2 %   67 %       0 %     0 %
 *     slower by 12 % at the end 0.0 %    1 %       3.2 %   51 %       0 %     0 %
 *     random walk               1.3 %   28 %       5.2 %   50 %       0 %     0 %
 *     a step somewhere          1.6 %   38 %       4.7 %   57 %       0 %     0 %
 *     8 % of runs disturbed     3.4 %   54 %       4.2 %   46 %       0 %     0 %
 *     disturbed, random walk    1.5 %   23 %       3.8 %   38 %       0 %     0 %
 *
 * Signed ranks of 5 pairs have 32 arrangements, so no p is below 2 / 32 = 6.25 %; they would need six
 * repeats to say anything, and eight to be as good. Student's test assumes that log ratios are
 * normal; where runs are disturbed it errs towards "no detectable difference".
 * Source for Student's test at such n: de Winter, "Using the Student's t-test with extremely small
 * sample sizes", Practical Assessment, Research & Evaluation 18 (2013), 10. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Two-sided level of a single comparison. */
#define LDS_COMPARE_ALPHA 0.05
/* Fewer pairs leave all to the assumption of normality; of 4 runs against 4 ranks can say something, too. */
#define LDS_COMPARE_MIN_PAIRS 4

typedef enum
{
  LDS_COMPARE_RANKS,
  LDS_COMPARE_PAIRS,
} LdsCompareTest;

/* What may be said of b against a. */
typedef enum
{
  LDS_DIFFERENCE_TOO_FEW, /* so few runs that no p below alpha is possible */
  LDS_DIFFERENCE_NONE,    /* no detectable difference; the interval says how large one may be */
  LDS_DIFFERENCE_LOWER,   /* b is lower than a */
  LDS_DIFFERENCE_HIGHER,  /* b is higher than a */
} LdsDifferenceKind;

typedef struct
{
  LdsDifferenceKind kind;
  LdsCompareTest test;
  guint n_a; /* figures behind it; of pairs both are the number of pairs */
  guint n_b;
  /* b / a: of ranks the median of all n_a * n_b ratios (Hodges-Lehmann on the log scale), of pairs the
   * geometric mean of their ratios. NaN when it is not defined, as with nothing on both sides */
  double ratio;
  double low; /* 1 - alpha confidence interval of the ratio; NaN when the runs are too few */
  double high;
  double p;     /* two-sided; NaN when there is nothing to compare */
  double level; /* how often the test errs when nothing differs: at most alpha, below it for ranks */
  /* Probability that a run of b is above one of a, ties counted half: 0.5 when neither tends to be.
   * Vargha and Delaney's A; Cliff's delta is twice that less one */
  double superiority;
} LdsDifference;

/**
 * lds_stats_compare_ranks:
 * @a: (array length=n_a): one figure a run, not negative; what is not finite is left out; 10000 at most
 * @b: (array length=n_b): likewise; @n_a and @n_b may differ
 * @alpha: above 0.0 and below 1.0: the two-sided level, LDS_COMPARE_ALPHA or a share of it
 *
 * Exact Mann-Whitney test: p is the share of all arrangements of the pooled ranks (ties have the mean
 * of theirs) whose rank sum is as far from its expectation, or farther. Of 5 runs against 5 there are
 * 252: the smallest p is 2 / 252 = 0.8 %, and the largest below 5 % is 8 / 252 = 3.2 %, which is how
 * often the test then errs. Above 64 runs in all the normal approximation takes over. The interval
 * is the inverse of the test, so it leaves 1 out just when p is below @alpha, ties aside.
 * Source: Mann and Whitney (1947); Hodges and Lehmann (1963) and Moses for estimate and interval, all
 * in Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 3rd edition, chapter 4.
 * Vargha and Delaney, J. Educational and Behavioral Statistics 25 (2000), 101-132.
 */
LdsDifference lds_stats_compare_ranks (
    const double *a, guint n_a, const double *b, guint n_b, double alpha);

/**
 * lds_stats_compare_pairs:
 * @a: (array length=n): one figure a run
 * @b: (array length=n): its partner's; a pair of which one is not finite is left out
 * @alpha: above 0.0 and below 1.0
 *
 * Student's test of the log ratios b / a of the pairs. All figures must be above 0 for that: with a 0
 * among them, as of errors, ranks are compared instead, and the result says so.
 * Source: "Student", "The Probable Error of a Mean", Biometrika 6 (1908).
 */
LdsDifference lds_stats_compare_pairs (const double *a, const double *b, guint n, double alpha);

/**
 * lds_stats_proportion:
 * @n_found: 0 to @n
 * @n: at least 1
 * @low: (out): 95 % interval of the proportion, 0.0 to 1.0
 *
 * Wilson's interval. Source: Brown, Cai and DasGupta, "Interval Estimation for a Binomial
 * Proportion", Statistical Science 16 (2001), which recommends it at small n.
 */
void lds_stats_proportion (guint n_found, guint n, double *low, double *high);

G_END_DECLS
