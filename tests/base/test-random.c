/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pseudorandom numbers: known ones, their ranges and means, sequences of one seed. */
#include <glib.h>
#include <math.h>

#include "lds-random.h"

#define N 100000

/* The first numbers of seed 1234567, as the authors' own program prints them.
 * Source: S. Vigna, "splitmix64.c", prng.di.unimi.it; the test vector is that of Rosetta Code,
 * "Pseudo-random numbers/Splitmix64". */
static void
test_known (void)
{
  static const guint64 expected[] = {
      G_GUINT64_CONSTANT (6457827717110365317), G_GUINT64_CONSTANT (3203168211198807973),
      G_GUINT64_CONSTANT (9817491932198370423), G_GUINT64_CONSTANT (4593380528125082431),
      G_GUINT64_CONSTANT (16408922859458223821)};
  guint64 state = 1234567;

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (lds_random_next (&state), ==, expected[i]);
}

/* Means within six standard errors; the seed is fixed. */
static void
test_distributions (void)
{
  guint64 state = 1;
  double unit = 0, sign = 0, exponential = 0, squares = 0;

  for (guint i = 0; i < N; i++)
    {
      double u = lds_random_unit (&state), s = lds_random_signed (&state),
             e = lds_random_exponential (&state);

      g_assert_true (u >= 0 && u < 1 && s >= -1 && s < 1 && e >= 0 && isfinite (e));
      unit += u / N;
      sign += s / N;
      exponential += e / N;
      squares += e * e / N;
    }
  g_assert_cmpfloat (fabs (unit - 0.5), <, 6 * sqrt (1.0 / 12 / N));
  g_assert_cmpfloat (fabs (sign), <, 6 * sqrt (1.0 / 3 / N));
  g_assert_cmpfloat (fabs (exponential - 1), <, 6 / sqrt (N));
  g_assert_cmpfloat (fabs (squares - 2), <, 6 * sqrt (20.0 / N));
}

/* Sequences of one seed share no number early on, nor do those of neighbouring seeds. */
static void
test_streams (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint64 seed = 1; seed <= 2; seed++)
    for (guint64 index = 0; index < 8; index++)
      {
        guint64 state = lds_random_stream (seed, index);

        for (guint i = 0; i < 1000; i++)
          {
            gint64 number = (gint64)lds_random_next (&state);

            g_assert_true (g_hash_table_add (seen, g_memdup2 (&number, sizeof number)));
          }
      }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/random/known", test_known);
  g_test_add_func ("/base/random/distributions", test_distributions);
  g_test_add_func ("/base/random/streams", test_streams);
  return g_test_run ();
}
