/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that look like chance, and that a seed makes again everywhere. */
#include "lds-random.h"

#include <math.h>

double
lds_random_exponential (uint64_t *state)
{
  /* By inversion; 1 - u is never 0, so its logarithm is finite. */
  return -log (1 - lds_random_unit (state));
}

uint64_t
lds_random_stream (uint64_t seed,
                   uint64_t index)
{
  uint64_t state = seed;

  for (uint64_t i = 0; i <= index; i++)
    state = lds_random_next (&state);
  return state;
}
