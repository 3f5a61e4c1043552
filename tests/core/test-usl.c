/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scalability law: figures of SciPy (tests/reference/usl.py), exact data, bounds, hostile data. */
#include <math.h>

#include "lds-error.h"
#include "lds-usl.h"

typedef struct
{
  const char *path;
  guint n_points;
  LdsUslPoint points[15];
  double lambda_hz, alpha, beta, r_squared; /* of SciPy's curve_fit */
} Known;

static const Known known[] = {
    {"/core/usl/sdm91",
     7,
     {{1, 64.9},
      {18, 995.9},
      {36, 1652.4},
      {72, 1853.2},
      {108, 1828.9},
      {144, 1775.0},
      {216, 1702.2}},
     89.995184,
     0.027728414,
     0.00010436577,
     0.98956148},
    {"/core/usl/superlinear",
     5,
     {{1, 1000}, {2, 2150}, {4, 4600}, {8, 9300}, {16, 16500}},
     1180.5692,
     0,
     0.00059716403,
     0.99931259},
    {"/core/usl/linear",
     4,
     {{1, 1010}, {2, 1990}, {4, 4010}, {8, 8020}},
     1002.2353,
     0,
     0,
     0.99999048},
    /* In no order. */
    {"/core/usl/repeats",
     15,
     {{16, 59900},
      {1, 9800},
      {1, 10100},
      {1, 10050},
      {2, 18900},
      {2, 19200},
      {2, 18700},
      {4, 33500},
      {4, 34100},
      {4, 33000},
      {8, 50200},
      {8, 51900},
      {8, 51000},
      {16, 61200},
      {16, 60300}},
     10060.734,
     0.053599916,
     0.0035776793,
     0.99940881},
};

static void
test_known (gconstpointer data)
{
  const Known *k = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LdsUsl) usl = lds_usl_fit (k->points, k->n_points, &error);

  g_assert_no_error (error);
  g_test_message ("lambda %.8g, alpha %.8g, beta %.8g", usl->lambda_hz.value, usl->alpha.value, usl->beta.value);
  g_assert_cmpfloat_with_epsilon (usl->lambda_hz.value / k->lambda_hz, 1, 1e-6);
  g_assert_cmpfloat_with_epsilon (usl->alpha.value, k->alpha, 1e-7);
  g_assert_cmpfloat_with_epsilon (usl->beta.value, k->beta, 1e-9);
  g_assert_cmpfloat_with_epsilon (usl->r_squared, k->r_squared, 1e-7);
}

/* R's package usl gives 96.5 for the same data: sqrt ((1 - 0.0277285) / 0.0001044). */
static void
test_peak (void)
{
  g_autoptr (LdsUsl) usl = lds_usl_fit (known[0].points, known[0].n_points, NULL);
  g_autoptr (LdsUsl) linear = lds_usl_fit (known[2].points, known[2].n_points, NULL);

  g_assert_cmpfloat_with_epsilon (usl->n_max.value, 96.5, 0.1);
  g_assert_cmpfloat (lds_usl_predict (usl, 96.5).value, >, lds_usl_predict (usl, 80).value);
  g_assert_cmpfloat (lds_usl_predict (usl, 96.5).value, >, lds_usl_predict (usl, 110).value);
  g_assert_true (isinf (linear->n_max.value));
  /* One run of each N has no interval, and does not pretend to. */
  g_assert_true (isnan (usl->alpha.low));
  g_assert_true (isnan (lds_usl_predict (usl, 10).high));
  g_assert_cmpfloat (usl->max_n, ==, 216);
  /* The worst point: one connection, 64.9 of 90. */
  g_assert_cmpfloat_with_epsilon (usl->max_residual, 1 - 64.9 / 89.995184, 1e-6);
}

static void
test_exact (void)
{
  LdsUslPoint points[6];
  g_autoptr (LdsUsl) usl = NULL;

  for (guint i = 0; i < 6; i++)
    {
      double n = 1 << i;

      points[i] = (LdsUslPoint){n, 5e6 * n / (1 + 0.05 * (n - 1) + 0.02 * n * (n - 1))};
    }
  usl = lds_usl_fit (points, 6, NULL);
  g_assert_cmpfloat_with_epsilon (usl->lambda_hz.value, 5e6, 1);
  g_assert_cmpfloat_with_epsilon (usl->alpha.value, 0.05, 1e-8);
  g_assert_cmpfloat_with_epsilon (usl->beta.value, 0.02, 1e-8);
  g_assert_cmpfloat_with_epsilon (usl->r_squared, 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (usl->max_residual, 0, 1e-8);
}

static double
normal (GRand *rand)
{
  return sqrt (-2 * log (1 - g_rand_double (rand))) * cos (2 * G_PI * g_rand_double (rand));
}

/* Intervals of a prediction hold the truth nearly as often as they say; with five runs a point the bootstrap is
 * known to be a little short of it. */
static void
test_coverage (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  const guint n_trials = 60, n_runs = 5;
  guint n_held = 0;
  double truth_hz = 1e4 * 64 / (1 + 0.03 * 63 + 0.001 * 64 * 63);

  for (guint t = 0; t < n_trials; t++)
    {
      LdsUslPoint points[25];
      g_autoptr (LdsUsl) usl = NULL;
      LdsUslFigure at_64;

      for (guint i = 0; i < 25; i++)
        {
          double n = 1 << (i / n_runs * 3 / 2);

          points[i] = (LdsUslPoint){n, 1e4 * n / (1 + 0.03 * (n - 1) + 0.001 * n * (n - 1)) *
                                           exp (0.02 * normal (rand))};
        }
      usl = lds_usl_fit (points, 25, NULL);
      at_64 = lds_usl_predict (usl, 64);
      g_assert_cmpfloat (at_64.low, <=, at_64.value * 1.02);
      g_assert_cmpfloat (at_64.high, >=, at_64.value * 0.98);
      n_held += at_64.low <= truth_hz && truth_hz <= at_64.high;
    }
  g_test_message ("%u of %u intervals hold the truth", n_held, n_trials);
  g_assert_cmpuint (n_held, >=, n_trials * 85 / 100);
}

static void
test_refused (void)
{
  const LdsUslPoint two[] = {{1, 100}, {2, 150}, {2, 160}};
  const LdsUslPoint bad[] = {{1, 100}, {2, 150}, {4, NAN}};
  const LdsUslPoint zero[] = {{0, 100}, {2, 150}, {4, 200}};
  const LdsUslPoint wild[] = {{1, 1e-300}, {2, 1e300}, {3, 1e-300}, {4, 5}};
  g_autoptr (GError) error = NULL;

  g_assert_null (lds_usl_fit (two, 3, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_null (lds_usl_fit (bad, 3, &error));
  g_clear_error (&error);
  g_assert_null (lds_usl_fit (zero, 3, &error));
  g_clear_error (&error);
  g_assert_null (lds_usl_fit (NULL, 0, &error));
  g_clear_error (&error);
  /* Whatever comes of it, it ends, and says which. */
  {
    g_autoptr (LdsUsl) usl = lds_usl_fit (wild, 4, &error);

    g_assert_true ((usl == NULL) == (error != NULL));
  }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    g_test_add_data_func (known[i].path, &known[i], test_known);
  g_test_add_func ("/core/usl/peak", test_peak);
  g_test_add_func ("/core/usl/exact", test_exact);
  g_test_add_func ("/core/usl/coverage", test_coverage);
  g_test_add_func ("/core/usl/refused", test_refused);
  return g_test_run ();
}
