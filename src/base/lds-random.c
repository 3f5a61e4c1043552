/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that look random and that a seed makes again. */
#include "lds-random.h"

#include <math.h>

uint64_t
lds_random_next (uint64_t *state)
{
  uint64_t z = *state += UINT64_C (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

double
lds_random_unit (uint64_t *state)
{
  return (double)(lds_random_next (state) >> 11) * 0x1p-53;
}

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
