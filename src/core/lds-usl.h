/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The universal scalability law: how throughput follows from how many work at a time.
 *
 *   X(N) = lambda N / (1 + alpha (N - 1) + beta N (N - 1))
 *
 * lambda is what one does, alpha >= 0 the part that must be done one after the other, beta >= 0 the cost of
 * keeping in step with all others. Source: Gunther, "Guerrilla Capacity Planning" (2007), chapters 4 to 6. */
#pragma once

#include <glib.h>

#include "lds-stats.h"

G_BEGIN_DECLS

/* Fewer different N do not determine three parameters. */
#define LDS_USL_MIN_POINTS 3

typedef struct
{
  double n;             /* connections or workers, at least 1 */
  double throughput_hz; /* above 0 */
} LdsUslPoint;

/* With an interval of 95 % over runs; low and high are NaN where an N has fewer than three of them. */
typedef struct
{
  double value;
  double low;
  double high;
} LdsUslFigure;

typedef struct
{
  guint n_points;
  guint n_distinct; /* different N */
  LdsUslFigure lambda_hz;
  LdsUslFigure alpha;
  LdsUslFigure beta;
  LdsUslFigure n_max;  /* N of the largest throughput: sqrt ((1 - alpha) / beta); INFINITY without one, 1 at least */
  double r_squared;    /* 1 - residual / total sum of squares; NaN when all throughputs are the same */
  double max_residual; /* largest |X - fit| / fit of any point: how far the law is from what was measured */
  double max_n;        /* largest N measured: beyond it every figure is extrapolated */
  GArray *resamples;   /* (element-type LdsUslParameters): of the bootstrap; empty when there is none */
} LdsUsl;

typedef struct
{
  double lambda_hz;
  double alpha;
  double beta;
} LdsUslParameters;

/**
 * lds_usl_fit:
 * @points: (array length=n_points): runs, in any order; several of one N are replicates
 *
 * Least squares of the throughput within alpha, beta >= 0, by Levenberg and Marquardt's method from the solution of the
 * linearised law; intervals from 500 seeded bootstrap resamples of the runs of each N, stretched by
 * sqrt (k / (k - 1)) where there are k of them (Davison and Hinkley, "Bootstrap Methods and their Application", 1997,
 * section 6.2, modified residuals), percentile method.
 *
 * Returns: (transfer full) (nullable): %NULL with LDS_ERROR_INPUT where there are fewer than LDS_USL_MIN_POINTS
 *   different N, or figures out of range
 */
LdsUsl *lds_usl_fit (const LdsUslPoint *points, guint n_points, GError **error);
void lds_usl_free (LdsUsl *usl);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsUsl, lds_usl_free)

/** Returns the throughput at @n, at least 1, with the interval of the fit. Residuals are beside that. */
LdsUslFigure lds_usl_predict (const LdsUsl *usl, double n);

G_END_DECLS
