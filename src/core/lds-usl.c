/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The universal scalability law, fitted. */
#define G_LOG_DOMAIN "lds-stats"

#include "config.h"
#include "lds-usl.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>

#include "lds-error.h"

#define N_RESAMPLES    500
#define SEED           20261128u
#define MIN_REPLICATES 3 /* of every N, for an interval */
#define MAX_STEPS      200
#define TOLERANCE      1e-15 /* of the sum of squares, relative */
#define MAX_DAMPING    1e12

enum
{
  LAMBDA,
  ALPHA,
  BETA,
  N_PARAMETERS
};

static double
predict (const double *p,
         double n)
{
  return p[LAMBDA] * n / (1 + p[ALPHA] * (n - 1) + p[BETA] * n * (n - 1));
}

static double
sum_squares (const double *p,
             const LdsUslPoint *points,
             guint n_points)
{
  double sum = 0;

  for (guint i = 0; i < n_points; i++)
    {
      double residual = points[i].throughput_hz - predict (p, points[i].n);

      sum += residual * residual;
    }
  return sum;
}

/* Solves the symmetric @a x = @b of the parameters that are free; the others get 0. Gauss without pivoting is
 * enough: @a is positive definite, damping sees to that. Returns %FALSE when it is not. */
static gboolean
solve (double a[N_PARAMETERS][N_PARAMETERS],
       double *b,
       const gboolean *is_free,
       double *x)
{
  for (guint i = 0; i < N_PARAMETERS; i++)
    {
      if (!is_free[i])
        continue;
      if (!(a[i][i] > 0))
        return FALSE;
      for (guint j = i + 1; j < N_PARAMETERS; j++)
        {
          double factor = a[j][i] / a[i][i];

          if (!is_free[j])
            continue;
          for (guint k = i; k < N_PARAMETERS; k++)
            a[j][k] -= factor * a[i][k];
          b[j] -= factor * b[i];
        }
    }
  for (guint i = N_PARAMETERS; i > 0; i--)
    {
      x[i - 1] = 0;
      if (!is_free[i - 1])
        continue;
      for (guint k = i; k < N_PARAMETERS; k++)
        b[i - 1] -= is_free[k] ? a[i - 1][k] * x[k] : 0;
      x[i - 1] = b[i - 1] / a[i - 1][i - 1];
    }
  return TRUE;
}

/* n / X is linear in 1, n - 1 and n (n - 1): where to begin. What is not free stays 0. */
static gboolean
linearise (const LdsUslPoint *points,
           guint n_points,
           const gboolean *is_free,
           double *p)
{
  double a[N_PARAMETERS][N_PARAMETERS] = {{0}}, b[N_PARAMETERS] = {0}, x[N_PARAMETERS];

  for (guint i = 0; i < n_points; i++)
    {
      double n = points[i].n, x_hz = points[i].throughput_hz;
      const double terms[N_PARAMETERS] = {1, n - 1, n * (n - 1)};
      double weight = x_hz * x_hz / n; /* undoes what the inversion does to the residuals */

      for (guint j = 0; j < N_PARAMETERS; j++)
        {
          for (guint k = 0; k < N_PARAMETERS; k++)
            a[j][k] += weight * weight * terms[j] * terms[k];
          b[j] += weight * weight * terms[j] * n / x_hz;
        }
    }
  if (!solve (a, b, is_free, x) || !(x[0] > 0))
    return FALSE;
  p[LAMBDA] = 1 / x[0];
  p[ALPHA] = fmax (x[1] / x[0], 0);
  p[BETA] = fmax (x[2] / x[0], 0);
  return TRUE;
}

/* Levenberg and Marquardt over the free parameters. Source: Nocedal and Wright, "Numerical Optimization"
 * (2006), section 10.3; damping scaled by the diagonal as Marquardt (1963) does. */
static void
descend (const LdsUslPoint *points,
         guint n_points,
         const gboolean *is_free,
         double *p)
{
  double damping = 1e-3, sum = sum_squares (p, points, n_points);

  for (guint step = 0; step < MAX_STEPS && damping < MAX_DAMPING; step++)
    {
      double a[N_PARAMETERS][N_PARAMETERS] = {{0}}, b[N_PARAMETERS] = {0}, x[N_PARAMETERS],
             next[N_PARAMETERS];
      double next_sum;

      for (guint i = 0; i < n_points; i++)
        {
          double n = points[i].n, fit = predict (p, n), over = fit / (p[LAMBDA] * n);
          const double slope[N_PARAMETERS] = {fit / p[LAMBDA], -fit * over * (n - 1),
                                              -fit * over * n * (n - 1)};

          for (guint j = 0; j < N_PARAMETERS; j++)
            {
              for (guint k = 0; k < N_PARAMETERS; k++)
                a[j][k] += slope[j] * slope[k];
              b[j] += slope[j] * (points[i].throughput_hz - fit);
            }
        }
      for (guint j = 0; j < N_PARAMETERS; j++)
        a[j][j] *= 1 + damping;
      if (!solve (a, b, is_free, x))
        return;
      for (guint j = 0; j < N_PARAMETERS; j++)
        next[j] = p[j] + x[j];
      next_sum = next[LAMBDA] > 0 ? sum_squares (next, points, n_points) : INFINITY;
      if (!(next_sum <= sum))
        {
          damping *= 10;
          continue;
        }
      for (guint j = 0; j < N_PARAMETERS; j++)
        p[j] = next[j];
      damping = fmax (damping / 10, 1e-12);
      if (sum - next_sum <= TOLERANCE * sum)
        return;
      sum = next_sum;
    }
}

/* The best within the bounds is the best without them, or it lies on one of them or on both: all four are tried. */
static gboolean
fit (const LdsUslPoint *points,
     guint n_points,
     double *best)
{
  double best_sum = INFINITY;

  for (guint bounds = 0; bounds < 4; bounds++)
    {
      const gboolean is_free[N_PARAMETERS] = {TRUE, (bounds & 1) == 0, (bounds & 2) == 0};
      double p[N_PARAMETERS], sum;

      if (!linearise (points, n_points, is_free, p))
        continue;
      descend (points, n_points, is_free, p);
      sum = sum_squares (p, points, n_points);
      if (p[ALPHA] < 0 || p[BETA] < 0 || !(sum < best_sum))
        continue;
      best_sum = sum;
      for (guint j = 0; j < N_PARAMETERS; j++)
        best[j] = p[j];
    }
  return isfinite (best_sum);
}

static int
compare_points (const void *a,
                const void *b)
{
  double x = ((const LdsUslPoint *)a)->n, y = ((const LdsUslPoint *)b)->n;

  return x < y ? -1 : x > y;
}

static int
compare_doubles (const void *a,
                 const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return x < y ? -1 : x > y;
}

/* Returns where the points of the same N as @from end. */
static guint
find_end (const LdsUslPoint *sorted,
          guint n_points,
          guint from)
{
  guint end = from + 1;

  while (end < n_points && sorted[end].n <= sorted[from].n)
    end++;
  return end;
}

/* Draws runs of one N. Their distance from the mean is that of the sample, a little too short for the
 * population: it is made up for. */
static void
draw (const LdsUslPoint *sorted,
      guint from,
      guint end,
      GRand *rand,
      LdsUslPoint *drawn)
{
  double mean = 0, scale = sqrt ((double)(end - from) / (end - from - 1));

  for (guint i = from; i < end; i++)
    mean += sorted[i].throughput_hz / (end - from);
  for (guint i = from; i < end; i++)
    {
      double x = sorted[g_rand_int_range (rand, (gint32)from, (gint32)end)].throughput_hz;

      drawn[i].n = sorted[i].n;
      drawn[i].throughput_hz = fmax (mean + scale * (x - mean), mean / 1000);
    }
}

/* Resamples the runs of each N among themselves: what was run was chosen, what came out was not. */
static void
resample (LdsUsl *usl,
          const LdsUslPoint *sorted,
          guint n_points)
{
  g_autofree LdsUslPoint *drawn = g_new (LdsUslPoint, n_points);
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

  for (guint from = 0, end; from < n_points; from = end)
    {
      end = find_end (sorted, n_points, from);
      if (end - from < MIN_REPLICATES)
        return;
    }
  for (guint r = 0; r < N_RESAMPLES; r++)
    {
      LdsUslParameters parameters;
      double p[N_PARAMETERS];

      for (guint from = 0, end; from < n_points; from = end)
        {
          end = find_end (sorted, n_points, from);
          draw (sorted, from, end, rand, drawn);
        }
      if (!fit (drawn, n_points, p))
        continue;
      parameters = (LdsUslParameters){p[LAMBDA], p[ALPHA], p[BETA]};
      g_array_append_val (usl->resamples, parameters);
    }
}

static double
get_n_max (double alpha,
           double beta)
{
  if (alpha >= 1)
    return 1;
  return beta > 0 ? fmax (sqrt ((1 - alpha) / beta), 1) : INFINITY;
}

typedef double (*Quantity) (const double *p, double n);

static double
quantity_lambda (const double *p,
                 double n)
{
  return p[LAMBDA];
}

static double
quantity_alpha (const double *p,
                double n)
{
  return p[ALPHA];
}

static double
quantity_beta (const double *p,
               double n)
{
  return p[BETA];
}

static double
quantity_n_max (const double *p,
                double n)
{
  return get_n_max (p[ALPHA], p[BETA]);
}

/* Order statistics without interpolation: between a finite N and none there is nothing. */
static LdsUslFigure
make_figure (const LdsUsl *usl,
             const double *p,
             Quantity quantity,
             double n)
{
  LdsUslFigure figure = {quantity (p, n), NAN, NAN};
  guint n_values = usl->resamples->len;
  g_autofree double *values = g_new (double, n_values);

  for (guint i = 0; i < n_values; i++)
    {
      const LdsUslParameters *one = &g_array_index (usl->resamples, LdsUslParameters, i);
      const double q[N_PARAMETERS] = {one->lambda_hz, one->alpha, one->beta};

      values[i] = quantity (q, n);
    }
  if (n_values == 0)
    return figure;
  qsort (values, n_values, sizeof *values, compare_doubles);
  figure.low = values[(guint)(0.025 * (n_values - 1))];
  figure.high = values[(guint)ceil (0.975 * (n_values - 1))];
  return figure;
}

static gboolean
check_points (const LdsUslPoint *sorted,
              guint n_points,
              guint *n_distinct,
              GError **error)
{
  *n_distinct = 0;
  for (guint i = 0; i < n_points; i++)
    {
      if (!(sorted[i].n >= 1 && isfinite (sorted[i].n)) ||
          !(sorted[i].throughput_hz > 0 && isfinite (sorted[i].throughput_hz)))
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       _ ("A scalability law is fitted to throughputs above 0 at 1 or more; leave others out."));
          return FALSE;
        }
      *n_distinct += i == 0 || sorted[i].n > sorted[i - 1].n;
    }
  if (*n_distinct >= LDS_USL_MIN_POINTS)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: two numbers */
               _ ("A scalability law needs valid runs at %d different points at least, and there are %u; add points to the series."),
               LDS_USL_MIN_POINTS, *n_distinct);
  return FALSE;
}

LdsUsl *
lds_usl_fit (const LdsUslPoint *points,
             guint n_points,
             GError **error)
{
  g_autoptr (LdsUsl) usl = g_new0 (LdsUsl, 1);
  g_autofree LdsUslPoint *sorted = NULL;
  double p[N_PARAMETERS], mean = 0, total = 0;

  g_return_val_if_fail (points != NULL || n_points == 0, NULL);

  usl->resamples = g_array_new (FALSE, FALSE, sizeof (LdsUslParameters));
  usl->n_points = n_points;
  sorted = g_memdup2 (points, n_points * sizeof *points);
  if (n_points > 0)
    qsort (sorted, n_points, sizeof *sorted, compare_points);
  if (!check_points (sorted, n_points, &usl->n_distinct, error))
    return NULL;
  if (!fit (sorted, n_points, p))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   _ ("No scalability law fits these runs; look at their spread."));
      return NULL;
    }
  resample (usl, sorted, n_points);
  usl->lambda_hz = make_figure (usl, p, quantity_lambda, 0);
  usl->alpha = make_figure (usl, p, quantity_alpha, 0);
  usl->beta = make_figure (usl, p, quantity_beta, 0);
  usl->n_max = make_figure (usl, p, quantity_n_max, 0);
  usl->max_n = sorted[n_points - 1].n;
  for (guint i = 0; i < n_points; i++)
    {
      double expected = predict (p, sorted[i].n);

      mean += sorted[i].throughput_hz / n_points;
      usl->max_residual =
          fmax (usl->max_residual, fabs (sorted[i].throughput_hz - expected) / expected);
    }
  for (guint i = 0; i < n_points; i++)
    total += (sorted[i].throughput_hz - mean) * (sorted[i].throughput_hz - mean);
  usl->r_squared = total > 0 ? 1 - sum_squares (p, sorted, n_points) / total : NAN;
  return g_steal_pointer (&usl);
}

void
lds_usl_free (LdsUsl *usl)
{
  if (usl == NULL)
    return;
  g_array_unref (usl->resamples);
  g_free (usl);
}

LdsUslFigure
lds_usl_predict (const LdsUsl *usl,
                 double n)
{
  const LdsUslFigure nothing = {NAN, NAN, NAN};

  g_return_val_if_fail (usl != NULL && n >= 1, nothing);

  return make_figure (
      usl, (const double[]){usl->lambda_hz.value, usl->alpha.value, usl->beta.value}, predict, n);
}
